/* Conversations of several sessions: who is told what, and when; CONDSTORE
 * and QRESYNC. */
#include "imap/testing.h"

#include <stdio.h>

static struct host h;

static int set_up(void **state)
{
	(void)state;
	host_start(&h, "");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	host_stop(&h);
	return 0;
}

/* A folder of four messages, selected by two sessions. */
static void fresh(const char *name)
{
	char script[300];

	host_hang_up(&h);
	talk_login(&h, 1);
	(void)snprintf(script, sizeof(script), "C: x CREATE %s\nS: x OK *\n",
	               name);
	talk(&h, script);
	for (int i = 0; i < 4; i++)
		talk_append(&h, 1, name, STR("a: b\r\n\r\nc\r\n"));
	talk_login(&h, 2);
	for (int i = 1; i <= 2; i++) {
		(void)snprintf(script, sizeof(script),
		               "C%d: y SELECT %s\nS%d* y OK *\n", i, name, i);
		talk(&h, script);
	}
}

/* RFC 9051, 7.5.1: numbers must not move while FETCH, STORE or SEARCH by
 * number are answered. */
static void removals_wait_for_their_time(void **state)
{
	(void)state;
	fresh("wait");
	talk(&h, "C2: a STORE 2 +FLAGS.SILENT (\\Deleted)\n"
	         "S2: a OK *\n"
	         "C2: b EXPUNGE\n"
	         "S2: \\* 2 EXPUNGE\n"
	         "S2: b OK *\n"
	         "C: a FETCH 1:* UID\n"
	         "S: \\* 1 FETCH (UID 1)\n"
	         "S: \\* 3 FETCH (UID 3)\n"
	         "S: \\* 4 FETCH (UID 4)\n"
	         "S: a OK *\n"
	         "C: b STORE 3 +FLAGS (\\Seen)\n"
	         "S: \\* 3 FETCH (FLAGS (\\Seen))\n"
	         "S: b OK *\n"
	         "C: c SEARCH SEEN\n"
	         "S: \\* SEARCH 3\n"
	         "S: c OK *\n"
	         "C: d UID FETCH 4 UID\n"
	         "S: \\* 4 FETCH (UID 4)\n"
	         "S: \\* 2 EXPUNGE\n"
	         "S: d OK *\n"
	         "C: e FETCH 3 UID\n"
	         "S: \\* 3 FETCH (UID 4)\n"
	         "S: e OK *\n");
}

static void idle_tells_at_once(void **state)
{
	(void)state;
	fresh("idle");
	talk(&h, "C: a IDLE\n"
	         "S: + *\n"
	         "Q:\n"
	         "C2: a STORE 1 +FLAGS.SILENT (\\Flagged)\n"
	         "S2: a OK *\n"
	         "S: \\* 1 FETCH (FLAGS (\\Flagged))\n"
	         "C2: b MOVE 2 Trash\n"
	         "S2* b OK *\n"
	         "S: \\* 2 EXPUNGE\n");
	talk_append(&h, 2, "idle", STR("a: b\r\n\r\n"));
	talk(&h, "S: \\* 4 EXISTS\n"
	         "C: nonsense\n"
	         "S: a BAD *\n"
	         "C: b IDLE\n"
	         "S: + *\n"
	         "C: done\n"
	         "S: b OK *\n"
	         "C: c NOOP\n"
	         "S: c OK *\n");
}

/* A program that overlooks EXISTS in another answer hears it again, once. */
static void idle_says_again_what_was_said_aside(void **state)
{
	(void)state;
	fresh("aside");
	talk_append(&h, 2, "aside", STR("a: b\r\n\r\n"));
	talk(&h, "C: a FETCH 1 UID\n"
	         "S: \\* 1 FETCH (UID 1)\n"
	         "S: \\* 5 EXISTS\n"
	         "S: a OK *\n"
	         "C: b NOOP\n"
	         "S: b OK *\n"
	         "C: c IDLE\n"
	         "S: + *\n"
	         "S: \\* 5 EXISTS\n"
	         "Q:\n"
	         "C: DONE\n"
	         "S: c OK *\n"
	         "C: d IDLE\n"
	         "S: + *\n"
	         "Q:\n"
	         "C: DONE\n"
	         "S: d OK *\n");
	talk_append(&h, 2, "aside", STR("a: b\r\n\r\n"));
	talk(&h, "C: e NOOP\n"
	         "S: \\* 6 EXISTS\n"
	         "S: e OK *\n"
	         "C: f IDLE\n"
	         "S: + *\n"
	         "Q:\n"
	         "C: DONE\n"
	         "S: f OK *\n");
	talk_append(&h, 2, "aside", STR("a: b\r\n\r\n"));
	talk(&h, "C: g FETCH 1 UID\n"
	         "S: \\* 1 FETCH (UID 1)\n"
	         "S: \\* 7 EXISTS\n"
	         "S: g OK *\n"
	         "C: h SELECT aside\n"
	         "S* h OK *\n"
	         "C: i IDLE\n"
	         "S: + *\n"
	         "Q:\n"
	         "C: DONE\n"
	         "S: i OK *\n");
}

