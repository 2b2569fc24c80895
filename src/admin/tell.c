/* Owners learn of what others, or they themselves, changed of their account. */
#include "admin/ops.h"
#include "deliver/bounce.h"
#include "deliver/security.h"
#include "log/log.h"
#include "os/clock.h"

static int tell(struct admin_call *c, enum security_change what, bool other,
                struct err *err)
{
	struct bounce b = { .config = c->adm->cfg, .directory = c->adm->dir };
	struct security_note n = {
		.what = what,
		.address = c->address,
		.from = c->by->origin,
		.by_other = other,
		.at_us = clock_wall_us(),
	};

	/* As in the audit: which operator it was is not the customer's affair. */
	if (other)
		n.from = c->by->roles & ADMIN_OPERATOR
		                 ? STR("the operator of this host")
		                 : c->by->address;
	if (admin_queue(c->adm, &b.queue, err) < 0)
		return -1;
	return security_tell(&b, &n, err);
}

void admin_tell_owner(struct admin_call *c, enum security_change what)
{
	bool other = !str_eq(c->by->address, c->address);
	struct err err = ERR_INIT;

	/* The change stands, whether its owner can be told of it or not. */
	if (tell(c, what, other, &err) < 0)
		log_fail(LOG_ERROR, "account.changed.untold", &err);
}
