/* When a certificate is got, and when it is renewed. */
#include "acme/certs.h"

#include <limits.h>
#include <stdio.h>

#include "acme/certs_private.h"
#include "base/map.h"
#include "base/mem.h"
#include "crypto/certificate.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/random.h"

#define SCAN_US      (6 * US_PER_HOUR)
#define AGAIN_US     (6 * US_PER_HOUR) /* asking for the window */
#define RETRY_US     (10 * US_PER_MIN)
#define RETRY_MAX_US US_PER_DAY
#define RUN_MAX      5 /* certificates of one run */
#define CERT_MAX     ((size_t)256 * 1024)

static int make_folders(const char *dir, struct err *err)
{
	static const char *const folders[] = { "acme", "acme/http", "acme/tls",
		                               "acme/wishes" };
	char path[PATH_MAX];

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", dir, folders[i]);
		if (file_mkdir(path, i == 3 ? 0770 : 0750, err) < 0)
			return -1;
	}
	return 0;
}

int certs_open(struct certs **out, const struct certs_options *o,
               struct err *err)
{
	struct certs *c = mem_zalloc(sizeof(*c));

	c->o = *o;
	if (make_folders(o->dir, err) < 0 ||
	    certs_list_open(&c->list, o->dir, err) < 0) {
		certs_close(&c);
		return -1;
	}
	*out = c;
	return 0;
}

void certs_close(struct certs **cp)
{
	struct certs *c = *cp;

	if (!c)
		return;
	acme_ca_close(&c->ca);
	certs_list_close(&c->list);
	mem_free(c);
	*cp = NULL;
}

/* ---- the authority ---- */

static int64_t backoff(unsigned failures)
{
	int64_t us = RETRY_US;

	while (failures-- > 0 && us < RETRY_MAX_US)
		us *= 2;
	if (us > RETRY_MAX_US)
		us = RETRY_MAX_US;
	/* Many hosts do not come back in the same second. */
	return us + (int64_t)(random_u64() % (uint64_t)(us / 4));
}

static bool stop(void *certs)
{
	struct certs *c = certs;

	return c->o.stop && c->o.stop(c->o.arg);
}

static int open_ca(struct certs *c, struct err *err)
{
	static const enum acme_kind kinds[] = {
		[CONFIG_ACME_HTTP] = ACME_HTTP,
		[CONFIG_ACME_TLS] = ACME_TLS_ALPN,
		[CONFIG_ACME_DNS] = ACME_DNS,
	};
	const struct config *cfg = c->o.config;
	const char *ca_file = config_z(cfg, OPT_ACME_CA_FILE);
	struct acme_options o = {
		.directory = config_z(cfg, OPT_ACME_DIRECTORY),
		.ca_file = *ca_file ? ca_file : NULL,
		.contact = config_z(cfg, OPT_ACME_CONTACT),
		.eab_kid = config_z(cfg, OPT_ACME_EAB_KID),
		.eab_key = config_z(cfg, OPT_ACME_EAB_KEY),
		.kind = kinds[config_choice(cfg, OPT_ACME_CHALLENGE)],
		.keys = c->o.keys,
		.dns = c->o.dns,
		.publish = certs_publish,
		.withdraw = certs_withdraw,
		.stop = stop,
		.arg = c,
	};

	return c->ca ? 0 : acme_ca_open(&c->ca, &o, err);
}

/* ---- renewal ---- */

/* The part of a window at which this host comes: the same at each look. */
static int64_t within(struct str name, int64_t from_s, int64_t until_s)
{
	uint64_t span = (uint64_t)(until_s - from_s);

	return from_s + (int64_t)(map_hash(0x706f7374687573u, name) % span);
}

static int read_facts(struct certs *c, struct str name,
                      struct certificate_facts *out, struct err *err)
{
	char path[PATH_MAX], *pem;
	size_t n;
	int rc;

	(void)snprintf(path, sizeof(path), "%s/tls/%.*s.crt", c->o.dir,
	               STR_ARG(name));
	if (file_read_all(path, CERT_MAX, &pem, &n, err) < 0)
		return -1;
	rc = certificate_read((struct str){ pem, n }, out, err);
	mem_free(pem);
	return rc;
}

/* When it is to be renewed: as its authority says, else in the last third of
 * its life.  *look_us: when to ask again. */
static int64_t renewal_s(struct certs *c, const struct cert_due *d,
                         const struct certificate_facts *f, int64_t now_us,
                         int64_t *look_us)
{
	int64_t third = (f->until_s - f->from_s) / 3, again_s;
	struct err ignored = ERR_INIT;
	struct acme_window w;
	struct arena a;
	int64_t at;

	*look_us = now_us + AGAIN_US;
	at = within(d->name, f->until_s - third, f->until_s - third * 2 / 3);
	arena_init(&a);
	if (third > 0 && open_ca(c, &ignored) == 0 &&
	    acme_window(c->ca, d->ari.n ? arena_strz(&a, d->ari) : "", &a, &w,
	                &again_s, &ignored) == 0) {
		/* RFC 9773, 4.2: a window that is past means now. */
		at = within(d->name, w.from_s, w.until_s);
		if (again_s > 0)
			*look_us = now_us + again_s * US_PER_SEC;
	}
	arena_deinit(&a);
	return at;
}

