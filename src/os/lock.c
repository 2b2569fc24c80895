#include "os/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/mem.h"
#include "os/blocking.h"
#include "os/file.h"

struct lock {
	char *path;
	int turn, own; /* files */
};

static int open_file(const char *path, const char *suffix, struct err *err)
{
	char name[4096];
	int n = snprintf(name, sizeof(name), "%s%s", path, suffix);

	if (n < 0 || (size_t)n >= sizeof(name))
		return err_set(err, ERR_TOO_BIG, "path is too long");
	return file_open(name, O_RDWR | O_CREAT, 0660, err);
}

int lock_open(struct lock **out, const char *path, struct err *err)
{
	struct lock *l = mem_zalloc(sizeof(*l));

	l->path = mem_strdup(path);
	l->turn = open_file(path, ".turn", err);
	l->own = l->turn < 0 ? -1 : open_file(path, "", err);
	if (l->own < 0) {
		lock_close(&l);
		return -1;
	}
	*out = l;
	return 0;
}

void lock_close(struct lock **lp)
{
	struct lock *l = *lp;

	if (!l)
		return;
	file_close(&l->turn);
	file_close(&l->own);
	mem_free(l->path);
	mem_free(l);
	*lp = NULL;
}

static int set(int fd, int cmd, short type)
{
	struct flock f = { .l_type = type, .l_whence = SEEK_SET };
	int rc;

	do
		rc = fcntl(fd, cmd, &f);
	while (rc < 0 && errno == EINTR);
	return rc;
}

/* Only a wait that really waits is told to the pool. */
static int take(int fd)
{
	int rc = set(fd, F_OFD_SETLK, F_WRLCK);

	if (rc == 0 || (errno != EAGAIN && errno != EACCES))
		return rc;
	blocking_begin();
	rc = set(fd, F_OFD_SETLKW, F_WRLCK);
	blocking_end();
	return rc;
}

int lock_acquire(struct lock *l, struct err *err)
{
	int rc;

	if (take(l->turn) < 0)
		return err_sys(err, errno, "lock %s.turn", l->path);
	rc = take(l->own);
	if (rc < 0)
		rc = err_sys(err, errno, "lock %s", l->path);
	(void)set(l->turn, F_OFD_SETLK, F_UNLCK);
	return rc;
}

int lock_try(struct lock *l, struct err *err)
{
	if (set(l->own, F_OFD_SETLK, F_WRLCK) == 0)
		return 1;
	if (errno == EAGAIN || errno == EACCES)
		return 0;
	return err_sys(err, errno, "lock %s", l->path);
}

void lock_release(struct lock *l)
{
	(void)set(l->own, F_OFD_SETLK, F_UNLCK);
}
