/* The account, and how it talks: signed requests with nonces. */
#include "acme/ca.h"

#include <arpa/inet.h>
#include <string.h>

#include "acme/private.h"
#include "base/base64.h"
#include "base/mem.h"
#include "crypto/certificate.h"
#include "crypto/hash.h"
#include "fetch/fetch.h"
#include "os/clock.h"
#include "wire/json/write.h"

#define TIMEOUT_US  (30 * US_PER_SEC)
#define DNS_US      (10 * US_PER_SEC)
#define ANSWER_MAX  ((size_t)256 * 1024)
#define NONCE_TRIES 10 /* authorities refuse good ones now and then */
#define REST_US     (100 * US_PER_MS)

bool acme_rest(struct acme_ca *ca, int64_t us)
{
	while (us > 0 && !(ca->o.stop && ca->o.stop(ca->o.arg))) {
		clock_sleep_us(us < REST_US ? us : REST_US);
		us -= REST_US;
	}
	return !(ca->o.stop && ca->o.stop(ca->o.arg));
}

/* ---- where it is ---- */

/* "ca.example" of "https://ca.example:14000/dir"; "" when it needs no
 * look-up. */
static struct str host_of(struct str url)
{
	size_t at = str_find(url, STR("://")), n = 0;
	struct str s;

	if (at == STR_NPOS)
		return STR("");
	s = str_from(url, at + 3);
	while (n < s.n && s.p[n] != '/' && s.p[n] != ':' && s.p[n] != '?')
		n++;
	s = str_to(s, n);
	if (str_eq(s, STR("localhost")) || (s.n && s.p[0] == '[') ||
	    (s.n && ascii_is_digit(s.p[s.n - 1])))
		return STR("");
	return s;
}

static bool address_text(struct str rdata, struct arena *a, struct str *out)
{
	char text[INET6_ADDRSTRLEN];

	if ((rdata.n != 4 && rdata.n != 16) ||
	    !inet_ntop(rdata.n == 4 ? AF_INET : AF_INET6, rdata.p, text,
	               sizeof(text)))
		return false;
	*out = arena_dup(a, str_z(text));
	return true;
}

static void add_addresses(struct acme_ca *ca, struct str host,
                          enum dns_type type, struct str *out, size_t *n,
                          struct arena *a)
{
	struct dns_answer ans;

	dns_lookup(ca->o.dns, host, type, DNS_US, a, &ans);
	for (size_t i = 0;
	     ans.status == DNS_OK && i < ans.n && *n < FETCH_ADDRESSES_MAX; i++)
		if (address_text(ans.rdata[i], a, &out[*n]))
			++*n;
}

static int find_host(struct acme_ca *ca, struct str url, struct str *out,
                     size_t *n, struct arena *a, struct err *err)
{
	struct str host = host_of(url);

	*n = 0;
	if (host.n == 0)
		return 0;
	if (!ca->o.dns)
		return err_set(err, ERR_TEMP, "no resolver");
	add_addresses(ca, host, DNS_A, out, n, a);
	add_addresses(ca, host, DNS_AAAA, out, n, a);
	if (*n == 0)
		return err_set(err, ERR_TEMP, "%.*s has no address now",
		               STR_ARG(host));
	return 0;
}

/* ---- requests ---- */

static int64_t read_seconds(struct str s)
{
	uint64_t v;

	/* A date is possible, too; then the usual waiting has to do. */
	return str_to_u64(s, 86400 * 7, &v) ? (int64_t)v : 0;
}

static int request(struct acme_ca *ca, struct str url, const struct str *body,
                   struct arena *a, struct acme_reply *out, struct err *err)
{
	static const char *const wanted[] = { "Location", "Replay-Nonce",
		                              "Retry-After" };
	static const struct str headers[] = { STR_INIT(
		"Content-Type: application/jose+json") };
	struct str addresses[FETCH_ADDRESSES_MAX];
	struct fetch_request q = {
		.url = url,
		.addresses = addresses,
		.timeout_us = TIMEOUT_US,
		.size_max = ANSWER_MAX,
		.ca_file = ca->o.ca_file,
		.wanted = wanted,
		.wanted_n = 3,
	};
	struct err ignored = ERR_INIT;
	struct fetch_answer ans;

