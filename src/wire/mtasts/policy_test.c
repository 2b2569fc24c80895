#include "wire/mtasts/policy.h"

#include "base/test.h"

static void records(void **state)
{
	static const struct {
		const char *txt, *id; /* NULL: not valid */
		bool is;
	} rows[] = {
		{ "v=STSv1; id=20160831085700Z;", "20160831085700Z", true },
		{ "v=STSv1;id=a", "a", true },
		{ "v=STSv1 ; id=a ; x-y.z=b c", "a", true },
		{ "v=STSv1; x=1; id=12345678901234567890123456789012",
		  "12345678901234567890123456789012", true },
		{ "v=STSv1", NULL, true },
		{ "v=STSv1;", NULL, true },
		{ "v=STSv1; id=", NULL, true },
		{ "v=STSv1; id=a-b", NULL, true },
		{ "v=STSv1; id=a; id=b", NULL, true },
		{ "v=STSv1; id=123456789012345678901234567890123", NULL, true },
		{ "v=STSv1; id", NULL, true },
		{ "v=STSv1; =x; id=a", NULL, true },
		{ "v=STSv10; id=a", NULL, false },
		{ "v=stsv1; id=a", NULL, false },
		{ " v=STSv1; id=a", NULL, false },
		{ "id=a; v=STSv1", NULL, false },
		{ "v=spf1 -all", NULL, false },
		{ "", NULL, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str id = STR("none");
		bool ok = mtasts_record_parse(str_z(rows[i].txt), &id);

		if (ok != (rows[i].id != NULL) ||
		    mtasts_record_is(str_z(rows[i].txt)) != rows[i].is)
			fail_msg("%s", rows[i].txt);
		assert_str(id, rows[i].id ? rows[i].id : "none");
	}
}

#define HEAD "version: STSv1\r\n"
#define MX   "mx: mx1.example.com\r\n"
#define AGE  "max_age: 604800\r\n"

static void policies(void **state)
{
	static const struct {
		const char *file, *why; /* NULL: valid */
		enum mtasts_mode mode;
		uint32_t age;
		size_t n;
	} rows[] = {
		{ HEAD "mode: enforce\r\n" MX "mx: *.example.net\r\n" AGE, NULL,
		  MTASTS_ENFORCE, 604800, 2 },
		{ "version:STSv1\nmode:testing\nmx:a.b\nmax_age:0\n", NULL,
		  MTASTS_TESTING, 0, 1 },
		{ "max_age: 1 \n mx: a.b. \nmode: none\nversion: STSv1", NULL,
		  MTASTS_NONE, 1, 1 },
		{ HEAD "mode: none\n" AGE, NULL, MTASTS_NONE, 604800, 0 },
		/* The first counts; what is unknown does not. */
		{ HEAD "mode: testing\nmode: enforce\n" MX AGE
		       "max_age: x\nversion: 9\nnew: thing:s\n\n",
		  NULL, MTASTS_TESTING, 604800, 1 },
		{ HEAD "mode: enforce\n" MX "max_age: 9999999999\n", NULL,
		  MTASTS_ENFORCE, MTASTS_MAX_AGE_MAX, 1 },
		{ "", "no version", 0, 0, 0 },
		{ "mode: enforce\n" MX AGE, "no version", 0, 0, 0 },
		{ "version: STSv2\nmode: enforce\n" MX AGE, "another version",
		  0, 0, 0 },
		{ HEAD MX AGE, "no mode", 0, 0, 0 },
		{ HEAD "mode: Enforce\n" MX AGE, "an unknown mode", 0, 0, 0 },
		{ HEAD "mode: enforce\n" AGE, "no mx", 0, 0, 0 },
		{ HEAD "mode: enforce\n" MX, "no max_age", 0, 0, 0 },
		{ HEAD "mode: enforce\n" MX "max_age: -1\n",
		  "max_age is no number", 0, 0, 0 },
		{ HEAD "mode: enforce\n" MX "max_age: 10000000000\n",
		  "max_age is no number", 0, 0, 0 },
		{ HEAD "mode: enforce\nmx: a..b\n" AGE, "an mx that is no name",
		  0, 0, 0 },
		{ HEAD "mode: enforce\nmx: mx.*.b\n" AGE,
		  "an mx that is no name", 0, 0, 0 },
		{ HEAD "mode: enforce\nmx:\n" AGE, "an mx that is no name", 0,
		  0, 0 },
		{ "<html>\n", "a line without a colon", 0, 0, 0 },
		{ HEAD "mode: enf\x01orce\n" MX AGE, "control characters", 0, 0,
		  0 },
	};

	static struct mtasts_policy p;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *why = NULL;
		bool ok = mtasts_policy_parse(str_z(rows[i].file), &p, &why);

		if (ok != !rows[i].why)
			fail_msg("%s: %s", rows[i].file, why ? why : "taken");
		if (!ok) {
			assert_string_equal(why, rows[i].why);
			continue;
		}
		assert_int_equal(p.mode, rows[i].mode);
		assert_int_equal(p.max_age_s, rows[i].age);
		assert_int_equal(p.mx_n, rows[i].n);
	}
}

static void limits(void **state)
{
	static char file[MTASTS_POLICY_MAX + 1];
	static struct mtasts_policy p;
	const char *why = NULL;
	size_t n = 0;
	struct str all = { file, sizeof(file) };

	(void)state;
	for (size_t i = 0; i < sizeof(file); i++)
		file[i] = '\n';
	assert_false(mtasts_policy_parse(all, &p, &why));
	assert_string_equal(why, "too large");
	for (size_t i = 0; i <= MTASTS_MX_MAX; i++, n += 8)
		for (size_t k = 0; k < 8; k++)
			file[n + k] = "mx: a.b\n"[k];
	assert_false(mtasts_policy_parse(str_to(all, n), &p, &why));
	assert_string_equal(why, "too many mx");
	assert_false(mtasts_policy_parse(str_to(all, n - 8), &p, &why));
	assert_string_equal(why, "no version");
}

static void hosts(void **state)
{
	static const struct {
		const char *mx, *host;
		bool want;
	} rows[] = {
		{ "mx1.example.com", "mx1.example.com", true },
		{ "MX1.example.com", "mx1.EXAMPLE.com.", true },
		{ "mx1.example.com", "mx2.example.com", false },
		{ "*.example.com", "mx1.example.com", true },
		{ "*.example.com", "a.b.example.com", false },
		{ "*.example.com", "example.com", false },
		{ "*.example.com", ".example.com", false },
		{ "*.x.example", "ax.example", false },
		{ "example.com", "", false },
	};

	static struct mtasts_policy p;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		p.mx_n = 1;
		p.mx[0] = str_z(rows[i].mx);
		if (mtasts_policy_has(&p, str_z(rows[i].host)) != rows[i].want)
			fail_msg("%s %s", rows[i].mx, rows[i].host);
	}
	p.mx_n = 0;
	assert_false(mtasts_policy_has(&p, STR("mx1.example.com")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records),
		cmocka_unit_test(policies),
		cmocka_unit_test(limits),
		cmocka_unit_test(hosts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
