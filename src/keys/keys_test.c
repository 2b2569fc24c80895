#include "keys/server.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/test.h"
#include "crypto/hash.h"
#include "crypto/selfsigned.h"
#include "ipc/ipc.h"
#include "keys/client.h"
#include "os/file.h"

static char dir[64];
static unsigned skipped_n;

static void skipped(void *arg, const char *name, const struct err *err)
{
	(void)arg;
	assert_string_equal(name, "bad.key");
	assert_int_equal(err->kind, ERR_INVALID);
	skipped_n++;
}

static void make(const char *name, unsigned char id[KEY_ID_SIZE])
{
	struct str names[] = { STR_INIT("mx.example.com") };
	char key_path[96], cert_path[96];
	struct err err = ERR_INIT;
	char *pem;
	size_t n;

	(void)snprintf(key_path, sizeof(key_path), "%s/%s.key", dir, name);
	(void)snprintf(cert_path, sizeof(cert_path), "%s/%s.crt", dir, name);
	assert_int_equal(selfsigned_ensure(key_path, cert_path, names, 1, NULL,
	                                   &err),
	                 0);
	assert_int_equal(file_read_all(cert_path, 65536, &pem, &n, &err), 0);
	assert_int_equal(key_id_of_certificate((struct str){ pem, n }, id,
	                                       &err),
	                 0);
	free(pem);
}

/* Made once, and known at once; never outside the folder. */
static void makes(struct keys_client *c)
{
	unsigned char id[KEY_ID_SIZE], sig[KEY_SIGNATURE_MAX];
	static const char *const bad[] = { "", "../x", ".x", "a/b", "A" };
	struct str digest = STR("0123456789abcdef0123456789abcdef");
	struct err err = ERR_INIT;
	struct buf first, again;
	size_t n;

	buf_init(&first, 4096);
	buf_init(&again, 4096);
	assert_int_equal(keys_client_make(c, STR("imap.x.example"), &first,
	                                  &err),
	                 0);
	hash_bytes(HASH_SHA256, buf_str(&first), id);
	assert_int_equal(keys_client_sign(c, id, KEY_ECDSA, KEY_SHA256, digest,
	                                  sig, &n, &err),
	                 0);
	assert_int_equal(keys_client_make(c, STR("imap.x.example"), &again,
	                                  &err),
	                 0);
	assert_int_equal(first.n, again.n);
	assert_memory_equal(first.p, again.p, first.n);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(keys_client_make(c, str_z(bad[i]), &again,
		                                  &err),
		                 -1);
		assert_int_equal(err.kind, ERR_INVALID);
	}
	buf_deinit(&first);
	buf_deinit(&again);
}

static void signs(void **state)
{
	struct keys_options o = { .dir = dir, .skipped = skipped };
	unsigned char id[KEY_ID_SIZE], late[KEY_ID_SIZE], none[KEY_ID_SIZE];
	unsigned char sig[KEY_SIGNATURE_MAX];
	struct str digest = STR("0123456789abcdef0123456789abcdef");
	struct keys_server *s;
	struct keys_client *c;
	struct tls_signer signer;
	struct err err = ERR_INIT;
	char path[96];
	int door[2];
	size_t n = 0;

	(void)state;
	make("one", id);
	(void)snprintf(path, sizeof(path), "%s/bad.key", dir);
	assert_int_equal(file_replace(path, STR("not a key"), 0600, &err), 0);
	assert_int_equal(ipc_door(door, &err), 0);
	o.door = door[0];
	assert_int_equal(keys_server_start(&s, &o, &err), 0);
	assert_int_equal(skipped_n, 1);
	c = keys_client_new(door[1], "test");
	assert_int_equal(keys_client_sign(c, id, KEY_ECDSA, KEY_SHA256, digest,
	                                  sig, &n, &err),
	                 0);
	assert_in_range(n, 64, 72); /* P-256 in DER */
	assert_int_equal(sig[0], 0x30);
	memset(none, 7, sizeof(none));
	assert_int_equal(keys_client_sign(c, none, KEY_ECDSA, KEY_SHA256,
	                                  digest, sig, &n, &err),
	                 -1);
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	makes(c);
	/* A key that came later is there after a reload. */
	make("late", late);
	assert_int_equal(keys_client_sign(c, late, KEY_ECDSA, KEY_SHA256,
	                                  digest, sig, &n, &err),
	                 -1);
	assert_int_equal(keys_client_reload(c, &err), 0);
	signer = keys_client_signer(c);
	assert_int_equal(signer.sign(signer.arg, late, KEY_ECDSA, KEY_SHA256,
	                             digest, sig, &n, &err),
	                 0);
	assert_int_equal(keys_client_sign(c, id, (enum key_scheme)77,
	                                  KEY_SHA256, digest, sig, &n, &err),
	                 -1);
	assert_int_equal(err.kind, ERR_INVALID);
	keys_client_free(&c);
	keys_server_stop(&s);
	(void)close(door[0]);
	(void)close(door[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(signs) };
	char command[96];
	int rc;

	(void)snprintf(dir, sizeof(dir), "/tmp/posthus-keys-XXXXXX");
	if (!mkdtemp(dir))
		return 1;
	rc = cmocka_run_group_tests_name("keys", tests, NULL, NULL);
	(void)snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command) == 0 ? rc : 1;
}
