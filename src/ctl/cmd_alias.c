#include "ctl/show.h"

static int fail(struct ctl *c, const struct err *err, const char *what)
{
	struct str address = ctl_arg(c, 0);
	const char *hint = NULL;

	if (err->kind == ERR_NOT_FOUND)
		hint = show_address_hint(c, address);
	return ctl_fail(c, err, hint, "cannot %s %.*s", what, STR_ARG(address));
}

/* Targets of this host that do not exist are taken, but said. */
static void note_unknown(struct ctl *c, struct str address)
{
	struct directory_ends ends;
	struct err ignored = ERR_INIT;
	size_t at = str_rchr(address, '@');

	if (directory_address_expand(admin_directory(c->admin),
	                             str_to(address, at),
	                             str_from(address, at + 1), &c->arena,
	                             &ends, &ignored) < 0)
		return;
	for (size_t i = 0; i < ends.n; i++)
		if (ends.items[i].unknown)
			ctl_note(c, "note: there is no address %.*s (yet)",
			         STR_ARG(ends.items[i].address));
}

/* ---- alias ---- */

static int set_alias(struct ctl *c, bool replace, const char *result)
{
	struct err err = ERR_INIT;
	struct str *targets;
	size_t n;
	int rc = ctl_admin(c);

	if (rc != CTL_OK)
		return rc;
	targets = ctl_args_from(c, 1, &n);
	if (CTL_DO(c, &err, replace ? "alias.set" : "alias.add",
	           CTL_GIVE("address", ctl_arg(c, 0)),
	           CTL_LIST("targets", targets, n)) < 0)
		return fail(c, &err, "set the alias");
	note_unknown(c, ctl_arg(c, 0));
	return ctl_done(c, "address", ctl_arg(c, 0), result);
}

int ctl_run_alias_add(struct ctl *c)
{
	return set_alias(c, false, "added");
}

int ctl_run_alias_set(struct ctl *c)
{
	return set_alias(c, true, "set");
}

static const struct out_column columns[] = {
	{ "address", "ADDRESS" },
	{ "targets", "TARGETS" },
	{ "created", "CREATED" },
};

static bool show_row(void *arg, const struct directory_entry *e)
{
	struct out *o = arg;

	out_text(o, e->address);
	out_list(o, e->targets, e->targets_n);
	out_time(o, e->created_us);
	return true;
}

int ctl_run_alias_list(struct ctl *c)
{
	struct err err = ERR_INIT;
	int64_t domain;
	struct out o;
	int rc = ctl_admin(c);

	if (rc == CTL_OK)
		rc = show_domain_asked(c, ctl_arg(c, 0), &domain);
	if (rc != CTL_OK)
		return rc;
	out_begin(&o, c, columns, 3, false);
	if (directory_entry_each(admin_directory(c->admin), domain,
	                         DIRECTORY_ALIAS, show_row, &o, &err) < 0)
		return ctl_fail(c, &err, NULL, "cannot list the aliases");
	return out_end(&o);
}

static const struct out_column single_columns[] = {
	{ "address", "address" },
	{ "targets", "targets" },
};

int ctl_run_alias_show(struct ctl *c)
{
	struct directory_resolved r;
	struct err err = ERR_INIT;
	struct out o;
	int rc = ctl_admin(c);

	if (rc != CTL_OK)
		return rc;
	if (admin_alias_get(c->admin, ctl_arg(c, 0), &c->arena, &r, &err) < 0)
		return fail(c, &err, "show the alias");
	out_begin(&o, c, single_columns, 2, true);
	out_text(&o, r.address);
	show_targets(&o, &c->arena, r.targets, r.targets_n);
	return out_end(&o);
}

