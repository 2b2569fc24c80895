#include "score/ask.h"

#include "base/mem.h"
#include "config/config.h"
#include "dns/client.h"
#include "log/log.h"
#include "log/metric.h"
#include "os/clock.h"
#include "score/clamd.h"
#include "score/lists.h"
#include "score/look.h"
#include "score/rspamd.h"

#define LOOKUPS_MAX 60
/* Larger messages are not sent to others. */
#define SENT_MAX ((size_t)50 * 1024 * 1024)
#define LEAST_US (20 * US_PER_MS)

struct score_ask {
	const struct config *cfg;
	struct dns_client *dns;
	_Atomic int64_t rspamd_rests, clamd_rests, lists_rest; /* real time */
};

struct score_ask *score_ask_new(const struct config *cfg,
                                struct dns_client *dns)
{
	struct score_ask *k = mem_zalloc(sizeof(*k));

	k->cfg = cfg;
	k->dns = dns;
	return k;
}

void score_ask_free(struct score_ask **kp)
{
	mem_free(*kp);
	*kp = NULL;
}

/* Still left alone after a failure? */
static bool rests(_Atomic int64_t *until)
{
	return clock_real_us() < atomic_load(until);
}

static void give_rest(_Atomic int64_t *until, enum metric failed,
                      const char *event, const struct err *err)
{
	atomic_store(until, clock_real_us() + ASK_REST_US);
	metric_add(failed, 1);
	log_fail(LOG_WARN, event, err);
}

/* ---- lists in DNS ---- */

struct asking {
	struct score_ask *k;
	struct arena *a;
	struct dns_budget budget;
};

static bool ask_list(void *arg, struct str name)
{
	struct asking *q = arg;
	struct dns_answer ans;

	dns_lookup_within(q->k->dns, &q->budget, name, DNS_A, q->a, &ans);
	if (ans.status != DNS_OK)
		return false;
	for (size_t i = 0; i < ans.n; i++)
		if (lists_says_yes(ans.rdata[i]))
			return true;
	return false;
}

static void ask_lists(struct score_ask *k, struct arena *a,
                      const struct score_look *l, const struct score_facts *f,
                      int64_t until_us, struct score *out)
{
	struct asking q = { .k = k,
		            .a = a,
		            .budget = { .lookups = LOOKUPS_MAX,
		                        .until_us = until_us } };
	const struct str *zones;
	size_t n;

	if (!k->dns || rests(&k->lists_rest))
		return;
	n = config_list(k->cfg, OPT_SCORE_DNSBL, &zones);
	if (n && !f->outgoing && f->ip.n)
		lists_clients(a, zones, n, f->ip, ask_list, &q, out);
	n = config_list(k->cfg, OPT_SCORE_URIBL, &zones);
	if (n && l->links_n)
		lists_links(a, zones, n, l, ask_list, &q, out);
	/* A list that is down must not cost every message all its time. */
	if (clock_steady_us() >= until_us)
		give_rest(&k->lists_rest, METRIC_FAILED_LISTS,
		          "score.lists.trouble",
		          &(struct err){ .kind = ERR_TIMEOUT,
		                         .text = "a list in DNS gave no "
		                                 "answer in time" });
}

/* ---- services ---- */

static void ask_rspamd(struct score_ask *k, struct arena *a,
                       const struct score_look *l, const struct score_facts *f,
                       int64_t until_us, struct score *out)
{
	struct str url = config_str(k->cfg, OPT_SCORE_RSPAMD);
	struct rspamd_answer ans;
	struct err err = ERR_INIT;

	if (url.n == 0 || l->message.n > SENT_MAX || rests(&k->rspamd_rests))
		return;
	metric_add(METRIC_ASKED_RSPAMD, 1);
	if (rspamd_check(url, l->message, f, until_us - clock_real_us(), a,
	                 &ans, &err) < 0)
		give_rest(&k->rspamd_rests, METRIC_FAILED_RSPAMD,
		          "score.rspamd.trouble", &err);
	else if (ans.points)
		score_add_points(out, SCORE_RSPAMD, ans.points, ans.action);
}

static void ask_clamd(struct score_ask *k, struct arena *a,
                      const struct score_look *l, int64_t until_us,
                      struct score *out)
{
	struct str where = config_str(k->cfg, OPT_SCORE_CLAMD);
	struct err err = ERR_INIT;

	if (where.n == 0 || l->message.n > SENT_MAX || rests(&k->clamd_rests))
		return;
	metric_add(METRIC_ASKED_CLAMD, 1);
	if (clamd_check(where, l->message, until_us - clock_real_us(), a,
	                &out->virus, &err) < 0)
		give_rest(&k->clamd_rests, METRIC_FAILED_CLAMD,
		          "score.clamd.trouble", &err);
}

void score_ask_all(struct score_ask *k, struct arena *a,
                   const struct score_look *l, const struct score_facts *f,
                   struct score *out)
{
	int64_t until = clock_real_us() + config_us(k->cfg, OPT_SCORE_TIMEOUT);
	int64_t left;

	ask_clamd(k, a, l, until, out);
	if (out->virus.n)
		return; /* nothing else matters */
	left = until - clock_real_us();
	if (left > LEAST_US)
		ask_lists(k, a, l, f, clock_steady_us() + left, out);
	/* With hardly any time left it could only seem to be down. */
	if (until - clock_real_us() > LEAST_US)
		ask_rspamd(k, a, l, f, until, out);
}
