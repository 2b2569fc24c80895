/* Conversations about annotations: GETMETADATA, SETMETADATA, LIST with
 * METADATA (RFC 5464, RFC 9590, RFC 6154). */
#include "imap/testing.h"

static struct host h;

static int set_up(void **state)
{
	(void)state;
	host_start(&h, "[imap]\nmetadata_bytes = 2000\nmetadata_entries = 10\n"
	               "metadata_account_bytes = \"64K\"\n"
	               "[provider]\ncontact = \"mailto:help@host.example\"\n");
	return 0;
}

static void fresh(void)
{
	host_hang_up(&h);
	talk_login(&h, 1);
	assert_non_null(peer_get(&h, 1));
}

static int tear_down(void **state)
{
	(void)state;
	host_stop(&h);
	return 0;
}

/* The examples of RFC 5464, 4.2 and 4.3. */
static void sets_and_gets(void **state)
{
	(void)state;
	fresh();
	talk(&h, "C: a SETMETADATA \"\" (/shared/comment \"Shared comment\")\n"
	         "S: a OK Done\n"
	         "C: b GETMETADATA \"\" /shared/comment\n"
	         "S: \\* METADATA \"\" (/shared/comment \"Shared comment\")\n"
	         "S: b OK Done\n"
	         "C: c SETMETADATA INBOX (/private/comment {33}\n"
	         "S: + OK\n"
	         "C: My new comment across\n"
	         "C: two lines.)\n"
	         "S: c OK Done\n"
	         "C: d SETMETADATA INBOX (/private/comment {35}\n"
	         "S: + OK\n"
	         "C: My new comment across\n"
	         "C: two lines.\n"
	         "C: )\n"
	         "S: d OK Done\n"
	         "C: d SETMETADATA INBOX (/private/comment {38+}\n"
	         "C: My new comment across\n"
	         "C: two long lines.)\n"
	         "S: d OK Done\n"
	         "C: e GETMETADATA \"INBOX\" (/shared/comment "
	         "/Private/Comment)\n"
	         "S: \\* METADATA INBOX (/shared/comment NIL /Private/Comment "
	         "{38}\n"
	         "S: My new comment across\n"
	         "S: two long lines.)\n"
	         "S: e OK Done\n"
	         "C: f SETMETADATA INBOX (/private/comment NIL "
	         "/shared/comment \"This one is for you!\")\n"
	         "S: f OK Done\n"
	         "C: g GETMETADATA inbox /private/comment /shared/comment\n"
	         "S: \\* METADATA INBOX (/private/comment NIL /shared/comment "
	         "\"This one is for you!\")\n"
	         "S: g OK Done\n"
	         "C: h SETMETADATA INBOX (/shared/comment \"\" "
	         "/private/nul ~{3+}\n"
	         "C- a\\0b)\\r\\n\n"
	         "S: h OK Done\n"
	         "C: i GETMETADATA INBOX (/shared/comment /private/nul)\n"
	         "S: \\* METADATA INBOX (/shared/comment \"\" /private/nul "
	         "~{3}\n"
	         "S: a*\n"
	         "S: i OK Done\n"
	         "C: j SETMETADATA INBOX (/shared/comment NIL /private/nul "
	         "NIL)\n"
	         "S: j OK Done\n");
}

