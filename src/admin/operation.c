#include "admin/operation.h"

#include <pthread.h>
#include <string.h>

#include "admin/ops.h"
#include "base/map.h"
#include "base/mem.h"
#include "crypto/hash.h"
#include "directory/audit.h"

#define STATE_MAX ((size_t)1024 * 1024)
#define TAG_BYTES 12 /* of the digest: nobody makes them collide but in vain */

/* ---- the table ---- */

static const struct admin_operation *const parts[] = {
	admin_ops_domain, admin_ops_dmarc,   admin_ops_address,
	admin_ops_table,  admin_ops_account, admin_ops_signin,
	admin_ops_alias,  admin_ops_forward, admin_ops_script,
	admin_ops_limits, admin_ops_queue,   admin_ops_greylist,
	admin_ops_trace,  admin_ops_host,    admin_ops_access,
	admin_ops_import,
};

const struct admin_operation *admin_operation_at(size_t i)
{
	for (size_t p = 0; p < sizeof(parts) / sizeof(parts[0]); p++)
		for (const struct admin_operation *op = parts[p]; op->name;
		     op++)
			if (i-- == 0)
				return op;
	return NULL;
}

const struct admin_operation *admin_operation(const char *name)
{
	const struct admin_operation *op;

	for (size_t i = 0; (op = admin_operation_at(i)); i++)
		if (strcmp(op->name, name) == 0)
			return op;
	return NULL;
}

void admin_call_init(struct admin_call *c, struct admin *adm,
                     const struct admin_caller *by,
                     const struct admin_operation *op, struct arena *a,
                     struct json_writer *w)
{
	*c = (struct admin_call){
		.adm = adm, .by = by, .op = op, .a = a, .w = w
	};
}

/* ---- one change of a thing at a time ---- */

#define LOCKS 64

static pthread_mutex_t locks[LOCKS];
static pthread_once_t locks_once = PTHREAD_ONCE_INIT;

static void make_locks(void)
{
	for (size_t i = 0; i < LOCKS; i++)
		(void)pthread_mutex_init(&locks[i], NULL);
}

/* By what is changed: whoever changes it compares it before. */
static pthread_mutex_t *lock_of(const struct admin_call *c)
{
	struct str what = c->address.n       ? c->address
	                  : c->domain.name.n ? c->domain.name
	                                     : str_z(c->op->name);

	(void)pthread_once(&locks_once, make_locks);
	return &locks[map_hash(0, what) % LOCKS];
}

/* ---- the state, its tag, the audit ---- */

/* The state as it is now; empty when there is none (yet). */
static int read_state(struct admin_call *c, struct str *out, struct err *err)
{
	struct json_writer w;
	struct buf b;
	int rc = 0;

	*out = STR("");
	if (!c->op->state)
		return 0;
	buf_init(&b, STATE_MAX);
	w = json_writer(&b);
	rc = c->op->state(c, &w, err);
	if (rc == 0 && json_done(&w) && !buf_overflow(&b))
		*out = arena_dup(c->a, buf_str(&b));
	buf_deinit(&b);
	if (rc < 0 && err->kind == ERR_NOT_FOUND) {
		*err = (struct err)ERR_INIT;
		rc = 0;
	}
	return rc;
}

static struct str tag_of(struct admin_call *c, struct str state)
{
	unsigned char digest[HASH_MAX];
	char hex[2 * TAG_BYTES + 1];

	if (!state.n)
		return STR("");
	hash_bytes(HASH_SHA256, state, digest);
	hash_hex(digest, TAG_BYTES, hex);
	return arena_fmt(c->a, "\"%s\"", hex);
}

