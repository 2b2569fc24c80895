/* What leaves this host again, by an alias, a forward or a script: with which
 * sender, or not at all.  And mail that has been here before. */
#include "base/map.h"
#include "config/config.h"
#include "deliver/srs.h"
#include "directory/directory.h"
#include "intake/private.h"
#include "log/log.h"
#include "os/random.h"
#include "queue/health.h"
#include "wire/message/field.h"
#include "wire/message/header.h"

/* ---- loops ---- */

/* RFC 9228, 3: a message that was delivered to the address before goes round.
 * Users may send what they once got, so after a login it is not asked. */
static bool was_here(const struct intake_work *w, struct str address)
{
	struct header_reader r = header_reader(w->header);
	struct header_field f;
	enum header_result res;

	if (w->m->way != INTAKE_MX || w->fields.count[FIELD_DELIVERED_TO] == 0)
		return false;
	while ((res = header_next(&r, &f)) != HEADER_END)
		if (res == HEADER_FIELD &&
		    field_id(f.name) == FIELD_DELIVERED_TO &&
		    str_eq_case(str_trim(f.raw), address))
			return true;
	return false;
}

/* ---- ends that are not to be used ---- */

static bool has_account(const struct places *ps, int64_t account)
{
	for (size_t i = 0; i < ps->n; i++)
		if (ps->v[i].end->here && ps->v[i].end->account_id == account)
			return true;
	return false;
}

/* Into the mailbox of the account that forwards, instead. */
static int keep_here(struct intake_work *w, struct place *p, bool spam,
                     struct err *err)
{
	struct directory_account acc;
	struct route_end *e;

	if (directory_account_get(w->in->o.directory, p->end->forwarded_by,
	                          w->arena, &acc, err) < 0)
		return -1;
	e = arena_zalloc(w->arena, sizeof(*e));
	*e = (struct route_end){
		.here = true,
		.address = acc.address,
		.account = acc.address,
		.account_id = acc.id,
		.shard = acc.shard,
		.quota_bytes = acc.quota_bytes,
		.suspended = (acc.flags & DIRECTORY_NO_RECEIVE) != 0,
	};
	p->end = e;
	p->folder.where = spam ? FILE_JUNK : FILE_INBOX;
	return 0;
}

static void tell_kept(struct intake_work *w, const struct place *p,
                      const char *why)
{
	struct log_line l;

	log_begin(&l, LOG_INFO, "forward.kept");
	log_z(&l, "qid", w->trace);
	log_str(&l, "addr", p->rcpt->address);
	log_str(&l, "to", p->end->address);
	log_z(&l, "why", why);
	log_end(&l);
	intake_trail(w, (struct trail_event){ .kind = TRAIL_NOT_FORWARDED,
	                                      .rcpt = p->rcpt->address,
	                                      .to = p->end->address,
	                                      .account = p->end->forwarded_by,
	                                      .text = str_z(why) });
}

/* Why the forward is not followed, or NULL. */
static int find_reason(struct intake_work *w, const struct place *p, size_t nth,
                       bool *spam, const char **out, struct err *err)
{
	const struct route_end *e = p->end;
	struct intake_rating rating = { .spam = w->quarantine };
	bool paused = false;

	*out = NULL;
	if (w->m->way == INTAKE_MX && !rating.spam)
		intake_score_for(w, e->forwarded_by, nth, &rating);
	*spam = w->m->way == INTAKE_MX && rating.spam;
	if (*spam) {
		*out = "it is spam";
		return 0;
	}
	if (queue_health_is_paused(w->in->o.queue, e->forwarded_by, e->address,
	                           &paused, err) < 0)
		return -1;
	if (paused)
		*out = "the forward is paused";
	return 0;
}

/* ---- each place ---- */

/* The address here that passes it on, or "". */
static int find_via(struct intake_work *w, struct place *p, struct err *err)
{
	size_t at = str_rchr(p->rcpt->address, '@');
	bool ours = false;

	if (p->via.n || at == STR_NPOS)
		return 0;
	if (directory_domain_is_local(w->in->o.directory,
	                              str_from(p->rcpt->address, at + 1), &ours,
	                              err) < 0)
		return -1;
	/* A bounce that goes back to whom we forwarded for was not sent to an
	 * address of ours, whatever it looks like. */
	if (ours && w->m->sender.n)
		p->via = p->rcpt->address;
	return 0;
}

/* 1: the place stays, 0: it goes, -1. */
static int look_at(struct intake_work *w, struct places *ps, size_t i,
                   struct err *err)
{
	struct place *p = &ps->v[i];
	const char *reason = NULL;
	bool spam = false;

	if (was_here(w, p->end->here ? p->end->address : p->rcpt->address)) {
		p->loop = true;
		return 1;
	}
	if (p->end->here)
		return 1;
	if (p->end->forwarded_by &&
	    find_reason(w, p, i, &spam, &reason, err) < 0)
		return -1;
	if (reason) {
		tell_kept(w, p, reason);
		if (has_account(ps, p->end->forwarded_by))
			return 0;
		return keep_here(w, p, spam, err) < 0 ? -1 : 1;
	}
	if (find_via(w, p, err) < 0)
		return -1;
	if (p->via.n == 0)
		return 1;
	return deliver_srs_sender(w->in->o.directory, w->m->sender, p->via,
	                          w->at_us, w->arena, &p->mail_from, err) < 0
	               ? -1
	               : 1;
}

/* Elsewhere each address once (RFC 5321, 3.9), whoever forwards there. */
static void drop_doubles(struct places *ps)
{
	struct map met;
	size_t n = 0;

	map_init(&met, random_u64());
	for (size_t i = 0; i < ps->n; i++) {
		struct place *p = &ps->v[i];

		if (!p->end->here && map_put(&met, p->end->address, p->end))
			continue;
		ps->v[n++] = *p;
	}
	ps->n = n;
	map_deinit(&met);
}

bool intake_outside(struct intake_work *w, struct places *ps)
{
	struct err err = ERR_INIT;
	size_t n = 0, loops = 0;

	for (size_t i = 0; i < ps->n; i++) {
		int rc = look_at(w, ps, i, &err);

		if (rc < 0) {
			intake_say_trouble(w, &err);
			return false;
		}
		if (rc == 0)
			continue;
		loops += ps->v[i].loop;
		ps->v[n++] = ps->v[i];
	}
	ps->n = n;
	ps->loops = loops;
	drop_doubles(ps);
	if (loops < n)
		return true;
	intake_say_no(w, REF_LOOP, NULL);
	return false;
}
