#include <string.h>

#include "base/mem.h"
#include "gate/ask.h"
#include "ipc/ipc.h"

/* ---- asking and reading ---- */

static struct buf begin(int64_t account)
{
	struct buf b;

	buf_init(&b, IPC_BODY_MAX);
	ipc_put_i64(&b, account);
	return b;
}

/* True when the rest of an answer was read well; frees it. */
static int finish(struct buf *reply, const struct ipc_fields *f,
                  struct err *err)
{
	bool ok = ipc_fields_done(f);

	if (reply->n)
		mem_wipe(reply->p, reply->n);
	buf_deinit(reply);
	return ok ? 0 : gate_malformed(err);
}

/* Ask, and begin to read: a failed one has *f empty and no buffer. */
static int ask(struct gate_client *g, enum gate_op op, struct buf *body,
               struct buf *reply, struct ipc_fields *f, struct err *err)
{
	buf_init(reply, IPC_BODY_MAX);
	if (gate_ask(g, op, body, reply, err) < 0) {
		buf_deinit(reply);
		return -1;
	}
	*f = (struct ipc_fields){ buf_str(reply), false };
	return 0;
}

/* An answer that is a list: its length, at most `max`. */
static size_t count(struct ipc_fields *f, size_t max)
{
	uint32_t n = ipc_get_u32(f);

	if (n > max)
		f->bad = true;
	return f->bad ? 0 : n;
}

/* ---- sessions ---- */

int gate_web_login(struct gate_client *g, const struct gate_web_request *req,
                   struct gate_login_result *out,
                   char token_out[GATE_TOKEN_MAX], struct err *err)
{
	struct str agent = req->agent;
	struct buf body, reply;
	struct ipc_fields f;
	int rc = 0;

	memset(out, 0, sizeof(*out));
	out->verdict = GATE_WRONG;
	if (req->login.user.n > GATE_ADDRESS_MAX ||
	    req->login.secret.n > GATE_SECRET_MAX ||
	    req->code.n > GATE_CODE_MAX)
		return 0;
	if (agent.n > GATE_AGENT_MAX)
		agent = str_to(agent, GATE_AGENT_MAX);
	buf_init(&body, IPC_BODY_MAX);
	gate_put_login(&body, &req->login);
	ipc_put_str(&body, req->code);
	ipc_put_u8(&body, req->remember);
	ipc_put_str(&body, agent);
	rc = ask(g, GATE_OP_WEB_LOGIN, &body, &reply, &f, err);
	if (rc == 0) {
		gate_get_result(&f, out);
		ipc_get_z(&f, token_out, GATE_TOKEN_MAX);
		rc = finish(&reply, &f, err);
	}
	if (rc < 0)
		gate_is_temp(out, err);
	return rc;
}

int gate_session_check(struct gate_client *g, struct str token,
                       const struct net_addr *peer, struct gate_session *out,
                       struct err *err)
{
	struct buf body, reply;
	struct ipc_fields f;

	if (token.n != GATE_TOKEN_MAX - 1)
		return err_set(err, ERR_NOT_FOUND, "no such session");
	buf_init(&body, 256);
	ipc_put_str(&body, token);
	gate_put_addr(&body, peer);
	if (ask(g, GATE_OP_SESSION_CHECK, &body, &reply, &f, err) < 0)
		return -1;
	gate_get_session(&f, out);
	return finish(&reply, &f, err);
}

int gate_session_list(struct gate_client *g, int64_t account,
                      struct gate_session *out, size_t *n_out, struct err *err)
{
	struct buf body = begin(account), reply;
	struct ipc_fields f;
	size_t n;

	if (ask(g, GATE_OP_SESSION_LIST, &body, &reply, &f, err) < 0)
		return -1;
	n = count(&f, GATE_SESSIONS_MAX);
	for (size_t i = 0; i < n; i++)
		gate_get_session(&f, &out[i]);
	*n_out = n;
	return finish(&reply, &f, err);
}

int gate_session_end(struct gate_client *g, int64_t account, int64_t id,
                     int64_t except, struct err *err)
{
	struct buf body = begin(account);

	ipc_put_i64(&body, id);
	ipc_put_i64(&body, except);
	return gate_ask(g, GATE_OP_SESSION_END, &body, NULL, err);
}

int gate_password_change(struct gate_client *g, int64_t account,
                         struct str address, struct str password, int64_t keep,
                         struct err *err)
{
	struct buf body = begin(account);

	ipc_put_str(&body, address);
	ipc_put_str(&body, password);
	ipc_put_i64(&body, keep);
	return gate_ask(g, GATE_OP_PASSWORD_CHANGE, &body, NULL, err);
}

/* ---- the link of a new account ---- */

int gate_start_add(struct gate_client *g, int64_t account,
                   char token_out[GATE_TOKEN_MAX], int64_t *until_out,
                   struct err *err)
{
	struct buf body = begin(account), reply;
	struct ipc_fields f;
	struct str token;

	if (ask(g, GATE_OP_START_ADD, &body, &reply, &f, err) < 0)
		return -1;
	token = ipc_get_str(&f, GATE_TOKEN_MAX);
	*until_out = ipc_get_i64(&f);
	if (token.n == GATE_TOKEN_MAX - 1)
		memcpy(token_out, token.p, token.n);
	token_out[GATE_TOKEN_MAX - 1] = '\0';
	return finish(&reply, &f, err);
}

int gate_start_find(struct gate_client *g, struct str token,
                    int64_t *account_out, struct err *err)
{
	struct buf body, reply;
	struct ipc_fields f;

	if (token.n != GATE_TOKEN_MAX - 1)
		return err_set(err, ERR_NOT_FOUND, "no such link");
	buf_init(&body, 256);
	ipc_put_str(&body, token);
	if (ask(g, GATE_OP_START_FIND, &body, &reply, &f, err) < 0)
		return -1;
	*account_out = ipc_get_i64(&f);
	return finish(&reply, &f, err);
}

