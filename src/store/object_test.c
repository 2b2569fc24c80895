#include "store/object.h"

#include "store/email_change.h"
#include "store/testing.h"

static struct object_write made(const char *content, unsigned open)
{
	return (struct object_write){
		.type = CHANGE_IDENTITY,
		.what = OBJECT_CREATE,
		.object = { .name = STR("n"),
		            .open = open,
		            .first = 4,
		            .content = str_z(content) },
	};
}

static uint64_t state(struct store *s, struct change_state *out)
{
	struct change_state all[CHANGE_TYPES];
	struct err err;

	assert_int_equal(change_states(s, test_account, all, &err), 0);
	*out = all[CHANGE_IDENTITY];
	return out->modseq;
}

static void keeps_objects(void **unused)
{
	struct store_account a = test_account;
	struct change_state at[5];
	struct store *s = test_open();
	struct change_list l;
	struct object_write w[2];
	struct object *list, one;
	struct err err = ERR_INIT;
	struct arena arena;
	size_t n;

	(void)unused;
	arena_init(&arena);
	assert_int_equal(test_append(s, a, 1, TEST_MAIL, 0, &err), 1);
	assert_int_equal(state(s, &at[0]), 0);
	w[0] = made("one", 0);
	w[1] = made("two", 1);
	assert_int_equal(object_write(s, a, w, 2, &err), 0);
	assert_int_equal(w[0].object.no, 1);
	assert_int_equal(w[1].object.no, 2);
	assert_true(state(s, &at[1]) > 0);
	assert_int_equal(object_list(s, a, CHANGE_IDENTITY, &arena, &list, &n,
	                             &err),
	                 0);
	assert_int_equal(n, 2);
	assert_str(list[1].content, "two");
	assert_int_equal(list[1].first, 4);
	assert_int_equal(object_list_open(s, a, CHANGE_IDENTITY, 9, &arena,
	                                  &list, &n, &err),
	                 0);
	assert_int_equal(n, 1);
	assert_int_equal(list[0].no, 2);

	/* Another of the same version is too late. */
	w[0] = (struct object_write){ .type = CHANGE_IDENTITY,
		                      .what = OBJECT_UPDATE,
		                      .object = list[0] };
	w[0].object.content = STR("TWO");
	w[0].object.open = 0;
	assert_int_equal(object_write(s, a, w, 1, &err), 0);
	assert_true(state(s, &at[2]) > at[1].modseq);
	assert_int_equal(object_write(s, a, w, 1, &err), -1);
	assert_int_equal(err.kind, ERR_EXISTS);
	assert_int_equal(object_get(s, a, CHANGE_IDENTITY, 2, &arena, &one,
	                            &err),
	                 0);
	assert_str(one.content, "TWO");

	/* All or nothing. */
	w[0] = (struct object_write){ .type = CHANGE_IDENTITY,
		                      .what = OBJECT_DESTROY,
		                      .object = { .no = 1 } };
	w[1] = w[0];
	assert_int_equal(object_write(s, a, w, 2, &err), -1);
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	assert_int_equal(state(s, &at[3]), at[2].modseq);
	assert_int_equal(object_write(s, a, w, 1, &err), 0);
	assert_int_equal(object_get(s, a, CHANGE_IDENTITY, 1, &arena, &one,
	                            &err),
	                 -1);
	assert_int_equal(err.kind, ERR_NOT_FOUND);

	assert_int_equal(change_since(s, a, CHANGE_IDENTITY, at[1], 0, &arena,
	                              &l, &err),
	                 0);
	assert_int_equal(l.created_n, 0);
	assert_int_equal(l.updated_n, 1);
	assert_int_equal(l.updated[0], 2);
	assert_int_equal(l.destroyed_n, 1);
	assert_int_equal(l.destroyed[0], 1);
	assert_int_equal(change_since(s, a, CHANGE_IDENTITY, at[0], 0, &arena,
	                              &l, &err),
	                 0);
	assert_int_equal(l.created_n, 1);
	assert_int_equal(change_since(s, a, CHANGE_SUBMISSION, at[0], 0, &arena,
	                              &l, &err),
	                 0);
	assert_int_equal(l.created_n + l.updated_n + l.destroyed_n, 0);
	store_close(&s);
	arena_deinit(&arena);
}

static void has_an_end(void **unused)
{
	struct store_account a = { .id = 8,
		                   .shard = 1,
		                   .quota_bytes = STORE_QUOTA_NONE };
	struct store *s = test_open();
	struct object_write w;
	struct object *list;
	struct err err = ERR_INIT;
	struct arena arena;
	size_t n;

	(void)unused;
	arena_init(&arena);
	for (int i = 0; i < 3; i++) {
		w = made("x", i == 0);
		w.max = 2;
		w.trim = i == 2;
		assert_int_equal(object_write(s, a, &w, 1, &err), 0);
	}
	assert_int_equal(object_list(s, a, CHANGE_IDENTITY, &arena, &list, &n,
	                             &err),
	                 0);
	/* The oldest is open: the one behind it went. */
	assert_int_equal(n, 2);
	assert_int_equal(list[0].no, 1);
	assert_int_equal(list[1].no, 3);
	w = made("x", 0);
	w.max = 2;
	assert_int_equal(object_write(s, a, &w, 1, &err), -1);
	assert_int_equal(err.kind, ERR_TOO_BIG);
	w.max = 0;
	w.unique = true;
	assert_int_equal(object_write(s, a, &w, 1, &err), -1);
	assert_int_equal(err.kind, ERR_EXISTS);
	assert_int_equal(store_account_remove(s, a, &err), 0);
	assert_int_equal(object_list(s, a, CHANGE_IDENTITY, &arena, &list, &n,
	                             &err),
	                 0);
	assert_int_equal(n, 0);
	store_close(&s);
	arena_deinit(&arena);
}

