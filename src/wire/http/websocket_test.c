#include "wire/http/websocket.h"

#include <string.h>

#include "base/test.h"

#define MAX 100000

/* A frame as a client sends it. */
static void frame(struct buf *b, unsigned first, struct str payload)
{
	static const unsigned char mask[4] = { 0x12, 0x34, 0xfe, 0x00 };
	size_t at = b->n;

	websocket_write_head(b, (enum websocket_opcode)(first & 15),
	                     (first & 128) != 0, payload.n);
	b->p[at] = (char)first;
	b->p[at + 1] = (char)((unsigned char)b->p[at + 1] | 128);
	buf_add(b, (struct str){ (const char *)mask, 4 });
	for (size_t i = 0; i < payload.n; i++)
		buf_add_c(b, (char)((unsigned char)payload.p[i] ^ mask[i & 3]));
}

/* All that comes, as words: "text:..", "ping:..", "bad 1002". */
static void hear(struct str in, size_t cut, struct buf *out)
{
	struct websocket_reader r;
	struct str parts[2] = { str_to(in, cut), str_from(in, cut) };
	struct buf message;

	buf_init(&message, MAX);
	websocket_reader_init(&r, 1000);
	for (int i = 0; i < 2; i++) {
		struct str piece;
		enum websocket_result got;

		while ((got = websocket_next(&r, &parts[i], &piece)) !=
		       WEBSOCKET_MORE) {
			if (got == WEBSOCKET_BYTES)
				buf_add(&message, piece);
			if (got == WEBSOCKET_END) {
				buf_fmt(out, "%s:", r.text ? "text" : "bin");
				buf_add(out, buf_str(&message));
				buf_add_c(out, ' ');
				buf_reset(&message);
			}
			if (got == WEBSOCKET_CONTROL_FRAME)
				buf_fmt(out, "%d:%.*s ", (int)r.control,
				        STR_ARG(piece));
			if (got == WEBSOCKET_BAD) {
				buf_fmt(out, "bad %d", (int)r.code);
				buf_deinit(&message);
				return;
			}
		}
		assert_int_equal(parts[i].n, 0);
	}
	buf_fmt(out, websocket_is_inside(&r) ? "inside" : "");
	buf_deinit(&message);
}

static void check(struct str in, const char *want)
{
	struct buf out;

	buf_init(&out, MAX);
	for (size_t cut = 0; cut <= in.n; cut++) {
		buf_reset(&out);
		hear(in, cut, &out);
		assert_string_equal(buf_z(&out), want);
	}
	buf_deinit(&out);
}

static void reads_messages(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, MAX);
	frame(&b, 0x81, STR("hello"));
	check(buf_str(&b), "text:hello ");
	frame(&b, 0x82, STR(""));
	check(buf_str(&b), "text:hello bin: ");
	/* RFC 6455, 5.4: control frames between fragments. */
	buf_reset(&b);
	frame(&b, 0x01, STR("he"));
	frame(&b, 0x89, STR("you"));
	frame(&b, 0x00, STR(""));
	frame(&b, 0x00, STR("ll"));
	frame(&b, 0x8a, STR(""));
	frame(&b, 0x80, STR("o"));
	frame(&b, 0x88, STR("\x03\xe8"));
	check(buf_str(&b), "9:you 10: text:hello 8:\x03\xe8 ");
	check(str_to(buf_str(&b), 9), "inside");
	buf_deinit(&b);
}

