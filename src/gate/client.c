#include "gate/client.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "gate/ask.h"
#include "gate/live.h"
#include "ipc/ipc.h"
#include "os/blocking.h"
#include "os/clock.h"
#include "os/random.h"

#define TIMEOUT_US (10 * US_PER_SEC)

/* Connections of this process from one address. */
struct opened {
	enum gate_connection what;
	struct net_addr client;
	uint32_t n;
};

struct gate_client {
	struct ipc_client *ipc;
	struct gate_live *live;      /* after gate_live_watch() */
	struct password_tag_key key; /* of what was refused */

	pthread_mutex_t tokens_lock;
	struct map tokens; /* id -> struct gate_wants: what it holds */

	/* Held while the gate is told, so that totals arrive in order. */
	pthread_mutex_t opened_lock;
	struct map opened;   /* what and address -> struct opened */
	uint64_t generation; /* of the gate that knows them */
};

struct gate_client *gate_client_new(int door, const char *role)
{
	struct gate_client *g = mem_zalloc(sizeof(*g));

	g->ipc = ipc_client_new(door, role);
	password_tag_key(&g->key);
	(void)pthread_mutex_init(&g->tokens_lock, NULL);
	(void)pthread_mutex_init(&g->opened_lock, NULL);
	map_init(&g->tokens, random_u64());
	map_init(&g->opened, random_u64());
	return g;
}

static bool keep_none(void *arg, void *value)
{
	(void)arg;
	mem_free(value);
	return false;
}

void gate_client_free(struct gate_client **gp)
{
	struct gate_client *g = *gp;

	if (!g)
		return;
	gate_live_unwatch(g);
	ipc_client_free(&g->ipc);
	map_sweep(&g->tokens, keep_none, NULL);
	map_sweep(&g->opened, keep_none, NULL);
	map_deinit(&g->tokens);
	map_deinit(&g->opened);
	(void)pthread_mutex_destroy(&g->tokens_lock);
	(void)pthread_mutex_destroy(&g->opened_lock);
	mem_wipe(&g->key, sizeof(g->key));
	mem_free(g);
	*gp = NULL;
}

static void lock(pthread_mutex_t *m)
{
	if (pthread_mutex_trylock(m) == 0)
		return;
	blocking_begin();
	(void)pthread_mutex_lock(m);
	blocking_end();
}

int gate_ask(struct gate_client *g, enum gate_op op, struct buf *body,
             struct buf *reply, struct err *err)
{
	int rc;

	if (buf_overflow(body))
		rc = err_set(err, ERR_TOO_BIG, "request to the gate too big");
	else
		rc = ipc_call(g->ipc, (uint16_t)op, buf_str(body), reply,
		              TIMEOUT_US, err);
	if (body->n)
		mem_wipe(body->p, body->n);
	buf_deinit(body);
	return rc;
}

int gate_malformed(struct err *err)
{
	return err_set(err, ERR_TEMP, "malformed answer of the gate");
}

/* ---- logins ---- */

void gate_is_temp(struct gate_login_result *out, const struct err *err)
{
	memset(out, 0, sizeof(*out));
	out->verdict = GATE_TEMP;
	(void)snprintf(out->why, sizeof(out->why), "%.40s", err->text);
}

static int refuse(struct gate_login_result *out, const char *why)
{
	memset(out, 0, sizeof(*out));
	out->verdict = GATE_WRONG;
	(void)snprintf(out->why, sizeof(out->why), "%s", why);
	return 0;
}

int gate_login(struct gate_client *g, const struct gate_login_request *req,
               struct gate_login_result *out, struct err *err)
{
	struct buf body, reply;
	struct ipc_fields f;
	int rc = 0;

