#include "admin/records.h"

#include "admin/owner.h"
#include "admin/private.h"
#include "config/endpoints.h"
#include "crypto/hash.h"
#include "keys/client.h"
#include "keys/dkim_store.h"
#include "os/clock.h"
#include "text/idn.h"

const char *admin_record_type_name(enum admin_record_type t)
{
	static const char *const names[] = {
		[RECORD_MX] = "MX",
		[RECORD_TXT] = "TXT",
		[RECORD_CNAME] = "CNAME",
		[RECORD_SRV] = "SRV",
	};

	return names[t];
}

void admin_record_data(const struct admin_record *r, struct buf *out)
{
	struct str rest = r->value;

	if (r->type != RECORD_TXT) {
		buf_add(out, rest);
		buf_add_c(out, '.');
		return;
	}
	do {
		size_t n = rest.n < 255 ? rest.n : 255;

		if (rest.p != r->value.p)
			buf_add_c(out, ' ');
		buf_add_c(out, '"');
		for (size_t i = 0; i < n; i++) {
			if (rest.p[i] == '"' || rest.p[i] == '\\')
				buf_add_c(out, '\\');
			buf_add_c(out, rest.p[i]);
		}
		buf_add_c(out, '"');
		rest = str_from(rest, n);
	} while (rest.n > 0);
}

/* ---- the table ---- */

struct making {
	struct admin *adm;
	struct arena *a;
	struct admin_records *r;
	struct str provider;
};

/* `label` "" is the domain itself. */
static struct admin_record *add(struct making *m, const char *label,
                                enum admin_record_type type, const char *what,
                                struct str value)
{
	struct admin_records *r = m->r;
	struct admin_record *rec;

	if (r->n == ADMIN_RECORDS_MAX)
		err_die("more DNS records than room for them");
	rec = &r->v[r->n++];
	*rec = (struct admin_record){
		.name = *label ? arena_fmt(m->a, "%s.%.*s", label,
		                           STR_ARG(r->domain))
		               : r->domain,
		.type = type,
		.value = value,
		.what = what,
		.state = "",
	};
	return rec;
}

static struct str provider_name(struct making *m, const char *label)
{
	return arena_fmt(m->a, "%s.%.*s", label, STR_ARG(m->provider));
}

static void add_mail(struct making *m)
{
	struct str d = m->r->domain, mx = provider_name(m, "mx");
	unsigned char h[HASH_MAX];
	struct buf policy;
	struct str id;

	add(m, "", RECORD_MX, "MX", arena_fmt(m->a, "10 %.*s", STR_ARG(mx)))
		->needed = true;
	add(m, "", RECORD_TXT, "SPF", STR("v=spf1 mx ~all"))->needed = true;
	add(m, "_dmarc", RECORD_TXT, "DMARC",
	    arena_fmt(m->a,
	              "v=DMARC1; p=quarantine; rua=mailto:postmaster@%.*s",
	              STR_ARG(d)));
	/* RFC 8461, 3.1: the id changes when the policy does. */
	buf_init(&policy, 1000);
	endpoint_mta_sts(m->adm->cfg, &policy);
	hash_bytes(HASH_SHA256, buf_str(&policy), h);
	buf_deinit(&policy);
	id = arena_fmt(m->a, "v=STSv1; id=%02x%02x%02x%02x%02x%02x", h[0], h[1],
	               h[2], h[3], h[4], h[5]);
	add(m, "_mta-sts", RECORD_TXT, "MTA-STS", id);
	add(m, "mta-sts", RECORD_CNAME, "MTA-STS", provider_name(m, "mta-sts"));
	add(m, "_smtp._tls", RECORD_TXT, "TLS-RPT",
	    arena_fmt(m->a, "v=TLSRPTv1; rua=mailto:postmaster@%.*s",
	              STR_ARG(d)));
}

