#include "greylist/key.h"

#include "base/test.h"

static void folds(void **state)
{
	static const struct {
		const char *in, *want;
	} rows[] = {
		{ "anna", "anna" },
		{ "Anna.Berg", "anna.berg" },
		{ "news-2024", "news-#" },
		{ "bounces+12345-anna=customer.example", "bounces+#" },
		{ "bounce-anna=customer.example", "bounce-#" },
		{ "SRS0=Ab1c=XY=far.example=bo", "#" },
		{ "msg.0100018d2f-6a1b-42aa.x", "msg.#x" },
		{ "msg.77-12.x", "msg.#x" },
		{ "qwzxkjhgfdsapoiuytrewq", "#" },
		{ "a-b", "a-b" },
		{ "anna+shop", "anna+#" },
		{ "anna+", "anna+" },
		{ "", "" },
		{ "-", "-" },
	};

	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_reset(&b);
		greylist_fold(str_z(rows[i].in), &b);
		if (!str_eq(buf_str(&b), str_z(rows[i].want)))
			fail_msg("%s: got %.*s, want %s", rows[i].in,
			         STR_ARG(buf_str(&b)), rows[i].want);
	}
	buf_deinit(&b);
}

static void keys(void **state)
{
	static const struct {
		const char *local, *domain, *spf, *ip, *want;
	} rows[] = {
		{ "Anna", "Far.Example", "", "192.0.2.77",
		  "a anna@far.example 192.0.2.0" },
		{ "n7", "far.example", "", "2001:db8:1:2:3::4",
		  "a n7@far.example 2001:db8:1:2::" },
		{ "n7", "far.example", "Far.Example", "192.0.2.77",
		  "s #@far.example far.example" },
		{ "", "", "", "192.0.2.77", "n 192.0.2.0" },
		{ "", "", "far.example", "192.0.2.77", "n 192.0.2.0" },
	};

	struct err err = ERR_INIT;
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct greylist_sender s = { .local = str_z(rows[i].local),
			                     .domain = str_z(rows[i].domain),
			                     .spf = str_z(rows[i].spf) };

		assert_int_equal(net_addr_parse(str_z(rows[i].ip), &s.client,
		                                &err),
		                 0);
		buf_reset(&b);
		greylist_key(&s, &b);
		if (!str_eq(buf_str(&b), str_z(rows[i].want)))
			fail_msg("row %zu: got %.*s, want %s", i,
			         STR_ARG(buf_str(&b)), rows[i].want);
	}
	buf_reset(&b);
	greylist_key_wrote(STR("Bo@Far.Example"), &b);
	assert_true(str_eq(buf_str(&b), STR("w bo@far.example")));
	buf_deinit(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(folds),
		cmocka_unit_test(keys),
	};

	return cmocka_run_group_tests_name("greylist-key", tests, NULL, NULL);
}
