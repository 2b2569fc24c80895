#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/test.h"
#include "crypto/hash.h"
#include "crypto/internal.h"
#include "crypto/key.h"
#include "crypto/selfsigned.h"
#include "crypto/tls_client.h"
#include "crypto/tls_conn.h"
#include "crypto/tls_server.h"
#include "os/file.h"

/* ---- identities ---- */

struct made {
	struct key *key;
	struct buf cert, pem;
	char ca[32]; /* a file with the certificate, to trust it */
};

static void finish(struct made *m, const char *name)
{
	struct str names[2] = { str_z(name), STR("127.0.0.1") };
	struct err err;
	int fd;

	buf_init(&m->cert, 65536);
	buf_init(&m->pem, 65536);
	if (selfsigned_write(m->key, names, 2, &m->cert, &err) < 0 ||
	    key_write_pem(m->key, &m->pem, &err) < 0)
		fail_msg("%s", err.text);
	(void)snprintf(m->ca, sizeof(m->ca), "/tmp/tls-test-XXXXXX");
	fd = mkstemp(m->ca);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, m->cert.p, m->cert.n), (ssize_t)m->cert.n);
	(void)close(fd);
}

static struct made make(const char *name)
{
	struct made m;
	struct err err;

	assert_int_equal(key_generate(&m.key, &err), 0);
	finish(&m, name);
	return m;
}

static struct made make_rsa(const char *name)
{
	EVP_PKEY *k = EVP_RSA_gen(2048);
	struct made m;

	assert_non_null(k);
	m.key = mem_zalloc(sizeof(*m.key));
	m.key->pkey = k;
	finish(&m, name);
	return m;
}

static void unmake(struct made *m)
{
	(void)unlink(m->ca);
	key_free(&m->key);
	buf_deinit(&m->cert);
	buf_deinit(&m->pem);
}

static struct tls_identity identity(const struct made *m)
{
	return (struct tls_identity){ buf_str(&m->cert), buf_str(&m->pem) };
}

/* ---- a connection within the process ---- */

struct pair {
	int fds[2];
	struct tls_client *client;
	struct tls_conn *c, *s;
};

/* Both sides in turn, until both are done or one fails. */
static bool shake(struct pair *p, struct err *err)
{
	enum tls_result c = TLS_WANT_READ, s = TLS_WANT_READ;

	for (int i = 0; i < 20 && (c != TLS_OK || s != TLS_OK); i++) {
		if (c != TLS_OK)
			c = tls_conn_handshake(p->c, err);
		if (c == TLS_FAILED || c == TLS_CLOSED)
			return false;
		if (s != TLS_OK)
			s = tls_conn_handshake(p->s, err);
		if (s == TLS_FAILED || s == TLS_CLOSED)
			return false;
	}
	return c == TLS_OK && s == TLS_OK;
}

static bool connect_with(struct pair *p, struct tls_server *srv,
                         const struct tls_client_options *o, const char *name)
{
	struct err err = ERR_INIT;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0,
	                            p->fds),
	                 0);
	if (tls_client_new(&p->client, o, &err) < 0 ||
	    tls_client_conn(&p->c, p->client, p->fds[0], name, &err) < 0 ||
	    tls_conn_new(&p->s, srv, p->fds[1], &err) < 0)
		fail_msg("%s", err.text);
	return shake(p, &err);
}

static void hang_up(struct pair *p)
{
	tls_conn_free(&p->c);
	tls_conn_free(&p->s);
	tls_client_free(&p->client);
	(void)close(p->fds[0]);
	(void)close(p->fds[1]);
}

static bool trusts(struct tls_server *srv, const struct made *m,
                   const char *name)
{
	struct tls_client_options o = { .verify = true, .ca_file = m->ca };
	struct pair p;
	bool ok = connect_with(&p, srv, &o, name);

	hang_up(&p);
	return ok;
}

static bool trusts_system(struct tls_server *srv, const char *name)
{
	struct tls_client_options o = { .verify = true };
	struct pair p;
	bool ok = connect_with(&p, srv, &o, name);

	hang_up(&p);
	return ok;
}

/* What the client gets although it trusts nobody: to be let in at all. */
static bool connects(struct tls_server *srv, const char *name)
{
	struct tls_client_options o = { .verify = false };
	struct pair p;
	bool ok = connect_with(&p, srv, &o, name);

	hang_up(&p);
	return ok;
}

