#include "deliver/contacts.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/map.h"
#include "base/mem.h"
#include "os/random.h"
#include "store/change.h"
#include "store/contact.h"
#include "store/object.h"
#include "text/idn.h"
#include "wire/json/read.h"

struct contact {
	struct str key;     /* the one form */
	struct str address; /* as it stands in the card */
	bool first;         /* in the default book */
};

/* Never changed once it is in the map, so that many threads may look. */
struct contacts {
	int64_t account;
	struct change_state books, cards;
	unsigned users; /* and one for the map */
	struct arena arena;
	struct contact *list; /* by key, each once */
	size_t n, cap;
};

struct deliver_contacts {
	struct store *store;
	pthread_mutex_t lock;
	struct map map; /* account -> struct contacts */
	size_t bytes;   /* of those in the map */
};

struct deliver_contacts *deliver_contacts_new(struct store *store)
{
	struct deliver_contacts *d = mem_zalloc(sizeof(*d));

	d->store = store;
	(void)pthread_mutex_init(&d->lock, NULL);
	map_init(&d->map, random_u64());
	return d;
}

/* With the lock. */
static void let_go(struct contacts *c)
{
	if (--c->users > 0)
		return;
	arena_deinit(&c->arena);
	mem_free(c->list);
	mem_free(c);
}

static size_t bytes_of(const struct contacts *c)
{
	return sizeof(*c) + c->arena.total + c->cap * sizeof(*c->list);
}

static bool sweep(void *arg, void *value)
{
	struct deliver_contacts *d = arg;
	struct contacts *c = value;

	if (c->users > 1)
		return true;
	d->bytes -= bytes_of(c);
	let_go(c);
	return false;
}

void deliver_contacts_free(struct deliver_contacts **dp)
{
	struct deliver_contacts *d = *dp;

	if (!d)
		return;
	map_sweep(&d->map, sweep, d);
	map_deinit(&d->map);
	(void)pthread_mutex_destroy(&d->lock);
	mem_free(d);
	*dp = NULL;
}

/* ---- reading ---- */

struct reading {
	struct contacts *c;
	struct str default_id; /* "B3"; empty: none is */
};

static int find_default(void *arg, const struct object *o, struct err *err)
{
	struct reading *r = arg;

	(void)err;
	if (o->first == 1)
		r->default_id = arena_fmt(&r->c->arena, "%c%llu", STORE_ID_BOOK,
		                          (unsigned long long)o->no);
	return 0;
}

/* What is no address here can be nobody's. */
static void add(struct contacts *c, struct str address, bool first)
{
	struct err ignored = ERR_INIT;
	struct str key;

	address = str_trim(address);
	if (c->n == CONTACTS_ADDRESSES_MAX ||
	    str_chr(address, '@') == STR_NPOS ||
	    text_address_normal(&c->arena, address, &key, &ignored) < 0)
		return;
	c->list = mem_grow(c->list, c->n, &c->cap, sizeof(*c->list));
	c->list[c->n++] =
		(struct contact){ .key = key,
		                  .address = arena_dup(&c->arena, address),
		                  .first = first };
}

/* A card that cannot be read is passed over: mail must not wait for it. */
static int add_card(void *arg, const struct object *o, struct err *err)
{
	struct json card, books, emails, one = { NULL }, v = { NULL };
	struct reading *r = arg;
	struct err ignored = ERR_INIT;
	struct json_members m;
	struct json_doc *doc;
	struct str name;
	bool first;

	(void)err;
	if (json_parse(&doc, o->content, NULL, &ignored) < 0)
		return 0;
	card = json_root(doc);
	first = r->default_id.n && json_get(card, "addressBookIds", &books) &&
	        json_get_str(books, r->default_id, &v);
	if (json_get(card, "emails", &emails)) {
		m = (struct json_members){ .object = emails };
		while (json_member_next(&m, &name, &one))
			if (json_get(one, "address", &v))
				add(r->c, json_as_str(v), first);
	}
	json_free(&doc);
	return 0;
}

/* Of two with one key the one in the default book comes first. */
static int compare(const void *a, const void *b)
{
	const struct contact *x = a, *y = b;
	int cmp = str_cmp(x->key, y->key);

	return cmp ? cmp : (int)y->first - (int)x->first;
}

