#include "wire/json/write.h"

#include <assert.h>
#include <math.h>

#include "base/civil.h"
#include "base/utf8.h"

struct json_writer json_writer(struct buf *out)
{
	return (struct json_writer){ .out = out };
}

static bool in_object(const struct json_writer *w)
{
	return w->depth && w->is_object[w->depth - 1];
}

static void newline(struct json_writer *w)
{
	if (!w->pretty)
		return;
	buf_add_c(w->out, '\n');
	for (unsigned i = 0; i < w->depth; i++)
		buf_add_z(w->out, "  ");
}

/* The comma before an item that is not the first. */
static void before_item(struct json_writer *w)
{
	if (!w->depth)
		return;
	if (w->has_item[w->depth - 1])
		buf_add_c(w->out, ',');
	w->has_item[w->depth - 1] = true;
	newline(w);
}

static void before_value(struct json_writer *w)
{
	assert(in_object(w) == w->key);
	if (!w->key)
		before_item(w);
	w->key = false;
	w->any = true;
}

static void begin(struct json_writer *w, char c, bool object)
{
	before_value(w);
	assert(w->depth < JSON_WRITE_DEPTH);
	buf_add_c(w->out, c);
	w->has_item[w->depth] = false;
	w->is_object[w->depth] = object;
	w->depth++;
}

void json_object(struct json_writer *w)
{
	begin(w, '{', true);
}

void json_array(struct json_writer *w)
{
	begin(w, '[', false);
}

void json_end(struct json_writer *w)
{
	bool object = in_object(w), any;

	assert(w->depth && !w->key);
	any = w->has_item[w->depth - 1];
	w->depth--;
	if (any)
		newline(w);
	buf_add_c(w->out, object ? '}' : ']');
}

/* RFC 8259, 7: quotes, backslash and what is below U+0020; and U+2028 and
 * U+2029, which end a line where JSON is read as a script. */
static void add_char(struct buf *out, uint32_t c)
{
	static const char letters[] = "\bb\ff\nn\rr\tt\"\"\\\\";

	for (const char *p = letters; *p; p += 2)
		if (c == (unsigned char)*p) {
			buf_add_c(out, '\\');
			buf_add_c(out, p[1]);
			return;
		}
	if (c < ' ' || c == 0x7f || c == 0x2028 || c == 0x2029)
		buf_fmt(out, "\\u%04x", (unsigned)c);
	else
		utf8_add(out, c);
}

static bool is_plain(char c)
{
	return c >= ' ' && c < 0x7f && c != '"' && c != '\\';
}

static void add_string(struct buf *out, struct str s)
{
	buf_add_c(out, '"');
	while (s.n) {
		size_t n = 0;
		uint32_t c;

		while (n < s.n && is_plain(s.p[n]))
			n++;
		buf_add(out, str_to(s, n));
		s = str_from(s, n);
		if (!s.n)
			break;
		if (utf8_next(&s, &c) != UTF8_CHAR)
			c = UTF8_REPLACEMENT;
		add_char(out, c);
	}
	buf_add_c(out, '"');
}

void json_key(struct json_writer *w, struct str key)
{
	assert(in_object(w) && !w->key);
	before_item(w);
	add_string(w->out, key);
	buf_add_c(w->out, ':');
	if (w->pretty)
		buf_add_c(w->out, ' ');
	w->key = true;
}

void json_str(struct json_writer *w, struct str s)
{
	before_value(w);
	add_string(w->out, s);
}

void json_z(struct json_writer *w, const char *z)
{
	if (z)
		json_str(w, str_z(z));
	else
		json_null(w);
}

void json_i64(struct json_writer *w, int64_t v)
{
	before_value(w);
	buf_add_i64(w->out, v);
}

void json_u64(struct json_writer *w, uint64_t v)
{
	before_value(w);
	buf_add_u64(w->out, v);
}

void json_double(struct json_writer *w, double v)
{
	before_value(w);
	if (isfinite(v))
		buf_fmt(w->out, "%.17g", v);
	else
		buf_add_z(w->out, "null");
}

void json_bool(struct json_writer *w, bool v)
{
	before_value(w);
	buf_add_z(w->out, v ? "true" : "false");
}

void json_null(struct json_writer *w)
{
	before_value(w);
	buf_add_z(w->out, "null");
}

void json_raw(struct json_writer *w, struct str json)
{
	before_value(w);
	buf_add(w->out, json);
}

void json_member_str(struct json_writer *w, const char *key, struct str s)
{
	json_key(w, str_z(key));
	json_str(w, s);
}

void json_member_z(struct json_writer *w, const char *key, const char *z)
{
	json_key(w, str_z(key));
	json_z(w, z);
}

void json_member_i64(struct json_writer *w, const char *key, int64_t v)
{
	json_key(w, str_z(key));
	json_i64(w, v);
}

void json_member_u64(struct json_writer *w, const char *key, uint64_t v)
{
	json_key(w, str_z(key));
	json_u64(w, v);
}

void json_member_bool(struct json_writer *w, const char *key, bool v)
{
	json_key(w, str_z(key));
	json_bool(w, v);
}

void json_member_time(struct json_writer *w, const char *key, int64_t us)
{
	int64_t s = us / 1000000;
	struct civil c = civil_of(s);

	json_key(w, str_z(key));
	if (us == 0) {
		json_null(w);
		return;
	}
	before_value(w);
	buf_fmt(w->out, "\"%04d-%02d-%02dT%02d:%02d:%02dZ\"", (int)c.year,
	        c.month, c.day, c.hour, c.minute, c.second);
}

bool json_done(const struct json_writer *w)
{
	return w->depth == 0 && !w->key && w->any;
}
