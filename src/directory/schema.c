#include "directory/private.h"

/*
 * Ids and change numbers come from the one counter: an id is the number of
 * the change that made the row, so none is ever used twice.
 *
 * address holds what can be mailed to; an account's row keeps the rest, also
 * after its address is free again.  target serves aliases and forwards.
 */
static const char schema_1[] =
	"CREATE TABLE counter ("
	" name TEXT PRIMARY KEY,"
	" value BIGINT NOT NULL);"
	"INSERT INTO counter (name, value) VALUES ('change', 0);"

	"CREATE TABLE domain ("
	" id BIGINT PRIMARY KEY,"
	" name TEXT NOT NULL UNIQUE,"
	" alias_of BIGINT NOT NULL,"
	" flags BIGINT NOT NULL,"
	" catchall BIGINT NOT NULL,"
	" admin BIGINT NOT NULL,"
	" created BIGINT NOT NULL,"
	" change BIGINT NOT NULL);"
	"CREATE INDEX domain_alias ON domain (alias_of) WHERE alias_of > 0;"
	"CREATE INDEX domain_catchall ON domain (catchall) WHERE catchall > 0;"
	"CREATE INDEX domain_admin ON domain (admin) WHERE admin > 0;"

	"CREATE TABLE address ("
	" id BIGINT PRIMARY KEY,"
	" domain BIGINT NOT NULL,"
	" local TEXT NOT NULL,"
	" kind BIGINT NOT NULL,"
	" created BIGINT NOT NULL,"
	" change BIGINT NOT NULL,"
	" UNIQUE (domain, local));"

	"CREATE TABLE account ("
	" id BIGINT PRIMARY KEY,"
	" domain BIGINT NOT NULL,"
	" address TEXT NOT NULL,"
	" name TEXT NOT NULL,"
	" shard BIGINT NOT NULL,"
	" flags BIGINT NOT NULL,"
	" quota BIGINT NOT NULL,"
	" keep BIGINT NOT NULL,"
	" created BIGINT NOT NULL,"
	" removed BIGINT NOT NULL,"
	" change BIGINT NOT NULL);"
	"CREATE INDEX account_domain ON account (domain, id)"
	" WHERE removed = 0;"
	"CREATE INDEX account_removed ON account (removed) WHERE removed > 0;"

	"CREATE TABLE target ("
	" owner BIGINT NOT NULL,"
	" place BIGINT NOT NULL,"
	" local TEXT NOT NULL,"
	" domain TEXT NOT NULL,"
	" change BIGINT NOT NULL,"
	" PRIMARY KEY (owner, place));"

	"CREATE TABLE sender ("
	" account BIGINT NOT NULL,"
	" address TEXT NOT NULL,"
	" change BIGINT NOT NULL,"
	" PRIMARY KEY (account, address));"

	"CREATE TABLE gone ("
	" kind BIGINT NOT NULL,"
	" id BIGINT NOT NULL,"
	" change BIGINT NOT NULL,"
	" PRIMARY KEY (kind, id));"

	"CREATE TABLE shard ("
	" id BIGINT PRIMARY KEY,"
	" url TEXT NOT NULL,"
	" open BIGINT NOT NULL);"
	"INSERT INTO shard (id, url, open) VALUES (1, '', 1);";

/* 0: the account has neither an active script nor a vacation. */
static const char schema_2[] =
	"ALTER TABLE account ADD COLUMN script BIGINT NOT NULL DEFAULT 0;";

/* Limits set by the operator; owner is a domain or an account. */
static const char schema_3[] = "CREATE TABLE own_limit ("
			       " owner BIGINT NOT NULL,"
			       " key TEXT NOT NULL,"
			       " value BIGINT NOT NULL,"
			       " change BIGINT NOT NULL,"
			       " PRIMARY KEY (owner, key));";

static const char schema_4[] =
	"ALTER TABLE account ADD COLUMN forwarded BIGINT NOT NULL DEFAULT 0;";

/* Targets of forwards are confirmed by a link with a token ("": none); those
 * from before count as confirmed.  What the host alone must know. */
static const char schema_5[] =
	"ALTER TABLE target ADD COLUMN confirmed BIGINT NOT NULL DEFAULT 1;"
	"ALTER TABLE target ADD COLUMN token TEXT NOT NULL DEFAULT '';"
	"CREATE INDEX target_token ON target (token) WHERE token <> '';"
	"CREATE TABLE secret ("
	" name TEXT PRIMARY KEY,"
	" value BLOB NOT NULL);";

