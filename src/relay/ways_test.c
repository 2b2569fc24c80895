#include "relay/ways.h"

#include "base/mem.h"
#include "base/test.h"
#include "crypto/tls_client.h"
#include "os/clock.h"

static const struct str way = STR_INIT("a host");
static struct relay_waiter waiters[5];
static struct relay_kept *kept;

/* A session that can be told from others. */
static struct relay_session session(uint64_t sent)
{
	struct relay_session s = { .sent = sent };

	return s;
}

static uint64_t sent_of(struct relay_kept **k)
{
	uint64_t sent = (*k)->session.sent;

	mem_free(*k);
	*k = NULL;
	return sent;
}

static enum relay_turn enter(struct relay_ways *w, size_t i, int64_t now_us)
{
	return relay_ways_enter(w, way, 2, &waiters[i], now_us, &kept);
}

static void give(struct relay_ways *w, uint64_t sent, int64_t now_us)
{
	struct relay_session s = session(sent);

	relay_ways_give(w, way, &s, now_us + 100, now_us);
}

static void end(struct relay_ways *w)
{
	struct relay_kept *over;

	relay_ways_end(w);
	for (over = relay_ways_over(w); over;) {
		struct relay_kept *next = over->next;

		mem_free(over);
		over = next;
	}
	relay_ways_free(&w);
	relay_ways_free(&w);
}

/* ---- places ---- */

static void one_after_the_other(void **state)
{
	struct relay_ways *w = relay_ways_new(10, 10);

	(void)state;
	assert_int_equal(enter(w, 0, 1), RELAY_TURN_OPEN);
	assert_int_equal(enter(w, 1, 1), RELAY_TURN_OPEN);
	assert_int_equal(enter(w, 2, 1), RELAY_TURN_WAITS);
	assert_int_equal(enter(w, 3, 1), RELAY_TURN_WAITS);
	assert_null(relay_ways_called(w));
	/* A session that is done with is for the first in line. */
	give(w, 7, 2);
	assert_int_equal(relay_ways_called_n(w), 1);
	assert_ptr_equal(relay_ways_called(w), &waiters[2]);
	assert_int_equal(waiters[2].turn, RELAY_TURN_TAKEN);
	assert_int_equal(sent_of(&waiters[2].kept), 7);
	/* A place without one, for the next. */
	relay_ways_leave(w, way, 3);
	assert_ptr_equal(relay_ways_called(w), &waiters[3]);
	assert_int_equal(waiters[3].turn, RELAY_TURN_OPEN);
	assert_false(relay_ways_has(w, way));
	/* Nobody waits: they are kept, and the last one is taken first. */
	give(w, 8, 4);
	give(w, 9, 4);
	assert_true(relay_ways_has(w, way));
	assert_false(relay_ways_has(w, STR("another")));
	assert_int_equal(enter(w, 0, 5), RELAY_TURN_TAKEN);
	assert_int_equal(sent_of(&kept), 9);
	assert_int_equal(enter(w, 1, 5), RELAY_TURN_TAKEN);
	assert_int_equal(sent_of(&kept), 8);
	assert_int_equal(enter(w, 2, 5), RELAY_TURN_WAITS);
	/* Another way is not concerned; who must not wait is let in. */
	assert_int_equal(relay_ways_enter(w, STR("b"), 2, NULL, 5, &kept),
	                 RELAY_TURN_OPEN);
	assert_int_equal(relay_ways_enter(w, way, 2, NULL, 5, &kept),
	                 RELAY_TURN_OPEN);
	end(w);
	assert_int_equal(waiters[2].turn, RELAY_TURN_LATE);
}

