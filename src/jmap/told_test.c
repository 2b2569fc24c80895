#include "jmap/told.h"

#include "base/test.h"

static void types_by_name(void **state)
{
	(void)state;
	assert_int_equal(jmap_told_types(STR("")), 0);
	assert_int_equal(jmap_told_types(STR("Email,Mailbox,CalendarEvent")),
	                 1u << CHANGE_EMAIL | 1u << CHANGE_MAILBOX);
	/* a part of a name, or in another case, is none */
	assert_int_equal(jmap_told_types(STR("Emai,EMAIL,EmailSubmission")),
	                 1u << CHANGE_SUBMISSION);
}

static void reads_what_was_told(void **state)
{
	struct change_state now[CHANGE_TYPES], told[CHANGE_TYPES];
	char text[JMAP_PUSH_ID_MAX];

	(void)state;
	for (unsigned i = 0; i < CHANGE_TYPES; i++)
		now[i] = (struct change_state){ 7, 100 + i };
	now[CHANGE_EMAIL].modseq = UINT64_MAX;
	jmap_push_id(now, text);
	assert_true(jmap_told_read(str_z(text), now, told));
	assert_false(jmap_push_differs(~0u, told, now));
	now[CHANGE_MAILBOX].modseq++;
	assert_true(jmap_told_read(str_z(text), now, told));
	assert_true(jmap_push_differs(1u << CHANGE_MAILBOX, told, now));
	assert_false(jmap_push_differs(1u << CHANGE_EMAIL, told, now));
	/* written by one that knew fewer types: the others are no news */
	assert_true(jmap_told_read(STR("7-18446744073709551615"), now, told));
	assert_false(jmap_push_differs(~0u, told, now));
	/* after a restore all is new */
	assert_true(jmap_told_read(STR("6-18446744073709551615"), now, told));
	assert_true(jmap_push_differs(1u << CHANGE_EMAIL, told, now));
	assert_false(jmap_told_read(STR(""), now, told));
	assert_false(jmap_told_read(STR("x-1"), now, told));
}

static void writes_messages(void **state)
{
	struct change_state now[CHANGE_TYPES];
	struct buf b;

	(void)state;
	for (unsigned i = 0; i < CHANGE_TYPES; i++)
		now[i] = (struct change_state){ 7, 10 };
	buf_init(&b, 4096);
	jmap_told_code(&b, store_id('P', 3), "abc");
	assert_str(buf_str(&b), "{\"@type\":\"PushVerification\","
	                        "\"pushSubscriptionId\":\"P3\","
	                        "\"verificationCode\":\"abc\"}");
	buf_reset(&b);
	jmap_told_change(&b, 12, 1u << CHANGE_EMAIL | 1u << CHANGE_THREAD, now);
	assert_true(str_starts(buf_str(&b),
	                       STR("{\"@type\":\"StateChange\",\"changed\":"
	                           "{\"A12\":{\"Email\":\"")));
	assert_true(str_find(buf_str(&b), STR("\"Thread\":")) != STR_NPOS);
	assert_true(str_find(buf_str(&b), STR("Mailbox")) == STR_NPOS);
	buf_deinit(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(types_by_name),
		cmocka_unit_test(reads_what_was_told),
		cmocka_unit_test(writes_messages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