/* The domains that scripts of a Unix user send for. */
static const char schema_6[] = "CREATE TABLE webspace ("
			       " uid BIGINT NOT NULL,"
			       " domain BIGINT NOT NULL,"
			       " change BIGINT NOT NULL,"
			       " PRIMARY KEY (uid, domain));";

/*
 * Who may administer: domain 0 is the whole host.  Tokens are kept as digests.
 * The audit has numbers of its own, so that a note of something that changed
 * nothing here makes no cache be forgotten.  Settings are what the panel
 * shows of the host itself; a check is the last look at a domain's records.
 */
static const char schema_7[] =
	"CREATE TABLE role ("
	" account BIGINT NOT NULL,"
	" domain BIGINT NOT NULL,"
	" created BIGINT NOT NULL,"
	" change BIGINT NOT NULL,"
	" PRIMARY KEY (account, domain));"
	"CREATE INDEX role_domain ON role (domain);"

	"CREATE TABLE token ("
	" id BIGINT PRIMARY KEY,"
	" account BIGINT NOT NULL,"
	" name TEXT NOT NULL,"
	" digest BLOB NOT NULL UNIQUE,"
	" scopes BIGINT NOT NULL,"
	" created BIGINT NOT NULL,"
	" expires BIGINT NOT NULL,"
	" used BIGINT NOT NULL,"
	" change BIGINT NOT NULL);"
	"CREATE INDEX token_account ON token (account);"

	"INSERT INTO counter (name, value) VALUES ('audit', 0);"
	"CREATE TABLE audit ("
	" id BIGINT PRIMARY KEY,"
	" at BIGINT NOT NULL,"
	" who TEXT NOT NULL,"
	" role TEXT NOT NULL,"
	" origin TEXT NOT NULL,"
	" operation TEXT NOT NULL,"
	" subject TEXT NOT NULL,"
	" domain BIGINT NOT NULL,"
	" before TEXT NOT NULL,"
	" after TEXT NOT NULL,"
	" result TEXT NOT NULL);"
	"CREATE INDEX audit_at ON audit (at);"
	"CREATE INDEX audit_domain ON audit (domain, id) WHERE domain > 0;"
	"CREATE INDEX audit_subject ON audit (subject, id)"
	" WHERE subject <> '';"

	"CREATE TABLE setting ("
	" key TEXT PRIMARY KEY,"
	" value TEXT NOT NULL,"
	" change BIGINT NOT NULL);"

	"CREATE TABLE domain_check ("
	" domain BIGINT PRIMARY KEY,"
	" at BIGINT NOT NULL,"
	" state TEXT NOT NULL,"
	" result TEXT NOT NULL);";

int directory_migrate(struct db *db, uint32_t version, struct err *err)
{
	if (version < 1 && db_exec(db, schema_1, err) < 0)
		return -1;
	if (version < 2 && db_exec(db, schema_2, err) < 0)
		return -1;
	if (version < 3 && db_exec(db, schema_3, err) < 0)
		return -1;
	if (version < 4 && db_exec(db, schema_4, err) < 0)
		return -1;
	if (version < 5 && db_exec(db, schema_5, err) < 0)
		return -1;
	if (version < 6 && db_exec(db, schema_6, err) < 0)
		return -1;
	if (version < 7 && db_exec(db, schema_7, err) < 0)
		return -1;
	return 0;
}

int directory_next(struct db *db, int64_t *out, struct err *err)
{
	int rc = db_number(db, out,
	                   "UPDATE counter SET value = value + 1"
	                   " WHERE name = 'change' RETURNING value",
	                   DB_NO_ARGS, err);

	if (rc == 0)
		err_set(err, ERR_CORRUPT, "the directory has no counter");
	return rc > 0 ? 0 : -1;
}

int directory_last(struct db *db, int64_t *out, struct err *err)
{
	int rc = db_number(db, out,
	                   "SELECT value FROM counter WHERE name = 'change'",
	                   DB_NO_ARGS, err);

	if (rc == 0)
		err_set(err, ERR_CORRUPT, "the directory has no counter");
	return rc > 0 ? 0 : -1;
}

int directory_gone(struct db *db, enum row_kind kind, int64_t id,
                   struct err *err)
{
	int64_t change;

	if (directory_next(db, &change, err) < 0)
		return -1;
	return db_run(db,
	              "INSERT INTO gone (kind, id, change)"
	              " VALUES ($1, $2, $3)",
	              DB_ARGS(DB_I(kind), DB_I(id), DB_I(change)), err);
}
