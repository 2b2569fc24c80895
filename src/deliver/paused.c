#include "deliver/paused.h"

#include "config/config.h"
#include "deliver/post.h"
#include "directory/directory.h"
#include "log/log.h"
#include "queue/health.h"
#include "wire/message/date.h"
#include "wire/message/write.h"

/* In one round; the rest comes in the next. */
#define ROUND_MAX 20

/* One line of a peer, as ASCII. */
static struct str one_line(struct arena *a, struct str s)
{
	struct str copy = arena_dup(a, str_to(s, s.n < 400 ? s.n : 400));
	char *p = arena_strz(a, copy);

	for (size_t i = 0; i < copy.n; i++)
		if (p[i] < ' ' || p[i] > 126)
			p[i] = ' ';
	return (struct str){ p, copy.n };
}

static void write_message(const struct bounce *b, const struct post *p,
                          const struct queue_health *h, struct arena *a,
                          struct buf *out)
{
	struct str host = config_hostname(b->config);

	buf_add_z(out, "Date: ");
	date_write(out, p->at_us, 0);
	buf_add_z(out, "\r\n");
	header_write(out, STR("From"),
	             arena_fmt(a, "Mail Delivery <postmaster@%.*s>",
	                       STR_ARG(host)));
	header_write(out, STR("To"), arena_fmt(a, "<%.*s>", STR_ARG(p->to)));
	header_write(out, STR("Subject"),
	             arena_fmt(a, "Your forward to %.*s is paused",
	                       STR_ARG(h->address)));
	header_write(out, STR("Message-ID"),
	             arena_fmt(a, "<%s.paused@%.*s>", p->trace, STR_ARG(host)));
	header_write(out, STR("Auto-Submitted"), STR("auto-generated"));
	buf_fmt(out,
	        "MIME-Version: 1.0\r\n"
	        "Content-Type: text/plain; charset=utf-8\r\n"
	        "Content-Transfer-Encoding: 8bit\r\n\r\n"
	        "The mail of %.*s is forwarded to\r\n\r\n    %.*s\r\n\r\n"
	        "The last %u messages were refused there for good, so nothing "
	        "more is\r\nsent to it. New mail stays in your mailbox, or goes "
	        "to your other targets.\r\n\r\n"
	        "The last answer was:\r\n\r\n    %.*s\r\n\r\n"
	        "When the address is right again, set the forward anew; that "
	        "lets it go on.\r\n",
	        STR_ARG(p->to), STR_ARG(h->address), h->failures,
	        STR_ARG(one_line(a, h->reply)));
}

static int tell_owner(const struct bounce *b, const struct queue_health *h,
                      int64_t now_us, struct arena *a, struct err *err)
{
	struct post p = { .null_sender = true, .at_us = now_us, .eight = true };
	struct directory_account acc;
	struct queue_new q;
	struct buf text;
	int rc;

	rc = directory_account_get(b->directory, h->account_id, a, &acc, err);
	if (rc < 0)
		return err->kind == ERR_NOT_FOUND
		               ? queue_health_tell(b->queue, h, NULL, err)
		               : -1;
	if (acc.removed_us)
		return queue_health_tell(b->queue, h, NULL, err);
	post_home(&p, &acc, a);
	buf_init(&text, 65536);
	write_message(b, &p, h, a, &text);
	p.message = buf_str(&text);
	q = post_queue(&p);
	rc = queue_health_tell(b->queue, h, &q, err);
	buf_deinit(&text);
	return rc;
}

int paused_tell_owners(const struct bounce *b, int64_t now_us, struct err *err)
{
	struct queue_health h;
	struct arena a;
	int rc = 0;

	arena_init(&a);
	for (int i = 0; i < ROUND_MAX && rc == 0; i++) {
		struct log_line l;
		int found;

		arena_reset(&a);
		found = queue_health_untold(b->queue, &a, &h, err);
		if (found <= 0) {
			rc = found;
			break;
		}
		rc = tell_owner(b, &h, now_us, &a, err);
		log_begin(&l, LOG_WARN, "forward.paused");
		log_i64(&l, "account", h.account_id);
		log_str(&l, "addr", h.address);
		log_u64(&l, "failures", h.failures);
		log_end(&l);
	}
	arena_deinit(&a);
	return rc;
}
