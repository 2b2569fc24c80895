/* App passwords, sessions of browsers, two-step login: for operators. */
#include "admin/private.h"
#include "base/arena.h"
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
	struct credentials *c = NULL;
	int64_t account = 0;

	if (find(adm, address, &account, &c, err) < 0)
		return -1;
	return credentials_totp_off(c, account, err);
}