	/* Longer names exist nowhere, longer passwords are nobody's. */
	if (req->user.n > GATE_ADDRESS_MAX || req->secret.n > GATE_SECRET_MAX)
		return refuse(out, "too long");
	if (req->refused &&
	    gate_refused_again(req->refused, &g->key, req->way, req->user,
	                       req->secret, clock_steady_us()))
		return refuse(out, "the same again, by another way");
	buf_init(&body, IPC_BODY_MAX);
	buf_init(&reply, IPC_BODY_MAX);
	gate_put_login(&body, req);
	if (gate_ask(g, GATE_OP_LOGIN, &body, &reply, err) < 0) {
		rc = -1;
	} else {
		f = (struct ipc_fields){ buf_str(&reply), false };
		gate_get_result(&f, out);
		if (!ipc_fields_done(&f))
			rc = gate_malformed(err);
	}
	if (rc < 0)
		gate_is_temp(out, err);
	else if (out->verdict == GATE_WRONG && req->refused)
		gate_refused_note(req->refused, &g->key, req->way, req->user,
		                  req->secret, clock_steady_us());
	buf_deinit(&reply);
	return rc;
}

int gate_scram_begin(struct gate_client *g, struct str user,
                     struct gate_scram_keys *out, struct err *err)
{
	struct buf body, reply;
	struct ipc_fields f;
	struct str salt;
	int rc;

	buf_init(&body, IPC_BODY_MAX);
	buf_init(&reply, IPC_BODY_MAX);
	ipc_put_str(&body, user);
	rc = gate_ask(g, GATE_OP_SCRAM_BEGIN, &body, &reply, err);
	if (rc == 0) {
		f = (struct ipc_fields){ buf_str(&reply), false };
		salt = ipc_get_str(&f, sizeof(out->salt));
		out->iterations = ipc_get_u32(&f);
		if (!ipc_fields_done(&f) || !salt.n) {
			rc = gate_malformed(err);
		} else {
			memcpy(out->salt, salt.p, salt.n);
			out->salt_n = salt.n;
		}
	}
	buf_deinit(&reply);
	return rc;
}

int gate_scram_prove(struct gate_client *g,
                     const struct gate_login_request *req,
                     struct str auth_message, struct str proof,
                     struct gate_login_result *out, char signature_out[32],
                     struct err *err)
{
	struct buf body, reply;
	struct ipc_fields f;
	int rc;

	buf_init(&body, IPC_BODY_MAX);
	buf_init(&reply, IPC_BODY_MAX);
	gate_put_login(&body, req);
	ipc_put_str(&body, auth_message);
	ipc_put_str(&body, proof);
	rc = gate_ask(g, GATE_OP_SCRAM_PROVE, &body, &reply, err);
	if (rc == 0) {
		f = (struct ipc_fields){ buf_str(&reply), false };
		gate_get_result(&f, out);
		if (f.bad || f.rest.n != 32)
			rc = gate_malformed(err);
		else
			memcpy(signature_out, f.rest.p, 32);
	}
	if (rc < 0)
		gate_is_temp(out, err);
	buf_deinit(&reply);
	return rc;
}

struct gate_live **gate_client_live(struct gate_client *g)
{
	return &g->live;
}

/* ---- passwords ---- */

static int set_secret(struct gate_client *g, enum gate_op op, int64_t account,
                      struct str address, struct str secret, struct err *err)
{
	struct buf body;

	buf_init(&body, IPC_BODY_MAX);
	ipc_put_i64(&body, account);
	ipc_put_str(&body, address);
	ipc_put_str(&body, secret);
	return gate_ask(g, op, &body, NULL, err);
}

int gate_password_set(struct gate_client *g, int64_t account,
                      struct str address, struct str password, struct err *err)
{
	return set_secret(g, GATE_OP_PASSWORD_SET, account, address, password,
	                  err);
}

int gate_password_import(struct gate_client *g, int64_t account,
                         struct str address, struct str hash, struct err *err)
{
	return set_secret(g, GATE_OP_PASSWORD_IMPORT, account, address, hash,
	                  err);
}

static int ask_account(struct gate_client *g, enum gate_op op, int64_t account,
                       struct err *err)
{
	struct buf body;

	buf_init(&body, 16);
	ipc_put_i64(&body, account);
	return gate_ask(g, op, &body, NULL, err);
}

int gate_password_remove(struct gate_client *g, int64_t account,
                         struct err *err)
{
	return ask_account(g, GATE_OP_PASSWORD_REMOVE, account, err);
}

