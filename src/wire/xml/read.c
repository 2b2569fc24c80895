#include "wire/xml/read.h"

#include <expat.h>
#include <limits.h>
#include <string.h>

struct reader {
	XML_Parser parser;
	bool (*each)(void *arg, enum xml_event event, struct str name,
	             struct str text);
	void *arg;
	struct buf text;
	unsigned depth;
	bool leaf;    /* nothing was inside of it so far */
	bool stopped; /* by `each` */
	bool too_deep, has_doctype;
};

static void stop(struct reader *r)
{
	(void)XML_StopParser(r->parser, XML_FALSE);
}

/* Without its prefix. */
static struct str local_name(const XML_Char *name)
{
	const char *colon = strrchr(name, ':');

	return str_z(colon && colon[1] ? colon + 1 : name);
}

static void say(struct reader *r, enum xml_event event, const XML_Char *name,
                struct str words)
{
	if (r->stopped || r->each(r->arg, event, local_name(name), words))
		return;
	r->stopped = true;
	stop(r);
}

static void begin(void *arg, const XML_Char *name, const XML_Char **attributes)
{
	struct reader *r = arg;

	(void)attributes;
	say(r, XML_OPEN, name, STR(""));
	if (++r->depth > XML_DEPTH_MAX) {
		r->too_deep = true;
		stop(r);
	}
	r->leaf = true;
	buf_reset(&r->text);
}

static struct str text_of(const struct reader *r)
{
	if (r->leaf && buf_overflow(&r->text))
		return (struct str){ NULL, 0 };
	if (!r->leaf || r->text.n == 0)
		return STR("");
	return str_trim(buf_str(&r->text));
}

static void end(void *arg, const XML_Char *name)
{
	struct reader *r = arg;

	r->depth--;
	say(r, XML_CLOSE, name, text_of(r));
	r->leaf = false;
	buf_reset(&r->text);
}

static void text(void *arg, const XML_Char *p, int n)
{
	struct reader *r = arg;

	buf_add(&r->text, (struct str){ p, (size_t)n });
}

static void doctype(void *arg, const XML_Char *name, const XML_Char *sys,
                    const XML_Char *pub, int has_internal)
{
	struct reader *r = arg;

	(void)name;
	(void)sys;
	(void)pub;
	(void)has_internal;
	r->has_doctype = true;
	stop(r);
}

static int parse(struct reader *r, struct str xml, struct err *err)
{
	XML_SetUserData(r->parser, r);
	XML_SetElementHandler(r->parser, begin, end);
	XML_SetCharacterDataHandler(r->parser, text);
	XML_SetStartDoctypeDeclHandler(r->parser, doctype);
	if (XML_Parse(r->parser, xml.n ? xml.p : "", (int)xml.n, XML_TRUE) ==
	            XML_STATUS_OK ||
	    r->stopped)
		return 0;
	if (r->has_doctype)
		return err_set(err, ERR_INVALID, "a document type");
	if (r->too_deep)
		return err_set(err, ERR_TOO_BIG, "nested over %d deep",
		               XML_DEPTH_MAX);
	return err_set(err, ERR_INVALID, "line %lu: %s",
	               (unsigned long)XML_GetCurrentLineNumber(r->parser),
	               XML_ErrorString(XML_GetErrorCode(r->parser)));
}

int xml_each(struct str xml, size_t bytes_max,
             bool (*each)(void *arg, enum xml_event event, struct str name,
                          struct str text),
             void *arg, struct err *err)
{
	struct reader r = { .each = each, .arg = arg };
	int rc;

	if (xml.n > bytes_max || xml.n > INT_MAX)
		return err_set(err, ERR_TOO_BIG, "over %zu bytes", bytes_max);
	r.parser = XML_ParserCreate(NULL);
	if (!r.parser)
		err_die("no memory for an XML parser");
	buf_init(&r.text, XML_TEXT_MAX);
	rc = parse(&r, xml, err);
	buf_deinit(&r.text);
	XML_ParserFree(r.parser);
	return rc;
}

struct leaves {
	bool (*each)(void *arg, struct str name, struct str text);
	void *arg;
	bool leaf; /* nothing closed since the last one opened */
};

static bool only_leaves(void *arg, enum xml_event event, struct str name,
                        struct str inside)
{
	struct leaves *l = arg;
	bool leaf = l->leaf;

	l->leaf = event == XML_OPEN;
	return event == XML_OPEN || !leaf || !inside.p ||
	       l->each(l->arg, name, inside);
}

int xml_each_leaf(struct str xml,
                  bool (*each)(void *arg, struct str name, struct str text),
                  void *arg, struct err *err)
{
	struct leaves l = { each, arg, false };

	return xml_each(xml, XML_BYTES_MAX, only_leaves, &l, err);
}

void xml_add(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		switch (c) {
		case '&': buf_add_z(out, "&amp;"); break;
		case '<': buf_add_z(out, "&lt;"); break;
		case '>': buf_add_z(out, "&gt;"); break;
		case '"': buf_add_z(out, "&quot;"); break;
		case '\'': buf_add_z(out, "&#39;"); break;
		default:
			if (c >= 0x20 || c == '\t' || c == '\n')
				buf_add_c(out, (char)c);
		}
	}
}
