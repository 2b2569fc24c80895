#include "admin/check.h"

#include "admin/check_private.h"
#include "directory/setting.h"
#include "os/clock.h"

/* Past it rows are "could not check". */
#define CHECK_US   (30 * US_PER_SEC)
#define RESULT_MAX ((size_t)256 * 1024)

static const char *const names[] = {
	[CHECK_OK] = "ok",
	[CHECK_WARNING] = "warning",
	[CHECK_WRONG] = "wrong",
	[CHECK_MISSING] = "missing",
	[CHECK_UNKNOWN] = "could not check",
	[CHECK_NOT_NEEDED] = "not needed",
};

const char *admin_check_name(enum admin_check state)
{
	return names[state];
}

int admin_domain_check(struct admin *adm, const struct admin_check_options *o,
                       struct str domain, struct arena *a,
                       struct admin_checks *out, struct err *err)
{
	struct checking *k = arena_zalloc(a, sizeof(*k));
	struct directory_domain d;
	int n;

	if (directory_domain_get(adm->dir, domain, a, &d, err) < 0)
		return -1;
	*k = (struct checking){
		.adm = adm,
		.o = o,
		.a = a,
		.r = out,
		.provider = config_provider_domain(adm->cfg),
	};
	*out = (struct admin_checks){ .domain = d.name,
		                      .domain_id = d.id,
		                      .at_us = clock_wall_us() };
	if (admin_domain_records(adm, domain, a, &k->records, err) < 0)
		return -1;
	k->until_us = clock_steady_us() + CHECK_US;
	k->mx = arena_fmt(a, "mx.%.*s", STR_ARG(k->provider));
	n = check_addresses(k, k->mx, k->own, CHECK_ADDRESSES_MAX);
	k->own_n = n > 0 ? (size_t)n : 0;
	check_mail(k);
	check_security(k);
	check_programs(k);
	return 0;
}

enum admin_check admin_checks_state(const struct admin_checks *r)
{
	enum admin_check worst = CHECK_OK;

	for (size_t i = 0; i < r->n; i++) {
		const struct admin_check_row *row = &r->v[i];
		bool missing = row->state == CHECK_MISSING;

		if (row->state == CHECK_WRONG ||
		    (missing && row->grade == GRADE_MUST))
			return CHECK_WRONG;
		if (row->state == CHECK_WARNING ||
		    (missing && row->grade == GRADE_SHOULD))
			worst = CHECK_WARNING;
	}
	return worst;
}

static void write_row(const struct admin_check_row *row, struct json_writer *w)
{
	static const char *const grades[] = {
		[GRADE_MUST] = "must",
		[GRADE_SHOULD] = "should",
		[GRADE_MAY] = "may",
	};

	json_object(w);
	json_member_z(w, "id", row->id);
	json_member_z(w, "grade", grades[row->grade]);
	json_member_z(w, "state", admin_check_name(row->state));
	json_member_str(w, "name", row->name);
	json_member_z(w, "type", row->type);
	json_member_str(w, "found", row->found);
	json_member_str(w, "wanted", row->wanted);
	json_member_str(w, "why", row->why);
	json_end(w);
}

void admin_checks_write(const struct admin_checks *r, struct json_writer *w)
{
	json_object(w);
	json_member_str(w, "domain", r->domain);
	json_member_time(w, "time", r->at_us);
	json_member_z(w, "state", admin_check_name(admin_checks_state(r)));
	json_key(w, STR("rows"));
	json_array(w);
	for (size_t i = 0; i < r->n; i++)
		write_row(&r->v[i], w);
	json_end(w);
	json_end(w);
}

int admin_checks_keep(struct admin *adm, const struct admin_checks *r,
                      struct err *err)
{
	struct directory_check c = {
		.domain = r->domain_id,
		.at_us = r->at_us,
		.state = str_z(admin_check_name(admin_checks_state(r))),
	};
	struct json_writer w;
	struct buf b;
	int rc;

	buf_init(&b, RESULT_MAX);
	w = json_writer(&b);
	admin_checks_write(r, &w);
	c.result = buf_str(&b);
	rc = directory_check_put(adm->dir, &c, err);
	buf_deinit(&b);
	return rc;
}
