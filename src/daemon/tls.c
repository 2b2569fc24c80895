#include "daemon/tls.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "acme/certs.h"
#include "base/mem.h"
#include "config/endpoints.h"
#include "crypto/selfsigned.h"
#include "daemon/roles.h"
#include "directory/directory.h"
#include "log/log.h"
#include "os/clock.h"
#include "os/file.h"

#define CHAIN_MAX ((size_t)256 * 1024)

/* The role that gets certificates puts them there. */
static int make_folder(const char *path, struct err *err)
{
	if (file_mkdir(path, 0770, err) < 0)
		return -1;
	return chmod(path, S_ISGID | 0770) == 0
	               ? 0
	               : err_sys(err, errno, "chmod %s", path);
}

int tls_ensure(struct host *h, struct err *err)
{
	struct str names[ENDPOINT_PREFIXES + 3];
	struct str provider = config_provider_domain(h->cfg);
	size_t n = 0;
	bool made = false;
	struct log_line l;

	names[n++] = config_hostname(h->cfg);
	if (!str_eq(provider, names[0]))
		names[n++] = provider;
	for (size_t i = 0; i < ENDPOINT_PREFIXES; i++)
		names[n++] = arena_fmt(&h->arena, "%s.%.*s",
		                       endpoint_prefixes[i], STR_ARG(provider));
	names[n++] = STR("localhost");
	if (file_mkdir(host_path(h, "keys"), 0700, err) < 0 ||
	    make_folder(host_path(h, "tls"), err) < 0 ||
	    selfsigned_ensure(host_path(h, "keys/default.key"),
	                      host_path(h, "tls/default.crt"), names, n, &made,
	                      err) < 0)
		return -1;
	if (made) {
		log_begin(&l, LOG_INFO, "tls.selfsigned");
		log_str(&l, "name", names[0]);
		log_end(&l);
	}
	return 0;
}

/* A name that can be a file: what a client sends never leaves the folder. */
static bool is_host_name(struct str name)
{
	if (!name.n || name.n > 253 || name.p[0] == '.' || name.p[0] == '-')
		return false;
	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];

		if (!ascii_is_digit(c) && !(c >= 'a' && c <= 'z') && c != '-' &&
		    c != '.' && c != '*')
			return false;
	}
	return true;
}

/* A name of a hosted domain for which there is no certificate yet. */
static void wish(struct host *h, struct str name)
{
	size_t dot = str_chr(name, '.');
	struct err ignored = ERR_INIT;
	bool ours = false;

	if (!h->directory || dot == STR_NPOS || name.p[0] == '*' ||
	    !*config_z(h->cfg, OPT_ACME_DIRECTORY) ||
	    !config_bool(h->cfg, OPT_ACME_HOSTED))
		return;
	if (directory_domain_is_local(h->directory, str_from(name, dot + 1),
	                              &ours, &ignored) == 0 &&
	    ours)
		certs_wish(h->dir, name);
}

/* What an authority wants to see while it looks (RFC 8737). */
static int load_challenge(void *arg, struct str name, struct arena *a,
                          struct tls_identity *out, struct err *err)
{
	struct host *h = arg;

	out->key_pem = STR("");
	return certs_tls_answer(h->dir, name, a, &out->chain_pem, err);
}

static int read_chain(struct host *h, struct str name, struct arena *a,
                      struct str *out, struct err *err)
{
	char path[PATH_MAX];
	char *pem;
	size_t n;

	(void)snprintf(path, sizeof(path), "%s/tls/%.*s.crt", h->dir,
	               STR_ARG(name));
	if (file_read_all(path, CHAIN_MAX, &pem, &n, err) < 0)
		return -1;
	*out = arena_dup(a, (struct str){ pem, n });
	mem_free(pem);
	return 0;
}

static int load(void *arg, struct str name, struct arena *a,
                struct tls_identity *out, struct err *err)
{
	struct host *h = arg;

	if (!is_host_name(name) || str_eq(name, STR("default")))
		return err_set(err, ERR_NOT_FOUND, "no host name");
	if (read_chain(h, name, a, &out->chain_pem, err) < 0) {
		if (err->kind == ERR_NOT_FOUND)
			wish(h, name);
		return -1;
	}
	out->key_pem = STR("");
	return 0;
}

int tls_chain(void *arg, struct str name, struct arena *a, struct str *pem_out,
              struct err *err)
{
	struct host *h = arg;
	size_t dot = str_chr(name, '.');

	if (is_host_name(name)) {
		if (read_chain(h, name, a, pem_out, err) == 0)
			return 0;
		if (dot != STR_NPOS &&
		    read_chain(h,
		               arena_fmt(a, "*%.*s",
		                         STR_ARG(str_from(name, dot))),
		               a, pem_out, err) == 0)
			return 0;
	}
	return read_chain(h, STR("default"), a, pem_out, err);
}

int tls_open(struct host *h, const char *alpn, struct tls_server **out,
             struct err *err)
{
	struct tls_options o = {
		.signer = &h->signer,
		.load = load,
		.load_arg = h,
		.alpn = alpn,
		.load_challenge = alpn ? load_challenge : NULL,
	};
	struct tls_server *s;

	if (tls_server_new(&s, &o, err) < 0)
		return -1;
	if (tls_server_set_default_files(s, host_path(h, "tls/default.crt"),
	                                 NULL, err) < 0) {
		tls_server_free(&s);
		return -1;
	}
	*out = s;
	return 0;
}

static void reload_one(struct host *h, struct tls_server *s)
{
	struct err err = ERR_INIT;

	if (!s)
		return;
	tls_server_forget(s, STR(""));
	if (tls_server_set_default_files(s, host_path(h, "tls/default.crt"),
	                                 NULL, &err) < 0)
		log_fail(LOG_ERROR, "tls.reload", &err);
}

/* Somebody put a certificate in place, and touched the file that says so. */
void tls_look(struct host *h)
{
	struct stat st;
	int64_t at;

	if (stat(host_path(h, "tls/changed"), &st) < 0)
		return;
	at = (int64_t)st.st_mtim.tv_sec * US_PER_SEC +
	     st.st_mtim.tv_nsec / 1000;
	if (at == h->tls_changed_us)
		return;
	h->tls_changed_us = at;
	if (h->state[ROLE_KEYS])
		role_keys_reload(h);
	tls_reload(h);
}

void tls_reload(struct host *h)
{
	reload_one(h, h->tls);
	reload_one(h, h->tls_http);
}
