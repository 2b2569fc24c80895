#include "store/change.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/shard.h"

#define MAX_DEFAULT 10000

/* One object that changed, with the modseq it is ordered by. */
struct item {
	int64_t modseq, no, created;
	bool destroyed, counts_only;
};

struct items {
	struct item *p;
	size_t n, cap;
};

static void add(struct items *list, struct item it)
{
	list->p = mem_grow(list->p, list->n, &list->cap, sizeof(*list->p));
	list->p[list->n++] = it;
}

/* The highest modseq of each type. */
static int read_states(struct db *db, const struct account_row *a,
                       int64_t out[CHANGE_TYPES], struct err *err)
{
	struct db_stmt *q;
	int rc;

	for (int i = 0; i < CHANGE_TYPES; i++)
		out[i] = 0;
	out[CHANGE_EMAIL] = a->state_email;
	out[CHANGE_MAILBOX] = a->state_mailbox;
	out[CHANGE_THREAD] = a->state_thread;
	if (db_query(db, &q,
	             "SELECT type, state FROM object_type WHERE account = $1",
	             DB_ARGS(DB_I(a->id)), err) < 0)
		return -1;
	while ((rc = db_next(q, err)) > 0)
		if (db_i64(q, 0) >= CHANGE_OBJECTS &&
		    db_i64(q, 0) < CHANGE_TYPES)
			out[db_i64(q, 0)] = db_i64(q, 1);
	db_done(&q);
	return rc;
}

int change_states(struct store *s, struct store_account a,
                  struct change_state out[CHANGE_TYPES], struct err *err)
{
	int64_t highest[CHANGE_TYPES];
	struct account_row row;
	struct shard *sh;
	struct db *db;
	int rc;

	if (shard_read(s, a, &sh, &db, err) < 0)
		return -1;
	rc = db_begin_read(db, err);
	if (rc == 0)
		rc = account_load(db, a.id, &row, err);
	if (rc == 0)
		rc = err_set(err, ERR_NOT_FOUND, "the account is gone");
	if (rc > 0)
		rc = read_states(db, &row, highest, err);
	db_group_done(sh->group, &db);
	if (rc < 0)
		return -1;
	for (int i = 0; i < CHANGE_TYPES; i++)
		out[i] = (struct change_state){
			.epoch = (uint32_t)row.epoch,
			.modseq = (uint64_t)highest[i],
		};
	return 0;
}

/* What was noted because the rows do not show it. */
static int read_notes(struct db *db, int64_t account, enum change_type type,
                      int64_t since, struct items *list, struct err *err)
{
	struct db_stmt *q;
	int rc;

	if (db_query(db, &q,
	             "SELECT modseq, no, what FROM changed WHERE account = $1"
	             " AND modseq > $2 AND type = $3",
	             DB_ARGS(DB_I(account), DB_I(since), DB_I(type)), err) < 0)
		return -1;
	while ((rc = db_next(q, err)) > 0)
		add(list, (struct item){ .modseq = db_i64(q, 0),
		                         .no = db_i64(q, 1),
		                         .destroyed = db_i64(q, 2) ==
		                                      CHANGE_DESTROYED });
	db_done(&q);
	return rc;
}

static int read_mailboxes(struct db *db, int64_t account, int64_t since,
                          struct items *list, struct err *err)
{
	struct db_stmt *q;
	int rc;

	if (db_query(db, &q,
	             "SELECT no, created, changed, modseq FROM mailbox"
	             " WHERE account = $1 AND (changed > $2 OR modseq > $2)",
	             DB_ARGS(DB_I(account), DB_I(since)), err) < 0)
		return -1;
	while ((rc = db_next(q, err)) > 0) {
		int64_t changed = db_i64(q, 2), modseq = db_i64(q, 3);

		add(list, (struct item){
				  .modseq = changed > modseq ? changed : modseq,
				  .no = db_i64(q, 0),
				  .created = db_i64(q, 1),
				  .counts_only = changed <= since,
			  });
	}
	db_done(&q);
	return rc;
}

