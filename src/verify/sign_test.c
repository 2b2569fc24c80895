/* Sign with keys of the keys process, and verify with the records they ask
 * for. */
#include "verify/sign.h"

#include <stdlib.h>

#include "base/mem.h"
#include "keys/client.h"
#include "keys/dkim_store.h"
#include "keys/server.h"
#include "os/clock.h"
#include "os/file.h"
#include "verify/dkim.h"
#include "verify/testing.h"
#include "wire/message/field.h"

#define MESSAGE                                                                \
	"From: Bo <bo@customer.example>\r\nTo: anna@partner.example\r\n"       \
	"Subject: a long subject that\r\n  is folded\r\nMIME-Version: 1.0\r\n" \
	"\r\nHello  there.\r\n\r\n"

static char dir[] = "/tmp/posthus-sign-XXXXXX";
static char keys_dir[64], public_dir[64];

struct house {
	int door[2];
	struct keys_server *server;
	struct keys_client *client;
	struct signer *signer;
	struct arena a;
};

static void house_start(struct house *h)
{
	struct keys_options o = { .dir = keys_dir, .dkim_dir = public_dir };
	struct err err = ERR_INIT;

	arena_init(&h->a);
	assert_int_equal(ipc_door(h->door, &err), 0);
	o.door = h->door[0];
	assert_int_equal(keys_server_start(&h->server, &o, &err), 0);
	h->client = keys_client_new(h->door[1], "test");
	h->signer = signer_new(h->client);
}

static void house_stop(struct house *h)
{
	signer_free(&h->signer);
	keys_client_free(&h->client);
	keys_server_stop(&h->server);
	(void)close(h->door[0]);
	(void)close(h->door[1]);
	arena_deinit(&h->a);
}

/* The zone that the list of keys asks for. */
static size_t publish(struct house *h, const char *domain,
                      struct zone_row rows[DKIM_KEYS_MAX + 1])
{
	struct dkim_entry v[DKIM_KEYS_MAX];
	struct err err = ERR_INIT;
	size_t n;

	assert_int_equal(dkim_store_list(public_dir, str_z(domain), &h->a, v,
	                                 &n, &err),
	                 0);
	for (size_t i = 0; i < n; i++)
		rows[i] = (struct zone_row){
			arena_fmt(&h->a, "%s._domainkey.%s", v[i].selector,
			          domain)
				.p,
			DNS_TXT,
			arena_fmt(&h->a, "v=DKIM1; k=%s; p=%.*s",
			          v[i].ed25519 ? "ed25519" : "rsa",
			          STR_ARG(v[i].public))
				.p,
		};
	rows[n] = (struct zone_row){ NULL, DNS_A, NULL };
	return n;
}

static struct str sign(struct house *h, const char *domain, const char *text)
{
	struct str all = str_z(text), out;
	size_t n = field_header_length(all);
	struct err err = ERR_INIT;
	struct buf top;

	buf_init(&top, VERIFY_SIGN_MAX + 65536);
	if (verify_sign(h->signer, str_z(domain), str_to(all, n),
	                str_from(all, n), clock_wall_us() / US_PER_SEC, &top,
	                &err) < 0)
		fail_msg("%s", err.text);
	buf_add(&top, all);
	out = arena_dup(&h->a, buf_str(&top));
	buf_deinit(&top);
	return out;
}

static void check(struct resolver *z, struct str all,
                  struct verify_dkim_result *r)
{
	size_t n = field_header_length(all);
	struct verify_budget b;

	verify_budget_init(&b);
	verify_dkim(z->verify, str_to(all, n), str_from(all, n), &b, &z->a, r);
}

/* As when their records were found. */
static void all_seen(struct house *h, const char *domain)
{
	struct dkim_entry v[DKIM_KEYS_MAX];
	struct err err = ERR_INIT;
	size_t n;

	assert_int_equal(dkim_store_list(public_dir, str_z(domain), &h->a, v,
	                                 &n, &err),
	                 0);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(keys_client_dkim_seen(h->client, str_z(domain),
		                                       v[i].selector, &err),
		                 0);
}

static void signs_and_verifies(void **state)
{
	struct zone_row rows[DKIM_KEYS_MAX + 1];
	struct verify_dkim_result r;
	struct resolver z;
	struct house h;
	struct str all;

	(void)state;
	house_start(&h);
	/* A key that nobody can see does not sign. */
	all = sign(&h, "customer.example", MESSAGE);
	assert_str(all, MESSAGE);
	assert_int_equal(publish(&h, "customer.example", rows), 2);
	all_seen(&h, "customer.example");
	house_stop(&h); /* what it remembered is forgotten */
	house_start(&h);
	all = sign(&h, "customer.example", MESSAGE);
	assert_int_equal(publish(&h, "customer.example", rows), 2);
	resolver_start(&z, rows);
	check(&z, all, &r);
	assert_int_equal(r.n, 2);
	for (size_t i = 0; i < 2; i++) {
		if (r.v[i].status != DKIM_PASS)
			fail_msg("%.*s", STR_ARG(r.v[i].why));
		assert_str(r.v[i].domain, "customer.example");
	}
	assert_int_equal(r.v[0].algorithm, DKIM_RSA_SHA256);
	assert_int_equal(r.v[1].algorithm, DKIM_ED25519_SHA256);
	/* No line of a signature is longer than it should be. */
	for (size_t i = 0, line = 0; i + sizeof(MESSAGE) < all.n; i++) {
		line = all.p[i] == '\n' ? 0 : line + 1;
		assert_true(line <= 90);
	}
	/* A field put on top of those signed breaks both. */
	check(&z, arena_fmt(&h.a, "Subject: other\r\n%.*s", STR_ARG(all)), &r);
	assert_int_equal(r.v[0].status, DKIM_FAIL);
	assert_int_equal(r.v[1].status, DKIM_FAIL);
	resolver_stop(&z);
	/* Without an author there is nothing to sign for. */
	all = sign(&h, "customer.example", "To: a@b.example\r\n\r\nx\r\n");
	assert_true(str_starts(all, STR("To:")));
	house_stop(&h);
}

