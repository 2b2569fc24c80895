#include "wire/dsn/dsn.h"

#include "base/test.h"

#define AT INT64_C(1795500000000000)

static void what_is_written_reads_back(void **state)
{
	static const struct dsn_message m = {
		.envid = STR_INIT("QQ314159"),
		.reporting_mta = STR_INIT("mx.here.example"),
		.received_from = STR_INIT("pc.here.example"),
		.arrival_us = AT,
		.by_us = AT + 60000000,
	};
	static const struct dsn_rcpt rows[] = {
		{ .original_type = STR_INIT("rfc822"),
		  .original = STR_INIT("Info@far.example"),
		  .final_type = STR_INIT("rfc822"),
		  .final = STR_INIT("info@far.example"),
		  .action = DSN_FAILED,
		  .status = STR_INIT("5.1.1"),
		  .remote_mta = STR_INIT("mx.far.example"),
		  .diagnostic = STR_INIT("550 5.1.1 no such user"),
		  .last_us = AT + 1000000 },
		{ .final_type = STR_INIT("utf-8"),
		  .final = STR_INIT("j\xc3\xb6rg\\x@far.example"),
		  .action = DSN_DELAYED,
		  .status = STR_INIT("4.4.1"),
		  .until_us = AT + 2000000 },
		{ .final_type = STR_INIT("rfc822"),
		  .final = STR_INIT("bo@far.example"),
		  .action = DSN_RELAYED,
		  .status = STR_INIT("2.0.0") },
	};
	struct dsn_report r;
	struct arena a;
	struct buf b;

	(void)state;
	arena_init(&a);
	for (int utf8 = 0; utf8 < 2; utf8++) {
		buf_init(&b, 65536);
		dsn_message_write(&b, &m, utf8);
		for (size_t i = 0; i < 3; i++)
			dsn_rcpt_write(&b, &rows[i], utf8);
		assert_true(dsn_read(&a, buf_str(&b), NULL, &r));
		assert_true(str_eq(r.message.envid, m.envid));
		assert_true(str_eq(r.message.reporting_mta, m.reporting_mta));
		assert_true(str_eq(r.message.received_from, m.received_from));
		assert_true(r.message.arrival_us == AT);
		assert_true(r.message.by_us == m.by_us);
		assert_int_equal(r.rcpts_n, 3);
		for (size_t i = 0; i < 3; i++) {
			const struct dsn_rcpt *x = &r.rcpts[i], *y = &rows[i];

			assert_true(str_eq(x->original, y->original));
			assert_true(str_eq(x->final_type, y->final_type));
			if (i != 1 || !utf8)
				assert_true(str_eq(x->final, y->final));
			assert_int_equal(x->action, y->action);
			assert_true(str_eq(x->status, y->status));
			assert_true(str_eq(x->remote_mta, y->remote_mta));
			assert_true(str_eq(x->diagnostic, y->diagnostic));
			assert_true(x->last_us == y->last_us);
			assert_true(x->until_us == y->until_us);
		}
		buf_deinit(&b);
	}
	arena_deinit(&a);
}

/* Nothing that a peer said makes a field of its own. */
static void a_reply_stays_one_field(void **state)
{
	struct dsn_rcpt x = { .final_type = STR("rfc822"),
		              .final = STR("a@b.example\r\nAction: delivered"),
		              .action = DSN_FAILED,
		              .status = STR("5.0.0"),
		              .diagnostic =
		                      STR("550 a\r\n\r\nFinal-Recipient: x;y\0z"
		                          "\xff\xc3\xb6") };
	struct dsn_report r;
	struct arena a;
	struct buf b;

	(void)state;
	arena_init(&a);
	buf_init(&b, 65536);
	dsn_rcpt_write(&b, &x, false);
	assert_true(dsn_read(&a, buf_str(&b), NULL, &r));
	assert_int_equal(r.rcpts_n, 1);
	assert_int_equal(r.rcpts[0].action, DSN_FAILED);
	for (size_t i = 0; i < b.n; i++)
		assert_true((unsigned char)b.p[i] < 127);
	buf_deinit(&b);
	arena_deinit(&a);
}

