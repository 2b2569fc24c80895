/* trail/write.h - records into the files of their days; private to trail/. */
#ifndef TRAIL_WRITE_H
#define TRAIL_WRITE_H

#include "trail/ring.h"

struct trail_writer;

struct trail_writer *trail_writer_new(const char *dir);
void trail_writer_free(struct trail_writer **w);

/* Records as ring_take() gives them, `n` of them; what could not be written
 * is counted in *dropped_out, and *err is of the last such. */
int trail_write(struct trail_writer *w, char *records, size_t bytes, size_t n,
                size_t *dropped_out, struct err *err) ATTR_MUST_USE;

#endif
