/* The names by which mail programs set themselves up, MTA-STS, TLS-RPT, CAA. */
#include <string.h>

#include "admin/check_private.h"
#include "base/base64.h"
#include "config/endpoints.h"
#include "crypto/hash.h"
#include "wire/dns/rdata.h"
#include "wire/mtasts/policy.h"

#define TEXTS_MAX 8

static struct str below(struct checking *k, const char *label)
{
	return arena_fmt(k->a, "%s.%.*s", label, STR_ARG(k->r->domain));
}

/* Does the name lead here?  Else the row says where it leads. */
static bool judge_name(struct checking *k, struct admin_check_row *row,
                       const char *missing)
{
	struct str v[CHECK_ADDRESSES_MAX];
	int n = check_addresses(k, row->name, v, CHECK_ADDRESSES_MAX);

	if (n < 0)
		return false;
	row->found = check_join(k, v, (size_t)n);
	if (n == 0) {
		row->state = CHECK_MISSING;
		row->why = str_z(missing);
		return false;
	}
	if (!check_is_here(k, v, (size_t)n)) {
		row->state = CHECK_WRONG;
		row->why = STR("The name leads to another server.");
		return false;
	}
	return true;
}

/* The document under it, which must hold these words. */
static void judge_document(struct checking *k, struct admin_check_row *row,
                           const char *path, struct str body, struct str words)
{
	struct str text = STR(""), why;
	unsigned status = check_fetch(k, row->name, path, body, &text, &why);

	if (status == 200 && str_find(text, words) != STR_NPOS) {
		row->state = CHECK_OK;
		return;
	}
	row->state = CHECK_WARNING;
	row->why = arena_fmt(k->a,
	                     "The name leads here, but the document does not "
	                     "come: %.*s",
	                     STR_ARG(why.n ? why
	                                   : STR("it says another "
	                                         "thing")));
}

static void check_autoconfig(struct checking *k)
{
	struct admin_check_row *row =
		check_row(k, "autoconfig", GRADE_MAY, below(k, "autoconfig"),
	                  "CNAME");
	struct str want = arena_fmt(k->a, "imap.%.*s", STR_ARG(k->provider));

	row->wanted = arena_fmt(k->a, "autoconfig.%.*s", STR_ARG(k->provider));
	if (judge_name(k, row, "Thunderbird and others then go by the MX."))
		judge_document(k, row, "/mail/config-v1.1.xml", STR(""), want);
}

static void check_autodiscover(struct checking *k)
{
	struct admin_check_row *row =
		check_row(k, "autodiscover", GRADE_SHOULD,
	                  below(k, "autodiscover"), "CNAME");
	struct str ask = arena_fmt(
		k->a,
		"<Autodiscover xmlns=\"http://schemas.microsoft.com/exchange/"
		"autodiscover/outlook/requestschema/2006\"><Request>"
		"<EMailAddress>check@%.*s</EMailAddress>"
		"<AcceptableResponseSchema>http://schemas.microsoft.com/"
		"exchange/autodiscover/outlook/responseschema/2006a"
		"</AcceptableResponseSchema></Request></Autodiscover>",
		STR_ARG(k->r->domain));

	row->wanted =
		arena_fmt(k->a, "autodiscover.%.*s", STR_ARG(k->provider));
	if (judge_name(k, row, "Outlook does not set itself up."))
		judge_document(k, row, "/autodiscover/autodiscover.xml", ask,
		               STR("<Type>IMAP</Type>"));
}

