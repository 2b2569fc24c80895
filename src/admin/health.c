#include "admin/health.h"

#include "acme/certs.h"
#include "admin/check_private.h"
#include "base/ip.h"
#include "base/mem.h"
#include "config/endpoints.h"
#include "crypto/certificate.h"
#include "directory/setting.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/host.h"
#include "wire/dns/rdata.h"

#define HEALTH_US  (30 * US_PER_SEC)
#define RESULT_MAX ((size_t)256 * 1024)
#define CHAIN_MAX  ((size_t)64 * 1024)
#define PORT_MS    500
#define DAY_S      86400
/* A certificate is renewed before; mail waits longer only when something is
 * wrong. */
#define CERTIFICATE_DAYS 14
#define CERTIFICATE_LATE 7
#define QUEUE_AGE_US     (4 * US_PER_HOUR)

static const struct str key = STR_INIT("health");

/* ---- DNS ---- */

void check_resolver(struct checking *k)
{
	struct admin_check_row *row =
		check_row(k, "resolver", GRADE_MUST, STR("arpa"), "SOA");
	struct dns_answer ans;

	check_ask(k, row->name, DNS_SOA, &ans);
	if (ans.status == DNS_FAIL) {
		row->state = CHECK_WRONG;
		row->why = arena_fmt(k->a, "DNS does not answer: %s", ans.why);
	} else if (!ans.secure) {
		row->state = CHECK_WARNING;
		row->why = STR("The resolver does not verify DNSSEC: mail "
		               "works, DANE is off.");
	} else {
		row->state = CHECK_OK;
	}
}

static void check_names(struct checking *k)
{
	for (size_t i = 0; i < ENDPOINT_PREFIXES; i++) {
		struct str v[CHECK_ADDRESSES_MAX];
		bool mx = str_eq(str_z(endpoint_prefixes[i]), STR("mx"));
		struct admin_check_row *row =
			check_row(k, "name", mx ? GRADE_MUST : GRADE_SHOULD,
		                  arena_fmt(k->a, "%s.%.*s",
		                            endpoint_prefixes[i],
		                            STR_ARG(k->provider)),
		                  "A");
		int n = check_addresses(k, row->name, v, CHECK_ADDRESSES_MAX);

		if (n < 0)
			continue;
		row->found = check_join(k, v, (size_t)n);
		row->state = n ? CHECK_OK : CHECK_MISSING;
		if (n == 0)
			row->why = STR("Programs are told this name.");
		else if (!check_is_here(k, v, (size_t)n) && !mx) {
			row->state = CHECK_WARNING;
			row->why = STR("It leads elsewhere than the MX.");
		}
	}
}

/* The name of an address, and that name's address again. */
void check_ptr(struct checking *k, struct str ip)
{
	struct str v[CHECK_ADDRESSES_MAX], name = STR("");
	char back[IP_BACKWARDS_MAX];
	struct admin_check_row *row;
	struct dns_answer ans;
	int n;

	if (!ip_backwards(ip, back))
		return;
	row = check_row(k, "ptr", GRADE_SHOULD,
	                arena_fmt(k->a, "%s.%s", back,
	                          str_chr(ip, ':') == STR_NPOS ? "in-addr.arpa"
	                                                       : "ip6.arpa"),
	                "PTR");
	row->wanted = config_hostname(k->adm->cfg);
	check_ask(k, row->name, DNS_PTR, &ans);
	if (ans.status == DNS_FAIL)
		return;
	if (!ans.n || !dns_name_read(&ans.rdata[0], k->a, &name)) {
		row->state = CHECK_MISSING;
		row->why = arena_fmt(k->a,
		                     "Many refuse mail from %.*s, which has "
		                     "no name.",
		                     STR_ARG(ip));
		return;
	}
	row->found = name;
	n = check_addresses(k, name, v, CHECK_ADDRESSES_MAX);
	if (n < 0)
		return;
	row->state = CHECK_WRONG;
	for (int i = 0; i < n; i++)
		if (str_eq(v[i], ip))
			row->state = CHECK_OK;
	if (row->state == CHECK_WRONG)
		row->why = STR("The name does not lead back to the address.");
}

