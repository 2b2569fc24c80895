#include "wire/dmarc/record.h"

#include "base/test.h"

static void parses(void **state)
{
	static const struct {
		const char *in;
		bool ok;
		enum dmarc_policy p, sp, np;
		size_t n_rua;
	} rows[] = {
		{ "v=DMARC1; p=reject", true, DMARC_REJECT, DMARC_REJECT,
		  DMARC_REJECT, 0 },
		{ "v=DMARC1;p=none;sp=reject;", true, DMARC_NONE, DMARC_REJECT,
		  DMARC_REJECT, 0 },
		{ " v = DMARC1 ; P = Quarantine ; np=none", true,
		  DMARC_QUARANTINE, DMARC_QUARANTINE, DMARC_NONE, 0 },
		{ "v=DMARC1; rua=mailto:a@x.example!10m, mailto:b@x.example",
		  true, DMARC_NONE, DMARC_NONE, DMARC_NONE, 2 },
		{ "v=DMARC1; p=rejct; rua=mailto:a@x.example", true, DMARC_NONE,
		  DMARC_NONE, DMARC_NONE, 1 },
		{ "v=DMARC1; p=rejct", false, 0, 0, 0, 0 },
		{ "v=DMARC1", false, 0, 0, 0, 0 },
		{ "v=dmarc1; p=none", false, 0, 0, 0, 0 },
		{ "p=none; v=DMARC1", false, 0, 0, 0, 0 },
		{ "v=DMARC10; p=none", false, 0, 0, 0, 0 },
		{ "", false, 0, 0, 0, 0 },
		{ "v=DMARC1; p=none; new=thing; ; junk", true, DMARC_NONE,
		  DMARC_NONE, DMARC_NONE, 0 },
	};
	struct dmarc_record r;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (dmarc_record_parse(str_z(rows[i].in), &r) != rows[i].ok)
			fail_msg("%s", rows[i].in);
		if (!rows[i].ok)
			continue;
		assert_int_equal(r.p, rows[i].p);
		assert_int_equal(r.sp, rows[i].sp);
		assert_int_equal(r.np, rows[i].np);
		assert_int_equal(r.n_rua, rows[i].n_rua);
	}
	assert_true(
		dmarc_record_parse(STR("v=DMARC1; rua=mailto:a@x.example!10m"),
	                           &r));
	assert_str(r.rua[0], "mailto:a@x.example");
}

int main(void)
{
	const struct CMUnitTest list[] = { cmocka_unit_test(parses) };

	return cmocka_run_group_tests(list, NULL, NULL);
}