static int read_objects(struct db *db, int64_t account, enum change_type type,
                        int64_t since, struct items *list, struct err *err)
{
	struct db_stmt *q;
	int rc;

	if (db_query(db, &q,
	             "SELECT no, created, changed FROM object"
	             " WHERE account = $1 AND type = $2 AND changed > $3",
	             DB_ARGS(DB_I(account), DB_I(type), DB_I(since)), err) < 0)
		return -1;
	while ((rc = db_next(q, err)) > 0)
		add(list, (struct item){ .modseq = db_i64(q, 2),
		                         .no = db_i64(q, 0),
		                         .created = db_i64(q, 1) });
	db_done(&q);
	return rc;
}

/* Columns: modseq, no, thread, created. */
static int add_rows(struct db_stmt *q, enum change_type type, int64_t since,
                    struct items *list, struct err *err)
{
	int rc;

	while ((rc = db_next(q, err)) > 0) {
		int64_t no = db_i64(q, 1), thread = db_i64(q, 2);
		int64_t created = db_i64(q, 3);

		if (type == CHANGE_EMAIL)
			add(list, (struct item){ .modseq = db_i64(q, 0),
			                         .no = no,
			                         .created = created });
		else if (created > since)
			/* A thread is created with the Email that gave it its
			 * number, else it is updated. */
			add(list,
			    (struct item){ .modseq = created,
			                   .no = thread,
			                   .created = thread == no ? created
			                                           : 0 });
	}
	return rc;
}

#define JOINED                                                      \
	"SELECT m.modseq, e.no, e.thread, e.created FROM message m" \
	" JOIN email e ON e.id = m.email WHERE m.mailbox = $1"

/* Messages that came since: from the end, for they came in order of UID. */
static int read_added(struct db *db, int64_t folder, enum change_type type,
                      int64_t since, struct items *list, struct err *err)
{
	struct db_stmt *q;
	int64_t from = 0;
	int rc = db_number(db, &from,
	                   "SELECT uid FROM message WHERE mailbox = $1"
	                   " AND added <= $2 ORDER BY uid DESC LIMIT 1",
	                   DB_ARGS(DB_I(folder), DB_I(since)), err);

	if (rc < 0 || db_query(db, &q, JOINED " AND m.uid > $2",
	                       DB_ARGS(DB_I(folder), DB_I(from)), err) < 0)
		return -1;
	rc = add_rows(q, type, since, list, err);
	db_done(&q);
	return rc;
}

static int read_flagged(struct db *db, const struct folder *f, int64_t since,
                        struct items *list, struct err *err)
{
	struct uidset which = UIDSET_EMPTY;
	struct db_stmt *q;
	int rc = 0;

	if (since < f->log_floor) {
		uidset_add(&which, 1, UINT32_MAX);
	} else {
		if (db_query(db, &q,
		             "SELECT first, last FROM flaglog"
		             " WHERE mailbox = $1 AND modseq > $2",
		             DB_ARGS(DB_I(f->id), DB_I(since)), err) < 0)
			return -1;
		while ((rc = db_next(q, err)) > 0)
			uidset_add(&which, (uint32_t)db_i64(q, 0),
			           (uint32_t)db_i64(q, 1));
		db_done(&q);
	}
	for (size_t i = 0; rc == 0 && i < which.n; i++) {
		rc = db_query(db, &q,
		              JOINED " AND m.uid >= $2 AND m.uid <= $3"
		                     " AND m.modseq > $4",
		              DB_ARGS(DB_I(f->id), DB_I(which.p[i].first),
		                      DB_I(which.p[i].last), DB_I(since)),
		              err);
		if (rc == 0)
			rc = add_rows(q, CHANGE_EMAIL, since, list, err);
		db_done(&q);
	}
	uidset_deinit(&which);
	return rc;
}

