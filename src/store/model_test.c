/*
 * Random appends, flags, copies, moves and expunges in two mailboxes, with
 * three views of one of them open, against a model that is a plain array.
 * Runs, counters, views and changes must agree with it at any time.
 */
#include "base/arena.h"
#include "base/mem.h"
#include "os/random.h"
#include "store/copy.h"
#include "store/expunge.h"
#include "store/fetch.h"
#include "store/flags.h"
#include "store/mailbox.h"
#include "store/testing.h"
#include "store/view.h"

#define BOXES 2
#define MAX   4000
#define VIEWS 3
#define STEPS 500

static const struct store_account acc = { 99, 1, STORE_QUOTA_NONE };

struct message {
	bool is;
	uint64_t flags;
	uint64_t modseq;
};

/* What the model says is in a mailbox. */
struct box {
	struct message m[MAX];
	uint32_t uidnext;
};

static struct box boxes[BOXES];

/* What a client of one session believes. */
struct client {
	struct view *view;
	uint32_t uids[MAX];
	uint64_t flags[MAX];
	uint32_t n;
	uint64_t modseq;
};

static struct client clients[VIEWS];

static struct uidset random_set(const struct box *b)
{
	struct uidset s = UIDSET_EMPTY;
	uint64_t n = 1 + random_below(3);

	while (n--) {
		uint32_t a = 1 + (uint32_t)random_below(b->uidnext);

		uidset_add(&s, a, a + (uint32_t)random_below(6));
	}
	return s;
}

static uint32_t model_add(int box, uint64_t flags)
{
	uint32_t uid = boxes[box].uidnext++;

	assert_true(uid < MAX);
	boxes[box].m[uid] = (struct message){ true, flags, 0 };
	return uid;
}

static void do_append(struct store *s)
{
	int box = (int)random_below(BOXES);
	uint64_t flags = random_below(16);
	struct err err = ERR_INIT;
	uint32_t uid =
		test_append(s, acc, (uint64_t)box + 1, TEST_MAIL, flags, &err);

	assert_int_equal(uid, model_add(box, flags));
}

static void do_flags(struct store *s)
{
	int box = (int)random_below(BOXES);
	struct uidset set = random_set(&boxes[box]);
	struct flags_change c = { .op = (enum flags_op)random_below(3),
		                  .flags = random_below(32),
		                  .unchanged_since = UINT64_MAX };
	struct flags_result r;
	struct err err = ERR_INIT;

	assert_int_equal(flags_store(s, acc, (uint64_t)box + 1, &set, &c, &r,
	                             &err),
	                 0);
	for (uint32_t u = 1; u < boxes[box].uidnext; u++) {
		struct message *m = &boxes[box].m[u];
		uint64_t want = c.op == FLAGS_SET   ? c.flags
		                : c.op == FLAGS_ADD ? m->flags | c.flags
		                                    : m->flags & ~c.flags;
		bool in = m->is && uidset_has(&set, u);

		assert_int_equal(uidset_has(&r.changed, u),
		                 in && want != m->flags);
		if (in)
			m->flags = want;
	}
	flags_result_deinit(&r);
	uidset_deinit(&set);
}

static void do_copy(struct store *s, bool move)
{
	int from = (int)random_below(BOXES), to = (int)random_below(BOXES);
	struct uidset set = random_set(&boxes[from]);
	struct copy_result r;
	struct err err = ERR_INIT;
	uint32_t end = boxes[from].uidnext;
	size_t n = 0;

	assert_int_equal((move ? move_messages
	                       : copy_messages)(s, acc, (uint64_t)from + 1,
	                                        &set, (uint64_t)to + 1, &r,
	                                        &err),
	                 0);
	for (uint32_t u = 1; u < end; u++) {
		struct message *m = &boxes[from].m[u];
		uint32_t uid;

		if (!m->is || !uidset_has(&set, u))
			continue;
		assert_true(n < r.n);
		uid = model_add(to, m->flags);
		assert_int_equal(r.pairs[n].from, u);
		assert_int_equal(r.pairs[n].to, uid);
		n++;
		if (move)
			m->is = false;
	}
	assert_int_equal(n, r.n);
	copy_result_deinit(&r);
	uidset_deinit(&set);
}

static void do_expunge(struct store *s)
{
	int box = (int)random_below(BOXES);
	bool all = random_below(4) == 0;
	struct uidset set = random_set(&boxes[box]);
	struct uidset gone = UIDSET_EMPTY;
	struct err err = ERR_INIT;

	assert_int_equal(expunge_deleted(s, acc, (uint64_t)box + 1,
	                                 all ? NULL : &set, &gone, NULL, &err),
	                 0);
	for (uint32_t u = 1; u < boxes[box].uidnext; u++) {
		struct message *m = &boxes[box].m[u];
		bool in = m->is && (m->flags & FLAG_DELETED) &&
		          (all || uidset_has(&set, u));

		assert_int_equal(uidset_has(&gone, u), in);
		if (in)
			m->is = false;
	}
	uidset_deinit(&gone);
	uidset_deinit(&set);
}

