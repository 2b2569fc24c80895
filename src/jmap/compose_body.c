/* The MIME of a message that is made (RFC 2045, RFC 2046). */
#include "base/utf8.h"
#include "jmap/blob.h"
#include "jmap/compose.h"
#include "os/random.h"
#include "wire/message/write.h"
#include "wire/mime/decode.h"

#define DEPTH_MAX 20
#define PARTS_MAX 500

/* RFC 8621, 4.6: in place of "type". */
#define GIVEN_TYPE "header:Content-Type"

struct body_making {
	struct jmap_compose *c;
	struct json values; /* bodyValues */
	int depth, parts;
};

static int body_part(struct body_making *b, struct json part,
                     const char *default_type);

/* ---- parameters ---- */

/* "; name=value", quoted, or in the form of RFC 2231 when it is not ASCII. */
static void add_param(struct buf *b, const char *name, struct str value)
{
	bool plain = utf8_is_ascii(value);

	for (size_t i = 0; i < value.n; i++)
		if (value.p[i] < ' ' || value.p[i] == 0x7f)
			plain = false;
	buf_fmt(b, "; %s%s=", name, plain ? "" : "*");
	if (!plain)
		buf_add_z(b, "utf-8''");
	else
		buf_add_c(b, '"');
	for (size_t i = 0; i < value.n; i++) {
		char c = value.p[i];

		if (plain && (c == '"' || c == '\\'))
			buf_add_c(b, '\\');
		if (plain || ascii_is_alpha(c) || ascii_is_digit(c))
			buf_add_c(b, c);
		else
			buf_fmt(b, "%%%02X", (unsigned char)c);
	}
	if (plain)
		buf_add_c(b, '"');
}

static bool is_token(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] > '~' ||
		    str_chr(STR("()<>@,;:\\\"[]?="), s.p[i]) != STR_NPOS)
			return false;
	return s.n > 0 && s.n < 200;
}

/* ---- fields of a part ---- */

static struct str member(struct json part, const char *name)
{
	struct json v;

	return json_get(part, name, &v) ? json_as_str(v)
	                                : (struct str){ NULL, 0 };
}

static int check_part(struct body_making *b, struct json part)
{
	static const char *const known[] = {
		"partId",   "blobId",   "size",     "name",
		"type",     "charset",  "cid",      "disposition",
		"language", "location", "subParts",
	};
	struct json_members m = { .object = part };
	struct str name;
	struct json v;

	if (json_kind(part) != JSON_IS_OBJECT)
		return jmap_compose_wrong(b->c, STR("bodyStructure"),
		                          "a part is an object");
	while (json_member_next(&m, &name, &v)) {
		bool ok = str_starts(name, STR("header:")) &&
		          !str_starts_case(name,
		                           STR("header:Content-Transfer")) &&
		          (str_eq(name, STR(GIVEN_TYPE)) ||
		           !str_starts_case(name, STR(GIVEN_TYPE)));

		for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
			ok = ok || str_eq(name, str_z(known[i]));
		if (!ok)
			return jmap_compose_wrong(b->c, name, "not for a part");
	}
	return 0;
}

/* The field itself: what is behind the type is taken as it is, but there is
 * no charset in it, which is ours, nor a boundary. */
static int given_type(struct body_making *b, struct json part, struct str *type,
                      struct str *params)
{
	struct str field = str_trim(member(part, GIVEN_TYPE));
	bool ok = !type->n && utf8_is_ascii(field);

	if (!field.n)
		return 0;
	for (size_t i = 0; i < field.n; i++)
		ok = ok && field.p[i] >= ' ' && field.p[i] != 0x7f;
	*params = field;
	(void)str_cut(params, ';', type);
	*type = str_trim(*type);
	*params = str_trim(*params);
	if (!ok || str_find_case(*params, STR("charset")) != STR_NPOS ||
	    str_find_case(*params, STR("boundary")) != STR_NPOS)
		return jmap_compose_wrong(b->c, STR(GIVEN_TYPE),
		                          "with \"type\", or not a field of "
		                          "its own");
	return 0;
}

static int write_type(struct body_making *b, struct json part, struct str type,
                      struct str params, bool is_value, const char *boundary)
{
	struct str charset = member(part, "charset"), rest = type, main;
	struct str name = member(part, "name");
	struct buf v;

