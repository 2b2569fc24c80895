#include "keys/server.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "crypto/key.h"
#include "ipc/field.h"
#include "ipc/ipc.h"
#include "keys/dkim.h"
#include "keys/proto.h"
#include "os/file.h"
#include "os/random.h"
#include "os/thread.h"

#define KEY_FILE_MAX ((size_t)64 * 1024)

struct keys_server {
	struct keys_options o;
	pthread_rwlock_t lock; /* of `keys` */
	struct map keys;       /* key_id() -> struct key */
	struct keys_dkim_server *dkim;
	struct ipc_server *ipc;
};

static struct str id_str(const unsigned char id[KEY_ID_SIZE])
{
	return (struct str){ (const char *)id, KEY_ID_SIZE };
}

static void key_drop(struct key *k)
{
	key_free(&k);
}

static void keys_drop(struct map *keys)
{
	struct map_entry e;
	size_t at = 0;

	while (map_next(keys, &at, &e))
		key_drop(e.value);
	map_deinit(keys);
}

static int load_file(struct map *keys, const char *dir, const char *name,
                     struct err *err)
{
	unsigned char id[KEY_ID_SIZE];
	char path[PATH_MAX];
	struct key *k = NULL, *old;
	char *pem;
	size_t n;
	int rc;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	if (file_read_all(path, KEY_FILE_MAX, &pem, &n, err) < 0)
		return -1;
	rc = key_from_pem((struct str){ pem, n }, &k, err);
	mem_wipe(pem, n);
	mem_free(pem);
	if (rc < 0)
		return -1;
	key_id(k, id);
	old = map_put(keys, id_str(id), k);
	if (old)
		key_drop(old);
	return 0;
}

static int load_dir(struct keys_server *s, struct map *keys, struct err *err)
{
	DIR *d = opendir(s->o.dir);
	struct dirent *e;

	if (!d)
		return err_sys(err, errno, "cannot read %s", s->o.dir);
	while ((e = readdir(d)) != NULL && keys->n < KEYS_FILES_MAX) {
		struct err why = ERR_INIT;

		if (e->d_name[0] == '.' ||
		    !str_ends(str_z(e->d_name), STR(".key")))
			continue;
		if (load_file(keys, s->o.dir, e->d_name, &why) < 0 &&
		    s->o.skipped)
			s->o.skipped(s->o.arg, e->d_name, &why);
	}
	(void)closedir(d);
	return 0;
}

int keys_server_reload(struct keys_server *s, struct err *err)
{
	struct map fresh, old;

	map_init(&fresh, random_u64());
	if (load_dir(s, &fresh, err) < 0) {
		keys_drop(&fresh);
		return -1;
	}
	(void)pthread_rwlock_wrlock(&s->lock);
	old = s->keys;
	s->keys = fresh;
	(void)pthread_rwlock_unlock(&s->lock);
	keys_drop(&old);
	return 0;
}

static int sign(struct keys_server *s, struct str body,
                unsigned char out[KEY_SIGNATURE_MAX], size_t *n_out,
                struct err *err)
{
	struct ipc_fields f = { body, false };
	struct str id = { f.rest.p, KEY_ID_SIZE }, digest;
	enum key_scheme scheme;
	enum key_hash hash;
	struct key *k;
	int rc;

	if (body.n < KEY_ID_SIZE)
		return err_set(err, ERR_INVALID, "malformed request");
	f.rest = str_from(body, KEY_ID_SIZE);
	scheme = (enum key_scheme)ipc_get_u8(&f);
	hash = (enum key_hash)ipc_get_u8(&f);
	digest = ipc_get_str(&f, KEYS_INPUT_MAX);
	if (!ipc_fields_done(&f) || (unsigned)scheme > KEY_EDDSA ||
	    (unsigned)hash > KEY_SHA512)
		return err_set(err, ERR_INVALID, "malformed request");
	(void)pthread_rwlock_rdlock(&s->lock);
	k = map_get(&s->keys, id);
	if (k)
		rc = key_sign(k, scheme, hash, digest, out, n_out, err);
	else
		rc = err_set(err, ERR_NOT_FOUND, "no such key");
	(void)pthread_rwlock_unlock(&s->lock);
	return rc;
}

static void do_sign(void *context, struct ipc_request *r)
{
	unsigned char out[KEY_SIGNATURE_MAX];
	struct err err = ERR_INIT;
	size_t n;

	if (sign(context, ipc_request_body(r), out, &n, &err) < 0)
		ipc_reply_err(r, &err);
	else
		ipc_reply(r, (struct str){ (const char *)out, n });
}

static void do_reload(void *context, struct ipc_request *r)
{
	struct err err = ERR_INIT;

	if (keys_server_reload(context, &err) < 0)
		ipc_reply_err(r, &err);
	else
		ipc_reply(r, STR(""));
}

/* ---- keys that are made ---- */

/* What may name a file here. */
static bool is_name(struct str s)
{
	if (s.n == 0 || s.n > 240 || s.p[0] == '.' || s.p[0] == '-')
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_is_digit(s.p[i]) &&
		    !(s.p[i] >= 'a' && s.p[i] <= 'z') && s.p[i] != '-' &&
		    s.p[i] != '.' && s.p[i] != '*')
			return false;
	return true;
}

