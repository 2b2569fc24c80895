/* Where a message goes: each mailbox and outside address once, written at
 * once when that is one transaction, else by the queue. */
#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "config/config.h"
#include "deliver/file.h"
#include "intake/private.h"
#include "log/log.h"
#include "log/metric.h"
#include "os/random.h"
#include "queue/queue.h"
#include "store/append.h"
#include "store/quota.h"
#include "wire/message/header.h"
#include "wire/message/timestamp.h"
#include "wire/smtp/command.h"
#include "wire/smtp/trace.h"

/* Aliases can make many places of few recipients. */
#define PLACES_MAX 10000

struct place *intake_add_place(struct intake_work *w, struct places *ps,
                               const struct intake_rcpt *rcpt,
                               struct route_end *end)
{
	struct place *p;

	if (ps->n == PLACES_MAX)
		return NULL;
	ps->v = arena_grow(w->arena, ps->v, ps->n, &ps->cap, sizeof(*ps->v));
	p = &ps->v[ps->n++];
	*p = (struct place){ .rcpt = rcpt, .end = end };
	return p;
}

/* ---- each place once ---- */

/* What is not forwarded stays with each account that forwards there, so each
 * has a place until that is known (outside.c). */
static struct str address_key(struct arena *a, const struct route_end *e)
{
	return arena_fmt(a, "%.*s %lld", STR_ARG(e->address),
	                 (long long)e->forwarded_by);
}

/* Put a place at the end of the list unless it is there already. */
static void add_place(struct arena *a, struct places *out, struct map *accounts,
                      struct map *addresses, const struct intake_rcpt *rcpt,
                      struct route_end *e)
{
	void *before;

	/* One copy each (RFC 5321, 3.9: duplicates removed). */
	before = e->here ? map_put_u64(accounts, (uint64_t)e->account_id, e)
	                 : map_put(addresses, address_key(a, e), e);
	if (!before)
		out->v[out->n++] = (struct place){ .rcpt = rcpt, .end = e };
}

static void find_places(struct intake_work *w, struct places *out)
{
	const struct intake_message *m = w->m;
	struct map accounts, addresses;
	size_t i, j, all = 0;

	for (i = 0; i < m->rcpts_n; i++)
		all += m->rcpts[i].route.n;
	*out = (struct places){ .too_many = all > PLACES_MAX, .cap = all };
	if (out->too_many)
		return;
	out->v = arena_array(w->arena, all, sizeof(*out->v));
	if (all == 1) { /* the usual case */
		out->v[out->n++] =
			(struct place){ .rcpt = &m->rcpts[0],
			                .end = &m->rcpts[0].route.ends[0] };
		return;
	}
	map_init(&accounts, random_u64());
	map_init(&addresses, random_u64());
	for (i = 0; i < m->rcpts_n; i++)
		for (j = 0; j < m->rcpts[i].route.n; j++)
			add_place(w->arena, out, &accounts, &addresses,
			          &m->rcpts[i], &m->rcpts[i].route.ends[j]);
	map_deinit(&accounts);
	map_deinit(&addresses);
}

/* ---- the fields on top ---- */

static size_t count_outside(const struct places *ps)
{
	size_t i, n = 0;

	for (i = 0; i < ps->n; i++)
		n += !ps->v[i].end->here;
	return n;
}

static void write_prefix(struct intake_work *w, struct place *p, size_t outside)
{
	const struct intake_message *m = w->m;
	char ip[NET_ADDR_TEXT_MAX];
	struct smtp_received r = {
		.helo = m->helo,
		.ip = str_z(m->peer.family == NET_UNIX
		                    ? ""
		                    : net_addr_text(&m->peer, ip)),
		.by = config_hostname(w->in->o.config),
		.esmtp = m->esmtp,
		.utf8 = m->smtputf8,
		.tls = m->tls,
		.auth = m->way == INTAKE_SUBMISSION,
		.tls_version = m->tls_version,
		.tls_cipher = m->tls_cipher,
		.id = str_z(w->trace),
		.at_us = w->at_us,
	};
	struct buf b;

	/* Several at other hosts go in one transaction, with the same fields,
	 * and do not learn of each other (RFC 5321, 7.2). */
	if (p->end->here || outside == 1)
		r.rcpt = p->rcpt->address;

	if (m->way == INTAKE_JMAP)
		r.protocol = STR("JMAP");
	else if (m->way == INTAKE_SENDMAIL)
		r.protocol = STR("local");
	buf_init(&b, APPEND_PREFIX_MAX);
	if (p->end->here) {
		smtp_return_path_write(&b, m->sender);
		smtp_delivered_to_write(&b, p->end->address);
	} else if (p->via.n) {
		/* By this it is known when it comes back (RFC 9228, 3). */
		smtp_delivered_to_write(&b, p->via);
	}
	buf_add(&b, w->auth_results);
	buf_add(&b, p->rating.field);
	smtp_received_write(&b, &r);
	p->prefix = arena_dup(w->arena, buf_str(&b));
	buf_deinit(&b);
}

