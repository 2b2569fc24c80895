/* What an authority is shown: files in DATA/acme that the http role serves,
 * or a record that a program of the operator sets. */
#include <limits.h>
#include <stdio.h>

#include "acme/certs_private.h"
#include "base/mem.h"
#include "crypto/certificate.h"
#include "os/file.h"

#define ANSWER_MAX ((size_t)64 * 1024)

/* ---- files ---- */

static void http_path(const char *dir, struct str token, char out[PATH_MAX])
{
	(void)snprintf(out, PATH_MAX, "%s/acme/http/%.*s", dir, STR_ARG(token));
}

static void tls_path(const char *dir, struct str name, char out[PATH_MAX])
{
	(void)snprintf(out, PATH_MAX, "%s/acme/tls/%.*s", dir, STR_ARG(name));
}

static int read_answer(const char *path, struct arena *a, struct str *out,
                       struct err *err)
{
	char *p;
	size_t n;

	if (file_read_all(path, ANSWER_MAX, &p, &n, err) < 0)
		return -1;
	*out = arena_dup(a, (struct str){ p, n });
	mem_free(p);
	return 0;
}

static bool is_token(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_is_alpha(s.p[i]) && !ascii_is_digit(s.p[i]) &&
		    s.p[i] != '-' && s.p[i] != '_')
			return false;
	return s.n > 0 && s.n <= ACME_TOKEN_MAX;
}

int certs_http_answer(const char *dir, struct str token, struct arena *a,
                      struct str *out, struct err *err)
{
	char path[PATH_MAX];

	if (!is_token(token))
		return err_set(err, ERR_NOT_FOUND, "no token");
	http_path(dir, token, path);
	return read_answer(path, a, out, err);
}

int certs_tls_answer(const char *dir, struct str name, struct arena *a,
                     struct str *pem_out, struct err *err)
{
	char path[PATH_MAX];

	if (name.n == 0 || name.n > 253 || name.p[0] == '.' ||
	    str_chr(name, '/') != STR_NPOS)
		return err_set(err, ERR_NOT_FOUND, "no name");
	tls_path(dir, name, path);
	return read_answer(path, a, pem_out, err);
}

static int write_certificate(struct certs *c, const struct acme_proof *p,
                             const char *path, struct err *err)
{
	struct tls_signer signer = keys_client_signer(c->o.keys);
	struct buf spki, pem;
	int rc;

	buf_init(&spki, 4096);
	buf_init(&pem, ANSWER_MAX);
	/* A key for challenges alone. */
	rc = keys_client_make(c->o.keys, STR("acme-challenge"), &spki, err);
	if (rc == 0)
		rc = certificate_challenge(buf_str(&spki), &signer, p->name,
		                           p->digest, &pem, err);
	if (rc == 0)
		rc = file_replace(path, buf_str(&pem), 0640, err);
	buf_deinit(&pem);
	buf_deinit(&spki);
	return rc;
}

/* ---- records ---- */

static int set_record(struct certs *c, const char *verb,
                      const struct acme_proof *p, struct err *err)
{
	struct arena a;
	int rc;

	if (!c->o.set_record)
		return err_set(err, ERR_INVALID,
		               "acme.challenge is dns, and acme.dns_hook is "
		               "empty");
	arena_init(&a);
	rc = c->o.set_record(c->o.arg, verb,
	                     arena_fmt(&a, "_acme-challenge.%.*s",
	                               STR_ARG(p->name)),
	                     p->record, err);
	arena_deinit(&a);
	return rc;
}

/* ---- both ways ---- */

int certs_publish(void *certs, const struct acme_proof *p, struct err *err)
{
	struct certs *c = certs;
	char path[PATH_MAX];

	switch (p->kind) {
	case ACME_HTTP:
		http_path(c->o.dir, p->token, path);
		return file_replace(path, p->key_authorization, 0640, err);
	case ACME_TLS_ALPN:
		tls_path(c->o.dir, p->name, path);
		return write_certificate(c, p, path, err);
	case ACME_DNS: return set_record(c, "add", p, err);
	}
	return 0;
}

void certs_withdraw(void *certs, const struct acme_proof *p)
{
	struct err ignored = ERR_INIT;
	struct certs *c = certs;
	char path[PATH_MAX];

	switch (p->kind) {
	case ACME_HTTP: http_path(c->o.dir, p->token, path); break;
	case ACME_TLS_ALPN: tls_path(c->o.dir, p->name, path); break;
	case ACME_DNS: err_drop(set_record(c, "remove", p, &ignored)); return;
	}
	err_drop(file_remove(path, &ignored));
}
