#include "store/report.h"

#include "store/change.h"
#include "store/object.h"
#include "store/testing.h"

static const char report[] = "From: x@far.example\r\nMIME-Version: 1.0\r\n"
			     "Content-Type: multipart/report; boundary=b\r\n"
			     "\r\n--b\r\n\r\nwords\r\n--b--\r\n";

static uint64_t deliver(struct store *s, struct str bytes, bool delivered)
{
	struct append_target t = { .account = test_account,
		                   .delivered = delivered };
	struct err err = ERR_INIT;

	assert_int_equal(append_prepare_str(&t.message, s, bytes, &err), 0);
	assert_int_equal(append_commit(s, &t, 1, STR(""), NULL, &err), 0);
	append_free(&t.message);
	return t.email;
}

/* What is noted, as "E1 E2", and the state of submissions. */
static void assert_noted(struct store *s, size_t max, const char *want,
                         uint64_t *state)
{
	struct change_state states[CHANGE_TYPES];
	struct err err = ERR_INIT;
	struct str got = STR("");
	uint64_t *list;
	struct arena a;
	size_t n;

	arena_init(&a);
	assert_int_equal(report_list(s, test_account, max, &a, &list, &n, &err),
	                 0);
	for (size_t i = 0; i < n; i++)
		got = arena_fmt(&a, "%.*s%sE%llu", STR_ARG(got), i ? " " : "",
		                (unsigned long long)list[i]);
	assert_str(got, want);
	arena_deinit(&a);
	assert_int_equal(change_states(s, test_account, states, &err), 0);
	*state = states[CHANGE_SUBMISSION].modseq;
}

static void reports_are_noted(void **state)
{
	struct object_write w = { .type = CHANGE_SUBMISSION,
		                  .what = OBJECT_CREATE,
		                  .object = { .content = STR("{}") } };
	struct store *s = test_open();
	struct err err = ERR_INIT;
	uint64_t before, after, first;

	(void)state;
	/* Who sent nothing is not told. */
	(void)deliver(s, str_z(report), true);
	assert_noted(s, 9, "", &before);
	assert_int_equal(object_write(s, test_account, &w, 1, &err), 0);
	assert_noted(s, 9, "", &before);
	/* Put in by the owner, and no report. */
	(void)deliver(s, str_z(report), false);
	(void)deliver(s, TEST_MAIL, true);
	assert_noted(s, 9, "", &after);
	assert_int_equal(before, after);
	first = deliver(s, str_z(report), true);
	assert_int_equal(first, 4);
	(void)deliver(s, str_z(report), true);
	assert_noted(s, 9, "E4 E5", &after);
	assert_true(after > before);
	assert_noted(s, 1, "E4", &before);
	assert_int_equal(report_done(s, test_account, &first, 1, &err), 0);
	assert_int_equal(report_done(s, test_account, &first, 1, &err), 0);
	assert_noted(s, 9, "E5", &after);
	assert_int_equal(before, after);
	store_close(&s);
}

/* Of many the oldest are forgotten. */
static void notes_have_a_bound(void **state)
{
	struct store *s = test_open();
	struct err err = ERR_INIT;
	uint64_t *list, last = 0;
	struct arena a;
	size_t n;

	(void)state;
	for (int i = 0; i < REPORTS_MAX + 3; i++)
		last = deliver(s, str_z(report), true);
	arena_init(&a);
	assert_int_equal(report_list(s, test_account, 2 * REPORTS_MAX, &a,
	                             &list, &n, &err),
	                 0);
	assert_int_equal(n, REPORTS_MAX);
	assert_int_equal(list[n - 1], last);
	assert_int_equal(list[0], last - REPORTS_MAX + 1);
	arena_deinit(&a);
	store_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reports_are_noted),
		cmocka_unit_test(notes_have_a_bound),
	};

	return cmocka_run_group_tests(tests, test_set_up, test_tear_down);
}
