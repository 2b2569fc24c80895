/* MX, SPF, DKIM, DMARC, DANE: does mail come, and is what goes trusted? */
#include <string.h>

#include "admin/check_private.h"
#include "net/addr.h"
#include "verify/spf.h"
#include "wire/dmarc/record.h"
#include "wire/dns/rdata.h"

#define TEXTS_MAX 8

/* ---- MX ---- */

static bool leads_here(struct checking *k, struct str host)
{
	struct str v[CHECK_ADDRESSES_MAX];
	int n;

	if (str_eq_case(host, k->mx))
		return true;
	n = check_addresses(k, host, v, CHECK_ADDRESSES_MAX);
	return n > 0 && check_is_here(k, v, (size_t)n);
}

static void judge_mx(struct checking *k, struct admin_check_row *row,
                     const struct dns_answer *ans)
{
	size_t ours = 0;
	struct dns_mx mx;

	for (size_t i = 0; i < ans->n && i < TEXTS_MAX; i++) {
		if (!dns_mx_read(ans->rdata[i], k->a, &mx))
			continue;
		ours += leads_here(k, mx.name);
		row->found =
			arena_fmt(k->a, "%.*s%s%u %.*s", STR_ARG(row->found),
		                  row->found.n ? ", " : "", mx.preference,
		                  STR_ARG(mx.name));
	}
	if (ours == ans->n) {
		row->state = CHECK_OK;
	} else if (ours) {
		row->state = CHECK_WARNING;
		row->why = STR("Other servers get a part of the mail.");
	} else {
		row->state = CHECK_WRONG;
		row->why = STR("Mail to the domain goes to another server.");
	}
}

static void check_mx(struct checking *k)
{
	struct admin_check_row *row =
		check_row(k, "mx", GRADE_MUST, k->r->domain, "MX");
	struct dns_answer ans;

	row->wanted = arena_fmt(k->a, "10 %.*s", STR_ARG(k->mx));
	check_ask(k, k->r->domain, DNS_MX, &ans);
	k->mx_secure = ans.secure;
	if (ans.status == DNS_FAIL) {
		row->why = arena_dup(k->a, str_z(ans.why));
	} else if (ans.status != DNS_OK) {
		row->state = CHECK_MISSING;
		row->why = STR("No mail comes to the domain.");
	} else {
		judge_mx(k, row, &ans);
	}
}

/* ---- SPF ---- */

static bool read_client(struct str ip, struct verify_client *c)
{
	struct net_addr addr;
	struct err ignored = ERR_INIT;

	if (net_addr_parse(ip, &addr, &ignored) < 0)
		return false;
	c->ipv6 = addr.family == NET_IPV6;
	memcpy(c->ip, addr.ip, sizeof(c->ip));
	return true;
}

/* As a receiver would judge mail from each of our addresses. */
static void judge_spf(struct checking *k, struct admin_check_row *row)
{
	struct verify_options o = { .dns = k->o->dns, .hostname = k->mx };
	struct verify *v = verify_new(&o);

	row->state = k->own_n ? CHECK_OK : CHECK_UNKNOWN;
	for (size_t i = 0; i < k->own_n && row->state == CHECK_OK; i++) {
		struct verify_client c = { .helo = k->mx,
			                   .local = STR("postmaster"),
			                   .domain = k->r->domain };
		struct verify_budget b;
		struct verify_spf_result spf;

		if (!read_client(k->own[i], &c))
			continue;
		verify_budget_init(&b);
		verify_spf(v, &c, &b, k->a, &spf);
		if (spf.result == SPF_PASS)
			continue;
		row->state = spf.result == SPF_TEMPERROR ? CHECK_UNKNOWN
		                                         : CHECK_WRONG;
		row->why = spf.result == SPF_PERMERROR
		                   ? arena_fmt(k->a,
		                               "The record cannot be read: "
		                               "%.*s",
		                               STR_ARG(spf.reason))
		                   : arena_fmt(k->a,
		                               "It does not permit our "
		                               "address %.*s: others may "
		                               "treat your mail as forged.",
		                               STR_ARG(k->own[i]));
	}
	verify_free(&v);
}

