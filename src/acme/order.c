/* From an order to a certificate (RFC 8555, 7.4). */
#include <string.h>

#include "acme/private.h"
#include "base/base64.h"
#include "crypto/certificate.h"
#include "crypto/hash.h"
#include "os/clock.h"
#include "wire/json/write.h"

#define POLL_FIRST_US US_PER_SEC
#define POLL_MOST_US  (15 * US_PER_SEC)
#define POLL_ALL_US   (3 * US_PER_MIN)
#define CHAIN_MAX     ((size_t)200 * 1024)

/* An order on its way; the views lie in the arena of the caller. */
struct order {
	struct acme_ca *ca;
	struct arena *a;
	struct str url;
	struct acme_order o;
};

static void keep(struct arena *a, struct str *s)
{
	*s = arena_dup(a, *s);
}

static void keep_order(struct order *o, const struct acme_reply *r)
{
	acme_order_read(json_root(r->doc), &o->o);
	for (size_t i = 0; i < o->o.n; i++)
		keep(o->a, &o->o.authorizations[i]);
	keep(o->a, &o->o.finalize);
	keep(o->a, &o->o.certificate);
	keep(o->a, &o->o.error.type);
	keep(o->a, &o->o.error.detail);
}

static int order_failed(const struct order *o, struct err *err)
{
	return err_set(err, ERR_DENIED, "the order failed: %.*s: %.*s",
	               STR_ARG(o->o.error.type), STR_ARG(o->o.error.detail));
}

/* ---- waiting ---- */

struct poll {
	int64_t us, until_us;
};

static struct poll poll_begin(void)
{
	return (struct poll){ POLL_FIRST_US, clock_real_us() + POLL_ALL_US };
}

/* As long as the authority says, else twice as long each time. */
static int poll_wait(struct acme_ca *ca, struct poll *p, int64_t said_s,
                     const char *what, struct err *err)
{
	int64_t us = said_s > 0 ? said_s * US_PER_SEC : p->us;

	if (us > POLL_MOST_US)
		us = POLL_MOST_US;
	if (clock_real_us() + us > p->until_us)
		return err_set(err, ERR_TIMEOUT,
		               "the authority did not finish %s", what);
	if (!acme_rest(ca, us))
		return err_set(err, ERR_CLOSED, "stopped");
	p->us *= 2;
	return 0;
}

/* ---- the order ---- */

static struct str write_order(struct acme_ca *ca, const struct str *names,
                              size_t n, struct str replaces, struct arena *a)
{
	struct json_writer w;
	struct str text;
	struct buf b;

	buf_init(&b, 64 * 1024);
	w = json_writer(&b);
	json_object(&w);
	json_key(&w, STR("identifiers"));
	json_array(&w);
	for (size_t i = 0; i < n; i++) {
		json_object(&w);
		json_member_z(&w, "type", "dns");
		json_member_str(&w, "value", names[i]);
		json_end(&w);
	}
	json_end(&w);
	/* RFC 9773, 5: so it does not count against limits. */
	if (replaces.n && ca->dir.renewal_info.n)
		json_member_str(&w, "replaces", replaces);
	json_end(&w);
	text = arena_dup(a, buf_str(&b));
	buf_deinit(&b);
	return text;
}

static int begin_order(struct order *o, const struct str *names, size_t n,
                       struct str replaces, struct err *err)
{
	struct str text = write_order(o->ca, names, n, replaces, o->a);
	struct acme_reply r;

	if (acme_post(o->ca, o->ca->dir.new_order, text, o->a, &r, err) < 0)
		return -1;
	if (r.doc && r.location.n) {
		o->url = arena_dup(o->a, r.location);
		keep_order(o, &r);
	}
	acme_reply_end(&r);
	return o->url.n ? 0
	                : err_set(err, ERR_INVALID,
	                          "the authority names no order");
}

/* ---- proofs ---- */

static const char *const kinds[] = {
	[ACME_HTTP] = "http-01",
	[ACME_TLS_ALPN] = "tls-alpn-01",
	[ACME_DNS] = "dns-01",
};

