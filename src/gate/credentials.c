#include "gate/credentials.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "gate/credentials_private.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/random.h"

#define SCHEMA_VERSION 3
#define WAL_MAX        ((uint64_t)1024 * 1024)

static const char schema_1[] =
	"CREATE TABLE credential ("
	" account BIGINT PRIMARY KEY,"
	" address TEXT NOT NULL,"
	" hash TEXT NOT NULL,"
	" scram_salt BLOB, scram_iterations BIGINT,"
	" scram_stored BLOB, scram_server BLOB,"
	" changed_us BIGINT NOT NULL);"
	"CREATE TABLE app_password ("
	" id INTEGER PRIMARY KEY,"
	" account BIGINT NOT NULL,"
	" name TEXT NOT NULL,"
	" tag BLOB NOT NULL,"
	" created_us BIGINT NOT NULL);"
	"CREATE INDEX app_password_account ON app_password (account, tag);"
	"CREATE TABLE setting (name TEXT PRIMARY KEY, value BLOB NOT NULL);";

/* Services 31: whatever an app password was made for before. */
static const char schema_2[] =
	"ALTER TABLE app_password ADD COLUMN services BIGINT NOT NULL"
	" DEFAULT 31;"
	"ALTER TABLE app_password ADD COLUMN network TEXT NOT NULL DEFAULT '';"
	"ALTER TABLE app_password ADD COLUMN expires_us BIGINT NOT NULL"
	" DEFAULT 0;"
	"ALTER TABLE app_password ADD COLUMN last_us BIGINT NOT NULL DEFAULT 0;"
	"ALTER TABLE app_password ADD COLUMN last_protocol BIGINT NOT NULL"
	" DEFAULT 0;"
	"ALTER TABLE app_password ADD COLUMN last_ip TEXT NOT NULL DEFAULT '';"
	"CREATE TABLE totp ("
	" account BIGINT PRIMARY KEY,"
	" secret BLOB NOT NULL,"
	" last_step BIGINT NOT NULL,"
	" on_us BIGINT NOT NULL);" /* 0: begun, not confirmed */
	"CREATE TABLE recovery_code ("
	" account BIGINT NOT NULL, tag BLOB NOT NULL,"
	" PRIMARY KEY (account, tag));"
	"CREATE TABLE web_session ("
	" id INTEGER PRIMARY KEY,"
	" account BIGINT NOT NULL,"
	" digest BLOB NOT NULL UNIQUE,"
	" remember BIGINT NOT NULL,"
	" created_us BIGINT NOT NULL,"
	" seen_us BIGINT NOT NULL,"
	" agent TEXT NOT NULL,"
	" ip TEXT NOT NULL);"
	"CREATE INDEX web_session_account ON web_session (account);"
	"CREATE TABLE revoked ("
	" seq INTEGER PRIMARY KEY,"
	" account BIGINT NOT NULL,"
	" kind BIGINT NOT NULL,"
	" id BIGINT NOT NULL,"
	" at_us BIGINT NOT NULL);";

static const char schema_3[] = "CREATE TABLE start_link ("
			       " account BIGINT PRIMARY KEY,"
			       " digest BLOB NOT NULL UNIQUE,"
			       " expires_us BIGINT NOT NULL);";

static int make_key(struct db *db, struct err *err)
{
	struct password_tag_key key;

	password_tag_key(&key);
	return db_run(db, "INSERT INTO setting VALUES ('key', $1)",
	              DB_ARGS(DB_B(credentials_bytes(key.k, sizeof(key.k)))),
	              err);
}

static int migrate(struct db *db, uint32_t version, struct err *err)
{
	if (db_begin(db, err) < 0)
		return -1;
	if ((version < 1 &&
	     (db_exec(db, schema_1, err) < 0 || make_key(db, err) < 0)) ||
	    (version < 2 && db_exec(db, schema_2, err) < 0) ||
	    db_exec(db, schema_3, err) < 0 ||
	    db_set_version(db, SCHEMA_VERSION, err) < 0 ||
	    db_commit(db, err) < 0) {
		db_rollback(db);
		return -1;
	}
	return 0;
}

