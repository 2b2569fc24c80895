#include "gate/access.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/test.h"
#include "crypto/scram.h"
#include "crypto/totp.h"
#include "db/db.h"
#include "gate/credentials.h"
#include "gate/live.h"
#include "gate/server.h"
#include "ipc/ipc.h"
#include "os/clock.h"

#define ANNA   "anna@example.com"
#define SECRET "annas secret"
#define HOME   "192.0.2.1"
#define AWAY   "198.51.100.7"

static char dir[64];
static int clock_fd;

static void pass(int64_t us)
{
	int64_t ahead = 0;

	assert_true(pread(clock_fd, &ahead, 8, 0) == 8);
	ahead += us;
	assert_true(pwrite(clock_fd, &ahead, 8, 0) == 8);
}

static int resolve(void *arg, struct str user, struct gate_user *out,
                   struct err *err)
{
	(void)arg;
	(void)err;
	memset(out, 0, sizeof(*out));
	out->kind = GATE_USER_NONE;
	if (str_eq(user, STR(ANNA)) || str_eq(user, STR("bo@example.com"))) {
		out->kind = GATE_USER_ACCOUNT;
		out->account = user.p[0] == 'a' ? 1 : 2;
		(void)snprintf(out->address, sizeof(out->address), "%.*s",
		               STR_ARG(user));
	}
	return 0;
}

struct world {
	struct gate_options o;
	int door[2];
	struct gate_server *server;
	struct gate_client *gate;
};

static struct world world_open(void)
{
	struct world w = { .o = { .dir = dir,
		                  .limits = { .failures_per_minute = 3,
		                              .login_case_strict = true,
		                              .scram = true },
		                  .hashers = 2,
		                  .resolve = resolve } };
	struct err err = ERR_INIT;

	assert_int_equal(ipc_door(w.door, &err), 0);
	w.o.door = w.door[0];
	assert_int_equal(gate_server_start(&w.server, &w.o, &err), 0);
	w.gate = gate_client_new(w.door[1], "test");
	return w;
}

static void empty_dir(void)
{
	char command[96];

	(void)snprintf(command, sizeof(command), "rm -f %s/*.db*", dir);
	assert_int_equal(system(command), 0);
}

static struct world world_new(void)
{
	struct err err = ERR_INIT;
	struct world w;

	empty_dir();
	w = world_open();
	assert_int_equal(gate_password_set(w.gate, 1, STR(ANNA), STR(SECRET),
	                                   &err),
	                 0);
	return w;
}

static void world_free(struct world *w)
{
	gate_client_free(&w->gate);
	gate_server_stop(&w->server);
	(void)close(w->door[0]);
	(void)close(w->door[1]);
}

static struct net_addr address(const char *ip)
{
	struct err err = ERR_INIT;
	struct net_addr a;

	assert_int_equal(net_addr_parse(str_z(ip), &a, &err), 0);
	return a;
}

static struct gate_login_result by(struct world *w, enum gate_protocol protocol,
                                   const char *ip, const char *secret)
{
	struct gate_login_request r = { .protocol = protocol,
		                        .user = STR(ANNA),
		                        .secret = str_z(secret),
		                        .peer = address(ip) };
	struct gate_login_result out;
	struct err err = ERR_INIT;

	assert_int_equal(gate_login(w->gate, &r, &out, &err), 0);
	return out;
}

static enum gate_verdict web(struct world *w, const char *secret,
                             const char *code, bool remember,
                             char token[GATE_TOKEN_MAX])
{
	struct gate_web_request r = {
		.login = { .protocol = GATE_WEB,
		           .user = STR(ANNA),
		           .secret = str_z(secret),
		           .peer = address(HOME) },
		.code = str_z(code),
		.remember = remember,
		.agent = STR("Browser/1.0"),
	};
	struct gate_login_result out;
	struct err err = ERR_INIT;

	assert_int_equal(gate_web_login(w->gate, &r, &out, token, &err), 0);
	assert_int_equal(token[0] != 0, out.verdict == GATE_OK);
	return out.verdict;
}

