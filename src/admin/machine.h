/*
 * admin/machine.h - is this machine fit for a mail host that is not there yet?
 *
 * The rows of admin/health.h that need no host, and what matters before one
 * is set up: whether the ports are free and for whom not, whether another mail
 * server runs, memory, limits.  A row that is wrong or missing and GRADE_MUST
 * keeps a host from running.
 */
#ifndef ADMIN_MACHINE_H
#define ADMIN_MACHINE_H

#include "admin/check.h"

/* `ports`: whether they should be free; a host that runs has them itself.
 * out->domain is the host's name. */
void admin_machine(struct config *cfg, const struct admin_check_options *o,
                   bool ports, struct arena *a, struct admin_checks *out);

#endif
