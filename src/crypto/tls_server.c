/*
 * One SSL_CTX serves all names.  A certificate is put into the connection
 * when its name is known (the certificate callback): an SSL_CTX of its own
 * for each name would cost a hundred kilobytes each.
 */
#include "crypto/tls_server.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "crypto/internal.h"
#include "crypto/tls_internal.h"
#include "os/file.h"
#include "os/random.h"

#define NAMES_MAX  1000
#define CHAIN_MAX  10
#define PEM_MAX    ((size_t)256 * 1024)
#define CIPHERS    "ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM:ECDHE+AES:!aNULL"
#define TLS_GROUPS "X25519:P-256:P-384"
#define SESSION_ID "posthus"

/* A certificate with its key; connections and the table share it. */
struct identity {
	atomic_uint refs;
	X509 *cert;
	STACK_OF(X509) * chain;
	EVP_PKEY *key;

	/* In the table of names: the one used last is first. */
	char *name;
	struct identity *newer, *older;
};

struct tls_server {
	SSL_CTX *ctx;
	struct tls_options o;
	unsigned char *alpn; /* as on the wire */
	unsigned int alpn_n;

	pthread_mutex_t lock;
	struct identity *fallback;
	struct map names;
	struct identity *newest, *oldest;
	uint64_t epoch; /* raised by tls_server_forget() */
};

static struct identity *hold(struct identity *id)
{
	if (id)
		(void)atomic_fetch_add(&id->refs, 1);
	return id;
}

static void drop(struct identity *id)
{
	if (!id || atomic_fetch_sub(&id->refs, 1) != 1)
		return;
	X509_free(id->cert);
	sk_X509_pop_free(id->chain, X509_free);
	EVP_PKEY_free(id->key);
	mem_free(id->name);
	mem_free(id);
}

/* ---- reading an identity ---- */

static int read_chain(struct identity *id, struct str pem, struct err *err)
{
	BIO *b = BIO_new_mem_buf(pem.p ? pem.p : "", (int)pem.n);
	X509 *x;
	int n = 0;

	id->chain = sk_X509_new_null();
	if (!b || !id->chain)
		err_die("no memory for certificates");
	while (n <= CHAIN_MAX && (x = PEM_read_bio_X509(b, NULL, NULL, NULL))) {
		if (n++ == 0)
			id->cert = x;
		else if (sk_X509_push(id->chain, x) <= 0)
			err_die("no memory for certificates");
	}
	BIO_free(b);
	if (n == 0)
		return crypto_fail(err, ERR_INVALID, "not a certificate");
	ERR_clear_error(); /* "no start line": the end */
	if (n > CHAIN_MAX)
		return err_set(err, ERR_TOO_BIG, "over %d certificates",
		               CHAIN_MAX);
	return 0;
}

static int read_key(struct identity *id, struct str pem,
                    const struct tls_signer *signer, struct err *err)
{
	struct key *k;

	if (pem.n == 0 && !signer)
		return err_set(err, ERR_INVALID, "no private key");
	if (pem.n == 0) {
		id->key = crypto_remote_key(id->cert, signer, err);
		return id->key ? 0 : -1;
	}
	if (key_from_pem(pem, &k, err) < 0)
		return -1;
	id->key = k->pkey;
	k->pkey = NULL;
	key_free(&k);
	if (X509_check_private_key(id->cert, id->key) != 1)
		return crypto_fail(err, ERR_INVALID,
		                   "key and certificate do not match");
	return 0;
}

static struct identity *identity_new(const struct tls_identity *from,
                                     const struct tls_signer *signer,
                                     struct err *err)
{
	struct identity *id;

	if (from->chain_pem.n > PEM_MAX || from->key_pem.n > PEM_MAX) {
		(void)err_set(err, ERR_TOO_BIG, "over %zu bytes of PEM",
		              PEM_MAX);
		return NULL;
	}
	id = mem_zalloc(sizeof(*id));
	atomic_store(&id->refs, 1);
	if (read_chain(id, from->chain_pem, err) < 0 ||
	    read_key(id, from->key_pem, signer, err) < 0) {
		drop(id);
		return NULL;
	}
	return id;
}

/* ---- the names used last; all under the lock ---- */

