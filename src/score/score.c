#include "score/score.h"

#include <stddef.h>

#include "score/look.h"
#include "score/rules.h"
#include "wire/message/write.h"

const struct score_row score_rows[SCORE_RULES] = {
#define RULE(id, points, ways, sentence) { #id, points, ways, sentence },
#include "score/rules.def"
#undef RULE
};

/* Rows that others answer for have no function. */
static const score_rule_fn functions[] = {
#define SCORE_FUNCTION(id, ways) \
	[SCORE_##id] = (ways)&SCORE_ASKED ? NULL : score_rule_##id,
#define RULE(id, points, ways, sentence) SCORE_FUNCTION(id, ways)
#include "score/rules.def"
#undef RULE
};

void score_add_points(struct score *sc, enum score_rule rule, int points,
                      struct str detail)
{
	if (sc->n == SCORE_PARTS_MAX)
		return;
	sc->parts[sc->n++] = (struct score_part){ rule, points, detail };
	sc->points += points;
}

void score_add(struct score *sc, enum score_rule rule, struct str detail)
{
	score_add_points(sc, rule, score_rows[rule].points, detail);
}

void score_look_rules(const struct score_look *l, const struct score_facts *f,
                      struct score *out)
{
	unsigned way = f->outgoing ? SCORE_OUT : SCORE_IN;

	for (size_t i = 0; i < SCORE_RULES; i++) {
		struct str detail = STR("");

		if ((score_rows[i].ways & way) && functions[i](l, f, &detail))
			score_add(out, (enum score_rule)i, detail);
	}
}

void score_message(struct arena *a, struct str message,
                   const struct score_facts *f, struct score *out)
{
	struct score_look *l = arena_alloc(a, sizeof(*l));

	*out = (struct score){ .points = 0 };
	score_look_make(a, message, l);
	score_look_rules(l, f, out);
	score_look_free(l);
}

enum score_class score_class(const struct score *sc, int threshold)
{
	return threshold > 0 && sc->points >= threshold ? SCORE_IS_SPAM
	                                                : SCORE_IS_HAM;
}

/* ---- as text ---- */

void score_points_write(struct buf *out, int points)
{
	unsigned v = points < 0 ? 0u - (unsigned)points : (unsigned)points;

	if (points < 0)
		buf_add_c(out, '-');
	buf_fmt(out, "%u", v / 100);
	if (v % 100)
		buf_fmt(out, ".%u", v / 10 % 10);
	if (v % 10)
		buf_fmt(out, "%u", v % 10);
}

bool score_points_parse(struct str s, int *out)
{
	bool minus = s.n && s.p[0] == '-';
	struct str whole = minus ? str_from(s, 1) : s, part = { NULL, 0 };
	size_t dot = str_chr(whole, '.');
	uint64_t v, p = 0;

	if (dot != STR_NPOS) {
		part = str_from(whole, dot + 1);
		whole.n = dot;
		if (part.n == 0 || part.n > 2 || !str_to_u64(part, 99, &p))
			return false;
		p *= part.n == 1 ? 10 : 1;
	}
	if (!str_to_u64(whole, 1000, &v))
		return false;
	*out = (int)(v * 100 + p) * (minus ? -1 : 1);
	return true;
}

void score_text_write(struct buf *out, const struct score *sc, int threshold)
{
	score_points_write(out, sc->points);
	buf_add_z(out, " of ");
	score_points_write(out, threshold);
	for (size_t i = 0; i < sc->n; i++) {
		const struct score_part *p = &sc->parts[i];

		buf_fmt(out, "%s %s ", i ? "," : ";", score_rows[p->rule].name);
		score_points_write(out, p->points);
	}
}

void score_field_write(struct buf *out, const struct score *sc, int threshold)
{
	struct buf v;

	buf_init(&v, 8192);
	buf_add_z(&v, score_class(sc, threshold) == SCORE_IS_SPAM ? "yes, "
	                                                          : "no, ");
	score_text_write(&v, sc, threshold);
	header_write(out, STR(SCORE_FIELD), buf_str(&v));
	buf_deinit(&v);
}