	*out = (struct acme_reply){ .doc = NULL };
	if (!str_starts(url, STR("https://")))
		return err_set(err, ERR_INVALID, "\"%.*s\" is no https URL",
		               STR_ARG(str_to(url, url.n < 100 ? url.n : 100)));
	if (body) {
		q.post = true;
		q.body = *body;
		q.headers = headers;
		q.headers_n = 1;
	}
	if (find_host(ca, url, addresses, &q.addresses_n, a, err) < 0 ||
	    fetch(&q, a, &ans, err) < 0)
		return err_prefix(err, "acme");
	out->status = ans.status;
	out->body = ans.body;
	out->location = ans.found[0];
	out->nonce = ans.found[1];
	out->retry_after_s = read_seconds(ans.found[2]);
	if (out->nonce.n && out->nonce.n < sizeof(ca->nonce)) {
		memcpy(ca->nonce, out->nonce.p, out->nonce.n);
		ca->nonce[out->nonce.n] = '\0';
	}
	if (str_find(ans.type, STR("json")) != STR_NPOS &&
	    json_parse(&out->doc, ans.body, &acme_limits, &ignored) < 0)
		out->doc = NULL;
	return 0;
}

void acme_reply_end(struct acme_reply *r)
{
	json_free(&r->doc);
}

/* What an answer of 4xx or 5xx says. */
static int refused(struct acme_ca *ca, const struct acme_reply *r,
                   struct err *err)
{
	struct acme_problem p = { STR(""), STR("") };
	enum err_kind kind = r->status >= 500 ? ERR_TEMP : ERR_DENIED;

	if (r->doc)
		acme_problem_read(json_root(r->doc), &p);
	ca->retry_after_s = r->retry_after_s;
	if (r->status == 429 || str_eq(p.type, STR("rateLimited")))
		kind = ERR_TEMP;
	if (str_eq(p.type, STR("badNonce")) ||
	    str_eq(p.type, STR("serverInternal")))
		kind = ERR_TEMP;
	return err_set(err, kind, "the authority says %u %.*s: %.*s", r->status,
	               STR_ARG(p.type), STR_ARG(p.detail));
}

int acme_get(struct acme_ca *ca, struct str url, struct arena *a,
             struct acme_reply *out, struct err *err)
{
	if (request(ca, url, NULL, a, out, err) < 0)
		return -1;
	if (out->status < 400)
		return 0;
	(void)refused(ca, out, err);
	acme_reply_end(out);
	return -1;
}

/* ---- signatures ---- */

static int sign(struct acme_ca *ca, struct str text, unsigned char out[64],
                struct err *err)
{
	unsigned char digest[32], der[KEY_SIGNATURE_MAX];
	size_t n;

	hash_bytes(HASH_SHA256, text, digest);
	if (keys_client_sign(ca->o.keys, ca->key_id, KEY_ECDSA, KEY_SHA256,
	                     (struct str){ (const char *)digest, 32 }, der, &n,
	                     err) < 0)
		return -1;
	return certificate_raw_signature((struct str){ (char *)der, n }, out,
	                                 err);
}

/* RFC 8555, 6.2: who signs, for which URL, with which nonce. */
static struct str protected_header(struct acme_ca *ca, struct str url,
                                   struct arena *a)
{
	struct json_writer w;
	struct buf b, out;
	struct str got;

	buf_init(&b, 8192);
	buf_init(&out, 12288);
	w = json_writer(&b);
	json_object(&w);
	json_member_z(&w, "alg", "ES256");
	json_member_z(&w, "nonce", ca->nonce);
	json_member_str(&w, "url", url);
	if (ca->kid.n) {
		json_member_str(&w, "kid", ca->kid);
	} else {
		json_key(&w, STR("jwk"));
		json_raw(&w, ca->jwk);
	}
	json_end(&w);
	base64_encode_url(&out, buf_str(&b));
	got = arena_dup(a, buf_str(&out));
	buf_deinit(&out);
	buf_deinit(&b);
	return got;
}