static void write_value(struct json_writer *w, const struct admin_param *p,
                        const struct admin_value *v)
{
	if (v->is_default) {
		json_null(w);
		return;
	}
	if (p->flags & ADMIN_PRIVATE) {
		json_z(w, "(private)");
		return;
	}
	switch (p->type) {
	case ADMIN_TEXT:
	case ADMIN_ADDRESS:
	case ADMIN_NAME:
	case ADMIN_CHOICE: json_str(w, v->s); break;
	case ADMIN_NUMBER:
	case ADMIN_BYTES: json_u64(w, v->u); break;
	case ADMIN_FLAG: json_bool(w, v->b); break;
	case ADMIN_TIME: json_i64(w, v->us / 1000000); break;
	case ADMIN_CHOICES:
	case ADMIN_LIST:
		json_array(w);
		for (size_t i = 0; i < v->items_n; i++)
			json_str(w, v->items[i]);
		json_end(w);
		break;
	case ADMIN_SECRET: json_z(w, "(secret)"); break;
	}
}

/* What was asked for, secrets left out. */
static struct str arguments_of(struct admin_call *c)
{
	const struct admin_param *p = c->op->params;
	struct json_writer w;
	struct str out;
	struct buf b;

	buf_init(&b, STATE_MAX);
	w = json_writer(&b);
	json_object(&w);
	for (size_t i = 0; p && p[i].name; i++) {
		if (!c->v[i].given || (i == 0 && c->op->subject))
			continue;
		json_key(&w, str_z(p[i].name));
		write_value(&w, &p[i], &c->v[i]);
	}
	json_end(&w);
	out = arena_dup(c->a, buf_str(&b));
	buf_deinit(&b);
	return out;
}

static struct str subject_of(const struct admin_call *c)
{
	const struct admin_param *p = c->op->params;

	if (c->address.n)
		return c->address;
	if (c->domain.name.n)
		return c->domain.name;
	if (!p || !c->v[0].given || p[0].type == ADMIN_SECRET)
		return STR("");
	return p[0].type == ADMIN_NUMBER
	               ? arena_fmt(c->a, "%llu", (unsigned long long)c->v[0].u)
	               : c->v[0].s;
}

/* ---- running ---- */

static int check_needed(struct admin_call *c, struct err *err)
{
	const struct admin_param *p = c->op->params;

	for (size_t i = 0; p && p[i].name; i++)
		if (p[i].flags & ADMIN_NEEDED && !c->v[i].given)
			return admin_blame(c, p[i].name, err, ERR_INVALID,
			                   "%s is missing", p[i].name);
	return 0;
}

/* A user who only has a session gives the password once more. */
static int check_proof(struct admin_call *c, struct err *err)
{
	if (!c->op->asks || c->by->proved ||
	    !str_eq(c->address, c->by->address))
		return 0;
	c->fault = ADMIN_FAULT_PASSWORD;
	return err_set(err, ERR_DENIED, "give the password once more");
}

/* What was wrong with private text says what is in it. */
static struct str failure_of(struct admin_call *c, const struct err *err)
{
	const struct admin_param *p = c->op->params;

	for (; p && p->name; p++)
		if (p->flags & ADMIN_PRIVATE)
			return arena_fmt(c->a, "failed: %s",
			                 err_kind_name(err->kind));
	return arena_fmt(c->a, "failed: %s", err->text);
}

/* The entry first: there is none of these without its trace. */
static int change_elsewhere(struct admin_call *c, struct directory_audit *e,
                            struct err *err)
{
	struct err ignored = ERR_INIT;
	struct str result = STR("done");
	int64_t id;
	int rc;

	e->result = STR("begun");
	if (directory_audit_add(c->adm->dir, e, &id, err) < 0)
		return -1;
	rc = c->op->run(c, err);
	if (rc < 0)
		result = failure_of(c, err);
	/* The change is made: that it says "begun" is all that is lost. */
	err_drop(directory_audit_result(c->adm->dir, id, result, &ignored));
	return rc;
}

static int change_directory(struct admin_call *c, struct directory_audit *e,
                            struct err *err)
{
	struct err ignored = ERR_INIT;
	struct directory_note note;
	int rc;