static void has_options(void **state)
{
	(void)state;
	fresh();
	talk(&h, "C: a CREATE Deep\n"
	         "S: a OK *\n"
	         "C: b SETMETADATA Deep (/private/filters/values/small "
	         "\"SMALLER 5000\" /private/filters/values/boss \"the boss\" "
	         "/private/filters/values/a/b \"deep\" /shared/comment "
	         "\"123456789\")\n"
	         "S: b OK Done\n"
	         "C: c GETMETADATA Deep (DEPTH 1) (/private/filters/values)\n"
	         "S: \\* METADATA Deep (/private/filters/values/boss \"the "
	         "boss\" /private/filters/values/small \"SMALLER 5000\")\n"
	         "S: c OK Done\n"
	         "C: d GETMETADATA (DEPTH infinity) Deep (/private /shared "
	         "/private/filters)\n"
	         "S: \\* METADATA Deep (/private/filters/values/a/b \"deep\" "
	         "/private/filters/values/boss \"the boss\" "
	         "/private/filters/values/small \"SMALLER 5000\" "
	         "/shared/comment \"123456789\")\n"
	         "S: d OK Done\n"
	         "C: e GETMETADATA (DEPTH 0) Deep (/private/filters/values)\n"
	         "S: \\* METADATA Deep (/private/filters/values NIL)\n"
	         "S: e OK Done\n"
	         "C: f GETMETADATA (MAXSIZE 8) Deep (/shared/comment "
	         "/private/filters/values/small /private/filters/values/boss "
	         "/private/filters/values/boss)\n"
	         "S: \\* METADATA Deep (/private/filters/values/boss \"the "
	         "boss\")\n"
	         "S: f OK [METADATA LONGENTRIES 12] Done\n"
	         "C: g GETMETADATA (MAXSIZE 3 DEPTH infinity) Deep /private\n"
	         "S: g OK [METADATA LONGENTRIES 12] Done\n"
	         "C: h GETMETADATA (MAXSIZE 9) Deep /shared/comment\n"
	         "S: \\* METADATA Deep (/shared/comment \"123456789\")\n"
	         "S: h OK Done\n"
	         "C: i GETMETADATA (DEPTH 1) Deep /shared/nothing\n"
	         "S: \\* METADATA Deep (/shared/nothing NIL)\n"
	         "S: i OK Done\n"
	         "C: j RENAME Deep Deeper\n"
	         "S: j OK *\n"
	         "C: k GETMETADATA INBOX.Deeper /shared/comment\n"
	         "S: \\* METADATA INBOX.Deeper (/shared/comment "
	         "\"123456789\")\n"
	         "S: k OK Done\n"
	         "C: l DELETE Deeper\n"
	         "S: l OK *\n"
	         "C: m CREATE Deeper\n"
	         "S: m OK *\n"
	         "C: n GETMETADATA Deeper (DEPTH infinity) (/private "
	         "/shared)\n"
	         "S: \\* METADATA Deeper (/private NIL /shared NIL)\n"
	         "S: n OK Done\n"
	         "C: o DELETE Deeper\n"
	         "S: o OK *\n");
}

static void refuses(void **state)
{
	static const char *const names[] = {
		"/comment",          "comment",
		"/private/",         "/private//comment",
		"\"/private/a*\"",   "\"/private/a%\"",
		"/private",          "/private/vendor",
		"/private/vendor/x", "\"\"",
		"/other/comment",
	};
	struct buf b;

	(void)state;
	fresh();
	talk(&h, "C2: a GETMETADATA \"\" /shared/comment\n"
	         "S2: a BAD Log in first\n"
	         "C2: b SETMETADATA \"\" (/shared/comment NIL)\n"
	         "S2: b BAD Log in first\n"
	         "C: a GETMETADATA None /shared/comment\n"
	         "S: a NO [NONEXISTENT] No such mailbox\n"
	         "C: b SETMETADATA None (/shared/comment \"x\")\n"
	         "S: b NO [NONEXISTENT] No such mailbox\n"
	         "C: c SETMETADATA \"\" (/shared/admin \"x\")\n"
	         "S: c NO [CANNOT] The entry is for reading only\n"
	         "C: d GETMETADATA \"\" (/shared/admin)\n"
	         "S: \\* METADATA \"\" (/shared/admin "
	         "\"mailto:help@host.example\")\n"
	         "S: d OK Done\n"
	         "C: e GETMETADATA \"\" (DEPTH infinity) /shared\n"
	         "S: \\* METADATA \"\" (/shared/admin "
	         "\"mailto:help@host.example\"*)\n"
	         "S: e OK Done\n"
	         "C: f GETMETADATA &&& /shared/comment\n"
	         "S: f NO [CANNOT] *\n"
	         "C: g SETMETADATA &&& (/shared/comment NIL)\n"
	         "S: g NO [CANNOT] *\n"
	         "C: h GETMETADATA (SIZE 1) INBOX /shared/comment\n"
	         "S: h BAD Unknown option\n"
	         "C: i NOOP\n"
	         "S: i OK *\n");
	buf_init(&b, 10000);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		buf_reset(&b);
		buf_fmt(&b,
		        "C: a GETMETADATA INBOX %s\n"
		        "S: a BAD An entry's name *\n"
		        "C: b SETMETADATA INBOX (%s \"x\")\n"
		        "S: b BAD An entry's name *\n"
		        "C: c LIST \"\" INBOX RETURN (METADATA (%s))\n"
		        "S: c BAD An entry's name *\n"
		        "C: d NOOP\n"
		        "S: d OK *\n",
		        names[i], names[i], names[i]);
		talk(&h, buf_z(&b));
	}
	buf_deinit(&b);
}

