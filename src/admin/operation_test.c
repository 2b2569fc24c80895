/*
 * Every role against every operation, on real databases: what the table below
 * says is what the provider promises, written down a second time.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "admin/ops.h"
#include "base/test.h"
#include "directory/audit.h"
#include "directory/role.h"

struct world {
	char folder[64];
	struct config *cfg;
	struct admin *adm;
	struct arena a;
	struct buf out;
	struct err err;
	struct admin_caller op, anna, bo, root;
};

#define OK(call) assert_int_equal(call, 0)

static int64_t add_account(struct world *w, const char *address)
{
	struct admin_account_new n = { .address = str_z(address) };
	int64_t id = 0;

	OK(admin_account_add(w->adm, &n, &id, &w->err));
	return id;
}

/*
 * a.example is anna's to administer, who is a user there; b.example nobody's.
 * bo is a user of a.example, ole of b.example.
 */
static int setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	struct config_report r;
	char text[200];
	int64_t op, anna, bo;
	struct directory_domain a_example;

	snprintf(w->folder, sizeof(w->folder), "/tmp/posthus-ops-XXXXXX");
	assert_non_null(mkdtemp(w->folder));
	snprintf(text, sizeof(text),
	         "server.data = '%s'\nserver.hostname = 'mx.p.example'\n",
	         w->folder);
	config_report_init(&r);
	OK(config_load(&w->cfg, &(struct config_source){ .text = str_z(text) },
	               &r));
	config_report_deinit(&r);
	arena_init(&w->a);
	buf_init(&w->out, 1 << 20);
	OK(admin_open(&w->adm, w->cfg, &w->err));
	for (const char *const *d =
	             (const char *const[]){ "a.example", "b.example", NULL };
	     *d; d++)
		OK(admin_domain_add(
			w->adm, &(struct admin_domain_new){ .name = str_z(*d) },
			&w->err));
	op = add_account(w, "op@b.example");
	anna = add_account(w, "anna@a.example");
	bo = add_account(w, "bo@a.example");
	(void)add_account(w, "ole@b.example");
	OK(admin_domain_get(w->adm, STR("a.example"), &w->a, &a_example,
	                    &w->err));
	OK(directory_role_add(admin_directory(w->adm), op, 0, &w->err));
	OK(directory_role_add(admin_directory(w->adm), anna, a_example.id,
	                      &w->err));
	OK(admin_caller_load(w->adm, op, &w->a, &w->op, &w->err));
	OK(admin_caller_load(w->adm, anna, &w->a, &w->anna, &w->err));
	OK(admin_caller_load(w->adm, bo, &w->a, &w->bo, &w->err));
	admin_caller_local(&w->a, &w->root);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;
	char command[100];

	admin_close(&w->adm);
	config_free(&w->cfg);
	buf_deinit(&w->out);
	arena_deinit(&w->a);
	snprintf(command, sizeof(command), "rm -rf %s", w->folder);
	assert_int_equal(system(command), 0);
	free(w);
	return 0;
}

/* ---- the matrix ---- */

/*
 * For the operator; anna in her domain; anna elsewhere; bo himself; bo about
 * anna.  y: goes on; n: refused; -: as if it were not there; blank: the row
 * has no subject, so that there is no elsewhere.
 */
