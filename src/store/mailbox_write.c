#include <string.h>

#include "store/change.h"
#include "store/copy.h"
#include "store/expunge.h"
#include "store/mailbox.h"
#include "store/metadata.h"
#include "store/shard.h"
#include "text/nfc.h"

struct change {
	struct store_account account;
	struct str name;
	enum mailbox_use use;
	int64_t no;
	bool on;
	bool again; /* there are messages yet */
};

static int named(struct db *db, int64_t account, struct str name, int64_t *no,
                 struct err *err)
{
	return db_number(db, no,
	                 "SELECT no FROM mailbox WHERE account = $1"
	                 " AND name = $2",
	                 DB_ARGS(DB_I(account), DB_S(name)), err);
}

static int check_use(struct db *db, int64_t account, enum mailbox_use use,
                     int64_t but, struct err *err)
{
	int64_t no;
	int rc;

	if (use == MAILBOX_USE_NONE)
		return 0;
	if (use == MAILBOX_USE_INBOX || use >= MAILBOX_USE_COUNT)
		return err_set(err, ERR_INVALID, "no such use");
	rc = db_number(db, &no,
	               "SELECT no FROM mailbox WHERE account = $1"
	               " AND use = $2 AND no <> $3",
	               DB_ARGS(DB_I(account), DB_I(use), DB_I(but)), err);
	if (rc > 0)
		return err_set(err, ERR_EXISTS, "another mailbox is %s",
		               mailbox_use_name(use));
	return rc;
}

static int check_count(struct db *db, int64_t account, struct err *err)
{
	int64_t n = 0;

	if (db_number(db, &n, "SELECT count(*) FROM mailbox WHERE account = $1",
	              DB_ARGS(DB_I(account)), err) < 0)
		return -1;
	if (n >= MAILBOX_COUNT_MAX)
		return err_set(err, ERR_TOO_BIG,
		               "an account has at most %d mailboxes",
		               MAILBOX_COUNT_MAX);
	return 0;
}

/* The levels above `name` that are missing. */
static int make_parents(struct db *db, struct account_row *row, struct str name,
                        struct err *err)
{
	for (size_t i = 1; i < name.n; i++) {
		struct str parent = str_to(name, i);
		int64_t no;
		int rc;

		if (name.p[i] != '/')
			continue;
		rc = named(db, row->id, parent, &no, err);
		if (rc == 0)
			rc = folder_make(db, row, parent, MAILBOX_USE_NONE, &no,
			                 err);
		if (rc < 0)
			return -1;
	}
	return 0;
}

static int create(struct db *db, void *arg, struct err *err)
{
	struct change *c = arg;
	struct account_row row;
	int rc;

	if (account_take(db, c->account, &row, err) < 0 ||
	    check_count(db, row.id, err) < 0)
		return -1;
	rc = named(db, row.id, c->name, &c->no, err);
	if (rc > 0)
		return err_set(err, ERR_EXISTS, "there is a mailbox %.*s",
		               STR_ARG(c->name));
	if (rc < 0 || check_use(db, row.id, c->use, 0, err) < 0 ||
	    make_parents(db, &row, c->name, err) < 0 ||
	    folder_make(db, &row, c->name, c->use, &c->no, err) < 0)
		return -1;
	return account_save(db, &row, err);
}

/* The form that is kept, in `arena`. */
static int canonical(struct arena *arena, struct str name, struct str *out,
                     struct err *err)
{
	if (mailbox_name_check(name, err) < 0 ||
	    text_nfc(arena, name, out, err) < 0)
		return -1;
	if (str_eq_case(*out, STR("INBOX")))
		*out = STR("INBOX");
	return mailbox_name_check(*out, err);
}

int mailbox_create(struct store *s, struct store_account a, struct str name,
                   enum mailbox_use use, uint64_t *no_out, struct err *err)
{
	struct change c = { .account = a, .use = use };
	struct arena arena;
	int rc;

	arena_init(&arena);
	rc = canonical(&arena, name, &c.name, err);
	if (rc == 0)
		rc = shard_write(s, a, create, &c, err);
	arena_deinit(&arena);
	if (rc == 0 && no_out)
		*no_out = (uint64_t)c.no;
	return rc;
}

/* ---- delete ---- */

static int drop_rows(struct db *db, const struct folder *f, struct err *err)
{
	static const char *const sql[] = {
		"DELETE FROM run WHERE mailbox = $1",
		"DELETE FROM vanished WHERE mailbox = $1",
		"DELETE FROM flaglog WHERE mailbox = $1",
		"DELETE FROM mailbox WHERE id = $1",
	};

	for (size_t i = 0; i < sizeof(sql) / sizeof(sql[0]); i++)
		if (db_run(db, sql[i], DB_ARGS(DB_I(f->id)), err) < 0)
			return -1;
	return 0;
}

