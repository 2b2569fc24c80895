/* Conversations about folders: R34, LIST in all its forms, names. */
#include "imap/testing.h"

static struct host h;

static int set_up(void **state)
{
	(void)state;
	host_start(&h, "");
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

static void lists_what_comes_with_an_account(void **state)
{
	(void)state;
	fresh();
	talk(&h, "C: a LIST \"\" *\n"
	         "S~ \\* LIST (\\HasNoChildren) \"/\" INBOX\n"
	         "S~ \\* LIST (\\HasNoChildren \\Sent) \"/\" Sent\n"
	         "S~ \\* LIST (\\HasNoChildren \\Drafts) \"/\" Drafts\n"
	         "S~ \\* LIST (\\HasNoChildren \\Trash) \"/\" Trash\n"
	         "S~ \\* LIST (\\HasNoChildren \\Junk) \"/\" Spam\n"
	         "S~ \\* LIST (\\HasNoChildren \\Archive) \"/\" Archive\n"
	         "S: a OK *\n"
	         "C: b LSUB \"\" *\n"
	         "S~ \\* LSUB () \"/\" INBOX\n"
	         "S~ \\* LSUB () \"/\" Sent\n"
	         "S~ \\* LSUB () \"/\" Drafts\n"
	         "S~ \\* LSUB () \"/\" Trash\n"
	         "S~ \\* LSUB () \"/\" Spam\n"
	         "S~ \\* LSUB () \"/\" Archive\n"
	         "S: b OK *\n"
	         "C: c LIST \"\" \"\"\n"
	         "S: \\* LIST (\\Noselect) \"/\" \"\"\n"
	         "S: c OK *\n"
	         "C: d NAMESPACE\n"
	         "S: \\* NAMESPACE ((\"\" \"/\")) NIL NIL\n"
	         "S: d OK *\n"
	         "C: e LIST \"\" inbox\n"
	         "S: \\* LIST (\\HasNoChildren) \"/\" INBOX\n"
	         "S: e OK *\n"
	         "C: f LIST \"\" Nope\n"
	         "S: f OK *\n");
}

/* R34: INBOX.Sent and INBOX/Sent are Sent, and nobody sees it twice. */
static void prefixes_reach_the_same_folders(void **state)
{
	(void)state;
	fresh();
	talk(&h, "C: a LIST \"\" INBOX.%\n"
	         "S~ \\* LIST (* \\Sent) \"/\" INBOX.Sent\n"
	         "S~ \\* LIST (* \\Drafts) \"/\" INBOX.Drafts\n"
	         "S~ \\* LIST (* \\Trash) \"/\" INBOX.Trash\n"
	         "S~ \\* LIST (* \\Junk) \"/\" INBOX.Spam\n"
	         "S~ \\* LIST (* \\Archive) \"/\" INBOX.Archive\n"
	         "S: a OK *\n"
	         "C: b LIST INBOX/ S*\n"
	         "S~ \\* LIST (* \\Sent) \"/\" INBOX/Sent\n"
	         "S~ \\* LIST (* \\Junk) \"/\" INBOX/Spam\n"
	         "S: b OK *\n"
	         "C: c LIST \"\" INBOX*\n"
	         "S: \\* LIST (\\HasNoChildren) \"/\" INBOX\n"
	         "S: c OK *\n"
	         "C: d LIST INBOX *\n"
	         "S~ \\* LIST (\\HasNoChildren) \"/\" INBOX\n"
	         "S~ \\* LIST (* \\Sent) \"/\" INBOX/Sent\n"
	         "S~ \\* LIST (* \\Drafts) \"/\" INBOX/Drafts\n"
	         "S~ \\* LIST (* \\Trash) \"/\" INBOX/Trash\n"
	         "S~ \\* LIST (* \\Junk) \"/\" INBOX/Spam\n"
	         "S~ \\* LIST (* \\Archive) \"/\" INBOX/Archive\n"
	         "S: d OK *\n"
	         "C: e STATUS inbox.Sent (MESSAGES)\n"
	         "S: \\* STATUS INBOX.Sent (MESSAGES 0)\n"
	         "S: e OK *\n"
	         "C: f CREATE INBOX/Work\n"
	         "S: f OK [MAILBOXID (M*)] *\n"
	         "C: g LIST \"\" Work\n"
	         "S: \\* LIST (\\HasNoChildren) \"/\" Work\n"
	         "S: g OK *\n"
	         "C: h CREATE INBOX.Work\n"
	         "S: h NO [ALREADYEXISTS] *\n"
	         "C: i SELECT INBOX.Work\n"
	         "S* i OK [READ-WRITE] *\n"
	         "C: j DELETE INBOX/Work\n"
	         "S: j OK *\n"
	         "C: k LIST \"\" *ork\n"
	         "S: k OK *\n");
}

static void makes_renames_and_deletes(void **state)
{
	(void)state;
	fresh();
	talk(&h, "C: a CREATE a/b/c\n"
	         "S: a OK *\n"
	         "C: b LIST \"\" a*\n"
	         "S: \\* LIST (\\HasChildren) \"/\" a\n"
	         "S: \\* LIST (\\HasChildren) \"/\" a/b\n"
	         "S: \\* LIST (\\HasNoChildren) \"/\" a/b/c\n"
	         "S: b OK *\n"
	         "C: c LIST \"\" a/%\n"
	         "S: \\* LIST (\\HasChildren) \"/\" a/b\n"
	         "S: c OK *\n"
	         "C: d DELETE a/b\n"
	         "S: d NO [HASCHILDREN] *\n"
	         "C: e RENAME a/b x/y\n"
	         "S: e OK *\n"
	         "C: f LIST \"\" x*\n"
	         "S: \\* LIST (\\HasChildren) \"/\" x\n"
	         "S: \\* LIST (\\HasChildren) \"/\" x/y\n"
	         "S: \\* LIST (\\HasNoChildren) \"/\" x/y/c\n"
	         "S: f OK *\n"
	         "C: g RENAME nope other\n"
	         "S: g NO [NONEXISTENT] *\n"
	         "C: h RENAME x a\n"
	         "S: h NO [ALREADYEXISTS] *\n"
	         "C: i DELETE INBOX\n"
	         "S: i NO *\n"
	         "C: j DELETE nope\n"
	         "S: j NO [NONEXISTENT] *\n"
	         "C: k DELETE x/y/c\n"
	         "S: k OK *\n"
	         "C: l DELETE x/y\n"
	         "S: l OK *\n"
	         "C: m DELETE x\n"
	         "S: m OK *\n"
	         "C: n DELETE a\n"
	         "S: n OK *\n"
	         "C: o CREATE INBOX\n"
	         "S: o NO [ALREADYEXISTS] *\n"
	         "C: p CREATE \"a*b\"\n"
	         "S: p NO [CANNOT] *\n"
	         "C: q CREATE \"\"\n"
	         "S: q NO [CANNOT] *\n"
	         "C: r CREATE end/\n"
	         "S: r OK *\n"
	         "C: s DELETE end\n"
	         "S: s OK *\n");
}

static void names_travel_in_utf7_and_utf8(void **state)
{
	(void)state;
	fresh();
	talk(&h, "C: a CREATE S&APg-ppel\n"
	         "S: a OK *\n"
	         "C: b LIST \"\" S&APg-*\n"
	         "S: \\* LIST (\\HasNoChildren) \"/\" S&APg-ppel\n"
	         "S: b OK *\n"
	         "C: c CREATE \"S\xc3\xb8\"\n"
	         "S: c NO [CANNOT] *\n"
	         "C: d CREATE &AGE-\n"
	         "S: d NO [CANNOT] *\n"
	         "C2: a LOGIN anna@test.example \"a long secret\"\n"
	         "S2: a OK *\n"
	         "C2: b ENABLE UTF8=ACCEPT NONSENSE\n"
	         "S2: \\* ENABLED UTF8=ACCEPT\n"
	         "S2: b OK *\n"
	         "C2: c LIST \"\" S\"*\n"
	         "S2: c BAD *\n"
	         "C2: d LIST \"\" \"S\xc3\xb8*\"\n"
	         "S2: \\* LIST (\\HasNoChildren) \"/\" \"S\xc3\xb8ppel\"\n"
	         "S2: d OK *\n"
	         "C2: e DELETE \"S\xc3\xb8ppel\"\n"
	         "S2: e OK *\n");
}

static void subscribes(void **state)
{
	(void)state;
	fresh();
	talk(&h, "C: a CREATE p/q\n"
	         "S: a OK *\n"
	         "C: b UNSUBSCRIBE p\n"
	         "S: b OK *\n"
	         "C: c SUBSCRIBE p/q\n"
	         "S: c OK *\n"
	         "C: d LSUB \"\" p/*\n"
	         "S: \\* LSUB () \"/\" p/q\n"
	         "S: d OK *\n"
	         "C: e LSUB \"\" p%\n"
	         "S: \\* LSUB (\\Noselect) \"/\" p\n"
	         "S: e OK *\n"
	         "C: f LIST (SUBSCRIBED RECURSIVEMATCH) \"\" p\n"
	         "S: \\* LIST (\\HasChildren) \"/\" p (CHILDINFO "
	         "(\"SUBSCRIBED\"))\n"
	         "S: f OK *\n"
	         "C: g LIST (SUBSCRIBED) \"\" (p p/q)\n"
	         "S: \\* LIST (\\HasNoChildren \\Subscribed) \"/\" p/q\n"
	         "S: g OK *\n"
	         "C: h DELETE p/q\n"
	         "S: h OK *\n"
	         "C: i SUBSCRIBE later\n"
	         "S: i OK *\n"
	         "C: j LIST (SUBSCRIBED) \"\" l*\n"
	         "S: \\* LIST (\\NonExistent \\Subscribed) \"/\" later\n"
	         "S: j OK *\n"
	         "C: k LIST \"\" l*\n"
	         "S: k OK *\n"
	         "C: l UNSUBSCRIBE later\n"
	         "S: l OK *\n"
	         "C: m DELETE p\n"
	         "S: m OK *\n");
}

static void lists_with_options(void **state)
{
	(void)state;
	fresh();
	talk(&h,
	     "C: a LIST (SPECIAL-USE) \"\" (Sent INBOX)\n"
	     "S: \\* LIST (\\HasNoChildren \\Sent) \"/\" Sent\n"
	     "S: a OK *\n"
	     "C: b LIST \"\" (Sent Drafts) RETURN (SUBSCRIBED STATUS "
	     "(MESSAGES SIZE))\n"
	     "S: \\* LIST (* \\Subscribed \\Drafts) \"/\" Drafts\n"
	     "S: \\* STATUS Drafts (MESSAGES 0 SIZE 0)\n"
	     "S: \\* LIST (* \\Subscribed \\Sent) \"/\" Sent\n"
	     "S: \\* STATUS Sent (MESSAGES 0 SIZE 0)\n"
	     "S: b OK *\n"
	     "C: c LIST (RECURSIVEMATCH) \"\" *\n"
	     "S: c BAD *\n"
	     "C: d CREATE Out (USE (\\Sent))\n"
	     "S: d NO [USEATTR] *\n"
	     "C: e CREATE Out (USE (\\Nonsense))\n"
	     "S: e NO [USEATTR] *\n"
	     "C: f STATUS Sent (MESSAGES UIDNEXT UIDVALIDITY UNSEEN RECENT "
	     "HIGHESTMODSEQ MAILBOXID APPENDLIMIT DELETED)\n"
	     "S: \\* STATUS Sent (MESSAGES 0 RECENT 0 UIDNEXT 1 UIDVALIDITY "
	     "* UNSEEN 0 HIGHESTMODSEQ * MAILBOXID (M*) APPENDLIMIT "
	     "73400320 DELETED 0)\n"
	     "S: f OK *\n"
	     "C: g STATUS nope (MESSAGES)\n"
	     "S: g NO [NONEXISTENT] *\n"
	     "C: h GETQUOTAROOT INBOX\n"
	     "S: \\* QUOTAROOT INBOX \"\"\n"
	     "S: \\* QUOTA \"\" (STORAGE 0 10485760)\n"
	     "S: h OK *\n"
	     "C: i GETQUOTA x\n"
	     "S: i NO *\n");
}

int main(void)
{
	const struct CMUnitTest list[] = {
		cmocka_unit_test(lists_what_comes_with_an_account),
		cmocka_unit_test(prefixes_reach_the_same_folders),
		cmocka_unit_test(makes_renames_and_deletes),
		cmocka_unit_test(names_travel_in_utf7_and_utf8),
		cmocka_unit_test(subscribes),
		cmocka_unit_test(lists_with_options),
	};

	log_setup("test", LOG_ERROR, false);
	return cmocka_run_group_tests(list, set_up, tear_down);
}
