#include "wire/dkim/signature.h"

#include "base/mem.h"
#include "wire/dkim/tags.h"

#define BASE64_MAX ((size_t)4096) /* an RSA key of 16384 bits has 2 KiB */
#define FIELDS_MAX ((size_t)1000)

static int bad(struct err *err, const char *why)
{
	return err_set(err, ERR_INVALID, "%s", why);
}

static int need(const struct dkim_tags *t, const char *name, struct str *out,
                struct err *err)
{
	if (!dkim_tags_get(t, name, out) || out->n == 0)
		return err_set(err, ERR_INVALID, "%s= is missing", name);
	return 0;
}

static int decode(const struct dkim_tags *t, const char *name, struct arena *a,
                  struct str *out, struct err *err)
{
	struct str value;
	struct buf b;
	int rc = 0;

	if (need(t, name, &value, err) < 0)
		return -1;
	buf_init(&b, BASE64_MAX);
	if (dkim_base64(value, &b) && b.n > 0)
		*out = arena_dup(a, buf_str(&b));
	else
		rc = err_set(err, ERR_INVALID, "%s= is not base64", name);
	buf_deinit(&b);
	return rc;
}

static int parse_algorithm(const struct dkim_tags *t, struct dkim_signature *s,
                           struct err *err)
{
	struct str v;

	if (need(t, "a", &v, err) < 0)
		return -1;
	if (str_eq_case(v, STR("rsa-sha256")))
		s->algorithm = DKIM_RSA_SHA256;
	else if (str_eq_case(v, STR("ed25519-sha256")))
		s->algorithm = DKIM_ED25519_SHA256;
	else if (str_eq_case(v, STR("rsa-sha1")))
		s->algorithm = DKIM_RSA_SHA1;
	else
		return bad(err, "unknown algorithm");
	return 0;
}

static bool one_canon(struct str v, enum dkim_canon *out)
{
	bool relaxed = str_eq_case(v, STR("relaxed"));

	*out = relaxed ? DKIM_RELAXED : DKIM_SIMPLE;
	return relaxed || str_eq_case(v, STR("simple"));
}

/* c=header/body; without a body part it is simple (RFC 6376, 3.5). */
static int parse_canon(const struct dkim_tags *t, struct dkim_signature *s,
                       struct err *err)
{
	struct str v, header;

	s->header_canon = s->body_canon = DKIM_SIMPLE;
	if (!dkim_tags_get(t, "c", &v))
		return 0;
	if (!str_cut(&v, '/', &header) ||
	    !one_canon(header, &s->header_canon) ||
	    (v.n && !one_canon(v, &s->body_canon)))
		return bad(err, "unknown canonicalization");
	return 0;
}

static int parse_headers(const struct dkim_tags *t, struct arena *a,
                         struct dkim_signature *s, struct err *err)
{
	bool from = false;
	struct str v, name;

	if (need(t, "h", &v, err) < 0)
		return -1;
	s->headers = arena_array(a, DKIM_HEADERS_MAX, sizeof(*s->headers));
	while (str_cut(&v, ':', &name)) {
		name = str_trim(name);
		if (name.n == 0)
			return bad(err, "empty name in h=");
		if (s->n_headers == DKIM_HEADERS_MAX)
			return err_set(err, ERR_TOO_BIG,
			               "too many names in h=");
		from |= str_eq_case(name, STR("From"));
		s->headers[s->n_headers++] = name;
	}
	return from ? 0 : bad(err, "h= does not name From");
}

static int parse_names(const struct dkim_tags *t, struct arena *a,
                       struct dkim_signature *s, struct err *err)
{
	size_t at;

	if (need(t, "d", &s->domain, err) < 0 ||
	    need(t, "s", &s->selector, err) < 0)
		return -1;
	if (!dkim_tags_get(t, "i", &s->identity)) {
		s->identity = arena_fmt(a, "@%.*s", STR_ARG(s->domain));
		return 0;
	}
	at = str_rchr(s->identity, '@');
	if (at == STR_NPOS ||
	    !str_is_under(str_from(s->identity, at + 1), s->domain))
		return bad(err, "i= is not within d=");
	return 0;
}

