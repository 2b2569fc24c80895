/* Sessions of a browser, app passwords, the second factor. */
#include <stdio.h>

#include "base/mem.h"
#include "crypto/totp.h"
#include "gate/server_private.h"

/* ---- sessions ---- */

static void open_session(struct gate_server *g,
                         const struct gate_login_request *q, bool remember,
                         struct str agent, struct gate_login_result *out,
                         char token[GATE_TOKEN_MAX])
{
	struct gate_session s = { .account = out->account,
		                  .remember = remember };
	struct err err = ERR_INIT;

	(void)snprintf(s.agent, sizeof(s.agent), "%.*s", STR_ARG(agent));
	(void)net_addr_text(&q->peer, s.ip);
	if (credentials_session_add(g->credentials, &s, diary_now(g->diary),
	                            token, &err) == 0) {
		out->credential.kind = GATE_BY_SESSION;
		out->credential.id = s.id;
		return;
	}
	*out = (struct gate_login_result){ .verdict = GATE_TEMP };
	(void)snprintf(out->why, sizeof(out->why), "%.40s", err.text);
}

static void slow_web_login(void *context, struct ipc_request *r)
{
	struct gate_server *g = context;
	struct ipc_fields f = gate_fields(r);
	struct gate_login_request q;
	struct gate_login_result out;
	char token[GATE_TOKEN_MAX] = "";
	struct str code, agent;
	bool remember;
	struct buf b;

	gate_get_login(&f, &q);
	code = ipc_get_str(&f, GATE_CODE_MAX);
	remember = ipc_get_u8(&f) != 0;
	agent = ipc_get_str(&f, GATE_AGENT_MAX);
	if (!ipc_fields_done(&f) || q.protocol != GATE_WEB) {
		gate_reply_bad(r);
		return;
	}
	login_web(g->login, &q, code, &out);
	if (out.verdict == GATE_OK)
		open_session(g, &q, remember, agent, &out, token);
	gate_note_login(g, &q, &out);
	buf_init(&b, IPC_BODY_MAX);
	gate_put_result(&b, &out);
	ipc_put_str(&b, str_z(token));
	mem_wipe(token, sizeof(token));
	gate_reply_buf(r, &b);
}

/* A look by an index: on the reading thread. */
static void do_session_check(struct gate_server *g, struct ipc_request *r)
{
	struct ipc_fields f = gate_fields(r);
	struct str token = ipc_get_str(&f, GATE_TOKEN_MAX);
	struct err err = ERR_INIT;
	struct gate_session s;
	struct net_addr peer;
	struct buf b;
	int rc;

	gate_get_addr(&f, &peer);
	if (!ipc_fields_done(&f)) {
		gate_reply_bad(r);
		return;
	}
	rc = credentials_session_check(g->credentials, token, &peer,
	                               diary_now(g->diary), &s, &err);
	if (rc == 0)
		rc = err_set(&err, ERR_NOT_FOUND, "no such session");
	if (rc < 0) {
		ipc_reply_err(r, &err);
		return;
	}
	buf_init(&b, IPC_BODY_MAX);
	gate_put_session(&b, &s);
	gate_reply_buf(r, &b);
}

static void slow_session_list(void *context, struct ipc_request *r)
{
	struct gate_server *g = context;
	struct ipc_fields f = gate_fields(r);
	int64_t account = ipc_get_i64(&f);
	struct err err = ERR_INIT;
	struct gate_session *s;
	struct buf b;
	size_t n = 0;

	if (!ipc_fields_done(&f)) {
		gate_reply_bad(r);
		return;
	}
	s = mem_array(GATE_SESSIONS_MAX, sizeof(*s));
	if (credentials_session_list(g->credentials, account,
	                             diary_now(g->diary), s, &n, &err) < 0) {
		ipc_reply_err(r, &err);
	} else {
		buf_init(&b, IPC_BODY_MAX);
		ipc_put_u32(&b, (uint32_t)n);
		for (size_t i = 0; i < n; i++)
			gate_put_session(&b, &s[i]);
		gate_reply_buf(r, &b);
	}
	mem_free(s);
}

static void slow_session_end(void *context, struct ipc_request *r)
{
	struct gate_server *g = context;
	struct ipc_fields f = gate_fields(r);
	int64_t account = ipc_get_i64(&f), id = ipc_get_i64(&f);
	int64_t except = ipc_get_i64(&f);
	struct err err = ERR_INIT;

	if (!ipc_fields_done(&f))
		gate_reply_bad(r);
	else
		gate_reply_done(r,
		                credentials_session_end(g->credentials, account,
		                                        id, except, &err),
		                &err);
}

