#include "gate/server.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/test.h"
#include "crypto/scram.h"
#include "gate/counts.h"
#include "gate/credentials.h"
#include "ipc/ipc.h"
#include "os/clock.h"

static char dir[64];

/* ---- a host's people ---- */

static int resolve(void *arg, struct str user, struct gate_user *out,
                   struct err *err)
{
	static const struct {
		const char *name;
		enum gate_user_kind kind;
		int64_t account;
		bool suspended;
	} rows[] = {
		{ "anna@example.com", GATE_USER_ACCOUNT, 1, false },
		{ "bo@example.com", GATE_USER_ACCOUNT, 2, false },
		{ "gone@example.com", GATE_USER_ACCOUNT, 3, true },
		{ "info@example.com", GATE_USER_ALIAS, 0, false },
	};

	(void)arg;
	memset(out, 0, sizeof(*out));
	out->kind = GATE_USER_NONE;
	if (str_eq(user, STR("broken@example.com")))
		return err_set(err, ERR_TEMP, "no directory");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (!str_eq_case(user, str_z(rows[i].name)))
			continue;
		out->kind = rows[i].kind;
		out->account = rows[i].account;
		out->suspended = rows[i].suspended;
		(void)snprintf(out->address, sizeof(out->address), "%s",
		               rows[i].name);
	}
	return 0;
}

struct world {
	struct gate_options o;
	int door[2];
	struct gate_server *server;
	struct gate_client *client;
};

static const struct gate_limits limits = {
	.failures_per_minute = 3,
	.login_case_strict = true,
	.scram = true,
	.windows = {
		[GATE_MESSAGES] = { { 5 * US_PER_MIN, 25 },
	                            { US_PER_HOUR, 250 } },
		[GATE_RECIPIENTS] = { { 5 * US_PER_MIN, 250 },
	                              { US_PER_HOUR, 1500 } },
		[GATE_BULK] = { { 8 * US_PER_HOUR, 500 } },
		[GATE_FAILED] = { { US_PER_HOUR, 100 } },
	},
	.n_windows = { [GATE_MESSAGES] = 2, [GATE_RECIPIENTS] = 2,
	               [GATE_BULK] = 1, [GATE_FAILED] = 1 },
};

static void start(struct world *w)
{
	struct err err = ERR_INIT;

	assert_int_equal(gate_server_start(&w->server, &w->o, &err), 0);
}

static struct world world_new(void)
{
	struct world w = { .o = { .dir = dir,
		                  .limits = limits,
		                  .hashers = 2,
		                  .resolve = resolve } };
	struct err err = ERR_INIT;
	char path[96];

	(void)snprintf(path, sizeof(path), "rm -f %s/*.db*", dir);
	assert_int_equal(system(path), 0);
	assert_int_equal(ipc_door(w.door, &err), 0);
	w.o.door = w.door[0];
	start(&w);
	w.client = gate_client_new(w.door[1], "test");
	assert_int_equal(gate_password_set(w.client, 1, STR("anna@example.com"),
	                                   STR("annas secret"), &err),
	                 0);
	return w;
}

static void world_free(struct world *w)
{
	gate_client_free(&w->client);
	gate_server_stop(&w->server);
	(void)close(w->door[0]);
	(void)close(w->door[1]);
}

/* Simulated time: the file that every clock adds. */
static int clock_fd;

static void pass(int64_t us)
{
	int64_t ahead = 0;

	assert_true(pread(clock_fd, &ahead, 8, 0) == 8);
	ahead += us;
	assert_true(pwrite(clock_fd, &ahead, 8, 0) == 8);
}

static struct gate_login_result login_from(struct world *w, const char *ip,
                                           const char *user, const char *secret)
{
	struct gate_login_request r = { .protocol = GATE_IMAP,
		                        .user = str_z(user),
		                        .secret = str_z(secret) };
	struct gate_login_result out;
	struct err err = ERR_INIT;

	assert_int_equal(net_addr_parse(str_z(ip), &r.peer, &err), 0);
	err_drop(gate_login(w->client, &r, &out, &err));
	return out;
}

static enum gate_verdict verdict(struct world *w, const char *ip,
                                 const char *user, const char *secret)
{
	return login_from(w, ip, user, secret).verdict;
}

#define HOME    "192.0.2.7"
#define HOME2   "192.0.2.200" /* the same /24 */
#define FOREIGN "198.51.100.9"
#define ANNA    "anna@example.com"

