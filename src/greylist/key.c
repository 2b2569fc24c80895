#include "greylist/key.h"

#include <string.h>

/* A word of letters alone that is this long is a token, not a name. */
#define TOKEN_MIN 20

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static void add_lower(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		buf_add_c(out, lower(s.p[i]));
}

struct net_addr greylist_network(const struct net_addr *client)
{
	struct net_addr n = *client;

	n.port = 0;
	if (n.family == NET_IPV4)
		n.ip[3] = 0;
	else
		memset(n.ip + 8, 0, 8);
	return n;
}

/* ---- folding ---- */

static bool is_separator(char c)
{
	return c == '-' || c == '_' || c == '.' || c == '/' || c == '+' ||
	       c == '=' || c == '#' || c == '~';
}

static bool is_token(struct str word)
{
	size_t i;

	for (i = 0; i < word.n; i++)
		if (word.p[i] >= '0' && word.p[i] <= '9')
			return true;
	return word.n >= TOKEN_MIN;
}

static size_t word_length(struct str s)
{
	size_t n = 0;

	while (n < s.n && !is_separator(s.p[n]))
		n++;
	return n;
}

/* One '#' for each run of folded words, whatever separates them. */
static void add_folded(struct buf *out, bool *folded)
{
	if (!*folded)
		buf_add_c(out, '#');
	*folded = true;
}

void greylist_fold(struct str local, struct buf *out)
{
	struct str s = local;
	bool folded = false;
	char before = 0;

	while (s.n) {
		size_t n = word_length(s);
		struct str word = str_to(s, n);
		char after = n < s.n ? s.p[n] : '\0';

		/* In "bounce-anna=far.example" the recipient begins with the
		 * word before the '='; all behind it is that recipient's.  And
		 * a detail (RFC 5233) is the sender's own affair. */
		if (before == '+' || before == '=' || after == '=') {
			add_folded(out, &folded);
			return;
		}
		if (is_token(word)) {
			add_folded(out, &folded);
		} else if (word.n) {
			add_lower(out, word);
			folded = false;
		}
		/* The separator behind a '#' is part of what is folded. */
		if (after && !folded)
			buf_add_c(out, after);
		before = after;
		s = str_from(s, after ? n + 1 : n);
	}
}

/* ---- keys ---- */

static void add_network(struct buf *out, const struct net_addr *client)
{
	struct net_addr n = greylist_network(client);
	char text[NET_ADDR_TEXT_MAX];

	buf_add_z(out, net_addr_text(&n, text));
}

static void cut(struct buf *out, size_t from)
{
	if (out->n - from > GREYLIST_KEY_MAX)
		out->n = from + GREYLIST_KEY_MAX;
}

void greylist_key(const struct greylist_sender *s, struct buf *out)
{
	size_t from = out->n;

	if (!s->domain.n) {
		buf_add_z(out, "n ");
		add_network(out, &s->client);
		return;
	}
	buf_add_z(out, s->spf.n ? "s " : "a ");
	if (s->spf.n)
		greylist_fold(s->local, out);
	else
		add_lower(out, s->local);
	buf_add_c(out, '@');
	add_lower(out, s->domain);
	buf_add_c(out, ' ');
	if (s->spf.n)
		add_lower(out, s->spf);
	else
		add_network(out, &s->client);
	cut(out, from);
}

void greylist_key_wrote(struct str address, struct buf *out)
{
	size_t from = out->n;

	buf_add_z(out, "w ");
	add_lower(out, address);
	cut(out, from);
}
