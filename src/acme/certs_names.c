/* Which names point to this host. */
#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "acme/certs_private.h"
#include "base/mem.h"
#include "config/endpoints.h"
#include "crypto/certificate.h"
#include "os/clock.h"
#include "os/file.h"

#define LOOK_US    (10 * US_PER_SEC)
#define OURS_MAX   32
#define WISHES_MAX 1000
#define CERT_MAX   ((size_t)256 * 1024)

/* An address as in a record: 4 or 16 bytes. */
struct ours {
	unsigned char ip[OURS_MAX][16];
	size_t size[OURS_MAX];
	size_t n;
};

static void add_ours(struct ours *o, struct str ip)
{
	if (o->n == OURS_MAX || (ip.n != 4 && ip.n != 16))
		return;
	memcpy(o->ip[o->n], ip.p, ip.n);
	o->size[o->n++] = ip.n;
}

static bool is_ours(const struct ours *o, struct str ip)
{
	for (size_t i = 0; i < o->n; i++)
		if (o->size[i] == ip.n && memcmp(o->ip[i], ip.p, ip.n) == 0)
			return true;
	return false;
}

static void add_text(struct ours *o, struct str text)
{
	char z[INET6_ADDRSTRLEN];
	unsigned char ip[16];

	if (text.n >= sizeof(z))
		return;
	memcpy(z, text.p, text.n);
	z[text.n] = '\0';
	if (inet_pton(AF_INET, z, ip) == 1)
		add_ours(o, (struct str){ (char *)ip, 4 });
	else if (inet_pton(AF_INET6, z, ip) == 1)
		add_ours(o, (struct str){ (char *)ip, 16 });
}

static void find_ours(struct certs *c, struct ours *o)
{
	static const enum dns_type types[] = { DNS_A, DNS_AAAA };
	const struct str *given;
	struct dns_answer ans;
	struct arena a;
	size_t n = config_list(c->o.config, OPT_ACME_ADDRESSES, &given);

	o->n = 0;
	for (size_t i = 0; i < n; i++)
		add_text(o, given[i]);
	if (n)
		return;
	arena_init(&a);
	for (size_t t = 0; t < 2; t++) {
		dns_lookup(c->o.dns, config_hostname(c->o.config), types[t],
		           LOOK_US, &a, &ans);
		for (size_t i = 0; ans.status == DNS_OK && i < ans.n; i++)
			add_ours(o, ans.rdata[i]);
	}
	arena_deinit(&a);
}

/* All its addresses are ours: an authority may look at any of them. */
static bool points_here(struct certs *c, const struct ours *o, struct str name)
{
	static const enum dns_type types[] = { DNS_A, DNS_AAAA };
	struct dns_answer ans;
	bool some = false, all = true;
	struct arena a;

	arena_init(&a);
	for (size_t t = 0; t < 2; t++) {
		dns_lookup(c->o.dns, name, types[t], LOOK_US, &a, &ans);
		for (size_t i = 0; ans.status == DNS_OK && i < ans.n; i++) {
			some = true;
			all = all && is_ours(o, ans.rdata[i]);
		}
	}
	arena_deinit(&a);
	return some && all;
}

bool certs_points_here(struct certs *c, struct str name)
{
	struct ours o;

	find_ours(c, &o);
	return points_here(c, &o, name);
}

/* The operator's own: it is there, and neither made nor got by us. */
static bool is_given(struct certs *c, struct str name)
{
	struct certificate_facts f;
	struct err ignored = ERR_INIT;
	char path[PATH_MAX], *pem;
	bool known = false, given;
	size_t n;

	if (certs_has(c->list, name, &known, &ignored) < 0 || known)
		return false;
	(void)snprintf(path, sizeof(path), "%s/tls/%.*s.crt", c->o.dir,
	               STR_ARG(name));
	if (file_read_all(path, CERT_MAX, &pem, &n, &ignored) < 0)
		return false;
	given = certificate_read((struct str){ pem, n }, &f, &ignored) == 0 &&
	        !f.self_signed;
	mem_free(pem);
	return given;
}

/* ---- the provider's names: one certificate ---- */

static int want_provider(struct certs *c, const struct ours *o, int64_t now_us,
                         struct err *err)
{
	struct str domain = config_provider_domain(c->o.config);
	struct str host = config_hostname(c->o.config), name;
	struct arena a;
	struct buf names;
	int rc = 0;