static void has_limits(void **state)
{
	struct buf b;

	(void)state;
	fresh();
	buf_init(&b, 20000);
	talk(&h, "C: a SETMETADATA INBOX (/private/a {2001}\n"
	         "S: a NO [METADATA MAXSIZE 2000] The value is too large\n"
	         "C: b NOOP\n"
	         "S: b OK *\n"
	         "C: c SETMETADATA INBOX (/private/a {99999999999}\n"
	         "S: c NO [METADATA MAXSIZE 2000] The value is too large\n"
	         "C: d SETMETADATA INBOX (/private/a {2000}\n"
	         "S: + OK\n");
	buf_fmt(&b, "C- ");
	for (size_t i = 0; i < 2000; i++)
		buf_add_c(&b, 'a');
	buf_fmt(&b, ")\\r\\n\nS: d OK Done\n");
	talk(&h, buf_z(&b));
	buf_reset(&b);
	buf_fmt(&b, "C- e SETMETADATA INBOX (/private/b \"");
	for (size_t i = 0; i < 2001; i++)
		buf_add_c(&b, 'a');
	buf_fmt(&b, "\")\\r\\n\nS: e NO [METADATA MAXSIZE 2000] *\n");
	talk(&h, buf_z(&b));
	for (unsigned i = 1; i < 10; i++) {
		buf_reset(&b);
		buf_fmt(&b,
		        "C: f SETMETADATA INBOX (/private/n%u \"%u\")\n"
		        "S: f OK Done\n",
		        i, i);
		talk(&h, buf_z(&b));
	}
	buf_deinit(&b);
	talk(&h, "C: g SETMETADATA INBOX (/private/n1 \"new\" /private/x "
	         "\"x\")\n"
	         "S: g NO [METADATA TOOMANY] There are too many entries\n"
	         "C: h GETMETADATA INBOX /private/n1\n"
	         "S: \\* METADATA INBOX (/private/n1 \"1\")\n"
	         "S: h OK Done\n"
	         "C: i SETMETADATA INBOX (/private/n1 \"new\" /private/n2 NIL "
	         "/private/x \"x\")\n"
	         "S: i OK Done\n"
	         "C: j SETMETADATA INBOX (/private/a NIL /private/n1 NIL "
	         "/private/n3 NIL /private/n4 NIL /private/n5 NIL /private/n6 "
	         "NIL /private/n7 NIL /private/n8 NIL /private/n9 NIL "
	         "/private/x NIL)\n"
	         "S: j OK Done\n"
	         "C: k GETMETADATA INBOX (DEPTH infinity) /private\n"
	         "S: \\* METADATA INBOX (/private NIL)\n"
	         "S: k OK Done\n");
}

/* Some mailboxes of ten entries of 2,000 bytes are 64 KiB. */
static void all_together_are_bounded(void **state)
{
	struct buf b;

	(void)state;
	fresh();
	buf_init(&b, 20000);
	for (unsigned box = 0; box < 4; box++) {
		buf_reset(&b);
		buf_fmt(&b, "C: a CREATE F%u\nS: a OK *\n", box);
		talk(&h, buf_z(&b));
		for (unsigned i = 0; i < 10; i++) {
			bool full = box * 10 + i >= 32;

			buf_reset(&b);
			buf_fmt(&b,
			        "C- b SETMETADATA F%u (/private/n%u {2000+}"
			        "\\r\\n",
			        box, i);
			for (size_t k = 0; k < 2000; k++)
				buf_add_c(&b, 'a');
			buf_fmt(&b, ")\\r\\n\nS: b %s *\n",
			        full ? "NO [OVERQUOTA]" : "OK");
			talk(&h, buf_z(&b));
		}
	}
	for (unsigned box = 0; box < 4; box++) {
		buf_reset(&b);
		buf_fmt(&b, "C: c DELETE F%u\nS: c OK *\n", box);
		talk(&h, buf_z(&b));
	}
	buf_deinit(&b);
}

