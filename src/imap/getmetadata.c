#include "imap/command.h"
#include "imap/metadata.h"
#include "wire/imap/metadata.h"

#define OUT_MAX ((size_t)64 * 1024 * 1024)

struct getter {
	const struct imap_getmetadata *what;
	struct metadata_entry *list; /* what there is */
	size_t n;
	bool *sent; /* of each of them */
	struct imap_metadata_writer out;
	uint64_t longest; /* of the values over MAXSIZE; 0: none */
};

static void give(struct getter *g, struct str name, struct str value)
{
	if (!g->what->has_maxsize || value.n <= g->what->maxsize)
		imap_metadata_pair(&g->out, name, value);
	else if (value.n > g->longest)
		g->longest = value.n;
}

/* Is it the entry of this name, or below it as far as DEPTH reaches? */
static bool reaches(enum imap_depth depth, struct str top, struct str name)
{
	struct str rest;

	if (!str_starts_case(name, top))
		return false;
	rest = str_from(name, top.n);
	if (rest.n == 0)
		return true;
	if (depth == IMAP_DEPTH_0 || rest.p[0] != '/')
		return false;
	return depth == IMAP_DEPTH_INFINITY || str_rchr(rest, '/') == 0;
}

static bool asked_before(const struct imap_entries *e, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (str_eq_case(e->v[i], e->v[at]))
			return true;
	return false;
}

/* RFC 5464, 4.2: a METADATA response is required, so an entry without a value,
 * and without any below it, is NIL. */
static void give_asked(struct getter *g, size_t at)
{
	struct str name = g->what->entries.v[at];
	bool any = false;

	if (asked_before(&g->what->entries, at))
		return;
	for (size_t i = 0; i < g->n; i++) {
		const struct metadata_entry *e = &g->list[i];

		if (!reaches(g->what->depth, name, e->name))
			continue;
		any = true;
		if (g->sent[i])
			continue;
		g->sent[i] = true;
		give(g, e->name.n == name.n ? name : e->name, e->value);
	}
	if (!any)
		give(g, name, (struct str){ NULL, 0 });
}

static void answer(struct imap_session *s, struct arena *a, struct getter *g,
                   struct buf *b)
{
	for (size_t i = 0; i < g->what->entries.n; i++)
		give_asked(g, i);
	imap_metadata_end(&g->out);
	imap_send(s, b,
	          g->longest ? arena_fmt(a, "[METADATA LONGENTRIES %llu] Done",
	                                 (unsigned long long)g->longest)
	                               .p
	                     : "Done");
}

void imap_cmd_getmetadata(struct imap_session *s, struct imap_parser *p)
{
	struct err err = ERR_INIT;
	struct imap_getmetadata what;
	struct getter g = { .what = &what };
	struct imap_name name;
	struct mailbox m;
	struct buf b;

	if (!imap_done(s, p,
	               imap_parse_sp(p) && imap_parse_getmetadata(p, &what)) ||
	    !imap_metadata_names(s, what.entries.v, what.entries.n,
	                         what.depth != IMAP_DEPTH_0))
		return;
	g.out = (struct imap_metadata_writer){ .s = s, .b = &b };
	if (what.mailbox.n) {
		if (!imap_name_read(s, p->arena, what.mailbox, &name))
			return;
		if (mailbox_get(s->ctx->store, s->account, name.name, p->arena,
		                &m, &err) < 0) {
			imap_fail(s, &err);
			return;
		}
		g.out.m = &m;
		g.out.prefix = name.prefix;
	}
	if (imap_metadata_read(s, g.out.m, p->arena, &g.list, &g.n, &err) < 0) {
		imap_fail(s, &err);
		return;
	}
	g.sent = arena_array(p->arena, g.n + 1, sizeof(*g.sent));
	buf_init(&b, OUT_MAX);
	answer(s, p->arena, &g, &b);
}
