/* Conversations about messages: APPEND, FETCH, STORE, COPY, MOVE, EXPUNGE. */
#include "imap/testing.h"

#include <stdio.h>

static struct host h;

static const char plain[] = "From: Bob <bob@example.com>\r\n"
			    "To: anna@test.example\r\n"
			    "Subject: =?utf-8?q?S=C3=B8ndag?=\r\n"
			    "Date: Mon, 7 Feb 1994 21:52:25 -0800\r\n"
			    "Message-ID: <1@example.com>\r\n"
			    "X-Odd: one\r\n"
			    " two\r\n"
			    "\r\n"
			    "Hello\r\n";

static const char tree[] = "From: Bob <bob@example.com>\r\n"
			   "Subject: tree\r\n"
			   "MIME-Version: 1.0\r\n"
			   "Content-Type: multipart/mixed; boundary=b\r\n"
			   "\r\n"
			   "--b\r\n"
			   "Content-Type: text/plain; charset=utf-8\r\n"
			   "Content-Transfer-Encoding: quoted-printable\r\n"
			   "\r\n"
			   "=C3=B8l\r\n"
			   "--b\r\n"
			   "Content-Type: application/octet-stream\r\n"
			   "Content-Transfer-Encoding: base64\r\n"
			   "Content-Disposition: attachment; filename=x.bin\r\n"
			   "\r\n"
			   "AAEC\r\n"
			   "--b\r\n"
			   "Content-Type: message/rfc822\r\n"
			   "\r\n"
			   "Subject: inner\r\n"
			   "\r\n"
			   "deep\r\n"
			   "--b--\r\n";

static int set_up(void **state)
{
	(void)state;
	host_start(&h, "[limits]\nmessage_bytes = \"8M\"\n");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	host_stop(&h);
	return 0;
}

/* A new session in a new folder called `name`. */
static void fresh(const char *name)
{
	char script[300];

	host_hang_up(&h);
	talk_login(&h, 1);
	(void)snprintf(script, sizeof(script),
	               "C: x CREATE %s\nS: x OK *\n"
	               "C: y SELECT %s\nS* y OK [READ-WRITE] *\n",
	               name, name);
	talk(&h, script);
}

