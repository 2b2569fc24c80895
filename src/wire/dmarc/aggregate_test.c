#include "wire/dmarc/aggregate.h"

#include "base/test.h"

struct got {
	struct buf out;
	size_t n, stop_at;
};

static bool each(void *arg, const struct dmarc_report_row *row)
{
	struct got *g = arg;

	buf_fmt(&g->out, "%.*s*%llu %s dkim=%d spf=%d from=%.*s env=%.*s",
	        STR_ARG(row->source_ip), (unsigned long long)row->count,
	        dmarc_disposition_name(row->disposition), row->dkim, row->spf,
	        STR_ARG(row->header_from), STR_ARG(row->envelope_from));
	if (row->reason.n)
		buf_fmt(&g->out, " why=%.*s(%.*s)", STR_ARG(row->reason),
		        STR_ARG(row->comment));
	if (row->spf_domain.n)
		buf_fmt(&g->out, " spf:%.*s:%.*s", STR_ARG(row->spf_domain),
		        STR_ARG(row->spf_result));
	for (size_t i = 0; i < row->n; i++)
		buf_fmt(&g->out, " dkim:%.*s:%.*s:%.*s",
		        STR_ARG(row->signature[i].domain),
		        STR_ARG(row->signature[i].selector),
		        STR_ARG(row->signature[i].result));
	buf_add_c(&g->out, '\n');
	return ++g->n != g->stop_at;
}

/* What is written is read back. */
static void round_trip(void **state)
{
	const struct dmarc_report report = {
		.org_name = STR("mail & more <x>"),
		.email = STR("postmaster@mx.provider.example"),
		.report_id = STR("1.a.example"),
		.generator = STR("posthus"),
		.begin_s = 1795478400,
		.end_s = 1795564799,
		.domain = STR("a.example"),
		.p = DMARC_REJECT,
		.sp = DMARC_QUARANTINE,
		.np = DMARC_NONE,
		.strict_spf = true,
		.testing = true,
	};
	const struct dmarc_report_row rows[] = {
		{ .source_ip = STR("192.0.2.1"),
		  .count = 3,
		  .disposition = DMARC_DID_PASS,
		  .dkim = true,
		  .header_from = STR("a.example"),
		  .envelope_from = STR("b.a.example"),
		  .spf_domain = STR("b.a.example"),
		  .spf_result = STR("softfail"),
		  .signature = { { STR("a.example"), STR("s1"), STR("pass") },
		                 { STR("c.example"), STR("s2"), STR("fail") } },
		  .n = 2 },
		{ .source_ip = STR("2001:db8::1"),
		  .count = 1,
		  .disposition = DMARC_DID_NOTHING,
		  .reason = STR("local_policy"),
		  .comment = STR("arc=pass <&>"),
		  .header_from = STR("x.a.example") },
	};
	struct got g = { .n = 0 };
	struct err err = ERR_INIT;
	struct dmarc_report back;
	struct arena a;
	struct buf b;

	(void)state;
	arena_init(&a);
	buf_init(&b, 100000);
	buf_init(&g.out, 100000);
	dmarc_report_begin(&b, &report);
	for (size_t i = 0; i < 2; i++)
		dmarc_report_row(&b, &rows[i]);
	dmarc_report_end(&b);
	if (dmarc_report_read(buf_str(&b), &a, each, &g, &back, &err) < 0)
		fail_msg("%s", err.text);
	assert_str(buf_str(&g.out),
	           "192.0.2.1*3 pass dkim=1 spf=0 from=a.example "
	           "env=b.a.example spf:b.a.example:softfail "
	           "dkim:a.example:s1:pass dkim:c.example:s2:fail\n"
	           "2001:db8::1*1 none dkim=0 spf=0 from=x.a.example env= "
	           "why=local_policy(arc=pass <&>)\n");
	assert_str(back.org_name, "mail & more <x>");
	assert_str(back.report_id, "1.a.example");
	assert_str(back.domain, "a.example");
	assert_int_equal(back.p, DMARC_REJECT);
	assert_int_equal(back.sp, DMARC_QUARANTINE);
	assert_int_equal(back.np, DMARC_NONE);
	assert_true(back.strict_spf && !back.strict_dkim && back.testing);
	assert_true(back.begin_s == 1795478400 && back.end_s == 1795564799);
	buf_deinit(&g.out);
	buf_deinit(&b);
	arena_deinit(&a);
}

