#include "wire/srs/srs.h"

#include <string.h>

#define US_PER_DAY INT64_C(86400000000)
/* The day is counted modulo this: two letters of five bits. */
#define DAYS 1024
/* Letters of the mac: 40 bits. */
#define MAC_LETTERS 8

static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";

/* ---- pieces ---- */

static int letter_value(char c)
{
	c = ascii_lower(c);
	if (c >= 'a' && c <= 'z')
		return c - 'a';
	return c >= '2' && c <= '7' ? c - '2' + 26 : -1;
}

static bool is_separator(char c)
{
	return c == '=' || c == '+' || c == '-';
}

/* "SRS0" or "SRS1" and a separator: the digit, else -1. */
static int kind_of(struct str local)
{
	if (local.n < 6 || !str_starts_case(local, STR("SRS")) ||
	    !is_separator(local.p[4]))
		return -1;
	return local.p[3] == '0' ? 0 : local.p[3] == '1' ? 1 : -1;
}

bool srs_is(struct str local)
{
	return kind_of(local) >= 0;
}

/* Case may change on the way, so it does not count. */
static void make_mac(const struct srs_key *key, struct str text,
                     char out[MAC_LETTERS])
{
	char lower[SRS_LOCAL_MAX * 2];
	unsigned char mac[32];
	uint64_t bits = 0;
	size_t i;

	if (text.n > sizeof(lower))
		text.n = sizeof(lower);
	for (i = 0; i < text.n; i++)
		lower[i] = ascii_lower(text.p[i]);
	key->mac(key->arg, (struct str){ lower, text.n }, mac);
	for (i = 0; i < 5; i++)
		bits = bits << 8 | mac[i];
	for (i = 0; i < MAC_LETTERS; i++)
		out[i] = letters[bits >> (5 * i) & 31];
}

/* In a time that does not depend on where they differ. */
static bool mac_is(const struct srs_key *key, struct str text, struct str given)
{
	char want[MAC_LETTERS];
	int differs = 0;

	make_mac(key, text, want);
	if (given.n != MAC_LETTERS)
		return false;
	for (size_t i = 0; i < MAC_LETTERS; i++)
		differs |= want[i] ^ ascii_lower(given.p[i]);
	return differs == 0;
}

/* ---- writing ---- */

static void add_two(struct buf *out, struct str a, struct str b)
{
	buf_add(out, a);
	buf_add_c(out, '=');
	buf_add(out, b);
}

bool srs_forward(const struct srs_key *key, struct str local, struct str domain,
                 int64_t now_us, struct buf *out)
{
	unsigned day = (unsigned)(now_us / US_PER_DAY % DAYS);
	int kind = kind_of(local);
	char mac[MAC_LETTERS];
	struct str rest, host, ignored;
	struct buf text;
	bool ok;

	if (local.n == 0 || domain.n == 0 ||
	    local.n + domain.n + MAC_LETTERS + 16 > SRS_LOCAL_MAX)
		return false;
	buf_init(&text, SRS_LOCAL_MAX);
	rest = kind >= 0 ? str_from(local, 5) : local;
	if (kind == 1 && str_cut(&rest, '=', &ignored) &&
	    str_cut(&rest, '=', &host) && host.n && rest.n >= 2 &&
	    is_separator(rest.p[0])) {
		/* The first forwarder stays, the one in between goes. */
		add_two(&text, host, rest);
	} else if (kind == 0) {
		add_two(&text, domain, str_from(local, 4));
	} else {
		kind = -1;
		buf_fmt(&text, "%c%c=", letters[day >> 5], letters[day & 31]);
		add_two(&text, domain, local);
	}
	make_mac(key, buf_str(&text), mac);
	ok = !buf_overflow(&text);
	if (ok) {
		buf_fmt(out, "SRS%c=", kind < 0 ? '0' : '1');
		add_two(out, (struct str){ mac, MAC_LETTERS }, buf_str(&text));
	}
	buf_deinit(&text);
	return ok;
}

/* ---- reading ---- */

static enum srs_result check_day(struct str day, int64_t now_us)
{
	int64_t today = now_us / US_PER_DAY % DAYS, age;
	int high, low;

	if (day.n != 2)
		return SRS_BAD;
	high = letter_value(day.p[0]);
	low = letter_value(day.p[1]);
	if (high < 0 || low < 0)
		return SRS_BAD;
	age = (today - (high << 5 | low) + DAYS) % DAYS;
	/* Tomorrow's: the clock was set back. */
	return age <= SRS_DAYS_MAX || age == DAYS - 1 ? SRS_OK : SRS_EXPIRED;
}

static enum srs_result reverse_0(struct str rest, int64_t now_us,
                                 struct srs_address *out)
{
	struct srs_address r;
	enum srs_result res;
	struct str day;

	if (!str_cut(&rest, '=', &day) || !str_cut(&rest, '=', &r.domain) ||
	    r.domain.n == 0 || rest.n == 0)
		return SRS_BAD;
	res = check_day(day, now_us);
	if (res != SRS_OK)
		return res;
	r.local = rest;
	*out = r;
	return SRS_OK;
}

static enum srs_result reverse_1(struct str rest, struct arena *a,
                                 struct srs_address *out)
{
	struct str host;
	char *text;

	if (!str_cut(&rest, '=', &host) || host.n == 0 || rest.n < 2 ||
	    !is_separator(rest.p[0]))
		return SRS_BAD;
	out->domain = host;
	text = arena_alloc(a, rest.n + 4);
	memcpy(text, "SRS0", 4);
	memcpy(text + 4, rest.p, rest.n);
	out->local = (struct str){ text, rest.n + 4 };
	return SRS_OK;
}

enum srs_result srs_reverse(const struct srs_key *key, struct str local,
                            int64_t now_us, struct arena *a,
                            struct srs_address *out)
{
	int kind = kind_of(local);
	struct str rest, mac;

	if (kind < 0 || local.n > SRS_LOCAL_MAX)
		return SRS_BAD;
	rest = str_from(local, 5);
	if (!str_cut(&rest, '=', &mac) || !mac_is(key, rest, mac))
		return SRS_BAD;
	return kind == 0 ? reverse_0(rest, now_us, out)
	                 : reverse_1(rest, a, out);
}
