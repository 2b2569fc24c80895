/* Keys of a real keys process, records of a zone, and time as a number. */
#include "verify/key_life.h"

#include <stdlib.h>

#include "keys/client.h"
#include "keys/dkim_store.h"
#include "keys/server.h"
#include "os/clock.h"
#include "os/file.h"
#include "verify/testing.h"

#define DOMAIN "customer.example"

static char dir[] = "/tmp/posthus-life-XXXXXX";
static char keys_dir[64], public_dir[64];

struct house {
	int door[2];
	struct keys_server *server;
	struct keys_client *client;
	struct resolver z;
	struct key_life *life;
	struct zone_row rows[DKIM_KEYS_MAX + 1];
	int64_t now_us;
	struct arena a;
};

static void start(struct house *h)
{
	struct keys_options o = { .dir = keys_dir, .dkim_dir = public_dir };
	struct key_life_options k;
	struct err err = ERR_INIT;

	memset(h, 0, sizeof(*h));
	arena_init(&h->a);
	assert_int_equal(ipc_door(h->door, &err), 0);
	o.door = h->door[0];
	assert_int_equal(keys_server_start(&h->server, &o, &err), 0);
	h->client = keys_client_new(h->door[1], "test");
	resolver_start(&h->z, h->rows);
	k = (struct key_life_options){ .keys = h->client,
		                       .dns = h->z.client,
		                       .public_dir = public_dir };
	h->life = key_life_new(&k);
	h->now_us = clock_wall_us();
}

static void stop(struct house *h)
{
	key_life_free(&h->life);
	resolver_stop(&h->z);
	keys_client_free(&h->client);
	keys_server_stop(&h->server);
	(void)close(h->door[0]);
	(void)close(h->door[1]);
	arena_deinit(&h->a);
}

static size_t list(struct house *h, struct dkim_entry v[DKIM_KEYS_MAX])
{
	struct err err = ERR_INIT;
	size_t n;

	assert_int_equal(dkim_store_list(public_dir, STR(DOMAIN), &h->a, v, &n,
	                                 &err),
	                 0);
	return n;
}

/* "new new active retired": all states in order. */
static const char *states(struct house *h)
{
	struct dkim_entry v[DKIM_KEYS_MAX];
	size_t n = list(h, v);
	struct buf b;
	const char *out;

	buf_init(&b, 1000);
	for (size_t i = 0; i < n; i++)
		buf_fmt(&b, "%s%s", i ? " " : "", dkim_state_name(v[i].state));
	out = arena_strz(&h->a, buf_str(&b));
	buf_deinit(&b);
	return out;
}

/* Publish the keys whose bit is set. */
static void publish(struct house *h, unsigned which, const char *instead)
{
	struct dkim_entry v[DKIM_KEYS_MAX];
	size_t n = list(h, v), k = 0;

	(void)pthread_mutex_lock(&h->z.lock);
	for (size_t i = 0; i < n; i++) {
		if (!(which & 1u << i))
			continue;
		h->rows[k++] = (struct zone_row){
			arena_fmt(&h->a, "%s._domainkey." DOMAIN, v[i].selector)
				.p,
			DNS_TXT,
			instead ? instead : dkim_entry_record(&v[i], &h->a).p,
		};
	}
	h->rows[k] = (struct zone_row){ NULL, DNS_A, NULL };
	(void)pthread_mutex_unlock(&h->z.lock);
}

static int run(struct house *h, int64_t later_s)
{
	struct err err = ERR_INIT;

	h->now_us += later_s * US_PER_SEC;
	return key_life_run(h->life, h->now_us, NULL, NULL, &err);
}

static void a_life(void **state)
{
	struct dkim_dirs d = { keys_dir, public_dir };
	struct keys_dkim signing[KEYS_DKIM_MAX];
	struct err err = ERR_INIT;
	struct house h;
	size_t n;

	(void)state;
	start(&h);
	assert_int_equal(run(&h, 0), 0); /* there is not even a folder */
	assert_int_equal(keys_client_dkim_list(h.client, STR(DOMAIN), signing,
	                                       &n, &err),
	                 0);
	assert_int_equal(n, 0);
	assert_int_equal(run(&h, 1), 1);
	assert_string_equal(states(&h), "new new");
	assert_int_equal(run(&h, 30), 0); /* not its time */
	publish(&h, 1, NULL);
	assert_int_equal(run(&h, 60), 1); /* a quarter of chance at most */
	assert_string_equal(states(&h), "active new");
	publish(&h, 3, NULL);
	assert_int_equal(run(&h, 75), 1);
	assert_string_equal(states(&h), "active active");
	assert_int_equal(keys_client_dkim_list(h.client, STR(DOMAIN), signing,
	                                       &n, &err),
	                 0);
	assert_int_equal(n, 2);
	/* The change of the folder is a reason to look once more. */
	assert_in_range(run(&h, 1), 0, 1);
	assert_in_range(run(&h, 1), 0, 1);
	assert_int_equal(run(&h, 3600), 0);

	/* A new pair is looked at at once, though the old has hours. */
	assert_int_equal(dkim_store_rotate(&d, STR(DOMAIN),
	                                   h.now_us / US_PER_SEC, &err),
	                 0);
	assert_int_equal(run(&h, 1), 1);
	assert_string_equal(states(&h), "active active new new");
	publish(&h, 15, NULL);
	assert_int_equal(run(&h, 75), 1);
	assert_string_equal(states(&h), "retired retired active active");
	/* They are kept for mail on its way, then go; the clock of the keys
	 * process is not ours here. */
	stop(&h);
}

/* "active active" of before; their records are missing once, then twice. */
static void lost(void **state)
{
	struct house h;

	(void)state;
	start(&h);
	publish(&h, 15, "!"); /* no answer changes nothing */
	assert_int_equal(run(&h, 0), 1);
	assert_int_equal(run(&h, 8 * 3600), 1);
	assert_string_equal(states(&h), "retired retired active active");
	publish(&h, 4, NULL);
	assert_int_equal(run(&h, 8 * 3600), 1);
	assert_string_equal(states(&h), "retired retired active active");
	assert_int_equal(run(&h, 75 * 60), 1);
	assert_string_equal(states(&h), "retired retired active new");
	publish(&h, 12, "v=DKIM1; p="); /* revoked is as bad */
	assert_int_equal(run(&h, 8 * 3600), 1);
	assert_string_equal(states(&h), "retired retired active new");
	assert_int_equal(run(&h, 75 * 60), 1);
	assert_string_equal(states(&h), "retired retired new new");
	publish(&h, 12, NULL);
	assert_int_equal(run(&h, 8 * 3600), 1);
	assert_string_equal(states(&h), "retired retired active active");
	stop(&h);
}

static void intervals(void **state)
{
	static const struct {
		int64_t age_s;
		bool missed;
		int64_t want;
	} rows[] = {
		{ 0, false, 60 },          { 3599, false, 60 },
		{ 3600, false, 600 },      { 86400, false, 3600 },
		{ 2592000, false, 21600 }, { -1, false, 21600 },
		{ -1, true, 3600 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(key_life_interval_s(rows[i].age_s,
		                                     rows[i].missed),
		                 rows[i].want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_life),
		cmocka_unit_test(lost),
		cmocka_unit_test(intervals),
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