/* ---- a client that believes what it is told ---- */

static void client_fetch(struct store *s, struct client *c, uint32_t from)
{
	struct uidset all = UIDSET_EMPTY;
	struct fetch *f;
	struct fetch_row row;
	struct err err = ERR_INIT;

	uidset_add(&all, from, UINT32_MAX);
	assert_int_equal(fetch_open(&f, s, acc, 1, &all, 0, 0, &err), 0);
	while (fetch_next(f, &row, &err) > 0)
		for (uint32_t i = 0; i < c->n; i++)
			if (c->uids[i] == row.uid)
				c->flags[i] = row.flags;
	fetch_close(&f);
	uidset_deinit(&all);
}

static void client_open(struct store *s, struct client *c)
{
	struct err err = ERR_INIT;

	assert_int_equal(view_open(&c->view, s, acc, 1, &err), 0);
	c->n = view_count(c->view);
	for (uint32_t i = 0; i < c->n; i++)
		c->uids[i] = view_uid(c->view, i + 1);
	client_fetch(s, c, 1);
}

static void client_poll(struct store *s, struct client *c, bool expunge)
{
	struct view_news news;
	struct err err = ERR_INIT;
	struct arena arena;

	arena_init(&arena);
	assert_int_equal(view_poll(c->view, expunge ? VIEW_EXPUNGE : 0, &arena,
	                           &news, &err),
	                 0);
	for (size_t i = 0; i < news.expunged_n; i++) {
		uint32_t seq = news.expunged_seqs[i];

		assert_true(seq >= 1 && seq <= c->n);
		assert_true(uidset_has(&news.expunged, c->uids[seq - 1]));
		memmove(&c->uids[seq - 1], &c->uids[seq],
		        (c->n - seq) * sizeof(c->uids[0]));
		memmove(&c->flags[seq - 1], &c->flags[seq],
		        (c->n - seq) * sizeof(c->flags[0]));
		c->n--;
	}
	if (!expunge)
		assert_int_equal(news.expunged_n, 0);
	assert_int_equal(news.count_changed, c->n != news.count);
	while (c->n < news.count) {
		c->n++;
		c->uids[c->n - 1] = view_uid(c->view, c->n);
		assert_true(c->uids[c->n - 1] >= news.first_new_uid);
	}
	if (news.first_new_uid)
		client_fetch(s, c, news.first_new_uid);
	for (size_t i = 0; i < news.flags_n; i++) {
		assert_int_equal(c->uids[news.flags[i].seq - 1],
		                 news.flags[i].uid);
		c->flags[news.flags[i].seq - 1] = news.flags[i].flags;
	}
	view_news_deinit(&news);
	arena_deinit(&arena);
}

/* After a poll with removals a client knows exactly what there is. */
static void client_agrees(const struct client *c)
{
	uint32_t n = 0;

	for (uint32_t u = 1; u < boxes[0].uidnext; u++) {
		if (!boxes[0].m[u].is) {
			assert_int_equal(view_seq(c->view, u), 0);
			continue;
		}
		assert_true(n < c->n);
		assert_int_equal(c->uids[n], u);
		assert_int_equal(c->flags[n], boxes[0].m[u].flags);
		n++;
		assert_int_equal(view_seq(c->view, u), n);
		assert_int_equal(view_uid(c->view, n), u);
	}
	assert_int_equal(n, c->n);
	assert_int_equal(view_uidnext(c->view), boxes[0].uidnext);
}

static void counters_agree(struct store *s, int box)
{
	struct err err = ERR_INIT;
	struct arena arena;
	struct mailbox m;
	uint32_t total = 0, unseen = 0, deleted = 0, first = 0, got;
	struct view *v;

	for (uint32_t u = 1; u < boxes[box].uidnext; u++) {
		const struct message *x = &boxes[box].m[u];

		if (!x->is)
			continue;
		total++;
		unseen += !(x->flags & FLAG_SEEN);
		deleted += (x->flags & FLAG_DELETED) != 0;
		if (!first && !(x->flags & FLAG_SEEN))
			first = total;
	}
	arena_init(&arena);
	assert_int_equal(mailbox_get_no(s, acc, (uint64_t)box + 1, &arena, &m,
	                                &err),
	                 0);
	assert_int_equal(m.total, total);
	assert_int_equal(m.unseen, unseen);
	assert_int_equal(m.deleted, deleted);
	assert_int_equal(m.bytes, total * TEST_MAIL.n);
	assert_int_equal(m.deleted_bytes, deleted * TEST_MAIL.n);
	assert_int_equal(m.uidnext, boxes[box].uidnext);
	assert_int_equal(view_open(&v, s, acc, (uint64_t)box + 1, &err), 0);
	assert_int_equal(view_count(v), total);
	assert_int_equal(view_first_unseen(v, &got, &err), 0);
	assert_int_equal(got, first);
	view_close(&v);
	arena_deinit(&arena);
}

