#include "jmap/one_click.h"

#include "base/base64.h"
#include "wire/dkim/results.h"
#include "wire/dkim/signature.h"
#include "wire/http/url.h"
#include "wire/message/field.h"

#define SIGNATURES_MAX 8 /* as many as are verified */

/* The fields that count; raw values. */
struct fields {
	struct str list, post, results;
	size_t list_n, post_n, results_n;
	struct str signatures[SIGNATURES_MAX];
	size_t signatures_n;
};

static void take(struct fields *out, const struct header_field *f)
{
	switch ((int)field_id(f->name)) {
	case FIELD_LIST_UNSUBSCRIBE:
		out->list = f->raw;
		out->list_n++;
		break;
	case FIELD_LIST_UNSUBSCRIBE_POST:
		out->post = f->raw;
		out->post_n++;
		break;
	case FIELD_AUTH_RESULTS:
		if (out->results_n++ == 0)
			out->results = f->raw;
		break;
	case FIELD_DKIM_SIGNATURE:
		if (out->signatures_n < SIGNATURES_MAX)
			out->signatures[out->signatures_n++] = f->raw;
		break;
	default: break;
	}
}

static void read_fields(const struct str *blocks, size_t n, struct fields *out)
{
	*out = (struct fields){ .list_n = 0 };
	for (size_t i = 0; i < n; i++) {
		struct header_reader r = header_reader(blocks[i]);
		struct header_field f;
		enum header_result got;

		while ((got = header_next(&r, &f)) != HEADER_END)
			if (got == HEADER_FIELD)
				take(out, &f);
	}
}

/* ---- the URL ---- */

/* Blanks in a URL are where the field was folded (RFC 2369, 2). */
static struct str unfolded(struct arena *a, struct str s)
{
	char *z = arena_alloc(a, s.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] > ' ')
			z[n++] = s.p[i];
	return (struct str){ z, n };
}

/* The first https URL in angle brackets; empty when there is none. */
static struct str https_url(struct arena *a, struct str raw)
{
	size_t open, close;

	while ((open = str_chr(raw, '<')) != STR_NPOS) {
		struct http_url u;
		struct str url;

		raw = str_from(raw, open + 1);
		close = str_chr(raw, '>');
		if (close == STR_NPOS)
			break;
		url = unfolded(a, str_to(raw, close));
		if (url.n <= HTTP_URL_MAX && http_url_parse(url, &u) && u.tls)
			return url;
		raw = str_from(raw, close + 1);
	}
	return (struct str){ NULL, 0 };
}

/* ---- the signature ---- */

/* RFC 6008: the first characters of b= tell which signature is meant. */
static bool is_meant(const struct dkim_signature *s,
                     const struct auth_result *r)
{
	struct str want = auth_result_get(r, "header.b");
	struct buf b;
	bool same;

	buf_init(&b, 64);
	base64_encode(&b, str_to(s->b, s->b.n < 6 ? s->b.n : 6));
	same = want.n == 8 && str_eq(buf_str(&b), want);
	buf_deinit(&b);
	return same && str_eq_case(auth_result_get(r, "header.d"), s->domain) &&
	       str_eq_case(auth_result_get(r, "header.s"), s->selector);
}

static bool covers(const struct dkim_signature *s, const char *name)
{
	for (size_t i = 0; i < s->n_headers; i++)
		if (str_eq_case(s->headers[i], str_z(name)))
			return true;
	return false;
}

/* One that passed, of those that stand in the message. */
static bool is_covered_by(struct arena *a, const struct fields *f,
                          const struct auth_result *r)
{
	for (size_t i = 0; i < f->signatures_n; i++) {
		struct dkim_signature s;
		struct err err = ERR_INIT;

		if (dkim_signature_parse(f->signatures[i], a, &s, &err) == 0 &&
		    is_meant(&s, r) && covers(&s, "List-Unsubscribe") &&
		    covers(&s, "List-Unsubscribe-Post"))
			return true;
	}
	return false;
}

static bool is_covered(struct arena *a, const struct fields *f, struct str host)
{
	struct auth_results_reader r;
	struct auth_result one;
	struct str id;

	if (f->results_n == 0 || !auth_results_id(f->results, a, &id) ||
	    !str_eq_case(id, host) || !auth_results_begin(f->results, a, &r))
		return false;
	while (auth_results_next(&r, a, &one))
		if (str_eq_case(one.method, STR("dkim")) &&
		    str_eq_case(one.result, STR("pass")) &&
		    is_covered_by(a, f, &one))
			return true;
	return false;
}

enum jmap_one_click jmap_one_click(struct arena *a, const struct str *blocks,
                                   size_t n, struct str host, struct str *url)
{
	struct fields f;
	struct str found;

	read_fields(blocks, n, &f);
	/* Of several a signature covers the last alone. */
	if (f.list_n != 1 || f.post_n != 1 ||
	    !str_eq_case(str_trim(f.post), STR(JMAP_ONE_CLICK_BODY)))
		return JMAP_ONE_CLICK_NONE;
	found = https_url(a, f.list);
	if (found.n == 0)
		return JMAP_ONE_CLICK_NONE;
	if (!is_covered(a, &f, host))
		return JMAP_ONE_CLICK_UNSIGNED;
	*url = found;
	return JMAP_ONE_CLICK_GOOD;
}
