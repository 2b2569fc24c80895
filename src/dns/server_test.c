/* The resolver against a real name server, with a signed zone. */
#include "dns/server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/test.h"
#include "dns/client.h"
#include "ipc/ipc.h"
#include "os/clock.h"
#include "os/file.h"
#include "wire/dns/rdata.h"

static char dir[] = "/tmp/posthus-dns-XXXXXX";
static pid_t nsd;
static char port[8], server[32];

static const char zone[] =
	"$ORIGIN signed.example.\n"
	"$TTL 300\n"
	"@ SOA ns hostmaster 1 3600 600 86400 300\n"
	"@ NS ns\n"
	"ns A 127.0.0.1\n"
	"@ MX 10 mx\n"
	"@ MX 5 first\n"
	"@ TXT \"v=spf1 \" \"-all\"\n"
	"mx A 192.0.2.1\n"
	"mx AAAA 2001:db8::1\n"
	"www CNAME mx\n"
	"_25._tcp.mx TLSA 3 1 1 "
	"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n";

static void write_file(const char *name, const char *text)
{
	struct err err = ERR_INIT;
	char path[200];

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	assert_int_equal(file_replace(path, str_z(text), 0644, &err), 0);
}

static void run(const char *command)
{
	char line[600];

	(void)snprintf(line, sizeof(line), "cd %s && (%s) >log 2>&1", dir,
	               command);
	if (system(line) != 0)
		fail_msg("did not work: %s", command);
}

/* One that is free, so that several of these tests can run at once. */
static bool choose_port(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		                 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(a);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	bool ok = fd >= 0 &&
	          bind(fd, (const struct sockaddr *)&a, sizeof(a)) == 0 &&
	          getsockname(fd, (struct sockaddr *)&a, &n) == 0;

	if (fd >= 0)
		(void)close(fd);
	(void)snprintf(port, sizeof(port), "%u", (unsigned)ntohs(a.sin_port));
	(void)snprintf(server, sizeof(server), "127.0.0.1:%s", port);
	return ok;
}