static void store_agrees_with_the_model(void **state)
{
	struct store *s = test_open();

	(void)state;
	for (int i = 0; i < BOXES; i++)
		boxes[i].uidnext = 1;
	for (int i = 0; i < VIEWS; i++)
		client_open(s, &clients[i]);
	for (int step = 0; step < STEPS; step++) {
		switch (random_below(8)) {
		case 0:
		case 1:
		case 2: do_append(s); break;
		case 3:
		case 4: do_flags(s); break;
		case 5: do_copy(s, false); break;
		case 6: do_copy(s, true); break;
		case 7: do_expunge(s); break;
		}
		for (int i = 0; i < VIEWS; i++) {
			if (random_below(3))
				continue;
			client_poll(s, &clients[i], random_below(2));
		}
		if (step % 25 != 24)
			continue;
		for (int i = 0; i < BOXES; i++)
			counters_agree(s, i);
		for (int i = 0; i < VIEWS; i++) {
			client_poll(s, &clients[i], true);
			client_agrees(&clients[i]);
		}
	}
	for (int i = 0; i < VIEWS; i++)
		view_close(&clients[i].view);
	store_close(&s);
}

static void own_changes_are_not_told_twice(void **state)
{
	struct store *s = test_open();
	struct store_account a = { 98, 1, STORE_QUOTA_NONE };
	struct uid_range r = { 1, 1 };
	struct uidset one = { .p = &r, .n = 1 };
	struct flags_change c = { .op = FLAGS_ADD,
		                  .flags = FLAG_SEEN,
		                  .unchanged_since = UINT64_MAX };
	struct flags_result res;
	struct view_news news;
	struct err err = ERR_INIT;
	struct arena arena;
	struct view *v;

	(void)state;
	arena_init(&arena);
	assert_int_equal(test_append(s, a, 1, TEST_MAIL, 0, &err), 1);
	assert_int_equal(view_open(&v, s, a, 1, &err), 0);
	assert_int_equal(flags_store(s, a, 1, &one, &c, &res, &err), 0);
	view_own_change(v, &res.changed, res.modseq);
	flags_result_deinit(&res);
	assert_int_equal(view_poll(v, 0, &arena, &news, &err), 0);
	assert_int_equal(news.flags_n, 0);
	/* But what somebody else does to the same message is. */
	assert_int_equal(flags_store(s, a, 1, &one, &c, &res, &err), 0);
	flags_result_deinit(&res);
	c.flags = FLAG_FLAGGED;
	assert_int_equal(flags_store(s, a, 1, &one, &c, &res, &err), 0);
	view_own_change(v, &res.changed, res.modseq);
	flags_result_deinit(&res);
	c.flags = FLAG_DRAFT;
	assert_int_equal(flags_store(s, a, 1, &one, &c, &res, &err), 0);
	flags_result_deinit(&res);
	assert_int_equal(view_poll(v, 0, &arena, &news, &err), 0);
	assert_int_equal(news.flags_n, 1);
	assert_true(news.flags[0].flags ==
	            (FLAG_SEEN | FLAG_FLAGGED | FLAG_DRAFT));
	view_close(&v);
	arena_deinit(&arena);
	store_close(&s);
}

static void vanished_are_known_since(void **state)
{
	struct store *s = test_open();
	struct store_account a = { 97, 1, STORE_QUOTA_NONE };
	struct uid_range r = { 2, 3 };
	struct uidset set = { .p = &r, .n = 1 }, out = UIDSET_EMPTY;
	struct err err = ERR_INIT;
	uint64_t modseq, since;
	struct view *v;

	(void)state;
	for (int i = 0; i < 5; i++)
		(void)test_append(s, a, 1, TEST_MAIL, 0, &err);
	assert_int_equal(expunge_uids(s, a, 1, &set, NULL, &since, &err), 0);
	r = (struct uid_range){ 5, 5 };
	assert_int_equal(expunge_uids(s, a, 1, &set, NULL, &modseq, &err), 0);
	assert_true(modseq > since);
	assert_int_equal(view_open(&v, s, a, 1, &err), 0);
	assert_int_equal(view_vanished(v, since, NULL, &out, &err), 0);
	assert_int_equal(uidset_count(&out), 1);
	assert_true(uidset_has(&out, 5));
	assert_int_equal(view_vanished(v, since - 1, NULL, &out, &err), 0);
	assert_int_equal(uidset_count(&out), 3);
	view_close(&v);
	uidset_deinit(&out);
	store_close(&s);
}

int main(void)
{
	const struct CMUnitTest list[] = {
		cmocka_unit_test(store_agrees_with_the_model),
		cmocka_unit_test(own_changes_are_not_told_twice),
		cmocka_unit_test(vanished_are_known_since),
	};

	return cmocka_run_group_tests(list, test_set_up, test_tear_down);
}
