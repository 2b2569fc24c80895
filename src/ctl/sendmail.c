#include "ctl/sendmail.h"

#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/config.h"
#include "config/report.h"
#include "ctl/command.h"
#include "wire/message/address.h"
#include "wire/message/header.h"
#include "wire/smtp/xtext.h"

#define HEADER_MAX ((size_t)4 * 1024 * 1024)

/* ---- stdin ---- */

/* The next character; every kind of line end is '\n'. */
static int next_char(void)
{
	int c = getc_unlocked(stdin);

	if (c != '\r')
		return c;
	while ((c = getc_unlocked(stdin)) == '\r')
		continue;
	if (c != '\n' && c != EOF)
		(void)ungetc(c, stdin);
	return '\n';
}

enum line_end { LINE_WHOLE, LINE_LAST, LINE_NONE };

static enum line_end read_line(struct buf *b)
{
	int c = 0;

	buf_reset(b);
	while ((c = next_char()) != EOF && c != '\n')
		buf_add_c(b, (char)c);
	if (c == '\n')
		return LINE_WHOLE;
	return b->n ? LINE_LAST : LINE_NONE;
}

struct message {
	struct buf header; /* lines with CRLF, without the empty one */
	struct buf first;  /* what ended it: begins the body */
	bool has_body;     /* there is more on stdin */
};

static bool is_field(struct str line)
{
	size_t colon = str_chr(line, ':');

	if (colon == STR_NPOS || colon == 0)
		return false;
	for (size_t i = 0; i < colon; i++)
		if (line.p[i] < 33 || line.p[i] == 127)
			return false;
	return true;
}

/* The header ends with an empty line, or with what is none of its lines. */
static int read_header(struct sendmail *m, struct message *msg)
{
	enum line_end end;
	bool top = true;

	while ((end = read_line(&msg->first)) != LINE_NONE) {
		struct str line = buf_str(&msg->first);
		bool folded = msg->header.n && line.n &&
		              (line.p[0] == ' ' || line.p[0] == '\t');

		msg->has_body = end == LINE_WHOLE;
		if (line.n == 0)
			return 0;
		if (str_eq(line, STR(".")) && !m->dots) {
			msg->has_body = false;
			buf_reset(&msg->first);
			return 0;
		}
		if (!folded && !is_field(line)) {
			if (top && str_starts(line, STR("From ")))
				continue; /* of an mbox */
			return 0;
		}
		top = false;
		buf_add(&msg->header, line);
		buf_add(&msg->header, STR("\r\n"));
		if (buf_overflow(&msg->header)) {
			sendmail_say("the header is too long");
			return SENDMAIL_DATAERR;
		}
	}
	msg->has_body = false;
	buf_reset(&msg->first);
	return 0;
}

/* ---- the envelope ---- */

static struct str qualified(struct sendmail *m, struct str name)
{
	if (!name.n || str_chr(name, '@') != STR_NPOS)
		return name;
	return arena_fmt(&m->arena, "%.*s@%.*s", STR_ARG(name),
	                 STR_ARG(m->host));
}

/* Whether there is one; `found` (may be NULL) is given each value. */
static bool find_field(struct sendmail *m, const struct message *msg,
                       const char *name,
                       void (*found)(struct sendmail *m, struct str value))
{
	struct header_reader r = header_reader(buf_str(&msg->header));
	struct header_field f;
	enum header_result res;
	bool any = false;

	while ((res = header_next(&r, &f)) != HEADER_END) {
		if (res != HEADER_FIELD || !str_eq_case(f.name, str_z(name)))
			continue;
		any = true;
		if (found)
			found(m, f.raw);
	}
	return any;
}

static void take_sender(struct sendmail *m, struct str value)
{
	struct address_list list;
	const struct address *a;
	struct buf b;

	if (m->has_sender)
		return;
	address_list_parse(&m->arena, value, NULL, &list);
	a = address_list_first(&list);
	if (!a || !a->local.n)
		return;
	buf_init(&b, 4096);
	if (a->domain.n)
		address_write_spec(&b, a);
	else
		buf_add(&b, a->local);
	m->sender = arena_dup(&m->arena, buf_str(&b));
	m->has_sender = true;
	buf_deinit(&b);
}

/* -f, else whom From: names, else the user. */
static void find_sender(struct sendmail *m, const struct message *msg)
{
	const struct passwd *u = getpwuid(getuid());

	(void)find_field(m, msg, "From", take_sender);
	if (!m->has_sender)
		m->sender =
			u ? arena_dup(&m->arena, str_z(u->pw_name))
			  : arena_fmt(&m->arena, "uid%u", (unsigned)getuid());
	m->sender = qualified(m, m->sender);
}