	e->result = STR("done");
	directory_note_begin(&note, c->adm->dir, e);
	rc = c->op->run(c, err);
	/* Of several steps the first was made, and is told. */
	if (directory_note_end(&note) && rc < 0)
		err_drop(directory_audit_result(c->adm->dir, note.id,
		                                arena_fmt(c->a, "failed: %s",
		                                          err->text),
		                                &ignored));
	return rc;
}

static int change_locked(struct admin_call *c, struct err *err)
{
	struct directory_audit e = {
		.who = c->by->who,
		.role = str_z(admin_caller_role(c->by)),
		.origin = c->by->origin,
		.operation = str_z(c->op->name),
		.domain = c->domain_id,
	};

	if (read_state(c, &e.before, err) < 0)
		return -1;
	if (c->if_match.n && !str_eq(c->if_match, STR("*")) &&
	    !str_eq(c->if_match, tag_of(c, e.before))) {
		c->fault = ADMIN_FAULT_CHANGED;
		return err_set(err, ERR_EXISTS,
		               "it is not any more what was shown; look "
		               "again");
	}
	e.subject = subject_of(c);
	e.after = arguments_of(c);
	return c->op->elsewhere ? change_elsewhere(c, &e, err)
	                        : change_directory(c, &e, err);
}

static int answer_state(struct admin_call *c, struct err *err)
{
	struct str state;

	if (read_state(c, &state, err) < 0)
		return -1;
	c->etag = tag_of(c, state);
	if (c->op->changes && c->op->shape == ADMIN_ONE && !c->w->any &&
	    state.n)
		json_raw(c->w, state);
	return 0;
}

int admin_run(struct admin_call *c, struct err *err)
{
	pthread_mutex_t *lock;
	int rc;

	if (check_needed(c, err) < 0 || admin_access(c, err) < 0 ||
	    check_proof(c, err) < 0)
		return -1;
	if (!c->op->changes) {
		if (c->op->run(c, err) < 0)
			return -1;
		return answer_state(c, err);
	}
	lock = lock_of(c);
	(void)pthread_mutex_lock(lock);
	rc = change_locked(c, err);
	if (rc == 0 && c->op->shape != ADMIN_NOTHING)
		rc = answer_state(c, err);
	(void)pthread_mutex_unlock(lock);
	return rc;
}

/* ---- answers ---- */

void admin_page_begin(struct admin_call *c)
{
	json_object(c->w);
	json_key(c->w, STR("items"));
	json_array(c->w);
}

void admin_page_end(struct admin_call *c, struct str next)
{
	json_end(c->w);
	if (next.n)
		json_member_str(c->w, "next", next);
	else
		json_member_z(c->w, "next", NULL);
	json_end(c->w);
}

void admin_write_list(struct json_writer *w, const char *key,
                      const struct str *v, size_t n)
{
	json_key(w, str_z(key));
	json_array(w);
	for (size_t i = 0; i < n; i++)
		json_str(w, v[i]);
	json_end(w);
}

void admin_write_flags(struct json_writer *w, const char *key, unsigned flags)
{
	json_key(w, str_z(key));
	json_array(w);
	if (flags & DIRECTORY_NO_LOGIN)
		json_z(w, "login");
	if (flags & DIRECTORY_NO_SEND)
		json_z(w, "send");
	if (flags & DIRECTORY_NO_RECEIVE)
		json_z(w, "receive");
	json_end(w);
}

void admin_write_targets(struct json_writer *w, const char *key,
                         const struct directory_target *v, size_t n)
{
	json_key(w, str_z(key));
	json_array(w);
	for (size_t i = 0; i < n; i++) {
		json_object(w);
		json_member_str(w, "address", v[i].address);
		json_member_bool(w, "confirmed", v[i].confirmed);
		json_end(w);
	}
	json_end(w);
}
