#include "imap/status.h"

#include "config/config.h"
#include "imap/command.h"
#include "wire/imap/args.h"

static void write_item(struct imap_session *s, struct buf *b,
                       const struct mailbox *m, uint32_t item)
{
	uint64_t n = 0;

	switch (item) {
	case IMAP_ST_MESSAGES: n = m->total; break;
	case IMAP_ST_RECENT: n = 0; break;
	case IMAP_ST_UIDNEXT: n = m->uidnext; break;
	case IMAP_ST_UIDVALIDITY: n = m->uidvalidity; break;
	case IMAP_ST_UNSEEN: n = m->unseen; break;
	case IMAP_ST_HIGHESTMODSEQ: n = m->highestmodseq; break;
	case IMAP_ST_SIZE: n = m->bytes; break;
	case IMAP_ST_DELETED: n = m->deleted; break;
	case IMAP_ST_DELETED_STORAGE: n = m->deleted_bytes; break;
	case IMAP_ST_APPENDLIMIT:
		n = config_u64(s->ctx->config, OPT_LIMITS_MESSAGE_BYTES);
		break;
	case IMAP_ST_MAILBOXID:
		buf_fmt(b, "(%s)", store_id(STORE_ID_MAILBOX, m->no).z);
		return;
	default: break;
	}
	buf_add_u64(b, n);
}

void imap_write_status(struct imap_session *s, struct buf *b,
                       const struct mailbox *m, char prefix, uint32_t items)
{
	bool first = true;

	if (items & IMAP_ST_HIGHESTMODSEQ)
		s->condstore = true;
	buf_add(b, STR("* STATUS "));
	imap_name_write(s, b, m->name, prefix);
	buf_add(b, STR(" ("));
	for (uint32_t item = 1; item && item <= items; item <<= 1) {
		if (!(items & item))
			continue;
		if (!first)
			buf_add_c(b, ' ');
		first = false;
		buf_add(b, imap_status_name(item));
		buf_add_c(b, ' ');
		write_item(s, b, m, item);
	}
	buf_add(b, STR(")\r\n"));
}

void imap_cmd_status(struct imap_session *s, struct imap_parser *p)
{
	struct err err = ERR_INIT;
	struct imap_name name;
	struct mailbox m;
	uint32_t items;
	struct str wire;
	struct buf b;

	if (!imap_done(s, p,
	               imap_parse_sp(p) && imap_parse_astring(p, &wire) &&
	                       imap_parse_sp(p) &&
	                       imap_parse_status_items(p, &items)) ||
	    !imap_name_read(s, p->arena, wire, &name))
		return;
	if (mailbox_get(s->ctx->store, s->account, name.name, p->arena, &m,
	                &err) < 0) {
		imap_fail(s, &err);
		return;
	}
	buf_init(&b, (size_t)64 * 1024);
	imap_write_status(s, &b, &m, name.prefix, items);
	net_write(s->net, buf_str(&b));
	buf_deinit(&b);
	imap_ok(s, "Done");
}
