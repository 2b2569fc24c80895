#include "relay/report.h"

#include <stdio.h>

#include "base/map.h"
#include "config/config.h"
#include "crypto/hash.h"
#include "dns/client.h"
#include "fetch/fetch.h"
#include "log/log.h"
#include "log/metric.h"
#include "net/addr.h"
#include "os/clock.h"
#include "os/random.h"
#include "pack/gzip.h"
#include "relay/hosts.h"
#include "wire/dns/rdata.h"
#include "wire/message/date.h"
#include "wire/mime/decode.h"
#include "wire/tlsrpt/record.h"
#include "wire/tlsrpt/report.h"

/* RFC 8460, 4.1: with a delay at random of at most four hours. */
#define SPREAD_US (4 * US_PER_HOUR)
#define OLD_DAYS  3
#define POST_US   (10 * US_PER_SEC)
#define JSON_MAX  ((size_t)1024 * 1024)
#define LOOKUPS   12

/* What became of telling. */
enum told { TOLD, TOLD_NOBODY, TOLD_LATER };

struct telling {
	const struct relay_reporter *r;
	const struct relay_note *notes; /* of one domain and day */
	size_t n;
	struct str domain, host;
	struct arena *a;
	struct dns_budget budget;
	struct str packed; /* the report, gzip */
	struct str id, file;
};

int64_t relay_report_due(int64_t day, struct str domain)
{
	uint64_t spread = map_hash(0, domain) % (uint64_t)SPREAD_US;

	return (day + 1) * US_PER_DAY + (int64_t)spread;
}

/* ---- the report ---- */

static struct str kind_name(enum relay_policy_kind kind)
{
	switch (kind) {
	case RELAY_POLICY_STS: return STR("sts");
	case RELAY_POLICY_TLSA: return STR("tlsa");
	case RELAY_POLICY_NONE: break;
	}
	return STR("no-policy-found");
}

static bool is_same_policy(const struct relay_note *x,
                           const struct relay_note *y)
{
	return x->kind == y->kind && str_eq(x->policy, y->policy) &&
	       str_eq(x->hosts, y->hosts);
}

static void add_note(struct tlsrpt_policy *p, struct tlsrpt_failure *failures,
                     const struct relay_note *t)
{
	if (t->result.n == 0) {
		p->good += t->n;
		return;
	}
	p->bad += t->n;
	failures[p->n++] = (struct tlsrpt_failure){
		.result = t->result,
		.source_ip = t->source,
		.mx_name = t->host,
		.mx_ip = t->ip,
		.reason = t->reason,
		.n = t->n,
	};
}

static struct str id_of(const struct relay_note *t, struct str host,
                        struct arena *a)
{
	return arena_fmt(a, "%lld.%.*s@%.*s", (long long)t->day,
	                 STR_ARG(t->domain), STR_ARG(host));
}

void relay_report_write(const struct relay_note *notes, size_t n,
                        struct str host, struct arena *a, struct buf *out)
{
	struct tlsrpt_policy *policies = arena_array(a, n, sizeof(*policies));
	struct tlsrpt_failure *failures = arena_array(a, n, sizeof(*failures));
	struct tlsrpt_report r = {
		.organization = host,
		.contact = arena_fmt(a, "postmaster@%.*s", STR_ARG(host)),
		.id = id_of(&notes[0], host, a),
		.start_us = notes[0].day * US_PER_DAY,
		.end_us = (notes[0].day + 1) * US_PER_DAY - US_PER_SEC,
		.policies = policies,
	};

	for (size_t i = 0; i < n; i++) {
		if (i == 0 || !is_same_policy(&notes[i], &notes[i - 1]))
			policies[r.n++] = (struct tlsrpt_policy){
				.type = kind_name(notes[i].kind),
				.strings = notes[i].policy,
				.domain = notes[i].domain,
				.mx = notes[i].hosts,
				.failures = failures + i,
			};
		add_note(&policies[r.n - 1],
		         failures + (policies[r.n - 1].failures - failures),
		         &notes[i]);
	}
	tlsrpt_report_write(out, &r);
}

static int pack(struct telling *t, struct err *err)
{
	struct gzip *z = gzip_new();
	struct buf json, out;
	int rc = 0;

	buf_init(&json, JSON_MAX);
	relay_report_write(t->notes, t->n, t->host, t->a, &json);
	buf_init(&out, gzip_bound(json.n));
	gzip_add(z, buf_str(&json), true, &out);
	if (buf_overflow(&json) || buf_overflow(&out))
		rc = err_set(err, ERR_TOO_BIG, "the report is too large");
	t->packed = arena_dup(t->a, buf_str(&out));
	gzip_free(&z);
	buf_deinit(&json);
	buf_deinit(&out);
	return rc;
}

/* ---- by mail ---- */

