#include "imap/listing.h"

#include <stdlib.h>

#include "wire/imap/pattern.h"

static int by_name(const void *a, const void *b)
{
	const struct listing_entry *x = a, *y = b;

	return str_cmp(x->name, y->name);
}

/* Sorted; where a name is there twice it is a mailbox and its subscription. */
static void join(struct listing *l)
{
	size_t n = 0;

	if (l->n == 0)
		return;
	qsort(l->v, l->n, sizeof(*l->v), by_name);
	for (size_t i = 1; i < l->n; i++) {
		struct listing_entry *last = &l->v[n], *e = &l->v[i];

		if (!str_eq(last->name, e->name)) {
			l->v[++n] = *e;
			continue;
		}
		if (e->mailbox)
			last->mailbox = e->mailbox;
		last->subscribed |= e->subscribed;
	}
	l->n = n + 1;
}

int listing_read(struct imap_session *s, struct arena *a, struct listing *out,
                 struct err *err)
{
	struct store *store = s->ctx->store;
	struct mailbox *boxes;
	struct str *subs;
	size_t n_boxes, n_subs;

	if (mailbox_list(store, s->account, a, &boxes, &n_boxes, err) < 0 ||
	    mailbox_subscriptions(store, s->account, a, &subs, &n_subs, err) <
	            0)
		return -1;
	out->v = arena_array(a, n_boxes + n_subs + 1, sizeof(*out->v));
	for (size_t i = 0; i < n_boxes; i++)
		out->v[i] = (struct listing_entry){
			.name = boxes[i].name,
			.mailbox = &boxes[i],
			.subscribed = boxes[i].subscribed,
		};
	for (size_t i = 0; i < n_subs; i++)
		out->v[n_boxes + i] = (struct listing_entry){
			.name = subs[i],
			.subscribed = true,
		};
	out->n = n_boxes + n_subs;
	join(out);
	return 0;
}

static bool is_below(struct str name, struct str parent)
{
	return name.n > parent.n && name.p[parent.n] == '/' &&
	       str_starts(name, parent);
}

/* The first entry that is not smaller than `name`. */
static size_t lower_bound(const struct listing *l, struct str name)
{
	size_t low = 0, high = l->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (str_cmp(l->v[mid].name, name) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

const struct listing_entry *listing_find(const struct listing *l,
                                         struct str name)
{
	size_t i = lower_bound(l, name);

	return i < l->n && str_eq(l->v[i].name, name) ? &l->v[i] : NULL;
}

bool listing_has_below(const struct listing *l, struct str name,
                       bool (*wanted)(const struct listing_entry *e,
                                      uint32_t arg),
                       uint32_t arg)
{
	for (size_t i = lower_bound(l, name); i < l->n; i++) {
		const struct listing_entry *e = &l->v[i];

		if (!str_starts(e->name, name))
			return false;
		if (is_below(e->name, name) && wanted(e, arg))
			return true;
	}
	return false;
}

static struct str concat(struct arena *a, struct str x, struct str y)
{
	return arena_fmt(a, "%.*s%.*s", STR_ARG(x), STR_ARG(y));
}

bool listing_pattern(const struct imap_session *s, struct arena *a,
                     struct str reference, struct str pattern,
                     struct listing_pattern *out)
{
	struct str ref, pat, all;

	if (!imap_name_decode(s, a, reference, &ref) ||
	    !imap_name_decode(s, a, pattern, &pat))
		return false;
	all = concat(a, ref, pat);
	*out = (struct listing_pattern){ .text = all };
	if (all.n > 5 && str_starts_case(all, STR("INBOX")) &&
	    (all.p[5] == '/' || all.p[5] == '.')) {
		out->prefix = all.p[5];
		out->text = str_from(all, 6);
	} else if (str_eq_case(ref, STR("INBOX")) && pat.n > 0) {
		/* A program whose root folder is "INBOX", without more. */
		out->prefix = '/';
		out->whole = true;
	}
	return true;
}

bool listing_match(struct arena *a, const struct listing_pattern *p,
                   struct str name)
{
	bool is_inbox = str_eq(name, STR("INBOX"));

	if (p->prefix && is_inbox && !p->whole)
		return false;
	if (p->whole && !is_inbox)
		name = concat(a, STR("INBOX/"), name);
	return imap_pattern_match(p->text, name) == IMAP_MATCH_YES;
}