/* What a common mail program says in its first session. */
static void serves_a_mail_program(void **state)
{
	(void)state;
	host_hang_up(&h);
	talk_login(&h, 2);
	talk_append(&h, 2, "INBOX", str_z(plain));
	talk_append(&h, 2, "INBOX (\\Seen)", str_z(tree));
	talk(&h,
	     "C: 1 capability\n"
	     "S: \\* CAPABILITY *\n"
	     "S: 1 OK *\n"
	     "C: 2 login \"anna@test.example\" \"a long secret\"\n"
	     "S: 2 OK [CAPABILITY *] *\n"
	     "C: 3 ID (\"name\" \"Program\" \"version\" \"1.0\")\n"
	     "S: \\* ID *\n"
	     "S: 3 OK *\n"
	     "C: 4 namespace\n"
	     "S: \\* NAMESPACE ((\"\" \"/\")) NIL NIL\n"
	     "S: 4 OK *\n"
	     "C: 5 ENABLE UTF8=ACCEPT\n"
	     "S: \\* ENABLED UTF8=ACCEPT\n"
	     "S: 5 OK *\n"
	     "C: 6 lsub \"\" \"*\"\n"
	     "S* 6 OK *\n"
	     "C: 7 list \"\" \"INBOX\"\n"
	     "S: \\* LIST (\\HasNoChildren) \"/\" \"INBOX\"\n"
	     "S: 7 OK *\n"
	     "C: 8 select \"INBOX\" (CONDSTORE)\n"
	     "S: \\* FLAGS (*)\n"
	     "S: \\* OK [PERMANENTFLAGS (* ?\\*)] *\n"
	     "S: \\* 2 EXISTS\n"
	     "S: \\* 0 RECENT\n"
	     "S: \\* OK [UNSEEN 1] *\n"
	     "S: \\* OK [UIDVALIDITY *] *\n"
	     "S: \\* OK [UIDNEXT 3] *\n"
	     "S: \\* OK [HIGHESTMODSEQ *] *\n"
	     "S: \\* OK [MAILBOXID (M*)] *\n"
	     "S: 8 OK [READ-WRITE] *\n"
	     "C: 9 getquotaroot \"INBOX\"\n"
	     "S: \\* QUOTAROOT \"INBOX\" \"\"\n"
	     "S: \\* QUOTA \"\" (STORAGE 1 10485760)\n"
	     "S: 9 OK *\n"
	     "C: 10 UID fetch 1:* (FLAGS)\n"
	     "S: \\* 1 FETCH (UID 1 FLAGS ())\n"
	     "S: \\* 2 FETCH (UID 2 FLAGS (\\Seen))\n"
	     "S: 10 OK *\n"
	     "C: 11 UID fetch 1:2 (UID RFC822.SIZE FLAGS BODY.PEEK[HEADER."
	     "FIELDS (From To Cc Bcc Subject Date Message-ID Priority "
	     "X-Priority References Newsgroups In-Reply-To Content-Type "
	     "Reply-To)])\n"
	     "S: \\* 1 FETCH (UID 1 FLAGS () RFC822.SIZE 180 "
	     "BODY[HEADER.FIELDS (From To Cc Bcc Subject Date Message-ID "
	     "Priority X-Priority References Newsgroups In-Reply-To "
	     "Content-Type Reply-To)] {155}\n"
	     "S: From: Bob <bob@example.com>\n"
	     "S: To: anna@test.example\n"
	     "S: Subject: =\\?utf-8\\?q\\?S=C3=B8ndag\\?=\n"
	     "S: Date: Mon, 7 Feb 1994 21:52:25 -0800\n"
	     "S: Message-ID: <1@example.com>\n"
	     "S: \n"
	     "S: )\n"
	     "S: \\* 2 FETCH (UID 2 FLAGS (\\Seen) RFC822.SIZE * "
	     "BODY[HEADER.FIELDS *)] {*}\n"
	     "S* )\n"
	     "S: 11 OK *\n"
	     "C: 12 UID fetch 1 (UID RFC822.SIZE BODY[])\n"
	     "S: \\* 1 FETCH (UID 1 FLAGS (\\Seen) MODSEQ (*) "
	     "RFC822.SIZE 180 BODY[] {180}\n"
	     "S: From: *\n"
	     "S* Hello\n"
	     "S: )\n"
	     "S: 12 OK *\n"
	     "C: 13 IDLE\n"
	     "S: + *\n"
	     "C2: a APPEND INBOX {5+}\n"
	     "C2: a: b\n"
	     "S2: a OK *\n"
	     "S: \\* 3 EXISTS\n"
	     "C: DONE\n"
	     "S: 13 OK *\n"
	     "C: 14 append \"Sent\" (\\Seen) \"17-Jul-1996 02:44:25 "
	     "-0700\" {7}\n"
	     "S: + *\n"
	     "C: a: b\\r\n"
	     "S: 14 OK [APPENDUID * 1] *\n"
	     "C: 15 uid move 1 \"Trash\"\n"
	     "S: \\* OK [COPYUID * 1 1] *\n"
	     "S: \\* 1 EXPUNGE\n"
	     "S: 15 OK *\n"
	     "C: 16 uid store 2:3 +Flags (\\Deleted)\n"
	     "S: \\* 1 FETCH (UID 2 FLAGS (\\Seen \\Deleted) MODSEQ (*))\n"
	     "S: \\* 2 FETCH (UID 3 FLAGS (\\Deleted) MODSEQ (*))\n"
	     "S: 16 OK *\n"
	     "C: 17 expunge\n"
	     "S: \\* 1 EXPUNGE\n"
	     "S: \\* 1 EXPUNGE\n"
	     "S: 17 OK *\n"
	     "C: 18 status \"Trash\" (UIDNEXT MESSAGES UNSEEN RECENT)\n"
	     "S: \\* STATUS \"Trash\" (MESSAGES 1 RECENT 0 UIDNEXT 2 UNSEEN "
	     "0)\n"
	     "S: 18 OK *\n"
	     "C: 19 close\n"
	     "S: 19 OK *\n"
	     "C: 20 logout\n"
	     "S: \\* BYE *\n"
	     "S: 20 OK *\n"
	     "X:\n");
}

