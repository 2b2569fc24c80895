#include "crypto/tls_client.h"

#include <dirent.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "crypto/internal.h"
#include "crypto/tls_internal.h"

struct tls_client {
	SSL_CTX *ctx;
	bool verify;
};

size_t tls_alpn_wire(const char *list, unsigned char *out)
{
	struct str rest = str_z(list), one;
	size_t n = 0;

	while (str_cut(&rest, ',', &one)) {
		if (one.n == 0 || one.n > 255)
			continue;
		out[n++] = (unsigned char)one.n;
		memcpy(out + n, one.p, one.n);
		n += one.n;
	}
	return n;
}

static bool set_alpn(SSL_CTX *ctx, const char *list)
{
	unsigned char *wire = mem_alloc(strlen(list) + 1);
	size_t n = tls_alpn_wire(list, wire);
	/* This function alone returns 0 when all is well. */
	bool ok = SSL_CTX_set_alpn_protos(ctx, wire, (unsigned int)n) == 0;

	mem_free(wire);
	return ok;
}

/* Is there a certificate under the hash of its name ("1234abcd.0")? */
static bool is_hashed(const char *dir)
{
	DIR *d = opendir(dir);
	bool found = false;

	for (struct dirent *e; d && !found && (e = readdir(d));)
		found = strlen(e->d_name) == 10 &&
		        strspn(e->d_name, "0123456789abcdef") == 8 &&
		        strcmp(e->d_name + 8, ".0") == 0;
	if (d)
		(void)closedir(d);
	return found;
}

/* The system's authorities: each read when a chain asks for it, where their
 * folder has them by hash; else all now (a megabyte, most never used). */
static bool load_system(SSL_CTX *ctx)
{
	const char *dir = getenv(X509_get_default_cert_dir_env());

	if (!getenv(X509_get_default_cert_file_env()) &&
	    is_hashed(dir ? dir : X509_get_default_cert_dir()))
		return SSL_CTX_set_default_verify_dir(ctx) == 1;
	return SSL_CTX_set_default_verify_paths(ctx) == 1;
}

static bool set_up(struct tls_client *c, const struct tls_client_options *o)
{
	SSL_CTX *ctx = c->ctx;

	(void)SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION |
	                                       SSL_OP_IGNORE_UNEXPECTED_EOF);
	(void)SSL_CTX_set_mode(ctx,
	                       SSL_MODE_RELEASE_BUFFERS |
	                               SSL_MODE_ENABLE_PARTIAL_WRITE |
	                               SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_read_ahead(ctx, 1);
	if (o->verify)
		SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
	if (o->verify || o->authorities) {
		if (o->ca_file ? SSL_CTX_load_verify_file(ctx, o->ca_file) != 1
		               : !load_system(ctx))
			return false;
	}
	if (o->tls12 && SSL_CTX_set_max_proto_version(ctx, TLS1_2_VERSION) != 1)
		return false;
	if (SSL_CTX_dane_enable(ctx) != 1)
		return false;
	return SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) == 1 &&
	       (!o->alpn || set_alpn(ctx, o->alpn));
}

int tls_client_new(struct tls_client **out, const struct tls_client_options *o,
                   struct err *err)
{
	struct tls_client *c = mem_zalloc(sizeof(*c));

	c->verify = o->verify;
	c->ctx = SSL_CTX_new(TLS_client_method());
	if (!c->ctx || !set_up(c, o)) {
		tls_client_free(&c);
		return crypto_fail(err, ERR_TEMP, "cannot set up TLS");
	}
	*out = c;
	return 0;
}

void tls_client_free(struct tls_client **c)
{
	if (!*c)
		return;
	SSL_CTX_free((*c)->ctx);
	mem_free(*c);
	*c = NULL;
}

/* OpenSSL's macro casts const away: it gets bytes of our own. */
static bool send_name(SSL *ssl, const char *name)
{
	char own[TLS_NAME_MAX + 2];
	size_t n = strlen(name);

	if (n >= sizeof(own))
		return false;
	memcpy(own, name, n + 1);
	return SSL_set_tlsext_host_name(ssl, own) == 1;
}

int tls_client_conn(struct tls_conn **out, struct tls_client *c, int fd,
                    const char *name, struct err *err)
{
	SSL *ssl = SSL_new(c->ctx);
	bool named = name && *name;

	if (!ssl || (named && !send_name(ssl, name)) ||
	    (named && c->verify && SSL_set1_host(ssl, name) != 1)) {
		SSL_free(ssl);
		return crypto_fail(err, ERR_TEMP, "cannot begin TLS");
	}
	SSL_set_connect_state(ssl);
	return tls_conn_take(out, ssl, fd, err);
}

/* RFC 7672, 3.1.3: usages 0 and 1 are not for mail; 3.1.1: names and dates do
 * not matter with usage 3. */
static bool add_records(SSL *ssl, const struct tls_client_demand *d)
{
	size_t i, used = 0;

	if (SSL_dane_enable(ssl, d->n_names ? d->names[0] : d->sni) != 1)
		return false;
	(void)SSL_dane_set_flags(ssl, DANE_FLAG_NO_DANE_EE_NAMECHECKS);
	for (i = 0; i < d->n_records; i++) {
		const struct tls_dane_record *r = &d->records[i];
		unsigned char *data;

		if (r->usage != 2 && /* trust anchor */
		    r->usage != 3)   /* end entity */
			continue;
		data = (unsigned char *)mem_dup(r->data.p, r->data.n);
		used += SSL_dane_tlsa_add(ssl, r->usage, r->selector,
		                          r->matching, data, r->data.n) == 1;
		mem_free(data);
	}
	return used > 0;
}

static bool set_names(SSL *ssl, const struct tls_client_demand *d)
{
	size_t i;

	if (d->n_names && SSL_set1_host(ssl, d->names[0]) != 1)
		return false;
	for (i = 1; i < d->n_names; i++)
		if (SSL_add1_host(ssl, d->names[i]) != 1)
			return false;
	SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	return true;
}

int tls_client_conn_demand(struct tls_conn **out, struct tls_client *c, int fd,
                           const struct tls_client_demand *d, struct err *err)
{
	SSL *ssl = SSL_new(c->ctx);

	if (!ssl || (d->sni && *d->sni && !send_name(ssl, d->sni)))
		goto fail;
	if (d->n_records && !add_records(ssl, d)) {
		SSL_free(ssl);
		ERR_clear_error();
		return err_set(err, ERR_INVALID, "no usable TLSA record");
	}
	if (!set_names(ssl, d))
		goto fail;
	if ((d->n_records || d->n_names) && !d->soft)
		SSL_set_verify(ssl, SSL_VERIFY_PEER, NULL);
	SSL_set_connect_state(ssl);
	return tls_conn_take(out, ssl, fd, err);
fail:
	SSL_free(ssl);
	return crypto_fail(err, ERR_TEMP, "cannot begin TLS");
}
