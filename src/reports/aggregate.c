#include "reports/aggregate.h"

#include "config/config.h"
#include "crypto/hash.h"
#include "deliver/post.h"
#include "log/log.h"
#include "log/metric.h"
#include "os/clock.h"
#include "os/random.h"
#include "pack/gzip.h"
#include "verify/report_to.h"
#include "verify/tally.h"
#include "wire/message/date.h"
#include "wire/message/write.h"
#include "wire/mime/decode.h"

/* All hosts that report at midnight would be a flood. */
#define SPREAD_US (3 * US_PER_HOUR)
#define RETRY_US  US_PER_HOUR
#define TRIES_MAX 24
#define ROUND_MAX 1000
#define DAY_S     (US_PER_DAY / US_PER_SEC)

struct making {
	const struct reports *r;
	struct arena *a;
	struct tally_due due;
	struct dmarc_record record;
	int64_t now_us;
	struct buf packed; /* the gzipped document */
};

static void tell(const struct making *m, enum log_level level,
                 const char *event, struct str to, const char *why)
{
	struct log_line l;

	log_begin(&l, level, event);
	log_str(&l, "domain", m->due.domain);
	if (to.n)
		log_str(&l, "to", to);
	if (*why)
		log_z(&l, "why", why);
	log_u64(&l, "messages", m->due.messages);
	log_end(&l);
}

/* ---- the document ---- */

static struct str report_id(const struct making *m)
{
	return arena_fmt(m->a, "%lld.%.*s", (long long)m->due.day,
	                 STR_ARG(m->due.domain));
}

static void add_row(void *arg, const struct dmarc_report_row *row)
{
	dmarc_report_row(arg, row);
}

static int make_document(struct making *m, struct err *err)
{
	struct str host = config_hostname(m->r->config);
	const struct dmarc_report report = {
		.org_name = host,
		.email = arena_fmt(m->a, "postmaster@%.*s", STR_ARG(host)),
		.report_id = report_id(m),
		.generator = STR("posthus"),
		.begin_s = m->due.day * DAY_S,
		.end_s = (m->due.day + 1) * DAY_S - 1,
		.domain = m->due.domain,
		.p = m->record.p,
		.sp = m->record.sp,
		.np = m->record.np,
		.strict_dkim = m->record.strict_dkim,
		.strict_spf = m->record.strict_spf,
		.testing = m->record.testing,
	};
	struct gzip *z = gzip_new();
	struct buf xml;
	int rc;

	buf_init(&xml, DMARC_REPORT_MAX);
	dmarc_report_begin(&xml, &report);
	rc = tally_rows(m->r->tally, m->due.day, m->due.domain, add_row, &xml,
	                err);
	dmarc_report_end(&xml);
	if (rc == 0)
		gzip_add(z, buf_str(&xml), true, &m->packed);
	if (rc == 0 && (buf_overflow(&xml) || buf_overflow(&m->packed)))
		rc = err_set(err, ERR_TOO_BIG, "the report is too large");
	gzip_free(&z);
	buf_deinit(&xml);
	return rc;
}

/* ---- the message ---- */

static void write_header(const struct making *m, const struct post *p,
                         struct buf *out)
{
	struct str host = config_hostname(m->r->config);
	struct str id = report_id(m);

	buf_add_z(out, "Date: ");
	date_write(out, m->now_us, 0);
	buf_add_z(out, "\r\n");
	header_write(out, STR("From"),
	             arena_fmt(m->a, "DMARC reports <postmaster@%.*s>",
	                       STR_ARG(host)));
	header_write(out, STR("To"), arena_fmt(m->a, "<%.*s>", STR_ARG(p->to)));
	/* RFC 9990, 3.5: for programs that sort them. */
	header_write(out, STR("Subject"),
	             arena_fmt(m->a,
	                       "Report Domain: %.*s Submitter: %.*s "
	                       "Report-ID: <%.*s>",
	                       STR_ARG(m->due.domain), STR_ARG(host),
	                       STR_ARG(id)));
	header_write(out, STR("Message-ID"),
	             arena_fmt(m->a, "<%s.dmarc@%.*s>", p->trace,
	                       STR_ARG(host)));
	header_write(out, STR("Auto-Submitted"), STR("auto-generated"));
}

static void write_message(const struct making *m, const struct post *p,
                          struct buf *out)
{
	struct str host = config_hostname(m->r->config);
	struct str mark = arena_fmt(m->a, "report-%016llx",
	                            (unsigned long long)random_u64());
	long long begin = m->due.day * DAY_S, end = begin + DAY_S - 1;

	write_header(m, p, out);
	buf_fmt(out,
	        "MIME-Version: 1.0\r\n"
	        "Content-Type: multipart/mixed; boundary=\"%.*s\"\r\n\r\n"
	        "--%.*s\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n"
	        "This is a DMARC aggregate report: what the mail host\r\n"
	        "%.*s received in the name of\r\n"
	        "%.*s, in one day (%llu messages).\r\n"
	        "The policy of that domain asks for it.\r\n\r\n"
	        "--%.*s\r\nContent-Type: application/gzip\r\n"
	        "Content-Transfer-Encoding: base64\r\n"
	        "Content-Disposition: attachment;\r\n"
	        "\tfilename=\"%.*s!%.*s!%lld!%lld.xml.gz\"\r\n\r\n",
	        STR_ARG(mark), STR_ARG(mark), STR_ARG(host),
	        STR_ARG(m->due.domain), (unsigned long long)m->due.messages,
	        STR_ARG(mark), STR_ARG(host), STR_ARG(m->due.domain), begin,
	        end);
	mime_base64_write(out, buf_str(&m->packed));
	buf_fmt(out, "\r\n--%.*s--\r\n", STR_ARG(mark));
}