/* ---- at once ---- */

/* Which mailboxes have no room for it; false when a database fails. */
static bool find_full(struct intake_work *w, struct places *ps, size_t *full)
{
	size_t i;

	*full = 0;
	for (i = 0; i < ps->n; i++) {
		struct route_end *e = ps->v[i].end;
		struct store_account a = {
			.id = e->account_id,
			.shard = e->shard,
			.quota_bytes = e->quota_bytes,
		};
		struct err err = ERR_INIT;

		if (!e->here)
			continue;
		e->full = false;
		if (quota_check(w->in->o.store, a,
		                w->bytes.n + ps->v[i].prefix.n, &err) == 0)
			continue;
		if (err.kind != ERR_OVER_QUOTA) {
			intake_say_trouble(w, &err);
			return false;
		}
		e->full = true;
		(*full)++;
	}
	return true;
}

enum direct { DIRECT_DONE, DIRECT_ANSWERED, DIRECT_QUEUE };

/* Messages that scripts edited, each for itself. */
static int prepare_own(struct intake_work *w, struct places *ps,
                       struct deliver_to *to, struct err *err)
{
	size_t i;

	for (i = 0; i < ps->n; i++) {
		if (!ps->v[i].bytes.p)
			continue;
		if (append_prepare_str(&ps->v[i].own, w->in->o.store,
		                       ps->v[i].bytes, err) < 0)
			return -1;
		to[i].message = ps->v[i].own;
	}
	return 0;
}

static enum direct file_direct(struct intake_work *w, struct places *ps,
                               struct deliver_to *to, struct str key)
{
	struct append *message = NULL;
	struct err err = ERR_INIT;
	size_t full, i;
	int rc;

	rc = append_prepare(&message, w->in->o.store, w->spool, &err);
	if (rc == 0)
		rc = prepare_own(w, ps, to, &err);
	if (rc == 0)
		rc = deliver_file(w->in->o.store, message, to, ps->n, w->at_us,
		                  key, &w->repeated, &err);
	for (i = 0; i < ps->n; i++)
		append_free(&ps->v[i].own);
	append_free(&message);
	if (rc == 0)
		return DIRECT_DONE;
	if (err.kind != ERR_OVER_QUOTA) {
		intake_say_trouble(w, &err);
		return DIRECT_ANSWERED;
	}
	if (!find_full(w, ps, &full))
		return DIRECT_ANSWERED;
	if (full < ps->n && full > 0)
		return DIRECT_QUEUE; /* those with room must not wait */
	intake_say_no(w, REF_FULL, NULL);
	return DIRECT_ANSWERED;
}

/* ---- by the queue ---- */

static enum queue_source source_of(const struct intake_message *m)
{
	switch (m->way) {
	case INTAKE_MX: return QUEUE_FROM_MX;
	case INTAKE_SUBMISSION: return QUEUE_FROM_LOGIN;
	case INTAKE_JMAP: return QUEUE_FROM_WEB;
	case INTAKE_SENDMAIL: return QUEUE_FROM_SCRIPT;
	}
	return QUEUE_FROM_HOST;
}

static void make_rcpt(const struct intake_work *w, const struct place *p,
                      struct queue_rcpt *out)
{
	*out = (struct queue_rcpt){
		.kind = p->end->here ? QUEUE_LOCAL : QUEUE_RELAY,
		.address = p->end->address,
		.original = p->rcpt->address,
		.account_id = p->end->here ? p->end->account_id : 0,
		.shard = p->end->here ? p->end->shard : 0,
		.prefix = p->prefix,
		.where = p->folder.where,
		.mailbox = p->folder.mailbox,
		.flags = p->folder.flags,
		.notify = intake_wishes(w, p).notify,
		.orcpt = p->rcpt->orcpt,
		.mail_from = p->mail_from,
		.forward = p->end->here ? 0 : p->end->forwarded_by,
	};
	if (p->loop) {
		out->status = STR("5.4.6");
		out->reply = STR("Mail loop: the message was "
		                 "delivered to this address before");
	}
}

/* RFC 8689, 5: the sender would rather have it go in clear than not go. */
static bool says_tls_optional(const struct intake_work *w)
{
	struct header_reader r = header_reader(w->header);
	struct header_field f;
	enum header_result res;
	unsigned found = 0, no = 0;

	while ((res = header_next(&r, &f)) != HEADER_END) {
		if (res != HEADER_FIELD ||
		    !str_eq_case(f.name, STR("TLS-Required")))
			continue;
		found++;
		no += str_eq_case(str_trim(f.raw), STR("No"));
	}
	return found == 1 && no == 1;
}

