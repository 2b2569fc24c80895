/* "redirect" (RFC 5228, 4.2), what its envelope says (RFC 6009), and to a list
 * (RFC 6134, 2.3). */
#include "os/clock.h"
#include "sieve/run.h"
#include "wire/message/address.h"
#include "wire/message/timestamp.h"
#include "wire/smtp/command.h"

/* No time lies further ahead than BY can say (RFC 2852, 4). */
#define BY_SECONDS_MAX 999999999

enum {
	TAG_COPY,
	TAG_NOTIFY,
	TAG_RET,
	TAG_RELATIVE,
	TAG_ABSOLUTE,
	TAG_MODE,
	TAG_TRACE,
	TAG_LIST,
};

bool sieve_one_address(struct sieve_run_state *s, struct str text,
                       struct str *out)
{
	struct address_list list;
	const struct address *ad;
	struct buf b;

	address_list_parse(s->a, text, NULL, &list);
	ad = address_list_first(&list);
	if (list.n != 1 || !ad || list.damaged || ad->local.n == 0 ||
	    ad->domain.n == 0)
		return false;
	buf_init(&b, 1000);
	address_write_spec(&b, ad);
	*out = arena_dup(s->a, buf_str(&b));
	buf_deinit(&b);
	return true;
}

/* ---- what it may say ---- */

bool sieve_notify_parse(struct str text, unsigned *out)
{
	static const struct {
		struct str name;
		unsigned bit;
	} bits[] = {
		{ STR_INIT("SUCCESS"), SMTP_NOTIFY_SUCCESS },
		{ STR_INIT("FAILURE"), SMTP_NOTIFY_FAILURE },
		{ STR_INIT("DELAY"), SMTP_NOTIFY_DELAY },
	};

	unsigned all = 0;
	struct str one;

	if (str_eq_case(text, STR("NEVER"))) {
		*out = SMTP_NOTIFY_NEVER;
		return true;
	}
	if (text.n == 0 || str_ends(text, STR(",")))
		return false;
	while (str_cut(&text, ',', &one)) {
		unsigned bit = 0;

		for (size_t i = 0; i < sizeof(bits) / sizeof(*bits); i++)
			if (str_eq_case(one, bits[i].name))
				bit = bits[i].bit;
		if (bit == 0 || (all & bit))
			return false;
		all |= bit;
	}
	*out = all;
	return true;
}

bool sieve_ret_parse(struct str text, unsigned *out)
{
	bool full = str_eq_case(text, STR("FULL"));

	if (!full && !str_eq_case(text, STR("HDRS")))
		return false;
	*out = full ? SMTP_RET_FULL : SMTP_RET_HDRS;
	return true;
}

bool sieve_bymode_parse(struct str text, bool *notify_out)
{
	bool notify = str_eq_case(text, STR("notify"));

	if (!notify && !str_eq_case(text, STR("return")))
		return false;
	*notify_out = notify;
	return true;
}

/* RFC 3339, and zones without a colon, as the date-part "zone" gives them. */
static bool parse_time(struct sieve_run_state *s, struct str text, int64_t *out)
{
	if (timestamp_parse(text, out))
		return true;
	if (text.n < 5)
		return false;
	return timestamp_parse(arena_fmt(s->a, "%.*s:%.*s",
	                                 STR_ARG(str_to(text, text.n - 2)),
	                                 STR_ARG(str_from(text, text.n - 2))),
	                       out);
}

/* ---- what this one says ---- */

static int take_dsn(struct sieve_run_state *s, const struct sieve_op *op,
                    struct sieve_action *act)
{
	const struct sieve_tag_value *t = op->tag;
	struct str v;

	act->has_notify = t[TAG_NOTIFY].set;
	act->has_ret = t[TAG_RET].set;
	if (act->has_notify) {
		v = sieve_value(s, &t[TAG_NOTIFY].strings);
		if (!sieve_notify_parse(v, &act->notify))
			return sieve_fail(s, op, ERR_INVALID,
			                  ":notify cannot be \"%.*s\"",
			                  STR_ARG(v));
	}
	if (act->has_ret) {
		v = sieve_value(s, &t[TAG_RET].strings);
		if (!sieve_ret_parse(v, &act->ret))
			return sieve_fail(s, op, ERR_INVALID,
			                  ":ret cannot be \"%.*s\"",
			                  STR_ARG(v));
	}
	return 0;
}