static const struct {
	const char *name, *want;
} matrix[] = {
	{ "domain.list", "yy n " },
	{ "domain.add", "yn n " },
	{ "domain.get", "yy-nn" },
	{ "domain.set", "yy-nn" },
	{ "domain.suspend", "ynnnn" },
	{ "domain.resume", "ynnnn" },
	{ "domain.remove", "ynnnn" },
	{ "domain.records", "yy-nn" },
	{ "domain.rotate", "yy-nn" },
	{ "check.get", "yy-nn" },
	{ "check.run", "yy-nn" },
	{ "catchall.set", "yy-nn" },
	{ "catchall.remove", "yy-nn" },
	{ "domain.dmarc", "yy-nn" },
	{ "address.list", "yy n " },
	{ "address.ends", "yy-nn" },
	{ "address.export", "yy-nn" },
	{ "address.check", "yy-nn" },
	{ "address.import", "yy-nn" },
	{ "account.add", "yy-nn" },
	{ "account.get", "yy-y-" },
	{ "account.set", "yy-nn" },
	{ "account.suspend", "yy-nn" },
	{ "account.resume", "yy-nn" },
	{ "account.remove", "yy-nn" },
	{ "account.restore", "yy-nn" },
	{ "account.removed", "yy n " },
	{ "account.password", "yy-y-" },
	{ "sender.add", "yy-nn" },
	{ "sender.remove", "yy-nn" },
	{ "account.logins", "yy-y-" },
	{ "account.link", "yy-nn" },
	{ "totp.off", "yy-nn" },
	{ "app.add", "ynnnn" },
	{ "app.remove", "ynnnn" },
	{ "alias.add", "yy-nn" },
	{ "alias.get", "yy-nn" },
	{ "alias.set", "yy-nn" },
	{ "alias.remove", "yy-nn" },
	{ "forward.get", "yy-y-" },
	{ "forward.set", "yy-y-" },
	{ "forward.remove", "yy-y-" },
	{ "forward.confirm", "yn n " },
	{ "vacation.get", "yy-y-" },
	{ "vacation.set", "yy-y-" },
	{ "vacation.off", "yy-y-" },
	{ "script.list", "y--y-" },
	{ "script.get", "y--y-" },
	{ "script.put", "y--y-" },
	{ "script.activate", "y--y-" },
	{ "script.deactivate", "y--y-" },
	{ "script.remove", "y--y-" },
	{ "limits.domain", "yy-nn" },
	{ "limits.account", "yy-y-" },
	{ "limits.set_domain", "ynnnn" },
	{ "limits.set_account", "ynnnn" },
	{ "limits.reset_domain", "ynnnn" },
	{ "limits.reset_account", "ynnnn" },
	{ "hold.list", "yn n " },
	{ "hold.add", "ynnnn" },
	{ "hold.release", "ynnnn" },
	{ "hold.discard", "ynnnn" },
	{ "queue.list", "yy y " },
	{ "queue.get", "yy y " },
	{ "queue.hold", "yy y " },
	{ "queue.release", "yy y " },
	{ "queue.retry", "yy y " },
	{ "queue.return", "yy y " },
	{ "queue.remove", "yy y " },
	{ "queue.retry_all", "yn n " },
	{ "greylist.waiting", "yy y " },
	{ "greylist.words", "yy y " },
	{ "greylist.allow", "yy y " },
	{ "greylist.block", "yy y " },
	{ "greylist.remove", "yy y " },
	{ "trace.find", "yy y " },
	{ "status.get", "yn n " },
	{ "health.get", "yn n " },
	{ "health.run", "yn n " },
	{ "branding.get", "yy y " },
	{ "branding.set", "yn n " },
	{ "webspace.list", "yn n " },
	{ "webspace.add", "yn n " },
	{ "webspace.remove", "yn n " },
	{ "self.get", "yy y " },
	{ "admin.list", "yn n " },
	{ "admin.add", "ynnnn" },
	{ "admin.remove", "ynnnn" },
	{ "token.list", "yy y " },
	{ "token.add", "y--y-" },
	{ "token.remove", "yy y " },
	{ "audit.list", "yy n " },
	{ "import.start", "yy-y-" },
	{ "import.status", "yy-y-" },
	{ "import.stop", "yy-y-" },
};

#define MATRIX (sizeof(matrix) / sizeof(matrix[0]))

static char access_of(struct world *w, const struct admin_operation *op,
                      const struct admin_caller *by, const char *domain,
                      const char *address)
{
	struct admin_call c;
	struct err err = ERR_INIT;

	admin_call_init(&c, w->adm, by, op, &w->a, NULL);
	if (op->subject != ADMIN_OF_NONE)
		OK(admin_give(&c, op->params[0].name,
		              str_z(op->subject == ADMIN_OF_DOMAIN ? domain
		                                                   : address),
		              &err));
	if (admin_access(&c, &err) == 0)
		return 'y';
	return err.kind == ERR_NOT_FOUND ? '-'
	       : err.kind == ERR_DENIED  ? 'n'
	                                 : '?';
}