static void verdicts(void **state)
{
	static const struct {
		const char *label, *user, *secret;
		enum gate_verdict want;
		const char *why;
	} rows[] = {
		{ "right", ANNA, "annas secret", GATE_OK, "password" },
		{ "again", ANNA, "annas secret", GATE_OK, "remembered" },
		{ "wrong", ANNA, "annas secreT", GATE_WRONG, "wrong password" },
		{ "empty", ANNA, "", GATE_WRONG, "wrong password" },
		{ "unknown", "nobody@example.com", "x", GATE_WRONG,
		  "unknown name" },
		{ "alias", "info@example.com", "x", GATE_WRONG, "alias" },
		{ "none set", "bo@example.com", "x", GATE_WRONG,
		  "no password set" },
		{ "capitals", "Anna@example.com", "annas secret", GATE_CASE,
		  "capitals in the user name" },
		{ "capitals, unknown", "Nobody@example.com", "x", GATE_CASE,
		  "capitals in the user name" },
		{ "no directory", "broken@example.com", "x", GATE_TEMP,
		  "no directory" },
	};
	struct world w = world_new();
	struct err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct gate_login_result r =
			login_from(&w, HOME, rows[i].user, rows[i].secret);

		if (r.verdict != rows[i].want)
			fail_msg("%s: %d", rows[i].label, (int)r.verdict);
		assert_string_equal(r.why, rows[i].why);
		assert_int_equal(r.account, rows[i].want == GATE_OK ? 1 : 0);
		assert_string_equal(r.address,
		                    rows[i].want == GATE_OK ? ANNA : "");
	}
	/* Suspension is told only to who has the password. */
	assert_int_equal(gate_password_set(w.client, 3, STR("gone@example.com"),
	                                   STR("pw"), &err),
	                 0);
	assert_int_equal(verdict(&w, HOME, "gone@example.com", "no"),
	                 GATE_WRONG);
	assert_int_equal(verdict(&w, HOME, "gone@example.com", "pw"),
	                 GATE_SUSPENDED);
	world_free(&w);
}

static void fold(void **state)
{
	struct world w = world_new();
	struct gate_limits l = limits;

	(void)state;
	l.login_case_strict = false;
	gate_server_limits(w.server, &l);
	assert_int_equal(verdict(&w, HOME, "Anna@Example.COM", "annas secret"),
	                 GATE_OK);
	world_free(&w);
}

static void three_failures(void **state)
{
	struct world w = world_new();
	struct gate_login_result r;

	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(verdict(&w, FOREIGN, ANNA, "wrong"),
		                 GATE_WRONG);
		pass(5 * US_PER_SEC);
	}
	r = login_from(&w, FOREIGN, ANNA, "annas secret");
	assert_int_equal(r.verdict, GATE_LOCKED);
	assert_in_range(r.retry_s, 44, 45);
	/* From another network that is not known either: the same count. */
	assert_int_equal(verdict(&w, "203.0.113.5", ANNA, "annas secret"),
	                 GATE_LOCKED);
	/* Not forgotten by a restart. */
	gate_server_stop(&w.server);
	start(&w);
	r = login_from(&w, FOREIGN, ANNA, "annas secret");
	assert_int_equal(r.verdict, GATE_LOCKED);
	assert_in_range(r.retry_s, 43, 45);
	pass(43 * US_PER_SEC);
	assert_int_equal(verdict(&w, FOREIGN, ANNA, "annas secret"),
	                 GATE_LOCKED);
	pass(3 * US_PER_SEC);
	assert_int_equal(verdict(&w, FOREIGN, ANNA, "annas secret"), GATE_OK);
	world_free(&w);
}

static void unknown_names_too(void **state)
{
	struct world w = world_new();

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_int_equal(verdict(&w, FOREIGN, "no@example.com", "x"),
		                 GATE_WRONG);
	assert_int_equal(verdict(&w, FOREIGN, "no@example.com", "x"),
	                 GATE_LOCKED);
	assert_int_equal(verdict(&w, FOREIGN, "other@example.com", "x"),
	                 GATE_WRONG);
	world_free(&w);
}

