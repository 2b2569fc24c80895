/* The message as the script has made it so far: the fields of its header, and
 * parts of its body that others took the place of.
 *
 * A part is replaced by noting what stands in its place; the bytes are put
 * together when somebody wants them.  When the last loop over the parts has
 * ended, or all of the message became another one, what was put together is
 * the message from then on, with parts of its own. */
#include <string.h>

#include "sieve/run.h"

/* Parts that are replaced in one loop. */
#define SWAPS_MAX 1000

/* ---- putting it together ---- */

struct out {
	char *p; /* NULL: it is only measured */
	size_t n;
};

static void put(struct out *o, struct str s)
{
	if (o->p && s.n)
		memcpy(o->p + o->n, s.p, s.n);
	o->n += s.n;
}

static void put_header(const struct sieve_run_state *s, struct out *o)
{
	for (size_t i = 0; i < s->n_fields; i++) {
		put(o, s->fields[i].name);
		if (s->fields[i].name.n)
			put(o, STR(":"));
		put(o, s->fields[i].raw);
		put(o, STR("\r\n"));
	}
	put(o, STR("\r\n"));
}

static void put_body(const struct sieve_run_state *s, struct out *o)
{
	size_t at = 0;

	put(o, s->body_head);
	for (size_t i = 0; i < s->n_swaps; i++) {
		const struct sieve_swap *w = &s->swaps[i];
		size_t body_at = (size_t)s->root->body_at;
		size_t from = (size_t)w->part->header_at - body_at;

		put(o, (struct str){ s->body.p + at, from - at });
		put(o, w->bytes);
		at = (size_t)w->part->end - body_at;
		/* An empty part may share its line end with the boundary. */
		if (at < s->body.n && s->body.p[at] != '\r' &&
		    s->body.p[at] != '\n')
			put(o, STR("\r\n"));
	}
	put(o, str_from(s->body, at));
	put(o, s->body_tail);
}

/* Copies of the message are counted apart from what a script makes. */
static void charge(struct sieve_run_state *s, size_t before)
{
	size_t n = s->a->total - before;

	s->bytes_before += n;
	s->copied += n;
}

struct str sieve_edition(struct sieve_run_state *s)
{
	size_t before = s->a->total;
	struct out o = { NULL, 0 };

	if (!s->edited || s->edition.p)
		return s->edition;
	put_header(s, &o);
	s->edition_body_at = o.n;
	put_body(s, &o);
	o.p = arena_alloc(s->a, o.n + 1);
	o.n = 0;
	put_header(s, &o);
	put_body(s, &o);
	s->edition = (struct str){ o.p, o.n };
	charge(s, before);
	return s->edition;
}

struct str sieve_body_now(struct sieve_run_state *s)
{
	if (s->n_swaps == 0)
		return s->body;
	return str_from(sieve_edition(s), s->edition_body_at);
}

void sieve_edited(struct sieve_run_state *s)
{
	s->edited = true;
	s->edition = (struct str){ NULL, 0 };
}

void sieve_settle(struct sieve_run_state *s)
{
	size_t before;

	s->message = sieve_edition(s);
	before = s->a->total;
	s->root = mime_parse(s->a, s->message, NULL);
	charge(s, before);
	s->body = str_from(s->message, (size_t)s->root->body_at);
	s->body_head = s->body_tail = (struct str){ NULL, 0 };
	s->n_swaps = 0;
	s->generation++;
	if (s->part)
		s->part = s->root;
	sieve_texts_free(s);
}

/* ---- parts ---- */

/* The first that lies at `at` or behind it. */
static size_t lower_bound(const struct sieve_run_state *s, uint64_t at)
{
	size_t low = 0, high = s->n_swaps;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (s->swaps[mid].part->header_at < at)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static struct sieve_swap *find_swap(const struct sieve_run_state *s,
                                    const struct mime_part *p)
{
	for (size_t i = lower_bound(s, p->header_at);
	     i < s->n_swaps && s->swaps[i].part->header_at == p->header_at; i++)
		if (s->swaps[i].part == p)
			return &s->swaps[i];
	return NULL;
}

struct sieve_view sieve_view(const struct sieve_run_state *s,
                             const struct mime_part *p)
{
	const struct sieve_swap *w = find_swap(s, p);

	if (w)
		return (struct sieve_view){ w->bytes, w->root };
	return (struct sieve_view){ s->message, p };
}

const struct mime_part *sieve_part_next(const struct sieve_run_state *s,
                                        const struct mime_part *top,
                                        const struct mime_part *p)
{
	if (find_swap(s, p)) {
		while (p && !p->next)
			p = p->parent;
		p = p ? p->next : NULL;
	} else {
		p = mime_part_next(p);
	}
	return p && p->header_at < top->end ? p : NULL;
}

static bool is_below(const struct mime_part *p, const struct mime_part *top)
{
	while (p && p != top)
		p = p->parent;
	return p != NULL;
}

/* Those in `p`, and that of `p`, go with it. */
static void drop_swaps(struct sieve_run_state *s, const struct mime_part *p)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n_swaps; i++)
		if (!is_below(s->swaps[i].part, p))
			s->swaps[n++] = s->swaps[i];
	s->n_swaps = n;
}

bool sieve_swap_part(struct sieve_run_state *s, const struct mime_part *p,
                     struct str bytes)
{
	size_t at;

	drop_swaps(s, p);
	if (s->n_swaps == SWAPS_MAX)
		return false;
	if (!s->swaps)
		s->swaps = arena_array(s->a, SWAPS_MAX, sizeof(*s->swaps));
	at = lower_bound(s, p->header_at);
	memmove(&s->swaps[at + 1], &s->swaps[at],
	        (s->n_swaps - at) * sizeof(*s->swaps));
	s->swaps[at] = (struct sieve_swap){
		.part = p,
		.bytes = bytes,
		.root = mime_parse(s->a, bytes, NULL),
	};
	s->n_swaps++;
	sieve_edited(s);
	sieve_texts_free(s);
	return true;
}
