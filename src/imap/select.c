#include "imap/command.h"
#include "imap/fetch.h"
#include "imap/flagtext.h"
#include "store/expunge.h"
#include "wire/imap/args.h"

#define SYSTEM_FLAGS \
	(FLAG_SEEN | FLAG_ANSWERED | FLAG_FLAGGED | FLAG_DELETED | FLAG_DRAFT)

void imap_deselect(struct imap_session *s)
{
	view_close(&s->view);
	uidset_reset(&s->saved);
	s->permanent = 0;
	s->read_only = false;
	s->said_aside = false;
	if (s->state == IMAP_SELECTED)
		s->state = IMAP_AUTHENTICATED;
}

static void write_flags(struct imap_session *s, struct buf *b,
                        const struct flag_names *f)
{
	buf_add(b, STR("* FLAGS ("));
	imap_write_flag_bits(b, f, f->used | SYSTEM_FLAGS);
	buf_add(b, STR(")\r\n* OK [PERMANENTFLAGS ("));
	if (!s->read_only) {
		imap_write_flag_bits(b, f, f->used | SYSTEM_FLAGS);
		buf_add(b, STR(" \\*"));
	}
	buf_add(b, STR(")] Flags that are kept\r\n"));
	s->permanent = f->used;
}

/* \Recent is given to no message (RFC 9051 has no such flag): a program that
 * asks for RECENT gets 0 and goes by \Seen and UIDs. */
static void write_counts(struct imap_session *s, struct buf *b,
                         uint32_t unseen_seq)
{
	buf_fmt(b, "* %u EXISTS\r\n", view_count(s->view));
	if (!s->rev2)
		buf_add(b, STR("* 0 RECENT\r\n"));
	if (unseen_seq && !s->rev2)
		buf_fmt(b, "* OK [UNSEEN %u] First unseen\r\n", unseen_seq);
	buf_fmt(b, "* OK [UIDVALIDITY %u] UIDs are valid\r\n",
	        view_uidvalidity(s->view));
	buf_fmt(b, "* OK [UIDNEXT %u] Next UID\r\n", view_uidnext(s->view));
	buf_fmt(b, "* OK [HIGHESTMODSEQ %llu] Highest\r\n",
	        (unsigned long long)view_modseq(s->view));
	buf_fmt(b, "* OK [MAILBOXID (%s)] Number\r\n",
	        store_id(STORE_ID_MAILBOX, view_mailbox(s->view)).z);
}

/* RFC 9051, 6.3.2: the name as it is here. */
static void write_name(struct imap_session *s, struct buf *b,
                       const struct mailbox *m, char prefix)
{
	buf_add(b, STR("* LIST ("));
	buf_add_z(b, mailbox_use_name(m->use));
	buf_add(b, STR(") \"/\" "));
	imap_name_write(s, b, m->name, prefix);
	buf_add(b, STR("\r\n"));
}

static int open_mailbox(struct imap_session *s, const struct imap_name *name,
                        struct arena *a, struct buf *b, struct err *err)
{
	struct store *store = s->ctx->store;
	struct flag_names names;
	struct mailbox m;
	uint32_t unseen = 0;

	if (mailbox_get(store, s->account, name->name, a, &m, err) < 0 ||
	    view_open(&s->view, store, s->account, m.no, err) < 0)
		return -1;
	if (flags_names(store, s->account, a, &names, err) < 0 ||
	    (m.unseen > 0 && view_first_unseen(s->view, &unseen, err) < 0)) {
		view_close(&s->view);
		return -1;
	}
	write_flags(s, b, &names);
	write_counts(s, b, unseen);
	if (s->rev2)
		write_name(s, b, &m, name->prefix);
	return 0;
}

/* RFC 7162, 3.2.5: what vanished and what changed since the client was here.
 * Without the sequence match data more may be told than is needed, which the
 * RFC allows. */
static bool resync(struct imap_session *s, const struct imap_select *sel,
                   struct buf *b, struct uidset *uids, struct err *err)
{
	struct uidset known, vanished;
	bool all = sel->known_uids.n == 0;
	int rc;

