#include "verify/dkim.h"

#include <string.h>

#include "crypto/hash.h"
#include "crypto/signature.h"
#include "os/clock.h"
#include "verify/private.h"
#include "wire/dkim/tags.h"
#include "wire/message/header.h"

#define HEADER_BYTES_MAX ((size_t)1024 * 1024)
/* Clocks differ. */
#define AHEAD_S 3600

struct checking {
	struct verify *v;
	struct verify_budget *b;
	struct arena *a;
	struct str header;
	int64_t now_s;
	struct dkim_bodies *bodies;
};

/* A signature that could be read, until all bodies are hashed. */
struct pending {
	struct str raw; /* the whole field */
	struct dkim_signature s;
	size_t body;
	struct verify_dkim *out;
};

const char *verify_dkim_status_name(enum dkim_status s)
{
	switch (s) {
	case DKIM_PASS: return "pass";
	case DKIM_FAIL: return "fail";
	case DKIM_POLICY: return "policy";
	case DKIM_NEUTRAL: return "neutral";
	case DKIM_TEMPERROR: return "temperror";
	case DKIM_PERMERROR: return "permerror";
	}
	return "permerror";
}

static enum dkim_status say(struct str *why, enum dkim_status s,
                            const char *words)
{
	*why = str_z(words);
	return s;
}

/* ---- the key ---- */

/* The key record; of several the first that can be read (RFC 6376, 3.6.2.2
 * leaves it open). */
static enum dkim_status fetch_key(struct asking *q,
                                  const struct dkim_signature *s,
                                  struct arena *a, struct dkim_key *out,
                                  struct str *why)
{
	struct err err = ERR_INIT;
	struct str domain, *txt;
	size_t n;

	if (!verify_domain(s->domain, a, &domain))
		return say(why, DKIM_PERMERROR, "d= is no domain");
	switch (verify_ask_txt(q,
	                       arena_fmt(a, "%.*s._domainkey.%.*s",
	                                 STR_ARG(s->selector), STR_ARG(domain)),
	                       a, &txt, &n)) {
	case DNS_FAIL: return say(why, DKIM_TEMPERROR, "no answer for the key");
	case DNS_NODATA:
	case DNS_NXDOMAIN: return say(why, DKIM_PERMERROR, "no key");
	case DNS_OK: break;
	}
	for (size_t i = 0; i < n; i++)
		if (dkim_key_parse(txt[i], a, out, &err) == 0)
			return DKIM_PASS;
	*why = arena_dup(a, str_z(err.text));
	return DKIM_PERMERROR;
}

static enum dkim_status check_key(const struct dkim_signature *s,
                                  const struct dkim_key *k, struct str *why)
{
	size_t at = str_rchr(s->identity, '@');

	if (k->revoked)
		return say(why, DKIM_PERMERROR, "the key is revoked");
	if (k->ed25519 != (s->algorithm == DKIM_ED25519_SHA256))
		return say(why, DKIM_PERMERROR, "the key is of another kind");
	if (!k->sha256)
		return say(why, DKIM_PERMERROR, "the key is not for sha256");
	if (k->strict && at != STR_NPOS &&
	    !str_eq_case(str_from(s->identity, at + 1), s->domain))
		return say(why, DKIM_PERMERROR, "i= is not the key's domain");
	return DKIM_PASS;
}

static enum dkim_status check_signature(const struct dkim_signature *s,
                                        const struct dkim_key *k,
                                        const unsigned char digest[32],
                                        struct str *why)
{
	struct str d = { (const char *)digest, 32 };
	enum signature_result r =
		k->ed25519 ? signature_ed25519(k->bytes, d, s->b)
			   : signature_rsa_sha256(k->bytes, digest, s->b);

	switch (r) {
	case SIGNATURE_GOOD: return DKIM_PASS;
	case SIGNATURE_KEY_BAD:
		return say(why, DKIM_PERMERROR, "the key cannot be read");
	case SIGNATURE_KEY_WEAK:
		return say(why, DKIM_PERMERROR,
		           "the key's size is not accepted");
	case SIGNATURE_BAD: break;
	}
	return k->testing ? say(why, DKIM_NEUTRAL,
	                        "bad signature of a key on trial")
	                  : say(why, DKIM_FAIL, "bad signature");
}

enum dkim_status verify_dkim_key(struct verify *v, struct verify_budget *b,
                                 const struct dkim_signature *s,
                                 const unsigned char digest[32],
                                 struct arena *a, struct str *why)
{
	enum dkim_status st;
	struct dkim_key key;
	struct asking q;

	verify_asking_init(&q, v, b);
	st = fetch_key(&q, s, a, &key, why);
	if (st == DKIM_PASS)
		st = check_key(s, &key, why);
	if (st == DKIM_PASS)
		st = check_signature(s, &key, digest, why);
	return st;
}

/* ---- one signature ---- */

void verify_dkim_digest(struct str header, struct str raw,
                        const struct dkim_signature *s,
                        unsigned char digest[32])
{
	struct buf text, own;

	buf_init(&text, HEADER_BYTES_MAX);
	buf_init(&own, HEADER_BYTES_MAX);
	dkim_signed_headers(header, s->headers, s->n_headers, s->header_canon,
	                    &text);
	dkim_without_b(raw, &own);
	dkim_header_canon(s->header_canon, buf_str(&own), false, &text);
	hash_bytes(HASH_SHA256, buf_str(&text), digest);
	buf_deinit(&own);
	buf_deinit(&text);
}