static struct tls_server *server(const struct tls_options *o,
                                 const struct made *m)
{
	struct tls_identity id = identity(m);
	struct tls_server *srv;
	struct err err;

	if (tls_server_new(&srv, o, &err) < 0 ||
	    tls_server_set_default(srv, &id, &err) < 0)
		fail_msg("%s", err.text);
	return srv;
}

/* ---- tests ---- */

static void talk(struct pair *p)
{
	char *big = mem_alloc(200000), *got = mem_alloc(200000);
	size_t sent = 0, had = 0, n;
	struct err err;

	for (size_t i = 0; i < 200000; i++)
		big[i] = (char)(i * 7);
	for (int i = 0; i < 10000 && had < 200000; i++) {
		struct str rest = { big + sent, 200000 - sent };

		n = 0;
		if (rest.n > 0 &&
		    tls_conn_write(p->s, rest, &n, &err) == TLS_OK)
			sent += n;
		n = 0;
		if (tls_conn_read(p->c, got + had, 200000 - had, &n, &err) ==
		    TLS_OK)
			had += n;
	}
	assert_int_equal(had, 200000);
	assert_memory_equal(got, big, 200000);
	assert_false(tls_conn_pending(p->s));
	tls_conn_shutdown(p->c);
	assert_int_equal(tls_conn_read(p->s, got, 10, &n, &err), TLS_CLOSED);
	mem_free(big);
	mem_free(got);
}

static void connects_and_talks(void **state)
{
	struct made m = make("mail.example");
	struct tls_options so = { .alpn = NULL };
	struct tls_server *srv = server(&so, &m);

	(void)state;
	for (int tls12 = 0; tls12 < 2; tls12++) {
		struct tls_client_options o = { .verify = true,
			                        .ca_file = m.ca,
			                        .tls12 = tls12 };
		unsigned char a[64], b[64];
		struct tls_conn_info info;
		struct pair p;

		assert_true(connect_with(&p, srv, &o, "mail.example"));
		tls_conn_info(p.s, &info);
		assert_string_equal(info.version, tls12 ? "TLS1.2" : "TLS1.3");
		assert_string_equal(info.sni, "mail.example");
		assert_true(info.bits >= 128);
		assert_true(strncmp(info.cipher, "TLS_", 4) == 0);
		assert_int_equal(tls_conn_binding(p.s, "tls-exporter", a, 64),
		                 32);
		assert_int_equal(tls_conn_binding(p.c, "tls-exporter", b, 64),
		                 32);
		assert_memory_equal(a, b, 32);
		assert_int_equal(tls_conn_binding(p.s, "tls-exporter", a, 31),
		                 0);
		assert_int_equal(tls_conn_binding(p.s, "tls-unique", a, 64), 0);
		talk(&p);
		hang_up(&p);
	}
	assert_true(tls_server_expiry(srv) > 1700000000);
	tls_server_free(&srv);
	unmake(&m);
}

static void binds_to_its_certificate(void **state)
{
	struct made m = make("mail.example");
	struct tls_options so = { .alpn = NULL };
	struct tls_server *srv = server(&so, &m);
	struct tls_client_options o = { .verify = false };
	unsigned char got[64], want[64];
	unsigned char *der = NULL;
	struct err err;
	struct pair p;
	X509 *x = crypto_read_certificate(buf_str(&m.cert), &err);
	int n = i2d_X509(x, &der);

	(void)state;
	hash_bytes(HASH_SHA256, (struct str){ (char *)der, (size_t)n }, want);
	assert_true(connect_with(&p, srv, &o, NULL));
	assert_int_equal(tls_conn_binding(p.s, "tls-server-end-point", got, 64),
	                 32);
	assert_memory_equal(got, want, 32);
	hang_up(&p);
	OPENSSL_free(der);
	X509_free(x);
	tls_server_free(&srv);
	unmake(&m);
}