static int load_key(struct credentials *c, struct err *err)
{
	struct db_stmt *q;
	struct str v;
	int rc = db_row(c->db, &q,
	                "SELECT value FROM setting WHERE name = 'key'",
	                DB_NO_ARGS, err);

	if (rc < 0)
		return -1;
	if (rc > 0) {
		v = db_blob(q, 0);
		if (v.n == sizeof(c->key.k))
			memcpy(c->key.k, v.p, v.n);
		else
			rc = 0;
		db_done(&q);
	}
	if (rc == 0)
		return err_set(err, ERR_CORRUPT, "credentials.db has no key");
	return 0;
}

static int open_db(struct credentials *c, const char *path, struct err *err)
{
	struct db_options o = { .path = path,
		                .create = true,
		                .cache_kib = 256 };
	uint32_t version;

	if (db_open(&c->db, &o, err) < 0 ||
	    db_version(c->db, &version, err) < 0)
		return -1;
	if (version > SCHEMA_VERSION)
		return err_set(err, ERR_CORRUPT,
		               "credentials.db is of a later version");
	if (version < SCHEMA_VERSION && migrate(c->db, version, err) < 0)
		return -1;
	return load_key(c, err);
}

static int prepare(struct credentials *c, const char *path, struct err *err)
{
	char lock_path[PATH_MAX + 8];
	int fd, rc;

	/* Before SQLite does, whose files follow the umask. */
	fd = file_open(path, O_RDWR | O_CREAT, 0600, err);
	if (fd < 0)
		return -1;
	file_close(&fd);
	(void)snprintf(lock_path, sizeof(lock_path), "%s.lock", path);
	if (lock_open(&c->writers, lock_path, err) < 0 ||
	    lock_acquire(c->writers, err) < 0)
		return -1;
	rc = open_db(c, path, err);
	lock_release(c->writers);
	return rc;
}

int credentials_open(struct credentials **out, const char *dir, struct err *err)
{
	struct credentials *c = mem_zalloc(sizeof(*c));
	char path[PATH_MAX];

	(void)pthread_mutex_init(&c->lock, NULL);
	map_init(&c->apps, random_u64());
	map_init(&c->sessions, random_u64());
	(void)snprintf(path, sizeof(path), "%s/credentials.db", dir);
	if (prepare(c, path, err) < 0) {
		credentials_close(&c);
		return err_prefix(err, "credentials");
	}
	*out = c;
	return 0;
}

static bool keep_none(void *arg, void *value)
{
	(void)arg;
	mem_free(value);
	return false;
}

void credentials_close(struct credentials **cp)
{
	struct credentials *c = *cp;

	if (!c)
		return;
	map_sweep(&c->apps, keep_none, NULL);
	map_sweep(&c->sessions, keep_none, NULL);
	map_deinit(&c->apps);
	map_deinit(&c->sessions);
	db_close(&c->db);
	lock_close(&c->writers);
	(void)pthread_mutex_destroy(&c->lock);
	mem_wipe(&c->key, sizeof(c->key));
	mem_free(c);
	*cp = NULL;
}

int credentials_begin(struct credentials *c, struct err *err)
{
	(void)pthread_mutex_lock(&c->lock);
	if (lock_acquire(c->writers, err) == 0) {
		if (db_begin(c->db, err) == 0)
			return 0;
		lock_release(c->writers);
	}
	(void)pthread_mutex_unlock(&c->lock);
	return -1;
}

int credentials_end(struct credentials *c, int rc, struct err *err)
{
	if (rc == 0)
		rc = db_commit(c->db, err);
	if (rc < 0)
		db_rollback(c->db);
	lock_release(c->writers);
	(void)pthread_mutex_unlock(&c->lock);
	return rc;
}

