/* Any bytes as a list of addresses: groups are balanced, nothing is longer
 * than the input, and what is written reads back as the same. */
#include <assert.h>

#include "wire/message/address.h"
#include "wire/message/date.h"
#include "wire/message/msgid.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_clean(struct str s)
{
	assert(str_chr(s, '\r') == STR_NPOS && str_chr(s, '\n') == STR_NPOS &&
	       str_chr(s, '\0') == STR_NPOS);
}

static void check_back(struct arena *a, const struct address *one)
{
	struct address_list again;
	struct buf b;

	buf_init(&b, 1 << 22);
	address_write(&b, one);
	check_clean(buf_str(&b));
	address_list_parse(a, buf_str(&b), NULL, &again);
	assert(again.n <= 1);
	if (again.n == 1 && one->domain.n && address_is_dot_atom(one->domain) &&
	    one->local.n && str_chr(one->local, '\t') == STR_NPOS) {
		assert(str_eq(again.v[0].local, one->local));
		assert(str_eq(again.v[0].domain, one->domain));
	}
	buf_deinit(&b);
}

static void addresses(struct arena *a, struct str in)
{
	struct address_list list;
	size_t total = 0;
	bool group = false;

	address_list_parse(a, in, NULL, &list);
	for (size_t i = 0; i < list.n; i++) {
		const struct address *one = &list.v[i];

		total += one->name.n + one->local.n + one->domain.n +
		         one->route.n;
		check_clean(one->name);
		check_clean(one->local);
		check_clean(one->domain);
		if (one->kind == ADDRESS_MAILBOX) {
			if (i < 20)
				check_back(a, one);
			continue;
		}
		assert(group == (one->kind == ADDRESS_GROUP_END));
		group = !group;
	}
	assert(!group);
	assert(total <= 2 * in.n);
}

static void date(struct str in)
{
	struct date d, again;
	struct buf b;

	if (!date_parse(in, &d))
		return;
	buf_init(&b, 100);
	date_write(&b, d.us, d.zone);
	assert(date_parse(buf_str(&b), &again));
	assert(again.us == d.us && again.zone == d.zone && again.strict);
	buf_deinit(&b);
}

static void ids(struct arena *a, struct str in)
{
	struct msgid_list list;

	msgid_list_parse(a, in, 10, &list);
	assert(list.n <= 10);
	for (size_t i = 0; i < list.n; i++) {
		assert(list.v[i].n <= MSGID_MAX);
		check_clean(list.v[i]);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;
	struct str in = { (const char *)data, size };

	arena_init(&a);
	addresses(&a, in);
	date(in);
	ids(&a, in);
	arena_deinit(&a);
	return 0;
}