static int optional_number(const struct dkim_tags *t, const char *name,
                           uint64_t *out, struct err *err)
{
	struct str v;

	if (!dkim_tags_get(t, name, &v))
		return 0;
	if (!str_to_u64(v, INT64_MAX, out))
		return err_set(err, ERR_INVALID, "%s= is not a number", name);
	return 0;
}

static int parse_numbers(const struct dkim_tags *t, struct dkim_signature *s,
                         struct err *err)
{
	uint64_t at = 0, until = 0;

	s->body_limit = UINT64_MAX;
	if (optional_number(t, "l", &s->body_limit, err) < 0 ||
	    optional_number(t, "t", &at, err) < 0 ||
	    optional_number(t, "x", &until, err) < 0)
		return -1;
	if (at && until && until < at)
		return bad(err, "x= is before t=");
	s->signed_at_s = (int64_t)at;
	s->expires_at_s = (int64_t)until;
	return 0;
}

/* q=: dns/txt must be among the methods, if any are named. */
static bool asks_dns(const struct dkim_tags *t)
{
	struct str v, method;

	if (!dkim_tags_get(t, "q", &v))
		return true;
	while (str_cut(&v, ':', &method))
		if (str_eq_case(str_trim(method), STR("dns/txt")) ||
		    str_eq_case(str_trim(method), STR("dns")))
			return true;
	return false;
}

int dkim_signature_parse(struct str value, struct arena *a,
                         struct dkim_signature *out, struct err *err)
{
	struct dkim_tags *t = arena_alloc(a, sizeof(*t));
	struct dkim_signature s = { 0 };
	struct str v;

	if (!dkim_tags_parse(t, value))
		return bad(err, "the list of tags is damaged");
	if (!dkim_tags_get(t, "v", &v) || !str_eq(v, STR("1")))
		return bad(err, "v= is not 1");
	if (parse_algorithm(t, &s, err) < 0 || parse_canon(t, &s, err) < 0 ||
	    parse_names(t, a, &s, err) < 0 ||
	    parse_headers(t, a, &s, err) < 0 || parse_numbers(t, &s, err) < 0 ||
	    decode(t, "b", a, &s.b, err) < 0 ||
	    decode(t, "bh", a, &s.bh, err) < 0)
		return -1;
	if (!asks_dns(t))
		return bad(err, "q= has no method that is known");
	*out = s;
	return 0;
}

/* ---- ARC ---- */

/* What both have in common. */
static int parse_arc(const struct dkim_tags *t, struct arena *a,
                     struct dkim_signature *s, struct err *err)
{
	struct str v;
	uint64_t n;

	if (dkim_tags_get(t, "v", &v))
		return bad(err, "v= is there");
	if (need(t, "i", &v, err) < 0)
		return -1;
	if (!str_to_u64(v, DKIM_INSTANCE_MAX, &n) || n == 0)
		return bad(err, "i= is not 1 to 50");
	s->instance = (unsigned)n;
	if (parse_algorithm(t, s, err) < 0 || parse_numbers(t, s, err) < 0 ||
	    need(t, "d", &s->domain, err) < 0 ||
	    need(t, "s", &s->selector, err) < 0)
		return -1;
	s->identity = s->domain;
	return decode(t, "b", a, &s->b, err);
}

int dkim_arc_message_parse(struct str value, struct arena *a,
                           struct dkim_signature *out, struct err *err)
{
	struct dkim_tags *t = arena_alloc(a, sizeof(*t));
	struct dkim_signature s = { 0 };

	if (!dkim_tags_parse(t, value))
		return bad(err, "the list of tags is damaged");
	if (parse_arc(t, a, &s, err) < 0 || parse_canon(t, &s, err) < 0 ||
	    parse_headers(t, a, &s, err) < 0 ||
	    decode(t, "bh", a, &s.bh, err) < 0)
		return -1;
	for (size_t i = 0; i < s.n_headers; i++)
		if (str_eq_case(s.headers[i], STR("ARC-Seal")))
			return bad(err, "h= names ARC-Seal");
	*out = s;
	return 0;
}

int dkim_arc_seal_parse(struct str value, struct arena *a,
                        struct dkim_signature *out, struct err *err)
{
	struct dkim_tags *t = arena_alloc(a, sizeof(*t));
	struct dkim_signature s = { .header_canon = DKIM_RELAXED,
		                    .body_canon = DKIM_RELAXED };
	struct str v;

