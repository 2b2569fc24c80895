/* Word to elsewhere that something came: "notify" and its tests (RFC 5435),
 * by mail (RFC 5436), the one method there is. */
#include "sieve/run.h"
#include "wire/message/mailto.h"

#define NOTIFIES_MAX 5 /* of one run */

enum { TAG_FROM, TAG_IMPORTANCE, TAG_OPTIONS, TAG_MESSAGE, TAG_FCC };

/* "1" is high, "2" normal, "3" low (RFC 5435, 3.4). */
static int take_importance(struct sieve_run_state *s, const struct sieve_op *op,
                           const struct mailto *m, struct sieve_action *act)
{
	static const char *const names[] = { "high", "normal", "low" };
	struct str v = sieve_value(s, &op->tag[TAG_IMPORTANCE].strings);

	if (!op->tag[TAG_IMPORTANCE].set) {
		for (size_t i = 0; i < 3; i++)
			if (str_eq_case(m->importance, str_z(names[i])))
				act->importance = str_z(names[i]);
		return 0;
	}
	if (v.n != 1 || v.p[0] < '1' || v.p[0] > '3')
		return sieve_fail(s, op, ERR_INVALID,
		                  ":importance is \"1\", \"2\" or \"3\"");
	act->importance = str_z(names[v.p[0] - '1']);
	return 0;
}

static size_t notifies(const struct sieve_run_state *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->out->n; i++)
		n += s->out->actions[i].kind == SIEVE_NOTIFY;
	return n;
}

int sieve_notify(struct sieve_run_state *s, const struct sieve_op *op)
{
	struct str uri = sieve_value(s, &op->pos[0]);
	const struct sieve_tag_value *t = op->tag;
	struct sieve_action *act;
	struct mailto m;

	if (!mailto_parse(s->a, uri, &m))
		return sieve_fail(s, op, ERR_INVALID,
		                  "\"%.*s\" is no way to notify here",
		                  STR_ARG(uri));
	if (notifies(s) == NOTIFIES_MAX)
		return sieve_fail(s, op, ERR_TOO_BIG, "too many notifications");
	act = sieve_action_add(s, op, SIEVE_NOTIFY);
	if (!act)
		return -1;
	act->handle = uri;
	act->text = m.body;
	act->subject = t[TAG_MESSAGE].set
	                       ? sieve_value(s, &t[TAG_MESSAGE].strings)
	                       : m.subject;
	act->from = sieve_value(s, &t[TAG_FROM].strings);
	if (act->from.n && !sieve_one_address(s, act->from, &act->address))
		return sieve_fail(s, op, ERR_INVALID,
		                  "\"%.*s\" is not an address",
		                  STR_ARG(act->from));
	act->addresses = arena_array(s->a, m.to_n, sizeof(*act->addresses));
	act->n_addresses = m.to_n;
	for (size_t i = 0; i < m.to_n; i++)
		act->addresses[i] = m.to[i];
	return take_importance(s, op, &m, act) < 0
	               ? -1
	               : sieve_take_fcc(s, op, TAG_FCC, act);
}

int sieve_valid_notify_method(struct sieve_run_state *s,
                              const struct sieve_op *op)
{
	struct sieve_strings uris = sieve_values(s, &op->pos[0]);
	struct mailto m;

	for (size_t i = 0; i < uris.n; i++)
		if (!mailto_parse(s->a, uris.v[i], &m))
			return 0;
	return 1;
}

/* RFC 5435, 5: nobody knows of mail whether its reader is there. */
int sieve_notify_method_capability(struct sieve_run_state *s,
                                   const struct sieve_op *op)
{
	struct str uri = sieve_value(s, &op->pos[0]);
	struct str name = sieve_value(s, &op->pos[1]);
	struct sieve_comparison c;
	struct mailto m;

	if (!mailto_parse(s->a, uri, &m) || !str_eq_case(name, STR("online")))
		return 0;
	sieve_compare_begin(&c, s, op, &op->pos[2]);
	(void)sieve_compare(&c, STR("maybe"));
	return sieve_compare_end(&c);
}
