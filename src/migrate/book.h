/*
 * migrate/book.h - which messages of a provider were taken already.
 *
 * A database of its own for each account and server, written by the run that
 * holds the account's lock.  A row is a message by folder, UIDVALIDITY and
 * UID, with the digest by which it is known again elsewhere.
 *
 * Rows are written after the messages are in the store.  When that is lost in
 * between, the message is found there by its digest (book_digest()).
 */
#ifndef MIGRATE_BOOK_H
#define MIGRATE_BOOK_H

#include "base/err.h"
#include "base/str.h"

struct book;

struct book_row {
	uint32_t uid;
	uint64_t digest;
};

/* Made when missing.  ERR_EXISTS: another run has it. */
int book_open(struct book **out, const char *dir, int64_t account,
              struct str server, struct err *err) ATTR_MUST_USE;
void book_close(struct book **b);

/* What was taken of a folder, by UID; the caller frees *out. */
int book_read(struct book *b, struct str folder, uint32_t uidvalidity,
              struct book_row **out, size_t *n_out, struct err *err)
	ATTR_MUST_USE;
/* The digests of all that was taken from any folder; likewise. */
int book_digests(struct book *b, uint64_t **out, size_t *n_out, struct err *err)
	ATTR_MUST_USE;

/* All of them or none. */
int book_add(struct book *b, struct str folder, uint32_t uidvalidity,
             const struct book_row *rows, size_t n, struct err *err)
	ATTR_MUST_USE;

/* ---- digests ---- */

/* Of a message: its Message-ID with its size, or without one its date of
 * arrival with its size. */
uint64_t book_digest(struct str message_id, int64_t date_s, uint64_t size);

void book_sort(uint64_t *v, size_t n);
/* How many of `a` have an own counterpart in `b`; both sorted. */
size_t book_matches(const uint64_t *a, size_t n_a, const uint64_t *b,
                    size_t n_b);
/* Leave in `a` what has no counterpart in `b`; both sorted. */
size_t book_without(uint64_t *a, size_t n_a, const uint64_t *b, size_t n_b);
bool book_has(const uint64_t *v, size_t n, uint64_t digest);

#endif
