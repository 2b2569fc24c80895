#include "crypto/tls_conn.h"

#include <errno.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/mem.h"
#include "crypto/internal.h"
#include "crypto/tls_client.h"
#include "crypto/tls_internal.h"

struct tls_conn {
	SSL *ssl;
	int fd;
	bool dead;  /* after a fatal error nothing more may be called */
	bool again; /* tls_conn_pending() */
	bool eof;
};

/* ---- the socket as OpenSSL sees it: without SIGPIPE ---- */

static BIO_METHOD *method;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static int bio_result(BIO *b, ssize_t n)
{
	BIO_clear_retry_flags(b);
	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
		BIO_set_flags(b, BIO_FLAGS_SHOULD_RETRY);
		return -1;
	}
	return (int)n;
}

static int bio_read(BIO *b, char *p, int n)
{
	struct tls_conn *c = BIO_get_data(b);
	ssize_t r;

	do
		r = recv(c->fd, p, (size_t)n, 0);
	while (r < 0 && errno == EINTR);
	c->eof = r == 0;
	n = bio_result(b, r);
	if (r < 0 && n < 0 && BIO_should_retry(b))
		BIO_set_retry_read(b);
	return n;
}

static int bio_write(BIO *b, const char *p, int n)
{
	struct tls_conn *c = BIO_get_data(b);
	ssize_t r;

	do
		r = send(c->fd, p, (size_t)n, MSG_NOSIGNAL);
	while (r < 0 && errno == EINTR);
	n = bio_result(b, r);
	if (r < 0 && n < 0 && BIO_should_retry(b))
		BIO_set_retry_write(b);
	return n;
}

static long bio_ctrl(BIO *b, int cmd, long num, void *ptr)
{
	struct tls_conn *c = BIO_get_data(b);

	(void)num;
	(void)ptr;
	if (cmd == BIO_CTRL_EOF)
		return c->eof;
	return cmd == BIO_CTRL_FLUSH;
}

static int bio_create(BIO *b)
{
	BIO_set_init(b, 1);
	return 1;
}

static void make_method(void)
{
	method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK,
	                      "session socket");
	if (!method || !BIO_meth_set_read(method, bio_read) ||
	    !BIO_meth_set_write(method, bio_write) ||
	    !BIO_meth_set_ctrl(method, bio_ctrl) ||
	    !BIO_meth_set_create(method, bio_create))
		err_die("OpenSSL has no memory");
}

/* ---- connections ---- */

int tls_conn_take(struct tls_conn **out, SSL *ssl, int fd, struct err *err)
{
	struct tls_conn *c = mem_zalloc(sizeof(*c));
	BIO *b;

	(void)pthread_once(&once, make_method);
	c->fd = fd;
	c->ssl = ssl;
	b = BIO_new(method);
	if (!b) {
		tls_conn_free(&c);
		return crypto_fail(err, ERR_TEMP, "cannot begin TLS");
	}
	BIO_set_data(b, c);
	SSL_set_bio(c->ssl, b, b);
	*out = c;
	return 0;
}

int tls_conn_new(struct tls_conn **out, struct tls_server *srv, int fd,
                 struct err *err)
{
	SSL *ssl = tls_server_ssl(srv);

	if (!ssl)
		return crypto_fail(err, ERR_TEMP, "cannot begin TLS");
	SSL_set_accept_state(ssl);
	return tls_conn_take(out, ssl, fd, err);
}

void tls_conn_free(struct tls_conn **c)
{
	if (!*c)
		return;
	SSL_free((*c)->ssl);
	mem_free(*c);
	*c = NULL;
}

static enum tls_result result_of(struct tls_conn *c, int rc, struct err *err)
{
	switch (SSL_get_error(c->ssl, rc)) {
	case SSL_ERROR_NONE: return TLS_OK;
	case SSL_ERROR_WANT_READ: return TLS_WANT_READ;
	case SSL_ERROR_WANT_WRITE: return TLS_WANT_WRITE;
	case SSL_ERROR_ZERO_RETURN: return TLS_CLOSED;
	case SSL_ERROR_SYSCALL:
		c->dead = true;
		ERR_clear_error();
		return TLS_CLOSED;
	default: break;
	}
	c->dead = true;
	(void)crypto_fail(err, ERR_CLOSED, "TLS");
	return TLS_FAILED;
}

static enum tls_result is_dead(struct err *err)
{
	(void)err_set(err, ERR_CLOSED, "TLS has failed before");
	return TLS_FAILED;
}

enum tls_result tls_conn_handshake(struct tls_conn *c, struct err *err)
{
	if (c->dead)
		return is_dead(err);
	ERR_clear_error();
	return result_of(c, SSL_do_handshake(c->ssl), err);
}

