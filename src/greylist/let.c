/* What people said: let this one in, block that one. */
#include "base/mem.h"
#include "greylist/private.h"

static struct str after_at(struct str address)
{
	size_t at = str_rchr(address, '@');

	return at == STR_NPOS ? (struct str){ NULL, 0 }
	                      : str_from(address, at + 1);
}

static void put_lower(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		buf_add_c(out, s.p[i] >= 'A' && s.p[i] <= 'Z'
		                       ? (char)(s.p[i] + ('a' - 'A'))
		                       : s.p[i]);
}

/* The narrower word counts more: first for whom it was said, then of whom. */
static int find_said(struct db *db, const struct greylist_ask *q,
                     struct str sender, enum greylist_let *out, struct err *err)
{
	int64_t what = GREYLIST_NEITHER;

	if (db_number(db, &what,
	              "SELECT what FROM let"
	              " WHERE sender IN ($1, $2) AND scope IN ('', $3, $4)"
	              " ORDER BY CASE scope WHEN '' THEN 0 WHEN $4 THEN 1"
	              "  ELSE 2 END DESC, length(sender) DESC LIMIT 1",
	              DB_ARGS(DB_S(sender), DB_S(after_at(sender)),
	                      DB_S(q->recipient), DB_S(after_at(q->recipient))),
	              err) < 0)
		return -1;
	*out = (enum greylist_let)what;
	return 0;
}

int greylist_said(struct db *db, const struct greylist_ask *q,
                  enum greylist_let *out, struct err *err)
{
	struct buf sender;
	int rc;

	*out = GREYLIST_NEITHER;
	if (!q->sender.domain.n)
		return 0;
	buf_init(&sender, GREYLIST_KEY_MAX);
	put_lower(&sender, q->sender.local);
	buf_add_c(&sender, '@');
	put_lower(&sender, q->sender.domain);
	rc = find_said(db, q, buf_str(&sender), out, err);
	buf_deinit(&sender);
	return rc;
}

struct set {
	struct greylist *g;
	struct str sender, scope;
	enum greylist_let what;
	int64_t now_us;
};

static int set(struct db *db, void *arg, struct err *err)
{
	struct set *s = arg;

	if (db_run(db, "DELETE FROM let WHERE sender = $1 AND scope = $2",
	           DB_ARGS(DB_S(s->sender), DB_S(s->scope)), err) < 0)
		return -1;
	if (s->what == GREYLIST_NEITHER)
		return db_changes(db) ? 0
		                      : err_set(err, ERR_NOT_FOUND,
		                                "nothing was said of %.*s",
		                                STR_ARG(s->sender));
	return db_run(db,
	              "INSERT INTO let (sender, scope, what, at_us)"
	              " VALUES ($1, $2, $3, $4)",
	              DB_ARGS(DB_S(s->sender), DB_S(s->scope), DB_I(s->what),
	                      DB_I(s->now_us)),
	              err);
}

int greylist_set(struct greylist *g, struct str sender, struct str scope,
                 enum greylist_let what, int64_t now_us, struct err *err)
{
	struct set s = { .g = g, .what = what, .now_us = now_us };
	struct buf lower[2];
	int rc;

	if (!sender.n || sender.n > 320 || scope.n > 320)
		return err_set(err, ERR_INVALID,
		               "a sender is an address or a domain");
	buf_init(&lower[0], 400);
	buf_init(&lower[1], 400);
	put_lower(&lower[0], sender);
	put_lower(&lower[1], scope);
	s.sender = buf_str(&lower[0]);
	s.scope = buf_str(&lower[1]);
	rc = db_group_write(g->group, set, &s, NULL, 0, err);
	buf_deinit(&lower[0]);
	buf_deinit(&lower[1]);
	return rc;
}

int greylist_words(struct greylist *g,
                   bool (*each)(void *arg, const struct greylist_word *w),
                   void *arg, struct err *err)
{
	struct db_stmt *q = NULL;
	struct db *db;
	int rc;

	if (db_group_read(g->group, &db, err) < 0)
		return -1;
	rc = db_query(db, &q,
	              "SELECT sender, scope, what, at_us FROM let"
	              " ORDER BY sender, scope",
	              DB_NO_ARGS, err);
	while (rc >= 0 && (rc = db_next(q, err)) > 0) {
		struct greylist_word w = {
			.sender = db_text(q, 0),
			.scope = db_text(q, 1),
			.what = (enum greylist_let)db_i64(q, 2),
			.at_us = db_i64(q, 3),
		};

		if (!each(arg, &w))
			break;
	}
	db_done(&q);
	db_group_done(g->group, &db);
	return rc < 0 ? -1 : 0;
}