static int has_kids(struct db *db, const struct folder *f, struct err *err)
{
	int64_t is;
	int rc = db_number(
		db, &is,
		"SELECT 1 FROM mailbox p, mailbox k WHERE p.id = $1"
		" AND k.account = p.account AND k.name >= p.name || '/'"
		" AND k.name < p.name || '0' LIMIT 1",
		DB_ARGS(DB_I(f->id)), err);

	if (rc > 0)
		return err_set(err, ERR_EXISTS, "the mailbox has children");
	return rc;
}

static int may_delete(struct db *db, const struct change *c, struct folder *f,
                      struct err *err)
{
	if (folder_need(db, c->account.id, c->no, f, err) < 0 ||
	    has_kids(db, f, err) < 0)
		return -1;
	if (f->no == 1)
		return err_set(err, ERR_DENIED, "INBOX cannot be deleted");
	return 0;
}

static int delete_empty(struct db *db, void *arg, struct err *err)
{
	struct change *c = arg;
	struct account_row row;
	struct folder f;

	c->again = false;
	if (account_take(db, c->account, &row, err) < 0 ||
	    may_delete(db, c, &f, err) < 0)
		return -1;
	if (f.total > 0) {
		c->again = true; /* and nothing is written */
		return err_set(err, ERR_EXISTS, "not empty");
	}
	row.state_mailbox = row.modseq;
	if (drop_rows(db, &f, err) < 0 ||
	    db_run(db,
	           "DELETE FROM metadata WHERE account = $1 AND mailbox = $2",
	           DB_ARGS(DB_I(row.id), DB_I(f.no)), err) < 0 ||
	    account_note(db, &row, CHANGE_MAILBOX, f.no, CHANGE_DESTROYED,
	                 err) < 0)
		return -1;
	return account_save(db, &row, err);
}

static int may_delete_now(struct store *s, struct change *c, struct err *err)
{
	struct folder f;
	struct shard *sh;
	struct db *db;
	int rc;

	if (shard_read(s, c->account, &sh, &db, err) < 0)
		return -1;
	rc = may_delete(db, c, &f, err);
	db_group_done(sh->group, &db);
	return rc;
}

int mailbox_delete(struct store *s, struct store_account a, uint64_t no,
                   struct err *err)
{
	struct change c = { .account = a, .no = (int64_t)no };
	struct uid_range all = UIDSET_ALL;
	struct uidset uids = { .p = &all, .n = 1 };

	/* Before anything is removed. */
	if (may_delete_now(s, &c, err) < 0)
		return -1;
	for (;;) {
		if (shard_write(s, a, delete_empty, &c, err) == 0)
			return 0;
		if (!c.again ||
		    expunge_uids(s, a, no, &uids, NULL, NULL, err) < 0)
			return -1;
	}
}

/* ---- rename ---- */

static int move_name(struct db *db, const struct account_row *row, int64_t no,
                     struct str from, struct str to, struct err *err)
{
	int64_t was;
	int rc;

	if (db_run(db,
	           "UPDATE mailbox SET name = $3, changed = $4"
	           " WHERE account = $1 AND no = $2",
	           DB_ARGS(DB_I(row->id), DB_I(no), DB_S(to),
	                   DB_I(row->modseq)),
	           err) < 0)
		return -1;
	/* Who sees the mailbox in a program sees it after the rename too. */
	rc = db_number(db, &was,
	               "DELETE FROM subscription WHERE account = $1"
	               " AND name = $2 RETURNING 1",
	               DB_ARGS(DB_I(row->id), DB_S(from)), err);
	if (rc <= 0)
		return rc;
	return db_run(db,
	              "INSERT INTO subscription (account, name)"
	              " VALUES ($1, $2) ON CONFLICT DO NOTHING",
	              DB_ARGS(DB_I(row->id), DB_S(to)), err);
}

struct named {
	int64_t no;
	struct str name;
};

/* The mailbox and all below it. */
static int read_tree(struct db *db, int64_t account, struct str name,
                     struct arena *arena, struct named **out, size_t *n_out,
                     struct err *err)
{
	struct named *list =
		arena_array(arena, MAILBOX_COUNT_MAX + 100, sizeof(*list));
	struct str low = arena_fmt(arena, "%.*s/", STR_ARG(name));
	struct str high = arena_fmt(arena, "%.*s0", STR_ARG(name));
	struct db_stmt *q;
	size_t n = 0;
	int rc;