	if (!dkim_tags_parse(t, value))
		return bad(err, "the list of tags is damaged");
	if (dkim_tags_get(t, "h", &v) || dkim_tags_get(t, "bh", &v))
		return bad(err, "a seal has h= or bh=");
	if (parse_arc(t, a, &s, err) < 0 || need(t, "cv", &s.chain, err) < 0)
		return -1;
	*out = s;
	return 0;
}

/* ---- keys ---- */

/* Is `word` in a list with colons?  "*" stands for all. */
static bool in_list(struct str list, struct str word)
{
	struct str one;

	while (str_cut(&list, ':', &one)) {
		one = str_trim(one);
		if (str_eq_case(one, word) || str_eq(one, STR("*")))
			return true;
	}
	return false;
}

int dkim_key_parse(struct str text, struct arena *a, struct dkim_key *out,
                   struct err *err)
{
	struct dkim_tags *t = arena_alloc(a, sizeof(*t));
	struct dkim_key k = { .sha256 = true };
	struct str v;

	if (!dkim_tags_parse(t, text))
		return bad(err, "the key record is damaged");
	/* v=, if it is there, is the first tag (RFC 6376, 3.6.1). */
	if (dkim_tags_get(t, "v", &v) &&
	    (!str_eq(v, STR("DKIM1")) || !str_eq(t->tag[0].name, STR("v"))))
		return bad(err, "v= is not DKIM1");
	if (dkim_tags_get(t, "k", &v)) {
		k.ed25519 = str_eq_case(v, STR("ed25519"));
		if (!k.ed25519 && !str_eq_case(v, STR("rsa")))
			return bad(err, "unknown kind of key");
	}
	if (dkim_tags_get(t, "h", &v))
		k.sha256 = in_list(v, STR("sha256"));
	if (dkim_tags_get(t, "s", &v) && !in_list(v, STR("email")))
		return bad(err, "the key is not for mail");
	if (dkim_tags_get(t, "t", &v)) {
		k.testing = in_list(v, STR("y"));
		k.strict = in_list(v, STR("s"));
	}
	if (!dkim_tags_get(t, "p", &v))
		return bad(err, "p= is missing");
	k.revoked = v.n == 0;
	if (!k.revoked && decode(t, "p", a, &k.bytes, err) < 0)
		return -1;
	if (k.ed25519 && !k.revoked && k.bytes.n != 32)
		return bad(err, "an Ed25519 key has 32 bytes");
	*out = k;
	return 0;
}

bool dkim_key_same(struct str published, struct str ours, struct arena *a)
{
	struct err ignored = ERR_INIT;
	struct dkim_key p, o;

	if (dkim_key_parse(published, a, &p, &ignored) < 0 ||
	    dkim_key_parse(ours, a, &o, &ignored) < 0)
		return false;
	return !p.revoked && p.sha256 && p.ed25519 == o.ed25519 &&
	       str_eq(p.bytes, o.bytes);
}

void dkim_signed_headers(struct str header, const struct str *names,
                         size_t n_names, enum dkim_canon canon, struct buf *out)
{
	struct header_reader r = header_reader(header);
	struct header_field f;
	enum header_result got;
	struct str *raw = mem_array(FIELDS_MAX, sizeof(*raw));
	struct str *name = mem_array(FIELDS_MAX, sizeof(*name));
	const char *from = header.p;
	size_t n = 0;

	/* Each field with its name; taken ones lose their name. */
	while (n < FIELDS_MAX && (got = header_next(&r, &f)) != HEADER_END) {
		if (got == HEADER_FIELD) {
			name[n] = f.name;
			raw[n++] =
				(struct str){ from, (size_t)(r.rest.p - from) };
		}
		from = r.rest.p;
	}
	for (size_t i = 0; i < n_names; i++) {
		for (size_t k = n; k-- > 0;) {
			if (!name[k].n || !str_eq_case(name[k], names[i]))
				continue;
			dkim_header_canon(canon, raw[k], true, out);
			name[k].n = 0;
			break;
		}
	}
	mem_free(raw);
	mem_free(name);
}
