/* posthus app-password, session, totp. */
#include "ctl/show.h"
#include "gate/access.h"
#include "wire/json/read.h"

static int fail(struct ctl *c, const struct err *err, const char *what)
{
	return ctl_fail(c, err, NULL, "cannot %s of %.*s", what,
	                STR_ARG(ctl_arg(c, 0)));
}

/* ---- app passwords ---- */

static const struct {
	const char *name;
	enum gate_protocol protocol;
} services[] = {
	{ "imap", GATE_IMAP },   { "pop3", GATE_POP3 }, { "smtp", GATE_SMTP },
	{ "sieve", GATE_SIEVE }, { "jmap", GATE_HTTP },
};

#define SERVICES_N (sizeof(services) / sizeof(services[0]))

static void show_services(struct out *o, unsigned set)
{
	struct str names[SERVICES_N];
	size_t n = 0;

	for (size_t i = 0; i < SERVICES_N; i++)
		if (set & 1u << services[i].protocol)
			names[n++] = str_z(services[i].name);
	out_list(o, names, n);
}

static bool is_service(struct str name)
{
	for (size_t i = 0; i < SERVICES_N; i++)
		if (str_eq(name, str_z(services[i].name)))
			return true;
	return false;
}

/* All --service together; none is every one. */
static bool read_services(struct ctl *c, struct str out[CTL_OPTIONS_MAX],
                          size_t *n)
{
	*n = 0;
	for (size_t i = 0; i < c->n_options; i++) {
		if (!str_eq(str_z(c->options[i].name), STR("service")))
			continue;
		out[*n] = str_z(c->options[i].value);
		if (!is_service(out[(*n)++]))
			return false;
	}
	return true;
}

static const struct out_column added_columns[] = {
	{ "id", "id" },
	{ "secret", "secret" },
};

static int show_added(struct ctl *c, struct str answer)
{
	struct json id = { NULL }, secret = { NULL };
	struct err err = ERR_INIT;
	struct json_doc *doc;
	uint64_t n;
	struct out o;
	int rc;

	if (json_parse(&doc, answer, NULL, &err) < 0)
		return ctl_fail(c, &err, NULL, "cannot show the app password");
	out_begin(&o, c, added_columns, 2, true);
	if (json_get(json_root(doc), "id", &id) && json_as_u64(id, &n) &&
	    json_get(json_root(doc), "secret", &secret)) {
		out_number(&o, n);
		out_text(&o, json_as_str(secret));
	}
	rc = out_end(&o);
	json_free(&doc);
	return rc;
}

int ctl_run_app_password_add(struct ctl *c)
{
	struct str service[CTL_OPTIONS_MAX], answer = STR("");
	struct err err = ERR_INIT;
	size_t n;
	int rc;

	if (!read_services(c, service, &n))
		return ctl_usage(c, "services are imap, pop3, smtp, sieve and "
		                    "jmap");
	rc = ctl_admin(c);
	if (rc != CTL_OK)
		return rc;
	if (ctl_operate(c, "app.add",
	                (const struct ctl_give[]){
				CTL_GIVE("address", ctl_arg(c, 0)),
				CTL_GIVE("name", ctl_arg(c, 1)),
				CTL_GIVE("network",
	                                 str_z(ctl_option(c, "network"))),
				CTL_LIST("services", service, n) },
	                n ? 4 : 3, &answer, &err) < 0)
		return fail(c, &err, "add an app password");
	return show_added(c, answer);
}

static const struct out_column app_columns[] = {
	{ "id", "ID" },
	{ "name", "NAME" },
	{ "services", "SERVICES" },
	{ "network", "NETWORK" },
	{ "created", "CREATED" },
	{ "expires", "EXPIRES" },
	{ "last_used", "USED" },
	{ "last_ip", "FROM" },
};