static void every_role_against_every_operation(void **state)
{
	struct world *w = *state;
	const struct admin_operation *op;
	size_t n = 0;

	for (size_t i = 0; (op = admin_operation_at(i)); i++, n++) {
		bool about = op->subject != ADMIN_OF_NONE;
		char got[6] = "     ";

		if (n >= MATRIX || strcmp(op->name, matrix[n].name) != 0)
			fail_msg("the matrix has no row %s", op->name);
		got[0] = access_of(w, op, &w->op, "b.example", "ole@b.example");
		got[1] =
			access_of(w, op, &w->anna, "a.example", "bo@a.example");
		if (about)
			got[2] = access_of(w, op, &w->anna, "b.example",
			                   "ole@b.example");
		got[3] = access_of(w, op, &w->bo, "a.example", "bo@a.example");
		if (about)
			got[4] = access_of(w, op, &w->bo, "a.example",
			                   "anna@a.example");
		if (strcmp(got, matrix[n].want) != 0)
			fail_msg("%s: \"%s\", not \"%s\"", op->name, got,
			         matrix[n].want);
	}
	assert_int_equal(n, MATRIX);
}

/* ---- running ---- */

struct give {
	const char *name, *text;
};

/* 0 and w->out, or -1 and w->err. */
static int run(struct world *w, const struct admin_caller *by, const char *name,
               const struct give *args, const char *match, struct admin_call *c)
{
	const struct admin_operation *op = admin_operation(name);
	struct json_writer writer;

	assert_non_null(op);
	buf_reset(&w->out);
	w->err = (struct err)ERR_INIT;
	writer = json_writer(&w->out);
	admin_call_init(c, w->adm, by, op, &w->a, &writer);
	c->if_match = str_z(match);
	for (; args->name; args++)
		if (admin_give(c, args->name, str_z(args->text), &w->err) < 0)
			return -1;
	return admin_run(c, &w->err);
}

#define RUN(w, by, name, ...)                                                  \
	run(w, by, name, (const struct give[]){ __VA_ARGS__, { NULL, NULL } }, \
	    "", &(struct admin_call){ .op = NULL })

static bool said(const struct world *w, const char *text)
{
	return str_find(buf_str(&w->out), str_z(text)) != STR_NPOS;
}

static const char *const about_b[] = { "domain.get", "domain.records",
	                               "limits.domain", "catchall.remove" };

/* What belongs to others is answered as what is not there. */
static void others_domains_are_not_there(void **state)
{
	struct world *w = *state;
	char there[240];

	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(RUN(w, &w->anna, about_b[i],
		                     { "domain", "b.example" }),
		                 -1);
		snprintf(there, sizeof(there), "%s", w->err.text);
		assert_int_equal(w->err.kind, ERR_NOT_FOUND);
		assert_int_equal(RUN(w, &w->anna, about_b[i],
		                     { "domain", "c.example" }),
		                 -1);
		assert_int_equal(w->err.kind, ERR_NOT_FOUND);
		*strstr(w->err.text, "c.example") = 'b';
		assert_string_equal(w->err.text, there);
	}
	/* Also where they are only an argument. */
	assert_int_equal(RUN(w, &w->anna, "sender.add",
	                     { "address", "bo@a.example" },
	                     { "sender", "*@b.example" }),
	                 -1);
	assert_int_equal(w->err.kind, ERR_NOT_FOUND);
	assert_int_equal(RUN(w, &w->anna, "catchall.set",
	                     { "domain", "a.example" },
	                     { "address", "ole@b.example" }),
	                 -1);
	assert_int_equal(w->err.kind, ERR_NOT_FOUND);
	OK(RUN(w, &w->anna, "domain.list", { "search", "example" }));
	assert_true(said(w, "a.example"));
	assert_false(said(w, "b.example"));
	OK(RUN(w, &w->anna, "address.list", { "search", "" }));
	assert_true(said(w, "bo@a.example"));
	assert_false(said(w, "ole@b.example"));
	assert_int_equal(RUN(w, &w->anna, "address.list",
	                     { "domain", "b.example" }),
	                 -1);
	assert_int_equal(w->err.kind, ERR_NOT_FOUND);
}

