#include "gate/server.h"

#include "base/mem.h"
#include "gate/server_private.h"
#include "log/log.h"
#include "log/metric.h"
#include "os/thread.h"

#define UPKEEP_TICKS 30 /* of a second */

void gate_reply_bad(struct ipc_request *r)
{
	struct err err = ERR_INIT;

	err_drop(err_set(&err, ERR_INVALID, "malformed request"));
	ipc_reply_err(r, &err);
}

void gate_reply_done(struct ipc_request *r, int rc, const struct err *err)
{
	if (rc < 0)
		ipc_reply_err(r, err);
	else
		ipc_reply(r, STR(""));
}

void gate_reply_buf(struct ipc_request *r, struct buf *b)
{
	ipc_reply(r, buf_str(b));
	buf_deinit(b);
}

struct ipc_fields gate_fields(const struct ipc_request *r)
{
	return (struct ipc_fields){ ipc_request_body(r), false };
}

/* ---- logins ---- */

static const char *const protocol_names[] = {
	[GATE_SMTP] = "smtp",   [GATE_IMAP] = "imap", [GATE_POP3] = "pop3",
	[GATE_SIEVE] = "sieve", [GATE_HTTP] = "http", [GATE_WEB] = "web",
};

static const char *const verdict_names[] = {
	[GATE_OK] = "ok",
	[GATE_WRONG] = "wrong",
	[GATE_LOCKED] = "locked",
	[GATE_CASE] = "case",
	[GATE_SUSPENDED] = "suspended",
	[GATE_TEMP] = "temp",
	[GATE_CODE] = "code",
	[GATE_APP_ONLY] = "app-only",
};

static void note(const struct gate_login_request *q,
                 const struct gate_login_result *out)
{
	static const enum metric metrics[] = {
		[GATE_OK] = METRIC_AUTH_OK,
		[GATE_WRONG] = METRIC_AUTH_WRONG,
		[GATE_LOCKED] = METRIC_AUTH_LOCKED,
		[GATE_CASE] = METRIC_AUTH_OTHER,
		[GATE_SUSPENDED] = METRIC_AUTH_OTHER,
		[GATE_TEMP] = METRIC_AUTH_OTHER,
		[GATE_CODE] = METRIC_AUTH_OTHER,
		[GATE_APP_ONLY] = METRIC_AUTH_OTHER,
	};

	char ip[NET_ADDR_TEXT_MAX];
	struct log_line l;

	metric_add(metrics[out->verdict], 1);
	log_begin(&l, out->verdict == GATE_OK ? LOG_DEBUG : LOG_INFO,
	          "login.judged");
	log_z(&l, "result", verdict_names[out->verdict]);
	log_z(&l, "why", out->why);
	log_str(&l, "addr", q->user);
	log_z(&l, "ip", net_addr_text(&q->peer, ip));
	log_z(&l, "proto", protocol_names[q->protocol]);
	log_end(&l);
}

void gate_note_login(struct gate_server *g, const struct gate_login_request *q,
                     const struct gate_login_result *out)
{
	note(q, out);
	diary_login_note(g->diary, q, out);
}

static void reply_result(struct gate_server *g, struct ipc_request *r,
                         const struct gate_login_request *q,
                         const struct gate_login_result *out,
                         struct str signature)
{
	struct buf b;

	gate_note_login(g, q, out);
	buf_init(&b, IPC_BODY_MAX);
	gate_put_result(&b, out);
	buf_add(&b, signature);
	gate_reply_buf(r, &b);
}

static void slow_login(void *context, struct ipc_request *r)
{
	struct gate_server *g = context;
	struct ipc_fields f = gate_fields(r);
	struct gate_login_request q;
	struct gate_login_result out;

	gate_get_login(&f, &q);
	login_slow(g->login, &q, &out);
	reply_result(g, r, &q, &out, STR(""));
}

static void do_login(struct gate_server *g, struct ipc_request *r)
{
	struct ipc_fields f = gate_fields(r);
	struct gate_login_request q;
	struct gate_login_result out;

	gate_get_login(&f, &q);
	if (!ipc_fields_done(&f))
		gate_reply_bad(r);
	else if (login_quick(g->login, &q, &out))
		reply_result(g, r, &q, &out, STR(""));
	else
		ipc_defer(r, slow_login);
}

