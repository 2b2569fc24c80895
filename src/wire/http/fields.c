#include "wire/http/fields.h"

/* Is the weight among these parameters 0, "0.0", "0.000"? */
static bool is_weightless(struct str parameters)
{
	struct str one;

	while (str_cut(&parameters, ';', &one)) {
		one = str_trim(one);
		if (!str_starts_case(one, STR("q=")))
			continue;
		one = str_from(one, 2);
		for (size_t i = 0; i < one.n; i++)
			if (one.p[i] != '0' && one.p[i] != '.')
				return false;
		return one.n > 0;
	}
	return false;
}

bool http_accepts(struct str list, const char *coding)
{
	bool any = false;
	struct str one, name;

	while (str_cut(&list, ',', &one)) {
		if (!str_cut(&one, ';', &name))
			continue;
		name = str_trim(name);
		if (str_eq_case(name, str_z(coding)))
			return !is_weightless(one);
		if (str_eq(name, STR("*")))
			any = !is_weightless(one);
	}
	return any;
}

/* In thousandths; 1000 without one. */
static unsigned weight_of(struct str parameters)
{
	unsigned digit = 1000, sum = 0;
	struct str one;

	while (str_cut(&parameters, ';', &one)) {
		one = str_trim(one);
		if (!str_starts_case(one, STR("q=")))
			continue;
		for (size_t i = 2; i < one.n && digit; i++) {
			if (one.p[i] == '.')
				continue;
			if (one.p[i] < '0' || one.p[i] > '9')
				return 0;
			sum += (unsigned)(one.p[i] - '0') * digit;
			digit /= 10;
		}
		return sum < 1000 ? sum : 1000;
	}
	return 1000;
}

const char *http_language(struct str list, const char *const *have)
{
	const char *best = have[0];
	unsigned best_weight = 0;
	struct str one, tag, first;

	while (str_cut(&list, ',', &one)) {
		unsigned weight;

		if (!str_cut(&one, ';', &tag))
			continue;
		weight = weight_of(one);
		tag = str_trim(tag);
		if (weight <= best_weight || !str_cut(&tag, '-', &first))
			continue;
		for (const char *const *h = have; *h; h++)
			if (str_eq_case(first, str_z(*h))) {
				best = *h;
				best_weight = weight;
			}
	}
	return best;
}

bool http_etag_listed(struct str list, struct str etag)
{
	struct str one;

	if (str_eq(str_trim(list), STR("*")))
		return true;
	/* A tag of ours has no comma in it. */
	while (str_cut(&list, ',', &one)) {
		one = str_trim(one);
		if (str_starts(one, STR("W/")))
			one = str_from(one, 2);
		if (str_eq(one, etag))
			return true;
	}
	return false;
}

static bool find_cookie(struct str list, struct str name, struct str *out)
{
	struct str one;

	while (str_cut(&list, ';', &one)) {
		one = str_trim(one);
		if (one.n > name.n && str_starts(one, name) &&
		    one.p[name.n] == '=') {
			*out = str_from(one, name.n + 1);
			return true;
		}
	}
	return false;
}

bool http_cookie_get(const struct http_head *h, const char *name,
                     struct str *out)
{
	for (size_t i = 0; i < h->fields_n; i++)
		if (str_eq_case(h->fields[i].name, STR("Cookie")) &&
		    find_cookie(h->fields[i].value, str_z(name), out))
			return true;
	return false;
}
