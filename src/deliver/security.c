#include "deliver/security.h"

#include "config/config.h"
#include "deliver/post.h"
#include "directory/directory.h"
#include "queue/queue.h"
#include "wire/message/date.h"
#include "wire/message/write.h"

#define AGENT_MAX 200

static const struct {
	const char *subject, *words;
} changes[] = {
	[SECURITY_PASSWORD] = { "Your password was changed",
	                        "The password was changed. What was logged in "
	                        "with one of before is logged out." },
	[SECURITY_TOTP_ON] = { "Two-step login is on",
	                       "Two-step login was switched on. Mail programs "
	                       "need app passwords now." },
	[SECURITY_TOTP_OFF] = { "Two-step login is off",
	                        "Two-step login was switched off: the password "
	                        "alone is enough to log in." },
	[SECURITY_APP_ADDED] = { "An app password was made",
	                         "An app password was made: somebody can log in "
	                         "with it." },
	[SECURITY_APP_REMOVED] = { "An app password was removed",
	                           "An app password was removed. What was "
	                           "logged in with it is logged out." },
	[SECURITY_LINK] = { "A link to choose a new password was made",
	                    "A link was made at which whoever has it chooses a "
	                    "new password for this account, once, within half "
	                    "an hour. Until then the present one holds." },
	[SECURITY_LINK_USED] = { "Your password was chosen at a link",
	                         "Whoever had the link to choose a password "
	                         "used it. What was logged in with one of "
	                         "before is logged out." },
	[SECURITY_FORWARD] = { "Your forward was changed",
	                       "Where mail to this account is passed on to was "
	                       "changed. Settings, Forward shows where that is "
	                       "now." },
	[SECURITY_VACATION] = { "Your automatic answer was changed",
	                        "The answer that senders get while you are away "
	                        "was changed. Settings, Auto-reply shows it." },
};

/* ASCII that can be shown; a browser's name is anybody's text. */
static void add_agent(struct buf *out, struct str agent)
{
	if (agent.n > AGENT_MAX)
		agent = str_to(agent, AGENT_MAX);
	for (size_t i = 0; i < agent.n; i++)
		buf_add_c(out, agent.p[i] >= ' ' && agent.p[i] <= '~'
		                       ? agent.p[i]
		                       : '?');
}

static void add_advice(const struct bounce *b, const struct security_note *n,
                       struct buf *out)
{
	if (n->by_other)
		buf_add_z(out, "\r\nIf you did not ask for that, ask who "
		               "administers your domain.\r\n");
	else
		buf_fmt(out,
		        "\r\nIf that was you, there is nothing to do. If not, "
		        "log in at\r\n\r\n    https://mail.%.*s/settings/"
		        "\r\n\r\nchange the password, end all other sessions, "
		        "and remove the app passwords that you do not know."
		        "\r\n",
		        STR_ARG(config_provider_domain(b->config)));
}

static void write_message(const struct bounce *b, const struct post *p,
                          const struct security_note *n, struct arena *a,
                          struct buf *out)
{
	struct str host = config_hostname(b->config);

	buf_add_z(out, "Date: ");
	date_write(out, p->at_us, 0);
	buf_add_z(out, "\r\n");
	header_write(out, STR("From"),
	             arena_fmt(a, "Account security <postmaster@%.*s>",
	                       STR_ARG(host)));
	header_write(out, STR("To"),
	             arena_fmt(a, "<%.*s>", STR_ARG(n->address)));
	header_write(out, STR("Subject"), str_z(changes[n->what].subject));
	header_write(out, STR("Message-ID"),
	             arena_fmt(a, "<%s.security@%.*s>", p->trace,
	                       STR_ARG(host)));
	header_write(out, STR("Auto-Submitted"), STR("auto-generated"));
	buf_fmt(out,
	        "MIME-Version: 1.0\r\n"
	        "Content-Type: text/plain; charset=utf-8\r\n"
	        "Content-Transfer-Encoding: 8bit\r\n\r\n"
	        "%s\r\n\r\n    account  %.*s\r\n    time     ",
	        changes[n->what].words, STR_ARG(n->address));
	date_write(out, n->at_us, 0);
	buf_fmt(out, "\r\n    %s  %.*s\r\n",
	        n->by_other ? "by     " : "from   ", STR_ARG(n->from));
	if (n->agent.n) {
		buf_add_z(out, "    with     ");
		add_agent(out, n->agent);
		buf_add_z(out, "\r\n");
	}
	add_advice(b, n, out);
}

int security_tell(const struct bounce *b, const struct security_note *n,
                  struct err *err)
{
	struct post p = { .null_sender = true,
		          .at_us = n->at_us,
		          .eight = true };
	struct directory_account acc;
	struct queue_new q;
	struct arena a;
	struct buf text;
	int64_t id;
	int rc;

	arena_init(&a);
	rc = directory_login(b->directory, n->address, &a, &acc, err);
	if (rc == 0) {
		post_home(&p, &acc, &a);
		buf_init(&text, 65536);
		write_message(b, &p, n, &a, &text);
		p.message = buf_str(&text);
		q = post_queue(&p);
		rc = queue_add(b->queue, &q, &id, err);
		buf_deinit(&text);
	} else if (err->kind == ERR_NOT_FOUND) {
		rc = 0; /* it was removed meanwhile */
	}
	arena_deinit(&a);
	return rc;
}
