/* Spam and viruses: what is asked about a message, and what follows. */
#include "config/config.h"
#include "intake/private.h"
#include "log/log.h"
#include "log/metric.h"
#include "score/engine.h"

/* Of a message to many accounts so many are asked for their own words. */
#define OWN_MAX 50

static void take_facts(const struct intake_work *w, struct score_facts *f)
{
	const struct intake_message *m = w->m;
	char ip[NET_ADDR_TEXT_MAX];

	*f = (struct score_facts){
		.now_us = w->at_us,
		.outgoing = m->way != INTAKE_MX,
		.helo = m->helo,
		.sender = m->sender,
		.rcpt = m->rcpts_n ? m->rcpts[0].address : STR(""),
		.rcpts = m->rcpts_n,
	};
	if (m->peer.family == NET_IPV4 || m->peer.family == NET_IPV6)
		f->ip = arena_dup(w->arena, str_z(net_addr_text(&m->peer, ip)));
	intake_verify_facts(w, f);
}

/* R39: mail to postmaster and abuse is never refused for what it looks like;
 * a virus is. */
static bool has_role(const struct intake_work *w)
{
	for (size_t i = 0; i < w->m->rcpts_n; i++)
		if (w->m->rcpts[i].route.role)
			return true;
	return false;
}

static void refuse(struct intake_work *w, enum policy_ref ref, struct str why)
{
	struct policy_words words = { .why = why };

	metric_add(ref == REF_VIRUS ? METRIC_VIRUSES : METRIC_SCORED_REFUSED,
	           1);
	intake_say_no(w, ref, &words);
}

static struct str points_text(struct intake_work *w, int points)
{
	struct str out;
	struct buf b;

	buf_init(&b, 100);
	score_points_write(&b, points);
	buf_add_z(&b, " points");
	out = arena_dup(w->arena, buf_str(&b));
	buf_deinit(&b);
	return out;
}

/* "7.2 of 5: DATE_NONE 1.3, LINK_OTHER 1.5" */
static void tell(struct intake_work *w, int64_t account, const struct score *sc,
                 int threshold)
{
	struct buf b;

	buf_init(&b, 4096);
	score_text_write(&b, sc, threshold);
	intake_trail(w, (struct trail_event){ .kind = TRAIL_SCORED,
	                                      .account = account,
	                                      .text = buf_str(&b) });
	buf_deinit(&b);
}

bool intake_score(struct intake_work *w)
{
	struct score_engine *e = w->in->o.score;
	struct score_facts f;
	struct score_rated *r;
	int reject;

	if (!e || score_engine_off(e))
		return true;
	r = arena_zalloc(w->arena, sizeof(*r));
	take_facts(w, &f);
	score_engine_rate(e, w->arena, w->bytes, &f, r);
	w->rated = r;
	tell(w, 0, &r->common, score_engine_threshold(e));
	if (r->common.virus.n) {
		refuse(w, REF_VIRUS, r->common.virus);
		return false;
	}
	if (score_engine_logs_only(e))
		return true;
	if (f.outgoing) {
		if (score_class(&r->common, score_engine_threshold(e)) ==
		    SCORE_IS_HAM)
			return true;
		metric_add(METRIC_SCORED_OUTGOING, 1);
		return intake_admit_spam(w);
	}
	reject = score_engine_reject(e);
	if (score_class(&r->common, reject) == SCORE_IS_SPAM && !has_role(w)) {
		refuse(w, REF_SPAM, points_text(w, r->common.points));
		return false;
	}
	return true;
}

/* Twice the threshold and more is 100, nothing and less 0. */
static unsigned percent_of(int points, int threshold)
{
	int64_t p = threshold > 0 ? (int64_t)points * 50 / threshold : 0;

	return p < 0 ? 0 : p > 100 ? 100 : (unsigned)p;
}

void intake_score_for(struct intake_work *w, int64_t account, size_t nth,
                      struct intake_rating *out)
{
	struct score_engine *e = w->in->o.score;
	struct score sc;
	struct buf b;
	int threshold;

	*out = (struct intake_rating){ .rated = w->rated != NULL };
	if (!w->rated)
		return;
	threshold = score_engine_threshold_of(e, w->in->o.directory, account);
	if (nth < OWN_MAX)
		score_engine_rate_for(e, w->rated, account, &sc);
	else
		sc = w->rated->common;
	if (sc.n != w->rated->common.n)
		tell(w, account, &sc, threshold);
	buf_init(&b, 8192);
	score_rated_field_write(&b, w->rated, &sc, threshold);
	out->field = arena_dup(w->arena, buf_str(&b));
	buf_deinit(&b);
	out->percent = percent_of(sc.points, threshold);
	out->spam = score_class(&sc, threshold) == SCORE_IS_SPAM &&
	            !score_engine_logs_only(e);
}
