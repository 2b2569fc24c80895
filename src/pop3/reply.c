#include <stdarg.h>

#include "log/log.h"
#include "pop3/session.h"

/* A line of an answer, RFC 2449, 4: 512 with its CRLF. */
#define REPLY_MAX ((size_t)510)

/* Mistakes in a row that are borne. */
#define ERRORS_MAX 10

/* RFC 3206: SYS/TEMP is tried again by programs without asking for a new
 * password, SYS/PERM is shown. */
static const struct {
	const char *words;
	bool ours; /* the operator should know */
} table[ERR_KIND_COUNT] = {
	[ERR_NONE] = { "[SYS/TEMP] Something went wrong", true },
	[ERR_INVALID] = { "That cannot be", false },
	[ERR_TOO_BIG] = { "Over a limit", false },
	[ERR_NOT_FOUND] = { "The message was removed by another program",
	                    false },
	[ERR_EXISTS] = { "There is one already", false },
	[ERR_DENIED] = { "[AUTH] Not allowed", false },
	[ERR_OVER_QUOTA] = { "Mailbox full", false },
	[ERR_NO_SPACE] = { "[SYS/TEMP] No space left, try later", true },
	[ERR_CORRUPT] = { "[SYS/PERM] The mailbox is damaged, the "
	                  "administrator was told",
	                  true },
	[ERR_TIMEOUT] = { "[SYS/TEMP] It took too long, try later", true },
	[ERR_CLOSED] = { "[SYS/TEMP] Temporary failure, try later", true },
	[ERR_TEMP] = { "[SYS/TEMP] Temporary failure, try later", true },
};

static void answer(struct pop3_session *s, const char *sign, const char *fmt,
                   va_list ap) ATTR_PRINTF(3, 0);

static void answer(struct pop3_session *s, const char *sign, const char *fmt,
                   va_list ap)
{
	struct buf b;

	buf_init(&b, REPLY_MAX);
	buf_add_z(&b, sign);
	buf_vfmt(&b, fmt, ap);
	net_fmt(s->net, "%.*s\r\n", STR_ARG(buf_str(&b)));
	buf_deinit(&b);
}

void pop3_ok(struct pop3_session *s, const char *fmt, ...)
{
	va_list ap;

	s->errors = 0;
	va_start(ap, fmt);
	answer(s, "+OK ", fmt, ap);
	va_end(ap);
}

void pop3_err(struct pop3_session *s, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	answer(s, "-ERR ", fmt, ap);
	va_end(ap);
}

void pop3_bad(struct pop3_session *s, const char *text)
{
	if (++s->errors >= ERRORS_MAX) {
		pop3_bye(s, "Too many errors");
		return;
	}
	pop3_err(s, "%s", text);
}

void pop3_log_failure(struct pop3_session *s, const struct err *err)
{
	struct log_line l;

	if (!table[err->kind < ERR_KIND_COUNT ? err->kind : ERR_TEMP].ours)
		return;
	log_begin(&l, LOG_WARN, "pop3.failed");
	log_u64(&l, "sid", net_session_id(s->net));
	if (s->address)
		log_z(&l, "addr", s->address);
	log_err(&l, err);
	log_end(&l);
}

void pop3_fail(struct pop3_session *s, const struct err *err)
{
	enum err_kind k = err->kind < ERR_KIND_COUNT ? err->kind : ERR_TEMP;

	pop3_log_failure(s, err);
	pop3_err(s, "%s", table[k].words);
}

void pop3_bye(struct pop3_session *s, const char *text)
{
	if (s->state == POP3_ENDED)
		return;
	pop3_err(s, "%s", text);
	s->state = POP3_ENDED;
	net_close(s->net);
}

bool pop3_take_end(struct pop3_session *s, struct str args)
{
	if (str_trim(args).n == 0)
		return true;
	pop3_bad(s, "Too many arguments");
	return false;
}

struct pop3_message *pop3_take_message(struct pop3_session *s, struct str *args,
                                       uint32_t *number_out)
{
	struct pop3_message *m;
	uint32_t number;

	if (!pop3_number(args, &number)) {
		pop3_bad(s, "The number of a message is expected");
		return NULL;
	}
	m = pop3_maildrop_get(&s->drop, number);
	if (!m)
		pop3_err(s, "No such message");
	else if (number_out)
		*number_out = number;
	return m;
}
