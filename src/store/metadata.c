#include "store/metadata.h"

#include "store/mailbox.h"
#include "store/shard.h"

/* What is counted of an entry. */
#define ENTRY_BYTES "length(CAST(name AS BLOB)) + length(value)"

/* ---- names ---- */

/* The level that begins behind the slash at `at`. */
static struct str level_at(struct str name, size_t at)
{
	struct str rest = str_from(name, at + 1);
	size_t end = str_chr(rest, '/');

	return end == STR_NPOS ? rest : str_to(rest, end);
}

/* RFC 5464, 3.2: no '*', '%', control or other than ASCII. */
static bool is_level(struct str level)
{
	for (size_t i = 0; i < level.n; i++)
		if (level.p[i] < 0x20 || level.p[i] > 0x7e ||
		    level.p[i] == '*' || level.p[i] == '%')
			return false;
	return level.n > 0;
}

enum metadata_name metadata_name_check(struct str name)
{
	size_t levels = 0, need = 2;

	if (name.n < 2 || name.n > METADATA_NAME_MAX || name.p[0] != '/')
		return METADATA_NAME_BAD;
	for (size_t at = 0; at < name.n;) {
		struct str level = level_at(name, at);

		if (!is_level(level))
			return METADATA_NAME_BAD;
		if (levels == 0 && !str_eq_case(level, STR("private")) &&
		    !str_eq_case(level, STR("shared")))
			return METADATA_NAME_BAD;
		/* RFC 5464, 3.2: below a vendor's token, at least four. */
		if (levels == 1 && str_eq_case(level, STR("vendor")))
			need = 4;
		levels++;
		at += 1 + level.n;
	}
	/* "/private/" ends the walk as "/private" does. */
	if (name.p[name.n - 1] == '/')
		return METADATA_NAME_BAD;
	return levels < need ? METADATA_NAME_ABOVE : METADATA_NAME_ENTRY;
}

static struct str lower(char room[METADATA_NAME_MAX], struct str name)
{
	size_t n = name.n < METADATA_NAME_MAX ? name.n : METADATA_NAME_MAX;

	for (size_t i = 0; i < n; i++)
		room[i] = ascii_lower(name.p[i]);
	return (struct str){ room, n };
}

/* ---- reading ---- */

static int list(struct store *s, struct store_account a, const char *sql,
                struct db_args args, struct arena *arena,
                struct metadata_entry **out, size_t *n_out, struct err *err)
{
	struct metadata_entry *v = NULL;
	size_t n = 0, cap = 0;
	struct db_stmt *q;
	struct shard *sh;
	struct db *db;
	int rc;

	if (shard_read(s, a, &sh, &db, err) < 0)
		return -1;
	rc = db_query(db, &q, sql, args, err);
	while (rc >= 0 && (rc = db_next(q, err)) > 0) {
		v = arena_grow(arena, v, n, &cap, sizeof(*v));
		v[n++] = (struct metadata_entry){
			.mailbox = (uint64_t)db_i64(q, 0),
			.name = arena_dup(arena, db_text(q, 1)),
			.value = arena_dup(arena, db_blob(q, 2)),
		};
	}
	db_done(&q);
	db_group_done(sh->group, &db);
	if (rc < 0)
		return -1;
	*out = v;
	*n_out = n;
	return 0;
}

int metadata_list(struct store *s, struct store_account a, uint64_t mailbox,
                  struct arena *arena, struct metadata_entry **out,
                  size_t *n_out, struct err *err)
{
	return list(s, a,
	            "SELECT mailbox, name, value FROM metadata"
	            " WHERE account = $1 AND mailbox = $2 ORDER BY name",
	            DB_ARGS(DB_I(a.id), DB_I(mailbox)), arena, out, n_out, err);
}

int metadata_list_all(struct store *s, struct store_account a,
                      struct arena *arena, struct metadata_entry **out,
                      size_t *n_out, struct err *err)
{
	return list(s, a,
	            "SELECT mailbox, name, value FROM metadata"
	            " WHERE account = $1 ORDER BY mailbox, name",
	            DB_ARGS(DB_I(a.id)), arena, out, n_out, err);
}