static void known_network(void **state)
{
	struct world w = world_new();

	(void)state;
	assert_int_equal(verdict(&w, HOME, ANNA, "annas secret"), GATE_OK);
	for (int i = 0; i < 3; i++)
		assert_int_equal(verdict(&w, FOREIGN, ANNA, "guess"),
		                 GATE_WRONG);
	assert_int_equal(verdict(&w, FOREIGN, ANNA, "annas secret"),
	                 GATE_LOCKED);
	/* The owner at home is counted apart, also after a restart. */
	assert_int_equal(verdict(&w, HOME2, ANNA, "annas secret"), GATE_OK);
	gate_server_stop(&w.server);
	start(&w);
	assert_int_equal(verdict(&w, HOME2, ANNA, "annas secret"), GATE_OK);
	assert_int_equal(verdict(&w, FOREIGN, ANNA, "annas secret"),
	                 GATE_LOCKED);
	/* But three failures there lock that network. */
	for (int i = 0; i < 3; i++)
		assert_int_equal(verdict(&w, HOME, ANNA, "typo"), GATE_WRONG);
	assert_int_equal(verdict(&w, HOME2, ANNA, "annas secret"), GATE_LOCKED);
	/* After 30 days without a login it is a stranger's network again. */
	pass(31 * US_PER_DAY);
	for (int i = 0; i < 3; i++)
		assert_int_equal(verdict(&w, FOREIGN, ANNA, "guess"),
		                 GATE_WRONG);
	assert_int_equal(verdict(&w, HOME, ANNA, "annas secret"), GATE_LOCKED);
	world_free(&w);
}

static void remembered(void **state)
{
	struct world w = world_new();
	struct credentials *c;
	struct err err = ERR_INIT;

	(void)state;
	assert_string_equal(login_from(&w, HOME, ANNA, "annas secret").why,
	                    "password");
	assert_string_equal(login_from(&w, HOME, ANNA, "annas secret").why,
	                    "remembered");
	pass(10 * US_PER_MIN);
	assert_string_equal(login_from(&w, HOME, ANNA, "annas secret").why,
	                    "password");
	/* A new password ends the old one at once. */
	assert_int_equal(gate_password_set(w.client, 1, STR(ANNA), STR("new"),
	                                   &err),
	                 0);
	assert_int_equal(verdict(&w, HOME, ANNA, "annas secret"), GATE_WRONG);
	assert_int_equal(verdict(&w, HOME, ANNA, "new"), GATE_OK);
	/* Also when it is set behind the gate's back. */
	assert_int_equal(credentials_open(&c, dir, &err), 0);
	assert_int_equal(credentials_set(c, 1, STR(ANNA), STR("newer"), false,
	                                 0, &err),
	                 0);
	credentials_close(&c);
	assert_int_equal(verdict(&w, HOME, ANNA, "new"), GATE_WRONG);
	assert_int_equal(verdict(&w, HOME, ANNA, "newer"), GATE_OK);
	assert_int_equal(gate_password_remove(w.client, 1, &err), 0);
	pass(2 * US_PER_MIN);
	assert_string_equal(login_from(&w, HOME, ANNA, "newer").why,
	                    "no password set");
	world_free(&w);
}

static void imported_hash(void **state)
{
	struct world w = world_new();
	struct err err = ERR_INIT;
	struct credentials *c;
	struct credential got;

	(void)state;
	assert_int_equal(
		gate_password_import(w.client, 2, STR("bo@example.com"),
	                             STR("$1$saltsalt$hZR.9zfJXcVTsa9iTxnQR1"),
	                             &err),
		0);
	assert_int_equal(verdict(&w, HOME, "bo@example.com", "pass"), GATE_OK);
	assert_int_equal(credentials_open(&c, dir, &err), 0);
	assert_int_equal(credentials_get(c, 2, &got, &err), 1);
	assert_false(password_hash_old(str_z(got.hash)));
	assert_true(got.has_scram);
	credentials_close(&c);
	assert_int_equal(verdict(&w, HOME, "bo@example.com", "pass"), GATE_OK);
	assert_int_equal(gate_password_import(w.client, 2,
	                                      STR("bo@example.com"),
	                                      STR("plain"), &err),
	                 -1);
	assert_int_equal(err.kind, ERR_INVALID);
	world_free(&w);
}

