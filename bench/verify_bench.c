/*
 * verify_bench [ROUNDS]: what a message of 32 KiB costs, in CPU time of all
 * threads: to sign it (RSA and Ed25519, the keys process included), and to
 * verify it (SPF from the cache, both signatures or RSA alone, DMARC).  DNS is
 * a table behind the real door; a resolver's own work is not counted.  Then
 * what a message adds to the tally of DMARC, its file included.
 *
 * Exit code 1 when signing takes over 1.5 ms, or verifying over 1 ms.
 */
#include "verify/sign.h"

#include <ftw.h>
#include <stdlib.h>

#include "keys/client.h"
#include "keys/dkim_store.h"
#include "keys/server.h"
#include "os/clock.h"
#include "verify/dmarc.h"
#include "verify/tally.h"
#include "verify/testing.h"
#include "wire/message/field.h"

#define DOMAIN "customer.example"

static struct zone_row rows[DKIM_KEYS_MAX + 3];

static bool slow;

static void say(const char *what, int64_t began_us, unsigned rounds,
                double most_ms)
{
	double ms = (double)(clock_cpu_us() - began_us) / 1000.0 / rounds;

	(void)printf("%-28s %.3f ms%s\n", what, ms,
	             ms > most_ms ? "  (too slow)" : "");
	slow |= ms > most_ms;
}

static void make_message(struct buf *b)
{
	buf_add_z(b, "From: Bo <bo@" DOMAIN ">\r\nTo: anna@partner.example\r\n"
	             "Subject: minutes of the meeting\r\n"
	             "Date: Tue, 24 Nov 2026 10:00:00 +0000\r\n"
	             "Message-ID: <1@" DOMAIN ">\r\nMIME-Version: 1.0\r\n\r\n");
	while (b->n < (size_t)32 * 1024)
		buf_add_z(b, "An ordinary line of  an ordinary text, about as "
		             "long as they are.\r\n");
}

/* And they sign from now on. */
static void publish(struct keys_client *keys, const char *dir, struct arena *a)
{
	struct dkim_entry v[DKIM_KEYS_MAX];
	struct err err = ERR_INIT;
	size_t n, k = 0;

	if (dkim_store_list(dir, STR(DOMAIN), a, v, &n, &err) < 0)
		err_die("%s", err.text);
	for (; k < n; k++)
		rows[k] = (struct zone_row){
			arena_fmt(a, "%s._domainkey." DOMAIN, v[k].selector).p,
			DNS_TXT,
			dkim_entry_record(&v[k], a).p,
		};
	for (size_t i = 0; i < n; i++)
		if (keys_client_dkim_seen(keys, STR(DOMAIN), v[i].selector,
		                          &err) < 0)
			err_die("%s", err.text);
	rows[k++] = (struct zone_row){ DOMAIN, DNS_TXT,
		                       "v=spf1 ip4:192.0.2.0/24 -all" };
	rows[k] = (struct zone_row){ "_dmarc." DOMAIN, DNS_TXT,
		                     "v=DMARC1; p=reject" };
}

static void verify_once(struct resolver *z, struct str all)
{
	size_t n = field_header_length(all);
	struct verify_client c = client_at("192.0.2.1");
	struct verify_spf_result spf;
	struct verify_dkim_result dkim;
	struct verify_dmarc_result dmarc;
	struct verify_budget b;
	struct arena a;

	arena_init(&a);
	c.helo = STR("mail." DOMAIN);
	c.local = STR("bo");
	c.domain = STR(DOMAIN);
	verify_budget_init(&b);
	verify_spf(z->verify, &c, &b, &a, &spf);
	verify_dkim(z->verify, str_to(all, n), str_from(all, n), &b, &a, &dkim);
	verify_dmarc(z->verify, STR("bo@" DOMAIN), &spf, &dkim, &b, &a, &dmarc);
	if (dmarc.o.result != DMARC_RESULT_PASS || !dmarc.o.aligned_dkim)
		err_die("the message does not verify");
	arena_deinit(&a);
}

static void sign_once(struct signer *s, struct str message, struct buf *out)
{
	size_t n = field_header_length(message);
	struct err err = ERR_INIT;

	buf_reset(out);
	if (verify_sign(s, STR(DOMAIN), str_to(message, n),
	                str_from(message, n), clock_wall_us() / US_PER_SEC, out,
	                &err) < 0)
		err_die("%s", err.text);
}