	if (!str_cut(&rest, '/', &main) || !is_token(main) || !is_token(rest) ||
	    (charset.n && (is_value || !is_token(charset))))
		return jmap_compose_wrong(
			b->c,
			is_value && charset.n ? STR("charset") : STR("type"),
			"not a media type, or a charset of a body value");
	buf_init(&v, 65536);
	buf_add(&v, type);
	if (is_value)
		buf_add_z(&v, "; charset=utf-8");
	else if (charset.n)
		add_param(&v, "charset", charset);
	if (params.n)
		buf_fmt(&v, "; %.*s", STR_ARG(params));
	if (boundary)
		buf_fmt(&v, "; boundary=\"%s\"", boundary);
	if (name.n)
		add_param(&v, "name", name);
	header_write(b->c->out, STR("Content-Type"), buf_str(&v));
	buf_deinit(&v);
	return 0;
}

static int write_disposition(struct body_making *b, struct json part)
{
	struct str disposition = member(part, "disposition");
	struct str name = member(part, "name");
	struct buf v;

	if (!disposition.n && !name.n)
		return 0;
	if (!disposition.n)
		disposition = STR("attachment");
	if (!is_token(disposition))
		return jmap_compose_wrong(b->c, STR("disposition"),
		                          "not a token");
	buf_init(&v, 65536);
	buf_add(&v, disposition);
	if (name.n)
		add_param(&v, "filename", name);
	header_write(b->c->out, STR("Content-Disposition"), buf_str(&v));
	buf_deinit(&v);
	return 0;
}

static int write_more(struct body_making *b, struct json part)
{
	struct str cid = member(part, "cid"),
		   location = member(part, "location");
	struct json_members m = { .object = part };
	struct json languages, v;
	struct str name;
	bool is_field;

	if (cid.n) {
		for (size_t i = 0; i < cid.n; i++)
			if (cid.p[i] <= ' ' || cid.p[i] > '~' ||
			    cid.p[i] == '<' || cid.p[i] == '>')
				return jmap_compose_wrong(b->c, STR("cid"),
				                          "not an id");
		buf_fmt(b->c->out, "Content-ID: <%.*s>\r\n", STR_ARG(cid));
	}
	if (location.n)
		header_write(b->c->out, STR("Content-Location"), location);
	if (json_get(part, "language", &languages) && json_count(languages)) {
		struct buf l;

		buf_init(&l, 4096);
		for (size_t i = 0; i < json_count(languages); i++)
			buf_fmt(&l, "%s%.*s", i ? ", " : "",
			        STR_ARG(json_as_str(json_at(languages, i))));
		header_write(b->c->out, STR("Content-Language"), buf_str(&l));
		buf_deinit(&l);
	}
	while (json_member_next(&m, &name, &v))
		if (str_starts(name, STR("header:")) &&
		    !str_eq(name, STR(GIVEN_TYPE)) &&
		    jmap_compose_field(b->c, name, v, &is_field) < 0)
			return -1;
	return 0;
}

/* ---- contents ---- */

static bool lines_are_short(struct str s)
{
	struct str line;

	while (str_cut(&s, '\n', &line))
		if (line.n > 990)
			return false;
	return true;
}

static void write_encoding(struct buf *out, const char *name)
{
	header_write(out, STR("Content-Transfer-Encoding"), str_z(name));
	buf_add_z(out, "\r\n");
}

static void write_text(struct buf *out, struct str text)
{
	struct str line;

	if (!utf8_is_ascii(text) || !lines_are_short(text) ||
	    str_chr(text, '\0') != STR_NPOS) {
		write_encoding(out, "quoted-printable");
		mime_qp_write(out, text, true);
		return;
	}
	write_encoding(out, "7bit");
	while (str_cut(&text, '\n', &line)) {
		if (line.n && line.p[line.n - 1] == '\r')
			line.n--;
		for (size_t i = 0; i < line.n; i++)
			buf_add_c(out, line.p[i] == '\r' ? ' ' : line.p[i]);
		buf_add_z(out, "\r\n");
	}
}

static int write_value(struct body_making *b, struct str id)
{
	struct json value, text, flag;

	if (!json_get_str(b->values, id, &value) ||
	    !json_get(value, "value", &text) ||
	    json_kind(text) != JSON_IS_STRING)
		return jmap_compose_wrong(b->c, STR("bodyValues"),
		                          "no value for a partId");
	if ((json_get(value, "isEncodingProblem", &flag) &&
	     json_as_bool(flag)) ||
	    (json_get(value, "isTruncated", &flag) && json_as_bool(flag)))
		return jmap_compose_wrong(b->c, STR("bodyValues"),
		                          "a value that is not whole");
	write_text(b->c->out, json_as_str(text));
	return 0;
}

