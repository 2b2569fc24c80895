#include "policy/admit.h"

#include <stdio.h>

#define US_PER_MINUTE INT64_C(60000000)

/* A rule: REF_NONE, or what it objects with; it may fill in n and why. */
typedef enum policy_ref rule_fn(const struct policy_facts *f,
                                struct policy_verdict *v);

/* ---- connect ---- */

static enum policy_ref connections(const struct policy_facts *f,
                                   struct policy_verdict *v)
{
	(void)v;
	if (f->exempt || f->connections <= f->connections_max)
		return REF_NONE;
	return REF_CONNECTIONS;
}

/* ---- the sender ---- */

static enum policy_ref login_required(const struct policy_facts *f,
                                      struct policy_verdict *v)
{
	(void)v;
	return f->submission && !f->logged_in ? REF_LOGIN : REF_NONE;
}

static enum policy_ref sending_suspended(const struct policy_facts *f,
                                         struct policy_verdict *v)
{
	(void)v;
	return f->sending_off ? REF_SENDING_OFF : REF_NONE;
}

static enum policy_ref sender_own(const struct policy_facts *f,
                                  struct policy_verdict *v)
{
	(void)v;
	return f->sender_null || f->sender_own ? REF_NONE : REF_SENDER;
}

static enum policy_ref size(const struct policy_facts *f,
                            struct policy_verdict *v)
{
	if (f->size <= f->size_max)
		return REF_NONE;
	(void)policy_size_words(f->size_max, v->why);
	return REF_SIZE;
}

/* ---- the recipient ---- */

static enum policy_ref recipients(const struct policy_facts *f,
                                  struct policy_verdict *v)
{
	(void)v;
	return f->recipients >= f->recipients_max ? REF_RECIPIENTS : REF_NONE;
}

static enum policy_ref relay(const struct policy_facts *f,
                             struct policy_verdict *v)
{
	(void)v;
	return f->where == POLICY_ELSEWHERE ? REF_RELAY : REF_NONE;
}

static enum policy_ref unknown(const struct policy_facts *f,
                               struct policy_verdict *v)
{
	(void)v;
	if (f->where == POLICY_CIRCLE)
		return REF_LOOP;
	return f->where == POLICY_NOBODY ? REF_UNKNOWN : REF_NONE;
}

static enum policy_ref suspended(const struct policy_facts *f,
                                 struct policy_verdict *v)
{
	(void)v;
	return f->where == POLICY_HERE && f->suspended ? REF_SUSPENDED
	                                               : REF_NONE;
}

static enum policy_ref full(const struct policy_facts *f,
                            struct policy_verdict *v)
{
	(void)v;
	return f->where == POLICY_HERE && f->full ? REF_FULL : REF_NONE;
}

static enum policy_ref helo(const struct policy_facts *f,
                            struct policy_verdict *v)
{
	(void)v;
	if (f->role)
		return REF_NONE;
	if (f->helo == POLICY_DNS_TEMP)
		return REF_DNS;
	return f->helo == POLICY_FAIL ? REF_HELO : REF_NONE;
}

static enum policy_ref spf(const struct policy_facts *f,
                           struct policy_verdict *v)
{
	if (f->role)
		return REF_NONE;
	if (f->spf == POLICY_DNS_TEMP)
		return REF_DNS;
	if (f->spf != POLICY_FAIL)
		return REF_NONE;
	(void)snprintf(v->why, sizeof(v->why), "%.*s", STR_ARG(f->spf_reason));
	return REF_SPF;
}

static enum policy_ref blocked(const struct policy_facts *f,
                               struct policy_verdict *v)
{
	(void)v;
	return f->blocked && !f->role ? REF_BLOCKED : REF_NONE;
}

static enum policy_ref greylist(const struct policy_facts *f,
                                struct policy_verdict *v)
{
	int64_t m;

