#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/emails_set.h"

/* ---- read ---- */

static void add(struct emails_reading *r, const struct emails_seen *row)
{
	r->rows = mem_grow(r->rows, r->n, &r->cap, sizeof(*r->rows));
	r->rows[r->n++] = *row;
}

static int read_mailbox(struct db *db, int64_t id, uint64_t no,
                        struct emails_reading *r, struct err *err)
{
	struct db_stmt *q;
	int rc;

	if (db_query(db, &q,
	             "SELECT m.email, m.flags, m.size, m.received, e.no,"
	             " e.thread FROM message m JOIN email e ON e.id = m.email"
	             " WHERE m.mailbox = $1",
	             DB_ARGS(DB_I(id)), err) < 0)
		return -1;
	while ((rc = db_next(q, err)) > 0) {
		uint64_t flags = (uint64_t)db_i64(q, 1);

		if (flags & FLAG_DELETED)
			continue;
		add(r, &(struct emails_seen){
			       .row = { .id = db_i64(q, 0),
		                        .size = (uint64_t)db_i64(q, 2),
		                        .received_s = db_i64(q, 3),
		                        .email = (uint64_t)db_i64(q, 4),
		                        .thread = (uint64_t)db_i64(q, 5) },
			       .flags = flags,
			       .mailbox = no,
		       });
	}
	db_done(&q);
	return rc;
}

int emails_read_one(struct db *db, int64_t account, uint64_t no,
                    struct emails_reading *r, struct err *err)
{
	struct db_stmt *q;
	int rc;

	if (db_query(db, &q,
	             "SELECT m.email, m.flags, m.size, m.received, e.no,"
	             " e.thread, b.no FROM email e"
	             " JOIN message m ON m.email = e.id"
	             " JOIN mailbox b ON b.id = m.mailbox"
	             " WHERE e.account = $1 AND e.no = $2",
	             DB_ARGS(DB_I(account), DB_I(no)), err) < 0)
		return -1;
	while ((rc = db_next(q, err)) > 0)
		if (!((uint64_t)db_i64(q, 1) & FLAG_DELETED))
			add(r,
			    &(struct emails_seen){
				    .row = { .id = db_i64(q, 0),
			                     .size = (uint64_t)db_i64(q, 2),
			                     .received_s = db_i64(q, 3),
			                     .email = (uint64_t)db_i64(q, 4),
			                     .thread = (uint64_t)db_i64(q, 5) },
				    .flags = (uint64_t)db_i64(q, 1),
				    .mailbox = (uint64_t)db_i64(q, 6),
			    });
	db_done(&q);
	return rc;
}

int emails_read_all(struct db *db, int64_t account, struct emails_reading *r,
                    struct err *err)
{
	struct db_stmt *q;
	int rc;

	if (db_query(db, &q,
	             "SELECT id, no FROM mailbox WHERE account = $1"
	             " ORDER BY no",
	             DB_ARGS(DB_I(account)), err) < 0)
		return -1;
	while ((rc = db_next(q, err)) > 0)
		if (read_mailbox(db, db_i64(q, 0), (uint64_t)db_i64(q, 1), r,
		                 err) < 0) {
			rc = -1;
			break;
		}
	db_done(&q);
	return rc;
}

static int by_row(const void *pa, const void *pb)
{
	const struct emails_seen *a = pa, *b = pb;

	if (a->row.id != b->row.id)
		return a->row.id < b->row.id ? -1 : 1;
	return a->mailbox < b->mailbox ? -1 : a->mailbox > b->mailbox;
}

/* Memberships become Emails. */
void emails_unite(struct emails_reading *r, struct emails *set)
{
	size_t places = 0;

	if (r->n)
		qsort(r->rows, r->n, sizeof(*r->rows), by_row);
	emails_alloc(set, r->n, r->n);
	for (size_t i = 0; i < r->n; i++) {
		const struct emails_seen *it = &r->rows[i];
		struct emails_row *row;

		if (i == 0 || it->row.id != r->rows[i - 1].row.id) {
			row = &set->rows[set->n++];
			*row = it->row;
			row->flags = it->flags;
			row->place = (uint32_t)places;
		} else {
			uint64_t seen;

			row = &set->rows[set->n - 1];
			seen = row->flags & it->flags & FLAG_SEEN;
			row->flags |= it->flags;
			row->flags = (row->flags & ~FLAG_SEEN) | seen;
			if (set->places[places - 1] == it->mailbox)
				continue;
		}
		set->places[places++] = it->mailbox;
		row->places_n++;
	}
	set->places_n = places;
}

