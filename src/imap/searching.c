#include "imap/searching.h"

#include "base/utf8.h"
#include "imap/flagtext.h"
#include "os/clock.h"
#include "store/flags.h"
#include "text/charset.h"

#define SECONDS_PER_DAY INT64_C(86400)

struct translation {
	struct imap_session *s;
	struct arena *arena;
	struct str charset; /* empty: the texts are UTF-8 already */
	bool answered;      /* something was wrong */
	int64_t now_s;
};

static struct query *translate(struct translation *t,
                               const struct imap_search *in);

/* True for none: an OR without kids. */
static struct query *never(struct translation *t)
{
	return query_new(t->arena, QUERY_OR);
}

static struct query *kids(struct translation *t, enum query_op op,
                          const struct imap_search *in)
{
	struct query *q = query_new(t->arena, op);

	for (const struct imap_search *c = in->children; c; c = c->next)
		query_add(q, translate(t, c));
	return q;
}

static struct query *set(struct translation *t, const struct imap_search *in)
{
	struct uidset taken, *keep;

	if (t->answered)
		return never(t);
	if (!imap_take_set(t->s, &in->set, in->op == IMAP_S_UID, t->arena,
	                   &taken)) {
		t->answered = true;
		return never(t);
	}
	/* Into the arena, that nobody need free it. */
	keep = arena_zalloc(t->arena, sizeof(*keep));
	keep->p = arena_array(t->arena, taken.n, sizeof(*keep->p));
	keep->n = taken.n;
	for (size_t i = 0; i < taken.n; i++)
		keep->p[i] = taken.p[i];
	uidset_deinit(&taken);
	return query_uids(t->arena, keep);
}

static struct query *flag(struct translation *t, const struct imap_search *in)
{
	uint64_t bits = imap_system_bits(in->flag);

	return bits ? query_flags(t->arena, bits, 0) : never(t);
}

static struct query *keyword(struct translation *t,
                             const struct imap_search *in)
{
	struct err err = ERR_INIT;
	uint64_t bits = 0;

	if (flags_bits(t->s->ctx->store, t->s->account, &in->text, 1, false,
	               &bits, &err) < 0 &&
	    !t->answered) {
		imap_fail(t->s, &err);
		t->answered = true;
	}
	return bits ? query_flags(t->arena, bits, 0) : never(t);
}

static struct query *time_of(struct translation *t, enum query_op op,
                             int64_t day)
{
	return query_time(t->arena, op, day * SECONDS_PER_DAY);
}

/* BEFORE, ON, SINCE with the two conditions that the store has. */
static struct query *dates(struct translation *t, const struct imap_search *in,
                           enum imap_search_op before, enum query_op less,
                           enum query_op least)
{
	enum imap_search_op on = (enum imap_search_op)(before + 1);
	struct query *q;

	if (in->op == before)
		return time_of(t, less, in->day);
	if (in->op != on)
		return time_of(t, least, in->day);
	q = query_new(t->arena, QUERY_AND);
	query_add(q, time_of(t, least, in->day));
	query_add(q, time_of(t, less, (int64_t)in->day + 1));
	return q;
}

static struct str to_utf8(struct translation *t, struct str text)
{
	struct buf b;

	if (t->charset.n == 0)
		return text;
	buf_init(&b, (size_t)1024 * 1024);
	text_to_utf8(&b, t->charset, text);
	text = arena_dup(t->arena, buf_str(&b));
	buf_deinit(&b);
	return text;
}

static struct query *header(struct translation *t, const struct imap_search *in)
{
	static const struct {
		struct str name;
		enum query_op op;
	} known[] = {
		{ STR_INIT("From"), QUERY_FROM },
		{ STR_INIT("To"), QUERY_TO },
		{ STR_INIT("Cc"), QUERY_CC },
		{ STR_INIT("Bcc"), QUERY_BCC },
		{ STR_INIT("Subject"), QUERY_SUBJECT },
	};
	struct str text = to_utf8(t, in->text);

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (text.n > 0 && str_eq_case(in->name, known[i].name))
			return query_text(t->arena, known[i].op, text);
	return query_header(t->arena, in->name, text);
}

/* An empty text is in every message. */
static struct query *text(struct translation *t, const struct imap_search *in)
{
	struct str s = to_utf8(t, in->text);

