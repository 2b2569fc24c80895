/* posthus cert: the certificates, got by themselves or given. */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "acme/certs.h"
#include "admin/owner.h"
#include "base/mem.h"
#include "crypto/certificate.h"
#include "ctl/show.h"
#include "os/clock.h"
#include "os/file.h"

#define PEM_MAX ((size_t)256 * 1024)
/* Roles look for a change about once a second: the key is to be there when
 * they see the certificate. */
#define TAKEN_UP_US (1500 * US_PER_MS)

static const struct out_column columns[] = {
	{ "name", "NAME" },   { "state", "STATE" }, { "until", "UNTIL" },
	{ "next", "NEXT" },   { "names", "FOR" },   { "why", "WHY" },
	{ "failures", NULL },
};

static bool show_row(void *arg, const struct cert_row *r)
{
	static const char *const states[] = { [CERT_WANTED] = "wanted",
		                              [CERT_VALID] = "valid",
		                              [CERT_FAILED] = "failed" };
	struct out *o = arg;

	out_text(o, r->name);
	out_z(o, states[r->state]);
	out_time(o, r->until_s * US_PER_SEC);
	out_time(o, r->next_us);
	out_text(o, r->names);
	out_text(o, r->why);
	out_number(o, r->failures);
	return true;
}

static int open_list(struct ctl *c, struct certs_list **out)
{
	struct err err = ERR_INIT;
	int rc = ctl_admin(c);

	if (rc == CTL_OK &&
	    certs_list_open(out, config_data_path(c->cfg, &c->arena, ""),
	                    &err) < 0)
		return ctl_fail(c, &err, NULL, "cannot open the certificates");
	return rc;
}

int ctl_run_cert_list(struct ctl *c)
{
	struct err err = ERR_INIT;
	struct certs_list *l;
	struct out o;
	int rc = open_list(c, &l);

	if (rc != CTL_OK)
		return rc;
	out_begin(&o, c, columns, sizeof(columns) / sizeof(columns[0]), false);
	rc = certs_list_each(l, show_row, &o, &err);
	certs_list_close(&l);
	if (rc < 0)
		return ctl_fail(c, &err, NULL, "cannot list the certificates");
	return out_end(&o);
}

int ctl_run_cert_renew(struct ctl *c)
{
	struct err err = ERR_INIT;
	struct certs_list *l;
	int rc = open_list(c, &l);

	if (rc != CTL_OK)
		return rc;
	rc = certs_list_renew(l, ctl_arg(c, 0), &err);
	certs_list_close(&l);
	if (rc < 0)
		return ctl_fail(c, &err, "posthus cert list",
		                "cannot renew it");
	return ctl_done(c, "name", ctl_arg(c, 0), "asked for");
}

/* ---- given ones ---- */

static const char *path_of(struct ctl *c, const char *folder, const char *end)
{
	return config_data_path(c->cfg, &c->arena,
	                        arena_fmt(&c->arena, "%s/%.*s.%s", folder,
	                                  STR_ARG(ctl_arg(c, 0)), end)
	                                .p);
}

static bool is_name(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_is_digit(s.p[i]) &&
		    !(s.p[i] >= 'a' && s.p[i] <= 'z') && s.p[i] != '-' &&
		    s.p[i] != '.' && s.p[i] != '*')
			return false;
	return s.n > 0 && s.n <= 240 && s.p[0] != '.' && s.p[0] != '-';
}

static int read_pem(struct ctl *c, size_t arg, struct str *out, struct err *err)
{
	char *p;
	size_t n;

	if (file_read_all(arena_strz(&c->arena, ctl_arg(c, arg)), PEM_MAX, &p,
	                  &n, err) < 0)
		return -1;
	*out = arena_dup(&c->arena, (struct str){ p, n });
	mem_wipe(p, n);
	mem_free(p);
	return 0;
}

/* The chain is for the name, and the key is its key. */
static int check_pair(struct ctl *c, struct str chain, struct str pem,
                      struct err *err)
{
	unsigned char of_key[KEY_ID_SIZE], of_cert[KEY_ID_SIZE];
	struct str name = ctl_arg(c, 0);
	struct key *k;

