#include "store/learn.h"

#include "store/shard.h"

/* ---- noting ---- */

static int use_of(struct db *db, int64_t folder, int64_t *out, struct err *err)
{
	*out = MAILBOX_USE_NONE;
	return db_number(db, out, "SELECT use FROM mailbox WHERE id = $1",
	                 DB_ARGS(DB_I(folder)), err) < 0
	               ? -1
	               : 0;
}

/* What it says when mail goes from one to the other. */
static enum learn_want moved(int64_t from, int64_t to)
{
	if (from == to && from != MAILBOX_USE_NONE)
		return LEARN_NOTHING;
	if (to == MAILBOX_USE_JUNK)
		return LEARN_SPAM;
	if (to == MAILBOX_USE_TRASH || to == MAILBOX_USE_DRAFTS)
		return LEARN_NOTHING;
	if (from == MAILBOX_USE_JUNK)
		return LEARN_HAM;
	if (from == MAILBOX_USE_INBOX && to != MAILBOX_USE_SENT)
		return LEARN_HAM; /* filed */
	return LEARN_NOTHING;
}

int learn_of_move(struct db *db, int64_t from, int64_t to, int *want_out,
                  struct err *err)
{
	int64_t a, b;

	*want_out = LEARN_NOTHING;
	if (from == to)
		return 0;
	if (use_of(db, from, &a, err) < 0 || use_of(db, to, &b, err) < 0)
		return -1;
	*want_out = moved(a, b);
	return 0;
}

int learn_of_flags(uint64_t before, uint64_t after)
{
	uint64_t added = after & ~before;

	if (added & FLAG_JUNK)
		return LEARN_SPAM;
	if (added & FLAG_NOTJUNK)
		return LEARN_HAM;
	if ((added & FLAG_ANSWERED) && !(after & FLAG_JUNK))
		return LEARN_HAM;
	return LEARN_NOTHING;
}

int learn_note(struct db *db, const struct account_row *row, int64_t email,
               int want, struct err *err)
{
	if (want == LEARN_NOTHING)
		return 0;
	return db_run(db,
	              "INSERT INTO learn (account, email, want, modseq)"
	              " SELECT account, no, $2, $3 FROM email WHERE id = $1"
	              " ON CONFLICT (account, email) DO UPDATE"
	              " SET want = excluded.want, modseq = excluded.modseq",
	              DB_ARGS(DB_I(email), DB_I(want), DB_I(row->modseq)), err);
}

/* ---- taking ---- */

static int read_shard(struct shard *sh, struct learn_item *out, size_t max,
                      size_t *n, struct err *err)
{
	struct db_stmt *q;
	struct db *db;
	int rc;

	if (db_group_read(sh->group, &db, err) < 0)
		return -1;
	rc = db_query(db, &q,
	              "SELECT account, email, want, modseq FROM learn"
	              " ORDER BY account, email LIMIT $1",
	              DB_ARGS(DB_I(max - *n)), err);
	while (rc >= 0 && (rc = db_next(q, err)) > 0 && *n < max)
		out[(*n)++] = (struct learn_item){
			.account = { .id = db_i64(q, 0),
			             .shard = sh->no,
			             .quota_bytes = STORE_QUOTA_NONE },
			.email = (uint64_t)db_i64(q, 1),
			.want = db_i64(q, 2) == LEARN_SPAM ? LEARN_SPAM
			                                   : LEARN_HAM,
			.modseq = (uint64_t)db_i64(q, 3),
		};
	db_done(&q);
	db_group_done(sh->group, &db);
	return rc < 0 ? -1 : 0;
}

int learn_next(struct store *s, struct arena *a, size_t max,
               struct learn_item **out, size_t *n_out, struct err *err)
{
	*out = arena_array(a, max, sizeof(**out));
	*n_out = 0;
	for (uint32_t no = 1; no < STORE_SHARDS_MAX && *n_out < max; no++) {
		struct shard *sh = store_open_shard(s, no);

		if (sh && read_shard(sh, *out, max, n_out, err) < 0)
			return -1;
	}
	return 0;
}

struct taken {
	const struct learn_item *items;
	size_t n;
};

static int drop(struct db *db, void *arg, struct err *err)
{
	struct taken *t = arg;

	for (size_t i = 0; i < t->n; i++)
		if (db_run(db,
		           "DELETE FROM learn WHERE account = $1 AND"
		           " email = $2 AND modseq = $3",
		           DB_ARGS(DB_I(t->items[i].account.id),
		                   DB_I(t->items[i].email),
		                   DB_I(t->items[i].modseq)),
		           err) < 0)
			return -1;
	return 0;
}

int learn_done(struct store *s, const struct learn_item *items, size_t n,
               struct err *err)
{
	for (size_t i = 0; i < n;) {
		struct taken t = { .items = items + i, .n = 0 };
		uint32_t no = items[i].account.shard;
		struct shard *sh = store_open_shard(s, no);

		while (i < n && items[i].account.shard == no) {
			t.n++;
			i++;
		}
		if (sh && db_group_write(sh->group, drop, &t, NULL, 0, err) < 0)
			return -1;
	}
	return 0;
}
