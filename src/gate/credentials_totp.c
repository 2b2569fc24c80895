/* The second factor: an authenticator's secret, and recovery codes. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "crypto/totp.h"
#include "gate/credentials_private.h"
#include "os/clock.h"
#include "os/random.h"

/* A row of `totp`. */
struct factor {
	uint8_t secret[TOTP_SECRET_SIZE];
	int64_t last_step, on_us;
};

/* 1, 0, -1; with the lock. */
static int get(struct credentials *c, int64_t account, struct factor *out,
               struct err *err)
{
	struct db_stmt *q;
	int rc = db_row(c->db, &q,
	                "SELECT secret, last_step, on_us FROM totp"
	                " WHERE account = $1",
	                DB_ARGS(DB_I(account)), err);

	if (rc <= 0)
		return rc;
	if (db_blob(q, 0).n == sizeof(out->secret)) {
		memcpy(out->secret, db_blob(q, 0).p, sizeof(out->secret));
		out->last_step = db_i64(q, 1);
		out->on_us = db_i64(q, 2);
	} else {
		rc = err_set(err, ERR_CORRUPT, "a second factor's secret");
	}
	db_done(&q);
	return rc;
}

int credentials_totp_get(struct credentials *c, int64_t account,
                         struct gate_totp *out, struct err *err)
{
	struct factor f = { .on_us = 0 };
	int64_t left = 0;
	int rc;

	(void)pthread_mutex_lock(&c->lock);
	rc = get(c, account, &f, err);
	if (rc > 0 && f.on_us)
		rc = db_number(c->db, &left,
		               "SELECT COUNT(*) FROM recovery_code"
		               " WHERE account = $1",
		               DB_ARGS(DB_I(account)), err);
	(void)pthread_mutex_unlock(&c->lock);
	if (rc < 0)
		return -1;
	*out = (struct gate_totp){ .on = f.on_us != 0,
		                   .since_us = f.on_us,
		                   .recovery_left = (uint32_t)left };
	mem_wipe(&f, sizeof(f));
	return 0;
}

static int begin(struct credentials *c, int64_t account,
                 const uint8_t secret[TOTP_SECRET_SIZE], struct err *err)
{
	struct factor f;
	int rc = get(c, account, &f, err);

	if (rc < 0)
		return -1;
	if (rc > 0 && f.on_us)
		return err_set(err, ERR_EXISTS, "two-step login is on");
	return db_run(c->db,
	              "INSERT INTO totp VALUES ($1, $2, 0, 0)"
	              " ON CONFLICT (account) DO UPDATE SET"
	              " secret = excluded.secret, last_step = 0",
	              DB_ARGS(DB_I(account),
	                      DB_B(credentials_bytes(secret,
	                                             TOTP_SECRET_SIZE))),
	              err);
}

int credentials_totp_begin(struct credentials *c, int64_t account,
                           uint8_t secret_out[20], struct err *err)
{
	uint8_t secret[TOTP_SECRET_SIZE];
	int rc;

	random_bytes(secret, sizeof(secret));
	if (credentials_begin(c, err) < 0)
		return -1;
	rc = credentials_end(c, begin(c, account, secret, err), err);
	if (rc == 0)
		memcpy(secret_out, secret, sizeof(secret));
	mem_wipe(secret, sizeof(secret));
	return rc;
}

/* ---- recovery codes ---- */

/* As it was made, whatever was typed around it; "" when it is none. */
static void normal_code(struct str typed, char out[GATE_RECOVERY_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < typed.n; i++) {
		char ch = ascii_lower(typed.p[i]);

		if (ch == ' ' || ch == '-')
			continue;
		if (n == GATE_RECOVERY_MAX - 1) {
			n = 0;
			break;
		}
		if (n == 5)
			out[n++] = '-';
		out[n++] = ch;
	}
	out[n == GATE_RECOVERY_MAX - 1 ? n : 0] = '\0';
}

static void code_tag(const struct credentials *c, int64_t account,
                     const char *code, uint8_t out[PASSWORD_TAG_SIZE])
{
	char context[40];

	(void)snprintf(context, sizeof(context), "recovery %lld",
	               (long long)account);
	password_tag(&c->key, str_z(context), str_z(code), out);
}

static int make_codes(struct credentials *c, int64_t account,
                      char out[GATE_RECOVERY_N][GATE_RECOVERY_MAX],
                      struct err *err)
{
	if (db_run(c->db, "DELETE FROM recovery_code WHERE account = $1",
	           DB_ARGS(DB_I(account)), err) < 0)
		return -1;
	for (int i = 0; i < GATE_RECOVERY_N; i++) {
		char random[PASSWORD_RANDOM_MAX];
		uint8_t tag[PASSWORD_TAG_SIZE];

		/* Two of its groups: 49 bits, each guess is throttled. */
		password_random(random);
		(void)snprintf(out[i], GATE_RECOVERY_MAX, "%.11s", random);
		code_tag(c, account, out[i], tag);
		if (db_run(c->db, "INSERT INTO recovery_code VALUES ($1, $2)",
		           DB_ARGS(DB_I(account),
		                   DB_B(credentials_bytes(tag, sizeof(tag)))),
		           err) < 0)
			return -1;
	}
	return 0;
}