static void add_programs(struct making *m)
{
	static const char *const names[] = { "autoconfig", "autodiscover",
		                             "ua-auto-config" };
	const struct config *cfg = m->adm->cfg;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		add(m, names[i], RECORD_CNAME, "mail programs",
		    provider_name(m, names[i]));
	for (size_t i = 0; i < ENDPOINTS; i++) {
		struct endpoint e;

		if (!endpoint_get(cfg, i, m->a, &e))
			continue;
		add(m, arena_fmt(m->a, "_%s._tcp", e.srv).p, RECORD_SRV,
		    "mail programs",
		    arena_fmt(m->a, "%u 1 %u %.*s", e.srv_priority,
		              (unsigned)e.port, STR_ARG(e.host)));
	}
}

/* ---- DKIM ---- */

static struct dkim_dirs dirs_of(struct admin *adm, struct arena *a)
{
	return (struct dkim_dirs){
		.keys = config_data_path(adm->cfg, a, "keys"),
		.public = config_data_path(adm->cfg, a, "dkim"),
	};
}

/* What was made here belongs to the keys process. */
static int give(struct admin *adm, struct arena *a, struct str domain,
                struct err *err)
{
	static const char *const folders[] = { "keys", "keys/dkim",
		                               "keys/dkim/lock",
		                               "keys/dkim/lock.turn", "dkim" };
	struct dkim_entry v[DKIM_KEYS_MAX];
	const char *path;
	size_t n;

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		if (owner_give_key(adm->cfg,
		                   config_data_path(adm->cfg, a, folders[i]),
		                   err) < 0)
			return -1;
	path = arena_fmt(a, "dkim/%.*s", STR_ARG(domain)).p;
	if (owner_give_key(adm->cfg, config_data_path(adm->cfg, a, path), err) <
	            0 ||
	    dkim_store_list(dirs_of(adm, a).public, domain, a, v, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		path = arena_fmt(a, "keys/dkim/%s.%.*s.key", v[i].selector,
		                 STR_ARG(domain))
		               .p;
		if (owner_give_key(adm->cfg,
		                   config_data_path(adm->cfg, a, path),
		                   err) < 0)
			return -1;
	}
	return 0;
}

static int ensure_keys(struct admin *adm, struct arena *a, struct str domain,
                       struct dkim_entry v[DKIM_KEYS_MAX], size_t *n,
                       struct err *err)
{
	struct dkim_dirs dirs = dirs_of(adm, a);