int gate_forget(struct gate_client *g, int64_t account, struct err *err)
{
	return ask_account(g, GATE_OP_FORGET, account, err);
}

/* ---- room ---- */

static int ask_token(struct gate_client *g, enum gate_op op, uint64_t token,
                     uint64_t id, const struct gate_wants *all,
                     struct buf *reply, struct err *err)
{
	struct buf body;

	buf_init(&body, 1024);
	ipc_put_u64(&body, token);
	ipc_put_u64(&body, id);
	gate_put_wants(&body, all);
	return gate_ask(g, op, &body, reply, err);
}

static int reserve_all(struct gate_client *g, uint64_t token,
                       const struct gate_wants *all, struct gate_room *out,
                       struct err *err)
{
	struct buf reply;
	struct ipc_fields f;
	int rc;

	buf_init(&reply, 64);
	rc = ask_token(g, GATE_OP_RESERVE, token, 0, all, &reply, err);
	if (rc == 0) {
		f = (struct ipc_fields){ buf_str(&reply), false };
		memset(out, 0, sizeof(*out));
		out->token = token;
		out->granted = ipc_get_u8(&f) != 0;
		out->what = (enum gate_count)ipc_get_u8(&f);
		out->limit = ipc_get_u32(&f);
		out->window_us = ipc_get_i64(&f);
		out->free_us = ipc_get_i64(&f);
		out->own = ipc_get_u8(&f) != 0;
		out->same = ipc_get_u32(&f);
		if (!ipc_fields_done(&f) ||
		    (unsigned)out->what >= GATE_COUNT_KINDS)
			rc = gate_malformed(err);
	}
	buf_deinit(&reply);
	return rc;
}

static void token_keep(struct gate_client *g, uint64_t token,
                       const struct gate_wants *all)
{
	struct gate_wants *copy = mem_alloc(sizeof(*copy));

	*copy = *all;
	(void)pthread_mutex_lock(&g->tokens_lock);
	mem_free(map_put_u64(&g->tokens, token, copy));
	(void)pthread_mutex_unlock(&g->tokens_lock);
}

/* What the token holds; false when it holds nothing. */
static bool token_get(struct gate_client *g, uint64_t token, bool take,
                      struct gate_wants *out)
{
	struct gate_wants *held;

	(void)pthread_mutex_lock(&g->tokens_lock);
	held = map_get_u64(&g->tokens, token);
	if (held)
		*out = *held;
	if (held && take)
		mem_free(map_remove_u64(&g->tokens, token));
	(void)pthread_mutex_unlock(&g->tokens_lock);
	return held != NULL;
}

static int reserve(struct gate_client *g, uint64_t token,
                   struct gate_wants *all, const struct gate_want *wants,
                   size_t n, struct gate_room *out, struct err *err)
{
	if (!gate_wants_add(all, wants, n))
		return err_set(err, ERR_INVALID, "too much to reserve");
	if (reserve_all(g, token, all, out, err) < 0)
		return -1;
	if (out->granted)
		token_keep(g, token, all);
	return 0;
}

int gate_reserve(struct gate_client *g, const struct gate_want *wants, size_t n,
                 struct gate_room *out, struct err *err)
{
	struct gate_wants all = { .n = 0 };
	uint64_t token = random_u64() | 1; /* not 0 */

	return reserve(g, token, &all, wants, n, out, err);
}

int gate_reserve_more(struct gate_client *g, uint64_t token,
                      const struct gate_want *wants, size_t n,
                      struct gate_room *out, struct err *err)
{
	struct gate_wants all;

	if (!token_get(g, token, false, &all))
		return err_set(err, ERR_INVALID, "no such reservation");
	return reserve(g, token, &all, wants, n, out, err);
}

int gate_give_back(struct gate_client *g, uint64_t token,
                   const struct gate_want *wants, size_t n, struct err *err)
{
	struct gate_wants all;
	struct gate_room room;

	if (!token_get(g, token, false, &all) ||
	    !gate_wants_take(&all, wants, n))
		return err_set(err, ERR_INVALID, "no such reservation");
	if (reserve_all(g, token, &all, &room, err) < 0)
		return -1;
	token_keep(g, token, &all);
	return 0;
}

