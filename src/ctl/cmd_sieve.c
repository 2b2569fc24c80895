/* Filter scripts, and the answer while the owner is away. */
#include <stdio.h>

#include "admin/script.h"
#include "base/civil.h"
#include "base/mem.h"
#include "ctl/show.h"
#include "os/clock.h"
#include "os/file.h"

static int fail(struct ctl *c, const struct err *err, const char *what)
{
	struct str address = ctl_arg(c, 0);

	return ctl_fail(c, err,
	                err->kind == ERR_NOT_FOUND
	                        ? show_address_hint(c, address)
	                        : NULL,
	                "cannot %s %.*s", what, STR_ARG(address));
}

/* Stdin to its end; ERR_TOO_BIG past `max`. */
static int read_stdin(struct ctl *c, size_t max, struct str *out,
                      struct err *err)
{
	struct buf b;
	char piece[4096];
	size_t n;
	int rc = 0;

	buf_init(&b, max);
	while ((n = fread(piece, 1, sizeof(piece), stdin)) > 0)
		buf_add(&b, (struct str){ piece, n });
	if (buf_overflow(&b))
		rc = err_set(err, ERR_TOO_BIG, "over %zu bytes", max);
	else
		*out = arena_dup(&c->arena, buf_str(&b));
	buf_deinit(&b);
	return rc;
}

int ctl_read_text(struct ctl *c, struct str path, size_t max, struct str *out)
{
	const char *name = arena_strz(&c->arena, path);
	bool standard = str_eq(path, STR("-"));
	struct err err = ERR_INIT;
	size_t n;
	char *p;
	int rc;

	if (standard) {
		rc = read_stdin(c, max, out, &err);
	} else {
		rc = file_read_all(name, max, &p, &n, &err);
		if (rc == 0) {
			*out = arena_dup(&c->arena, (struct str){ p, n });
			mem_free(p);
		}
	}
	if (rc < 0)
		return ctl_fail(c, &err, NULL, "cannot read %s",
		                standard ? "stdin" : name);
	return CTL_OK;
}

static int read_script(struct ctl *c, size_t arg, struct str *out)
{
	int rc = ctl_config(c);

	if (rc != CTL_OK)
		return rc;
	return ctl_read_text(c, ctl_arg(c, arg),
	                     config_u64(c->cfg, OPT_SIEVE_SCRIPT_BYTES), out);
}

static const struct out_column columns[] = {
	{ "name", "NAME" },
	{ "active", "ACTIVE" },
	{ "bytes", "SIZE" },
};

int ctl_run_sieve_list(struct ctl *c)
{
	struct err err = ERR_INIT;
	struct script *list;
	struct out o;
	size_t n;
	int rc = ctl_admin(c);

	if (rc != CTL_OK)
		return rc;
	if (admin_script_list(c->admin, ctl_arg(c, 0), &c->arena, &list, &n,
	                      &err) < 0)
		return fail(c, &err, "list the scripts of");
	out_begin(&o, c, columns, 3, false);
	for (size_t i = 0; i < n; i++) {
		out_text(&o, list[i].name);
		out_flag(&o, list[i].active);
		out_bytes(&o, list[i].size);
	}
	return out_end(&o);
}

int ctl_run_sieve_get(struct ctl *c)
{
	struct err err = ERR_INIT;
	struct script s;
	int rc = ctl_admin(c);

	if (rc != CTL_OK)
		return rc;
	if (admin_script_get(c->admin, ctl_arg(c, 0), ctl_arg(c, 1), &c->arena,
	                     &s, &err) < 0)
		return fail(c, &err, "show the script of");
	if (file_write(1, s.text, &err) < 0)
		return ctl_fail(c, &err, NULL, "cannot write");
	return CTL_OK;
}

int ctl_run_sieve_put(struct ctl *c)
{
	struct err err = ERR_INIT;
	struct str text = { NULL, 0 };
	int rc = read_script(c, 2, &text);

	if (rc == CTL_OK)
		rc = ctl_admin(c);
	if (rc != CTL_OK)
		return rc;
	if (CTL_DO(c, &err, "script.put", CTL_GIVE("address", ctl_arg(c, 0)),
	           CTL_GIVE("name", ctl_arg(c, 1)), CTL_GIVE("text", text)) < 0)
		return fail(c, &err, "put the script of");
	if (ctl_option(c, "activate") &&
	    CTL_DO(c, &err, "script.activate",
	           CTL_GIVE("address", ctl_arg(c, 0)),
	           CTL_GIVE("name", ctl_arg(c, 1))) < 0)
		return fail(c, &err, "activate the script of");
	return ctl_done(c, "script", ctl_arg(c, 1), "put");
}

int ctl_run_sieve_check(struct ctl *c)
{
	struct err err = ERR_INIT;
	struct str text = { NULL, 0 };
	int rc = read_script(c, 0, &text);

	if (rc != CTL_OK)
		return rc;
	if (admin_script_check(text, &err) < 0)
		return ctl_fail(c, &err, NULL, "the script has a mistake");
	return ctl_done(c, "script", ctl_arg(c, 0), "correct");
}

