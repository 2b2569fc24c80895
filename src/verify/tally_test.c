#include "verify/tally.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/test.h"
#include "os/clock.h"
#include "verify/tally_private.h"

#define DAY INT64_C(20000)

static char dir[] = "/tmp/posthus-tally-XXXXXX";

static struct tally *open_tally(void)
{
	struct err err = ERR_INIT;
	struct tally *t;

	if (tally_open(&t, dir, true, &err) < 0)
		fail_msg("%s", err.text);
	return t;
}

static void see(struct tally *t, const char *domain, const char *ip,
                int64_t day)
{
	const struct tally_seen s = {
		.at_us = day * US_PER_DAY + US_PER_HOUR,
		.domain = str_z(domain),
		.record = STR("v=DMARC1; p=none"),
		.row = { .source_ip = str_z(ip),
		         .disposition = DMARC_DID_PASS,
		         .spf = true,
		         .header_from = str_z(domain),
		         .spf_domain = str_z(domain),
		         .spf_result = STR("pass"),
		         .signature = { { STR("D.example"), STR("s"),
		                          STR("fail") } },
		         .n = 1 },
	};

	tally_add(t, &s);
}

struct got {
	struct buf out;
};

static void on_row(void *arg, const struct dmarc_report_row *row)
{
	struct got *g = arg;

	buf_fmt(&g->out, "%.*s*%llu %s spf=%d %.*s:%.*s dkim:%.*s:%.*s:%.*s;",
	        STR_ARG(row->source_ip), (unsigned long long)row->count,
	        dmarc_disposition_name(row->disposition), row->spf,
	        STR_ARG(row->spf_domain), STR_ARG(row->spf_result),
	        STR_ARG(row->signature[0].domain),
	        STR_ARG(row->signature[0].selector),
	        STR_ARG(row->signature[0].result));
}

static bool on_line(void *arg, const struct tally_line *l)
{
	struct got *g = arg;

	on_row(g, &l->row);
	buf_fmt(&g->out, "%.*s (%llu);", STR_ARG(l->orgs),
	        (unsigned long long)l->reports);
	return true;
}

static void counts(void **state)
{
	struct tally *t = open_tally();
	struct err err = ERR_INIT;
	struct tally_due due;
	struct got g;
	struct arena a;

	(void)state;
	arena_init(&a);
	buf_init(&g.out, 10000);
	for (int i = 0; i < 3; i++)
		see(t, "a.example", "192.0.2.1", DAY);
	see(t, "a.example", "192.0.2.2", DAY);
	tally_flush(t);
	see(t, "a.example", "192.0.2.1", DAY);
	see(t, "b.example", "192.0.2.1", DAY + 1);
	tally_close(&t); /* writes what is left */
	t = open_tally();
	assert_int_equal(tally_next(t, DAY, 0, &a, &due, &err), 0);
	assert_int_equal(tally_next(t, DAY + 1, 0, &a, &due, &err), 1);
	assert_true(due.day == DAY && due.messages == 5 && due.tries == 0);
	assert_str(due.domain, "a.example");
	assert_str(due.record, "v=DMARC1; p=none");
	assert_int_equal(tally_rows(t, DAY, STR("a.example"), on_row, &g, &err),
	                 0);
	assert_str(buf_str(&g.out), "192.0.2.1*4 pass spf=1 a.example:pass "
	                            "dkim:d.example:s:fail;"
	                            "192.0.2.2*1 pass spf=1 a.example:pass "
	                            "dkim:d.example:s:fail;");
	/* Later, and then done. */
	assert_int_equal(tally_later(t, DAY, STR("a.example"), 1000, &err), 0);
	assert_int_equal(tally_next(t, DAY + 1, 999, &a, &due, &err), 0);
	assert_int_equal(tally_next(t, DAY + 1, 1000, &a, &due, &err), 1);
	assert_int_equal(due.tries, 1);
	assert_int_equal(tally_done(t, DAY, STR("a.example"), &err), 0);
	assert_int_equal(tally_next(t, DAY + 1, 1000, &a, &due, &err), 0);
	assert_int_equal(tally_next(t, DAY + 2, 1000, &a, &due, &err), 1);
	assert_int_equal(tally_tidy(t, (DAY + 6) * US_PER_DAY, &err), 0);
	assert_int_equal(tally_next(t, DAY + 2, 1000, &a, &due, &err), 0);
	assert_int_equal(tally_dropped(t), 0);
	tally_close(&t);
	buf_deinit(&g.out);
	arena_deinit(&a);
}

