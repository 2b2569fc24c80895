#include "wire/srs/srs.h"

#include "base/test.h"

#define DAY INT64_C(86400000000)
#define NOW (20781 * DAY)

/* No real digest, but every byte of the text and of the key counts. */
static void mac(const void *arg, struct str text, unsigned char out[32])
{
	uint64_t h = *(const uint64_t *)arg;

	for (size_t i = 0; i < text.n; i++)
		h = (h ^ (unsigned char)text.p[i]) * UINT64_C(1099511628211);
	for (size_t i = 0; i < 32; i++)
		out[i] = (unsigned char)(h >> (i % 8 * 8));
}

static const uint64_t secret = UINT64_C(14695981039346656037), other = 7;
static const struct srs_key ours = { mac, &secret }, theirs = { mac, &other };

static struct str forward(const struct srs_key *key, struct arena *a,
                          const char *local, const char *domain, int64_t now)
{
	struct buf b;
	struct str r;

	buf_init(&b, 1024);
	assert_true(srs_forward(key, str_z(local), str_z(domain), now, &b));
	r = arena_dup(a, buf_str(&b));
	buf_deinit(&b);
	return r;
}

static void there_and_back(void **state)
{
	static const struct {
		const char *local, *domain;
	} rows[] = {
		{ "ann", "far.example" },
		{ "Ann.B=c+d-e", "Far.example" },
		{ "john doe", "far.example" },
		{ "a", "[192.0.2.1]" },
		{ "prvs=123=ann", "far.example" },
		{ "SRS9=x", "far.example" },
	};
	struct srs_address r;
	struct arena a;

	(void)state;
	arena_init(&a);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct str s =
			forward(&ours, &a, rows[i].local, rows[i].domain, NOW);

		assert_true(srs_is(s));
		assert_int_equal(srs_reverse(&ours, s, NOW, &a, &r), SRS_OK);
		assert_true(str_eq(r.local, str_z(rows[i].local)));
		assert_true(str_eq(r.domain, str_z(rows[i].domain)));
		assert_int_equal(srs_reverse(&theirs, s, NOW, &a, &r), SRS_BAD);
	}
	arena_deinit(&a);
}

static void it_ends_after_three_weeks(void **state)
{
	struct srs_address r;
	struct arena a;
	struct str s;

	(void)state;
	arena_init(&a);
	/* Across the end of the count too. */
	for (int64_t day = 1023 * 20; day < 1024 * 20 + 2; day += 401) {
		s = forward(&ours, &a, "ann", "far.example", day * DAY);
		assert_int_equal(srs_reverse(&ours, s, (day + 21) * DAY, &a,
		                             &r),
		                 SRS_OK);
		assert_int_equal(srs_reverse(&ours, s, (day + 22) * DAY, &a,
		                             &r),
		                 SRS_EXPIRED);
		assert_int_equal(srs_reverse(&ours, s, (day - 1) * DAY, &a, &r),
		                 SRS_OK);
		assert_int_equal(srs_reverse(&ours, s, (day - 2) * DAY, &a, &r),
		                 SRS_EXPIRED);
	}
	arena_deinit(&a);
}

static void every_change_is_seen_but_case(void **state)
{
	struct srs_address r;
	struct arena a;
	struct str s;
	char *z;

	(void)state;
	arena_init(&a);
	s = forward(&ours, &a, "ann", "far.example", NOW);
	z = arena_strz(&a, s);
	for (size_t i = 0; i < s.n; i++) {
		char kept = z[i];

		z[i] = ascii_upper(kept);
		assert_int_equal(srs_reverse(&ours, str_z(z), NOW, &a, &r),
		                 SRS_OK);
		z[i] = kept == 'q' ? 'w' : 'q';
		assert_int_equal(srs_reverse(&ours, str_z(z), NOW, &a, &r),
		                 SRS_BAD);
		z[i] = kept;
		assert_int_equal(srs_reverse(&ours, str_to(s, i), NOW, &a, &r),
		                 SRS_BAD);
	}
	arena_deinit(&a);
}

static void many_forwarders(void **state)
{
	struct srs_address r;
	struct arena a;
	struct str first, second, third;

	(void)state;
	arena_init(&a);
	first = forward(&theirs, &a, "ann", "far.example", NOW);
	second = forward(&ours, &a, arena_strz(&a, first), "one.example", NOW);
	assert_true(str_starts(second, STR("SRS1=")));
	third = forward(&theirs, &a, arena_strz(&a, second), "two.example",
	                NOW);
	assert_true(str_starts(third, STR("SRS1=")));
	assert_int_equal(third.n, second.n);
	/* Bounces of the last go to the first at once. */
	assert_int_equal(srs_reverse(&theirs, third, NOW, &a, &r), SRS_OK);
	assert_true(str_eq(r.domain, STR("one.example")));
	assert_true(str_eq(r.local, first));
	assert_int_equal(srs_reverse(&ours, third, NOW, &a, &r), SRS_BAD);
	/* The separators that others write. */
	second = forward(&ours, &a, "SRS0+aaaa=bb=far.example=ann",
	                 "one.example", NOW);
	assert_int_equal(srs_reverse(&ours, second, NOW, &a, &r), SRS_OK);
	assert_true(str_eq(r.local, STR("SRS0+aaaa=bb=far.example=ann")));
	arena_deinit(&a);
}

static void what_is_none(void **state)
{
	static const char *const rows[] = {
		"",       "SRS0",  "SRS0=",    "ann",        "SRS2=a",
		"SRS0=a", "SRS1=", "SRS1=a=b", "srs0==a=b=c"
	};
	static char many[300];
	struct srs_address r;
	struct arena a;
	struct buf b;

	(void)state;
	arena_init(&a);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_int_equal(srs_reverse(&ours, str_z(rows[i]), NOW, &a,
		                             &r),
		                 SRS_BAD);
	for (size_t i = 0; i < sizeof(many); i++)
		many[i] = 'x';
	buf_init(&b, 1024);
	assert_false(srs_forward(&ours, (struct str){ many, 250 },
	                         STR("far.example"), NOW, &b));
	assert_false(srs_forward(&ours, STR(""), STR("far.example"), NOW, &b));
	assert_int_equal(b.n, 0);
	buf_deinit(&b);
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(it_ends_after_three_weeks),
		cmocka_unit_test(every_change_is_seen_but_case),
		cmocka_unit_test(many_forwarders),
		cmocka_unit_test(what_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
