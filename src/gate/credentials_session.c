/* Sessions of a browser, and the list of what was revoked. */
#include <string.h>

#include "base/base64.h"
#include "base/mem.h"
#include "crypto/hash.h"
#include "gate/credentials_private.h"
#include "os/clock.h"
#include "os/random.h"

#define TOKEN_BYTES     32
#define REVOKED_KEEP_US (24 * US_PER_HOUR)

/* ---- what was revoked ---- */

int credentials_revoke(struct credentials *c, int64_t account,
                       enum gate_credential_kind kind, int64_t id,
                       struct err *err)
{
	return db_run(c->db,
	              "INSERT INTO revoked (account, kind, id, at_us)"
	              " VALUES ($1, $2, $3, $4)",
	              DB_ARGS(DB_I(account), DB_I(kind), DB_I(id),
	                      DB_I(clock_wall_us())),
	              err);
}

static int as_of(struct credentials *c, int64_t *out, struct err *err)
{
	*out = 0;
	return db_number(c->db, out, "SELECT MAX(seq) FROM revoked", DB_NO_ARGS,
	                 err) < 0
	               ? -1
	               : 0;
}

int credentials_as_of(struct credentials *c, int64_t *out, struct err *err)
{
	int rc;

	(void)pthread_mutex_lock(&c->lock);
	rc = as_of(c, out, err);
	(void)pthread_mutex_unlock(&c->lock);
	return rc;
}

int credentials_revoked(struct credentials *c, int64_t since,
                        struct gate_revoked *out, size_t *n_out,
                        int64_t *last_out, struct err *err)
{
	struct db_stmt *q;
	int64_t last = since;
	size_t n = 0;
	int rc;

	(void)pthread_mutex_lock(&c->lock);
	if (since < 0) {
		rc = as_of(c, &last, err);
	} else {
		rc = db_query(c->db, &q,
		              "SELECT seq, account, kind, id FROM revoked"
		              " WHERE seq > $1 ORDER BY seq LIMIT 500",
		              DB_ARGS(DB_I(since)), err);
		while (rc == 0 && n < GATE_REVOKED_MAX &&
		       (rc = db_next(q, err)) > 0) {
			last = db_i64(q, 0);
			out[n].seq = last;
			out[n].account = db_i64(q, 1);
			out[n].credential.kind =
				(enum gate_credential_kind)db_i64(q, 2);
			out[n].credential.id = db_i64(q, 3);
			n++;
			rc = 0;
		}
		db_done(&q);
	}
	(void)pthread_mutex_unlock(&c->lock);
	if (rc < 0)
		return -1;
	*n_out = n;
	*last_out = last;
	return 0;
}

/* ---- sessions ---- */

void credentials_digest(struct str token, unsigned char out[32])
{
	hash_bytes(HASH_SHA256, token, out);
}

void credentials_token(char out[GATE_TOKEN_MAX])
{
	unsigned char random[TOKEN_BYTES];
	struct buf token;

	random_bytes(random, sizeof(random));
	buf_init(&token, GATE_TOKEN_MAX);
	base64_encode_url(&token, credentials_bytes(random, sizeof(random)));
	credentials_copy(out, GATE_TOKEN_MAX, buf_str(&token));
	buf_deinit(&token);
}

static int end_one(struct credentials *c, int64_t account, int64_t id,
                   struct err *err)
{
	if (db_run(c->db,
	           "DELETE FROM web_session WHERE id = $1 AND account = $2",
	           DB_ARGS(DB_I(id), DB_I(account)), err) < 0)
		return -1;
	if (db_changes(c->db) == 0)
		return err_set(err, ERR_NOT_FOUND, "no such session");
	return credentials_revoke(c, account, GATE_BY_SESSION, id, err);
}