const struct metadata_entry *metadata_find(const struct metadata_entry *list,
                                           size_t n, uint64_t mailbox,
                                           struct str name)
{
	char room[METADATA_NAME_MAX];
	struct str wanted = lower(room, name);
	size_t low = 0, high = n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const struct metadata_entry *e = &list[mid];
		int order = e->mailbox != mailbox
		                    ? (e->mailbox < mailbox ? -1 : 1)
		                    : str_cmp(e->name, wanted);

		if (order == 0)
			return e;
		if (order < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

int metadata_get(struct store *s, struct store_account a, uint64_t mailbox,
                 struct str name, struct arena *arena, struct str *out,
                 struct err *err)
{
	char room[METADATA_NAME_MAX];
	struct metadata_entry *v;
	size_t n;

	if (list(s, a,
	         "SELECT mailbox, name, value FROM metadata"
	         " WHERE account = $1 AND mailbox = $2 AND name = $3",
	         DB_ARGS(DB_I(a.id), DB_I(mailbox), DB_S(lower(room, name))),
	         arena, &v, &n, err) < 0)
		return -1;
	if (n == 0)
		return err_set(err, ERR_NOT_FOUND, "no such annotation");
	*out = v[0].value;
	return 0;
}

/* ---- writing ---- */

struct totals {
	int64_t entries; /* of the mailbox */
	int64_t bytes;   /* of the account */
};

struct writing {
	struct store_account account;
	struct metadata_write *w;
};

static int count(struct db *db, int64_t account, uint64_t mailbox,
                 struct totals *out, struct err *err)
{
	*out = (struct totals){ 0, 0 };
	if (db_number(db, &out->entries,
	              "SELECT count(*) FROM metadata WHERE account = $1"
	              " AND mailbox = $2",
	              DB_ARGS(DB_I(account), DB_I(mailbox)), err) < 0)
		return -1;
	return db_number(db, &out->bytes,
	                 "SELECT coalesce(sum(" ENTRY_BYTES "), 0)"
	                 " FROM metadata WHERE account = $1",
	                 DB_ARGS(DB_I(account)), err) < 0
	               ? -1
	               : 0;
}

static int refuse(struct metadata_write *w, enum metadata_refused why,
                  enum err_kind kind, struct err *err)
{
	w->refused = why;
	return err_set(err, kind, "the annotation is refused (%d)", (int)why);
}

/* Only what grows is refused: limits may have been higher before. */
static int check_totals(struct metadata_write *w, const struct totals *before,
                        const struct totals *after, struct err *err)
{
	if (after->entries > before->entries &&
	    (uint64_t)after->entries > w->max.entries)
		return refuse(w, METADATA_TOO_MANY, ERR_TOO_BIG, err);
	if (after->bytes > before->bytes &&
	    ((uint64_t)after->bytes > w->max.account_bytes ||
	     (uint64_t)after->bytes > METADATA_ACCOUNT_MAX))
		return refuse(w, METADATA_FULL, ERR_OVER_QUOTA, err);
	return 0;
}

/* RFC 6154, 4: as CREATE would check it; at most one use here. */
static int set_use(struct db *db, struct account_row *row,
                   struct metadata_write *w, struct str value, struct err *err)
{
	struct str name = str_trim(value);
	enum mailbox_use use = mailbox_use_parse(name);

	if (name.n > 0 && (use == MAILBOX_USE_NONE || use == MAILBOX_USE_INBOX))
		return refuse(w, METADATA_USE, ERR_INVALID, err);
	if (name.n == 0 && w->mailbox == 1) /* INBOX shows none */
		return 0;
	if (mailbox_use_in(db, row, w->mailbox, use, err) == 0)
		return 0;
	return err->kind == ERR_EXISTS || err->kind == ERR_DENIED
	               ? refuse(w, METADATA_USE, err->kind, err)
	               : -1;
}

static int set_entry(struct db *db, struct account_row *row,
                     struct metadata_write *w, const struct metadata_entry *e,
                     struct err *err)
{
	char room[METADATA_NAME_MAX];
	struct str name = lower(room, e->name);

	if (w->mailbox && str_eq(name, METADATA_SPECIAL_USE))
		return set_use(db, row, w, e->value, err);
	if (!e->value.p)
		return db_run(db,
		              "DELETE FROM metadata WHERE account = $1"
		              " AND mailbox = $2 AND name = $3",
		              DB_ARGS(DB_I(row->id), DB_I(w->mailbox),
		                      DB_S(name)),
		              err);
	return db_run(db,
	              "INSERT INTO metadata (account, mailbox, name, changed,"
	              " value) VALUES ($1, $2, $3, $4, $5)"
	              " ON CONFLICT (account, mailbox, name) DO UPDATE SET"
	              " changed = excluded.changed, value = excluded.value",
	              DB_ARGS(DB_I(row->id), DB_I(w->mailbox), DB_S(name),
	                      DB_I(row->modseq), DB_B(e->value)),
	              err);
}

static int write_entries(struct db *db, void *arg, struct err *err)
{
	struct writing *x = arg;
	struct metadata_write *w = x->w;
	struct totals before, after;
	struct account_row row;
	struct folder f;

	w->refused = 0; /* it may run again */
	if (account_take(db, x->account, &row, err) < 0 ||
	    (w->mailbox &&
	     folder_need(db, row.id, (int64_t)w->mailbox, &f, err) < 0) ||
	    count(db, row.id, w->mailbox, &before, err) < 0)
		return -1;
	for (size_t i = 0; i < w->n; i++)
		if (set_entry(db, &row, w, &w->entries[i], err) < 0)
			return -1;
	if (count(db, row.id, w->mailbox, &after, err) < 0 ||
	    check_totals(w, &before, &after, err) < 0)
		return -1;
	return account_save(db, &row, err);
}

int metadata_write(struct store *s, struct store_account a,
                   struct metadata_write *w, struct err *err)
{
	struct writing x = { .account = a, .w = w };
	uint64_t bytes = 0;

	w->refused = 0;
	for (size_t i = 0; i < w->n; i++) {
		const struct metadata_entry *e = &w->entries[i];

		if (metadata_name_check(e->name) != METADATA_NAME_ENTRY)
			return err_set(err, ERR_INVALID,
			               "no annotation has this name");
		if (e->value.n > w->max.value_bytes)
			return refuse(w, METADATA_TOO_LARGE, ERR_TOO_BIG, err);
		/* RFC 5464, 3.2.1.1: always read-only. */
		if (w->mailbox == 0 && str_eq_case(e->name, METADATA_ADMIN))
			return refuse(w, METADATA_READ_ONLY, ERR_DENIED, err);
		bytes += e->value.n;
	}
	if (bytes && store_check_space(s, bytes, err) < 0)
		return -1;
	return shard_write(s, a, write_entries, &x, err);
}

/* ---- copying ---- */

struct copying {
	struct store_account account;
	uint64_t from, to;
};

static int write_copy(struct db *db, void *arg, struct err *err)
{
	struct copying *c = arg;
	struct account_row row;
	struct totals all;
	int64_t more = 0;

	if (account_take(db, c->account, &row, err) < 0 ||
	    count(db, row.id, c->from, &all, err) < 0 ||
	    db_number(db, &more,
	              "SELECT coalesce(sum(" ENTRY_BYTES "), 0) FROM metadata"
	              " WHERE account = $1 AND mailbox = $2",
	              DB_ARGS(DB_I(row.id), DB_I(c->from)), err) < 0)
		return -1;
	if ((uint64_t)all.bytes + (uint64_t)more > METADATA_ACCOUNT_MAX)
		return 0;
	if (db_run(db,
	           "INSERT INTO metadata (account, mailbox, name, changed,"
	           " value) SELECT account, CAST($3 AS BIGINT), name,"
	           " CAST($4 AS BIGINT), value FROM metadata"
	           " WHERE account = $1 AND mailbox = $2",
	           DB_ARGS(DB_I(row.id), DB_I(c->from), DB_I(c->to),
	                   DB_I(row.modseq)),
	           err) < 0)
		return -1;
	return account_save(db, &row, err);
}

int metadata_copy(struct store *s, struct store_account a, uint64_t from,
                  uint64_t to, struct err *err)
{
	struct copying c = { .account = a, .from = from, .to = to };

	return shard_write(s, a, write_copy, &c, err);
}
