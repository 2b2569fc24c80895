#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "admin/admin.h"
#include "base/mem.h"
#include "ctl/out.h"
#include "ctl/resolver.h"
#include "ctl/show.h"
#include "migrate/migrate.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/spool.h"

#define SPOOL_BUDGET ((uint64_t)32 * 1024 * 1024)

static int stop_fd = -1;

static void on_signal(int number)
{
	const uint64_t one = 1;
	ssize_t ignored = write(stop_fd, &one, sizeof(one));

	(void)number;
	(void)ignored;
}

struct bar {
	struct ctl *c;
	int64_t begun_us, shown_us;
	bool to_person, shown;
};

static void write_progress(const struct bar *bar, struct buf *b,
                           const struct migrate_report *r, int64_t now)
{
	uint64_t past = r->imported + r->known + r->failed;
	uint64_t s = (uint64_t)((now - bar->begun_us) / US_PER_SEC);
	uint64_t rate = s ? r->imported / s : 0;

	if (bar->to_person && r->messages) {
		uint64_t full = past * 20 / r->messages;

		buf_add_c(b, '[');
		for (uint64_t i = 0; i < 20; i++)
			buf_add_c(b, i < full ? '#' : ' ');
		buf_add_z(b, "] ");
	}
	buf_fmt(b, "%llu of %llu messages, folder %zu of %zu, %llu/s",
	        (unsigned long long)past, (unsigned long long)r->messages,
	        r->folders_done, r->folders_n, (unsigned long long)rate);
	if (rate && r->messages > past)
		buf_fmt(b, ", %llu s left",
		        (unsigned long long)((r->messages - past) / rate));
}

/* Four times a second on a terminal, else every 10 s. */
static void show_progress(void *arg, const struct migrate_report *r)
{
	struct bar *bar = arg;
	int64_t now = clock_steady_us();
	int64_t every = bar->to_person ? US_PER_SEC / 4 : 10 * US_PER_SEC;
	struct err ignored = ERR_INIT;
	struct buf b;

	if (bar->c->quiet || now - bar->shown_us < every)
		return;
	bar->shown_us = now;
	bar->shown = true;
	buf_init(&b, 1000);
	buf_add_z(&b, bar->to_person ? "\r\033[K" : "");
	write_progress(bar, &b, r, now);
	buf_add_z(&b, bar->to_person ? "" : "\n");
	err_drop(file_write(2, buf_str(&b), &ignored)); /* then unseen */
	buf_deinit(&b);
}

static const struct out_column columns[] = {
	{ "there", "there" },       { "here", "here" },
	{ "messages", "messages" }, { "found", "found here" },
	{ "imported", "imported" }, { "known", "known" },
	{ "failed", "failed" },     { "skipped", "skipped because" },
};

static int show_report(struct ctl *c, const struct migrate_report *r)
{
	struct out o;

	for (size_t i = 0; i < r->failures_n; i++)
		ctl_note(c, "failed: %.*s, UID %u: %.*s",
		         STR_ARG(r->failures[i].folder), r->failures[i].uid,
		         STR_ARG(r->failures[i].why));
	out_begin(&o, c, columns, sizeof(columns) / sizeof(columns[0]), false);
	for (size_t i = 0; i < r->folders_n; i++) {
		const struct migrate_folder *f = &r->folders[i];

		out_text(&o, f->there);
		out_text(&o, f->here);
		out_number(&o, f->messages);
		out_number(&o, f->found);
		out_number(&o, f->imported);
		out_number(&o, f->known);
		out_number(&o, f->failed);
		out_text(&o, f->skipped);
	}
	return out_end(&o);
}

static int finish(struct ctl *c, struct bar *bar, int rc,
                  const struct migrate_report *r, const struct err *err)
{
	struct err ignored = ERR_INIT;

	if (bar->to_person && bar->shown)
		err_drop(file_write(2, STR("\r\033[K"), &ignored));
	if (rc < 0 && err->kind == ERR_CLOSED && r->folders_n) {
		ctl_note(c,
		         "stopped after %llu messages; the same command goes "
		         "on from there",
		         (unsigned long long)r->imported);
		return CTL_INTERRUPTED;
	}
	if (rc < 0)
		return ctl_fail(c, err, "the same command goes on from there",
		                "cannot import all mail from %.*s",
		                STR_ARG(ctl_arg(c, 1)));
	rc = show_report(c, r);
	return rc == CTL_OK && r->failed ? CTL_FAILED : rc;
}