int credentials_end_sessions(struct credentials *c, int64_t account,
                             int64_t keep, struct err *err)
{
	if (db_run(c->db,
	           "INSERT INTO revoked (account, kind, id, at_us)"
	           " SELECT account, $3, id, $4 FROM web_session"
	           " WHERE account = $1 AND id <> $2",
	           DB_ARGS(DB_I(account), DB_I(keep), DB_I(GATE_BY_SESSION),
	                   DB_I(clock_wall_us())),
	           err) < 0)
		return -1;
	return db_run(c->db,
	              "DELETE FROM web_session WHERE account = $1"
	              " AND id <> $2",
	              DB_ARGS(DB_I(account), DB_I(keep)), err);
}

/* Too many: those that were seen longest ago go. */
static int make_room(struct credentials *c, int64_t account, struct err *err)
{
	if (db_run(c->db,
	           "INSERT INTO revoked (account, kind, id, at_us)"
	           " SELECT account, $2, id, $3 FROM web_session"
	           " WHERE account = $1 ORDER BY seen_us DESC, id DESC"
	           " LIMIT 1000 OFFSET 49",
	           DB_ARGS(DB_I(account), DB_I(GATE_BY_SESSION),
	                   DB_I(clock_wall_us())),
	           err) < 0)
		return -1;
	return db_run(c->db,
	              "DELETE FROM web_session WHERE id IN (SELECT id"
	              " FROM web_session WHERE account = $1"
	              " ORDER BY seen_us DESC, id DESC LIMIT 1000 OFFSET 49)",
	              DB_ARGS(DB_I(account)), err);
}

int credentials_session_add(struct credentials *c, struct gate_session *s,
                            int64_t now_us, char token_out[GATE_TOKEN_MAX],
                            struct err *err)
{
	unsigned char digest[32];
	int rc;

	credentials_token(token_out);
	credentials_digest(str_z(token_out), digest);
	if (credentials_begin(c, err) < 0)
		return -1;
	rc = make_room(c, s->account, err);
	if (rc == 0)
		rc = db_number(c->db, &s->id,
		               "INSERT INTO web_session (account, digest,"
		               " remember, created_us, seen_us, agent, ip)"
		               " VALUES ($1, $2, $3, $4, $4, $5, $6)"
		               " RETURNING id",
		               DB_ARGS(DB_I(s->account),
		                       DB_B(credentials_bytes(digest, 32)),
		                       DB_I(s->remember), DB_I(now_us),
		                       DB_S(str_z(s->agent)),
		                       DB_S(str_z(s->ip))),
		               err) > 0
		             ? 0
		             : -1;
	return credentials_end(c, rc, err);
}

/* id, account, remember, created_us, seen_us, agent, ip; false: it is over. */
static bool read_session(struct credentials *c, struct db_stmt *q,
                         int64_t now_us, struct gate_session *out)
{
	const struct touch *t;

	*out = (struct gate_session){ .id = db_i64(q, 0),
		                      .account = db_i64(q, 1),
		                      .remember = db_i64(q, 2) != 0,
		                      .created_us = db_i64(q, 3),
		                      .seen_us = db_i64(q, 4) };
	credentials_copy(out->agent, sizeof(out->agent), db_text(q, 5));
	credentials_copy(out->ip, sizeof(out->ip), db_text(q, 6));
	t = map_get_u64(&c->sessions, (uint64_t)out->id);
	if (t) {
		out->seen_us = t->us;
		(void)net_addr_text(&t->peer, out->ip);
	}
	out->expires_us = out->created_us + GATE_SESSION_US;
	if (!out->remember &&
	    out->seen_us + GATE_SESSION_IDLE_US < out->expires_us)
		out->expires_us = out->seen_us + GATE_SESSION_IDLE_US;
	return now_us < out->expires_us;
}

#define COLUMNS "id, account, remember, created_us, seen_us, agent, ip"

int credentials_session_check(struct credentials *c, struct str token,
                              const struct net_addr *peer, int64_t now_us,
                              struct gate_session *out, struct err *err)
{
	unsigned char digest[32];
	struct db_stmt *q;
	int64_t last;
	int rc;

