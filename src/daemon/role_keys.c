/* The role `keys`: private keys, and nothing else. */
#include "daemon/roles.h"
#include "daemon/tls.h"
#include "keys/server.h"
#include "log/log.h"

static void skipped(void *arg, const char *name, const struct err *err)
{
	struct log_line l;

	(void)arg;
	log_begin(&l, LOG_WARN, "keys.skipped");
	log_z(&l, "file", name);
	log_err(&l, err);
	log_end(&l);
}

int role_keys_start(struct host *h, struct err *err)
{
	struct keys_options o = { .door = h->fds.keys[0], .skipped = skipped };
	struct keys_server *s;

	if (tls_ensure(h, err) < 0)
		return -1;
	o.dir = host_path(h, "keys");
	o.dkim_dir = host_path(h, "dkim");
	if (keys_server_start(&s, &o, err) < 0)
		return -1;
	h->state[ROLE_KEYS] = s;
	return 0;
}

void role_keys_reload(struct host *h)
{
	struct err err = ERR_INIT;

	if (keys_server_reload(h->state[ROLE_KEYS], &err) < 0)
		log_fail(LOG_ERROR, "keys.reload", &err);
}

void role_keys_stop(struct host *h)
{
	struct keys_server *s = h->state[ROLE_KEYS];

	keys_server_stop(&s);
	h->state[ROLE_KEYS] = NULL;
}
