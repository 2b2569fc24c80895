#include "admin/records.h"
#include "ctl/show.h"
#include "os/host.h"
#include "store/fsck.h"

int ctl_run_serve(struct ctl *c)
{
	struct ctl_serve s = { .one_process = ctl_option(c, "one-process") };
	int rc = ctl_config(c);

	if (rc != CTL_OK)
		return rc;
	if (!c->hooks || !c->hooks->serve)
		return ctl_usage(c, "this program cannot serve");
	s.cfg = c->cfg;
	s.config_path = c->config_path;
	return c->hooks->serve(&s);
}

/* ---- status ---- */

static const struct out_column columns[] = {
	{ "hostname", "host" },
	{ "config", "configuration" },
	{ "data", "data" },
	{ "running", "running" },
	{ "version", "version" },
	{ "domains", "domains" },
	{ "accounts", "accounts" },
	{ "aliases", "aliases" },
	{ "unsigned", "not signing" },
	{ "queued", "queued" },
	{ "failed", "given up" },
	{ "oldest", "oldest queued" },
	{ "free_bytes", "free space" },
};

/* Where a wildcard listens, loopback answers. */
static const char *reachable(struct arena *a, struct str address)
{
	if (str_eq(address, STR("0.0.0.0")))
		return "127.0.0.1";
	if (str_eq(address, STR("::")))
		return "::1";
	return arena_strz(a, address);
}

static bool is_running(struct ctl *c)
{
	const struct str *addresses;
	size_t n = config_list(c->cfg, OPT_LISTEN_ADDRESSES, &addresses);

	for (unsigned id = OPT_LISTEN_SMTP; id <= OPT_LISTEN_HTTPS; id++) {
		uint16_t port = config_port(c->cfg, (enum config_option)id);

		for (size_t i = 0; port && i < n; i++)
			if (host_port_answers(reachable(&c->arena,
			                                addresses[i]),
			                      port, 500))
				return true;
	}
	return false;
}

int ctl_run_status(struct ctl *c)
{
	struct admin_status s;
	struct str domain = { NULL, 0 };
	uint64_t without = 0;
	struct err err = ERR_INIT;
	struct out o;
	int rc = ctl_admin(c);

	if (rc != CTL_OK)
		return rc;
	if (admin_status_get(c->admin, &s, &err) < 0 ||
	    admin_unsigned_domains(c->admin, &c->arena, &without, &domain,
	                           &err) < 0)
		return ctl_fail(c, &err, NULL, "cannot tell the status");
	out_begin(&o, c, columns, sizeof(columns) / sizeof(columns[0]), true);
	out_text(&o, config_hostname(c->cfg));
	out_z(&o, c->config_path);
	out_z(&o, config_data_path(c->cfg, &c->arena, ""));
	out_flag(&o, is_running(c));
	out_z(&o, CTL_VERSION);
	out_number(&o, s.domains);
	out_number(&o, s.accounts);
	out_number(&o, s.aliases);
	out_number(&o, without);
	out_number(&o, s.queued);
	out_number(&o, s.failed);
	out_time(&o, s.oldest_us);
	out_bytes(&o, s.free_bytes);
	rc = out_end(&o);
	if (without)
		ctl_note(c,
		         "mail of %.*s%s is not signed (DKIM): posthus domain "
		         "dns %.*s --check",
		         STR_ARG(domain), without > 1 ? " and others" : "",
		         STR_ARG(domain));
	return rc;
}

/* ---- fsck ---- */

static const struct out_column finding_columns[] = {
	{ "account", "ACCOUNT" },
	{ "finding", "FINDING" },
	{ "mended", "MENDED" },
};

static void show_finding(void *arg, int64_t account, const char *text,
                         bool mended)
{
	struct out *o = arg;

	if (account)
		out_number(o, (uint64_t)account);
	else
		out_none(o);
	out_z(o, text);
	out_flag(o, mended);
}

int ctl_run_fsck(struct ctl *c)
{
	struct out o;
	struct fsck_options options = {
		.mend = ctl_option(c, "mend") != NULL,
		.bodies = ctl_option(c, "bodies") != NULL,
		.finding = show_finding,
		.arg = &o,
	};
	struct fsck_result result;
	struct err err = ERR_INIT;
	const char *dir;
	int rc = ctl_config(c);

	if (rc != CTL_OK)
		return rc;
	if (options.mend && is_running(c)) {
		err_set(&err, ERR_EXISTS, "the host runs");
		return ctl_fail(c, &err, "stop it, or leave out --mend",
		                "cannot mend");
	}
	dir = config_data_path(c->cfg, &c->arena, CONFIG_STORE_FOLDER);
	out_begin(&o, c, finding_columns, 3, false);
	if (fsck_run(dir, 0, &options, &result, &err) < 0)
		return ctl_fail(c, &err, NULL, "cannot check %s", dir);
	ctl_note(c,
	         "%llu accounts, %llu messages, %llu bodies, %llu files: %llu "
	         "findings, %llu mended",
	         (unsigned long long)result.accounts,
	         (unsigned long long)result.messages,
	         (unsigned long long)result.bodies,
	         (unsigned long long)result.files,
	         (unsigned long long)result.findings,
	         (unsigned long long)result.mended);
	rc = out_end(&o);
	if (rc != CTL_OK || !result.findings)
		return rc;
	return result.mended == result.findings ? CTL_WARNINGS : CTL_FINDINGS;
}
