#include "store/upload.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/mem.h"
#include "crypto/hash.h"
#include "os/clock.h"
#include "os/dir.h"
#include "os/file.h"
#include "os/random.h"
#include "store/shard.h"

#define ID_LENGTH 65

struct upload {
	void *map;
	size_t n;
};

static bool id_ok(struct str id)
{
	if (id.n != ID_LENGTH || id.p[0] != 'U')
		return false;
	for (size_t i = 1; i < id.n; i++)
		if (!ascii_is_digit(id.p[i]) &&
		    !(id.p[i] >= 'a' && id.p[i] <= 'f'))
			return false;
	return true;
}

static struct str folder_of(struct arena *arena, struct store *s,
                            struct store_account a)
{
	return arena_fmt(arena, "%s/uploads/%lld", store_dir(s),
	                 (long long)a.id);
}

static const char *path_in(struct arena *arena, struct str folder,
                           struct str name)
{
	return arena_fmt(arena, "%.*s/%.*s", STR_ARG(folder), STR_ARG(name)).p;
}

/* ---- room ---- */

struct file {
	struct str name;
	uint64_t size;
	int64_t changed_us;
};

static int oldest_first(const void *pa, const void *pb)
{
	const struct file *a = pa, *b = pb;

	if (a->changed_us != b->changed_us)
		return a->changed_us < b->changed_us ? -1 : 1;
	return 0;
}

static int list_files(struct arena *arena, struct str folder, struct file **out,
                      size_t *n_out, struct err *err)
{
	struct dir_entry *e;
	size_t n, found = 0;

	if (dir_list(folder.p, arena, &e, &n, err) < 0)
		return -1;
	*out = arena_array(arena, n + 1, sizeof(**out));
	for (size_t i = 0; i < n; i++) {
		struct dir_info info;
		struct err gone;

		if (dir_info(path_in(arena, folder, e[i].name), &info, &gone) <
		    0)
			continue; /* removed by another meanwhile */
		(*out)[found++] =
			(struct file){ e[i].name, info.size, info.changed_us };
	}
	if (found)
		qsort(*out, found, sizeof(**out), oldest_first);
	*n_out = found;
	return 0;
}

