#include "score/model.h"

#include <assert.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "os/file.h"

#define MAGIC       "PHwords1"
#define ORDER       0x01020304u
#define SLOTS_LEAST 12 /* 2^12: 32 KiB */
#define SLOTS_MOST  18
#define SEEN_LEAST  256u

struct header {
	char magic[8];
	uint32_t order;
	uint32_t bits;            /* of the number of slots */
	uint32_t used;            /* slots */
	uint32_t spam, ham;       /* messages */
	uint32_t seen_max;        /* room of the ring */
	uint32_t seen_n, seen_at; /* filled, and where the next goes */
	uint32_t zero[6];
};

struct slot {
	uint32_t tag; /* 0: empty */
	uint16_t spam, ham;
};

_Static_assert(sizeof(struct header) == 64, "the header has 64 bytes");
_Static_assert(sizeof(struct slot) == 8, "a slot has 8 bytes");

static size_t size_of(uint32_t bits, uint32_t seen_max)
{
	return sizeof(struct header) + (size_t)seen_max * 8 +
	       ((size_t)sizeof(struct slot) << bits);
}

static bool is_sound(const struct header *h, size_t n)
{
	return memcmp(h->magic, MAGIC, 8) == 0 && h->order == ORDER &&
	       h->bits >= SLOTS_LEAST && h->bits <= SLOTS_MOST &&
	       h->seen_max >= SEEN_LEAST && h->seen_max <= MODEL_SEEN_MAX &&
	       h->seen_n <= h->seen_max && h->seen_at < h->seen_max &&
	       h->used < UINT32_C(1) << h->bits &&
	       n == size_of(h->bits, h->seen_max);
}

static uint32_t tag_of(uint64_t word)
{
	uint32_t t = (uint32_t)word;

	return t ? t : 1;
}

/* The slot of a tag, or the empty one where it would go.  A damaged table
 * without an empty slot ends after one round. */
static size_t find(const struct slot *slots, uint32_t bits, uint32_t tag)
{
	size_t mask = ((size_t)1 << bits) - 1, n = 0;
	size_t at = (tag * 0x9e3779b1u) >> (32 - bits);

	while (slots[at].tag && slots[at].tag != tag && n++ < mask)
		at = (at + 1) & mask;
	return at;
}

/* ---- to judge by ---- */

struct model {
	void *map;
	size_t n;
	const struct header *h; /* NULL: knows nothing */
	const struct slot *slots;
};

int model_open(struct model **out, const char *path, struct err *err)
{
	struct model *m = mem_zalloc(sizeof(*m));
	struct stat st;
	int fd = file_open(path, O_RDONLY, 0, err);

	*out = m;
	if (fd < 0 && err->kind == ERR_NOT_FOUND)
		return 0;
	if (fd >= 0 && fstat(fd, &st) == 0 &&
	    (size_t)st.st_size >= sizeof(struct header)) {
		void *p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED,
		               fd, 0);

		if (p != MAP_FAILED) {
			m->map = p;
			m->n = (size_t)st.st_size;
			m->h = p;
		}
	}
	file_close(&fd);
	if (m->h && is_sound(m->h, m->n)) {
		const char *p = m->map;

		p += sizeof(*m->h) + (size_t)m->h->seen_max * 8;
		m->slots = (const struct slot *)(const void *)p;
		return 0;
	}
	model_close(out);
	return err_set(err, ERR_CORRUPT, "%s does not read back", path);
}

void model_close(struct model **mp)
{
	struct model *m = *mp;

	if (!m)
		return;
	if (m->map)
		(void)munmap(m->map, m->n);
	mem_free(m);
	*mp = NULL;
}

struct model_count model_messages(const struct model *m)
{
	return m->h ? (struct model_count){ m->h->spam, m->h->ham }
	            : (struct model_count){ 0, 0 };
}

uint32_t model_words(const struct model *m)
{
	return m->h ? m->h->used : 0;
}

struct model_count model_get(const struct model *m, uint64_t word)
{
	const struct slot *s;

	if (!m->h)
		return (struct model_count){ 0, 0 };
	s = &m->slots[find(m->slots, m->h->bits, tag_of(word))];
	if (s->tag != tag_of(word))
		return (struct model_count){ 0, 0 };
	return (struct model_count){ s->spam, s->ham };
}

/* ---- to teach ---- */

struct model_edit {
	struct header h;
	uint64_t *seen;
	struct slot *slots;
};

static void begin_anew(struct model_edit *e)
{
	e->h = (struct header){ .order = ORDER,
		                .bits = SLOTS_LEAST,
		                .seen_max = SEEN_LEAST };
	memcpy(e->h.magic, MAGIC, 8);
	e->seen = mem_array(SEEN_LEAST, 8);
	e->slots = mem_array((size_t)1 << SLOTS_LEAST, sizeof(*e->slots));
}