	uidset_init(&known);
	uidset_init(&vanished);
	for (size_t i = 0; i < sel->known_uids.n; i++)
		uidset_add(&known, sel->known_uids.r[i].first,
		           sel->known_uids.r[i].last);
	rc = view_vanished(s->view, sel->modseq, all ? NULL : &known, &vanished,
	                   err);
	if (rc == 0 && vanished.n > 0) {
		struct imap_seqout o = imap_seqout(b);

		buf_add(b, STR("* VANISHED (EARLIER) "));
		for (size_t i = 0; i < vanished.n; i++)
			imap_seqout_range(&o, vanished.p[i].first,
			                  vanished.p[i].last);
		imap_seqout_end(&o);
		buf_add(b, STR("\r\n"));
	}
	if (rc == 0) {
		uidset_copy(uids, view_uids(s->view));
		if (!all)
			uidset_keep_set(uids, &known);
	}
	uidset_deinit(&known);
	uidset_deinit(&vanished);
	return rc == 0;
}

static void answer(struct imap_session *s, const struct imap_select *sel,
                   struct buf *b)
{
	const char *text =
		s->read_only ? "[READ-ONLY] Selected" : "[READ-WRITE] Selected";
	struct imap_job job = { .text = text };
	struct err err = ERR_INIT;
	bool ok = true, again = sel->qresync &&
	                        sel->uidvalidity == view_uidvalidity(s->view);

	uidset_init(&job.uids);
	if (again)
		ok = resync(s, sel, b, &job.uids, &err);
	net_write(s->net, buf_str(b));
	if (!ok) {
		imap_deselect(s);
		imap_fail(s, &err);
	} else if (again) {
		job.changed_since = sel->modseq ? sel->modseq : 1;
		job.what.items = IMAP_F_UID | IMAP_F_FLAGS | IMAP_F_MODSEQ;
		imap_job_start(s, &job);
		return;
	} else {
		imap_ok(s, "%s", text);
	}
	uidset_deinit(&job.uids);
}

static void run(struct imap_session *s, struct imap_parser *p, bool read_only)
{
	struct err err = ERR_INIT;
	struct imap_select sel;
	struct imap_name name;
	struct buf b;

	if (!imap_done(s, p, imap_parse_sp(p) && imap_parse_select(p, &sel)))
		return;
	if (sel.qresync && !s->qresync) {
		imap_bad(s, "ENABLE QRESYNC first");
		return;
	}
	/* RFC 3501, 6.3.1: the old one is closed whatever follows. */
	if (s->view && (s->qresync || s->rev2))
		net_write(s->net, STR("* OK [CLOSED] The last one\r\n"));
	imap_deselect(s);
	if (!imap_name_read(s, p->arena, sel.mailbox, &name))
		return;
	if (sel.condstore || sel.qresync)
		s->condstore = true;
	s->read_only = read_only;
	buf_init(&b, (size_t)64 * 1024 * 1024);
	if (open_mailbox(s, &name, p->arena, &b, &err) < 0) {
		s->read_only = false;
		imap_fail(s, &err);
	} else {
		s->state = IMAP_SELECTED;
		answer(s, &sel, &b);
	}
	buf_deinit(&b);
}

void imap_cmd_select(struct imap_session *s, struct imap_parser *p)
{
	run(s, p, false);
}

void imap_cmd_examine(struct imap_session *s, struct imap_parser *p)
{
	run(s, p, true);
}

/* RFC 3501, 6.4.2: what is marked is removed without a word. */
void imap_cmd_close(struct imap_session *s, struct imap_parser *p)
{
	struct err err = ERR_INIT;
	int rc = 0;

	if (!imap_done(s, p, true))
		return;
	if (!s->read_only)
		rc = expunge_deleted(s->ctx->store, s->account,
		                     view_mailbox(s->view), NULL, NULL, NULL,
		                     &err);
	imap_deselect(s);
	if (rc < 0 && err.kind != ERR_NOT_FOUND)
		imap_fail(s, &err);
	else
		imap_ok(s, "Closed");
}

/* RFC 3691 */
void imap_cmd_unselect(struct imap_session *s, struct imap_parser *p)
{
	if (!imap_done(s, p, true))
		return;
	imap_deselect(s);
	imap_ok(s, "Closed, nothing removed");
}