static void fetches_every_attribute(void **state)
{
	(void)state;
	fresh("fetch");
	talk_append(&h, 1, "fetch \" 7-Feb-1994 21:52:25 -0800\"",
	            str_z(plain));
	talk_append(&h, 1, "fetch", str_z(tree));
	talk(&h,
	     "C: a FETCH 1 ALL\n"
	     "S: \\* 1 FETCH (FLAGS () RFC822.SIZE 180 INTERNALDATE "
	     "\" 8-Feb-1994 05:52:25 +0000\" ENVELOPE (\"Mon, 7 Feb 1994 "
	     "21:52:25 -0800\" \"=\\?utf-8\\?q\\?S=C3=B8ndag\\?=\" ((\"Bob\" "
	     "NIL \"bob\" \"example.com\")) ((\"Bob\" NIL \"bob\" "
	     "\"example.com\")) ((\"Bob\" NIL \"bob\" \"example.com\")) ((NIL "
	     "NIL \"anna\" \"test.example\")) NIL NIL NIL "
	     "\"<1@example.com>\"))\n"
	     "S: a OK *\n"
	     "C: b FETCH 1:* BODYSTRUCTURE\n"
	     "S: \\* 1 FETCH (BODYSTRUCTURE (\"text\" \"plain\" * NIL NIL "
	     "\"7BIT\" 7 1 NIL NIL NIL NIL))\n"
	     "S: \\* 2 FETCH (BODYSTRUCTURE ((\"text\" \"plain\" (\"charset\" "
	     "\"utf-8\") NIL NIL \"quoted-printable\" 7 0 NIL NIL NIL NIL)"
	     "(\"application\" \"octet-stream\" NIL NIL NIL \"base64\" 4 NIL "
	     "(\"attachment\" (\"filename\" \"x.bin\")) NIL NIL)(\"message\" "
	     "\"rfc822\" NIL NIL NIL \"7BIT\" 22 (NIL \"inner\" NIL NIL NIL "
	     "NIL NIL NIL NIL NIL) (\"text\" \"plain\" * NIL NIL \"7BIT\" 4 0 "
	     "NIL NIL NIL NIL) 2 NIL NIL NIL NIL) \"mixed\" (\"boundary\" "
	     "\"b\") NIL NIL NIL))\n"
	     "S: b OK *\n"
	     "C: c FETCH 2 BODY.PEEK[1]\n"
	     "S: \\* 2 FETCH (BODY[1] {7}\n"
	     "S: =C3=B8l)\n"
	     "S: c OK *\n"
	     "C: d FETCH 2 (BODY.PEEK[1.MIME] BODY.PEEK[3.HEADER] "
	     "BODY.PEEK[3.TEXT] BODY.PEEK[3.1] BODY.PEEK[9] BODY.PEEK[1.TEXT])\n"
	     "S: \\* 2 FETCH (BODY[1.MIME] {88}\n"
	     "S: Content-Type: text/plain; charset=utf-8\n"
	     "S: Content-Transfer-Encoding: quoted-printable\n"
	     "S: \n"
	     "S:  BODY[3.HEADER] {18}\n"
	     "S: Subject: inner\n"
	     "S: \n"
	     "S:  BODY[3.TEXT] {4}\n"
	     "S: deep BODY[3.1] {4}\n"
	     "S: deep BODY[9] NIL BODY[1.TEXT] NIL)\n"
	     "S: d OK *\n"
	     "C: e FETCH 1 (BODY.PEEK[HEADER.FIELDS (X-Odd)] "
	     "BODY.PEEK[HEADER.FIELDS.NOT (X-Odd From To Date)])\n"
	     "S: \\* 1 FETCH (BODY[HEADER.FIELDS (X-Odd)] {20}\n"
	     "S: X-Odd: one\n"
	     "S:  two\n"
	     "S: \n"
	     "S:  BODY[HEADER.FIELDS.NOT (X-Odd From To Date)] {65}\n"
	     "S: Subject: *\n"
	     "S: Message-ID: *\n"
	     "S: \n"
	     "S: )\n"
	     "S: e OK *\n"
	     "C: f FETCH 1 (BODY.PEEK[TEXT]<1.3> BODY.PEEK[TEXT]<100.3> "
	     "BODY.PEEK[HEADER]<0.4> RFC822.TEXT)\n"
	     "S: \\* 1 FETCH (FLAGS (\\Seen) BODY[TEXT]<1> {3}\n"
	     "S: ell BODY[TEXT]<100> {0}\n"
	     "S:  BODY[HEADER]<0> {4}\n"
	     "S: From RFC822.TEXT {7}\n"
	     "S: Hello\n"
	     "S: )\n"
	     "S: f OK *\n"
	     "C: g FETCH 2 (BINARY.SIZE[1] BINARY.SIZE[2] BINARY.PEEK[1] "
	     "BINARY.PEEK[1]<1.2>)\n"
	     "S: \\* 2 FETCH (BINARY.SIZE[1] 3 BINARY.SIZE[2] 3 BINARY[1] "
	     "{3}\n"
	     "S: \xc3\xb8l BINARY[1]<1> {2}\n"
	     "S: \xb8l)\n"
	     "S: g OK *\n"
	     "C: h FETCH 2 BINARY.PEEK[2]\n"
	     "S: \\* 2 FETCH (BINARY[2] ~{3}\n"
	     "S: *\n"
	     "S: h OK *\n"
	     "C: i UID FETCH 2 (EMAILID THREADID SAVEDATE PREVIEW MODSEQ)\n"
	     "S: \\* 2 FETCH (UID 2 MODSEQ (*) SAVEDATE \"*\" EMAILID (E*) "
	     "THREADID (T*) PREVIEW {3}\n"
	     "S: \xc3\xb8l)\n"
	     "S: i OK *\n"
	     "C: j FETCH 3 FLAGS\n"
	     "S: j BAD *\n"
	     "C: k UID FETCH 99 FLAGS\n"
	     "S: k OK *\n"
	     "C: l FETCH 1 (FLAGS\n"
	     "S: l BAD *\n"
	     "C: m FETCH * UID\n"
	     "S: \\* 2 FETCH (UID 2)\n"
	     "S: m OK *\n");
}

