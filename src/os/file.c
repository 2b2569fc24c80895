#include "os/file.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/mem.h"
#include "os/powercut.h"
#include "os/random.h"

/* From which call on each kind of operation fails; 0 is never. */
static struct {
	unsigned long write_at, sync_at;
	int write_errno;
	atomic_ulong writes, syncs;
} fault;

static pthread_once_t fault_once = PTHREAD_ONCE_INIT;

static void fault_parse(const char *f)
{
	fault.write_at = fault.sync_at = 0;
	fault.write_errno = EIO;
	atomic_store(&fault.writes, 0);
	atomic_store(&fault.syncs, 0);
	if (!f)
		return;
	if (strncmp(f, "write:", 6) == 0) {
		fault.write_at = strtoul(f + 6, NULL, 10);
	} else if (strncmp(f, "nospace:", 8) == 0) {
		fault.write_at = strtoul(f + 8, NULL, 10);
		fault.write_errno = ENOSPC;
	} else if (strncmp(f, "fsync:", 6) == 0) {
		fault.sync_at = strtoul(f + 6, NULL, 10);
	}
}

static void fault_read(void)
{
	fault_parse(getenv("POSTHUS_FAULT"));
}

void file_set_fault(const char *spec)
{
	(void)pthread_once(&fault_once, fault_read);
	fault_parse(spec);
}

int file_fault(enum file_op op)
{
	(void)pthread_once(&fault_once, fault_read);
	switch (op) {
	case FILE_OP_WRITE:
		if (fault.write_at &&
		    atomic_fetch_add(&fault.writes, 1) + 1 >= fault.write_at)
			return fault.write_errno;
		return 0;
	case FILE_OP_SYNC:
		if (file_sync_is_broken())
			return EIO;
		if (fault.sync_at &&
		    atomic_fetch_add(&fault.syncs, 1) + 1 >= fault.sync_at)
			return EIO;
		return 0;
	}
	return 0;
}

static _Atomic(void (*)(const char *)) sync_hook;
static atomic_bool sync_broken;

void file_on_sync_failure(void (*hook)(const char *path))
{
	atomic_store(&sync_hook, hook);
}

void file_sync_failed(const char *path)
{
	void (*hook)(const char *) = atomic_load(&sync_hook);

	atomic_store(&sync_broken, true);
	if (hook)
		hook(path);
}

bool file_sync_is_broken(void)
{
	return atomic_load(&sync_broken);
}

int file_open(const char *path, int flags, mode_t mode, struct err *err)
{
	bool makes =
		powercut_is_on() && (flags & O_CREAT) && access(path, F_OK) < 0;
	int fd;

	if (makes)
		powercut_create_begin(path);
	fd = open(path, flags | O_CLOEXEC, mode);
	if (makes)
		powercut_end(fd >= 0);
	if (fd < 0)
		return err_sys(err, errno, "open %s", path);
	return fd;
}