/* Nobody gets an operator's power by the operator's mailbox. */
static void power_is_not_lent(void **state)
{
	struct world *w = *state;
	struct directory_account bo;

	OK(admin_account_find(w->adm, STR("bo@a.example"), &w->a, &bo,
	                      &w->err));
	OK(directory_role_add(admin_directory(w->adm), bo.id, 0, &w->err));
	assert_int_equal(RUN(w, &w->anna, "account.password",
	                     { "address", "bo@a.example" },
	                     { "password", "stolen-word" }),
	                 -1);
	assert_int_equal(w->err.kind, ERR_DENIED);
	assert_int_equal(RUN(w, &w->anna, "forward.set",
	                     { "address", "bo@a.example" },
	                     { "targets", "thief@elsewhere.example" }),
	                 -1);
	assert_int_equal(w->err.kind, ERR_DENIED);
	OK(RUN(w, &w->anna, "account.get", { "address", "bo@a.example" }));
	OK(RUN(w, &w->op, "account.password", { "address", "bo@a.example" },
	       { "password", "another-word" }));
}

static void a_session_gives_the_password_again(void **state)
{
	struct world *w = *state;
	struct admin_call c;
	const struct give args[] = { { "address", "bo@a.example" },
		                     { "password", "another-word" },
		                     { NULL, NULL } };

	assert_int_equal(run(w, &w->bo, "account.password", args, "", &c), -1);
	assert_int_equal(c.fault, ADMIN_FAULT_PASSWORD);
	w->bo.proved = true;
	OK(run(w, &w->bo, "account.password", args, "", &c));
}

static void scopes_narrow(void **state)
{
	struct world *w = *state;
	struct admin_call c;
	uint64_t bits;

	assert_true(admin_scope_parse(STR("addresses:read"), &bits));
	w->op.scopes = bits;
	OK(RUN(w, &w->op, "account.get", { "address", "bo@a.example" }));
	assert_int_equal(run(w, &w->op, "account.suspend",
	                     (const struct give[]){
				     { "address", "bo@a.example" },
				     { NULL, NULL } },
	                     "", &c),
	                 -1);
	assert_int_equal(c.fault, ADMIN_FAULT_SCOPE);
	assert_int_equal(RUN(w, &w->op, "domain.get",
	                     { "domain", "a.example" }),
	                 -1);
	/* A token makes none that may more. */
	w->op.scopes = bits | ADMIN_SCOPE_CHANGE(ADMIN_AREA_ACCESS);
	w->op.proved = true;
	assert_int_equal(RUN(w, &w->op, "token.add",
	                     { "address", "op@b.example" }, { "name", "t" },
	                     { "scopes", "all:change" }),
	                 -1);
	assert_int_equal(w->err.kind, ERR_DENIED);
	assert_false(admin_scope_parse(STR("addresses"), &bits));
	assert_false(admin_scope_parse(STR("mail:read"), &bits));
	assert_false(admin_scope_parse(STR("all:write"), &bits));
}

static void two_people_edit(void **state)
{
	struct world *w = *state;
	const struct give get[] = { { "address", "bo@a.example" },
		                    { NULL, NULL } };
	const struct give set[] = { { "address", "bo@a.example" },
		                    { "name", "Bo Berg" },
		                    { NULL, NULL } };
	struct admin_call c;
	char tag[64];

	OK(run(w, &w->anna, "account.get", get, "", &c));
	snprintf(tag, sizeof(tag), "%.*s", STR_ARG(c.etag));
	assert_int_equal(strlen(tag), 26);
	OK(run(w, &w->anna, "account.set", set, tag, &c));
	assert_true(said(w, "\"name\":\"Bo Berg\""));
	assert_false(str_eq(c.etag, str_z(tag)));
	assert_int_equal(run(w, &w->op, "account.set", set, tag, &c), -1);
	assert_int_equal(c.fault, ADMIN_FAULT_CHANGED);
	OK(run(w, &w->op, "account.set", set, "*", &c));
}

/* ---- arguments ---- */