static void check_spf(struct checking *k)
{
	struct admin_check_row *row =
		check_row(k, "spf", GRADE_SHOULD, k->r->domain, "TXT");
	struct str v[TEXTS_MAX];
	int n = check_texts(k, k->r->domain, STR("v=spf1"), v, TEXTS_MAX);

	row->wanted = STR("v=spf1 mx ~all");
	if (n < 0)
		return;
	row->found = check_join(k, v, (size_t)n);
	if (n == 0) {
		row->state = CHECK_MISSING;
		row->why = STR("Others may treat your mail as forged.");
	} else if (n > 1) {
		row->state = CHECK_WRONG;
		row->why = STR("Only one SPF record may exist.");
	} else {
		judge_spf(k, row);
	}
}

/* ---- DKIM ---- */

/* A key that waited signs from now on; one that cannot be told waits on. */
static void tell_seen(struct checking *k, const struct admin_record *r)
{
	struct err ignored = ERR_INIT;

	err_drop(admin_domain_key_seen(k->adm, k->r->domain, r->selector,
	                               &ignored));
}

static void check_dkim(struct checking *k)
{
	for (size_t i = 0; i < k->records.n; i++) {
		const struct admin_record *r = &k->records.v[i];
		struct admin_check_row *row;

		if (!r->selector.n)
			continue;
		row = check_row(k, "dkim", GRADE_SHOULD, r->name, "TXT");
		row->wanted = r->value;
		if (strcmp(r->state, "retired") == 0) {
			row->grade = GRADE_MAY;
			row->state = CHECK_NOT_NEEDED;
			row->why = STR("The key signs no more.");
			continue;
		}
		row->state = check_record(k, r, &row->found);
		if (row->state == CHECK_OK && strcmp(r->state, "waits") == 0)
			tell_seen(k, r);
		else if (row->state == CHECK_MISSING)
			row->why = STR("The key does not sign before its "
			               "record is there.");
		else if (row->state == CHECK_WRONG)
			row->why = STR("Signatures do not verify with this "
			               "key.");
	}
}

/* ---- DMARC ---- */

/* The nearest name with a record: a domain's covers what lies below it. */
static void check_dmarc(struct checking *k)
{
	struct admin_check_row *row =
		check_row(k, "dmarc", GRADE_SHOULD,
	                  arena_fmt(k->a, "_dmarc.%.*s", STR_ARG(k->r->domain)),
	                  "TXT");
	struct str at = k->r->domain, v[TEXTS_MAX], head;
	struct dmarc_record rec;
	int n = 0;

	row->wanted =
		arena_fmt(k->a,
	                  "v=DMARC1; p=quarantine; rua=mailto:postmaster@%.*s",
	                  STR_ARG(k->r->domain));
	for (; n == 0 && str_chr(at, '.') != STR_NPOS;
	     (void)str_cut(&at, '.', &head))
		n = check_texts(k, arena_fmt(k->a, "_dmarc.%.*s", STR_ARG(at)),
		                STR("v=DMARC1"), v, TEXTS_MAX);
	if (n < 0)
		return;
	row->found = check_join(k, v, (size_t)n);
	if (n == 0) {
		row->state = CHECK_MISSING;
		row->why = STR("Nothing says what becomes of mail that is "
		               "forged in your name.");
	} else if (n > 1 || !dmarc_record_parse(v[0], &rec)) {
		row->state = CHECK_WRONG;
		row->why = n > 1 ? STR("Only one DMARC record may exist.")
		                 : STR("The record cannot be read.");
	} else {
		row->state = CHECK_OK;
	}
}

/* ---- DANE ---- */

static void check_dane(struct checking *k)
{
	struct admin_check_row *row =
		check_row(k, "dane", GRADE_MAY,
	                  arena_fmt(k->a, "_25._tcp.%.*s", STR_ARG(k->mx)),
	                  "TLSA");
	struct dns_answer ans;

	check_ask(k, row->name, DNS_TLSA, &ans);
	if (ans.status == DNS_OK && ans.secure) {
		row->state = CHECK_OK;
		row->found = arena_fmt(k->a, "%zu records", ans.n);
	} else if (!k->mx_secure) {
		row->state = CHECK_NOT_NEEDED;
		row->why = STR("The zone is not signed (DNSSEC).");
	} else if (ans.status != DNS_FAIL) {
		row->state = CHECK_MISSING;
		row->why = STR("Other servers cannot verify ours by DNSSEC.");
	}
}

void check_mail(struct checking *k)
{
	check_mx(k);
	check_spf(k);
	check_dkim(k);
	check_dmarc(k);
	check_dane(k);
}