static void refuses_what_is_wrong(void **state)
{
	struct made m = make("mail.example"), other = make("mail.example");
	struct tls_options so = { .alpn = NULL };
	struct tls_server *srv = server(&so, &m);
	struct tls_identity bad;
	struct err err;

	(void)state;
	assert_false(trusts(srv, &m, "other.example"));
	assert_false(trusts(srv, &other, "mail.example"));
	bad = (struct tls_identity){ buf_str(&m.cert), buf_str(&other.pem) };
	assert_int_equal(tls_server_set_default(srv, &bad, &err), -1);
	assert_int_equal(err.kind, ERR_INVALID);
	bad = (struct tls_identity){ STR("rubbish"), buf_str(&m.pem) };
	assert_int_equal(tls_server_set_default(srv, &bad, &err), -1);
	bad = (struct tls_identity){ buf_str(&m.cert), STR("") };
	assert_int_equal(tls_server_set_default(srv, &bad, &err), -1);
	assert_true(trusts(srv, &m, "mail.example")); /* the old one stays */
	tls_server_free(&srv);
	unmake(&m);
	unmake(&other);
}

/* The certificate under the hash of its name, as Debian's folder has them. */
static void link_by_hash(const struct made *m, const char *dir, char *path,
                         size_t size)
{
	BIO *in = BIO_new_mem_buf(m->cert.p, (int)m->cert.n);
	X509 *x = PEM_read_bio_X509(in, NULL, NULL, NULL);

	assert_non_null(x);
	(void)snprintf(path, size, "%s/%08lx.0", dir,
	               X509_subject_name_hash(x));
	assert_int_equal(symlink(m->ca, path), 0);
	X509_free(x);
	BIO_free(in);
}

static void asks_the_system_by_hash(void **state)
{
	struct made m = make("mail.example");
	struct tls_options o = { 0 };
	struct tls_server *srv = server(&o, &m);
	char dir[] = "/tmp/tls-test-dir-XXXXXX", path[64];

	(void)state;
	assert_non_null(mkdtemp(dir));
	assert_int_equal(setenv("SSL_CERT_DIR", dir, 1), 0);
	assert_false(trusts_system(srv, "mail.example"));
	link_by_hash(&m, dir, path, sizeof(path));
	assert_true(trusts_system(srv, "mail.example"));
	assert_false(trusts_system(srv, "other.example"));
	assert_int_equal(unlink(path), 0);
	assert_int_equal(unsetenv("SSL_CERT_DIR"), 0);
	/* A folder that has none by hash: the file is read. */
	assert_int_equal(setenv("SSL_CERT_FILE", m.ca, 1), 0);
	assert_true(trusts_system(srv, "mail.example"));
	assert_int_equal(unsetenv("SSL_CERT_FILE"), 0);
	assert_false(trusts_system(srv, "mail.example"));
	assert_int_equal(rmdir(dir), 0);
	tls_server_free(&srv);
	unmake(&m);
}

static void needs_a_certificate(void **state)
{
	struct tls_options so = { .alpn = NULL };
	struct tls_server *srv;
	struct err err;

	(void)state;
	assert_int_equal(tls_server_new(&srv, &so, &err), 0);
	assert_false(connects(srv, "mail.example"));
	assert_int_equal(tls_server_expiry(srv), 0);
	tls_server_free(&srv);
}

static void replaces_its_certificate(void **state)
{
	struct made m = make("mail.example"), next = make("mail.example");
	struct tls_options so = { .alpn = NULL };
	struct tls_server *srv = server(&so, &m);
	struct tls_identity id = identity(&next);
	struct err err;

	(void)state;
	assert_true(trusts(srv, &m, "mail.example"));
	assert_int_equal(tls_server_set_default(srv, &id, &err), 0);
	assert_false(trusts(srv, &m, "mail.example"));
	assert_true(trusts(srv, &next, "mail.example"));
	tls_server_free(&srv);
	unmake(&m);
	unmake(&next);
}

/* ---- by name ---- */

struct hosted {
	struct made *m[3];
	const char *names[3];
	int loads;
	char asked[64];
};

static int load(void *arg, struct str name, struct arena *a,
                struct tls_identity *out, struct err *err)
{
	struct hosted *h = arg;

	(void)snprintf(h->asked, sizeof(h->asked), "%.*s", STR_ARG(name));
	for (int i = 0; i < 3; i++)
		if (h->names[i] && str_eq(name, str_z(h->names[i]))) {
			out->chain_pem = arena_dup(a, buf_str(&h->m[i]->cert));
			out->key_pem = arena_dup(a, buf_str(&h->m[i]->pem));
			h->loads++;
			return 0;
		}
	return err_set(err, ERR_NOT_FOUND, "no such name");
}