static void unlink_name(struct tls_server *s, struct identity *id)
{
	if (id->newer)
		id->newer->older = id->older;
	else
		s->newest = id->older;
	if (id->older)
		id->older->newer = id->newer;
	else
		s->oldest = id->newer;
	id->newer = NULL;
	id->older = NULL;
}

static void link_newest(struct tls_server *s, struct identity *id)
{
	id->older = s->newest;
	if (s->newest)
		s->newest->newer = id;
	else
		s->oldest = id;
	s->newest = id;
}

static void remove_name(struct tls_server *s, struct identity *id)
{
	(void)map_remove(&s->names, str_z(id->name));
	unlink_name(s, id);
	drop(id);
}

static struct identity *find_name(struct tls_server *s, struct str name)
{
	struct identity *id = map_get(&s->names, name);

	if (!id)
		return NULL;
	unlink_name(s, id);
	link_newest(s, id);
	return hold(id);
}

static void add_name(struct tls_server *s, struct str name, struct identity *id)
{
	struct identity *old = map_get(&s->names, name);

	if (old)
		remove_name(s, old);
	while (s->names.n >= s->o.names_max && s->oldest)
		remove_name(s, s->oldest);
	id->name = mem_dup(name.p, name.n);
	(void)map_put(&s->names, name, hold(id));
	link_newest(s, id);
}

/* ---- choosing ---- */

static struct identity *load(struct tls_server *s, struct str name)
{
	struct tls_identity found = { .chain_pem = { NULL, 0 } };
	struct identity *id = NULL;
	struct arena a;
	struct err err;
	uint64_t epoch;

	(void)pthread_mutex_lock(&s->lock);
	epoch = s->epoch;
	(void)pthread_mutex_unlock(&s->lock);
	arena_init(&a);
	if (s->o.load(s->o.load_arg, name, &a, &found, &err) == 0)
		id = identity_new(&found, s->o.signer, &err);
	arena_deinit(&a);
	if (!id)
		return NULL;
	(void)pthread_mutex_lock(&s->lock);
	if (epoch == s->epoch)
		add_name(s, name, id);
	(void)pthread_mutex_unlock(&s->lock);
	return id;
}

static struct identity *find_or_load(struct tls_server *s, struct str name)
{
	struct identity *id;

	(void)pthread_mutex_lock(&s->lock);
	id = find_name(s, name);
	(void)pthread_mutex_unlock(&s->lock);
	return id ? id : load(s, name);
}

static struct identity *by_name(struct tls_server *s, struct str name)
{
	char wild[TLS_NAME_MAX + 2] = "*";
	size_t dot = str_chr(name, '.');
	struct identity *id;

	if (!s->o.load || name.n == 0)
		return NULL;
	id = find_or_load(s, name);
	if (id || dot == STR_NPOS || dot == 0 ||
	    str_chr(str_from(name, dot + 1), '.') == STR_NPOS)
		return id;
	memcpy(wild + 1, name.p + dot, name.n - dot);
	return find_or_load(s, (struct str){ wild, name.n - dot + 1 });
}

size_t tls_name_clean(const char *sent, char out[TLS_NAME_MAX + 1])
{
	size_t n = sent ? strlen(sent) : 0;

	/* Some clients send the name with the dot of its root. */
	if (n > 0 && sent[n - 1] == '.')
		n--;
	out[0] = '\0';
	if (n > TLS_NAME_MAX)
		return 0;
	for (size_t i = 0; i < n; i++) {
		char c = ascii_lower(sent[i]);

		/* It may become part of a file's name. */
		if (!ascii_is_alpha(c) && !ascii_is_digit(c) && c != '-' &&
		    c != '_' && (c != '.' || i == 0 || sent[i - 1] == '.')) {
			out[0] = '\0';
			return 0;
		}
		out[i] = c;
	}
	out[n] = '\0';
	return n;
}

/* ---- challenges ---- */

#define CHALLENGE_ALPN \
	"\x0a"         \
	"acme-tls/1"

/* It names this protocol alone (RFC 8737, 3). */
static bool is_challenge(SSL *ssl)
{
	const unsigned char *p;
	size_t n;

	/* Behind the list's length. */
	return SSL_client_hello_get0_ext(
		       ssl, TLSEXT_TYPE_application_layer_protocol_negotiation,
		       &p, &n) == 1 &&
	       n == 2 + sizeof(CHALLENGE_ALPN) - 1 &&
	       memcmp(p + 2, CHALLENGE_ALPN, sizeof(CHALLENGE_ALPN) - 1) == 0;
}

