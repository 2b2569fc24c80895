/* Any bytes: a head's views lie inside it, and it reads the same at each cut;
 * chunks never give more than came. */
#include "wire/http/fields.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void inside(struct str s, struct str all)
{
	if (s.n > 0 && !str_eq(s, STR("/")))
		assert(s.p >= all.p && s.p + s.n <= all.p + all.n);
}

static void look_at_path(struct str path)
{
	char *out = malloc(path.n + 1);
	size_t n;

	assert(out);
	if (http_path_decode(path, out, &n))
		assert(n <= path.n);
	free(out);
}

static void look_at_fields(const struct http_head *h, struct str in)
{
	struct str value = STR("");

	for (size_t i = 0; i < h->fields_n; i++) {
		(void)http_accepts(h->fields[i].value, "gzip");
		(void)http_etag_listed(h->fields[i].value, STR("\"a\""));
	}
	if (http_cookie_get(h, "a", &value))
		inside(value, in);
}

static void parse_head(struct str in)
{
	static const struct http_limits l = HTTP_LIMITS_INIT;
	struct http_head h, again;
	size_t used, used_again;
	int status = 0;

	if (http_head_parse(in, &l, &h, &used, &status) != HTTP_DONE)
		return;
	assert(used <= in.n && used <= l.head_max + 8);
	inside(h.method, in);
	inside(h.path, in);
	inside(h.query, in);
	inside(h.host, in);
	assert(h.fields_n <= l.fields_max);
	for (size_t i = 0; i < h.fields_n; i++) {
		inside(h.fields[i].name, in);
		inside(h.fields[i].value, in);
	}
	assert(http_head_parse(str_to(in, used), &l, &again, &used_again,
	                       &status) == HTTP_DONE);
	assert(used == used_again && h.fields_n == again.fields_n);
	assert(http_head_parse(str_to(in, used - 1), &l, &again, &used_again,
	                       &status) == HTTP_MORE);
	look_at_path(h.path);
	look_at_fields(&h, in);
}

static void read_chunks(struct str in)
{
	struct http_chunks c;
	struct str piece;
	enum http_parse r;
	size_t total = 0, all = in.n;

	http_chunks_init(&c);
	do {
		r = http_chunks_next(&c, &in, &piece);
		total += piece.n;
	} while (r == HTTP_MORE && in.n > 0);
	assert(total <= all);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = { (const char *)data, size };

	parse_head(in);
	read_chunks(in);
	return 0;
}
