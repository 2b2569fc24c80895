#include "verify/sign.h"

#include <pthread.h>
#include <string.h>

#include "base/base64.h"
#include "base/map.h"
#include "base/mem.h"
#include "crypto/hash.h"
#include "keys/client.h"
#include "os/clock.h"
#include "os/random.h"
#include "verify/dkim.h"
#include "wire/message/field.h"

#define REMEMBER_US    US_PER_MIN
#define REMEMBERED_MAX 10000
#define LINE           72
#define HEADER_MAX     ((size_t)1024 * 1024)

/* `once_more`: with one mention more than there are fields. */
static const struct {
	enum field_id id;
	bool once_more;
} signed_fields[] = {
	{ FIELD_FROM, true },
	{ FIELD_SUBJECT, true },
	{ FIELD_DATE, true },
	{ FIELD_TO, true },
	{ FIELD_CC, true },
	{ FIELD_REPLY_TO, true },
	{ FIELD_MESSAGE_ID, true },
	{ FIELD_SENDER, false },
	{ FIELD_IN_REPLY_TO, false },
	{ FIELD_REFERENCES, false },
	{ FIELD_MIME_VERSION, true },
	{ FIELD_CONTENT_TYPE, true },
	{ FIELD_CONTENT_ENCODING, true },
	{ FIELD_LIST_ID, false },
	{ FIELD_LIST_UNSUBSCRIBE, false },
	{ FIELD_LIST_UNSUBSCRIBE_POST, false },
	{ FIELD_AUTO_SUBMITTED, false },
};

#define SIGNED_FIELDS (sizeof(signed_fields) / sizeof(signed_fields[0]))

/* ---- which keys ---- */

struct remembered {
	int64_t until_us;
	struct keys_dkim v[KEYS_DKIM_MAX];
	size_t n;
};

struct signer {
	struct keys_client *keys;
	pthread_mutex_t lock;
	struct map domains; /* -> struct remembered */
};

struct signer *signer_new(struct keys_client *keys)
{
	struct signer *s = mem_zalloc(sizeof(*s));

	s->keys = keys;
	(void)pthread_mutex_init(&s->lock, NULL);
	map_init(&s->domains, random_u64());
	return s;
}

static bool drop(void *arg, void *value)
{
	(void)arg;
	mem_free(value);
	return false;
}

void signer_free(struct signer **sp)
{
	struct signer *s = *sp;

	if (!s)
		return;
	map_sweep(&s->domains, drop, NULL);
	map_deinit(&s->domains);
	(void)pthread_mutex_destroy(&s->lock);
	mem_free(s);
	*sp = NULL;
}

static bool recall(struct signer *s, struct str domain, struct remembered *out)
{
	struct remembered *r;
	bool good;

	(void)pthread_mutex_lock(&s->lock);
	r = map_get(&s->domains, domain);
	good = r && clock_steady_us() < r->until_us;
	if (good)
		*out = *r;
	(void)pthread_mutex_unlock(&s->lock);
	return good;
}

static void remember(struct signer *s, struct str domain,
                     const struct remembered *r)
{
	struct remembered *copy = mem_alloc(sizeof(*copy)), *old;

	*copy = *r;
	(void)pthread_mutex_lock(&s->lock);
	if (s->domains.n >= REMEMBERED_MAX)
		map_sweep(&s->domains, drop, NULL);
	old = map_put(&s->domains, domain, copy);
	(void)pthread_mutex_unlock(&s->lock);
	mem_free(old);
}

static int keys_of(struct signer *s, struct str domain, struct remembered *out,
                   struct err *err)
{
	if (recall(s, domain, out))
		return 0;
	*out = (struct remembered){ .until_us =
		                            clock_steady_us() + REMEMBER_US };
	if (keys_client_dkim_list(s->keys, domain, out->v, &out->n, err) < 0)
		return -1;
	remember(s, domain, out);
	return 0;
}

/* ---- the field ---- */

/* Add a piece on this line or the next. */
static void add_folded(struct buf *out, size_t *column, struct str piece)
{
	if (*column + piece.n > LINE) {
		buf_add(out, STR("\r\n\t"));
		*column = 8;
	}
	buf_add(out, piece);
	*column += piece.n;
}

