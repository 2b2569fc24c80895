/*
 * transfer/batch.h - some hundred messages, prepared by workers and committed
 * in order by the thread that imports.
 *
 * A ring of batches goes round: the importer fills one with items and hands
 * it to the workers; they read, parse and compress; the importer takes the
 * oldest back when it is ready and commits it.  So the order of messages is
 * kept while all cores work, and no more than the ring is in memory.
 */
#ifndef TRANSFER_BATCH_H
#define TRANSFER_BATCH_H

#include "base/arena.h"
#include "os/spool.h"
#include "store/append.h"
#include "transfer/source.h"

#define BATCH_ITEMS 128

struct batch_item {
	struct source_item item;
	struct append *message; /* NULL: item.failed */
};

struct batch {
	struct arena arena; /* the items' strings */
	struct batch_item items[BATCH_ITEMS];
	size_t n;
};

struct batch_ring;

struct batch_ring_options {
	struct store *store;
	struct spool_pool *pool;
	uint64_t message_max;
	unsigned threads; /* 0: the cores */
};

int batch_ring_open(struct batch_ring **out, const struct batch_ring_options *o,
                    struct err *err) ATTR_MUST_USE;
/* Waits for what is being prepared, frees all. */
void batch_ring_close(struct batch_ring **ring);

/* An empty batch to fill, or NULL when the ring is full. */
struct batch *batch_ring_empty(struct batch_ring *ring);
/* Hand the one from batch_ring_empty() over. */
void batch_ring_post(struct batch_ring *ring);
/* Wait for the oldest that was posted; NULL when there is none. */
struct batch *batch_ring_oldest(struct batch_ring *ring);
/* It is done with: its messages are freed, its place is empty. */
void batch_ring_drop(struct batch_ring *ring);

#endif
