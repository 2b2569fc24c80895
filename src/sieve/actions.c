/* What a script has done with the message. */
#include <string.h>

#include "sieve/run.h"
#include "wire/message/address.h"

struct sieve_action *sieve_action_add(struct sieve_run_state *s,
                                      const struct sieve_op *op,
                                      enum sieve_action_kind kind)
{
	struct sieve_action *act;

	if (s->out->n == SIEVE_ACTIONS_MAX) {
		(void)sieve_fail(s, op, ERR_TOO_BIG, "too many actions");
		return NULL;
	}
	act = &s->out->actions[s->out->n++];
	*act = (struct sieve_action){ .kind = kind };
	if (kind == SIEVE_KEEP || kind == SIEVE_FILEINTO ||
	    kind == SIEVE_REDIRECT)
		act->message = s->enclosed && kind == SIEVE_REDIRECT
		                       ? s->open /* RFC 5703, 6 */
		                       : sieve_edition(s);
	return act;
}

static bool has(const struct sieve_run_state *s, enum sieve_action_kind kind)
{
	for (size_t i = 0; i < s->out->n; i++)
		if (s->out->actions[i].kind == kind)
			return true;
	return false;
}

/* ---- flags (RFC 5232) ---- */

#define FLAGS_MAX 64

/* A flag as IMAP can keep it: a system flag of the five, or an atom. */
static bool is_flag(struct str f)
{
	static const char *const system[] = { "\\seen", "\\answered",
		                              "\\flagged", "\\deleted",
		                              "\\draft" };

	if (f.n == 0 || f.n > 100)
		return false;
	for (size_t i = 0; f.p[0] == '\\' && i < 5; i++)
		if (str_eq_case(f, str_z(system[i])))
			return true;
	for (size_t i = 0; i < f.n; i++)
		if (f.p[i] <= ' ' || f.p[i] > '~' ||
		    ascii_is_one_of(f.p[i], "(){%*\"\\]"))
			return false;
	return true;
}

struct flag_list {
	struct str v[FLAGS_MAX];
	size_t n;
};

static size_t flag_at(const struct flag_list *l, struct str f)
{
	size_t i = 0;

	while (i < l->n && !str_eq_case(l->v[i], f))
		i++;
	return i;
}

static void flag_add(struct flag_list *l, struct str f)
{
	if (is_flag(f) && flag_at(l, f) == l->n && l->n < FLAGS_MAX)
		l->v[l->n++] = f;
}

static void flag_remove(struct flag_list *l, struct str f)
{
	size_t at = flag_at(l, f);

	if (at < l->n)
		l->v[at] = l->v[--l->n];
}

/* A string may hold several flags with blanks between (RFC 5232, 2). */
static void each_flag(struct flag_list *l, const struct sieve_strings *in,
                      void (*fn)(struct flag_list *l, struct str f))
{
	for (size_t i = 0; i < in->n; i++) {
		struct str rest = in->v[i], f;

		while (str_cut(&rest, ' ', &f))
			if (f.n)
				fn(l, f);
	}
}

static void flags_store(struct sieve_run_state *s, const struct flag_list *l,
                        struct str **out, size_t *n_out)
{
	*out = arena_array(s->a, l->n, sizeof(**out));
	*n_out = l->n;
	for (size_t i = 0; i < l->n; i++)
		(*out)[i] = arena_dup(s->a, l->v[i]);
}

static void flags_of_variable(struct sieve_run_state *s, struct str name,
                              struct flag_list *l)
{
	struct sieve_strings one = { .n = 1 };
	struct str text;

	l->n = 0;
	if (name.n == 0) {
		for (size_t i = 0; i < s->n_flags && i < FLAGS_MAX; i++)
			l->v[l->n++] = s->flags[i];
		return;
	}
	text = sieve_expand(s, arena_fmt(s->a, "${%.*s}", STR_ARG(name)));
	one.v = &text;
	each_flag(l, &one, flag_add);
}

static int change_flags(struct sieve_run_state *s, const struct sieve_op *op,
                        bool reset, bool remove)
{
	struct str name = sieve_value(s, &op->pos[0]), text = STR("");
	struct sieve_strings flags = sieve_values(s, &op->pos[1]);
	struct flag_list l = { .n = 0 };

	if (!reset)
		flags_of_variable(s, name, &l);
	each_flag(&l, &flags, remove ? flag_remove : flag_add);
	if (name.n == 0) {
		flags_store(s, &l, &s->flags, &s->n_flags);
		return 0;
	}
	for (size_t i = 0; i < l.n; i++)
		text = arena_fmt(s->a, "%.*s%s%.*s", STR_ARG(text),
		                 i ? " " : "", STR_ARG(l.v[i]));
	if (!sieve_variable_set(s, name, text))
		return sieve_fail(s, op, ERR_INVALID,
		                  "\"%.*s\" cannot be a variable",
		                  STR_ARG(name));
	return 0;
}

