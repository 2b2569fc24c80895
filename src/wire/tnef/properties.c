/* Lists of properties: count, then type, id and value of each. */
#include "base/utf8.h"
#include "wire/tnef/private.h"

enum {
	TYPE_SHORT = 0x0002,
	TYPE_LONG = 0x0003,
	TYPE_FLOAT = 0x0004,
	TYPE_DOUBLE = 0x0005,
	TYPE_CURRENCY = 0x0006,
	TYPE_APPTIME = 0x0007,
	TYPE_ERROR = 0x000a,
	TYPE_BOOLEAN = 0x000b,
	TYPE_OBJECT = 0x000d,
	TYPE_INT64 = 0x0014,
	TYPE_NARROW = 0x001e,
	TYPE_WIDE = 0x001f,
	TYPE_TIME = 0x0040,
	TYPE_CLSID = 0x0048,
	TYPE_BINARY = 0x0102,
	TYPE_MANY = 0x1000, /* a bit: several values */
};

enum {
	PROP_SUBJECT = 0x0037,
	PROP_BODY = 0x1000,
	PROP_RTF = 0x1009,
	PROP_HTML = 0x1013,
	PROP_DISPLAY_NAME = 0x3001,
	PROP_DATA = 0x3701,
	PROP_FILENAME = 0x3704,
	PROP_METHOD = 0x3705,
	PROP_LONG_FILENAME = 0x3707,
	PROP_MIME = 0x370e,
	PROP_CID = 0x3712,
	PROP_INTERNET_CODEPAGE = 0x3fde,
	PROP_MESSAGE_CODEPAGE = 0x3ffd,
	PROP_NAMED = 0x8000, /* from here on: with a name */
};

uint32_t tnef_number(struct tnef_cursor *c, size_t bytes)
{
	struct str s = tnef_take(c, bytes);
	uint32_t v = 0;

	for (size_t i = s.n; i-- > 0;)
		v = v << 8 | (unsigned char)s.p[i];
	return v;
}

struct str tnef_take(struct tnef_cursor *c, size_t n)
{
	struct str s;

	if (c->is_short || n > c->rest.n) {
		c->is_short = true;
		c->rest = (struct str){ NULL, 0 };
		return c->rest;
	}
	s = str_to(c->rest, n);
	c->rest = str_from(c->rest, n);
	return s;
}

struct str tnef_narrow(struct str s)
{
	size_t end = str_chr(s, '\0');

	return end == STR_NPOS ? s : str_to(s, end);
}

struct str tnef_wide(struct arena *a, struct str utf16)
{
	struct tnef_cursor c = { utf16, false };
	char *out = arena_alloc(a, utf16.n / 2 * 3 + 4);
	size_t n = 0;

	while (c.rest.n >= 2) {
		uint32_t v = tnef_number(&c, 2);

		if (v == 0)
			break;
		if (v >= 0xd800 && v < 0xdc00 && c.rest.n >= 2) {
			struct tnef_cursor ahead = c;
			uint32_t low = tnef_number(&ahead, 2);

			if (low >= 0xdc00 && low < 0xe000) {
				v = 0x10000 + ((v - 0xd800) << 10) +
				    (low - 0xdc00);
				c = ahead;
			}
		}
		if (v >= 0xd800 && v < 0xe000)
			v = 0xfffd;
		n += utf8_encode(v, out + n);
	}
	return (struct str){ out, n };
}

/* ---- values ---- */

/* Bytes of one value of a type of fixed size, filled up to 4; 0: it has a
 * length of its own. */
static size_t fixed_size(unsigned type)
{
	switch (type) {
	case TYPE_SHORT:
	case TYPE_LONG:
	case TYPE_FLOAT:
	case TYPE_ERROR:
	case TYPE_BOOLEAN: return 4;
	case TYPE_DOUBLE:
	case TYPE_CURRENCY:
	case TYPE_APPTIME:
	case TYPE_INT64:
	case TYPE_TIME: return 8;
	case TYPE_CLSID: return 16;
	default: return 0;
	}
}

static bool has_length(unsigned type)
{
	return type == TYPE_NARROW || type == TYPE_WIDE ||
	       type == TYPE_BINARY || type == TYPE_OBJECT;
}

static struct str take_padded(struct tnef_cursor *c)
{
	size_t n = tnef_number(c, 4);
	struct str s = tnef_take(c, n);

	/* The last may lack its filling. */
	if (n % 4 && !c->is_short)
		(void)tnef_take(c,
		                c->rest.n < 4 - n % 4 ? c->rest.n : 4 - n % 4);
	return s;
}