/* The session's id, 0 when the token is nobody's. */
static int64_t who(struct world *w, const char *token)
{
	struct net_addr peer = address(AWAY);
	struct err err = ERR_INIT;
	struct gate_session s;

	if (gate_session_check(w->gate, str_z(token), &peer, &s, &err) < 0) {
		assert_int_equal(err.kind, ERR_NOT_FOUND);
		return 0;
	}
	assert_int_equal(s.account, 1);
	return s.id;
}

/* ---- sessions ---- */

static void sessions_live_and_end(void **state)
{
	struct world w = world_new();
	char a[GATE_TOKEN_MAX], b[GATE_TOKEN_MAX], no[GATE_TOKEN_MAX];
	struct gate_session list[GATE_SESSIONS_MAX];
	struct err err = ERR_INIT;
	size_t n;

	(void)state;
	assert_int_equal(web(&w, "wrong", "", true, no), GATE_WRONG);
	assert_int_equal(web(&w, SECRET, "", false, a), GATE_OK);
	assert_int_equal(web(&w, SECRET, "", true, b), GATE_OK);
	assert_string_not_equal(a, b);
	assert_true(who(&w, a) && who(&w, b));
	a[3] ^= 1;
	assert_int_equal(who(&w, a), 0);
	a[3] ^= 1;
	assert_int_equal(who(&w, ""), 0);
	assert_int_equal(gate_session_list(w.gate, 1, list, &n, &err), 0);
	assert_int_equal(n, 2);
	assert_true(list[0].remember && !list[1].remember);
	assert_string_equal(list[0].agent, "Browser/1.0");
	assert_string_equal(list[0].ip, AWAY); /* seen there by who() */
	/* The gate started anew knows them too. */
	world_free(&w);
	w = world_open();
	assert_true(who(&w, a) && who(&w, b));
	/* Another's account ends nothing. */
	assert_int_equal(gate_session_end(w.gate, 2, who(&w, a), 0, &err), -1);
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	assert_int_equal(gate_session_end(w.gate, 1, who(&w, a), 0, &err), 0);
	assert_int_equal(who(&w, a), 0);
	assert_true(who(&w, b));
	world_free(&w);
}

static void sessions_have_their_time(void **state)
{
	struct world w = world_new();
	char idle[GATE_TOKEN_MAX], used[GATE_TOKEN_MAX], kept[GATE_TOKEN_MAX];

	(void)state;
	assert_int_equal(web(&w, SECRET, "", false, idle), GATE_OK);
	assert_int_equal(web(&w, SECRET, "", false, used), GATE_OK);
	assert_int_equal(web(&w, SECRET, "", true, kept), GATE_OK);
	for (int i = 0; i < 3; i++) {
		pass(11 * US_PER_HOUR);
		assert_true(who(&w, used));
	}
	assert_int_equal(who(&w, idle), 0);
	assert_true(who(&w, kept));
	for (int i = 0; i < 64; i++) {
		pass(11 * US_PER_HOUR);
		(void)who(&w, used);
	}
	/* 30 days and 18 hours. */
	assert_int_equal(who(&w, used), 0);
	assert_int_equal(who(&w, kept), 0);
	world_free(&w);
}

