#include <arpa/inet.h>
#include <string.h>

#include "config/private.h"

static bool is_address(struct str s)
{
	unsigned char raw[16];
	char z[64];

	if (s.n == 0 || s.n >= sizeof(z))
		return false;
	memcpy(z, s.p, s.n);
	z[s.n] = '\0';
	return inet_pton(AF_INET, z, raw) == 1 ||
	       inet_pton(AF_INET6, z, raw) == 1;
}

/* An address, or address/bits. */
static bool is_network(struct str s)
{
	size_t slash = str_chr(s, '/');
	bool v6 = str_chr(s, ':') != STR_NPOS;
	uint64_t bits;

	if (slash == STR_NPOS)
		return is_address(s);
	return is_address(str_to(s, slash)) &&
	       str_to_u64(str_from(s, slash + 1), v6 ? 128 : 32, &bits);
}

/* address, 192.0.2.1:53, [2001:db8::1]:53 */
static bool is_server(struct str s)
{
	size_t colon = str_rchr(s, ':');
	uint64_t port;

	if (is_address(s))
		return true;
	if (colon == STR_NPOS ||
	    !str_to_u64(str_from(s, colon + 1), 65535, &port) || port == 0)
		return false;
	s = str_to(s, colon);
	if (s.n > 2 && s.p[0] == '[' && s.p[s.n - 1] == ']')
		s = str_from(str_to(s, s.n - 1), 1);
	else if (str_chr(s, ':') != STR_NPOS)
		return false;
	return is_address(s);
}

/* Letters, digits and inner hyphens, in labels of 1 to 63 (RFC 1123, 2.1). */
static bool is_label(struct str s)
{
	if (s.n == 0 || s.n > 63 || s.p[0] == '-' || s.p[s.n - 1] == '-')
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_is_alpha(s.p[i]) && !ascii_is_digit(s.p[i]) &&
		    s.p[i] != '-')
			return false;
	return true;
}

static bool is_host_name(struct str s)
{
	struct str label;

	if (s.n > 253 || (s.n && s.p[s.n - 1] == '.'))
		return false;
	while (str_cut(&s, '.', &label))
		if (!is_label(label))
			return false;
	return true;
}

static bool all_items(const struct config_value *v,
                      bool (*good)(struct str item))
{
	for (size_t i = 0; i < v->items_n; i++)
		if (!good(v->items[i]))
			return false;
	return true;
}

const char *config_value_check(enum config_option id,
                               const struct config_value *v)
{
	switch ((int)id) {
	case OPT_LISTEN_ADDRESSES:
		if (!all_items(v, is_address))
			return "an address is 192.0.2.1 or 2001:db8::1; the "
			       "ports have settings of their own";
		return v->items_n ? NULL : "at least one address is needed";
	case OPT_LIMITS_CONNECTIONS_EXEMPT:
	case OPT_POLICY_EXEMPT:
		return all_items(v, is_network)
		               ? NULL
		               : "a network is 192.0.2.0/24 or 2001:db8::/32";
	case OPT_DNS_SERVERS:
		return all_items(v, is_server)
		               ? NULL
		               : "a server is 192.0.2.53 or [2001:db8::53]:5353";
	case OPT_SERVER_HOSTNAME:
	case OPT_PROVIDER_DOMAIN:
		return is_host_name(v->text)
		               ? NULL
		               : "a name is letters, digits, hyphens and dots";
	case OPT_SERVER_DATA: return v->text.n ? NULL : "a folder is needed";
	default: return NULL;
	}
}

static void complain(const struct config_snapshot *s, enum config_option id,
                     struct str text, const char *hint,
                     struct config_report *report)
{
	config_report_add(report, &(struct config_problem){
					  .file = str_z(s->v[id].origin),
					  .text = text,
					  .hint = str_z(hint),
				  });
}

static void check_port(const struct config_snapshot *s, enum config_option id,
                       struct config_report *report, struct arena *a)
{
	uint64_t offset = s->v[OPT_LISTEN_PORT_OFFSET].u;
	uint64_t port = s->v[id].u;

	if (!port)
		return;
	if (port + offset > 65535)
		complain(s, id,
		         arena_fmt(a,
		                   "\"%s\" is %u with the offset of %u, over "
		                   "65535",
		                   config_row(id)->key,
		                   (unsigned)(port + offset), (unsigned)offset),
		         "choose a smaller listen.port_offset", report);
	for (unsigned other = OPT_LISTEN_SMTP; other < (unsigned)id; other++)
		if (s->v[other].u == port)
			complain(s, id,
			         arena_fmt(a,
			                   "\"%s\" and \"%s\" are the same "
			                   "port, %u",
			                   config_row((enum config_option)other)
			                           ->key,
			                   config_row(id)->key, (unsigned)port),
			         "each service needs its own; 0 switches one "
			         "off",
			         report);
}

void config_snapshot_check(const struct config_snapshot *s,
                           struct config_report *report)
{
	struct arena a;

	arena_init(&a);
	for (unsigned id = OPT_LISTEN_SMTP; id <= OPT_LISTEN_METRICS; id++)
		check_port(s, (enum config_option)id, report, &a);
	if (s->v[OPT_NET_WORKERS].u > s->v[OPT_NET_WORKERS_MAX].u)
		complain(s, OPT_NET_WORKERS,
		         STR("\"net.workers\" is more than "
		             "\"net.workers_max\""),
		         NULL, report);
	arena_deinit(&a);
}
