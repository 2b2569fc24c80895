#include "admin/caller.h"

#include <pwd.h>
#include <unistd.h>

#include "admin/private.h"
#include "directory/role.h"

struct loading {
	struct arena *a;
	struct admin_caller *by;
	int64_t *domains;
	size_t cap;
};

static bool take_role(void *arg, const struct directory_role *r)
{
	struct loading *l = arg;
	struct admin_caller *by = l->by;

	if (!r->domain) {
		by->roles |= ADMIN_OPERATOR;
		return true;
	}
	l->domains = arena_grow(l->a, l->domains, by->domains_n, &l->cap,
	                        sizeof(*l->domains));
	l->domains[by->domains_n++] = r->domain;
	by->roles |= ADMIN_DOMAIN;
	return true;
}

int admin_caller_load(struct admin *adm, int64_t account, struct arena *a,
                      struct admin_caller *out, struct err *err)
{
	struct admin_caller by = { .roles = ADMIN_OWN,
		                   .account = account,
		                   .scopes = ADMIN_SCOPES_ALL };
	struct loading l = { .a = a, .by = &by };
	struct directory_account acc;

	if (directory_account_get(adm->dir, account, a, &acc, err) < 0 ||
	    directory_role_each(adm->dir, account, take_role, &l, err) < 0)
		return -1;
	by.domains = l.domains;
	by.address = arena_dup(a, acc.address);
	by.home_domain = acc.domain_id;
	by.who = by.address;
	*out = by;
	return 0;
}

void admin_caller_local(struct arena *a, struct admin_caller *out)
{
	const struct passwd *u = getpwuid(geteuid());

	*out = (struct admin_caller){
		.roles = ADMIN_OPERATOR,
		.scopes = ADMIN_SCOPES_ALL,
		.who = u ? arena_dup(a, str_z(u->pw_name))
		         : arena_fmt(a, "uid %lu", (unsigned long)geteuid()),
		.origin = STR("command line"),
		.proved = true,
	};
}

bool admin_caller_has_domain(const struct admin_caller *by, int64_t domain)
{
	if (by->roles & ADMIN_OPERATOR)
		return true;
	for (size_t i = 0; i < by->domains_n; i++)
		if (by->domains[i] == domain)
			return true;
	return false;
}

const char *admin_caller_role(const struct admin_caller *by)
{
	if (by->roles & ADMIN_OPERATOR)
		return "operator";
	return by->roles & ADMIN_DOMAIN ? "domain" : "user";
}

/* ---- scopes ---- */

static const char *const areas[ADMIN_AREA_COUNT] = {
	[ADMIN_AREA_DOMAINS] = "domains", [ADMIN_AREA_ADDRESSES] = "addresses",
	[ADMIN_AREA_SENDING] = "sending", [ADMIN_AREA_RECEIVING] = "receiving",
	[ADMIN_AREA_HOST] = "host",       [ADMIN_AREA_ACCESS] = "access",
};

const char *admin_area_name(enum admin_area area)
{
	return areas[area];
}

/* To change something means to see it. */
static uint64_t bits_of(enum admin_area area, bool change)
{
	return ADMIN_SCOPE_READ(area) |
	       (change ? ADMIN_SCOPE_CHANGE(area) : (uint64_t)0);
}

bool admin_scope_parse(struct str text, uint64_t *out)
{
	uint64_t bits = 0;
	struct str area;
	bool change, known = false;

	if (!str_cut(&text, ':', &area))
		return false;
	change = str_eq(text, STR("change"));
	if (!change && !str_eq(text, STR("read")))
		return false;
	for (unsigned i = 0; i < ADMIN_AREA_COUNT; i++)
		if (str_eq(area, STR("all")) || str_eq(area, str_z(areas[i]))) {
			bits |= bits_of((enum admin_area)i, change);
			known = true;
		}
	if (known)
		*out = bits;
	return known;
}

size_t admin_scope_words(uint64_t scopes, struct arena *a, struct str **out)
{
	struct str *v = arena_array(a, ADMIN_AREA_COUNT, sizeof(*v));
	size_t n = 0;

	*out = v;
	if ((scopes & ADMIN_SCOPES_ALL) == ADMIN_SCOPES_ALL) {
		v[0] = STR("all:change");
		return 1;
	}
	for (unsigned i = 0; i < ADMIN_AREA_COUNT; i++)
		if (scopes & ADMIN_SCOPE_CHANGE(i))
			v[n++] = arena_fmt(a, "%s:change", areas[i]);
		else if (scopes & ADMIN_SCOPE_READ(i))
			v[n++] = arena_fmt(a, "%s:read", areas[i]);
	return n;
}