/* The oldest go until `bytes` fit; what is younger than an hour stays. */
static int make_room(struct arena *arena, struct str folder, uint64_t bytes,
                     int64_t now_us, struct err *err)
{
	struct file *f;
	uint64_t sum = bytes;
	size_t n;

	if (list_files(arena, folder, &f, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		sum += f[i].size;
	for (; n > 0; f++, n--) {
		bool full = sum > UPLOAD_BYTES_MAX || n >= UPLOAD_FILES_MAX;
		int64_t age = now_us - f->changed_us;

		if (age <= UPLOAD_KEEP_US && (!full || age < UPLOAD_LEAST_US))
			break;
		if (file_remove(path_in(arena, folder, f->name), err) < 0 &&
		    err->kind != ERR_NOT_FOUND)
			return -1;
		sum -= f->size;
	}
	if (sum > UPLOAD_BYTES_MAX || n >= UPLOAD_FILES_MAX)
		return err_set(err, ERR_OVER_QUOTA, "too much is uploaded");
	return 0;
}

/* ---- put ---- */

static int write_file(const char *path, const char *temporary, const char *dir,
                      struct str bytes, struct err *err)
{
	int fd = file_open(temporary, O_WRONLY | O_CREAT | O_EXCL, 0660, err);
	int rc;

	if (fd < 0)
		return -1;
	rc = file_write(fd, bytes, err);
	if (rc == 0)
		rc = file_sync(fd, err);
	file_close(&fd);
	if (rc == 0)
		rc = dir_set_changed(temporary, clock_wall_us(), err);
	if (rc == 0)
		rc = file_rename(temporary, path, err);
	if (rc == 0)
		return file_sync_dir(dir, err);
	(void)unlink(temporary);
	return -1;
}

static int put(struct arena *arena, struct store *s, struct store_account a,
               struct str bytes, const char *id, struct err *err)
{
	struct str folder = folder_of(arena, s, a);
	const char *path = path_in(arena, folder, str_z(id));
	struct dir_info info;

	if (store_check_space(s, bytes.n, err) < 0 ||
	    file_mkdir(arena_fmt(arena, "%s/uploads", store_dir(s)).p, 0770,
	               err) < 0 ||
	    file_mkdir(folder.p, 0770, err) < 0)
		return -1;
	/* The same bytes again: their day begins anew. */
	if (dir_info(path, &info, err) == 0 && info.size == bytes.n)
		return dir_set_changed(path, clock_wall_us(), err);
	if (make_room(arena, folder, bytes.n, clock_wall_us(), err) < 0)
		return -1;
	return write_file(path,
	                  arena_fmt(arena, "%s.%llx", path,
	                            (unsigned long long)random_u64())
	                          .p,
	                  folder.p, bytes, err);
}

int upload_put(struct store *s, struct store_account a, struct str bytes,
               char id_out[UPLOAD_ID_MAX], struct err *err)
{
	unsigned char hash[HASH_MAX];
	char id[UPLOAD_ID_MAX] = "U";
	struct arena arena;
	int rc;

	hash_bytes(HASH_SHA256, bytes, hash);
	hash_hex(hash, 32, id + 1);
	arena_init(&arena);
	rc = put(&arena, s, a, bytes, id, err);
	arena_deinit(&arena);
	if (rc == 0)
		memcpy(id_out, id, sizeof(id));
	return rc;
}

/* ---- read ---- */

int upload_open(struct upload **out, struct store *s, struct store_account a,
                struct str id, struct err *err)
{
	struct arena arena;
	struct dir_info info;
	struct upload *u;
	const char *path;
	int fd;

	if (!id_ok(id))
		return err_set(err, ERR_NOT_FOUND, "no upload");
	arena_init(&arena);
	path = path_in(&arena, folder_of(&arena, s, a), id);
	fd = dir_info(path, &info, err) < 0 ? -1
	                                    : file_open(path, O_RDONLY, 0, err);
	arena_deinit(&arena);
	if (fd < 0)
		return -1;
	u = mem_zalloc(sizeof(*u));
	u->n = (size_t)info.size;
	if (u->n) {
		void *p = mmap(NULL, u->n, PROT_READ, MAP_SHARED, fd, 0);

		if (p == MAP_FAILED) {
			file_close(&fd);
			mem_free(u);
			return err_set(err, ERR_TEMP, "cannot map an upload");
		}
		u->map = p;
	}
	file_close(&fd);
	*out = u;
	return 0;
}

void upload_close(struct upload **up)
{
	struct upload *u = *up;

	if (!u)
		return;
	if (u->map)
		(void)munmap(u->map, u->n);
	mem_free(u);
	*up = NULL;
}

struct str upload_bytes(const struct upload *u)
{
	return (struct str){ u->map ? u->map : "", u->n };
}

/* ---- the end ---- */

static void sweep_folder(struct arena *arena, struct str folder, int64_t now_us,
                         int64_t keep_us)
{
	struct err err = ERR_INIT;
	struct file *f;
	size_t n;

	if (list_files(arena, folder, &f, &n, &err) < 0)
		return; /* gone; or tried again the next time */
	for (size_t i = 0; i < n; i++)
		if (now_us - f[i].changed_us > keep_us)
			err_drop(file_remove(path_in(arena, folder, f[i].name),
			                     &err)); /* likewise */
	(void)rmdir(folder.p);                       /* if it is empty */
}

int upload_sweep(struct store *s, int64_t now_us, struct err *err)
{
	struct arena arena, one;
	struct dir_entry *e;
	struct str folder;
	size_t n;
	int rc;

	arena_init(&arena);
	arena_init(&one);
	folder = arena_fmt(&arena, "%s/uploads", store_dir(s));
	rc = dir_list(folder.p, &arena, &e, &n, err);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		arena_reset(&one);
		sweep_folder(&one,
		             arena_fmt(&one, "%.*s/%.*s", STR_ARG(folder),
		                       STR_ARG(e[i].name)),
		             now_us, UPLOAD_KEEP_US);
	}
	arena_deinit(&one);
	arena_deinit(&arena);
	return rc < 0 && err->kind == ERR_NOT_FOUND ? 0 : rc;
}

void upload_remove_all(struct store *s, struct store_account a)
{
	struct arena arena;

	arena_init(&arena);
	sweep_folder(&arena, folder_of(&arena, s, a), INT64_MAX, -1);
	arena_deinit(&arena);
}
