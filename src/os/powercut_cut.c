#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "os/file.h"
#include "os/powercut.h"
#include "os/powercut_log.h"

#define SECTOR 512

struct item {
	struct powercut_record r;
	uint64_t pos; /* in the log */
	const char *old, *now;
	char *path, *path2;
	char *folder; /* of the name it makes; resolved */
	bool durable;
};

struct log {
	struct item *p;
	size_t n, cap;
	uint64_t seed;
};

/* A test must be able to run the same cut again. */
static uint64_t next(struct log *l, uint64_t below)
{
	uint64_t z = l->seed += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (z ^ z >> 31) % below;
}

static void add(struct log *l, const struct item *it)
{
	l->p = mem_grow(l->p, l->n, &l->cap, sizeof(*l->p));
	l->p[l->n++] = *it;
}

/* A last record that was cut off by the kill is no record. */
static bool read_item(const char *map, uint64_t size, uint64_t *at,
                      struct item *out)
{
	const char *p = map + *at;
	uint64_t whole;

	if (size - *at < sizeof(out->r))
		return false;
	memcpy(&out->r, p, sizeof(out->r));
	whole = sizeof(out->r) + out->r.path_n + out->r.path2_n + out->r.old_n +
	        out->r.new_n;
	if (out->r.magic != POWERCUT_MAGIC || whole > size - *at)
		return false;
	p += sizeof(out->r);
	out->path = mem_dup(p, out->r.path_n);
	p += out->r.path_n;
	out->path2 = mem_dup(p, out->r.path2_n);
	p += out->r.path2_n;
	out->old = p;
	out->now = p + out->r.old_n;
	out->pos = *at;
	out->folder = NULL;
	out->durable = false;
	*at += whole;
	return true;
}

static void free_item(struct item *it)
{
	mem_free(it->path);
	mem_free(it->path2);
	mem_free(it->folder);
}

static void read_log(struct log *l, const char *map, uint64_t size)
{
	uint64_t at = 0;
	struct item it;

	while (read_item(map, size, &at, &it)) {
		if (it.r.kind != POWERCUT_FAILED) {
			add(l, &it);
			continue;
		}
		free_item(&it);
		if (l->n > 0)
			free_item(&l->p[--l->n]);
	}
}

static char *resolve(const char *path, bool parent)
{
	char copy[PATH_MAX], out[PATH_MAX];
	char *slash;

	(void)snprintf(copy, sizeof(copy), "%s", path);
	slash = strrchr(copy, '/');
	if (parent && slash)
		*slash = '\0';
	return mem_strdup(realpath(copy, out) ? out : copy);
}

static bool is_content(const struct item *it)
{
	return it->r.kind == POWERCUT_WRITE || it->r.kind == POWERCUT_TRUNCATE;
}

static bool is_name(const struct item *it)
{
	return it->r.kind == POWERCUT_CREATE || it->r.kind == POWERCUT_RENAME ||
	       it->r.kind == POWERCUT_REMOVE;
}

static bool covers(const struct item *sync, const char *folder,
                   const struct item *it)
{
	if (it->pos >= sync->r.at)
		return false;
	if (folder)
		return is_name(it) && strcmp(it->folder, folder) == 0;
	return is_content(it) && it->r.inode == sync->r.inode;
}

static void mark_durable(struct log *l)
{
	size_t *open = mem_array(l->n + 1, sizeof(*open)), n = 0;

	for (size_t i = 0; i < l->n; i++) {
		struct item *it = &l->p[i];
		char *folder = NULL;
		size_t left = 0;

		if (is_content(it) || is_name(it)) {
			if (is_name(it))
				it->folder = resolve(*it->path2 ? it->path2
				                                : it->path,
				                     true);
			open[n++] = i;
			continue;
		}
		if (it->r.kind == POWERCUT_SYNC_FOLDER)
			folder = resolve(it->path, false);
		for (size_t k = 0; k < n; k++) {
			if (covers(it, folder, &l->p[open[k]]))
				l->p[open[k]].durable = true;
			else
				open[left++] = open[k];
		}
		n = left;
		mem_free(folder);
	}
	mem_free(open);
}

/* Where the file of record `i` is now; NULL when it is gone. */
static const char *path_now(const struct log *l, size_t i)
{
	const char *path = l->p[i].path;
	struct stat st;

	for (size_t k = i + 1; k < l->n; k++)
		if (l->p[k].r.kind == POWERCUT_RENAME &&
		    strcmp(l->p[k].path, path) == 0)
			path = l->p[k].path2;
	if (stat(path, &st) < 0 || st.st_ino != l->p[i].r.inode)
		return NULL;
	return path;
}