static void a_new_password_ends_the_others(void **state)
{
	struct world w = world_new();
	char mine[GATE_TOKEN_MAX], other[GATE_TOKEN_MAX];
	struct gate_revoked revoked[GATE_REVOKED_MAX];
	struct err err = ERR_INIT;
	int64_t since, last;
	size_t n;

	(void)state;
	assert_int_equal(web(&w, SECRET, "", false, mine), GATE_OK);
	assert_int_equal(web(&w, SECRET, "", false, other), GATE_OK);
	assert_int_equal(by(&w, GATE_IMAP, HOME, SECRET).credential.kind,
	                 GATE_BY_PASSWORD);
	assert_int_equal(gate_revoked(w.gate, -1, revoked, &n, &since, &err),
	                 0);
	assert_int_equal(n, 0);
	assert_int_equal(gate_password_change(w.gate, 1, STR(ANNA),
	                                      STR("another secret"),
	                                      who(&w, mine), &err),
	                 0);
	assert_true(who(&w, mine));
	assert_int_equal(who(&w, other), 0);
	assert_int_equal(by(&w, GATE_IMAP, HOME, SECRET).verdict, GATE_WRONG);
	assert_int_equal(by(&w, GATE_IMAP, HOME, "another secret").verdict,
	                 GATE_OK);
	assert_int_equal(gate_revoked(w.gate, since, revoked, &n, &last, &err),
	                 0);
	assert_int_equal(n, 2);
	assert_int_equal(revoked[0].credential.kind, GATE_BY_PASSWORD);
	assert_int_equal(revoked[1].credential.kind, GATE_BY_SESSION);
	assert_int_equal(last, revoked[1].seq);
	assert_true(
		by(&w, GATE_IMAP, HOME, "another secret").credential.as_of >=
		last);
	/* Set by an operator: nobody stays. */
	assert_int_equal(gate_password_set(w.gate, 1, STR(ANNA), STR(SECRET),
	                                   &err),
	                 0);
	assert_int_equal(who(&w, mine), 0);
	world_free(&w);
}

static void sessions_have_a_number(void **state)
{
	struct world w = world_new();
	char first[GATE_TOKEN_MAX], token[GATE_TOKEN_MAX];
	struct gate_session list[GATE_SESSIONS_MAX];
	struct err err = ERR_INIT;
	size_t n;

	(void)state;
	assert_int_equal(web(&w, SECRET, "", false, first), GATE_OK);
	for (int i = 0; i < GATE_SESSIONS_MAX; i++) {
		pass(US_PER_SEC);
		assert_int_equal(web(&w, SECRET, "", false, token), GATE_OK);
	}
	assert_int_equal(who(&w, first), 0);
	assert_true(who(&w, token));
	assert_int_equal(gate_session_list(w.gate, 1, list, &n, &err), 0);
	assert_int_equal(n, GATE_SESSIONS_MAX);
	world_free(&w);
}

/* ---- app passwords ---- */

static struct gate_app app(unsigned services, const char *network)
{
	struct gate_app a = { .services = services, .name = "phone" };

	(void)snprintf(a.network, sizeof(a.network), "%s", network);
	return a;
}

static void app_passwords_are_for_something(void **state)
{
	struct world w = world_new();
	struct gate_app a =
		app(1u << GATE_IMAP | 1u << GATE_SMTP, "192.0.2.0/24");
	struct gate_app list[GATE_APPS_MAX];
	struct gate_login_result r;
	struct err err = ERR_INIT;
	char password[24];
	int64_t id;
	size_t n;

	(void)state;
	assert_int_equal(gate_app_add(w.gate, 1, &a, password, &id, &err), 0);
	r = by(&w, GATE_IMAP, HOME, password);
	assert_int_equal(r.verdict, GATE_OK);
	assert_int_equal(r.credential.kind, GATE_BY_APP);
	assert_int_equal(r.credential.id, id);
	r = by(&w, GATE_POP3, HOME, password);
	assert_int_equal(r.verdict, GATE_WRONG);
	assert_string_equal(r.why, "app password of another service");
	r = by(&w, GATE_IMAP, AWAY, password);
	assert_string_equal(r.why, "app password of another network");
	assert_int_equal(by(&w, GATE_WEB, HOME, password).verdict, GATE_WRONG);
	pass(2 * US_PER_MIN);
	assert_int_equal(gate_app_list(w.gate, 1, list, &n, &err), 0);
	assert_int_equal(n, 1);
	assert_string_equal(list[0].name, "phone");
	assert_string_equal(list[0].last_ip, HOME);
	assert_int_equal(list[0].last_protocol, GATE_IMAP);
	assert_true(list[0].last_us > 0);
	assert_int_equal(gate_app_remove(w.gate, 1, id + 1, &err), -1);
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	assert_int_equal(gate_app_remove(w.gate, 1, id, &err), 0);
	assert_int_equal(by(&w, GATE_IMAP, HOME, password).verdict, GATE_WRONG);
	world_free(&w);
}

