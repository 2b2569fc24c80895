/* posthus setup: from an empty machine to a host with a first domain.
 *
 * Steps that each find out what is there already, so that another run only
 * adds what is missing; a run that fails takes back what it has made. */
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "admin/records.h"
#include "ctl/init.h"
#include "ctl/out.h"
#include "ctl/resolver.h"
#include "ctl/setup.h"
#include "directory/role.h"
#include "os/file.h"
#include "os/host.h"

static volatile sig_atomic_t ended;

static void on_signal(int number)
{
	(void)number;
	ended = 1;
}

/* ---- the steps ---- */

static int make_files(struct setup *s, struct err *err)
{
	struct arena *a = &s->c->arena;
	struct init_request r = { .dir = s->dir, .set = s->set };
	const char *data = config_data_path(s->c->cfg, a, ""), *file;
	struct str above = str_z(data);

	if (!s->fresh)
		return 0;
	while (above.n > 1 && above.p[above.n - 1] == '/')
		above = str_to(above, above.n - 1);
	above = str_to(above, str_rchr(above, '/'));
	if (setup_make_folders(s,
	                       arena_strz(a,
	                                  str_to(str_z(s->dir),
	                                         str_rchr(str_z(s->dir), '/'))),
	                       err) < 0 ||
	    (above.n && setup_make_folders(s, arena_strz(a, above), err) < 0))
		return -1;
	setup_will_make(s, SETUP_FOLDER, s->dir);
	setup_will_make(s, SETUP_FILE, s->config);
	setup_will_make(s, SETUP_TREE, data);
	if (init_write(a, &r, &file, err) < 0)
		return -1;
	s->changed = true;
	s->wrote[s->n_wrote++] = s->config;
	s->wrote[s->n_wrote++] = data;
	return 0;
}

/* What was written is what counts from here on. */
static int open_host(struct setup *s, struct err *err)
{
	config_free(&s->c->cfg);
	if (ctl_config_from(s->c, s->config) != CTL_OK)
		return err_set(err, ERR_INVALID, "%s has mistakes", s->config);
	return admin_open(&s->c->admin, s->c->cfg, err);
}

static int add_domain(struct setup *s, struct err *err)
{
	struct directory_domain d;

	if (admin_domain_get(s->c->admin, s->domain, &s->c->arena, &d, err) ==
	    0)
		return 0;
	if (err->kind != ERR_NOT_FOUND)
		return -1;
	s->changed = true;
	return CTL_DO(s->c, err, "domain.add", CTL_GIVE("domain", s->domain));
}

static int add_account(struct setup *s, struct err *err)
{
	struct directory_account acc;

	if (admin_account_find(s->c->admin, s->address, &s->c->arena, &acc,
	                       err) == 0)
		return 0;
	if (err->kind != ERR_NOT_FOUND)
		return -1;
	s->changed = true;
	return CTL_DO(s->c, err, "account.add",
	              CTL_GIVE("address", s->address));
}

static bool see_role(void *arg, const struct directory_role *r)
{
	bool *is_operator = arg;

	*is_operator |= r->domain == 0;
	return true;
}

static int add_operator(struct setup *s, struct err *err)
{
	struct directory_account acc;
	bool is_operator = false;

	if (admin_account_find(s->c->admin, s->address, &s->c->arena, &acc,
	                       err) < 0 ||
	    directory_role_each(admin_directory(s->c->admin), acc.id, see_role,
	                        &is_operator, err) < 0)
		return -1;
	if (is_operator)
		return 0;
	s->changed = true;
	return CTL_DO(s->c, err, "admin.add", CTL_GIVE("address", s->address));
}

/* Makes the keys that sign its mail. */
static int make_records(struct setup *s, struct err *err)
{
	struct admin_records *r = arena_zalloc(&s->c->arena, sizeof(*r));

	if (admin_domain_records(s->c->admin, s->domain, &s->c->arena, r, err) <
	    0)
		return -1;
	s->records = r->n;
	return 0;
}