	if (s.n == 0)
		return query_new(t->arena, QUERY_AND);
	return query_text(t->arena,
	                  in->op == IMAP_S_BODY ? QUERY_BODY : QUERY_TEXT, s);
}

static struct query *object(struct translation *t, const struct imap_search *in)
{
	bool email = in->op == IMAP_S_EMAILID;
	uint64_t no;

	if (!store_id_parse(in->text, email ? STORE_ID_EMAIL : STORE_ID_THREAD,
	                    &no))
		return never(t);
	return query_number(t->arena, email ? QUERY_EMAIL : QUERY_THREAD, no);
}

/* RFC 5032: the age is counted by the internal date. */
static struct query *age(struct translation *t, const struct imap_search *in)
{
	int64_t s = t->now_s - (int64_t)in->number;

	if (in->op == IMAP_S_OLDER)
		return query_time(t->arena, QUERY_INTERNAL_BEFORE, s + 1);
	return query_time(t->arena, QUERY_INTERNAL_SINCE, s + 1);
}

static struct query *translate(struct translation *t,
                               const struct imap_search *in)
{
	struct arena *a = t->arena;

	switch (in->op) {
	case IMAP_S_ALL:
	case IMAP_S_SAVEDATESUPPORTED: return query_new(a, QUERY_AND);
	case IMAP_S_AND: return kids(t, QUERY_AND, in);
	case IMAP_S_OR: return kids(t, QUERY_OR, in);
	case IMAP_S_NOT: return kids(t, QUERY_NOT, in);
	case IMAP_S_SEQ:
	case IMAP_S_UID: return set(t, in);
	case IMAP_S_FLAG: return flag(t, in);
	case IMAP_S_KEYWORD: return keyword(t, in);
	case IMAP_S_BEFORE:
	case IMAP_S_ON:
	case IMAP_S_SINCE:
		return dates(t, in, IMAP_S_BEFORE, QUERY_INTERNAL_BEFORE,
		             QUERY_INTERNAL_SINCE);
	case IMAP_S_SENTBEFORE:
	case IMAP_S_SENTON:
	case IMAP_S_SENTSINCE:
		return dates(t, in, IMAP_S_SENTBEFORE, QUERY_SENT_BEFORE,
		             QUERY_SENT_SINCE);
	case IMAP_S_SAVEDBEFORE:
	case IMAP_S_SAVEDON:
	case IMAP_S_SAVEDSINCE:
		return dates(t, in, IMAP_S_SAVEDBEFORE, QUERY_SAVED_BEFORE,
		             QUERY_SAVED_SINCE);
	case IMAP_S_OLDER:
	case IMAP_S_YOUNGER: return age(t, in);
	case IMAP_S_LARGER: return query_number(a, QUERY_LARGER, in->number);
	case IMAP_S_SMALLER: return query_number(a, QUERY_SMALLER, in->number);
	case IMAP_S_HEADER: return header(t, in);
	case IMAP_S_BODY:
	case IMAP_S_TEXT: return text(t, in);
	case IMAP_S_MODSEQ: return query_number(a, QUERY_MODSEQ, in->number);
	case IMAP_S_EMAILID:
	case IMAP_S_THREADID: return object(t, in);
	}
	return never(t);
}

static bool take_charset(struct translation *t, struct str name)
{
	if (t->s->utf8 && !t->s->rev2 && name.n > 0) {
		/* RFC 6855, 3 */
		imap_bad(t->s, "No CHARSET after ENABLE UTF8=ACCEPT");
		return false;
	}
	if (name.n == 0 || str_eq_case(name, STR("UTF-8")) ||
	    str_eq_case(name, STR("US-ASCII")))
		return true;
	t->charset = name;
	if (text_charset_known(name))
		return true;
	imap_no(t->s, "[BADCHARSET (US-ASCII UTF-8)] Charset not known");
	return false;
}

bool search_translate(struct imap_session *s, struct arena *a,
                      const struct imap_search_program *prog,
                      struct query **out)
{
	struct translation t = {
		.s = s,
		.arena = a,
		.now_s = clock_wall_us() / US_PER_SEC,
	};

	if (!take_charset(&t, prog->charset))
		return false;
	*out = translate(&t, prog->root);
	return !t.answered;
}