static int read_or_make(const char *path, struct key **out, struct err *err)
{
	struct buf pem;
	char *text;
	size_t n;
	int rc;

	if (file_read_all(path, KEY_FILE_MAX, &text, &n, err) == 0) {
		rc = key_from_pem((struct str){ text, n }, out, err);
		mem_wipe(text, n);
		mem_free(text);
		return rc;
	}
	if (err->kind != ERR_NOT_FOUND || key_generate(out, err) < 0)
		return -1;
	buf_init(&pem, KEY_FILE_MAX);
	rc = key_write_pem(*out, &pem, err);
	if (rc == 0)
		rc = file_replace(path, buf_str(&pem), 0600, err);
	mem_wipe(pem.p, pem.n);
	buf_deinit(&pem);
	if (rc < 0)
		key_free(out);
	return rc;
}

/* Two that ask for one name at a time get one key. */
static int make(struct keys_server *s, struct str name, struct buf *spki,
                struct err *err)
{
	unsigned char id[KEY_ID_SIZE];
	struct key *k = NULL, *old;
	char path[PATH_MAX];
	int rc;

	if (!is_name(name))
		return err_set(err, ERR_INVALID, "a key cannot be named so");
	(void)snprintf(path, sizeof(path), "%s/%.*s.key", s->o.dir,
	               STR_ARG(name));
	(void)pthread_rwlock_wrlock(&s->lock);
	rc = read_or_make(path, &k, err);
	if (rc == 0 && key_type(k) != KEY_EC_P256)
		rc = err_set(err, ERR_INVALID, "%.*s.key is no key of P-256",
		             STR_ARG(name));
	if (rc == 0)
		rc = key_write_public(k, spki, err);
	if (rc == 0) {
		key_id(k, id);
		old = map_put(&s->keys, id_str(id), k);
		k = old;
	}
	(void)pthread_rwlock_unlock(&s->lock);
	if (k)
		key_drop(k);
	return rc;
}

static void do_make(void *context, struct ipc_request *r)
{
	struct err err = ERR_INIT;
	struct buf spki;

	buf_init(&spki, 4096);
	if (make(context, ipc_request_body(r), &spki, &err) < 0)
		ipc_reply_err(r, &err);
	else
		ipc_reply(r, buf_str(&spki));
	buf_deinit(&spki);
}

static void do_dkim(void *context, struct ipc_request *r)
{
	struct keys_server *s = context;
	struct err err = ERR_INIT;
	struct buf out;

	buf_init(&out, IPC_BODY_MAX);
	if (!s->dkim)
		err_drop(err_set(&err, ERR_NOT_FOUND, "no keys of DKIM here"));
	if (s->dkim &&
	    keys_dkim_answer(s->dkim, (enum keys_op)ipc_request_op(r),
	                     ipc_request_body(r), &out, &err) == 0)
		ipc_reply(r, buf_str(&out));
	else
		ipc_reply_err(r, &err);
	buf_deinit(&out);
}

static void handle(void *context, struct ipc_request *r)
{
	(void)context;
	switch (ipc_request_op(r)) {
	case KEYS_OP_SIGN: ipc_defer(r, do_sign); break;
	case KEYS_OP_RELOAD: ipc_defer(r, do_reload); break;
	case KEYS_OP_MAKE: ipc_defer(r, do_make); break;
	case KEYS_OP_DKIM_LIST:
	case KEYS_OP_DKIM_SIGN:
	case KEYS_OP_DKIM_SEEN:
	case KEYS_OP_DKIM_LOST:
	case KEYS_OP_DKIM_ROTATE:
	case KEYS_OP_DKIM_TIDY: ipc_defer(r, do_dkim); break;
	default: break; /* ipc answers */
	}
}

int keys_server_start(struct keys_server **out, const struct keys_options *o,
                      struct err *err)
{
	struct keys_server *s = mem_zalloc(sizeof(*s));
	struct ipc_service service = { .handle = handle,
		                       .context = s,
		                       .threads = o->threads };

	s->o = *o;
	(void)pthread_rwlock_init(&s->lock, NULL);
	map_init(&s->keys, random_u64());
	if (!service.threads)
		service.threads = thread_cores();
	if (o->dkim_dir)
		s->dkim = keys_dkim_server_new(o->dir, o->dkim_dir);
	if (file_mkdir(o->dir, 0700, err) < 0 ||
	    keys_server_reload(s, err) < 0 ||
	    ipc_server_start(&s->ipc, o->door, &service, err) < 0) {
		keys_server_stop(&s);
		return err_prefix(err, "keys");
	}
	*out = s;
	return 0;
}

void keys_server_stop(struct keys_server **sp)
{
	struct keys_server *s = *sp;

	if (!s)
		return;
	ipc_server_stop(&s->ipc);
	keys_drop(&s->keys);
	keys_dkim_server_free(&s->dkim);
	(void)pthread_rwlock_destroy(&s->lock);
	mem_free(s);
	*sp = NULL;
}