/* ---- on, off ---- */

static int confirm(struct credentials *c, int64_t account, struct str code,
                   char out[GATE_RECOVERY_N][GATE_RECOVERY_MAX],
                   struct err *err)
{
	int64_t now = clock_wall_us(), step;
	struct factor f;
	int rc = get(c, account, &f, err);

	if (rc < 0)
		return -1;
	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, "nothing was begun");
	if (f.on_us)
		return err_set(err, ERR_EXISTS, "two-step login is on");
	step = totp_check(f.secret, code, now, f.last_step);
	mem_wipe(&f, sizeof(f));
	if (!step)
		return err_set(err, ERR_DENIED, "this is not the code");
	if (db_run(c->db,
	           "UPDATE totp SET on_us = $2, last_step = $3"
	           " WHERE account = $1",
	           DB_ARGS(DB_I(account), DB_I(now), DB_I(step)), err) < 0 ||
	    make_codes(c, account, out, err) < 0)
		return -1;
	/* Mail programs that know the password alone. */
	return credentials_revoke(c, account, GATE_BY_PASSWORD, 0, err);
}

int credentials_totp_confirm(
	struct credentials *c, int64_t account, struct str code,
	char recovery_out[GATE_RECOVERY_N][GATE_RECOVERY_MAX], struct err *err)
{
	if (credentials_begin(c, err) < 0)
		return -1;
	return credentials_end(c, confirm(c, account, code, recovery_out, err),
	                       err);
}

int credentials_totp_off(struct credentials *c, int64_t account,
                         struct err *err)
{
	int rc;

	if (credentials_begin(c, err) < 0)
		return -1;
	rc = db_run(c->db, "DELETE FROM recovery_code WHERE account = $1",
	            DB_ARGS(DB_I(account)), err);
	if (rc == 0)
		rc = db_run(c->db, "DELETE FROM totp WHERE account = $1",
		            DB_ARGS(DB_I(account)), err);
	if (rc == 0 && db_changes(c->db) == 0)
		rc = err_set(err, ERR_NOT_FOUND, "two-step login is off");
	return credentials_end(c, rc, err);
}

/* ---- use ---- */

/* 1, 0, -1: a code of the authenticator. */
static int use_totp(struct credentials *c, int64_t account, struct str code,
                    struct err *err)
{
	struct factor f;
	int64_t step;
	int rc = get(c, account, &f, err);

	if (rc <= 0 || !f.on_us)
		return rc < 0 ? -1 : 0;
	step = totp_check(f.secret, code, clock_wall_us(), f.last_step);
	mem_wipe(&f, sizeof(f));
	if (!step)
		return 0;
	if (db_run(c->db, "UPDATE totp SET last_step = $2 WHERE account = $1",
	           DB_ARGS(DB_I(account), DB_I(step)), err) < 0)
		return -1;
	return 1;
}

static int use_recovery(struct credentials *c, int64_t account,
                        struct str typed, struct err *err)
{
	char code[GATE_RECOVERY_MAX];
	uint8_t tag[PASSWORD_TAG_SIZE];

	normal_code(typed, code);
	if (!code[0])
		return 0;
	code_tag(c, account, code, tag);
	if (db_run(c->db,
	           "DELETE FROM recovery_code WHERE account = $1 AND tag = $2",
	           DB_ARGS(DB_I(account),
	                   DB_B(credentials_bytes(tag, sizeof(tag)))),
	           err) < 0)
		return -1;
	return db_changes(c->db) > 0;
}

int credentials_code_use(struct credentials *c, int64_t account,
                         struct str typed, struct err *err)
{
	char digits[TOTP_DIGITS];
	size_t n = 0;
	bool plain = true;
	int rc;

	for (size_t i = 0; i < typed.n; i++) {
		if (typed.p[i] == ' ')
			continue;
		plain = plain && ascii_is_digit(typed.p[i]) &&
		        n < sizeof(digits);
		if (plain)
			digits[n++] = typed.p[i];
	}
	if (credentials_begin(c, err) < 0)
		return -1;
	if (plain && n == TOTP_DIGITS)
		rc = use_totp(c, account, (struct str){ digits, n }, err);
	else
		rc = use_recovery(c, account, typed, err);
	if (credentials_end(c, rc < 0 ? -1 : 0, err) < 0)
		return -1;
	return rc;
}