/* The record holds the digest of the document's bytes. */
static void check_pacc(struct checking *k)
{
	struct admin_check_row *row =
		check_row(k, "uaautoconf", GRADE_MAY,
	                  below(k, "ua-auto-config"), "CNAME");
	struct str v[TEXTS_MAX], text = STR(""), why, want;
	unsigned char digest[HASH_MAX];
	struct buf b;
	int n;

	row->wanted =
		arena_fmt(k->a, "ua-auto-config.%.*s", STR_ARG(k->provider));
	if (!judge_name(k, row, "Newer mail programs then use other ways."))
		return;
	if (check_fetch(k, row->name,
	                "/.well-known/user-agent-configuration.json", STR(""),
	                &text, &why) != 200) {
		row->state = CHECK_WARNING;
		row->why = why;
		return;
	}
	hash_bytes(HASH_SHA256, text, digest);
	buf_init(&b, 100);
	base64_encode(&b, (struct str){ (const char *)digest, 32 });
	want = arena_fmt(k->a, "v=UAAC1; a=sha256; d=%.*s",
	                 STR_ARG(buf_str(&b)));
	buf_deinit(&b);
	row->state = CHECK_OK;
	n = check_texts(k, below(k, "_ua-auto-config"), STR("v=UAAC1"), v,
	                TEXTS_MAX);
	if (n <= 0)
		return; /* the digest is not required */
	for (int i = 0; i < n; i++)
		if (str_eq(v[i], want))
			return;
	row->state = CHECK_WRONG;
	row->found = check_join(k, v, (size_t)n);
	row->wanted = want;
	row->why = STR("The digest in DNS is not that of the document.");
}

static void check_srv(struct checking *k)
{
	for (size_t i = 0; i < k->records.n; i++) {
		const struct admin_record *r = &k->records.v[i];
		struct admin_check_row *row;

		if (r->type != RECORD_SRV)
			continue;
		row = check_row(k, "srv", GRADE_MAY, r->name, "SRV");
		row->wanted = r->value;
		row->state = check_record(k, r, &row->found);
		if (row->state == CHECK_MISSING)
			row->why = STR("Some programs find the service by it.");
		else if (row->state == CHECK_WRONG)
			row->why = STR("Programs are led elsewhere.");
	}
}

/* A name that nobody made: where every name is led, set-up names are too. */
static void check_wildcard(struct checking *k)
{
	struct admin_check_row *row =
		check_row(k, "wildcard", GRADE_SHOULD, below(k, "*"), "A");
	struct str v[CHECK_ADDRESSES_MAX];
	int n = check_addresses(k, below(k, "posthus-check-no-such-name"), v,
	                        CHECK_ADDRESSES_MAX);

	if (n < 0)
		return;
	row->found = check_join(k, v, (size_t)n);
	row->state = CHECK_OK;
	if (n > 0 && !check_is_here(k, v, (size_t)n)) {
		row->state = CHECK_WARNING;
		row->why = STR("Every name leads to another server: programs "
		               "that look for a name ask there.");
	}
}

void check_programs(struct checking *k)
{
	check_autoconfig(k);
	check_autodiscover(k);
	check_pacc(k);
	check_srv(k);
	check_wildcard(k);
}

/* ---- MTA-STS, TLS-RPT, CAA ---- */

static void judge_policy(struct checking *k, struct admin_check_row *row)
{
	struct mtasts_policy *p = arena_zalloc(k->a, sizeof(*p));
	struct admin_check_row at = { .name = below(k, "mta-sts") };
	struct str text = STR(""), why;
	const char *wrong = NULL;

	row->state = CHECK_WARNING;
	if (!judge_name(k, &at, "There is a record, but no mta-sts name.")) {
		row->state =
			at.state == CHECK_UNKNOWN ? CHECK_UNKNOWN : CHECK_WRONG;
		row->why = at.why;
		return;
	}
	if (check_fetch(k, at.name, "/.well-known/mta-sts.txt", STR(""), &text,
	                &why) != 200)
		row->why = arena_fmt(k->a, "The policy does not come: %.*s",
		                     STR_ARG(why));
	else if (!mtasts_policy_parse(text, p, &wrong))
		row->why =
			arena_fmt(k->a, "The policy cannot be read: %s", wrong);
	else if (p->mode != MTASTS_NONE && !mtasts_policy_has(p, k->mx))
		row->why = STR("The policy does not name our server.");
	else
		row->state = CHECK_OK;
}

