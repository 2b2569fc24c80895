#include "store/script.h"

#include "base/utf8.h"
#include "store/change.h"
#include "store/shard.h"

struct change {
	struct store_account account;
	struct str name, to, text;
	const struct script_limits *max;
	const struct vacation *vacation;
	uint64_t no; /* instead of the name; 0: by name */
	struct script_write *write;
	bool count; /* the number of scripts is full */
};

int script_name_check(struct str name, struct err *err)
{
	struct str rest = name;
	uint32_t c;

	if (name.n == 0)
		return err_set(err, ERR_INVALID, "a script needs a name");
	if (name.n > SCRIPT_NAME_MAX)
		return err_set(err, ERR_INVALID,
		               "the name of a script has at most %d bytes",
		               SCRIPT_NAME_MAX);
	if (!utf8_is_valid(name))
		return err_set(err, ERR_INVALID, "the name is not UTF-8");
	while (utf8_next(&rest, &c) == UTF8_CHAR)
		if (c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x2028 ||
		    c == 0x2029)
			return err_set(err, ERR_INVALID,
			               "the name has a control character");
	return 0;
}

/* ---- reading ---- */

static void take(struct db_stmt *q, struct arena *arena, struct script *out)
{
	*out = (struct script){
		.no = (uint64_t)db_i64(q, 0),
		.name = arena_dup(arena, db_text(q, 1)),
		.active = db_i64(q, 2) != 0,
		.size = (uint64_t)db_i64(q, 3),
		.changed = (uint64_t)db_i64(q, 4),
	};
}

int script_list(struct store *s, struct store_account a, struct arena *arena,
                struct script **out, size_t *n_out, struct err *err)
{
	struct script *list = NULL;
	size_t n = 0, cap = 0;
	struct db_stmt *q;
	struct shard *sh;
	struct db *db;
	int rc;

	if (shard_read(s, a, &sh, &db, err) < 0)
		return -1;
	rc = db_query(db, &q,
	              "SELECT no, name, active, size, changed FROM script"
	              " WHERE account = $1 ORDER BY name",
	              DB_ARGS(DB_I(a.id)), err);
	while (rc >= 0 && (rc = db_next(q, err)) > 0) {
		list = arena_grow(arena, list, n, &cap, sizeof(*list));
		take(q, arena, &list[n++]);
	}
	db_done(&q);
	db_group_done(sh->group, &db);
	if (rc < 0)
		return -1;
	*out = list;
	*n_out = n;
	return 0;
}

/* The script of this name; of an empty one the active; or of the number. */
static int get(struct store *s, struct store_account a, struct str name,
               uint64_t no, struct arena *arena, struct script *out,
               struct err *err)
{
	struct db_stmt *q;
	struct shard *sh;
	struct db *db;
	int rc;

	if (shard_read(s, a, &sh, &db, err) < 0)
		return -1;
	rc = db_row(db, &q,
	            "SELECT no, name, active, size, changed, content"
	            " FROM script WHERE account = $1 AND"
	            " ((name = $2 AND $3 = 0) OR no = $3"
	            " OR ($2 = '' AND $3 = 0 AND active = 1))",
	            DB_ARGS(DB_I(a.id), DB_S(name), DB_I(no)), err);
	if (rc > 0) {
		take(q, arena, out);
		out->text = arena_dup(arena, db_blob(q, 5));
		db_done(&q);
	}
	db_group_done(sh->group, &db);
	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND,
		               name.n || no ? "there is no script \"%.*s\""
		                            : "no script is active%.*s",
		               STR_ARG(name));
	return rc < 0 ? -1 : 0;
}

int script_get(struct store *s, struct store_account a, struct str name,
               struct arena *arena, struct script *out, struct err *err)
{
	if (name.n == 0)
		return err_set(err, ERR_NOT_FOUND, "a script needs a name");
	return get(s, a, name, 0, arena, out, err);
}

