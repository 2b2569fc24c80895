/*
 * Any bytes as the arguments of a command, the first byte choosing which.  All
 * views lie in the input or the arena, and what can be written reads back as
 * the same.
 */
#include <assert.h>

#include "wire/imap/args.h"
#include "wire/imap/date.h"
#include "wire/imap/fetch.h"
#include "wire/imap/pattern.h"
#include "wire/imap/search.h"
#include "wire/imap/utf7.h"
#include "wire/imap/write.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void search(struct imap_parser *p)
{
	struct imap_search_program prog, again;
	struct buf one, two;
	struct imap_parser q;

	if (!imap_parse_search(p, &prog))
		return;
	buf_init(&one, 1 << 20);
	buf_init(&two, 1 << 20);
	imap_search_write(&one, prog.root);
	q = imap_parser(buf_str(&one), p->arena);
	assert(imap_parse_search(&q, &again));
	imap_search_write(&two, again.root);
	assert(str_eq(buf_str(&one), buf_str(&two)));
	buf_deinit(&one);
	buf_deinit(&two);
}

static void fetch(struct imap_parser *p)
{
	struct imap_fetch f;
	struct buf b;

	if (!imap_parse_fetch(p, &f))
		return;
	buf_init(&b, 1 << 20);
	for (size_t i = 0; i < f.n_sections; i++) {
		struct imap_parser q;
		struct imap_fetch again;

		buf_reset(&b);
		imap_write_section(&b, &f.sections[i]);
		if (f.sections[i].partial) {
			buf_truncate(&b, b.n - 1);
			buf_fmt(&b, ".%u>", f.sections[i].count);
		}
		q = imap_parser(buf_str(&b), p->arena);
		assert(imap_parse_fetch(&q, &again) && imap_parse_end(&q));
		assert(again.n_sections == 1);
	}
	buf_deinit(&b);
}

static void set(struct imap_parser *p)
{
	struct imap_seqset s, again;
	struct imap_parser q;
	struct buf b;

	if (!imap_parse_seqset(p, &s) || s.saved)
		return;
	imap_seqset_resolve(&s, 1000);
	buf_init(&b, 1 << 20);
	imap_seqset_write(&b, &s);
	q = imap_parser(buf_str(&b), p->arena);
	assert(imap_parse_seqset(&q, &again));
	assert(again.n == s.n);
	for (size_t i = 0; i < s.n; i++) {
		assert(s.r[i].first <= s.r[i].last);
		assert(i == 0 || s.r[i].first > s.r[i - 1].last + 1);
		assert(imap_seqset_has(&s, s.r[i].first));
	}
	buf_deinit(&b);
}

static void names(struct str in)
{
	struct buf b, c;

	buf_init(&b, 1 << 20);
	buf_init(&c, 1 << 20);
	if (imap_utf7_decode(&b, in)) {
		imap_utf7_encode(&c, buf_str(&b));
		assert(str_eq(buf_str(&c), in));
	}
	buf_reset(&c);
	imap_utf7_encode(&c, in);
	buf_reset(&b);
	assert(imap_utf7_decode(&b, buf_str(&c)));
	buf_deinit(&b);
	buf_deinit(&c);
}

static void strings(struct imap_parser *p)
{
	struct imap_parser q;
	struct str s, t;
	struct buf b;

	if (!imap_parse_astring(p, &s))
		return;
	buf_init(&b, 1 << 20);
	imap_write_astring(&b, s);
	q = imap_parser(buf_str(&b), p->arena);
	assert(imap_parse_astring(&q, &t) && str_eq(s, t));
	buf_deinit(&b);
}

/* What is set can be written, and reads back as the same. */
static bool set_metadata(struct imap_parser *p)
{
	struct imap_setmetadata s, again;
	struct imap_parser q;
	struct buf b;

	if (!imap_parse_setmetadata(p, &s))
		return false;
	assert(s.n > 0 && s.n <= IMAP_ENTRIES_MAX);
	buf_init(&b, 1 << 20);
	imap_write_astring(&b, s.mailbox);
	for (size_t i = 0; i < s.n; i++) {
		buf_add_z(&b, i ? " " : " (");
		imap_write_astring(&b, s.v[i].entry);
		buf_add_c(&b, ' ');
		imap_write_nstring(&b, s.v[i].value, false);
	}
	buf_add_c(&b, ')');
	q = imap_parser(buf_str(&b), p->arena);
	assert(imap_parse_setmetadata(&q, &again) && imap_parse_end(&q));
	assert(str_eq(s.mailbox, again.mailbox) && s.n == again.n);
	for (size_t i = 0; i < s.n; i++) {
		assert(str_eq(s.v[i].entry, again.v[i].entry));
		assert(!s.v[i].value.p == !again.v[i].value.p);
		assert(str_eq(s.v[i].value, again.v[i].value));
	}
	buf_deinit(&b);
	return true;
}

static bool get_metadata(struct imap_parser *p)
{
	struct imap_getmetadata g;

	if (!imap_parse_getmetadata(p, &g))
		return false;
	assert(g.entries.n > 0 && g.entries.n <= IMAP_ENTRIES_MAX);
	assert(g.depth <= IMAP_DEPTH_INFINITY);
	return true;
}

static void others(struct imap_parser *p, unsigned which)
{
	union {
		struct imap_list list;
		struct imap_select select;
		struct imap_store store;
		struct imap_append append;
		struct imap_id id;
		int64_t us;
	} u;

	bool ok = false;

	switch (which) {
	case 0: ok = imap_parse_list(p, &u.list); break;
	case 1: ok = imap_parse_select(p, &u.select); break;
	case 2: ok = imap_parse_store(p, &u.store); break;
	case 3: ok = imap_parse_append(p, &u.append); break;
	case 4: ok = imap_parse_id(p, &u.id); break;
	case 5: ok = imap_parse_date_time(p, &u.us); break;
	case 6: ok = get_metadata(p); break;
	case 7: ok = set_metadata(p); break;
	default: break;
	}
	assert(ok || p->error || which > 7);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct imap_parser p;
	struct arena a;
	struct str in;

	if (size < 1)
		return 0;
	in = (struct str){ (const char *)data + 1, size - 1 };
	arena_init(&a);
	p = imap_parser(in, &a);
	switch (data[0] % 16) {
	case 0: search(&p); break;
	case 1: fetch(&p); break;
	case 2: set(&p); break;
	case 3: names(in); break;
	case 4: strings(&p); break;
	case 5:
		(void)imap_pattern_match(str_to(in, in.n / 2),
		                         str_from(in, in.n / 2));
		break;
	default: others(&p, data[0] % 16 - 6u); break;
	}
	arena_deinit(&a);
	return 0;
}