/* A script may have put bytes of 8 bits into a message that had none. */
static enum queue_body body_of(const struct intake_message *m,
                               struct str edited)
{
	if (m->body == SMTP_BODY_7BIT && !utf8_is_ascii(edited))
		return QUEUE_8BIT;
	return (enum queue_body)m->body;
}

static int queue_these(struct intake_work *w, const struct queue_rcpt *rcpts,
                       size_t n, const struct place *first, struct str key,
                       struct err *err)
{
	struct str bytes = first->bytes.p ? first->bytes : w->bytes;
	struct wishes wishes = intake_wishes(w, first);
	const struct intake_message *m = w->m;
	struct queue_new q = {
		.source = source_of(m),
		.sender = m->sender,
		.account_id = m->account_id,
		.domain_id = m->domain_id,
		.returnable = w->returnable,
		.body = body_of(m, first->bytes),
		.smtputf8 = m->smtputf8,
		.ret = wishes.ret,
		.envid = m->envid,
		.trace = str_z(w->trace),
		.received_us = w->at_us,
		.message = bytes,
		.key = key,
		.rcpts = rcpts,
		.rcpts_n = n,
		.held = w->hold,
		.not_before_us = w->release_us,
		.requiretls = m->requiretls,
		.tls_optional = !m->requiretls && says_tls_optional(w),
		.by_us = wishes.by_us,
		.by_flags = (wishes.by_notify ? QUEUE_BY_NOTIFY : 0u) |
		            (wishes.by_trace ? QUEUE_BY_TRACE : 0u),
		.priority = m->priority,
	};
	int64_t id;
	bool known;

	if (queue_add_once(w->in->o.queue, &q, &id, &known, err) < 0)
		return -1;
	w->repeated |= known;
	if (!w->answer->queued)
		w->answer->queued = id;
	metric_add(METRIC_DELIVERED_QUEUED, 1);
	return 0;
}

static struct str numbered_key(struct arena *a, struct str key, size_t i)
{
	uint32_t n = (uint32_t)i;
	char *p;

	if (key.n == 0)
		return key;
	p = arena_alloc(a, key.n + sizeof(n));
	memcpy(p, key.p, key.n);
	memcpy(p + key.n, &n, sizeof(n));
	return (struct str){ p, key.n + sizeof(n) };
}

/* What a script edited, or sends on with an envelope of its own, is a message
 * of its own. */
static bool is_apart(const struct place *p)
{
	return p->bytes.p || p->wishes;
}

/* Each of those has a key of its own: when one of them fails all are sent
 * again, and those that are there are known. */
static int put_in_queue(struct intake_work *w, const struct places *ps,
                        struct str key, struct err *err)
{
	struct queue_rcpt *rcpts = arena_array(w->arena, ps->n, sizeof(*rcpts));
	const struct place *common = NULL;
	size_t i, n = 0;

	for (i = 0; i < ps->n; i++)
		if (!is_apart(&ps->v[i])) {
			common = common ? common : &ps->v[i];
			make_rcpt(w, &ps->v[i], &rcpts[n++]);
		}
	if (common && queue_these(w, rcpts, n, common, key, err) < 0)
		return -1;
	for (i = 0; i < ps->n; i++) {
		if (!is_apart(&ps->v[i]))
			continue;
		make_rcpt(w, &ps->v[i], &rcpts[0]);
		if (queue_these(w, rcpts, 1, &ps->v[i],
		                numbered_key(w->arena, key, i), err) < 0)
			return -1;
	}
	return 0;
}

static struct str full_key(struct intake_work *w, unsigned char out[36])
{
	uint32_t n;

	if (!w->answer->has_key)
		return (struct str){ NULL, 0 };
	n = answered_count(w->in->answered, w->answer->key, w->at_us);
	memcpy(out, w->answer->key, 32);
	memcpy(out + 32, &n, sizeof(n));
	return (struct str){ (const char *)out, 36 };
}

/* An address that is not the mailbox's own, and passes on to it. */
static void trail_alias(struct intake_work *w, const struct place *p)
{
	const struct route_end *end = p->end;
	struct str to = end->here ? end->account : end->address;

	if (end->forwarded_by || str_eq_case(p->rcpt->address, to))
		return;
	intake_trail(w, (struct trail_event){
				.kind = TRAIL_ALIASED,
				.rcpt = p->rcpt->address,
				.to = to,
				.account = end->here ? end->account_id : 0,
			});
}

