#include "trail/find.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/test.h"
#include "os/clock.h"
#include "trail/private.h"
#include "trail/trail.h"

static char dir[64];
static struct trail *trail;
static struct arena arena;

static int set_up(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	(void)snprintf(dir, sizeof(dir), "/tmp/posthus-find-XXXXXX");
	arena_init(&arena);
	return mkdtemp(dir)
	               ? trail_open(&trail,
	                            &(struct trail_options){ .dir = dir }, &err)
	               : -1;
}

static int tear_down(void **state)
{
	char cmd[128];

	(void)state;
	trail_close(&trail);
	arena_deinit(&arena);
	(void)snprintf(cmd, sizeof(cmd), "rm -rf %s", dir);
	return system(cmd);
}

static struct trail_page find(struct trail_query q)
{
	struct trail_page page;
	struct err err = ERR_INIT;

	trail_flush(trail);
	if (trail_find(dir, &q, &arena, &page, &err) < 0)
		fail_msg("%s", err.text);
	return page;
}

/* From anna (account 7, logged in) to bo (account 8) and to somebody
 * elsewhere, who waits until the next day. */
static struct str add_sent(int64_t at_us, struct str message_id)
{
	char *id = arena_alloc(&arena, TRAIL_ID_SIZE);
	struct trail_event e = { .sender = STR("anna@Customer.example"),
		                 .who = STR("anna@customer.example"),
		                 .account = 7,
		                 .at_us = at_us };

	trail_id_make(id);
	e.trace = str_z(id);
	e.kind = TRAIL_RCPT_ACCEPTED;
	e.rcpt = STR("list@customer.example");
	trail_add(trail, &e);
	e.rcpt = STR("far@partner.example");
	trail_add(trail, &e);
	e.kind = TRAIL_ACCEPTED;
	e.rcpt = STR("");
	e.message_id = message_id;
	trail_add(trail, &e);
	trail_add(trail,
	          &(struct trail_event){ .kind = TRAIL_FILED,
	                                 .trace = e.trace,
	                                 .at_us = at_us,
	                                 .rcpt = STR("list@customer.example"),
	                                 .to = STR("bo@customer.example"),
	                                 .account = 8,
	                                 .text = STR("Inbox") });
	trail_add(trail,
	          &(struct trail_event){ .kind = TRAIL_RULE,
	                                 .trace = e.trace,
	                                 .at_us = at_us,
	                                 .to = STR("bo@customer.example"),
	                                 .account = 8,
	                                 .text = STR("secret") });
	trail_add(trail,
	          &(struct trail_event){ .kind = TRAIL_QUEUED,
	                                 .trace = e.trace,
	                                 .at_us = at_us,
	                                 .rcpt = STR("far@partner.example"),
	                                 .to = STR("far@partner.example") });
	trail_add(trail,
	          &(struct trail_event){ .kind = TRAIL_RELAYED,
	                                 .trace = e.trace,
	                                 .at_us = at_us + US_PER_DAY,
	                                 .rcpt = STR("far@partner.example"),
	                                 .to = STR("far@partner.example"),
	                                 .host = STR("mx.partner.example") });
	return e.trace;
}