static void examine_changes_nothing(void **state)
{
	(void)state;
	fresh("examine");
	talk_append(&h, 1, "examine", str_z(plain));
	talk(&h, "C: a EXAMINE examine\n"
	         "S* a OK [READ-ONLY] *\n"
	         "C: b FETCH 1 BODY[TEXT]\n"
	         "S: \\* 1 FETCH (BODY[TEXT] {7}\n"
	         "S: Hello\n"
	         "S: )\n"
	         "S: b OK *\n"
	         "C: c FETCH 1 FLAGS\n"
	         "S: \\* 1 FETCH (FLAGS ())\n"
	         "S: c OK *\n"
	         "C: d STORE 1 +FLAGS (\\Deleted)\n"
	         "S: d NO *\n"
	         "C: e EXPUNGE\n"
	         "S: e NO *\n"
	         "C: f MOVE 1 Trash\n"
	         "S: f NO *\n"
	         "C: g COPY 1 Archive\n"
	         "S: g OK [COPYUID *] *\n"
	         "C: h CLOSE\n"
	         "S: h OK *\n");
}

static void stores_flags(void **state)
{
	(void)state;
	fresh("store");
	talk_append(&h, 1, "store", str_z(plain));
	talk_append(&h, 1, "store (\\Flagged $Mine)", str_z(plain));
	talk(&h, "C: a FETCH 1:2 FLAGS\n"
	         "S: \\* FLAGS (*$Mine*)\n"
	         "S: \\* 1 FETCH (FLAGS ())\n"
	         "S: \\* 2 FETCH (FLAGS (\\Flagged $Mine))\n"
	         "S: a OK *\n"
	         "C: b STORE 1 FLAGS (\\Seen \\Recent Other)\n"
	         "S: \\* FLAGS (*Other*)\n"
	         "S: \\* 1 FETCH (FLAGS (\\Seen Other))\n"
	         "S: b OK *\n"
	         "C: c STORE 1:2 +FLAGS.SILENT (\\Answered)\n"
	         "S: c OK *\n"
	         "C: d STORE 2 -FLAGS ($MINE \\Draft)\n"
	         "S: \\* 2 FETCH (FLAGS (\\Answered \\Flagged))\n"
	         "S: d OK *\n"
	         "C: e STORE 2 FLAGS ()\n"
	         "S: \\* 2 FETCH (FLAGS ())\n"
	         "S: e OK *\n"
	         "C: f STORE 2 FLAGS (\\Nonsense)\n"
	         "S: f BAD *\n"
	         "C: g STORE 3 FLAGS ()\n"
	         "S: g BAD *\n"
	         "C: h NOOP\n"
	         "S: h OK *\n");
}