int sieve_setflag(struct sieve_run_state *s, const struct sieve_op *op)
{
	return change_flags(s, op, true, false);
}

int sieve_addflag(struct sieve_run_state *s, const struct sieve_op *op)
{
	return change_flags(s, op, false, false);
}

int sieve_removeflag(struct sieve_run_state *s, const struct sieve_op *op)
{
	return change_flags(s, op, false, true);
}

int sieve_hasflag(struct sieve_run_state *s, const struct sieve_op *op)
{
	struct sieve_strings names = sieve_values(s, &op->pos[0]);
	struct sieve_comparison c;
	size_t i = 0;

	sieve_compare_begin(&c, s, op, &op->pos[1]);
	do {
		struct flag_list l;

		flags_of_variable(s, names.n ? names.v[i] : STR(""), &l);
		for (size_t k = 0; k < l.n; k++)
			if (sieve_compare(&c, l.v[k]))
				return sieve_compare_end(&c);
	} while (++i < names.n);
	return sieve_compare_end(&c);
}

/* :flags of this action, else those set so far. */
static void take_flags(struct sieve_run_state *s,
                       const struct sieve_tag_value *tag,
                       struct sieve_action *act)
{
	struct flag_list l = { .n = 0 };
	struct sieve_strings v;

	if (!tag->set) {
		act->flags = s->flags;
		act->n_flags = s->n_flags;
		return;
	}
	v = sieve_values(s, &tag->strings);
	each_flag(&l, &v, flag_add);
	flags_store(s, &l, &act->flags, &act->n_flags);
}

/* ---- keep, discard, fileinto ---- */

enum { TAG_FLAGS, TAG_COPY, TAG_CREATE, TAG_USE, TAG_MAILBOXID };

int sieve_keep(struct sieve_run_state *s, const struct sieve_op *op)
{
	struct sieve_action *act;

	s->keep = false;
	if (has(s, SIEVE_KEEP))
		return 0;
	act = sieve_action_add(s, op, SIEVE_KEEP);
	if (!act)
		return -1;
	take_flags(s, &op->tag[TAG_FLAGS], act);
	return 0;
}

int sieve_discard(struct sieve_run_state *s, const struct sieve_op *op)
{
	(void)op;
	s->keep = false;
	return 0;
}

int sieve_fileinto(struct sieve_run_state *s, const struct sieve_op *op)
{
	struct str mailbox = sieve_value(s, &op->pos[0]);
	struct str id = STR("");
	struct sieve_action *act;

	if (mailbox.n == 0)
		return sieve_fail(s, op, ERR_INVALID,
		                  "fileinto without a mailbox");
	if (!op->tag[TAG_COPY].set)
		s->keep = false;
	if (op->tag[TAG_MAILBOXID].set)
		id = sieve_value(s, &op->tag[TAG_MAILBOXID].strings);
	if (op->tag[TAG_MAILBOXID].set && op->tag[TAG_USE].set)
		return sieve_fail(s, op, ERR_INVALID, /* RFC 9042, 4.3 */
		                  ":mailboxid and :specialuse exclude each "
		                  "other");
	/* The same mailbox twice is once (RFC 5228, 2.10.3). */
	for (size_t i = 0; i < s->out->n; i++)
		if (s->out->actions[i].kind == SIEVE_FILEINTO &&
		    str_eq(s->out->actions[i].mailbox, mailbox) &&
		    str_eq(s->out->actions[i].mailbox_id, id))
			return 0;
	act = sieve_action_add(s, op, SIEVE_FILEINTO);
	if (!act)
		return -1;
	act->mailbox = mailbox;
	act->mailbox_id = id;
	act->create = op->tag[TAG_CREATE].set;
	if (op->tag[TAG_USE].set)
		act->use = sieve_value(s, &op->tag[TAG_USE].strings);
	take_flags(s, &op->tag[TAG_FLAGS], act);
	return 0;
}

/* ---- :fcc (RFC 8580) ---- */

enum { FCC, FCC_FLAGS, FCC_CREATE, FCC_USE, FCC_ID, FCC_N };

