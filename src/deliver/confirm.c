#include "deliver/confirm.h"

#include "config/config.h"
#include "deliver/post.h"
#include "directory/directory.h"
#include "queue/queue.h"
#include "wire/message/date.h"
#include "wire/message/write.h"

static void write_message(const struct bounce *b, const struct post *p,
                          const struct directory_proposal *t, struct arena *a,
                          struct buf *out)
{
	struct str host = config_hostname(b->config);

	buf_add_z(out, "Date: ");
	date_write(out, p->at_us, 0);
	buf_add_z(out, "\r\n");
	header_write(out, STR("From"),
	             arena_fmt(a, "Mail Delivery <postmaster@%.*s>",
	                       STR_ARG(host)));
	header_write(out, STR("To"),
	             arena_fmt(a, "<%.*s>", STR_ARG(t->target)));
	header_write(out, STR("Subject"),
	             arena_fmt(a, "Confirm: forward the mail of %.*s to you",
	                       STR_ARG(t->address)));
	header_write(out, STR("Message-ID"),
	             arena_fmt(a, "<%s.confirm@%.*s>", p->trace,
	                       STR_ARG(host)));
	header_write(out, STR("Auto-Submitted"), STR("auto-generated"));
	buf_fmt(out,
	        "MIME-Version: 1.0\r\n"
	        "Content-Type: text/plain; charset=utf-8\r\n"
	        "Content-Transfer-Encoding: 8bit\r\n\r\n"
	        "The owner of the mailbox\r\n\r\n    %.*s\r\n\r\n"
	        "wants new mail to be forwarded to this address. If you want "
	        "that too, open\r\n\r\n"
	        "    https://mail.%.*s/confirm/%.*s\r\n\r\n"
	        "and press the button. If not, do nothing: then nothing is "
	        "sent to you.\r\n",
	        STR_ARG(t->address), STR_ARG(config_provider_domain(b->config)),
	        STR_ARG(t->token));
}

static int ask_one(const struct bounce *b, const struct directory_proposal *t,
                   int64_t now_us, struct arena *a, struct err *err)
{
	struct post p = { .to = t->target,
		          .null_sender = true,
		          .at_us = now_us,
		          .eight = true };
	struct queue_new q;
	struct buf text;
	int64_t id;
	int rc;

	rc = post_route(&p, b->directory, b->store, a, err);
	if (rc <= 0)
		return rc;
	buf_init(&text, 65536);
	write_message(b, &p, t, a, &text);
	p.message = buf_str(&text);
	q = post_queue(&p);
	rc = queue_add(b->queue, &q, &id, err);
	buf_deinit(&text);
	return rc < 0 ? -1 : 1;
}

int confirm_ask(const struct bounce *b, int64_t account_id, int64_t now_us,
                size_t *n_out, struct err *err)
{
	struct directory_proposal *v;
	struct arena a;
	size_t n = 0, asked = 0;
	int rc;

	arena_init(&a);
	rc = directory_proposal_list(b->directory, account_id, &a, &v, &n, err);
	for (size_t i = 0; rc >= 0 && i < n; i++) {
		if (v[i].confirmed_us)
			continue;
		rc = ask_one(b, &v[i], now_us, &a, err);
		asked += rc > 0;
	}
	arena_deinit(&a);
	*n_out = asked;
	return rc < 0 ? -1 : 0;
}