/* R33: what is deleted is only marked until it is purged. */
static void expunges(void **state)
{
	(void)state;
	fresh("expunge");
	for (int i = 0; i < 5; i++)
		talk_append(&h, 1, "expunge", str_z(plain));
	talk(&h, "C: a STORE 2,4,5 +FLAGS.SILENT (\\Deleted)\n"
	         "S: a OK *\n"
	         "C: b FETCH 2 FLAGS\n"
	         "S: \\* 2 FETCH (FLAGS (\\Deleted))\n"
	         "S: b OK *\n"
	         "C: c UID EXPUNGE 3:4\n"
	         "S: \\* 4 EXPUNGE\n"
	         "S: c OK *\n"
	         "C: d EXPUNGE\n"
	         "S: \\* 2 EXPUNGE\n"
	         "S: \\* 3 EXPUNGE\n"
	         "S: d OK *\n"
	         "C: e UID SEARCH ALL\n"
	         "S: \\* SEARCH 1 3\n"
	         "S: e OK *\n"
	         "C: f STORE 1 +FLAGS.SILENT (\\Deleted)\n"
	         "S: f OK *\n"
	         "C: g UNSELECT\n"
	         "S: g OK *\n"
	         "C: h STATUS expunge (MESSAGES DELETED)\n"
	         "S: \\* STATUS expunge (MESSAGES 2 DELETED 1)\n"
	         "S: h OK *\n"
	         "C: i SELECT expunge\n"
	         "S* i OK *\n"
	         "C: j CLOSE\n"
	         "S: j OK *\n"
	         "C: k STATUS expunge (MESSAGES DELETED)\n"
	         "S: \\* STATUS expunge (MESSAGES 1 DELETED 0)\n"
	         "S: k OK *\n");
}

static void copies_and_moves(void **state)
{
	(void)state;
	fresh("from");
	talk(&h, "C: a CREATE to\nS: a OK *\n");
	for (int i = 0; i < 4; i++)
		talk_append(&h, 1, "from ($Key)", str_z(plain));
	talk(&h, "C: b COPY 2:3 to\n"
	         "S: b OK [COPYUID * 2:3 1:2] *\n"
	         "C: c UID MOVE 1,4 to\n"
	         "S: \\* OK [COPYUID * 1,4 3:4] *\n"
	         "S: \\* 1 EXPUNGE\n"
	         "S: \\* 3 EXPUNGE\n"
	         "S: c OK *\n"
	         "C: d COPY 1 nope\n"
	         "S: d NO [TRYCREATE] *\n"
	         "C: e UID COPY 99 to\n"
	         "S: e OK *\n"
	         "C: f SELECT to\n"
	         "S* f OK *\n"
	         "C: g FETCH 1:* (UID FLAGS)\n"
	         "S: \\* 1 FETCH (UID 1 FLAGS ($Key))\n"
	         "S: \\* 2 FETCH (UID 2 FLAGS ($Key))\n"
	         "S: \\* 3 FETCH (UID 3 FLAGS ($Key))\n"
	         "S: \\* 4 FETCH (UID 4 FLAGS ($Key))\n"
	         "S: g OK *\n"
	         "C: h MOVE 1:4 from\n"
	         "S: \\* OK [COPYUID * 1:4 5:8] *\n"
	         "S* h OK *\n"
	         "C: i NOOP\n"
	         "S: i OK *\n");
}

static void appends_with_care(void **state)
{
	(void)state;
	fresh("append");
	talk(&h, "C: a APPEND nope {5}\n"
	         "S: a NO [TRYCREATE] *\n"
	         "C: b APPEND nope {5+}\n"
	         "C: a: b\n"
	         "S: b NO [TRYCREATE] *\n"
	         "C: c APPEND append {99000000}\n"
	         "S: c NO [TOOBIG] *\n"
	         "C: d APPEND append (\\Seen) {5+}\n"
	         "C: a: b\n"
	         "S: \\* 1 EXISTS\n"
	         "S: d OK [APPENDUID * 1] *\n");
}

