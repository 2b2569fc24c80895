#include "store/flags.h"

#include <string.h>

#include "store/shard.h"

static const char *const fixed[FLAG_KEYWORD_FREE] = {
	"\\Seen",   "\\Answered", "\\Flagged",  "\\Deleted",
	"\\Draft",  "$Forwarded", "$MDNSent",   "$Junk",
	"$NotJunk", "$Phishing",  "$Important", "",
};

static void fixed_names(struct flag_names *out)
{
	memset(out, 0, sizeof(*out));
	for (int i = 0; i < FLAG_KEYWORD_FREE; i++) {
		out->names[i] = str_z(fixed[i]);
		if (out->names[i].n)
			out->used |= UINT64_C(1) << i;
	}
}

static int read_names(struct db *db, int64_t account, struct arena *arena,
                      struct flag_names *out, struct err *err)
{
	struct db_stmt *q;
	int rc;

	fixed_names(out);
	if (db_query(db, &q, "SELECT bit, name FROM keyword WHERE account = $1",
	             DB_ARGS(DB_I(account)), err) < 0)
		return -1;
	while ((rc = db_next(q, err)) > 0) {
		int64_t bit = db_i64(q, 0);

		if (bit < FLAG_KEYWORD_FREE || bit >= FLAG_BITS)
			continue;
		out->names[bit] = arena_dup(arena, db_text(q, 1));
		out->used |= UINT64_C(1) << bit;
	}
	db_done(&q);
	return rc;
}

int flags_names(struct store *s, struct store_account a, struct arena *arena,
                struct flag_names *out, struct err *err)
{
	struct shard *sh;
	struct db *db;
	int rc;

	if (shard_read(s, a, &sh, &db, err) < 0)
		return -1;
	rc = read_names(db, a.id, arena, out, err);
	db_group_done(sh->group, &db);
	return rc;
}

static int find(const struct flag_names *names, struct str name)
{
	for (int i = 0; i < FLAG_BITS; i++)
		if (names->names[i].n && str_eq_case(names->names[i], name))
			return i;
	return -1;
}

/* An IMAP atom (RFC 9051, 9: flag-keyword), no system flag. */
static bool is_keyword(struct str s)
{
	if (s.n == 0 || s.n > FLAG_NAME_MAX)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] > '~' ||
		    memchr("(){%*\"\\]", s.p[i], 8))
			return false;
	return true;
}

/* Bits that no message of the account has lose their names. */
static int free_bits(struct db *db, int64_t account, struct flag_names *names,
                     struct err *err)
{
	uint64_t used = (UINT64_C(1) << FLAG_KEYWORD_FREE) - 1;
	struct db_stmt *q;
	int rc;

	if (db_query(db, &q,
	             "SELECT m.flags FROM message m, mailbox b"
	             " WHERE b.account = $1 AND m.mailbox = b.id"
	             " UNION SELECT purged_flags FROM email"
	             " WHERE account = $1 AND purged IS NOT NULL",
	             DB_ARGS(DB_I(account)), err) < 0)
		return -1;
	while ((rc = db_next(q, err)) > 0)
		used |= (uint64_t)db_i64(q, 0);
	db_done(&q);
	for (int i = FLAG_KEYWORD_FREE; rc == 0 && i < FLAG_BITS; i++) {
		if (used >> i & 1 || !names->names[i].n)
			continue;
		names->names[i] = (struct str){ NULL, 0 };
		names->used &= ~(UINT64_C(1) << i);
		rc = db_run(db,
		            "DELETE FROM keyword WHERE account = $1"
		            " AND bit = $2",
		            DB_ARGS(DB_I(account), DB_I(i)), err);
	}
	return rc;
}

static int free_bit(const struct flag_names *names)
{
	for (int i = FLAG_KEYWORD_FREE; i < FLAG_BITS; i++)
		if (!names->names[i].n)
			return i;
	return -1;
}

static int make(struct db *db, int64_t account, struct flag_names *names,
                struct str name, struct err *err)
{
	int bit = free_bit(names);

	if (!is_keyword(name))
		return err_set(err, ERR_INVALID, "no keyword: %.*s",
		               STR_ARG(name));
	if (bit < 0 && free_bits(db, account, names, err) < 0)
		return -1;
	bit = free_bit(names);
	if (bit < 0)
		return err_set(err, ERR_TOO_BIG,
		               "the account has %d keywords already",
		               FLAG_BITS - FLAG_KEYWORD_FREE);
	if (db_run(db,
	           "INSERT INTO keyword (account, bit, name)"
	           " VALUES ($1, $2, $3)",
	           DB_ARGS(DB_I(account), DB_I(bit), DB_S(name)), err) < 0)
		return -1;
	names->names[bit] = name;
	names->used |= UINT64_C(1) << bit;
	return bit;
}

int keyword_bits(struct db *db, int64_t account, const struct str *names,
                 size_t n, bool create, uint64_t *out, struct err *err)
{
	struct flag_names known;
	uint64_t bits = 0;
	struct arena arena;
	int rc;

	arena_init(&arena);
	rc = read_names(db, account, &arena, &known, err);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		int bit = find(&known, names[i]);

		if (bit < 0 && create) {
			bit = make(db, account, &known, names[i], err);
			if (bit < 0)
				rc = -1;
		}
		if (bit >= 0)
			bits |= UINT64_C(1) << bit;
	}
	arena_deinit(&arena);
	if (rc == 0)
		*out = bits;
	return rc;
}

struct bits_write {
	int64_t account;
	const struct str *names;
	size_t n;
	uint64_t bits;
};

static int write_bits(struct db *db, void *arg, struct err *err)
{
	struct bits_write *w = arg;

	return keyword_bits(db, w->account, w->names, w->n, true, &w->bits,
	                    err);
}

int flags_bits(struct store *s, struct store_account a, const struct str *names,
               size_t n, bool create, uint64_t *out, struct err *err)
{
	struct bits_write w = { a.id, names, n, 0 };
	struct flag_names known;
	struct arena arena;
	bool missing = false;
	int rc;

	arena_init(&arena);
	rc = flags_names(s, a, &arena, &known, err);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		int bit = find(&known, names[i]);

		if (bit >= 0)
			w.bits |= UINT64_C(1) << bit;
		else
			missing = true;
	}
	arena_deinit(&arena);
	/* Only a new name is a write. */
	if (rc == 0 && missing && create)
		rc = shard_write(s, a, write_bits, &w, err);
	if (rc == 0)
		*out = w.bits;
	return rc;
}
