#include "imap/command.h"
#include "imap/listing.h"
#include "imap/metadata.h"
#include "imap/status.h"
#include "wire/imap/args.h"

#define OUT_MAX ((size_t)64 * 1024 * 1024)

struct lister {
	struct imap_session *s;
	struct arena *arena;
	const struct imap_list *what;
	struct listing all;
	struct listing_pattern *patterns;
	size_t n_patterns;
	struct metadata_entry *metadata; /* of all, if it is asked for */
	size_t n_metadata;
	struct buf out;
};

static bool has_special_use(const struct listing_entry *e)
{
	return e->mailbox && *mailbox_use_name(e->mailbox->use);
}

/* Does it meet the selection options? */
static bool is_selected(const struct listing_entry *e, uint32_t select)
{
	if ((select & IMAP_LS_SPECIAL_USE) && !has_special_use(e))
		return false;
	if (select & IMAP_LS_SUBSCRIBED)
		return e->subscribed;
	return e->mailbox != NULL;
}

static const struct listing_pattern *match(const struct lister *l,
                                           struct str name)
{
	for (size_t i = 0; i < l->n_patterns; i++)
		if (listing_match(l->arena, &l->patterns[i], name))
			return &l->patterns[i];
	return NULL;
}

static void add_attribute(struct buf *b, bool *first, const char *name)
{
	if (!*first)
		buf_add_c(b, ' ');
	*first = false;
	buf_add_z(b, name);
}

static void write_attributes(struct lister *l, const struct listing_entry *e)
{
	const uint32_t subscribed = IMAP_LS_SUBSCRIBED;
	bool first = true;

	if (!e->mailbox)
		add_attribute(&l->out, &first, "\\NonExistent");
	else if (e->mailbox->has_children)
		add_attribute(&l->out, &first, "\\HasChildren");
	else
		add_attribute(&l->out, &first, "\\HasNoChildren");
	if (e->subscribed && ((l->what->select & subscribed) ||
	                      (l->what->returns & IMAP_LR_SUBSCRIBED)))
		add_attribute(&l->out, &first, "\\Subscribed");
	if (has_special_use(e))
		add_attribute(&l->out, &first,
		              mailbox_use_name(e->mailbox->use));
}

/* RFC 9590, 3: as GETMETADATA would answer. */
static void write_metadata(struct lister *l, const struct mailbox *m,
                           char prefix)
{
	const struct imap_entries *asked = &l->what->metadata;
	struct imap_metadata_writer w = {
		.s = l->s, .b = &l->out, .m = m, .prefix = prefix
	};

	for (size_t i = 0; i < asked->n; i++)
		imap_metadata_pair(&w, asked->v[i],
		                   imap_metadata_value(l->metadata,
		                                       l->n_metadata, m,
		                                       asked->v[i]));
	imap_metadata_end(&w);
}

static void write_entry(struct lister *l, const struct listing_entry *e,
                        char prefix, bool has_below)
{
	bool status = e->mailbox && (l->what->returns & IMAP_LR_STATUS);

	buf_add(&l->out, STR("* LIST ("));
	write_attributes(l, e);
	buf_add(&l->out, STR(") \"/\" "));
	imap_name_write(l->s, &l->out, e->name, prefix);
	if (has_below) {
		buf_add(&l->out, STR(" (CHILDINFO ("));
		if (l->what->select & IMAP_LS_SUBSCRIBED)
			buf_add(&l->out, STR("\"SUBSCRIBED\""));
		else
			buf_add(&l->out, STR("\"SPECIAL-USE\""));
		buf_add(&l->out, STR("))"));
	}
	buf_add(&l->out, STR("\r\n"));
	if (status)
		imap_write_status(l->s, &l->out, e->mailbox, prefix,
		                  l->what->status);
	if (e->mailbox && (l->what->returns & IMAP_LR_METADATA))
		write_metadata(l, e->mailbox, prefix);
}

static void list_entry(struct lister *l, const struct listing_entry *e)
{
	const struct listing_pattern *p = match(l, e->name);
	uint32_t select = l->what->select;
	bool below;

	if (!p)
		return;
	below = (select & IMAP_LS_RECURSIVEMATCH) &&
	        listing_has_below(&l->all, e->name, is_selected, select);
	if (below || is_selected(e, select))
		write_entry(l, e, p->prefix, below);
}