/* As others write it. */
static void foreign(void **state)
{
	static const struct {
		const char *label, *in;
		size_t n;
		const char *status;
	} rows[] = {
		{ "LF alone, comments, odd order",
		  "Reporting-MTA: dns;a.example\n\n\nStatus: 5.2.2 (full)\n"
		  "X-Odd: 1\nAction: Failed (really)\n"
		  "Final-Recipient:RFC822;a@b.example\n",
		  1, "5.2.2" },
		{ "no group for the message",
		  "Final-Recipient: rfc822;a@b.example\r\nAction: failed\r\n"
		  "Status: 5.0.0\r\n",
		  1, "5.0.0" },
		{ "no status",
		  "Final-Recipient: rfc822;a@b\r\nAction: failed\r\n", 0,
		  NULL },
		{ "bad status",
		  "Final-Recipient: rfc822;a@b\r\nAction: failed\r\n"
		  "Status: 6.1.1\r\n",
		  0, NULL },
		{ "no type",
		  "Final-Recipient: a@b\r\nAction: failed\r\n"
		  "Status: 5.1.1\r\n",
		  0, NULL },
		{ "unknown action",
		  "Final-Recipient: x;a@b\r\nAction: lost\r\n"
		  "Status: 5.1.1\r\n",
		  0, NULL },
		{ "nothing", "", 0, NULL },
	};
	struct dsn_report r;
	struct arena a;

	(void)state;
	arena_init(&a);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		bool ok = dsn_read(&a, str_z(rows[i].in), NULL, &r);

		if (ok != (rows[i].n > 0))
			fail_msg("%s", rows[i].label);
		if (!ok)
			continue;
		assert_int_equal(r.rcpts_n, rows[i].n);
		assert_true(str_eq(r.rcpts[0].status, str_z(rows[i].status)));
	}
	arena_deinit(&a);
}

static void limits(void **state)
{
	struct dsn_limits few = { .bytes_max = 4096, .rcpts_max = 3 };
	struct dsn_rcpt x = { .final_type = STR("rfc822"),
		              .final = STR("a@b.example"),
		              .action = DSN_FAILED,
		              .status = STR("5.0.0") };
	struct dsn_report r;
	struct arena a;
	struct buf b;

	(void)state;
	arena_init(&a);
	buf_init(&b, 65536);
	for (int i = 0; i < 5; i++)
		dsn_rcpt_write(&b, &x, false);
	assert_true(dsn_read(&a, buf_str(&b), &few, &r));
	assert_int_equal(r.rcpts_n, 3);
	assert_true(r.cut);
	few.bytes_max = b.n / 5 * 2;
	assert_true(dsn_read(&a, buf_str(&b), &few, &r));
	assert_int_equal(r.rcpts_n, 2);
	assert_true(r.cut);
	buf_deinit(&b);
	arena_deinit(&a);
}

static void statuses(void **state)
{
	static const struct {
		const char *in;
		bool want;
	} rows[] = {
		{ "5.1.1", true },     { "2.0.0", true },
		{ "4.999.999", true }, { "1.1.1", false },
		{ "5.1", false },      { "5.1.1.1", false },
		{ "5..1", false },     { "5.1000.1", false },
		{ "55.1.1", false },   { "", false },
		{ "5.1.a", false },    { "5.1.1.", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (dsn_status_is_valid(str_z(rows[i].in)) != rows[i].want)
			fail_msg("%s", rows[i].in);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_reads_back),
		cmocka_unit_test(a_reply_stays_one_field),
		cmocka_unit_test(foreign),
		cmocka_unit_test(limits),
		cmocka_unit_test(statuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