static void put_back(const char *path, const struct item *it)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (it->r.old_n &&
	    pwrite(fd, it->old, it->r.old_n, (off_t)it->r.at) < 0)
		err_die("powercut: %s: %s", path, strerrordesc_np(errno));
	if (ftruncate(fd, (off_t)it->r.size) < 0)
		err_die("powercut: %s: %s", path, strerrordesc_np(errno));
	(void)close(fd);
}

/* The sectors of a write that made it. */
static void put_some(struct log *l, const char *path, const struct item *it)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	uint64_t at = 0;

	if (fd < 0)
		return;
	if (it->r.kind == POWERCUT_TRUNCATE) {
		if (next(l, 2) && ftruncate(fd, (off_t)it->r.at) < 0)
			err_die("powercut: %s: %s", path,
			        strerrordesc_np(errno));
		(void)close(fd);
		return;
	}
	while (at < it->r.new_n) {
		uint64_t n = SECTOR - (it->r.at + at) % SECTOR;

		if (n > it->r.new_n - at)
			n = it->r.new_n - at;
		if (next(l, 2) &&
		    pwrite(fd, it->now + at, n, (off_t)(it->r.at + at)) < 0)
			err_die("powercut: %s: %s", path,
			        strerrordesc_np(errno));
		at += n;
	}
	(void)close(fd);
}

static void cut_content(struct log *l)
{
	const char **path = mem_array(l->n + 1, sizeof(*path));
	/* Now and then all or nothing is lost, which random sectors would
	 * hardly ever give. */
	uint64_t how = next(l, 4);

	for (size_t i = 0; i < l->n; i++)
		if (is_content(&l->p[i]) && !l->p[i].durable)
			path[i] = path_now(l, i);
	for (size_t i = l->n; how != 0 && i > 0; i--)
		if (path[i - 1])
			put_back(path[i - 1], &l->p[i - 1]);
	for (size_t i = 0; how > 1 && i < l->n; i++)
		if (path[i])
			put_some(l, path[i], &l->p[i]);
	mem_free(path);
}

static void undo_name(const struct item *it)
{
	char kept[PATH_MAX];

	(void)snprintf(kept, sizeof(kept), "%.*s", (int)it->r.new_n, it->now);
	if (it->r.kind == POWERCUT_CREATE) {
		(void)unlink(it->path);
	} else if (it->r.kind == POWERCUT_REMOVE) {
		if (*kept)
			(void)rename(kept, it->path);
	} else if (it->r.kind == POWERCUT_RENAME) {
		(void)rename(it->path2, it->path);
		if (*kept)
			(void)rename(kept, it->path2);
	}
}

static void cut_names(struct log *l)
{
	size_t open_n = 0, keep;

	for (size_t i = 0; i < l->n; i++)
		open_n += is_name(&l->p[i]) && !l->p[i].durable;
	keep = (size_t)next(l, open_n + 1);
	for (size_t i = l->n; i > 0 && open_n > keep; i--)
		if (is_name(&l->p[i - 1]) && !l->p[i - 1].durable) {
			undo_name(&l->p[i - 1]);
			open_n--;
		}
}

static int run(const char *dir, uint64_t seed, int fd, uint64_t size,
               struct err *err)
{
	struct log l = { .seed = seed };
	char cmd[PATH_MAX + 64];
	void *map = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);

	if (map == MAP_FAILED)
		return err_sys(err, errno, "map %s/log", dir);
	read_log(&l, map, size);
	mark_durable(&l);
	cut_content(&l);
	cut_names(&l);
	for (size_t i = 0; i < l.n; i++)
		free_item(&l.p[i]);
	mem_free(l.p);
	(void)munmap(map, size);
	(void)snprintf(cmd, sizeof(cmd), "rm -f '%s'/kept-*", dir);
	if (system(cmd) != 0)
		return err_set(err, ERR_TEMP, "%s failed", cmd);
	return 0;
}

int powercut_cut(const char *dir, uint64_t seed, struct err *err)
{
	char path[PATH_MAX];
	struct stat st;
	int fd, rc = 0;

	(void)snprintf(path, sizeof(path), "%s/log", dir);
	fd = file_open(path, O_RDONLY, 0, err);
	if (fd < 0)
		return -1;
	if (fstat(fd, &st) == 0 && st.st_size > 0)
		rc = run(dir, seed, fd, (uint64_t)st.st_size, err);
	file_close(&fd);
	if (rc == 0 && truncate(path, 0) < 0)
		rc = err_sys(err, errno, "truncate %s", path);
	return rc;
}