static bool prepare(struct lister *l, struct imap_session *s,
                    struct imap_parser *p, const struct imap_list *what)
{
	struct err err = ERR_INIT;

	*l = (struct lister){ .s = s, .arena = p->arena, .what = what };
	l->patterns =
		arena_array(p->arena, what->n_patterns, sizeof(*l->patterns));
	/* A pattern that is no name matches none. */
	for (size_t i = 0; i < what->n_patterns; i++)
		if (listing_pattern(s, p->arena, what->reference,
		                    what->patterns[i],
		                    &l->patterns[l->n_patterns]))
			l->n_patterns++;
	if (listing_read(s, p->arena, &l->all, &err) < 0 ||
	    ((what->returns & IMAP_LR_METADATA) &&
	     metadata_list_all(s->ctx->store, s->account, p->arena,
	                       &l->metadata, &l->n_metadata, &err) < 0)) {
		imap_fail(s, &err);
		return false;
	}
	buf_init(&l->out, OUT_MAX);
	return true;
}

/* RFC 3501, 6.3.8: the empty pattern asks for delimiter and root. */
static bool answer_root(struct imap_session *s, const struct imap_list *what,
                        const char *command)
{
	if (what->extended || what->patterns[0].n > 0)
		return false;
	net_fmt(s->net, "* %s (\\Noselect) \"/\" \"\"\r\n", command);
	imap_ok(s, "Done");
	return true;
}

void imap_cmd_list(struct imap_session *s, struct imap_parser *p)
{
	struct imap_list what;
	struct lister l;

	if (!imap_done(s, p, imap_parse_sp(p) && imap_parse_list(p, &what)) ||
	    !imap_metadata_names(s, what.metadata.v, what.metadata.n, false) ||
	    answer_root(s, &what, "LIST") || !prepare(&l, s, p, &what))
		return;
	for (size_t i = 0; i < l.all.n; i++)
		list_entry(&l, &l.all.v[i]);
	if (buf_overflow(&l.out)) {
		buf_deinit(&l.out);
		imap_no(s, "[LIMIT] That is too much at once");
		return;
	}
	imap_send(s, &l.out, "Done");
}

/* ---- LSUB (RFC 3501, 6.3.9) ---- */

static void write_lsub(struct lister *l, struct str name, char prefix,
                       bool noselect)
{
	buf_fmt(&l->out, "* LSUB (%s) \"/\" ", noselect ? "\\Noselect" : "");
	imap_name_write(l->s, &l->out, name, prefix);
	buf_add(&l->out, STR("\r\n"));
}

/* "%" and only "a/b" is subscribed: "a" is shown, but not as subscribed.
 * `last` is the parent shown last; names come in order. */
static void show_parents(struct lister *l, struct str name, struct str *last)
{
	for (size_t i = 0; i < name.n; i++) {
		struct str parent = str_to(name, i);
		const struct listing_entry *e;
		const struct listing_pattern *p;

		if (name.p[i] != '/' || str_eq(parent, *last))
			continue;
		e = listing_find(&l->all, parent);
		p = match(l, parent);
		if (!p || (e && e->subscribed))
			continue;
		*last = parent;
		write_lsub(l, parent, p->prefix, true);
	}
}

void imap_cmd_lsub(struct imap_session *s, struct imap_parser *p)
{
	struct str last = STR("");
	struct imap_list what;
	struct lister l;

	if (!imap_done(s, p, imap_parse_sp(p) && imap_parse_list(p, &what)))
		return;
	if (what.extended) {
		imap_bad(s, "LSUB takes a reference and a pattern");
		return;
	}
	if (answer_root(s, &what, "LSUB") || !prepare(&l, s, p, &what))
		return;
	for (size_t i = 0; i < l.all.n; i++) {
		const struct listing_entry *e = &l.all.v[i];
		const struct listing_pattern *m;

		if (!e->subscribed)
			continue;
		m = match(&l, e->name);
		if (m)
			write_lsub(&l, e->name, m->prefix, false);
		else
			show_parents(&l, e->name, &last);
	}
	imap_send(s, &l.out, "Done");
}