static void app_passwords_expire(void **state)
{
	struct world w = world_new();
	struct gate_app a = app(GATE_SERVICES, "");
	struct err err = ERR_INIT;
	char password[24];
	int64_t id;

	(void)state;
	a.expires_us = clock_wall_us() + US_PER_HOUR;
	assert_int_equal(gate_app_add(w.gate, 1, &a, password, &id, &err), 0);
	assert_int_equal(by(&w, GATE_HTTP, AWAY, password).verdict, GATE_OK);
	pass(US_PER_HOUR + US_PER_SEC);
	assert_string_equal(by(&w, GATE_HTTP, AWAY, password).why,
	                    "app password expired");
	a.services = 0;
	assert_int_equal(gate_app_add(w.gate, 1, &a, password, &id, &err), -1);
	assert_int_equal(err.kind, ERR_INVALID);
	a = app(1u << GATE_WEB, "");
	assert_int_equal(gate_app_add(w.gate, 1, &a, password, &id, &err), -1);
	a = app(GATE_SERVICES, "192.0.2.0/33");
	assert_int_equal(gate_app_add(w.gate, 1, &a, password, &id, &err), -1);
	world_free(&w);
}

/* ---- the second factor ---- */

static void code_now(const uint8_t secret[20], int steps, char out[7])
{
	totp_code(secret, clock_wall_us() / TOTP_STEP_US + steps, out);
}

static void two_step_login(void **state)
{
	struct world w = world_new();
	char recovery[GATE_RECOVERY_N][GATE_RECOVERY_MAX];
	char token[GATE_TOKEN_MAX], code[7], password[24];
	struct gate_app a = app(GATE_SERVICES, "");
	struct err err = ERR_INIT;
	struct gate_totp t;
	uint8_t secret[20];
	int64_t id;

	(void)state;
	assert_int_equal(by(&w, GATE_IMAP, HOME, SECRET).verdict, GATE_OK);
	assert_int_equal(gate_totp_get(w.gate, 1, &t, &err), 0);
	assert_false(t.on);
	assert_int_equal(gate_totp_begin(w.gate, 1, secret, &err), 0);
	/* Not in force before it is confirmed. */
	assert_int_equal(web(&w, SECRET, "", false, token), GATE_OK);
	assert_int_equal(gate_totp_confirm(w.gate, 1, STR("000000"), recovery,
	                                   &err),
	                 -1);
	assert_int_equal(err.kind, ERR_DENIED);
	code_now(secret, 0, code);
	assert_int_equal(gate_totp_confirm(w.gate, 1, str_z(code), recovery,
	                                   &err),
	                 0);
	assert_int_equal(gate_totp_begin(w.gate, 1, secret, &err), -1);
	assert_int_equal(err.kind, ERR_EXISTS);

	/* Programs: the password is right but not enough, also remembered. */
	assert_int_equal(by(&w, GATE_IMAP, HOME, SECRET).verdict,
	                 GATE_APP_ONLY);
	assert_int_equal(by(&w, GATE_IMAP, HOME, SECRET).verdict,
	                 GATE_APP_ONLY);
	assert_int_equal(by(&w, GATE_HTTP, HOME, SECRET).verdict,
	                 GATE_APP_ONLY);
	assert_int_equal(by(&w, GATE_SMTP, HOME, "wrong").verdict, GATE_WRONG);
	/* Who is in a session is asked for the password alone. */
	assert_int_equal(by(&w, GATE_WEB, HOME, SECRET).verdict, GATE_OK);
	assert_int_equal(gate_app_add(w.gate, 1, &a, password, &id, &err), 0);
	assert_int_equal(by(&w, GATE_IMAP, HOME, password).verdict, GATE_OK);

	/* Browsers: a code, once each, a step early or late. */
	assert_int_equal(web(&w, SECRET, "", false, token), GATE_CODE);
	assert_int_equal(web(&w, SECRET, code, false, token), GATE_WRONG);
	pass(2 * US_PER_MIN);
	code_now(secret, -1, code);
	assert_int_equal(web(&w, SECRET, code, false, token), GATE_OK);
	assert_int_equal(web(&w, SECRET, code, false, token), GATE_WRONG);
	code_now(secret, 1, code);
	assert_int_equal(web(&w, SECRET, code, false, token), GATE_OK);
	code_now(secret, 0, code); /* behind the one that was used */
	assert_int_equal(web(&w, SECRET, code, false, token), GATE_WRONG);
	assert_int_equal(web(&w, "wrong", code, false, token), GATE_WRONG);
	/* R25 holds for codes too. */
	assert_int_equal(web(&w, SECRET, code, false, token), GATE_LOCKED);
	pass(2 * US_PER_MIN);

	assert_int_equal(web(&w, SECRET, recovery[3], false, token), GATE_OK);
	assert_int_equal(web(&w, SECRET, recovery[3], false, token),
	                 GATE_WRONG);
	assert_int_equal(gate_totp_get(w.gate, 1, &t, &err), 0);
	assert_true(t.on);
	assert_int_equal(t.recovery_left, GATE_RECOVERY_N - 1);
	assert_int_equal(gate_totp_off(w.gate, 1, &err), 0);
	assert_int_equal(gate_totp_off(w.gate, 1, &err), -1);
	assert_int_equal(web(&w, SECRET, "", false, token), GATE_OK);
	assert_int_equal(by(&w, GATE_IMAP, HOME, SECRET).verdict, GATE_OK);
	world_free(&w);
}

