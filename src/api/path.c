#include "api/private.h"

/* "/accounts/{address}" against "/accounts/anna@customer.example". */
static bool match(const char *row, struct str path, struct api_match *out)
{
	struct str rest = str_z(row), part, step;

	out->n = 0;
	if (!str_starts(path, STR("/")))
		return false;
	rest = str_from(rest, 1);
	path = str_from(path, 1);
	while (rest.n && path.n) {
		(void)str_cut(&rest, '/', &part);
		(void)str_cut(&path, '/', &step);
		if (!step.n)
			return false;
		if (part.p[0] != '{') {
			if (!str_eq(part, step))
				return false;
			continue;
		}
		if (out->n == API_STEPS_MAX)
			return false;
		out->names[out->n] = (struct str){ part.p + 1, part.n - 2 };
		out->values[out->n++] = step;
	}
	return !rest.n && !path.n;
}

/* A row without parts that vary is better than one with. */
static bool is_better(const struct api_match *m, const struct api_match *than)
{
	return !than->op || m->n < than->n;
}

enum api_found api_match(struct str method, struct str path,
                         struct api_match *out, struct buf *allow)
{
	struct api_match best = { .op = NULL }, m;
	const struct admin_operation *op;
	bool known = false;

	for (size_t i = 0; (op = admin_operation_at(i)); i++) {
		if (!op->method || !match(op->path, path, &m))
			continue;
		m.op = op;
		known = true;
		if (str_eq(method, str_z(op->method)) ||
		    (str_eq(method, STR("HEAD")) &&
		     str_eq(str_z(op->method), STR("GET")))) {
			if (is_better(&m, &best))
				best = m;
			continue;
		}
		if (allow->n)
			buf_add_z(allow, ", ");
		buf_add_z(allow, op->method);
	}
	if (best.op)
		*out = best;
	return best.op ? API_FOUND : known ? API_NO_METHOD : API_NO_PATH;
}
