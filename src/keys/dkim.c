#include "keys/dkim.h"

#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "crypto/key.h"
#include "ipc/field.h"
#include "keys/client.h"
#include "keys/dkim_store.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/random.h"

/* Each some KiB; when so many are in memory they are forgotten. */
#define LOADED_MAX 20000

struct keys_dkim_server {
	struct dkim_dirs dirs;
	char *keys, *public;
	pthread_rwlock_t lock; /* of `loaded` */
	struct map loaded;     /* "SELECTOR.DOMAIN" -> struct key */
};

struct keys_dkim_server *keys_dkim_server_new(const char *keys_dir,
                                              const char *public_dir)
{
	struct keys_dkim_server *s = mem_zalloc(sizeof(*s));

	s->keys = mem_strdup(keys_dir);
	s->public = mem_strdup(public_dir);
	s->dirs = (struct dkim_dirs){ s->keys, s->public };
	(void)pthread_rwlock_init(&s->lock, NULL);
	map_init(&s->loaded, random_u64());
	return s;
}

static void forget(struct keys_dkim_server *s)
{
	struct map_entry e;
	size_t at = 0;

	while (map_next(&s->loaded, &at, &e)) {
		struct key *k = e.value;

		key_free(&k);
	}
	map_deinit(&s->loaded);
}

void keys_dkim_server_free(struct keys_dkim_server **sp)
{
	struct keys_dkim_server *s = *sp;

	if (!s)
		return;
	forget(s);
	(void)pthread_rwlock_destroy(&s->lock);
	mem_free(s->keys);
	mem_free(s->public);
	mem_free(s);
	*sp = NULL;
}

static int list(struct keys_dkim_server *s, struct str domain, struct buf *out,
                struct err *err)
{
	struct dkim_entry v[DKIM_KEYS_MAX];
	uint32_t active = 0;
	struct arena a;
	size_t n = 0;
	int rc;

	arena_init(&a);
	rc = dkim_store_list(s->public, domain, &a, v, &n, err);
	if (rc == 0 && n == 0) {
		rc = dkim_store_ensure(&s->dirs, domain,
		                       clock_wall_us() / US_PER_SEC, err);
		if (rc == 0)
			rc = dkim_store_list(s->public, domain, &a, v, &n, err);
	}
	for (size_t i = 0; i < n; i++)
		active += v[i].state == DKIM_ACTIVE && active < KEYS_DKIM_MAX;
	if (rc == 0)
		ipc_put_u32(out, active);
	for (size_t i = 0; i < n && active > 0; i++) {
		if (v[i].state != DKIM_ACTIVE)
			continue;
		ipc_put_str(out, str_z(v[i].selector));
		ipc_put_u8(out, v[i].ed25519);
		active--;
	}
	arena_deinit(&a);
	return rc;
}

static int load(struct keys_dkim_server *s, struct str name, struct key **out,
                struct err *err)
{
	char path[PATH_MAX], *pem;
	size_t n;
	int rc;

	(void)snprintf(path, sizeof(path), "%s/dkim/%.*s.key", s->keys,
	               STR_ARG(name));
	if (file_read_all(path, 16384, &pem, &n, err) < 0)
		return -1;
	rc = key_from_pem((struct str){ pem, n }, out, err);
	mem_wipe(pem, n);
	mem_free(pem);
	return rc;
}

/* Read it unless somebody else just did; the lock is held for writing. */
static int need(struct keys_dkim_server *s, struct str name, struct err *err)
{
	struct key *k;

	if (map_get(&s->loaded, name))
		return 0;
	if (load(s, name, &k, err) < 0)
		return -1;
	if (s->loaded.n >= LOADED_MAX) {
		forget(s);
		map_init(&s->loaded, random_u64());
	}
	(void)map_put(&s->loaded, name, k);
	return 0;
}