static enum gate_verdict scram(struct world *w, const char *user,
                               const char *password)
{
	struct gate_login_request r = { .protocol = GATE_IMAP,
		                        .user = str_z(user) };
	struct gate_login_result out;
	struct gate_scram_keys keys, again;
	struct str message = STR("n=x,r=y,r=yz,s=,i=4096,c=biws,r=yz");
	char signature[32];
	uint8_t proof[SCRAM_KEY_SIZE];
	struct err err = ERR_INIT;

	assert_int_equal(net_addr_parse(STR(FOREIGN), &r.peer, &err), 0);
	assert_int_equal(gate_scram_begin(w->client, r.user, &keys, &err), 0);
	assert_int_equal(gate_scram_begin(w->client, r.user, &again, &err), 0);
	assert_int_equal(keys.salt_n, 16);
	assert_memory_equal(keys.salt, again.salt, keys.salt_n);
	scram_proof(str_z(password), (struct str){ keys.salt, keys.salt_n },
	            keys.iterations, message, proof);
	assert_int_equal(gate_scram_prove(w->client, &r, message,
	                                  (struct str){ (char *)proof,
	                                                sizeof(proof) },
	                                  &out, signature, &err),
	                 0);
	return out.verdict;
}

static void scram_logins(void **state)
{
	struct world w = world_new();

	(void)state;
	assert_int_equal(scram(&w, ANNA, "annas secret"), GATE_OK);
	assert_int_equal(scram(&w, "no@example.com", "x"), GATE_WRONG);
	pass(US_PER_MIN);
	for (int i = 0; i < 3; i++)
		assert_int_equal(scram(&w, "bo@example.com", "x"), GATE_WRONG);
	assert_int_equal(scram(&w, "bo@example.com", "x"), GATE_LOCKED);
	assert_int_equal(verdict(&w, HOME, "bo@example.com", "x"), GATE_LOCKED);
	world_free(&w);
}

struct guesser {
	pthread_t thread;
	struct world *w;
	int wrong, locked, other;
};

static void *run_guesser(void *arg)
{
	struct guesser *g = arg;

	for (int i = 0; i < 3; i++) {
		enum gate_verdict v = verdict(g->w, FOREIGN, ANNA, "guess");

		if (v == GATE_WRONG)
			g->wrong++;
		else if (v == GATE_LOCKED)
			g->locked++;
		else
			g->other++;
	}
	return NULL;
}

/* Guesses at the same time are three together, not three each. */
static void parallel_guesses(void **state)
{
	struct world w = world_new();
	struct guesser g[8];
	int wrong = 0, locked = 0;

	(void)state;
	for (int i = 0; i < 8; i++) {
		g[i] = (struct guesser){ .w = &w };
		assert_int_equal(pthread_create(&g[i].thread, NULL, run_guesser,
		                                &g[i]),
		                 0);
	}
	for (int i = 0; i < 8; i++) {
		(void)pthread_join(g[i].thread, NULL);
		wrong += g[i].wrong;
		locked += g[i].locked;
		assert_int_equal(g[i].other, 0);
	}
	assert_int_equal(wrong, 3);
	assert_int_equal(locked, 21);
	world_free(&w);
}

static void rooms(void **state)
{
	struct world w = world_new();
	struct gate_client *other = gate_client_new(w.door[1], "other");
	struct gate_want msg = { GATE_MESSAGES, 7, 1, 0 };
	struct gate_want rcpt = { GATE_RECIPIENTS, 7, 1, 0 };
	struct gate_want both[2] = { rcpt, msg };
	struct gate_window_fill fill[16];
	struct gate_room room;
	struct err err = ERR_INIT;
	uint64_t token;
	size_t n;

	(void)state;
	/* A message with three recipients. */
	assert_int_equal(gate_reserve(w.client, both, 2, &room, &err), 0);
	assert_true(room.granted);
	token = room.token;
	for (int i = 0; i < 2; i++)
		assert_int_equal(gate_reserve_more(w.client, token, &rcpt, 1,
		                                   &room, &err),
		                 0);
	assert_int_equal(gate_confirm(w.client, token, 0, &err), 0);
	assert_int_equal(gate_confirm(w.client, token, 0, &err), -1);
	assert_int_equal(gate_windows(w.client, 7, fill, 16, &n, &err), 0);
	assert_int_equal(n, 6);
	assert_int_equal(fill[0].used, 1);
	assert_int_equal(fill[2].used, 3);
	/* 24 more fit; the next is refused, another domain is not. */
	for (int i = 0; i < 24; i++) {
		assert_int_equal(gate_reserve(other, &msg, 1, &room, &err), 0);
		assert_true(room.granted);
	}
	assert_int_equal(gate_reserve(w.client, both, 2, &room, &err), 0);
	assert_false(room.granted);
	assert_int_equal(room.what, GATE_MESSAGES);
	assert_int_equal(room.limit, 25);
	assert_true(room.window_us == 5 * US_PER_MIN);
	assert_true(room.free_us > 0 && room.free_us <= 5 * US_PER_MIN);
	msg.subject = 8;
	assert_int_equal(gate_reserve(w.client, &msg, 1, &room, &err), 0);
	assert_true(room.granted);
	gate_release(w.client, room.token);
	msg.subject = 7;
	/* What a dead process had reserved is free again. */
	gate_client_free(&other);
	for (int i = 0; i < 200; i++) {
		assert_int_equal(gate_windows(w.client, 7, fill, 16, &n, &err),
		                 0);
		if (fill[0].used == 1)
			break;
		clock_sleep_us(5 * US_PER_MS);
	}
	assert_int_equal(fill[0].used, 1);
	world_free(&w);
}

