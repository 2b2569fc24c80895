#include "os/dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "os/clock.h"
#include "os/file.h"

static enum dir_kind kind_of_mode(mode_t mode)
{
	if (S_ISREG(mode))
		return DIR_FILE;
	return S_ISDIR(mode) ? DIR_FOLDER : DIR_OTHER;
}

static enum dir_kind kind_of_entry(DIR *d, const struct dirent *e)
{
	struct stat st;

	switch (e->d_type) {
	case DT_REG: return DIR_FILE;
	case DT_DIR: return DIR_FOLDER;
	case DT_LNK:
	case DT_UNKNOWN:
		if (fstatat(dirfd(d), e->d_name, &st, 0) < 0)
			return DIR_OTHER;
		return kind_of_mode(st.st_mode);
	default: return DIR_OTHER;
	}
}

static int by_name(const void *a, const void *b)
{
	const struct dir_entry *x = a, *y = b;

	return str_cmp(x->name, y->name);
}

static bool is_dots(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

int dir_list(const char *path, struct arena *a, struct dir_entry **out,
             size_t *n_out, struct err *err)
{
	DIR *d = opendir(path);
	struct dir_entry *list = NULL;
	size_t n = 0, cap = 0;
	struct dirent *e;

	if (!d)
		return err_sys(err, errno, "read %s", path);
	while ((errno = 0, e = readdir(d))) {
		if (is_dots(e->d_name))
			continue;
		list = mem_grow(list, n, &cap, sizeof(*list));
		list[n].name = arena_dup(a, str_z(e->d_name));
		list[n++].kind = kind_of_entry(d, e);
	}
	if (errno) {
		int errnum = errno;

		(void)closedir(d);
		mem_free(list);
		return err_sys(err, errnum, "read %s", path);
	}
	(void)closedir(d);
	*out = arena_array(a, n ? n : 1, sizeof(*list));
	if (n) {
		qsort(list, n, sizeof(*list), by_name);
		memcpy(*out, list, n * sizeof(*list));
	}
	*n_out = n;
	mem_free(list);
	return 0;
}

int dir_info(const char *path, struct dir_info *out, struct err *err)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return err_sys(err, errno, "%s", path);
	out->kind = kind_of_mode(st.st_mode);
	out->size = (uint64_t)st.st_size;
	out->changed_us = (int64_t)st.st_mtim.tv_sec * US_PER_SEC +
	                  st.st_mtim.tv_nsec / 1000;
	return 0;
}

int dir_set_changed(const char *path, int64_t us, struct err *err)
{
	int64_t s = us / US_PER_SEC, rest = us % US_PER_SEC;
	struct timespec t[2];

	if (rest < 0) {
		rest += US_PER_SEC;
		s--;
	}
	t[0] = t[1] = (struct timespec){ .tv_sec = s, .tv_nsec = rest * 1000 };
	if (utimensat(AT_FDCWD, path, t, 0) < 0)
		return err_sys(err, errno, "set the time of %s", path);
	return 0;
}

int dir_sync_all(const char *path, struct err *err)
{
	int fd = file_open(path, O_RDONLY, 0, err);
	int rc = 0, injected;

	if (fd < 0)
		return -1;
	injected = file_fault(FILE_OP_SYNC);
	if (injected)
		rc = err_sys(err, injected, "syncfs %s", path);
	else if (syncfs(fd) < 0)
		rc = err_sys(err, errno, "syncfs %s", path);
	file_close(&fd);
	return rc;
}