/* RFC 8460, 5.3 */
static void write_letter(const struct telling *t, struct str to, struct buf *b)
{
	char mark[40];

	(void)snprintf(mark, sizeof(mark), "tlsrpt-%016llx%016llx",
	               (unsigned long long)random_u64(),
	               (unsigned long long)random_u64());
	buf_fmt(b, "From: TLS reports <postmaster@%.*s>\r\nTo: <%.*s>\r\n",
	        STR_ARG(t->host), STR_ARG(to));
	buf_fmt(b,
	        "Subject: Report Domain: %.*s\r\n Submitter: %.*s\r\n"
	        " Report-ID: <%.*s>\r\nDate: ",
	        STR_ARG(t->domain), STR_ARG(t->host), STR_ARG(t->id));
	date_write(b, t->r->now_us, 0);
	buf_fmt(b,
	        "\r\nMessage-ID: <%.*s.tlsrpt>\r\n"
	        "TLS-Report-Domain: %.*s\r\n"
	        "TLS-Report-Submitter: %.*s\r\n"
	        "TLS-Required: No\r\n"
	        "Auto-Submitted: auto-generated\r\n"
	        "MIME-Version: 1.0\r\n"
	        "Content-Type: multipart/report; report-type=\"tlsrpt\";\r\n"
	        " boundary=\"%s\"\r\n\r\n",
	        STR_ARG(t->id), STR_ARG(t->domain), STR_ARG(t->host), mark);
	buf_fmt(b,
	        "--%s\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n"
	        "How TLS with the mail hosts of %.*s went,\r\n"
	        "as %.*s saw it in one day.\r\n\r\n",
	        mark, STR_ARG(t->domain), STR_ARG(t->host));
	buf_fmt(b,
	        "--%s\r\nContent-Type: application/tlsrpt+gzip\r\n"
	        "Content-Transfer-Encoding: base64\r\n"
	        "Content-Disposition: attachment;\r\n"
	        " filename=\"%.*s\"\r\n\r\n",
	        mark, STR_ARG(t->file));
	mime_base64_write(b, t->packed);
	buf_fmt(b, "\r\n--%s--\r\n", mark);
}

static void make_key(const struct telling *t, struct str uri,
                     unsigned char out[32])
{
	struct hash_state *h = hash_begin(HASH_SHA256);

	hash_add(h, STR("tlsrpt"));
	hash_add(h, t->id);
	hash_add(h, (struct str){ "", 1 });
	hash_add(h, uri);
	hash_end(&h, out);
}

static enum told tell_by_mail(const struct telling *t, struct str uri)
{
	unsigned char key[32];
	struct relay_letter l = {
		.key = { (const char *)key, sizeof(key) },
		.at_us = t->r->now_us,
	};
	struct err err = ERR_INIT;
	struct buf b, to;
	int rc = 0;

	buf_init(&to, TLSRPT_URI_MAX);
	buf_init(&b, 2 * JSON_MAX);
	if (tlsrpt_address_write(uri, &to)) {
		make_key(t, uri, key);
		l.to = buf_str(&to);
		write_letter(t, l.to, &b);
		l.message = buf_str(&b);
		rc = t->r->o->post(t->r->o->post_arg, &l, &err);
	}
	if (rc < 0)
		log_fail(LOG_WARN, "relay.report", &err);
	buf_deinit(&b);
	buf_deinit(&to);
	return rc < 0 ? TOLD_LATER : rc > 0 ? TOLD : TOLD_NOBODY;
}

/* ---- by HTTPS ---- */

/* The host of "https://host:port/path". */
static struct str host_of(struct str url)
{
	struct str rest = str_from(url, 8), host;
	size_t i = 0;

	while (i < rest.n && rest.p[i] != '/' && rest.p[i] != '?' &&
	       rest.p[i] != '#' && rest.p[i] != ':')
		i++;
	host = str_to(rest, i);
	return host;
}

static enum told tell_by_https(struct telling *t, struct str url)
{
	static const struct str type =
		STR_INIT("Content-Type: application/tlsrpt+gzip");
	struct str addresses[RELAY_ADDRESSES_MAX];
	struct fetch_request q = {
		.url = url,
		.addresses = addresses,
		.post = true,
		.body = t->packed,
		.headers = &type,
		.headers_n = 1,
		.timeout_us = POST_US,
		.size_max = 65536,
		.ca_file = t->r->ca_file,
	};
	struct relay_asker ask = { .dns = t->r->o->dns,
		                   .budget = &t->budget,
		                   .ipv4 = true,
		                   .ipv6 = true };
	struct relay_host h = { .name = host_of(url) };
	struct relay_addresses found;
	struct relay_outcome why;
	struct fetch_answer ans;
	struct err err = ERR_INIT;
	char text[NET_ADDR_TEXT_MAX];

