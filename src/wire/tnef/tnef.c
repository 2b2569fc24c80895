#include "wire/tnef/tnef.h"

#include "wire/tnef/private.h"

#define SIGNATURE      0x223e9f78u
#define CODEPAGE_USUAL 1252u
/* Before the data of an object: which interface it has. */
#define INTERFACE_SIZE  16
#define METHOD_EMBEDDED 5

enum {
	ATT_SUBJECT = 0x8004,
	ATT_TITLE = 0x8010,
	ATT_BODY = 0x800c,
	ATT_DATA = 0x800f,
	ATT_RENDERING = 0x9002, /* an attachment begins */
	ATT_PROPERTIES = 0x9003,
	ATT_ATTACHMENT = 0x9005, /* its properties */
	ATT_CODEPAGE = 0x9007,
};

struct parsing {
	struct arena *a;
	struct tnef *out;
	uint32_t codepage;
	size_t cap;
};

bool tnef_is(struct str bytes)
{
	struct tnef_cursor c = { bytes, false };

	return tnef_number(&c, 4) == SIGNATURE && !c.is_short;
}

static struct tnef_text narrow(const struct parsing *p, struct str s)
{
	return (struct tnef_text){ tnef_narrow(s), p->codepage };
}

/* ---- attachments ---- */

static struct tnef_attachment *begin_attachment(struct parsing *p)
{
	struct tnef *t = p->out;

	if (t->attachments_n == TNEF_ATTACHMENTS_MAX)
		return NULL;
	t->attachments = arena_grow(p->a, t->attachments, t->attachments_n,
	                            &p->cap, sizeof(*t->attachments));
	t->attachments[t->attachments_n] =
		(struct tnef_attachment){ .message = false };
	return &t->attachments[t->attachments_n++];
}

/* The one that is being read; an attribute of none is passed over. */
static struct tnef_attachment *current(struct parsing *p)
{
	return p->out->attachments_n
	               ? &p->out->attachments[p->out->attachments_n - 1]
	               : NULL;
}

static void read_attachment(struct parsing *p, struct tnef_attachment *at,
                            struct str bytes)
{
	struct tnef_properties props;

	tnef_properties_read(p->a, bytes, p->codepage, &props);
	if (props.long_name.bytes.n)
		at->name = props.long_name;
	else if (!at->name.bytes.n)
		at->name = props.short_name.bytes.n ? props.short_name
		                                    : props.display_name;
	at->mime = props.mime;
	at->cid = props.cid;
	if (at->cid.n > 1 && at->cid.p[0] == '<' &&
	    at->cid.p[at->cid.n - 1] == '>')
		at->cid = str_to(str_from(at->cid, 1), at->cid.n - 2);
	if (!props.data.n)
		return;
	at->data = props.data;
	if (props.is_object && at->data.n >= INTERFACE_SIZE)
		at->data = str_from(at->data, INTERFACE_SIZE);
	at->message = props.method == METHOD_EMBEDDED && tnef_is(at->data);
}

/* ---- the message ---- */

static void read_message(struct parsing *p, struct str bytes)
{
	struct tnef_properties props;
	struct tnef *t = p->out;

	tnef_properties_read(p->a, bytes, p->codepage, &props);
	if (props.subject.bytes.n)
		t->subject = props.subject;
	if (props.text.bytes.n)
		t->text = props.text;
	t->html = props.html;
	t->rtf = props.rtf;
}

static void read_attribute(struct parsing *p, uint32_t id, struct str data)
{
	struct tnef_attachment *at = current(p);
	struct tnef_cursor c = { data, false };

	switch (id) {
	case ATT_CODEPAGE: p->codepage = tnef_number(&c, 4); break;
	case ATT_SUBJECT:
		if (!p->out->subject.bytes.n)
			p->out->subject = narrow(p, data);
		break;
	case ATT_BODY:
		if (!p->out->text.bytes.n)
			p->out->text = narrow(p, data);
		break;
	case ATT_PROPERTIES: read_message(p, data); break;
	case ATT_RENDERING: (void)begin_attachment(p); break;
	case ATT_TITLE:
		if (at && !at->name.bytes.n)
			at->name = narrow(p, data);
		break;
	case ATT_DATA:
		if (at && !at->data.n)
			at->data = data;
		break;
	case ATT_ATTACHMENT:
		if (at)
			read_attachment(p, at, data);
		break;
	default: break;
	}
}

bool tnef_parse(struct arena *a, struct str bytes, struct tnef *out)
{
	struct parsing p = { .a = a, .out = out, .codepage = CODEPAGE_USUAL };
	struct tnef_cursor c = { bytes, false };

	*out = (struct tnef){ .attachments_n = 0 };
	if (!tnef_is(bytes))
		return false;
	(void)tnef_take(&c, 6); /* with a key that says nothing */
	for (int i = 0; i < TNEF_ATTRIBUTES_MAX && c.rest.n > 0; i++) {
		uint32_t level = tnef_number(&c, 1), id = tnef_number(&c, 4);
		struct str data = tnef_take(&c, tnef_number(&c, 4));

		if (c.is_short || (level != 1 && level != 2))
			break;
		(void)tnef_number(&c, 2); /* the checksum */
		/* The upper half is the type, which the id decides. */
		read_attribute(&p, id & 0xffff, data);
	}
	return true;
}

/* ---- code pages ---- */

const char *tnef_charset(uint32_t codepage)
{
	static const struct {
		uint32_t number;
		const char *name;
	} rows[] = {
		{ 437, "ibm437" },        { 850, "ibm850" },
		{ 852, "ibm852" },        { 866, "ibm866" },
		{ 874, "windows-874" },   { 932, "shift_jis" },
		{ 936, "gbk" },           { 949, "euc-kr" },
		{ 950, "big5" },          { 1250, "windows-1250" },
		{ 1251, "windows-1251" }, { 1252, "windows-1252" },
		{ 1253, "windows-1253" }, { 1254, "windows-1254" },
		{ 1255, "windows-1255" }, { 1256, "windows-1256" },
		{ 1257, "windows-1257" }, { 1258, "windows-1258" },
		{ 20127, "us-ascii" },    { 20866, "koi8-r" },
		{ 21866, "koi8-u" },      { 28591, "iso-8859-1" },
		{ 28592, "iso-8859-2" },  { 28593, "iso-8859-3" },
		{ 28594, "iso-8859-4" },  { 28595, "iso-8859-5" },
		{ 28596, "iso-8859-6" },  { 28597, "iso-8859-7" },
		{ 28598, "iso-8859-8" },  { 28599, "iso-8859-9" },
		{ 28605, "iso-8859-15" }, { 50220, "iso-2022-jp" },
		{ 50221, "iso-2022-jp" }, { 50222, "iso-2022-jp" },
		{ 50225, "iso-2022-kr" }, { 51932, "euc-jp" },
		{ 51949, "euc-kr" },      { 54936, "gb18030" },
		{ TNEF_UTF8, "utf-8" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].number == codepage)
			return rows[i].name;
	return NULL;
}
