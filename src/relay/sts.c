#include "relay/sts.h"

#include <stdio.h>

#include "dns/client.h"
#include "fetch/fetch.h"
#include "os/clock.h"
#include "wire/dns/rdata.h"

/* RFC 8461, 3.3 suggests a minute; mail waits for it, and so does a stop. */
#define FETCH_US (10 * US_PER_SEC)
/* What is used is got anew so often, so that it never expires (RFC 8461,
 * 10.2: an attacker waits for that). */
#define REFRESH_US US_PER_DAY

bool relay_sts_must_fetch(const struct relay_sts_facts *f)
{
	int64_t refresh_us = f->max_age_us / 2;

	if (refresh_us > REFRESH_US)
		refresh_us = REFRESH_US;
	if (!f->recorded)
		return false;
	if (f->tried_ago_us >= 0 && f->tried_ago_us < RELAY_STS_RETRY_US)
		return false;
	return !f->kept || !f->same || f->age_us >= refresh_us;
}

struct search {
	struct relay_sts *out;
	const struct relay_sts_asker *ask;
	struct str domain;
	struct arena *a;
	struct relay_book_policy known;
	struct mtasts_policy *policy; /* of known.file */
	struct str id;                /* in DNS; "" : no valid record */
};

static void trouble(struct search *s, const char *result, const char *why)
{
	s->out->result = result;
	(void)snprintf(s->out->why, sizeof(s->out->why), "%.190s", why);
}

/* ---- the record ---- */

static void look_up_id(struct search *s)
{
	struct str name = arena_fmt(s->a, "_mta-sts.%.*s", STR_ARG(s->domain)),
		   txt, id;
	struct dns_answer ans;
	size_t found = 0;

	dns_lookup_within(s->ask->dns->dns, s->ask->dns->budget, name, DNS_TXT,
	                  s->a, &ans);
	for (size_t i = 0; ans.status == DNS_OK && i < ans.n; i++)
		if (dns_txt_read(ans.rdata[i], s->a, &txt) &&
		    mtasts_record_is(txt)) {
			found++;
			if (mtasts_record_parse(txt, &id))
				s->id = id;
		}
	/* RFC 8461, 3.1: with several there is none. */
	if (found != 1)
		s->id = STR("");
}

/* ---- the file ---- */

static size_t look_up_host(struct search *s, struct str name,
                           struct str out[FETCH_ADDRESSES_MAX])
{
	struct relay_host h = { .name = name };
	struct relay_addresses addrs;
	struct relay_outcome why;
	char text[NET_ADDR_TEXT_MAX];

	if (!relay_host_addresses(&addrs, s->ask->dns, &h, s->a, &why))
		return 0;
	for (size_t i = 0; i < addrs.n; i++)
		out[i] = arena_dup(s->a,
		                   str_z(net_addr_text(&addrs.v[i], text)));
	return addrs.n;
}

static bool is_text(struct str type)
{
	struct str kind = type;

	(void)str_cut(&type, ';', &kind);
	return str_eq_case(str_trim(kind), STR("text/plain"));
}

static bool download(struct search *s, struct str *file)
{
	struct str addresses[FETCH_ADDRESSES_MAX];
	struct str host = arena_fmt(s->a, "mta-sts.%.*s", STR_ARG(s->domain));
	struct fetch_request q = {
		.url = arena_fmt(s->a,
		                 "https://%.*s:%u/.well-known/mta-sts.txt",
		                 STR_ARG(host), s->ask->port),
		.addresses = addresses,
		.addresses_n = look_up_host(s, host, addresses),
		.timeout_us = FETCH_US,
		.size_max = MTASTS_POLICY_MAX,
		.ca_file = s->ask->ca_file,
	};
	struct fetch_answer ans;
	struct err err = ERR_INIT;

	if (q.addresses_n == 0) {
		trouble(s, "sts-policy-fetch-error", "its host has no address");
		return false;
	}
	if (fetch(&q, s->a, &ans, &err) < 0) {
		trouble(s,
		        err.kind == ERR_DENIED    ? "sts-webpki-invalid"
		        : err.kind == ERR_TOO_BIG ? "sts-policy-invalid"
		                                  : "sts-policy-fetch-error",
		        err.text);
		return false;
	}
	/* RFC 8461, 3.3: redirects are not followed. */
	if (ans.status != 200 || !is_text(ans.type)) {
		char why[60];

		(void)snprintf(why, sizeof(why),
		               ans.status == 200 ? "it is no text (%u)"
		                                 : "the answer is %u",
		               ans.status);
		trouble(s, "sts-policy-fetch-error", why);
		return false;
	}
	*file = ans.body;
	return true;
}

static void get_anew(struct search *s)
{
	struct relay_book_policy now = s->known;
	struct mtasts_policy *p = arena_alloc(s->a, sizeof(*p));
	const char *wrong = NULL;
	struct err err = ERR_INIT;
	struct str file;
	bool ok = download(s, &file);

	if (ok && !mtasts_policy_parse(file, p, &wrong)) {
		trouble(s, "sts-policy-invalid", wrong);
		ok = false;
	}
	now.tried_us = s->ask->now_us;
	now.why = ok ? STR("") : str_z(s->out->why);
	if (ok) {
		now.id = s->id;
		now.file = file;
		now.fetched_us = s->ask->now_us;
		s->policy = p;
		s->known = now;
	}
	/* When it cannot be kept it holds for this time alone. */
	if (relay_book_policy_put(s->ask->book, s->domain, &now, &err) < 0)
		trouble(s, s->out->result, err.text);
}

/* ---- both ---- */

/* What is kept and has not expired. */
static void read_book(struct search *s)
{
	struct mtasts_policy *p = arena_alloc(s->a, sizeof(*p));
	struct err err = ERR_INIT;
	const char *why;

	if (relay_book_policy_get(s->ask->book, s->domain, s->a, &s->known,
	                          &err) <= 0 ||
	    s->known.fetched_us == 0 ||
	    !mtasts_policy_parse(s->known.file, p, &why) ||
	    s->ask->now_us - s->known.fetched_us >=
	            (int64_t)p->max_age_s * US_PER_SEC)
		return;
	s->policy = p;
}

void relay_sts_find(struct relay_sts *out, const struct relay_sts_asker *ask,
                    struct str domain, struct arena *a)
{
	struct search s = { .out = out, .ask = ask, .domain = domain, .a = a };
	struct relay_sts_facts f;

	*out = (struct relay_sts){ .result = "" };
	read_book(&s);
	look_up_id(&s);
	f = (struct relay_sts_facts){
		.recorded = s.id.n > 0,
		.same = str_eq(s.id, s.known.id),
		.kept = s.policy != NULL,
		.age_us = ask->now_us - s.known.fetched_us,
		.max_age_us =
			s.policy ? (int64_t)s.policy->max_age_s * US_PER_SEC
				 : 0,
		.tried_ago_us =
			s.known.why.n ? ask->now_us - s.known.tried_us : -1,
	};
	if (relay_sts_must_fetch(&f))
		get_anew(&s);
	else if (f.recorded && s.known.why.n && !(f.kept && f.same))
		trouble(&s, "sts-policy-fetch-error",
		        arena_strz(a, s.known.why));
	if (!s.policy)
		return;
	out->policy = s.policy;
	out->file = s.known.file;
}
