#include "store/script.h"

#include "os/clock.h"
#include "store/change.h"
#include "store/mailbox.h"
#include "store/remember.h"
#include "store/testing.h"

static const struct script_limits limits = { .scripts = 3, .bytes = 100 };

static int put(struct store *s, struct store_account a, const char *name,
               const char *text, struct err *err)
{
	return script_put(s, a, str_z(name), str_z(text), &limits, err);
}

/* "name*:size name:size" */
static struct str names(struct store *s, struct store_account a,
                        struct arena *arena)
{
	struct str all = STR("");
	struct script *list;
	struct err err;
	size_t n;

	assert_int_equal(script_list(s, a, arena, &list, &n, &err), 0);
	for (size_t i = 0; i < n; i++)
		all = arena_fmt(arena, "%.*s%s%.*s%s:%u", STR_ARG(all),
		                i ? " " : "", STR_ARG(list[i].name),
		                list[i].active ? "*" : "",
		                (unsigned)list[i].size);
	return all;
}

static void keeps_scripts(void **state)
{
	struct store_account a = test_account;
	struct store *s = test_open();
	struct err err = ERR_INIT;
	struct script one, two;
	struct arena arena;
	bool any = true, count;

	(void)state;
	arena_init(&arena);
	assert_str(names(s, a, &arena), "");
	assert_int_equal(script_any(s, a, &any, &err), 0);
	assert_false(any);
	assert_int_equal(put(s, a, "b", "keep;", &err), 0);
	assert_int_equal(put(s, a, "a", "stop;\r\n", &err), 0);
	assert_str(names(s, a, &arena), "a:7 b:5");
	assert_int_equal(script_active(s, a, &arena, &one, &err), -1);
	assert_int_equal(err.kind, ERR_NOT_FOUND);

	assert_int_equal(script_activate(s, a, STR("b"), &err), 0);
	assert_int_equal(script_activate(s, a, STR("a"), &err), 0);
	assert_str(names(s, a, &arena), "a*:7 b:5");
	assert_int_equal(script_any(s, a, &any, &err), 0);
	assert_true(any);
	assert_int_equal(script_activate(s, a, STR("none"), &err), -1);
	assert_int_equal(err.kind, ERR_NOT_FOUND);

	/* Put again: the same script, still active, another change. */
	assert_int_equal(script_active(s, a, &arena, &one, &err), 0);
	assert_str(one.text, "stop;\r\n");
	assert_int_equal(put(s, a, "a", "discard;", &err), 0);
	assert_int_equal(script_active(s, a, &arena, &two, &err), 0);
	assert_str(two.text, "discard;");
	assert_int_equal(two.no, one.no);
	assert_true(two.changed > one.changed);

	/* Limits. */
	assert_int_equal(put(s, a, "c", "", &err), 0);
	assert_int_equal(put(s, a, "d", "keep;", &err), -1);
	assert_int_equal(err.kind, ERR_TOO_BIG);
	assert_int_equal(script_room(s, a, STR("d"), 5, &limits, &count, &err),
	                 -1);
	assert_true(count);
	assert_int_equal(script_room(s, a, STR("a"), 101, &limits, &count,
	                             &err),
	                 -1);
	assert_false(count);
	assert_int_equal(script_room(s, a, STR("a"), 100, &limits, &count,
	                             &err),
	                 0);
	assert_int_equal(put(s, a, "", "keep;", &err), -1);
	assert_int_equal(put(s, a, "a\nb", "keep;", &err), -1);
	assert_int_equal(put(s, a, "a\xff", "keep;", &err), -1);
	assert_int_equal(put(s, a, "\xe2\x80\xa8", "keep;", &err), -1);
	assert_int_equal(err.kind, ERR_INVALID);

	/* Names. */
	assert_int_equal(script_rename(s, a, STR("a"), STR("b"), &err), -1);
	assert_int_equal(err.kind, ERR_EXISTS);
	assert_int_equal(script_rename(s, a, STR("x"), STR("y"), &err), -1);
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	assert_int_equal(script_rename(s, a, STR("a"), STR("\xc3\xa6"), &err),
	                 0);
	assert_str(names(s, a, &arena), "b:5 c:0 \xc3\xa6*:8");
	assert_int_equal(script_remove(s, a, STR("\xc3\xa6"), &err), -1);
	assert_int_equal(err.kind, ERR_DENIED);
	assert_int_equal(script_activate(s, a, STR(""), &err), 0);
	assert_int_equal(script_remove(s, a, STR("\xc3\xa6"), &err), 0);
	assert_int_equal(script_remove(s, a, STR("\xc3\xa6"), &err), -1);
	assert_str(names(s, a, &arena), "b:5 c:0");

	/* They are the account's alone, and go with it. */
	a.id++;
	assert_str(names(s, a, &arena), "");
	assert_int_equal(store_account_remove(s, test_account, &err), 0);
	assert_str(names(s, test_account, &arena), "");
	arena_deinit(&arena);
	store_close(&s);
}

