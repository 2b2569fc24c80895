/* Large bodies: files in DATA/queue/, named at random, never changed. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/map.h"
#include "base/mem.h"
#include "os/file.h"
#include "os/random.h"
#include "queue/private.h"

static void path_of(const struct queue *q, struct str name, char *out,
                    size_t max)
{
	(void)snprintf(out, max, "%s/%.*s", q->dir, STR_ARG(name));
}

int queue_file_write(struct queue *q, struct str message,
                     struct queue_file *out, struct err *err)
{
	char path[4096];
	int fd, rc = -1;

	(void)snprintf(out->name, sizeof(out->name), "%016llx%08x",
	               (unsigned long long)random_u64(),
	               (unsigned)random_below(UINT32_MAX));
	path_of(q, str_z(out->name), path, sizeof(path));
	fd = file_open(path, O_WRONLY | O_CREAT | O_EXCL, 0660, err);
	if (fd < 0)
		return -1;
	if (file_write(fd, message, err) == 0 && file_sync(fd, err) == 0 &&
	    file_sync_dir(q->dir, err) == 0)
		rc = 0;
	file_close(&fd);
	if (rc < 0)
		queue_file_remove(q, str_z(out->name));
	return rc;
}

void queue_file_remove(struct queue *q, struct str name)
{
	char path[4096];
	struct err err;

	if (name.n == 0)
		return;
	path_of(q, name, path, sizeof(path));
	err_drop(file_remove(path, &err)); /* queue_tidy() finds it later */
}

int queue_file_map(struct queue *q, struct str name, uint64_t size,
                   struct queue_bytes *out, struct err *err)
{
	char path[4096];
	struct stat st;
	void *p;
	int fd;

	path_of(q, name, path, sizeof(path));
	fd = file_open(path, O_RDONLY, 0, err);
	if (fd < 0)
		return -1;
	if (fstat(fd, &st) < 0 || (uint64_t)st.st_size != size) {
		file_close(&fd);
		return err_set(err, ERR_CORRUPT, "%s: not of its size", path);
	}
	p = mmap(NULL, (size_t)size, PROT_READ, MAP_SHARED, fd, 0);
	file_close(&fd);
	if (p == MAP_FAILED)
		return err_sys(err, errno, "mmap %s", path);
	out->map = p;
	out->message = (struct str){ p, (size_t)size };
	return 0;
}

int queue_bytes_copy(struct str content, struct queue_bytes *out,
                     struct err *err)
{
	if (content.n > QUEUE_INLINE_MAX)
		return err_set(err, ERR_CORRUPT, "queue: too large a body");
	out->copy = mem_dup(content.p, content.n);
	out->message = (struct str){ out->copy, content.n };
	return 0;
}

void queue_body_close(struct queue_bytes *b)
{
	if (b->map)
		(void)munmap(b->map, b->message.n);
	mem_free(b->copy);
	*b = (struct queue_bytes){ .map = NULL };
}

/* ---- what a crash left behind ---- */

static int names_in_use(struct queue *q, struct map *names, struct err *err)
{
	struct db_stmt *st;
	struct db *db;
	int rc;

	if (db_group_read(q->db, &db, err) < 0)
		return -1;
	rc = db_query(db, &st, "SELECT file FROM message WHERE file <> ''",
	              DB_NO_ARGS, err);
	while (rc == 0 && (rc = db_next(st, err)) > 0) {
		(void)map_put(names, db_text(st, 0), names);
		rc = 0;
	}
	db_done(&st);
	db_group_done(q->db, &db);
	return rc;
}

int queue_file_tidy(struct queue *q, int64_t before_us, struct err *err)
{
	struct map names;
	struct dirent *e;
	DIR *d;
	int rc;

	map_init(&names, random_u64());
	rc = names_in_use(q, &names, err);
	d = rc == 0 ? opendir(q->dir) : NULL;
	if (rc == 0 && !d)
		rc = err_sys(err, errno, "opendir %s", q->dir);
	while (d && (e = readdir(d))) {
		struct stat st;

		if (e->d_name[0] == '.' || map_get(&names, str_z(e->d_name)) ||
		    fstatat(dirfd(d), e->d_name, &st, 0) < 0)
			continue;
		/* A new one may be waiting for its row. */
		if ((int64_t)st.st_mtim.tv_sec * 1000000 < before_us)
			queue_file_remove(q, str_z(e->d_name));
	}
	if (d)
		(void)closedir(d);
	map_deinit(&names);
	return rc;
}
