#include "imap/command.h"
#include "imap/fetch.h"
#include "imap/flagtext.h"
#include "wire/imap/args.h"

struct storing {
	struct imap_session *s;
	struct imap_store args;
	struct arena *arena;
	bool is_uid;
	uint64_t bits;
};

static bool read_bits(struct storing *st)
{
	struct imap_session *s = st->s;
	const struct imap_flags *f = &st->args.flags;
	struct err err = ERR_INIT;
	uint64_t keywords = 0;

	if (f->n_keywords > 0 &&
	    flags_bits(s->ctx->store, s->account, f->keywords, f->n_keywords,
	               st->args.mode != IMAP_STORE_REMOVE, &keywords,
	               &err) < 0) {
		if (err.kind == ERR_TOO_BIG)
			imap_no(s, "[LIMIT] Too many different keywords");
		else
			imap_fail(s, &err);
		return false;
	}
	st->bits = imap_system_bits(f->system) | keywords;
	return true;
}

static void write_refused(const struct storing *st, struct buf *b,
                          const struct uidset *modified)
{
	struct imap_seqout o = imap_seqout(b);

	buf_add(b, STR("[MODIFIED "));
	for (size_t i = 0; i < modified->n; i++) {
		struct uid_range r = modified->p[i];

		/* Neighbours by UID, both there, are neighbours by number. */
		if (!st->is_uid) {
			r.first = view_seq(st->s->view, r.first);
			r.last = view_seq(st->s->view, r.last);
		}
		imap_seqout_range(&o, r.first, r.last);
	}
	imap_seqout_end(&o);
	buf_add(b, STR("] "));
}

/* What is told: the flags of all that were named, or, SILENT, only the new
 * modseq of those that changed (RFC 7162, 3.1.3). */
static void answer(struct storing *st, struct uidset *named,
                   const struct flags_result *res)
{
	struct imap_session *s = st->s;
	struct imap_job job = { .text = "Done" };
	struct buf b;

	buf_init(&b, (size_t)16 * 1024 * 1024);
	if (res->modified.n > 0)
		write_refused(st, &b, &res->modified);
	buf_add(&b, STR("Done"));
	job.text = arena_strz(st->arena, buf_str(&b));
	buf_deinit(&b);
	if (st->is_uid)
		job.what.items |= IMAP_F_UID;
	if (s->condstore)
		job.what.items |= IMAP_F_MODSEQ;
	uidset_init(&job.uids);
	if (!st->args.silent) {
		job.what.items |= IMAP_F_FLAGS;
		uidset_copy(&job.uids, named);
		uidset_remove_set(&job.uids, &res->modified);
	} else if (s->condstore) {
		uidset_copy(&job.uids, &res->changed);
	}
	imap_job_start(s, &job);
}

static void change(struct storing *st, struct uidset *uids)
{
	static const enum flags_op ops[] = {
		[IMAP_STORE_SET] = FLAGS_SET,
		[IMAP_STORE_ADD] = FLAGS_ADD,
		[IMAP_STORE_REMOVE] = FLAGS_REMOVE,
	};
	struct imap_session *s = st->s;
	const struct flags_change c = {
		.op = ops[st->args.mode],
		.flags = st->bits,
		.unchanged_since = st->args.unchangedsince_set
		                           ? st->args.unchangedsince
		                           : UINT64_MAX,
	};
	struct flags_result res = { 0 };
	struct err err = ERR_INIT;

	if (flags_store(s->ctx->store, s->account, view_mailbox(s->view), uids,
	                &c, &res, &err) < 0) {
		imap_fail(s, &err);
		return;
	}
	view_own_change(s->view, &res.changed, res.modseq);
	answer(st, uids, &res);
	flags_result_deinit(&res);
}

static void run(struct imap_session *s, struct imap_parser *p, bool is_uid)
{
	struct storing st = { .s = s, .is_uid = is_uid, .arena = p->arena };
	struct imap_seqset set;
	struct uidset uids;

	if (!imap_done(s, p,
	               imap_parse_sp(p) && imap_parse_seqset(p, &set) &&
	                       imap_parse_sp(p) &&
	                       imap_parse_store(p, &st.args)) ||
	    !read_bits(&st) || !imap_take_set(s, &set, is_uid, p->arena, &uids))
		return;
	if (st.args.unchangedsince_set)
		s->condstore = true;
	change(&st, &uids);
	uidset_deinit(&uids);
}

void imap_cmd_store(struct imap_session *s, struct imap_parser *p)
{
	run(s, p, false);
}

void imap_cmd_uid_store(struct imap_session *s, struct imap_parser *p)
{
	run(s, p, true);
}
