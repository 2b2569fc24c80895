#include <pwd.h>
#include <unistd.h>

#include "ctl/show.h"

static const struct out_column columns[] = {
	{ "uid", "UID" },
	{ "user", "USER" },
	{ "domain", "DOMAIN" },
};

static bool show_row(void *arg, uint32_t uid, struct str domain)
{
	const struct passwd *u = getpwuid((uid_t)uid);
	struct out *o = arg;

	out_number(o, uid);
	if (u)
		out_z(o, u->pw_name);
	else
		out_none(o);
	out_text(o, domain);
	return true;
}

int ctl_run_webspace_list(struct ctl *c)
{
	struct err err = ERR_INIT;
	struct out o;
	int rc = ctl_admin(c);

	if (rc != CTL_OK)
		return rc;
	out_begin(&o, c, columns, sizeof(columns) / sizeof(columns[0]), false);
	if (directory_webspace_each(admin_directory(c->admin), show_row, &o,
	                            &err) < 0)
		return ctl_fail(c, &err, NULL, "cannot list the web spaces");
	return out_end(&o);
}

static int change(struct ctl *c, bool add)
{
	struct str user = ctl_arg(c, 0);
	struct str domain =
		c->n_args > 1 ? ctl_arg(c, 1) : (struct str){ NULL, 0 };
	struct err err = ERR_INIT;
	int rc = ctl_admin(c);

	if (rc != CTL_OK)
		return rc;
	if (CTL_DO(c, &err, add ? "webspace.add" : "webspace.remove",
	           CTL_GIVE("user", user), CTL_GIVE("domain", domain)) < 0)
		return ctl_fail(c, &err, "posthus webspace list",
		                "cannot %s the web space of %.*s",
		                add ? "add to" : "take from", STR_ARG(user));
	return ctl_done(c, "user", user, add ? "added" : "removed");
}

int ctl_run_webspace_add(struct ctl *c)
{
	return change(c, true);
}

int ctl_run_webspace_rm(struct ctl *c)
{
	return change(c, false);
}