static void arguments_have_limits(void **state)
{
	struct world *w = *state;

	static const struct {
		const char *operation, *name, *text;
		enum err_kind kind;
	} rows[] = {
		{ "account.add", "quota_bytes", "many", ERR_INVALID },
		{ "account.add", "colour", "red", ERR_INVALID },
		{ "account.add", "name", "\xff", ERR_INVALID },
		{ "account.suspend", "what", "mail", ERR_INVALID },
		{ "account.remove", "erase", "yes", ERR_INVALID },
		{ "limits.set_domain", "most", "1000000001", ERR_TOO_BIG },
		{ "trace.find", "since", "2026-13-01", ERR_INVALID },
		{ "trace.find", "since", "3x", ERR_INVALID },
		{ "vacation.set", "days", "366", ERR_TOO_BIG },
		{ "address.list", "type", "list", ERR_INVALID },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct admin_call c;
		struct err err = ERR_INIT;

		admin_call_init(&c, w->adm, &w->root,
		                admin_operation(rows[i].operation), &w->a,
		                NULL);
		assert_int_equal(admin_give(&c, rows[i].name,
		                            str_z(rows[i].text), &err),
		                 -1);
		assert_int_equal(err.kind, rows[i].kind);
		assert_string_equal(c.field, rows[i].name);
	}
}

static void json_arguments_are_typed(void **state)
{
	struct world *w = *state;

	static const struct {
		const char *text;
		bool good;
	} rows[] = {
		{ "{\"address\":\"x@a.example\",\"quota_bytes\":5}", true },
		{ "{\"address\":\"x@a.example\",\"quota_bytes\":\"5G\"}",
		  true },
		{ "{\"address\":\"x@a.example\",\"quota_bytes\":null}", true },
		{ "{\"address\":5}", false },
		{ "{\"address\":null}", false },
		{ "{\"quota_bytes\":-1}", false },
		{ "{\"quota_bytes\":1.5}", false },
		{ "{\"name\":[\"x\"]}", false },
		{ "{\"nickname\":\"x\"}", false },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err err = ERR_INIT;
		struct json_doc *doc;
		struct admin_call c;

		OK(json_parse(&doc, str_z(rows[i].text), NULL, &err));
		admin_call_init(&c, w->adm, &w->root,
		                admin_operation("account.add"), &w->a, NULL);
		assert_int_equal(admin_give_json(&c, json_root(doc), &err),
		                 rows[i].good ? 0 : -1);
		if (!rows[i].good)
			assert_non_null(c.field);
		json_free(&doc);
	}
}

static void times_are_read(void **state)
{
	int64_t us;

	(void)state;
	assert_true(
		admin_time_parse(STR("2026-03-01T12:00:00Z"), 0, false, &us));
	assert_int_equal(us / 1000000, 1772366400);
	assert_true(admin_time_parse(STR("2h"), 10000000000, false, &us));
	assert_int_equal(us, 2800000000);
	assert_true(admin_time_parse(STR("2h"), 10000000000, true, &us));
	assert_int_equal(us, 17200000000);
	assert_false(admin_time_parse(STR("h"), 0, false, &us));
	assert_false(admin_time_parse(STR(""), 0, false, &us));
	assert_false(admin_time_parse(STR("2026-03-01T25:00"), 0, false, &us));
	assert_false(
		admin_time_parse(STR("99999999999999999999d"), 0, false, &us));
}

/* ---- the audit ---- */

struct entries {
	unsigned n;
	char text[4][1200];
};

static bool keep_entry(void *arg, const struct directory_audit *e)
{
	struct entries *all = arg;

	if (all->n < 4)
		snprintf(all->text[all->n], sizeof(all->text[0]),
		         "%.*s|%.*s|%.*s|%.*s|%.*s|%.*s|%.*s", STR_ARG(e->who),
		         STR_ARG(e->role), STR_ARG(e->operation),
		         STR_ARG(e->subject), STR_ARG(e->before),
		         STR_ARG(e->after), STR_ARG(e->result));
	all->n++;
	return true;
}

