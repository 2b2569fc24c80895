/* Roles, tokens, settings, and the audit that goes with every change. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/test.h"
#include "config/config.h"
#include "directory/audit.h"
#include "directory/role.h"
#include "directory/setting.h"
#include "directory/token.h"

struct world {
	char folder[64];
	struct config *cfg;
	struct directory *dir;
	struct arena a;
	struct err err;
	int64_t example, anna, bo;
};

#define OK(call) assert_int_equal(call, 0)

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	struct config_report r;
	char text[200];

	snprintf(w->folder, sizeof(w->folder), "/tmp/posthus-adm-XXXXXX");
	assert_non_null(mkdtemp(w->folder));
	snprintf(text, sizeof(text), "server.data = '%s'\n", w->folder);
	config_report_init(&r);
	OK(config_load(&w->cfg, &(struct config_source){ .text = str_z(text) },
	               &r));
	config_report_deinit(&r);
	arena_init(&w->a);
	OK(directory_open(&w->dir, w->cfg, &w->err));
	OK(directory_domain_add(w->dir, STR("a.example"), 0, &w->example,
	                        &w->err));
	OK(directory_account_add(w->dir, STR("anna@a.example"), STR(""),
	                         &w->anna, &w->err));
	OK(directory_account_add(w->dir, STR("bo@a.example"), STR(""), &w->bo,
	                         &w->err));
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;
	char command[100];

	directory_close(&w->dir);
	config_free(&w->cfg);
	arena_deinit(&w->a);
	snprintf(command, sizeof(command), "rm -rf %s", w->folder);
	assert_int_equal(system(command), 0);
	free(w);
	return 0;
}

/* ---- roles ---- */

struct seen {
	unsigned n, host;
};

static bool count_role(void *arg, const struct directory_role *r)
{
	struct seen *s = arg;

	s->n++;
	s->host += r->domain == 0;
	return true;
}

static struct seen roles_of(struct world *w, int64_t account)
{
	struct seen s = { 0, 0 };

	OK(directory_role_each(w->dir, account, count_role, &s, &w->err));
	return s;
}

static void roles_go_with_account_and_domain(void **state)
{
	struct world *w = *state;
	int64_t other;

	OK(directory_domain_add(w->dir, STR("b.example"), 0, &other, &w->err));
	OK(directory_role_add(w->dir, w->anna, w->example, &w->err));
	OK(directory_role_add(w->dir, w->anna, w->example, &w->err));
	OK(directory_role_add(w->dir, w->anna, other, &w->err));
	OK(directory_role_add(w->dir, w->bo, 0, &w->err));
	assert_int_equal(roles_of(w, w->anna).n, 2);
	assert_int_equal(roles_of(w, w->bo).host, 1);
	assert_int_equal(roles_of(w, 0).n, 3);
	OK(directory_domain_remove(w->dir, other, &w->err));
	assert_int_equal(roles_of(w, w->anna).n, 1);
	OK(directory_account_remove(w->dir, w->anna, &w->err));
	assert_int_equal(roles_of(w, 0).n, 1);
	OK(directory_account_restore(w->dir, w->anna, &w->err));
	assert_int_equal(roles_of(w, w->anna).n, 0);
	assert_int_equal(directory_role_add(w->dir, 999, 0, &w->err), -1);
	assert_int_equal(w->err.kind, ERR_NOT_FOUND);
	assert_int_equal(directory_role_remove(w->dir, w->anna, 0, &w->err),
	                 -1);
	assert_int_equal(w->err.kind, ERR_NOT_FOUND);
}

/* ---- tokens ---- */

static void tokens_end(void **state)
{
	struct world *w = *state;
	struct directory_token t = { .account = w->anna,
		                     .name = STR("panel"),
		                     .scopes = 5,
		                     .expires_us = 1000 },
			       got;
	const unsigned char digest[32] = "0123456789abcdef0123456789abcde";
	const unsigned char wrong[32] = "0123456789abcdef0123456789abcdf";
	int64_t id;

	OK(directory_token_add(w->dir, &t, digest, &id, &w->err));
	OK(directory_token_use(w->dir, digest, 999, &w->a, &got, &w->err));
	assert_true(str_eq(got.address, STR("anna@a.example")));
	assert_int_equal(got.scopes, 5);
	assert_int_equal(directory_token_use(w->dir, digest, 1000, &w->a, &got,
	                                     &w->err),
	                 -1);
	assert_int_equal(w->err.kind, ERR_NOT_FOUND);
	assert_int_equal(directory_token_use(w->dir, wrong, 1, &w->a, &got,
	                                     &w->err),
	                 -1);
	assert_int_equal(directory_token_remove(w->dir, w->bo, id, &w->err),
	                 -1);
	assert_int_equal(w->err.kind, ERR_NOT_FOUND);
	OK(directory_token_use(w->dir, digest, 1, &w->a, &got, &w->err));
	OK(directory_account_remove(w->dir, w->anna, &w->err));
	assert_int_equal(directory_token_use(w->dir, digest, 1, &w->a, &got,
	                                     &w->err),
	                 -1);
}

/* ---- the audit ---- */

struct found {
	unsigned n;
	char operation[32], result[32];
};