	credentials_digest(token, digest);
	(void)pthread_mutex_lock(&c->lock);
	rc = as_of(c, &last, err);
	if (rc == 0)
		rc = db_row(c->db, &q,
		            "SELECT " COLUMNS
		            " FROM web_session WHERE digest = $1",
		            DB_ARGS(DB_B(credentials_bytes(digest, 32))), err);
	if (rc > 0) {
		if (read_session(c, q, now_us, out))
			credentials_touch(&c->sessions, out->id, now_us,
			                  GATE_WEB, peer);
		else
			rc = 0;
		out->as_of = last;
		db_done(&q);
	}
	(void)pthread_mutex_unlock(&c->lock);
	return rc;
}

int credentials_session_list(struct credentials *c, int64_t account,
                             int64_t now_us, struct gate_session *out,
                             size_t *n_out, struct err *err)
{
	struct db_stmt *q;
	size_t n = 0;
	int rc;

	(void)pthread_mutex_lock(&c->lock);
	rc = db_query(c->db, &q,
	              "SELECT " COLUMNS " FROM web_session WHERE account = $1"
	              " ORDER BY id DESC LIMIT 50",
	              DB_ARGS(DB_I(account)), err);
	if (rc == 0) {
		while (n < GATE_SESSIONS_MAX && (rc = db_next(q, err)) > 0)
			if (read_session(c, q, now_us, &out[n]))
				n++;
		db_done(&q);
	}
	(void)pthread_mutex_unlock(&c->lock);
	if (rc >= 0)
		*n_out = n;
	return rc < 0 ? -1 : 0;
}

int credentials_session_end(struct credentials *c, int64_t account, int64_t id,
                            int64_t except, struct err *err)
{
	int rc;

	if (credentials_begin(c, err) < 0)
		return -1;
	rc = id ? end_one(c, account, id, err)
	        : credentials_end_sessions(c, account, except, err);
	return credentials_end(c, rc, err);
}

/* ---- upkeep ---- */

static bool is_recent(void *arg, void *value)
{
	const int64_t *now = arg;
	struct touch *t = value;

	/* Kept a while, so that a session that is used is not over because
	 * its row is older. */
	if (*now - t->us < US_PER_HOUR)
		return true;
	mem_free(t);
	return false;
}

int credentials_flush_sessions(struct credentials *c, int64_t now_us,
                               struct err *err)
{
	char ip[NET_ADDR_TEXT_MAX];
	struct map_entry e;
	size_t at = 0;

	while (map_next(&c->sessions, &at, &e)) {
		const struct touch *t = e.value;

		if (db_run(c->db,
		           "UPDATE web_session SET seen_us = $2, ip = $3"
		           " WHERE id = $1 AND seen_us < $2",
		           DB_ARGS(DB_I(t->id), DB_I(t->us),
		                   DB_S(str_z(net_addr_text(&t->peer, ip)))),
		           err) < 0)
			return -1;
	}
	if (db_run(c->db,
	           "DELETE FROM web_session WHERE created_us <= $1"
	           " OR (remember = 0 AND seen_us <= $2)",
	           DB_ARGS(DB_I(now_us - GATE_SESSION_US),
	                   DB_I(now_us - GATE_SESSION_IDLE_US)),
	           err) < 0 ||
	    db_run(c->db, "DELETE FROM start_link WHERE expires_us <= $1",
	           DB_ARGS(DB_I(now_us)), err) < 0 ||
	    db_run(c->db,
	           "DELETE FROM revoked WHERE at_us < $1"
	           " AND seq < (SELECT MAX(seq) FROM revoked)",
	           DB_ARGS(DB_I(clock_wall_us() - REVOKED_KEEP_US)), err) < 0)
		return -1;
	map_sweep(&c->sessions, is_recent, &now_us);
	map_sweep(&c->apps, is_recent, &now_us);
	return 0;
}
