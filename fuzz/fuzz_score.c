/* Any bytes as a message, coming in and going out: what is seen keeps within
 * its limits, the points are the sum of the parts, and the field is one. */
#include <assert.h>

#include "base/mem.h"
#include "score/clamd.h"
#include "score/engine.h"
#include "score/look.h"
#include "score/rspamd.h"
#include "score/score.h"
#include "wire/html/walk.h"
#include "wire/message/header.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_look(struct arena *a, struct str in)
{
	struct score_look *l = mem_alloc(sizeof(*l));

	score_look_make(a, in, l);
	assert(l->links_n <= LOOK_LINKS_MAX);
	assert(l->links_n <= l->links_seen);
	assert(l->files_n <= LOOK_FILES_MAX);
	assert(l->text.n <= LOOK_TEXT_MAX * LOOK_TEXTS_MAX + 64);
	for (size_t i = 0; i < l->links_n; i++)
		assert(l->links[i].host.n <= 253);
	score_look_free(l);
	mem_free(l);
}

static void check_score(struct arena *a, struct str in, bool outgoing)
{
	struct score_facts f = { .now_us = INT64_C(1772539200000000),
		                 .outgoing = outgoing };
	struct header_reader r;
	struct header_field h;
	struct score sc;
	struct buf b;
	int sum = 0;

	score_message(a, in, &f, &sc);
	assert(sc.n <= SCORE_PARTS_MAX);
	for (size_t i = 0; i < sc.n; i++)
		sum += sc.parts[i].points;
	assert(sum == sc.points);
	buf_init(&b, 1 << 16);
	score_field_write(&b, &sc, 500);
	r = header_reader(buf_str(&b));
	assert(header_next(&r, &h) == HEADER_FIELD);
	assert(str_eq(h.name, STR(SCORE_FIELD)));
	assert(header_next(&r, &h) == HEADER_END);
	buf_deinit(&b);
}

static void check_html(struct str in)
{
	struct html_walk w = html_walk(in);
	struct html_token t;
	struct str v;
	size_t n = 0;

	while (html_next(&w, &t)) {
		assert(++n <= in.n * 2 + 2);
		(void)html_attr(t.attrs, STR("href"), &v);
	}
}

/* The same bytes as answers of others, and as a field that is read again. */
static void check_answers(struct arena *a, struct str in)
{
	struct rspamd_answer ans = { .points = 0 };
	struct err err = ERR_INIT;
	struct str s;

	if (rspamd_read(in, a, &ans, &err) == 0)
		assert(ans.points >= -2000 && ans.points <= 2000);
	if (clamd_read(in, a, &s, &err) == 0)
		for (size_t i = 0; i < s.n; i++)
			assert(s.p[i] > ' ' && s.p[i] < 0x7f);
	s = score_field_vouch(in);
	assert(s.n <= in.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = { (const char *)data, size };
	struct arena a;

	arena_init(&a);
	check_look(&a, in);
	check_score(&a, in, false);
	check_score(&a, in, true);
	check_html(in);
	check_answers(&a, in);
	arena_deinit(&a);
	return 0;
}
