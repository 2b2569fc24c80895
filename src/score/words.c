#include "score/words.h"

#include <string.h>

#include "base/map.h"
#include "score/look.h"
#include "text/fold.h"

/* Everybody's numbers are the same: one model may serve another. */
#define SEED      UINT64_C(0x506f73746875731)

#define WORD_MIN  3
#define WORD_LONG 24

/* Where it stood. */
enum place {
	PLACE_TEXT = 't',
	PLACE_PAIR = 'p',
	PLACE_SUBJECT = 's',
	PLACE_NAME = 'n',
	PLACE_FROM = 'f',
	PLACE_LINK = 'u',
	PLACE_FILE = 'e',
	PLACE_FORM = 'c',
	PLACE_FIELD = 'h',
	PLACE_MAILER = 'm',
	PLACE_LONG = 'l',
};

#define SLOTS 2048 /* a power of two, over twice WORDS_MAX */

struct maker {
	struct score_words *out;
	size_t max; /* of what is read now */
	uint64_t slots[SLOTS];
	uint64_t before; /* the last word, for pairs */
};

static void add_number(struct maker *m, uint64_t v)
{
	size_t at;

	if (v == 0)
		v = 1;
	if (m->out->n >= m->max)
		return;
	for (at = v & (SLOTS - 1); m->slots[at]; at = (at + 1) & (SLOTS - 1))
		if (m->slots[at] == v)
			return;
	m->slots[at] = v;
	m->out->v[m->out->n++] = v;
}

static void add(struct maker *m, enum place place, struct str s)
{
	add_number(m, map_hash(SEED + (uint64_t)place, s));
}

/* "http" and a host of 60 letters tell more by their length. */
static void add_long(struct maker *m, enum place place, struct str s)
{
	char shape[3] = { (char)place, s.p[0], (char)('0' + s.n / 10 % 64) };

	add(m, PLACE_LONG, (struct str){ shape, sizeof(shape) });
}

static bool is_word(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c >= 0x80 ||
	       c == '$' || c == '\'' || c == '-';
}

static void take_word(struct maker *m, enum place place, struct str s)
{
	uint64_t h;

	while (s.n && (s.p[0] == '-' || s.p[0] == '\''))
		s = str_from(s, 1);
	while (s.n && (s.p[s.n - 1] == '-' || s.p[s.n - 1] == '\''))
		s.n--;
	if (s.n < WORD_MIN)
		return;
	if (s.n > WORD_LONG) {
		add_long(m, place, s);
		return;
	}
	h = map_hash(SEED + (uint64_t)place, s);
	add_number(m, h);
	if (place == PLACE_TEXT || place == PLACE_SUBJECT) {
		if (m->before)
			add_number(m, (m->before * 31) ^ h ^ PLACE_PAIR);
		m->before = h;
	}
}

/* `folded` is lower case, without diacritics. */
static void take_words(struct maker *m, enum place place, struct str folded)
{
	size_t from = 0;

	m->before = 0;
	for (size_t i = 0; i <= folded.n; i++) {
		if (i < folded.n && is_word((unsigned char)folded.p[i]))
			continue;
		if (i > from)
			take_word(m, place,
			          (struct str){ folded.p + from, i - from });
		from = i + 1;
		if (m->out->n >= m->max)
			return;
	}
}

static void fold_words(struct maker *m, enum place place, struct str utf8)
{
	struct buf b;

	buf_init(&b, utf8.n * 4 + 64);
	text_fold(&b, utf8);
	take_words(m, place, buf_str(&b));
	buf_deinit(&b);
}

/* "shop.a.example" gives itself, "a.example". */
static void take_domain(struct maker *m, enum place place, struct str d)
{
	for (int i = 0; i < 4 && d.n; i++) {
		size_t dot = str_chr(d, '.');

		if (dot == STR_NPOS)
			return;
		add(m, place, d);
		d = str_from(d, dot + 1);
	}
}

static void take_sender(struct maker *m, const struct score_look *l)
{
	const struct address *reply = address_list_first(&l->reply_to);

	if (l->from_address.n) {
		add(m, PLACE_FROM, l->from_address);
		take_domain(m, PLACE_FROM, l->from_domain);
	}
	if (reply && reply->domain.n && reply->domain.n < 256)
		add(m, PLACE_FORM, reply->domain);
	fold_words(m, PLACE_NAME, l->from_name);
}

/* Which fields there are, but for those that every server adds. */
static void take_fields(struct maker *m, const struct score_look *l)
{
	static const enum field_id told[] = {
		FIELD_SENDER,           FIELD_CC,
		FIELD_IN_REPLY_TO,      FIELD_REFERENCES,
		FIELD_LIST_ID,          FIELD_LIST_POST,
		FIELD_PRECEDENCE,       FIELD_IMPORTANCE,
		FIELD_X_PRIORITY,       FIELD_USER_AGENT,
		FIELD_X_MAILER,         FIELD_DISPOSITION_TO,
		FIELD_LIST_UNSUBSCRIBE, FIELD_AUTO_SUBMITTED,
	};
	struct str v;

	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++)
		if (l->fields.count[told[i]])
			add(m, PLACE_FIELD, field_name(told[i]));
	v = l->fields.first[FIELD_X_MAILER];
	if (v.n == 0)
		v = l->fields.first[FIELD_USER_AGENT];
	fold_words(m, PLACE_MAILER, str_to(v, v.n < 100 ? v.n : 100));
}

static void take_parts(struct maker *m, const struct score_look *l)
{
	unsigned n = 0;

	for (const struct mime_part *p = l->root; p && n < 20;
	     p = mime_part_next(p), n++) {
		struct str charset =
			mime_params_value(&p->params, STR("charset"));

		fold_words(m, PLACE_FORM,
		           str_to(p->subtype,
		                  p->subtype.n < 30 ? p->subtype.n : 30));
		fold_words(m, PLACE_FORM,
		           str_to(charset, charset.n < 30 ? charset.n : 30));
	}
	for (size_t i = 0; i < l->files_n; i++) {
		size_t dot = str_rchr(l->file_names[i], '.');

		if (dot != STR_NPOS && l->file_names[i].n - dot < 12)
			fold_words(m, PLACE_FILE,
			           str_from(l->file_names[i], dot + 1));
	}
}

void score_words_make(const struct score_look *l, struct score_words *out)
{
	struct maker m = { .out = out, .max = WORDS_MAX / 4 };

	out->n = 0;
	out->message = map_hash(SEED, l->message);
	take_sender(&m, l);
	take_fields(&m, l);
	take_parts(&m, l);
	for (size_t i = 0; i < l->links_n; i++)
		take_domain(&m, PLACE_LINK, l->links[i].host);
	m.max = WORDS_MAX / 3;
	fold_words(&m, PLACE_SUBJECT,
	           str_to(l->subject, l->subject.n < 400 ? l->subject.n : 400));
	m.max = WORDS_MAX;
	/* More than this many bytes hold more words than are taken. */
	fold_words(&m, PLACE_TEXT,
	           str_to(buf_str(&l->text),
	                  l->text.n < 8192 ? l->text.n : 8192));
}

uint64_t score_sender_number(struct str address, struct str vouch)
{
	uint64_t h;

	if (address.n == 0 || vouch.n == 0)
		return 0;
	h = map_hash(SEED + 'a', address) * 31 ^ map_hash(SEED + 'v', vouch);
	return h ? h : 1;
}
