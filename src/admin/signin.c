/* App passwords, sessions of browsers, two-step login: for operators. */
#include <stdio.h>

#include "admin/private.h"
#include "base/arena.h"
#include "base/mem.h"
#include "os/clock.h"

static int find(struct admin *adm, struct str address, int64_t *account,
                struct credentials **out, struct err *err)
{
	struct directory_account acc;
	struct arena a;
	int rc;

	arena_init(&a);
	rc = admin_account_find(adm, address, &a, &acc, err);
	if (rc == 0)
		*account = acc.id;
	arena_deinit(&a);
	return rc < 0 ? -1 : admin_credentials(adm, out, err);
}

/* While the host runs the gate alone has them. */
static int start_token(struct admin *adm, int64_t account,
                       char token_out[GATE_TOKEN_MAX], int64_t *until_out,
                       struct err *err)
{
	struct credentials *c;
	int64_t now_us = clock_wall_us();

	if (adm->gate)
		return gate_start_add(adm->gate, account, token_out, until_out,
		                      err);
	*until_out = now_us + GATE_START_US;
	if (admin_credentials(adm, &c, err) < 0)
		return -1;
	return credentials_start_add(c, account, now_us, token_out, err);
}

int admin_start_make(struct admin *adm, struct str address, struct arena *a,
                     struct str *out, int64_t *until_out, struct err *err)
{
	uint16_t port = config_port(adm->cfg, OPT_LISTEN_HTTPS);
	char token[GATE_TOKEN_MAX], at[8] = "";
	struct directory_account acc;

	if (admin_account_find(adm, address, a, &acc, err) < 0 ||
	    start_token(adm, acc.id, token, until_out, err) < 0)
		return -1;
	if (port != 443)
		(void)snprintf(at, sizeof(at), ":%u", port);
	*out = arena_fmt(a, "https://%.*s%s/start/%s",
	                 STR_ARG(config_hostname(adm->cfg)), at, token);
	mem_wipe(token, sizeof(token));
	return 0;
}

int admin_start_link(struct admin *adm, struct str address, struct arena *a,
                     struct str *out, struct err *err)
{
	int64_t until_us;

	return admin_start_make(adm, address, a, out, &until_us, err);
}

int admin_start_until(struct admin *adm, struct str address, int64_t *until_out,
                      struct err *err)
{
	struct credentials *c = NULL;
	int64_t account = 0;
	int rc;

	if (find(adm, address, &account, &c, err) < 0)
		return -1;
	rc = credentials_start_until(c, account, clock_wall_us(), until_out,
	                             err);
	if (rc == 0)
		*until_out = 0;
	return rc < 0 ? -1 : 0;
}

int admin_app_add(struct admin *adm, struct str address,
                  const struct gate_app *app, char password_out[24],
                  int64_t *id_out, struct err *err)
{
	struct credentials *c = NULL;
	int64_t account = 0;

	if (find(adm, address, &account, &c, err) < 0)
		return -1;
	return credentials_app_add(c, account, app, clock_wall_us(),
	                           password_out, id_out, err);
}

int admin_app_list(struct admin *adm, struct str address, struct gate_app *out,
                   size_t *n_out, struct err *err)
{
	struct credentials *c = NULL;
	int64_t account = 0;

	if (find(adm, address, &account, &c, err) < 0)
		return -1;
	return credentials_app_list(c, account, out, n_out, err);
}

int admin_app_remove(struct admin *adm, struct str address, int64_t id,
                     struct err *err)
{
	struct credentials *c = NULL;
	int64_t account = 0;

	if (find(adm, address, &account, &c, err) < 0)
		return -1;
	return credentials_app_remove(c, account, id, err);
}

int admin_session_list(struct admin *adm, struct str address,
                       struct gate_session *out, size_t *n_out, struct err *err)
{
	struct credentials *c = NULL;
	int64_t account = 0;

	if (find(adm, address, &account, &c, err) < 0)
		return -1;
	return credentials_session_list(c, account, clock_wall_us(), out, n_out,
	                                err);
}

int admin_session_end(struct admin *adm, struct str address, int64_t id,
                      struct err *err)
{
	struct credentials *c = NULL;
	int64_t account = 0;

	if (find(adm, address, &account, &c, err) < 0)
		return -1;
	return credentials_session_end(c, account, id, 0, err);
}

int admin_totp_off(struct admin *adm, struct str address, struct err *err)
{
	struct directory_account acc;
	struct credentials *c;
	struct arena a;
	int64_t account = 0;
	int rc;

	arena_init(&a);
	rc = admin_account_find(adm, address, &a, &acc, err);
	if (rc == 0)
		account = acc.id;
	arena_deinit(&a);
	if (rc == 0 && adm->gate)
		return gate_totp_off(adm->gate, account, err);
	if (rc == 0)
		rc = admin_credentials(adm, &c, err);
	return rc == 0 ? credentials_totp_off(c, account, err) : -1;
}
