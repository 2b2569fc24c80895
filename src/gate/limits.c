#include "gate/limits.h"

#include <string.h>

#include "os/clock.h"

const struct gate_limit_row gate_limit_rows[GATE_LIMIT_ROWS] = {
	{ "messages_5min", GATE_MESSAGES, 0, 5 * US_PER_MIN,
	  OPT_LIMITS_DOMAIN_MESSAGES_5MIN },
	{ "messages_1h", GATE_MESSAGES, 1, US_PER_HOUR,
	  OPT_LIMITS_DOMAIN_MESSAGES_1H },
	{ "recipients_5min", GATE_RECIPIENTS, 0, 5 * US_PER_MIN,
	  OPT_LIMITS_DOMAIN_RECIPIENTS_5MIN },
	{ "recipients_1h", GATE_RECIPIENTS, 1, US_PER_HOUR,
	  OPT_LIMITS_DOMAIN_RECIPIENTS_1H },
	{ "bulk_8h", GATE_BULK, 0, 8 * US_PER_HOUR, OPT_LIMITS_DOMAIN_BULK_8H },
	{ "spam_8h", GATE_SPAM, 0, 8 * US_PER_HOUR, OPT_LIMITS_DOMAIN_SPAM_8H },
	{ "failed_1h", GATE_FAILED, 0, US_PER_HOUR,
	  OPT_LIMITS_DOMAIN_FAILED_1H },
};

const struct gate_limit_row *gate_limit_find(struct str key)
{
	for (size_t i = 0; i < GATE_LIMIT_ROWS; i++)
		if (str_eq(key, str_z(gate_limit_rows[i].key)))
			return &gate_limit_rows[i];
	return NULL;
}

static void set_window(struct gate_limits *l, enum gate_count what, unsigned i,
                       int64_t length_us, uint64_t limit)
{
	l->windows[what][i] = (struct window_rule){
		.length_us = length_us,
		.limit = (uint32_t)limit,
	};
	if (l->n_windows[what] <= i)
		l->n_windows[what] = (uint8_t)(i + 1);
}

void gate_limits_load(const struct config *cfg, struct gate_limits *out,
                      void (*bad)(void *arg, const struct err *err), void *arg)
{
	struct gate_limits *l = out;
	const struct str *list;
	size_t n = config_list(cfg, OPT_LIMITS_CONNECTIONS_EXEMPT, &list);

	memset(l, 0, sizeof(*l));
	l->failures_per_minute =
		(uint32_t)config_u64(cfg, OPT_LIMITS_LOGIN_FAILURES);
	l->login_case_strict =
		config_choice(cfg, OPT_AUTH_LOGIN_CASE) == CONFIG_CASE_STRICT;
	l->scram = config_choice(cfg, OPT_AUTH_SCRAM) == CONFIG_ON;
	for (size_t i = 0; i < GATE_LIMIT_ROWS; i++) {
		const struct gate_limit_row *r = &gate_limit_rows[i];

		set_window(l, r->what, r->window, r->length_us,
		           config_u64(cfg, r->option));
	}
	set_window(l, GATE_SCRIPT, 0, US_PER_DAY,
	           config_u64(cfg, OPT_LIMITS_SCRIPT_FOREIGN));
	for (size_t i = 0; i < n && l->n_exempt < GATE_EXEMPT_MAX; i++) {
		struct err err = ERR_INIT;

		if (net_prefix_parse(list[i], &l->exempt[l->n_exempt], &err) <
		    0)
			bad(arg, &err);
		else
			l->n_exempt++;
	}
}

void gate_limits_apply(struct gate_limits *l, const struct gate_own *own)
{
	for (size_t i = 0; i < GATE_LIMIT_ROWS; i++) {
		const struct gate_limit_row *r = &gate_limit_rows[i];

		if (own->set & 1u << i)
			l->windows[r->what][r->window].limit = own->limit[i];
	}
}
