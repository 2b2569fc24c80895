#include "ctl/show.h"

static const struct out_column columns[] = {
	{ "address", "ADDRESS" }, { "kind", "KIND" },
	{ "targets", "TARGETS" }, { "keep", NULL },
	{ "name", "NAME" },       { "suspended", "SUSPENDED" },
	{ "created", "CREATED" },
};

static bool show_row(void *arg, const struct directory_entry *e)
{
	struct out *o = arg;

	out_text(o, e->address);
	out_z(o, show_kind(e->kind));
	out_list(o, e->targets, e->targets_n);
	out_flag(o, e->keep);
	out_text(o, e->name);
	show_flags(o, e->flags);
	out_time(o, e->created_us);
	return true;
}

int ctl_run_address_list(struct ctl *c)
{
	struct err err = ERR_INIT;
	int64_t domain;
	struct out o;
	int rc = ctl_admin(c);

	if (rc == CTL_OK)
		rc = show_domain_asked(c, ctl_arg(c, 0), &domain);
	if (rc != CTL_OK)
		return rc;
	out_begin(&o, c, columns, sizeof(columns) / sizeof(columns[0]), false);
	if (directory_entry_each(admin_directory(c->admin), domain,
	                         DIRECTORY_NONE, show_row, &o, &err) < 0)
		return ctl_fail(c, &err, NULL, "cannot list the addresses");
	return out_end(&o);
}

static const struct out_column end_columns[] = {
	{ "address", "ADDRESS" }, { "result", "RESULT" },       { "by", "BY" },
	{ "account", "ACCOUNT" }, { "suspended", "SUSPENDED" },
};

static void show_end(struct out *o, const struct directory_end *e)
{
	out_text(o, e->address);
	out_z(o, admin_end_result(e));
	out_z(o, admin_end_way(e));
	if (e->here)
		out_text(o, e->to.address);
	else
		out_none(o);
	show_flags(o, e->here ? e->to.flags & DIRECTORY_NO_RECEIVE : 0);
}

int ctl_run_address_show(struct ctl *c)
{
	struct str address = ctl_arg(c, 0);
	size_t at = str_rchr(address, '@');
	struct directory_ends ends;
	struct err err = ERR_INIT;
	struct out o;
	int rc = ctl_admin(c);

	if (rc != CTL_OK)
		return rc;
	if (at == STR_NPOS)
		return ctl_usage(c, "\"%.*s\" is no address: the @ is missing",
		                 STR_ARG(address));
	if (directory_address_expand(admin_directory(c->admin),
	                             str_to(address, at),
	                             str_from(address, at + 1), &c->arena,
	                             &ends, &err) < 0)
		return ctl_fail(c, &err, show_address_hint(c, address),
		                "cannot show %.*s", STR_ARG(address));
	out_begin(&o, c, end_columns, 5, false);
	for (size_t i = 0; i < ends.n; i++)
		show_end(&o, &ends.items[i]);
	return out_end(&o);
}
