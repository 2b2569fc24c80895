#include "wire/arc/chain.h"

#include "base/test.h"

#define SEAL(n, cv)                                                         \
	"ARC-Seal: i=" n "; cv=" cv "; a=rsa-sha256; d=a.example; s=s;\r\n" \
	"\tb=AAAA\r\n"
#define SIGNED(n)                                                         \
	"ARC-Message-Signature: i=" n "; a=rsa-sha256; d=a.example; s=s;" \
	" h=from; bh=AAAA; b=AAAA\r\n"
#define FOUND(n)   "ARC-Authentication-Results: i=" n "; a.example; none\r\n"
#define SET(n, cv) SEAL(n, cv) SIGNED(n) FOUND(n)

static void reads(void **state)
{
	static const struct {
		const char *header;
		enum arc_read want;
		size_t n;
	} rows[] = {
		{ "From: a\r\n", ARC_READ_NONE, 0 },
		{ SET("1", "none"), ARC_READ_CHAIN, 1 },
		{ SET("2", "pass") SET("1", "none") "From: a\r\n\r\n",
		  ARC_READ_CHAIN, 2 },
		{ SET("1", "none") SET("3", "pass"), ARC_READ_BAD, 0 },
		{ SET("1", "pass"), ARC_READ_BAD, 0 },
		{ SET("2", "none") SET("1", "none"), ARC_READ_BAD, 0 },
		{ SET("2", "fail") SET("1", "none"), ARC_READ_BAD, 0 },
		{ SEAL("1", "none") SIGNED("1"), ARC_READ_BAD, 0 },
		{ SEAL("1", "none") FOUND("1"), ARC_READ_BAD, 0 },
		{ SIGNED("1") FOUND("1"), ARC_READ_BAD, 0 },
		{ SET("1", "none") FOUND("1"), ARC_READ_BAD, 0 },
		{ SEAL("1", "none") SIGNED("1") FOUND("x"), ARC_READ_BAD, 0 },
		{ SEAL("1", "none") SIGNED("1") FOUND("51"), ARC_READ_BAD, 0 },
		{ "ARC-Authentication-Results: a.example; none\r\n",
		  ARC_READ_BAD, 0 },
		{ "ARC-Seal: i=1\r\n", ARC_READ_BAD, 0 },
	};
	struct arena a;

	(void)state;
	arena_init(&a);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arc_chain c;
		enum arc_read got =
			arc_chain_read(str_z(rows[i].header), &a, &c);

		if (got != rows[i].want)
			fail_msg("row %zu: %.*s", i, STR_ARG(c.why));
		if (got == ARC_READ_CHAIN)
			assert_int_equal(c.n, rows[i].n);
	}
	arena_deinit(&a);
}

static void bounded(void **state)
{
	struct arc_chain c;
	struct arena a;
	struct buf b;

	(void)state;
	arena_init(&a);
	buf_init(&b, 4 * ARC_BYTES_MAX);
	buf_add(&b,
	        STR(SEAL("1", "none") SIGNED(
			"1") "ARC-Authentication-Results: i=1; a.example; none ("));
	while (b.n < ARC_BYTES_MAX)
		buf_add(&b, STR("x\r\n "));
	buf_add(&b, STR(")\r\n"));
	assert_int_equal(arc_chain_read(buf_str(&b), &a, &c), ARC_READ_BAD);
	buf_deinit(&b);
	arena_deinit(&a);
}

static void what_a_seal_signs(void **state)
{
	struct arc_chain c;
	struct arena a;
	struct buf b;

	(void)state;
	arena_init(&a);
	buf_init(&b, 10000);
	assert_int_equal(arc_chain_read(STR(SET("2", "pass") SET("1", "none")),
	                                &a, &c),
	                 ARC_READ_CHAIN);
	arc_seal_text(&c, 0, &b);
	assert_str(buf_str(&b),
	           "arc-authentication-results:i=1; a.example; none\r\n"
	           "arc-message-signature:i=1; a=rsa-sha256; d=a.example; s=s; "
	           "h=from; bh=AAAA; b=AAAA\r\n"
	           "arc-seal:i=1; cv=none; a=rsa-sha256; d=a.example; s=s; b=");
	buf_reset(&b);
	arc_seal_text(&c, 1, &b);
	assert_true(str_find(buf_str(&b), STR("s=s; b=AAAA\r\narc-auth")) !=
	            STR_NPOS);
	assert_true(str_ends(buf_str(&b), STR("; b=")));
	buf_deinit(&b);
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads),
		cmocka_unit_test(bounded),
		cmocka_unit_test(what_a_seal_signs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
