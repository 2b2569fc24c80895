#include "store/quota.h"

#include "imap/command.h"

/* RFC 9208: one root, "", with the storage of the whole account; numbers are
 * in units of 1,024 octets. */
static bool write_quota(struct imap_session *s)
{
	struct err err = ERR_INIT;
	struct quota q;

	if (quota_get(s->ctx->store, s->account, &q, &err) < 0) {
		imap_fail(s, &err);
		return false;
	}
	if (q.limit_bytes == STORE_QUOTA_NONE)
		net_write(s->net, STR("* QUOTA \"\" ()\r\n"));
	else
		net_fmt(s->net, "* QUOTA \"\" (STORAGE %llu %llu)\r\n",
		        (unsigned long long)((q.used_bytes + 1023) / 1024),
		        (unsigned long long)(q.limit_bytes / 1024));
	return true;
}

void imap_cmd_getquota(struct imap_session *s, struct imap_parser *p)
{
	struct str root;

	if (!imap_done(s, p, imap_parse_sp(p) && imap_parse_astring(p, &root)))
		return;
	if (root.n > 0)
		imap_no(s, "[NONEXISTENT] No such quota root");
	else if (write_quota(s))
		imap_ok(s, "Done");
}

void imap_cmd_getquotaroot(struct imap_session *s, struct imap_parser *p)
{
	struct err err = ERR_INIT;
	struct imap_name name;
	struct mailbox m;
	struct str wire;
	struct buf b;

	if (!imap_done(s, p,
	               imap_parse_sp(p) && imap_parse_astring(p, &wire)) ||
	    !imap_name_read(s, p->arena, wire, &name))
		return;
	if (mailbox_get(s->ctx->store, s->account, name.name, p->arena, &m,
	                &err) < 0) {
		imap_fail(s, &err);
		return;
	}
	buf_init(&b, (size_t)64 * 1024);
	buf_add(&b, STR("* QUOTAROOT "));
	imap_name_write(s, &b, m.name, name.prefix);
	buf_add(&b, STR(" \"\"\r\n"));
	net_write(s->net, buf_str(&b));
	buf_deinit(&b);
	if (write_quota(s))
		imap_ok(s, "Done");
}
