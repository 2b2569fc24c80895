/* Who vouches for what comes from other servers: SPF (if RCPT did not ask),
 * DKIM and DMARC; then the field that tells readers of it. */
#include <string.h>

#include "config/config.h"
#include "intake/looked.h"
#include "intake/private.h"
#include "log/log.h"
#include "log/metric.h"
#include "policy/admit.h"
#include "score/engine.h"
#include "verify/helo.h"

static enum policy_mode mode(const struct intake_work *w, enum config_option o)
{
	switch (config_choice(w->in->o.config, o)) {
	case CONFIG_RULE_ON: return POLICY_ON;
	case CONFIG_RULE_LOG: return POLICY_LOG;
	default: return POLICY_OFF;
	}
}

/* Without SPF nobody could be told apart from a forger, so DKIM and DMARC
 * are left alone with it. */
static bool is_asked(const struct intake_work *w)
{
	const struct intake_message *m = w->m;

	return w->in->o.verify && m->way == INTAKE_MX && !m->exempt &&
	       (m->peer.family == NET_IPV4 || m->peer.family == NET_IPV6) &&
	       mode(w, OPT_POLICY_SPF) != POLICY_OFF;
}

static struct verify_client client_of(const struct intake_message *m)
{
	struct verify_client c = { .ipv6 = m->peer.family == NET_IPV6,
		                   .helo = m->helo };
	size_t at = str_rchr(m->sender, '@');

	memcpy(c.ip, m->peer.ip, sizeof(c.ip));
	if (at != STR_NPOS) {
		c.local = str_to(m->sender, at);
		c.domain = str_from(m->sender, at + 1);
	}
	return c;
}

static void ask_spf(struct intake_work *w, struct verify_budget *b,
                    struct looked *l)
{
	struct verify_client c = client_of(w->m);

	if (w->m->spf)
		l->spf = *w->m->spf;
	else
		verify_spf(w->in->o.verify, &c, b, w->arena, &l->spf);
}

/* What only the spam filter wants to know of the client. */
static void ask_client(struct intake_work *w, struct verify_budget *b,
                       struct looked *l)
{
	struct verify_client c = client_of(w->m);

	if (!w->in->o.score || score_engine_off(w->in->o.score))
		return;
	switch (verify_helo(w->in->o.verify, &c, b, w->arena)) {
	case VERIFY_HELO_OK: l->helo_ok = SCORE_PASS; break;
	case VERIFY_HELO_TEMP: l->helo_ok = SCORE_TEMP; break;
	case VERIFY_HELO_SYNTAX:
	case VERIFY_HELO_LITERAL:
	case VERIFY_HELO_OURS:
	case VERIFY_HELO_UNKNOWN: l->helo_ok = SCORE_FAIL; break;
	}
	switch (verify_ptr(w->in->o.verify, &c, b, w->arena)) {
	case VERIFY_PTR_OK: l->ptr = SCORE_PASS; break;
	case VERIFY_PTR_NONE: l->ptr = SCORE_NONE; break;
	case VERIFY_PTR_TEMP: l->ptr = SCORE_TEMP; break;
	}
}

/* What failed here may have passed where somebody trusted got it (RFC 8617,
 * 7.2.1). */
static void ask_sealer(const struct intake_work *w, struct looked *l)
{
	const struct str *trusted;
	size_t n = config_list(w->in->o.config, OPT_ARC_TRUSTED, &trusted);
	struct str by;

	if (verify_arc_vouches(&l->arc, trusted, n, l->dmarc.author, w->arena,
	                       &by))
		l->sum.arc_by = by;
}

