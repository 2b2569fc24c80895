#include "store/mailbox.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "store/shard.h"

static const char *const uses[MAILBOX_USE_COUNT] = {
	[MAILBOX_USE_NONE] = "",
	[MAILBOX_USE_INBOX] = "",
	[MAILBOX_USE_SENT] = "\\Sent",
	[MAILBOX_USE_DRAFTS] = "\\Drafts",
	[MAILBOX_USE_TRASH] = "\\Trash",
	[MAILBOX_USE_JUNK] = "\\Junk",
	[MAILBOX_USE_ARCHIVE] = "\\Archive",
};

const char *mailbox_use_name(enum mailbox_use use)
{
	return use < MAILBOX_USE_COUNT ? uses[use] : "";
}

enum mailbox_use mailbox_use_parse(struct str name)
{
	for (int i = MAILBOX_USE_SENT; i < MAILBOX_USE_COUNT; i++)
		if (str_eq_case(name, str_z(uses[i])))
			return (enum mailbox_use)i;
	return MAILBOX_USE_NONE;
}

static bool is_bad_char(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == '*' || c == '%' ||
	       (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

static int check_chars(struct str name, struct err *err)
{
	uint32_t c;
	enum utf8_result r;

	while ((r = utf8_next(&name, &c)) != UTF8_END) {
		if (r == UTF8_BAD)
			return err_set(err, ERR_INVALID,
			               "a mailbox name must be UTF-8");
		if (is_bad_char(c))
			return err_set(err, ERR_INVALID,
			               "a mailbox name cannot have a control "
			               "character, * or %%");
	}
	return 0;
}

int mailbox_name_check(struct str name, struct err *err)
{
	struct str rest = name, level;
	int depth = 0;

	if (name.n > MAILBOX_NAME_MAX)
		return err_set(err, ERR_INVALID,
		               "a mailbox name has at most %d bytes",
		               MAILBOX_NAME_MAX);
	if (check_chars(name, err) < 0)
		return -1;
	if (str_starts_case(name, STR("INBOX/")))
		return err_set(err, ERR_INVALID, "INBOX has no children");
	if (name.n == 0 || name.p[name.n - 1] == '/')
		return err_set(err, ERR_INVALID, "a mailbox needs a name");
	while (str_cut(&rest, '/', &level)) {
		if (level.n == 0)
			return err_set(err, ERR_INVALID,
			               "a mailbox name has an empty level");
		if (level.n > MAILBOX_LEVEL_MAX || ++depth > MAILBOX_DEPTH_MAX)
			return err_set(err, ERR_INVALID,
			               "a mailbox name has at most %d levels "
			               "of %d bytes",
			               MAILBOX_DEPTH_MAX, MAILBOX_LEVEL_MAX);
	}
	return 0;
}

/* ---- reading ---- */

#define COLUMNS                                                              \
	"m.no, m.name, m.use, m.uidvalidity, m.uidnext, m.total, m.unseen, " \
	"m.deleted, m.bytes, m.deleted_bytes, m.modseq, m.created, "         \
	"m.changed, EXISTS (SELECT 1 FROM subscription s"                    \
	" WHERE s.account = m.account AND s.name = m.name)"

static void read_row(struct db_stmt *q, struct arena *arena,
                     struct mailbox *out)
{
	*out = (struct mailbox){
		.no = (uint64_t)db_i64(q, 0),
		.name = arena_dup(arena, db_text(q, 1)),
		.use = (enum mailbox_use)db_i64(q, 2),
		.uidvalidity = (uint32_t)db_i64(q, 3),
		.uidnext = (uint32_t)db_i64(q, 4),
		.total = (uint32_t)db_i64(q, 5),
		.unseen = (uint32_t)db_i64(q, 6),
		.deleted = (uint32_t)db_i64(q, 7),
		.bytes = (uint64_t)db_i64(q, 8),
		.deleted_bytes = (uint64_t)db_i64(q, 9),
		.highestmodseq = (uint64_t)db_i64(q, 10),
		.created_modseq = (uint64_t)db_i64(q, 11),
		.changed_modseq = (uint64_t)db_i64(q, 12),
		.subscribed = db_i64(q, 13) != 0,
	};
}

static int read_all(struct db *db, int64_t account, struct arena *arena,
                    struct mailbox **out, size_t *n_out, struct err *err)
{
	struct mailbox *list;
	struct db_stmt *q = NULL;
	int64_t max = 0;
	size_t n = 0;
	int rc;

	if (db_number(db, &max,
	              "SELECT count(*) FROM mailbox WHERE account = $1",
	              DB_ARGS(DB_I(account)), err) < 0)
		return -1;
	list = arena_array(arena, (size_t)max + 1, sizeof(*list));
	if (db_query(db, &q,
	             "SELECT " COLUMNS " FROM mailbox m WHERE m.account = $1",
	             DB_ARGS(DB_I(account)), err) < 0)
		return -1;
	while ((rc = db_next(q, err)) > 0 && n < (size_t)max)
		read_row(q, arena, &list[n++]);
	db_done(&q);
	*out = list;
	*n_out = n;
	return rc < 0 ? -1 : 0;
}

/* '/' before all else, so that children stand right behind their parent. */
static int by_name(const void *pa, const void *pb)
{
	const struct mailbox *a = pa, *b = pb;
	size_t n = a->name.n < b->name.n ? a->name.n : b->name.n;

	if ((a->use == MAILBOX_USE_INBOX) != (b->use == MAILBOX_USE_INBOX))
		return a->use == MAILBOX_USE_INBOX ? -1 : 1;
	for (size_t i = 0; i < n; i++) {
		int x = (unsigned char)a->name.p[i];
		int y = (unsigned char)b->name.p[i];

		if (x != y)
			return (x == '/' ? -1 : x) - (y == '/' ? -1 : y);
	}
	return a->name.n < b->name.n ? -1 : a->name.n > b->name.n;
}

static bool is_below(struct str name, struct str parent)
{
	return name.n > parent.n && name.p[parent.n] == '/' &&
	       str_starts(name, parent);
}

/* A consistent list: one read transaction. */
static int list_in(struct db *db, int64_t account, struct arena *arena,
                   struct mailbox **out, size_t *n_out, struct err *err)
{
	struct mailbox *list;
	size_t n;

	if (read_all(db, account, arena, &list, &n, err) < 0)
		return -1;
	qsort(list, n, sizeof(*list), by_name);
	for (size_t i = 0; i + 1 < n; i++)
		list[i].has_children = is_below(list[i + 1].name, list[i].name);
	*out = list;
	*n_out = n;
	return 0;
}

int mailbox_list(struct store *s, struct store_account a, struct arena *arena,
                 struct mailbox **out, size_t *n_out, struct err *err)
{
	struct shard *sh;
	struct db *db;
	int rc;

	if (shard_read(s, a, &sh, &db, err) < 0)
		return -1;
	rc = db_begin_read(db, err);
	if (rc == 0)
		rc = list_in(db, a.id, arena, out, n_out, err);
	db_group_done(sh->group, &db);
	return rc;
}

int mailbox_subscriptions(struct store *s, struct store_account a,
                          struct arena *arena, struct str **out, size_t *n_out,
                          struct err *err)
{
	struct str *list;
	struct shard *sh;
	struct db_stmt *q;
	struct db *db;
	int64_t max = 0;
	size_t n = 0;
	int rc;

	if (shard_read(s, a, &sh, &db, err) < 0)
		return -1;
	rc = db_begin_read(db, err);
	if (rc == 0)
		rc = db_number(db, &max,
		               "SELECT count(*) FROM subscription"
		               " WHERE account = $1",
		               DB_ARGS(DB_I(a.id)), err);
	list = arena_array(arena, (size_t)max + 1, sizeof(*list));
	if (rc >= 0)
		rc = db_query(db, &q,
		              "SELECT name FROM subscription"
		              " WHERE account = $1 ORDER BY name",
		              DB_ARGS(DB_I(a.id)), err);
	if (rc == 0) {
		while ((rc = db_next(q, err)) > 0 && n < (size_t)max)
			list[n++] = arena_dup(arena, db_text(q, 0));
		db_done(&q);
	}
	db_group_done(sh->group, &db);
	*out = list;
	*n_out = n;
	return rc < 0 ? -1 : 0;
}

static int get(struct store *s, struct store_account a, const char *sql,
               struct db_arg key, struct arena *arena, struct mailbox *out,
               struct err *err)
{
	struct shard *sh;
	struct db_stmt *q = NULL;
	struct db *db;
	int64_t kids = 0;
	int rc;

	if (shard_read(s, a, &sh, &db, err) < 0)
		return -1;
	rc = db_begin_read(db, err);
	if (rc == 0)
		rc = db_row(db, &q, sql, DB_ARGS(DB_I(a.id), key), err);
	if (rc > 0) {
		struct str low, high;

		read_row(q, arena, out);
		db_done(&q);
		low = arena_fmt(arena, "%.*s/", STR_ARG(out->name));
		high = arena_fmt(arena, "%.*s0", STR_ARG(out->name));
		rc = db_number(db, &kids,
		               "SELECT 1 FROM mailbox WHERE account = $1"
		               " AND name >= $2 AND name < $3 LIMIT 1",
		               DB_ARGS(DB_I(a.id), DB_S(low), DB_S(high)), err);
		out->has_children = kids != 0;
		rc = rc < 0 ? -1 : 0;
	} else if (rc == 0) {
		rc = err_set(err, ERR_NOT_FOUND, "no such mailbox");
	}
	db_group_done(sh->group, &db);
	return rc;
}

int mailbox_get(struct store *s, struct store_account a, struct str name,
                struct arena *arena, struct mailbox *out, struct err *err)
{
	if (str_eq_case(name, STR("INBOX")))
		name = STR("INBOX");
	return get(s, a,
	           "SELECT " COLUMNS " FROM mailbox m"
	           " WHERE m.account = $1 AND m.name = $2",
	           DB_S(name), arena, out, err);
}

int mailbox_get_no(struct store *s, struct store_account a, uint64_t no,
                   struct arena *arena, struct mailbox *out, struct err *err)
{
	return get(s, a,
	           "SELECT " COLUMNS " FROM mailbox m"
	           " WHERE m.account = $1 AND m.no = $2",
	           DB_I(no), arena, out, err);
}

int mailbox_get_use(struct store *s, struct store_account a,
                    enum mailbox_use use, struct arena *arena,
                    struct mailbox *out, struct err *err)
{
	return get(s, a,
	           "SELECT " COLUMNS " FROM mailbox m"
	           " WHERE m.account = $1 AND m.use = $2 LIMIT 1",
	           DB_I(use ? use : MAILBOX_USE_INBOX), arena, out, err);
}
