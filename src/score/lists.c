#include "score/lists.h"

#include "score/look.h"

#define POINTS_USUAL 200

/* "zone=3.5": false when it can not be read. */
static bool read_zone(struct str setting, struct str *zone, int *points)
{
	struct str rest = setting;

	*points = POINTS_USUAL;
	if (!str_cut(&rest, '=', zone) || zone->n == 0)
		return false;
	return rest.n == 0 || score_points_parse(str_trim(rest), points);
}

bool lists_says_yes(struct str rdata)
{
	return rdata.n == 4 && rdata.p[0] == 127 &&
	       !((unsigned char)rdata.p[1] == 255 &&
	         (unsigned char)rdata.p[2] == 255);
}

void lists_clients(struct arena *a, const struct str *zones, size_t n,
                   struct str ip, lists_ask_fn ask, void *arg,
                   struct score *out)
{
	char head[IP_BACKWARDS_MAX];

	if (!ip_backwards(ip, head))
		return;
	for (size_t i = 0; i < n; i++) {
		struct str zone;
		int points;

		if (read_zone(zones[i], &zone, &points) &&
		    ask(arg, arena_fmt(a, "%s.%.*s", head, STR_ARG(zone))))
			score_add_points(out, SCORE_DNS_LIST, points, zone);
	}
}

static bool is_new(const struct str *seen, size_t n, struct str s)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(seen[i], s))
			return false;
	return true;
}

void lists_links(struct arena *a, const struct str *zones, size_t n,
                 const struct score_look *l, lists_ask_fn ask, void *arg,
                 struct score *out)
{
	struct str hosts[LISTS_LINKS_MAX];
	size_t hosts_n = 0;

	for (size_t i = 0; i < l->links_n && hosts_n < LISTS_LINKS_MAX; i++) {
		struct str host = look_owner(l->links[i].host);

		if (host.n && !l->links[i].is_address && !l->links[i].encoded &&
		    is_new(hosts, hosts_n, host))
			hosts[hosts_n++] = host;
	}
	for (size_t i = 0; i < n; i++) {
		struct str zone;
		int points;

		if (!read_zone(zones[i], &zone, &points))
			continue;
		for (size_t k = 0; k < hosts_n; k++)
			if (ask(arg,
			        arena_fmt(a, "%.*s.%.*s", STR_ARG(hosts[k]),
			                  STR_ARG(zone)))) {
				score_add_points(out, SCORE_DNS_LIST_LINK,
				                 points, hosts[k]);
				break; /* one is enough of a list */
			}
	}
}