static void rooms_after_restart(void **state)
{
	struct world w = world_new();
	struct gate_want msg = { GATE_MESSAGES, 7, 20, 0 };
	struct gate_want fail = { GATE_FAILED, 7, 1, 0 };
	struct gate_want ask = { GATE_FAILED, 7, 0, 0 };
	struct gate_window_fill fill[16];
	struct gate_room room;
	struct err err = ERR_INIT;
	size_t n;

	(void)state;
	assert_int_equal(gate_reserve(w.client, &msg, 1, &room, &err), 0);
	gate_server_stop(&w.server);
	start(&w);
	/* Reserved before, confirmed after: it counts once. */
	assert_int_equal(gate_confirm(w.client, room.token, 0, &err), 0);
	gate_server_stop(&w.server);
	start(&w);
	assert_int_equal(gate_windows(w.client, 7, fill, 16, &n, &err), 0);
	assert_int_equal(fill[0].used, 20);
	pass(5 * US_PER_MIN);
	assert_int_equal(gate_windows(w.client, 7, fill, 16, &n, &err), 0);
	assert_int_equal(fill[0].used, 0);
	assert_int_equal(fill[1].used, 20);
	/* R27: 100 failures are allowed, more close the domain. */
	for (int i = 0; i < 100; i++)
		assert_int_equal(gate_count_add(w.client, &fail, &err), 0);
	assert_int_equal(gate_reserve(w.client, &ask, 1, &room, &err), 0);
	assert_true(room.granted);
	gate_release(w.client, room.token);
	assert_int_equal(gate_count_add(w.client, &fail, &err), 0);
	assert_int_equal(gate_reserve(w.client, &ask, 1, &room, &err), 0);
	assert_false(room.granted);
	assert_int_equal(room.what, GATE_FAILED);
	pass(US_PER_HOUR);
	assert_int_equal(gate_reserve(w.client, &ask, 1, &room, &err), 0);
	assert_true(room.granted);
	world_free(&w);
}

struct sender {
	pthread_t thread;
	struct gate_client *client;
	bool passed;
};

static void *run_sender(void *arg)
{
	struct sender *s = arg;
	struct gate_want want[2] = { { GATE_MESSAGES, 7, 1, 1 },
		                     { GATE_RECIPIENTS, 7, 1, 1 } };
	struct gate_room room;
	struct err err = ERR_INIT;

	assert_int_equal(gate_reserve(s->client, want, 2, &room, &err), 0);
	s->passed = room.granted;
	if (room.granted)
		assert_int_equal(gate_confirm(s->client, room.token, 0, &err),
		                 0);
	return NULL;
}

/* 64 at the same time from two roles against a window of 25, with a restart
 * behind them: exactly 25 pass, and still count afterwards. */
static void sixty_four_senders(void **state)
{
	struct world w = world_new();
	struct gate_client *other = gate_client_new(w.door[1], "other");
	struct gate_window_fill fill[16];
	struct sender s[64];
	struct err err = ERR_INIT;
	unsigned passed = 0;
	size_t n;

	(void)state;
	for (int i = 0; i < 64; i++) {
		s[i] = (struct sender){ .client = i % 2 ? w.client : other };
		assert_int_equal(pthread_create(&s[i].thread, NULL, run_sender,
		                                &s[i]),
		                 0);
	}
	for (int i = 0; i < 64; i++) {
		(void)pthread_join(s[i].thread, NULL);
		passed += s[i].passed;
	}
	assert_int_equal(passed, 25);
	gate_server_stop(&w.server);
	start(&w);
	assert_int_equal(gate_windows(other, 7, fill, 16, &n, &err), 0);
	assert_int_equal(fill[0].used, 25);
	(void)run_sender(&s[0]);
	assert_false(s[0].passed);
	gate_client_free(&other);
	world_free(&w);
}

