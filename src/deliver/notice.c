#include "deliver/notice.h"

#include "os/random.h"
#include "wire/dsn/dsn.h"
#include "wire/dsn/report.h"
#include "wire/message/date.h"
#include "wire/message/field.h"
#include "wire/message/write.h"
#include "wire/smtp/command.h"

#define US_PER_MINUTE INT64_C(60000000)

/* ---- what a status means ---- */

struct notice_words notice_words(struct str status)
{
	/* The longest row that the status without its class begins with. */
	static const struct {
		struct str subject;
		struct notice_words words;
	} rows[] = {
		{ STR_INIT("1.1"),
		  { "There is no such address at that domain.",
		    "Check the spelling, or ask the recipient for the address "
		    "in another way, and send the message again." } },
		{ STR_INIT("1.2"),
		  { "The domain of the address does not exist or takes no mail.",
		    "Check the part of the address behind the @." } },
		{ STR_INIT("1.10"),
		  { "The domain of the address takes no mail.",
		    "Ask the recipient for another address." } },
		{ STR_INIT("1"),
		  { "The address is not one that mail can be sent to.",
		    "Check the spelling and send the message again." } },
		{ STR_INIT("2.1"),
		  { "The mailbox takes no mail at present.",
		    "Ask the recipient in another way." } },
		{ STR_INIT("2.2"),
		  { "The recipient's mailbox is full.",
		    "Tell the recipient in another way, and send the message "
		    "again when there is room." } },
		{ STR_INIT("3.4"),
		  { "The message is larger than the recipient's host takes.",
		    "Send smaller files, or a link to them." } },
		{ STR_INIT("4.6"),
		  { "The message goes round in a circle.",
		    "The owner of the address must correct its forwards; tell "
		    "the recipient in another way." } },
		{ STR_INIT("4.7"),
		  { "The message was tried for as long as it may be, in vain.",
		    "Send it again later, or reach the recipient in another "
		    "way." } },
		{ STR_INIT("4"),
		  { "The recipient's host could not be reached.",
		    "Check the part of the address behind the @; if it is "
		    "right, the other host has to be repaired." } },
		{ STR_INIT("5"),
		  { "The recipient's host and ours do not understand each "
		    "other.",
		    "Tell your provider what the other host said." } },
		{ STR_INIT("6"),
		  { "The recipient's host can not take a message of this form.",
		    "Send it in a simpler form, as plain text for example." } },
		{ STR_INIT("7"),
		  { "The recipient's host refuses the message for reasons of "
		    "its own: a filter, or a rule of who may send there.",
		    "Read what the other host said; its postmaster or the "
		    "recipient can tell you more." } },
	};
	static const struct notice_words unknown = {
		"The recipient's host did not take the message.",
		"Read what the other host said, or ask your provider.",
	};
	const struct notice_words *best = &unknown;
	size_t longest = 0;

	if (status.n < 3)
		return unknown;
	status = str_from(status, 2);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str s = rows[i].subject;

		if (s.n <= longest || !str_starts(status, s) ||
		    (status.n > s.n && status.p[s.n] != '.'))
			continue;
		longest = s.n;
		best = &rows[i].words;
	}
	return *best;
}

/* ---- words ---- */

/* Without what a forward leads to. */
static struct str reply_of(struct arena *a, const struct queue_report_rcpt *r)
{
	struct str rest = r->reply, out;
	struct buf b;
	size_t at;

	if (str_eq_case(r->address, r->original) || r->address.n == 0)
		return rest;
	buf_init(&b, rest.n * (r->original.n + 2) + 16);
	while ((at = str_find_case(rest, r->address)) != STR_NPOS) {
		buf_add(&b, str_to(rest, at));
		buf_add(&b, r->original);
		rest = str_from(rest, at + r->address.n);
	}
	buf_add(&b, rest);
	out = arena_dup(a, buf_str(&b));
	buf_deinit(&b);
	return out;
}

/* A peer's text on lines of its own, with nothing in it that is none. */
static void add_quoted(struct buf *out, struct str text)
{
	struct str line;

	while (str_cut(&text, '\n', &line)) {
		buf_add_z(out, "        ");
		for (size_t i = 0; i < line.n && i < 500; i++) {
			unsigned char c = (unsigned char)line.p[i];

			if (c != '\r')
				buf_add_c(out,
				          c < ' ' || c > 126 ? '?' : (char)c);
		}
		buf_add_z(out, "\r\n");
	}
}

static void add_reply(struct buf *out, struct arena *a,
                      const struct queue_report_rcpt *r)
{
	struct str reply = reply_of(a, r);

	if (reply.n == 0)
		return;
	if (r->mta.n)
		buf_fmt(out, "    The host %.*s said:\r\n", STR_ARG(r->mta));
	else
		buf_add_z(out, "    In detail:\r\n");
	add_quoted(out, reply);
}

