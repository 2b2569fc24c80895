#include "db/vfs.h"

#include <errno.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "os/file.h"
#include "os/powercut.h"

#define NAME "posthus"

/* SQLite allocates szOsFile bytes: this, and behind it the real file. */
struct file {
	sqlite3_file base;
	const char *path; /* SQLite's, lives as long as the file; may be NULL */
	bool sync_folder; /* its first sync also syncs its folder */
};

static sqlite3_vfs *below;

static sqlite3_file *real(sqlite3_file *f)
{
	return (sqlite3_file *)(void *)((struct file *)(void *)f + 1);
}

static int f_close(sqlite3_file *f)
{
	return real(f)->pMethods->xClose(real(f));
}

static int f_read(sqlite3_file *f, void *p, int n, sqlite3_int64 at)
{
	return real(f)->pMethods->xRead(real(f), p, n, at);
}

static int f_write(sqlite3_file *f, const void *p, int n, sqlite3_int64 at)
{
	const char *path = ((struct file *)(void *)f)->path;
	int failed = file_fault(FILE_OP_WRITE);
	int rc;

	if (failed)
		return failed == ENOSPC ? SQLITE_FULL : SQLITE_IOERR_WRITE;
	if (!path)
		return real(f)->pMethods->xWrite(real(f), p, n, at);
	powercut_write_begin(path, (uint64_t)at, (struct str){ p, (size_t)n });
	rc = real(f)->pMethods->xWrite(real(f), p, n, at);
	powercut_end(rc == SQLITE_OK);
	return rc;
}

static int f_truncate(sqlite3_file *f, sqlite3_int64 size)
{
	const char *path = ((struct file *)(void *)f)->path;
	int rc;

	if (!path)
		return real(f)->pMethods->xTruncate(real(f), size);
	powercut_truncate_begin(path, (uint64_t)size);
	rc = real(f)->pMethods->xTruncate(real(f), size);
	powercut_end(rc == SQLITE_OK);
	return rc;
}

/* The system's VFS syncs the folder of a new log with its first sync. */
static void tell_folder(const char *path, uint64_t begun)
{
	char dir[4096];
	const char *slash = strrchr(path, '/');

	(void)snprintf(dir, sizeof(dir), "%.*s",
	               slash ? (int)(slash - path) : 1, slash ? path : ".");
	powercut_synced(dir, true, begun);
}

static int f_sync(sqlite3_file *f, int flags)
{
	struct file *own = (struct file *)(void *)f;
	uint64_t begun = powercut_sync_begin();
	int rc = SQLITE_IOERR_FSYNC;

	if (!file_fault(FILE_OP_SYNC))
		rc = real(f)->pMethods->xSync(real(f), flags);
	if (rc != SQLITE_OK) {
		file_sync_failed(own->path ? own->path : "");
	} else if (own->path && powercut_is_on()) {
		powercut_synced(own->path, false, begun);
		if (own->sync_folder)
			tell_folder(own->path, begun);
		own->sync_folder = false;
	}
	return rc;
}

static int f_size(sqlite3_file *f, sqlite3_int64 *out)
{
	return real(f)->pMethods->xFileSize(real(f), out);
}

static int f_lock(sqlite3_file *f, int level)
{
	return real(f)->pMethods->xLock(real(f), level);
}

static int f_unlock(sqlite3_file *f, int level)
{
	return real(f)->pMethods->xUnlock(real(f), level);
}

static int f_check_reserved(sqlite3_file *f, int *out)
{
	return real(f)->pMethods->xCheckReservedLock(real(f), out);
}

static int f_control(sqlite3_file *f, int op, void *arg)
{
	return real(f)->pMethods->xFileControl(real(f), op, arg);
}

static int f_sector(sqlite3_file *f)
{
	return real(f)->pMethods->xSectorSize(real(f));
}

static int f_character(sqlite3_file *f)
{
	return real(f)->pMethods->xDeviceCharacteristics(real(f));
}

static int f_shm_map(sqlite3_file *f, int page, int size, int extend,
                     void volatile **out)
{
	return real(f)->pMethods->xShmMap(real(f), page, size, extend, out);
}

static int f_shm_lock(sqlite3_file *f, int at, int n, int flags)
{
	return real(f)->pMethods->xShmLock(real(f), at, n, flags);
}

static void f_shm_barrier(sqlite3_file *f)
{
	real(f)->pMethods->xShmBarrier(real(f));
}

static int f_shm_unmap(sqlite3_file *f, int remove)
{
	return real(f)->pMethods->xShmUnmap(real(f), remove);
}

/* Version 2: no xFetch, so that nothing is ever written through a map. */
static const sqlite3_io_methods methods = {
	.iVersion = 2,
	.xClose = f_close,
	.xRead = f_read,
	.xWrite = f_write,
	.xTruncate = f_truncate,
	.xSync = f_sync,
	.xFileSize = f_size,
	.xLock = f_lock,
	.xUnlock = f_unlock,
	.xCheckReservedLock = f_check_reserved,
	.xFileControl = f_control,
	.xSectorSize = f_sector,
	.xDeviceCharacteristics = f_character,
	.xShmMap = f_shm_map,
	.xShmLock = f_shm_lock,
	.xShmBarrier = f_shm_barrier,
	.xShmUnmap = f_shm_unmap,
};

static int v_open(sqlite3_vfs *v, const char *path, sqlite3_file *f, int flags,
                  int *out_flags)
{
	struct file *own = (struct file *)(void *)f;
	bool makes = path && (flags & SQLITE_OPEN_CREATE) && powercut_is_on() &&
	             access(path, F_OK) < 0;
	int rc;

	(void)v;
	own->base.pMethods = NULL;
	own->path = path;
	own->sync_folder =
		makes && (flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL));
	if (makes)
		powercut_create_begin(path);
	rc = below->xOpen(below, path, real(f), flags, out_flags);
	if (makes)
		powercut_end(rc == SQLITE_OK);
	/* pMethods is set when the file below wants xClose, also on failure. */
	if (real(f)->pMethods)
		own->base.pMethods = &methods;
	return rc;
}

static int v_delete(sqlite3_vfs *v, const char *path, int sync_folder)
{
	int rc;

	(void)v;
	powercut_remove_begin(path);
	rc = below->xDelete(below, path, sync_folder);
	powercut_end(rc == SQLITE_OK);
	if (rc == SQLITE_OK && sync_folder && powercut_is_on())
		tell_folder(path, powercut_sync_begin());
	return rc;
}

static sqlite3_vfs shim;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void set_up(void)
{
	/* Counting every allocation under a mutex is only for statistics. */
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	(void)sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
	if (sqlite3_initialize() != SQLITE_OK)
		err_die("SQLite does not start");
	below = sqlite3_vfs_find(NULL);
	shim = *below; /* all else is the same function, with its own data */
	shim.pNext = NULL;
	shim.zName = NAME;
	shim.szOsFile = (int)sizeof(struct file) + below->szOsFile;
	shim.xOpen = v_open;
	shim.xDelete = v_delete;
	if (sqlite3_vfs_register(&shim, 0) != SQLITE_OK)
		err_die("SQLite does not take our VFS");
}

const char *db_vfs(void)
{
	(void)pthread_once(&once, set_up);
	return NAME;
}
