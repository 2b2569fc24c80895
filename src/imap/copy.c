#include "store/copy.h"

#include "imap/command.h"

/* "[COPYUID validity from to] Done" (RFC 4315): both sets have as many
 * members, in the same order. */
static void write_copyuid(struct buf *b, const struct copy_result *r)
{
	struct imap_seqout o;

	buf_fmt(b, "[COPYUID %u ", r->uidvalidity);
	o = imap_seqout(b);
	for (size_t i = 0; i < r->n; i++)
		imap_seqout_add(&o, r->pairs[i].from);
	imap_seqout_end(&o);
	buf_add_c(b, ' ');
	o = imap_seqout(b);
	for (size_t i = 0; i < r->n; i++)
		imap_seqout_add(&o, r->pairs[i].to);
	imap_seqout_end(&o);
	buf_add(b, STR("]"));
}

static void answer(struct imap_session *s, const struct copy_result *r,
                   bool moves)
{
	struct buf b;

	if (r->n == 0) {
		imap_ok(s, "Nothing to do");
		return;
	}
	buf_init(&b, (size_t)16 * 1024 * 1024);
	write_copyuid(&b, r);
	if (moves) {
		/* RFC 6851, 4.3: before the messages vanish. */
		net_fmt(s->net, "* OK %s Moved\r\n", buf_z(&b));
		imap_ok(s, "Done");
	} else {
		imap_ok(s, "%s Done", buf_z(&b));
	}
	buf_deinit(&b);
}

static void fail(struct imap_session *s, const struct err *err)
{
	if (err->kind == ERR_NOT_FOUND)
		imap_no(s, "[TRYCREATE] No such mailbox");
	else
		imap_fail(s, err);
}

static void transfer(struct imap_session *s, const struct uidset *uids,
                     uint64_t to, bool moves)
{
	struct copy_result r = { 0 };
	struct err err = ERR_INIT;
	uint64_t from = view_mailbox(s->view);
	int rc;

	if (moves)
		rc = move_messages(s->ctx->store, s->account, from, uids, to,
		                   &r, &err);
	else
		rc = copy_messages(s->ctx->store, s->account, from, uids, to,
		                   &r, &err);
	if (rc < 0) {
		fail(s, &err);
		return;
	}
	/* The removal is this command's own doing and may be told. */
	if (moves)
		s->may_expunge = true;
	answer(s, &r, moves);
	copy_result_deinit(&r);
}

static void run(struct imap_session *s, struct imap_parser *p, bool is_uid,
                bool moves)
{
	struct err err = ERR_INIT;
	struct imap_seqset set;
	struct imap_name name;
	struct uidset uids;
	struct mailbox m;
	struct str wire;

	if (!imap_done(s, p,
	               imap_parse_sp(p) && imap_parse_seqset(p, &set) &&
	                       imap_parse_sp(p) &&
	                       imap_parse_astring(p, &wire)) ||
	    !imap_name_read(s, p->arena, wire, &name) ||
	    !imap_take_set(s, &set, is_uid, p->arena, &uids))
		return;
	if (mailbox_get(s->ctx->store, s->account, name.name, p->arena, &m,
	                &err) < 0)
		fail(s, &err);
	else
		transfer(s, &uids, m.no, moves);
	uidset_deinit(&uids);
}

void imap_cmd_copy(struct imap_session *s, struct imap_parser *p)
{
	run(s, p, false, false);
}

void imap_cmd_uid_copy(struct imap_session *s, struct imap_parser *p)
{
	run(s, p, true, false);
}

void imap_cmd_move(struct imap_session *s, struct imap_parser *p)
{
	run(s, p, false, true);
}

void imap_cmd_uid_move(struct imap_session *s, struct imap_parser *p)
{
	run(s, p, true, true);
}