static int make_jws(struct acme_ca *ca, struct str url, struct str payload,
                    struct arena *a, struct str *out, struct err *err)
{
	struct str head = protected_header(ca, url, a), text;
	unsigned char sig[64];
	struct buf b;
	int rc;

	buf_init(&b, ANSWER_MAX);
	base64_encode_url(&b, payload);
	text = arena_fmt(a, "%.*s.%.*s", STR_ARG(head), STR_ARG(buf_str(&b)));
	buf_reset(&b);
	rc = sign(ca, text, sig, err);
	if (rc == 0) {
		acme_jws(&b, head, str_from(text, head.n + 1),
		         (struct str){ (char *)sig, sizeof(sig) });
		*out = arena_dup(a, buf_str(&b));
	}
	buf_deinit(&b);
	return rc;
}

static int fresh_nonce(struct acme_ca *ca, struct arena *a, struct err *err)
{
	struct acme_reply r;

	if (ca->nonce[0])
		return 0;
	if (acme_get(ca, ca->dir.new_nonce, a, &r, err) < 0)
		return -1;
	acme_reply_end(&r);
	return ca->nonce[0]
	               ? 0
	               : err_set(err, ERR_TEMP, "the authority gives no nonce");
}

int acme_post(struct acme_ca *ca, struct str url, struct str payload,
              struct arena *a, struct acme_reply *out, struct err *err)
{
	struct str body;
	struct acme_problem p;

	for (int i = 0; i < NONCE_TRIES; i++) {
		if (fresh_nonce(ca, a, err) < 0 ||
		    make_jws(ca, url, payload, a, &body, err) < 0)
			return -1;
		ca->nonce[0] = '\0'; /* for one use */
		if (request(ca, url, &body, a, out, err) < 0)
			return -1;
		if (out->status < 400)
			return 0;
		if (out->doc) {
			acme_problem_read(json_root(out->doc), &p);
			if (str_eq(p.type, STR("badNonce")) &&
			    i + 1 < NONCE_TRIES) {
				acme_reply_end(out);
				continue;
			}
		}
		break;
	}
	(void)refused(ca, out, err);
	acme_reply_end(out);
	return -1;
}

/* ---- the account ---- */

static int read_key(struct acme_ca *ca, struct err *err)
{
	unsigned char xy[64], digest[32];
	struct buf spki, b;
	int rc;

	buf_init(&spki, 4096);
	buf_init(&b, 1024);
	rc = keys_client_make(ca->o.keys, STR("acme-account"), &spki, err);
	if (rc == 0)
		rc = certificate_point(buf_str(&spki), xy, err);
	if (rc == 0) {
		hash_bytes(HASH_SHA256, buf_str(&spki), ca->key_id);
		acme_jwk(&b, xy);
		ca->jwk = arena_dup(&ca->arena, buf_str(&b));
		hash_bytes(HASH_SHA256, ca->jwk, digest);
		buf_reset(&b);
		base64_encode_url(&b, (struct str){ (char *)digest, 32 });
		ca->thumbprint = arena_dup(&ca->arena, buf_str(&b));
	}
	buf_deinit(&b);
	buf_deinit(&spki);
	return rc;
}

static int read_directory(struct acme_ca *ca, struct err *err)
{
	struct acme_reply r;
	bool ok;

	if (acme_get(ca, str_z(ca->o.directory), &ca->arena, &r, err) < 0)
		return -1;
	ok = r.doc && acme_directory_read(json_root(r.doc), &ca->dir);
	if (ok) {
		ca->dir.new_nonce = arena_dup(&ca->arena, ca->dir.new_nonce);
		ca->dir.new_account =
			arena_dup(&ca->arena, ca->dir.new_account);
		ca->dir.new_order = arena_dup(&ca->arena, ca->dir.new_order);
		ca->dir.renewal_info =
			arena_dup(&ca->arena, ca->dir.renewal_info);
		ca->dir.terms = arena_dup(&ca->arena, ca->dir.terms);
	}
	acme_reply_end(&r);
	return ok ? 0
	          : err_set(err, ERR_INVALID, "%s is no directory of ACME",
	                    ca->o.directory);
}

