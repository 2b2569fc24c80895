#include "wire/html/entity.h"

#include "base/test.h"

static void finds_names(void **state)
{
	(void)state;
	assert_int_equal(html_entity_named(STR("AElig")), 0xc6);
	assert_int_equal(html_entity_named(STR("zwnj")), 0x200c);
	assert_int_equal(html_entity_named(STR("amp")), '&');
	assert_int_equal(html_entity_named(STR("thetasym")), 0x3d1);
	assert_int_equal(html_entity_named(STR("AMP")), 0);
	assert_int_equal(html_entity_named(STR("")), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
