#include "base/ip.h"

#include <stdio.h>

#include <string.h>

bool ip4_parse(struct str s, uint8_t out[4])
{
	uint8_t ip[4];
	struct str part;
	size_t n = 0;
	uint64_t v;

	if (s.n == 0 || s.p[s.n - 1] == '.')
		return false;
	while (str_cut(&s, '.', &part)) {
		if (n == 4 || (part.n > 1 && part.p[0] == '0') ||
		    !str_to_u64(part, 255, &v))
			return false;
		ip[n++] = (uint8_t)v;
	}
	if (n != 4)
		return false;
	memcpy(out, ip, 4);
	return true;
}

static bool parse_group(struct str g, uint16_t *out)
{
	unsigned v = 0;

	if (g.n == 0 || g.n > 4)
		return false;
	for (size_t i = 0; i < g.n; i++) {
		int h = ascii_hex(g.p[i]);

		if (h < 0)
			return false;
		v = v << 4 | (unsigned)h;
	}
	*out = (uint16_t)v;
	return true;
}

/* Groups between colons into `ip`; the last may be an IPv4 address.  Bytes
 * written, or -1. */
static int parse_groups(struct str s, uint8_t ip[16], bool tail)
{
	struct str g;
	int n = 0;

	if (s.n == 0)
		return 0;
	if (s.p[s.n - 1] == ':')
		return -1;
	while (str_cut(&s, ':', &g)) {
		uint16_t v;

		if (tail && s.n == 0 && str_chr(g, '.') != STR_NPOS) {
			if (n > 12 || !ip4_parse(g, ip + n))
				return -1;
			return n + 4;
		}
		if (n > 14 || !parse_group(g, &v))
			return -1;
		ip[n++] = (uint8_t)(v >> 8);
		ip[n++] = (uint8_t)v;
	}
	return n;
}

bool ip6_parse(struct str s, uint8_t out[16])
{
	size_t gap = str_find(s, STR("::"));
	uint8_t head[16] = { 0 }, tail[16] = { 0 };
	int h, t;

	if (gap == STR_NPOS) {
		if (parse_groups(s, head, true) != 16)
			return false;
		memcpy(out, head, 16);
		return true;
	}
	h = parse_groups(str_to(s, gap), head, false);
	t = parse_groups(str_from(s, gap + 2), tail, true);
	if (h < 0 || t < 0 || h + t > 14)
		return false;
	memcpy(head + 16 - t, tail, (size_t)t);
	memcpy(out, head, 16);
	return true;
}

bool ip_prefix_eq(const uint8_t *a, const uint8_t *b, unsigned bits)
{
	unsigned bytes = bits / 8, left = bits % 8;
	uint8_t mask = (uint8_t)(0xff << (8 - left));

	if (memcmp(a, b, bytes) != 0)
		return false;
	return left == 0 || (a[bytes] & mask) == (b[bytes] & mask);
}

bool ip_backwards(struct str text, char out[IP_BACKWARDS_MAX])
{
	static const char hex[] = "0123456789abcdef";
	uint8_t b[16];
	size_t n = 0;

	if (ip4_parse(text, b)) {
		(void)snprintf(out, IP_BACKWARDS_MAX, "%u.%u.%u.%u", b[3], b[2],
		               b[1], b[0]);
		return true;
	}
	if (!ip6_parse(text, b))
		return false;
	for (int i = 15; i >= 0; i--) {
		out[n++] = hex[b[i] & 15];
		out[n++] = '.';
		out[n++] = hex[b[i] >> 4];
		out[n++] = i ? '.' : '\0';
	}
	return true;
}