	if (!relay_host_addresses(&found, &ask, &h, t->a, &why))
		return why.kind == RELAY_PERM ? TOLD_NOBODY : TOLD_LATER;
	for (size_t i = 0; i < found.n; i++)
		addresses[q.addresses_n++] =
			arena_dup(t->a,
		                  str_z(net_addr_text(&found.v[i], text)));
	if (fetch(&q, t->a, &ans, &err) < 0) {
		log_fail(LOG_INFO, "relay.report", &err);
		return err.kind == ERR_INVALID ? TOLD_NOBODY : TOLD_LATER;
	}
	/* RFC 8460, 5.4: all of 200 to 299 says yes. */
	if (ans.status / 100 == 2)
		return TOLD;
	return ans.status / 100 == 4 ? TOLD_NOBODY : TOLD_LATER;
}

/* ---- whom ---- */

/* 1, 0: nobody asks, -1: not known now. */
static int find_record(struct telling *t, struct tlsrpt_record *out)
{
	struct str name = arena_fmt(t->a, "_smtp._tls.%.*s",
	                            STR_ARG(t->domain)),
		   txt;
	struct dns_answer ans;
	size_t found = 0;
	bool ok = false;

	dns_lookup_within(t->r->o->dns, &t->budget, name, DNS_TXT, t->a, &ans);
	if (ans.status == DNS_FAIL)
		return -1;
	for (size_t i = 0; ans.status == DNS_OK && i < ans.n; i++)
		if (dns_txt_read(ans.rdata[i], t->a, &txt) &&
		    tlsrpt_record_is(txt)) {
			found++;
			ok = tlsrpt_record_parse(txt, out);
		}
	return found == 1 && ok;
}

static void log_told(const struct telling *t, const struct tlsrpt_uri *u,
                     enum told told)
{
	static const char *const words[] = { [TOLD] = "yes",
		                             [TOLD_NOBODY] = "refused",
		                             [TOLD_LATER] = "later" };
	struct log_line l;

	log_begin(&l, LOG_INFO, "relay.report");
	log_str(&l, "domain", t->domain);
	log_str(&l, "to", u->text);
	log_z(&l, "told", words[told]);
	log_end(&l);
}

static enum told tell(struct telling *t)
{
	struct tlsrpt_record record = { .n = 0 };
	int64_t day = t->notes[0].day;
	enum told all = TOLD_NOBODY;
	struct err err = ERR_INIT;
	int rc = find_record(t, &record);

	if (rc <= 0)
		return rc < 0 ? TOLD_LATER : TOLD_NOBODY;
	t->id = id_of(&t->notes[0], t->host, t->a);
	t->file =
		arena_fmt(t->a, "%.*s!%.*s!%lld!%lld.json.gz", STR_ARG(t->host),
	                  STR_ARG(t->domain), (long long)day * 86400,
	                  (long long)day * 86400 + 86399);
	if (pack(t, &err) < 0) {
		log_fail(LOG_WARN, "relay.report", &err);
		return TOLD_NOBODY;
	}
	for (size_t i = 0; i < record.n; i++) {
		const struct tlsrpt_uri *u = &record.rua[i];
		enum told one = u->kind == TLSRPT_MAILTO
		                        ? tell_by_mail(t, u->text)
		                        : tell_by_https(t, u->text);

		log_told(t, u, one);
		/* One that knows is enough. */
		if (all != TOLD)
			all = one == TOLD_NOBODY ? all : one;
	}
	return all;
}

int relay_report_run(const struct relay_reporter *r, struct err *err)
{
	int64_t today = r->now_us / US_PER_DAY;
	struct relay_note last = { .day = 0 }, *notes;
	struct arena a, place;
	size_t n = 0;
	int rc = 0, told = 0;

	arena_init(&a);
	arena_init(&place); /* of `last` */
	while ((!r->stop || !atomic_load(r->stop)) &&
	       (rc = relay_book_next(r->book, today, last.day ? &last : NULL,
	                             &a, &notes, &n, err)) > 0) {
		struct telling t = {
			.r = r,
			.notes = notes,
			.n = n,
			.domain = notes[0].domain,
			.host = config_hostname(r->o->config),
			.a = &a,
			.budget = { LOOKUPS, clock_steady_us() + POST_US },
		};
		bool due = r->now_us >=
		           relay_report_due(notes[0].day, notes[0].domain);
		enum told what = due ? tell(&t) : TOLD_LATER;

		told += what == TOLD;
		if (what != TOLD_LATER || today - notes[0].day > OLD_DAYS) {
			rc = relay_book_forget(r->book, notes[0].day,
			                       notes[0].domain, err);
			if (rc < 0)
				break;
		}
		arena_reset(&place);
		last.day = notes[0].day;
		last.domain = arena_dup(&place, notes[0].domain);
		arena_reset(&a);
	}
	arena_deinit(&a);
	arena_deinit(&place);
	return rc < 0 ? -1 : told;
}