static int read_messages(struct db *db, int64_t account, enum change_type type,
                         int64_t since, struct items *list, struct err *err)
{
	struct db_stmt *q;
	int rc;

	if (db_query(db, &q,
	             "SELECT id FROM mailbox WHERE account = $1"
	             " AND modseq > $2",
	             DB_ARGS(DB_I(account), DB_I(since)), err) < 0)
		return -1;
	while ((rc = db_next(q, err)) > 0) {
		struct folder f;

		if (folder_load_id(db, db_i64(q, 0), &f, err) < 0 ||
		    read_added(db, f.id, type, since, list, err) < 0 ||
		    (type == CHANGE_EMAIL &&
		     read_flagged(db, &f, since, list, err) < 0)) {
			rc = -1;
			break;
		}
	}
	db_done(&q);
	return rc;
}

static int by_number(const void *pa, const void *pb)
{
	const struct item *a = pa, *b = pb;

	return a->no < b->no ? -1 : a->no > b->no;
}

static int by_modseq(const void *pa, const void *pb)
{
	const struct item *a = pa, *b = pb;

	return a->modseq < b->modseq ? -1 : a->modseq > b->modseq;
}

/* Each object once, with its last modseq. */
static void unite(struct items *list)
{
	size_t n = 0;

	if (list->n == 0)
		return;
	qsort(list->p, list->n, sizeof(*list->p), by_number);
	for (size_t i = 1; i < list->n; i++) {
		struct item *last = &list->p[n], *it = &list->p[i];

		if (it->no != last->no) {
			list->p[++n] = *it;
			continue;
		}
		if (it->modseq > last->modseq)
			last->modseq = it->modseq;
		if (it->created > last->created)
			last->created = it->created;
		last->destroyed |= it->destroyed;
		last->counts_only &= it->counts_only;
	}
	list->n = n + 1;
	qsort(list->p, list->n, sizeof(*list->p), by_modseq);
}

/* Whether what was noted as destroyed has come back (purged.h), and whether a
 * thread has any Email left. */
static int settle(struct db *db, int64_t account, enum change_type type,
                  struct items *list, struct err *err)
{
	static const char *const sql[CHANGE_TYPES] = {
		[CHANGE_EMAIL] = "SELECT created FROM email WHERE account = $1"
				 " AND no = $2 AND purged IS NULL",
		[CHANGE_MAILBOX] = "SELECT created FROM mailbox"
				   " WHERE account = $1 AND no = $2",
		[CHANGE_THREAD] =
			"SELECT min(created) FROM email WHERE account = $1"
			" AND (no = $2 AND thread = no OR thread = $2"
			" AND thread <> no) AND purged IS NULL",
	};

	for (size_t i = 0; i < list->n; i++) {
		struct item *it = &list->p[i];
		struct db_stmt *q;
		int rc;

		if (it->created && !it->destroyed)
			continue;
		rc = db_row(db, &q, sql[type],
		            DB_ARGS(DB_I(account), DB_I(it->no)), err);
		if (rc < 0)
			return -1;
		it->destroyed = rc == 0 || db_is_null(q, 0);
		if (rc > 0 && !it->destroyed)
			it->created = db_i64(q, 0);
		if (rc > 0)
			db_done(&q);
	}
	return 0;
}

static void divide(const struct items *list, int64_t since, size_t n,
                   struct arena *arena, struct change_list *out)
{
	out->created = arena_array(arena, n + 1, sizeof(uint64_t));
	out->updated = arena_array(arena, n + 1, sizeof(uint64_t));
	out->destroyed = arena_array(arena, n + 1, sizeof(uint64_t));
	out->only_counts = true;
	for (size_t i = 0; i < n; i++) {
		const struct item *it = &list->p[i];
		uint64_t no = (uint64_t)it->no;

		if (it->destroyed)
			out->destroyed[out->destroyed_n++] = no;
		else if (it->created > since)
			out->created[out->created_n++] = no;
		else
			out->updated[out->updated_n++] = no;
		out->only_counts &= it->counts_only;
	}
	out->only_counts &= out->updated_n > 0;
}