struct thread_item {
	uint64_t thread;
	uint32_t at;
};

static int by_thread(const void *pa, const void *pb)
{
	const struct thread_item *a = pa, *b = pb;

	if (a->thread != b->thread)
		return a->thread < b->thread ? -1 : 1;
	return a->at < b->at ? -1 : a->at > b->at;
}

bool emails_is_unread(const struct emails_row *row)
{
	return !(row->flags & (FLAG_SEEN | FLAG_DRAFT));
}

void emails_link(struct emails *set)
{
	set->threads_n = 0;
	for (size_t i = 0; i < set->n; i++) {
		struct emails_row *row = &set->rows[set->by_thread[i]];
		struct emails_thread *t;

		if (i == 0 ||
		    row->thread != set->threads[set->threads_n - 1].thread) {
			t = &set->threads[set->threads_n++];
			*t = (struct emails_thread){
				.thread = row->thread,
				.flags_all = row->flags,
				.first = (uint32_t)i,
			};
		}
		t = &set->threads[set->threads_n - 1];
		t->flags_all &= row->flags;
		t->flags_any |= row->flags;
		t->unread |= emails_is_unread(row);
		t->n++;
		row->thread_at = (uint32_t)(set->threads_n - 1);
	}
}

void emails_relink(struct emails *set, uint32_t thread_at)
{
	struct emails_thread *t = &set->threads[thread_at];

	t->flags_all = UINT64_MAX;
	t->flags_any = 0;
	t->unread = false;
	for (uint32_t k = 0; k < t->n; k++) {
		const struct emails_row *row =
			&set->rows[set->by_thread[t->first + k]];

		t->flags_all &= row->flags;
		t->flags_any |= row->flags;
		t->unread |= emails_is_unread(row);
	}
}

static void thread_all(struct emails *set)
{
	struct thread_item *items = mem_array(set->n + 1, sizeof(*items));

	for (size_t i = 0; i < set->n; i++)
		items[i] = (struct thread_item){ set->rows[i].thread,
			                         (uint32_t)i };
	if (set->n)
		qsort(items, set->n, sizeof(*items), by_thread);
	for (size_t i = 0; i < set->n; i++)
		set->by_thread[i] = items[i].at;
	mem_free(items);
	emails_link(set);
}

struct received_item {
	int64_t received_s;
	uint32_t at;
};

/* The newest first; of the same second the later Email. */
static int by_received(const void *pa, const void *pb)
{
	const struct received_item *a = pa, *b = pb;

	if (a->received_s != b->received_s)
		return a->received_s > b->received_s ? -1 : 1;
	return a->at > b->at ? -1 : a->at < b->at;
}

static void order_all(struct emails *set)
{
	struct received_item *items = mem_array(set->n + 1, sizeof(*items));

	for (size_t i = 0; i < set->n; i++)
		items[i] = (struct received_item){ set->rows[i].received_s,
			                           (uint32_t)i };
	if (set->n)
		qsort(items, set->n, sizeof(*items), by_received);
	for (size_t i = 0; i < set->n; i++)
		set->by_received[i] = items[i].at;
	mem_free(items);
}

void emails_alloc(struct emails *set, size_t rows, size_t places)
{
	*set = (struct emails){ .modseq = set->modseq };
	set->rows = mem_array(rows + 1, sizeof(*set->rows));
	set->places = mem_array(places + 1, sizeof(*set->places));
	set->threads = mem_array(rows + 1, sizeof(*set->threads));
	set->by_thread = mem_array(rows + 1, sizeof(*set->by_thread));
	set->by_received = mem_array(rows + 1, sizeof(*set->by_received));
}

void emails_deinit(struct emails *set)
{
	mem_free(set->rows);
	mem_free(set->places);
	mem_free(set->threads);
	mem_free(set->by_thread);
	mem_free(set->by_received);
}

void emails_make(struct emails_reading *r, struct emails *set)
{
	emails_unite(r, set);
	thread_all(set);
	order_all(set);
}