int gate_start_use(struct gate_client *g, struct str token, int64_t account,
                   struct str address, struct str password, struct err *err)
{
	struct buf body;

	if (token.n != GATE_TOKEN_MAX - 1)
		return err_set(err, ERR_NOT_FOUND, "no such link");
	buf_init(&body, IPC_BODY_MAX);
	ipc_put_str(&body, token);
	ipc_put_i64(&body, account);
	ipc_put_str(&body, address);
	ipc_put_str(&body, password);
	return gate_ask(g, GATE_OP_START_USE, &body, NULL, err);
}

/* ---- app passwords ---- */

int gate_app_add(struct gate_client *g, int64_t account,
                 const struct gate_app *app, char password_out[24],
                 int64_t *id_out, struct err *err)
{
	struct buf body = begin(account), reply;
	struct ipc_fields f;
	char password[24];
	int64_t id;
	int rc;

	gate_put_app(&body, app);
	if (ask(g, GATE_OP_APP_ADD, &body, &reply, &f, err) < 0)
		return -1;
	id = ipc_get_i64(&f);
	ipc_get_z(&f, password, sizeof(password));
	rc = finish(&reply, &f, err);
	if (rc == 0) {
		memcpy(password_out, password, sizeof(password));
		*id_out = id;
	}
	mem_wipe(password, sizeof(password));
	return rc;
}

int gate_app_list(struct gate_client *g, int64_t account, struct gate_app *out,
                  size_t *n_out, struct err *err)
{
	struct buf body = begin(account), reply;
	struct ipc_fields f;
	size_t n;

	if (ask(g, GATE_OP_APP_LIST, &body, &reply, &f, err) < 0)
		return -1;
	n = count(&f, GATE_APPS_MAX);
	for (size_t i = 0; i < n; i++)
		gate_get_app(&f, &out[i]);
	*n_out = n;
	return finish(&reply, &f, err);
}

int gate_app_remove(struct gate_client *g, int64_t account, int64_t id,
                    struct err *err)
{
	struct buf body = begin(account);

	ipc_put_i64(&body, id);
	return gate_ask(g, GATE_OP_APP_REMOVE, &body, NULL, err);
}

/* ---- the second factor ---- */

int gate_totp_get(struct gate_client *g, int64_t account, struct gate_totp *out,
                  struct err *err)
{
	struct buf body = begin(account), reply;
	struct ipc_fields f;

	if (ask(g, GATE_OP_TOTP_GET, &body, &reply, &f, err) < 0)
		return -1;
	out->on = ipc_get_u8(&f) != 0;
	out->since_us = ipc_get_i64(&f);
	out->recovery_left = ipc_get_u32(&f);
	return finish(&reply, &f, err);
}

int gate_totp_begin(struct gate_client *g, int64_t account,
                    uint8_t secret_out[20], struct err *err)
{
	struct buf body = begin(account), reply;
	struct ipc_fields f;
	struct str secret;

	if (ask(g, GATE_OP_TOTP_BEGIN, &body, &reply, &f, err) < 0)
		return -1;
	secret = ipc_get_str(&f, 20);
	if (secret.n == 20)
		memcpy(secret_out, secret.p, 20);
	else
		f.bad = true;
	return finish(&reply, &f, err);
}

int gate_totp_confirm(struct gate_client *g, int64_t account, struct str code,
                      char recovery_out[GATE_RECOVERY_N][GATE_RECOVERY_MAX],
                      struct err *err)
{
	struct buf body = begin(account), reply;
	struct ipc_fields f;

	ipc_put_str(&body, code);
	if (ask(g, GATE_OP_TOTP_CONFIRM, &body, &reply, &f, err) < 0)
		return -1;
	for (int i = 0; i < GATE_RECOVERY_N; i++)
		ipc_get_z(&f, recovery_out[i], GATE_RECOVERY_MAX);
	return finish(&reply, &f, err);
}

int gate_totp_off(struct gate_client *g, int64_t account, struct err *err)
{
	struct buf body = begin(account);

	return gate_ask(g, GATE_OP_TOTP_OFF, &body, NULL, err);
}

/* ---- attempts, and what was revoked ---- */

int gate_signins(struct gate_client *g, struct str user,
                 struct gate_signin *out, size_t *n_out, struct err *err)
{
	struct buf body, reply;
	struct ipc_fields f;
	size_t n;

	buf_init(&body, 1024);
	ipc_put_str(&body, user);
	if (ask(g, GATE_OP_SIGNINS, &body, &reply, &f, err) < 0)
		return -1;
	n = count(&f, GATE_SIGNINS_MAX);
	for (size_t i = 0; i < n; i++)
		gate_get_signin(&f, &out[i]);
	*n_out = n;
	return finish(&reply, &f, err);
}

int gate_revoked(struct gate_client *g, int64_t since, struct gate_revoked *out,
                 size_t *n_out, int64_t *last_out, struct err *err)
{
	struct buf body, reply;
	struct ipc_fields f;
	size_t n;

	buf_init(&body, 16);
	ipc_put_i64(&body, since);
	if (ask(g, GATE_OP_REVOKED, &body, &reply, &f, err) < 0)
		return -1;
	*last_out = ipc_get_i64(&f);
	n = count(&f, GATE_REVOKED_MAX);
	for (size_t i = 0; i < n; i++) {
		out[i].seq = ipc_get_i64(&f);
		out[i].account = ipc_get_i64(&f);
		gate_get_credential(&f, &out[i].credential);
	}
	*n_out = n;
	return finish(&reply, &f, err);
}