static void slow_change(void *context, struct ipc_request *r)
{
	struct gate_server *g = context;
	struct ipc_fields f = gate_fields(r);
	int64_t account = ipc_get_i64(&f), keep;
	struct str address = ipc_get_str(&f, GATE_ADDRESS_MAX);
	struct str secret = ipc_get_str(&f, GATE_SECRET_MAX);
	struct err err = ERR_INIT;
	bool scram;
	int rc;

	keep = ipc_get_i64(&f);
	if (!ipc_fields_done(&f)) {
		gate_reply_bad(r);
		return;
	}
	(void)pthread_mutex_lock(&g->lock);
	scram = g->next.scram;
	(void)pthread_mutex_unlock(&g->lock);
	rc = credentials_set(g->credentials, account, address, secret, scram,
	                     keep, &err);
	login_forget(g->login, account);
	gate_reply_done(r, rc, &err);
}

/* ---- the link of a new account ---- */

/* A look by an index: on the reading thread. */
static void do_start_find(struct gate_server *g, struct ipc_request *r)
{
	struct ipc_fields f = gate_fields(r);
	struct str token = ipc_get_str(&f, GATE_TOKEN_MAX);
	struct err err = ERR_INIT;
	int64_t account = 0;
	struct buf b;
	int rc;

	if (!ipc_fields_done(&f)) {
		gate_reply_bad(r);
		return;
	}
	rc = credentials_start_find(g->credentials, token, diary_now(g->diary),
	                            &account, &err);
	if (rc == 0)
		rc = err_set(&err, ERR_NOT_FOUND, "no such link");
	if (rc < 0) {
		ipc_reply_err(r, &err);
		return;
	}
	buf_init(&b, 16);
	ipc_put_i64(&b, account);
	gate_reply_buf(r, &b);
}

static void slow_start_add(void *context, struct ipc_request *r)
{
	struct gate_server *g = context;
	struct ipc_fields f = gate_fields(r);
	int64_t account = ipc_get_i64(&f), now_us = diary_now(g->diary);
	char token[GATE_TOKEN_MAX];
	struct err err = ERR_INIT;
	struct buf b;

	if (!ipc_fields_done(&f)) {
		gate_reply_bad(r);
		return;
	}
	if (credentials_start_add(g->credentials, account, now_us, token,
	                          &err) < 0) {
		ipc_reply_err(r, &err);
		return;
	}
	buf_init(&b, 256);
	ipc_put_str(&b, str_z(token));
	ipc_put_i64(&b, now_us + GATE_START_US);
	mem_wipe(token, sizeof(token));
	gate_reply_buf(r, &b);
}

static void slow_start_use(void *context, struct ipc_request *r)
{
	struct gate_server *g = context;
	struct ipc_fields f = gate_fields(r);
	struct str token = ipc_get_str(&f, GATE_TOKEN_MAX);
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
	rc = credentials_start_use(g->credentials, token, account, address,
	                           secret, scram, diary_now(g->diary), &err);
	login_forget(g->login, account);
	gate_reply_done(r, rc, &err);
}

/* ---- app passwords ---- */

static void slow_app_add(void *context, struct ipc_request *r)
{
	struct gate_server *g = context;
	struct ipc_fields f = gate_fields(r);
	int64_t account = ipc_get_i64(&f), id;
	char password[PASSWORD_RANDOM_MAX];
	struct err err = ERR_INIT;
	struct gate_app app;
	struct buf b;

	gate_get_app(&f, &app);
	if (!ipc_fields_done(&f)) {
		gate_reply_bad(r);
		return;
	}
	if (credentials_app_add(g->credentials, account, &app,
	                        diary_now(g->diary), password, &id, &err) < 0) {
		ipc_reply_err(r, &err);
		return;
	}
	buf_init(&b, IPC_BODY_MAX);
	ipc_put_i64(&b, id);
	ipc_put_str(&b, str_z(password));
	mem_wipe(password, sizeof(password));
	gate_reply_buf(r, &b);
}