static void chooses_by_name(void **state)
{
	struct made def = make("mail.example");
	struct made one = make("imap.customer.example");
	struct made two = make("*.wild.example");
	struct hosted h = { { &one, &two },
		            { "imap.customer.example", "*.wild.example" },
		            0,
		            "" };
	struct tls_options so = { .load = load, .load_arg = &h };
	struct tls_server *srv = server(&so, &def);

	(void)state;
	assert_true(trusts(srv, &one, "imap.customer.example"));
	assert_int_equal(h.loads, 1);
	assert_true(trusts(srv, &one, "imap.customer.example"));
	assert_int_equal(h.loads, 1); /* kept */
	assert_true(trusts(srv, &two, "a.wild.example"));
	assert_true(trusts(srv, &two, "b.wild.example"));
	assert_int_equal(h.loads, 2);
	assert_true(trusts(srv, &def, "mail.example"));
	assert_true(connects(srv, NULL));
	assert_true(connects(srv, "unknown.example"));
	assert_string_equal(h.asked, "unknown.example");
	tls_server_forget(srv, STR("imap.customer.example"));
	assert_true(trusts(srv, &one, "imap.customer.example"));
	assert_int_equal(h.loads, 3);
	tls_server_forget(srv, STR(""));
	assert_true(trusts(srv, &two, "c.wild.example"));
	assert_int_equal(h.loads, 4);
	tls_server_free(&srv);
	unmake(&def);
	unmake(&one);
	unmake(&two);
}

/* The names as clients send them: the certificate must be that of the name,
 * and nothing but a host name may reach `load` (it may become a path). */
static void cleans_names(void **state)
{
	static const struct {
		const char *sent, *asked;
		int loads;
	} rows[] = {
		{ "IMAP.Customer.Example", "imap.customer.example", 1 },
		{ "imap.customer.example.", "imap.customer.example", 1 },
		{ "../../etc/passwd", "", 0 },
		{ "a..b", "", 0 },
		{ ".a.b", "", 0 },
		{ "a b.example", "", 0 },
		{ "example", "example", 0 },
	};
	struct made def = make("mail.example");
	struct made one = make("imap.customer.example");

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct hosted h = {
			{ &one }, { "imap.customer.example" }, 0, ""
		};
		struct tls_options so = { .load = load, .load_arg = &h };
		struct tls_server *srv = server(&so, &def);

		assert_true(connects(srv, rows[i].sent));
		assert_string_equal(h.asked, rows[i].asked);
		assert_int_equal(h.loads, rows[i].loads);
		tls_server_free(&srv);
	}
	unmake(&def);
	unmake(&one);
}

static void keeps_the_names_used_last(void **state)
{
	struct made def = make("mail.example");
	struct made m[3] = { make("a.one.example"), make("b.one.example"),
		             make("c.one.example") };
	struct hosted h = { { &m[0], &m[1], &m[2] },
		            { "a.one.example", "b.one.example",
		              "c.one.example" },
		            0,
		            "" };
	struct tls_options so = { .load = load,
		                  .load_arg = &h,
		                  .names_max = 2 };
	struct tls_server *srv = server(&so, &def);

	(void)state;
	assert_true(trusts(srv, &m[0], "a.one.example"));
	assert_true(trusts(srv, &m[1], "b.one.example"));
	assert_true(trusts(srv, &m[0], "a.one.example"));
	assert_true(trusts(srv, &m[2], "c.one.example")); /* b goes */
	assert_int_equal(h.loads, 3);
	assert_true(trusts(srv, &m[0], "a.one.example"));
	assert_int_equal(h.loads, 3);
	assert_true(trusts(srv, &m[1], "b.one.example"));
	assert_int_equal(h.loads, 4);
	tls_server_free(&srv);
	unmake(&def);
	for (int i = 0; i < 3; i++)
		unmake(&m[i]);
}

