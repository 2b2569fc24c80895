#include "imap/flagtext.h"

/* Both have them in their lowest bits, but each in an order of its own. */
static const struct {
	uint32_t wire;
	uint64_t store;
	const char *name;
} system_flags[] = {
	{ IMAP_SEEN, FLAG_SEEN, "\\Seen" },
	{ IMAP_ANSWERED, FLAG_ANSWERED, "\\Answered" },
	{ IMAP_FLAGGED, FLAG_FLAGGED, "\\Flagged" },
	{ IMAP_DELETED, FLAG_DELETED, "\\Deleted" },
	{ IMAP_DRAFT, FLAG_DRAFT, "\\Draft" },
};

#define COUNT (sizeof(system_flags) / sizeof(system_flags[0]))

uint64_t imap_system_bits(uint32_t system)
{
	uint64_t bits = 0;

	for (size_t i = 0; i < COUNT; i++)
		if (system & system_flags[i].wire)
			bits |= system_flags[i].store;
	return bits;
}

static void add(struct buf *b, bool *first, struct str name)
{
	if (!*first)
		buf_add_c(b, ' ');
	*first = false;
	buf_add(b, name);
}

void imap_write_flag_bits(struct buf *b, const struct flag_names *names,
                          uint64_t bits)
{
	bool first = true;

	for (size_t i = 0; i < COUNT; i++)
		if (bits & system_flags[i].store)
			add(b, &first, str_z(system_flags[i].name));
	bits >>= FLAG_KEYWORD_FIRST;
	for (unsigned bit = FLAG_KEYWORD_FIRST; bits; bit++, bits >>= 1)
		if ((bits & 1) && bit < FLAG_BITS && names->names[bit].n)
			add(b, &first, names->names[bit]);
}