	if (f->role || f->greylist_left_us <= 0)
		return REF_NONE;
	m = (f->greylist_left_us + US_PER_MINUTE - 1) / US_PER_MINUTE;
	(void)snprintf(v->why, sizeof(v->why), "%lld minute%s", (long long)m,
	               m == 1 ? "" : "s");
	return REF_GREYLIST;
}

/* ---- the windows of the sender's domain ---- */

static const enum policy_ref window_refs[POLICY_WINDOWS] = {
	[POLICY_MESSAGES_5M] = REF_L_MESSAGES_5M,
	[POLICY_MESSAGES_1H] = REF_L_MESSAGES_1H,
	[POLICY_RECIPIENTS_5M] = REF_L_RECIPIENTS_5M,
	[POLICY_RECIPIENTS_1H] = REF_L_RECIPIENTS_1H,
	[POLICY_SCRIPTS_24H] = REF_L_SCRIPT,
	[POLICY_BULK_8H] = REF_L_BULK,
	[POLICY_SPAM_8H] = REF_L_SPAM,
};

static enum policy_ref windows(const struct policy_facts *f,
                               struct policy_verdict *v)
{
	int i;

	for (i = POLICY_MESSAGES_5M; i <= POLICY_SCRIPTS_24H; i++)
		if (f->window_full[i]) {
			v->n = f->window_max[i];
			return window_refs[i];
		}
	return REF_NONE;
}

static enum policy_ref class_windows(const struct policy_facts *f,
                                     struct policy_verdict *v)
{
	enum policy_window w = POLICY_WINDOWS;

	if (f->bulk && f->window_full[POLICY_BULK_8H])
		w = POLICY_BULK_8H;
	else if (f->spam && f->window_full[POLICY_SPAM_8H])
		w = POLICY_SPAM_8H;
	if (w == POLICY_WINDOWS)
		return REF_NONE;
	v->n = f->window_max[w];
	return window_refs[w];
}

static enum policy_ref failed(const struct policy_facts *f,
                              struct policy_verdict *v)
{
	v->n = f->failed_max;
	return f->failed_1h > f->failed_max ? REF_L_FAILED : REF_NONE;
}

static enum policy_ref queued(const struct policy_facts *f,
                              struct policy_verdict *v)
{
	v->n = f->queued_max;
	return f->queued > f->queued_max ? REF_L_QUEUED : REF_NONE;
}

/* ---- the message ---- */

static enum policy_ref bare(const struct policy_facts *f,
                            struct policy_verdict *v)
{
	(void)v;
	return f->bare ? REF_BARE : REF_NONE;
}

static enum policy_ref hops(const struct policy_facts *f,
                            struct policy_verdict *v)
{
	(void)v;
	return f->hops > POLICY_HOPS_MAX ? REF_HOPS : REF_NONE;
}

static enum policy_ref from(const struct policy_facts *f,
                            struct policy_verdict *v)
{
	(void)v;
	return f->from_own ? REF_NONE : REF_FROM;
}

static enum policy_ref dmarc(const struct policy_facts *f,
                             struct policy_verdict *v)
{
	if (f->role || !f->dmarc_reject)
		return REF_NONE;
	(void)snprintf(v->why, sizeof(v->why), "%.*s", STR_ARG(f->author));
	return REF_DMARC;
}

/* ---- the table ---- */

enum who { ANYONE = 3, STRANGER = 1, LOGGED_IN = 2 };

/* Which mode setting governs a rule. */
enum governed { ALWAYS, BY_HELO, BY_SPF, BY_GREYLIST, BY_DMARC };

struct rule {
	const char *name;
	enum policy_step step;
	enum who who;
	enum governed by;
	rule_fn *judge;
};

/* At RCPT the order is that of the provider's rules: R22, R20, R41, R40, R17,
 * R18, R19; after a login R20, R41, R40, R26, R27, R28. */
