#include "imap/flagtext.h"
#include "imap/session.h"

#define OUT_MAX ((size_t)64 * 1024 * 1024)

/* "* VANISHED 3:5" or "* 3 EXPUNGE" for each. */
void imap_write_expunged(const struct imap_session *s, struct buf *b,
                         const struct view_news *n)
{
	if (!s->qresync) {
		for (size_t i = 0; i < n->expunged_n; i++)
			buf_fmt(b, "* %u EXPUNGE\r\n", n->expunged_seqs[i]);
		return;
	}
	if (n->expunged.n > 0) {
		struct imap_seqout o = imap_seqout(b);

		buf_add(b, STR("* VANISHED "));
		for (size_t i = 0; i < n->expunged.n; i++)
			imap_seqout_range(&o, n->expunged.p[i].first,
			                  n->expunged.p[i].last);
		imap_seqout_end(&o);
		buf_add(b, STR("\r\n"));
	}
}

static void write_flags(struct imap_session *s, struct buf *b,
                        const struct view_news *n, const struct flag_names *f)
{
	uint64_t seen = 0;

	for (size_t i = 0; i < n->flags_n; i++)
		seen |= n->flags[i].flags;
	imap_tell_keywords(s, b, f, seen);
	for (size_t i = 0; i < n->flags_n; i++) {
		const struct view_flags *v = &n->flags[i];

		buf_fmt(b, "* %u FETCH (", v->seq);
		if (s->qresync)
			buf_fmt(b, "UID %u ", v->uid);
		buf_add(b, STR("FLAGS ("));
		imap_write_flag_bits(b, f, v->flags);
		buf_add_c(b, ')');
		if (s->condstore)
			buf_fmt(b, " MODSEQ (%llu)",
			        (unsigned long long)v->modseq);
		buf_add(b, STR(")\r\n"));
	}
}

/* Keywords that are new since FLAGS was sent last (RFC 9051, 7.3.5). */
void imap_tell_keywords(struct imap_session *s, struct buf *b,
                        const struct flag_names *f, uint64_t in_use)
{
	if (!(in_use & ~s->permanent &
	      ~(((uint64_t)1 << FLAG_KEYWORD_FIRST) - 1)))
		return;
	s->permanent |= f->used;
	buf_add(b, STR("* FLAGS ("));
	imap_write_flag_bits(b, f,
	                     f->used | FLAG_SEEN | FLAG_ANSWERED |
	                             FLAG_FLAGGED | FLAG_DELETED | FLAG_DRAFT);
	buf_add(b, STR(")\r\n"));
}

static int tell(struct imap_session *s, bool may_expunge, struct buf *b,
                struct arena *a, bool *gone, struct err *err)
{
	struct view_news n = { 0 };
	struct flag_names f;
	int rc = -1;

	if (view_poll(s->view, may_expunge ? VIEW_EXPUNGE : 0, a, &n, err) < 0)
		return -1;
	*gone = n.gone;
	if (n.gone) {
		rc = 0;
		goto done;
	}
	imap_write_expunged(s, b, &n);
	uidset_remove_set(&s->saved, &n.expunged);
	if (n.count_changed || (s->idle && s->said_aside)) {
		buf_fmt(b, "* %u EXISTS\r\n", n.count);
		s->said_aside = !s->idle;
	}
	if (n.flags_n > 0) {
		if (flags_names(s->ctx->store, s->account, a, &f, err) < 0)
			goto done;
		write_flags(s, b, &n, &f);
	}
	rc = 0;
done:
	view_news_deinit(&n);
	return rc;
}

bool imap_tell(struct imap_session *s, bool may_expunge)
{
	struct err err = ERR_INIT;
	bool gone = false;
	struct arena a;
	struct buf b;

	if (!s->view || s->state == IMAP_LOGGED_OUT)
		return s->state != IMAP_LOGGED_OUT;
	arena_init(&a);
	buf_init(&b, OUT_MAX);
	if (tell(s, may_expunge, &b, &a, &gone, &err) < 0)
		imap_log_failure(s, &err);
	net_write(s->net, buf_str(&b));
	buf_deinit(&b);
	arena_deinit(&a);
	if (gone)
		imap_bye(s, "The mailbox was removed");
	return !gone;
}