/* RFC 8555, 7.3.4: our key, signed with the one the authority gave. */
static int write_binding(struct acme_ca *ca, struct json_writer *w,
                         struct err *err)
{
	struct str head, text, kid = str_z(ca->o.eab_kid);
	struct buf secret, b;
	unsigned char mac[32];
	struct json_writer h;
	int rc = 0;

	buf_init(&secret, 1024);
	buf_init(&b, 8192);
	if (!base64_decode_url(&secret, str_z(ca->o.eab_key)) || secret.n == 0)
		rc = err_set(err, ERR_INVALID, "acme.eab_key is no base64url");
	if (rc == 0) {
		h = json_writer(&b);
		json_object(&h);
		json_member_z(&h, "alg", "HS256");
		json_member_str(&h, "kid", kid);
		json_member_str(&h, "url", ca->dir.new_account);
		json_end(&h);
		head = arena_dup(&ca->arena, buf_str(&b));
		buf_reset(&b);
		base64_encode_url(&b, head);
		head = arena_dup(&ca->arena, buf_str(&b));
		buf_add_c(&b, '.');
		base64_encode_url(&b, ca->jwk);
		text = arena_dup(&ca->arena, buf_str(&b));
		hash_hmac(HASH_SHA256, buf_str(&secret), text, mac);
		buf_reset(&b);
		acme_jws(&b, head, str_from(text, head.n + 1),
		         (struct str){ (char *)mac, sizeof(mac) });
		json_key(w, STR("externalAccountBinding"));
		json_raw(w, buf_str(&b));
	}
	if (secret.p)
		mem_wipe(secret.p, secret.n);
	buf_deinit(&secret);
	buf_deinit(&b);
	return rc;
}

/* The authority knows the key, or makes an account for it (7.3). */
static int find_account(struct acme_ca *ca, struct err *err)
{
	struct acme_reply r;
	struct json_writer w;
	struct buf b;
	int rc = 0;

	if (ca->dir.eab && !ca->o.eab_kid[0])
		return err_set(err, ERR_INVALID,
		               "the authority asks for acme.eab_kid and "
		               "acme.eab_key");
	buf_init(&b, 16384);
	w = json_writer(&b);
	json_object(&w);
	json_member_bool(&w, "termsOfServiceAgreed", true);
	if (ca->o.contact[0]) {
		json_key(&w, STR("contact"));
		json_array(&w);
		json_str(&w, arena_fmt(&ca->arena, "mailto:%s", ca->o.contact));
		json_end(&w);
	}
	if (ca->o.eab_kid[0])
		rc = write_binding(ca, &w, err);
	json_end(&w);
	if (rc == 0)
		rc = acme_post(ca, ca->dir.new_account, buf_str(&b), &ca->arena,
		               &r, err);
	buf_deinit(&b);
	if (rc < 0)
		return -1;
	ca->kid = arena_dup(&ca->arena, r.location);
	acme_reply_end(&r);
	return ca->kid.n ? 0
	                 : err_set(err, ERR_INVALID,
	                           "the authority names no account");
}

int acme_ca_open(struct acme_ca **out, const struct acme_options *o,
                 struct err *err)
{
	struct acme_ca *ca = mem_zalloc(sizeof(*ca));

	ca->o = *o;
	ca->signer = keys_client_signer(o->keys);
	arena_init(&ca->arena);
	if (read_key(ca, err) < 0 || read_directory(ca, err) < 0 ||
	    find_account(ca, err) < 0) {
		acme_ca_close(&ca);
		return -1;
	}
	*out = ca;
	return 0;
}

void acme_ca_close(struct acme_ca **cap)
{
	struct acme_ca *ca = *cap;

	if (!ca)
		return;
	arena_deinit(&ca->arena);
	mem_free(ca);
	*cap = NULL;
}

int64_t acme_retry_after(const struct acme_ca *ca)
{
	return ca->retry_after_s;
}
