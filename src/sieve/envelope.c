/* "envelope" (RFC 5228, 5.4), with what DSN and Deliver-By add (RFC 6009). */
#include "os/clock.h"
#include "sieve/run.h"
#include "wire/smtp/command.h"

enum { TAG_ZONE };

static const struct {
	const char *name;
	uint64_t ext;
} names[] = {
	[ENVELOPE_FROM] = { "from", EXT_BASE },
	[ENVELOPE_TO] = { "to", EXT_BASE },
	[ENVELOPE_NOTIFY] = { "notify", EXT_ENVELOPE_DSN },
	[ENVELOPE_ORCPT] = { "orcpt", EXT_ENVELOPE_DSN },
	[ENVELOPE_RET] = { "ret", EXT_ENVELOPE_DSN },
	[ENVELOPE_ENVID] = { "envid", EXT_ENVELOPE_DSN },
	[ENVELOPE_BYTIMEABSOLUTE] = { "bytimeabsolute",
	                              EXT_ENVELOPE_DELIVERBY },
	[ENVELOPE_BYTIMERELATIVE] = { "bytimerelative",
	                              EXT_ENVELOPE_DELIVERBY },
	[ENVELOPE_BYMODE] = { "bymode", EXT_ENVELOPE_DELIVERBY },
	[ENVELOPE_BYTRACE] = { "bytrace", EXT_ENVELOPE_DELIVERBY },
};

bool sieve_envelope_part(struct str name, uint64_t required,
                         enum sieve_envelope_part *out)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (!str_eq_case(name, str_z(names[i].name)))
			continue;
		*out = (enum sieve_envelope_part)i;
		return names[i].ext == 0 || (required & names[i].ext);
	}
	return false;
}

static void compare_path(struct sieve_comparison *c, const struct sieve_op *op,
                         struct str path)
{
	size_t at = str_rchr(path, '@');

	if (at == STR_NPOS)
		(void)sieve_compare_address(c, op, path, STR(""));
	else
		(void)sieve_compare_address(c, op, str_to(path, at),
		                            str_from(path, at + 1));
}

/* Each value of the list by itself, so that they can be counted. */
static void compare_notify(struct sieve_comparison *c, unsigned notify)
{
	static const struct {
		unsigned bit;
		struct str name;
	} bits[] = {
		{ SMTP_NOTIFY_NEVER, STR_INIT("NEVER") },
		{ SMTP_NOTIFY_SUCCESS, STR_INIT("SUCCESS") },
		{ SMTP_NOTIFY_FAILURE, STR_INIT("FAILURE") },
		{ SMTP_NOTIFY_DELAY, STR_INIT("DELAY") },
	};

	for (size_t i = 0; i < sizeof(bits) / sizeof(*bits); i++)
		if ((notify & bits[i].bit) && sieve_compare(c, bits[i].name))
			return;
}

/* What was not given has no value: nothing matches, and it counts as none. */
static void compare_given(struct sieve_comparison *c, struct str value)
{
	if (value.n)
		(void)sieve_compare(c, value);
}

/* Seconds that are left, below zero when it is late. */
static struct str relative(const struct sieve_run_state *s)
{
	int64_t us = s->f->by_us - s->f->now_us;
	int64_t left = us / US_PER_SEC - (us % US_PER_SEC < 0);

	return arena_fmt(s->a, "%lld", (long long)left);
}

static void compare_by(struct sieve_comparison *c,
                       enum sieve_envelope_part part, int zone)
{
	const struct sieve_facts *f = c->s->f;

	if (f->by_us == 0)
		return;
	if (part == ENVELOPE_BYTIMEABSOLUTE)
		(void)sieve_compare(c, sieve_iso8601(c->s->a, f->by_us, zone));
	else if (part == ENVELOPE_BYTIMERELATIVE)
		(void)sieve_compare(c, relative(c->s));
	else if (part == ENVELOPE_BYMODE)
		(void)sieve_compare(c, f->by_notify ? STR("N") : STR("R"));
	else
		compare_given(c, f->by_trace ? STR("T") : STR(""));
}

static void compare_part(struct sieve_comparison *c, const struct sieve_op *op,
                         enum sieve_envelope_part part, int zone)
{
	const struct sieve_facts *f = c->s->f;

	switch (part) {
	case ENVELOPE_FROM: compare_path(c, op, f->from); break;
	case ENVELOPE_TO: compare_path(c, op, f->to); break;
	case ENVELOPE_NOTIFY: compare_notify(c, f->notify); break;
	case ENVELOPE_ORCPT: compare_given(c, f->orcpt); break;
	case ENVELOPE_ENVID: compare_given(c, f->envid); break;
	case ENVELOPE_RET:
		compare_given(c, f->ret == SMTP_RET_FULL   ? STR("FULL")
		                 : f->ret == SMTP_RET_HDRS ? STR("HDRS")
		                                           : STR(""));
		break;
	case ENVELOPE_BYTIMEABSOLUTE:
	case ENVELOPE_BYTIMERELATIVE:
	case ENVELOPE_BYMODE:
	case ENVELOPE_BYTRACE: compare_by(c, part, zone); break;
	}
}

int sieve_envelope(struct sieve_run_state *s, const struct sieve_op *op)
{
	struct sieve_strings parts = sieve_values(s, &op->pos[0]);
	int zone = s->f->zone_min;
	struct sieve_comparison c;

	if (sieve_zone(s, op, &op->tag[TAG_ZONE], &zone) < 0)
		return -1;
	sieve_compare_begin(&c, s, op, &op->pos[1]);
	for (size_t i = 0; i < parts.n && !c.matched && !c.failed; i++) {
		enum sieve_envelope_part part;

		if (!sieve_envelope_part(parts.v[i], s->scope->p->exts, &part))
			return sieve_fail(s, op, ERR_INVALID,
			                  "the envelope has no part \"%.*s\"",
			                  STR_ARG(parts.v[i]));
		/* RFC 6009, 4 and 6: these are no addresses. */
		if (op->part_set && part > ENVELOPE_TO)
			return sieve_fail(s, op, ERR_INVALID,
			                  "\"%.*s\" has no address part",
			                  STR_ARG(parts.v[i]));
		compare_part(&c, op, part, zone);
	}
	return sieve_compare_end(&c);
}