void file_close(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

/* At the file's own position when `at` is negative. */
static int write_all(int fd, struct str s, off_t at, struct err *err)
{
	while (s.n > 0) {
		ssize_t n =
			at < 0 ? write(fd, s.p, s.n) : pwrite(fd, s.p, s.n, at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(err, errno, "write");
		s = str_from(s, (size_t)n);
		if (at >= 0)
			at += n;
	}
	return 0;
}

static int write_told(int fd, struct str s, off_t at, struct err *err)
{
	struct powercut_path path = powercut_path(fd);
	off_t where = at < 0 ? lseek(fd, 0, SEEK_CUR) : at;
	int rc;

	powercut_write_begin(path.z, (uint64_t)where, s);
	rc = write_all(fd, s, at, err);
	powercut_end(rc == 0);
	return rc;
}

static int write_at(int fd, struct str s, off_t at, struct err *err)
{
	int injected = file_fault(FILE_OP_WRITE);

	if (injected)
		return err_sys(err, injected, "write");
	if (powercut_is_on())
		return write_told(fd, s, at, err);
	return write_all(fd, s, at, err);
}

int file_write(int fd, struct str s, struct err *err)
{
	return write_at(fd, s, -1, err);
}

int file_pwrite(int fd, struct str s, uint64_t at, struct err *err)
{
	return write_at(fd, s, (off_t)at, err);
}

int file_pread(int fd, void *p, size_t n, uint64_t at, size_t *got,
               struct err *err)
{
	size_t done = 0;

	while (done < n) {
		ssize_t r = pread(fd, (char *)p + done, n - done,
		                  (off_t)(at + done));

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return err_sys(err, errno, "read");
		if (r == 0)
			break;
		done += (size_t)r;
	}
	*got = done;
	return 0;
}

int file_sync(int fd, struct err *err)
{
	int failed = file_fault(FILE_OP_SYNC);
	uint64_t begun = powercut_sync_begin();

	if (!failed && fdatasync(fd) < 0)
		failed = errno;
	if (!failed && powercut_is_on())
		powercut_synced(powercut_path(fd).z, false, begun);
	if (!failed)
		return 0;
	file_sync_failed("");
	return err_sys(err, failed, "fdatasync");
}

int file_sync_dir(const char *dir, struct err *err)
{
	int fd = file_open(dir, O_RDONLY | O_DIRECTORY, 0, err);
	uint64_t begun;
	int failed;

	if (fd < 0)
		return -1;
	failed = file_fault(FILE_OP_SYNC);
	begun = powercut_sync_begin();
	if (!failed && fsync(fd) < 0)
		failed = errno;
	file_close(&fd);
	if (!failed)
		powercut_synced(dir, true, begun);
	if (!failed)
		return 0;
	file_sync_failed(dir);
	return err_sys(err, failed, "fsync %s", dir);
}

int file_rename(const char *from, const char *to, struct err *err)
{
	int rc;

	powercut_rename_begin(from, to);
	rc = rename(from, to);
	if (rc < 0)
		rc = err_sys(err, errno, "rename %s to %s", from, to);
	powercut_end(rc == 0);
	return rc;
}

int file_remove(const char *path, struct err *err)
{
	int rc;

	powercut_remove_begin(path);
	rc = unlink(path);
	if (rc < 0)
		rc = err_sys(err, errno, "remove %s", path);
	powercut_end(rc == 0);
	return rc;
}

int file_mkdir(const char *path, mode_t mode, struct err *err)
{
	if (mkdir(path, mode) < 0 && errno != EEXIST)
		return err_sys(err, errno, "mkdir %s", path);
	return 0;
}

bool file_is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

int file_read_all(const char *path, size_t max, char **out, size_t *n_out,
                  struct err *err)
{
	int fd = file_open(path, O_RDONLY, 0, err);
	struct stat st;
	size_t got;
	char *p;
	int rc;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) < 0 || (uint64_t)st.st_size > max) {
		file_close(&fd);
		return err_set(err, ERR_TOO_BIG, "%s: over %zu bytes", path,
		               max);
	}
	p = mem_alloc((size_t)st.st_size + 1);
	rc = file_pread(fd, p, (size_t)st.st_size, 0, &got, err);
	file_close(&fd);
	if (rc < 0) {
		mem_free(p);
		return -1;
	}
	p[got] = '\0';
	*out = p;
	*n_out = got;
	return 0;
}

static int write_synced(const char *path, struct str content, mode_t mode,
                        struct err *err)
{
	int fd = file_open(path, O_WRONLY | O_CREAT | O_EXCL, mode, err);
	int rc;

	if (fd < 0)
		return -1;
	rc = file_write(fd, content, err);
	if (rc == 0)
		rc = file_sync(fd, err);
	file_close(&fd);
	return rc;
}

/* The folder of `path`, in `dir`. */
static void folder_of(const char *path, char *dir, size_t n)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		(void)snprintf(dir, n, ".");
	else
		(void)snprintf(dir, n, "%.*s", (int)(slash - path) + 1, path);
}

int file_replace(const char *path, struct str content, mode_t mode,
                 struct err *err)
{
	char tmp[4096], dir[4096];
	int n = snprintf(tmp, sizeof(tmp), "%s.tmp-%016llx", path,
	                 (unsigned long long)random_u64());

	if (n < 0 || (size_t)n >= sizeof(tmp))
		return err_set(err, ERR_TOO_BIG, "path is too long");
	folder_of(path, dir, sizeof(dir));
	if (write_synced(tmp, content, mode, err) < 0 ||
	    file_rename(tmp, path, err) < 0) {
		(void)unlink(tmp);
		return -1;
	}
	return file_sync_dir(dir, err);
}

uint64_t file_free_bytes(const char *path)
{
	struct statvfs v;

	if (statvfs(path, &v) < 0)
		return 0;
	return (uint64_t)v.f_bavail * v.f_frsize;
}