/* Once there is a password, or while a link is good, none is needed. */
static int make_link(struct setup *s, struct err *err)
{
	struct admin_account acc;

	if (admin_account_get(s->c->admin, s->address, &s->c->arena, &acc,
	                      err) < 0 ||
	    admin_start_until(s->c->admin, s->address, &s->until_us, err) < 0)
		return -1;
	if (acc.has_password || s->until_us)
		return 0;
	s->changed = true;
	if (admin_start_link(s->c->admin, s->address, &s->c->arena, &s->link,
	                     err) < 0)
		return -1;
	return admin_start_until(s->c->admin, s->address, &s->until_us, err);
}

static const struct {
	int (*run)(struct setup *s, struct err *err);
	const char *what;
} steps[] = {
	{ setup_make_users, "make the users of the service" },
	{ make_files, "write the settings and the data folder" },
	{ setup_write_unit, "write the service" },
	{ open_host, "open the new host" },
	{ add_domain, "add the domain" },
	{ add_account, "add the account" },
	{ add_operator, "make the account an operator" },
	{ make_records, "make the keys of the domain" },
	{ setup_start, "start the service" },
	{ make_link, "make the link" },
};

static int fail(struct setup *s, const struct err *err, const char *what)
{
	setup_stop(s);
	admin_close(&s->c->admin);
	setup_undo(s);
	if (err->kind == ERR_NONE) /* its mistakes were shown */
		return CTL_CONFIG;
	return ctl_fail(s->c, err,
	                s->fresh ? "mend that and run it again: nothing of it "
	                           "was left behind"
	                         : NULL,
	                "cannot %s", what);
}

static int do_steps(struct setup *s)
{
	struct err err = ERR_INIT;

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		err = (struct err)ERR_INIT;
		if (steps[i].run(s, &err) < 0)
			return fail(s, &err, steps[i].what);
		if (ended) {
			err_set(&err, ERR_CLOSED, "stopped");
			(void)fail(s, &err, steps[i].what);
			return CTL_INTERRUPTED;
		}
	}
	return CTL_OK;
}

/* ---- what is told ---- */

static bool is_fatal(const struct admin_check_row *row)
{
	return row->grade == GRADE_MUST &&
	       (row->state == CHECK_WRONG || row->state == CHECK_MISSING);
}

static const char *word_of(const struct admin_check_row *row)
{
	if (is_fatal(row))
		return "FAIL";
	switch (row->state) {
	case CHECK_OK: return "ok";
	case CHECK_UNKNOWN: return "?";
	case CHECK_NOT_NEEDED: return "-";
	case CHECK_WARNING:
	case CHECK_WRONG:
	case CHECK_MISSING: break;
	}
	return "warn";
}

/* What a row is about, for people; its name follows unless that says nothing. */
static const struct {
	const char *id, *words;
	bool name;
} labels[] = {
	{ "hostname", "host name", true }, { "ptr", "reverse DNS", true },
	{ "outgoing", "outgoing", true },  { "disk", "disk of", true },
	{ "resolver", "DNS", false },      { "clock", "clock", false },
	{ "dnsbl", "list", true },
};

static void tell_label(const struct admin_check_row *row, struct buf *b)
{
	for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++)
		if (strcmp(labels[i].id, row->id) == 0) {
			buf_add_z(b, labels[i].words);
			if (!labels[i].name)
				return;
			buf_add_c(b, ' ');
		}
	buf_add(b, row->name);
}

static size_t tell_checks(struct setup *s, struct buf *b)
{
	size_t fatal = 0;

	buf_add_z(b, "Checking this machine\n");
	for (size_t i = 0; i < s->checks.n; i++) {
		const struct admin_check_row *row = &s->checks.v[i];

		fatal += is_fatal(row);
		buf_fmt(b, "  %-5s ", word_of(row));
		tell_label(row, b);
		if (row->found.n)
			buf_fmt(b, ": %.*s", STR_ARG(row->found));
		if (row->why.n)
			buf_fmt(b, "%s%.*s", row->found.n ? " - " : ": ",
			        STR_ARG(row->why));
		buf_add_c(b, '\n');
	}
	return fatal;
}