static size_t list_names(const struct field_index *ix,
                         struct str names[DKIM_HEADERS_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < SIGNED_FIELDS; i++) {
		enum field_id id = signed_fields[i].id;
		size_t times = ix->count[id] + signed_fields[i].once_more;

		/* A header full of one field is not worth more. */
		for (size_t k = 0; k < times && k < 10; k++)
			names[n++] = field_name(id);
	}
	return n;
}

static void add_base64(struct buf *out, size_t column, struct str bytes)
{
	struct buf text;
	struct str rest;

	buf_init(&text, bytes.n * 2 + 8);
	base64_encode(&text, bytes);
	rest = buf_str(&text);
	while (rest.n > 0) {
		size_t room = column < LINE ? LINE - column : 0;
		size_t n = rest.n < room ? rest.n : room;

		buf_add(out, str_to(rest, n));
		rest = str_from(rest, n);
		if (rest.n > 0) {
			buf_add(out, STR("\r\n\t"));
			column = 8;
		}
	}
	buf_deinit(&text);
}

struct signing {
	struct str domain, header;
	const unsigned char *body_hash;
	int64_t now_s;
	struct str names[DKIM_HEADERS_MAX];
	size_t n_names;
};

/* All of it up to "b=". */
static void write_field(const struct signing *g, const struct keys_dkim *k,
                        struct buf *out)
{
	size_t column = 9;

	buf_fmt(out,
	        "DKIM-Signature: v=1; a=%s; c=relaxed/relaxed;\r\n"
	        "\td=%.*s; s=%s;\r\n\tt=%lld; ",
	        k->ed25519 ? "ed25519-sha256" : "rsa-sha256",
	        STR_ARG(g->domain), k->selector, (long long)g->now_s);
	column += 16;
	for (size_t i = 0; i < g->n_names; i++) {
		add_folded(out, &column, i ? STR(":") : STR("h="));
		add_folded(out, &column, g->names[i]);
	}
	buf_add(out, STR(";\r\n\tbh="));
	add_base64(out, 11, (struct str){ (const char *)g->body_hash, 32 });
	buf_add(out, STR(";\r\n\tb="));
}

static int sign_one(struct signer *s, const struct signing *g,
                    const struct keys_dkim *k, struct buf *out, struct err *err)
{
	unsigned char digest[32], sig[KEY_SIGNATURE_MAX];
	struct buf field, text;
	size_t n = 0;
	int rc;

	buf_init(&field, VERIFY_SIGN_MAX);
	buf_init(&text, HEADER_MAX);
	write_field(g, k, &field);
	dkim_signed_headers(g->header, g->names, g->n_names, DKIM_RELAXED,
	                    &text);
	dkim_header_canon(DKIM_RELAXED, buf_str(&field), false, &text);
	if (buf_overflow(&field) || buf_overflow(&text)) {
		rc = err_set(err, ERR_TOO_BIG, "the header is too long");
	} else {
		hash_bytes(HASH_SHA256, buf_str(&text), digest);
		rc = keys_client_dkim_sign(s->keys, g->domain, k->selector,
		                           digest, sig, &n, err);
	}
	if (rc == 0) {
		add_base64(&field, 10, (struct str){ (char *)sig, n });
		buf_add(&field, STR("\r\n"));
		buf_add(out, buf_str(&field));
	}
	buf_deinit(&field);
	buf_deinit(&text);
	return rc;
}

int verify_sign(struct signer *s, struct str domain, struct str header,
                struct str body, int64_t now_s, struct buf *out,
                struct err *err)
{
	struct signing *g;
	struct dkim_bodies *bodies;
	struct field_index ix;
	struct remembered keys;
	struct arena a;
	uint64_t length;
	int rc;

	field_index_make(header, &ix);
	if (ix.count[FIELD_FROM] == 0)
		return 0;
	if (keys_of(s, domain, &keys, err) < 0)
		return -1;
	arena_init(&a);
	bodies = dkim_bodies_new(&a);
	(void)dkim_bodies_add(bodies, DKIM_RELAXED, UINT64_MAX);
	dkim_bodies_run(bodies, body);
	g = arena_zalloc(&a, sizeof(*g));
	g->domain = domain;
	g->header = header;
	g->now_s = now_s;
	g->body_hash = dkim_bodies_get(bodies, 0, &length);
	g->n_names = list_names(&ix, g->names);
	rc = 0;
	for (size_t i = 0; rc == 0 && i < keys.n; i++)
		rc = sign_one(s, g, &keys.v[i], out, err);
	arena_deinit(&a);
	return rc;
}