static void look(struct intake_work *w, struct looked *l)
{
	struct verify *v = w->in->o.verify;
	const struct field_index *ix = &w->fields;
	struct str from = { NULL, 0 };
	struct verify_budget b;

	verify_budget_init(&b);
	ask_spf(w, &b, l);
	ask_client(w, &b, l);
	verify_dkim(v, w->header, str_from(w->bytes, w->header.n), &b, w->arena,
	            &l->dkim);
	l->sum = (struct verify_summary){
		.hostname = config_hostname(w->in->o.config),
		.helo = w->m->helo,
		.spf = &l->spf,
		.dkim = &l->dkim,
	};
	if (mode(w, OPT_POLICY_DMARC) == POLICY_OFF)
		return;
	/* Two fields are shown one way here and another there. */
	if (ix->count[FIELD_FROM] == 1)
		from = ix->first[FIELD_FROM];
	verify_dmarc(v, from, &l->spf, &l->dkim, &b, w->arena, &l->dmarc);
	l->sum.dmarc = &l->dmarc;
	verify_arc(v, w->header, str_from(w->bytes, w->header.n), &b, w->arena,
	           &l->arc);
	l->sum.arc = &l->arc;
	if (l->dmarc.o.result == DMARC_RESULT_FAIL)
		ask_sealer(w, l);
}

/* May reports go to the envelope's sender?  When something vouches for just
 * that: SPF of its domain, or a signature of it.  What vouches for From: says
 * nothing of an envelope that somebody else may have written. */
static bool is_returnable(const struct intake_work *w, const struct looked *l)
{
	size_t at = str_rchr(w->m->sender, '@');
	struct str domain;

	if (at == STR_NPOS)
		return false;
	if (l->spf.result == SPF_PASS && !l->spf.helo)
		return true;
	domain = str_from(w->m->sender, at + 1);
	for (size_t i = 0; i < l->dkim.n; i++)
		if (l->dkim.v[i].status == DKIM_PASS &&
		    str_is_under(domain, l->dkim.v[i].domain))
			return true;
	return false;
}

/* "SPF pass, DKIM pass (partner.example), DMARC pass" */
static void tell(struct intake_work *w, const struct looked *l)
{
	struct buf b;

	buf_init(&b, 4096);
	buf_fmt(&b, "SPF %s", spf_result_name(l->spf.result));
	for (size_t i = 0; i < l->dkim.n; i++)
		buf_fmt(&b, ", DKIM %s (%.*s)",
		        verify_dkim_status_name(l->dkim.v[i].status),
		        STR_ARG(l->dkim.v[i].domain));
	if (l->sum.dmarc)
		buf_fmt(&b, ", DMARC %s", dmarc_result_name(l->dmarc.o.result));
	if (l->arc.status == ARC_PASS)
		buf_fmt(&b, ", ARC pass (%.*s)", STR_ARG(l->arc.sealer));
	if (l->sum.arc_by.n)
		buf_fmt(&b, ", which is trusted");
	intake_trail(w, (struct trail_event){ .kind = TRAIL_VERIFIED,
	                                      .text = buf_str(&b) });
	buf_deinit(&b);
}

static void note(struct intake_work *w, const struct looked *l)
{
	struct log_line line;
	size_t i;

	log_begin(&line, LOG_INFO, "intake.verified");
	log_u64(&line, "sid", w->m->session);
	log_z(&line, "qid", w->trace);
	log_z(&line, "spf", spf_result_name(l->spf.result));
	for (i = 0; i < l->dkim.n; i++) {
		log_z(&line, "dkim",
		      verify_dkim_status_name(l->dkim.v[i].status));
		log_str(&line, "d", l->dkim.v[i].domain);
	}
	if (l->sum.dmarc) {
		log_z(&line, "dmarc", dmarc_result_name(l->dmarc.o.result));
		log_str(&line, "author", l->dmarc.author);
		if (l->arc.status != ARC_NONE)
			log_z(&line, "arc",
			      verify_arc_status_name(l->arc.status));
		if (l->sum.arc_by.n)
			log_str(&line, "arc_by", l->sum.arc_by);
	}
	log_end(&line);
	tell(w, l);
}

static bool only_roles(const struct intake_message *m)
{
	for (size_t i = 0; i < m->rcpts_n; i++)
		if (!m->rcpts[i].route.role)
			return false;
	return true;
}