static int add_no(void *arg, const struct object *o, struct err *err)
{
	uint64_t *sum = arg;

	(void)err;
	*sum = *sum * 10 + o->no;
	return o->no == 2 ? 7 : 0;
}

/* A name that another has, a state that moved on, too many bytes. */
static void refuses_what_others_changed(void **unused)
{
	struct store_account a = { .id = 9,
		                   .shard = 1,
		                   .quota_bytes = STORE_QUOTA_NONE };
	static const char big[OBJECT_SMALL + 1] = { 'b' };
	struct store *s = test_open();
	struct change_state all[CHANGE_TYPES];
	struct object_guard guard = { .type = CHANGE_IDENTITY };
	struct object_write w[2];
	struct err err = ERR_INIT;
	uint64_t walked = 0;

	(void)unused;
	w[0] = made("one", 0);
	w[1] = made("two", 0);
	w[1].object.name = STR("m");
	w[0].unique = w[1].unique = true;
	assert_int_equal(object_write_guarded(s, a, w, 2, &guard, 1, &err), 0);

	/* It was empty then. */
	w[1].what = OBJECT_UPDATE;
	assert_int_equal(object_write_guarded(s, a, &w[1], 1, &guard, 1, &err),
	                 -1);
	assert_int_equal(err.kind, ERR_EXISTS);
	assert_int_equal(w[1].other, 0);
	assert_int_equal(change_states(s, a, all, &err), 0);
	guard.modseq = all[CHANGE_IDENTITY].modseq;
	assert_int_equal(object_write_guarded(s, a, &w[1], 1, &guard, 1, &err),
	                 0);

	/* Its own name is no other's. */
	w[1].object.changed = 0;
	assert_int_equal(object_write(s, a, &w[1], 1, &err), 0);
	w[1].object.name = STR("n");
	assert_int_equal(object_write(s, a, &w[1], 1, &err), -1);
	assert_int_equal(err.kind, ERR_EXISTS);
	assert_int_equal(w[1].other, 1);

	/* Small ones are not counted. */
	w[0] = made("small", 0);
	w[0].object.name = STR("s");
	w[0].bytes_max = OBJECT_SMALL + 1;
	assert_int_equal(object_write(s, a, w, 1, &err), 0);
	w[0].object.content = (struct str){ big, sizeof(big) };
	w[0].what = OBJECT_UPDATE;
	w[0].object.changed = 0;
	assert_int_equal(object_write(s, a, w, 1, &err), 0);
	w[0].object.changed = 0;
	assert_int_equal(object_write(s, a, w, 1, &err), 0);
	w[0].what = OBJECT_CREATE;
	assert_int_equal(object_write(s, a, w, 1, &err), -1);
	assert_int_equal(err.kind, ERR_TOO_BIG);

	assert_int_equal(object_each(s, a, CHANGE_IDENTITY, add_no, &walked,
	                             &err),
	                 7);
	assert_int_equal(walked, 12);
	store_close(&s);
}

/* RFC 8621, 1.5: EmailDelivery. */
static void deliveries_have_a_state(void **unused)
{
	static const struct {
		uint64_t flags;
		bool told;
	} rows[] = {
		{ 0, true },
		{ FLAG_FLAGGED, true },
		{ FLAG_SEEN, false },
		{ FLAG_DRAFT, false },
		{ FLAG_DRAFT | FLAG_SEEN, false },
		{ 0, true },
	};
	struct store_account a = { .id = 11,
		                   .shard = 1,
		                   .quota_bytes = STORE_QUOTA_NONE };
	struct store *s = test_open();
	struct change_state before[CHANGE_TYPES], now[CHANGE_TYPES];
	struct err err = ERR_INIT;

	(void)unused;
	assert_true(test_append(s, a, 1, TEST_MAIL, FLAG_SEEN, &err) > 0);
	assert_int_equal(change_states(s, a, before, &err), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct email_change c = { .email = i + 1, .add = FLAG_FLAGGED };

		assert_true(test_append(s, a, 1, TEST_MAIL, rows[i].flags,
		                        &err) > 0);
		assert_int_equal(change_states(s, a, now, &err), 0);
		assert_int_equal(now[CHANGE_DELIVERY].modseq >
		                         before[CHANGE_DELIVERY].modseq,
		                 rows[i].told);
		if (rows[i].told)
			assert_int_equal(now[CHANGE_DELIVERY].modseq,
			                 now[CHANGE_EMAIL].modseq);
		/* Other changes are none, and it is on the disk. */
		assert_int_equal(email_change_all(s, a, &c, 1, &err), 0);
		store_close(&s);
		s = test_open();
		assert_int_equal(change_states(s, a, before, &err), 0);
		assert_int_equal(before[CHANGE_DELIVERY].modseq,
		                 now[CHANGE_DELIVERY].modseq);
		assert_int_equal(before[CHANGE_DELIVERY].epoch,
		                 before[CHANGE_EMAIL].epoch);
	}
	store_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_objects),
		cmocka_unit_test(has_an_end),
		cmocka_unit_test(refuses_what_others_changed),
		cmocka_unit_test(deliveries_have_a_state),
	};

	return cmocka_run_group_tests(tests, test_set_up, test_tear_down);
}