static uint64_t state_of(struct store *s, enum change_type type)
{
	struct change_state all[CHANGE_TYPES];
	struct err err = ERR_INIT;

	assert_int_equal(change_states(s, test_account, all, &err), 0);
	return all[type].modseq;
}

static void writes_by_number(void **state)
{
	struct store_account a = test_account;
	struct store *s = test_open();
	struct script_write w = { .name = STR("a"), .text = STR("keep;") };
	struct err err = ERR_INIT;
	struct script one;
	struct arena arena;
	uint64_t no, before;

	(void)state;
	arena_init(&arena);
	assert_int_equal(script_write(s, a, &w, &limits, &err), 0);
	no = w.no;
	assert_true(no > 0);
	before = state_of(s, CHANGE_SCRIPT);
	assert_true(before > 0);

	/* A new one of the same name is none; each part alone; both. */
	w = (struct script_write){ .name = STR("a"), .text = STR("stop;") };
	assert_int_equal(script_write(s, a, &w, &limits, &err), -1);
	assert_int_equal(err.kind, ERR_EXISTS);
	assert_true(w.other == no && w.no == 0);
	assert_true(state_of(s, CHANGE_SCRIPT) == before);
	w = (struct script_write){ .no = no, .text = STR("stop;") };
	assert_int_equal(script_write(s, a, &w, &limits, &err), 0);
	assert_true(state_of(s, CHANGE_SCRIPT) > before);
	w = (struct script_write){ .no = no, .name = STR("b") };
	assert_int_equal(script_write(s, a, &w, &limits, &err), 0);
	assert_int_equal(script_get_no(s, a, no, &arena, &one, &err), 0);
	assert_str(one.name, "b");
	assert_str(one.text, "stop;");
	w = (struct script_write){ .no = no,
		                   .name = STR("b"),
		                   .text = STR("discard;") };
	assert_int_equal(script_write(s, a, &w, &limits, &err), 0);
	w.no = no + 1000;
	w.name = STR("c");
	assert_int_equal(script_write(s, a, &w, &limits, &err), -1);
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	w = (struct script_write){ .name = STR("c"), .text = STR("") };
	assert_int_equal(script_write(s, a, &w, &limits, &err), 0);
	w = (struct script_write){ .no = no, .name = STR("c") };
	assert_int_equal(script_write(s, a, &w, &limits, &err), -1);
	assert_int_equal(err.kind, ERR_EXISTS);

	assert_int_equal(script_activate_no(s, a, no, &err), 0);
	assert_str(names(s, a, &arena), "b*:8 c:0");
	assert_int_equal(script_remove_no(s, a, no, &err), -1);
	assert_int_equal(err.kind, ERR_DENIED);
	assert_int_equal(script_activate_no(s, a, no + 1000, &err), -1);
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	assert_int_equal(script_activate_no(s, a, 0, &err), 0);
	assert_str(names(s, a, &arena), "b:8 c:0");
	assert_int_equal(script_remove_no(s, a, no, &err), 0);
	assert_int_equal(script_get_no(s, a, no, &arena, &one, &err), -1);
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	arena_deinit(&arena);
	store_close(&s);
}