static void add_sent(struct buf *out, const struct notice *n,
                     const struct queue_report_rcpt *r)
{
	if (r->kind == QUEUE_LOCAL)
		buf_add_z(out, "    is in the mailbox.\r\n");
	else if (n->report->by_us && r->mta.n)
		buf_fmt(out, "    was taken by the next host, %.*s.\r\n",
		        STR_ARG(r->mta));
	else
		buf_add_z(out, "    was taken by the next host, which makes "
		               "no reports of its own.\r\n");
}

static void add_rcpt(struct buf *out, struct arena *a, const struct notice *n,
                     const struct queue_report_rcpt *r)
{
	struct notice_words w = notice_words(r->status);

	buf_fmt(out, "  %.*s\r\n", STR_ARG(r->original));
	switch (r->outcome) {
	case QUEUE_OUTCOME_SENT: add_sent(out, n, r); return;
	case QUEUE_OUTCOME_LATE:
		add_reply(out, a, r);
		if (r->expires_us) {
			buf_add_z(out, "    It is tried again until ");
			date_write(out, r->expires_us, 0);
			buf_add_z(out, ".\r\n");
		}
		return;
	case QUEUE_OUTCOME_FAILED: break;
	}
	buf_fmt(out, "    %s\r\n", w.cause);
	add_reply(out, a, r);
	buf_fmt(out, "    What you can do: %s\r\n", w.advice);
}

static void add_group(struct buf *out, struct arena *a, const struct notice *n,
                      enum queue_outcome outcome, const char *head,
                      const char *foot)
{
	bool any = false;

	for (size_t i = 0; i < n->n; i++) {
		if (n->rcpts[i]->outcome != outcome)
			continue;
		buf_fmt(out, "%s\r\n", any ? "" : head);
		if (!any)
			buf_add_z(out, "\r\n");
		any = true;
		add_rcpt(out, a, n, n->rcpts[i]);
	}
	if (any)
		buf_fmt(out, "\r\n%s", foot);
}

static struct str make_text(struct arena *a, const struct notice *n)
{
	struct str text;
	struct buf b;

	buf_init(&b, (size_t)4 * 1024 * 1024);
	buf_fmt(&b, "This is the mail host %.*s.\r\n\r\n",
	        STR_ARG(n->hostname));
	add_group(&b, a, n, QUEUE_OUTCOME_FAILED,
	          "Your message could not be delivered to:",
	          "It will not be tried again.\r\n\r\n");
	add_group(&b, a, n, QUEUE_OUTCOME_LATE,
	          "Your message is late. It could not be delivered yet to:",
	          "You need not do anything: do not send it again.\r\n\r\n");
	add_group(&b, a, n, QUEUE_OUTCOME_SENT,
	          "You asked to hear about it: your message", "");
	buf_add_z(&b, "\r\nBelow is a report for programs, and the message or "
	              "its header.\r\n");
	text = arena_dup(a, buf_str(&b));
	buf_deinit(&b);
	return text;
}

/* ---- the header ---- */

static struct str subject_of(struct arena *a, const struct notice *n,
                             struct str was)
{
	static const char *const heads[] = {
		[QUEUE_OUTCOME_FAILED] = "Not delivered",
		[QUEUE_OUTCOME_LATE] = "Not delivered yet",
		[QUEUE_OUTCOME_SENT] = "Delivered",
	};
	enum queue_outcome worst = QUEUE_OUTCOME_SENT;
	size_t count = 0, first = 0;
	struct str whom;

	for (size_t i = 0; i < n->n; i++)
		if (n->rcpts[i]->outcome < worst)
			worst = n->rcpts[i]->outcome;
	for (size_t i = n->n; i-- > 0;)
		if (n->rcpts[i]->outcome == worst) {
			first = i;
			count++;
		}
	whom = n->rcpts[first]->original;
	if (count > 1)
		whom = arena_fmt(a, "%zu recipients", count);
	else if (!n->utf8)
		for (size_t i = 0; i < whom.n; i++)
			if ((unsigned char)whom.p[i] > 126)
				whom = STR("1 recipient");
	was = field_unfold(a, was);
	for (size_t i = 0; !n->utf8 && i < was.n; i++)
		if ((unsigned char)was.p[i] > 126)
			was = STR("");
	if (was.n > 400)
		was = STR("");
	return arena_fmt(a, "%s to %.*s%s%.*s", heads[worst], STR_ARG(whom),
	                 was.n ? ": " : "", STR_ARG(was));
}

static void write_header(struct arena *a, const struct notice *n,
                         struct buf *out)
{
	struct field_index ix;
	struct str id;