static void do_scram_begin(struct gate_server *g, struct ipc_request *r)
{
	struct ipc_fields f = gate_fields(r);
	struct str user = ipc_get_str(&f, GATE_ADDRESS_MAX);
	struct gate_scram_keys keys;
	struct err err = ERR_INIT;
	struct buf b;

	if (!ipc_fields_done(&f)) {
		gate_reply_bad(r);
		return;
	}
	if (login_scram_begin(g->login, user, &keys, &err) < 0) {
		ipc_reply_err(r, &err);
		return;
	}
	buf_init(&b, IPC_BODY_MAX);
	ipc_put_str(&b, (struct str){ keys.salt, keys.salt_n });
	ipc_put_u32(&b, keys.iterations);
	gate_reply_buf(r, &b);
}

static void do_scram_prove(struct gate_server *g, struct ipc_request *r)
{
	struct ipc_fields f = gate_fields(r);
	struct gate_login_request q;
	struct gate_login_result out;
	struct str message, proof;
	char signature[32] = { 0 };

	gate_get_login(&f, &q);
	message = ipc_get_str(&f, IPC_BODY_MAX);
	proof = ipc_get_str(&f, 32);
	if (!ipc_fields_done(&f)) {
		gate_reply_bad(r);
		return;
	}
	login_scram_prove(g->login, &q, message, proof, &out, signature);
	reply_result(g, r, &q, &out,
	             (struct str){ signature, sizeof(signature) });
}

/* ---- passwords: each waits for the disk, so on the pool ---- */

static void slow_password(void *context, struct ipc_request *r)
{
	struct gate_server *g = context;
	struct ipc_fields f = gate_fields(r);
	int64_t account = ipc_get_i64(&f);
	struct str address = ipc_get_str(&f, GATE_ADDRESS_MAX);
	struct str secret = ipc_get_str(&f, GATE_SECRET_MAX);
	struct err err = ERR_INIT;
	bool scram;
	int rc;

	if (!ipc_fields_done(&f)) {
		gate_reply_bad(r);
		return;
	}
	(void)pthread_mutex_lock(&g->lock);
	scram = g->next.scram;
	(void)pthread_mutex_unlock(&g->lock);
	if (ipc_request_op(r) == GATE_OP_PASSWORD_SET)
		rc = credentials_set(g->credentials, account, address, secret,
		                     scram, 0, &err);
	else
		rc = credentials_import(g->credentials, account, address,
		                        secret, &err);
	login_forget(g->login, account);
	gate_reply_done(r, rc, &err);
}

static void slow_remove(void *context, struct ipc_request *r)
{
	struct gate_server *g = context;
	struct ipc_fields f = gate_fields(r);
	int64_t account = ipc_get_i64(&f);
	struct err err = ERR_INIT;
	int rc;

	if (!ipc_fields_done(&f)) {
		gate_reply_bad(r);
		return;
	}
	rc = credentials_remove(g->credentials, account, &err);
	if (rc == 0)
		rc = diary_networks_forget(g->diary, account, &err);
	login_forget(g->login, account);
	gate_reply_done(r, rc, &err);
}

static void do_forget(struct gate_server *g, struct ipc_request *r)
{
	struct ipc_fields f = gate_fields(r);
	int64_t account = ipc_get_i64(&f);

	if (!ipc_fields_done(&f)) {
		gate_reply_bad(r);
		return;
	}
	login_forget(g->login, account);
	ipc_reply(r, STR(""));
}

/* ---- counts ---- */

static void reply_room(struct ipc_request *r, const struct gate_room *room)
{
	struct buf b;

	buf_init(&b, 64);
	ipc_put_u8(&b, room->granted);
	ipc_put_u8(&b, (uint8_t)room->what);
	ipc_put_u32(&b, room->limit);
	ipc_put_i64(&b, room->window_us);
	ipc_put_i64(&b, room->free_us);
	ipc_put_u8(&b, room->own);
	ipc_put_u32(&b, room->same);
	gate_reply_buf(r, &b);
}

