#include "score/engine.h"

#include "base/mem.h"
#include "config/config.h"
#include "directory/directory.h"
#include "log/metric.h"
#include "os/clock.h"
#include "score/ask.h"
#include "score/look.h"
#include "wire/message/field.h"
#include "wire/message/header.h"

struct score_engine {
	struct score_engine_options o;
	struct learned *learned;
	struct score_ask *ask;
};

int score_engine_open(struct score_engine **out,
                      const struct score_engine_options *o, struct err *err)
{
	struct score_engine *e = mem_zalloc(sizeof(*e));

	e->o = *o;
	if (learned_open(&e->learned, o->dir, err) < 0) {
		mem_free(e);
		return -1;
	}
	e->ask = score_ask_new(o->config, o->dns);
	*out = e;
	return 0;
}

void score_engine_close(struct score_engine **ep)
{
	struct score_engine *e = *ep;

	if (!e)
		return;
	score_ask_free(&e->ask);
	learned_close(&e->learned);
	mem_free(e);
	*ep = NULL;
}

struct learned *score_engine_learned(struct score_engine *e)
{
	return e->learned;
}

/* ---- settings ---- */

int score_engine_threshold(const struct score_engine *e)
{
	return (int)config_u64(e->o.config, OPT_SCORE_THRESHOLD) * 100;
}

/* A whole number of points, when there is one. */
static bool own_points(struct directory *dir, int64_t owner, int *out)
{
	struct err err = ERR_INIT;
	uint64_t v = 0;

	if (directory_limit_get(dir, owner, STR("spam_points"), &v, &err) < 0 ||
	    v == 0)
		return false;
	*out = v < 1000 ? (int)v * 100 : 100000;
	return true;
}

int score_engine_threshold_of(const struct score_engine *e,
                              struct directory *dir, int64_t account)
{
	struct directory_account row;
	struct err err = ERR_INIT;
	struct arena a;
	int points = 0;

	if (!account)
		return score_engine_threshold(e);
	if (own_points(dir, account, &points))
		return points;
	arena_init(&a);
	if (directory_account_get(dir, account, &a, &row, &err) < 0 ||
	    !own_points(dir, row.domain_id, &points))
		points = score_engine_threshold(e);
	arena_deinit(&a);
	return points;
}

int score_engine_reject(const struct score_engine *e)
{
	return (int)config_u64(e->o.config, OPT_SCORE_REJECT) * 100;
}

bool score_engine_logs_only(const struct score_engine *e)
{
	return config_choice(e->o.config, OPT_SCORE_MODE) == CONFIG_RULE_LOG;
}

bool score_engine_off(const struct score_engine *e)
{
	return config_choice(e->o.config, OPT_SCORE_MODE) == CONFIG_RULE_OFF;
}

static bool learns(const struct score_engine *e)
{
	return config_choice(e->o.config, OPT_SCORE_LEARN) != CONFIG_LEARN_OFF;
}

static bool shares(const struct score_engine *e)
{
	return config_choice(e->o.config, OPT_SCORE_LEARN) ==
	       CONFIG_LEARN_SHARED;
}

/* ---- rating ---- */

/* A domain that was proved, else the network: whoever sends from there. */
static struct str vouch_of(struct arena *a, const struct score_facts *f)
{
	uint8_t ip[16];

	if (f->outgoing)
		return STR("login");
	if (f->auth_domain.n)
		return f->auth_domain;
	if (ip4_parse(f->ip, ip))
		return arena_fmt(a, "%u.%u.%u", ip[0], ip[1], ip[2]);
	if (ip6_parse(f->ip, ip))
		return arena_fmt(a, "%02x%02x:%02x%02x:%02x%02x:%02x%02x",
		                 ip[0], ip[1], ip[2], ip[3], ip[4], ip[5],
		                 ip[6], ip[7]);
	return (struct str){ NULL, 0 };
}

void score_engine_rate(struct score_engine *e, struct arena *a,
                       struct str message, const struct score_facts *f,
                       struct score_rated *out)
{
	struct score_look *l = arena_alloc(a, sizeof(*l));

	*out = (struct score_rated){ .words = NULL };
	score_look_make(a, message, l);
	score_look_rules(l, f, &out->common);
	if (learns(e)) {
		struct score_words *w = arena_alloc(a, sizeof(*w));

		score_words_make(l, w);
		out->words = w;
		out->vouch = vouch_of(a, f);
		out->sender = score_sender_number(l->from_address, out->vouch);
	}
	score_ask_all(e->ask, a, l, f, &out->common);
	score_look_free(l);
	metric_add(METRIC_SCORED, 1);
}

void score_engine_rate_for(struct score_engine *e, const struct score_rated *r,
                           int64_t account, struct score *out)
{
	*out = r->common;
	if (r->words)
		learned_judge(e->learned, account, shares(e), r->words,
		              r->sender, out);
}

/* ---- the field ---- */

void score_rated_field_write(struct buf *out, const struct score_rated *r,
                             const struct score *sc, int threshold)
{
	struct buf b;

	buf_init(&b, 8192);
	score_field_write(&b, sc, threshold);
	if (r->vouch.n && b.n > 2) {
		buf_truncate(&b, b.n - 2);
		buf_add_z(&b, ";\r\n by=");
		for (size_t i = 0; i < r->vouch.n && i < 253; i++)
			if (r->vouch.p[i] > ' ' && r->vouch.p[i] < 0x7f &&
			    r->vouch.p[i] != ';')
				buf_add_c(&b, r->vouch.p[i]);
		buf_add_z(&b, "\r\n");
	}
	buf_add(out, buf_str(&b));
	buf_deinit(&b);
}

struct str score_field_vouch(struct str header)
{
	struct header_reader r = header_reader(header);
	struct header_field f;
	enum header_result res;

	while ((res = header_next(&r, &f)) != HEADER_END) {
		size_t at;

		if (res != HEADER_FIELD ||
		    !str_eq_case(f.name, STR(SCORE_FIELD)))
			continue;
		at = str_find(f.raw, STR("; by="));
		if (at == STR_NPOS)
			at = str_find(f.raw, STR(";\r\n by="));
		if (at == STR_NPOS)
			break;
		f.raw = str_from(f.raw, at);
		return str_trim(
			str_from(f.raw, str_find(f.raw, STR("by=")) + 3));
	}
	return (struct str){ NULL, 0 };
}
