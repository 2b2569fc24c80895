/* The role `gate`: logins and counts; who exists it asks of the directory. */
#include <stdio.h>
#include <string.h>

#include "daemon/roles.h"
#include "directory/directory.h"
#include "gate/limits.h"
#include "log/log.h"

static void bad_network(void *arg, const struct err *err)
{
	(void)arg;
	log_fail(LOG_WARN, "limits.connections_exempt", err);
}

struct own {
	struct gate_own *out;
};

static bool take_own(void *arg, const struct directory_limit *limit)
{
	struct own *o = arg;

	for (unsigned i = 0; i < GATE_LIMIT_ROWS; i++)
		if (str_eq(limit->key, str_z(gate_limit_rows[i].key))) {
			o->out->set |= 1u << i;
			o->out->limit[i] = (uint32_t)limit->value;
		}
	return true;
}

static int own_limits(void *arg, int64_t subject, struct gate_own *out,
                      struct err *err)
{
	struct own o = { out };

	*out = (struct gate_own){ .set = 0 };
	return directory_limits_of(arg, subject, take_own, &o, err);
}

/* No account: for the log, is it an alias? */
static int not_account(struct directory *dir, struct str user, struct arena *a,
                       struct gate_user *out, struct err *err)
{
	struct directory_resolved r;
	size_t at = str_rchr(user, '@');

	out->kind = GATE_USER_NONE;
	if (at == STR_NPOS)
		return 0;
	if (directory_address_resolve(dir, str_to(user, at),
	                              str_from(user, at + 1), a, &r, err) < 0)
		return -1;
	if (r.kind == DIRECTORY_ALIAS)
		out->kind = GATE_USER_ALIAS;
	return 0;
}

static int resolve_in(struct directory *dir, struct str user, struct arena *a,
                      struct gate_user *out, struct err *err)
{
	struct directory_account account;

	memset(out, 0, sizeof(*out));
	if (directory_login(dir, user, a, &account, err) < 0) {
		if (err->kind != ERR_NOT_FOUND)
			return -1;
		*err = (struct err)ERR_INIT;
		return not_account(dir, user, a, out, err);
	}
	out->kind = GATE_USER_ACCOUNT;
	out->account = account.id;
	out->suspended = account.flags & DIRECTORY_NO_LOGIN;
	out->case_differs = account.case_differs;
	(void)snprintf(out->address, sizeof(out->address), "%.*s",
	               STR_ARG(account.address));
	return 0;
}

static int resolve(void *arg, struct str user, struct gate_user *out,
                   struct err *err)
{
	struct arena a;
	int rc;

	arena_init(&a);
	rc = resolve_in(arg, user, &a, out, err);
	arena_deinit(&a);
	return rc;
}

int role_gate_start(struct host *h, struct err *err)
{
	struct gate_options o = { .dir = h->dir,
		                  .door = h->fds.gate[0],
		                  .resolve = resolve,
		                  .resolve_arg = h->directory,
		                  .own = own_limits,
		                  .own_arg = h->directory };
	struct gate_server *s;

	gate_limits_load(h->cfg, &o.limits, bad_network, NULL);
	if (gate_server_start(&s, &o, err) < 0)
		return -1;
	h->state[ROLE_GATE] = s;
	return 0;
}

void role_gate_reload(struct host *h)
{
	struct gate_limits l;

	gate_limits_load(h->cfg, &l, bad_network, NULL);
	gate_server_limits(h->state[ROLE_GATE], &l);
}

void role_gate_stop(struct host *h)
{
	struct gate_server *s = h->state[ROLE_GATE];

	gate_server_stop(&s);
	h->state[ROLE_GATE] = NULL;
}