static void slow_app_list(void *context, struct ipc_request *r)
{
	struct gate_server *g = context;
	struct ipc_fields f = gate_fields(r);
	int64_t account = ipc_get_i64(&f);
	struct err err = ERR_INIT;
	struct gate_app *apps;
	struct buf b;
	size_t n = 0;

	if (!ipc_fields_done(&f)) {
		gate_reply_bad(r);
		return;
	}
	apps = mem_array(GATE_APPS_MAX, sizeof(*apps));
	if (credentials_app_list(g->credentials, account, apps, &n, &err) < 0) {
		ipc_reply_err(r, &err);
	} else {
		buf_init(&b, IPC_BODY_MAX);
		ipc_put_u32(&b, (uint32_t)n);
		for (size_t i = 0; i < n; i++)
			gate_put_app(&b, &apps[i]);
		gate_reply_buf(r, &b);
	}
	mem_free(apps);
}

static void slow_app_remove(void *context, struct ipc_request *r)
{
	struct gate_server *g = context;
	struct ipc_fields f = gate_fields(r);
	int64_t account = ipc_get_i64(&f), id = ipc_get_i64(&f);
	struct err err = ERR_INIT;
	int rc;

	if (!ipc_fields_done(&f)) {
		gate_reply_bad(r);
		return;
	}
	rc = credentials_app_remove(g->credentials, account, id, &err);
	login_forget(g->login, account);
	gate_reply_done(r, rc, &err);
}

/* ---- the second factor ---- */

static void slow_totp_get(void *context, struct ipc_request *r)
{
	struct gate_server *g = context;
	struct ipc_fields f = gate_fields(r);
	int64_t account = ipc_get_i64(&f);
	struct err err = ERR_INIT;
	struct gate_totp t;
	struct buf b;

	if (!ipc_fields_done(&f)) {
		gate_reply_bad(r);
		return;
	}
	if (credentials_totp_get(g->credentials, account, &t, &err) < 0) {
		ipc_reply_err(r, &err);
		return;
	}
	buf_init(&b, 64);
	ipc_put_u8(&b, t.on);
	ipc_put_i64(&b, t.since_us);
	ipc_put_u32(&b, t.recovery_left);
	gate_reply_buf(r, &b);
}

static void slow_totp_begin(void *context, struct ipc_request *r)
{
	struct gate_server *g = context;
	struct ipc_fields f = gate_fields(r);
	int64_t account = ipc_get_i64(&f);
	uint8_t secret[TOTP_SECRET_SIZE];
	struct err err = ERR_INIT;
	struct buf b;

	if (!ipc_fields_done(&f)) {
		gate_reply_bad(r);
		return;
	}
	if (credentials_totp_begin(g->credentials, account, secret, &err) < 0) {
		ipc_reply_err(r, &err);
		return;
	}
	buf_init(&b, 64);
	ipc_put_str(&b, (struct str){ (const char *)secret, sizeof(secret) });
	mem_wipe(secret, sizeof(secret));
	gate_reply_buf(r, &b);
}

static void slow_totp_confirm(void *context, struct ipc_request *r)
{
	struct gate_server *g = context;
	struct ipc_fields f = gate_fields(r);
	int64_t account = ipc_get_i64(&f);
	struct str code = ipc_get_str(&f, GATE_CODE_MAX);
	char recovery[GATE_RECOVERY_N][GATE_RECOVERY_MAX];
	struct err err = ERR_INIT;
	struct buf b;
	int rc;

	if (!ipc_fields_done(&f)) {
		gate_reply_bad(r);
		return;
	}
	rc = credentials_totp_confirm(g->credentials, account, code, recovery,
	                              &err);
	login_forget(g->login, account);
	if (rc < 0) {
		ipc_reply_err(r, &err);
		return;
	}
	buf_init(&b, 512);
	for (int i = 0; i < GATE_RECOVERY_N; i++)
		ipc_put_str(&b, str_z(recovery[i]));
	mem_wipe(recovery, sizeof(recovery));
	gate_reply_buf(r, &b);
}

static void slow_totp_off(void *context, struct ipc_request *r)
{
	struct gate_server *g = context;
	struct ipc_fields f = gate_fields(r);
	int64_t account = ipc_get_i64(&f);
	struct err err = ERR_INIT;

	if (!ipc_fields_done(&f))
		gate_reply_bad(r);
	else
		gate_reply_done(r,
		                credentials_totp_off(g->credentials, account,
		                                     &err),
		                &err);
}

/* ---- attempts, and what was revoked ---- */