/* 1 when it is in the queue, 0 when nobody has the address, -1. */
static int send_to(struct making *m, struct str address, struct err *err)
{
	const struct reports *r = m->r;
	struct post p = { .to = address,
		          .null_sender = true,
		          .at_us = m->now_us };
	unsigned char key[HASH_MAX];
	struct queue_new q;
	struct buf text;
	int64_t id;
	int rc;

	rc = post_route(&p, r->directory, r->store, m->a, err);
	if (rc <= 0)
		return rc;
	buf_init(&text, REPORTS_MESSAGE_MAX);
	write_message(m, &p, &text);
	if (buf_overflow(&text)) {
		buf_deinit(&text);
		return err_set(err, ERR_TOO_BIG, "the report is too large");
	}
	hash_bytes(HASH_SHA256,
	           arena_fmt(m->a, "dmarc %lld %.*s %.*s",
	                     (long long)m->due.day, STR_ARG(m->due.domain),
	                     STR_ARG(address)),
	           key);
	p.message = buf_str(&text);
	q = post_queue(&p);
	q.key = (struct str){ (char *)key, 32 };
	rc = queue_add(r->queue, &q, &id, err);
	buf_deinit(&text);
	return rc < 0 ? -1 : 1;
}

/* ---- whom ---- */

/* The addresses that may have it; false when DNS has no answer now. */
static bool find_addresses(struct making *m,
                           struct str out[REPORTS_ADDRESSES_MAX], size_t *n_out)
{
	*n_out = 0;
	for (size_t i = 0; i < m->record.n_rua; i++) {
		struct verify_budget b;
		struct report_address to;

		if (*n_out == REPORTS_ADDRESSES_MAX)
			break;
		verify_budget_init(&b);
		switch (verify_report_to(m->r->verify, m->due.domain,
		                         m->record.rua[i], &b, m->a, &to)) {
		case REPORT_TO_YES: out[(*n_out)++] = to.address; break;
		case REPORT_TO_LATER:
			if (m->due.tries < TRIES_MAX)
				return false;
			break;
		case REPORT_TO_NO:
			tell(m, LOG_INFO, "dmarc.withheld", m->record.rua[i],
			     to.why);
			break;
		}
	}
	return true;
}

/* The number of messages queued, or -1. */
static int report(struct making *m, struct err *err)
{
	struct str to[REPORTS_ADDRESSES_MAX];
	size_t n = 0;
	int sent = 0;

	if (!dmarc_record_parse(m->due.record, &m->record))
		return tally_done(m->r->tally, m->due.day, m->due.domain, err);
	if (!find_addresses(m, to, &n))
		return tally_later(m->r->tally, m->due.day, m->due.domain,
		                   m->now_us + RETRY_US, err);
	if (n > 0 && make_document(m, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		int rc = send_to(m, to[i], err);

		if (rc < 0)
			return -1;
		if (rc > 0)
			metric_add(METRIC_DMARC_SENT, 1);
		tell(m, LOG_INFO, rc > 0 ? "dmarc.reported" : "dmarc.withheld",
		     to[i], rc > 0 ? "" : "there is no such address");
		sent += rc;
	}
	return tally_done(m->r->tally, m->due.day, m->due.domain, err) < 0
	               ? -1
	               : sent;
}

/* When it was just seen to be due: some time in the next hours. */
static int64_t first_time(const struct making *m)
{
	return (m->due.day + 1) * US_PER_DAY +
	       (int64_t)random_below((uint64_t)SPREAD_US);
}

int reports_aggregate_run(const struct reports *r, int64_t now_us,
                          bool (*stop)(void *arg), void *arg, struct err *err)
{
	struct arena a;
	int rc = 0, n = 0;

	arena_init(&a);
	for (int i = 0; i < ROUND_MAX && !(stop && stop(arg)); i++) {
		struct making m = { .r = r, .a = &a, .now_us = now_us };
		struct err why = ERR_INIT;

		arena_reset(&a);
		rc = tally_next(r->tally, now_us / US_PER_DAY, now_us, &a,
		                &m.due, err);
		if (rc <= 0)
			break;
		if (m.due.tries == 0) {
			rc = tally_later(r->tally, m.due.day, m.due.domain,
			                 first_time(&m), err);
		} else {
			buf_init(&m.packed, REPORTS_MESSAGE_MAX);
			rc = report(&m, &why);
			buf_deinit(&m.packed);
			n += rc > 0 ? rc : 0;
			if (rc < 0) {
				log_fail(LOG_ERROR, "dmarc.trouble", &why);
				rc = tally_later(r->tally, m.due.day,
				                 m.due.domain,
				                 now_us + RETRY_US, err);
			}
		}
		if (rc < 0)
			break;
	}
	arena_deinit(&a);
	return rc < 0 ? -1 : n;
}
