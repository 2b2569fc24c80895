#include "admin/machine.h"

#include <errno.h>
#include <string.h>

#include "admin/check_private.h"
#include "base/buf.h"
#include "os/clock.h"
#include "os/host.h"
#include "os/process.h"
#include "wire/dns/rdata.h"

#define MACHINE_US (30 * US_PER_SEC)
#define PROBE_MS   4000
#define PROBES_MAX 4 /* connections in all */
/* Below the first the host's processes do not fit; below the second a search in
 * a large folder has to wait for room. */
#define MEMORY_LEAST  ((uint64_t)128 << 20)
#define MEMORY_ENOUGH ((uint64_t)480 << 20)
#define FILES_ENOUGH  4096

/* ---- mail to others ---- */

/* The host that the domain prefers, "" without one. */
static struct str preferred(struct checking *k, struct str domain)
{
	struct str name = STR("");
	struct dns_answer ans;
	unsigned best = 65536;
	struct dns_mx mx;

	check_ask(k, domain, DNS_MX, &ans);
	for (size_t i = 0; i < ans.n; i++)
		if (dns_mx_read(ans.rdata[i], k->a, &mx) && mx.name.n &&
		    mx.preference < best) {
			best = mx.preference;
			name = mx.name;
		}
	return name;
}

/* Of one domain: 1 a host of it answers, 0 none does, -1 there is none. */
static int probe(struct checking *k, struct str domain, unsigned *left)
{
	const struct config *cfg = k->adm->cfg;
	uint16_t port = (uint16_t)config_u64(cfg, OPT_RELAY_PORT);
	struct str host = preferred(k, domain), v[CHECK_ADDRESSES_MAX];
	int n = host.n ? check_addresses(k, host, v, CHECK_ADDRESSES_MAX) : 0;
	int tried = -1;

	for (int i = 0; i < n && *left; i++) {
		bool six = str_chr(v[i], ':') != STR_NPOS;

		if (!config_bool(cfg, six ? OPT_RELAY_IPV6 : OPT_RELAY_IPV4))
			continue;
		(*left)--;
		tried = 0;
		if (host_port_answers(arena_strz(k->a, v[i]), port, PROBE_MS))
			return 1;
	}
	return tried;
}

void check_outgoing(struct checking *k)
{
	const struct config *cfg = k->adm->cfg;
	struct admin_check_row *row = check_row(
		k, "outgoing", GRADE_SHOULD,
		arena_fmt(k->a, "port %llu",
	                  (unsigned long long)config_u64(cfg, OPT_RELAY_PORT)),
		"TCP");
	unsigned left = PROBES_MAX, answered = 0, silent = 0;
	const struct str *domains;
	size_t n = config_list(cfg, OPT_RELAY_PROBE, &domains);

	if (!config_bool(cfg, OPT_RELAY_SEND) ||
	    config_str(cfg, OPT_RELAY_SMARTHOST).n || n == 0) {
		row->state = CHECK_NOT_NEEDED;
		return;
	}
	for (size_t i = 0; i < n && left; i++) {
		int rc = probe(k, domains[i], &left);

		answered += rc > 0;
		silent += rc == 0;
	}
	if (answered) {
		row->state = CHECK_OK;
		row->found = arena_fmt(k->a, "%u of %u answer", answered,
		                       answered + silent);
	} else if (silent) {
		row->state = CHECK_WRONG;
		row->why = STR("No other mail host can be reached: ask who "
		               "runs this network to let connections to port "
		               "25 out.");
	} else {
		row->why = STR("No other mail host was found to try.");
	}
}

/* ---- the name ---- */

static void check_hostname(struct checking *k)
{
	struct str name = config_hostname(k->adm->cfg);
	struct admin_check_row *row =
		check_row(k, "hostname", GRADE_SHOULD, name, "A");
	int n = check_addresses(k, name, k->own, CHECK_ADDRESSES_MAX);

	if (n < 0)
		return;
	k->own_n = (size_t)n;
	row->found = check_join(k, k->own, k->own_n);
	row->state = n ? CHECK_OK : CHECK_MISSING;
	if (n == 0)
		row->why = STR("Other servers look for this name: give it the "
		               "addresses of this machine.");
	for (size_t i = 0; i < k->own_n; i++) {
		check_ptr(k, k->own[i]);
		check_lists(k, k->own[i]);
	}
}

/* ---- ports ---- */

/* A row, when nothing of ours could listen there: then true. */
static bool check_blocked(struct checking *k, const char *key,
                          const char *address, uint16_t port)
{
	int errnum = host_port_blocked(address, port);
	struct admin_check_row *row;
	struct process p;

	if (errnum == 0 || errnum == EADDRNOTAVAIL || errnum == EAFNOSUPPORT)
		return false;
	row = check_row(k, "port", GRADE_MUST, str_z(key), "TCP");
	row->wanted = arena_fmt(k->a, "%u", port);
	if (errnum == EACCES || errnum == EPERM) {
		row->why = STR("Only root may look.");
		return true;
	}
	row->state = CHECK_WRONG;
	if (process_on_port(port, &p)) {
		row->found = arena_fmt(k->a, "%s (pid %d)", p.name, p.pid);
		row->why = arena_fmt(k->a,
		                     "Port %u is held by %s: stop it, or set "
		                     "%s.",
		                     port, p.name, key);
	} else {
		row->why = arena_fmt(k->a, "Port %u of %s is taken.", port,
		                     address);
	}
	return true;
}