/* A sender with a new name for each message. */
static void bounded(void **state)
{
	struct tally *t = open_tally();
	struct err err = ERR_INIT;
	struct tally_due due;
	struct arena a;
	struct got g;
	size_t rows = 0;

	(void)state;
	arena_init(&a);
	buf_init(&g.out, 4 << 20);
	for (int i = 0; i < TALLY_ROWS_MAX + 200; i++) {
		char ip[32];

		(void)snprintf(ip, sizeof(ip), "10.0.%d.%d", i / 256, i % 256);
		see(t, "c.example", ip, DAY);
		if (i % 1000 == 0)
			tally_flush(t);
	}
	tally_flush(t);
	assert_int_equal(tally_next(t, DAY + 1, 0, &a, &due, &err), 1);
	assert_true(due.messages + tally_dropped(t) == TALLY_ROWS_MAX + 200);
	assert_int_equal(tally_rows(t, DAY, STR("c.example"), on_row, &g, &err),
	                 0);
	for (size_t i = 0; i < g.out.n; i++)
		rows += g.out.p[i] == ';';
	assert_in_range(rows, 1000, TALLY_ROWS_MAX);
	assert_int_equal(tally_done(t, DAY, STR("c.example"), &err), 0);
	tally_close(&t);
	buf_deinit(&g.out);
	arena_deinit(&a);
}

static void lines(void **state)
{
	const struct dmarc_report_row row = {
		.source_ip = STR("192.0.2.1\t\n"),
		.disposition = DMARC_DID_REJECT,
		.comment = STR("two words\r\n"),
		.header_from = STR("A.example"),
		.signature = { { STR("a:b c"), STR(""), STR("pass") },
		               { STR("d"), STR("s"), STR("fail") } },
		.n = 2,
	};
	struct dmarc_report_row back;
	struct buf b;

	(void)state;
	buf_init(&b, TALLY_LINE_MAX);
	tally_line_write(&b, &row);
	assert_true(tally_line_read(buf_str(&b), &back));
	assert_str(back.source_ip, "192.0.2.1");
	assert_str(back.comment, "two words");
	assert_str(back.header_from, "a.example");
	assert_int_equal(back.disposition, DMARC_DID_REJECT);
	assert_int_equal(back.n, 2);
	assert_str(back.signature[0].domain, "abc");
	assert_str(back.signature[0].selector, "");
	assert_str(back.signature[1].result, "fail");
	assert_false(tally_line_read(STR("192.0.2.1\t9\t0\t0\t"), &back));
	buf_deinit(&b);
}

static void reports_of_others(void **state)
{
	struct tally *t = open_tally();
	struct tally_report r = {
		.r = { .org_name = STR("Big"),
		       .report_id = STR("1"),
		       .domain = STR("ours.example"),
		       .begin_s = 1000,
		       .end_s = 2000 },
		.by = STR("big.example"),
	};
	struct dmarc_report_row rows[2] = {
		{ .source_ip = STR("192.0.2.1"),
		  .count = 5,
		  .spf = true,
		  .disposition = DMARC_DID_PASS },
		{ .source_ip = STR("192.0.2.2"), .count = 2 },
	};
	struct err err = ERR_INIT;
	struct got g;

	(void)state;
	buf_init(&g.out, 10000);
	assert_int_equal(tally_report_add(t, &r, rows, 2, &err), 0);
	assert_int_equal(tally_report_add(t, &r, rows, 2, &err), -1);
	assert_int_equal(err.kind, ERR_EXISTS);
	r.r.org_name = STR("Small");
	r.r.domain = STR("sub.ours.example");
	assert_int_equal(tally_report_add(t, &r, rows + 1, 1, &err), 0);
	r.r.domain = STR("notours.example");
	assert_int_equal(tally_report_add(t, &r, rows, 1, &err), 0);
	assert_int_equal(tally_report_each(t, STR("ours.example"), 1000,
	                                   on_line, &g, &err),
	                 0);
	assert_str(buf_str(&g.out), "192.0.2.1*5 pass spf=1 : dkim:::;Big (1);"
	                            "192.0.2.2*4 none spf=0 : dkim:::;"
	                            "Big, Small (2);");
	buf_reset(&g.out);
	assert_int_equal(tally_report_each(t, STR("ours.example"), 1001,
	                                   on_line, &g, &err),
	                 0);
	assert_str(buf_str(&g.out), "");
	assert_int_equal(tally_tidy(t, 200 * US_PER_DAY, &err), 0);
	assert_int_equal(tally_report_each(t, STR("ours.example"), 0, on_line,
	                                   &g, &err),
	                 0);
	assert_str(buf_str(&g.out), "");
	tally_close(&t);
	buf_deinit(&g.out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts),
		cmocka_unit_test(bounded),
		cmocka_unit_test(lines),
		cmocka_unit_test(reports_of_others),
	};
	char command[96];
	int rc;

	if (!mkdtemp(dir))
		return 1;
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	(void)snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command) == 0 ? rc : 1;
}