static void appends_several_at_once(void **state)
{
	(void)state;
	fresh("multi");
	talk(&h,
	     "C: a APPEND multi (\\Seen) {4+}\n"
	     "C- a: b (\\\\Flagged) \"17-Jul-1996 02:44:25 -0700\" {5+}\\r\\n"
	     "c: dd\\r\\n\n"
	     "S: \\* 2 EXISTS\n"
	     "S: a OK [APPENDUID * 1:2] *\n"
	     "C: b FETCH 1:2 (FLAGS RFC822.SIZE)\n"
	     "S: \\* 1 FETCH (FLAGS (\\Seen) RFC822.SIZE 4)\n"
	     "S: \\* 2 FETCH (FLAGS (\\Flagged) RFC822.SIZE 5)\n"
	     "S: b OK *\n"
	     "C: c APPEND multi {4+}\n"
	     "C- a: b nonsense\\r\\n\n"
	     "S: c BAD *\n"
	     "C: d APPEND multi {4+}\n"
	     "C- a: b (\\\\Nonsense) {5}\\r\\n\n"
	     "S: d BAD *\n"
	     "C: e NOOP\n"
	     "S: e OK *\n"
	     "C: f APPEND multi \"no date\" {4}\n"
	     "S: f BAD *\n"
	     "C: g APPEND multi\n"
	     "S: g BAD *\n"
	     "C: h APPEND {5}\n"
	     "S: + *\n"
	     "C: multi {4}\n"
	     "S: + *\n"
	     "C- a: b\\r\\n\n"
	     "S: \\* 3 EXISTS\n"
	     "S: h OK *\n");
}

/* What goes in comes out byte for byte, also what is no mail at all. */
static void keeps_every_byte(void **state)
{
	struct peer *p;
	struct buf big, got;
	bool closed;

	(void)state;
	fresh("bytes");
	buf_init(&big, 7 * 1024 * 1024);
	buf_init(&got, 8 * 1024 * 1024);
	buf_add(&big, STR("Subject: big\r\n\r\n"));
	for (uint32_t x = 1; big.n < 5000000; x = x * 1664525 + 1013904223)
		buf_add_c(&big, (char)(x >> 24));
	talk_append(&h, 1, "bytes", buf_str(&big));
	p = peer_get(&h, 1);
	peer_send(p, STR("f FETCH 1 BODY.PEEK[]\r\n"));
	while (str_find(buf_str(&p->in), STR("f OK Done\r\n")) == STR_NPOS)
		assert_true(peer_fill(p, 10000, &closed));
	buf_fmt(&got, "* 1 FETCH (BODY[] {%zu}\r\n", big.n);
	buf_add(&got, buf_str(&big));
	buf_add(&got, STR(")\r\nf OK Done\r\n"));
	assert_int_equal(p->in.n, got.n);
	assert_true(str_eq(buf_str(&p->in), buf_str(&got)));
	buf_reset(&p->in);
	buf_deinit(&big);
	buf_deinit(&got);
}