int sieve_take_fcc(struct sieve_run_state *s, const struct sieve_op *op,
                   size_t first, struct sieve_action *act)
{
	const struct sieve_tag_value *t = &op->tag[first];

	for (size_t i = FCC_FLAGS; i < FCC_N; i++)
		if (t[i].set && !t[FCC].set)
			return sieve_fail(s, op, ERR_INVALID, ":%s needs :fcc",
			                  op->row->tags[first + i].name);
	if (!t[FCC].set)
		return 0;
	if (t[FCC_USE].set && t[FCC_ID].set)
		return sieve_fail(s, op, ERR_INVALID,
		                  ":mailboxid and :specialuse exclude each "
		                  "other");
	act->mailbox = sieve_value(s, &t[FCC].strings);
	if (act->mailbox.n == 0)
		return sieve_fail(s, op, ERR_INVALID, ":fcc without a mailbox");
	act->create = t[FCC_CREATE].set;
	if (t[FCC_USE].set)
		act->use = sieve_value(s, &t[FCC_USE].strings);
	if (t[FCC_ID].set)
		act->mailbox_id = sieve_value(s, &t[FCC_ID].strings);
	if (t[FCC_FLAGS].set)
		take_flags(s, &t[FCC_FLAGS], act);
	return 0;
}

/* ---- reject, vacation ---- */

/* Neither goes with keeping or passing on (RFC 5429, 2.4). */
int sieve_reject(struct sieve_run_state *s, const struct sieve_op *op)
{
	struct sieve_action *act;

	if (has(s, SIEVE_REJECT) || has(s, SIEVE_KEEP) ||
	    has(s, SIEVE_FILEINTO) || has(s, SIEVE_REDIRECT) ||
	    has(s, SIEVE_VACATION))
		return sieve_fail(s, op, ERR_INVALID,
		                  "%s does not go with other actions",
		                  op->row->name);
	s->keep = false;
	act = sieve_action_add(s, op, SIEVE_REJECT);
	if (!act)
		return -1;
	act->text = sieve_value(s, &op->pos[0]);
	act->ereject = op->row->name[0] == 'e';
	return 0;
}

enum {
	TAG_DAYS,
	TAG_VSECONDS,
	TAG_SUBJECT,
	TAG_FROM,
	TAG_ADDRESSES,
	TAG_MIME,
	TAG_VHANDLE,
	TAG_VFCC
};

/* 1 to 90 days; with :seconds from none at all (RFC 5230, 4.1; RFC 6131, 2). */
static uint64_t vacation_seconds(const struct sieve_op *op)
{
	uint64_t v = 7 * 86400;

	if (op->tag[TAG_DAYS].set)
		v = (op->tag[TAG_DAYS].number > 90 ? 90
		     : op->tag[TAG_DAYS].number < 1
		             ? 1
		             : op->tag[TAG_DAYS].number) *
		    86400;
	if (op->tag[TAG_VSECONDS].set)
		v = op->tag[TAG_VSECONDS].number > 90 * 86400
		            ? 90 * 86400
		            : op->tag[TAG_VSECONDS].number;
	return v;
}

int sieve_vacation(struct sieve_run_state *s, const struct sieve_op *op)
{
	const struct sieve_tag_value *t = op->tag;
	struct sieve_strings more;
	struct sieve_action *act;

	if (t[TAG_DAYS].set && t[TAG_VSECONDS].set)
		return sieve_fail(s, op, ERR_INVALID,
		                  ":days and :seconds exclude each other");
	if (has(s, SIEVE_VACATION))
		return sieve_fail(s, op, ERR_INVALID, "vacation twice");
	if (has(s, SIEVE_REJECT))
		return sieve_fail(s, op, ERR_INVALID,
		                  "vacation does not go with reject");
	act = sieve_action_add(s, op, SIEVE_VACATION);
	if (!act)
		return -1;
	act->text = sieve_value(s, &op->pos[0]);
	act->subject = sieve_value(s, &t[TAG_SUBJECT].strings);
	act->from = sieve_value(s, &t[TAG_FROM].strings);
	if (act->from.n && !sieve_one_address(s, act->from, &act->address))
		return sieve_fail(s, op, ERR_INVALID,
		                  "\"%.*s\" is not an address",
		                  STR_ARG(act->from));
	act->handle = sieve_value(s, &t[TAG_VHANDLE].strings);
	act->mime = t[TAG_MIME].set;
	act->seconds = vacation_seconds(op);
	more = sieve_values(s, &t[TAG_ADDRESSES].strings);
	act->addresses = more.v;
	act->n_addresses = more.n;
	return sieve_take_fcc(s, op, TAG_VFCC, act);
}