static void make_proof(const struct order *o,
                       const struct acme_authorization *auth,
                       const struct acme_challenge *c, struct acme_proof *out)
{
	char text[64];
	struct buf b;

	*out = (struct acme_proof){ .kind = o->ca->o.kind,
		                    .name = arena_dup(o->a, auth->name),
		                    .token = arena_dup(o->a, c->token) };
	out->key_authorization = arena_fmt(o->a, "%.*s.%.*s", STR_ARG(c->token),
	                                   STR_ARG(o->ca->thumbprint));
	hash_bytes(HASH_SHA256, out->key_authorization, out->digest);
	buf_init(&b, sizeof(text));
	base64_encode_url(&b, (struct str){ (char *)out->digest, 32 });
	out->record = arena_dup(o->a, buf_str(&b));
	buf_deinit(&b);
}

static int refused_proof(const struct acme_authorization *auth,
                         const char *kind, struct err *err)
{
	const struct acme_challenge *c = acme_challenge_find(auth, kind);

	return err_set(err, ERR_DENIED, "%.*s is not shown as ours: %.*s",
	               STR_ARG(auth->name),
	               STR_ARG(c ? c->error.detail : STR("")));
}

static int wait_for_proof(struct order *o, struct str url, struct err *err)
{
	const char *kind = kinds[o->ca->o.kind];
	struct poll p = poll_begin();
	struct acme_authorization auth;
	struct acme_reply r;
	int rc;

	for (;;) {
		if (acme_post(o->ca, url, STR(""), o->a, &r, err) < 0)
			return -1;
		rc = 1;
		if (!r.doc)
			rc = err_set(err, ERR_INVALID, "no authorization");
		else
			acme_authorization_read(json_root(r.doc), &auth);
		if (rc == 1 && auth.status == ACME_VALID)
			rc = 0;
		else if (rc == 1 && auth.status == ACME_INVALID)
			rc = refused_proof(&auth, kind, err);
		acme_reply_end(&r);
		if (rc <= 0)
			return rc;
		if (poll_wait(o->ca, &p, r.retry_after_s, "looking at a name",
		              err) < 0)
			return -1;
	}
}

/* Show it, say so, and wait for what the authority thinks. */
static int show(struct order *o, struct str url, struct str challenge_url,
                const struct acme_proof *proof, struct err *err)
{
	struct acme_reply r;
	int rc;

	if (o->ca->o.publish(o->ca->o.arg, proof, err) < 0)
		return -1;
	rc = acme_post(o->ca, challenge_url, STR("{}"), o->a, &r, err);
	if (rc == 0) {
		acme_reply_end(&r);
		rc = wait_for_proof(o, url, err);
	}
	o->ca->o.withdraw(o->ca->o.arg, proof);
	return rc;
}

static int authorize(struct order *o, struct str url, struct err *err)
{
	const char *kind = kinds[o->ca->o.kind];
	const struct acme_challenge *c = NULL;
	struct acme_authorization auth;
	struct acme_proof proof;
	struct acme_reply r;
	struct str challenge_url = STR("");
	int rc = 1;

	if (acme_post(o->ca, url, STR(""), o->a, &r, err) < 0)
		return -1;
	if (!r.doc) {
		acme_reply_end(&r);
		return err_set(err, ERR_INVALID, "no authorization");
	}
	acme_authorization_read(json_root(r.doc), &auth);
	if (auth.status == ACME_VALID)
		rc = 0;
	else
		c = acme_challenge_find(&auth, kind);
	if (rc == 1 && (!c || c->token.n == 0))
		rc = err_set(err, ERR_DENIED,
		             "the authority offers no %s for %.*s", kind,
		             STR_ARG(auth.name));
	if (rc == 1) {
		make_proof(o, &auth, c, &proof);
		challenge_url = arena_dup(o->a, c->url);
	}
	acme_reply_end(&r);
	return rc == 1 ? show(o, url, challenge_url, &proof, err) : rc;
}

/* ---- the end ---- */

static int poll_order(struct order *o, enum acme_status wanted, struct err *err)
{
	struct poll p = poll_begin();
	struct acme_reply r;

	while (o->o.status != wanted) {
		if (o->o.status == ACME_INVALID)
			return order_failed(o, err);
		if (acme_post(o->ca, o->url, STR(""), o->a, &r, err) < 0)
			return -1;
		if (r.doc)
			keep_order(o, &r);
		acme_reply_end(&r);
		/* Behind the one that is wanted is good, too. */
		if (o->o.status == wanted || o->o.status == ACME_VALID)
			return 0;
		if (o->o.status != ACME_INVALID &&
		    poll_wait(o->ca, &p, r.retry_after_s, "the order", err) < 0)
			return -1;
	}
	return 0;
}