static void searches(void **state)
{
	(void)state;
	fresh("search");
	talk_append(&h, 1, "search (\\Seen) \"17-Jul-1996 02:44:25 -0700\"",
	            str_z(plain));
	talk_append(&h, 1, "search ($Key)", str_z(tree));
	talk_append(&h, 1, "search (\\Deleted)",
	            STR("Subject: third\r\n\r\nx"));
	talk(&h,
	     "C: a SEARCH ALL\nS: \\* SEARCH 1 2 3\nS: a OK *\n"
	     "C: b SEARCH SEEN\nS: \\* SEARCH 1\nS: b OK *\n"
	     "C: c SEARCH UNSEEN NOT DELETED\nS: \\* SEARCH 2\nS: c OK *\n"
	     "C: d SEARCH KEYWORD $key\nS: \\* SEARCH 2\nS: d OK *\n"
	     "C: e SEARCH UNKEYWORD $key\nS: \\* SEARCH 1 3\nS: e OK *\n"
	     "C: f SEARCH KEYWORD nobody\nS: \\* SEARCH\nS: f OK *\n"
	     "C: g SEARCH OR SEEN DELETED\nS: \\* SEARCH 1 3\nS: g OK *\n"
	     "C: h SEARCH BEFORE 18-Jul-1996\nS: \\* SEARCH 1\nS: h OK *\n"
	     "C: i SEARCH ON 17-Jul-1996\nS: \\* SEARCH 1\nS: i OK *\n"
	     "C: j SEARCH SINCE 18-Jul-1996\nS: \\* SEARCH 2 3\nS: j OK *\n"
	     "C: k SEARCH SENTON 7-Feb-1994\nS: \\* SEARCH 1\nS: k OK *\n"
	     "C: l SEARCH FROM bob\nS: \\* SEARCH 1 2\nS: l OK *\n"
	     "C: m SEARCH CHARSET UTF-8 SUBJECT {8}\n"
	     "S: + *\n"
	     "C: s\xc3\xb8ndag\n"
	     "S: m BAD *\n"
	     "C: n SEARCH CHARSET UTF-8 SUBJECT {7}\n"
	     "S: + *\n"
	     "C: s\xc3\xb8ndag\n"
	     "S: \\* SEARCH 1\nS: n OK *\n"
	     "C: o SEARCH CHARSET ISO-8859-1 SUBJECT \"s\xf8ndag\"\n"
	     "S: \\* SEARCH 1\nS: o OK *\n"
	     "C: p SEARCH CHARSET NONSENSE SUBJECT x\n"
	     "S: p NO [BADCHARSET (US-ASCII UTF-8)] *\n"
	     "C: q SEARCH BODY hello\nS: \\* SEARCH 1\nS: q OK *\n"
	     "C: r SEARCH HEADER X-Odd \"\"\nS: \\* SEARCH 1\nS: r OK *\n"
	     "C: s SEARCH LARGER 200\nS: \\* SEARCH 2\nS: s OK *\n"
	     "C: t SEARCH SMALLER 30\nS: \\* SEARCH 3\nS: t OK *\n"
	     "C: u SEARCH 2:* UID 1:2\nS: \\* SEARCH 2\nS: u OK *\n"
	     "C: v SEARCH RECENT\nS: \\* SEARCH\nS: v OK *\n"
	     "C: w SEARCH YOUNGER 3600\nS: \\* SEARCH 2 3\nS: w OK *\n"
	     "C: x SEARCH RETURN (MIN MAX COUNT ALL) ALL\n"
	     "S: \\* ESEARCH (TAG \"x\") MIN 1 MAX 3 COUNT 3 ALL 1:3\n"
	     "S: x OK *\n"
	     "C: y UID SEARCH RETURN (SAVE) OR SEEN DELETED\nS: y OK *\n"
	     "C: z FETCH $ UID\n"
	     "S: \\* 1 FETCH (UID 1)\nS: \\* 3 FETCH (UID 3)\nS: z OK *\n"
	     "C: A SEARCH $ SEEN\nS: \\* SEARCH 1\nS: A OK *\n"
	     "C: B SEARCH RETURN (COUNT) SUBJECT nothing\n"
	     "S: \\* ESEARCH (TAG \"B\") COUNT 0\nS: B OK *\n"
	     "C: C SEARCH NONSENSE\nS: C BAD *\n"
	     "C: D SEARCH 9\nS: D BAD *\n"
	     "C: E SEARCH MODSEQ 1\nS: \\* SEARCH 1 2 3 (MODSEQ *)\nS: E OK *\n");
}

int main(void)
{
	const struct CMUnitTest list[] = {
		cmocka_unit_test(serves_a_mail_program),
		cmocka_unit_test(fetches_every_attribute),
		cmocka_unit_test(examine_changes_nothing),
		cmocka_unit_test(stores_flags),
		cmocka_unit_test(expunges),
		cmocka_unit_test(copies_and_moves),
		cmocka_unit_test(appends_with_care),
		cmocka_unit_test(appends_several_at_once),
		cmocka_unit_test(keeps_every_byte),
		cmocka_unit_test(searches),
	};

	log_setup("test", LOG_ERROR, false);
	return cmocka_run_group_tests(list, set_up, tear_down);
}
