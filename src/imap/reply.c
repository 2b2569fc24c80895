#include <stdarg.h>

#include "base/mem.h"
#include "imap/session.h"
#include "log/log.h"

#define TEXT_MAX ((size_t)1024 * 1024)

/* Bad commands in a row that are borne (before login, fewer). */
#define ERRORS_MAX       20
#define ERRORS_EARLY_MAX 8

static const struct {
	const char *words; /* RFC 5530 */
	bool ours;         /* the operator should know */
} table[ERR_KIND_COUNT] = {
	[ERR_NONE] = { "NO [SERVERBUG] Something went wrong", true },
	[ERR_INVALID] = { "NO [CANNOT] That cannot be", false },
	[ERR_TOO_BIG] = { "NO [LIMIT] Over a limit", false },
	[ERR_NOT_FOUND] = { "NO [NONEXISTENT] No such mailbox", false },
	[ERR_EXISTS] = { "NO [ALREADYEXISTS] There is one already", false },
	[ERR_DENIED] = { "NO [NOPERM] Not allowed", false },
	[ERR_OVER_QUOTA] = { "NO [OVERQUOTA] Mailbox full", false },
	[ERR_NO_SPACE] = { "NO [UNAVAILABLE] No space left, try later", true },
	[ERR_CORRUPT] = { "NO [UNAVAILABLE] The mailbox is damaged, the "
	                  "administrator was told",
	                  true },
	[ERR_TIMEOUT] = { "NO [UNAVAILABLE] It took too long, try later",
	                  true },
	[ERR_CLOSED] = { "NO [UNAVAILABLE] Temporary failure, try later",
	                 true },
	[ERR_TEMP] = { "NO [UNAVAILABLE] Temporary failure, try later", true },
};

const char *imap_fail_words(enum err_kind kind)
{
	return table[kind < ERR_KIND_COUNT ? kind : ERR_TEMP].words;
}

void imap_log_failure(struct imap_session *s, const struct err *err)
{
	struct log_line l;

	if (!table[err->kind < ERR_KIND_COUNT ? err->kind : ERR_TEMP].ours)
		return;
	log_begin(&l, LOG_WARN, "imap.failed");
	log_u64(&l, "sid", net_session_id(s->net));
	log_z(&l, "addr", s->address);
	log_err(&l, err);
	log_end(&l);
}

static void tagged(struct imap_session *s, const char *what, const char *fmt,
                   va_list ap) ATTR_PRINTF(3, 0);

static void tagged(struct imap_session *s, const char *what, const char *fmt,
                   va_list ap)
{
	struct buf b;

	buf_init(&b, TEXT_MAX);
	buf_fmt(&b, "%s %s", s->tag ? s->tag : "*", what);
	buf_vfmt(&b, fmt, ap);
	buf_add(&b, STR("\r\n"));
	net_write(s->net, buf_str(&b));
	buf_deinit(&b);
}

void imap_ok(struct imap_session *s, const char *fmt, ...)
{
	va_list ap;

	s->errors = 0;
	if (!imap_tell(s, s->may_expunge))
		return;
	va_start(ap, fmt);
	tagged(s, "OK ", fmt, ap);
	va_end(ap);
}

void imap_no(struct imap_session *s, const char *fmt, ...)
{
	va_list ap;

	if (!imap_tell(s, s->may_expunge))
		return;
	va_start(ap, fmt);
	tagged(s, "NO ", fmt, ap);
	va_end(ap);
}

void imap_bad(struct imap_session *s, const char *fmt, ...)
{
	unsigned max = s->state == IMAP_NOT_AUTHENTICATED ? ERRORS_EARLY_MAX
	                                                  : ERRORS_MAX;
	va_list ap;

	va_start(ap, fmt);
	tagged(s, "BAD ", fmt, ap);
	va_end(ap);
	if (++s->errors >= max)
		imap_bye(s, "Too many errors");
}

void imap_fail(struct imap_session *s, const struct err *err)
{
	imap_log_failure(s, err);
	if (!imap_tell(s, s->may_expunge))
		return;
	net_fmt(s->net, "%s %s\r\n", s->tag, imap_fail_words(err->kind));
}

void imap_bye(struct imap_session *s, const char *text)
{
	if (s->state == IMAP_LOGGED_OUT)
		return;
	net_fmt(s->net, "* BYE %s\r\n", text);
	s->state = IMAP_LOGGED_OUT;
	net_close(s->net);
}

/* ---- large answers ---- */

struct outgoing {
	struct imap_session *s;
	struct buf b;
	size_t at;
	char *text;
};

static bool send_piece(struct net_session *net, void *arg)
{
	struct outgoing *o = arg;
	size_t n = o->b.n - o->at;

	if (n > NET_PIECE)
		n = NET_PIECE;
	if (n > 0)
		net_write(net, (struct str){ o->b.p + o->at, n });
	o->at += n;
	if (o->at < o->b.n)
		return true;
	imap_ok(o->s, "%s", o->text);
	return false;
}

static void drop_outgoing(void *arg)
{
	struct outgoing *o = arg;

	buf_deinit(&o->b);
	mem_free(o->text);
	mem_free(o);
}

void imap_send(struct imap_session *s, struct buf *take, const char *text)
{
	struct outgoing *o;

	if (take->n <= NET_PIECE) {
		net_write(s->net, buf_str(take));
		buf_deinit(take);
		imap_ok(s, "%s", text);
		return;
	}
	o = mem_zalloc(sizeof(*o));
	o->s = s;
	o->b = *take;
	o->text = mem_strdup(text);
	net_send(s->net, send_piece, drop_outgoing, o);
}