static void negotiates_a_protocol(void **state)
{
	struct made m = make("mail.example");
	struct tls_options so = { .alpn = "h2,http/1.1" };
	struct tls_server *srv = server(&so, &m);
	struct tls_client_options o = { .alpn = "spdy/1,http/1.1" };
	struct tls_conn_info info;
	struct pair p;

	(void)state;
	assert_true(connect_with(&p, srv, &o, "mail.example"));
	tls_conn_info(p.s, &info);
	assert_string_equal(info.alpn, "http/1.1");
	hang_up(&p);
	o.alpn = "smtp";
	assert_false(connect_with(&p, srv, &o, "mail.example"));
	hang_up(&p);
	o.alpn = NULL;
	assert_true(connect_with(&p, srv, &o, "mail.example"));
	tls_conn_info(p.s, &info);
	assert_string_equal(info.alpn, "");
	hang_up(&p);
	tls_server_free(&srv);
	unmake(&m);
}

/* ---- keys elsewhere ---- */

struct vault {
	struct key *key;
	int asked;
	enum key_scheme scheme;
	bool refuses;
};

static int sign(void *arg, const unsigned char id[KEY_ID_SIZE],
                enum key_scheme scheme, enum key_hash hash, struct str digest,
                unsigned char out[KEY_SIGNATURE_MAX], size_t *n_out,
                struct err *err)
{
	struct vault *v = arg;
	unsigned char mine[KEY_ID_SIZE];

	key_id(v->key, mine);
	assert_memory_equal(mine, id, KEY_ID_SIZE);
	v->asked++;
	v->scheme = scheme;
	if (v->refuses)
		return err_set(err, ERR_TEMP, "not now");
	return key_sign(v->key, scheme, hash, digest, out, n_out, err);
}

static void signs_elsewhere(void **state)
{
	struct made rows[2] = { make("mail.example"),
		                make_rsa("mail.example") };

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct vault v = { .key = rows[i].key };
		struct tls_signer signer = { sign, &v };
		struct tls_options so = { .signer = &signer };
		struct tls_identity id = { buf_str(&rows[i].cert),
			                   { NULL, 0 } };
		struct tls_client_options o = { .verify = true,
			                        .ca_file = rows[i].ca };
		struct tls_server *srv;
		struct pair p;
		struct err err;

		assert_int_equal(tls_server_new(&srv, &so, &err), 0);
		assert_int_equal(tls_server_set_default(srv, &id, &err), 0);
		assert_true(connect_with(&p, srv, &o, "mail.example"));
		talk(&p);
		hang_up(&p);
		assert_int_equal(v.asked, 1);
		assert_int_equal(v.scheme, i == 0 ? KEY_ECDSA : KEY_RSA_PSS);
		o.tls12 = true;
		assert_true(connect_with(&p, srv, &o, "mail.example"));
		hang_up(&p);
		assert_int_equal(v.asked, 2);
		v.refuses = true;
		assert_false(connect_with(&p, srv, &o, "mail.example"));
		hang_up(&p);
		tls_server_free(&srv);
	}
	unmake(&rows[0]);
	unmake(&rows[1]);
}

static void names_keys_by_their_public_half(void **state)
{
	struct made m = make("mail.example");
	unsigned char a[KEY_ID_SIZE], b[KEY_ID_SIZE];
	struct key *again;
	struct err err;

	(void)state;
	key_id(m.key, a);
	assert_int_equal(key_id_of_certificate(buf_str(&m.cert), b, &err), 0);
	assert_memory_equal(a, b, KEY_ID_SIZE);
	assert_int_equal(key_from_pem(buf_str(&m.pem), &again, &err), 0);
	assert_int_equal(key_type(again), KEY_EC_P256);
	key_id(again, b);
	assert_memory_equal(a, b, KEY_ID_SIZE);
	key_free(&again);
	assert_int_equal(key_from_pem(STR("-----BEGIN"), &again, &err), -1);
	assert_int_equal(key_id_of_certificate(STR(""), b, &err), -1);
	unmake(&m);
}

static void signs_only_what_fits(void **state)
{
	struct made m = make("mail.example");
	unsigned char out[KEY_SIGNATURE_MAX];
	struct str digest = STR("12345678901234567890123456789012");
	struct err err;
	size_t n;

	(void)state;
	assert_int_equal(key_sign(m.key, KEY_ECDSA, KEY_SHA256, digest, out, &n,
	                          &err),
	                 0);
	assert_true(n > 60 && n <= 72);
	assert_int_equal(key_sign(m.key, KEY_RSA_PSS, KEY_SHA256, digest, out,
	                          &n, &err),
	                 -1);
	assert_int_equal(err.kind, ERR_INVALID);
	assert_int_equal(key_sign(m.key, KEY_ECDSA, KEY_SHA256, STR(""), out,
	                          &n, &err),
	                 -1);
	unmake(&m);
}