static void nobody_is_let_in(void **state)
{
	struct relay_ways *w = relay_ways_new(10, 10);
	struct relay_outcome why;

	(void)state;
	relay_outcome_set(&why, RELAY_TEMP, "4.4.1", "refused");
	assert_int_equal(enter(w, 0, 1), RELAY_TURN_OPEN);
	assert_int_equal(enter(w, 1, 1), RELAY_TURN_OPEN);
	assert_int_equal(enter(w, 2, 1), RELAY_TURN_WAITS);
	/* Another may still be: this one waits for that. */
	assert_int_equal(relay_ways_fail(w, way, &waiters[0], &why, 2, &kept),
	                 RELAY_TURN_WAITS);
	/* While some wait with room, nobody else tries. */
	assert_int_equal(enter(w, 3, 3), RELAY_TURN_WAITS);
	assert_null(relay_ways_called(w));
	assert_int_equal(relay_ways_fail(w, way, &waiters[1], &why, 4, &kept),
	                 RELAY_TURN_FAILED);
	assert_int_equal(relay_ways_called_n(w), 3);
	assert_ptr_equal(relay_ways_called(w), &waiters[2]);
	assert_ptr_equal(relay_ways_called(w), &waiters[0]);
	assert_ptr_equal(relay_ways_called(w), &waiters[3]);
	assert_int_equal(waiters[3].turn, RELAY_TURN_FAILED);
	assert_string_equal(waiters[3].why.reply, "refused");
	/* It is remembered no longer than that. */
	assert_int_equal(enter(w, 0, 5), RELAY_TURN_OPEN);
	assert_int_equal(enter(w, 1, 5), RELAY_TURN_OPEN);
	give(w, 3, 5);
	assert_int_equal(relay_ways_fail(w, way, &waiters[1], &why, 6, &kept),
	                 RELAY_TURN_TAKEN);
	assert_int_equal(sent_of(&kept), 3);
	end(w);
}

static void what_is_over(void **state)
{
	struct relay_ways *w = relay_ways_new(1, 2);
	int64_t min = US_PER_MIN;
	struct relay_kept *over;

	(void)state;
	assert_int_equal(relay_ways_expire(w, 0), INT64_MAX);
	assert_int_equal(enter(w, 0, 1), RELAY_TURN_OPEN);
	assert_int_equal(enter(w, 1, 1), RELAY_TURN_OPEN);
	give(w, 1, 10);
	give(w, 2, 10); /* one too many */
	over = relay_ways_over(w);
	assert_int_equal(sent_of(&over), 2);
	assert_int_equal(relay_ways_expire(w, 109), 110);
	assert_null(relay_ways_over(w));
	assert_int_equal(relay_ways_expire(w, 110), INT64_MAX);
	over = relay_ways_over(w);
	assert_int_equal(sent_of(&over), 1);
	/* Nothing moves: one more is let in each minute. */
	assert_int_equal(enter(w, 0, 0), RELAY_TURN_OPEN);
	assert_int_equal(enter(w, 1, 0), RELAY_TURN_OPEN);
	assert_int_equal(enter(w, 2, 0), RELAY_TURN_WAITS);
	assert_int_equal(enter(w, 3, 0), RELAY_TURN_WAITS);
	assert_int_equal(enter(w, 4, 0), RELAY_TURN_OPEN); /* a long line */
	assert_int_equal(relay_ways_expire(w, min - 1), min);
	assert_null(relay_ways_called(w));
	assert_int_equal(relay_ways_expire(w, min), 2 * min);
	assert_ptr_equal(relay_ways_called(w), &waiters[2]);
	assert_int_equal(waiters[2].turn, RELAY_TURN_OPEN);
	assert_null(relay_ways_called(w));
	assert_int_equal(relay_ways_expire(w, 10 * min), INT64_MAX);
	assert_ptr_equal(relay_ways_called(w), &waiters[3]);
	assert_int_equal(waiters[3].turn, RELAY_TURN_LATE);
	end(w);
}

/* ---- what a way is ---- */

static const char *const names_a[] = { "mx.far.example", "mx.far.example",
	                               "a.example" };
static const char *const names_b[] = { "mx.far.example", "mx.far.example",
	                               "b.example" };
static const struct tls_dane_record end_entities[] = {
	{ 3, 1, 1, STR_INIT("\0one") },
	{ 3, 1, 1, STR_INIT("\0two") },
	{ 3, 1, 1, STR_INIT("\0one") },
};
static const struct tls_dane_record anchors[] = {
	{ 3, 1, 1, STR_INIT("\0one") },
	{ 2, 1, 1, STR_INIT("\0two") },
};

static struct str way_of(struct arena *a, struct relay_peer peer)
{
	if (!peer.name)
		peer.name = "mx.far.example";
	if (!peer.addr.port)
		peer.addr = (struct net_addr){ .family = NET_IPV4, .port = 25 };
	peer.helo = "here.example";
	return relay_way_of(a, &peer);
}

