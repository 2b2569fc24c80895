/* posthus domain check, posthus check: how a domain looks from outside, and
 * whether the machine is fit for mail. */
#include <string.h>

#include "admin/health.h"
#include "ctl/resolver.h"
#include "ctl/show.h"
#include "os/clock.h"

/* With --wait: how often, and for how long. */
#define AGAIN_US   (15 * US_PER_SEC)
#define PATIENT_US (2 * US_PER_HOUR)

static const struct out_column columns[] = {
	{ "id", "ID" },     { "state", "STATE" }, { "name", "NAME" },
	{ "type", "TYPE" }, { "found", "FOUND" }, { "wanted", "WANTED" },
	{ "why", "WHY" },   { "grade", NULL },
};

static int show_rows(struct ctl *c, const struct admin_checks *r)
{
	struct out o;

	out_begin(&o, c, columns, sizeof(columns) / sizeof(columns[0]), false);
	for (size_t i = 0; i < r->n; i++) {
		const struct admin_check_row *row = &r->v[i];

		out_z(&o, row->id);
		out_z(&o, admin_check_name(row->state));
		out_text(&o, row->name);
		out_z(&o, row->type);
		out_text(&o, row->found);
		out_text(&o, row->wanted);
		out_text(&o, row->why);
		out_z(&o, row->grade == GRADE_MUST     ? "must"
		          : row->grade == GRADE_SHOULD ? "should"
		                                       : "may");
	}
	return out_end(&o);
}

static int show_json(struct ctl *c, const struct admin_checks *r)
{
	struct json_writer w;
	struct buf b;
	int rc;

	buf_init(&b, 1 << 20);
	w = json_writer(&b);
	admin_checks_write(r, &w);
	buf_add_c(&b, '\n');
	rc = out_write(c, buf_str(&b));
	buf_deinit(&b);
	return rc;
}

/* A new resolver each time, which remembers nothing of the last. */
static int look(struct ctl *c, struct admin_checks *r)
{
	struct admin_check_options o = { .dns = NULL };
	struct ctl_resolver rs;
	struct err err = ERR_INIT;
	int rc;

	if (ctl_resolver_start(&rs, c->cfg, &err) < 0)
		return ctl_fail(c, &err, NULL, "cannot ask DNS");
	o.dns = rs.client;
	rc = admin_domain_check(c->admin, &o, ctl_arg(c, 0), &c->arena, r,
	                        &err);
	if (rc == 0)
		rc = admin_checks_keep(c->admin, r, &err);
	ctl_resolver_stop(&rs);
	if (rc < 0)
		return ctl_fail(c, &err, "posthus domain list",
		                "cannot check %.*s", STR_ARG(ctl_arg(c, 0)));
	return CTL_OK;
}

/* What is not yet there, on stderr, a line a look. */
static void tell_waiting(struct ctl *c, const struct admin_checks *r)
{
	struct buf b;

	buf_init(&b, 4096);
	for (size_t i = 0; i < r->n; i++)
		if (r->v[i].grade != GRADE_MAY &&
		    (r->v[i].state == CHECK_MISSING ||
		     r->v[i].state == CHECK_WRONG))
			buf_fmt(&b, "%s%s", b.n ? ", " : "", r->v[i].id);
	ctl_note(c, "not yet: %.*s", STR_ARG(buf_str(&b)));
	buf_deinit(&b);
}

static int look_until(struct ctl *c, struct admin_checks *r)
{
	bool wait = ctl_option(c, "wait") != NULL;
	int64_t until = clock_steady_us() + PATIENT_US;
	int rc = look(c, r);

	while (rc == CTL_OK && wait && admin_checks_state(r) != CHECK_OK &&
	       clock_steady_us() < until) {
		tell_waiting(c, r);
		clock_sleep_us(AGAIN_US);
		rc = look(c, r);
	}
	return rc;
}

static int show(struct ctl *c, const struct admin_checks *r)
{
	int rc = c->json ? show_json(c, r) : show_rows(c, r);

	if (rc != CTL_OK)
		return rc;
	switch (admin_checks_state(r)) {
	case CHECK_WRONG: return CTL_FINDINGS;
	case CHECK_WARNING: return CTL_WARNINGS;
	default: return CTL_OK;
	}
}

int ctl_run_domain_check(struct ctl *c)
{
	struct admin_checks *r = arena_zalloc(&c->arena, sizeof(*r));
	int rc = ctl_admin(c);

	if (rc == CTL_OK)
		rc = look_until(c, r);
	return rc == CTL_OK ? show(c, r) : rc;
}

int ctl_run_check(struct ctl *c)
{
	struct admin_checks *r = arena_zalloc(&c->arena, sizeof(*r));
	struct admin_check_options o = { .dns = NULL };
	struct ctl_resolver rs;
	struct err err = ERR_INIT;
	int rc = ctl_admin(c);

	if (rc != CTL_OK)
		return rc;
	if (ctl_resolver_start(&rs, c->cfg, &err) < 0)
		return ctl_fail(c, &err, NULL, "cannot ask DNS");
	o.dns = rs.client;
	rc = admin_health(c->admin, &o, &c->arena, r, &err);
	if (rc == 0)
		rc = admin_health_keep(c->admin, r, &err);
	ctl_resolver_stop(&rs);
	if (rc < 0)
		return ctl_fail(c, &err, NULL, "cannot check the machine");
	return show(c, r);
}