/* 127.255.255.0/24: the list does not answer this resolver. */
static enum admin_check listed(const struct dns_answer *ans)
{
	if (ans->status == DNS_FAIL)
		return CHECK_UNKNOWN;
	for (size_t i = 0; i < ans->n; i++) {
		const unsigned char *p = (const unsigned char *)ans->rdata[i].p;

		if (ans->rdata[i].n != 4 || p[0] != 127)
			continue;
		return p[1] == 255 && p[2] == 255 ? CHECK_UNKNOWN : CHECK_WRONG;
	}
	return CHECK_OK;
}

void check_lists(struct checking *k, struct str ip)
{
	const struct str *zones;
	size_t n = config_list(k->adm->cfg, OPT_SCORE_DNSBL, &zones);
	char back[IP_BACKWARDS_MAX];

	if (!ip_backwards(ip, back))
		return;
	for (size_t i = 0; i < n; i++) {
		struct str rest = zones[i], zone = STR("");
		struct admin_check_row *row;
		struct dns_answer ans;

		(void)str_cut(&rest, '=', &zone);
		row = check_row(k, "dnsbl", GRADE_SHOULD,
		                arena_fmt(k->a, "%s.%.*s", back, STR_ARG(zone)),
		                "A");
		check_ask(k, row->name, DNS_A, &ans);
		row->state = listed(&ans);
		if (row->state == CHECK_WRONG)
			row->why = arena_fmt(k->a,
			                     "%.*s is listed: others refuse "
			                     "its mail.",
			                     STR_ARG(ip));
		else if (row->state == CHECK_UNKNOWN)
			row->why = STR("The list does not answer this "
			               "resolver.");
	}
}

/* ---- the machine ---- */

static void check_ports(struct checking *k)
{
	for (unsigned id = OPT_LISTEN_SMTP; id <= OPT_LISTEN_HTTPS; id++) {
		uint16_t port =
			config_port(k->adm->cfg, (enum config_option)id);
		struct admin_check_row *row;

		if (!port)
			continue;
		row = check_row(k, "port", GRADE_MUST,
		                str_z(config_row((enum config_option)id)->key),
		                "TCP");
		row->wanted = arena_fmt(k->a, "%u", port);
		row->state =
			host_port_answers("127.0.0.1", port, PORT_MS) ||
					host_port_answers("::1", port, PORT_MS)
				? CHECK_OK
				: CHECK_MISSING;
		if (row->state == CHECK_MISSING)
			row->why = STR("Nothing answers on this machine.");
	}
}

void check_clock(struct checking *k)
{
	struct admin_check_row *row =
		check_row(k, "clock", GRADE_SHOULD, STR("NTP"), "");
	int kept = host_clock_kept();

	if (kept < 0)
		return;
	row->state = kept ? CHECK_OK : CHECK_WARNING;
	if (!kept)
		row->why = STR("Nobody keeps the clock right: codes of a "
		               "second factor and signatures depend on it.");
}

/* The folder, or the nearest one above that is there. */
static const char *first_there(struct arena *a, const char *path)
{
	struct str s = str_z(path);

	while (s.n > 1 && !file_is_folder(arena_strz(a, s))) {
		size_t slash = str_rchr(s, '/');

		s = str_to(s, slash == STR_NPOS || slash == 0 ? 1 : slash);
	}
	return arena_strz(a, s);
}

