#include "imap/fetch.h"

#include "imap/command.h"

/* CHANGEDSINCE ... VANISHED: what is not there any more (RFC 7162, 3.2.6). */
static bool tell_vanished(struct imap_session *s, const struct imap_fetch *f,
                          const struct imap_seqset *set)
{
	struct uidset known, gone;
	struct err err = ERR_INIT;
	struct buf b;
	int rc;

	uidset_init(&known);
	uidset_init(&gone);
	for (size_t i = 0; i < set->n; i++)
		uidset_add(&known, set->r[i].first, set->r[i].last);
	rc = view_vanished(s->view, f->changedsince, &known, &gone, &err);
	if (rc == 0 && gone.n > 0) {
		struct imap_seqout o;

		buf_init(&b, (size_t)16 * 1024 * 1024);
		buf_add(&b, STR("* VANISHED (EARLIER) "));
		o = imap_seqout(&b);
		for (size_t i = 0; i < gone.n; i++)
			imap_seqout_range(&o, gone.p[i].first, gone.p[i].last);
		imap_seqout_end(&o);
		buf_add(&b, STR("\r\n"));
		net_write(s->net, buf_str(&b));
		buf_deinit(&b);
	}
	if (rc < 0)
		imap_fail(s, &err);
	uidset_deinit(&known);
	uidset_deinit(&gone);
	return rc == 0;
}

static bool check_vanished(struct imap_session *s, const struct imap_fetch *f,
                           bool is_uid)
{
	if (!f->vanished || (is_uid && s->qresync))
		return true;
	imap_bad(s, "VANISHED goes with UID FETCH after ENABLE QRESYNC");
	return false;
}

static void run(struct imap_session *s, struct imap_parser *p, bool is_uid)
{
	struct imap_job job = { .text = "Done" };
	struct imap_seqset set;

	if (!imap_done(s, p,
	               imap_parse_sp(p) && imap_parse_seqset(p, &set) &&
	                       imap_parse_sp(p) &&
	                       imap_parse_fetch(p, &job.what)) ||
	    !check_vanished(s, &job.what, is_uid) ||
	    !imap_take_set(s, &set, is_uid, p->arena, &job.uids))
		return;
	if (is_uid)
		job.what.items |= IMAP_F_UID;
	if (job.what.changedsince_set) {
		job.what.items |= IMAP_F_MODSEQ;
		/* 0 would be all, which is what "since 0" means too. */
		job.changed_since = job.what.changedsince;
	}
	if (job.what.items & IMAP_F_MODSEQ)
		s->condstore = true;
	if (job.what.vanished && !tell_vanished(s, &job.what, &set))
		uidset_deinit(&job.uids);
	else
		imap_job_start(s, &job);
}

void imap_cmd_fetch(struct imap_session *s, struct imap_parser *p)
{
	run(s, p, false);
}

void imap_cmd_uid_fetch(struct imap_session *s, struct imap_parser *p)
{
	run(s, p, true);
}
