#include "wire/imap/search.h"
#include "base/utf8.h"
#include "imap/command.h"
#include "imap/flagtext.h"
#include "imap/searching.h"
#include "store/fetch.h"
#include "store/flags.h"

#define OUT_MAX ((size_t)64 * 1024 * 1024)

struct found {
	struct imap_session *s;
	const struct imap_search_program *prog;
	bool is_uid;
	struct uidset uids; /* of messages in the view */
	uint64_t modseq;    /* the highest of them, with MODSEQ */
};

/* RFC 7162, 3.1.5: asked by MODSEQ, the answer has the highest one. */
static int find_modseq(struct found *f, struct err *err)
{
	struct imap_session *s = f->s;
	struct fetch_row row;
	struct fetch *rows;
	int rc;

	if (!f->prog->has_modseq || f->uids.n == 0)
		return 0;
	if (fetch_open(&rows, s->ctx->store, s->account, view_mailbox(s->view),
	               &f->uids, 0, 0, err) < 0)
		return -1;
	while ((rc = fetch_next(rows, &row, err)) > 0)
		if (row.modseq > f->modseq)
			f->modseq = row.modseq;
	fetch_close(&rows);
	return rc;
}

static uint32_t number(const struct found *f, uint32_t uid)
{
	return f->is_uid ? uid : view_seq(f->s->view, uid);
}

static void write_set(const struct found *f, struct buf *b)
{
	struct imap_seqout o = imap_seqout(b);

	for (size_t i = 0; i < f->uids.n; i++)
		imap_seqout_range(&o, number(f, f->uids.p[i].first),
		                  number(f, f->uids.p[i].last));
	imap_seqout_end(&o);
}

/* "* SEARCH 2 84 882 (MODSEQ 917)" */
static void write_plain(const struct found *f, struct buf *b)
{
	buf_add(b, STR("* SEARCH"));
	for (size_t i = 0; i < f->uids.n; i++) {
		uint32_t first = number(f, f->uids.p[i].first);
		uint32_t last = number(f, f->uids.p[i].last);

		for (uint32_t n = first; n <= last && n != 0; n++) {
			buf_add_c(b, ' ');
			buf_add_u64(b, n);
		}
	}
	if (f->modseq)
		buf_fmt(b, " (MODSEQ %llu)", (unsigned long long)f->modseq);
	buf_add(b, STR("\r\n"));
}

/* RFC 4731 and 9051, 7.3.4; MIN, MAX and ALL only when something was found. */
static void write_extended(const struct found *f, struct buf *b)
{
	uint32_t what = f->prog->results;
	const struct uidset *u = &f->uids;

	buf_add(b, STR("* ESEARCH (TAG "));
	buf_fmt(b, "\"%s\")", f->s->tag);
	if (f->is_uid)
		buf_add(b, STR(" UID"));
	if ((what & IMAP_RETURN_MIN) && u->n)
		buf_fmt(b, " MIN %u", number(f, u->p[0].first));
	if ((what & IMAP_RETURN_MAX) && u->n)
		buf_fmt(b, " MAX %u", number(f, u->p[u->n - 1].last));
	if (what & IMAP_RETURN_COUNT)
		buf_fmt(b, " COUNT %llu", (unsigned long long)uidset_count(u));
	if ((what & IMAP_RETURN_ALL) && u->n) {
		buf_add(b, STR(" ALL "));
		write_set(f, b);
	}
	if (f->modseq)
		buf_fmt(b, " MODSEQ %llu", (unsigned long long)f->modseq);
	buf_add(b, STR("\r\n"));
}

/* RFC 5182, 2.1: with MIN or MAX alone only those are kept. */
static void save(const struct found *f)
{
	struct imap_session *s = f->s;
	const struct uidset *u = &f->uids;
	uint32_t what = f->prog->results & ~(uint32_t)IMAP_RETURN_SAVE;
	const uint32_t ends = IMAP_RETURN_MIN | IMAP_RETURN_MAX;

	if (!(f->prog->results & IMAP_RETURN_SAVE))
		return;
	uidset_reset(&s->saved);
	if (what == 0 || (what & ~ends) != 0) {
		uidset_copy(&s->saved, u);
		return;
	}
	if (u->n > 0 && (what & IMAP_RETURN_MIN))
		uidset_add(&s->saved, u->p[0].first, u->p[0].first);
	if (u->n > 0 && (what & IMAP_RETURN_MAX))
		uidset_add(&s->saved, u->p[u->n - 1].last, u->p[u->n - 1].last);
}

static void answer(struct found *f)
{
	struct buf b;

	save(f);
	buf_init(&b, OUT_MAX);
	/* Nothing but SAVE: nothing is told. */
	if (!f->prog->has_return)
		write_plain(f, &b);
	else if (f->prog->results != IMAP_RETURN_SAVE)
		write_extended(f, &b);
	imap_send(f->s, &b, "Done");
}

static void fail(struct found *f, const struct err *err)
{
	/* RFC 5182, 2.1: a search that fails empties "$". */
	if (f->prog->results & IMAP_RETURN_SAVE)
		uidset_reset(&f->s->saved);
	if (err->kind == ERR_TOO_BIG)
		imap_no(f->s, "[LIMIT] The search is too large");
	else
		imap_fail(f->s, err);
}

static void run(struct imap_session *s, struct imap_parser *p, bool is_uid)
{
	struct imap_search_program prog;
	struct found f = { .s = s, .prog = &prog, .is_uid = is_uid };
	struct err err = ERR_INIT;
	struct query *q;

	if (!imap_done(s, p, imap_parse_sp(p) && imap_parse_search(p, &prog)) ||
	    !search_translate(s, p->arena, &prog, &q))
		return;
	if (prog.has_modseq)
		s->condstore = true;
	/* RFC 9051, 6.4.4: the answer is ESEARCH always. */
	if (s->rev2 && !prog.has_return) {
		prog.has_return = true;
		prog.results = IMAP_RETURN_ALL;
	}
	uidset_init(&f.uids);
	if (query_run(s->ctx->store, s->account, view_mailbox(s->view), q, NULL,
	              &f.uids, &err) < 0) {
		fail(&f, &err);
	} else {
		uidset_keep_set(&f.uids, view_uids(s->view));
		if (find_modseq(&f, &err) < 0)
			fail(&f, &err);
		else
			answer(&f);
	}
	uidset_deinit(&f.uids);
}

void imap_cmd_search(struct imap_session *s, struct imap_parser *p)
{
	run(s, p, false);
}

void imap_cmd_uid_search(struct imap_session *s, struct imap_parser *p)
{
	run(s, p, true);
}