struct signins {
	struct buf rows;
	uint32_t n;
};

static bool add_signin(void *arg, const struct diary_login *l)
{
	struct signins *all = arg;
	struct gate_signin s = { .protocol = l->protocol,
		                 .verdict = l->verdict,
		                 .first_us = l->first_us,
		                 .last_us = l->last_us,
		                 .n = l->n };

	(void)snprintf(s.ip, sizeof(s.ip), "%.*s", STR_ARG(l->ip));
	(void)snprintf(s.why, sizeof(s.why), "%.*s", STR_ARG(l->why));
	gate_put_signin(&all->rows, &s);
	all->n++;
	return true;
}

static void slow_signins(void *context, struct ipc_request *r)
{
	struct gate_server *g = context;
	struct ipc_fields f = gate_fields(r);
	struct str user = ipc_get_str(&f, GATE_ADDRESS_MAX);
	struct signins all = { .n = 0 };
	struct err err = ERR_INIT;
	struct buf b;

	if (!ipc_fields_done(&f)) {
		gate_reply_bad(r);
		return;
	}
	buf_init(&all.rows, IPC_BODY_MAX - 16);
	if (diary_logins_of(g->o.dir, user, GATE_SIGNINS_MAX, add_signin, &all,
	                    &err) < 0) {
		ipc_reply_err(r, &err);
	} else {
		buf_init(&b, IPC_BODY_MAX);
		ipc_put_u32(&b, all.n);
		buf_add(&b, buf_str(&all.rows));
		gate_reply_buf(r, &b);
	}
	buf_deinit(&all.rows);
}

/* Asked by each process every second, and mostly with nothing to say. */
static void do_revoked(struct gate_server *g, struct ipc_request *r)
{
	static struct gate_revoked rows[GATE_REVOKED_MAX]; /* one thread */
	struct ipc_fields f = gate_fields(r);
	int64_t since = ipc_get_i64(&f), last = 0;
	struct err err = ERR_INIT;
	struct buf b;
	size_t n = 0;

	if (!ipc_fields_done(&f)) {
		gate_reply_bad(r);
		return;
	}
	if (credentials_revoked(g->credentials, since, rows, &n, &last, &err) <
	    0) {
		ipc_reply_err(r, &err);
		return;
	}
	buf_init(&b, IPC_BODY_MAX);
	ipc_put_i64(&b, last);
	ipc_put_u32(&b, (uint32_t)n);
	for (size_t i = 0; i < n; i++) {
		ipc_put_i64(&b, rows[i].seq);
		ipc_put_i64(&b, rows[i].account);
		gate_put_credential(&b, &rows[i].credential);
	}
	gate_reply_buf(r, &b);
}

bool gate_handle_access(struct gate_server *g, struct ipc_request *r)
{
	switch (ipc_request_op(r)) {
	case GATE_OP_WEB_LOGIN: ipc_defer(r, slow_web_login); break;
	case GATE_OP_SESSION_CHECK: do_session_check(g, r); break;
	case GATE_OP_SESSION_LIST: ipc_defer(r, slow_session_list); break;
	case GATE_OP_SESSION_END: ipc_defer(r, slow_session_end); break;
	case GATE_OP_PASSWORD_CHANGE: ipc_defer(r, slow_change); break;
	case GATE_OP_APP_ADD: ipc_defer(r, slow_app_add); break;
	case GATE_OP_APP_LIST: ipc_defer(r, slow_app_list); break;
	case GATE_OP_APP_REMOVE: ipc_defer(r, slow_app_remove); break;
	case GATE_OP_TOTP_GET: ipc_defer(r, slow_totp_get); break;
	case GATE_OP_TOTP_BEGIN: ipc_defer(r, slow_totp_begin); break;
	case GATE_OP_TOTP_CONFIRM: ipc_defer(r, slow_totp_confirm); break;
	case GATE_OP_TOTP_OFF: ipc_defer(r, slow_totp_off); break;
	case GATE_OP_SIGNINS: ipc_defer(r, slow_signins); break;
	case GATE_OP_REVOKED: do_revoked(g, r); break;
	case GATE_OP_START_FIND: do_start_find(g, r); break;
	case GATE_OP_START_USE: ipc_defer(r, slow_start_use); break;
	case GATE_OP_START_ADD: ipc_defer(r, slow_start_add); break;
	default: return false;
	}
	return true;
}
