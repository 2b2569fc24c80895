#include "score/zip.h"

#define LOCAL     0x04034b50u
#define DIRECTORY 0x02014b50u
#define END       0x06054b50u
#define END_SIZE  22

static uint32_t u16(struct str b, size_t at)
{
	return (uint32_t)((unsigned char)b.p[at] | (unsigned char)b.p[at + 1]
	                                                   << 8);
}

static uint32_t u32(struct str b, size_t at)
{
	return u16(b, at) | u16(b, at + 2) << 16;
}

bool zip_is(struct str bytes)
{
	return bytes.n >= 30 && u32(bytes, 0) == LOCAL;
}

/* Where the directory begins, or 0. */
static size_t find_directory(struct str b)
{
	/* A comment of at most 64 KiB may stand behind. */
	size_t low = b.n > 65557 ? b.n - 65557 : 0;

	if (b.n < END_SIZE)
		return 0;
	for (size_t at = b.n - END_SIZE + 1; at-- > low;)
		if (u32(b, at) == END) {
			uint32_t from = u32(b, at + 16);

			return from < at ? from : 0;
		}
	return 0;
}

struct zip_reader zip_reader(struct str bytes)
{
	struct zip_reader z = { .bytes = bytes };
	size_t at = find_directory(bytes);

	if (at && at + 46 <= bytes.n && u32(bytes, at) == DIRECTORY) {
		z.at = at;
		z.directory = true;
	}
	return z;
}

static bool next_in_directory(struct zip_reader *z, struct zip_entry *out)
{
	struct str b = z->bytes;
	size_t at = z->at, name;

	if (at + 46 > b.n || u32(b, at) != DIRECTORY)
		return false;
	name = u16(b, at + 28);
	if (at + 46 + name > b.n)
		return false;
	out->name = (struct str){ b.p + at + 46, name };
	out->locked = u16(b, at + 8) & 1;
	z->at = at + 46 + name + u16(b, at + 30) + u16(b, at + 32);
	return true;
}

bool zip_next(struct zip_reader *z, struct zip_entry *out)
{
	struct str b = z->bytes;
	size_t at = z->at, name;

	if (z->directory)
		return next_in_directory(z, out);
	if (at > b.n || b.n - at < 30 || u32(b, at) != LOCAL)
		return false;
	name = u16(b, at + 26);
	if (b.n - at - 30 < name)
		return false;
	out->name = (struct str){ b.p + at + 30, name };
	out->locked = u16(b, at + 6) & 1;
	if (u16(b, at + 6) & 8 && u32(b, at + 18) == 0)
		z->at = b.n; /* its length comes behind it */
	else
		z->at = at + 30 + name + u16(b, at + 28) + u32(b, at + 18);
	return true;
}