static void scram_needs_the_factor_too(void **state)
{
	struct world w = world_new();
	struct gate_login_request r = { .protocol = GATE_IMAP,
		                        .user = STR(ANNA),
		                        .peer = address(HOME) };
	struct str message = STR("n=x,r=y,r=yz,s=,i=4096,c=biws,r=yz");
	char recovery[GATE_RECOVERY_N][GATE_RECOVERY_MAX];
	uint8_t proof[SCRAM_KEY_SIZE], secret[20];
	struct gate_scram_keys keys;
	struct gate_login_result out;
	char signature[32], code[7];
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(gate_totp_begin(w.gate, 1, secret, &err), 0);
	code_now(secret, 0, code);
	assert_int_equal(gate_totp_confirm(w.gate, 1, str_z(code), recovery,
	                                   &err),
	                 0);
	assert_int_equal(gate_scram_begin(w.gate, r.user, &keys, &err), 0);
	scram_proof(STR(SECRET), (struct str){ keys.salt, keys.salt_n },
	            keys.iterations, message, proof);
	assert_int_equal(gate_scram_prove(w.gate, &r, message,
	                                  (struct str){ (char *)proof,
	                                                sizeof(proof) },
	                                  &out, signature, &err),
	                 0);
	assert_int_equal(out.verdict, GATE_APP_ONLY);
	world_free(&w);
}

static void attempts_are_told(void **state)
{
	struct world w = world_new();
	struct gate_signin list[GATE_SIGNINS_MAX];
	char token[GATE_TOKEN_MAX];
	struct err err = ERR_INIT;
	size_t n;

	(void)state;
	assert_int_equal(web(&w, SECRET, "", false, token), GATE_OK);
	pass(US_PER_SEC);
	assert_int_equal(by(&w, GATE_POP3, AWAY, "no").verdict, GATE_WRONG);
	assert_int_equal(gate_signins(w.gate, STR(ANNA), list, &n, &err), 0);
	assert_int_equal(n, 2);
	assert_int_equal(list[0].protocol, GATE_POP3);
	assert_string_equal(list[0].why, "wrong password");
	assert_string_equal(list[0].ip, AWAY);
	assert_int_equal(list[1].verdict, GATE_OK);
	world_free(&w);
}

/* ---- live sessions ---- */

static struct gate_client *holder;
static struct gate_login_result held;
static atomic_int opened, drained;

static void on_open(struct net_session *s)
{
	gate_live_hold(holder, s, held.account, &held.credential);
	(void)atomic_fetch_add(&opened, 1);
}

static void on_input(struct net_session *s)
{
	net_consume(s, net_input(s).n);
}