static int hello(SSL *ssl, int *alert, void *arg)
{
	static int challenged; /* its address says yes */

	(void)alert;
	(void)arg;
	/* What comes later sees no extensions any more. */
	(void)SSL_set_app_data(ssl, is_challenge(ssl) ? &challenged : NULL);
	return SSL_CLIENT_HELLO_SUCCESS;
}

static struct identity *find_challenge(struct tls_server *s, struct str name)
{
	struct tls_identity found = { .chain_pem = { NULL, 0 } };
	struct identity *id = NULL;
	struct arena a;
	struct err err;

	arena_init(&a);
	if (s->o.load_challenge(s->o.load_arg, name, &a, &found, &err) == 0)
		id = identity_new(&found, s->o.signer, &err);
	arena_deinit(&a);
	return id;
}

static int choose(SSL *ssl, void *arg)
{
	struct tls_server *s = arg;
	char name[TLS_NAME_MAX + 1];
	size_t n = tls_name_clean(SSL_get_servername(ssl,
	                                             TLSEXT_NAMETYPE_host_name),
	                          name);
	bool challenge = s->o.load_challenge && SSL_get_app_data(ssl);
	struct identity *id =
		challenge ? find_challenge(s, (struct str){ name, n })
			  : by_name(s, (struct str){ name, n });
	int ok;

	if (!id && challenge)
		return 0;
	if (!id) {
		(void)pthread_mutex_lock(&s->lock);
		id = hold(s->fallback);
		(void)pthread_mutex_unlock(&s->lock);
	}
	if (!id)
		return 0;
	ok = SSL_use_cert_and_key(ssl, id->cert, id->key, id->chain, 1);
	drop(id);
	return ok;
}

/* The name is taken note of; choose() uses it. */
/* NOLINTNEXTLINE(readability-non-const-parameter): OpenSSL calls it. */
static int accept_name(SSL *ssl, int *alert, void *arg)
{
	(void)ssl;
	(void)alert;
	(void)arg;
	return SSL_TLSEXT_ERR_OK;
}

/* A client that names protocols, and none of ours, wants to talk to somebody
 * else (RFC 7301, 3.2). */
static int choose_alpn(SSL *ssl, const unsigned char **out, unsigned char *n,
                       const unsigned char *in, unsigned int in_n, void *arg)
{
	struct tls_server *s = arg;
	unsigned char *chosen;

	if (s->o.load_challenge && SSL_get_app_data(ssl)) {
		*out = (const unsigned char *)CHALLENGE_ALPN + 1;
		*n = sizeof(CHALLENGE_ALPN) - 2;
		return SSL_TLSEXT_ERR_OK;
	}
	if (SSL_select_next_proto(&chosen, n, s->alpn, s->alpn_n, in, in_n) !=
	    OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	*out = chosen;
	return SSL_TLSEXT_ERR_OK;
}

static void set_alpn(struct tls_server *s, const char *list)
{
	s->alpn = mem_alloc(strlen(list) + 1);
	s->alpn_n = (unsigned int)tls_alpn_wire(list, s->alpn);
	SSL_CTX_set_alpn_select_cb(s->ctx, choose_alpn, s);
}

/* ---- the server ---- */

static bool set_up(struct tls_server *s)
{
	SSL_CTX *ctx = s->ctx;
	char groups[] = TLS_GROUPS; /* OpenSSL's macro casts const away */

	(void)SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION |
	                                       SSL_OP_NO_COMPRESSION |
	                                       SSL_OP_CIPHER_SERVER_PREFERENCE |
	                                       SSL_OP_PRIORITIZE_CHACHA |
	                                       SSL_OP_IGNORE_UNEXPECTED_EOF);
	(void)SSL_CTX_set_mode(ctx,
	                       SSL_MODE_RELEASE_BUFFERS |
	                               SSL_MODE_ENABLE_PARTIAL_WRITE |
	                               SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	/* One read call for a record, not one for its head and one for its
	 * body. */
	SSL_CTX_set_read_ahead(ctx, 1);
	/* Tickets only: a cache of sessions would grow with strangers. */
	(void)SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_cert_cb(ctx, choose, s);
	(void)SSL_CTX_set_tlsext_servername_callback(ctx, accept_name);
	if (s->o.alpn)
		set_alpn(s, s->o.alpn);
	if (s->o.load_challenge)
		SSL_CTX_set_client_hello_cb(ctx, hello, s);
	return SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) == 1 &&
	       SSL_CTX_set_cipher_list(ctx, CIPHERS) == 1 &&
	       SSL_CTX_set1_groups_list(ctx, groups) == 1 &&
	       SSL_CTX_set_num_tickets(ctx, 1) == 1 &&
	       SSL_CTX_set_session_id_context(ctx,
	                                      (const unsigned char *)SESSION_ID,
	                                      sizeof(SESSION_ID) - 1) == 1;
}