void credentials_copy(char *out, size_t size, struct str s)
{
	if (s.n >= size)
		s.n = size - 1;
	if (s.n)
		memcpy(out, s.p, s.n);
	out[s.n] = '\0';
}

void credentials_touch(struct map *m, int64_t id, int64_t now_us,
                       enum gate_protocol protocol, const struct net_addr *peer)
{
	struct touch *t = map_get_u64(m, (uint64_t)id);

	if (!t) {
		t = mem_zalloc(sizeof(*t));
		t->id = id;
		(void)map_put_u64(m, (uint64_t)id, t);
	}
	t->us = now_us;
	t->protocol = protocol;
	t->peer = *peer;
}

static bool read_scram(struct db_stmt *q, struct scram_keys *out)
{
	struct str salt = db_blob(q, 1), stored = db_blob(q, 3),
		   server = db_blob(q, 4);
	int64_t iterations = db_i64(q, 2);

	if (salt.n != sizeof(out->salt) || stored.n != SCRAM_KEY_SIZE ||
	    server.n != SCRAM_KEY_SIZE || iterations < 1 ||
	    iterations > SCRAM_ITERATIONS_MAX)
		return false;
	memcpy(out->salt, salt.p, salt.n);
	memcpy(out->stored_key, stored.p, stored.n);
	memcpy(out->server_key, server.p, server.n);
	out->iterations = (uint32_t)iterations;
	return true;
}

int credentials_get(struct credentials *c, int64_t account,
                    struct credential *out, struct err *err)
{
	struct db_stmt *q;
	int rc;

	(void)pthread_mutex_lock(&c->lock);
	rc = db_row(c->db, &q,
	            "SELECT hash, scram_salt, scram_iterations, scram_stored,"
	            " scram_server FROM credential WHERE account = $1",
	            DB_ARGS(DB_I(account)), err);
	if (rc > 0) {
		(void)snprintf(out->hash, sizeof(out->hash), "%.*s",
		               STR_ARG(db_text(q, 0)));
		out->has_scram = read_scram(q, &out->scram);
		db_done(&q);
	}
	(void)pthread_mutex_unlock(&c->lock);
	return rc;
}

static int put(struct credentials *c, int64_t account, struct str address,
               struct str hash, const struct scram_keys *k, struct err *err)
{
	return db_run(
		c->db,
		"INSERT INTO credential (account, address, hash, scram_salt,"
		" scram_iterations, scram_stored, scram_server, changed_us)"
		" VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
		" ON CONFLICT (account) DO UPDATE SET"
		" address = excluded.address, hash = excluded.hash,"
		" scram_salt = excluded.scram_salt,"
		" scram_iterations = excluded.scram_iterations,"
		" scram_stored = excluded.scram_stored,"
		" scram_server = excluded.scram_server,"
		" changed_us = excluded.changed_us",
		DB_ARGS(DB_I(account), DB_S(address), DB_S(hash),
	                k ? DB_B(credentials_bytes(k->salt, sizeof(k->salt)))
	                  : DB_NULL,
	                k ? DB_I(k->iterations) : DB_NULL,
	                k ? DB_B(credentials_bytes(k->stored_key,
	                                           SCRAM_KEY_SIZE))
	                  : DB_NULL,
	                k ? DB_B(credentials_bytes(k->server_key,
	                                           SCRAM_KEY_SIZE))
	                  : DB_NULL,
	                DB_I(clock_wall_us())),
		err);
}

int credentials_replace(struct credentials *c, int64_t account,
                        struct str address, struct str hash,
                        const struct scram_keys *k, int64_t keep_session,
                        struct err *err)
{
	if (put(c, account, address, hash, k, err) < 0 ||
	    db_run(c->db, "DELETE FROM start_link WHERE account = $1",
	           DB_ARGS(DB_I(account)), err) < 0 ||
	    credentials_revoke(c, account, GATE_BY_PASSWORD, 0, err) < 0)
		return -1;
	return credentials_end_sessions(c, account, keep_session, err);
}

/* `renew`: the same password in another form; else what logged in with the
 * old one ends. */