static void check_mtasts(struct checking *k)
{
	struct admin_check_row *row =
		check_row(k, "mtasts", GRADE_MAY, below(k, "_mta-sts"), "TXT");
	struct str v[TEXTS_MAX], id;
	int n = check_texts(k, row->name, STR("v=STSv1"), v, TEXTS_MAX);

	for (size_t i = 0; i < k->records.n; i++)
		if (str_eq(k->records.v[i].name, row->name))
			row->wanted = k->records.v[i].value;
	if (n < 0)
		return;
	row->found = check_join(k, v, (size_t)n);
	if (n == 0) {
		row->state = CHECK_MISSING;
		row->why = STR("Others may be made to send without TLS.");
	} else if (n > 1 || !mtasts_record_parse(v[0], &id)) {
		row->state = CHECK_WRONG;
		row->why = n > 1 ? STR("Only one record may exist.")
		                 : STR("The record cannot be read.");
	} else {
		judge_policy(k, row);
	}
}

static void check_tlsrpt(struct checking *k)
{
	struct admin_check_row *row = check_row(k, "tlsrpt", GRADE_MAY,
	                                        below(k, "_smtp._tls"), "TXT");
	struct str v[TEXTS_MAX];
	int n = check_texts(k, row->name, STR("v=TLSRPTv1"), v, TEXTS_MAX);

	row->wanted = arena_fmt(k->a, "v=TLSRPTv1; rua=mailto:postmaster@%.*s",
	                        STR_ARG(k->r->domain));
	if (n < 0)
		return;
	row->found = check_join(k, v, (size_t)n);
	row->state = n == 1 ? CHECK_OK : n == 0 ? CHECK_MISSING : CHECK_WRONG;
	if (n == 0)
		row->why = STR("Nobody tells you of trouble with TLS.");
	else if (n > 1)
		row->why = STR("Only one record may exist.");
}

/* RFC 8659, 4.1: flags, the length of the tag, the tag, the value. */
static bool read_issue(struct str rdata, struct str *out)
{
	size_t n = rdata.n > 2 ? (unsigned char)rdata.p[1] : 0;
	struct str rest, value;

	if (!n || 2 + n > rdata.n ||
	    !str_eq_case((struct str){ rdata.p + 2, n }, STR("issue")))
		return false;
	rest = str_from(rdata, 2 + n);
	*out = STR("");
	if (str_cut(&rest, ';', &value))
		*out = str_trim(value);
	return true;
}

/* May the authority of acme.directory make certificates of these names?  The
 * nearest records count, as with every name (RFC 8659, 3). */
static void check_caa(struct checking *k)
{
	struct admin_check_row *row =
		check_row(k, "caa", GRADE_SHOULD, k->r->domain, "CAA");
	struct str directory = config_str(k->adm->cfg, OPT_ACME_DIRECTORY);
	struct str at = k->r->domain, issue, head, rest, host = STR("");
	struct dns_answer ans = { .status = DNS_NODATA };
	bool any = false, ours = false;

	for (; ans.n == 0 && str_chr(at, '.') != STR_NPOS;
	     (void)str_cut(&at, '.', &head)) {
		check_ask(k, at, DNS_CAA, &ans);
		if (ans.status == DNS_FAIL)
			return;
	}
	if (str_starts(directory, STR("https://"))) {
		rest = str_from(directory, 8);
		(void)str_cut(&rest, '/', &host);
	}
	for (size_t i = 0; i < ans.n; i++) {
		if (!read_issue(ans.rdata[i], &issue))
			continue;
		any = true;
		ours |= issue.n && str_is_under(host, issue);
		row->found =
			arena_fmt(k->a, "%.*s%sissue \"%.*s\"",
		                  STR_ARG(row->found), row->found.n ? ", " : "",
		                  STR_ARG(issue));
	}
	row->state = CHECK_OK;
	if (!any) {
		row->state = CHECK_NOT_NEEDED;
		row->why = STR("Any authority may make certificates.");
	} else if (!directory.n) {
		row->state = CHECK_NOT_NEEDED;
		row->why = STR("This host asks for no certificates.");
	} else if (!ours) {
		row->state = CHECK_WARNING;
		row->why = STR("It forbids our authority: names of the domain "
		               "get no certificate.");
	}
}

void check_security(struct checking *k)
{
	check_mtasts(k);
	check_tlsrpt(k);
	check_caa(k);
}