int script_get_no(struct store *s, struct store_account a, uint64_t no,
                  struct arena *arena, struct script *out, struct err *err)
{
	if (no == 0)
		return err_set(err, ERR_NOT_FOUND, "no script has this number");
	return get(s, a, STR(""), no, arena, out, err);
}

int script_active(struct store *s, struct store_account a, struct arena *arena,
                  struct script *out, struct err *err)
{
	return get(s, a, STR(""), 0, arena, out, err);
}

/* ---- changing ---- */

/* The number of the script: 1, 0, -1. */
static int find(struct db *db, const struct change *c, struct str name,
                int64_t *no, struct err *err)
{
	return db_number(db, no,
	                 "SELECT no FROM script WHERE account = $1"
	                 " AND name = $2",
	                 DB_ARGS(DB_I(c->account.id), DB_S(name)), err);
}

/* The number that a change names: 1, 0 when there is none, -1. */
static int find_target(struct db *db, const struct change *c, int64_t *no,
                       struct err *err)
{
	if (c->no == 0)
		return find(db, c, c->name, no, err);
	return db_number(db, no,
	                 "SELECT no FROM script WHERE account = $1 AND no = $2",
	                 DB_ARGS(DB_I(c->account.id), DB_I(c->no)), err);
}

static int save(struct db *db, struct account_row *row, int type,
                struct err *err)
{
	return object_touch(db, row, type, err) < 0
	               ? -1
	               : account_save(db, row, err);
}

static int missing(struct str name, struct err *err)
{
	return err_set(err, ERR_NOT_FOUND, "there is no script \"%.*s\"",
	               STR_ARG(name));
}

static int check_room(struct db *db, struct change *c, bool is_new,
                      uint64_t bytes, struct err *err)
{
	int64_t n = 0;

	c->count = false;
	if (bytes > c->max->bytes)
		return err_set(err, ERR_TOO_BIG,
		               "a script has at most %llu bytes, this one "
		               "has %llu",
		               (unsigned long long)c->max->bytes,
		               (unsigned long long)bytes);
	if (!is_new)
		return 0;
	if (db_number(db, &n, "SELECT count(*) FROM script WHERE account = $1",
	              DB_ARGS(DB_I(c->account.id)), err) < 0)
		return -1;
	if ((uint64_t)n < c->max->scripts)
		return 0;
	c->count = true;
	return err_set(err, ERR_TOO_BIG,
	               "there are %lld scripts, more are not taken",
	               (long long)n);
}

int script_room(struct store *s, struct store_account a, struct str name,
                uint64_t bytes, const struct script_limits *max,
                bool *count_out, struct err *err)
{
	struct change c = { .account = a, .max = max };
	struct shard *sh;
	struct db *db;
	int64_t no;
	int rc;

	if (script_name_check(name, err) < 0 ||
	    shard_read(s, a, &sh, &db, err) < 0)
		return -1;
	rc = find(db, &c, name, &no, err);
	if (rc >= 0)
		rc = check_room(db, &c, rc == 0, bytes, err);
	db_group_done(sh->group, &db);
	*count_out = c.count;
	return rc;
}

static int insert(struct db *db, const struct account_row *row, struct str name,
                  struct str text, struct err *err)
{
	/* A modseq is taken once, so it makes a number too. */
	return db_run(db,
	              "INSERT INTO script (account, no, name, active, changed,"
	              " size, content) VALUES ($1, $2, $3, 0, $2, $4, $5)",
	              DB_ARGS(DB_I(row->id), DB_I(row->modseq), DB_S(name),
	                      DB_I(text.n), DB_B(text)),
	              err);
}

static int set_text(struct db *db, const struct account_row *row, int64_t no,
                    struct str text, struct err *err)
{
	return db_run(db,
	              "UPDATE script SET changed = $3, size = $4, content = $5"
	              " WHERE account = $1 AND no = $2",
	              DB_ARGS(DB_I(row->id), DB_I(no), DB_I(row->modseq),
	                      DB_I(text.n), DB_B(text)),
	              err);
}