static void test_by_each_name(void **state)
{
	int64_t now = clock_wall_us();
	struct str id = add_sent(now, STR("<One@customer.example>"));
	struct trail_query queries[] = {
		{ .address = STR("ANNA@customer.example") },
		{ .address = STR("far@PARTNER.example") },
		{ .address = STR("bo@customer.example") },
		{ .sender = STR("anna@customer.example") },
		{ .rcpt = STR("list@customer.example") },
		{ .sender = STR("anna@customer.example"),
		  .rcpt = STR("far@partner.example") },
		{ .message_id = STR("<One@customer.example>") },
		{ .message_id = STR("one@customer.example") },
		{ .trace = id },
		{ .domain = STR("Partner.Example") },
		{ .account = 7 },
		{ .account = 8 },
		{ .limit = 0 },
		{ .since_us = now - US_PER_SEC, .until_us = now + US_PER_SEC },
		{ .address = STR("far@partner.example"),
		  .since_us = now - US_PER_SEC },
	};
	struct trail_query none[] = {
		{ .address = STR("cy@customer.example") },
		{ .sender = STR("far@partner.example") },
		{ .rcpt = STR("anna@customer.example") },
		{ .sender = STR("anna@customer.example"),
		  .rcpt = STR("cy@partner.example") },
		{ .message_id = STR("<Two@customer.example>") },
		{ .trace = STR("000000000000") },
		{ .trace = STR("NONSENSE") },
		{ .domain = STR("customer.exampl") },
		{ .account = 9 },
		{ .trace = id, .account = 9 },
		{ .until_us = now - US_PER_MIN },
		{ .address = STR("far@partner.example"),
		  .since_us = now + 2 * US_PER_DAY },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(queries) / sizeof(queries[0]); i++) {
		struct trail_page p = find(queries[i]);

		if (p.n != 1)
			fail_msg("query %zu: %zu stories", i, p.n);
		assert_true(str_eq(p.stories[0].trace, id));
	}
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		if (find(none[i]).n != 0)
			fail_msg("query %zu finds something", i);
}

static void test_a_story_goes_over_days(void **state)
{
	struct trail_page p;

	(void)state;
	(void)add_sent(clock_wall_us(), STR("<1@customer.example>"));
	p = find((struct trail_query){ .address = STR("far@partner.example") });
	assert_int_equal(p.n, 1);
	assert_int_equal(p.stories[0].n, 7);
	assert_int_equal(p.stories[0].events[6].kind, TRAIL_RELAYED);
	assert_int_equal(p.stories[0].state, TRAIL_STATE_DELIVERED);
	assert_str(p.stories[0].message_id, "<1@customer.example>");
	assert_int_equal(trail_story_state(&p.stories[0],
	                                   STR("bo@customer.example")),
	                 TRAIL_STATE_DELIVERED);
}

static bool tells(const struct trail_story *s, struct str what)
{
	for (size_t i = 0; i < s->n; i++)
		if (str_find(s->events[i].rcpt, what) != STR_NPOS ||
		    str_find(s->events[i].to, what) != STR_NPOS ||
		    str_find(s->events[i].text, what) != STR_NPOS)
			return true;
	return false;
}

/* The sender learns nothing of the recipient's rules nor where an alias
 * leads; the recipient nothing of the other recipients. */
static void test_rights(void **state)
{
	struct trail_page p;

	(void)state;
	(void)add_sent(clock_wall_us(), STR("<1@customer.example>"));
	p = find((struct trail_query){ .account = 7 });
	assert_int_equal(p.n, 1);
	assert_int_equal(p.stories[0].n, 6);
	assert_false(tells(&p.stories[0], STR("secret")));
	assert_false(tells(&p.stories[0], STR("bo@")));
	assert_true(tells(&p.stories[0], STR("list@")));
	assert_true(tells(&p.stories[0], STR("far@")));
	p = find((struct trail_query){ .account = 8 });
	assert_int_equal(p.n, 1);
	assert_int_equal(p.stories[0].n, 3);
	assert_true(tells(&p.stories[0], STR("secret")));
	assert_false(tells(&p.stories[0], STR("far@")));
	/* nor by asking whether they are in it */
	p = find((struct trail_query){ .account = 8,
	                               .address = STR("far@partner.example") });
	assert_int_equal(p.n, 0);
}

