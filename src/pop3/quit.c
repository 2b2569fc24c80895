#include "log/log.h"
#include "pop3/command.h"
#include "store/expunge.h"

static void log_quit(const struct pop3_session *s, uint64_t removed)
{
	struct log_line l;

	log_begin(&l, LOG_INFO, "pop3.quit");
	log_u64(&l, "sid", net_session_id(s->net));
	log_z(&l, "addr", s->address);
	log_u64(&l, "retrieved", s->retrieved);
	log_u64(&l, "removed", removed);
	log_u64(&l, "left", s->drop.left);
	log_end(&l);
}

/* The UPDATE state (RFC 1939, 6): +OK only when all is removed and on disk.
 * Nothing is removed when the connection ends in another way. */
static int update(struct pop3_session *s, struct err *err)
{
	struct uidset marked;
	uint64_t n;
	int rc = 0;

	pop3_maildrop_marked(&s->drop, &marked);
	n = uidset_count(&marked);
	if (n > 0)
		rc = expunge_uids(s->ctx->store, s->account, s->drop.mailbox,
		                  &marked, NULL, NULL, err);
	uidset_deinit(&marked);
	if (rc == 0)
		log_quit(s, n);
	return rc;
}

void pop3_cmd_quit(struct pop3_session *s, struct str args)
{
	struct err err = ERR_INIT;

	if (!pop3_take_end(s, args))
		return;
	if (s->state == POP3_TRANSACTION && update(s, &err) < 0) {
		pop3_log_failure(s, &err);
		pop3_err(s, "[SYS/TEMP] Some messages were not removed");
	} else {
		pop3_ok(s, "Goodbye");
	}
	s->state = POP3_ENDED;
	net_close(s->net);
}
