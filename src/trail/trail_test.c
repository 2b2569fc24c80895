#include "trail/trail.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/test.h"
#include "os/clock.h"
#include "trail/private.h"
#include "trail/ring.h"
#include "trail/words.h"

static char dir[64];

static int set_up(void **state)
{
	(void)state;
	(void)snprintf(dir, sizeof(dir), "/tmp/posthus-trail-XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int tear_down(void **state)
{
	char cmd[128];

	(void)state;
	(void)snprintf(cmd, sizeof(cmd), "rm -rf %s", dir);
	return system(cmd);
}

/* ---- ids, facts ---- */

static void test_ids(void **state)
{
	static const char *const odd[] = { "0", "00", "zzzzzzzzzzzz", "a1" };
	char a[TRAIL_ID_SIZE], b[TRAIL_ID_SIZE], back[TRAIL_ID_SIZE];
	int64_t now = clock_wall_us();

	(void)state;
	trail_id_make(a);
	trail_id_make(b);
	assert_int_equal(strlen(a), 12);
	assert_string_not_equal(a, b);
	assert_true(trail_number_text(trail_number(str_z(a)), back));
	assert_string_equal(a, back);
	assert_true(trail_id_time(str_z(a)) / US_PER_SEC >=
	            now / US_PER_SEC - 1);
	assert_true(trail_id_time(str_z(a)) / US_PER_SEC <=
	            now / US_PER_SEC + 1);
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		assert_true(
			trail_number_text(trail_number(str_z(odd[i])), back));
		assert_string_equal(odd[i], back);
	}
	assert_int_equal(trail_number(STR("")), 0);
	assert_true(trail_number(STR("not one of ours")) < 0);
	assert_false(trail_number_text(trail_number(STR("UPPER")), back));
	assert_int_equal(trail_id_time(STR("abc")), 0);
}

static struct trail_event full_event(void)
{
	struct trail_event e = {
		.kind = TRAIL_RCPT_REFUSED,
		.session = UINT64_MAX,
		.account = 77,
		.sender = STR("anna@example.com"),
		.null_sender = true,
		.rcpt = STR("bo@example.net"),
		.to = STR("bo@example.org"),
		.message_id = STR("<1@example.com>"),
		.who = STR("anna@example.com"),
		.helo = STR("mx.example.com"),
		.host = STR("mx.example.net"),
		.tls = STR("TLS 1.3"),
		.ref = STR("G-1"),
		.code = 450,
		.status = STR("4.7.1"),
		.reply = STR("no\nnot now"),
		.text = STR("words"),
		.next_us = INT64_C(1800000000000000),
		.size = 4096,
	};
	struct err err = ERR_INIT;

	assert_int_equal(net_addr_parse_port(STR("[2001:db8::1]:25"), 0,
	                                     &e.peer, &err),
	                 0);
	return e;
}

static void test_facts_read_back(void **state)
{
	struct trail_event e = full_event(), got = { .kind = e.kind };
	struct buf b, again;

	(void)state;
	buf_init(&b, TRAIL_FACTS_MAX);
	buf_init(&again, TRAIL_FACTS_MAX);
	trail_pack(&b, &e);
	assert_true(trail_unpack(buf_str(&b), &got));
	assert_true(net_addr_eq(&got.peer, &e.peer));
	assert_int_equal(got.peer.port, 25);
	assert_str(got.reply, "no\nnot now");
	assert_true(got.session == UINT64_MAX);
	trail_pack(&again, &got);
	assert_true(str_eq(buf_str(&b), buf_str(&again)));
	/* cut anywhere it reads what is whole, and nothing outside */
	for (size_t i = 0; i < b.n; i++) {
		struct trail_event cut = { .kind = e.kind };

		(void)trail_unpack(str_to(buf_str(&b), i), &cut);
	}
	assert_false(trail_unpack(STR("\x03\x7f"
	                              "a"),
	                          &got));
	assert_false(trail_unpack(STR("\x01\x02"
	                              "ab"),
	                          &got));
	/* a tag of a later version */
	assert_true(trail_unpack(STR("\x63\x02xy\x62\x05"), &got));
	buf_deinit(&b);
	buf_deinit(&again);
}

static void test_text_is_cut_between_characters(void **state)
{
	char text[TRAIL_TEXT_MAX + 10];
	struct trail_event e = { .kind = TRAIL_RULE }, got = e;
	struct buf b;

	(void)state;
	memset(text, 'x', sizeof(text));
	text[TRAIL_TEXT_MAX - 1] = (char)0xc3;
	text[TRAIL_TEXT_MAX] = (char)0xa9;
	e.text = (struct str){ text, sizeof(text) };
	buf_init(&b, TRAIL_FACTS_MAX);
	trail_pack(&b, &e);
	assert_true(trail_unpack(buf_str(&b), &got));
	assert_int_equal(got.text.n, TRAIL_TEXT_MAX - 1);
	buf_deinit(&b);
}

static void assert_sentence(const struct trail_event *e, const char *want)
{
	struct buf b;

	buf_init(&b, 4096);
	trail_sentence(&b, e);
	assert_str(buf_str(&b), want);
	buf_deinit(&b);
}

static void test_sentences(void **state)
{
	struct trail_event e = full_event();

	(void)state;
	assert_sentence(&e, "recipient bo@example.net refused to "
	                    "mx.example.com [2001:db8::1]: '450 4.7.1 no / "
	                    "not now' (words)");
	e.kind = TRAIL_DEFERRED;
	e.at_us = e.next_us - 300 * US_PER_SEC;
	e.text = STR("");
	assert_sentence(&e, "mx.example.net said '450 4.7.1 no / not now' for "
	                    "bo@example.org; next try at 08:00");
	e.at_us -= US_PER_DAY;
	e.code = 0;
	e.reply = e.status = STR("");
	e.text = STR("no answer\x07");
	assert_sentence(&e, "no answer?; next try at 2027-01-15 08:00");
	e = (struct trail_event){ .kind = TRAIL_ACCEPTED, .size = 4096 };
	assert_sentence(&e, "accepted, 4 KB");
	e = (struct trail_event){ .kind = TRAIL_FILED,
		                  .to = STR("anna@example.com"),
		                  .text = STR("Inbox") };
	assert_sentence(&e, "put into Inbox of anna@example.com");
	e.kind = (enum trail_kind)9999;
	assert_sentence(&e, "something that this version does not know (9999)");
	for (int i = 0; i < 256; i++)
		if (trail_kind_name((enum trail_kind)i)) {
			struct buf b;

			e.kind = (enum trail_kind)i;
			buf_init(&b, 4096);
			trail_sentence(&b, &e);
			assert_true(b.n > 4);
			assert_true(str_chr(buf_str(&b), '{') == STR_NPOS);
			assert_true(str_chr(buf_str(&b), '[') == STR_NPOS);
			buf_deinit(&b);
		}
}

/* Every kind of the table says each fact that it names, and which of them a
 * person did says who. */
static void test_every_kind_has_words(void **state)
{
	static const struct {
		enum trail_kind kind;
		const char *name, *words;
	} kinds[] = {

#define TRAIL(number, id, name, state, flags, words) \
	{ TRAIL_##id, name, words },
#include "trail/kinds.def"
#undef TRAIL
	};

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct trail_event e = { .kind = kinds[i].kind,
			                 .sender = STR("<sender>"),
			                 .rcpt = STR("<rcpt>"),
			                 .to = STR("<to>"),
			                 .who = STR("<who>"),
			                 .host = STR("<host>"),
			                 .tls = STR("<tls>"),
			                 .text = STR("<text>"),
			                 .reply = STR("<reply>"),
			                 .helo = STR("<peer>"),
			                 .size = 7,
			                 .at_us = 1,
			                 .next_us = 1 };
		struct str rest = str_z(kinds[i].words), before;
		struct buf b;

		assert_string_equal(trail_kind_name(kinds[i].kind),
		                    kinds[i].name);
		buf_init(&b, 4096);
		trail_sentence(&b, &e);
		assert_true(b.n > 0);
		while (str_cut(&rest, '{', &before) && rest.n) {
			struct str fact;
			char want[40];

			(void)str_cut(&rest, '}', &fact);
			if (str_eq(fact, STR("size")))
				(void)snprintf(want, sizeof(want), "7 bytes");
			else if (str_eq(fact, STR("next")))
				(void)snprintf(want, sizeof(want), "00:00");
			else
				(void)snprintf(want, sizeof(want), "<%.*s>",
				               STR_ARG(fact));
			if (str_find(buf_str(&b), str_z(want)) == STR_NPOS)
				fail_msg("%s: \"%.*s\" has no %s",
				         kinds[i].name, STR_ARG(buf_str(&b)),
				         want);
		}
		if (kinds[i].kind >= TRAIL_HELD)
			assert_true(str_find(buf_str(&b), STR("<who>")) !=
			            STR_NPOS);
		buf_deinit(&b);
	}
}

/* ---- the ring ---- */

static void test_ring_drops_the_oldest(void **state)
{
	struct ring r;
	char facts[200] = "", out[4096];
	size_t lost = 0, n, seen = 0;
	uint32_t next = 0;

	(void)state;
	ring_init(&r, 2048);
	for (uint32_t i = 0; i < 1000; i++) {
		struct trail_record rec = { .kind = i };

		assert_true(
			ring_put(&r, &rec,
		                 (struct str){ facts, i * 37 % sizeof(facts) },
		                 &lost));
	}
	for (size_t bytes; (bytes = ring_take(&r, out, sizeof(out), &n)) > 0;)
		for (size_t at = 0; at < bytes; seen++) {
			struct trail_record rec;

			memcpy(&rec, out + at, sizeof(rec));
			assert_true(rec.kind >= next);
			assert_int_equal(rec.facts_n, rec.kind * 37 % 200);
			next = rec.kind + 1;
			at += rec.size;
		}
	assert_int_equal(next, 1000);
	assert_int_equal(seen + lost, 1000);
	assert_true(seen >= 5);
	assert_false(ring_put(&r, &(struct trail_record){ .kind = 1 },
	                      (struct str){ out, 3000 }, &lost));
	ring_deinit(&r);
}

/* ---- files ---- */

static struct trail *open_trail(size_t ring)
{
	struct trail_options o = { .dir = dir, .ring_bytes = ring };
	struct err err = ERR_INIT;
	struct trail *t = NULL;

	if (trail_open(&t, &o, &err) < 0)
		fail_msg("%s", err.text);
	return t;
}

static int64_t count(int64_t at_us, const char *sql)
{
	struct err err = ERR_INIT;
	struct arena a;
	struct db *db;
	int64_t n = -1;

	arena_init(&a);
	if (db_open(&db,
	            &(struct db_options){
			    .path = trail_day_path(&a, dir, trail_day(at_us))
	                                    .p },
	            &err) == 0) {
		assert_true(db_number(db, &n, sql, DB_NO_ARGS, &err) >= 0);
		db_close(&db);
	}
	arena_deinit(&a);
	return n;
}

static void add_story(struct trail *t, int64_t at_us, int n)
{
	char id[TRAIL_ID_SIZE];
	struct trail_event e = { .kind = TRAIL_RCPT_ACCEPTED,
		                 .sender = STR("Anna@example.com"),
		                 .rcpt = STR("bo@example.net"),
		                 .at_us = at_us };

	for (int i = 0; i < n; i++) {
		trail_id_make(id);
		e.trace = str_z(id);
		e.kind = TRAIL_RCPT_ACCEPTED;
		trail_add(t, &e);
		e.kind = TRAIL_ACCEPTED;
		trail_add(t, &e);
		e.kind = TRAIL_FILED;
		trail_add(t, &e);
	}
}

static void test_a_file_a_day(void **state)
{
	struct trail *t = open_trail(0);
	int64_t now = clock_wall_us() / US_PER_DAY * US_PER_DAY;
	struct trail_figures f;
	struct err err = ERR_INIT;
	struct arena a;
	int64_t *days;
	size_t n;

	(void)state;
	add_story(t, now - 1, 1);
	add_story(t, now, 2);
	trail_flush(t);
	trail_figures(t, &f);
	assert_int_equal(f.written, 9);
	assert_int_equal(f.dropped, 0);
	assert_int_equal(count(now - 1, "SELECT count(*) FROM event"), 3);
	assert_int_equal(count(now, "SELECT count(*) FROM event"), 6);
	/* findable once by each name */
	assert_int_equal(count(now, "SELECT count(*) FROM finder"), 8);
	assert_int_equal(count(now, "SELECT count(*) FROM event a, event b"
	                            " WHERE a.trace = b.trace"
	                            " AND a.id < b.id AND a.kind = 40"),
	                 0);
	trail_close(&t);
	arena_init(&a);
	assert_int_equal(trail_tidy(dir, now + 13 * US_PER_DAY, 14, &err), 0);
	assert_int_equal(trail_days(dir, &a, &days, &n, &err), 0);
	assert_int_equal(n, 2);
	assert_int_equal(trail_tidy(dir, now + 14 * US_PER_DAY, 14, &err), 0);
	assert_int_equal(trail_days(dir, &a, &days, &n, &err), 0);
	assert_int_equal(n, 1);
	assert_true(days[0] == trail_day(now));
	arena_deinit(&a);
}

/* The disk cannot be written: mail goes on, and it is counted. */
static void test_full_ring_never_waits(void **state)
{
	struct trail *t = open_trail(16384);
	int64_t now = clock_wall_us(), begun;
	struct trail_figures f;

	(void)state;
	begun = clock_real_us();
	add_story(t, now, 20000);
	assert_true(clock_real_us() - begun < 5 * US_PER_SEC);
	trail_flush(t);
	trail_figures(t, &f);
	assert_int_equal(f.added, 60000);
	assert_int_equal(f.written + f.dropped, 60000);
	assert_int_equal(count(now, "SELECT count(*) FROM event"), f.written);
	/* the last of all is there */
	assert_int_equal(count(now, "SELECT kind FROM event"
	                            " ORDER BY id DESC LIMIT 1"),
	                 TRAIL_FILED);
	trail_close(&t);
}

static int troubles;

static void on_trouble(void *arg, const struct err *err)
{
	(void)arg;
	troubles += err->kind == ERR_NO_SPACE;
}

static void test_full_disk_is_counted(void **state)
{
	struct trail_options o = { .dir = dir,
		                   .reserve_bytes = UINT64_MAX,
		                   .trouble = on_trouble };
	struct trail_figures f;
	struct err err = ERR_INIT;
	struct trail *t;

	(void)state;
	assert_int_equal(trail_open(&t, &o, &err), 0);
	add_story(t, clock_wall_us(), 1);
	trail_flush(t);
	add_story(t, clock_wall_us(), 1);
	trail_flush(t);
	trail_figures(t, &f);
	assert_int_equal(f.dropped, 6);
	assert_int_equal(f.written, 0);
	assert_int_equal(troubles, 1);
	trail_close(&t);
}

/* A process that is killed loses what it had not written, and no more. */
static void test_two_processes_one_killed(void **state)
{
	struct trail *t;
	int64_t now = clock_wall_us();
	int status;
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		t = open_trail(0);
		add_story(t, now, 500);
		trail_flush(t);
		add_story(t, now, 1);
		(void)kill(getpid(), SIGKILL);
	}
	t = open_trail(0);
	for (int i = 0; i < 100; i++) {
		add_story(t, now, 5);
		if (i % 10 == 0)
			trail_flush(t);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	trail_close(&t);
	assert_true(count(now, "SELECT count(*) FROM event") >= 3000);
	assert_int_equal(count(now, "SELECT count(DISTINCT trace) FROM event"
	                            " WHERE kind = 20") -
	                         1000,
	                 count(now, "SELECT count(*) FROM event"
	                            " WHERE kind = 40") -
	                         1000);
	/* the events of each message in order */
	assert_int_equal(count(now, "SELECT count(*) FROM event a, event b"
	                            " WHERE a.trace = b.trace AND a.id < b.id"
	                            " AND a.kind > b.kind"),
	                 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ids),
		cmocka_unit_test(test_facts_read_back),
		cmocka_unit_test(test_text_is_cut_between_characters),
		cmocka_unit_test(test_sentences),
		cmocka_unit_test(test_every_kind_has_words),
		cmocka_unit_test(test_ring_drops_the_oldest),
		cmocka_unit_test_setup_teardown(test_a_file_a_day, set_up,
		                                tear_down),
		cmocka_unit_test_setup_teardown(test_full_ring_never_waits,
		                                set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_full_disk_is_counted,
		                                set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_two_processes_one_killed,
		                                set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
