#include "news/news.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/mem.h"
#include "os/thread.h"

/* Slots lie in groups, so that a watcher looks at the groups' numbers first
 * and only in those that changed at the slots it has subscribers in. */
#define GROUPS      1024
#define GROUP_SLOTS 64
#define SLOTS       (GROUPS * GROUP_SLOTS)

struct role {
	_Atomic uint32_t asleep; /* it wants to be rung */
	_Atomic uint32_t subscribers;
	char pad[56]; /* one cache line each */
};

struct table {
	struct role roles[NEWS_ROLES_MAX];
	_Atomic uint64_t groups[GROUPS];
	_Atomic uint64_t slots[SLOTS];
};

struct news_sub {
	struct news_sub *next;
	uint64_t seen; /* the slot's number when it was last told */
	uint32_t slot;
	void (*fn)(void *arg);
	void *arg;
};

struct news {
	struct table *table;
	struct news_fds fds;
	unsigned self;

	pthread_mutex_t lock; /* of subs, held during callbacks */
	struct news_sub *subs[GROUPS];
	uint64_t seen[GROUPS]; /* the watcher's */
	pthread_t watcher;
	bool watching;
	atomic_bool stop;
};

int news_make(struct news_fds *out, unsigned roles, struct err *err)
{
	struct news_fds f = { .memory = -1 };

	for (unsigned i = 0; i < NEWS_ROLES_MAX; i++)
		f.wake[i] = -1;
	f.memory = memfd_create("posthus-news", MFD_CLOEXEC);
	if (f.memory < 0 || ftruncate(f.memory, sizeof(struct table)) < 0) {
		err_drop(err_sys(err, errno, "cannot make the news table"));
		news_fds_close(&f);
		return -1;
	}
	for (unsigned i = 0; i < roles && i < NEWS_ROLES_MAX; i++) {
		f.wake[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		if (f.wake[i] >= 0)
			continue;
		err_drop(err_sys(err, errno, "cannot make an eventfd"));
		news_fds_close(&f);
		return -1;
	}
	*out = f;
	return 0;
}

void news_fds_close(struct news_fds *f)
{
	if (f->memory >= 0)
		(void)close(f->memory);
	f->memory = -1;
	for (unsigned i = 0; i < NEWS_ROLES_MAX; i++) {
		if (f->wake[i] >= 0)
			(void)close(f->wake[i]);
		f->wake[i] = -1;
	}
}

int news_open(struct news **out, const struct news_fds *fds, unsigned self,
              struct err *err)
{
	struct news *n;
	void *p = mmap(NULL, sizeof(struct table), PROT_READ | PROT_WRITE,
	               MAP_SHARED, fds->memory, 0);

	if (p == MAP_FAILED)
		return err_sys(err, errno, "cannot map the news table");
	n = mem_zalloc(sizeof(*n));
	n->table = p;
	n->fds = *fds;
	n->self = self;
	(void)pthread_mutex_init(&n->lock, NULL);
	/* An earlier life of this role had subscribers; they are gone. */
	atomic_store(&n->table->roles[self].subscribers, 0);
	*out = n;
	return 0;
}

static void ring(int fd)
{
	uint64_t one = 1;

	/* EAGAIN: it rings already. */
	while (write(fd, &one, sizeof(one)) < 0 && errno == EINTR)
		;
}

void news_close(struct news **np)
{
	struct news *n = *np;

	if (!n)
		return;
	atomic_store(&n->stop, true);
	if (n->watching) {
		ring(n->fds.wake[n->self]);
		(void)pthread_join(n->watcher, NULL);
	}
	(void)pthread_mutex_destroy(&n->lock);
	(void)munmap(n->table, sizeof(*n->table));
	mem_free(n);
	*np = NULL;
}

/* Ids are small numbers in a row: mix them (the finaliser of splitmix64). */
static uint32_t slot_of(int64_t account)
{
	uint64_t h = (uint64_t)account + 0x9e3779b97f4a7c15u;

	h = (h ^ (h >> 30)) * 0xbf58476d1ce4e5b9u;
	h = (h ^ (h >> 27)) * 0x94d049bb133111ebu;
	return (uint32_t)((h ^ (h >> 31)) % SLOTS);
}

uint64_t news_number(struct news *n, int64_t account)
{
	return atomic_load(&n->table->slots[slot_of(account)]);
}

uint64_t news_total(struct news *n)
{
	uint64_t sum = 0;

	for (unsigned g = 0; g < GROUPS; g++)
		sum += atomic_load_explicit(&n->table->groups[g],
		                            memory_order_relaxed);
	return sum;
}

/* The numbers go up before `asleep` is asked, and the watcher says `asleep`
 * before it looks at the numbers: one of the two sees the other. */
void news_publish(struct news *n, int64_t account)
{
	struct table *t = n->table;
	uint32_t slot = slot_of(account);

	(void)atomic_fetch_add(&t->slots[slot], 1);
	(void)atomic_fetch_add(&t->groups[slot / GROUP_SLOTS], 1);
	for (unsigned i = 0; i < NEWS_ROLES_MAX; i++) {
		struct role *r = &t->roles[i];

		if (n->fds.wake[i] >= 0 && atomic_load(&r->subscribers) &&
		    atomic_load(&r->asleep) && atomic_exchange(&r->asleep, 0))
			ring(n->fds.wake[i]);
	}
}

static void tell_group(struct news *n, unsigned group)
{
	for (struct news_sub *s = n->subs[group]; s; s = s->next) {
		uint64_t now = atomic_load(&n->table->slots[s->slot]);

		if (now == s->seen)
			continue;
		s->seen = now;
		s->fn(s->arg);
	}
}

static void look(struct news *n)
{
	(void)pthread_mutex_lock(&n->lock);
	for (unsigned g = 0; g < GROUPS; g++) {
		uint64_t now = atomic_load(&n->table->groups[g]);

		if (now == n->seen[g])
			continue;
		n->seen[g] = now;
		tell_group(n, g);
	}
	(void)pthread_mutex_unlock(&n->lock);
}

static void sleep_until_rung(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	uint64_t count;

	while (read(fd, &count, sizeof(count)) < 0) {
		if (errno == EAGAIN)
			(void)poll(&p, 1, -1);
		else if (errno != EINTR)
			return;
	}
}

static void *watch(void *arg)
{
	struct news *n = arg;
	struct role *me = &n->table->roles[n->self];

	while (!atomic_load(&n->stop)) {
		atomic_store(&me->asleep, 1);
		look(n);
		sleep_until_rung(n->fds.wake[n->self]);
	}
	return NULL;
}

struct news_sub *news_subscribe(struct news *n, int64_t account,
                                void (*fn)(void *arg), void *arg)
{
	struct news_sub *s = mem_zalloc(sizeof(*s));
	struct err err = ERR_INIT;
	unsigned group;

	s->slot = slot_of(account);
	s->fn = fn;
	s->arg = arg;
	group = s->slot / GROUP_SLOTS;
	(void)pthread_mutex_lock(&n->lock);
	/* A role without subscribers needs no thread. */
	if (!n->watching) {
		if (thread_start(&n->watcher, "news", watch, n, &err) < 0)
			err_die("%s", err.text);
		n->watching = true;
	}
	(void)atomic_fetch_add(&n->table->roles[n->self].subscribers, 1);
	s->seen = atomic_load(&n->table->slots[s->slot]);
	s->next = n->subs[group];
	n->subs[group] = s;
	(void)pthread_mutex_unlock(&n->lock);
	return s;
}

void news_unsubscribe(struct news *n, struct news_sub **sub)
{
	struct news_sub *s = *sub;
	struct news_sub **at;

	if (!s)
		return;
	(void)pthread_mutex_lock(&n->lock);
	at = &n->subs[s->slot / GROUP_SLOTS];
	while (*at != s)
		at = &(*at)->next;
	*at = s->next;
	(void)atomic_fetch_sub(&n->table->roles[n->self].subscribers, 1);
	(void)pthread_mutex_unlock(&n->lock);
	mem_free(s);
	*sub = NULL;
}