static void tell_service(struct setup *s, struct buf *b)
{
	if (strcmp(s->service, "started") == 0)
		buf_add_z(b, "The service posthus.service is enabled and "
		             "started\n");
	else if (strcmp(s->service, "written") == 0 && *s->root)
		buf_fmt(b,
		        "Nothing outside of %s was touched; start it with   "
		        "posthus serve --config %s\n",
		        s->root, s->config);
	else if (strcmp(s->service, "written") == 0)
		buf_add_z(b, "systemd does not run here: the service is "
		             "written, not started. Until it is,   posthus "
		             "serve\n");
}

static void tell_done(struct setup *s, struct buf *b)
{
	const char *of =
		*s->root ? arena_fmt(&s->c->arena, " --config %s", s->config).p
			 : "";

	if (!s->changed)
		buf_fmt(b, "Nothing to do: %.*s is set up\n",
		        STR_ARG(s->address));
	if (s->n_wrote)
		buf_add_z(b, "Wrote\n");
	for (size_t i = 0; i < s->n_wrote; i++)
		buf_fmt(b, "  %s\n", s->wrote[i]);
	tell_service(s, b);
	buf_fmt(b,
	        "DNS: %zu records for %.*s   ->   posthus domain dns %.*s%s   "
	        "(or --zone for a zone file)\n",
	        s->records, STR_ARG(s->domain), STR_ARG(s->domain), of);
	if (s->link.n)
		buf_fmt(b,
		        "Open once to choose the password of %.*s (valid 30 "
		        "min, single use):\n  %.*s\n",
		        STR_ARG(s->address), STR_ARG(s->link));
	else if (s->until_us)
		buf_fmt(b,
		        "The link of before is good still; another one:   "
		        "posthus account link %.*s%s\n",
		        STR_ARG(s->address), of);
	buf_fmt(b,
	        "Next: publish the records, then   posthus domain check %.*s "
	        "--wait%s\n",
	        STR_ARG(s->domain), of);
}

static void write_json(struct setup *s, const char *result, struct buf *b)
{
	struct json_writer w = json_writer(b);

	json_object(&w);
	json_member_z(&w, "result", result);
	json_member_bool(&w, "changed", s->changed);
	json_member_str(&w, "address", s->address);
	json_member_str(&w, "domain", s->domain);
	json_member_z(&w, "config", s->config);
	json_member_z(&w, "service", s->service ? s->service : "");
	json_key(&w, STR("written"));
	json_array(&w);
	for (size_t i = 0; i < s->n_wrote; i++)
		json_str(&w, str_z(s->wrote[i]));
	json_end(&w);
	json_member_u64(&w, "records", s->records);
	json_member_str(&w, "link", s->link);
	json_member_time(&w, "link_expires", s->until_us);
	json_key(&w, STR("machine"));
	admin_checks_write(&s->checks, &w);
	json_end(&w);
	buf_add_c(b, '\n');
}

static int say(struct ctl *c, struct buf *b)
{
	int rc = out_write(c, buf_str(b));

	buf_deinit(b);
	return rc;
}

/* ---- before anything is made ---- */

static void look_at_machine(struct setup *s)
{
	struct admin_check_options o = { .dns = NULL };
	struct ctl_resolver rs;
	struct err err = ERR_INIT;

	if (ctl_resolver_start(&rs, s->c->cfg, &err) < 0) {
		ctl_note(s->c, "cannot ask DNS: %s", err.text);
		return;
	}
	o.dns = rs.client;
	admin_machine(s->c->cfg, &o, s->fresh, &s->c->arena, &s->checks);
	ctl_resolver_stop(&rs);
}

/* CTL_OK to go on. */
static int judge_machine(struct setup *s)
{
	struct buf b;
	size_t fatal;
	int rc = CTL_OK;

	look_at_machine(s);
	buf_init(&b, 1 << 20);
	fatal = tell_checks(s, &b);
	if (!s->c->json)
		rc = say(s->c, &b);
	else
		buf_deinit(&b);
	if (rc != CTL_OK || !fatal || !s->fresh) /* it runs as it is */
		return rc;
	if (ctl_option(s->c, "dry-run"))
		return CTL_FINDINGS;
	if (ctl_confirm(s->c, "%zu of these keep a mail host from working.",
	                fatal))
		return CTL_OK;
	if (s->c->json) {
		buf_init(&b, 1 << 20);
		write_json(s, "refused", &b);
		(void)say(s->c, &b);
	}
	return CTL_FINDINGS;
}