static void on_drain(struct net_session *s)
{
	(void)s; /* says goodbye, and does not go */
	(void)atomic_fetch_add(&drained, 1);
}

static void on_closed(struct net_session *s, enum net_end why)
{
	(void)s;
	(void)why;
}

static int dial(struct net_engine *e)
{
	static const struct net_service service = { .name = "test",
		                                    .input_max = 100,
		                                    .open = on_open,
		                                    .input = on_input,
		                                    .drain = on_drain,
		                                    .closed = on_closed };
	struct net_listener l = { .service = &service, .fd = -1 };
	int fds[2], before = atomic_load(&opened);
	struct err err = ERR_INIT;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	assert_int_equal(net_engine_adopt(e, &l, fds[0], &err), 0);
	for (int i = 0; i < 5000 && atomic_load(&opened) == before; i++)
		clock_sleep_us(US_PER_MS);
	assert_int_equal(atomic_load(&opened), before + 1);
	return fds[1];
}

/* Does it end within five seconds? */
static bool ends(int fd, int64_t within_us)
{
	struct timeval t = { .tv_sec = within_us / US_PER_SEC,
		             .tv_usec = within_us % US_PER_SEC };
	char c;

	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof(t)),
	                 0);
	return recv(fd, &c, 1, 0) == 0;
}

static void revoked_logins_end_live_sessions(void **state)
{
	struct world w = world_new();
	struct gate_app a = app(GATE_SERVICES, "");
	struct net_options o = { .workers = 2 };
	struct err err = ERR_INIT;
	struct net_engine *e;
	int by_password, by_app;
	char password[24];
	int64_t id;

	(void)state;
	holder = w.gate;
	assert_int_equal(net_engine_new(&e, &o, &err), 0);
	assert_int_equal(net_engine_start(e, &err), 0);
	assert_int_equal(gate_live_watch(w.gate, e, NULL, &err), 0);
	assert_int_equal(gate_app_add(w.gate, 1, &a, password, &id, &err), 0);
	held = by(&w, GATE_IMAP, HOME, SECRET);
	by_password = dial(e);
	held = by(&w, GATE_IMAP, HOME, password);
	by_app = dial(e);
	assert_int_equal(gate_app_remove(w.gate, 1, id, &err), 0);
	assert_true(ends(by_app, 5 * US_PER_SEC));
	assert_int_equal(atomic_load(&drained), 1);
	assert_false(ends(by_password, 100 * US_PER_MS));
	assert_int_equal(gate_password_change(w.gate, 1, STR(ANNA), STR("new"),
	                                      0, &err),
	                 0);
	/* One that logs in with the new password meanwhile stays. */
	(void)close(by_app);
	held = by(&w, GATE_IMAP, HOME, "new");
	by_app = dial(e);
	assert_true(ends(by_password, 5 * US_PER_SEC));
	assert_false(ends(by_app, 1500 * US_PER_MS));
	gate_live_unwatch(w.gate);
	net_engine_stop(e, 0);
	net_engine_free(&e);
	(void)close(by_app);
	(void)close(by_password);
	world_free(&w);
}

static atomic_int change_n, barred_n;

static int test_change(void *arg, int64_t *out, struct err *err)
{
	(void)arg;
	(void)err;
	*out = atomic_load(&change_n);
	return 0;
}

/* Account 1, when anybody. */
static int test_barred(void *arg, void (*one)(void *to, int64_t account),
                       void *to, struct err *err)
{
	(void)arg;
	(void)err;
	one(to, 77);
	if (atomic_load(&barred_n))
		one(to, 1);
	return 0;
}