static void makes_files_once(void **state)
{
	char dir[] = "/tmp/tls-test-dir-XXXXXX";
	char key[64], cert[64];
	struct str names[3] = { STR("imap.provider.example"),
		                STR("*.provider.example"), STR("::1") };
	struct tls_options so = { .alpn = NULL };
	struct tls_server *srv;
	struct stat st;
	struct err err;
	bool made;

	(void)state;
	assert_non_null(mkdtemp(dir));
	(void)snprintf(key, sizeof(key), "%s/key.pem", dir);
	(void)snprintf(cert, sizeof(cert), "%s/cert.pem", dir);
	assert_int_equal(selfsigned_ensure(key, cert, names, 3, &made, &err),
	                 0);
	assert_true(made);
	assert_int_equal(stat(key, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(selfsigned_ensure(key, cert, names, 3, &made, &err),
	                 0);
	assert_false(made);
	assert_int_equal(tls_server_new(&srv, &so, &err), 0);
	assert_int_equal(tls_server_set_default_files(srv, cert, key, &err), 0);
	assert_int_equal(tls_server_set_default_files(srv, cert, NULL, &err),
	                 -1);
	assert_int_equal(tls_server_set_default_files(srv, "/nowhere", key,
	                                              &err),
	                 -1);
	for (size_t i = 0; i < 2; i++) {
		static const char *const tried[] = { "imap.provider.example",
			                             "x.provider.example" };
		struct tls_client_options o = { .verify = true,
			                        .ca_file = cert };
		struct pair p;

		assert_true(connect_with(&p, srv, &o, tried[i]));
		hang_up(&p);
	}
	tls_server_free(&srv);
	(void)unlink(key);
	(void)unlink(cert);
	(void)rmdir(dir);
}

/* Bytes that are no TLS, and a peer that goes away in the middle. */
static void survives_rubbish(void **state)
{
	struct made m = make("mail.example");
	struct tls_options so = { .alpn = NULL };
	struct tls_server *srv = server(&so, &m);
	struct tls_conn *c;
	struct err err;
	int fds[2];
	char p[10];
	size_t n;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0,
	                            fds),
	                 0);
	assert_int_equal(tls_conn_new(&c, srv, fds[1], &err), 0);
	assert_int_equal(tls_conn_handshake(c, &err), TLS_WANT_READ);
	assert_int_equal(write(fds[0], "EHLO there\r\n", 12), 12);
	assert_int_equal(tls_conn_handshake(c, &err), TLS_FAILED);
	assert_int_equal(tls_conn_handshake(c, &err), TLS_FAILED);
	assert_int_equal(tls_conn_read(c, p, 10, &n, &err), TLS_FAILED);
	tls_conn_shutdown(c);
	tls_conn_free(&c);
	(void)close(fds[0]);
	(void)close(fds[1]);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0,
	                            fds),
	                 0);
	assert_int_equal(tls_conn_new(&c, srv, fds[1], &err), 0);
	(void)close(fds[0]);
	assert_true(tls_conn_handshake(c, &err) >= TLS_CLOSED);
	tls_conn_free(&c);
	(void)close(fds[1]);
	tls_server_free(&srv);
	unmake(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(connects_and_talks),
		cmocka_unit_test(binds_to_its_certificate),
		cmocka_unit_test(refuses_what_is_wrong),
		cmocka_unit_test(asks_the_system_by_hash),
		cmocka_unit_test(needs_a_certificate),
		cmocka_unit_test(replaces_its_certificate),
		cmocka_unit_test(chooses_by_name),
		cmocka_unit_test(cleans_names),
		cmocka_unit_test(keeps_the_names_used_last),
		cmocka_unit_test(negotiates_a_protocol),
		cmocka_unit_test(signs_elsewhere),
		cmocka_unit_test(names_keys_by_their_public_half),
		cmocka_unit_test(signs_only_what_fits),
		cmocka_unit_test(makes_files_once),
		cmocka_unit_test(survives_rubbish),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
