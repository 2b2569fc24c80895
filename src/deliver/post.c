#include "deliver/post.h"

#include "deliver/route.h"
#include "directory/directory.h"
#include "wire/smtp/path.h"
#include "wire/smtp/trace.h"

static struct str prefix_of(struct arena *a, const struct post *p,
                            const struct route_end *end)
{
	struct str prefix;
	struct buf b;

	if (!end->here)
		return STR("");
	buf_init(&b, 4096);
	smtp_return_path_write(&b, p->null_sender ? STR("") : p->sender);
	smtp_delivered_to_write(&b, end->address);
	prefix = arena_dup(a, buf_str(&b));
	buf_deinit(&b);
	return prefix;
}

int post_route(struct post *p, struct directory *dir, struct store *store,
               struct arena *a, struct err *err)
{
	struct smtp_path path;
	struct route route;

	if (!smtp_address_parse(p->to, a, &path))
		return 0;
	if (route_find(dir, store, path.local, path.domain, 0, a, &route, err) <
	    0)
		return -1;
	if (route.n == 0)
		return 0;
	trail_id_make(p->trace);
	p->rcpts = arena_array(a, route.n, sizeof(*p->rcpts));
	p->rcpts_n = route.n;
	for (size_t i = 0; i < route.n; i++) {
		const struct route_end *e = &route.ends[i];

		p->rcpts[i] = (struct queue_rcpt){
			.kind = e->here ? QUEUE_LOCAL : QUEUE_RELAY,
			.address = e->address,
			.original = p->to,
			.account_id = e->here ? e->account_id : 0,
			.shard = e->here ? e->shard : 0,
			.prefix = prefix_of(a, p, e),
			.forward = e->here ? 0 : e->forwarded_by,
		};
	}
	return 1;
}

void post_home(struct post *p, const struct directory_account *acc,
               struct arena *a)
{
	struct route_end end = { .here = true, .address = acc->address };

	trail_id_make(p->trace);
	p->to = acc->address;
	p->rcpts = arena_array(a, 1, sizeof(*p->rcpts));
	p->rcpts_n = 1;
	p->rcpts[0] = (struct queue_rcpt){
		.kind = QUEUE_LOCAL,
		.address = acc->address,
		.original = acc->address,
		.account_id = acc->id,
		.shard = acc->shard,
		.prefix = prefix_of(a, p, &end),
	};
}

struct queue_new post_queue(const struct post *p)
{
	return (struct queue_new){
		.source = QUEUE_FROM_HOST,
		.sender = p->null_sender ? STR("") : p->sender,
		.returnable = !p->null_sender,
		.body = p->eight ? QUEUE_8BIT : QUEUE_7BIT,
		.smtputf8 = p->smtputf8,
		.trace = str_z(p->trace),
		.received_us = p->at_us,
		.message = p->message,
		.rcpts = p->rcpts,
		.rcpts_n = p->rcpts_n,
	};
}
