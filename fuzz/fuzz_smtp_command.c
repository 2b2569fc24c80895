/* wire/smtp/command.h: whatever is read is within its limits, and an address
 * that was written reads back the same. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/smtp/command.h"
#include "wire/smtp/trace.h"
#include "wire/smtp/xtext.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_path(const struct smtp_path *p, struct arena *a)
{
	struct smtp_path again;

	if (p->null || p->domain.n == 0)
		return;
	assert(p->local.n <= SMTP_LOCAL_MAX);
	assert(p->domain.n <= SMTP_DOMAIN_MAX);
	assert(smtp_address_parse(p->address, a, &again));
	assert(str_eq(again.local, p->local));
	assert(str_eq(again.domain, p->domain));
	assert(str_eq(again.address, p->address));
}

static void check_wishes(const struct smtp_mail *m)
{
	assert(m->hold_s <= SMTP_HOLD_SECONDS_MAX);
	assert(m->by_s <= SMTP_HOLD_SECONDS_MAX &&
	       m->by_s >= -SMTP_HOLD_SECONDS_MAX);
	assert(m->by != SMTP_BY_RETURN || m->by_s > 0);
	assert(m->priority >= -9 && m->priority <= 9);
}

/* No field may get a line that does not belong to it. */
static void check_trace(struct str line)
{
	struct smtp_received r = {
		.helo = line,
		.ip = STR("192.0.2.1"),
		.by = STR("mx.example.com"),
		.id = STR("1"),
		.rcpt = line,
	};
	struct buf b;
	size_t i, lines = 0;

	buf_init(&b, line.n * 2 + 1000);
	smtp_received_write(&b, &r);
	assert(!buf_overflow(&b));
	for (i = 0; i < b.n; i++) {
		assert(b.p[i] != '\0');
		lines += b.p[i] == '\n';
	}
	assert(lines == 4);
	buf_deinit(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str line = { (const char *)data, size };
	struct smtp_command c = smtp_command_split(line);
	struct smtp_bdat bdat;
	struct smtp_mail mail;
	struct smtp_rcpt rcpt;
	struct str out;
	struct arena a;

	if (size > SMTP_COMMAND_MAX)
		return 0;
	arena_init(&a);
	if (smtp_mail_parse(c.args, &a, &mail) == SMTP_PARSE_OK) {
		check_path(&mail.path, &a);
		check_wishes(&mail);
	}
	if (smtp_rcpt_parse(c.args, &a, &rcpt) == SMTP_PARSE_OK) {
		assert(!rcpt.path.null);
		check_path(&rcpt.path, &a);
	}
	if (smtp_bdat_parse(c.args, &bdat) == SMTP_PARSE_OK)
		assert(bdat.size <= INT64_MAX);
	if (xtext_decode(c.args, &a, &out))
		assert(out.n <= c.args.n);
	if (xtext_utf8_decode(c.args, &a, &out))
		assert(out.n <= c.args.n);
	(void)smtp_helo_kind(c.args);
	(void)smtp_command_is_clean(line);
	check_trace(line);
	arena_deinit(&a);
	return 0;
}
