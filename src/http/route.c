#include <string.h>

#include "http/internal.h"

static bool same(const struct http_route *r, struct str a, struct str b)
{
	return r->any_case ? str_eq_case(a, b) : str_eq(a, b);
}

/* How much of the row's path stands for itself, or STR_NPOS: no match. */
static size_t match(const struct http_route *r, struct str path)
{
	struct str row = str_z(r->path);

	if (str_ends(row, STR("/*"))) {
		row.n--; /* "/files/" */
		return path.n >= row.n && same(r, row, str_to(path, row.n))
		               ? row.n
		               : STR_NPOS;
	}
	/* An exact row is better than any longer beginning. */
	return same(r, row, path) ? STR_NPOS - 1 : STR_NPOS;
}

static bool allows(const struct http_route *r, struct str method)
{
	return str_eq(method, str_z(r->method)) ||
	       (str_eq(method, STR("HEAD")) && strcmp(r->method, "GET") == 0);
}

static size_t best_match(const struct http_context *site, struct str path)
{
	size_t best = 0;
	bool any = false;

	for (size_t i = 0; i < site->routes_n; i++) {
		size_t n = match(&site->routes[i], path);

		if (n != STR_NPOS && (!any || n > best)) {
			best = n;
			any = true;
		}
	}
	return any ? best : STR_NPOS;
}

enum http_found http_route_find(const struct http_context *site,
                                struct str method, struct str path,
                                const struct http_route **out,
                                struct buf *allow)
{
	size_t best = best_match(site, path);

	if (best == STR_NPOS)
		return HTTP_NO_PATH;
	for (size_t i = 0; i < site->routes_n; i++) {
		const struct http_route *r = &site->routes[i];

		if (match(r, path) != best)
			continue;
		if (allows(r, method)) {
			*out = r;
			return HTTP_FOUND;
		}
		if (allow->n > 0)
			buf_add(allow, STR(", "));
		buf_add_z(allow, r->method);
		if (strcmp(r->method, "GET") == 0)
			buf_add(allow, STR(", HEAD"));
	}
	return HTTP_NO_METHOD;
}