void check_disk(struct checking *k)
{
	const char *data =
		first_there(k->a, config_data_path(k->adm->cfg, k->a, ""));
	uint64_t reserve = config_u64(k->adm->cfg, OPT_SERVER_RESERVE);
	uint64_t bytes = file_free_bytes(data);
	struct admin_check_row *row =
		check_row(k, "disk", GRADE_MUST, str_z(data), "");

	row->found = arena_fmt(k->a, "%llu MB free",
	                       (unsigned long long)(bytes / 1000000));
	row->wanted = arena_fmt(k->a, "over %llu MB",
	                        (unsigned long long)(reserve / 1000000));
	row->state = bytes <= reserve       ? CHECK_WRONG
	             : bytes <= 4 * reserve ? CHECK_WARNING
	                                    : CHECK_OK;
	if (row->state != CHECK_OK)
		row->why = STR("At the reserve no more mail is taken.");
}

static void check_certificate(struct checking *k)
{
	const char *path =
		config_data_path(k->adm->cfg, k->a, "tls/default.crt");
	struct admin_check_row *row =
		check_row(k, "certificate", GRADE_SHOULD, str_z(path), "");
	struct certificate_facts facts;
	struct err err = ERR_INIT;
	int64_t days;
	char *pem;
	size_t n;
	int rc;

	if (file_read_all(path, CHAIN_MAX, &pem, &n, &err) < 0) {
		if (err.kind == ERR_NOT_FOUND)
			row->state = CHECK_MISSING;
		row->why = arena_dup(k->a, str_z(err.text));
		return;
	}
	rc = certificate_read((struct str){ pem, n }, &facts, &err);
	mem_free(pem);
	if (rc < 0) {
		row->state = CHECK_WRONG;
		row->why = arena_dup(k->a, str_z(err.text));
		return;
	}
	days = (facts.until_s - clock_wall_us() / US_PER_SEC) / DAY_S;
	row->found = arena_fmt(k->a, "%lld days left", (long long)days);
	row->state = days < 0                  ? CHECK_WRONG
	             : days < CERTIFICATE_DAYS ? CHECK_WARNING
	                                       : CHECK_OK;
	if (row->state == CHECK_OK && facts.self_signed) {
		row->state = CHECK_WARNING;
		row->why = STR("It is signed by itself: mail programs warn of "
		               "it (acme.directory gets one).");
	}
}

/* ---- certificates of hosted names ---- */

struct hosted {
	struct checking *k;
	size_t n, bad;
	struct str first, why; /* of those that are bad */
	int64_t now_s, soonest_s;
};

static bool count_hosted(void *arg, const struct cert_row *c)
{
	struct hosted *h = arg;
	bool bad = c->state == CERT_FAILED ||
	           (c->until_s &&
	            c->until_s - h->now_s < CERTIFICATE_LATE * DAY_S);

	if (str_eq(c->name, STR("default")))
		return true;
	h->n++;
	if (c->until_s && (!h->soonest_s || c->until_s < h->soonest_s))
		h->soonest_s = c->until_s;
	if (bad && h->bad++ == 0) {
		h->first = arena_dup(h->k->a, c->name);
		h->why = arena_dup(h->k->a, c->why);
	}
	return true;
}

/* Those that are got by themselves; each that fails is served with the
 * default one, of which mail programs warn. */
static int check_hosted(struct checking *k, struct err *err)
{
	struct hosted h = { .k = k, .now_s = clock_wall_us() / US_PER_SEC };
	struct admin_check_row *row;
	struct certs_list *l;
	int rc;

	if (!config_str(k->adm->cfg, OPT_ACME_DIRECTORY).n)
		return 0;
	if (certs_list_open(&l, config_data_path(k->adm->cfg, k->a, ""), err) <
	    0)
		return -1;
	rc = certs_list_each(l, count_hosted, &h, err);
	certs_list_close(&l);
	if (rc < 0 || h.n == 0)
		return rc;
	row = check_row(k, "certificates", GRADE_SHOULD, STR("hosted names"),
	                "");
	row->state = h.bad ? CHECK_WARNING : CHECK_OK;
	row->found = arena_fmt(
		k->a, "%zu, the first ends in %lld days", h.n,
		(long long)(h.soonest_s ? (h.soonest_s - h.now_s) / DAY_S : 0));
	if (h.bad)
		row->why = arena_fmt(k->a,
		                     "%zu have none, or one that ends soon, "
		                     "such as %.*s: %.*s",
		                     h.bad, STR_ARG(h.first),
		                     STR_ARG(h.why.n ? h.why
		                                     : STR("posthus cert "
		                                           "list")));
	return 0;
}

