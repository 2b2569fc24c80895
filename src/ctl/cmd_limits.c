#include "ctl/show.h"
#include "os/clock.h"

static const struct out_column columns[] = {
	{ "limit", "LIMIT" }, { "used", "USED" }, { "most", "MOST" },
	{ "frees", "FREES" }, { "own", "OWN" },   { "who", "WHO" },
	{ "window_s", NULL },
};

static void show_users(struct out *o, struct arena *a,
                       const struct admin_limit *l)
{
	struct str *who = arena_array(a, l->users_n + 1, sizeof(*who));
	size_t n = 0;

	for (size_t i = 0; i < l->users_n; i++)
		if (l->users[i].address.n)
			who[n++] = arena_fmt(a, "%.*s %llu",
			                     STR_ARG(l->users[i].address),
			                     (unsigned long long)l->users[i].n);
	out_list(o, who, n);
}

int ctl_run_limits_show(struct ctl *c)
{
	struct admin_limit rows[ADMIN_LIMITS];
	struct err err = ERR_INIT;
	struct out o;
	size_t n;
	int rc = ctl_admin(c);

	if (rc != CTL_OK)
		return rc;
	if (admin_limits_show(c->admin, ctl_arg(c, 0), &c->arena, rows, &n,
	                      &err) < 0)
		return ctl_fail(c, &err, "posthus domain list",
		                "cannot show the limits of %.*s",
		                STR_ARG(ctl_arg(c, 0)));
	out_begin(&o, c, columns, sizeof(columns) / sizeof(columns[0]), false);
	for (size_t i = 0; i < n; i++) {
		out_z(&o, rows[i].key);
		out_number(&o, rows[i].used);
		if (rows[i].limited)
			out_number(&o, rows[i].limit);
		else
			out_none(&o);
		out_time(&o, rows[i].frees_us);
		out_flag(&o, rows[i].own);
		show_users(&o, &c->arena, &rows[i]);
		out_number(&o, (uint64_t)(rows[i].length_us / US_PER_SEC));
	}
	return out_end(&o);
}

/* Limits are of a domain, or of an account. */
static bool is_domain(const struct ctl *c)
{
	return str_chr(ctl_arg(c, 0), '@') == STR_NPOS;
}

int ctl_run_limits_set(struct ctl *c)
{
	struct str value = ctl_arg(c, 2);
	bool remove = str_eq(value, STR("default"));
	struct err err = ERR_INIT;
	uint64_t n = 0;
	int rc = ctl_admin(c);

	if (rc != CTL_OK)
		return rc;
	if (!remove && !str_to_u64(value, 1000000000, &n))
		return ctl_usage(c,
		                 "\"%.*s\" is no limit: a number, or "
		                 "\"default\"",
		                 STR_ARG(value));
	rc = is_domain(c) ? CTL_DO(c, &err, "limits.set_domain",
	                           CTL_GIVE("domain", ctl_arg(c, 0)),
	                           CTL_GIVE("limit", ctl_arg(c, 1)),
	                           CTL_GIVE("most", value))
	                  : CTL_DO(c, &err, "limits.set_account",
	                           CTL_GIVE("address", ctl_arg(c, 0)),
	                           CTL_GIVE("limit", ctl_arg(c, 1)),
	                           CTL_GIVE("most", value));
	if (rc < 0)
		return ctl_fail(c, &err, "posthus limits show DOMAIN",
		                "cannot set the limit of %.*s",
		                STR_ARG(ctl_arg(c, 0)));
	return ctl_done(c, "of", ctl_arg(c, 0), "set");
}

int ctl_run_limits_reset(struct ctl *c)
{
	struct err err = ERR_INIT;
	int rc = ctl_admin(c);

	if (rc != CTL_OK)
		return rc;
	if (!ctl_confirm(c, "What %.*s sent so far will count no more.",
	                 STR_ARG(ctl_arg(c, 0))))
		return CTL_USAGE;
	rc = is_domain(c) ? CTL_DO(c, &err, "limits.reset_domain",
	                           CTL_GIVE("domain", ctl_arg(c, 0)))
	                  : CTL_DO(c, &err, "limits.reset_account",
	                           CTL_GIVE("address", ctl_arg(c, 0)));
	if (rc < 0)
		return ctl_fail(c, &err, NULL, "cannot reset the limits");
	return ctl_done(c, "of", ctl_arg(c, 0), "reset");
}