/* Without :bymode the sender is told and the message goes on: nothing is lost
 * that the script did not want to be. */
static int take_deliverby(struct sieve_run_state *s, const struct sieve_op *op,
                          struct sieve_action *act)
{
	const struct sieve_tag_value *t = op->tag;
	uint64_t ahead = t[TAG_RELATIVE].number;
	struct str v;

	act->has_by = t[TAG_RELATIVE].set || t[TAG_ABSOLUTE].set;
	if (!act->has_by)
		return 0;
	act->by_trace = t[TAG_TRACE].set;
	act->by_notify = true;
	if (t[TAG_MODE].set) {
		v = sieve_value(s, &t[TAG_MODE].strings);
		if (!sieve_bymode_parse(v, &act->by_notify))
			return sieve_fail(s, op, ERR_INVALID,
			                  ":bymode cannot be \"%.*s\"",
			                  STR_ARG(v));
	}
	if (t[TAG_RELATIVE].set) {
		if (ahead > BY_SECONDS_MAX)
			ahead = BY_SECONDS_MAX;
		act->by_us = s->f->now_us + (int64_t)ahead * US_PER_SEC;
		return 0;
	}
	v = sieve_value(s, &t[TAG_ABSOLUTE].strings);
	if (!parse_time(s, v, &act->by_us) || act->by_us <= 0)
		return sieve_fail(s, op, ERR_INVALID, "\"%.*s\" is no time",
		                  STR_ARG(v));
	if (act->by_us > s->f->now_us + BY_SECONDS_MAX * US_PER_SEC)
		act->by_us = s->f->now_us + BY_SECONDS_MAX * US_PER_SEC;
	return 0;
}

static int add(struct sieve_run_state *s, const struct sieve_op *op,
               struct str address)
{
	struct sieve_action *act;

	for (size_t i = 0; i < s->out->n; i++)
		if (s->out->actions[i].kind == SIEVE_REDIRECT &&
		    str_eq_case(s->out->actions[i].address, address))
			return 0;
	if (++s->redirects > SIEVE_REDIRECTS_MAX)
		return sieve_fail(s, op, ERR_TOO_BIG, "too many redirects");
	act = sieve_action_add(s, op, SIEVE_REDIRECT);
	if (!act)
		return -1;
	act->address = address;
	return take_dsn(s, op, act) < 0 ? -1 : take_deliverby(s, op, act);
}

/* A list is bounded as redirects are.  When nobody is on it, it takes the
 * message from nobody either: the implicit keep stands. */
static int to_list(struct sieve_run_state *s, const struct sieve_op *op,
                   struct str name)
{
	struct str members[SIEVE_REDIRECTS_MAX + 1];
	enum sieve_list list = sieve_list_find(name);
	bool any = false;
	size_t n;

	if (list == SIEVE_LIST_NONE)
		return sieve_fail(s, op, ERR_INVALID,
		                  "there is no list \"%.*s\" here",
		                  STR_ARG(name));
	n = s->host->list_members(s->host->ctx, list, members,
	                          SIEVE_REDIRECTS_MAX + 1);
	if (n > SIEVE_REDIRECTS_MAX)
		return sieve_fail(s, op, ERR_TOO_BIG,
		                  "the list has more than %d addresses",
		                  SIEVE_REDIRECTS_MAX);
	for (size_t i = 0; i < n; i++) {
		struct str address;

		if (!sieve_one_address(s, members[i], &address))
			continue;
		any = true;
		if (add(s, op, address) < 0)
			return -1;
	}
	if (any && !op->tag[TAG_COPY].set)
		s->keep = false;
	return 0;
}

int sieve_redirect(struct sieve_run_state *s, const struct sieve_op *op)
{
	struct str to = sieve_value(s, &op->pos[0]), address;

	if (op->tag[TAG_LIST].set)
		return to_list(s, op, to);
	if (!sieve_one_address(s, to, &address))
		return sieve_fail(s, op, ERR_INVALID,
		                  "\"%.*s\" is not an address", STR_ARG(to));
	if (!op->tag[TAG_COPY].set)
		s->keep = false;
	return add(s, op, address);
}