int ctl_run_sieve_activate(struct ctl *c)
{
	struct err err = ERR_INIT;
	int rc = ctl_admin(c);

	if (rc != CTL_OK)
		return rc;
	if (CTL_DO(c, &err, "script.activate",
	           CTL_GIVE("address", ctl_arg(c, 0)),
	           CTL_GIVE("name", ctl_arg(c, 1))) < 0)
		return fail(c, &err, "activate the script of");
	return ctl_done(c, "script", ctl_arg(c, 1), "active");
}

int ctl_run_sieve_deactivate(struct ctl *c)
{
	struct err err = ERR_INIT;
	int rc = ctl_admin(c);

	if (rc != CTL_OK)
		return rc;
	if (CTL_DO(c, &err, "script.deactivate",
	           CTL_GIVE("address", ctl_arg(c, 0))) < 0)
		return fail(c, &err, "switch off the script of");
	return ctl_done(c, "address", ctl_arg(c, 0), "without a script");
}

int ctl_run_sieve_rm(struct ctl *c)
{
	struct err err = ERR_INIT;
	int rc = ctl_admin(c);

	if (rc != CTL_OK)
		return rc;
	if (CTL_DO(c, &err, "script.remove", CTL_GIVE("address", ctl_arg(c, 0)),
	           CTL_GIVE("name", ctl_arg(c, 1))) < 0)
		return fail(c, &err, "remove the script of");
	return ctl_done(c, "script", ctl_arg(c, 1), "removed");
}

/* ---- vacation ---- */

/* "2026-12-24": the beginning of that day in UTC. */
static bool parse_day(struct str s, int64_t *out)
{
	uint64_t y, m, d;

	if (s.n != 10 || s.p[4] != '-' || s.p[7] != '-' ||
	    !str_to_u64(str_to(s, 4), 9999, &y) ||
	    !str_to_u64((struct str){ s.p + 5, 2 }, 12, &m) || m < 1 ||
	    !str_to_u64(str_from(s, 8), 31, &d) || d < 1)
		return false;
	*out = civil_seconds(&(struct civil){ .year = (int32_t)y,
	                                      .month = (int8_t)m,
	                                      .day = (int8_t)d }) *
	       US_PER_SEC;
	return true;
}

static int check_options(struct ctl *c)
{
	const char *from = ctl_option(c, "from");
	const char *until = ctl_option(c, "until");
	const char *days = ctl_option(c, "days");
	int64_t us;
	uint32_t n;

	if (from && !parse_day(str_z(from), &us))
		return ctl_usage(c, "\"%s\" is no day such as 2026-12-24",
		                 from);
	if (until && !parse_day(str_z(until), &us))
		return ctl_usage(c, "\"%s\" is no day such as 2026-12-24",
		                 until);
	if (days && !str_to_u32(str_z(days), &n))
		return ctl_usage(c, "\"%s\" is no number of days", days);
	return CTL_OK;
}

int ctl_run_vacation_set(struct ctl *c)
{
	struct err err = ERR_INIT;
	struct str text = { NULL, 0 };
	int rc = check_options(c);

	if (rc == CTL_OK)
		rc = ctl_read_text(c, ctl_arg(c, 1), VACATION_TEXT_MAX, &text);
	if (rc == CTL_OK)
		rc = ctl_admin(c);
	if (rc != CTL_OK)
		return rc;
	if (CTL_DO(c, &err, "vacation.set", CTL_GIVE("address", ctl_arg(c, 0)),
	           CTL_GIVE("text", text),
	           CTL_GIVE("subject", str_z(ctl_option(c, "subject"))),
	           CTL_GIVE("from", str_z(ctl_option(c, "from"))),
	           CTL_GIVE("until", str_z(ctl_option(c, "until"))),
	           CTL_GIVE("days", str_z(ctl_option(c, "days")))) < 0)
		return fail(c, &err, "set the vacation of");
	return ctl_done(c, "address", ctl_arg(c, 0), "answered");
}

int ctl_run_vacation_off(struct ctl *c)
{
	struct err err = ERR_INIT;
	int rc = ctl_admin(c);

	if (rc != CTL_OK)
		return rc;
	if (CTL_DO(c, &err, "vacation.off",
	           CTL_GIVE("address", ctl_arg(c, 0))) < 0)
		return ctl_fail(c, &err, NULL,
		                "cannot end the vacation of %.*s",
		                STR_ARG(ctl_arg(c, 0)));
	return ctl_done(c, "address", ctl_arg(c, 0), "not answered any more");
}

static const struct out_column vacation_columns[] = {
	{ "on", "on" },     { "from", "from" },       { "until", "until" },
	{ "days", "days" }, { "subject", "subject" }, { "text", "text" },
};

int ctl_run_vacation_show(struct ctl *c)
{
	struct err err = ERR_INIT;
	struct vacation v;
	struct out o;
	int rc = ctl_admin(c);

	if (rc != CTL_OK)
		return rc;
	if (admin_vacation_get(c->admin, ctl_arg(c, 0), &c->arena, &v, &err) <
	    0)
		return ctl_fail(c, &err, NULL,
		                "cannot show the vacation of %.*s",
		                STR_ARG(ctl_arg(c, 0)));
	out_begin(&o, c, vacation_columns, 6, true);
	out_flag(&o, v.on);
	out_time(&o, v.from_us);
	out_time(&o, v.until_us);
	out_number(&o, v.days);
	out_text(&o, v.subject);
	out_text(&o, v.text);
	return out_end(&o);
}