static void rotation(void **state)
{
	struct dkim_dirs d = { keys_dir, public_dir };
	struct str domain = STR("turn.example");
	struct dkim_entry v[DKIM_KEYS_MAX];
	struct err err = ERR_INIT;
	char path[300];
	struct arena a;
	size_t n;

	(void)state;
	arena_init(&a);
	assert_int_equal(dkim_store_ensure(&d, domain, 1000, &err), 0);
	assert_int_equal(dkim_store_ensure(&d, domain, 1001, &err), 0);
	assert_int_equal(dkim_store_rotate(&d, domain, 1002, &err), -1);
	assert_int_equal(err.kind, ERR_EXISTS);
	assert_int_equal(dkim_store_list(public_dir, domain, &a, v, &n, &err),
	                 0);
	assert_int_equal(n, 2);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(v[i].state, DKIM_NEW);
		assert_int_equal(dkim_store_seen(&d, domain,
		                                 str_z(v[i].selector), 1003,
		                                 &err),
		                 0);
	}
	assert_int_equal(dkim_store_rotate(&d, domain, 2000, &err), 0);
	assert_int_equal(dkim_store_rotate(&d, domain, 2001, &err), -1);
	assert_int_equal(err.kind, ERR_EXISTS);
	assert_int_equal(dkim_store_list(public_dir, domain, &a, v, &n, &err),
	                 0);
	assert_int_equal(n, 4);
	assert_int_equal(v[0].state, DKIM_ACTIVE);
	assert_int_equal(v[2].state, DKIM_NEW);
	assert_int_equal(dkim_store_seen(&d, domain, str_z(v[2].selector), 3000,
	                                 &err),
	                 0);
	assert_int_equal(dkim_store_list(public_dir, domain, &a, v, &n, &err),
	                 0);
	assert_int_equal(v[0].state, DKIM_RETIRED); /* of the same kind */
	assert_int_equal(v[1].state, DKIM_ACTIVE);
	assert_int_equal(v[2].state, DKIM_ACTIVE);
	(void)snprintf(path, sizeof(path), "%s/dkim/%s.turn.example.key",
	               keys_dir, v[0].selector);
	assert_int_equal(access(path, F_OK), 0);
	/* Its record goes and comes back. */
	assert_int_equal(dkim_store_lost(&d, domain, str_z(v[2].selector), 3100,
	                                 &err),
	                 0);
	assert_int_equal(dkim_store_list(public_dir, domain, &a, v, &n, &err),
	                 0);
	assert_int_equal(v[2].state, DKIM_NEW);
	assert_int_equal(dkim_store_seen(&d, domain, str_z(v[2].selector), 3200,
	                                 &err),
	                 0);
	/* Long after the retired one goes, not sooner. */
	assert_int_equal(dkim_store_tidy(&d, domain, 2999 + DKIM_RETIRED_S,
	                                 &err),
	                 0);
	assert_int_equal(access(path, F_OK), 0);
	assert_int_equal(dkim_store_tidy(&d, domain, 3000 + DKIM_RETIRED_S,
	                                 &err),
	                 0);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(dkim_store_list(public_dir, domain, &a, v, &n, &err),
	                 0);
	assert_int_equal(n, 3);
	assert_int_equal(dkim_store_seen(&d, domain, STR("none"), 1, &err), -1);
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	arena_deinit(&a);
}

/* What would leave the folder is no domain and no selector. */
static void names_are_no_paths(void **state)
{
	unsigned char digest[32] = { 0 }, sig[KEY_SIGNATURE_MAX];
	struct keys_dkim v[KEYS_DKIM_MAX];
	struct err err = ERR_INIT;
	struct house h;
	size_t n;

	(void)state;
	house_start(&h);
	assert_int_equal(keys_client_dkim_list(h.client, STR("../x"), v, &n,
	                                       &err),
	                 -1);
	assert_int_equal(err.kind, ERR_INVALID);
	assert_int_equal(keys_client_dkim_sign(h.client, STR("a.example"),
	                                       "../../default", digest, sig, &n,
	                                       &err),
	                 -1);
	assert_int_equal(err.kind, ERR_INVALID);
	assert_int_equal(keys_client_dkim_sign(h.client, STR("a.example"),
	                                       "none", digest, sig, &n, &err),
	                 -1);
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	house_stop(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signs_and_verifies),
		cmocka_unit_test(rotation),
		cmocka_unit_test(names_are_no_paths),
	};
	char command[96];
	int rc;

	if (!mkdtemp(dir))
		return 1;
	(void)snprintf(keys_dir, sizeof(keys_dir), "%s/keys", dir);
	(void)snprintf(public_dir, sizeof(public_dir), "%s/public", dir);
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	(void)snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command) == 0 ? rc : 1;
}
