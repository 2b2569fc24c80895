/* trail/private.h - what the files of trail/ share. */
#ifndef TRAIL_PRIVATE_H
#define TRAIL_PRIVATE_H

#include "base/buf.h"
#include "db/db.h"
#include "trail/event.h"

/* ---- event.c ---- */

#define TRAIL_FLAG_K 1u
#define TRAIL_FLAG_P 2u
#define TRAIL_FLAG_D 4u

struct trail_kind_row {
	const char *name, *words;
	enum trail_state state;
	unsigned flags;
};

const struct trail_kind_row *trail_kind_row(enum trail_kind kind);

/* ---- id.c ---- */

/* A trace id as the number it is stored as, 0 for ""; what is not made of the
 * twelve or fewer characters of ours becomes a negative hash. */
int64_t trail_number(struct str id);
/* Back; false (out "") for 0 and hashes. */
bool trail_number_text(int64_t number, char out[TRAIL_ID_SIZE]);

/* ---- pack.c ---- */

/* The most bytes that trail_pack() writes. */
#define TRAIL_FACTS_MAX 8192

/* All but kind, time and trace id, which are columns of their own. */
void trail_pack(struct buf *b, const struct trail_event *e);
/* Views lie in `facts`; what is broken ends the reading, and false. */
bool trail_unpack(struct str facts, struct trail_event *e);

/* ---- keys.c ---- */

/* What an event can be found by: numbers that begin with the hour, so that
 * what happens in one hour lies together. */
#define TRAIL_KEYS_MAX 10
#define TRAIL_HOURS    24

size_t trail_keys(const struct trail_event *e, uint64_t out[TRAIL_KEYS_MAX]);
uint64_t trail_key_address(struct str address);
uint64_t trail_key_message_id(struct str id);
uint64_t trail_key_account(int64_t account);
uint64_t trail_key_domain(struct str name);
/* What stands behind the @; "" without one. */
struct str trail_domain_of(struct str address);
/* The number in the database; not negative. */
int64_t trail_key_at(uint64_t key, unsigned hour);
unsigned trail_hour(int64_t at_us);

/* ---- day.c ---- */

#define TRAIL_SCHEMA 1
int trail_migrate(struct db *db, uint32_t version, struct err *err)
	ATTR_MUST_USE;

/* Days since 1970. */
int64_t trail_day(int64_t at_us);
/* "DIR/trail/2026-11-24.db" */
struct str trail_day_path(struct arena *a, const char *dir, int64_t day);
/* The days that have a file, ascending. */
int trail_days(const char *dir, struct arena *a, int64_t **out, size_t *n_out,
               struct err *err) ATTR_MUST_USE;

#endif
