/* Where links lead. */
#include <string.h>

#include "base/ip.h"
#include "score/look.h"

static bool is_host_char(char c)
{
	return ascii_is_alpha(c) || ascii_is_digit(c) || c == '-' || c == '.' ||
	       c == '_' || (unsigned char)c >= 0x80;
}

/* Also "0x7f.1", "3232235777": what browsers take for an address. */
static bool is_odd_number(struct str host)
{
	bool digits = host.n > 0;

	for (size_t i = 0; i < host.n; i++)
		if (!ascii_is_digit(host.p[i]) && host.p[i] != '.')
			digits = false;
	return digits || (str_starts(host, STR("0x")) &&
	                  ascii_hex(host.n > 2 ? host.p[2] : 'z') >= 0);
}

static void look_host(struct score_look *l, struct look_link *k,
                      struct str rest)
{
	size_t end = 0, at, colon;
	uint8_t ip[16];
	char *p;

	while (end < rest.n && rest.p[end] != '/' && rest.p[end] != '?' &&
	       rest.p[end] != '#' && rest.p[end] != '\\')
		end++;
	k->redirect = end < rest.n &&
	              (str_find_case(str_from(rest, end), STR("http://")) !=
	                       STR_NPOS ||
	               str_find_case(str_from(rest, end), STR("http%3a")) !=
	                       STR_NPOS ||
	               str_find_case(str_from(rest, end), STR("https%3a")) !=
	                       STR_NPOS);
	rest.n = end;
	at = str_rchr(rest, '@');
	if (at != STR_NPOS) {
		k->odd_user = true;
		rest = str_from(rest, at + 1);
	}
	if (rest.n && rest.p[0] == '[') {
		k->is_address = true;
		return;
	}
	colon = str_chr(rest, ':');
	if (colon != STR_NPOS) {
		struct str port = str_from(rest, colon + 1);

		k->odd_port = port.n && !str_eq(port, STR("80")) &&
		              !str_eq(port, STR("443"));
		rest.n = colon;
	}
	while (rest.n && rest.p[rest.n - 1] == '.')
		rest.n--;
	if (rest.n == 0 || rest.n > 253)
		return;
	p = arena_strz(l->a, rest);
	for (size_t i = 0; i < rest.n; i++) {
		k->encoded |= !is_host_char(p[i]);
		p[i] = ascii_lower(p[i]);
	}
	k->host = (struct str){ p, rest.n };
	if (ip4_parse(k->host, ip))
		k->is_address = true;
	else if (is_odd_number(k->host))
		k->is_address = k->encoded = true;
}

/* Labels before a country's that belong to a registry in most: "co". */
static bool is_short_second(struct str label)
{
	return label.n <= 3;
}

/* "www.shop.example.com" gives "example.com", and with a "co" before a country
 * one label more: a guess, but the same for both sides that are compared. */
struct str look_owner(struct str host)
{
	size_t dots = 0;
	struct str head = host;

	while (dots < 3) {
		size_t dot = str_rchr(head, '.');
		struct str label;

		if (dot == STR_NPOS)
			return host;
		label = str_from(head, dot + 1);
		dots++;
		if (dots == 2 && !is_short_second(label))
			return str_from(host, dot + 1);
		if (dots == 3)
			return str_from(host, dot + 1);
		head.n = dot;
	}
	return host;
}

bool look_same_domain(struct str a, struct str b)
{
	return str_is_under(a, b) || str_is_under(b, a) ||
	       str_eq_case(look_owner(a), look_owner(b));
}

/* The host that a link's text shows: "www.bank.example/login"; empty when it
 * is only words. */
static struct str shown_host(struct str text)
{
	size_t n = 0, dot;

	if (!text.n)
		return text;
	if (str_starts_case(text, STR("http://")))
		text = str_from(text, 7);
	else if (str_starts_case(text, STR("https://")))
		text = str_from(text, 8);
	else if (!str_starts_case(text, STR("www.")))
		return (struct str){ NULL, 0 };
	while (n < text.n && is_host_char(text.p[n]))
		n++;
	while (n && text.p[n - 1] == '.')
		n--;
	text.n = n;
	dot = str_rchr(text, '.');
	if (dot == STR_NPOS || dot + 3 > text.n ||
	    !ascii_is_alpha(text.p[text.n - 1]))
		return (struct str){ NULL, 0 };
	return text;
}

static struct str behind_scheme(struct str url)
{
	if (str_starts_case(url, STR("http://")))
		return str_from(url, 7);
	if (str_starts_case(url, STR("https://")))
		return str_from(url, 8);
	if (str_starts_case(url, STR("ftp://")))
		return str_from(url, 6);
	if (str_starts_case(url, STR("//")))
		return str_from(url, 2);
	return (struct str){ NULL, 0 };
}

void look_link_add(struct score_look *l, struct str url, struct str shown)
{
	struct look_link k = { .url = url };
	struct str rest = behind_scheme(url), host;

	l->links_seen++;
	if (rest.n == 0 || l->links_n == LOOK_LINKS_MAX)
		return;
	look_host(l, &k, rest);
	host = shown_host(shown);
	if (host.n && k.host.n)
		k.shows_other = !look_same_domain(host, k.host);
	l->links[l->links_n++] = k;
}

void look_links_of_text(struct score_look *l, struct str text)
{
	size_t at = 0;

	while (l->links_n < LOOK_LINKS_MAX) {
		size_t next = str_find(str_from(text, at), STR("://"));
		size_t from, end;

		if (next == STR_NPOS)
			return;
		at += next;
		from = at;
		while (from > 0 && at - from < 5 &&
		       ascii_is_alpha(text.p[from - 1]))
			from--;
		end = at + 3;
		while (end < text.n && end - from < 2000 &&
		       (unsigned char)text.p[end] > ' ' && text.p[end] != '<' &&
		       text.p[end] != '>' && text.p[end] != '"')
			end++;
		look_link_add(l,
		              arena_dup(l->a, (struct str){ text.p + from,
		                                            end - from }),
		              STR(""));
		at = end;
	}
}