/* As others write them: without a namespace or with a prefix, in another
 * order, with what we do not know. */
static void reads_others(void **state)
{
	static const char text[] =
		"<?xml version=\"1.0\"?>\n<d:feedback xmlns:d=\"urn:x\">"
		"<policy_published><pct>100</pct><p>none</p>"
		"<domain>b.example</domain></policy_published>"
		"<extension><domain>evil.example</domain><row><count>9</count>"
		"</row></extension>"
		"<record><auth_results><spf><result>pass</result>"
		"<domain>b.example</domain></spf></auth_results>"
		"<identifiers><header_from>b.example</header_from></identifiers>"
		"<row><count> 7 </count><source_ip>192.0.2.9</source_ip>"
		"<policy_evaluated><spf>pass</spf><dkim>fail</dkim>"
		"<disposition>none</disposition></policy_evaluated></row>"
		"</record><record><row><count>1</count></row></record>"
		"<report_metadata><org_name>Other</org_name><date_range>"
		"<end>200</end><begin>100</begin></date_range>"
		"<report_id>x</report_id></report_metadata></d:feedback>";
	struct got g = { .n = 0 };
	struct err err = ERR_INIT;
	struct dmarc_report r;
	struct arena a;

	(void)state;
	arena_init(&a);
	buf_init(&g.out, 100000);
	if (dmarc_report_read(str_z(text), &a, each, &g, &r, &err) < 0)
		fail_msg("%s", err.text);
	assert_str(buf_str(&g.out), "192.0.2.9*7 none dkim=0 spf=1 "
	                            "from=b.example env= spf:b.example:pass\n");
	assert_str(r.domain, "b.example");
	assert_str(r.org_name, "Other");
	assert_true(r.begin_s == 100 && r.end_s == 200);
	buf_deinit(&g.out);
	arena_deinit(&a);
}

static void refuses(void **state)
{
	static const struct {
		const char *text;
		enum err_kind want;
	} rows[] = {
		{ "", ERR_INVALID },
		{ "<feedback/>", ERR_INVALID },
		{ "<html><report_metadata/></html>", ERR_INVALID },
		{ "<feedback><report_metadata/>", ERR_INVALID },
		{ "<!DOCTYPE f [<!ENTITY a \"b\">]><feedback>&a;</feedback>",
		  ERR_INVALID },
	};
	struct got g = { .n = 0 };
	struct dmarc_report r;
	struct arena a;
	struct err err;
	struct buf b;

	(void)state;
	arena_init(&a);
	buf_init(&g.out, 1000);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		err = (struct err)ERR_INIT;
		assert_int_equal(dmarc_report_read(str_z(rows[i].text), &a,
		                                   each, &g, &r, &err),
		                 -1);
		assert_int_equal(err.kind, rows[i].want);
	}
	buf_init(&b, DMARC_REPORT_MAX);
	buf_add_z(&b, "<feedback>");
	for (size_t i = 0; i <= DMARC_REPORT_ROWS_MAX; i++)
		buf_add_z(&b, "<record></record>");
	buf_add_z(&b, "</feedback>");
	err = (struct err)ERR_INIT;
	assert_int_equal(dmarc_report_read(buf_str(&b), &a, each, &g, &r, &err),
	                 -1);
	assert_int_equal(err.kind, ERR_TOO_BIG);
	buf_deinit(&b);
	buf_deinit(&g.out);
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trip),
		cmocka_unit_test(reads_others),
		cmocka_unit_test(refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