/* ---- in place ---- */

int certs_tell(const char *dir, struct err *err)
{
	char path[PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s/tls/changed", dir);
	return file_replace(path, STR("\n"), 0644, err);
}

int certs_place(const char *dir, struct str name, struct str chain,
                struct err *err)
{
	char path[PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s/tls/%.*s.crt", dir,
	               STR_ARG(name));
	if (file_replace(path, chain, 0644, err) < 0)
		return -1;
	return certs_tell(dir, err);
}

/* ---- one certificate ---- */

static size_t split(struct str names, struct str out[ACME_NAMES_MAX])
{
	struct str name;
	size_t n = 0;

	while (n < ACME_NAMES_MAX && str_cut(&names, ' ', &name))
		if (name.n)
			out[n++] = name;
	return n;
}

static int install(struct certs *c, const struct cert_due *d, struct str chain,
                   int64_t now_us, struct err *err)
{
	struct certificate_facts f;

	if (certificate_read(chain, &f, err) < 0 ||
	    certs_place(c->o.dir, d->name, chain, err) < 0 ||
	    certs_got(c->list, d->name, f.until_s, f.ari, now_us + AGAIN_US,
	              err) < 0)
		return -1;
	c->o.told(c->o.arg, d->name, f.until_s, NULL);
	return 0;
}

static int issue(struct certs *c, const struct cert_due *d, int64_t now_us,
                 struct arena *a, struct err *err)
{
	struct str names[ACME_NAMES_MAX], chain;
	size_t n = split(d->names, names);

	if (open_ca(c, err) < 0)
		return -1;
	if (acme_issue(c->ca, names, n, d->name, d->until_s ? d->ari : STR(""),
	               a, &chain, err) < 0)
		return -1;
	return install(c, d, chain, now_us, err);
}

static int note_failure(struct certs *c, const struct cert_due *d,
                        int64_t now_us, const struct err *why, struct err *err)
{
	int64_t wait_us = backoff(d->failures);

	if (c->ca && acme_retry_after(c->ca) * US_PER_SEC > wait_us)
		wait_us = acme_retry_after(c->ca) * US_PER_SEC;
	/* Begin anew with it: perhaps it moved, or our account is gone. */
	acme_ca_close(&c->ca);
	c->o.told(c->o.arg, d->name, 0, why);
	return certs_failed(c->list, d->name, now_us + wait_us,
	                    str_z(why->text), err);
}

/* 0: done with it for now. */
static int look_after(struct certs *c, const struct cert_due *d, int64_t now_us,
                      struct arena *a, struct err *err)
{
	struct certificate_facts f;
	struct err why = ERR_INIT;
	int64_t at_s, look_us;

	if (d->until_s && d->failures == 0 &&
	    read_facts(c, d->name, &f, &why) == 0) {
		at_s = renewal_s(c, d, &f, now_us, &look_us);
		if (at_s > now_us / US_PER_SEC) {
			if (at_s * US_PER_SEC < look_us)
				look_us = at_s * US_PER_SEC;
			return certs_put_off(c->list, d->name, look_us, err);
		}
	}
	/* One that was taken away from here is let go. */
	if (!str_eq(d->name, STR("default")) && !certs_points_here(c, d->name))
		return certs_list_forget(c->list, d->name, err);
	if (issue(c, d, now_us, a, &why) == 0)
		return 0;
	if (why.kind == ERR_CLOSED)
		return 0;
	return note_failure(c, d, now_us, &why, err);
}

int certs_run(struct certs *c, int64_t now_us, struct err *err)
{
	struct cert_due due;
	struct arena a;
	int rc = 0;

	if (!*config_z(c->o.config, OPT_ACME_DIRECTORY))
		return 0;
	if (c->scanned_us == 0 || now_us - c->scanned_us > SCAN_US) {
		if (certs_scan(c, now_us, err) < 0)
			return -1;
		c->scanned_us = now_us;
	}
	if (certs_read_wishes(c, now_us, err) < 0)
		return -1;
	for (int i = 0; rc == 0 && i < RUN_MAX; i++) {
		if (stop(c))
			break;
		arena_init(&a);
		rc = certs_due(c->list, now_us, &a, &due, err);
		if (rc > 0)
			rc = look_after(c, &due, now_us, &a, err);
		else if (rc == 0)
			i = RUN_MAX;
		arena_deinit(&a);
	}
	return rc;
}