/* What the author's domain asks for; false after the message was refused. */
static bool obey(struct intake_work *w, const struct looked *l)
{
	bool failed =
		l->dmarc.o.result == DMARC_RESULT_FAIL && l->sum.arc_by.n == 0;
	struct policy_facts f = {
		.step = POLICY_DATA,
		.from_own = true,
		.dmarc_mode = mode(w, OPT_POLICY_DMARC),
		.dmarc_reject = failed && l->dmarc.o.policy == DMARC_REJECT,
		.author = l->dmarc.author,
		.role = only_roles(w->m),
	};
	struct policy_verdict v = policy_admit(&f);
	struct policy_words words = { .why = str_z(v.why) };

	if (v.ref != REF_NONE) {
		intake_say_no(w, v.ref, &words);
		return false;
	}
	if (v.logged != REF_NONE)
		log_msg(LOG_INFO, "intake.noted", "%s: policy of %.*s",
		        policy_reply(v.logged)->ref, STR_ARG(l->dmarc.author));
	w->quarantine = f.dmarc_mode == POLICY_ON && failed &&
	                l->dmarc.o.policy != DMARC_NONE;
	return true;
}

bool intake_verify(struct intake_work *w)
{
	struct looked *l;
	struct buf b;

	if (!is_asked(w))
		return true;
	l = arena_zalloc(w->arena, sizeof(*l));
	look(w, l);
	w->looked = l;
	w->returnable = is_returnable(w, l);
	note(w, l);
	if (!obey(w, l)) {
		intake_tally(w, true);
		return false;
	}
	intake_tally(w, false);
	buf_init(&b, 8192);
	verify_results_write(&b, &l->sum);
	if (!buf_overflow(&b))
		w->auth_results = arena_dup(w->arena, buf_str(&b));
	buf_deinit(&b);
	return true;
}

static enum score_auth spf_score(enum spf_result r)
{
	switch (r) {
	case SPF_PASS: return SCORE_PASS;
	case SPF_FAIL: return SCORE_FAIL;
	case SPF_SOFTFAIL: return SCORE_SOFTFAIL;
	case SPF_TEMPERROR:
	case SPF_PERMERROR: return SCORE_TEMP;
	case SPF_NONE:
	case SPF_NEUTRAL: break;
	}
	return SCORE_NONE;
}

/* The best of all signatures. */
static enum score_auth dkim_score(const struct verify_dkim_result *r,
                                  struct str *domain)
{
	enum score_auth best = r->n ? SCORE_FAIL : SCORE_NONE;

	for (size_t i = 0; i < r->n; i++) {
		if (r->v[i].status == DKIM_PASS) {
			*domain = r->v[i].domain;
			return SCORE_PASS;
		}
		if (r->v[i].status == DKIM_TEMPERROR)
			best = SCORE_TEMP;
	}
	return best;
}

static enum score_auth dmarc_score(enum dmarc_result r)
{
	switch (r) {
	case DMARC_RESULT_PASS: return SCORE_PASS;
	case DMARC_RESULT_FAIL: return SCORE_FAIL;
	case DMARC_RESULT_TEMPERROR:
	case DMARC_RESULT_PERMERROR: return SCORE_TEMP;
	case DMARC_RESULT_NONE: break;
	}
	return SCORE_NONE;
}

void intake_verify_facts(const struct intake_work *w, struct score_facts *f)
{
	const struct looked *l = w->looked;
	const struct verify_summary *s;

	if (!l)
		return;
	s = &l->sum;
	f->helo_ok = l->helo_ok;
	f->ptr = l->ptr;
	f->spf = spf_score(s->spf->result);
	if (f->spf == SCORE_PASS)
		f->auth_domain = s->spf->domain;
	f->dkim = dkim_score(s->dkim, &f->auth_domain);
	if (!s->dmarc)
		return;
	f->dmarc = s->arc_by.n ? SCORE_NONE : dmarc_score(s->dmarc->o.result);
	f->aligned = s->dmarc->o.aligned_spf || s->dmarc->o.aligned_dkim;
	if (f->aligned)
		f->auth_domain = s->dmarc->author;
}
