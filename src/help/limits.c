#include "config/config.h"
#include "help/page.h"
#include "policy/replies.h"

static void row(struct page *p, const char *what, struct str limit)
{
	page_row(p, (const struct str[]){ str_z(what), limit }, 2);
}

static void number(struct page *p, const struct config *cfg, const char *what,
                   enum config_option id, const char *of)
{
	row(p, what,
	    arena_fmt(&p->arena, "%llu %s",
	              (unsigned long long)config_u64(cfg, id), of));
}

static const char *const heads[] = { "What", "Limit" };

static void sending(struct page *p, const struct config *cfg)
{
	page_heading(p, "Sending");
	page_text(p,
	          "All accounts of a domain together, from mail programs and "
	          "webmail alike. The windows slide: room comes back as soon "
	          "as the oldest message in them is old enough.");
	page_table(p, heads, 2);
	number(p, cfg, "Messages in 5 minutes", OPT_LIMITS_DOMAIN_MESSAGES_5MIN,
	       "messages");
	number(p, cfg, "Messages in an hour", OPT_LIMITS_DOMAIN_MESSAGES_1H,
	       "messages");
	number(p, cfg, "Recipients in 5 minutes",
	       OPT_LIMITS_DOMAIN_RECIPIENTS_5MIN, "recipients");
	number(p, cfg, "Recipients in an hour", OPT_LIMITS_DOMAIN_RECIPIENTS_1H,
	       "recipients");
	number(p, cfg, "Newsletters and list mail in 8 hours",
	       OPT_LIMITS_DOMAIN_BULK_8H, "messages");
	number(p, cfg, "What our filter takes for spam, in 8 hours",
	       OPT_LIMITS_DOMAIN_SPAM_8H, "messages");
	number(p, cfg, "Failed deliveries in an hour, before sending stops",
	       OPT_LIMITS_DOMAIN_FAILED_1H, "deliveries");
	number(p, cfg, "Messages waiting in the outgoing queue",
	       OPT_LIMITS_DOMAIN_QUEUED, "messages");
	page_table_end(p);
}

void help_show_limits(struct page *p, const struct config *cfg)
{
	char size[POLICY_SIZE_MAX];

	sending(p, cfg);
	page_heading(p, "Messages and mailboxes");
	page_table(p, heads, 2);
	row(p,
	    "Size of a message, as encoded for sending (files grow by a third)",
	    policy_size_words(config_u64(cfg, OPT_LIMITS_MESSAGE_BYTES), size));
	row(p, "Size of a mailbox, unless agreed otherwise",
	    policy_size_words(config_u64(cfg, OPT_LIMITS_QUOTA_BYTES), size));
	number(p, cfg, "Addresses of a forward, all together",
	       OPT_LIMITS_FORWARD_CHARACTERS, "characters");
	page_table_end(p);
	page_heading(p, "Connections and logins");
	page_table(p, heads, 2);
	number(p, cfg, "IMAP connections from one internet address",
	       OPT_LIMITS_IMAP_CONNECTIONS, "connections");
	number(p, cfg, "Wrong passwords within a minute, before we ask to wait",
	       OPT_LIMITS_LOGIN_FAILURES, "logins");
	page_table_end(p);
}
