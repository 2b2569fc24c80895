/*
 * score/zip.h - the names in a ZIP archive, by its listing alone.
 *
 * Nothing is unpacked.  Local headers are walked from the front, so that the
 * beginning of a large archive is enough; an entry whose size stands behind
 * its data ends the walk, and then the directory at the end is read, if the
 * end is there.
 *
 *	struct zip_reader z = zip_reader(bytes);
 *	struct zip_entry e;
 *
 *	while (zip_next(&z, &e))
 *		...
 */
#ifndef SCORE_ZIP_H
#define SCORE_ZIP_H

#include "base/str.h"

struct zip_entry {
	struct str name; /* raw bytes, of any charset */
	bool locked;     /* encrypted */
};

struct zip_reader {
	struct str bytes; /* private */
	size_t at;        /* private */
	bool directory;   /* private */
};

bool zip_is(struct str bytes);
struct zip_reader zip_reader(struct str bytes);
bool zip_next(struct zip_reader *z, struct zip_entry *out);

#endif