static int keep(struct credentials *c, int64_t account, struct str address,
                struct str hash, const struct scram_keys *k, bool renew,
                int64_t keep_session, struct err *err)
{
	int rc;

	if (credentials_begin(c, err) < 0)
		return -1;
	rc = renew ? put(c, account, address, hash, k, err)
	           : credentials_replace(c, account, address, hash, k,
	                                 keep_session, err);
	return credentials_end(c, rc, err);
}

static int hash_and_keep(struct credentials *c, int64_t account,
                         struct str address, struct str password, bool scram,
                         bool renew, int64_t keep_session, struct err *err)
{
	char hash[PASSWORD_HASH_MAX];
	struct scram_keys keys;
	int rc;

	if (password_hash(password, hash, err) < 0)
		return -1;
	if (scram)
		scram_keys_make(&keys, password);
	rc = keep(c, account, address, str_z(hash), scram ? &keys : NULL, renew,
	          keep_session, err);
	mem_wipe(&keys, sizeof(keys));
	return rc;
}

int credentials_set(struct credentials *c, int64_t account, struct str address,
                    struct str password, bool scram, int64_t keep_session,
                    struct err *err)
{
	return hash_and_keep(c, account, address, password, scram, false,
	                     keep_session, err);
}

int credentials_renew(struct credentials *c, int64_t account,
                      struct str address, struct str password, bool scram,
                      struct err *err)
{
	return hash_and_keep(c, account, address, password, scram, true, 0,
	                     err);
}

int credentials_import(struct credentials *c, int64_t account,
                       struct str address, struct str hash, struct err *err)
{
	if (!password_hash_known(hash))
		return err_set(err, ERR_INVALID,
		               "this is no password hash that can be checked");
	return keep(c, account, address, hash, NULL, false, 0, err);
}

static int remove_rows(struct credentials *c, int64_t account, struct err *err)
{
	static const char *const rows[] = {
		"DELETE FROM app_password WHERE account = $1",
		"DELETE FROM credential WHERE account = $1",
		"DELETE FROM totp WHERE account = $1",
		"DELETE FROM recovery_code WHERE account = $1",
		"DELETE FROM web_session WHERE account = $1",
		"DELETE FROM start_link WHERE account = $1",
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (db_run(c->db, rows[i], DB_ARGS(DB_I(account)), err) < 0)
			return -1;
	return credentials_revoke(c, account, GATE_BY_ANY, 0, err);
}

int credentials_remove(struct credentials *c, int64_t account, struct err *err)
{
	if (credentials_begin(c, err) < 0)
		return -1;
	return credentials_end(c, remove_rows(c, account, err), err);
}

void credentials_pseudo(struct credentials *c, struct str name,
                        uint8_t out[PASSWORD_TAG_SIZE])
{
	password_tag(&c->key, STR("pseudo"), name, out);
}

int credentials_version(struct credentials *c, int64_t *out, struct err *err)
{
	int rc;

	(void)pthread_mutex_lock(&c->lock);
	rc = db_number(c->db, out, "PRAGMA data_version", DB_NO_ARGS, err);
	(void)pthread_mutex_unlock(&c->lock);
	return rc < 0 ? -1 : 0;
}

void credentials_upkeep(struct credentials *c, int64_t now_us)
{
	struct err err = ERR_INIT;
	int rc;

	if (credentials_begin(c, &err) < 0)
		return;
	rc = credentials_flush_apps(c, &err);
	if (rc == 0)
		rc = credentials_flush_sessions(c, now_us, &err);
	err_drop(credentials_end(c, rc, &err)); /* what is lost is a time */
	(void)pthread_mutex_lock(&c->lock);
	if (lock_acquire(c->writers, &err) == 0) {
		if (db_wal_bytes(c->db) > WAL_MAX)
			err_drop(db_checkpoint(c->db, true, &err));
		lock_release(c->writers);
	}
	(void)pthread_mutex_unlock(&c->lock);
}
