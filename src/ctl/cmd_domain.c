#include "ctl/show.h"

int ctl_run_domain_add(struct ctl *c)
{
	struct str name = ctl_arg(c, 0);
	struct err err = ERR_INIT;
	int rc = ctl_admin(c);

	if (rc != CTL_OK)
		return rc;
	if (CTL_DO(c, &err, "domain.add", CTL_GIVE("domain", name),
	           CTL_GIVE("alias_of", str_z(ctl_option(c, "alias-of")))) < 0)
		return ctl_fail(c, &err, NULL, "cannot add the domain %.*s",
		                STR_ARG(name));
	return ctl_done(c, "domain", name, "added");
}

static const struct out_column columns[] = {
	{ "domain", "DOMAIN" },       { "ascii", NULL },
	{ "alias_of", "ALIAS OF" },   { "accounts", "ACCOUNTS" },
	{ "aliases", "ALIASES" },     { "catchall", "CATCH-ALL" },
	{ "admin", "ADMINISTRATOR" }, { "suspended", "SUSPENDED" },
	{ "created", "CREATED" },
};

#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

static bool show_row(void *arg, const struct directory_domain *d)
{
	struct out *o = arg;

	out_text(o, d->display);
	out_text(o, d->name);
	if (d->alias_of)
		out_text(o, d->alias_of_name);
	else
		out_none(o);
	out_number(o, d->accounts);
	out_number(o, d->aliases);
	if (d->catchall)
		out_text(o, d->catchall_address);
	else
		out_none(o);
	if (d->admin)
		out_text(o, d->admin_address);
	else
		out_none(o);
	show_flags(o, d->flags);
	out_time(o, d->created_us);
	return true;
}

int ctl_run_domain_list(struct ctl *c)
{
	struct err err = ERR_INIT;
	struct out o;
	int rc = ctl_admin(c);

	if (rc != CTL_OK)
		return rc;
	out_begin(&o, c, columns, COLUMNS, false);
	rc = directory_domain_each(admin_directory(c->admin), show_row, &o,
	                           &err);
	if (rc < 0)
		return ctl_fail(c, &err, NULL, "cannot list the domains");
	return out_end(&o);
}

int ctl_run_domain_show(struct ctl *c)
{
	struct directory_domain d;
	struct err err = ERR_INIT;
	struct out o;
	int rc = ctl_admin(c);

	if (rc != CTL_OK)
		return rc;
	if (admin_domain_get(c->admin, ctl_arg(c, 0), &c->arena, &d, &err) < 0)
		return ctl_fail(c, &err, "posthus domain list",
		                "cannot show %.*s", STR_ARG(ctl_arg(c, 0)));
	out_begin(&o, c, columns, COLUMNS, true);
	show_row(&o, &d);
	return out_end(&o);
}

int ctl_run_domain_set(struct ctl *c)
{
	const char *who = ctl_option(c, "admin");
	struct err err = ERR_INIT;
	int rc;

	if (!who)
		return ctl_usage(c, "there is nothing to set: --admin ADDRESS");
	rc = ctl_admin(c);
	if (rc != CTL_OK)
		return rc;
	if (CTL_DO(c, &err, "domain.set", CTL_GIVE("domain", ctl_arg(c, 0)),
	           CTL_GIVE("postmaster", *who ? str_z(who) : STR("default"))) <
	    0)
		return ctl_fail(c, &err, show_address_hint(c, str_z(who)),
		                "cannot change %.*s", STR_ARG(ctl_arg(c, 0)));
	return ctl_done(c, "domain", ctl_arg(c, 0), "changed");
}

static int set_flags(struct ctl *c, const char *operation, const char *result)
{
	struct err err = ERR_INIT;
	const struct str *what;
	size_t n = show_flags_asked(c, &what);
	int rc = ctl_admin(c);

	if (rc != CTL_OK)
		return rc;
	if (CTL_DO(c, &err, operation, CTL_GIVE("domain", ctl_arg(c, 0)),
	           CTL_LIST("what", what, n)) < 0)
		return ctl_fail(c, &err, "posthus domain list",
		                "cannot change %.*s", STR_ARG(ctl_arg(c, 0)));
	return ctl_done(c, "domain", ctl_arg(c, 0), result);
}

int ctl_run_domain_suspend(struct ctl *c)
{
	return set_flags(c, "domain.suspend", "suspended");
}

int ctl_run_domain_resume(struct ctl *c)
{
	return set_flags(c, "domain.resume", "resumed");
}

int ctl_run_domain_rm(struct ctl *c)
{
	struct str name = ctl_arg(c, 0);
	struct err err = ERR_INIT;
	const char *hint;
	int rc = ctl_admin(c);

	if (rc != CTL_OK)
		return rc;
	if (CTL_DO(c, &err, "domain.remove", CTL_GIVE("domain", name)) == 0)
		return ctl_done(c, "domain", name, "removed");
	hint = err.kind == ERR_EXISTS
	               ? arena_fmt(&c->arena, "posthus address list %.*s",
	                           STR_ARG(name))
	                         .p
	               : "posthus domain list";
	return ctl_fail(c, &err, hint, "cannot remove the domain %.*s",
	                STR_ARG(name));
}