int gate_confirm(struct gate_client *g, uint64_t token, uint64_t id,
                 struct err *err)
{
	struct gate_wants all;

	if (!token_get(g, token, true, &all))
		return err_set(err, ERR_INVALID, "no such reservation");
	return ask_token(g, GATE_OP_CONFIRM, token, id ? id : token, &all, NULL,
	                 err);
}

void gate_release(struct gate_client *g, uint64_t token)
{
	struct gate_wants all;
	struct err err = ERR_INIT;

	if (!token_get(g, token, true, &all))
		return;
	all.n = 0;
	/* A gate that cannot be asked has forgotten it, or will, with us. */
	err_drop(ask_token(g, GATE_OP_RELEASE, token, 0, &all, NULL, &err));
}

int gate_count_add(struct gate_client *g, const struct gate_want *want,
                   struct err *err)
{
	struct gate_wants all = { .n = 0 };

	if (!gate_wants_add(&all, want, 1))
		return err_set(err, ERR_INVALID, "no such count");
	return ask_token(g, GATE_OP_COUNT, 0, random_u64() | 1, &all, NULL,
	                 err);
}

static int ask_windows(struct gate_client *g, int64_t subject, bool of_account,
                       struct gate_window_fill *out, size_t max, size_t *n_out,
                       struct err *err)
{
	struct buf body, reply;
	struct ipc_fields f;
	size_t n;
	int rc;

	buf_init(&body, 16);
	buf_init(&reply, IPC_BODY_MAX);
	ipc_put_i64(&body, subject);
	ipc_put_u8(&body, of_account);
	rc = gate_ask(g, GATE_OP_WINDOWS, &body, &reply, err);
	if (rc == 0) {
		f = (struct ipc_fields){ buf_str(&reply), false };
		n = ipc_get_u8(&f);
		for (size_t i = 0; i < n; i++) {
			struct gate_window_fill w = {
				.what = (enum gate_count)ipc_get_u8(&f),
			};

			w.window_us = ipc_get_i64(&f);
			w.limit = ipc_get_u32(&f);
			w.used = ipc_get_u32(&f);
			if (i < max)
				out[i] = w;
		}
		if (!ipc_fields_done(&f))
			rc = gate_malformed(err);
		else
			*n_out = n < max ? n : max;
	}
	buf_deinit(&reply);
	return rc;
}

int gate_windows(struct gate_client *g, int64_t subject,
                 struct gate_window_fill *out, size_t max, size_t *n_out,
                 struct err *err)
{
	return ask_windows(g, subject, false, out, max, n_out, err);
}

int gate_account_windows(struct gate_client *g, int64_t account,
                         struct gate_window_fill *out, size_t max,
                         size_t *n_out, struct err *err)
{
	return ask_windows(g, account, true, out, max, n_out, err);
}

int gate_habits(struct gate_client *g, int64_t account, struct gate_habits *out,
                struct err *err)
{
	struct gate_habits h;
	struct buf body, reply;
	struct ipc_fields f;
	int rc;

	buf_init(&body, 16);
	buf_init(&reply, 64);
	ipc_put_i64(&body, account);
	rc = gate_ask(g, GATE_OP_HABITS, &body, &reply, err);
	if (rc == 0) {
		f = (struct ipc_fields){ buf_str(&reply), false };
		h.strangers_1h = ipc_get_u32(&f);
		h.recipients_1h = ipc_get_u32(&f);
		h.failed_1h = ipc_get_u32(&f);
		h.new_networks_1d = ipc_get_u32(&f);
		if (!ipc_fields_done(&f))
			rc = gate_malformed(err);
		else
			*out = h;
	}
	buf_deinit(&reply);
	return rc;
}

/* ---- connections ---- */