	if (db_query(db, &q,
	             "SELECT no, name FROM mailbox WHERE account = $1 AND"
	             " (name = $2 OR (name >= $3 AND name < $4))",
	             DB_ARGS(DB_I(account), DB_S(name), DB_S(low), DB_S(high)),
	             err) < 0)
		return -1;
	while ((rc = db_next(q, err)) > 0 && n < MAILBOX_COUNT_MAX + 100) {
		list[n].no = db_i64(q, 0);
		list[n++].name = arena_dup(arena, db_text(q, 1));
	}
	db_done(&q);
	*out = list;
	*n_out = n;
	return rc < 0 ? -1 : 0;
}

static int rename_tree(struct db *db, struct account_row *row, struct str from,
                       struct str to, struct arena *arena, struct err *err)
{
	struct named *list;
	size_t n;

	if (read_tree(db, row->id, from, arena, &list, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		struct str name =
			arena_fmt(arena, "%.*s%.*s", STR_ARG(to),
		                  STR_ARG(str_from(list[i].name, from.n)));

		if (mailbox_name_check(name, err) < 0 ||
		    move_name(db, row, list[i].no, list[i].name, name, err) < 0)
			return -1;
	}
	return 0;
}

static int name_of(struct db *db, int64_t account, int64_t no,
                   struct arena *arena, struct str *out, struct err *err)
{
	struct db_stmt *q;
	int rc = db_row(db, &q,
	                "SELECT name FROM mailbox WHERE account = $1"
	                " AND no = $2",
	                DB_ARGS(DB_I(account), DB_I(no)), err);

	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, "no such mailbox");
	if (rc < 0)
		return -1;
	*out = arena_dup(arena, db_text(q, 0));
	db_done(&q);
	return 0;
}

static int rename_in(struct db *db, struct change *c, struct arena *arena,
                     struct err *err)
{
	struct account_row row;
	struct str from;
	int64_t no;
	int rc;

	if (account_take(db, c->account, &row, err) < 0 ||
	    name_of(db, row.id, c->no, arena, &from, err) < 0)
		return -1;
	rc = named(db, row.id, c->name, &no, err);
	if (rc > 0)
		return err_set(err, ERR_EXISTS, "there is a mailbox %.*s",
		               STR_ARG(c->name));
	if (rc < 0)
		return -1;
	if (c->name.n > from.n && c->name.p[from.n] == '/' &&
	    str_starts(c->name, from))
		return err_set(err, ERR_INVALID,
		               "a mailbox cannot move below itself");
	row.state_mailbox = row.modseq;
	if (make_parents(db, &row, c->name, err) < 0 ||
	    rename_tree(db, &row, from, c->name, arena, err) < 0)
		return -1;
	return account_save(db, &row, err);
}

static int rename_write(struct db *db, void *arg, struct err *err)
{
	struct arena arena;
	int rc;

	arena_init(&arena);
	rc = rename_in(db, arg, &arena, err);
	arena_deinit(&arena);
	return rc;
}

/* RFC 9051, 6.3.6: the messages go, INBOX stays. */
static int rename_inbox(struct store *s, struct store_account a,
                        struct str name, struct err *err)
{
	struct uid_range all = UIDSET_ALL;
	struct uidset uids = { .p = &all, .n = 1 };
	struct copy_result moved;
	uint64_t to = 0;

	/* RFC 5464, 4.1: the annotations are there and here. */
	if (mailbox_create(s, a, name, MAILBOX_USE_NONE, &to, err) < 0 ||
	    metadata_copy(s, a, 1, to, err) < 0 ||
	    move_messages(s, a, 1, &uids, to, &moved, err) < 0)
		return -1;
	copy_result_deinit(&moved);
	return 0;
}

int mailbox_rename(struct store *s, struct store_account a, uint64_t no,
                   struct str name, struct err *err)
{
	struct change c = { .account = a, .no = (int64_t)no };
	struct arena arena;
	int rc;

	if (no == 1)
		return rename_inbox(s, a, name, err);
	arena_init(&arena);
	rc = canonical(&arena, name, &c.name, err);
	if (rc == 0)
		rc = shard_write(s, a, rename_write, &c, err);
	arena_deinit(&arena);
	return rc;
}

/* ---- subscriptions, use ---- */

