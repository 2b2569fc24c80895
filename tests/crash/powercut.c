/*
 * Loaded before the program (LD_PRELOAD), this notes each change of a file
 * or folder and each sync in one journal shared by all its processes, so that
 * powercut.py can make the disk as it may look when the power fails at any
 * moment: what was synced is there, of the rest anything may be missing.
 *
 * POWERCUT_LOG is the journal: 8 bytes "where the next record goes", then
 * records.  It is mapped before the program drops its rights and is written
 * without system calls.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define LOG_SIZE ((size_t)6 << 30)

enum op {
	OP_WRITE = 1, /* ino, at, bytes */
	OP_TRUNCATE,  /* ino, at: the size */
	OP_SYNC,      /* ino, at: where the journal stood when it began */
	OP_SYNC_ALL,  /* at */
	OP_CREATE,    /* ino, path */
	OP_RENAME,    /* path NUL path */
	OP_UNLINK,    /* path */
	OP_MKDIR,     /* path */
	OP_SYNC_DIR,  /* at: as OP_SYNC */
};

struct record {
	uint32_t size; /* of all, a multiple of 8 */
	uint32_t op;
	uint64_t ino, at;
	uint32_t n;             /* bytes that follow */
	_Atomic uint32_t whole; /* written last */
};

static char *journal;

__attribute__((constructor)) static void map_journal(void)
{
	const char *path = getenv("POWERCUT_LOG");
	int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
	void *p;

	if (fd < 0)
		return;
	p = mmap(NULL, LOG_SIZE, PROT_READ | PROT_WRITE,
	         MAP_SHARED | MAP_NORESERVE, fd, 0);
	(void)close(fd);
	if (p != MAP_FAILED)
		journal = p;
}

static uint64_t tail(void)
{
	return journal ? atomic_load((_Atomic uint64_t *)(void *)journal) : 0;
}

static void note2(enum op op, uint64_t ino, uint64_t at, const void *p,
                  size_t n, const void *q, size_t m)
{
	size_t size = (sizeof(struct record) + n + m + 7) & ~(size_t)7;
	struct record *r;
	uint64_t where;

	if (!journal)
		return;
	where = atomic_fetch_add((_Atomic uint64_t *)(void *)journal, size);
	if (where + size > LOG_SIZE)
		return;
	r = (struct record *)(void *)(journal + where);
	r->size = (uint32_t)size;
	r->op = op;
	r->ino = ino;
	r->at = at;
	r->n = (uint32_t)(n + m);
	if (n)
		memcpy(r + 1, p, n);
	if (m)
		memcpy((char *)(r + 1) + n, q, m);
	atomic_store(&r->whole, 1);
}

static void note(enum op op, uint64_t ino, uint64_t at, const void *p, size_t n)
{
	note2(op, ino, at, p, n, NULL, 0);
}

#define REAL(name)                                             \
	do {                                                   \
		if (!real) {                                   \
			void *symbol = dlsym(RTLD_NEXT, name); \
			memcpy(&real, &symbol, sizeof(real));  \
		}                                              \
	} while (0)

