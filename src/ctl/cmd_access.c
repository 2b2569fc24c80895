/* posthus admin, token, audit: who may, and who did. */
#include <string.h>

#include "admin/operation.h"
#include "ctl/show.h"
#include "directory/audit.h"
#include "directory/role.h"
#include "directory/token.h"
#include "os/clock.h"
#include "wire/json/read.h"

/* ---- administrators ---- */

static const struct out_column role_columns[] = {
	{ "address", "ADDRESS" },
	{ "role", "ROLE" },
	{ "domain", "DOMAIN" },
	{ "since", "SINCE" },
};

static bool show_role(void *arg, const struct directory_role *r)
{
	struct out *o = arg;

	out_text(o, r->address);
	out_z(o, r->domain ? "domain" : "operator");
	if (r->domain)
		out_text(o, r->domain_name);
	else
		out_none(o);
	out_time(o, r->created_us);
	return true;
}

int ctl_run_admin_list(struct ctl *c)
{
	struct err err = ERR_INIT;
	struct out o;
	int rc = ctl_admin(c);

	if (rc != CTL_OK)
		return rc;
	out_begin(&o, c, role_columns, 4, false);
	if (directory_role_each(admin_directory(c->admin), 0, show_role, &o,
	                        &err) < 0)
		return ctl_fail(c, &err, NULL, "cannot list administrators");
	return out_end(&o);
}

static int fail(struct ctl *c, const struct err *err, const char *what)
{
	return ctl_fail(c, err,
	                err->kind == ERR_NOT_FOUND
	                        ? show_address_hint(c, ctl_arg(c, 0))
	                        : NULL,
	                "cannot %s %.*s", what, STR_ARG(ctl_arg(c, 0)));
}

/* --domain may stand several times: a change each. */
static int each_domain(struct ctl *c, const char *operation, struct err *err)
{
	for (size_t i = 0; i < c->n_options; i++) {
		if (strcmp(c->options[i].name, "domain") != 0)
			continue;
		if (CTL_DO(c, err, operation,
		           CTL_GIVE("address", ctl_arg(c, 0)),
		           CTL_GIVE("domain", str_z(c->options[i].value))) < 0)
			return -1;
	}
	return 0;
}

int ctl_run_admin_add(struct ctl *c)
{
	bool domain = ctl_option(c, "domain") != NULL;
	struct err err = ERR_INIT;
	int rc;

	if (domain == (ctl_option(c, "operator") != NULL))
		return ctl_usage(c, "say of what: --domain DOMAIN, or "
		                    "--operator for the whole host");
	rc = ctl_admin(c);
	if (rc != CTL_OK)
		return rc;
	rc = domain ? each_domain(c, "admin.add", &err)
	            : CTL_DO(c, &err, "admin.add",
	                     CTL_GIVE("address", ctl_arg(c, 0)));
	if (rc < 0)
		return fail(c, &err, "make an administrator of");
	return ctl_done(c, "address", ctl_arg(c, 0), "administrator");
}

int ctl_run_admin_rm(struct ctl *c)
{
	bool domain = ctl_option(c, "domain") != NULL;
	bool whole = ctl_option(c, "operator") != NULL;
	struct err err = ERR_INIT;
	int rc = ctl_admin(c);

	if (rc != CTL_OK)
		return rc;
	rc = domain ? each_domain(c, "admin.remove", &err) : 0;
	if (rc == 0 && (whole || !domain))
		rc = CTL_DO(c, &err, "admin.remove",
		            CTL_GIVE("address", ctl_arg(c, 0)),
		            CTL_GIVE("operator",
		                     whole ? STR("true") : STR("false")));
	if (rc < 0)
		return fail(c, &err, "take the role from");
	return ctl_done(c, "address", ctl_arg(c, 0), "no administrator");
}

/* ---- tokens ---- */

static const struct out_column token_columns[] = {
	{ "id", "ID" },           { "address", "ADDRESS" },
	{ "name", "NAME" },       { "scopes", "SCOPES" },
	{ "created", "CREATED" }, { "expires", "EXPIRES" },
	{ "used", "USED" },
};

static bool show_token(void *arg, const struct directory_token *t)
{
	struct out *o = arg;
	struct str *words;
	size_t n = admin_scope_words(t->scopes, &o->c->arena, &words);

	out_number(o, (uint64_t)t->id);
	out_text(o, t->address);
	out_text(o, t->name);
	out_list(o, words, n);
	out_time(o, t->created_us);
	out_time(o, t->expires_us);
	out_time(o, t->used_us);
	return true;
}

int ctl_run_token_list(struct ctl *c)
{
	struct directory_account acc = { .id = 0 };
	struct err err = ERR_INIT;
	struct out o;
	int rc = ctl_admin(c);

	if (rc != CTL_OK)
		return rc;
	if (c->n_args && admin_account_find(c->admin, ctl_arg(c, 0), &c->arena,
	                                    &acc, &err) < 0)
		return fail(c, &err, "list the tokens of");
	out_begin(&o, c, token_columns, 7, false);
	if (directory_token_each(admin_directory(c->admin), acc.id, show_token,
	                         &o, &err) < 0)
		return ctl_fail(c, &err, NULL, "cannot list the tokens");
	return out_end(&o);
}

