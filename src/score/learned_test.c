#include "score/learned.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/test.h"
#include "os/file.h"
#include "score/look.h"
#include "score/model.h"

static char dir[] = "/tmp/posthus-learned-XXXXXX";

static struct learned *open_here(void)
{
	struct learned *lr = NULL;
	struct err err = ERR_INIT;

	assert_int_equal(learned_open(&lr, dir, &err), 0);
	return lr;
}

/* The words of a small message. */
static void words_of(const char *subject, const char *text, int n,
                     struct score_words *out)
{
	struct score_look *l = mem_alloc(sizeof(*l));
	struct arena a;

	arena_init(&a);
	score_look_make(&a,
	                arena_fmt(&a,
	                          "From: x%d@x%d.example\r\nSubject: %s\r\n\r\n"
	                          "%s number%d\r\n",
	                          n, n, subject, text, n),
	                l);
	score_words_make(l, out);
	score_look_free(l);
	arena_deinit(&a);
	mem_free(l);
}

static const char spam_text[] = "cheap watches for everybody, order them now "
				"at lowest prices without any risk today";
static const char ham_text[] = "the minutes of our meeting are attached, "
			       "please read them before thursday evening";

static bool teach(struct learned *lr, int64_t account, bool shared, bool spam,
                  int n, uint64_t sender)
{
	struct score_words w;
	struct learned_item item = { .words = &w,
		                     .sender = sender,
		                     .spam = spam };
	struct err err = ERR_INIT;
	size_t new = 9;

	words_of(spam ? "watches" : "meeting", spam ? spam_text : ham_text, n,
	         &w);
	assert_int_equal(learned_teach(lr, account, shared, &item, 1, &new,
	                               &err),
	                 0);
	return new == 1;
}

static int judge(struct learned *lr, int64_t account, bool shared,
                 const char *text, uint64_t sender)
{
	struct score sc = { .points = 0 };
	struct score_words w;

	words_of("hello", text, 4711, &w);
	learned_judge(lr, account, shared, &w, sender, &sc);
	return sc.points;
}

static void speaks_when_it_knows_enough(void **state)
{
	struct learned *lr = open_here();
	struct learned_figures f;
	struct err err = ERR_INIT;

	(void)state;
	for (int i = 0; i < LEARNED_LEAST; i++) {
		assert_int_equal(judge(lr, 1, false, spam_text, 0), 0);
		assert_true(teach(lr, 1, false, true, i, 0));
		assert_true(teach(lr, 1, false, false, 1000 + i, 0));
	}
	assert_int_equal(judge(lr, 1, false, spam_text, 0),
	                 score_rows[SCORE_WORDS_SPAM].points);
	assert_int_equal(judge(lr, 1, false, ham_text, 0),
	                 score_rows[SCORE_WORDS_GOOD].points);
	assert_int_equal(judge(lr, 1, false, "nothing known is said", 0), 0);
	/* each account for itself */
	assert_int_equal(judge(lr, 2, false, spam_text, 0), 0);
	assert_int_equal(judge(lr, 2, true, spam_text, 0), 0);
	/* once is enough */
	assert_false(teach(lr, 1, false, true, 0, 0));
	assert_int_equal(learned_figures(lr, 1, &f, &err), 0);
	assert_int_equal(f.spam, LEARNED_LEAST);
	assert_int_equal(f.ham, LEARNED_LEAST);
	assert_int_equal(learned_forget(lr, 1, &err), 0);
	assert_int_equal(learned_forget(lr, 1, &err), 0);
	assert_int_equal(judge(lr, 1, false, spam_text, 0), 0);
	learned_close(&lr);
}

static void takes_back_what_was_wrong(void **state)
{
	struct learned *lr = open_here();
	struct learned_item item = { .spam = true };
	struct learned_figures f;
	struct score_words w;
	struct err err = ERR_INIT;
	size_t new;

	(void)state;
	words_of("watches", spam_text, 1, &w);
	item.words = &w;
	assert_int_equal(learned_teach(lr, 3, false, &item, 1, &new, &err), 0);
	item.spam = false;
	assert_int_equal(learned_teach(lr, 3, false, &item, 1, &new, &err), 0);
	assert_int_equal(new, 1);
	assert_int_equal(learned_figures(lr, 3, &f, &err), 0);
	assert_int_equal(f.spam, 0);
	assert_int_equal(f.ham, 1);
	learned_close(&lr);
}