/* The answer was lost, the message came again: it counts once. */
static void confirmed_twice(void **state)
{
	struct world w = world_new();
	struct gate_want msg = { GATE_MESSAGES, 7, 1, 0 };
	struct gate_window_fill fill[16];
	struct gate_room room;
	struct err err = ERR_INIT;
	size_t n;

	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(gate_reserve(w.client, &msg, 1, &room, &err),
		                 0);
		assert_int_equal(gate_confirm(w.client, room.token, 4711, &err),
		                 0);
		if (i != 1)
			continue;
		gate_server_stop(&w.server);
		start(&w);
	}
	assert_int_equal(gate_windows(w.client, 7, fill, 16, &n, &err), 0);
	assert_int_equal(fill[0].used, 1);
	world_free(&w);
}

/* Subject 7 is a domain with 2 messages of its own, 1 an account with 1. */
static int own(void *arg, int64_t subject, struct gate_own *out,
               struct err *err)
{
	(void)arg;
	(void)err;
	*out = (struct gate_own){ .set = 0 };
	if (subject == 7)
		*out = (struct gate_own){ .set = 1, .limit = { 2 } };
	if (subject == 1)
		*out = (struct gate_own){ .set = 1, .limit = { 1 } };
	return 0;
}

static void own_limits(void **state)
{
	struct world w = world_new();
	struct gate_want one = { GATE_MESSAGES, 7, 1, 1 };
	struct gate_want two = { GATE_MESSAGES, 7, 1, 2 };
	struct gate_room room;
	struct err err = ERR_INIT;

	(void)state;
	gate_server_stop(&w.server);
	w.o.own = own;
	start(&w);
	assert_int_equal(gate_reserve(w.client, &one, 1, &room, &err), 0);
	assert_true(room.granted);
	assert_int_equal(gate_reserve(w.client, &one, 1, &room, &err), 0);
	assert_false(room.granted);
	assert_true(room.own);
	assert_int_equal(room.limit, 1);
	assert_int_equal(gate_reserve(w.client, &two, 1, &room, &err), 0);
	assert_true(room.granted);
	assert_int_equal(gate_reserve(w.client, &two, 1, &room, &err), 0);
	assert_false(room.granted);
	assert_false(room.own);
	assert_int_equal(room.limit, 2);
	world_free(&w);
}

static uint32_t used_of(struct world *w)
{
	struct gate_window_fill fill[16];
	struct err err = ERR_INIT;
	size_t n;

	assert_int_equal(gate_windows(w->client, 7, fill, 16, &n, &err), 0);
	return fill[0].used;
}

/* The command line sets a domain back while the gate runs. */
static void set_back(void **state)
{
	struct world w = world_new();
	struct gate_want msg = { GATE_MESSAGES, 7, 3, 0 };
	struct counts *c;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(gate_count_add(w.client, &msg, &err), 0);
	assert_int_equal(counts_open(&c, dir, &err), 0);
	assert_int_equal(counts_reset(c, 7, clock_wall_us(), &err), 0);
	for (int i = 0; i < 100 && used_of(&w); i++)
		clock_sleep_us(50 * US_PER_MS);
	assert_int_equal(used_of(&w), 0);
	pass(US_PER_SEC);
	assert_int_equal(gate_count_add(w.client, &msg, &err), 0);
	gate_server_stop(&w.server);
	start(&w);
	assert_int_equal(used_of(&w), 3);
	counts_close(&c);
	world_free(&w);
}

/* R29: recipients of one body add up, and nothing is refused. */
static void same_body(void **state)
{
	struct world w = world_new();
	struct gate_want same = { GATE_SAME, 77, 15, 0 };
	struct gate_room room;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(gate_reserve(w.client, &same, 1, &room, &err), 0);
	assert_int_equal(room.same, 15);
	assert_int_equal(gate_confirm(w.client, room.token, 0, &err), 0);
	assert_int_equal(gate_reserve(w.client, &same, 1, &room, &err), 0);
	assert_true(room.granted);
	assert_int_equal(room.same, 30);
	gate_release(w.client, room.token);
	pass(8 * US_PER_HOUR);
	assert_int_equal(gate_reserve(w.client, &same, 1, &room, &err), 0);
	assert_int_equal(room.same, 15);
	world_free(&w);
}

