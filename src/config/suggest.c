#include "config/suggest.h"

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

unsigned suggest_distance(struct str a, struct str b)
{
	unsigned row[3][SUGGEST_MAX + 1];
	unsigned *two_up = row[0], *up = row[1], *now = row[2];

	if (a.n > SUGGEST_MAX || b.n > SUGGEST_MAX)
		return SUGGEST_MAX * 2;
	for (size_t j = 0; j <= b.n; j++)
		up[j] = (unsigned)j;
	for (size_t i = 1; i <= a.n; i++) {
		unsigned *spare = two_up;
		char ca = ascii_lower(a.p[i - 1]);

		now[0] = (unsigned)i;
		for (size_t j = 1; j <= b.n; j++) {
			char cb = ascii_lower(b.p[j - 1]);

			now[j] = least(up[j] + 1, now[j - 1] + 1);
			now[j] = least(now[j], up[j - 1] + (ca != cb));
			if (i > 1 && j > 1 && ca == ascii_lower(b.p[j - 2]) &&
			    cb == ascii_lower(a.p[i - 2]))
				now[j] = least(now[j], two_up[j - 2] + 1);
		}
		two_up = up;
		up = now;
		now = spare;
	}
	return up[b.n];
}

struct suggest suggest(struct str word)
{
	/* One wrong letter in three is near; in a word of two, none is. */
	unsigned near = word.n < 3 ? 1 : (unsigned)(word.n + 2) / 3;

	return (struct suggest){ .word = word, .distance = near + 1 };
}

void suggest_try(struct suggest *s, const char *candidate)
{
	unsigned d = suggest_distance(s->word, str_z(candidate));

	if (d < s->distance) {
		s->distance = d;
		s->best = candidate;
	}
}