static void run(struct keys_client *keys, const char *public, unsigned rounds)
{
	struct signer *signer = signer_new(keys);
	struct buf message, top, both, rsa;
	struct resolver z;
	struct arena a;
	int64_t began;

	arena_init(&a);
	buf_init(&message, 65536);
	buf_init(&top, VERIFY_SIGN_MAX);
	buf_init(&both, 131072);
	buf_init(&rsa, 131072);
	make_message(&message);
	sign_once(signer, buf_str(&message), &top); /* makes the keys */
	publish(keys, public, &a);
	signer_free(&signer);
	signer = signer_new(keys);
	sign_once(signer, buf_str(&message), &top);
	began = clock_cpu_us();
	for (unsigned i = 0; i < rounds; i++)
		sign_once(signer, buf_str(&message), &top);
	say("sign, RSA and Ed25519", began, rounds, 1.5);
	buf_add(&both, buf_str(&top));
	buf_add(&both, buf_str(&message));
	/* The second signature is the Ed25519 one. */
	buf_add(&rsa,
	        str_to(buf_str(&top), 1 + str_find(str_from(buf_str(&top), 1),
	                                           STR("DKIM-Signature:"))));
	buf_add(&rsa, buf_str(&message));
	resolver_start(&z, rows);
	verify_once(&z, buf_str(&both));
	began = clock_cpu_us();
	for (unsigned i = 0; i < rounds; i++)
		verify_once(&z, buf_str(&rsa));
	say("verify SPF, RSA, DMARC", began, rounds, 1.0);
	began = clock_cpu_us();
	for (unsigned i = 0; i < rounds; i++)
		verify_once(&z, buf_str(&both));
	say("the same and Ed25519", began, rounds, 1.0);
	resolver_stop(&z);
	signer_free(&signer);
	buf_deinit(&message);
	buf_deinit(&top);
	buf_deinit(&both);
	buf_deinit(&rsa);
	arena_deinit(&a);
}

/* A thousand domains, each from a hundred clients. */
static void count(const char *dir, unsigned rounds)
{
	struct err err = ERR_INIT;
	struct tally *t;
	int64_t began;

	if (tally_open(&t, dir, true, &err) < 0)
		err_die("%s", err.text);
	began = clock_cpu_us();
	for (unsigned i = 0; i < rounds; i++) {
		char domain[40], ip[20];
		struct tally_seen s = { .at_us = clock_wall_us(),
			                .record = STR("v=DMARC1; p=none") };

		(void)snprintf(domain, sizeof(domain), "d%u.example", i % 1000);
		(void)snprintf(ip, sizeof(ip), "10.0.0.%u", i / 1000 % 100);
		s.domain = s.row.header_from = s.row.spf_domain = str_z(domain);
		s.row.source_ip = str_z(ip);
		s.row.spf_result = STR("pass");
		tally_add(t, &s);
		if (i % 2000 == 0)
			tally_flush(t);
	}
	tally_flush(t);
	say("count for a DMARC report", began, rounds, 0.1);
	if (tally_dropped(t))
		(void)printf("%llu were left out\n",
		             (unsigned long long)tally_dropped(t));
	tally_close(&t);
}

static int drop(const char *path, const struct stat *st, int kind,
                struct FTW *at)
{
	(void)st;
	(void)kind;
	(void)at;
	return remove(path);
}

int main(int argc, char **argv)
{
	unsigned rounds = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 300;
	char dir[] = "/tmp/posthus-verify-bench-XXXXXX";
	char keys[64], public[64];
	struct keys_options o = { .dir = keys, .dkim_dir = public };
	struct keys_server *server;
	struct keys_client *client;
	struct err err = ERR_INIT;
	int door[2];

	if (!mkdtemp(dir) || rounds == 0)
		return 1;
	(void)snprintf(keys, sizeof(keys), "%s/keys", dir);
	(void)snprintf(public, sizeof(public), "%s/public", dir);
	if (ipc_door(door, &err) < 0)
		err_die("%s", err.text);
	o.door = door[0];
	if (keys_server_start(&server, &o, &err) < 0)
		err_die("%s", err.text);
	client = keys_client_new(door[1], "bench");
	run(client, public, rounds);
	count(dir, rounds * 100);
	keys_client_free(&client);
	keys_server_stop(&server);
	if (nftw(dir, drop, 16, FTW_DEPTH | FTW_PHYS) != 0)
		return 1;
	return slow ? 1 : 0;
}
