/* VacationResponse/get and /set (RFC 8621, 8): the account's one setting,
 * which the command line sets too. */
#include "jmap/header.h"
#include "jmap/methods.h"
#include "jmap/object.h"
#include "jmap/sieve.h"
#include "os/clock.h"
#include "store/remember.h"

#define SINGLETON    "singleton"
#define DAYS_DEFAULT 7 /* RFC 5230, 4.1 */

static void write_id(struct jmap_call *c, const void *o)
{
	(void)o;
	json_z(&c->w, SINGLETON);
}

static void write_enabled(struct jmap_call *c, const void *o)
{
	const struct vacation *v = o;

	json_bool(&c->w, v->on);
}

static void write_date(struct jmap_call *c, int64_t us)
{
	if (us)
		jmap_write_utc(&c->w, us / US_PER_SEC);
	else
		json_null(&c->w);
}

static void write_from(struct jmap_call *c, const void *o)
{
	const struct vacation *v = o;

	write_date(c, v->from_us);
}

static void write_to(struct jmap_call *c, const void *o)
{
	const struct vacation *v = o;

	write_date(c, v->until_us);
}

static void write_text(struct jmap_call *c, struct str text)
{
	if (text.n)
		json_str(&c->w, text);
	else
		json_null(&c->w);
}

static void write_subject(struct jmap_call *c, const void *o)
{
	const struct vacation *v = o;

	write_text(c, v->subject);
}

static void write_plain(struct jmap_call *c, const void *o)
{
	const struct vacation *v = o;

	write_text(c, v->text);
}

static void write_html(struct jmap_call *c, const void *o)
{
	const struct vacation *v = o;

	write_text(c, v->html);
}

static const struct jmap_property rows[] = {
	{ "id", JMAP_SERVER_SET | JMAP_IMMUTABLE, write_id },
	{ "isEnabled", 0, write_enabled },
	{ "fromDate", 0, write_from },
	{ "toDate", 0, write_to },
	{ "subject", 0, write_subject },
	{ "textBody", 0, write_plain },
	{ "htmlBody", 0, write_html },
};

#define ROWS_N (sizeof(rows) / sizeof(rows[0]))

/* As it was set, or as it is where nobody set one. */
static int read_vacation(struct jmap_call *c, struct vacation *out,
                         struct err *err)
{
	*out = (struct vacation){ .days = DAYS_DEFAULT };
	if (vacation_get(c->store, c->account, c->arena, out, err) == 0)
		return 0;
	return err->kind == ERR_NOT_FOUND ? 0 : -1;
}

int jmap_vacation_get(struct jmap_call *c)
{
	static const char *const known[] = { "accountId", "ids", "properties",
		                             NULL };
	struct err err = ERR_INIT;
	struct change_state state;
	struct str *missing;
	struct vacation v;
	struct jmap_get g;
	size_t n = 0;
	bool wanted;

	if (jmap_args_known(c, known) < 0 ||
	    jmap_get_read(c, rows, ROWS_N, NULL, NULL, &g) < 0 ||
	    jmap_state(c, CHANGE_VACATION, &state) < 0)
		return -1;
	if (read_vacation(c, &v, &err) < 0)
		return jmap_fail(c, &err);
	wanted = g.all;
	missing = arena_array(c->arena, g.ids_n + 1, sizeof(*missing));
	for (size_t i = 0; i < g.ids_n; i++)
		if (str_eq(g.ids[i], STR(SINGLETON)))
			wanted = true;
		else
			missing[n++] = g.ids[i];
	jmap_get_begin(c, jmap_state_text(c->arena, state));
	if (wanted) {
		json_object(&c->w);
		jmap_get_write(c, rows, ROWS_N, g.wanted, &v);
		json_end(&c->w);
	}
	jmap_get_end(c, missing, n);
	return 0;
}

/* ---- /set ---- */

static int wrong(struct jmap_set *s, struct str name, const char *why)
{
	return jmap_set_refuse(s, "invalidProperties",
	                       arena_strz(s->c->arena, name), "%s", why);
}

