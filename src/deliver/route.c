#include "deliver/route.h"

#include "directory/directory.h"
#include "store/quota.h"
#include "wire/smtp/path.h"

static void end_fill(struct route_end *out, const struct directory_end *e)
{
	*out = (struct route_end){
		.here = e->here,
		.address = e->address,
		.forwarded_by = e->forwarded_by,
	};
	if (!e->here)
		return;
	out->address = e->to.asked;
	out->account = e->to.address;
	out->account_id = e->to.account_id;
	out->shard = e->to.shard;
	out->quota_bytes = e->to.quota_bytes;
	out->script = e->to.script;
	out->suspended = (e->to.flags & DIRECTORY_NO_RECEIVE) != 0;
}

static int end_ask_room(struct store *store, struct route_end *e, uint64_t size,
                        struct err *err)
{
	struct store_account a = {
		.id = e->account_id,
		.shard = e->shard,
		.quota_bytes = e->quota_bytes,
	};

	/* One byte at least, so that a full mailbox is seen to be full. */
	if (quota_check(store, a, size ? size : 1, err) == 0)
		return 0;
	if (err->kind != ERR_OVER_QUOTA)
		return -1;
	e->full = true;
	return 0;
}

static int fill(struct store *store, const struct directory_ends *ends,
                uint64_t size, struct arena *a, struct route *out,
                struct err *err)
{
	bool all_suspended = true, all_full = true;
	size_t i;

	out->ends = arena_array(a, ends->n, sizeof(*out->ends));
	out->n = ends->n;
	for (i = 0; i < ends->n; i++) {
		struct route_end *e = &out->ends[i];

		end_fill(e, &ends->items[i]);
		if (e->here && !e->suspended &&
		    end_ask_room(store, e, size, err) < 0)
			return -1;
		if (!e->suspended)
			all_suspended = false;
		if (!e->full && !e->suspended)
			all_full = false;
	}
	out->all_suspended = all_suspended;
	out->all_full = all_full && !all_suspended;
	return 0;
}

/* The local part as received, for elsewhere its case may matter (RFC 5321,
 * 2.4), and quoted where it must be; the domain as A-labels. */
static struct str elsewhere(struct arena *a, struct str local,
                            struct str domain,
                            const struct directory_resolved *r)
{
	size_t at = str_rchr(r->asked, '@');
	struct str address;
	struct buf b;

	buf_init(&b, 2048);
	smtp_local_write(&b, local);
	buf_add_c(&b, '@');
	buf_add(&b, at == STR_NPOS ? domain : str_from(r->asked, at + 1));
	address = buf_overflow(&b) ? r->asked : arena_dup(a, buf_str(&b));
	buf_deinit(&b);
	return address;
}

int route_find(struct directory *dir, struct store *store, struct str local,
               struct str domain, uint64_t size, struct arena *a,
               struct route *out, struct err *err)
{
	struct directory_resolved r;
	struct directory_ends ends;
	struct route route = { 0 };

	if (directory_address_resolve(dir, local, domain, a, &r, err) < 0)
		return -1;
	route.role = r.role;
	switch (r.kind) {
	case DIRECTORY_NOT_LOCAL:
		/* After a login mail goes there: one end, the address. */
		route.kind = ROUTE_ELSEWHERE;
		route.ends = arena_array(a, 1, sizeof(*route.ends));
		route.ends[0].address = elsewhere(a, local, domain, &r);
		route.n = 1;
		*out = route;
		return 0;
	case DIRECTORY_NONE:
		route.kind = ROUTE_NOBODY;
		*out = route;
		return 0;
	case DIRECTORY_ACCOUNT:
	case DIRECTORY_CATCHALL:
		if (r.targets_n == 0) {
			struct directory_end one = { .here = true, .to = r };

			ends = (struct directory_ends){ &one, 1 };
			route.kind = ROUTE_HERE;
			if (fill(store, &ends, size, a, &route, err) < 0)
				return -1;
			*out = route;
			return 0;
		}
		break;
	case DIRECTORY_ALIAS: break;
	}
	route.kind = ROUTE_HERE;
	if (directory_address_expand(dir, local, domain, a, &ends, err) < 0) {
		if (err->kind != ERR_TOO_BIG && err->kind != ERR_INVALID)
			return -1;
		route.kind = ROUTE_CIRCLE;
		*out = route;
		return 0;
	}
	if (fill(store, &ends, size, a, &route, err) < 0)
		return -1;
	*out = route;
	return 0;
}