static int start_nsd(void **state)
{
	char conf[1500];

	(void)state;
	if (!mkdtemp(dir) || !choose_port())
		return -1;
	write_file("signed.example", zone);
	write_file("plain.example", "$ORIGIN plain.example.\n$TTL 300\n"
	                            "@ SOA ns hostmaster 1 3600 600 86400 300\n"
	                            "@ NS ns\nns A 127.0.0.1\na A 192.0.2.9\n");
	run("ldns-keygen -a ECDSAP256SHA256 -k signed.example > key && "
	    "ldns-signzone -n signed.example $(cat key) && "
	    "cat $(cat key).key > anchor && "
	    "sed 's/192.0.2.1$/192.0.2.66/' signed.example.signed > broken");
	(void)snprintf(
		conf, sizeof(conf),
		"server:\n ip-address: 127.0.0.1@%s\n"
		" server-count: 1\n username: \"\"\n chroot: \"\"\n"
		" zonesdir: \"%s\"\n pidfile: \"%s/pid\"\n"
		" database: \"\"\n xfrdfile: \"%s/xfrd\"\n"
		" zonelistfile: \"%s/list\"\n"
		"remote-control:\n control-enable: no\n"
		"zone:\n name: signed.example\n"
		" zonefile: signed.example.signed\n"
		"zone:\n name: plain.example\n zonefile: plain.example\n",
		port, dir, dir, dir, dir);
	write_file("nsd.conf", conf);
	nsd = fork();
	if (nsd == 0) {
		char path[200];

		/* It goes with us, however we end, and holds no pipe. */
		(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
		(void)snprintf(path, sizeof(path), "%s/nsd.log", dir);
		(void)dup2(open(path, O_WRONLY | O_CREAT, 0600), STDOUT_FILENO);
		(void)dup2(STDOUT_FILENO, STDERR_FILENO);
		(void)snprintf(path, sizeof(path), "%s/nsd.conf", dir);
		(void)execlp("nsd", "nsd", "-d", "-c", path, (char *)NULL);
		(void)execl("/usr/sbin/nsd", "nsd", "-d", "-c", path,
		            (char *)NULL);
		_exit(127);
	}
	return nsd > 0 ? 0 : -1;
}

static int stop_nsd(void **state)
{
	char line[100];

	(void)state;
	(void)kill(nsd, SIGTERM);
	(void)waitpid(nsd, NULL, 0);
	(void)snprintf(line, sizeof(line), "rm -rf %s", dir);
	return system(line);
}

struct host {
	int door[2];
	struct dns_server *server;
	struct dns_client *client;
	struct arena a;
};

static void host_start(struct host *h, const char *servers, bool anchor)
{
	struct str one = str_z(servers);
	struct err err = ERR_INIT;
	char path[200];
	struct dns_server_options o = { .servers = &one, .n_servers = 1 };

	(void)snprintf(path, sizeof(path), "%s/anchor", dir);
	arena_init(&h->a);
	assert_int_equal(ipc_door(h->door, &err), 0);
	o.door = h->door[0];
	o.trust_anchor = anchor ? path : NULL;
	if (dns_server_start(&h->server, &o, &err) < 0)
		fail_msg("%s", err.text);
	h->client = dns_client_new(h->door[1], "test");
}

static void host_stop(struct host *h)
{
	dns_client_free(&h->client);
	dns_server_stop(&h->server);
	(void)close(h->door[0]);
	(void)close(h->door[1]);
	arena_deinit(&h->a);
}

static struct dns_answer ask(struct host *h, const char *name,
                             enum dns_type type)
{
	struct dns_answer ans;

	dns_lookup(h->client, str_z(name), type, 5 * US_PER_SEC, &h->a, &ans);
	return ans;
}

/* The name server needs a moment. */
static void wait_for_nsd(struct host *h)
{
	for (int i = 0; i < 50; i++) {
		if (ask(h, "ns.signed.example", DNS_A).status == DNS_OK)
			return;
		host_stop(h);
		clock_sleep_us(100 * US_PER_MS);
		host_start(h, server, true);
	}
	fail_msg("the name server does not answer");
}

static void answers(void **state)
{
	struct dns_answer ans;
	struct dns_tlsa tlsa;
	struct dns_mx mx;
	struct str text;
	struct host h;

	(void)state;
	host_start(&h, server, true);
	wait_for_nsd(&h);
	ans = ask(&h, "signed.example", DNS_MX);
	assert_int_equal(ans.status, DNS_OK);
	assert_true(ans.secure);
	assert_int_equal(ans.n, 2);
	assert_true(dns_mx_read(ans.rdata[0], &h.a, &mx));
	assert_true(str_ends(mx.name, STR(".signed.example")));
	ans = ask(&h, "signed.example", DNS_TXT);
	assert_true(dns_txt_read(ans.rdata[0], &h.a, &text));
	assert_str(text, "v=spf1 -all");
	ans = ask(&h, "www.signed.example", DNS_AAAA);
	assert_int_equal(ans.rdata[0].n, 16);
	assert_str(ans.name, "mx.signed.example.");
	ans = ask(&h, "_25._tcp.mx.signed.example", DNS_TLSA);
	assert_true(ans.secure && dns_tlsa_read(ans.rdata[0], &tlsa));
	assert_int_equal(tlsa.data.n, 32);
	ans = ask(&h, "mx.signed.example", DNS_TXT);
	assert_int_equal(ans.status, DNS_NODATA);
	assert_true(ans.secure);
	ans = ask(&h, "none.signed.example", DNS_A);
	assert_int_equal(ans.status, DNS_NXDOMAIN);
	assert_true(ans.secure);
	host_stop(&h);
}

static void refuses_what_cannot_be(void **state)
{
	struct dns_budget b = { .lookups = 1 };
	struct dns_answer ans;
	struct host h;

	(void)state;
	host_start(&h, server, true);
	wait_for_nsd(&h);
	assert_int_equal(ask(&h, "a..b", DNS_A).status, DNS_NXDOMAIN);
	b.until_us = clock_steady_us() + 5 * US_PER_SEC;
	dns_lookup_within(h.client, &b, STR("mx.signed.example"), DNS_A, &h.a,
	                  &ans);
	assert_int_equal(ans.status, DNS_OK);
	dns_lookup_within(h.client, &b, STR("mx.signed.example"), DNS_A, &h.a,
	                  &ans);
	assert_int_equal(ans.status, DNS_FAIL);
	host_stop(&h);
}

/* A name server that never answers: the question ends all the same, and the
 * resolver stops with questions waiting. */
static void silence_ends(void **state)
{
	int64_t began = clock_steady_us();
	struct dns_answer ans;
	struct host h;

	(void)state;
	host_start(&h, "127.0.0.1:21991", true);
	dns_lookup(h.client, STR("mx.signed.example"), DNS_A, 300 * US_PER_MS,
	           &h.a, &ans);
	assert_int_equal(ans.status, DNS_FAIL);
	assert_true(clock_steady_us() - began < 3 * US_PER_SEC);
	host_stop(&h);
}

/* ---- zones that do not answer ---- */

/* Between the resolver and the name server: what has "dead" in it is lost. */
struct lossy {
	int in, out;
	struct sockaddr_in from[512]; /* by the low bits of the query's id */
	pthread_t thread;
	atomic_bool stop;
};

static bool has_dead(const char *p, ssize_t n)
{
	return memmem(p, (size_t)n, "\4dead", 5) != NULL;
}

static void pass_on(struct lossy *l)
{
	struct sockaddr_in *from, who;
	socklen_t size = sizeof(who);
	char packet[4096];
	ssize_t n = recvfrom(l->in, packet, sizeof(packet), MSG_DONTWAIT,
	                     (struct sockaddr *)&who, &size);

	if (n > 12 && !has_dead(packet, n)) {
		l->from[(unsigned char)packet[1]] = who;
		(void)send(l->out, packet, (size_t)n, 0);
	}
	n = recv(l->out, packet, sizeof(packet), MSG_DONTWAIT);
	if (n < 12)
		return;
	from = &l->from[(unsigned char)packet[1]];
	(void)sendto(l->in, packet, (size_t)n, 0, (struct sockaddr *)from,
	             sizeof(*from));
}

static void *run_lossy(void *arg)
{
	struct lossy *l = arg;

	while (!atomic_load(&l->stop)) {
		struct pollfd p[2] = { { .fd = l->in, .events = POLLIN },
			               { .fd = l->out, .events = POLLIN } };

		(void)poll(p, 2, 100);
		pass_on(l);
	}
	return NULL;
}

static void lossy_start(struct lossy *l, char at[32])
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		                 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(a);

	l->in = socket(AF_INET, SOCK_DGRAM, 0);
	l->out = socket(AF_INET, SOCK_DGRAM, 0);
	assert_int_equal(bind(l->in, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(getsockname(l->in, (struct sockaddr *)&a, &n), 0);
	(void)snprintf(at, 32, "127.0.0.1:%u", (unsigned)ntohs(a.sin_port));
	a.sin_port = htons((uint16_t)strtoul(port, NULL, 10));
	assert_int_equal(connect(l->out, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(pthread_create(&l->thread, NULL, run_lossy, l), 0);
}

static void lossy_stop(struct lossy *l)
{
	atomic_store(&l->stop, true);
	(void)pthread_join(l->thread, NULL);
	(void)close(l->in);
	(void)close(l->out);
}

struct asking {
	struct host *host;
	int number;
	enum dns_status status;
};

static void *ask_dead(void *arg)
{
	struct asking *q = arg;
	struct dns_answer ans;
	struct arena a;
	char name[60];

	arena_init(&a);
	(void)snprintf(name, sizeof(name), "n%d.dead.example", q->number);
	dns_lookup(q->host->client, str_z(name), DNS_MX, 3 * US_PER_SEC, &a,
	           &ans);
	q->status = ans.status;
	arena_deinit(&a);
	return NULL;
}

/* More questions than other services may ask at a time wait for a dead zone;
 * one for a living zone is answered at once. */
static void the_dead_do_not_keep_the_living(void **state)
{
	static struct asking dead[IPC_OUTSTANDING_MAX + 100];
	static pthread_t threads[IPC_OUTSTANDING_MAX + 100];
	size_t n = sizeof(dead) / sizeof(dead[0]);
	static struct lossy l;
	struct dns_server_figures f;
	struct dns_answer ans;
	struct host h;
	int64_t began;
	char at[32];

	(void)state;
	lossy_start(&l, at);
	host_start(&h, at, true);
	ans = ask(&h, "ns.signed.example", DNS_A);
	assert_int_equal(ans.status, DNS_OK);
	for (size_t i = 0; i < n; i++) {
		dead[i] = (struct asking){ .host = &h, .number = (int)i };
		assert_int_equal(pthread_create(&threads[i], NULL, ask_dead,
		                                &dead[i]),
		                 0);
	}
	for (int i = 0; i < 100; i++) {
		dns_server_figures(h.server, &f);
		if (f.waiting == n)
			break;
		clock_sleep_us(10 * US_PER_MS);
	}
	assert_int_equal(f.waiting, n);
	began = clock_steady_us();
	ans = ask(&h, "signed.example", DNS_MX);
	assert_int_equal(ans.status, DNS_OK);
	assert_true(clock_steady_us() - began < 2 * US_PER_SEC);
	for (size_t i = 0; i < n; i++) {
		(void)pthread_join(threads[i], NULL);
		assert_int_equal(dead[i].status, DNS_FAIL);
	}
	host_stop(&h);
	lossy_stop(&l);
}

static void forged_is_bogus(void **state)
{
	struct dns_answer ans;
	struct host h;

	(void)state;
	run("cp broken signed.example.signed && kill -HUP $(cat pid) && sleep 1");
	host_start(&h, server, true);
	for (int i = 0; i < 30; i++) {
		ans = ask(&h, "mx.signed.example", DNS_A);
		if (ans.status != DNS_OK)
			break;
		host_stop(&h);
		clock_sleep_us(100 * US_PER_MS);
		host_start(&h, server, true);
	}
	assert_int_equal(ans.status, DNS_FAIL);
	assert_true(ans.bogus);
	host_stop(&h);
}

int main(void)
{
	const struct CMUnitTest list[] = {
		cmocka_unit_test(answers),
		cmocka_unit_test(refuses_what_cannot_be),
		cmocka_unit_test(silence_ends),
		cmocka_unit_test(the_dead_do_not_keep_the_living),
		cmocka_unit_test(forged_is_bogus),
	};

	if (system("command -v nsd ldns-signzone >/dev/null") != 0)
		return 77; /* not installed: skipped, ./check installs them */
	return cmocka_run_group_tests(list, start_nsd, stop_nsd);
}