static int read_date(struct jmap_set *s, struct str name, struct json v,
                     int64_t *out)
{
	int zone;

	if (json_kind(v) == JSON_IS_NULL) {
		*out = 0;
		return 0;
	}
	if (json_kind(v) != JSON_IS_STRING ||
	    !jmap_date_parse(json_as_str(v), out, &zone) || *out <= 0)
		return wrong(s, name, "a date is 2026-12-24T00:00:00Z");
	return 0;
}

static int read_text(struct jmap_set *s, struct str name, struct json v,
                     struct str *out)
{
	if (json_kind(v) == JSON_IS_NULL)
		*out = STR("");
	else if (json_kind(v) == JSON_IS_STRING)
		*out = json_as_str(v);
	else
		return wrong(s, name, "a string or null is expected");
	return 0;
}

static int read_member(struct jmap_set *s, struct str name, struct json v,
                       struct vacation *out)
{
	if (str_eq(name, STR("isEnabled"))) {
		if (json_kind(v) != JSON_IS_BOOL)
			return wrong(s, name, "true or false is expected");
		out->on = json_as_bool(v);
		return 0;
	}
	if (str_eq(name, STR("fromDate")))
		return read_date(s, name, v, &out->from_us);
	if (str_eq(name, STR("toDate")))
		return read_date(s, name, v, &out->until_us);
	if (str_eq(name, STR("subject")))
		return read_text(s, name, v, &out->subject);
	if (str_eq(name, STR("textBody")))
		return read_text(s, name, v, &out->text);
	if (str_eq(name, STR("htmlBody")))
		return read_text(s, name, v, &out->html);
	if (str_eq(name, STR("id")) && str_eq(json_as_str(v), STR(SINGLETON)))
		return 0;
	return wrong(s, name, "unknown, or not to be set");
}

/* What the store would refuse, with the property's name. */
static int check(struct jmap_set *s, const struct vacation *v)
{
	if (v->until_us && v->until_us <= v->from_us)
		return wrong(s, STR("toDate"), "it ends before it begins");
	if (v->subject.n > VACATION_SUBJECT_MAX)
		return wrong(s, STR("subject"), "it is too long");
	if (str_chr(v->subject, '\n') != STR_NPOS ||
	    str_chr(v->subject, '\r') != STR_NPOS)
		return wrong(s, STR("subject"), "it is one line");
	if (v->text.n > VACATION_TEXT_MAX)
		return wrong(s, STR("textBody"), "it is too long");
	if (v->html.n > VACATION_TEXT_MAX)
		return wrong(s, STR("htmlBody"), "it is too long");
	return 0;
}

static int update(struct jmap_set *s, uint64_t no, struct json patch)
{
	struct json_members m = { .object = patch };
	struct jmap_call *c = s->c;
	struct err err = ERR_INIT;
	struct vacation v;
	struct str name;
	struct json value;

	(void)no;
	if (read_vacation(c, &v, &err) < 0)
		return jmap_set_fail(s, &err);
	while (json_member_next(&m, &name, &value))
		if (read_member(s, name, value, &v) < 0)
			return -1;
	if (check(s, &v) < 0)
		return -1;
	/* Who was answered by another text is answered by this one. */
	if (vacation_set(c->store, c->account, &v, &err) < 0 ||
	    remember_forget(c->store, c->account, REMEMBER_ANSWERED, &err) < 0)
		return jmap_set_fail(s, &err);
	if (jmap_script_tell(c) < 0) {
		c->error = NULL;
		return jmap_set_refuse(s, "serverFail", NULL,
		                       "temporary failure, try later");
	}
	return 0;
}

int jmap_vacation_set(struct jmap_call *c)
{
	static const struct jmap_set_type type = {
		.state = CHANGE_VACATION,
		.singleton = SINGLETON,
		.update = update,
	};

	return jmap_set_run(c, &type, NULL);
}
