/*
 * gate/limits.h - the limits that count: names, windows, whose.
 *
 * Each row is a window of the provider's rules with the key by which the
 * configuration (limits.domain.KEY) and `posthus limits set` name it.  A
 * domain has the configured value or one of its own; an account has one only
 * where the operator set it.
 */
#ifndef GATE_LIMITS_H
#define GATE_LIMITS_H

#include "config/config.h"
#include "gate/server.h"

struct gate_limit_row {
	const char *key; /* "messages_5min" */
	enum gate_count what;
	unsigned window; /* which of the kind's windows */
	int64_t length_us;
	enum config_option option;
};

#define GATE_LIMIT_ROWS 7
extern const struct gate_limit_row gate_limit_rows[GATE_LIMIT_ROWS];

/* NULL when there is none of that key. */
const struct gate_limit_row *gate_limit_find(struct str key);

/* All of the configuration; exempt networks that make no sense are told to
 * `bad` and left out. */
void gate_limits_load(const struct config *cfg, struct gate_limits *out,
                      void (*bad)(void *arg, const struct err *err), void *arg);

/* The windows as they hold for a subject. */
void gate_limits_apply(struct gate_limits *l, const struct gate_own *own);

#endif
