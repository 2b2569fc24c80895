/*
 * pack/zip.h - write a ZIP archive as a stream (PKWARE's APPNOTE, 6.3).
 *
 * Entries are stored as they are.  One whose size and CRC are known has them
 * in front, so that any program reads it; one that is not has them behind, in
 * the form of ZIP64.  The directory of what is in it grows in a spool, so the
 * memory stays the same for a million entries.
 *
 *	zip_writer_init(&z, spool_new(pool, ZIP_DIRECTORY_MAX));
 *	if (zip_begin(&z, &entry, &out, err) < 0) ...
 *	zip_data(&z, piece, &out);                as often as wanted
 *	if (zip_end(&z, &out, err) < 0) ...
 *	while ((rc = zip_finish(&z, &out, err)) > 0)
 *		... send and reset `out`
 *	zip_writer_deinit(&z);
 */
#ifndef PACK_ZIP_H
#define PACK_ZIP_H

#include "base/buf.h"
#include "base/err.h"
#include "os/spool.h"

#define ZIP_NAME_MAX 4096
/* For some two million entries. */
#define ZIP_DIRECTORY_MAX ((uint64_t)256 * 1024 * 1024)

struct zip_entry {
	struct str name;    /* UTF-8, levels apart by '/'; not absolute */
	int64_t modified_s; /* seconds since 1970 */
	bool sized;         /* the two below are known */
	uint64_t size;
	uint32_t crc;
};

struct zip_writer {
	struct spool *directory; /* private, as all */
	struct buf name;
	struct zip_entry now; /* its size and crc are those written so far */
	uint64_t said_size;
	uint32_t said_crc;
	uint64_t began;  /* where its header stands */
	uint64_t at;     /* bytes written of the archive */
	uint64_t count;  /* entries */
	uint64_t told;   /* bytes of the directory given out */
	struct str view; /* the directory, once sealed */
	bool sealed;
};

/* Takes the spool. */
void zip_writer_init(struct zip_writer *z, struct spool *directory);
void zip_writer_deinit(struct zip_writer *z);

/* The CRC of bytes after others, whose CRC is `crc`; it begins as 0. */
uint32_t zip_crc(uint32_t crc, struct str bytes);

/* All append to `out`, whose overflow the caller looks at. */
int zip_begin(struct zip_writer *z, const struct zip_entry *e, struct buf *out,
              struct err *err) ATTR_MUST_USE; /* ERR_TOO_BIG: the name */
void zip_data(struct zip_writer *z, struct str piece, struct buf *out);
/* ERR_TOO_BIG when the directory is full; ERR_CORRUPT when a sized entry got
 * other bytes than were announced. */
int zip_end(struct zip_writer *z, struct buf *out, struct err *err)
	ATTR_MUST_USE;
/* The directory, in pieces of at most 64 KiB: 1 while more follows, 0 at the
 * end of the archive, -1. */
int zip_finish(struct zip_writer *z, struct buf *out, struct err *err)
	ATTR_MUST_USE;

#endif