/* At most `max`, but never a part of one modseq: the next question begins
 * behind it. */
static size_t cut(const struct items *list, size_t max)
{
	size_t n = list->n;

	if (n <= max)
		return n;
	n = max;
	while (n > 0 && list->p[n - 1].modseq == list->p[n].modseq)
		n--;
	if (n > 0)
		return n;
	n = max;
	while (n < list->n && list->p[n].modseq == list->p[n - 1].modseq)
		n++;
	return n;
}

static int collect(struct db *db, int64_t account, enum change_type type,
                   int64_t since, struct items *list, struct err *err)
{
	if (read_notes(db, account, type, since, list, err) < 0)
		return -1;
	if (type >= CHANGE_OBJECTS) {
		if (read_objects(db, account, type, since, list, err) < 0)
			return -1;
		unite(list);
		return 0; /* what is destroyed never comes back */
	}
	if (type == CHANGE_MAILBOX
	            ? read_mailboxes(db, account, since, list, err) < 0
	            : read_messages(db, account, type, since, list, err) < 0)
		return -1;
	unite(list);
	return settle(db, account, type, list, err);
}

int change_numbers(struct db *db, int64_t account, int64_t since, size_t max,
                   uint64_t **out, size_t *n_out, struct err *err)
{
	struct items list = { .p = NULL };
	int rc = read_notes(db, account, CHANGE_EMAIL, since, &list, err);

	if (rc >= 0)
		rc = read_messages(db, account, CHANGE_EMAIL, since, &list,
		                   err);
	if (rc >= 0 && list.n)
		qsort(list.p, list.n, sizeof(*list.p), by_number);
	*out = NULL;
	*n_out = 0;
	if (rc >= 0 && list.n <= 4 * max) {
		*out = mem_array(list.n + 1, sizeof(**out));
		for (size_t i = 0; i < list.n; i++)
			if (i == 0 || list.p[i].no != list.p[i - 1].no)
				(*out)[(*n_out)++] = (uint64_t)list.p[i].no;
	}
	rc = rc < 0 ? -1 : list.n <= 4 * max && *n_out <= max;
	mem_free(list.p);
	if (rc <= 0) {
		mem_free(*out);
		*out = NULL;
	}
	return rc;
}

static int since_in(struct db *db, int64_t account, enum change_type type,
                    struct change_state since, size_t max, struct arena *arena,
                    struct change_list *out, struct err *err)
{
	struct items list = { .p = NULL };
	int64_t highest[CHANGE_TYPES];
	struct account_row row;
	size_t n;
	int rc = account_load(db, account, &row, err);

	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, "the account is gone");
	if (rc < 0 || read_states(db, &row, highest, err) < 0)
		return -1;
	if (since.epoch != (uint32_t)row.epoch ||
	    since.modseq > (uint64_t)row.modseq ||
	    since.modseq < (uint64_t)row.change_floor)
		return err_set(err, ERR_NOT_FOUND, "the state is not known");
	rc = collect(db, account, type, (int64_t)since.modseq, &list, err);
	if (rc == 0) {
		n = cut(&list, max ? max : MAX_DEFAULT);
		out->more = n < list.n;
		out->state = (struct change_state){
			.epoch = since.epoch,
			.modseq = out->more ? (uint64_t)list.p[n - 1].modseq
			                    : (uint64_t)highest[type],
		};
		divide(&list, (int64_t)since.modseq, n, arena, out);
	}
	mem_free(list.p);
	return rc;
}

int change_since(struct store *s, struct store_account a, enum change_type type,
                 struct change_state since, size_t max, struct arena *arena,
                 struct change_list *out, struct err *err)
{
	struct shard *sh;
	struct db *db;
	int rc;

	memset(out, 0, sizeof(*out));
	if (shard_read(s, a, &sh, &db, err) < 0)
		return -1;
	rc = db_begin_read(db, err);
	if (rc == 0)
		rc = since_in(db, a.id, type, since, max, arena, out, err);
	db_group_done(sh->group, &db);
	return rc;
}