static int check_queue(struct checking *k, struct err *err)
{
	struct admin_check_row *row =
		check_row(k, "queue", GRADE_SHOULD, STR("queue"), "");
	struct admin_status s;
	int64_t age_us;

	if (admin_status_get(k->adm, &s, err) < 0)
		return -1;
	age_us = s.oldest_us ? clock_wall_us() - s.oldest_us : 0;
	row->found = arena_fmt(k->a, "%llu messages, the oldest %lld min old",
	                       (unsigned long long)s.queued,
	                       (long long)(age_us / US_PER_MIN));
	row->state = age_us > QUEUE_AGE_US ? CHECK_WARNING : CHECK_OK;
	if (row->state == CHECK_WARNING)
		row->why = STR("Mail waits for long: posthus queue list says "
		               "why.");
	return 0;
}

static int check_signing(struct checking *k, struct err *err)
{
	struct admin_check_row *row =
		check_row(k, "signing", GRADE_SHOULD, STR("DKIM"), "");
	struct str first = STR("");
	uint64_t n;

	if (admin_unsigned_domains(k->adm, k->a, &n, &first, err) < 0)
		return -1;
	row->state = n ? CHECK_WARNING : CHECK_OK;
	if (n) {
		row->found = arena_fmt(k->a, "%llu domains without",
		                       (unsigned long long)n);
		row->why = arena_fmt(k->a,
		                     "Mail of %.*s is not signed: posthus "
		                     "domain check %.*s",
		                     STR_ARG(first), STR_ARG(first));
	}
	return 0;
}

int admin_health(struct admin *adm, const struct admin_check_options *o,
                 struct arena *a, struct admin_checks *out, struct err *err)
{
	struct checking *k = arena_zalloc(a, sizeof(*k));
	int n;

	*k = (struct checking){
		.adm = adm,
		.o = o,
		.a = a,
		.r = out,
		.provider = config_provider_domain(adm->cfg),
		.until_us = clock_steady_us() + HEALTH_US,
	};
	*out = (struct admin_checks){ .domain = config_hostname(adm->cfg),
		                      .at_us = clock_wall_us() };
	k->mx = arena_fmt(a, "mx.%.*s", STR_ARG(k->provider));
	check_ports(k);
	check_clock(k);
	check_disk(k);
	check_certificate(k);
	if (check_hosted(k, err) < 0 || check_queue(k, err) < 0 ||
	    check_signing(k, err) < 0)
		return -1;
	check_resolver(k);
	n = check_addresses(k, k->mx, k->own, CHECK_ADDRESSES_MAX);
	k->own_n = n > 0 ? (size_t)n : 0;
	check_names(k);
	for (size_t i = 0; i < k->own_n; i++) {
		check_ptr(k, k->own[i]);
		check_lists(k, k->own[i]);
	}
	check_outgoing(k);
	return 0;
}

int admin_health_kept(struct admin *adm, struct arena *a, struct str *out,
                      struct err *err)
{
	if (directory_setting_get(adm->dir, key, a, out, err) < 0)
		return -1;
	return out->n ? 0
	              : err_set(err, ERR_NOT_FOUND, "it was not checked yet");
}

int admin_health_keep(struct admin *adm, const struct admin_checks *r,
                      struct err *err)
{
	struct directory_setting s = { .key = key };
	struct json_writer w;
	struct buf b;
	int rc;

	buf_init(&b, RESULT_MAX);
	w = json_writer(&b);
	admin_checks_write(r, &w);
	s.value = buf_str(&b);
	rc = directory_setting_set(adm->dir, &s, 1, err);
	buf_deinit(&b);
	return rc;
}
