/* Lists kept elsewhere (RFC 6134): the account's address books. */
#include "sieve/run.h"

/* No address is longer (RFC 5321, 4.5.3.1), with a name before it. */
#define VALUE_MAX ((size_t)1000)

/* ":addrbook:default" is short for the whole (RFC 6134, 2.5). */
#define URN "urn:ietf:params:sieve"

static const struct {
	struct str name;
	enum sieve_list list;
} lists[] = {
	{ STR_INIT(":addrbook:default"), SIEVE_LIST_DEFAULT },
	{ STR_INIT(":addrbook:personal"), SIEVE_LIST_PERSONAL },
};

const char *sieve_list_schemes(void)
{
	return "urn";
}

enum sieve_list sieve_list_find(struct str name)
{
	if (str_starts_case(name, STR(URN)))
		name = str_from(name, sizeof(URN) - 1);
	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++)
		if (str_eq_case(name, lists[i].name))
			return lists[i].list;
	return SIEVE_LIST_NONE;
}

/* Members are addresses; "header" gives them with a name before (RFC 6134, 3,
 * example 3). */
static bool is_on(struct sieve_run_state *s, enum sieve_list list,
                  struct str value)
{
	const struct sieve_host *h = s->host;
	struct str address;

	value = str_trim(value);
	if (value.n == 0 || value.n > VALUE_MAX)
		return false;
	if (h->list_has(h->ctx, list, value))
		return true;
	return str_chr(value, '<') != STR_NPOS &&
	       sieve_one_address(s, value, &address) &&
	       h->list_has(h->ctx, list, address);
}

bool sieve_list_match(struct sieve_comparison *c, struct str value,
                      struct str name)
{
	enum sieve_list list = sieve_list_find(name);

	if (c->failed)
		return false;
	if (list == SIEVE_LIST_NONE) {
		(void)sieve_fail(c->s, c->op, ERR_INVALID,
		                 "there is no list \"%.*s\" here",
		                 STR_ARG(name));
		c->failed = true;
		return false;
	}
	if (!is_on(c->s, list, value))
		return false;
	/* ${0} is what is on the list, as after :matches (RFC 5229, 3.2). */
	if (sieve_requires(c->s, EXT_VARIABLES))
		c->s->captures =
			(struct sieve_captures){ .v = { value }, .n = 1 };
	return true;
}

int sieve_valid_ext_list(struct sieve_run_state *s, const struct sieve_op *op)
{
	struct sieve_strings names = sieve_values(s, &op->pos[0]);

	for (size_t i = 0; i < names.n; i++)
		if (sieve_list_find(names.v[i]) == SIEVE_LIST_NONE)
			return 0;
	return 1;
}
