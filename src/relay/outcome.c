#include "relay/outcome.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

void relay_outcome_set(struct relay_outcome *o, enum relay_kind kind,
                       const char *status, const char *fmt, ...)
{
	va_list ap;

	*o = (struct relay_outcome){ .kind = kind };
	(void)snprintf(o->status, sizeof(o->status), "%s", status);
	va_start(ap, fmt);
	(void)vsnprintf(o->reply, sizeof(o->reply), fmt, ap);
	va_end(ap);
}

/* "5.1.1" of a class that does not agree gets the class of the code. */
static void set_status(struct relay_outcome *o, const struct smtp_answer *a,
                       const char *status)
{
	char class = o->kind == RELAY_PERM ? '5' : '4';

	if (o->kind == RELAY_OK)
		class = '2';
	(void)snprintf(o->status, sizeof(o->status), "%s",
	               a->status[0] ? a->status : status);
	o->status[0] = class;
}

void relay_outcome_answer(struct relay_outcome *o, const char *mta,
                          const struct smtp_answer *a, const char *status)
{
	struct buf b;
	struct str text;

	*o = (struct relay_outcome){ .kind = RELAY_TEMP };
	if (a->code >= 500)
		o->kind = RELAY_PERM;
	else if (a->code >= 200 && a->code < 300)
		o->kind = RELAY_OK;
	set_status(o, a, status);
	(void)snprintf(o->mta, sizeof(o->mta), "%s", mta);
	buf_init(&b, SMTP_ANSWER_TEXT_MAX + 64);
	smtp_answer_write(a, &b);
	text = utf8_head(buf_str(&b), sizeof(o->reply) - 1);
	if (text.n)
		memcpy(o->reply, text.p, text.n);
	buf_deinit(&b);
}