static int subscribe(struct db *db, void *arg, struct err *err)
{
	struct change *c = arg;
	struct account_row row;
	int64_t n = 0;

	if (account_take(db, c->account, &row, err) < 0 ||
	    db_number(db, &n,
	              "SELECT count(*) FROM subscription WHERE account = $1",
	              DB_ARGS(DB_I(row.id)), err) < 0)
		return -1;
	if (c->on && n >= MAILBOX_COUNT_MAX)
		return err_set(err, ERR_TOO_BIG, "over %d subscriptions",
		               MAILBOX_COUNT_MAX);
	row.state_mailbox = row.modseq;
	if (db_run(db,
	           c->on ? "INSERT INTO subscription (account, name)"
	                   " VALUES ($1, $2) ON CONFLICT DO NOTHING"
	                 : "DELETE FROM subscription WHERE account = $1"
	                   " AND name = $2",
	           DB_ARGS(DB_I(row.id), DB_S(c->name)), err) < 0 ||
	    db_run(db,
	           "UPDATE mailbox SET changed = $3 WHERE account = $1"
	           " AND name = $2",
	           DB_ARGS(DB_I(row.id), DB_S(c->name), DB_I(row.modseq)),
	           err) < 0)
		return -1;
	return account_save(db, &row, err);
}

int mailbox_subscribe(struct store *s, struct store_account a, struct str name,
                      bool on, struct err *err)
{
	struct change c = { .account = a, .on = on };
	struct arena arena;
	int rc;

	arena_init(&arena);
	rc = canonical(&arena, name, &c.name, err);
	if (rc == 0)
		rc = shard_write(s, a, subscribe, &c, err);
	arena_deinit(&arena);
	return rc;
}

int mailbox_use_in(struct db *db, struct account_row *row, uint64_t no,
                   enum mailbox_use use, struct err *err)
{
	struct folder f;

	if (folder_need(db, row->id, (int64_t)no, &f, err) < 0 ||
	    check_use(db, row->id, use, f.no, err) < 0)
		return -1;
	if (f.no == 1)
		return err_set(err, ERR_DENIED, "INBOX has its use");
	row->state_mailbox = row->modseq;
	return db_run(db,
	              "UPDATE mailbox SET use = $2, changed = $3 WHERE id = $1",
	              DB_ARGS(DB_I(f.id), DB_I(use), DB_I(row->modseq)), err);
}

static int set_use(struct db *db, void *arg, struct err *err)
{
	struct change *c = arg;
	struct account_row row;

	if (account_take(db, c->account, &row, err) < 0 ||
	    mailbox_use_in(db, &row, (uint64_t)c->no, c->use, err) < 0)
		return -1;
	return account_save(db, &row, err);
}

int mailbox_set_use(struct store *s, struct store_account a, uint64_t no,
                    enum mailbox_use use, struct err *err)
{
	struct change c = { .account = a, .no = (int64_t)no, .use = use };

	return shard_write(s, a, set_use, &c, err);
}

/* ---- several at once ---- */

struct alter {
	struct change c;
	const struct mailbox_wish *w;
	bool is_new;
};

/* Each takes the next modseq; the transaction is one. */
static int alter_in(struct db *db, struct alter *x, struct arena *arena,
                    struct err *err)
{
	const struct mailbox_wish *w = x->w;
	struct change c = x->c;

	if (x->is_new) {
		if (create(db, &c, err) < 0)
			return -1;
		x->c.no = c.no;
	} else {
		if (c.name.n && rename_in(db, &c, arena, err) < 0)
			return -1;
		if (w->has_use && set_use(db, &c, err) < 0)
			return -1;
	}
	if (!w->has_subscribed)
		return 0;
	c.on = w->subscribed;
	return name_of(db, c.account.id, c.no, arena, &c.name, err) < 0
	               ? -1
	               : subscribe(db, &c, err);
}

static int alter_write(struct db *db, void *arg, struct err *err)
{
	struct arena arena;
	int rc;

	arena_init(&arena);
	rc = alter_in(db, arg, &arena, err);
	arena_deinit(&arena);
	return rc;
}

static int alter(struct store *s, struct alter *x, struct err *err)
{
	struct arena arena;
	int rc = 0;

	arena_init(&arena);
	x->c.use = x->w->use;
	if (x->is_new || x->w->name.n)
		rc = canonical(&arena, x->w->name, &x->c.name, err);
	if (rc == 0)
		rc = shard_write(s, x->c.account, alter_write, x, err);
	arena_deinit(&arena);
	return rc;
}

int mailbox_alter(struct store *s, struct store_account a, uint64_t no,
                  const struct mailbox_wish *w, struct err *err)
{
	struct alter x = { .c = { .account = a, .no = (int64_t)no }, .w = w };

	if (no == 1 && (w->name.n || w->has_use))
		return err_set(err, ERR_DENIED, "INBOX stays as it is");
	return alter(s, &x, err);
}

int mailbox_make(struct store *s, struct store_account a,
                 const struct mailbox_wish *w, uint64_t *no_out,
                 struct err *err)
{
	struct alter x = { .c = { .account = a }, .w = w, .is_new = true };

	if (alter(s, &x, err) < 0)
		return -1;
	*no_out = (uint64_t)x.c.no;
	return 0;
}
