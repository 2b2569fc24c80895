#include "transfer/maildir.h"

#include "base/test.h"
#include "store/store.h"

static void names(void **state)
{
	static const struct {
		const char *in, *unique;
		uint64_t flags;
		uint32_t keywords;
		int64_t arrived;
	} t[] = {
		{ "1732438800.M1P2.host:2,FS", "1732438800.M1P2.host",
		  FLAG_FLAGGED | FLAG_SEEN, 0, 1732438800 },
		{ "1732438800.x", "1732438800.x", 0, 0, 1732438800 },
		{ "abc:2,", "abc", 0, 0, 0 },
		{ "abc:2,DPRTab", "abc",
		  FLAG_DRAFT | FLAG_FORWARDED | FLAG_ANSWERED | FLAG_DELETED, 3,
		  0 },
		{ "123.x:2,Z", "123.x", 0, 0, 0 },
		{ "99999999999999999999.x", "99999999999999999999.x", 0, 0, 0 },
		{ "a:1,x", "a:1,x", 0, 0, 0 },
		{ "", "", 0, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
		struct maildir_name n;

		maildir_name_parse(str_z(t[i].in), &n);
		assert_str(n.unique, t[i].unique);
		assert_int_equal(n.flags, t[i].flags);
		assert_int_equal(n.keywords, t[i].keywords);
		assert_int_equal(n.arrived_s, t[i].arrived);
	}
}

static void flags_come_back(void **state)
{
	(void)state;
	for (uint64_t flags = 0; flags < 64; flags++) {
		struct maildir_name n;
		struct buf b;

		buf_init(&b, 100);
		buf_add_z(&b, "x");
		maildir_flags_write(&b, flags, (uint32_t)flags * 3);
		maildir_name_parse(buf_str(&b), &n);
		assert_int_equal(n.flags, flags);
		assert_int_equal(n.keywords, flags * 3);
		buf_deinit(&b);
	}
}

static void keyword_file(void **state)
{
	struct maildir_keywords k;

	(void)state;
	maildir_keywords_parse(STR("0 $Forwarded\n1 Work \nx y\n30 Far\n"
	                           "3 $Label1\n4\n"),
	                       &k);
	assert_int_equal(k.n, 4);
	assert_str(k.name[0], "$Forwarded");
	assert_str(k.name[1], "Work");
	assert_int_equal(k.name[2].n, 0);
	assert_str(k.name[3], "$Label1");
}

static void folders(void **state)
{
	static const struct {
		const char *mailbox, *folder;
	} t[] = {
		{ "Sent", ".Sent" },
		{ "Work/2026", ".Work.2026" },
		{ "a.b/c", ".a&AC4-b.c" },
		{ "R\xc3\xb8gn\xc3\xa6s", ".R&APg-gn&AOY-s" },
		{ "A & B", ".A &- B" },
		{ "..", ".&AC4-&AC4-" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
		struct buf b;

		buf_init(&b, 200);
		maildir_folder_encode(&b, str_z(t[i].mailbox));
		assert_str(buf_str(&b), t[i].folder);
		buf_reset(&b);
		assert_true(maildir_folder_decode(&b, str_z(t[i].folder)));
		assert_str(buf_str(&b), t[i].mailbox);
		buf_deinit(&b);
	}
}

static void no_folders(void **state)
{
	static const char *const t[] = { "",      ".",   "Sent",   "..a",
		                         ".a..b", ".a.", ".a&AAA", "cur" };

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
		struct buf b;

		buf_init(&b, 200);
		if (maildir_folder_decode(&b, str_z(t[i])))
			fail_msg("\"%s\" was taken", t[i]);
		assert_int_equal(b.n, 0);
		buf_deinit(&b);
	}
}

int main(void)
{
	const struct CMUnitTest list[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(flags_come_back),
		cmocka_unit_test(keyword_file),
		cmocka_unit_test(folders),
		cmocka_unit_test(no_folders),
	};

	return cmocka_run_group_tests(list, NULL, NULL);
}