static int set_name(struct db *db, const struct account_row *row, int64_t no,
                    struct str name, struct err *err)
{
	return db_run(db,
	              "UPDATE script SET name = $3, changed = $4"
	              " WHERE account = $1 AND no = $2",
	              DB_ARGS(DB_I(row->id), DB_I(no), DB_S(name),
	                      DB_I(row->modseq)),
	              err);
}

static int write_put(struct db *db, void *arg, struct err *err)
{
	struct change *c = arg;
	struct account_row row;
	int64_t no;
	int rc;

	if (account_take(db, c->account, &row, err) < 0)
		return -1;
	rc = find(db, c, c->name, &no, err);
	if (rc < 0 || check_room(db, c, rc == 0, c->text.n, err) < 0)
		return -1;
	rc = rc == 0 ? insert(db, &row, c->name, c->text, err)
	             : set_text(db, &row, no, c->text, err);
	return rc < 0 ? -1 : save(db, &row, CHANGE_SCRIPT, err);
}

int script_put(struct store *s, struct store_account a, struct str name,
               struct str text, const struct script_limits *max,
               struct err *err)
{
	struct change c = {
		.account = a, .name = name, .text = text, .max = max
	};

	if (script_name_check(name, err) < 0 ||
	    store_check_space(s, text.n, err) < 0)
		return -1;
	return shard_write(s, a, write_put, &c, err);
}

/* The name is free, or the script's own. */
static int check_name(struct db *db, struct change *c, struct err *err)
{
	int64_t other = 0;
	int rc = find(db, c, c->write->name, &other, err);

	if (rc < 0)
		return -1;
	if (rc == 0 || (uint64_t)other == c->write->no)
		return 0;
	c->write->other = (uint64_t)other;
	return err_set(err, ERR_EXISTS, "there is a script \"%.*s\" already",
	               STR_ARG(c->write->name));
}

static int write_new(struct db *db, struct change *c,
                     const struct account_row *row, struct err *err)
{
	int rc = check_room(db, c, true, c->write->text.n, err);

	c->write->count = c->count;
	if (rc < 0 || insert(db, row, c->write->name, c->write->text, err) < 0)
		return -1;
	c->write->no = (uint64_t)row->modseq;
	return 0;
}

static int write_old(struct db *db, struct change *c,
                     const struct account_row *row, struct err *err)
{
	struct script_write *w = c->write;
	int64_t no;
	int rc = find_target(db, c, &no, err);

	if (rc <= 0)
		return rc < 0 ? -1 : missing(STR(""), err);
	if (w->text.p && (check_room(db, c, false, w->text.n, err) < 0 ||
	                  set_text(db, row, no, w->text, err) < 0))
		return -1;
	return w->name.p ? set_name(db, row, no, w->name, err) : 0;
}

static int write_script(struct db *db, void *arg, struct err *err)
{
	struct change *c = arg;
	struct account_row row;

	c->write->no = c->no; /* it may run again */
	if (account_take(db, c->account, &row, err) < 0 ||
	    (c->write->name.p && check_name(db, c, err) < 0) ||
	    (c->no ? write_old(db, c, &row, err)
	           : write_new(db, c, &row, err)) < 0)
		return -1;
	return save(db, &row, CHANGE_SCRIPT, err);
}

int script_write(struct store *s, struct store_account a,
                 struct script_write *w, const struct script_limits *max,
                 struct err *err)
{
	struct change c = { .account = a, .no = w->no, .write = w, .max = max };

	w->other = 0;
	w->count = false;
	if ((w->name.p && script_name_check(w->name, err) < 0) ||
	    store_check_space(s, w->text.n, err) < 0)
		return -1;
	if (w->no == 0 && (!w->name.p || !w->text.p))
		return err_set(err, ERR_INVALID,
		               "a new script needs a name and a text");
	return shard_write(s, a, write_script, &c, err);
}