static void refuses_what_is_forbidden(void **state)
{
	static const struct {
		const char *label;
		struct str in;
		const char *want;
	} rows[] = {
		{ "no mask", STR_INIT("\x81\x01x"), "bad 1002" },
		{ "a reserved bit", STR_INIT("\xc1\x80zzzz"), "bad 1002" },
		{ "opcode 3", STR_INIT("\x83\x80zzzz"), "bad 1002" },
		{ "opcode 11", STR_INIT("\x8b\x80zzzz"), "bad 1002" },
		{ "half a ping", STR_INIT("\x09\x80zzzz"), "bad 1002" },
		{ "a long ping", STR_INIT("\x89\xfe\x00\x7ezzzz"), "bad 1002" },
		{ "nothing to continue", STR_INIT("\x80\x80zzzz"), "bad 1002" },
		{ "two bytes for 125", STR_INIT("\x81\xfe\x00\x7dzzzz"),
		  "bad 1002" },
		{ "eight for 65535",
		  STR_INIT("\x81\xff\0\0\0\0\0\0\xff\xffzzzz"), "bad 1002" },
		{ "a negative length",
		  STR_INIT("\x81\xff\x80\0\0\0\0\0\0\1zzzz"), "bad 1002" },
		{ "too long", STR_INIT("\x81\xfe\x03\xe9zzzz"), "bad 1009" },
		{ "far too long",
		  STR_INIT("\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xffzzzz"),
		  "bad 1009" },
	};
	struct buf b;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check(rows[i].in, rows[i].want);
	/* A message inside of another; together too long. */
	buf_init(&b, 10 * MAX);
	frame(&b, 0x01, STR("a"));
	frame(&b, 0x81, STR("b"));
	check(buf_str(&b), "bad 1002");
	buf_reset(&b);
	for (int i = 0; i < 11; i++) {
		static const char hundred[100] = "x";

		frame(&b, i ? 0x00 : 0x01, (struct str){ hundred, 100 });
	}
	check(buf_str(&b), "bad 1009");
	buf_reset(&b);
	for (int i = 0; i <= WEBSOCKET_FRAMES_MAX; i++)
		frame(&b, i ? 0x00 : 0x01, STR(""));
	{
		struct buf out;

		buf_init(&out, 100);
		hear(buf_str(&b), 0, &out);
		assert_string_equal(buf_z(&out), "bad 1008");
		buf_deinit(&out);
	}
	buf_deinit(&b);
}

static void writes_lengths(void **state)
{
	static const uint64_t sizes[] = { 0, 125, 126, 65535, 65536, 1u << 30 };
	static const size_t heads[] = { 2, 2, 4, 4, 10, 10 };
	struct buf b;

	(void)state;
	buf_init(&b, 100);
	for (size_t i = 0; i < 6; i++) {
		buf_reset(&b);
		websocket_write_head(&b, WEBSOCKET_TEXT, true, sizes[i]);
		assert_int_equal(b.n, heads[i]);
		assert_int_equal((unsigned char)b.p[0], 0x81);
	}
	buf_deinit(&b);
}

static void reads_closes(void **state)
{
	static const struct {
		struct str in;
		int want; /* 0: malformed */
	} rows[] = {
		{ STR_INIT(""), 1005 },
		{ STR_INIT("\x03"), 0 },
		{ STR_INIT("\x03\xe8"), 1000 },
		{ STR_INIT("\x03\xe9gone"), 1001 },
		{ STR_INIT("\x03\xe8\xff"), 0 },
		{ STR_INIT("\x03\xed"), 0 }, /* 1005 */
		{ STR_INIT("\x03\xf7"), 0 }, /* 1015 */
		{ STR_INIT("\x03\xe7"), 0 }, /* 999 */
		{ STR_INIT("\x0f\xa0"), 4000 },
		{ STR_INIT("\x13\x88"), 0 }, /* 5000 */
	};
	struct buf b;

	(void)state;
	buf_init(&b, 200);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		enum websocket_code code = 0;
		bool ok = websocket_read_close(rows[i].in, &code);

		assert_int_equal(ok, rows[i].want != 0);
		if (ok)
			assert_int_equal(code, rows[i].want);
	}
	websocket_write_close(&b, WEBSOCKET_TOO_BIG, STR("too big"));
	assert_memory_equal(b.p, "\x88\x09\x03\xf1too big", 11);
	buf_deinit(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_messages),
		cmocka_unit_test(refuses_what_is_forbidden),
		cmocka_unit_test(writes_lengths),
		cmocka_unit_test(reads_closes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