static void write_bytes(struct buf *out, struct str bytes, struct str type)
{
	/* RFC 2046, 5.2.1: a message within is not encoded. */
	if (str_eq_case(type, STR("message/rfc822"))) {
		write_encoding(out, utf8_is_ascii(bytes) ? "7bit" : "8bit");
		buf_add(out, bytes);
		return;
	}
	write_encoding(out, "base64");
	mime_base64_write(out, bytes);
}

static int write_blob(struct body_making *b, struct str id, struct str type)
{
	struct jmap_set *s = b->c->set;
	struct jmap_blob blob;
	struct err err = ERR_INIT;

	if (jmap_blob_open(&blob, s->c->store, s->c->account, jmap_id(s->c, id),
	                   &err) < 0) {
		if (err.kind != ERR_NOT_FOUND)
			return jmap_set_fail(s, &err);
		s->blob_missing = id;
		return jmap_set_refuse(s, "blobNotFound", NULL, "no such blob");
	}
	if (blob.prefix.n) {
		struct buf all;

		buf_init(&all, blob.prefix.n + blob.bytes.n);
		buf_add(&all, blob.prefix);
		buf_add(&all, blob.bytes);
		write_bytes(b->c->out, buf_str(&all), type);
		buf_deinit(&all);
	} else {
		write_bytes(b->c->out, blob.bytes, type);
	}
	jmap_blob_close(&blob);
	return 0;
}

/* ---- parts ---- */

static void make_boundary(char out[40])
{
	static const char hex[] = "0123456789abcdef";
	uint64_t a = random_u64(), b = random_u64();

	out[0] = '=';
	out[1] = '_';
	for (int i = 0; i < 16; i++) {
		out[2 + i] = hex[a >> (4 * i) & 15];
		out[18 + i] = hex[b >> (4 * i) & 15];
	}
	out[34] = '\0';
}

static void between(struct body_making *b, const char *boundary, bool last)
{
	struct buf *out = b->c->out;

	if (out->n < 2 || !str_ends(buf_str(out), STR("\r\n")))
		buf_add_z(out, "\r\n");
	buf_fmt(out, "--%s%s\r\n", boundary, last ? "--" : "");
}

static int multipart(struct body_making *b, struct json part, struct str type)
{
	struct json sub;
	char boundary[40];

	if (!json_get(part, "subParts", &sub) || json_count(sub) == 0 ||
	    json_kind(sub) != JSON_IS_ARRAY || b->depth >= DEPTH_MAX)
		return jmap_compose_wrong(b->c, STR("subParts"),
		                          "none, or too deep");
	make_boundary(boundary);
	if (write_type(b, part, type, (struct str){ NULL, 0 }, false,
	               boundary) < 0 ||
	    write_disposition(b, part) < 0 || write_more(b, part) < 0)
		return -1;
	buf_add_z(b->c->out, "\r\n");
	b->depth++;
	for (size_t i = 0; i < json_count(sub); i++) {
		between(b, boundary, false);
		if (body_part(b, json_at(sub, i), "text/plain") < 0)
			return -1;
	}
	b->depth--;
	between(b, boundary, true);
	return 0;
}

static int body_part(struct body_making *b, struct json part,
                     const char *default_type)
{
	struct str type = member(part, "type"), id = member(part, "partId");
	struct str blob = jmap_id(b->c->set->c, member(part, "blobId"));
	struct str params = { NULL, 0 };

	if (check_part(b, part) < 0 || given_type(b, part, &type, &params) < 0)
		return -1;
	if (++b->parts > PARTS_MAX)
		return jmap_compose_wrong(b->c, STR("subParts"), "too many");
	if (!type.n)
		type = str_z(default_type);
	if (str_starts_case(type, STR("multipart/")))
		return multipart(b, part, type);
	if ((id.n != 0) == (blob.n != 0))
		return jmap_compose_wrong(b->c, STR("partId"),
		                          "a part has a partId or a blobId");
	if (id.n && !str_starts_case(type, STR("text/")))
		return jmap_compose_wrong(b->c, STR("type"),
		                          "a body value is a text");
	if (write_type(b, part, type, params, id.n != 0, NULL) < 0 ||
	    write_disposition(b, part) < 0 || write_more(b, part) < 0)
		return -1;
	return id.n ? write_value(b, id) : write_blob(b, blob, type);
}

