#include "trail/words.h"

#include <string.h>

#include "base/civil.h"
#include "os/clock.h"
#include "trail/private.h"

static void add_clean(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		/* Lines of a reply are told apart by a stroke. */
		if (c == '\n')
			buf_add(out, STR(" / "));
		else if (c != '\r')
			buf_add_c(out, c < 32 || c == 127 ? '?' : s.p[i]);
	}
}

static bool add_text(struct buf *out, struct str s)
{
	add_clean(out, s);
	return s.n != 0;
}

static bool add_size(struct buf *out, uint64_t n)
{
	if (n < 1000)
		buf_fmt(out, "%u bytes", (unsigned)n);
	else if (n < 1000000)
		buf_fmt(out, "%u KB", (unsigned)((n + 500) / 1000));
	else
		buf_fmt(out, "%u.%u MB", (unsigned)(n / 1000000),
		        (unsigned)(n / 100000 % 10));
	return n != 0;
}

static bool add_time(struct buf *out, int64_t us, int64_t now_us)
{
	struct civil c = civil_of(us / US_PER_SEC);

	if (trail_day(us) != trail_day(now_us))
		buf_fmt(out, "%04d-%02d-%02d ", c.year, c.month, c.day);
	buf_fmt(out, "%02d:%02d", c.hour, c.minute);
	return us != 0;
}

static bool add_peer(struct buf *out, const struct trail_event *e)
{
	char ip[NET_ADDR_TEXT_MAX];

	if (e->peer.family == NET_NONE)
		return add_text(out, e->helo);
	if (e->peer.family == NET_UNIX) {
		buf_add(out, STR("this machine"));
		return true;
	}
	add_clean(out, e->helo);
	buf_fmt(out, e->helo.n ? " [%s]" : "%s", net_addr_text(&e->peer, ip));
	return true;
}

static bool add_sender(struct buf *out, const struct trail_event *e)
{
	if (e->null_sender)
		buf_add(out, STR("<>"));
	return e->null_sender || add_text(out, e->sender);
}

/* The reply with its numbers, as it went over the wire. */
static bool add_reply(struct buf *out, const struct trail_event *e)
{
	if (e->code)
		buf_fmt(out, "%u ", e->code);
	add_clean(out, e->status);
	if (e->status.n && e->reply.n)
		buf_add_c(out, ' ');
	add_clean(out, e->reply);
	return e->code || e->reply.n;
}

/* The value of a field; false when the event has none. */
static bool add_field(struct buf *out, struct str name,
                      const struct trail_event *e)
{
	if (str_eq(name, STR("peer")))
		return add_peer(out, e);
	if (str_eq(name, STR("sender")))
		return add_sender(out, e);
	if (str_eq(name, STR("rcpt")))
		return add_text(out, e->rcpt.n ? e->rcpt : e->to);
	if (str_eq(name, STR("to")))
		return add_text(out, e->to.n ? e->to : e->rcpt);
	if (str_eq(name, STR("who")))
		return add_text(out, e->who);
	if (str_eq(name, STR("host")))
		return add_text(out, e->host);
	if (str_eq(name, STR("tls")))
		return add_text(out, e->tls);
	if (str_eq(name, STR("text")))
		return add_text(out, e->text);
	if (str_eq(name, STR("reply")))
		return add_reply(out, e);
	if (str_eq(name, STR("size")))
		return add_size(out, e->size);
	if (str_eq(name, STR("next")))
		return e->next_us && add_time(out, e->next_us, e->at_us);
	return false;
}

/* A run of words and fields; false when a field had no value. */
static bool add_run(struct buf *out, struct str words,
                    const struct trail_event *e)
{
	bool all = true;

	while (words.n) {
		size_t open = str_chr(words, '{'), close;

		if (open == STR_NPOS)
			open = words.n;
		buf_add(out, str_to(words, open));
		words = str_from(words, open);
		close = str_chr(words, '}');
		if (close == STR_NPOS)
			break;
		all &= add_field(out, (struct str){ words.p + 1, close - 1 },
		                 e);
		words = str_from(words, close + 1);
	}
	return all;
}

void trail_sentence(struct buf *out, const struct trail_event *e)
{
	const struct trail_kind_row *row = trail_kind_row(e->kind);
	struct str words, part;

	if (!row) {
		buf_fmt(out, "something that this version does not know (%u)",
		        (unsigned)e->kind);
		return;
	}
	words = str_z(row->words);
	while (str_cut(&words, '[', &part)) {
		size_t before;

		(void)add_run(out, part, e);
		if (!words.n)
			break;
		before = out->n;
		(void)str_cut(&words, ']', &part);
		if (!add_run(out, part, e))
			buf_truncate(out, before);
	}
}