/* What became of each place, for the trail. */
static void trail_places(struct intake_work *w, const struct places *ps,
                         bool filed)
{
	intake_trail_accepted(w);
	if (w->repeated) {
		intake_trail(w, (struct trail_event){ .kind = TRAIL_REPEATED });
		return;
	}
	for (size_t i = 0; i < ps->n; i++) {
		const struct place *p = &ps->v[i];
		const struct route_end *end = p->end;
		struct trail_event e = {
			.kind = filed ? TRAIL_FILED : TRAIL_QUEUED,
			.rcpt = p->rcpt->address,
			.to = end->here ? end->account : end->address,
			.account = end->here ? end->account_id : 0,
		};

		trail_alias(w, p);
		if (filed && p->folder.where == FILE_JUNK)
			e.kind = TRAIL_FILED_SPAM;
		if (filed)
			e.text = deliver_folder_name(&p->folder);
		if (end->forwarded_by && !end->here) {
			e.kind = TRAIL_FORWARDED;
			e.account = end->forwarded_by;
		}
		intake_trail(w, e);
	}
}

static void trail_discarded(struct intake_work *w, const struct places *ps)
{
	for (const struct scripted *s = ps->scripted; s; s = s->next)
		if (s->discarded)
			intake_trail(w, (struct trail_event){
						.kind = TRAIL_DISCARDED,
						.rcpt = s->rcpt->address,
						.to = s->end->account,
						.account = s->end->account_id,
						.text = s->run.name });
}

/* A sender that wants to hear of success and may be told: the queue files it,
 * for there filing and telling are one. */
static bool wants_report(const struct intake_work *w, const struct places *ps)
{
	if (w->m->sender.n == 0 || !w->returnable)
		return false;
	for (size_t i = 0; i < ps->n; i++)
		if (intake_wishes(w, &ps->v[i]).notify & SMTP_NOTIFY_SUCCESS)
			return true;
	return false;
}

static void trail_held(struct intake_work *w)
{
	struct buf b;

	buf_init(&b, 100);
	if (w->hold) {
		buf_add_z(&b, "the account is on hold");
	} else if (w->release_us) {
		buf_add_z(&b, "its sender wants it sent at ");
		timestamp_write(&b, w->release_us);
	}
	if (b.n)
		intake_trail(w, (struct trail_event){ .kind = TRAIL_HELD,
		                                      .text = buf_str(&b) });
	buf_deinit(&b);
}

/* "Stored", "Queued" or "Held"; NULL when the answer is given. */
static const char *put(struct intake_work *w, struct places *ps, struct str key)
{
	struct deliver_to *to = arena_array(w->arena, ps->n, sizeof(*to));
	struct err err = ERR_INIT;
	size_t i, outside = count_outside(ps);

	for (i = 0; i < ps->n; i++) {
		write_prefix(w, &ps->v[i], outside);
		to[i] = (struct deliver_to){ .end = ps->v[i].end,
			                     .prefix = ps->v[i].prefix,
			                     .folder = ps->v[i].folder };
		/* What RCPT saw may have changed; the write asks again. */
		ps->v[i].end->full = false;
	}
	if (!w->hold && !w->release_us && !wants_report(w, ps) &&
	    ps->loops == 0 && deliver_is_direct(to, ps->n)) {
		switch (file_direct(w, ps, to, key)) {
		case DIRECT_DONE: trail_places(w, ps, true); return "Stored";
		case DIRECT_ANSWERED: return NULL;
		case DIRECT_QUEUE: break;
		}
	}
	if (put_in_queue(w, ps, key, &err) < 0) {
		intake_say_trouble(w, &err);
		return NULL;
	}
	trail_places(w, ps, false);
	trail_held(w);
	return w->hold || w->release_us ? "Held" : "Queued";
}

void intake_place(struct intake_work *w)
{
	unsigned char bytes[36];
	struct str key = full_key(w, bytes);
	struct err err = ERR_INIT;
	const char *how = "Stored"; /* also when scripts discard it */
	struct places ps;

	find_places(w, &ps);
	if (ps.too_many) {
		intake_say_no(w, REF_RECIPIENTS, NULL);
		return;
	}
	if (!intake_run_scripts(w, &ps))
		return;
	if (ps.n == 0)
		intake_trail_accepted(w);
	else if (!intake_outside(w, &ps))
		return;
	else
		how = put(w, &ps, key);
	if (!how)
		return;
	trail_discarded(w, &ps);
	/* Not before it is there, and before yes is said: else the sender
	 * comes again, and what was done is known. */
	if (intake_send_replies(w, &ps, key, &err) < 0)
		intake_say_trouble(w, &err);
	else
		intake_say_yes(w, str_z(how));
}
