#include "config/config.h"
#include "os/clock.h"
#include "smtp/session.h"

#define BLOCK_TIMEOUT_US  (3 * US_PER_MIN)
#define CHUNK_DEADLINE_US (2 * US_PER_HOUR)
#define CHUNK_INPUT_MAX   ((size_t)64 * 1024)

/* A chunk of a transaction that can not be: read over, then said so. */
static void wrong_chunk_done(struct net_session *s, struct smtp *c)
{
	if (c->tx)
		smtp_error(s, c, 554, "5.5.1", "No valid recipients");
	else
		smtp_error(s, c, 503, "5.5.1", "Say MAIL first");
}

static void chunk_done(struct net_session *s, struct smtp *c)
{
	struct smtp_tx *tx = c->tx;

	/* RFC 3030, 2: a chunk may be answered with the failure; the
	 * transaction is then over. */
	if (tx->chunk_last || tx->failed)
		smtp_tx_finish(s, c);
	else
		smtp_say(s, 250, "2.0.0", "Chunk OK");
}

static void chunk_input(struct net_session *s)
{
	struct smtp *c = net_state(s);
	struct smtp_tx *tx = c->tx;
	struct str in = net_input(s);

	if (in.n > tx->chunk_left)
		in = str_to(in, (size_t)tx->chunk_left);
	tx->chunk_left -= in.n;
	if (tx->mail.body != SMTP_BODY_BINARYMIME)
		smtp_lines_feed(&tx->lines, in);
	smtp_tx_add(s, tx, in);
	net_consume(s, in.n);
	if (tx->chunk_left)
		return;
	chunk_done(s, c);
	smtp_resume(s, c);
}

/* The same without a transaction to put it in; how much is left stands in
 * the session's own place for it. */
static void wrong_input(struct net_session *s)
{
	struct smtp *c = net_state(s);
	struct str in = net_input(s);

	if (in.n > c->skip)
		in = str_to(in, (size_t)c->skip);
	c->skip -= in.n;
	net_consume(s, in.n);
	if (c->skip)
		return;
	wrong_chunk_done(s, c);
	smtp_resume(s, c);
}

static void begin(struct net_session *s, struct smtp *c,
                  void (*input)(struct net_session *s))
{
	c->busy = true;
	net_timeout(s, BLOCK_TIMEOUT_US);
	net_deadline(s, CHUNK_DEADLINE_US);
	net_set_input(s, input, CHUNK_INPUT_MAX);
}

void smtp_bdat(struct net_session *s, struct smtp *c, struct str args)
{
	const struct smtp_context *x = smtp_context(s);
	uint64_t max = config_u64(x->config, OPT_LIMITS_MESSAGE_BYTES);
	struct smtp_tx *tx = c->tx;
	struct smtp_bdat b;

	if (smtp_bdat_parse(args, &b) != SMTP_PARSE_OK) {
		/* What follows can not be told from commands. */
		smtp_say(s, 501, "5.5.4", "Syntax: BDAT size [LAST]");
		net_close(s);
		return;
	}
	if (b.size > 2 * max + 1048576) {
		char words[POLICY_SIZE_MAX];
		struct policy_words w = {
			.why = policy_size_words(max, words),
		};

		smtp_refuse(s, c, REF_SIZE, &w);
		net_close(s);
		return;
	}
	if (!tx || tx->rcpts_n == 0) {
		c->skip = b.size;
		if (b.size)
			begin(s, c, wrong_input);
		else
			wrong_chunk_done(s, c);
		return;
	}
	if (!tx->bdat) {
		tx->bdat = true;
		tx->spool = spool_new(x->spool, max);
	}
	tx->chunk_left = b.size;
	tx->chunk_last = b.last;
	if (b.size)
		begin(s, c, chunk_input);
	else
		chunk_done(s, c);
}