static int write_activate(struct db *db, void *arg, struct err *err)
{
	struct change *c = arg;
	struct account_row row;
	int64_t no = 0;

	if (account_take(db, c->account, &row, err) < 0)
		return -1;
	if (c->name.n || c->no) {
		int rc = find_target(db, c, &no, err);

		if (rc <= 0)
			return rc < 0 ? -1 : missing(c->name, err);
	}
	if (db_run(db,
	           "UPDATE script SET active = CASE WHEN no = $2 THEN 1"
	           " ELSE 0 END, changed = $3 WHERE account = $1"
	           " AND active <> CASE WHEN no = $2 THEN 1 ELSE 0 END",
	           DB_ARGS(DB_I(row.id), DB_I(no), DB_I(row.modseq)), err) < 0)
		return -1;
	return save(db, &row, CHANGE_SCRIPT, err);
}

int script_activate(struct store *s, struct store_account a, struct str name,
                    struct err *err)
{
	struct change c = { .account = a, .name = name };

	return shard_write(s, a, write_activate, &c, err);
}

int script_activate_no(struct store *s, struct store_account a, uint64_t no,
                       struct err *err)
{
	struct change c = { .account = a, .no = no };

	return shard_write(s, a, write_activate, &c, err);
}

static int write_remove(struct db *db, void *arg, struct err *err)
{
	struct change *c = arg;
	struct account_row row;
	int64_t no, active = 0;
	int rc;

	if (account_take(db, c->account, &row, err) < 0)
		return -1;
	rc = find_target(db, c, &no, err);
	if (rc <= 0)
		return rc < 0 ? -1 : missing(c->name, err);
	if (db_number(db, &active,
	              "SELECT active FROM script WHERE account = $1"
	              " AND no = $2",
	              DB_ARGS(DB_I(row.id), DB_I(no)), err) < 0)
		return -1;
	if (active)
		return err_set(err, ERR_DENIED, "\"%.*s\" is the active script",
		               STR_ARG(c->name));
	if (db_run(db, "DELETE FROM script WHERE account = $1 AND no = $2",
	           DB_ARGS(DB_I(row.id), DB_I(no)), err) < 0)
		return -1;
	return save(db, &row, CHANGE_SCRIPT, err);
}

int script_remove(struct store *s, struct store_account a, struct str name,
                  struct err *err)
{
	struct change c = { .account = a, .name = name };

	return shard_write(s, a, write_remove, &c, err);
}

int script_remove_no(struct store *s, struct store_account a, uint64_t no,
                     struct err *err)
{
	struct change c = { .account = a, .no = no };

	if (no == 0)
		return err_set(err, ERR_NOT_FOUND, "no script has this number");
	return shard_write(s, a, write_remove, &c, err);
}

static int write_rename(struct db *db, void *arg, struct err *err)
{
	struct change *c = arg;
	struct account_row row;
	int64_t no, other;
	int rc;

	if (account_take(db, c->account, &row, err) < 0)
		return -1;
	rc = find(db, c, c->name, &no, err);
	if (rc <= 0)
		return rc < 0 ? -1 : missing(c->name, err);
	rc = find(db, c, c->to, &other, err);
	if (rc > 0)
		return err_set(err, ERR_EXISTS,
		               "there is a script \"%.*s\" already",
		               STR_ARG(c->to));
	if (rc < 0 || set_name(db, &row, no, c->to, err) < 0)
		return -1;
	return save(db, &row, CHANGE_SCRIPT, err);
}

int script_rename(struct store *s, struct store_account a, struct str from,
                  struct str to, struct err *err)
{
	struct change c = { .account = a, .name = from, .to = to };

	if (script_name_check(to, err) < 0)
		return -1;
	return shard_write(s, a, write_rename, &c, err);
}

/* ---- vacation ---- */

int vacation_get(struct store *s, struct store_account a, struct arena *arena,
                 struct vacation *out, struct err *err)
{
	struct db_stmt *q;
	struct shard *sh;
	struct db *db;
	int rc;

