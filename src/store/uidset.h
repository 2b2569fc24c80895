/*
 * store/uidset.h - sets of UIDs as ranges.
 *
 * Ranges are kept in order, apart from each other and never adjacent, so
 * that a whole mailbox is mostly one range of 8 bytes.
 *
 *	struct uidset s;
 *
 *	uidset_init(&s);
 *	uidset_add(&s, 1, 5);
 *	uidset_remove(&s, 3, 3);         (1:2,4:5)
 *	for (size_t i = 0; i < s.n; i++)
 *		use(s.p[i].first, s.p[i].last);
 *	uidset_deinit(&s);
 */
#ifndef STORE_UIDSET_H
#define STORE_UIDSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct uid_range {
	uint32_t first, last; /* both are in it; first <= last */
};

struct uidset {
	struct uid_range *p;
	size_t n;
	size_t cap; /* private */
};

#define UIDSET_EMPTY              \
	{                         \
		.p = NULL, .n = 0 \
	}
#define UIDSET_ALL ((struct uid_range){ 1, UINT32_MAX })

void uidset_init(struct uidset *s);
void uidset_deinit(struct uidset *s);
void uidset_reset(struct uidset *s);
void uidset_copy(struct uidset *to, const struct uidset *from);

/* first > last is taken as the other way round (RFC 9051, 9: seq-range).
 * Adding at the end is quick; in the middle it moves what lies behind. */
void uidset_add(struct uidset *s, uint32_t first, uint32_t last);
void uidset_remove(struct uidset *s, uint32_t first, uint32_t last);
void uidset_add_set(struct uidset *s, const struct uidset *other);
void uidset_remove_set(struct uidset *s, const struct uidset *other);
/* Keep only what is also in `other`. */
void uidset_keep_set(struct uidset *s, const struct uidset *other);

bool uidset_has(const struct uidset *s, uint32_t uid);
uint64_t uidset_count(const struct uidset *s);

/* The position, from 0, of `uid`; false when it is not in the set.
 * O(ranges); struct view has the quick way. */
bool uidset_index(const struct uidset *s, uint32_t uid, uint64_t *out);
/* The member at position `at`, from 0; 0 when there are fewer. */
uint32_t uidset_at(const struct uidset *s, uint64_t at);

#endif
