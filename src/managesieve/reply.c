#include <stdarg.h>

#include "log/log.h"
#include "managesieve/session.h"

/* Mistakes in a row that are borne. */
#define ERRORS_MAX 10

/* RFC 5804, 1.3: TRYLATER is tried again by programs without asking. */
static const struct {
	const char *code, *words;
	bool ours; /* the operator should know */
} table[ERR_KIND_COUNT] = {
	[ERR_NONE] = { "TRYLATER", "Something went wrong", true },
	[ERR_INVALID] = { "", "That cannot be", false },
	[ERR_TOO_BIG] = { "QUOTA/MAXSIZE", "The script is too large", false },
	[ERR_NOT_FOUND] = { "NONEXISTENT", "There is no such script", false },
	[ERR_EXISTS] = { "ALREADYEXISTS", "There is a script of this name",
	                 false },
	[ERR_DENIED] = { "ACTIVE", "The script is active", false },
	[ERR_OVER_QUOTA] = { "QUOTA", "The account is full", false },
	[ERR_NO_SPACE] = { "TRYLATER", "No space left, try later", true },
	[ERR_CORRUPT] = { "",
	                  "The scripts are damaged, the administrator was "
	                  "told",
	                  true },
	[ERR_TIMEOUT] = { "TRYLATER", "It took too long, try later", true },
	[ERR_CLOSED] = { "TRYLATER", "Temporary failure, try later", true },
	[ERR_TEMP] = { "TRYLATER", "Temporary failure, try later", true },
};

static void answer(struct managesieve_session *s, const char *word,
                   const char *code, const char *fmt, va_list ap)
	ATTR_PRINTF(4, 0);

static void answer(struct managesieve_session *s, const char *word,
                   const char *code, const char *fmt, va_list ap)
{
	struct buf text, out;

	buf_init(&text, 1000);
	buf_init(&out, 4096);
	buf_vfmt(&text, fmt, ap);
	buf_add_z(&out, word);
	if (code[0])
		buf_fmt(&out, " (%s)", code);
	buf_add_c(&out, ' ');
	managesieve_write_string(&out, buf_str(&text));
	buf_add(&out, STR("\r\n"));
	net_write(s->net, buf_str(&out));
	buf_deinit(&out);
	buf_deinit(&text);
}

void managesieve_ok(struct managesieve_session *s, const char *code,
                    const char *fmt, ...)
{
	va_list ap;

	s->errors = 0;
	va_start(ap, fmt);
	answer(s, "OK", code, fmt, ap);
	va_end(ap);
}

void managesieve_no(struct managesieve_session *s, const char *code,
                    const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	answer(s, "NO", code, fmt, ap);
	va_end(ap);
}

static void say_bye(struct managesieve_session *s, const char *code,
                    const char *fmt, ...) ATTR_PRINTF(3, 4);

static void say_bye(struct managesieve_session *s, const char *code,
                    const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	answer(s, "BYE", code, fmt, ap);
	va_end(ap);
}

void managesieve_bye(struct managesieve_session *s, const char *code,
                     const char *text)
{
	if (s->state == MANAGESIEVE_ENDED)
		return;
	say_bye(s, code, "%s", text);
	s->state = MANAGESIEVE_ENDED;
	net_close(s->net);
}

void managesieve_bad(struct managesieve_session *s, const char *text)
{
	if (++s->errors >= ERRORS_MAX)
		managesieve_bye(s, "", "Too many errors");
	else
		managesieve_no(s, "", "%s", text);
}

void managesieve_log_failure(struct managesieve_session *s,
                             const struct err *err)
{
	struct log_line l;

	if (!table[err->kind < ERR_KIND_COUNT ? err->kind : ERR_TEMP].ours)
		return;
	log_begin(&l, LOG_WARN, "managesieve.failed");
	log_u64(&l, "sid", net_session_id(s->net));
	if (s->address)
		log_z(&l, "addr", s->address);
	log_err(&l, err);
	log_end(&l);
}

void managesieve_fail(struct managesieve_session *s, const struct err *err)
{
	enum err_kind k = err->kind < ERR_KIND_COUNT ? err->kind : ERR_TEMP;

	managesieve_log_failure(s, err);
	/* What is wrong with a name or a script, its author wants to read. */
	if (k == ERR_INVALID && err->text[0])
		managesieve_no(s, "", "%s", err->text);
	else
		managesieve_no(s, table[k].code, "%s", table[k].words);
}
