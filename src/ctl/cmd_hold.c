#include "ctl/show.h"

static const struct out_column columns[] = {
	{ "address", "ADDRESS" },
	{ "held", "HELD" },
};

static bool show_held(void *arg, const struct admin_held *h)
{
	struct out *o = arg;

	out_text(o, h->address);
	out_number(o, h->messages);
	return true;
}

int ctl_run_hold_list(struct ctl *c)
{
	struct err err = ERR_INIT;
	struct out o;
	int rc = ctl_admin(c);

	if (rc != CTL_OK)
		return rc;
	out_begin(&o, c, columns, 2, false);
	if (admin_hold_list(c->admin, show_held, &o, &err) < 0)
		return ctl_fail(c, &err, NULL, "cannot list what is held");
	return out_end(&o);
}

static int run(struct ctl *c, const char *operation, bool add, bool discard,
               const char *result)
{
	struct err err = ERR_INIT;
	int rc = ctl_admin(c);

	if (rc != CTL_OK)
		return rc;
	if (discard && !ctl_confirm(c, "What is held of %.*s will be gone.",
	                            STR_ARG(ctl_arg(c, 0))))
		return CTL_USAGE;
	if (CTL_DO(c, &err, operation, CTL_GIVE("address", ctl_arg(c, 0))) < 0)
		return ctl_fail(c, &err, "posthus hold list",
		                "cannot change the hold of %.*s",
		                STR_ARG(ctl_arg(c, 0)));
	if (!add)
		ctl_note(c, "%llu messages", (unsigned long long)c->count);
	return ctl_done(c, "address", ctl_arg(c, 0), result);
}

int ctl_run_hold_add(struct ctl *c)
{
	return run(c, "hold.add", true, false, "on hold");
}

int ctl_run_hold_release(struct ctl *c)
{
	return run(c, "hold.release", false, false, "released");
}

int ctl_run_hold_discard(struct ctl *c)
{
	return run(c, "hold.discard", false, true, "discarded");
}