enum tls_result tls_conn_read(struct tls_conn *c, char *p, size_t max,
                              size_t *n_out, struct err *err)
{
	size_t total = 0, n;
	int rc = 1;

	if (c->dead)
		return is_dead(err);
	ERR_clear_error();
	/* A record is at most 16 KB; take all that is here already. */
	do {
		n = 0;
		rc = SSL_read_ex(c->ssl, p + total, max - total, &n);
		total += n;
	} while (rc == 1 && total < max && SSL_has_pending(c->ssl));
	*n_out = total;
	c->again = rc == 1 ? total == max
	                   : SSL_get_error(c->ssl, rc) != SSL_ERROR_WANT_READ;
	if (total > 0)
		return TLS_OK;
	return result_of(c, rc, err);
}

enum tls_result tls_conn_write(struct tls_conn *c, struct str s, size_t *n_out,
                               struct err *err)
{
	size_t n = 0;
	int rc;

	if (c->dead)
		return is_dead(err);
	ERR_clear_error();
	rc = SSL_write_ex(c->ssl, s.p, s.n, &n);
	*n_out = n;
	return rc == 1 ? TLS_OK : result_of(c, rc, err);
}

bool tls_conn_pending(const struct tls_conn *c)
{
	return c->again;
}

void tls_conn_shutdown(struct tls_conn *c)
{
	if (c->dead || !SSL_is_init_finished(c->ssl))
		return;
	ERR_clear_error();
	(void)SSL_shutdown(c->ssl);
	ERR_clear_error();
	c->dead = true;
}

void tls_conn_info(const struct tls_conn *c, struct tls_conn_info *out)
{
	const SSL_CIPHER *cipher = SSL_get_current_cipher(c->ssl);
	const unsigned char *alpn;
	unsigned int n;
	int version = SSL_version(c->ssl);

	memset(out, 0, sizeof(*out));
	(void)snprintf(out->version, sizeof(out->version), "%s",
	               version == TLS1_3_VERSION ? "TLS1.3" : "TLS1.2");
	if (cipher)
		(void)snprintf(out->cipher, sizeof(out->cipher), "%s",
		               SSL_CIPHER_standard_name(cipher));
	out->bits = SSL_CIPHER_get_bits(cipher, NULL);
	(void)tls_name_clean(SSL_get_servername(c->ssl,
	                                        TLSEXT_NAMETYPE_host_name),
	                     out->sni);
	SSL_get0_alpn_selected(c->ssl, &alpn, &n);
	if (n < sizeof(out->alpn))
		memcpy(out->alpn, alpn, n);
	out->resumed = SSL_session_reused(c->ssl) == 1;
}

/* RFC 5929, 4.1: the hash of the certificate's own signature, but at least
 * SHA-256. */
static size_t end_point(const struct tls_conn *c, unsigned char *out,
                        size_t max)
{
	X509 *x = SSL_get_certificate(c->ssl);
	const EVP_MD *md = NULL;
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int n = 0;
	int nid;

	if (!x)
		return 0;
	if (X509_get_signature_info(x, &nid, NULL, NULL, NULL) == 1 &&
	    nid != NID_md5 && nid != NID_sha1)
		md = EVP_get_digestbynid(nid);
	if (!md)
		md = EVP_sha256();
	if (X509_digest(x, md, digest, &n) != 1 || n > max)
		return 0;
	memcpy(out, digest, n);
	return n;
}

size_t tls_conn_binding(const struct tls_conn *c, const char *type,
                        unsigned char *out, size_t max)
{
	static const char label[] = "EXPORTER-Channel-Binding";

	if (c->dead)
		return 0;
	if (strcmp(type, "tls-server-end-point") == 0)
		return end_point(c, out, max);
	if (strcmp(type, "tls-exporter") != 0 || max < 32)
		return 0;
	/* RFC 9266, 4.2: not without the extended master secret. */
	if (SSL_version(c->ssl) < TLS1_3_VERSION &&
	    SSL_get_extms_support(c->ssl) != 1)
		return 0;
	if (SSL_export_keying_material(c->ssl, out, 32, label,
	                               sizeof(label) - 1, NULL, 0, 0) != 1)
		return 0;
	return 32;
}

const char *tls_conn_distrust(const struct tls_conn *c)
{
	long rc = SSL_get_verify_result(c->ssl);

	if (SSL_get_verify_mode(c->ssl) == SSL_VERIFY_NONE || rc == X509_V_OK)
		return "";
	return X509_verify_cert_error_string(rc);
}

enum tls_distrust tls_conn_distrust_kind(const struct tls_conn *c)
{
	switch (SSL_get_verify_result(c->ssl)) {
	case X509_V_OK: return TLS_DISTRUST_NOT;
	case X509_V_ERR_HOSTNAME_MISMATCH: return TLS_DISTRUST_NAME;
	case X509_V_ERR_CERT_HAS_EXPIRED:
	case X509_V_ERR_CERT_NOT_YET_VALID: return TLS_DISTRUST_EXPIRED;
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
	case X509_V_ERR_CERT_UNTRUSTED: return TLS_DISTRUST_ISSUER;
	default: return TLS_DISTRUST_OTHER;
	}
}