/* One row when all are free, else one for each that is not. */
static void check_free_ports(struct checking *k)
{
	const struct config *cfg = k->adm->cfg;
	size_t before = k->r->n, n;
	const struct str *addresses;
	struct admin_check_row *row;
	struct buf all;

	buf_init(&all, 4096);
	n = config_list(cfg, OPT_LISTEN_ADDRESSES, &addresses);
	for (unsigned id = OPT_LISTEN_SMTP; id <= OPT_LISTEN_METRICS; id++) {
		uint16_t port = config_port(cfg, (enum config_option)id);
		const char *key = config_row((enum config_option)id)->key;

		if (!port)
			continue;
		buf_fmt(&all, "%s%u", all.n ? " " : "", port);
		if (id == OPT_LISTEN_METRICS)
			(void)check_blocked(k, key, "127.0.0.1", port);
		else
			for (size_t i = 0; i < n; i++)
				if (check_blocked(k, key,
				                  arena_strz(k->a,
				                             addresses[i]),
				                  port))
					break;
	}
	if (k->r->n == before) {
		row = check_row(k, "port", GRADE_MUST, STR("ports"), "TCP");
		row->state = CHECK_OK;
		row->found = arena_fmt(k->a, "%.*s are free",
		                       STR_ARG(buf_str(&all)));
	}
	buf_deinit(&all);
}

static void check_other_server(struct checking *k)
{
	static const char *const programs[] = {
		"postfix/sbin/master",
		"exim4",
		"exim",
		"sendmail",
		"smtpd",
		"dovecot",
		"cyrmaster",
		"qmail-send",
		NULL,
	};
	struct admin_check_row *row = check_row(k, "mail-server", GRADE_SHOULD,
	                                        STR("another mail server"), "");
	struct process p;

	row->state = CHECK_OK;
	if (!process_of(programs, &p)) {
		row->found = STR("none runs");
		return;
	}
	row->state = CHECK_WARNING;
	row->found = arena_fmt(k->a, "%s (pid %d)", p.name, p.pid);
	row->why = STR("It may take the ports first when the machine starts.");
}

/* ---- what the machine has ---- */

static void check_memory(struct checking *k)
{
	struct admin_check_row *row =
		check_row(k, "memory", GRADE_MUST, STR("memory"), "");
	uint64_t bytes = host_memory();

	if (!bytes)
		return;
	row->found =
		arena_fmt(k->a, "%llu MB", (unsigned long long)(bytes >> 20));
	row->wanted = arena_fmt(k->a, "%llu MB",
	                        (unsigned long long)(MEMORY_ENOUGH >> 20));
	row->state = bytes < MEMORY_LEAST    ? CHECK_WRONG
	             : bytes < MEMORY_ENOUGH ? CHECK_WARNING
	                                     : CHECK_OK;
	if (row->state != CHECK_OK)
		row->why = STR("That is little for a mail host.");
}

static void check_files(struct checking *k)
{
	struct admin_check_row *row =
		check_row(k, "files", GRADE_SHOULD, STR("open files"), "");
	uint64_t max = host_files_max();

	row->found = arena_fmt(k->a, "%llu", (unsigned long long)max);
	row->wanted = arena_fmt(k->a, "%d", FILES_ENOUGH);
	row->state = max >= FILES_ENOUGH ? CHECK_OK : CHECK_WARNING;
	if (row->state != CHECK_OK)
		row->why = STR("Each connection is an open file: raise the "
		               "limit (ulimit -n).");
}

void admin_machine(struct config *cfg, const struct admin_check_options *o,
                   bool ports, struct arena *a, struct admin_checks *out)
{
	const struct admin_lent none = { .directory = NULL };
	struct admin *adm = admin_lend(cfg, &none); /* for its settings */
	struct checking *k = arena_zalloc(a, sizeof(*k));

	*k = (struct checking){
		.adm = adm,
		.o = o,
		.a = a,
		.r = out,
		.provider = config_provider_domain(cfg),
		.until_us = clock_steady_us() + MACHINE_US,
	};
	*out = (struct admin_checks){ .domain = config_hostname(cfg),
		                      .at_us = clock_wall_us() };
	if (ports)
		check_free_ports(k);
	check_other_server(k);
	check_memory(k);
	check_disk(k);
	check_files(k);
	check_clock(k);
	check_resolver(k);
	check_hostname(k);
	check_outgoing(k);
	admin_close(&adm);
}