/* A message without From: gets one (RFC 5322, 3.6). */
static void add_from(struct sendmail *m, struct message *msg)
{
	struct str sender =
		m->sender.n ? m->sender : qualified(m, STR("MAILER-DAEMON"));
	size_t at = str_rchr(sender, '@');
	struct address a = { .kind = ADDRESS_MAILBOX, .name = m->name };

	if (find_field(m, msg, "From", NULL))
		return;
	a.local = str_to(sender, at);
	a.domain = str_from(sender, at + 1);
	buf_add(&msg->header, STR("From: "));
	address_write(&msg->header, &a);
	buf_add(&msg->header, STR("\r\n"));
}

static void find_rcpts(struct sendmail *m, const struct message *msg)
{
	static const char *const fields[] = { "To", "Cc", "Bcc" };

	for (size_t i = 0; m->from_header && i < 3; i++)
		(void)find_field(m, msg, fields[i], sendmail_add_rcpts);
}

static bool is_ascii(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] & 0x80)
			return false;
	return true;
}

/* ---- sending ---- */

static int send_mail_from(struct sendmail *m)
{
	bool utf8 = !is_ascii(m->sender);
	struct buf line;
	int rc;

	for (size_t i = 0; i < m->rcpts_n; i++)
		utf8 = utf8 || !is_ascii(m->rcpts[i]);
	buf_init(&line, 4096);
	buf_fmt(&line, "MAIL FROM:<%.*s>%s%s", STR_ARG(m->sender),
	        m->seven_bit ? "" : " BODY=8BITMIME", utf8 ? " SMTPUTF8" : "");
	if (m->ret.n)
		buf_fmt(&line, " RET=%.*s", STR_ARG(m->ret));
	if (m->envid.n) {
		buf_add(&line, STR(" ENVID="));
		xtext_encode(&line, m->envid);
	}
	rc = sendmail_command(m, m->sender.n ? m->sender : STR("<>"),
	                      buf_str(&line));
	buf_deinit(&line);
	return rc;
}

static int send_rcpts(struct sendmail *m)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < m->rcpts_n; i++) {
		struct str to = qualified(m, m->rcpts[i]);
		struct str line =
			arena_fmt(&m->arena, "RCPT TO:<%.*s>%s%.*s",
		                  STR_ARG(to), m->notify.n ? " NOTIFY=" : "",
		                  STR_ARG(m->notify));

		rc = sendmail_command(m, to, line);
	}
	return rc;
}

/* The body as lines with CRLF, dots doubled (RFC 5321, 4.5.2). */
static void send_body(struct sendmail *m, bool at_start)
{
	int c;

	while ((c = next_char()) != EOF) {
		if (at_start && c == '.') {
			c = next_char();
			if (!m->dots && (c == '\n' || c == EOF))
				break;
			(void)fputs("..", m->out);
			at_start = false;
			if (c == EOF)
				break;
		}
		if (c == '\n')
			(void)fputs("\r\n", m->out);
		else
			(void)putc_unlocked(c, m->out);
		at_start = c == '\n';
	}
	if (!at_start)
		(void)fputs("\r\n", m->out);
}

static int send_data(struct sendmail *m, struct message *msg)
{
	struct str header = buf_str(&msg->header), first = buf_str(&msg->first);

	if (fputs("DATA\r\n", m->out) < 0 || fflush(m->out) != 0)
		return SENDMAIL_TEMPFAIL;
	if (sendmail_reply(m, STR("message"), '3') != 0)
		return SENDMAIL_TEMPFAIL;
	(void)fwrite(header.p, 1, header.n, m->out);
	(void)fputs("\r\n", m->out);
	if (first.n) {
		(void)fputs(first.p[0] == '.' ? "." : "", m->out);
		(void)fwrite(first.p, 1, first.n, m->out);
		(void)fputs("\r\n", m->out);
	}
	if (msg->has_body)
		send_body(m, true);
	if (ferror(stdin)) {
		/* half a message is none: hang up without the dot */
		sendmail_say("cannot read the message");
		return SENDMAIL_IOERR;
	}
	(void)fputs(".\r\n", m->out);
	(void)fflush(m->out);
	return sendmail_reply(m, STR("message"), '2');
}