	if (shard_read(s, a, &sh, &db, err) < 0)
		return -1;
	rc = db_row(db, &q,
	            "SELECT enabled, begins, ends, days, subject, content,"
	            " changed, html FROM vacation WHERE account = $1",
	            DB_ARGS(DB_I(a.id)), err);
	if (rc > 0) {
		*out = (struct vacation){
			.on = db_i64(q, 0) != 0,
			.from_us = db_i64(q, 1),
			.until_us = db_i64(q, 2),
			.days = (uint32_t)db_i64(q, 3),
			.subject = arena_dup(arena, db_text(q, 4)),
			.text = arena_dup(arena, db_text(q, 5)),
			.changed = (uint64_t)db_i64(q, 6),
			.html = arena_dup(arena, db_text(q, 7)),
		};
		db_done(&q);
	}
	db_group_done(sh->group, &db);
	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, "no vacation was set");
	return rc < 0 ? -1 : 0;
}

static int write_vacation(struct db *db, void *arg, struct err *err)
{
	struct change *c = arg;
	const struct vacation *v = c->vacation;
	struct account_row row;

	if (account_take(db, c->account, &row, err) < 0 ||
	    db_run(db,
	           "INSERT INTO vacation (account, changed, enabled, begins,"
	           " ends, days, subject, content, html)"
	           " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
	           " ON CONFLICT (account) DO UPDATE SET"
	           " changed = excluded.changed, enabled = excluded.enabled,"
	           " begins = excluded.begins, ends = excluded.ends,"
	           " days = excluded.days, subject = excluded.subject,"
	           " content = excluded.content, html = excluded.html",
	           DB_ARGS(DB_I(row.id), DB_I(row.modseq), DB_I(v->on),
	                   DB_I(v->from_us), DB_I(v->until_us), DB_I(v->days),
	                   DB_S(v->subject), DB_S(v->text), DB_S(v->html)),
	           err) < 0)
		return -1;
	return save(db, &row, CHANGE_VACATION, err);
}

static int check_vacation(const struct vacation *v, struct err *err)
{
	if (v->text.n > VACATION_TEXT_MAX || v->html.n > VACATION_TEXT_MAX)
		return err_set(err, ERR_TOO_BIG,
		               "the text has at most %zu bytes",
		               VACATION_TEXT_MAX);
	if (v->subject.n > VACATION_SUBJECT_MAX)
		return err_set(err, ERR_TOO_BIG,
		               "the subject has at most %zu bytes",
		               VACATION_SUBJECT_MAX);
	if (!utf8_is_valid(v->text) || !utf8_is_valid(v->subject) ||
	    !utf8_is_valid(v->html))
		return err_set(err, ERR_INVALID, "the text is not UTF-8");
	if (str_chr(v->subject, '\n') != STR_NPOS ||
	    str_chr(v->subject, '\r') != STR_NPOS)
		return err_set(err, ERR_INVALID, "the subject is one line");
	if (v->days < 1 || v->days > 90)
		return err_set(err, ERR_INVALID, "the days are 1 to 90");
	if (v->until_us && v->until_us <= v->from_us)
		return err_set(err, ERR_INVALID, "it ends before it begins");
	return 0;
}

int vacation_set(struct store *s, struct store_account a,
                 const struct vacation *v, struct err *err)
{
	struct change c = { .account = a, .vacation = v };

	if (check_vacation(v, err) < 0)
		return -1;
	return shard_write(s, a, write_vacation, &c, err);
}

int script_any(struct store *s, struct store_account a, bool *out,
               struct err *err)
{
	struct shard *sh;
	struct db *db;
	int64_t n = 0;
	int rc;

	if (shard_read(s, a, &sh, &db, err) < 0)
		return -1;
	rc = db_number(db, &n,
	               "SELECT (SELECT count(*) FROM script WHERE account = $1"
	               " AND active = 1) + (SELECT count(*) FROM vacation"
	               " WHERE account = $1 AND enabled = 1)",
	               DB_ARGS(DB_I(a.id)), err);
	db_group_done(sh->group, &db);
	if (rc < 0)
		return -1;
	*out = n > 0;
	return 0;
}