	field_index_make(str_to(n->message, field_header_length(n->message)),
	                 &ix);
	buf_add_z(out, "Date: ");
	date_write(out, n->now_us, 0);
	buf_add_z(out, "\r\n");
	/* RFC 5321, 4.5.5: the envelope sender is null, so replies go to the
	 * postmaster of the host that reports. */
	header_write(out, STR("From"),
	             arena_fmt(a, "Mail Delivery <postmaster@%.*s>",
	                       STR_ARG(n->hostname)));
	header_write(out, STR("To"), arena_fmt(a, "<%.*s>", STR_ARG(n->to)));
	header_write(out, STR("Subject"),
	             subject_of(a, n, ix.first[FIELD_SUBJECT]));
	header_write(out, STR("Message-ID"),
	             arena_fmt(a, "<%.*s.report@%.*s>", STR_ARG(n->trace),
	                       STR_ARG(n->hostname)));
	id = field_unfold(a, ix.first[FIELD_MESSAGE_ID]);
	if (id.n > 2 && id.n < 900 && id.p[0] == '<') {
		header_write(out, STR("In-Reply-To"), id);
		header_write(out, STR("References"), id);
	}
	/* RFC 3834, 5; RFC 3464, 1: never answered. */
	header_write(out, STR("Auto-Submitted"), STR("auto-replied"));
}

/* ---- the status ---- */

static void split_orcpt(struct str orcpt, struct dsn_rcpt *out)
{
	if (orcpt.n == 0)
		return;
	out->original = orcpt;
	(void)str_cut(&out->original, ';', &out->original_type);
}

static void write_rcpt(struct arena *a, const struct queue_report_rcpt *r,
                       bool utf8, struct buf *out)
{
	struct dsn_rcpt d = {
		.final_type = STR("rfc822"),
		.final = r->original,
		.status = r->status,
		.remote_mta = r->mta,
		.diagnostic = reply_of(a, r),
		.last_us = r->last_us,
		.until_us = r->expires_us,
	};

	split_orcpt(r->orcpt, &d);
	switch (r->outcome) {
	case QUEUE_OUTCOME_FAILED: d.action = DSN_FAILED; break;
	case QUEUE_OUTCOME_LATE: d.action = DSN_DELAYED; break;
	case QUEUE_OUTCOME_SENT:
		d.action = r->kind == QUEUE_LOCAL ? DSN_DELIVERED : DSN_RELAYED;
		break;
	}
	/* RFC 3463, 2: failures are of class 5, also of what was tried too
	 * long. */
	if (!dsn_status_is_valid(d.status))
		d.status = d.action == DSN_FAILED    ? STR("5.0.0")
		           : d.action == DSN_DELAYED ? STR("4.0.0")
		                                     : STR("2.0.0");
	else if (d.action == DSN_FAILED && d.status.p[0] == '4')
		d.status =
			arena_fmt(a, "5%.*s", STR_ARG(str_from(d.status, 1)));
	dsn_rcpt_write(out, &d, utf8);
}

static struct str make_status(struct arena *a, const struct notice *n)
{
	struct dsn_message m = {
		.envid = n->report->envid,
		.reporting_mta = n->hostname,
		.arrival_us = n->report->received_us,
		.by_us = n->report->by_us,
	};
	struct str status;
	struct buf b;

	buf_init(&b, (size_t)8 * 1024 * 1024);
	dsn_message_write(&b, &m, n->utf8);
	for (size_t i = 0; i < n->n; i++)
		write_rcpt(a, n->rcpts[i], n->utf8, &b);
	status = arena_dup(a, buf_str(&b));
	buf_deinit(&b);
	return status;
}

/* ---- all of it ---- */

/* RFC 3461, 4.3: RET is about failures; else the header is enough. */
static bool wants_whole(const struct notice *n)
{
	bool failed = false;

	for (size_t i = 0; i < n->n; i++)
		failed |= n->rcpts[i]->outcome == QUEUE_OUTCOME_FAILED;
	/* RFC 8689, 5: nor does what must not be seen. */
	return failed && n->report->ret == SMTP_RET_FULL &&
	       !n->report->requiretls && n->report->body != QUEUE_BINARY &&
	       n->message.n <= NOTICE_WHOLE_MAX;
}

bool notice_write(struct arena *a, const struct notice *n, struct buf *out)
{
	bool whole = wants_whole(n);
	size_t header = field_header_length(n->message);
	struct dsn_parts p = {
		.boundary = arena_fmt(a, "report-%016llx%016llx",
		                      (unsigned long long)random_u64(),
		                      (unsigned long long)random_u64()),
		.text = make_text(a, n),
		.status = make_status(a, n),
		.original = whole ? n->message : str_to(n->message, header),
		.whole = whole,
		.utf8 = n->utf8,
	};

	if (!whole && p.original.n > NOTICE_HEADER_MAX)
		p.original = str_to(p.original, NOTICE_HEADER_MAX);
	write_header(a, n, out);
	return dsn_parts_write(out, &p);
}