static void keeps_a_vacation(void **state)
{
	struct vacation v = { .on = true,
		              .days = 7,
		              .from_us = 5,
		              .until_us = 9,
		              .subject = STR("Away"),
		              .text = STR("I am away.\nBo"),
		              .html = STR("<p>I am away.</p>") };
	struct store *s = test_open();
	struct err err = ERR_INIT;
	struct vacation got;
	struct arena arena;
	bool any;

	(void)state;
	arena_init(&arena);
	assert_int_equal(vacation_get(s, test_account, &arena, &got, &err), -1);
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	assert_int_equal(vacation_set(s, test_account, &v, &err), 0);
	assert_int_equal(vacation_get(s, test_account, &arena, &got, &err), 0);
	assert_true(got.on);
	assert_int_equal(got.days, 7);
	assert_int_equal(got.from_us, 5);
	assert_int_equal(got.until_us, 9);
	assert_str(got.subject, "Away");
	assert_str(got.text, "I am away.\nBo");
	assert_str(got.html, "<p>I am away.</p>");
	assert_true(state_of(s, CHANGE_VACATION) > 0);
	assert_int_equal(script_any(s, test_account, &any, &err), 0);
	assert_true(any);
	v.on = false;
	assert_int_equal(vacation_set(s, test_account, &v, &err), 0);
	assert_int_equal(script_any(s, test_account, &any, &err), 0);
	assert_false(any);
	v.days = 0;
	assert_int_equal(vacation_set(s, test_account, &v, &err), -1);
	v.days = 1;
	v.until_us = 5;
	assert_int_equal(vacation_set(s, test_account, &v, &err), -1);
	v.until_us = 0;
	v.subject = STR("two\nlines");
	assert_int_equal(vacation_set(s, test_account, &v, &err), -1);
	assert_int_equal(err.kind, ERR_INVALID);
	arena_deinit(&arena);
	store_close(&s);
}

static bool has(struct store *s, enum remember_kind kind, const char *name,
                int64_t now_s)
{
	struct err err = ERR_INIT;
	bool yes = false;

	assert_int_equal(remember_has(s, test_account, kind, str_z(name),
	                              now_s * US_PER_SEC, &yes, &err),
	                 0);
	return yes;
}

static void remembers_for_a_time(void **state)
{
	const struct remember_item items[] = {
		{ REMEMBER_ANSWERED, STR("x"), 100 * US_PER_SEC },
		{ REMEMBER_DUPLICATE, STR("x"), 50 * US_PER_SEC },
		{ REMEMBER_ANSWERED, STR("x"), 90 * US_PER_SEC },
	};
	struct store *s = test_open();
	struct err err = ERR_INIT;
	bool more = true;

	(void)state;
	assert_false(has(s, REMEMBER_ANSWERED, "x", 0));
	assert_int_equal(remember_add(s, test_account, items, 3, &err), 0);
	assert_true(has(s, REMEMBER_ANSWERED, "x", 99));
	assert_false(has(s, REMEMBER_ANSWERED, "x", 100));
	assert_false(has(s, REMEMBER_ANSWERED, "y", 1));
	assert_true(has(s, REMEMBER_DUPLICATE, "x", 49));
	assert_false(has(s, REMEMBER_DUPLICATE, "x", 50));
	assert_int_equal(remember_forget(s, test_account, REMEMBER_DUPLICATE,
	                                 &err),
	                 0);
	assert_false(has(s, REMEMBER_DUPLICATE, "x", 1));
	/* All that is left is long over. */
	assert_int_equal(store_upkeep(s, US_PER_SEC, &more, &err), 0);
	assert_false(has(s, REMEMBER_ANSWERED, "x", 1));
	store_close(&s);
}

int main(void)
{
	const struct CMUnitTest list[] = {
		cmocka_unit_test(keeps_scripts),
		cmocka_unit_test(writes_by_number),
		cmocka_unit_test(keeps_a_vacation),
		cmocka_unit_test(remembers_for_a_time),
	};

	return cmocka_run_group_tests(list, test_set_up, test_tear_down);
}