static void put_opened(struct buf *b, const struct opened *o)
{
	ipc_put_u8(b, (uint8_t)o->what);
	gate_put_addr(b, &o->client);
	ipc_put_u32(b, o->n);
}

static int tell(struct gate_client *g, struct buf *body, uint32_t *open_out,
                struct err *err)
{
	struct buf reply;
	struct ipc_fields f;
	uint32_t open;
	int rc;

	buf_init(&reply, 8);
	rc = gate_ask(g, GATE_OP_CONNECTIONS, body, &reply, err);
	if (rc == 0) {
		f = (struct ipc_fields){ buf_str(&reply), false };
		open = ipc_get_u32(&f);
		if (!ipc_fields_done(&f))
			rc = gate_malformed(err);
		else if (open_out)
			*open_out = open;
	}
	buf_deinit(&reply);
	return rc;
}

static bool keep_open(void *arg, void *value)
{
	struct opened *o = value;

	if (o->n || o == arg)
		return true;
	mem_free(o);
	return false;
}

/* A gate that was started anew is told of all connections again; `one` is in
 * use and stays even when none is open. */
static int tell_all(struct gate_client *g, struct opened *one, struct err *err)
{
	struct map_entry e;
	size_t at = 0, in_batch = 0;
	struct buf body;

	buf_init(&body, IPC_BODY_MAX);
	while (map_next(&g->opened, &at, &e)) {
		put_opened(&body, e.value);
		if (++in_batch < GATE_CONN_BATCH)
			continue;
		in_batch = 0;
		if (tell(g, &body, NULL, err) < 0)
			return -1;
		buf_init(&body, IPC_BODY_MAX);
	}
	if (tell(g, &body, NULL, err) < 0)
		return -1;
	map_sweep(&g->opened, keep_open, one);
	return 0;
}

static int tell_one(struct gate_client *g, struct opened *o, uint32_t *open_out,
                    struct err *err)
{
	struct buf body;

	for (int i = 0; i < 3; i++) {
		uint64_t generation;

		buf_init(&body, 64);
		put_opened(&body, o);
		if (tell(g, &body, open_out, err) < 0)
			return -1;
		generation = ipc_client_generation(g->ipc);
		if (generation == g->generation)
			return 0;
		/* The first call of all, or a new gate. */
		if (tell_all(g, o, err) < 0)
			return -1;
		g->generation = generation;
	}
	return err_set(err, ERR_TEMP, "the gate restarts too often");
}

static struct opened *opened_get(struct gate_client *g,
                                 enum gate_connection what,
                                 const struct net_addr *peer, char key[18])
{
	struct net_addr client = net_addr_client(peer);
	struct opened *o;

	key[0] = (char)what;
	key[1] = (char)client.family;
	memcpy(key + 2, client.ip, 16);
	o = map_get(&g->opened, (struct str){ key, 18 });
	if (o)
		return o;
	o = mem_zalloc(sizeof(*o));
	o->what = what;
	o->client = client;
	(void)map_put(&g->opened, (struct str){ key, 18 }, o);
	return o;
}

int gate_connection_opened(struct gate_client *g, enum gate_connection what,
                           const struct net_addr *peer, uint32_t *open_out,
                           struct err *err)
{
	struct opened *o;
	char key[18];
	int rc;

	lock(&g->opened_lock);
	o = opened_get(g, what, peer, key);
	o->n++;
	rc = tell_one(g, o, open_out, err);
	(void)pthread_mutex_unlock(&g->opened_lock);
	return rc;
}

void gate_connection_closed(struct gate_client *g, enum gate_connection what,
                            const struct net_addr *peer)
{
	struct err err = ERR_INIT;
	struct opened *o;
	char key[18];

	lock(&g->opened_lock);
	o = opened_get(g, what, peer, key);
	if (o->n)
		o->n--;
	/* A gate that cannot be asked now is told all the next time. */
	if (tell_one(g, o, NULL, &err) < 0)
		g->generation = 0;
	else if (!o->n) {
		(void)map_remove(&g->opened, (struct str){ key, 18 });
		mem_free(o);
	}
	(void)pthread_mutex_unlock(&g->opened_lock);
}
