/* The link at which the owner of an account chooses the first password. */
#include "base/mem.h"
#include "gate/credentials_private.h"

int credentials_start_add(struct credentials *c, int64_t account,
                          int64_t now_us, char token_out[GATE_TOKEN_MAX],
                          struct err *err)
{
	unsigned char digest[32];
	int rc;

	credentials_token(token_out);
	credentials_digest(str_z(token_out), digest);
	if (credentials_begin(c, err) < 0)
		return -1;
	rc = db_run(c->db,
	            "INSERT INTO start_link (account, digest, expires_us)"
	            " VALUES ($1, $2, $3)"
	            " ON CONFLICT (account) DO UPDATE SET"
	            " digest = excluded.digest,"
	            " expires_us = excluded.expires_us",
	            DB_ARGS(DB_I(account), DB_B(credentials_bytes(digest, 32)),
	                    DB_I(now_us + GATE_START_US)),
	            err);
	return credentials_end(c, rc, err);
}

int credentials_start_find(struct credentials *c, struct str token,
                           int64_t now_us, int64_t *account_out,
                           struct err *err)
{
	unsigned char digest[32];
	int rc;

	credentials_digest(token, digest);
	(void)pthread_mutex_lock(&c->lock);
	rc = db_number(c->db, account_out,
	               "SELECT account FROM start_link WHERE digest = $1"
	               " AND expires_us > $2",
	               DB_ARGS(DB_B(credentials_bytes(digest, 32)),
	                       DB_I(now_us)),
	               err);
	(void)pthread_mutex_unlock(&c->lock);
	return rc;
}

int credentials_start_until(struct credentials *c, int64_t account,
                            int64_t now_us, int64_t *until_out, struct err *err)
{
	int rc;

	(void)pthread_mutex_lock(&c->lock);
	rc = db_number(c->db, until_out,
	               "SELECT expires_us FROM start_link WHERE account = $1"
	               " AND expires_us > $2",
	               DB_ARGS(DB_I(account), DB_I(now_us)), err);
	(void)pthread_mutex_unlock(&c->lock);
	return rc;
}

/* Inside of a transaction. */
static int use_up(struct credentials *c, struct str token, int64_t account,
                  int64_t now_us, struct err *err)
{
	unsigned char digest[32];

	credentials_digest(token, digest);
	if (db_run(c->db,
	           "DELETE FROM start_link WHERE digest = $1 AND account = $2"
	           " AND expires_us > $3",
	           DB_ARGS(DB_B(credentials_bytes(digest, 32)), DB_I(account),
	                   DB_I(now_us)),
	           err) < 0)
		return -1;
	if (db_changes(c->db) == 0)
		return err_set(err, ERR_NOT_FOUND, "this link is over");
	return 0;
}

int credentials_start_use(struct credentials *c, struct str token,
                          int64_t account, struct str address,
                          struct str password, bool scram, int64_t now_us,
                          struct err *err)
{
	char hash[PASSWORD_HASH_MAX];
	struct scram_keys keys;
	int rc;

	/* Slow, and therefore before anything is locked. */
	if (password_hash(password, hash, err) < 0)
		return -1;
	if (scram)
		scram_keys_make(&keys, password);
	rc = credentials_begin(c, err);
	if (rc == 0) {
		rc = use_up(c, token, account, now_us, err);
		if (rc == 0)
			rc = credentials_replace(c, account, address,
			                         str_z(hash),
			                         scram ? &keys : NULL, 0, err);
		rc = credentials_end(c, rc, err);
	}
	mem_wipe(&keys, sizeof(keys));
	return rc;
}
