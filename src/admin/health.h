/*
 * admin/health.h - is this machine fit to carry mail?
 *
 * As admin/check.h, about the host: its names and reverse DNS, lists in DNS,
 * its ports, its clock, disk and certificate, the queue, unsigned domains.
 * The same engine is `posthus check` and the panel's page of health.
 */
#ifndef ADMIN_HEALTH_H
#define ADMIN_HEALTH_H

#include "admin/check.h"

/* out->domain is the host's name. */
int admin_health(struct admin *adm, const struct admin_check_options *o,
                 struct arena *a, struct admin_checks *out, struct err *err)
	ATTR_MUST_USE;

/* The last result, as JSON in the arena; ERR_NOT_FOUND without one. */
int admin_health_kept(struct admin *adm, struct arena *a, struct str *out,
                      struct err *err) ATTR_MUST_USE;
int admin_health_keep(struct admin *adm, const struct admin_checks *r,
                      struct err *err) ATTR_MUST_USE;

#endif