static void who_is_barred_is_cut(void **state)
{
	static const struct gate_barred barred = { test_change, test_barred,
		                                   NULL };
	struct world w = world_new();
	struct net_options o = { .workers = 2 };
	struct err err = ERR_INIT;
	struct net_engine *e;
	int one, other;

	(void)state;
	holder = w.gate;
	atomic_store(&barred_n, 0);
	assert_int_equal(net_engine_new(&e, &o, &err), 0);
	assert_int_equal(net_engine_start(e, &err), 0);
	assert_int_equal(gate_live_watch(w.gate, e, &barred, &err), 0);
	held = by(&w, GATE_IMAP, HOME, SECRET);
	one = dial(e);
	assert_false(ends(one, 1500 * US_PER_MS));
	held.account = 2;
	other = dial(e);
	atomic_store(&barred_n, 1);
	(void)atomic_fetch_add(&change_n, 1);
	assert_true(ends(one, 30 * US_PER_SEC));
	assert_false(ends(other, 100 * US_PER_MS));
	/* No more than that: who is let in again stays. */
	atomic_store(&barred_n, 0);
	(void)atomic_fetch_add(&change_n, 1);
	for (int tries = 0; tries < 20; tries++) {
		(void)close(one);
		held = by(&w, GATE_IMAP, HOME, SECRET);
		one = dial(e);
		if (!ends(one, 2500 * US_PER_MS))
			break;
		assert_true(tries < 19);
	}
	gate_live_unwatch(w.gate);
	net_engine_stop(e, 0);
	net_engine_free(&e);
	(void)close(one);
	(void)close(other);
	world_free(&w);
}

/* ---- the link of a new account ---- */

static int use_link(struct world *w, const char *token, int64_t account,
                    const char *password, struct err *err)
{
	*err = (struct err)ERR_INIT;
	return gate_start_use(w->gate, str_z(token), account, STR(ANNA),
	                      str_z(password), err);
}

static void add_link(char token[GATE_TOKEN_MAX])
{
	struct err err = ERR_INIT;
	struct credentials *c;

	/* As the command line does it, beside the gate. */
	assert_int_equal(credentials_open(&c, dir, &err), 0);
	assert_int_equal(credentials_start_add(c, 1, clock_wall_us(), token,
	                                       &err),
	                 0);
	credentials_close(&c);
}

static void a_link_sets_the_password_once(void **state)
{
	char token[GATE_TOKEN_MAX], later[GATE_TOKEN_MAX];
	struct err err = ERR_INIT;
	struct world w = world_new();
	int64_t account = 0;

	(void)state;
	add_link(token);
	assert_int_equal(gate_start_find(w.gate, str_z(token), &account, &err),
	                 0);
	assert_int_equal(account, 1);
	/* Of another account, or nearly right: nothing is used up. */
	assert_int_equal(use_link(&w, token, 2, "x", &err), -1);
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	token[5] ^= 1;
	assert_int_equal(use_link(&w, token, 1, "x", &err), -1);
	token[5] ^= 1;
	assert_int_equal(by(&w, GATE_IMAP, HOME, SECRET).verdict, GATE_OK);
	assert_int_equal(use_link(&w, token, 1, "another secret", &err), 0);
	assert_int_equal(by(&w, GATE_IMAP, HOME, "another secret").verdict,
	                 GATE_OK);
	assert_int_equal(by(&w, GATE_IMAP, HOME, SECRET).verdict, GATE_WRONG);
	assert_int_equal(use_link(&w, token, 1, "x", &err), -1);
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	assert_int_equal(gate_start_find(w.gate, str_z(token), &account, &err),
	                 -1);
	/* A later link ends the one before; a new password ends both. */
	add_link(token);
	add_link(later);
	assert_int_equal(use_link(&w, token, 1, "x", &err), -1);
	assert_int_equal(gate_password_set(w.gate, 1, STR(ANNA), STR(SECRET),
	                                   &err),
	                 0);
	assert_int_equal(use_link(&w, later, 1, "x", &err), -1);
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	world_free(&w);
}

static void a_link_has_its_time(void **state)
{
	char token[GATE_TOKEN_MAX], needle[256];
	struct err err = ERR_INIT;
	struct world w = world_new();
	int64_t account;

	(void)state;
	add_link(token);
	/* What lies on disk is not the token. */
	(void)snprintf(needle, sizeof(needle), "! grep -q -- %s %s/*.db*",
	               token, dir);
	assert_int_equal(system(needle), 0);
	pass(GATE_START_US - 60 * US_PER_SEC);
	assert_int_equal(gate_start_find(w.gate, str_z(token), &account, &err),
	                 0);
	pass(61 * US_PER_SEC);
	assert_int_equal(gate_start_find(w.gate, str_z(token), &account, &err),
	                 -1);
	assert_int_equal(use_link(&w, token, 1, "x", &err), -1);
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	assert_int_equal(by(&w, GATE_IMAP, HOME, SECRET).verdict, GATE_OK);
	world_free(&w);
}