int ctl_run_app_password_list(struct ctl *c)
{
	struct gate_app *all;
	struct err err = ERR_INIT;
	struct out o;
	size_t n = 0;
	int rc = ctl_admin(c);

	if (rc != CTL_OK)
		return rc;
	all = arena_array(&c->arena, GATE_APPS_MAX, sizeof(*all));
	if (admin_app_list(c->admin, ctl_arg(c, 0), all, &n, &err) < 0)
		return fail(c, &err, "list the app passwords");
	out_begin(&o, c, app_columns,
	          sizeof(app_columns) / sizeof(app_columns[0]), false);
	for (size_t i = 0; i < n; i++) {
		out_number(&o, (uint64_t)all[i].id);
		out_z(&o, all[i].name);
		show_services(&o, all[i].services);
		out_z(&o, all[i].network);
		out_time(&o, all[i].created_us);
		out_time(&o, all[i].expires_us);
		out_time(&o, all[i].last_us);
		out_z(&o, all[i].last_ip);
	}
	return out_end(&o);
}

int ctl_run_app_password_rm(struct ctl *c)
{
	struct err err = ERR_INIT;
	uint64_t id;
	int rc;

	if (!str_to_u64(ctl_arg(c, 1), INT64_MAX, &id))
		return ctl_usage(c, "ID is a number of app-password list");
	rc = ctl_admin(c);
	if (rc != CTL_OK)
		return rc;
	if (!ctl_confirm(c, "What logs in with it does so no more."))
		return CTL_USAGE;
	if (CTL_DO(c, &err, "app.remove", CTL_GIVE("address", ctl_arg(c, 0)),
	           CTL_GIVE("id", ctl_arg(c, 1))) < 0)
		return fail(c, &err, "remove the app password");
	return ctl_done(c, "address", ctl_arg(c, 0), "app password removed");
}

/* ---- sessions ---- */

static const struct out_column session_columns[] = {
	{ "id", "ID" },
	{ "created", "SINCE" },
	{ "seen", "SEEN" },
	{ "expires", "EXPIRES" },
	{ "remember", "REMEMBER" },
	{ "ip", "FROM" },
	{ "agent", "BROWSER" },
};

int ctl_run_session_list(struct ctl *c)
{
	struct gate_session *all;
	struct err err = ERR_INIT;
	struct out o;
	size_t n = 0;
	int rc = ctl_admin(c);

	if (rc != CTL_OK)
		return rc;
	all = arena_array(&c->arena, GATE_SESSIONS_MAX, sizeof(*all));
	if (admin_session_list(c->admin, ctl_arg(c, 0), all, &n, &err) < 0)
		return fail(c, &err, "list the sessions");
	out_begin(&o, c, session_columns,
	          sizeof(session_columns) / sizeof(session_columns[0]), false);
	for (size_t i = 0; i < n; i++) {
		out_number(&o, (uint64_t)all[i].id);
		out_time(&o, all[i].created_us);
		out_time(&o, all[i].seen_us);
		out_time(&o, all[i].expires_us);
		out_flag(&o, all[i].remember);
		out_z(&o, all[i].ip);
		out_z(&o, all[i].agent);
	}
	return out_end(&o);
}

int ctl_run_session_rm(struct ctl *c)
{
	struct err err = ERR_INIT;
	uint64_t id = 0;
	int rc;

	if (c->n_args > 1 &&
	    (!str_to_u64(ctl_arg(c, 1), INT64_MAX, &id) || id == 0))
		return ctl_usage(c, "ID is a number of session list");
	rc = ctl_admin(c);
	if (rc != CTL_OK)
		return rc;
	if (admin_session_end(c->admin, ctl_arg(c, 0), (int64_t)id, &err) < 0)
		return fail(c, &err, "end the session");
	return ctl_done(c, "address", ctl_arg(c, 0),
	                id ? "session ended" : "sessions ended");
}

/* ---- two-step login ---- */

int ctl_run_totp_off(struct ctl *c)
{
	struct err err = ERR_INIT;
	int rc = ctl_admin(c);

	if (rc != CTL_OK)
		return rc;
	if (CTL_DO(c, &err, "totp.off", CTL_GIVE("address", ctl_arg(c, 0))) < 0)
		return fail(c, &err, "switch off the two-step login");
	return ctl_done(c, "address", ctl_arg(c, 0), "two-step login off");
}
