#include "base/map.h"
#include "os/clock.h"
#include "trail/private.h"

/* Known to whoever reads this: a stranger can make names whose numbers meet.
 * What is found is compared again, so that costs a search time, no more. */
#define SEED      UINT64_C(0x706f737468757301)
#define HASH_BITS 58

static uint64_t key_of(char kind, const char *p, size_t n)
{
	char low[1 + TRAIL_TEXT_MAX];

	low[0] = kind;
	if (n > TRAIL_TEXT_MAX)
		n = TRAIL_TEXT_MAX;
	for (size_t i = 0; i < n; i++)
		low[1 + i] = ascii_lower(p[i]);
	return map_hash(SEED, (struct str){ low, 1 + n });
}

static uint64_t key_of_number(char kind, int64_t v)
{
	char hex[16];
	uint64_t u = (uint64_t)v;

	for (size_t i = 0; i < sizeof(hex); i++, u >>= 4)
		hex[i] = "0123456789abcdef"[u & 15];
	return key_of(kind, hex, sizeof(hex));
}

uint64_t trail_key_address(struct str address)
{
	return key_of('a', address.p, address.n);
}

uint64_t trail_key_message_id(struct str id)
{
	id = str_trim(id);
	if (id.n && id.p[0] == '<')
		id = str_from(id, 1);
	if (id.n && id.p[id.n - 1] == '>')
		id.n--;
	return key_of('m', id.p, id.n);
}

uint64_t trail_key_account(int64_t account)
{
	return key_of_number('u', account);
}

uint64_t trail_key_domain(struct str name)
{
	return key_of('d', name.p, name.n);
}

struct str trail_domain_of(struct str address)
{
	size_t at = str_rchr(address, '@');

	return at == STR_NPOS ? (struct str){ NULL, 0 }
	                      : str_from(address, at + 1);
}

/* Behind the keys that are there, each once. */
static void add_key(uint64_t *keys, size_t *n, uint64_t key)
{
	for (size_t i = 0; i < *n; i++)
		if (keys[i] == key)
			return;
	keys[(*n)++] = key;
}

static void add_address(uint64_t *keys, size_t *n, struct str address)
{
	struct str domain = trail_domain_of(address);

	if (address.n)
		add_key(keys, n, trail_key_address(address));
	if (domain.n)
		add_key(keys, n, trail_key_domain(domain));
}

size_t trail_keys(const struct trail_event *e, uint64_t out[TRAIL_KEYS_MAX])
{
	const struct trail_kind_row *row = trail_kind_row(e->kind);
	size_t n = 0;

	if (!row || (!(row->flags & TRAIL_FLAG_K) && e->trace.n))
		return 0;
	add_address(out, &n, e->sender);
	add_address(out, &n, e->rcpt);
	add_address(out, &n, e->to);
	if (str_chr(e->who, '@') != STR_NPOS)
		add_address(out, &n, e->who);
	if (e->message_id.n)
		add_key(out, &n, trail_key_message_id(e->message_id));
	if (e->account)
		add_key(out, &n, trail_key_account(e->account));
	return n;
}

int64_t trail_key_at(uint64_t key, unsigned hour)
{
	return (int64_t)((uint64_t)hour << HASH_BITS |
	                 (key & ((UINT64_C(1) << HASH_BITS) - 1)));
}

unsigned trail_hour(int64_t at_us)
{
	return (unsigned)(at_us / US_PER_HOUR % TRAIL_HOURS);
}
