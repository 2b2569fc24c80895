/*
 * score/teach.h - teach the filter what owners said (store/learn.h).
 *
 * For a thread of the role that keeps house: takes notes of the store, reads
 * the messages, teaches each account its words, then drops the notes.  After
 * a crash in between the notes are there still, and what was learned is known
 * already (model.h).
 */
#ifndef SCORE_TEACH_H
#define SCORE_TEACH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct learned;
struct store;

/* At most `max` messages; without `lr` the notes are only dropped.  How many notes were taken, or -1. */
int teach_run(struct store *s, struct learned *lr, bool shared, size_t max,
              struct err *err) ATTR_MUST_USE;

#endif
