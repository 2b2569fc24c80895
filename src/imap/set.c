#include "imap/session.h"

#undef imap_done

bool imap_done(struct imap_session *s, struct imap_parser *p, bool parsed)
{
	if (parsed && imap_parse_end(p))
		return true;
	imap_bad(s, "%s", p->error ? p->error : "Bad arguments");
	return false;
}

bool imap_take_set(struct imap_session *s, const struct imap_seqset *set,
                   bool is_uid, struct arena *a, struct uidset *out)
{
	struct uid_range *r;

	uidset_init(out);
	if (set->saved) {
		uidset_copy(out, &s->saved);
		uidset_keep_set(out, view_uids(s->view));
		return true;
	}
	r = arena_array(a, set->n, sizeof(*r));
	for (size_t i = 0; i < set->n; i++)
		r[i] = (struct uid_range){ set->r[i].first, set->r[i].last };
	if (is_uid) {
		view_take_uids(s->view, r, set->n, out);
		return true;
	}
	/* "1:*" of an empty mailbox is no mistake of the client's. */
	if (view_take_seqs(s->view, r, set->n, out) || view_count(s->view) == 0)
		return true;
	uidset_deinit(out);
	imap_bad(s, "There are only %u messages", view_count(s->view));
	return false;
}
