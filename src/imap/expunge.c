#include "store/expunge.h"

#include "imap/command.h"

static void run(struct imap_session *s, const struct uidset *uids)
{
	struct err err = ERR_INIT;
	uint64_t modseq = 0;

	if (expunge_deleted(s->ctx->store, s->account, view_mailbox(s->view),
	                    uids, NULL, &modseq, &err) < 0)
		imap_fail(s, &err);
	else if (s->condstore && modseq > 0)
		imap_ok(s, "[HIGHESTMODSEQ %llu] Done",
		        (unsigned long long)modseq);
	else
		imap_ok(s, "Done");
}

void imap_cmd_expunge(struct imap_session *s, struct imap_parser *p)
{
	if (imap_done(s, p, true))
		run(s, NULL);
}

/* RFC 4315 */
void imap_cmd_uid_expunge(struct imap_session *s, struct imap_parser *p)
{
	struct imap_seqset set;
	struct uidset uids;

	if (!imap_done(s, p, imap_parse_sp(p) && imap_parse_seqset(p, &set)) ||
	    !imap_take_set(s, &set, true, p->arena, &uids))
		return;
	run(s, &uids);
	uidset_deinit(&uids);
}