/* The inode of a regular file, or 0. */
static uint64_t file_of(int fd)
{
	struct stat st;

	if (!journal || fd <= 2 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return 0;
	return st.st_ino;
}

static int absolute(int dir, const char *path, char out[PATH_MAX])
{
	char link[64], base[PATH_MAX];
	ssize_t n;

	if (path[0] == '/') {
		(void)snprintf(out, PATH_MAX, "%s", path);
		return 0;
	}
	if (dir == AT_FDCWD) {
		if (!getcwd(base, sizeof(base)))
			return -1;
	} else {
		(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", dir);
		n = readlink(link, base, sizeof(base) - 1);
		if (n < 0)
			return -1;
		base[n] = '\0';
	}
	n = snprintf(out, PATH_MAX, "%s/%s", base, path);
	return n < 0 || n >= PATH_MAX ? -1 : 0;
}

/* ---- content ---- */

ssize_t write(int fd, const void *p, size_t n)
{
	static ssize_t (*real)(int, const void *, size_t);
	uint64_t ino = file_of(fd);
	off_t at = 0;

	REAL("write");
	if (ino)
		at = fcntl(fd, F_GETFL) & O_APPEND ? lseek(fd, 0, SEEK_END)
		                                   : lseek(fd, 0, SEEK_CUR);
	if (ino && at >= 0)
		note(OP_WRITE, ino, (uint64_t)at, p, n);
	return real(fd, p, n);
}

ssize_t pwrite(int fd, const void *p, size_t n, off_t at)
{
	static ssize_t (*real)(int, const void *, size_t, off_t);
	uint64_t ino = file_of(fd);

	REAL("pwrite");
	if (ino)
		note(OP_WRITE, ino, (uint64_t)at, p, n);
	return real(fd, p, n, at);
}

ssize_t pwrite64(int fd, const void *p, size_t n, off64_t at)
{
	return pwrite(fd, p, n, at);
}

int ftruncate(int fd, off_t size)
{
	static int (*real)(int, off_t);
	uint64_t ino = file_of(fd);

	REAL("ftruncate");
	if (ino)
		note(OP_TRUNCATE, ino, (uint64_t)size, NULL, 0);
	return real(fd, size);
}

int ftruncate64(int fd, off64_t size)
{
	return ftruncate(fd, size);
}

/* ---- syncs: noted when done, with where the journal stood before ---- */

static void synced(int fd, uint64_t began)
{
	struct stat st;

	/* POWERCUT_FORGET: as if the program never synced, to see that the
	 * test would notice. */
	if (getenv("POWERCUT_FORGET") || fstat(fd, &st) < 0)
		return;
	note(S_ISDIR(st.st_mode) ? OP_SYNC_DIR : OP_SYNC, st.st_ino, began,
	     NULL, 0);
}

int fsync(int fd)
{
	static int (*real)(int);
	uint64_t began = tail();
	int rc;

	REAL("fsync");
	rc = real(fd);
	if (rc == 0)
		synced(fd, began);
	return rc;
}

int fdatasync(int fd)
{
	static int (*real)(int);
	uint64_t began = tail();
	int rc;

	REAL("fdatasync");
	rc = real(fd);
	if (rc == 0)
		synced(fd, began);
	return rc;
}

int syncfs(int fd)
{
	static int (*real)(int);
	uint64_t began = tail();
	int rc;

	REAL("syncfs");
	rc = real(fd);
	if (rc == 0)
		note(OP_SYNC_ALL, 0, began, NULL, 0);
	return rc;
}

/* ---- names ---- */

static int open_noted(int dir, const char *path, int flags, mode_t mode)
{
	static int (*real)(int, const char *, int, mode_t);
	char full[PATH_MAX];
	struct stat st;
	int there = 0, fd;

	REAL("openat");
	if (journal && flags & (O_CREAT | O_TRUNC))
		there = fstatat(dir, path, &st, 0) == 0;
	fd = real(dir, path, flags, mode);
	if (fd < 0 || !journal || !(flags & (O_CREAT | O_TRUNC)))
		return fd;
	if (!there && absolute(dir, path, full) == 0 && fstat(fd, &st) == 0 &&
	    S_ISREG(st.st_mode))
		note(OP_CREATE, st.st_ino, 0, full, strlen(full));
	if (there && flags & O_TRUNC && file_of(fd))
		note(OP_TRUNCATE, file_of(fd), 0, NULL, 0);
	return fd;
}

static mode_t mode_of(int flags, va_list ap)
{
	return flags & O_CREAT ? (mode_t)va_arg(ap, int) : 0;
}

#define OPEN(name, head, dir)                              \
	int name(head const char *path, int flags, ...)    \
	{                                                  \
		va_list ap;                                \
		mode_t mode;                               \
		va_start(ap, flags);                       \
		mode = mode_of(flags, ap);                 \
		va_end(ap);                                \
		return open_noted(dir, path, flags, mode); \
	}
#define NOTHING
#define DIRECTORY int dir,

OPEN(open, NOTHING, AT_FDCWD)
OPEN(open64, NOTHING, AT_FDCWD)
OPEN(openat, DIRECTORY, dir)
OPEN(openat64, DIRECTORY, dir)

int renameat(int from_dir, const char *from, int to_dir, const char *to)
{
	static int (*real)(int, const char *, int, const char *);
	char a[PATH_MAX], b[PATH_MAX];

	REAL("renameat");
	if (journal && absolute(from_dir, from, a) == 0 &&
	    absolute(to_dir, to, b) == 0)
		note2(OP_RENAME, 0, 0, a, strlen(a) + 1, b, strlen(b));
	return real(from_dir, from, to_dir, to);
}

int rename(const char *from, const char *to)
{
	return renameat(AT_FDCWD, from, AT_FDCWD, to);
}

int unlinkat(int dir, const char *path, int flags)
{
	static int (*real)(int, const char *, int);
	char full[PATH_MAX];
	int rc;

	REAL("unlinkat");
	rc = real(dir, path, flags);
	if (rc == 0 && journal && absolute(dir, path, full) == 0)
		note(OP_UNLINK, 0, 0, full, strlen(full));
	return rc;
}

int unlink(const char *path)
{
	return unlinkat(AT_FDCWD, path, 0);
}

int mkdirat(int dir, const char *path, mode_t mode)
{
	static int (*real)(int, const char *, mode_t);
	char full[PATH_MAX];
	int rc;

	REAL("mkdirat");
	rc = real(dir, path, mode);
	if (rc == 0 && journal && absolute(dir, path, full) == 0)
		note(OP_MKDIR, 0, 0, full, strlen(full));
	return rc;
}

int mkdir(const char *path, mode_t mode)
{
	return mkdirat(AT_FDCWD, path, mode);
}