enum dkim_status verify_dkim_body(const struct dkim_bodies *b, size_t i,
                                  const struct dkim_signature *s,
                                  struct str *why)
{
	uint64_t length;
	const unsigned char *got = dkim_bodies_get(b, i, &length);

	if (s->body_limit != UINT64_MAX && s->body_limit > length)
		return say(why, DKIM_PERMERROR, "l= is more than the body");
	if (s->bh.n != 32 || memcmp(s->bh.p, got, 32) != 0)
		return say(why, DKIM_FAIL, "the body was changed");
	if (s->body_limit < length)
		return say(why, DKIM_POLICY, "part of the body is not signed");
	return DKIM_PASS;
}

static void finish(struct checking *c, struct pending *p)
{
	unsigned char digest[32];
	enum dkim_status body, st;
	struct str why = { NULL, 0 };

	body = verify_dkim_body(c->bodies, p->body, &p->s, &p->out->why);
	p->out->status = body;
	if (body != DKIM_PASS && body != DKIM_POLICY)
		return;
	verify_dkim_digest(c->header, p->raw, &p->s, digest);
	st = verify_dkim_key(c->v, c->b, &p->s, digest, c->a, &why);
	if (st == DKIM_PASS)
		return; /* then the body's word counts */
	p->out->status = st;
	p->out->why = why;
}

bool verify_dkim_usable(const struct dkim_signature *s, int64_t now_s,
                        struct str *why)
{
	if (s->algorithm == DKIM_RSA_SHA1)
		*why = STR("rsa-sha1 is not accepted");
	else if (s->expires_at_s && s->expires_at_s < now_s)
		*why = STR("the signature has expired");
	else if (s->signed_at_s > now_s + AHEAD_S)
		*why = STR("signed in the future");
	else
		return true;
	return false;
}

/* The first characters of b= as sent, which tell signatures of one domain
 * apart (RFC 6008). */
static struct str first_of_b(struct str raw, struct arena *a)
{
	struct dkim_tags *t = arena_alloc(a, sizeof(*t));
	char text[8];
	struct str b;
	size_t n = 0;

	if (!dkim_tags_parse(t, raw) || !dkim_tags_get(t, "b", &b))
		return (struct str){ NULL, 0 };
	for (size_t i = 0; i < b.n && n < sizeof(text); i++)
		if (ascii_is_alpha(b.p[i]) || ascii_is_digit(b.p[i]) ||
		    b.p[i] == '+' || b.p[i] == '/' || b.p[i] == '=')
			text[n++] = b.p[i];
	return arena_dup(a, (struct str){ text, n });
}

/* Read a field; true when its body and key are to be looked at. */
static bool begin(struct checking *c, struct str value, struct pending *p)
{
	struct verify_dkim *out = p->out;
	struct err err = ERR_INIT;

	*out = (struct verify_dkim){ .status = DKIM_PERMERROR };
	if (dkim_signature_parse(value, c->a, &p->s, &err) < 0) {
		out->why = arena_dup(c->a, str_z(err.text));
		return false;
	}
	out->domain = p->s.domain;
	out->selector = p->s.selector;
	out->identity = p->s.identity;
	out->algorithm = p->s.algorithm;
	out->b = first_of_b(value, c->a);
	if (!verify_dkim_usable(&p->s, c->now_s, &out->why))
		return false;
	p->body = dkim_bodies_add(c->bodies, p->s.body_canon, p->s.body_limit);
	return true;
}

static size_t find_signatures(struct checking *c,
                              struct pending p[VERIFY_DKIM_MAX],
                              struct verify_dkim_result *out)
{
	struct header_reader r = header_reader(c->header);
	const char *from = c->header.p;
	enum header_result got;
	struct header_field f;
	size_t n = 0;

	while ((got = header_next(&r, &f)) != HEADER_END) {
		struct str raw = { from, (size_t)(r.rest.p - from) };

		from = r.rest.p;
		if (got != HEADER_FIELD ||
		    !str_eq_case(f.name, STR("DKIM-Signature")))
			continue;
		if (out->n == VERIFY_DKIM_MAX) {
			out->skipped++;
			continue;
		}
		p[n].raw = raw;
		p[n].out = &out->v[out->n++];
		n += begin(c, f.raw, &p[n]);
	}
	return n;
}

void verify_dkim(struct verify *v, struct str header, struct str body,
                 struct verify_budget *b, struct arena *a,
                 struct verify_dkim_result *out)
{
	struct checking c = { .v = v,
		              .b = b,
		              .a = a,
		              .header = header,
		              .now_s = clock_wall_us() / US_PER_SEC,
		              .bodies = dkim_bodies_new(a) };
	struct pending p[VERIFY_DKIM_MAX];
	size_t n;

	*out = (struct verify_dkim_result){ .n = 0 };
	n = find_signatures(&c, p, out);
	if (n == 0)
		return;
	dkim_bodies_run(c.bodies, body);
	for (size_t i = 0; i < n; i++)
		finish(&c, &p[i]);
}