static void do_token(struct gate_server *g, struct ipc_request *r)
{
	struct ipc_fields f = gate_fields(r);
	uint64_t token = ipc_get_u64(&f), id = ipc_get_u64(&f);
	struct gate_wants all;
	struct gate_room room;
	struct room_job job;

	gate_get_wants(&f, &all);
	if (!ipc_fields_done(&f)) {
		gate_reply_bad(r);
		return;
	}
	switch (ipc_request_op(r)) {
	case GATE_OP_RESERVE:
		room_reserve(g->room, ipc_request_conn(r), token, &all, &room);
		reply_room(r, &room);
		break;
	case GATE_OP_RELEASE:
		room_release(g->room, token);
		ipc_reply(r, STR(""));
		break;
	default: /* CONFIRM, COUNT */
		room_confirm(g->room, token, id, &all, &job);
		writer_add(g->writer, r, &job);
		break;
	}
}

#define FILLS_MAX (GATE_COUNT_KINDS * 2)

static void do_windows(struct gate_server *g, struct ipc_request *r)
{
	struct ipc_fields f = gate_fields(r);
	int64_t subject = ipc_get_i64(&f);
	bool of_account = ipc_get_u8(&f) != 0;
	struct gate_window_fill fills[FILLS_MAX];
	size_t n;
	struct buf b;

	if (!ipc_fields_done(&f)) {
		gate_reply_bad(r);
		return;
	}
	n = room_windows(g->room, subject, of_account, fills, FILLS_MAX);
	buf_init(&b, IPC_BODY_MAX);
	ipc_put_u8(&b, (uint8_t)n);
	for (size_t i = 0; i < n; i++) {
		ipc_put_u8(&b, (uint8_t)fills[i].what);
		ipc_put_i64(&b, fills[i].window_us);
		ipc_put_u32(&b, fills[i].limit);
		ipc_put_u32(&b, fills[i].used);
	}
	gate_reply_buf(r, &b);
}

static void do_habits(struct gate_server *g, struct ipc_request *r)
{
	struct ipc_fields f = gate_fields(r);
	int64_t account = ipc_get_i64(&f);
	struct gate_habits h;
	struct err err = ERR_INIT;
	struct buf b;

	if (!ipc_fields_done(&f)) {
		gate_reply_bad(r);
		return;
	}
	room_habits(g->room, account, &h);
	if (diary_networks_new(g->diary, account, &h.new_networks_1d, &err) <
	    0) {
		ipc_reply_err(r, &err);
		return;
	}
	buf_init(&b, 64);
	ipc_put_u32(&b, h.strangers_1h);
	ipc_put_u32(&b, h.recipients_1h);
	ipc_put_u32(&b, h.failed_1h);
	ipc_put_u32(&b, h.new_networks_1d);
	gate_reply_buf(r, &b);
}

static void do_connections(struct gate_server *g, struct ipc_request *r)
{
	struct ipc_fields f = gate_fields(r);
	uint32_t open = 0;
	struct buf b;

	while (!f.bad && f.rest.n) {
		uint8_t what = ipc_get_u8(&f);
		struct net_addr peer;
		uint32_t n;

		gate_get_addr(&f, &peer);
		n = ipc_get_u32(&f);
		if (what > GATE_CONN_IMAP)
			f.bad = true;
		if (!f.bad)
			open = conns_set(g->conns, ipc_request_conn(r),
			                 (enum gate_connection)what, &peer, n);
	}
	if (!ipc_fields_done(&f)) {
		gate_reply_bad(r);
		return;
	}
	buf_init(&b, 8);
	ipc_put_u32(&b, open);
	gate_reply_buf(r, &b);
}

/* ---- the service ---- */

static void take_limits(struct gate_server *g)
{
	(void)pthread_mutex_lock(&g->lock);
	if (g->has_next)
		g->limits = g->next;
	g->has_next = false;
	(void)pthread_mutex_unlock(&g->lock);
}

