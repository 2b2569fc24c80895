#include "os/spool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/mem.h"
#include "os/file.h"
#include "os/random.h"

/* A spool in a file gathers small pieces before it writes. */
#define WRITE_BLOCK ((size_t)64 * 1024)

struct spool_pool {
	char *dir;
	uint64_t budget;
	_Atomic uint64_t used;
};

struct spool {
	struct spool_pool *pool;
	uint64_t max, size;
	char *mem; /* all of it, or what is not in the file yet */
	size_t mem_n, mem_cap;
	int fd;
	char *path;
	void *map;
	bool sealed, taken;
};

static void clean_dir(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *e;

	if (!d)
		return;
	while ((e = readdir(d)))
		if (strncmp(e->d_name, "spool-", 6) == 0)
			(void)unlinkat(dirfd(d), e->d_name, 0);
	(void)closedir(d);
}

int spool_pool_open(struct spool_pool **out, const char *dir, uint64_t budget,
                    bool clean, struct err *err)
{
	struct spool_pool *p;

	if (file_mkdir(dir, 0770, err) < 0)
		return -1;
	if (clean)
		clean_dir(dir);
	p = mem_zalloc(sizeof(*p));
	p->dir = mem_strdup(dir);
	p->budget = budget;
	*out = p;
	return 0;
}

void spool_pool_free(struct spool_pool **p)
{
	if (!*p)
		return;
	mem_free((*p)->dir);
	mem_free(*p);
	*p = NULL;
}

struct spool *spool_new(struct spool_pool *pool, uint64_t max)
{
	struct spool *sp = mem_zalloc(sizeof(*sp));

	sp->pool = pool;
	sp->max = max;
	sp->fd = -1;
	return sp;
}

static void drop_memory(struct spool *sp)
{
	(void)atomic_fetch_sub(&sp->pool->used, sp->mem_cap);
	mem_free(sp->mem);
	sp->mem = NULL;
	sp->mem_n = 0;
	sp->mem_cap = 0;
}

void spool_free(struct spool **spp)
{
	struct spool *sp = *spp;

	if (!sp)
		return;
	if (sp->map)
		(void)munmap(sp->map, sp->size);
	file_close(&sp->fd);
	if (sp->path && !sp->taken)
		(void)unlink(sp->path);
	drop_memory(sp);
	mem_free(sp->path);
	mem_free(sp);
	*spp = NULL;
}

/* Memory for `n` bytes more, if this spool and all together may have it. */
static bool grow_memory(struct spool *sp, size_t n)
{
	size_t want = sp->mem_n + n;
	size_t cap = sp->mem_cap ? sp->mem_cap : 4096;

	if (want > SPOOL_MEMORY_MAX)
		return false;
	if (want <= sp->mem_cap)
		return true;
	while (cap < want)
		cap *= 2;
	if (atomic_fetch_add(&sp->pool->used, cap - sp->mem_cap) + cap -
	            sp->mem_cap >
	    sp->pool->budget) {
		(void)atomic_fetch_sub(&sp->pool->used, cap - sp->mem_cap);
		return false;
	}
	sp->mem = mem_realloc(sp->mem, cap);
	sp->mem_cap = cap;
	return true;
}

static int flush(struct spool *sp, struct err *err)
{
	struct str s = { sp->mem, sp->mem_n };

	if (file_write(sp->fd, s, err) < 0)
		return -1;
	sp->mem_n = 0;
	return 0;
}

static int move_to_file(struct spool *sp, struct err *err)
{
	char path[4096];

	(void)snprintf(path, sizeof(path), "%s/spool-%016llx", sp->pool->dir,
	               (unsigned long long)random_u64());
	sp->fd = file_open(path, O_RDWR | O_CREAT | O_EXCL, 0660, err);
	if (sp->fd < 0)
		return -1;
	sp->path = mem_strdup(path);
	if (flush(sp, err) < 0)
		return -1;
	drop_memory(sp);
	return 0;
}

static int add_to_file(struct spool *sp, struct str s, struct err *err)
{
	if (sp->mem_n + s.n > WRITE_BLOCK && flush(sp, err) < 0)
		return -1;
	if (s.n >= WRITE_BLOCK || !grow_memory(sp, s.n)) {
		if (flush(sp, err) < 0)
			return -1;
		return file_write(sp->fd, s, err);
	}
	memcpy(sp->mem + sp->mem_n, s.p, s.n);
	sp->mem_n += s.n;
	return 0;
}

int spool_add(struct spool *sp, struct str s, struct err *err)
{
	if (sp->sealed)
		return err_set(err, ERR_INVALID, "spool is sealed");
	if (s.n > sp->max - sp->size)
		return err_set(err, ERR_TOO_BIG, "over %llu bytes",
		               (unsigned long long)sp->max);
	if (s.n == 0)
		return 0;
	if (sp->fd < 0 && !grow_memory(sp, s.n) && move_to_file(sp, err) < 0)
		return -1;
	if (sp->fd >= 0) {
		if (add_to_file(sp, s, err) < 0)
			return -1;
	} else {
		memcpy(sp->mem + sp->mem_n, s.p, s.n);
		sp->mem_n += s.n;
	}
	sp->size += s.n;
	return 0;
}

uint64_t spool_size(const struct spool *sp)
{
	return sp->size;
}

int spool_seal(struct spool *sp, struct err *err)
{
	if (sp->fd >= 0) {
		if (flush(sp, err) < 0)
			return -1;
		drop_memory(sp);
	}
	sp->sealed = true;
	return 0;
}

int spool_view(struct spool *sp, struct str *out, struct err *err)
{
	if (!sp->sealed)
		return err_set(err, ERR_INVALID, "spool is not sealed");
	if (sp->fd < 0) {
		*out = (struct str){ sp->mem, sp->mem_n };
		return 0;
	}
	if (!sp->map) {
		void *p =
			mmap(NULL, sp->size, PROT_READ, MAP_SHARED, sp->fd, 0);

		if (p == MAP_FAILED)
			return err_sys(err, errno, "mmap %s", sp->path);
		sp->map = p;
	}
	*out = (struct str){ sp->map, sp->size };
	return 0;
}

const char *spool_path(const struct spool *sp)
{
	return sp->path;
}

int spool_fd(const struct spool *sp)
{
	return sp->fd;
}

void spool_take_file(struct spool *sp)
{
	sp->taken = true;
}