static int sign_loaded(struct keys_dkim_server *s, struct str name,
                       struct str digest, struct buf *out, struct err *err)
{
	unsigned char sig[KEY_SIGNATURE_MAX];
	const struct key *k;
	size_t n = 0;
	int rc;

	(void)pthread_rwlock_rdlock(&s->lock);
	k = map_get(&s->loaded, name);
	if (!k)
		rc = err_set(err, ERR_NOT_FOUND, "no such key");
	else if (key_type(k) == KEY_ED25519)
		/* RFC 8463, 3: the digest is what is signed. */
		rc = key_sign(k, KEY_EDDSA, KEY_NO_HASH, digest, sig, &n, err);
	else
		rc = key_sign(k, KEY_RSA_PKCS1, KEY_SHA256, digest, sig, &n,
		              err);
	(void)pthread_rwlock_unlock(&s->lock);
	if (rc == 0)
		buf_add(out, (struct str){ (char *)sig, n });
	return rc;
}

static bool is_selector(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_is_alpha(s.p[i]) && !ascii_is_digit(s.p[i]))
			return false;
	return s.n > 0 && s.n < DKIM_SELECTOR_MAX;
}

static int sign(struct keys_dkim_server *s, struct str domain,
                struct str selector, struct str digest, struct buf *out,
                struct err *err)
{
	char name[DKIM_SELECTOR_MAX + 256];
	struct str key = { name, 0 };
	bool there;
	int rc = 0;

	if (digest.n != 32)
		return err_set(err, ERR_INVALID, "malformed request");
	key.n = (size_t)snprintf(name, sizeof(name), "%.*s.%.*s",
	                         STR_ARG(selector), STR_ARG(domain));
	(void)pthread_rwlock_rdlock(&s->lock);
	there = map_get(&s->loaded, key) != NULL;
	(void)pthread_rwlock_unlock(&s->lock);
	if (!there) {
		(void)pthread_rwlock_wrlock(&s->lock);
		rc = need(s, key, err);
		(void)pthread_rwlock_unlock(&s->lock);
	}
	return rc < 0 ? -1 : sign_loaded(s, key, digest, out, err);
}

int keys_dkim_answer(struct keys_dkim_server *s, enum keys_op op,
                     struct str body, struct buf *out, struct err *err)
{
	bool of_domain = op == KEYS_OP_DKIM_LIST || op == KEYS_OP_DKIM_TIDY ||
	                 op == KEYS_OP_DKIM_ROTATE;
	int64_t now_s = clock_wall_us() / US_PER_SEC;
	struct ipc_fields f = { body, false };
	struct str domain = ipc_get_str(&f, 253), selector, digest;

	selector = of_domain ? STR("") : ipc_get_str(&f, 64);
	digest = op == KEYS_OP_DKIM_SIGN ? ipc_get_str(&f, 32) : STR("");
	/* Both become part of a file's name. */
	if (!ipc_fields_done(&f) || !dkim_store_domain_ok(domain) ||
	    (!of_domain && !is_selector(selector)))
		return err_set(err, ERR_INVALID, "malformed request");
	switch (op) {
	case KEYS_OP_DKIM_LIST: return list(s, domain, out, err);
	case KEYS_OP_DKIM_SIGN:
		return sign(s, domain, selector, digest, out, err);
	case KEYS_OP_DKIM_SEEN:
		return dkim_store_seen(&s->dirs, domain, selector, now_s, err);
	case KEYS_OP_DKIM_LOST:
		return dkim_store_lost(&s->dirs, domain, selector, now_s, err);
	case KEYS_OP_DKIM_TIDY:
		return dkim_store_tidy(&s->dirs, domain, now_s, err);
	case KEYS_OP_DKIM_ROTATE:
		return dkim_store_rotate(&s->dirs, domain, now_s, err);
	case KEYS_OP_SIGN:
	case KEYS_OP_MAKE:
	case KEYS_OP_RELOAD: break;
	}
	return err_set(err, ERR_INVALID, "malformed request");
}
