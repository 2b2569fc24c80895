#include "gate/refused.h"

#include "base/test.h"

#define S INT64_C(1000000)

enum { PLAIN = 1, LOGIN = 2, COMMAND = 4 };

/* One connection: each attempt, and whether it is looked at. */
static const struct {
	const char *label;

	struct {
		double at;
		uint32_t way;
		const char *user, *secret;
		bool looked_at;
	} steps[8];
} rows[] = {
	{ "one password by every way is one attempt",
	  { { 100, PLAIN, "anna", "wrong", true },
	    { 100.1, LOGIN, "anna", "wrong", false },
	    { 100.2, COMMAND, "anna", "wrong", false } } },
	{ "by the same way again it is another",
	  { { 1, PLAIN, "anna", "wrong", true },
	    { 2, PLAIN, "anna", "wrong", true },
	    { 3, LOGIN, "anna", "wrong", false },
	    { 4, LOGIN, "anna", "wrong", true },
	    { 5, PLAIN, "anna", "wrong", false },
	    { 6, LOGIN, "anna", "wrong", true } } },
	{ "another password is another attempt",
	  { { 1, PLAIN, "anna", "wrong", true },
	    { 2, LOGIN, "anna", "Wrong", true },
	    { 3, COMMAND, "anna", "wrong", true } } },
	{ "another name, too, wherever the two are cut",
	  { { 1, PLAIN, "anna", "wrong", true },
	    { 2, LOGIN, "bo", "wrong", true },
	    { 3, COMMAND, "bow", "rong", true } } },
	{ "a program does it at once",
	  { { 1, PLAIN, "anna", "wrong", true },
	    { 10.9, LOGIN, "anna", "wrong", false },
	    { 11, COMMAND, "anna", "wrong", true } } },
};

static void counts_a_password_once(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct gate_refused r = { .until_us = 0 };
		struct password_tag_key key;

		password_tag_key(&key);
		for (size_t k = 0; k < 8 && rows[i].steps[k].user; k++) {
			int64_t now = (int64_t)(rows[i].steps[k].at * S);
			struct str user = str_z(rows[i].steps[k].user);
			struct str secret = str_z(rows[i].steps[k].secret);
			uint32_t way = rows[i].steps[k].way;
			bool again = gate_refused_again(&r, &key, way, user,
			                                secret, now);

			if (!again != rows[i].steps[k].looked_at)
				print_error("%s: step %zu\n", rows[i].label, k);
			assert_int_equal(!again, rows[i].steps[k].looked_at);
			if (!again)
				gate_refused_note(&r, &key, way, user, secret,
				                  now);
		}
	}
}

int main(void)
{
	const struct CMUnitTest list[] = {
		cmocka_unit_test(counts_a_password_once),
	};

	return cmocka_run_group_tests(list, NULL, NULL);
}