/* Mail from elsewhere to two domains: each administrator sees one part. */
static void test_within_a_domain(void **state)
{
	struct trail_query q = { .domain = STR("one.example"),
		                 .within = STR("one.example") };
	struct trail_event e = { .kind = TRAIL_RCPT_ACCEPTED,
		                 .sender = STR("x@one.example") };
	struct trail_page p;
	char id[TRAIL_ID_SIZE];

	(void)state;
	trail_id_make(id);
	e.trace = str_z(id);
	e.rcpt = STR("a@one.example");
	trail_add(trail, &e);
	e.rcpt = STR("b@two.example");
	trail_add(trail, &e);
	p = find(q);
	assert_int_equal(p.n, 1);
	/* A sender that anyone can write opens nothing. */
	assert_false(tells(&p.stories[0], STR("two.example")));
	q.rcpt = STR("b@two.example");
	assert_int_equal(find(q).n, 0);
	/* Nor does one of the domain who lets it go, or takes it out. */
	trail_add(trail, &(struct trail_event){ .kind = TRAIL_RELEASED,
	                                        .trace = e.trace,
	                                        .account = 7,
	                                        .rcpt = STR("b@two.example"),
	                                        .who = STR("x@one.example") });
	assert_int_equal(find(q).n, 0);
	/* What the domain's own login sent is all its affair. */
	trail_add(trail, &(struct trail_event){ .kind = TRAIL_ACCEPTED,
	                                        .trace = e.trace,
	                                        .who = STR("x@one.example") });
	p = find(q);
	assert_int_equal(p.n, 1);
	assert_true(tells(&p.stories[0], STR("two.example")));
}

static void test_pages(void **state)
{
	int64_t now = clock_wall_us();
	struct trail_query q = { .address = STR("anna@customer.example"),
		                 .limit = 7 };
	struct trail_page p = { .n = 0 };
	struct str last = { NULL, 0 };
	size_t seen = 0;

	(void)state;
	/* over three days and many hours */
	for (int i = 0; i < 50; i++)
		(void)add_sent(now - (50 - i) * (US_PER_HOUR + US_PER_MIN),
		               STR("<x@customer.example>"));
	do {
		p = find(q);
		assert_true(p.n <= 7);
		for (size_t i = 0; i < p.n; i++, seen++)
			last = p.stories[i].trace;
		q.after = p.mark;
	} while (p.more);
	assert_int_equal(seen, 50);
	assert_true(last.n != 0);
	q = (struct trail_query){ .limit = 200,
		                  .since_us = now - 10 * US_PER_HOUR,
		                  .address = STR("far@partner.example") };
	assert_int_equal(find(q).n, 9);
}

/* A refusal without a message stands alone. */
static void test_connections(void **state)
{
	struct trail_event e = { .kind = TRAIL_CONNECT_REFUSED, .code = 421 };
	struct trail_page p;

	(void)state;
	trail_add(trail, &e);
	trail_add(trail, &e);
	p = find((struct trail_query){ .limit = 10 });
	assert_int_equal(p.n, 2);
	assert_int_equal(p.stories[0].n, 1);
	assert_int_equal(p.stories[0].state, TRAIL_STATE_REFUSED);
}

static bool count_event(void *arg, const struct trail_event *e)
{
	(void)e;
	++*(int *)arg;
	return true;
}

static void test_tail(void **state)
{
	struct trail_mark at = { .day = 0 };
	struct err err = ERR_INIT;
	int n = 0;

	(void)state;
	(void)add_sent(clock_wall_us() - US_PER_DAY, STR("<1@x.example>"));
	trail_flush(trail);
	assert_int_equal(trail_tail(dir, &at, count_event, &n, &err), 0);
	assert_int_equal(n, 0);
	(void)add_sent(clock_wall_us(), STR("<2@x.example>"));
	trail_flush(trail);
	assert_int_equal(trail_tail(dir, &at, count_event, &n, &err), 0);
	assert_int_equal(n, 7);
	assert_int_equal(trail_tail(dir, &at, count_event, &n, &err), 0);
	assert_int_equal(n, 7);
}

static void test_no_folder(void **state)
{
	struct trail_query q = { .limit = 1 };
	struct trail_page p;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(trail_find("/nonexistent", &q, &arena, &p, &err), 0);
	assert_int_equal(p.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_by_each_name, set_up,
		                                tear_down),
		cmocka_unit_test_setup_teardown(test_a_story_goes_over_days,
		                                set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_rights, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_within_a_domain, set_up,
		                                tear_down),
		cmocka_unit_test_setup_teardown(test_pages, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_connections, set_up,
		                                tear_down),
		cmocka_unit_test_setup_teardown(test_tail, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_no_folder, set_up,
		                                tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