static void the_same_is_asked(void **state)
{
	const struct tls_client_demand sts = { .sni = "mx.far.example",
		                               .names = names_a,
		                               .n_names = 1 };
	const struct tls_client_demand a3 = { .sni = "mx.far.example",
		                              .names = names_a,
		                              .n_names = 3,
		                              .records = end_entities,
		                              .n_records = 2 };
	const struct tls_client_demand b3 = { .sni = "mx.far.example",
		                              .names = names_b,
		                              .n_names = 3,
		                              .records = end_entities + 1,
		                              .n_records = 2 };
	struct arena a;

	(void)state;
	arena_init(&a);
	assert_true(way_of(&a, (struct relay_peer){ .tls = RELAY_TLS_MAY }).n);
	/* That it is B's policy which says so, and that B's DNS is signed,
	 * is no matter of the connection. */
	assert_true(
		str_eq(way_of(&a, (struct relay_peer){ .tls = RELAY_TLS_VERIFY,
	                                               .demand = &sts,
	                                               .trust = "MTA-STS",
	                                               .because = "A" }),
	               way_of(&a,
	                      (struct relay_peer){ .tls = RELAY_TLS_VERIFY,
	                                           .demand = &sts,
	                                           .trust = "MTA-STS",
	                                           .because = "B",
	                                           .route_trusted = true })));
	/* No name is looked at; records come in any order. */
	assert_true(
		str_eq(way_of(&a, (struct relay_peer){ .tls = RELAY_TLS_VERIFY,
	                                               .demand = &a3,
	                                               .trust = "DANE" }),
	               way_of(&a, (struct relay_peer){ .tls = RELAY_TLS_VERIFY,
	                                               .demand = &b3,
	                                               .trust = "DANE" })));
	assert_int_equal(way_of(&a, (struct relay_peer){ .login = STR("x") }).n,
	                 0);
	arena_deinit(&a);
}

static void another_is_asked(void **state)
{
	const struct tls_client_demand sts = { .sni = "mx.far.example",
		                               .names = names_a,
		                               .n_names = 1 };
	const struct tls_client_demand dane = { .sni = "mx.far.example",
		                                .names = names_a,
		                                .n_names = 3,
		                                .records = end_entities,
		                                .n_records = 2 };
	const struct tls_client_demand fewer = { .sni = "mx.far.example",
		                                 .names = names_a,
		                                 .n_names = 3,
		                                 .records = end_entities,
		                                 .n_records = 1 };
	const struct tls_client_demand anchor_a = { .sni = "mx.far.example",
		                                    .names = names_a,
		                                    .n_names = 3,
		                                    .records = anchors,
		                                    .n_records = 2 };
	const struct tls_client_demand anchor_b = { .sni = "mx.far.example",
		                                    .names = names_b,
		                                    .n_names = 3,
		                                    .records = anchors,
		                                    .n_records = 2 };
	const struct net_addr source = { .family = NET_IPV4 };
	const struct net_addr other = { .family = NET_IPV4, .port = 26 };
	const struct relay_peer rows[] = {
		{ .tls = RELAY_TLS_MAY },
		{ .tls = RELAY_TLS_MAY, .name = "mx2.far.example" },
		{ .tls = RELAY_TLS_MAY, .source = &source },
		{ .tls = RELAY_TLS_MAY, .addr = other },
		{ .tls = RELAY_TLS_OFF },
		{ .tls = RELAY_TLS_MUST },
		{ .tls = RELAY_TLS_VERIFY, .demand = &sts, .trust = "MTA-STS" },
		{ .tls = RELAY_TLS_VERIFY, .demand = &dane, .trust = "DANE" },
		{ .tls = RELAY_TLS_VERIFY, .demand = &fewer, .trust = "DANE" },
		{ .tls = RELAY_TLS_VERIFY,
		  .demand = &anchor_a,
		  .trust = "DANE" },
		{ .tls = RELAY_TLS_VERIFY,
		  .demand = &anchor_b,
		  .trust = "DANE" },
	};
	const size_t n = sizeof(rows) / sizeof(rows[0]);
	struct arena a;

	(void)state;
	arena_init(&a);
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < n; j++)
			if (str_eq(way_of(&a, rows[i]), way_of(&a, rows[j])) !=
			    (i == j))
				fail_msg("rows %zu and %zu", i, j);
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_after_the_other),
		cmocka_unit_test(nobody_is_let_in),
		cmocka_unit_test(what_is_over),
		cmocka_unit_test(the_same_is_asked),
		cmocka_unit_test(another_is_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