static const struct rule rules[] = {
	{ "R16", POLICY_CONNECT, STRANGER, ALWAYS, connections },
	{ "R23", POLICY_MAIL, STRANGER, ALWAYS, login_required },
	{ "R41", POLICY_MAIL, LOGGED_IN, ALWAYS, sending_suspended },
	{ "R23", POLICY_MAIL, LOGGED_IN, ALWAYS, sender_own },
	{ "R21", POLICY_MAIL, ANYONE, ALWAYS, size },
	{ "4.5.3", POLICY_RCPT, ANYONE, ALWAYS, recipients },
	{ "R22", POLICY_RCPT, STRANGER, ALWAYS, relay },
	{ "R20", POLICY_RCPT, ANYONE, ALWAYS, unknown },
	{ "R41", POLICY_RCPT, ANYONE, ALWAYS, suspended },
	{ "R40", POLICY_RCPT, ANYONE, ALWAYS, full },
	{ "R17", POLICY_RCPT, STRANGER, BY_HELO, helo },
	{ "R18", POLICY_RCPT, STRANGER, BY_SPF, spf },
	{ "R19", POLICY_RCPT, STRANGER, ALWAYS, blocked },
	{ "R19", POLICY_RCPT, STRANGER, BY_GREYLIST, greylist },
	{ "R26", POLICY_RCPT, LOGGED_IN, ALWAYS, windows },
	{ "R27", POLICY_RCPT, LOGGED_IN, ALWAYS, failed },
	{ "R28", POLICY_RCPT, LOGGED_IN, ALWAYS, queued },
	{ "R21", POLICY_DATA, ANYONE, ALWAYS, size },
	{ "lines", POLICY_DATA, ANYONE, ALWAYS, bare },
	{ "hops", POLICY_DATA, ANYONE, ALWAYS, hops },
	{ "DMARC", POLICY_DATA, STRANGER, BY_DMARC, dmarc },
	{ "R24", POLICY_DATA, LOGGED_IN, ALWAYS, from },
	{ "R26", POLICY_DATA, LOGGED_IN, ALWAYS, class_windows },
};

static enum policy_mode mode_of(const struct policy_facts *f, enum governed by)
{
	switch (by) {
	case ALWAYS: return POLICY_ON;
	case BY_HELO: return f->helo_mode;
	case BY_SPF: return f->spf_mode;
	case BY_GREYLIST: return f->greylist_mode;
	case BY_DMARC: return f->dmarc_mode;
	}
	return POLICY_ON;
}

struct policy_verdict policy_admit(const struct policy_facts *f)
{
	struct policy_verdict v = { .rule = "" };
	enum who who = f->logged_in ? LOGGED_IN : STRANGER;
	size_t i;

	for (i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		const struct rule *r = &rules[i];
		enum policy_mode mode = mode_of(f, r->by);
		enum policy_ref ref;

		if (r->step != f->step || !(r->who & who) || mode == POLICY_OFF)
			continue;
		ref = r->judge(f, &v);
		if (ref == REF_NONE)
			continue;
		if (mode == POLICY_LOG) {
			if (v.logged == REF_NONE)
				v.logged = ref;
			continue;
		}
		v.ref = ref;
		v.rule = r->name;
		return v;
	}
	return v;
}

void policy_each(const struct policy_facts *f,
                 void (*each)(void *arg, const struct policy_opinion *o),
                 void *arg)
{
	enum who who = f->logged_in ? LOGGED_IN : STRANGER;
	size_t i;

	for (i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		const struct rule *r = &rules[i];
		struct policy_verdict v = { .rule = "" };
		struct policy_opinion o = { .rule = r->name,
			                    .mode = mode_of(f, r->by) };

		if (r->step != f->step || !(r->who & who))
			continue;
		if (o.mode != POLICY_OFF)
			o.ref = r->judge(f, &v);
		o.n = v.n;
		o.why = v.why;
		each(arg, &o);
	}
}