int model_load(struct model_edit **out, const char *path, struct err *err)
{
	size_t most = size_of(SLOTS_MOST, MODEL_SEEN_MAX), n, seen, slots;
	struct model_edit *e;
	char *p = NULL;

	if (file_read_all(path, most, &p, &n, err) < 0) {
		if (err->kind != ERR_NOT_FOUND && err->kind != ERR_TOO_BIG)
			return -1;
		n = 0;
	}
	e = mem_zalloc(sizeof(*e));
	if (n >= sizeof(e->h))
		memcpy(&e->h, p, sizeof(e->h));
	if (n < sizeof(e->h) || !is_sound(&e->h, n)) {
		begin_anew(e);
	} else {
		seen = (size_t)e->h.seen_max * 8;
		slots = sizeof(*e->slots) << e->h.bits;
		e->seen = mem_alloc(seen);
		e->slots = mem_alloc(slots);
		memcpy(e->seen, p + sizeof(e->h), seen);
		memcpy(e->slots, p + sizeof(e->h) + seen, slots);
	}
	mem_free(p);
	*out = e;
	return 0;
}

void model_free(struct model_edit **ep)
{
	struct model_edit *e = *ep;

	if (!e)
		return;
	mem_free(e->seen);
	mem_free(e->slots);
	mem_free(e);
	*ep = NULL;
}

/* Into a table of `bits`; with `halve` what counts nothing stays behind. */
static void rebuild(struct model_edit *e, uint32_t bits, bool halve)
{
	struct slot *to = mem_array((size_t)1 << bits, sizeof(*to));
	size_t all = (size_t)1 << e->h.bits;

	e->h.used = 0;
	for (size_t i = 0; i < all; i++) {
		struct slot s = e->slots[i];

		if (halve) {
			s.spam = (uint16_t)(s.spam / 2);
			s.ham = (uint16_t)(s.ham / 2);
		}
		if (!s.tag || (!s.spam && !s.ham))
			continue;
		to[find(to, bits, s.tag)] = s;
		e->h.used++;
	}
	mem_free(e->slots);
	e->slots = to;
	e->h.bits = bits;
}

/* Room for one more word. */
static void make_room(struct model_edit *e)
{
	if (e->h.used < (3u << e->h.bits) / 4)
		return;
	if (e->h.bits < SLOTS_MOST) {
		rebuild(e, e->h.bits + 1, false);
		return;
	}
	/* Halving again and again ends: counts become nothing. */
	do {
		rebuild(e, e->h.bits, true);
		e->h.spam /= 2;
		e->h.ham /= 2;
	} while (e->h.used > MODEL_WORDS_MAX / 4 * 3);
}

static void count_word(struct model_edit *e, uint64_t word, bool spam, int step)
{
	uint32_t tag = tag_of(word);
	struct slot *s;
	uint16_t *n;

	if (step > 0)
		make_room(e);
	s = &e->slots[find(e->slots, e->h.bits, tag)];
	if (s->tag != tag) {
		if (step < 0)
			return;
		*s = (struct slot){ .tag = tag };
		e->h.used++;
	}
	n = spam ? &s->spam : &s->ham;
	if (step > 0 && *n < UINT16_MAX)
		(*n)++;
	else if (step < 0 && *n > 0)
		(*n)--;
}

static void count(struct model_edit *e, const struct score_words *w,
                  uint64_t sender, bool spam, int step)
{
	uint32_t *messages = spam ? &e->h.spam : &e->h.ham;

	if (step > 0)
		(*messages)++;
	else if (*messages)
		(*messages)--;
	for (size_t i = 0; i < w->n; i++)
		count_word(e, w->v[i], spam, step);
	if (sender)
		count_word(e, sender, spam, step);
}

static void remember(struct model_edit *e, uint64_t entry)
{
	if (e->h.seen_n == e->h.seen_max && e->h.seen_max < MODEL_SEEN_MAX) {
		uint32_t max = e->h.seen_max * 2;
		uint64_t *more = mem_array(max, 8);

		/* a ring that is not at its most never went round */
		memcpy(more, e->seen, (size_t)e->h.seen_max * 8);
		mem_free(e->seen);
		e->seen = more;
		e->h.seen_at = e->h.seen_max;
		e->h.seen_max = max;
	}
	assert(e->h.seen_max > 0);
	e->seen[e->h.seen_at] = entry;
	e->h.seen_at = (e->h.seen_at + 1) % e->h.seen_max;
	if (e->h.seen_n < e->h.seen_max)
		e->h.seen_n++;
}

bool model_learn(struct model_edit *e, const struct score_words *w,
                 uint64_t sender, bool spam)
{
	uint64_t entry = (w->message & ~UINT64_C(1)) | spam;

	for (uint32_t i = 0; i < e->h.seen_n; i++) {
		if (e->seen[i] >> 1 != entry >> 1)
			continue;
		if (e->seen[i] == entry)
			return false;
		count(e, w, sender, !spam, -1);
		e->seen[i] = entry;
		count(e, w, sender, spam, 1);
		return true;
	}
	remember(e, entry);
	count(e, w, sender, spam, 1);
	return true;
}

int model_save(struct model_edit *e, const char *path, struct err *err)
{
	size_t n = size_of(e->h.bits, e->h.seen_max);
	size_t seen = (size_t)e->h.seen_max * 8;
	char *p = mem_alloc(n);
	int rc;

	memcpy(p, &e->h, sizeof(e->h));
	memcpy(p + sizeof(e->h), e->seen, seen);
	memcpy(p + sizeof(e->h) + seen, e->slots,
	       sizeof(*e->slots) << e->h.bits);
	rc = file_replace(path, (struct str){ p, n }, 0660, err);
	mem_free(p);
	return rc;
}
