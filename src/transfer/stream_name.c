#include <string.h>

#include "base/civil.h"
#include "base/utf8.h"
#include "transfer/stream.h"

#define SUBJECT_MAX 80 /* bytes */
#define LEVEL_MAX   200

/* What some system does not take in a name, or shows other than it is:
 * controls, separators, wildcards, marks of direction. */
static bool is_harmless(uint32_t c)
{
	if (c < 0x20 || (c >= 0x7f && c < 0xa0))
		return false;
	if (c < 0x80)
		return !memchr("/\\:*?\"<>|", (int)c, 9);
	return !(c >= 0x200b && c <= 0x200f) && !(c >= 0x2028 && c <= 0x202e) &&
	       !(c >= 0x2066 && c <= 0x2069) && c != 0xfeff;
}

static struct str harmless(struct arena *a, struct str s, size_t max)
{
	enum utf8_result r;
	struct str out;
	struct buf b;
	uint32_t c;

	s = utf8_head(s, max);
	buf_init(&b, 3 * max + 4);
	while ((r = utf8_next(&s, &c)) != UTF8_END)
		utf8_add(&b, r == UTF8_CHAR && is_harmless(c) ? c : '_');
	/* A dot or a blank at the end is dropped by some, ".." leads away. */
	while (b.n > 0 && (b.p[b.n - 1] == '.' || b.p[b.n - 1] == ' '))
		buf_truncate(&b, b.n - 1);
	out = arena_dup(a, b.n > 0 ? buf_str(&b) : STR("_"));
	buf_deinit(&b);
	return out;
}

struct str transfer_path_of(struct arena *a, struct str mailbox,
                            const char *ending)
{
	struct str level, out = STR("");

	while (str_cut(&mailbox, '/', &level))
		out = arena_fmt(a, "%.*s%s%.*s", STR_ARG(out), out.n ? "/" : "",
		                STR_ARG(harmless(a, level, LEVEL_MAX)));
	return arena_fmt(a, "%.*s%s", STR_ARG(out), ending);
}

struct str transfer_file_of(struct arena *a, int64_t arrived_s, uint64_t no,
                            struct str subject)
{
	struct civil c = civil_of(arrived_s);

	return arena_fmt(a, "%04d%02d%02d-%02d%02d%02d-%llu-%.*s.eml",
	                 (int)c.year, c.month, c.day, c.hour, c.minute,
	                 c.second, (unsigned long long)no,
	                 STR_ARG(harmless(a, subject, SUBJECT_MAX)));
}