	if (dkim_store_list(dirs.public, domain, a, v, n, err) < 0)
		return -1;
	if (*n > 0)
		return 0;
	if (adm->keys) {
		struct keys_dkim made[KEYS_DKIM_MAX];
		size_t made_n;

		if (keys_client_dkim_list(adm->keys, domain, made, &made_n,
		                          err) < 0)
			return -1;
		return dkim_store_list(dirs.public, domain, a, v, n, err);
	}
	if (dkim_store_ensure(&dirs, domain, clock_wall_us() / US_PER_SEC,
	                      err) < 0 ||
	    give(adm, a, domain, err) < 0)
		return -1;
	return dkim_store_list(dirs.public, domain, a, v, n, err);
}

static int add_keys(struct making *m, struct err *err)
{
	struct dkim_entry v[DKIM_KEYS_MAX];
	size_t n;

	if (ensure_keys(m->adm, m->a, m->r->domain, v, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		struct str label =
			arena_fmt(m->a, "%s._domainkey", v[i].selector);
		struct admin_record *rec = add(m, label.p, RECORD_TXT, "DKIM",
		                               dkim_entry_record(&v[i], m->a));

		rec->state = dkim_state_words(v[i].state);
		rec->selector = arena_dup(m->a, str_z(v[i].selector));
		rec->needed = v[i].state != DKIM_RETIRED;
	}
	return 0;
}

/* A hosted domain, or the host's own name, which need not be one. */
static int find_name(struct admin *adm, struct str name, struct arena *a,
                     struct str *out, bool *is_host, struct err *err)
{
	struct str host = config_hostname(adm->cfg);
	struct directory_domain d;

	*is_host = false;
	if (directory_domain_get(adm->dir, name, a, &d, err) == 0) {
		*out = d.name;
		return 0;
	}
	if (err->kind != ERR_NOT_FOUND || !str_eq_case(name, host))
		return -1;
	*is_host = true;
	return text_domain_normal(a, host, out, err);
}

int admin_domain_records(struct admin *adm, struct str domain, struct arena *a,
                         struct admin_records *out, struct err *err)
{
	struct making m = { adm, a, out, config_provider_domain(adm->cfg) };
	bool is_host;

	*out = (struct admin_records){ .n = 0 };
	if (find_name(adm, domain, a, &out->domain, &is_host, err) < 0)
		return -1;
	if (is_host) {
		/* Reports have no sender: SPF is asked about HELO. */
		add(&m, "", RECORD_TXT, "SPF", STR("v=spf1 a -all"))->needed =
			true;
		return add_keys(&m, err);
	}
	add_mail(&m);
	if (add_keys(&m, err) < 0)
		return -1;
	add_programs(&m);
	return 0;
}

struct unsigned_domains {
	const char *public;
	struct arena *a, row;
	uint64_t n;
	struct str first;
	struct err *err;
	int rc;
};

static bool look_at_domain(void *arg, const struct directory_domain *d)
{
	struct unsigned_domains *u = arg;
	struct dkim_entry v[DKIM_KEYS_MAX];
	size_t n;

	arena_reset(&u->row);
	u->rc = dkim_store_list(u->public, d->name, &u->row, v, &n, u->err);
	for (size_t i = 0; u->rc == 0 && i < n; i++)
		if (v[i].state == DKIM_ACTIVE)
			return true;
	if (u->n++ == 0)
		u->first = arena_dup(u->a, d->name);
	return u->rc == 0;
}

int admin_unsigned_domains(struct admin *adm, struct arena *a, uint64_t *n_out,
                           struct str *first_out, struct err *err)
{
	struct unsigned_domains u = { .public = dirs_of(adm, a).public,
		                      .a = a,
		                      .err = err };
	int rc;

	arena_init(&u.row);
	rc = directory_domain_each(adm->dir, look_at_domain, &u, err);
	arena_deinit(&u.row);
	*n_out = u.n;
	*first_out = u.first;
	return rc < 0 ? -1 : u.rc;
}

int admin_domain_rotate(struct admin *adm, struct str domain, struct err *err)
{
	struct str name;
	struct arena a;
	bool is_host;
	int rc;

	arena_init(&a);
	rc = find_name(adm, domain, &a, &name, &is_host, err);
	if (rc == 0 && adm->keys) {
		rc = keys_client_dkim_rotate(adm->keys, name, err);
	} else if (rc == 0) {
		struct dkim_dirs dirs = dirs_of(adm, &a);

		rc = dkim_store_rotate(&dirs, name,
		                       clock_wall_us() / US_PER_SEC, err);
		if (rc == 0)
			rc = give(adm, &a, name, err);
	}
	arena_deinit(&a);
	return rc;
}

int admin_domain_key_seen(struct admin *adm, struct str domain,
                          struct str selector, struct err *err)
{
	struct str name;
	struct arena a;
	bool is_host;
	int rc;

	arena_init(&a);
	rc = find_name(adm, domain, &a, &name, &is_host, err);
	if (rc == 0 && adm->keys) {
		rc = keys_client_dkim_seen(adm->keys, name,
		                           arena_strz(&a, selector), err);
	} else if (rc == 0) {
		struct dkim_dirs dirs = dirs_of(adm, &a);

		rc = dkim_store_seen(&dirs, name, selector,
		                     clock_wall_us() / US_PER_SEC, err);
		if (rc == 0)
			rc = give(adm, &a, name, err);
	}
	arena_deinit(&a);
	return rc;
}