int ctl_run_alias_rm(struct ctl *c)
{
	struct err err = ERR_INIT;
	int rc = ctl_admin(c);

	if (rc != CTL_OK)
		return rc;
	if (CTL_DO(c, &err, "alias.remove",
	           CTL_GIVE("address", ctl_arg(c, 0))) < 0)
		return fail(c, &err, "remove the alias");
	return ctl_done(c, "address", ctl_arg(c, 0), "removed");
}

/* ---- catch-all ---- */

static int set_catchall(struct ctl *c, struct str address, const char *result)
{
	struct str domain = ctl_arg(c, 0);
	struct err err = ERR_INIT;
	int rc = ctl_admin(c);

	if (rc != CTL_OK)
		return rc;
	rc = address.n ? CTL_DO(c, &err, "catchall.set",
	                        CTL_GIVE("domain", domain),
	                        CTL_GIVE("address", address))
	               : CTL_DO(c, &err, "catchall.remove",
	                        CTL_GIVE("domain", domain));
	if (rc < 0)
		return ctl_fail(c, &err,
		                address.n ? show_address_hint(c, address)
		                          : NULL,
		                "cannot set the catch-all of %.*s",
		                STR_ARG(domain));
	return ctl_done(c, "domain", domain, result);
}

int ctl_run_catchall_set(struct ctl *c)
{
	return set_catchall(c, ctl_arg(c, 1), "catch-all set");
}

int ctl_run_catchall_rm(struct ctl *c)
{
	return set_catchall(c, STR(""), "catch-all removed");
}

static const struct out_column catchall_columns[] = {
	{ "domain", "DOMAIN" },
	{ "address", "CATCH-ALL" },
};

static bool show_catchall(void *arg, const struct directory_domain *d)
{
	struct out *o = arg;

	if (!d->catchall)
		return true;
	out_text(o, d->display);
	out_text(o, d->catchall_address);
	return true;
}

int ctl_run_catchall_list(struct ctl *c)
{
	struct err err = ERR_INIT;
	struct out o;
	int rc = ctl_admin(c);

	if (rc != CTL_OK)
		return rc;
	out_begin(&o, c, catchall_columns, 2, false);
	if (directory_domain_each(admin_directory(c->admin), show_catchall, &o,
	                          &err) < 0)
		return ctl_fail(c, &err, NULL, "cannot list the catch-alls");
	return out_end(&o);
}

int ctl_run_catchall_show(struct ctl *c)
{
	struct directory_domain d;
	struct err err = ERR_INIT;
	struct out o;
	int rc = ctl_admin(c);

	if (rc != CTL_OK)
		return rc;
	rc = admin_domain_get(c->admin, ctl_arg(c, 0), &c->arena, &d, &err);
	if (rc == 0 && !d.catchall)
		rc = err_set(&err, ERR_NOT_FOUND, "the domain has none");
	if (rc < 0)
		return ctl_fail(c, &err, "posthus catchall list",
		                "cannot show the catch-all of %.*s",
		                STR_ARG(ctl_arg(c, 0)));
	out_begin(&o, c, catchall_columns, 2, true);
	show_catchall(&o, &d);
	return out_end(&o);
}

/* ---- forward ---- */

int ctl_run_forward_set(struct ctl *c)
{
	bool keep = ctl_option(c, "keep") != NULL;
	bool confirmed = ctl_option(c, "confirmed") != NULL;
	struct err err = ERR_INIT;
	struct str *targets;
	size_t n;
	int rc = ctl_admin(c);

	if (rc != CTL_OK)
		return rc;
	targets = ctl_args_from(c, 1, &n);
	if (CTL_DO(c, &err, "forward.set", CTL_GIVE("address", ctl_arg(c, 0)),
	           CTL_LIST("targets", targets, n),
	           CTL_GIVE("keep", keep ? STR("true") : STR("false")),
	           CTL_GIVE("confirmed",
	                    confirmed ? STR("true") : STR("false"))) < 0)
		return fail(c, &err, "set the forward of");
	if (c->count)
		ctl_note(c,
		         "note: %llu of the targets must confirm first; a "
		         "message with a link goes there",
		         (unsigned long long)c->count);
	note_unknown(c, ctl_arg(c, 0));
	return ctl_done(c, "address", ctl_arg(c, 0), "forward set");
}