	if (key_id_of_certificate(chain, of_cert, err) < 0 ||
	    key_from_pem(pem, &k, err) < 0)
		return -1;
	key_id(k, of_key);
	key_free(&k);
	if (memcmp(of_key, of_cert, sizeof(of_key)) != 0)
		return err_set(err, ERR_INVALID,
		               "the key is not that of the certificate");
	if (!str_eq(name, STR("default")) && name.p[0] != '*' &&
	    !certificate_is_for(chain, name))
		return err_set(err, ERR_INVALID,
		               "the certificate is not for %.*s",
		               STR_ARG(name));
	return 0;
}

/* What is renewed by itself would take its place again. */
static int forget(struct ctl *c, struct err *err)
{
	struct certs_list *l;
	int rc;

	if (certs_list_open(&l, config_data_path(c->cfg, &c->arena, ""), err) <
	    0)
		return -1;
	rc = certs_list_forget(l, ctl_arg(c, 0), err);
	certs_list_close(&l);
	return rc < 0 && err->kind != ERR_NOT_FOUND ? -1 : 0;
}

static int make_folders(struct ctl *c, struct err *err)
{
	return file_mkdir(config_data_path(c->cfg, &c->arena, "keys"), 0700,
	                  err) < 0 ||
	                       file_mkdir(config_data_path(c->cfg, &c->arena,
	                                                   "tls"),
	                                  0770, err) < 0
	               ? -1
	               : 0;
}

static int place(struct ctl *c, struct str chain, struct str pem,
                 struct err *err)
{
	const char *dir = config_data_path(c->cfg, &c->arena, "");
	const char *key = path_of(c, "keys", "key");

	if (make_folders(c, err) < 0 || file_replace(key, pem, 0600, err) < 0 ||
	    owner_give_key(c->cfg, key, err) < 0 || certs_tell(dir, err) < 0)
		return -1;
	clock_sleep_us(TAKEN_UP_US);
	if (certs_place(dir, ctl_arg(c, 0), chain, err) < 0)
		return -1;
	return forget(c, err);
}

int ctl_run_cert_add(struct ctl *c)
{
	struct str chain = { NULL, 0 }, pem = { NULL, 0 };
	struct err err = ERR_INIT;
	int rc = ctl_admin(c);

	if (rc != CTL_OK)
		return rc;
	if (!is_name(ctl_arg(c, 0)))
		return ctl_usage(c, "\"%.*s\" is no host name in small letters",
		                 STR_ARG(ctl_arg(c, 0)));
	rc = read_pem(c, 1, &chain, &err) < 0 || read_pem(c, 2, &pem, &err) < 0
	             ? -1
	             : check_pair(c, chain, pem, &err);
	if (rc == 0)
		rc = place(c, chain, pem, &err);
	if (rc < 0)
		return ctl_fail(c, &err, NULL, "cannot take the certificate");
	return ctl_done(c, "name", ctl_arg(c, 0), "in place");
}

int ctl_run_cert_rm(struct ctl *c)
{
	const char *dir;
	struct err err = ERR_INIT;
	int rc = ctl_admin(c);

	if (rc != CTL_OK)
		return rc;
	if (!is_name(ctl_arg(c, 0)) || str_eq(ctl_arg(c, 0), STR("default")))
		return ctl_usage(c, "\"%.*s\" is no host name in small letters",
		                 STR_ARG(ctl_arg(c, 0)));
	dir = config_data_path(c->cfg, &c->arena, "");
	if (!ctl_confirm(c, "%.*s will be served with the default certificate.",
	                 STR_ARG(ctl_arg(c, 0))))
		return CTL_USAGE;
	if (forget(c, &err) < 0 ||
	    file_remove(path_of(c, "tls", "crt"), &err) < 0 ||
	    certs_tell(dir, &err) < 0)
		return ctl_fail(c, &err, "posthus cert list",
		                "cannot remove the certificate");
	/* The key may be asked for once more; it is of no use to others. */
	return ctl_done(c, "name", ctl_arg(c, 0), "removed");
}
