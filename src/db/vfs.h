/*
 * db/vfs.h - SQLite's files, seen through os/file.h.
 *
 * A VFS that passes everything to the system's own and asks file_fault()
 * before each write and sync, so that tests can make the Nth one fail, and
 * tells file_sync_failed() of a sync that failed.
 */
#ifndef DB_VFS_H
#define DB_VFS_H

/* Registers it, once; its name for sqlite3_open_v2(). */
const char *db_vfs(void);

#endif
