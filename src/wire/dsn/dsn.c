#include "wire/dsn/dsn.h"

#include "base/utf8.h"
#include "wire/message/date.h"
#include "wire/message/write.h"

/* Longer replies of peers are cut. */
#define DIAGNOSTIC_MAX 1000

static const char *const actions[] = {
	[DSN_FAILED] = "failed",       [DSN_DELAYED] = "delayed",
	[DSN_DELIVERED] = "delivered", [DSN_RELAYED] = "relayed",
	[DSN_EXPANDED] = "expanded",
};

const char *dsn_action_name(enum dsn_action a)
{
	return actions[a];
}

/* RFC 6533, 3: an EmbeddedUnicodeChar for what is no ASCII, and for the
 * backslash, so that it can be read back. */
static void add_xtext(struct buf *out, struct str s)
{
	enum utf8_result r;
	uint32_t c;

	while ((r = utf8_next(&s, &c)) != UTF8_END) {
		if (r == UTF8_BAD)
			buf_add_c(out, '?');
		else if (c > 126 || c == '\\')
			buf_fmt(out, "\\x{%02X}", (unsigned)c);
		else
			buf_add_c(out, (char)c);
	}
}

static void write_typed(struct buf *out, struct str name, struct str type,
                        struct str value, bool utf8)
{
	struct buf v;

	if (value.n == 0)
		return;
	buf_init(&v, value.n * 10 + type.n + 8);
	/* All other types know ASCII alone. */
	if (!utf8_is_ascii(value))
		type = STR("utf-8");
	buf_fmt(&v, "%.*s; ", STR_ARG(type));
	if (str_eq_case(type, STR("utf-8")) && !utf8)
		add_xtext(&v, value);
	else
		utf8_add_clean(&v, value);
	header_write(out, name, buf_str(&v));
	buf_deinit(&v);
}

static void write_time(struct buf *out, const char *name, int64_t us)
{
	if (us == 0)
		return;
	buf_fmt(out, "%s: ", name);
	date_write(out, us, 0);
	buf_add(out, STR("\r\n"));
}

/* Text of a peer: what is no ASCII only where it may stand. */
static void write_diagnostic(struct buf *out, struct str text, bool utf8)
{
	struct buf v;

	if (text.n == 0)
		return;
	text = utf8_head(text, DIAGNOSTIC_MAX);
	utf8 = utf8 && utf8_is_valid(text);
	buf_init(&v, DIAGNOSTIC_MAX + 16);
	buf_add(&v, STR("smtp; "));
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];

		if (c < ' ' || c == 127)
			buf_add_c(&v, ' ');
		else
			buf_add_c(&v, c > 127 && !utf8 ? '?' : (char)c);
	}
	header_write(out, STR("Diagnostic-Code"), buf_str(&v));
	buf_deinit(&v);
}

void dsn_message_write(struct buf *out, const struct dsn_message *m, bool utf8)
{
	/* RFC 3464, 2.2.1: as given with ENVID, decoded. */
	if (m->envid.n)
		header_write(out, STR("Original-Envelope-Id"), m->envid);
	write_typed(out, STR("Reporting-MTA"), STR("dns"), m->reporting_mta,
	            utf8);
	write_typed(out, STR("Received-From-MTA"), STR("dns"), m->received_from,
	            utf8);
	write_time(out, "Arrival-Date", m->arrival_us);
	write_time(out, "Deliver-By-Date", m->by_us);
}

void dsn_rcpt_write(struct buf *out, const struct dsn_rcpt *r, bool utf8)
{
	buf_add(out, STR("\r\n"));
	write_typed(out, STR("Original-Recipient"), r->original_type,
	            r->original, utf8);
	write_typed(out, STR("Final-Recipient"), r->final_type, r->final, utf8);
	header_write(out, STR("Action"), str_z(dsn_action_name(r->action)));
	header_write(out, STR("Status"), r->status);
	write_typed(out, STR("Remote-MTA"), STR("dns"), r->remote_mta, utf8);
	write_diagnostic(out, r->diagnostic, utf8);
	write_time(out, "Last-Attempt-Date", r->last_us);
	if (r->action == DSN_DELAYED)
		write_time(out, "Will-Retry-Until", r->until_us);
}