static int send_message(struct sendmail *m, struct message *msg)
{
	int rc = read_header(m, msg);

	if (rc == 0)
		find_rcpts(m, msg);
	if (rc == 0 && m->rcpts_n == 0) {
		sendmail_say("no recipients%s",
		             m->from_header ? " in To, Cc or Bcc" : "");
		return SENDMAIL_USAGE;
	}
	if (rc == 0) {
		find_sender(m, msg);
		add_from(m, msg);
		rc = send_mail_from(m);
	}
	if (rc == 0)
		rc = send_rcpts(m);
	if (rc == 0)
		rc = send_data(m, msg);
	return rc;
}

static int deliver(struct sendmail *m, const char *path)
{
	struct message msg = { .has_body = false };
	int rc = SENDMAIL_USAGE;

	if (m->rcpts_n == 0 && !m->from_header) {
		sendmail_say("no recipients; usage: sendmail [-t] [-i] "
		             "[-f sender] recipient...");
		return rc;
	}
	buf_init(&msg.header, HEADER_MAX);
	buf_init(&msg.first, HEADER_MAX);
	rc = sendmail_connect(m, path);
	if (rc == 0)
		rc = sendmail_reply(m, STR("the host"), '2');
	if (rc == 0)
		rc = sendmail_command(m, STR("the host"),
		                      STR("EHLO localhost"));
	if (rc == 0)
		rc = send_message(m, &msg);
	buf_deinit(&msg.header);
	buf_deinit(&msg.first);
	return rc;
}

/* ---- which socket ---- */

static const char *find_socket(struct sendmail *m)
{
	const char *path = getenv("POSTHUS_SENDMAIL"), *found = NULL;
	struct config_report report;
	struct config *cfg = NULL;

	if (path && *path)
		return path;
	path = m->config ? m->config : getenv("POSTHUS_CONFIG");
	if (!path || !*path)
		path = CTL_CONFIG_DEFAULT;
	config_report_init(&report);
	if (access(path, R_OK) == 0 &&
	    config_load(&cfg, &(struct config_source){ .path = path },
	                &report) == 0)
		found = config_sendmail_socket(cfg, &m->arena);
	config_report_deinit(&report);
	config_free(&cfg);
	return found ? found : CONFIG_SENDMAIL_SOCKET;
}

/* ---- all of it ---- */

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

bool sendmail_is_asked(int argc, char **argv)
{
	const char *self = argc ? base_name(argv[0]) : "";

	if (strcmp(self, "sendmail") == 0 || strcmp(self, "mailq") == 0 ||
	    strcmp(self, "newaliases") == 0)
		return true;
	return argc > 1 && strcmp(argv[1], "sendmail") == 0 &&
	       !(argc > 2 && strcmp(argv[2], "--help") == 0);
}

static int list_queue(const struct sendmail *m)
{
	char program[] = "posthus", queue[] = "queue", list[] = "list";
	char *argv[] = { program, queue, list, NULL };

	if (m->config)
		(void)setenv("POSTHUS_CONFIG", m->config, 1);
	return ctl_main(3, argv, NULL);
}

static int run(struct sendmail *m, int argc, char **argv)
{
	static const struct sigaction ignore = { .sa_handler = SIG_IGN };
	const char *path;
	int rc = sendmail_parse(m, argc, argv);

	if (rc != 0 || m->mode == SENDMAIL_NOTHING)
		return rc;
	if (m->mode == SENDMAIL_LIST)
		return list_queue(m);
	/* a host that goes away is an error of write() */
	(void)sigaction(SIGPIPE, &ignore, NULL);
	path = find_socket(m);
	if (m->mode == SENDMAIL_DELIVER)
		return deliver(m, path);
	rc = sendmail_connect(m, path);
	return rc == 0 ? sendmail_pass_on(m) : rc;
}

int sendmail_main(int argc, char **argv)
{
	const char *self = base_name(argv[0]);
	struct sendmail m = { .fd = -1 };
	int rc;

	arena_init(&m.arena);
	if (strcmp(self, "mailq") == 0)
		m.mode = SENDMAIL_LIST;
	else if (strcmp(self, "newaliases") == 0)
		m.mode = SENDMAIL_NOTHING;
	else if (strcmp(self, "sendmail") != 0)
		argc--, argv++; /* posthus sendmail ... */
	rc = run(&m, argc, argv);
	if (m.out)
		(void)fclose(m.out);
	if (m.in)
		(void)fclose(m.in);
	arena_deinit(&m.arena);
	return rc;
}

/* Only for the table of commands: main() comes here by itself. */
int ctl_run_sendmail(struct ctl *c)
{
	return ctl_usage(c, "posthus sendmail takes its own options");
}