static void sort(struct contacts *c)
{
	size_t n = 0;

	if (c->n > 1)
		qsort(c->list, c->n, sizeof(*c->list), compare);
	for (size_t i = 0; i < c->n; i++)
		if (n == 0 || !str_eq(c->list[n - 1].key, c->list[i].key))
			c->list[n++] = c->list[i];
	c->n = n;
}

/* The states were read before: what changes meanwhile is read the next time. */
static int make(struct deliver_contacts *d, struct store_account a,
                const struct change_state states[CHANGE_TYPES],
                struct contacts **out, struct err *err)
{
	struct contacts *c = mem_zalloc(sizeof(*c));
	struct reading r = { .c = c };

	arena_init(&c->arena);
	c->account = a.id;
	c->books = states[CHANGE_ADDRESS_BOOK];
	c->cards = states[CHANGE_CARD];
	c->users = 1;
	if (object_each(d->store, a, CHANGE_ADDRESS_BOOK, find_default, &r,
	                err) < 0 ||
	    object_each(d->store, a, CHANGE_CARD, add_card, &r, err) < 0) {
		let_go(c);
		return -1;
	}
	sort(c);
	*out = c;
	return 0;
}

static bool same_state(struct change_state a, struct change_state b)
{
	return a.epoch == b.epoch && a.modseq == b.modseq;
}

/* With the lock: it takes the place of what was kept for the account. */
static void keep(struct deliver_contacts *d, struct contacts *c)
{
	struct contacts *before;

	if (d->bytes + bytes_of(c) > CONTACTS_KEPT_BYTES)
		map_sweep(&d->map, sweep, d);
	c->users++;
	d->bytes += bytes_of(c);
	before = map_put_u64(&d->map, (uint64_t)c->account, c);
	if (!before)
		return;
	d->bytes -= bytes_of(before);
	let_go(before);
}

int deliver_contacts_borrow(struct deliver_contacts *d, struct store_account a,
                            struct contacts **out, struct err *err)
{
	struct change_state states[CHANGE_TYPES] = { 0 };
	struct contacts *c;

	/* Without a mailbox yet there are no books either. */
	if (change_states(d->store, a, states, err) < 0 &&
	    err->kind != ERR_NOT_FOUND)
		return -1;
	(void)pthread_mutex_lock(&d->lock);
	c = map_get_u64(&d->map, (uint64_t)a.id);
	if (c && same_state(c->books, states[CHANGE_ADDRESS_BOOK]) &&
	    same_state(c->cards, states[CHANGE_CARD]))
		c->users++;
	else
		c = NULL;
	(void)pthread_mutex_unlock(&d->lock);
	if (!c) {
		if (make(d, a, states, &c, err) < 0)
			return -1;
		(void)pthread_mutex_lock(&d->lock);
		keep(d, c);
		(void)pthread_mutex_unlock(&d->lock);
	}
	*out = c;
	return 0;
}

void deliver_contacts_return(struct deliver_contacts *d, struct contacts **c)
{
	if (!*c)
		return;
	(void)pthread_mutex_lock(&d->lock);
	let_go(*c);
	(void)pthread_mutex_unlock(&d->lock);
	*c = NULL;
}

/* ---- looking ---- */

static const struct contact *find(const struct contacts *c, struct str key)
{
	size_t low = 0, high = c->n;

	while (low < high) {
		size_t at = low + (high - low) / 2;
		int cmp = str_cmp(key, c->list[at].key);

		if (cmp == 0)
			return &c->list[at];
		if (cmp < 0)
			high = at;
		else
			low = at + 1;
	}
	return NULL;
}

bool contacts_has(const struct contacts *c, struct str address, bool first)
{
	const struct contact *found = NULL;
	struct err ignored = ERR_INIT;
	struct arena a;
	struct str key;

	arena_init(&a);
	if (text_address_normal(&a, address, &key, &ignored) == 0)
		found = find(c, key);
	arena_deinit(&a);
	return found && (found->first || !first);
}

size_t contacts_list(const struct contacts *c, bool first, struct str *out,
                     size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n && n < max; i++)
		if (c->list[i].first || !first)
			out[n++] = c->list[i].address;
	return n;
}
