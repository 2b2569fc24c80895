/* Reports of others wait here for the tally's thread, so that no session reads
 * what strangers packed. */
#include "base/mem.h"
#include "directory/directory.h"
#include "log/log.h"
#include "log/metric.h"
#include "verify/feedback.h"
#include "verify/tally_private.h"

/* Messages that wait, and their bytes. */
#define INBOX_MAX       16
#define INBOX_BYTES_MAX ((size_t)16 * 1024 * 1024)

struct tally_mail {
	struct tally_mail *next;
	char *message, *by;
	size_t n;
	int64_t received_us;
};

static void mail_free(struct tally_mail *m)
{
	mem_free(m->message);
	mem_free(m->by);
	mem_free(m);
}

bool tally_offer(struct tally *t, struct str subject, struct str message,
                 struct str by, int64_t received_us)
{
	struct tally_mail *m, **at;
	bool room;

	if (!t || !t->directory || message.n > FEEDBACK_MESSAGE_MAX ||
	    !feedback_is_likely(subject))
		return false;
	m = mem_zalloc(sizeof(*m));
	m->message = mem_dup(message.p, message.n);
	m->n = message.n;
	m->by = mem_dup(by.n ? by.p : "", by.n);
	m->received_us = received_us;
	(void)pthread_mutex_lock(&t->lock);
	room = t->inbox_n < INBOX_MAX &&
	       t->inbox_bytes + message.n <= INBOX_BYTES_MAX;
	if (room) {
		for (at = &t->inbox; *at; at = &(*at)->next)
			;
		*at = m;
		t->inbox_n++;
		t->inbox_bytes += message.n;
		t->added++;
	}
	(void)pthread_mutex_unlock(&t->lock);
	if (!room)
		mail_free(m);
	return room;
}

/* The domain, or one above it, is hosted here. */
static bool is_ours(struct directory *dir, struct str domain)
{
	struct err ignored = ERR_INIT;
	bool ours = false;
	size_t dot;

	for (;;) {
		if (directory_domain_is_local(dir, domain, &ours, &ignored) ==
		            0 &&
		    ours)
			return true;
		dot = str_chr(domain, '.');
		if (dot == STR_NPOS)
			return false;
		domain = str_from(domain, dot + 1);
	}
}

static void tell(const struct tally_mail *m, const struct feedback *f,
                 const struct err *err)
{
	struct log_line l;

	log_begin(&l, LOG_INFO,
	          err             ? "dmarc.unread"
	          : f->is_failure ? "dmarc.failure"
	                          : "dmarc.read");
	if (!err) {
		log_str(&l, "domain",
		        f->is_failure ? f->failure.domain : f->report.domain);
		if (f->is_failure) {
			log_str(&l, "ip", f->failure.source_ip);
			log_str(&l, "from", f->failure.mail_from);
			log_str(&l, "failure", f->failure.failure);
		} else {
			log_str(&l, "reporter", f->report.org_name);
			log_u64(&l, "rows", f->n);
		}
	}
	log_str(&l, "by", str_z(m->by));
	if (err)
		log_err(&l, err);
	log_end(&l);
}

static void take(struct tally *t, const struct tally_mail *m)
{
	struct err err = ERR_INIT;
	struct feedback f;
	struct arena a;
	int rc;

	arena_init(&a);
	rc = feedback_read((struct str){ m->message, m->n }, &a, &f, &err);
	if (rc == 0 && !is_ours(t->directory, f.is_failure ? f.failure.domain
	                                                   : f.report.domain))
		rc = err_set(&err, ERR_DENIED, "about a domain of others");
	if (rc == 0 && !f.is_failure) {
		struct tally_report r = { .r = f.report,
			                  .by = str_z(m->by),
			                  .received_us = m->received_us };

		rc = tally_report_add(t, &r, f.rows, f.n, &err);
	}
	tell(m, &f, rc < 0 ? &err : NULL);
	if (rc == 0)
		metric_add(METRIC_DMARC_READ, 1);
	arena_deinit(&a);
}

void tally_read_inbox(struct tally *t)
{
	while (t->inbox) {
		struct tally_mail *m = t->inbox;

		t->inbox = m->next;
		t->inbox_n--;
		t->inbox_bytes -= m->n;
		(void)pthread_mutex_unlock(&t->lock);
		take(t, m);
		mail_free(m);
		(void)pthread_mutex_lock(&t->lock);
	}
}