static uint32_t opened(struct gate_client *g, const char *ip)
{
	struct net_addr a;
	struct err err = ERR_INIT;
	uint32_t open = 0;

	assert_int_equal(net_addr_parse(str_z(ip), &a, &err), 0);
	assert_int_equal(gate_connection_opened(g, GATE_CONN_IMAP, &a, &open,
	                                        &err),
	                 0);
	return open;
}

static void closed(struct gate_client *g, const char *ip)
{
	struct net_addr a;
	struct err err = ERR_INIT;

	assert_int_equal(net_addr_parse(str_z(ip), &a, &err), 0);
	gate_connection_closed(g, GATE_CONN_IMAP, &a);
}

static void connections(void **state)
{
	struct world w = world_new();
	struct gate_client *other = gate_client_new(w.door[1], "other");
	struct gate_limits l = limits;
	struct err err = ERR_INIT;
	uint32_t n = 0;

	(void)state;
	assert_int_equal(opened(w.client, HOME), 1);
	assert_int_equal(opened(w.client, HOME), 2);
	assert_int_equal(opened(other, HOME), 3);
	assert_int_equal(opened(w.client, HOME2), 1);
	/* One IPv6 client is a /64. */
	assert_int_equal(opened(w.client, "2001:db8::1"), 1);
	assert_int_equal(opened(w.client, "2001:db8::2"), 2);
	assert_int_equal(opened(w.client, "2001:db8:0:1::2"), 1);
	closed(w.client, HOME);
	assert_int_equal(opened(w.client, HOME), 3);
	/* A gate started anew is told what is open. */
	gate_server_stop(&w.server);
	start(&w);
	assert_int_equal(opened(w.client, HOME), 3);
	assert_int_equal(opened(other, HOME), 5);
	assert_int_equal(opened(w.client, HOME), 6);
	/* A process that ends closes all its own. */
	gate_client_free(&other);
	for (int i = 0; i < 200 && n != 5; i++) {
		clock_sleep_us(5 * US_PER_MS);
		n = opened(w.client, HOME);
		closed(w.client, HOME);
	}
	assert_int_equal(n, 5);
	assert_int_equal(net_prefix_parse(STR("192.0.2.0/24"), &l.exempt[0],
	                                  &err),
	                 0);
	l.n_exempt = 1;
	gate_server_limits(w.server, &l);
	assert_int_equal(opened(w.client, HOME), 0);
	world_free(&w);
}

static void files_are_private(void **state)
{
	struct world w = world_new();
	struct stat st;
	char path[96];

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/credentials.db", dir);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	world_free(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verdicts),
		cmocka_unit_test(fold),
		cmocka_unit_test(three_failures),
		cmocka_unit_test(unknown_names_too),
		cmocka_unit_test(known_network),
		cmocka_unit_test(remembered),
		cmocka_unit_test(imported_hash),
		cmocka_unit_test(scram_logins),
		cmocka_unit_test(parallel_guesses),
		cmocka_unit_test(rooms),
		cmocka_unit_test(rooms_after_restart),
		cmocka_unit_test(sixty_four_senders),
		cmocka_unit_test(confirmed_twice),
		cmocka_unit_test(own_limits),
		cmocka_unit_test(set_back),
		cmocka_unit_test(same_body),
		cmocka_unit_test(connections),
		cmocka_unit_test(files_are_private),
	};
	char path[96];
	int rc;

	(void)snprintf(dir, sizeof(dir), "/tmp/posthus-gate-XXXXXX");
	if (!mkdtemp(dir))
		return 1;
	(void)snprintf(path, sizeof(path), "%s/clock", dir);
	(void)setenv("POSTHUS_CLOCK", path, 1);
	clock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (clock_fd < 0 || ftruncate(clock_fd, 8) < 0)
		return 1;
	rc = cmocka_run_group_tests_name("gate", tests, NULL, NULL);
	(void)snprintf(path, sizeof(path), "rm -rf %s", dir);
	return system(path) == 0 ? rc : 1;
}
