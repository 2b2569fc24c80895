#include "imap/command.h"

/* ---- CREATE (RFC 6154: with a special use) ---- */

/* [SP "(" "USE" SP "(" [use] ")" ")"] */
static bool parse_use(struct imap_parser *p, enum mailbox_use *out)
{
	struct str name;

	*out = MAILBOX_USE_NONE;
	if (p->in.n < 2)
		return true;
	if (!imap_parse_sp(p) || !imap_parse_char(p, '('))
		return false;
	if (!imap_accept_word(p, STR("USE")))
		return imap_parse_fail(p, "Unknown parameter");
	if (!imap_parse_sp(p) || !imap_parse_char(p, '('))
		return false;
	if (!imap_peek(p, ')')) {
		struct str whole = p->in;

		if (!imap_parse_char(p, '\\') || !imap_parse_atom(p, &name))
			return false;
		*out = mailbox_use_parse(str_to(whole, name.n + 1));
		/* One use for a folder; none that we do not have. */
		if (*out <= MAILBOX_USE_INBOX || !imap_peek(p, ')'))
			*out = MAILBOX_USE_COUNT;
		while (p->in.n > 0 && !imap_peek(p, ')'))
			p->in = str_from(p->in, 1);
	}
	if (!imap_parse_char(p, ')'))
		return false;
	return imap_parse_char(p, ')');
}

void imap_cmd_create(struct imap_session *s, struct imap_parser *p)
{
	struct err err = ERR_INIT;
	enum mailbox_use use = MAILBOX_USE_NONE;
	struct imap_name name;
	struct str wire;
	uint64_t no;

	if (!imap_done(s, p,
	               imap_parse_sp(p) && imap_parse_astring(p, &wire) &&
	                       parse_use(p, &use)) ||
	    !imap_name_read(s, p->arena, wire, &name))
		return;
	if (use == MAILBOX_USE_COUNT) {
		imap_no(s, "[USEATTR] No such special use here");
		return;
	}
	if (mailbox_create(s->ctx->store, s->account, name.name, use, &no,
	                   &err) == 0) {
		imap_ok(s, "[MAILBOXID (%s)] Created",
		        store_id(STORE_ID_MAILBOX, no).z);
		return;
	}
	if (err.kind == ERR_INVALID)
		imap_no(s, "[CANNOT] No mailbox can have this name");
	else if (err.kind == ERR_EXISTS && use != MAILBOX_USE_NONE)
		imap_no(s, "[USEATTR] The name or the use is taken");
	else
		imap_fail(s, &err);
}

static int find(struct imap_session *s, const struct imap_name *name,
                struct arena *a, struct mailbox *out, struct err *err)
{
	return mailbox_get(s->ctx->store, s->account, name->name, a, out, err);
}

void imap_cmd_delete(struct imap_session *s, struct imap_parser *p)
{
	struct err err = ERR_INIT;
	struct imap_name name;
	struct mailbox m;
	struct str wire;
	int rc;

	if (!imap_done(s, p,
	               imap_parse_sp(p) && imap_parse_astring(p, &wire)) ||
	    !imap_name_read(s, p->arena, wire, &name))
		return;
	rc = find(s, &name, p->arena, &m, &err);
	if (rc == 0)
		rc = mailbox_delete(s->ctx->store, s->account, m.no, &err);
	if (rc == 0) {
		if (s->view && view_mailbox(s->view) == m.no)
			imap_deselect(s);
		imap_ok(s, "Deleted");
	} else if (err.kind == ERR_EXISTS) {
		imap_no(s, "[HASCHILDREN] There are folders in it");
	} else if (err.kind == ERR_DENIED) {
		imap_no(s, "[CANNOT] This one stays");
	} else {
		imap_fail(s, &err);
	}
}

void imap_cmd_rename(struct imap_session *s, struct imap_parser *p)
{
	struct err err = ERR_INIT;
	struct imap_name from, to;
	struct str old, new;
	struct mailbox m;
	int rc;

	if (!imap_done(s, p,
	               imap_parse_sp(p) && imap_parse_astring(p, &old) &&
	                       imap_parse_sp(p) &&
	                       imap_parse_astring(p, &new)) ||
	    !imap_name_read(s, p->arena, old, &from) ||
	    !imap_name_read(s, p->arena, new, &to))
		return;
	rc = find(s, &from, p->arena, &m, &err);
	if (rc == 0)
		rc = mailbox_rename(s->ctx->store, s->account, m.no, to.name,
		                    &err);
	if (rc == 0)
		imap_ok(s, "Renamed");
	else if (err.kind == ERR_INVALID)
		imap_no(s, "[CANNOT] No mailbox can have this name");
	else
		imap_fail(s, &err);
}

static void subscribe(struct imap_session *s, struct imap_parser *p, bool on)
{
	struct err err = ERR_INIT;
	struct imap_name name;
	struct str wire;

	if (!imap_done(s, p,
	               imap_parse_sp(p) && imap_parse_astring(p, &wire)) ||
	    !imap_name_read(s, p->arena, wire, &name))
		return;
	if (mailbox_subscribe(s->ctx->store, s->account, name.name, on, &err) <
	    0)
		imap_fail(s, &err);
	else
		imap_ok(s, on ? "Subscribed" : "Unsubscribed");
}

void imap_cmd_subscribe(struct imap_session *s, struct imap_parser *p)
{
	subscribe(s, p, true);
}

void imap_cmd_unsubscribe(struct imap_session *s, struct imap_parser *p)
{
	subscribe(s, p, false);
}
