/* App passwords. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "gate/credentials_private.h"
#include "os/clock.h"

static void app_tag(const struct credentials *c, int64_t account,
                    struct str password, uint8_t out[PASSWORD_TAG_SIZE])
{
	char context[32];

	(void)snprintf(context, sizeof(context), "app %lld",
	               (long long)account);
	password_tag(&c->key, str_z(context), password, out);
}

static int check_app(const struct gate_app *app, struct err *err)
{
	struct net_prefix p;

	if (!app->services || app->services & ~GATE_SERVICES)
		return err_set(err, ERR_INVALID, "no such services");
	if (!app->name[0])
		return err_set(err, ERR_INVALID, "it needs a name");
	if (app->network[0] &&
	    net_prefix_parse(str_z(app->network), &p, err) < 0)
		return -1;
	return 0;
}

static int insert(struct credentials *c, int64_t account,
                  const struct gate_app *app, int64_t now_us,
                  const uint8_t tag[PASSWORD_TAG_SIZE], int64_t *id_out,
                  struct err *err)
{
	int64_t n = 0;

	if (db_number(c->db, &n,
	              "SELECT COUNT(*) FROM app_password WHERE account = $1",
	              DB_ARGS(DB_I(account)), err) < 0)
		return -1;
	if (n >= GATE_APPS_MAX)
		return err_set(err, ERR_TOO_BIG,
		               "the account has %d app passwords already",
		               GATE_APPS_MAX);
	return db_number(c->db, id_out,
	                 "INSERT INTO app_password (account, name, tag,"
	                 " created_us, services, network, expires_us)"
	                 " VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id",
	                 DB_ARGS(DB_I(account), DB_S(str_z(app->name)),
	                         DB_B(credentials_bytes(tag,
	                                                PASSWORD_TAG_SIZE)),
	                         DB_I(now_us), DB_I(app->services),
	                         DB_S(str_z(app->network)),
	                         DB_I(app->expires_us)),
	                 err) > 0
	               ? 0
	               : -1;
}

int credentials_app_add(struct credentials *c, int64_t account,
                        const struct gate_app *app, int64_t now_us,
                        char password_out[PASSWORD_RANDOM_MAX], int64_t *id_out,
                        struct err *err)
{
	char password[PASSWORD_RANDOM_MAX];
	uint8_t tag[PASSWORD_TAG_SIZE];
	int rc;

	if (check_app(app, err) < 0)
		return -1;
	password_random(password);
	app_tag(c, account, str_z(password), tag);
	if (credentials_begin(c, err) < 0)
		return -1;
	rc = insert(c, account, app, now_us, tag, id_out, err);
	rc = credentials_end(c, rc, err);
	if (rc == 0)
		memcpy(password_out, password, sizeof(password));
	mem_wipe(password, sizeof(password));
	return rc;
}

static int remove_one(struct credentials *c, int64_t account, int64_t id,
                      struct err *err)
{
	if (db_run(c->db,
	           "DELETE FROM app_password WHERE account = $1 AND id = $2",
	           DB_ARGS(DB_I(account), DB_I(id)), err) < 0)
		return -1;
	if (db_changes(c->db) == 0)
		return err_set(err, ERR_NOT_FOUND, "no such app password");
	return credentials_revoke(c, account, GATE_BY_APP, id, err);
}

int credentials_app_remove(struct credentials *c, int64_t account, int64_t id,
                           struct err *err)
{
	if (credentials_begin(c, err) < 0)
		return -1;
	return credentials_end(c, remove_one(c, account, id, err), err);
}

/* May it be used so?  NULL, or why not. */
static const char *objection(struct db_stmt *q,
                             const struct gate_login_request *r, int64_t now_us)
{
	struct str network = db_text(q, 2);
	int64_t expires = db_i64(q, 3);
	struct err err = ERR_INIT;
	struct net_prefix p;

	if (!((uint64_t)db_i64(q, 1) & 1u << r->protocol))
		return "app password of another service";
	if (expires && now_us >= expires)
		return "app password expired";
	if (network.n && (net_prefix_parse(network, &p, &err) < 0 ||
	                  !net_prefix_has(&p, &r->peer)))
		return "app password of another network";
	return NULL;
}