static int finalize(struct order *o, const struct str *names, size_t n,
                    struct str key_name, struct err *err)
{
	struct acme_reply r;
	struct buf spki, csr, b;
	int rc;

	buf_init(&spki, 4096);
	buf_init(&csr, 32 * 1024);
	buf_init(&b, 64 * 1024);
	rc = keys_client_make(o->ca->o.keys, key_name, &spki, err);
	if (rc == 0)
		rc = certificate_request(buf_str(&spki), &o->ca->signer, names,
		                         n, &csr, err);
	if (rc == 0) {
		buf_add(&b, STR("{\"csr\":\""));
		base64_encode_url(&b, buf_str(&csr));
		buf_add(&b, STR("\"}"));
		rc = acme_post(o->ca, o->o.finalize, buf_str(&b), o->a, &r,
		               err);
	}
	if (rc == 0) {
		if (r.doc)
			keep_order(o, &r);
		acme_reply_end(&r);
	}
	buf_deinit(&b);
	buf_deinit(&csr);
	buf_deinit(&spki);
	return rc;
}

/* What it gives must be for all the names, with our key, and not over. */
static int check(struct order *o, struct str chain, const struct str *names,
                 size_t n, struct str key_name, struct err *err)
{
	unsigned char id[KEY_ID_SIZE];
	struct certificate_facts f;
	struct buf spki;
	int rc;

	buf_init(&spki, 4096);
	rc = keys_client_make(o->ca->o.keys, key_name, &spki, err);
	if (rc == 0)
		rc = certificate_read(chain, &f, err);
	if (rc == 0) {
		hash_bytes(HASH_SHA256, buf_str(&spki), id);
		if (memcmp(id, f.key_id, sizeof(id)) != 0)
			rc = err_set(err, ERR_INVALID,
			             "the certificate is for another key");
	}
	for (size_t i = 0; rc == 0 && i < n; i++)
		if (!str_starts(names[i], STR("*.")) &&
		    !certificate_is_for(chain, names[i]))
			rc = err_set(err, ERR_INVALID,
			             "the certificate is not for %.*s",
			             STR_ARG(names[i]));
	buf_deinit(&spki);
	return rc;
}

int acme_issue(struct acme_ca *ca, const struct str *names, size_t n,
               struct str key_name, struct str replaces, struct arena *a,
               struct str *chain_out, struct err *err)
{
	struct order o = { .ca = ca, .a = a, .url = STR("") };
	struct acme_reply r;

	ca->retry_after_s = 0;
	if (n == 0 || n > ACME_NAMES_MAX)
		return err_set(err, ERR_INVALID, "%zu names", n);
	if (begin_order(&o, names, n, replaces, err) < 0)
		return -1;
	for (size_t i = 0; o.o.status == ACME_PENDING && i < o.o.n; i++)
		if (authorize(&o, o.o.authorizations[i], err) < 0)
			return -1;
	if (poll_order(&o, ACME_READY, err) < 0 ||
	    (o.o.status == ACME_READY &&
	     finalize(&o, names, n, key_name, err) < 0) ||
	    poll_order(&o, ACME_VALID, err) < 0 ||
	    acme_post(ca, o.o.certificate, STR(""), a, &r, err) < 0)
		return -1;
	acme_reply_end(&r);
	if (r.body.n > CHAIN_MAX)
		return err_set(err, ERR_TOO_BIG, "a chain of %zu bytes",
		               r.body.n);
	*chain_out = r.body;
	return check(&o, r.body, names, n, key_name, err);
}

int acme_window(struct acme_ca *ca, const char *ari, struct arena *a,
                struct acme_window *out, int64_t *again_s, struct err *err)
{
	struct acme_reply r;
	int rc;

	*again_s = 0;
	if (ca->dir.renewal_info.n == 0 || !ari[0])
		return err_set(err, ERR_NOT_FOUND, "no renewal information");
	if (acme_get(ca,
	             arena_fmt(a, "%.*s/%s", STR_ARG(ca->dir.renewal_info),
	                       ari),
	             a, &r, err) < 0)
		return -1;
	rc = r.doc && acme_window_read(json_root(r.doc), out)
	             ? 0
	             : err_set(err, ERR_INVALID, "no window for renewal");
	if (rc == 0)
		out->explanation = arena_dup(a, out->explanation);
	*again_s = r.retry_after_s;
	acme_reply_end(&r);
	return rc;
}