static void a_deleted_mailbox_ends_its_sessions(void **state)
{
	(void)state;
	fresh("gone");
	talk(&h, "C2: a DELETE gone\n"
	         "S2: a OK *\n"
	         "C2: b FETCH 1 UID\n"
	         "S2: b BAD *\n"
	         "C: a NOOP\n"
	         "S: \\* BYE *\n"
	         "X:\n");
}

static void condstore_keeps_from_overwriting(void **state)
{
	(void)state;
	fresh("cond");
	talk(&h, "C: a FETCH 1 (MODSEQ)\n"
	         "S: \\* 1 FETCH (MODSEQ (*))\n"
	         "S: a OK *\n"
	         "C2: a STORE 2 +FLAGS.SILENT (\\Flagged)\n"
	         "S2: a OK *\n"
	         "C: b STORE 1:3 (UNCHANGEDSINCE 1) +FLAGS.SILENT ($X)\n"
	         "S* b OK [MODIFIED 1:3] *\n"
	         "C: c UID STORE 1,3 (UNCHANGEDSINCE 9999999) +FLAGS.SILENT "
	         "($X)\n"
	         "S: \\* 1 FETCH (UID 1 MODSEQ (*))\n"
	         "S: \\* 3 FETCH (UID 3 MODSEQ (*))\n"
	         "S: c OK *\n"
	         "C: d FETCH 1:* (FLAGS) (CHANGEDSINCE 9999999)\n"
	         "S: \\* FLAGS (*$X*)\n"
	         "S: d OK *\n"
	         "C: e FETCH 1:2 (FLAGS) (CHANGEDSINCE 1)\n"
	         "S: \\* 1 FETCH (FLAGS ($X) MODSEQ (*))\n"
	         "S: \\* 2 FETCH (FLAGS (\\Flagged) MODSEQ (*))\n"
	         "S: e OK *\n"
	         "C: f FETCH 1 FLAGS (VANISHED CHANGEDSINCE 1)\n"
	         "S: f BAD *\n"
	         "C: g SELECT cond (QRESYNC (1 2))\n"
	         "S: g BAD *\n");
}

/* The value of "[CODE n]" in the answer to a STATUS. */
static uint64_t ask(const char *mailbox, const char *item)
{
	struct peer *p = peer_get(&h, 3);
	struct str s, name = str_z(item);
	struct buf line;
	char script[200];
	uint64_t n;

	buf_init(&line, 10000);
	(void)snprintf(script, sizeof(script), "q STATUS %s (%s)\r\n", mailbox,
	               item);
	peer_send(p, str_z(script));
	assert_true(peer_line(p, &line, 5000));
	s = str_from(buf_str(&line), str_find(buf_str(&line), name) + name.n);
	s = str_trim(str_to(s, s.n - 1));
	assert_true(str_to_u64(s, UINT64_MAX, &n));
	assert_true(peer_line(p, &line, 5000));
	buf_deinit(&line);
	return n;
}

static void qresync_brings_up_to_date(void **state)
{
	char script[1000];
	uint64_t modseq, validity;

	(void)state;
	fresh("quick");
	talk_login(&h, 3);
	modseq = ask("quick", "HIGHESTMODSEQ");
	validity = ask("quick", "UIDVALIDITY");
	talk(&h, "C2: a STORE 2,3 +FLAGS.SILENT (\\Deleted)\n"
	         "S2: a OK *\n"
	         "C2: b EXPUNGE\n"
	         "S2* b OK *\n"
	         "C2: c STORE 2 +FLAGS.SILENT (\\Seen)\n"
	         "S2: c OK *\n"
	         "C: a UNSELECT\n"
	         "S* a OK *\n"
	         "C: b ENABLE QRESYNC\n"
	         "S: \\* ENABLED QRESYNC\n"
	         "S: b OK *\n");
	(void)snprintf(script, sizeof(script),
	               "C: c SELECT quick (QRESYNC (%llu %llu 1:4))\n"
	               "S* \\* VANISHED (EARLIER) 2:3\n"
	               "S: \\* 2 FETCH (UID 4 FLAGS (\\Seen) MODSEQ (*))\n"
	               "S: c OK [READ-WRITE] *\n"
	               "C: d UID FETCH 1:4 (FLAGS) (CHANGEDSINCE %llu "
	               "VANISHED)\n"
	               "S: \\* VANISHED (EARLIER) 2:3\n"
	               "S: \\* 2 FETCH (UID 4 FLAGS (\\Seen) MODSEQ (*))\n"
	               "S: d OK *\n",
	               (unsigned long long)validity, (unsigned long long)modseq,
	               (unsigned long long)modseq);
	talk(&h, script);
	talk(&h, "C: e UID STORE 1 +FLAGS.SILENT (\\Deleted)\n"
	         "S: \\* 1 FETCH (UID 1 MODSEQ (*))\n"
	         "S: e OK *\n"
	         "C: f EXPUNGE\n"
	         "S: \\* VANISHED 1\n"
	         "S: f OK [HIGHESTMODSEQ *] *\n"
	         "C: g SELECT INBOX\n"
	         "S: \\* OK [CLOSED] *\n"
	         "S* g OK *\n");
	(void)snprintf(script, sizeof(script),
	               "C: h SELECT quick (QRESYNC (%llu %llu))\n"
	               "S* \\* OK [MAILBOXID (M*)] *\n"
	               "S: h OK [READ-WRITE] *\n",
	               (unsigned long long)validity + 1,
	               (unsigned long long)modseq);
	talk(&h, script);
}