int credentials_app_check(struct credentials *c,
                          const struct gate_login_request *r, int64_t account,
                          int64_t now_us, int64_t *id_out, const char **why,
                          struct err *err)
{
	uint8_t tag[PASSWORD_TAG_SIZE];
	struct db_stmt *q;
	int rc;

	app_tag(c, account, r->secret, tag);
	(void)pthread_mutex_lock(&c->lock);
	rc = db_row(c->db, &q,
	            "SELECT id, services, network, expires_us FROM app_password"
	            " WHERE account = $1 AND tag = $2",
	            DB_ARGS(DB_I(account),
	                    DB_B(credentials_bytes(tag, sizeof(tag)))),
	            err);
	if (rc > 0) {
		*id_out = db_i64(q, 0);
		*why = objection(q, r, now_us);
		db_done(&q);
		if (*why)
			rc = 2;
		else
			credentials_touch(&c->apps, *id_out, now_us,
			                  r->protocol, &r->peer);
	}
	(void)pthread_mutex_unlock(&c->lock);
	return rc;
}

static void read_app(struct credentials *c, struct db_stmt *q,
                     struct gate_app *out)
{
	const struct touch *t;

	*out = (struct gate_app){ .id = db_i64(q, 0) };
	credentials_copy(out->name, sizeof(out->name), db_text(q, 1));
	out->services = (unsigned)db_i64(q, 2);
	credentials_copy(out->network, sizeof(out->network), db_text(q, 3));
	out->created_us = db_i64(q, 4);
	out->expires_us = db_i64(q, 5);
	out->last_us = db_i64(q, 6);
	out->last_protocol = (enum gate_protocol)db_i64(q, 7);
	credentials_copy(out->last_ip, sizeof(out->last_ip), db_text(q, 8));
	t = map_get_u64(&c->apps, (uint64_t)out->id);
	if (t) {
		out->last_us = t->us;
		out->last_protocol = t->protocol;
		(void)net_addr_text(&t->peer, out->last_ip);
	}
}

int credentials_app_list(struct credentials *c, int64_t account,
                         struct gate_app *out, size_t *n_out, struct err *err)
{
	struct db_stmt *q;
	size_t n = 0;
	int rc;

	(void)pthread_mutex_lock(&c->lock);
	rc = db_query(c->db, &q,
	              "SELECT id, name, services, network, created_us,"
	              " expires_us, last_us, last_protocol, last_ip"
	              " FROM app_password WHERE account = $1 ORDER BY id"
	              " LIMIT 50",
	              DB_ARGS(DB_I(account)), err);
	if (rc == 0) {
		while (n < GATE_APPS_MAX && (rc = db_next(q, err)) > 0)
			read_app(c, q, &out[n++]);
		db_done(&q);
	}
	(void)pthread_mutex_unlock(&c->lock);
	if (rc >= 0)
		*n_out = n;
	return rc < 0 ? -1 : 0;
}

int credentials_flush_apps(struct credentials *c, struct err *err)
{
	char ip[NET_ADDR_TEXT_MAX];
	struct map_entry e;
	size_t at = 0;

	while (map_next(&c->apps, &at, &e)) {
		const struct touch *t = e.value;

		if (db_run(c->db,
		           "UPDATE app_password SET last_us = $2,"
		           " last_protocol = $3, last_ip = $4"
		           " WHERE id = $1 AND last_us < $2",
		           DB_ARGS(DB_I(t->id), DB_I(t->us), DB_I(t->protocol),
		                   DB_S(str_z(net_addr_text(&t->peer, ip)))),
		           err) < 0)
			return -1;
	}
	return 0;
}
