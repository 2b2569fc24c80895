#include "deliver/contacts.h"

#include "store/contact.h"
#include "store/object.h"
#include "store/testing.h"

static void write_one(struct store *s, enum change_type type, int64_t first,
                      const char *name, const char *content)
{
	struct object_write w = {
		.type = type,
		.what = OBJECT_CREATE,
		.object = { .first = first,
		            .name = str_z(name),
		            .content = str_z(content) },
	};
	struct err err = ERR_INIT;

	assert_int_equal(object_write(s, test_account, &w, 1, &err), 0);
}

static void card(struct store *s, const char *uid, const char *book,
                 const char *emails)
{
	char content[1000];

	(void)snprintf(content, sizeof(content),
	               "{\"@type\":\"Card\",\"version\":\"1.0\",\"uid\":\"%s\","
	               "\"addressBookIds\":{\"%s\":true},\"emails\":%s}",
	               uid, book, emails);
	write_one(s, CHANGE_CARD, 0, uid, content);
}

static struct contacts *borrow(struct deliver_contacts *d)
{
	struct contacts *c = NULL;
	struct err err = ERR_INIT;

	assert_int_equal(deliver_contacts_borrow(d, test_account, &c, &err), 0);
	return c;
}

static bool has(struct deliver_contacts *d, const char *address, bool first)
{
	struct contacts *c = borrow(d);
	bool yes = contacts_has(c, str_z(address), first);

	deliver_contacts_return(d, &c);
	assert_null(c);
	return yes;
}

static void knows_who_is_there(void **state)
{
	struct store *s = test_open();
	struct deliver_contacts *d = deliver_contacts_new(s);
	struct str list[5];
	struct contacts *c;

	(void)state;
	/* Before there is anything of the account. */
	assert_false(has(d, "bo@partner.example", false));
	write_one(s, CHANGE_ADDRESS_BOOK, 1, "first", "{\"name\":\"Mine\"}");
	write_one(s, CHANGE_ADDRESS_BOOK, 0, "work", "{\"name\":\"Work\"}");
	card(s, "u1", "B1",
	     "{\"a\":{\"address\":\"Bo@B\xc3\xbc"
	     "cher.example\"},"
	     "\"b\":{\"address\":\"no address\"}}");
	card(s, "u2", "B2",
	     "{\"a\":{\"address\":\"cy@partner.example\"},"
	     "\"b\":{\"address\":\" BO@xn--bcher-kva.example\"}}");
	write_one(s, CHANGE_CARD, 0, "u3", "not a card");

	/* In one form, whatever they are written as. */
	assert_true(has(d,
	                "bo@b\xc3\xbc"
	                "cher.example",
	                true));
	assert_true(has(d, "BO@XN--bcher-kva.EXAMPLE", true));
	assert_true(has(d, "cy@partner.example", false));
	assert_false(has(d, "cy@partner.example", true));
	assert_false(has(d, "no address", false));
	assert_false(has(d, "", false));
	assert_false(has(d, "partner.example", false));

	c = borrow(d);
	assert_int_equal(contacts_list(c, false, list, 5), 2);
	assert_str(list[0], "Bo@B\xc3\xbc"
	                    "cher.example");
	assert_str(list[1], "cy@partner.example");
	assert_int_equal(contacts_list(c, true, list, 5), 1);
	assert_int_equal(contacts_list(c, false, list, 1), 1);
	/* What is lent stays as it was; the next has what came. */
	card(s, "u4", "B1", "{\"a\":{\"address\":\"di@partner.example\"}}");
	assert_false(contacts_has(c, STR("di@partner.example"), false));
	assert_true(has(d, "di@partner.example", true));
	deliver_contacts_return(d, &c);
	deliver_contacts_return(d, &c);
	deliver_contacts_free(&d);
	store_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_who_is_there),
	};

	return cmocka_run_group_tests(tests, test_set_up, test_tear_down);
}