static void handle(void *context, struct ipc_request *r)
{
	struct gate_server *g = context;

	take_limits(g);
	switch (ipc_request_op(r)) {
	case GATE_OP_LOGIN: do_login(g, r); break;
	case GATE_OP_SCRAM_BEGIN: do_scram_begin(g, r); break;
	case GATE_OP_SCRAM_PROVE: do_scram_prove(g, r); break;
	case GATE_OP_PASSWORD_SET:
	case GATE_OP_PASSWORD_IMPORT: ipc_defer(r, slow_password); break;
	case GATE_OP_PASSWORD_REMOVE: ipc_defer(r, slow_remove); break;
	case GATE_OP_FORGET: do_forget(g, r); break;
	case GATE_OP_RESERVE:
	case GATE_OP_CONFIRM:
	case GATE_OP_RELEASE:
	case GATE_OP_COUNT: do_token(g, r); break;
	case GATE_OP_WINDOWS: do_windows(g, r); break;
	case GATE_OP_HABITS: do_habits(g, r); break;
	case GATE_OP_CONNECTIONS: do_connections(g, r); break;
	default:
		(void)gate_handle_access(g, r); /* else ipc answers */
		break;
	}
}

static void closed(void *context, uint64_t conn)
{
	struct gate_server *g = context;

	room_closed(g->room, conn);
	conns_closed(g->conns, conn);
}

static void tick(void *context)
{
	struct gate_server *g = context;

	struct err err = ERR_INIT;

	take_limits(g);
	room_resets(g->room, &err); /* what failed is seen the next time */
	if (++g->ticks % UPKEEP_TICKS)
		return;
	login_upkeep(g->login);
	room_upkeep(g->room);
	diary_upkeep(g->diary);
	counts_upkeep(g->counts,
	              diary_now(g->diary) - room_longest_us(g->room));
	credentials_upkeep(g->credentials, diary_now(g->diary));
}

static int start(struct gate_server *g, struct err *err)
{
	struct ipc_service s = { .handle = handle,
		                 .closed = closed,
		                 .tick = tick,
		                 .context = g,
		                 .threads = g->o.hashers };

	int64_t last;

	g->conns = conns_new(&g->limits);
	if (credentials_open(&g->credentials, g->o.dir, err) < 0 ||
	    counts_open(&g->counts, g->o.dir, err) < 0 ||
	    counts_last(g->counts, &last, err) < 0 ||
	    diary_open(&g->diary, g->o.dir, last, err) < 0 ||
	    login_new(&g->login, &g->o, g->credentials, g->diary, err) < 0 ||
	    room_new(&g->room, g->diary, g->counts, &g->limits, &g->o, err) <
	            0 ||
	    writer_start(&g->writer, g->room, g->counts, err) < 0)
		return -1;
	return ipc_server_start(&g->ipc, g->o.door, &s, err);
}

int gate_server_start(struct gate_server **out, const struct gate_options *o,
                      struct err *err)
{
	struct gate_server *g = mem_zalloc(sizeof(*g));

	g->o = *o;
	if (!g->o.hashers)
		g->o.hashers = thread_cores();
	g->limits = g->next = o->limits;
	(void)pthread_mutex_init(&g->lock, NULL);
	if (start(g, err) < 0) {
		gate_server_stop(&g);
		return -1;
	}
	*out = g;
	return 0;
}

void gate_server_limits(struct gate_server *g, const struct gate_limits *l)
{
	(void)pthread_mutex_lock(&g->lock);
	g->next = *l;
	g->has_next = true;
	(void)pthread_mutex_unlock(&g->lock);
	login_limits(g->login, l);
}

void gate_server_stop(struct gate_server **gp)
{
	struct gate_server *g = *gp;

	if (!g)
		return;
	writer_stop(g->writer);
	ipc_server_stop(&g->ipc);
	writer_free(&g->writer);
	room_free(&g->room);
	conns_free(&g->conns);
	counts_close(&g->counts);
	login_free(&g->login);
	diary_close(&g->diary);
	credentials_close(&g->credentials);
	(void)pthread_mutex_destroy(&g->lock);
	mem_free(g);
	*gp = NULL;
}
