#include "ctl/show.h"
#include "greylist/greylist.h"
#include "os/clock.h"

static int open_list(struct ctl *c, struct greylist **out)
{
	struct err err = ERR_INIT;
	int rc = ctl_admin(c);

	if (rc == CTL_OK && admin_greylist(c->admin, out, &err) < 0)
		return ctl_fail(c, &err, NULL, "cannot open the greylist");
	return rc;
}

/* ---- who waits ---- */

static const struct out_column columns[] = {
	{ "sender", "FROM" },   { "recipient", "TO" }, { "vouched", "BY" },
	{ "first", "FIRST" },   { "last", "LAST" },    { "tries", "TRIES" },
	{ "passes", "PASSES" },
};

struct shown {
	struct out out;
	int64_t wait_us;
};

static bool show_item(void *arg, const struct greylist_item *i)
{
	struct shown *s = arg;

	out_text(&s->out, i->sender);
	out_text(&s->out, i->recipient);
	out_text(&s->out, i->vouched);
	out_time(&s->out, i->first_us);
	out_time(&s->out, i->last_us);
	out_number(&s->out, i->tries);
	out_time(&s->out, i->first_us + s->wait_us);
	return true;
}

int ctl_run_greylist_list(struct ctl *c)
{
	struct err err = ERR_INIT;
	struct greylist *g;
	struct shown s;
	int rc = open_list(c, &g);

	if (rc != CTL_OK)
		return rc;
	s.wait_us = (int64_t)config_u64(c->cfg, OPT_POLICY_GREYLIST_MINUTES) *
	            US_PER_MIN;
	out_begin(&s.out, c, columns, sizeof(columns) / sizeof(columns[0]),
	          false);
	if (greylist_waiting(g, ctl_arg(c, 0), clock_wall_us(), show_item, &s,
	                     &err) < 0)
		return ctl_fail(c, &err, NULL, "cannot list who waits");
	return out_end(&s.out);
}

/* ---- what was said ---- */

static const struct out_column word_columns[] = {
	{ "sender", "FROM" },
	{ "for", "FOR" },
	{ "result", "RESULT" },
	{ "since", "SINCE" },
};

struct words {
	struct out out;
	struct str of;
};

static bool show_word(void *arg, const struct greylist_word *w)
{
	struct words *s = arg;

	if (s->of.n && !str_eq_case(s->of, w->sender) &&
	    !str_eq_case(s->of, w->scope))
		return true;
	out_text(&s->out, w->sender);
	out_text(&s->out, w->scope.n ? w->scope : STR("all"));
	out_z(&s->out, w->what == GREYLIST_ALLOW ? "allowed" : "blocked");
	out_time(&s->out, w->at_us);
	return true;
}

int ctl_run_greylist_show(struct ctl *c)
{
	struct err err = ERR_INIT;
	struct greylist *g;
	struct words s = { .of = ctl_arg(c, 0) };
	int rc = open_list(c, &g);

	if (rc != CTL_OK)
		return rc;
	out_begin(&s.out, c, word_columns, 4, false);
	if (greylist_words(g, show_word, &s, &err) < 0)
		return ctl_fail(c, &err, NULL, "cannot show the greylist");
	return out_end(&s.out);
}

static int set(struct ctl *c, const char *operation, const char *result)
{
	struct err err = ERR_INIT;
	int rc = ctl_admin(c);

	if (rc != CTL_OK)
		return rc;
	if (CTL_DO(c, &err, operation, CTL_GIVE("sender", ctl_arg(c, 0)),
	           CTL_GIVE("for", str_z(ctl_option(c, "for")))) < 0)
		return ctl_fail(c, &err, "posthus greylist show",
		                "cannot change the greylist");
	return ctl_done(c, "sender", ctl_arg(c, 0), result);
}

int ctl_run_greylist_allow(struct ctl *c)
{
	return set(c, "greylist.allow", "allowed");
}

int ctl_run_greylist_block(struct ctl *c)
{
	return set(c, "greylist.block", "blocked");
}

int ctl_run_greylist_rm(struct ctl *c)
{
	return set(c, "greylist.remove", "removed");
}