int ctl_run_forward_rm(struct ctl *c)
{
	struct err err = ERR_INIT;
	int rc = ctl_admin(c);

	if (rc != CTL_OK)
		return rc;
	if (CTL_DO(c, &err, "forward.remove",
	           CTL_GIVE("address", ctl_arg(c, 0))) < 0)
		return fail(c, &err, "remove the forward of");
	return ctl_done(c, "address", ctl_arg(c, 0), "forward removed");
}

static const struct out_column forward_columns[] = {
	{ "address", "ADDRESS" },
	{ "targets", "TARGETS" },
	{ "keep", "KEEPS A COPY" },
};

static bool show_forward(void *arg, const struct directory_entry *e)
{
	struct out *o = arg;

	if (!e->targets_n)
		return true;
	out_text(o, e->address);
	out_list(o, e->targets, e->targets_n);
	out_flag(o, e->keep);
	return true;
}

int ctl_run_forward_list(struct ctl *c)
{
	struct err err = ERR_INIT;
	int64_t domain;
	struct out o;
	int rc = ctl_admin(c);

	if (rc == CTL_OK)
		rc = show_domain_asked(c, ctl_arg(c, 0), &domain);
	if (rc != CTL_OK)
		return rc;
	out_begin(&o, c, forward_columns, 3, false);
	if (directory_entry_each(admin_directory(c->admin), domain,
	                         DIRECTORY_ACCOUNT, show_forward, &o, &err) < 0)
		return ctl_fail(c, &err, NULL, "cannot list the forwards");
	return out_end(&o);
}

int ctl_run_forward_confirm(struct ctl *c)
{
	struct err err = ERR_INIT;
	int rc = ctl_admin(c);

	if (rc != CTL_OK)
		return rc;
	if (CTL_DO(c, &err, "forward.confirm",
	           CTL_GIVE("token", ctl_arg(c, 0))) < 0)
		return ctl_fail(c, &err, "posthus forward list",
		                "cannot confirm the forward");
	return ctl_done(c, "token", ctl_arg(c, 0), "confirmed");
}

static const struct out_column forward_show_columns[] = {
	{ "address", "address" },
	{ "targets", "targets" },
	{ "keep", "keeps a copy" },
	{ "health", "health" },
};

int ctl_run_forward_show(struct ctl *c)
{
	struct directory_account acc;
	struct directory_resolved r;
	struct err err = ERR_INIT;
	struct str *health;
	struct out o;
	size_t at, n = 0;
	int rc = ctl_admin(c);

	if (rc != CTL_OK)
		return rc;
	rc = admin_account_find(c->admin, ctl_arg(c, 0), &c->arena, &acc, &err);
	if (rc < 0)
		return fail(c, &err, "show the forward of");
	at = str_rchr(acc.address, '@');
	if (directory_address_resolve(admin_directory(c->admin),
	                              str_to(acc.address, at),
	                              str_from(acc.address, at + 1), &c->arena,
	                              &r, &err) < 0)
		return fail(c, &err, "show the forward of");
	if (!r.targets_n) {
		err_drop(err_set(&err, ERR_NOT_FOUND, "%.*s has no forward",
		                 STR_ARG(acc.address)));
		return fail(c, &err, "show the forward of");
	}
	if (admin_forward_health(c->admin, acc.id, &c->arena, &health, &n,
	                         &err) < 0)
		return fail(c, &err, "show the forward of");
	out_begin(&o, c, forward_show_columns, 4, true);
	out_text(&o, acc.address);
	show_targets(&o, &c->arena, r.targets, r.targets_n);
	out_flag(&o, r.keep);
	out_list(&o, health, n);
	return out_end(&o);
}
