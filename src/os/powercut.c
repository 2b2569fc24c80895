#include "os/powercut.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "os/powercut_log.h"
#include "os/random.h"

static struct {
	char dir[3000];
	int fd; /* the log; -1: off */
	pthread_mutex_t mutex;

} cut = { .fd = -1, .mutex = PTHREAD_MUTEX_INITIALIZER };

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void open_log(const char *dir)
{
	char path[4096];

	cut.fd = -1;
	if (!dir || !*dir)
		return;
	(void)snprintf(cut.dir, sizeof(cut.dir), "%s", dir);
	(void)snprintf(path, sizeof(path), "%s/log", cut.dir);
	cut.fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	if (cut.fd < 0)
		err_die("POSTHUS_POWERCUT: %s: %s", path,
		        strerrordesc_np(errno));
}

static void read_environment(void)
{
	open_log(getenv("POSTHUS_POWERCUT"));
}

bool powercut_is_on(void)
{
	(void)pthread_once(&once, read_environment);
	return cut.fd >= 0;
}

void powercut_set(const char *dir)
{
	(void)powercut_is_on();
	if (cut.fd >= 0)
		(void)close(cut.fd);
	open_log(dir);
}

struct powercut_path powercut_path(int fd)
{
	struct powercut_path p = { "" };
	char link[64];
	ssize_t n;

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, p.z, sizeof(p.z) - 1);
	p.z[n > 0 ? n : 0] = '\0';
	return p;
}

/* ---- the log: one record at a time, and the call that it is about ---- */

static void lock(void)
{
	(void)pthread_mutex_lock(&cut.mutex);
	while (flock(cut.fd, LOCK_EX) < 0 && errno == EINTR)
		;
}

static void unlock(void)
{
	(void)flock(cut.fd, LOCK_UN);
	(void)pthread_mutex_unlock(&cut.mutex);
}

static uint64_t log_size(void)
{
	struct stat st;

	return fstat(cut.fd, &st) == 0 ? (uint64_t)st.st_size : 0;
}

static void put(const struct powercut_record *r, const char *path,
                const char *path2, struct str old, struct str now)
{
	struct buf b;

	buf_init(&b, SIZE_MAX / 4);
	buf_add(&b, (struct str){ (const char *)r, sizeof(*r) });
	buf_add(&b, (struct str){ path, r->path_n });
	buf_add(&b, (struct str){ path2, r->path2_n });
	buf_add(&b, old);
	buf_add(&b, now);
	if (write(cut.fd, b.p, b.n) != (ssize_t)b.n)
		err_die("POSTHUS_POWERCUT: the log cannot be written");
	buf_deinit(&b);
}

static struct powercut_record record(enum powercut_kind kind, const char *path,
                                     const char *path2)
{
	struct powercut_record r = { .magic = POWERCUT_MAGIC, .kind = kind };
	struct stat st;

	r.path_n = (uint32_t)strlen(path);
	r.path2_n = path2 ? (uint32_t)strlen(path2) : 0;
	if (stat(path, &st) == 0) {
		r.inode = st.st_ino;
		r.size = (uint64_t)st.st_size;
	}
	return r;
}

/* What the file has now where it is to be changed. */
static char *read_old(const char *path, uint64_t at, size_t n, size_t *got)
{
	char *p = mem_alloc(n + 1);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t r = fd < 0 ? 0 : pread(fd, p, n, (off_t)at);

	if (fd >= 0)
		(void)close(fd);
	*got = r > 0 ? (size_t)r : 0;
	return p;
}

void powercut_write_begin(const char *path, uint64_t at, struct str bytes)
{
	struct powercut_record r;
	size_t got;
	char *old;

	if (!powercut_is_on())
		return;
	lock();
	r = record(POWERCUT_WRITE, path, NULL);
	old = read_old(path, at, bytes.n, &got);
	r.at = at;
	r.old_n = got;
	r.new_n = bytes.n;
	put(&r, path, NULL, (struct str){ old, got }, bytes);
	mem_free(old);
}

void powercut_truncate_begin(const char *path, uint64_t size)
{
	struct powercut_record r;
	size_t got = 0;
	char *old = NULL;

	if (!powercut_is_on())
		return;
	lock();
	r = record(POWERCUT_TRUNCATE, path, NULL);
	if (r.size > size)
		old = read_old(path, size, (size_t)(r.size - size), &got);
	r.at = size;
	r.old_n = got;
	put(&r, path, NULL, (struct str){ old, got }, (struct str){ NULL, 0 });
	mem_free(old);
}

void powercut_create_begin(const char *path)
{
	struct powercut_record r;

	if (!powercut_is_on())
		return;
	lock();
	r = record(POWERCUT_CREATE, path, NULL);
	put(&r, path, NULL, (struct str){ NULL, 0 }, (struct str){ NULL, 0 });
}

/* A second name for a file that is about to lose its last, or none. */
static void keep(const char *path, char *out, size_t n)
{
	(void)snprintf(out, n, "%s/kept-%016llx", cut.dir,
	               (unsigned long long)random_u64());
	if (link(path, out) < 0)
		*out = '\0';
}

void powercut_rename_begin(const char *from, const char *to)
{
	struct powercut_record r;
	char kept[4096];

	if (!powercut_is_on())
		return;
	lock();
	keep(to, kept, sizeof(kept));
	r = record(POWERCUT_RENAME, from, to);
	r.new_n = strlen(kept);
	put(&r, from, to, (struct str){ NULL, 0 }, str_z(kept));
}

void powercut_remove_begin(const char *path)
{
	struct powercut_record r;
	char kept[4096];

	if (!powercut_is_on())
		return;
	lock();
	keep(path, kept, sizeof(kept));
	r = record(POWERCUT_REMOVE, path, NULL);
	r.new_n = strlen(kept);
	put(&r, path, NULL, (struct str){ NULL, 0 }, str_z(kept));
}

void powercut_end(bool done)
{
	struct powercut_record r;

	if (!powercut_is_on())
		return;
	if (!done) {
		/* The record before this one never came to be. */
		r = record(POWERCUT_FAILED, "", NULL);
		put(&r, "", NULL, (struct str){ NULL, 0 },
		    (struct str){ NULL, 0 });
	}
	unlock();
}

uint64_t powercut_sync_begin(void)
{
	uint64_t at;

	if (!powercut_is_on())
		return 0;
	lock();
	at = log_size();
	unlock();
	return at;
}

void powercut_synced(const char *path, bool folder, uint64_t begun)
{
	struct powercut_record r;

	if (!powercut_is_on())
		return;
	lock();
	r = record(folder ? POWERCUT_SYNC_FOLDER : POWERCUT_SYNC, path, NULL);
	r.at = begun;
	put(&r, path, NULL, (struct str){ NULL, 0 }, (struct str){ NULL, 0 });
	unlock();
}