static int begin(struct setup *s)
{
	struct ctl *c = s->c;
	struct str address = ctl_arg(c, 0);
	size_t at = str_rchr(address, '@');
	const char *root = ctl_option(c, "root");
	char path[4096];

	if (ctl_option(c, "config"))
		return ctl_usage(c, "setup has one place for its settings: "
		                    "--root DIR, not --config");
	if (at == STR_NPOS || at == 0 || at + 1 == address.n)
		return ctl_usage(c, "\"%.*s\" is no address: you@example.com",
		                 STR_ARG(address));
	s->address = address;
	s->domain = str_from(address, at + 1);
	s->root = "";
	if (root) {
		host_absolute_path(root, path, sizeof(path));
		s->root = arena_strz(&c->arena, str_z(path));
	}
	s->dir = arena_fmt(&c->arena, "%s/etc/posthus", s->root).p;
	s->config = arena_fmt(&c->arena, "%s/posthus.conf", s->dir).p;
	s->unit = arena_fmt(&c->arena, "%s/etc/systemd/system/posthus.service",
	                    s->root)
	                  .p;
	s->users = "/etc/sysusers.d/posthus.conf";
	s->fresh = access(s->config, F_OK) < 0;
	return CTL_OK;
}

/* The settings that a new host gets. */
static int new_settings(struct setup *s)
{
	struct init_request r = { .dir = s->dir };
	const char *name = ctl_option(s->c, "hostname");
	char own[256];

	if (!name) {
		host_name(own, sizeof(own));
		name = arena_strz(&s->c->arena, str_z(own));
	}
	if (str_chr(str_z(name), '.') == STR_NPOS)
		return ctl_usage(s->c,
		                 "\"%s\" is no full name of this machine; say "
		                 "it with --hostname mx.example.com",
		                 name);
	r.set = s->set = init_settings(
		s->c, name,
		arena_fmt(&s->c->arena, "%s/var/lib/posthus", s->root).p);
	return init_load(&r, s->config, &s->c->cfg) < 0 ? CTL_CONFIG : CTL_OK;
}

/* The settings: those of the file, or those that it will have. */
static int take_settings(struct setup *s)
{
	struct err err = ERR_INIT;

	if (!*s->root && !host_is_root()) {
		err_set(&err, ERR_DENIED, "only root may set up the machine");
		return ctl_fail(s->c, &err, "sudo, or --root DIR for a trial",
		                "cannot set up %.*s", STR_ARG(s->address));
	}
	if (!s->fresh) {
		if (ctl_option(s->c, "hostname") || ctl_option(s->c, "set") ||
		    ctl_option(s->c, "listen") ||
		    ctl_option(s->c, "port-offset"))
			ctl_note(s->c,
			         "note: the settings in %s stay as they "
			         "are",
			         s->config);
		return ctl_config_from(s->c, s->config);
	}
	return new_settings(s);
}

int ctl_run_setup(struct ctl *c)
{
	struct sigaction act = { .sa_handler = on_signal };
	struct setup *s = arena_zalloc(&c->arena, sizeof(*s));
	bool dry = ctl_option(c, "dry-run") != NULL;
	struct buf b;
	int rc;

	s->c = c;
	rc = begin(s);
	if (rc == CTL_OK)
		rc = take_settings(s);
	if (rc != CTL_OK)
		return rc;
	(void)sigaction(SIGINT, &act, NULL);
	(void)sigaction(SIGTERM, &act, NULL);
	(void)sigaction(SIGHUP, &act, NULL);
	rc = judge_machine(s);
	if (rc != CTL_OK && !(dry && rc == CTL_FINDINGS))
		return rc;
	if (!dry)
		rc = do_steps(s);
	if (rc != CTL_OK && !dry)
		return rc;
	buf_init(&b, 1 << 20);
	if (c->json)
		write_json(s,
		           dry          ? "dry run"
		           : s->changed ? "set up"
		                        : "there",
		           &b);
	else if (dry)
		buf_add_z(&b, "Nothing was changed: --dry-run\n");
	else
		tell_done(s, &b);
	if (say(c, &b) != CTL_OK)
		return CTL_FAILED;
	return rc;
}
