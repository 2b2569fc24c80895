/* posthus domain dns, domain rotate: the records, and whether they are there. */
#include <string.h>

#include "admin/records.h"
#include "base/mem.h"
#include "ctl/resolver.h"
#include "ctl/show.h"
#include "dns/client.h"
#include "os/clock.h"

#define PATIENCE_US (5 * US_PER_SEC)

/* ---- compare ---- */

static enum dns_type type_of(enum admin_record_type t)
{
	switch (t) {
	case RECORD_MX: return DNS_MX;
	case RECORD_TXT: return DNS_TXT;
	case RECORD_CNAME: return DNS_CNAME;
	case RECORD_SRV: return DNS_SRV;
	}
	return DNS_TXT;
}

/* Is a text of the same sort there, though with other words? */
static bool is_alike(const struct admin_record *r, struct str got)
{
	size_t n = str_chr(r->value, ' ');

	if (r->type != RECORD_TXT)
		return true;
	return n != STR_NPOS && str_starts_case(got, str_to(r->value, n));
}

static const char *compare(struct ctl_resolver *rs,
                           const struct admin_record *r, struct arena *a)
{
	struct dns_answer ans;
	bool other = false;

	dns_lookup(rs->client, r->name, type_of(r->type), PATIENCE_US, a, &ans);
	if (ans.status == DNS_FAIL)
		return "no answer";
	for (size_t i = 0; i < ans.n; i++) {
		struct str got = admin_record_words(r->type, ans.rdata[i], a);

		if (admin_record_is_same(r, got, a))
			return "ok";
		other |= is_alike(r, got);
	}
	return other ? "differs" : "missing";
}

/* ---- show ---- */

static const struct out_column columns[] = {
	{ "name", "NAME" },   { "type", "TYPE" },   { "value", "VALUE" },
	{ "data", NULL },     { "for", "FOR" },     { "needed", NULL },
	{ "selector", NULL }, { "state", "STATE" }, { "in_dns", "IN DNS" },
};

#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

static void show(struct out *o, const struct admin_record *r,
                 const char *in_dns, struct arena *a)
{
	struct buf data;

	buf_init(&data, 8192);
	admin_record_data(r, &data);
	out_text(o, r->name);
	out_z(o, admin_record_type_name(r->type));
	out_text(o, r->value);
	out_text(o, arena_dup(a, buf_str(&data)));
	out_z(o, r->what);
	out_flag(o, r->needed);
	if (r->selector.n)
		out_text(o, r->selector);
	else
		out_none(o);
	if (*r->state)
		out_z(o, r->state);
	else
		out_none(o);
	if (in_dns)
		out_z(o, in_dns);
	else
		out_none(o);
	buf_deinit(&data);
}

static int write_zone(struct ctl *c, const struct admin_records *r)
{
	struct buf b;
	int rc;

	buf_init(&b, 1 << 20);
	for (size_t i = 0; i < r->n; i++) {
		buf_fmt(&b, "%.*s. 3600 IN %s ", STR_ARG(r->v[i].name),
		        admin_record_type_name(r->v[i].type));
		admin_record_data(&r->v[i], &b);
		buf_add_c(&b, '\n');
	}
	rc = out_write(c, buf_str(&b));
	buf_deinit(&b);
	return rc;
}

/* Mail that nobody signs is worth less; say so where it can be mended. */
static void tell_unsigned(struct ctl *c, const struct admin_records *r)
{
	size_t waiting = 0, signing = 0;

	for (size_t i = 0; i < r->n; i++) {
		waiting += strcmp(r->v[i].state, "waits") == 0;
		signing += strcmp(r->v[i].state, "signs") == 0;
	}
	if (waiting && signing)
		ctl_note(c, "new keys wait until DNS has their records; the "
		            "others sign until then");
	else if (waiting)
		ctl_note(c,
		         "mail of %.*s is not signed: its keys wait until DNS "
		         "has their records",
		         STR_ARG(r->domain));
}

/* A new key whose record is there signs from now on. */
static void tell_seen(struct ctl *c, struct str domain,
                      const struct admin_record *r)
{
	struct err err = ERR_INIT;

	if (strcmp(r->state, "waits") != 0)
		return;
	if (admin_domain_key_seen(c->admin, domain, r->selector, &err) < 0)
		ctl_note(c, "the key %.*s: %s", STR_ARG(r->selector), err.text);
	else
		ctl_note(c, "the key %.*s signs from now on",
		         STR_ARG(r->selector));
}

static int show_all(struct ctl *c, const struct admin_records *r,
                    struct ctl_resolver *rs)
{
	bool wrong = false;
	struct out o;
	int rc;

	out_begin(&o, c, columns, COLUMNS, false);
	for (size_t i = 0; i < r->n; i++) {
		const char *in_dns =
			rs ? compare(rs, &r->v[i], &c->arena) : NULL;

		if (in_dns && strcmp(in_dns, "ok") == 0)
			tell_seen(c, r->domain, &r->v[i]);
		else if (in_dns)
			wrong |= r->v[i].needed;
		show(&o, &r->v[i], in_dns, &c->arena);
	}
	rc = out_end(&o);
	return rc == CTL_OK && wrong ? CTL_FAILED : rc;
}

int ctl_run_domain_dns(struct ctl *c)
{
	struct admin_records *r = arena_zalloc(&c->arena, sizeof(*r));
	struct err err = ERR_INIT;
	struct ctl_resolver rs;
	int rc = ctl_admin(c);

	if (rc != CTL_OK)
		return rc;
	if (admin_domain_records(c->admin, ctl_arg(c, 0), &c->arena, r, &err) <
	    0)
		return ctl_fail(c, &err, "posthus domain list",
		                "cannot list the records of %.*s",
		                STR_ARG(ctl_arg(c, 0)));
	if (ctl_option(c, "zone"))
		return write_zone(c, r);
	if (!ctl_option(c, "check")) {
		rc = show_all(c, r, NULL);
		tell_unsigned(c, r);
		return rc;
	}
	if (ctl_resolver_start(&rs, c->cfg, &err) < 0)
		return ctl_fail(c, &err, NULL, "cannot ask DNS");
	rc = show_all(c, r, &rs);
	ctl_resolver_stop(&rs);
	/* What was found has changed their states. */
	if (admin_domain_records(c->admin, ctl_arg(c, 0), &c->arena, r, &err) ==
	    0)
		tell_unsigned(c, r);
	return rc;
}

int ctl_run_domain_rotate(struct ctl *c)
{
	struct err err = ERR_INIT;
	int rc = ctl_admin(c);

	if (rc != CTL_OK)
		return rc;
	if (CTL_DO(c, &err, "domain.rotate",
	           CTL_GIVE("domain", ctl_arg(c, 0))) < 0)
		return ctl_fail(c, &err, "posthus domain dns DOMAIN",
		                "cannot make keys for %.*s",
		                STR_ARG(ctl_arg(c, 0)));
	return ctl_done(c, "domain", ctl_arg(c, 0), "rotated");
}