/* ---- files of before ---- */

static void opens_the_first_form(void **state)
{
	static const char first[] =
		"CREATE TABLE credential ("
		" account BIGINT PRIMARY KEY, address TEXT NOT NULL,"
		" hash TEXT NOT NULL, scram_salt BLOB, scram_iterations BIGINT,"
		" scram_stored BLOB, scram_server BLOB,"
		" changed_us BIGINT NOT NULL);"
		"CREATE TABLE app_password (id INTEGER PRIMARY KEY,"
		" account BIGINT NOT NULL, name TEXT NOT NULL,"
		" tag BLOB NOT NULL, created_us BIGINT NOT NULL);"
		"CREATE INDEX app_password_account"
		" ON app_password (account, tag);"
		"CREATE TABLE setting"
		" (name TEXT PRIMARY KEY, value BLOB NOT NULL);"
		"INSERT INTO setting VALUES ('key', zeroblob(32));"
		"INSERT INTO credential VALUES (1, 'anna@example.com',"
		" '$1$saltsalt$hZR.9zfJXcVTsa9iTxnQR1', NULL, NULL, NULL, NULL,"
		" 1);"
		"INSERT INTO app_password VALUES (7, 1, 'old', x'00', 5);";
	struct gate_app list[GATE_APPS_MAX];
	struct db_options o = { .create = true };
	struct err err = ERR_INIT;
	struct world w;
	char path[96];
	struct db *db;
	size_t n;

	(void)state;
	empty_dir();
	(void)snprintf(path, sizeof(path), "%s/credentials.db", dir);
	o.path = path;
	assert_int_equal(db_open(&db, &o, &err), 0);
	assert_int_equal(db_exec(db, first, &err), 0);
	assert_int_equal(db_set_version(db, 1, &err), 0);
	db_close(&db);
	w = world_open();
	assert_int_equal(by(&w, GATE_IMAP, HOME, "pass").verdict, GATE_OK);
	assert_int_equal(gate_app_list(w.gate, 1, list, &n, &err), 0);
	assert_int_equal(n, 1);
	assert_int_equal(list[0].id, 7);
	assert_int_equal(list[0].services, GATE_SERVICES);
	assert_string_equal(list[0].network, "");
	world_free(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sessions_live_and_end),
		cmocka_unit_test(sessions_have_their_time),
		cmocka_unit_test(a_new_password_ends_the_others),
		cmocka_unit_test(sessions_have_a_number),
		cmocka_unit_test(app_passwords_are_for_something),
		cmocka_unit_test(app_passwords_expire),
		cmocka_unit_test(two_step_login),
		cmocka_unit_test(scram_needs_the_factor_too),
		cmocka_unit_test(attempts_are_told),
		cmocka_unit_test(revoked_logins_end_live_sessions),
		cmocka_unit_test(who_is_barred_is_cut),
		cmocka_unit_test(a_link_sets_the_password_once),
		cmocka_unit_test(a_link_has_its_time),
		cmocka_unit_test(opens_the_first_form),
	};
	char path[96];
	int rc;

	(void)snprintf(dir, sizeof(dir), "/tmp/gate-access-XXXXXX");
	if (!mkdtemp(dir))
		return 1;
	(void)snprintf(path, sizeof(path), "%s/clock", dir);
	clock_fd = open(path, O_RDWR | O_CREAT, 0600);
	if (clock_fd < 0 || write(clock_fd, "\0\0\0\0\0\0\0", 8) != 8 ||
	    setenv("POSTHUS_CLOCK", path, 1) < 0)
		return 1;
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	empty_dir();
	(void)unlink(path);
	(void)rmdir(dir);
	return rc;
}