static bool take(void *arg, const struct directory_audit *e)
{
	struct found *f = arg;

	if (f->n++ == 0) {
		snprintf(f->operation, sizeof(f->operation), "%.*s",
		         STR_ARG(e->operation));
		snprintf(f->result, sizeof(f->result), "%.*s",
		         STR_ARG(e->result));
	}
	return true;
}

static struct found find(struct world *w, const struct directory_audit_find *q)
{
	struct found f = { .n = 0 };

	OK(directory_audit_each(w->dir, q, take, &f, &w->err));
	return f;
}

static const struct directory_audit_find all = { .domains_n = SIZE_MAX };

static void a_note_goes_with_the_change(void **state)
{
	struct world *w = *state;
	struct directory_audit e = { .who = STR("op@a.example"),
		                     .operation = STR("account.set"),
		                     .subject = STR("anna@a.example"),
		                     .domain = w->example,
		                     .result = STR("done") };
	struct directory_audit_find mine = { .domains = &w->example,
		                             .domains_n = 1 };
	struct directory_note n;
	int64_t none = 424242;

	/* A change that fails leaves no entry. */
	directory_note_begin(&n, w->dir, &e);
	assert_int_equal(directory_account_set_quota(w->dir, 999, 5, &w->err),
	                 -1);
	assert_false(directory_note_end(&n));
	assert_int_equal(find(w, &all).n, 0);

	/* Of several writes one carries it. */
	directory_note_begin(&n, w->dir, &e);
	OK(directory_account_set_quota(w->dir, w->anna, 5, &w->err));
	OK(directory_account_set_quota(w->dir, w->anna, 6, &w->err));
	assert_true(directory_note_end(&n));
	assert_int_equal(find(w, &all).n, 1);
	assert_int_equal(find(w, &mine).n, 1);
	assert_string_equal(find(w, &all).operation, "account.set");

	/* Nothing is noted after the end. */
	OK(directory_account_set_quota(w->dir, w->anna, 7, &w->err));
	assert_int_equal(find(w, &all).n, 1);
	mine.domains = &none;
	assert_int_equal(find(w, &mine).n, 0);
}

static void the_audit_is_searched(void **state)
{
	struct world *w = *state;
	struct directory_audit e = { .who = STR("root"),
		                     .operation = STR("queue.remove"),
		                     .subject = STR("7"),
		                     .result = STR("begun") };
	struct directory_audit_find q = all;
	int64_t id, second;

	OK(directory_audit_add(w->dir, &e, &id, &w->err));
	OK(directory_audit_result(w->dir, id, STR("failed: gone"), &w->err));
	assert_string_equal(find(w, &all).result, "failed: gone");
	e.operation = STR("limits.set");
	OK(directory_audit_add(w->dir, &e, &second, &w->err));
	assert_int_equal(second, id + 1);
	q.operation = STR("queue.");
	assert_int_equal(find(w, &q).n, 1);
	q = all;
	q.subject = STR("7");
	assert_int_equal(find(w, &q).n, 2);
	q.limit = 1;
	assert_string_equal(find(w, &q).operation, "limits.set");
	q.before_id = second;
	assert_string_equal(find(w, &q).operation, "queue.remove");
	q = all;
	q.who = STR("anna");
	assert_int_equal(find(w, &q).n, 0);
}

/* ---- settings and checks ---- */

static void keeps_settings_and_checks(void **state)
{
	struct world *w = *state;
	struct directory_setting set[] = { { STR("name"), STR("Mail") },
		                           { STR("colour"), STR("#0a5a68") } };
	struct directory_check c = { .domain = w->example,
		                     .at_us = 50,
		                     .state = STR("ok"),
		                     .result = STR("{}") };
	struct str got;

	OK(directory_setting_set(w->dir, set, 2, &w->err));
	OK(directory_setting_get(w->dir, STR("colour"), &w->a, &got, &w->err));
	assert_true(str_eq(got, STR("#0a5a68")));
	set[1].value = STR("");
	OK(directory_setting_set(w->dir, set, 2, &w->err));
	OK(directory_setting_get(w->dir, STR("colour"), &w->a, &got, &w->err));
	assert_int_equal(got.n, 0);

	assert_int_equal(directory_check_due(w->dir, 10, &w->a, &got, &w->err),
	                 1);
	assert_true(str_eq(got, STR("a.example")));
	OK(directory_check_put(w->dir, &c, &w->err));
	assert_int_equal(directory_check_due(w->dir, 50, &w->a, &got, &w->err),
	                 0);
	assert_int_equal(directory_check_due(w->dir, 51, &w->a, &got, &w->err),
	                 1);
	c.state = STR("wrong");
	OK(directory_check_put(w->dir, &c, &w->err));
	OK(directory_check_get(w->dir, w->example, &w->a, &c, &w->err));
	assert_true(str_eq(c.state, STR("wrong")));
	assert_int_equal(directory_check_get(w->dir, 999, &w->a, &c, &w->err),
	                 -1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(roles_go_with_account_and_domain),
		TEST(tokens_end),
		TEST(a_note_goes_with_the_change),
		TEST(the_audit_is_searched),
		TEST(keeps_settings_and_checks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