int tls_server_new(struct tls_server **out, const struct tls_options *o,
                   struct err *err)
{
	struct tls_server *s = mem_zalloc(sizeof(*s));

	s->o = *o;
	if (s->o.names_max == 0)
		s->o.names_max = NAMES_MAX;
	(void)pthread_mutex_init(&s->lock, NULL);
	map_init(&s->names, random_u64());
	s->ctx = SSL_CTX_new(TLS_server_method());
	if (!s->ctx || !set_up(s)) {
		tls_server_free(&s);
		return crypto_fail(err, ERR_TEMP, "cannot set up TLS");
	}
	*out = s;
	return 0;
}

void tls_server_free(struct tls_server **sp)
{
	struct tls_server *s = *sp;

	if (!s)
		return;
	while (s->newest)
		remove_name(s, s->newest);
	drop(s->fallback);
	map_deinit(&s->names);
	SSL_CTX_free(s->ctx);
	mem_free(s->alpn);
	(void)pthread_mutex_destroy(&s->lock);
	mem_free(s);
	*sp = NULL;
}

int tls_server_set_default(struct tls_server *s, const struct tls_identity *id,
                           struct err *err)
{
	struct identity *new = identity_new(id, s->o.signer, err), *old;

	if (!new)
		return -1;
	(void)pthread_mutex_lock(&s->lock);
	old = s->fallback;
	s->fallback = new;
	(void)pthread_mutex_unlock(&s->lock);
	drop(old);
	return 0;
}

int tls_server_set_default_files(struct tls_server *s, const char *chain_path,
                                 const char *key_path, struct err *err)
{
	struct tls_identity id = { .key_pem = { NULL, 0 } };
	char *chain = NULL, *key = NULL;
	size_t chain_n, key_n = 0;
	int rc = -1;

	if (file_read_all(chain_path, PEM_MAX, &chain, &chain_n, err) < 0)
		return -1;
	if (!key_path ||
	    file_read_all(key_path, PEM_MAX, &key, &key_n, err) == 0) {
		id.chain_pem = (struct str){ chain, chain_n };
		id.key_pem = (struct str){ key, key_n };
		rc = tls_server_set_default(s, &id, err);
	}
	if (key)
		mem_wipe(key, key_n);
	mem_free(key);
	mem_free(chain);
	return rc;
}

void tls_server_forget(struct tls_server *s, struct str name)
{
	struct identity *id;

	(void)pthread_mutex_lock(&s->lock);
	s->epoch++;
	if (name.n == 0) {
		while (s->newest)
			remove_name(s, s->newest);
	} else {
		id = map_get(&s->names, name);
		if (id)
			remove_name(s, id);
	}
	(void)pthread_mutex_unlock(&s->lock);
}

int64_t tls_server_expiry(const struct tls_server *cs)
{
	/* The lock is no part of what the caller may see. */
	union {
		const struct tls_server *c;
		struct tls_server *m;
	} u = { .c = cs };
	struct identity *id;
	struct tm tm;
	int64_t at = 0;

	(void)pthread_mutex_lock(&u.m->lock);
	id = hold(cs->fallback);
	(void)pthread_mutex_unlock(&u.m->lock);
	if (id && ASN1_TIME_to_tm(X509_get0_notAfter(id->cert), &tm) == 1)
		at = (int64_t)timegm(&tm);
	drop(id);
	return at;
}

SSL *tls_server_ssl(struct tls_server *s)
{
	return SSL_new(s->ctx);
}
