/*
 * transfer/marks.h - flags and keywords of a stored message, as mbox files
 * have them.
 */
#ifndef TRANSFER_MARKS_H
#define TRANSFER_MARKS_H

#include "base/arena.h"
#include "store/fetch.h"
#include "store/flags.h"
#include "transfer/mbox.h"

/* The keywords live in `a`. */
struct mbox_marks transfer_marks(const struct flag_names *names,
                                 const struct fetch_row *row, struct arena *a);

#endif