/* ---- from lists ---- */

/* A body of no words at all. */
static void empty_text(struct body_making *b)
{
	header_write(b->c->out, STR("Content-Type"),
	             STR("text/plain; charset=utf-8"));
	write_text(b->c->out, STR(""));
}

static bool is_related(struct json part)
{
	return member(part, "cid").n > 0 &&
	       !str_eq_case(member(part, "disposition"), STR("attachment"));
}

static void begin_multipart(struct body_making *b, const char *kind,
                            char boundary[40])
{
	make_boundary(boundary);
	buf_fmt(b->c->out,
	        "Content-Type: multipart/%s;\r\n boundary=\"%s\"\r\n\r\n", kind,
	        boundary);
	between(b, boundary, false);
}

struct lists {
	struct json text, html, files; /* of lists: the one part */
	bool has_text, has_html;
	size_t related, others;
};

static int html_with_pictures(struct body_making *b, const struct lists *l)
{
	char boundary[40];

	if (!l->related)
		return body_part(b, l->html, "text/html");
	begin_multipart(b, "related", boundary);
	if (body_part(b, l->html, "text/html") < 0)
		return -1;
	for (size_t i = 0; i < json_count(l->files); i++)
		if (is_related(json_at(l->files, i))) {
			between(b, boundary, false);
			if (body_part(b, json_at(l->files, i),
			              "application/octet-stream") < 0)
				return -1;
		}
	between(b, boundary, true);
	return 0;
}

static int words(struct body_making *b, const struct lists *l)
{
	char boundary[40];

	if (!l->has_text && !l->has_html) {
		empty_text(b);
		return 0;
	}
	if (!l->has_html)
		return body_part(b, l->text, "text/plain");
	if (!l->has_text)
		return html_with_pictures(b, l);
	begin_multipart(b, "alternative", boundary);
	if (body_part(b, l->text, "text/plain") < 0)
		return -1;
	between(b, boundary, false);
	if (html_with_pictures(b, l) < 0)
		return -1;
	between(b, boundary, true);
	return 0;
}

/* A list of one part of the type; RFC 8621, 4.6. */
static int one_of(struct body_making *b, struct json email, const char *name,
                  const char *type, struct json *out, bool *has)
{
	struct json list;
	struct str is;

	*has = false;
	if (!json_get(email, name, &list) || json_kind(list) == JSON_IS_NULL)
		return 0;
	*out = json_at(list, 0);
	is = member(*out, "type");
	if (json_count(list) != 1 || (is.n && !str_eq_case(is, str_z(type))))
		return jmap_compose_wrong(b->c, str_z(name),
		                          "one part of its type");
	*has = true;
	return 0;
}

static int from_lists(struct body_making *b, struct json email)
{
	struct lists l = { .files = { NULL } };
	char boundary[40];

	if (one_of(b, email, "textBody", "text/plain", &l.text, &l.has_text) <
	            0 ||
	    one_of(b, email, "htmlBody", "text/html", &l.html, &l.has_html) < 0)
		return -1;
	(void)json_get(email, "attachments", &l.files);
	for (size_t i = 0; i < json_count(l.files); i++)
		if (l.has_html && is_related(json_at(l.files, i)))
			l.related++;
		else
			l.others++;
	if (!l.others)
		return words(b, &l);
	begin_multipart(b, "mixed", boundary);
	if (words(b, &l) < 0)
		return -1;
	for (size_t i = 0; i < json_count(l.files); i++) {
		struct json file = json_at(l.files, i);

		if (l.has_html && is_related(file))
			continue;
		between(b, boundary, false);
		if (body_part(b, file, "application/octet-stream") < 0)
			return -1;
	}
	between(b, boundary, true);
	return 0;
}

int jmap_compose_body(struct jmap_compose *c, struct json email)
{
	struct body_making b = { .c = c };
	struct json structure, v;

	(void)json_get(email, "bodyValues", &b.values);
	if (!json_get(email, "bodyStructure", &structure) ||
	    json_kind(structure) == JSON_IS_NULL)
		return from_lists(&b, email);
	if (json_get(email, "textBody", &v) ||
	    json_get(email, "htmlBody", &v) ||
	    json_get(email, "attachments", &v))
		return jmap_compose_wrong(c, STR("bodyStructure"),
		                          "either this or lists");
	return body_part(&b, structure, "text/plain");
}