/* Commands sent together are answered one after the other. */
static void pipelines(void **state)
{
	(void)state;
	fresh("pipe");
	talk(&h, "C- a FETCH 1:4 BODY.PEEK[TEXT]\\r\\nb NOOP\\r\\nc SEARCH "
	         "ALL\\r\\nd STORE 1 +FLAGS (\\\\Seen)\\r\\ne UID FETCH 1 "
	         "FLAGS\\r\\nf IDLE\\r\\nDONE\\r\\ng NOOP\\r\\n\n"
	         "S* a OK *\n"
	         "S: b OK *\n"
	         "S: \\* SEARCH 1 2 3 4\n"
	         "S: c OK *\n"
	         "S: \\* 1 FETCH (FLAGS (\\Seen))\n"
	         "S: d OK *\n"
	         "S: \\* 1 FETCH (UID 1 FLAGS (\\Seen))\n"
	         "S: e OK *\n"
	         "S: + *\n"
	         "S: f OK *\n"
	         "S: g OK *\n");
}

/* What is different after ENABLE IMAP4rev2. */
static void speaks_rev2(void **state)
{
	(void)state;
	fresh("rev2");
	talk(&h, "C: a ENABLE IMAP4rev2\n"
	         "S: \\* ENABLED IMAP4rev2\n"
	         "S: a OK *\n"
	         "C: b SELECT rev2\n"
	         "S: \\* OK [CLOSED] *\n"
	         "S: \\* FLAGS *\n"
	         "S: \\* OK [PERMANENTFLAGS *\n"
	         "S: \\* 4 EXISTS\n"
	         "S: \\* OK [UIDVALIDITY *\n"
	         "S: \\* OK [UIDNEXT *\n"
	         "S: \\* OK [HIGHESTMODSEQ *\n"
	         "S: \\* OK [MAILBOXID *\n"
	         "S: \\* LIST () \"/\" \"rev2\"\n"
	         "S: b OK *\n"
	         "C: c UID SEARCH CHARSET UTF-8 1:3\n"
	         "S: \\* ESEARCH (TAG \"c\") UID ALL 1:3\n"
	         "S: c OK *\n"
	         "C: d SEARCH FLAGGED\n"
	         "S: \\* ESEARCH (TAG \"d\")\n"
	         "S: d OK *\n"
	         "C: e CREATE \"S\xc3\xb8\"\n"
	         "S: e OK *\n"
	         "C: f LIST \"\" \"S\xc3\xb8\"\n"
	         "S: \\* LIST (\\HasNoChildren) \"/\" \"S\xc3\xb8\"\n"
	         "S: f OK *\n"
	         "C: g DELETE \"S\xc3\xb8\"\n"
	         "S: g OK *\n");
}

int main(void)
{
	const struct CMUnitTest list[] = {
		cmocka_unit_test(removals_wait_for_their_time),
		cmocka_unit_test(idle_tells_at_once),
		cmocka_unit_test(idle_says_again_what_was_said_aside),
		cmocka_unit_test(a_deleted_mailbox_ends_its_sessions),
		cmocka_unit_test(condstore_keeps_from_overwriting),
		cmocka_unit_test(qresync_brings_up_to_date),
		cmocka_unit_test(pipelines),
		cmocka_unit_test(speaks_rev2),
	};

	log_setup("test", LOG_ERROR, false);
	return cmocka_run_group_tests(list, set_up, tear_down);
}
