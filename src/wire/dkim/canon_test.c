#include "wire/dkim/canon.h"

#include <string.h>

#include "base/test.h"

static void add(void *ctx, struct str s)
{
	buf_add(ctx, s);
}

/* Every way to cut `in` in two must give the same. */
static void body_is(enum dkim_canon canon, uint64_t limit, const char *in,
                    const char *want)
{
	struct str all = str_z(in);
	struct buf out;

	buf_init(&out, 100000);
	for (size_t cut = 0; cut <= all.n; cut++) {
		struct dkim_body b;

		buf_reset(&out);
		dkim_body_init(&b, canon, limit, add, &out);
		dkim_body_add(&b, str_to(all, cut));
		dkim_body_add(&b, str_from(all, cut));
		dkim_body_end(&b);
		assert_str(buf_str(&out), want);
	}
	buf_deinit(&out);
}

static void bodies(void **state)
{
	(void)state;
	/* RFC 6376, 3.4.5 */
	body_is(DKIM_RELAXED, UINT64_MAX, " C \r\nD \t E\r\n\r\n\r\n",
	        " C\r\nD E\r\n");
	body_is(DKIM_SIMPLE, UINT64_MAX, " C \r\nD \t E\r\n\r\n\r\n",
	        " C \r\nD \t E\r\n");
	body_is(DKIM_SIMPLE, UINT64_MAX, "", "\r\n");
	body_is(DKIM_SIMPLE, UINT64_MAX, "\r\n\r\n", "\r\n");
	body_is(DKIM_RELAXED, UINT64_MAX, "", "");
	body_is(DKIM_RELAXED, UINT64_MAX, " \r\n\t\r\n", "");
	body_is(DKIM_RELAXED, UINT64_MAX, "a\r\n \r\nb", "a\r\n\r\nb\r\n");
	body_is(DKIM_SIMPLE, UINT64_MAX, "no end", "no end\r\n");
	body_is(DKIM_SIMPLE, UINT64_MAX, "a\rb\nc\r", "a\rb\nc\r\r\n");
	body_is(DKIM_SIMPLE, 3, "abcdef\r\n", "abc");
	body_is(DKIM_RELAXED, 4, "a  bc\r\n", "a bc");
}

static void many_empty_lines_cost_nothing(void **state)
{
	struct dkim_body b;
	struct buf out;

	(void)state;
	buf_init(&out, 10000);
	dkim_body_init(&b, DKIM_SIMPLE, UINT64_MAX, add, &out);
	dkim_body_add(&b, STR("x\r\n"));
	for (int i = 0; i < 1000; i++)
		dkim_body_add(&b, STR("\r\n"));
	dkim_body_add(&b, STR("y\r\n"));
	for (int i = 0; i < 1000; i++)
		dkim_body_add(&b, STR("\r\n"));
	dkim_body_end(&b);
	assert_int_equal(out.n, 3 + 2000 + 3);
	buf_deinit(&out);
}

static void headers(void **state)
{
	static const struct {
		enum dkim_canon canon;
		const char *in, *want;
	} rows[] = {
		/* RFC 6376, 3.4.5 */
		{ DKIM_RELAXED, "A: X\r\n", "a:X\r\n" },
		{ DKIM_RELAXED, "B : Y\t\r\n\tZ  \r\n", "b:Y Z\r\n" },
		{ DKIM_SIMPLE, "B : Y\t\r\n\tZ  \r\n", "B : Y\t\r\n\tZ  \r\n" },
		{ DKIM_RELAXED, "Subject:\r\n", "subject:\r\n" },
		{ DKIM_RELAXED, "Subject: a\tb  c\r\n", "subject:a b c\r\n" },
	};
	struct buf out;

	(void)state;
	buf_init(&out, 1000);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		buf_reset(&out);
		dkim_header_canon(rows[i].canon, str_z(rows[i].in), true, &out);
		assert_str(buf_str(&out), rows[i].want);
	}
	buf_deinit(&out);
}

static void takes_b_out(void **state)
{
	static const struct {
		const char *in, *want;
	} rows[] = {
		{ "DKIM-Signature: v=1; b=abc=; bh=xyz=\r\n",
		  "DKIM-Signature: v=1; b=; bh=xyz=\r\n" },
		{ "DKIM-Signature: v=1; bh=xyz; b = ab\r\n c\r\n",
		  "DKIM-Signature: v=1; bh=xyz; b =" },
		{ "no colon", "no colon" },
	};
	struct buf out;

	(void)state;
	buf_init(&out, 1000);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		buf_reset(&out);
		dkim_without_b(str_z(rows[i].in), &out);
		assert_str(buf_str(&out), rows[i].want);
	}
	buf_deinit(&out);
}

int main(void)
{
	const struct CMUnitTest list[] = {
		cmocka_unit_test(bodies),
		cmocka_unit_test(many_empty_lines_cost_nothing),
		cmocka_unit_test(headers),
		cmocka_unit_test(takes_b_out),
	};

	return cmocka_run_group_tests(list, NULL, NULL);
}
