#include "admin/explain.h"

#include "admin/private.h"
#include "gate/diary.h"
#include "os/clock.h"

#define LOGINS_MAX 10

/* ---- logins ---- */

struct logins {
	bool (*each)(void *arg, const struct admin_login *l);
	void *arg;
};

static bool pass_on(void *arg, const struct diary_login *d)
{
	struct logins *to = arg;
	struct admin_login l = { .protocol = d->protocol,
		                 .ip = d->ip,
		                 .verdict = d->verdict,
		                 .why = d->why,
		                 .first_us = d->first_us,
		                 .last_us = d->last_us,
		                 .n = d->n };

	return to->each(to->arg, &l);
}

int admin_logins(struct admin *adm, struct str user,
                 bool (*each)(void *arg, const struct admin_login *l),
                 void *arg, struct err *err)
{
	struct logins to = { each, arg };
	struct arena a;
	int rc;

	arena_init(&a);
	rc = diary_logins_of(config_data_path(adm->cfg, &a, ""), user,
	                     LOGINS_MAX, pass_on, &to, err);
	arena_deinit(&a);
	return rc;
}