static void changes_leave_a_trace(void **state)
{
	struct world *w = *state;
	struct directory_audit_find f = { .domains_n = SIZE_MAX };
	struct entries all = { .n = 0 };

	OK(RUN(w, &w->anna, "account.set", { "address", "BO@A.example" },
	       { "name", "Bo" }));
	OK(RUN(w, &w->anna, "account.password", { "address", "bo@a.example" },
	       { "password", "hush-hush-hush" }));
	assert_int_equal(RUN(w, &w->op, "queue.remove", { "id", "77" }), -1);
	assert_int_equal(w->err.kind, ERR_NOT_FOUND);
	/* Refused before anything is done: no entry. */
	assert_int_equal(RUN(w, &w->bo, "account.remove",
	                     { "address", "bo@a.example" }),
	                 -1);
	OK(directory_audit_each(admin_directory(w->adm), &f, keep_entry, &all,
	                        &w->err));
	assert_int_equal(all.n, 3);
	assert_string_equal(all.text[0],
	                    "op@b.example|operator|queue.remove|77||"
	                    "{\"id\":77}|failed: there is no message 77");
	assert_non_null(strstr(all.text[1], "account.password|bo@a.example|"));
	assert_non_null(
		strstr(all.text[1], "{\"password\":\"(secret)\"}|done"));
	assert_non_null(strstr(all.text[2], "anna@a.example|domain|account.set|"
	                                    "bo@a.example|{\"address\""));
	assert_non_null(strstr(all.text[2], "\"name\":\"\""));
	assert_non_null(strstr(all.text[2], "|{\"name\":\"Bo\"}|done"));
	for (unsigned i = 0; i < all.n; i++)
		assert_null(strstr(all.text[i], "hush"));
	/* An administrator sees the own domain's alone. */
	OK(RUN(w, &w->anna, "audit.list", { "limit", "10" }));
	assert_true(said(w, "account.set"));
	assert_false(said(w, "queue.remove"));
}

static void colours_are_readable(void **state)
{
	struct world *w = *state;

	OK(RUN(w, &w->op, "branding.set", { "colour", "#0a5a68" },
	       { "name", "Hosting" }));
	assert_true(said(w, "\"name\":\"Hosting\""));
	assert_int_equal(RUN(w, &w->op, "branding.set",
	                     { "colour", "#f0b84a" }),
	                 -1);
	assert_int_equal(RUN(w, &w->op, "branding.set",
	                     { "logo", "javascript:alert(1)" }),
	                 -1);
	OK(RUN(w, &w->op, "branding.set", { "colour", "default" }));
	assert_true(said(w, "\"colour\":null"));
}

static void addresses_come_by_the_page(void **state)
{
	struct world *w = *state;
	char after[100];
	const char *p;

	OK(RUN(w, &w->op, "alias.add", { "address", "info@a.example" },
	       { "targets", "bo@a.example" }));
	OK(RUN(w, &w->op, "catchall.set", { "domain", "a.example" },
	       { "address", "bo@a.example" }));
	OK(RUN(w, &w->op, "address.list", { "limit", "2" }));
	assert_true(said(w, "\"*@a.example\""));
	assert_true(said(w, "anna@a.example"));
	assert_false(said(w, "bo@a.example\",\"canonical"));
	p = strstr(buf_z(&w->out), "\"next\":\"");
	assert_non_null(p);
	snprintf(after, sizeof(after), "%s", p + 8);
	*strchr(after, '"') = '\0';
	OK(RUN(w, &w->op, "address.list", { "limit", "2" },
	       { "after", after }));
	assert_true(said(w, "\"canonical\":\"bo@a.example\""));
	assert_true(said(w, "info@a.example"));
	OK(RUN(w, &w->op, "address.list", { "type", "alias" }));
	assert_false(said(w, "mailbox"));
	assert_false(said(w, "catchall"));
	OK(RUN(w, &w->op, "address.list", { "search", "OLE" }));
	assert_true(said(w, "ole@b.example"));
	assert_false(said(w, "a.example"));
	OK(RUN(w, &w->op, "address.list", { "search", "o%e" }));
	assert_false(said(w, "ole@b.example"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_role_against_every_operation),
		TEST(others_domains_are_not_there),
		TEST(power_is_not_lent),
		TEST(a_session_gives_the_password_again),
		TEST(scopes_narrow),
		TEST(two_people_edit),
		TEST(arguments_have_limits),
		TEST(json_arguments_are_typed),
		TEST(times_are_read),
		TEST(changes_leave_a_trace),
		TEST(colours_are_readable),
		TEST(addresses_come_by_the_page),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
