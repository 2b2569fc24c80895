#include "relay/tally.h"

#include <pthread.h>

#include "base/map.h"
#include "base/mem.h"
#include "log/log.h"
#include "os/random.h"

/* Different notes kept in memory; then they are written. */
#define NOTES_MAX 500

struct relay_tally {
	struct relay_book *book;
	pthread_mutex_t lock; /* of all below */
	struct arena arena;
	struct map found; /* what it is -> its note */
	struct relay_note notes[NOTES_MAX];
	size_t n;
};

struct relay_tally *relay_tally_new(struct relay_book *book)
{
	struct relay_tally *t = mem_zalloc(sizeof(*t));

	t->book = book;
	(void)pthread_mutex_init(&t->lock, NULL);
	arena_init(&t->arena);
	map_init(&t->found, random_u64());
	return t;
}

void relay_tally_free(struct relay_tally **tp)
{
	struct relay_tally *t = *tp;
	struct err err = ERR_INIT;

	if (!t)
		return;
	if (relay_tally_write(t, &err) < 0)
		log_fail(LOG_WARN, "relay.tally", &err);
	map_deinit(&t->found);
	arena_deinit(&t->arena);
	(void)pthread_mutex_destroy(&t->lock);
	mem_free(t);
	*tp = NULL;
}

/* With the lock held. */
static int write_out(struct relay_tally *t, struct err *err)
{
	int rc = relay_book_note(t->book, t->notes, t->n, err);

	/* What cannot be written is lost: it is a figure, and mail waits. */
	t->n = 0;
	map_deinit(&t->found);
	map_init(&t->found, random_u64());
	arena_reset(&t->arena);
	return rc;
}

int relay_tally_write(struct relay_tally *t, struct err *err)
{
	int rc;

	(void)pthread_mutex_lock(&t->lock);
	rc = write_out(t, err);
	(void)pthread_mutex_unlock(&t->lock);
	return rc;
}

static struct str key_of(struct arena *a, const struct relay_note *n)
{
	return arena_fmt(a, "%lld %u %zu %zu %.*s %.*s%.*s %.*s %.*s %.*s %.*s",
	                 (long long)n->day, (unsigned)n->kind, n->policy.n,
	                 n->hosts.n, STR_ARG(n->domain), STR_ARG(n->policy),
	                 STR_ARG(n->hosts), STR_ARG(n->result),
	                 STR_ARG(n->host), STR_ARG(n->ip), STR_ARG(n->source));
}

static void keep(struct relay_tally *t, struct str key,
                 const struct relay_note *n)
{
	struct relay_note *own = &t->notes[t->n++];

	*own = *n;
	own->domain = arena_dup(&t->arena, n->domain);
	own->policy = arena_dup(&t->arena, n->policy);
	own->hosts = arena_dup(&t->arena, n->hosts);
	own->result = arena_dup(&t->arena, n->result);
	own->host = arena_dup(&t->arena, n->host);
	own->ip = arena_dup(&t->arena, n->ip);
	own->source = arena_dup(&t->arena, n->source);
	own->reason = arena_dup(&t->arena, n->reason);
	(void)map_put(&t->found, key, own);
}

void relay_tally_add(struct relay_tally *t, const struct relay_note *n)
{
	struct relay_note *known;
	struct err err = ERR_INIT;
	struct arena a;
	struct str key;

	arena_init(&a);
	key = key_of(&a, n);
	(void)pthread_mutex_lock(&t->lock);
	known = map_get(&t->found, key);
	if (known)
		known->n += n->n;
	else
		keep(t, key, n);
	if (t->n == NOTES_MAX && write_out(t, &err) < 0)
		log_fail(LOG_WARN, "relay.tally", &err);
	(void)pthread_mutex_unlock(&t->lock);
	arena_deinit(&a);
}