/* RFC 9590 */
static void list_returns_them(void **state)
{
	(void)state;
	fresh();
	talk(&h, "C: a CREATE L\n"
	         "S: a OK *\n"
	         "C: a CREATE L/&AOY-\n"
	         "S: a OK *\n"
	         "C: a SUBSCRIBE L/gone\n"
	         "S: a OK *\n"
	         "C: b SETMETADATA L (/private/color \"#b71c1c\")\n"
	         "S: b OK Done\n"
	         "C: c LIST \"\" L* RETURN (METADATA (\"/private/color\"))\n"
	         "S: \\* LIST (\\HasChildren) \"/\" L\n"
	         "S: \\* METADATA L (/private/color \"#b71c1c\")\n"
	         "S: \\* LIST (\\HasNoChildren) \"/\" L/&AOY-\n"
	         "S: \\* METADATA L/&AOY- (/private/color NIL)\n"
	         "S: c OK Done\n"
	         "C: d LIST \"\" (Trash INBOX/L) RETURN (STATUS (MESSAGES) "
	         "METADATA (/private/COLOR /private/specialuse))\n"
	         "S: \\* LIST (\\HasChildren) \"/\" INBOX/L\n"
	         "S: \\* STATUS INBOX/L (MESSAGES 0)\n"
	         "S: \\* METADATA INBOX/L (/private/COLOR \"#b71c1c\" "
	         "/private/specialuse NIL)\n"
	         "S: \\* LIST (\\HasNoChildren \\Trash) \"/\" Trash\n"
	         "S: \\* STATUS Trash (MESSAGES 0)\n"
	         "S: \\* METADATA Trash (/private/COLOR NIL "
	         "/private/specialuse \"\\\\Trash\")\n"
	         "S: d OK Done\n"
	         "C: e LIST (SUBSCRIBED) \"\" L/* RETURN (METADATA "
	         "/private/color)\n"
	         "S: \\* LIST (\\NonExistent \\Subscribed) \"/\" L/gone\n"
	         "S: e OK Done\n"
	         "C: f LIST \"\" L RETURN (METADATA)\n"
	         "S: f BAD *\n"
	         "C: g ENABLE UTF8=ACCEPT\n"
	         "S* g OK *\n"
	         "C: h SETMETADATA L (/private/color \"gr\xc3\xb8n\")\n"
	         "S: h OK Done\n"
	         "C: i GETMETADATA L /private/color\n"
	         "S: \\* METADATA \"L\" (/private/color \"gr\xc3\xb8n\")\n"
	         "S: i OK Done\n"
	         "C: j SETMETADATA L (/private/color \"\xff\")\n"
	         "S: j OK Done\n"
	         "C: k GETMETADATA L /private/color\n"
	         "S: \\* METADATA \"L\" (/private/color {1}\n"
	         "S: \xff)\n"
	         "S: k OK Done\n"
	         "C: l UNSUBSCRIBE L/gone\n"
	         "S: l OK *\n"
	         "C: m DELETE \"L/\xc3\xa6\"\n"
	         "S: m OK *\n"
	         "C: n DELETE L\n"
	         "S: n OK *\n");
}

/* RFC 6154, 5.4; but who has a use keeps it until it is taken away, as CREATE
 * has it. */
static void sets_special_uses(void **state)
{
	(void)state;
	fresh();
	talk(&h, "C: a CREATE SavedDrafts\n"
	         "S: a OK *\n"
	         "C: b GETMETADATA \"Drafts\" /private/specialuse\n"
	         "S: \\* METADATA Drafts (/private/specialuse "
	         "\"\\\\Drafts\")\n"
	         "S: b OK Done\n"
	         "C: c SETMETADATA SavedDrafts (/private/specialuse "
	         "\"\\\\Drafts\")\n"
	         "S: c NO [USEATTR] The use is none, or taken\n"
	         "C: d SETMETADATA Drafts (/private/specialuse NIL)\n"
	         "S: d OK Done\n"
	         "C: e SETMETADATA SavedDrafts (/private/specialuse "
	         "\"\\\\Drafts\" /private/comment \"mine\")\n"
	         "S: e OK Done\n"
	         "C: f LIST \"\" *Drafts\n"
	         "S: \\* LIST (\\HasNoChildren) \"/\" Drafts\n"
	         "S: \\* LIST (\\HasNoChildren \\Drafts) \"/\" SavedDrafts\n"
	         "S: f OK Done\n"
	         "C: g GETMETADATA SavedDrafts (DEPTH infinity) /private\n"
	         "S: \\* METADATA SavedDrafts (/private/comment \"mine\" "
	         "/private/specialuse \"\\\\Drafts\")\n"
	         "S: g OK Done\n"
	         "C: h SETMETADATA INBOX (/private/specialuse \"\\\\All\")\n"
	         "S: h NO [USEATTR] *\n"
	         "C: i GETMETADATA INBOX /private/specialuse\n"
	         "S: \\* METADATA INBOX (/private/specialuse NIL)\n"
	         "S: i OK Done\n"
	         "C: j DELETE SavedDrafts\n"
	         "S: j OK *\n"
	         "C: k SETMETADATA Drafts (/private/specialuse "
	         "\"\\\\Drafts\")\n"
	         "S: k OK Done\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sets_and_gets),
		cmocka_unit_test(has_options),
		cmocka_unit_test(refuses),
		cmocka_unit_test(has_limits),
		cmocka_unit_test(all_together_are_bounded),
		cmocka_unit_test(list_returns_them),
		cmocka_unit_test(sets_special_uses),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
