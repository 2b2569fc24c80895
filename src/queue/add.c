#include "os/clock.h"
#include "queue/destination.h"
#include "queue/private.h"

/* The next of a row of numbers that are never used again. */
static int take_numbers(struct db *db, struct str name, int64_t n,
                        int64_t *first_out, struct err *err)
{
	int rc = db_number(db, first_out,
	                   "UPDATE number SET value = value + $1"
	                   " WHERE name = $2 RETURNING value",
	                   DB_ARGS(DB_I(n), DB_S(name)), err);

	if (rc == 0)
		return err_set(err, ERR_CORRUPT, "queue: no number %.*s",
		               STR_ARG(name));
	*first_out -= n - 1;
	return rc < 0 ? -1 : 0;
}

static int is_known(struct db *db, struct queue_adding *a, struct err *err)
{
	int rc = db_number(db, &a->id,
	                   "SELECT message FROM seen"
	                   " WHERE key = $1 AND at > $2",
	                   DB_ARGS(DB_B(a->m->key),
	                           DB_I(a->now_us - QUEUE_KEY_US)),
	                   err);

	a->known = rc > 0;
	return rc;
}

static int insert_message(struct db *db, struct queue_adding *a,
                          struct err *err)
{
	const struct queue_new *m = a->m;
	bool in_file = a->file.name[0] != '\0';

	return db_run(
		db,
		"INSERT INTO message (id, source, sender, account, domain,"
		" body, utf8, ret, envid, trace, received, size, held, file,"
		" content, returnable, tls, by_at, by_flags, priority, release)"
		" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12,"
		" $21, $13, $14, $15, $16, $17, $18, $19, $20)",
		DB_ARGS(DB_I(a->id), DB_I(m->source), DB_S(m->sender),
	                DB_I(m->account_id), DB_I(m->domain_id), DB_I(m->body),
	                DB_I(m->smtputf8), DB_I(m->ret), DB_S(m->envid),
	                DB_S(m->trace), DB_I(m->received_us),
	                DB_I(m->message.n), DB_S(str_z(a->file.name)),
	                in_file ? DB_NULL : DB_B(m->message),
	                DB_I(m->returnable),
	                DB_I(m->requiretls     ? QUEUE_TLS_REQUIRED
	                     : m->tls_optional ? QUEUE_TLS_OPTIONAL
	                                       : QUEUE_TLS_USUAL),

	                DB_I(m->by_us), DB_I(m->by_flags), DB_I(m->priority),
	                DB_I(m->not_before_us), DB_I(m->held)),
		err);
}

static int64_t first_try(const struct queue_new *m)
{
	return m->not_before_us ? m->not_before_us : m->received_us;
}

static int insert_row(struct db *db, struct queue_adding *a, int64_t id,
                      const struct queue_rcpt *r, struct str dest,
                      struct err *err)
{
	return db_run(
		db,
		"INSERT INTO action (id, message, kind, state, address,"
		" original, account, shard, prefix, notify, orcpt, attempts,"
		" next, last, lease, status, reply, place, mailbox, flags,"
		" mail_from, forward, dest, expires, priority)"
		" VALUES ($1, $2, $3, $4, $5,"
		" $6, $7, $8, $9, $10, $11, 0, $12, 0, 0, $13, $14, $15, $16,"
		" $17, $18, $19, $20, $21, $22)",
		DB_ARGS(DB_I(id), DB_I(a->id), DB_I(r->kind),
	                DB_I(r->status.n  ? ACTION_FAILED
	                     : a->m->held ? ACTION_HELD
	                                  : ACTION_WAITING),
	                DB_S(r->address), DB_S(r->original),
	                DB_I(r->account_id), DB_I(r->shard), DB_B(r->prefix),
	                DB_I(r->notify), DB_S(r->orcpt), DB_I(first_try(a->m)),
	                DB_S(r->status), DB_S(r->reply), DB_I(r->where),
	                DB_I(r->mailbox), DB_S(r->flags), DB_S(r->mail_from),
	                DB_I(r->forward), DB_S(dest), DB_I(a->expires_us),
	                DB_I(a->m->priority)),
		err);
}

static int insert_action(struct db *db, struct queue_adding *a, int64_t id,
                         const struct queue_rcpt *r, struct err *err)
{
	struct str dest = { NULL, 0 };
	struct arena arena;
	int rc;

	arena_init(&arena);
	if (r->kind == QUEUE_RELAY)
		dest = queue_destination_of(&arena, r->address);
	rc = insert_row(db, a, id, r, dest, err);
	if (rc == 0 && dest.n && r->status.n == 0 && !a->m->held)
		rc = queue_destination_wake(db, dest, first_try(a->m), err);
	arena_deinit(&arena);
	return rc;
}

int queue_add_in(struct db *db, struct queue_adding *a, struct err *err)
{
	const struct queue_new *m = a->m;
	int64_t action = 0;
	size_t i;

	a->known = false;
	if (m->key.n) {
		int rc = is_known(db, a, err);

		if (rc != 0)
			return rc < 0 ? -1 : 0;
	}
	if (take_numbers(db, STR("message"), 1, &a->id, err) < 0 ||
	    take_numbers(db, STR("action"), (int64_t)m->rcpts_n, &action, err) <
	            0 ||
	    insert_message(db, a, err) < 0)
		return -1;
	for (i = 0; i < m->rcpts_n; i++)
		if (insert_action(db, a, action + (int64_t)i, &m->rcpts[i],
		                  err) < 0)
			return -1;
	if (m->key.n == 0)
		return 0;
	return db_run(db,
	              "INSERT INTO seen (key, at, message) VALUES ($1, $2, $3)"
	              " ON CONFLICT (key) DO UPDATE SET at = excluded.at,"
	              " message = excluded.message",
	              DB_ARGS(DB_B(m->key), DB_I(a->now_us), DB_I(a->id)), err);
}

static int write_add(struct db *db, void *arg, struct err *err)
{
	return queue_add_in(db, arg, err);
}

/* What is to be there by a time and not later is given up then. */
static int64_t expires(const struct queue *q, const struct queue_new *m)
{
	int64_t at = first_try(m) + q->give_up_us;

	if (m->by_us && !(m->by_flags & QUEUE_BY_NOTIFY) && m->by_us < at)
		return m->by_us;
	return at;
}

int queue_add_prepare(struct queue *q, const struct queue_new *m,
                      struct queue_adding *out, struct err *err)
{
	*out = (struct queue_adding){
		.m = m,
		.now_us = clock_wall_us(),
		.expires_us = expires(q, m),
	};
	if (m->rcpts_n == 0)
		return err_set(err, ERR_INVALID, "queue: no recipients");
	if (m->message.n > QUEUE_INLINE_MAX)
		return queue_file_write(q, m->message, &out->file, err);
	return 0;
}

int queue_add(struct queue *q, const struct queue_new *m, int64_t *id_out,
              struct err *err)
{
	bool known;

	return queue_add_once(q, m, id_out, &known, err);
}

int queue_add_once(struct queue *q, const struct queue_new *m, int64_t *id_out,
                   bool *known_out, struct err *err)
{
	struct queue_adding a;
	int rc;

	if (queue_add_prepare(q, m, &a, err) < 0)
		return -1;
	rc = db_group_write(q->db, write_add, &a, NULL, 0, err);
	if (rc < 0 || a.known)
		queue_file_remove(q, str_z(a.file.name));
	if (rc < 0)
		return -1;
	*id_out = a.id;
	*known_out = a.known;
	queue_tell(q);
	return 0;
}