static void skip_name(struct tnef_cursor *c)
{
	(void)tnef_take(c, 16); /* of which set */
	if (tnef_number(c, 4) == 0)
		(void)tnef_number(c, 4);
	else
		(void)take_padded(c);
}

struct reading {
	struct arena *a;
	struct tnef_properties *out;
	uint32_t codepage;
};

static struct tnef_text text_of(const struct reading *r, unsigned type,
                                struct str value)
{
	if (type == TYPE_WIDE)
		return (struct tnef_text){ tnef_wide(r->a, value), TNEF_UTF8 };
	return (struct tnef_text){ type == TYPE_NARROW ? tnef_narrow(value)
		                                       : value,
		                   r->codepage };
}

/* A short one; what is longer is nothing that it could be. */
static void set_name(struct reading *r, struct tnef_text *name, unsigned type,
                     struct str value)
{
	if ((type == TYPE_WIDE || type == TYPE_NARROW) &&
	    value.n <= TNEF_NAME_MAX * 2)
		*name = text_of(r, type, value);
}

static void set_string(struct reading *r, unsigned id, unsigned type,
                       struct str value)
{
	struct tnef_properties *p = r->out;
	struct tnef_text text = { { NULL, 0 }, 0 };

	switch (id) {
	case PROP_SUBJECT: set_name(r, &p->subject, type, value); break;
	case PROP_BODY: p->text = text_of(r, type, value); break;
	case PROP_HTML: p->html = text_of(r, type, value); break;
	case PROP_RTF:
		if (type == TYPE_BINARY)
			p->rtf = value;
		break;
	case PROP_DISPLAY_NAME:
		set_name(r, &p->display_name, type, value);
		break;
	case PROP_FILENAME: set_name(r, &p->short_name, type, value); break;
	case PROP_LONG_FILENAME: set_name(r, &p->long_name, type, value); break;
	case PROP_MIME:
		set_name(r, &text, type, value);
		p->mime = text.bytes;
		break;
	case PROP_CID:
		set_name(r, &text, type, value);
		p->cid = text.bytes;
		break;
	case PROP_DATA:
		p->data = value;
		p->is_object = type == TYPE_OBJECT;
		break;
	default: break;
	}
}

static void set_number(struct reading *r, unsigned id, struct str value)
{
	struct tnef_cursor c = { value, false };

	switch (id) {
	case PROP_METHOD: r->out->method = tnef_number(&c, 4); break;
	case PROP_INTERNET_CODEPAGE:
		r->out->internet_codepage = tnef_number(&c, 4);
		break;
	case PROP_MESSAGE_CODEPAGE:
		r->out->codepage = tnef_number(&c, 4);
		break;
	default: break;
	}
}

/* One property; false when its type is none that can be stepped over. */
static bool read_property(struct reading *r, struct tnef_cursor *c)
{
	unsigned type = tnef_number(c, 2), id = tnef_number(c, 2);
	unsigned one = type & ~(unsigned)TYPE_MANY;
	uint32_t n = 1;

	if (id >= PROP_NAMED)
		skip_name(c);
	if (type & TYPE_MANY || has_length(one))
		n = tnef_number(c, 4);
	if (n > TNEF_PROPERTIES_MAX || (!fixed_size(one) && !has_length(one)))
		return false;
	for (uint32_t i = 0; i < n && !c->is_short; i++) {
		struct str value = fixed_size(one)
		                           ? tnef_take(c, fixed_size(one))
		                           : take_padded(c);

		if (i > 0 || c->is_short || id >= PROP_NAMED)
			continue;
		if (one == TYPE_LONG)
			set_number(r, id, value);
		else if (has_length(one))
			set_string(r, id, one, value);
	}
	return !c->is_short;
}

void tnef_properties_read(struct arena *a, struct str bytes, uint32_t codepage,
                          struct tnef_properties *out)
{
	struct reading r = { .a = a, .out = out, .codepage = codepage };
	struct tnef_cursor c = { bytes, false };
	uint32_t n = tnef_number(&c, 4);

	*out = (struct tnef_properties){ .method = 0 };
	for (uint32_t i = 0; i < n && i < TNEF_PROPERTIES_MAX; i++)
		if (!read_property(&r, &c))
			break;
	/* That of the HTML may stand behind it. */
	if (out->html.bytes.n && out->html.codepage != TNEF_UTF8 &&
	    out->internet_codepage)
		out->html.codepage = out->internet_codepage;
}