	arena_init(&a);
	buf_init(&names, 16384);
	if (points_here(c, o, host))
		buf_add(&names, host);
	for (size_t i = 0; i < ENDPOINT_PREFIXES; i++) {
		name = arena_fmt(&a, "%s.%.*s", endpoint_prefixes[i],
		                 STR_ARG(domain));
		if (str_eq(name, host) || !points_here(c, o, name))
			continue;
		if (names.n)
			buf_add_c(&names, ' ');
		buf_add(&names, name);
	}
	if (names.n && !is_given(c, STR("default")))
		rc = certs_want(c->list, STR("default"), buf_str(&names),
		                now_us, err);
	buf_deinit(&names);
	arena_deinit(&a);
	return rc;
}

/* ---- hosted names ---- */

struct domains {
	struct arena a;
	struct str *v;
	size_t n, cap;
};

static bool take_domain(void *arg, const struct directory_domain *d)
{
	struct domains *all = arg;

	all->v =
		arena_grow(&all->a, all->v, all->n, &all->cap, sizeof(*all->v));
	all->v[all->n++] = arena_dup(&all->a, d->name);
	return true;
}

static int want_hosted(struct certs *c, const struct ours *o, struct str name,
                       int64_t now_us, struct err *err)
{
	if (!points_here(c, o, name) || is_given(c, name))
		return 0;
	return certs_want(c->list, name, name, now_us, err);
}

static bool stopped(const struct certs *c)
{
	return c->o.stop && c->o.stop(c->o.arg);
}

int certs_scan(struct certs *c, int64_t now_us, struct err *err)
{
	struct domains all = { .n = 0 };
	const struct str *prefixes;
	struct ours o;
	size_t n = config_list(c->o.config, OPT_ACME_PREFIXES, &prefixes);
	int rc;

	find_ours(c, &o);
	if (o.n == 0)
		return 0;
	arena_init(&all.a);
	rc = want_provider(c, &o, now_us, err);
	if (rc == 0 && config_bool(c->o.config, OPT_ACME_HOSTED))
		rc = directory_domain_each(c->o.directory, take_domain, &all,
		                           err);
	for (size_t i = 0; rc == 0 && i < all.n && !stopped(c); i++)
		for (size_t p = 0; rc == 0 && p < n; p++)
			rc = want_hosted(c, &o,
			                 arena_fmt(&all.a, "%.*s.%.*s",
			                           STR_ARG(prefixes[p]),
			                           STR_ARG(all.v[i])),
			                 now_us, err);
	arena_deinit(&all.a);
	return rc;
}

/* ---- what clients asked for ---- */

static void wishes_path(const char *dir, char out[PATH_MAX])
{
	(void)snprintf(out, PATH_MAX, "%s/acme/wishes", dir);
}

void certs_wish(const char *dir, struct str name)
{
	char path[PATH_MAX], folder[PATH_MAX];
	struct err ignored = ERR_INIT;
	int fd;

	wishes_path(dir, folder);
	if (name.n == 0 || name.n > 200 || name.p[0] == '.' ||
	    str_chr(name, '/') != STR_NPOS || str_chr(name, '*') != STR_NPOS)
		return;
	(void)snprintf(path, sizeof(path), "%.3800s/%.*s", folder,
	               STR_ARG(name));
	/* It need not last: the next client asks again. */
	fd = file_open(path, O_WRONLY | O_CREAT, 0660, &ignored);
	file_close(&fd);
}

int certs_read_wishes(struct certs *c, int64_t now_us, struct err *err)
{
	char path[PATH_MAX], file[PATH_MAX];
	struct dirent *e;
	struct ours o = { .n = 0 };
	size_t n = 0;
	int rc = 0;
	DIR *d;

	wishes_path(c->o.dir, path);
	d = opendir(path);
	if (!d)
		return 0;
	while (rc == 0 && n < WISHES_MAX && (e = readdir(d)) != NULL &&
	       !stopped(c)) {
		if (e->d_name[0] == '.')
			continue;
		if (n++ == 0)
			find_ours(c, &o);
		rc = want_hosted(c, &o, str_z(e->d_name), now_us, err);
		(void)snprintf(file, sizeof(file), "%.3800s/%s", path,
		               e->d_name);
		(void)unlink(file);
	}
	(void)closedir(d);
	return rc;
}
