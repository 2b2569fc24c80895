#include "config/config.h"
#include "os/clock.h"
#include "smtp/session.h"

/* RFC 5321, 4.5.3.2.5 gives a client three minutes for a block. */
#define BLOCK_TIMEOUT_US (3 * US_PER_MIN)
/* Whoever uses bare line ends waits for an answer that a lone "." does not
 * bring; do not wait with it. */
#define BARE_TIMEOUT_US (30 * US_PER_SEC)
/* However slow, a message takes no longer. */
#define DATA_DEADLINE_US (2 * US_PER_HOUR)
#define DATA_INPUT_MAX   ((size_t)64 * 1024)

/* More than the limit is read over, to be answered in its place; much more
 * is not waited for. */
static bool is_endless(struct net_session *s, const struct smtp_tx *tx)
{
	uint64_t max =
		config_u64(smtp_context(s)->config, OPT_LIMITS_MESSAGE_BYTES);

	return tx->failed && tx->passed > 2 * max + 1048576;
}

static void data_input(struct net_session *s)
{
	struct smtp *c = net_state(s);
	struct smtp_tx *tx = c->tx;
	struct str all = net_input(s), in = all, piece;
	bool was_bare = tx->data.bare;
	enum smtp_data_result r;

	while ((r = smtp_data_next(&tx->data, &in, &piece)) == SMTP_DATA_PIECE)
		smtp_tx_add(s, tx, piece);
	net_consume(s, all.n - in.n);
	if (r == SMTP_DATA_END) {
		smtp_tx_finish(s, c);
		smtp_resume(s, c);
	} else if (is_endless(s, tx)) {
		smtp_tx_finish(s, c);
		net_close(s);
	} else if (tx->data.bare && !was_bare) {
		net_timeout(s, BARE_TIMEOUT_US);
	}
}

void smtp_data(struct net_session *s, struct smtp *c, struct str args)
{
	const struct smtp_context *x = smtp_context(s);
	struct smtp_tx *tx = c->tx;

	if (args.n) {
		smtp_error(s, c, 501, "5.5.4", "Syntax: DATA");
		return;
	}
	/* RFC 3030, 2 and 3. */
	if (tx->bdat || tx->mail.body == SMTP_BODY_BINARYMIME) {
		smtp_error(s, c, 503, "5.5.1", "Use BDAT");
		return;
	}
	if (tx->rcpts_n == 0) {
		smtp_error(s, c, 554, "5.5.1", "No valid recipients");
		return;
	}
	tx->spool = spool_new(x->spool,
	                      config_u64(x->config, OPT_LIMITS_MESSAGE_BYTES));
	c->busy = true;
	net_timeout(s, BLOCK_TIMEOUT_US);
	net_deadline(s, DATA_DEADLINE_US);
	net_set_input(s, data_input, DATA_INPUT_MAX);
	smtp_say(s, 354, "", "End data with <CR><LF>.<CR><LF>");
}