static void knows_senders_at_once(void **state)
{
	struct learned *lr = open_here();
	uint64_t good =
		score_sender_number(STR("a@a.example"), STR("a.example"));
	uint64_t forged =
		score_sender_number(STR("a@a.example"), STR("192.0.2"));

	(void)state;
	assert_int_equal(score_sender_number(STR("a@a.example"), STR("")), 0);
	assert_true(teach(lr, 4, false, false, 1, good));
	assert_int_equal(judge(lr, 4, false, "x", good),
	                 score_rows[SCORE_SENDER_GOOD].points);
	assert_int_equal(judge(lr, 4, false, "x", forged), 0);
	assert_int_equal(judge(lr, 5, false, "x", good), 0);
	assert_true(teach(lr, 4, false, true, 2, forged));
	assert_int_equal(judge(lr, 4, false, "x", forged),
	                 score_rows[SCORE_SENDER_BAD].points);
	learned_close(&lr);
}

static void shares_when_asked(void **state)
{
	struct learned *lr = open_here();

	(void)state;
	for (int i = 0; i < LEARNED_LEAST; i++) {
		teach(lr, 6, true, true, i, 0);
		teach(lr, 7, true, false, 1000 + i, 0);
	}
	assert_int_equal(judge(lr, 8, true, spam_text, 0),
	                 score_rows[SCORE_WORDS_SPAM].points);
	assert_int_equal(judge(lr, 8, false, spam_text, 0), 0);
	learned_close(&lr);
}

static void a_damaged_file_is_none(void **state)
{
	struct learned *lr = open_here();
	struct learned_figures f;
	struct err err = ERR_INIT;
	char path[200];
	char *bytes;
	size_t n;

	(void)state;
	teach(lr, 9, false, true, 1, 0);
	(void)snprintf(path, sizeof(path), "%s/a9.words", dir);
	assert_int_equal(file_read_all(path, 1 << 20, &bytes, &n, &err), 0);
	/* every cut, and every byte of the header changed */
	for (size_t i = 0; i < 200; i++) {
		struct str s = { bytes, i < 100 ? i : n };

		if (i >= 100 && i - 100 < 64)
			bytes[i - 100] ^= 0x41;
		assert_int_equal(file_replace(path, s, 0600, &err), 0);
		(void)judge(lr, 9, false, spam_text, 1);
		if (i >= 100 && i - 100 < 64)
			bytes[i - 100] ^= 0x41;
	}
	assert_int_equal(file_replace(path, (struct str){ bytes, n - 1 }, 0600,
	                              &err),
	                 0);
	assert_int_equal(learned_figures(lr, 9, &f, &err), -1);
	assert_int_equal(err.kind, ERR_CORRUPT);
	/* teaching begins anew */
	assert_true(teach(lr, 9, false, true, 1, 0));
	assert_int_equal(learned_figures(lr, 9, &f, &err), 0);
	assert_int_equal(f.spam, 1);
	mem_free(bytes);
	learned_close(&lr);
}

static void old_words_fade(void **state)
{
	struct model_edit *e = NULL;
	struct model *m = NULL;
	struct score_words w = { .n = WORDS_MAX };
	struct err err = ERR_INIT;
	uint64_t next = 1;
	char path[200];

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/big.words", dir);
	assert_int_equal(model_load(&e, path, &err), 0);
	/* 17,000 messages: 799 new words each, and one that all have */
	for (unsigned i = 0; i < MODEL_SEEN_MAX + 1000; i++) {
		w.v[0] = 1;
		for (size_t k = 1; k < WORDS_MAX; k++)
			w.v[k] = ++next * UINT64_C(0x9e3779b97f4a7c15);
		w.message = (uint64_t)i * 2 + 2;
		assert_true(model_learn(e, &w, 0, i % 2));
		if (i == 300) /* that is known still */
			assert_false(model_learn(e, &w, 0, i % 2));
	}
	assert_int_equal(model_save(e, path, &err), 0);
	model_free(&e);
	assert_int_equal(model_open(&m, path, &err), 0);
	assert_true(model_words(m) <= MODEL_WORDS_MAX);
	assert_true(model_messages(m).spam > 50);
	/* the one that all have is told as often as there were messages */
	assert_true(model_get(m, 1).spam + 20 > model_messages(m).spam);
	assert_true(model_get(m, 1).spam < model_messages(m).spam + 20);
	assert_int_equal(model_get(m, 12345).spam, 0);
	model_close(&m);
}

static int set_up(void **state)
{
	(void)state;
	return mkdtemp(dir) ? 0 : -1;
}

static int tear_down(void **state)
{
	char cmd[300];

	(void)state;
	(void)snprintf(cmd, sizeof(cmd), "rm -rf %s", dir);
	return system(cmd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(speaks_when_it_knows_enough),
		cmocka_unit_test(takes_back_what_was_wrong),
		cmocka_unit_test(knows_senders_at_once),
		cmocka_unit_test(shares_when_asked),
		cmocka_unit_test(a_damaged_file_is_none),
		cmocka_unit_test(old_words_fade),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