/* The token alone on stdout, so that it can be piped into a file. */
static int show_new(struct ctl *c, struct str answer)
{
	struct json v = { NULL };
	struct err err = ERR_INIT;
	struct json_doc *doc;
	int rc = CTL_FAILED;

	if (c->json)
		return out_write(c, arena_fmt(&c->arena, "%.*s\n",
		                              STR_ARG(answer)));
	if (json_parse(&doc, answer, NULL, &err) < 0)
		return ctl_fail(c, &err, NULL, "cannot show the token");
	if (json_get(json_root(doc), "token", &v))
		rc = out_write(c, arena_fmt(&c->arena, "%.*s\n",
		                            STR_ARG(json_as_str(v))));
	json_free(&doc);
	ctl_note(c, "it is shown only now");
	return rc;
}

int ctl_run_token_add(struct ctl *c)
{
	struct str scopes[CTL_OPTIONS_MAX], answer = STR("");
	struct err err = ERR_INIT;
	size_t n = 0;
	int rc;

	for (size_t i = 0; i < c->n_options; i++)
		if (strcmp(c->options[i].name, "scope") == 0)
			scopes[n++] = str_z(c->options[i].value);
	if (!n)
		return ctl_usage(c, "say what it may: --scope addresses:read, "
		                    "--scope all:change");
	rc = ctl_admin(c);
	if (rc != CTL_OK)
		return rc;
	if (ctl_operate(c, "token.add",
	                (const struct ctl_give[]){
				CTL_GIVE("address", ctl_arg(c, 0)),
				CTL_GIVE("name", ctl_arg(c, 1)),
				CTL_LIST("scopes", scopes, n),
				CTL_GIVE("expires",
	                                 str_z(ctl_option(c, "expires"))) },
	                4, &answer, &err) < 0)
		return fail(c, &err, "make a token for");
	return show_new(c, answer);
}

int ctl_run_token_rm(struct ctl *c)
{
	struct err err = ERR_INIT;
	uint64_t id;
	int rc;

	if (!str_to_u64(ctl_arg(c, 0), INT64_MAX, &id))
		return ctl_usage(c, "ID is a number: posthus token list");
	rc = ctl_admin(c);
	if (rc != CTL_OK)
		return rc;
	if (CTL_DO(c, &err, "token.remove", CTL_GIVE("id", ctl_arg(c, 0))) < 0)
		return ctl_fail(c, &err, "posthus token list",
		                "cannot remove the token %.*s",
		                STR_ARG(ctl_arg(c, 0)));
	return ctl_done(c, "id", ctl_arg(c, 0), "removed");
}

/* ---- the audit ---- */

static const struct out_column audit_columns[] = {
	{ "time", "TIME" }, { "who", "WHO" },        { "role", NULL },
	{ "from", "FROM" }, { "operation", "WHAT" }, { "subject", "OF" },
	{ "before", NULL }, { "after", "CHANGE" },   { "result", "RESULT" },
	{ "id", NULL },
};

static bool show_entry(void *arg, const struct directory_audit *e)
{
	struct out *o = arg;

	out_time(o, e->at_us);
	out_text(o, e->who);
	out_text(o, e->role);
	out_text(o, e->origin);
	out_text(o, e->operation);
	out_text(o, e->subject);
	out_json(o, e->before);
	out_json(o, e->after);
	out_text(o, e->result);
	out_number(o, (uint64_t)e->id);
	return true;
}

static int read_when(struct ctl *c, const char *option, int64_t *out)
{
	const char *text = ctl_option(c, option);

	if (text && !admin_time_parse(str_z(text), clock_wall_us(), false, out))
		return ctl_usage(c,
		                 "--%s \"%s\": a time is such as 2h, 3d, "
		                 "2026-11-24 or 2026-11-24T10:00",
		                 option, text);
	return CTL_OK;
}

static int read_find(struct ctl *c, struct directory_audit_find *f)
{
	const char *limit = ctl_option(c, "limit");
	uint64_t n = 0;
	int rc;

	*f = (struct directory_audit_find){
		.domains_n = SIZE_MAX,
		.subject = ctl_arg(c, 0),
		.who = str_z(ctl_option(c, "who")),
		.operation = str_z(ctl_option(c, "what")),
	};
	if (limit &&
	    (!str_to_u64(str_z(limit), DIRECTORY_AUDIT_PAGE, &n) || n == 0))
		return ctl_usage(c, "--limit takes 1 to %d",
		                 DIRECTORY_AUDIT_PAGE);
	f->limit = (size_t)n;
	rc = read_when(c, "since", &f->since_us);
	return rc == CTL_OK ? read_when(c, "until", &f->until_us) : rc;
}

int ctl_run_audit(struct ctl *c)
{
	struct directory_audit_find f;
	struct err err = ERR_INIT;
	const char *domain = ctl_option(c, "domain");
	int64_t id;
	struct out o;
	int rc = read_find(c, &f);

	if (rc == CTL_OK)
		rc = ctl_admin(c);
	if (rc == CTL_OK && domain)
		rc = show_domain_asked(c, str_z(domain), &id);
	if (rc != CTL_OK)
		return rc;
	if (domain) {
		f.domains = &id;
		f.domains_n = 1;
	}
	out_begin(&o, c, audit_columns,
	          sizeof(audit_columns) / sizeof(audit_columns[0]), false);
	if (directory_audit_each(admin_directory(c->admin), &f, show_entry, &o,
	                         &err) < 0)
		return ctl_fail(c, &err, NULL, "cannot read the audit");
	return out_end(&o);
}