static int read_options(struct ctl *c, struct migrate *m, struct str user)
{
	const char *port = ctl_option(c, "port"), *name = ctl_option(c, "user");
	uint32_t n = 993;

	m->server.host = ctl_arg(c, 1);
	m->server.user = name ? str_z(name) : user;
	m->server.starttls = ctl_option(c, "starttls") != NULL;
	m->server.ca_file = ctl_option(c, "ca-file");
	if (m->server.starttls)
		n = 143;
	if (port && (!str_to_u32(str_z(port), &n) || n == 0 || n > 65535))
		return ctl_usage(c, "--port is a number up to 65535");
	m->server.port = (uint16_t)n;
	return ctl_password(c, true, &m->server.password);
}

static int open_all(struct ctl *c, struct migrate *m, struct ctl_resolver *rs,
                    const char **spool_dir, struct err *err)
{
	const char *dir = config_data_path(
		c->cfg, &c->arena,
		arena_fmt(&c->arena, "spool/migrate-%ld", (long)getpid()).p);

	stop_fd = eventfd(0, EFD_CLOEXEC);
	m->stop_fd = stop_fd;
	m->dir = config_data_path(c->cfg, &c->arena, "import");
	m->message_max = config_u64(c->cfg, OPT_LIMITS_MESSAGE_BYTES);
	if (file_mkdir(config_data_path(c->cfg, &c->arena, "spool"), 0770,
	               err) < 0 ||
	    ctl_resolver_start(rs, c->cfg, err) < 0)
		return -1;
	m->dns = rs->client;
	*spool_dir = dir;
	return spool_pool_open(&m->spool, dir, SPOOL_BUDGET, true, err);
}

static int run(struct ctl *c, struct migrate *m)
{
	struct sigaction act = { .sa_handler = on_signal };
	struct migrate_report *r = arena_zalloc(&c->arena, sizeof(*r));
	struct ctl_resolver rs = { .server = NULL };
	const char *spool_dir = NULL;
	struct err err = ERR_INIT;
	struct bar bar = { .c = c,
		           .begun_us = clock_steady_us(),
		           .to_person = isatty(2) != 0 };
	int rc = open_all(c, m, &rs, &spool_dir, &err);

	m->progress = show_progress;
	m->progress_arg = &bar;
	sigaction(SIGINT, &act, NULL);
	sigaction(SIGTERM, &act, NULL);
	if (rc == 0)
		rc = migrate_run(m, &c->arena, r, &err);
	mem_wipe((char *)(uintptr_t)m->server.password.p, m->server.password.n);
	spool_pool_free(&m->spool);
	if (spool_dir)
		(void)rmdir(spool_dir);
	if (rs.server)
		ctl_resolver_stop(&rs);
	return finish(c, &bar, rc, r, &err);
}

int ctl_run_import_imap(struct ctl *c)
{
	struct migrate m = { .stop_fd = -1 };
	struct directory_account acc;
	struct err err = ERR_INIT;
	int rc = ctl_admin(c);

	if (rc != CTL_OK)
		return rc;
	if (admin_account_find(c->admin, ctl_arg(c, 0), &c->arena, &acc, &err) <
	    0)
		return ctl_fail(c, &err, show_address_hint(c, ctl_arg(c, 0)),
		                "cannot open the account %.*s",
		                STR_ARG(ctl_arg(c, 0)));
	rc = read_options(c, &m, acc.address);
	if (rc != CTL_OK)
		return rc;
	if (admin_store(c->admin, &m.store, &err) < 0)
		return ctl_fail(c, &err, NULL, "cannot open the store");
	m.account = (struct store_account){ .id = acc.id,
		                            .shard = acc.shard,
		                            .quota_bytes = acc.quota_bytes };
	return run(c, &m);
}
