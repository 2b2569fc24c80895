#include "wire/http/url.h"

#include <string.h>

#include "base/ip.h"

#define HOST_MAX 253

/* Visible ASCII that is no delimiter of something around a URL. */
static bool is_plain(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] > '~' ||
		    str_chr(STR("\\\"<>^`{|}"), s.p[i]) != STR_NPOS)
			return false;
	return true;
}

/* Labels of letters, digits, '-' and '_'.  A last one of digits alone, or that
 * begins with 0x, is a number of an address to some programs. */
static bool is_name(struct str s)
{
	struct str label = STR(""), rest = s;
	bool all_digits = true;

	if (s.n == 0 || s.n > HOST_MAX)
		return false;
	if (s.p[s.n - 1] == '.')
		rest = str_to(s, s.n - 1);
	while (rest.n > 0) {
		size_t dot = str_chr(rest, '.');

		label = dot == STR_NPOS ? rest : str_to(rest, dot);
		rest = dot == STR_NPOS ? STR("") : str_from(rest, dot + 1);
		if (label.n == 0 || label.n > 63 ||
		    (dot != STR_NPOS && rest.n == 0))
			return false;
		for (size_t i = 0; i < label.n; i++)
			if (!ascii_is_alpha(label.p[i]) &&
			    !ascii_is_digit(label.p[i]) && label.p[i] != '-' &&
			    label.p[i] != '_')
				return false;
	}
	for (size_t i = 0; i < label.n; i++)
		all_digits = all_digits && ascii_is_digit(label.p[i]);
	return label.n > 0 && !all_digits && !str_starts_case(label, STR("0x"));
}

static bool read_host(struct str s, struct http_url *out)
{
	uint8_t ip[16] = { 0 };

	out->is_ip4 = out->is_ip6 = false;
	if (s.n > 2 && s.p[0] == '[' && s.p[s.n - 1] == ']') {
		out->host = str_to(str_from(s, 1), s.n - 2);
		out->is_ip6 = ip6_parse(out->host, ip);
	} else {
		out->host = s;
		out->is_ip4 = ip4_parse(s, ip);
	}
	memcpy(out->ip, ip, sizeof(ip));
	return out->is_ip4 || out->is_ip6 || (s.p == out->host.p && is_name(s));
}

static bool read_authority(struct str s, struct http_url *out)
{
	size_t colon = str_rchr(s, ':'), bracket = str_rchr(s, ']');
	uint64_t port = out->tls ? 443 : 80;

	if (str_chr(s, '@') != STR_NPOS)
		return false;
	if (colon != STR_NPOS && (bracket == STR_NPOS || bracket < colon)) {
		struct str digits = str_from(s, colon + 1);

		if (digits.n > 5 || !str_to_u64(digits, 65535, &port) ||
		    port == 0)
			return false;
		s = str_to(s, colon);
	}
	out->port = (uint16_t)port;
	return read_host(s, out);
}

bool http_url_parse(struct str s, struct http_url *out)
{
	size_t at = 0;

	if (s.n > HTTP_URL_MAX || !is_plain(s))
		return false;
	if (str_starts_case(s, STR("https://")))
		out->tls = true;
	else if (str_starts_case(s, STR("http://")))
		out->tls = false;
	else
		return false;
	s = str_from(s, out->tls ? 8 : 7);
	at = str_chr(s, '#');
	if (at != STR_NPOS)
		s = str_to(s, at);
	for (at = 0; at < s.n && s.p[at] != '/' && s.p[at] != '?';)
		at++;
	out->target = str_from(s, at);
	return read_authority(str_to(s, at), out);
}

void http_url_write(struct buf *b, const struct http_url *u)
{
	buf_add_z(b, u->tls ? "https://" : "http://");
	if (u->is_ip6)
		buf_add_c(b, '[');
	for (size_t i = 0; i < u->host.n; i++)
		buf_add_c(b, ascii_lower(u->host.p[i]));
	if (u->is_ip6)
		buf_add_c(b, ']');
	if (u->port != (u->tls ? 443 : 80))
		buf_fmt(b, ":%u", u->port);
	if (u->target.n == 0 || u->target.p[0] != '/')
		buf_add_c(b, '/');
	buf_add(b, u->target);
}
