#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "admin/script.h"
#include "base/map.h"
#include "ctl/show.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/host.h"
#include "os/spool.h"
#include "transfer/transfer.h"

#define SPOOL_BUDGET UINT64_C(32) * 1024 * 1024

static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
	(void)number;
	interrupted = 1;
}

struct bar {
	struct ctl *c;
	int64_t begun_us, shown_us;
	bool to_person; /* stderr is a terminal */
	bool shown;
};

static void write_rest(struct buf *b, const struct transfer_counts *n,
                       int64_t passed_us)
{
	uint64_t past = n->done + n->known + n->failed;
	uint64_t rate = passed_us > 0 ? n->done * (uint64_t)US_PER_SEC /
	                                        (uint64_t)passed_us
	                              : 0;

	buf_fmt(b, ", %llu/s", (unsigned long long)rate);
	if (n->counted && rate && n->found > past)
		buf_fmt(b, ", %llu s left",
		        (unsigned long long)((n->found - past) / rate));
}

static void write_progress(struct bar *bar, struct buf *b,
                           const struct transfer_counts *n, struct str where,
                           int64_t now)
{
	uint64_t past = n->done + n->known + n->failed;

	if (bar->to_person && n->counted && n->found) {
		uint64_t full = past * 20 / n->found;

		buf_add_c(b, '[');
		for (uint64_t i = 0; i < 20; i++)
			buf_add_c(b, i < full ? '#' : ' ');
		buf_add_z(b, "] ");
	}
	buf_fmt(b, "%llu of %llu%s messages", (unsigned long long)past,
	        (unsigned long long)n->found, n->counted ? "" : " or more");
	write_rest(b, n, now - bar->begun_us);
	buf_fmt(b, " %.*s",
	        STR_ARG(str_to(where, where.n > 30 ? 30 : where.n)));
}

/* Four times a second on a terminal, else every 10 s. */
static bool show_progress(void *arg, const struct transfer_counts *n,
                          struct str where)
{
	struct bar *bar = arg;
	int64_t now = clock_steady_us();
	int64_t every = bar->to_person ? US_PER_SEC / 4 : 10 * US_PER_SEC;
	struct err ignored = ERR_INIT;
	struct buf b;

	if (interrupted)
		return false;
	if (bar->c->quiet || now - bar->shown_us < every)
		return true;
	bar->shown_us = now;
	bar->shown = true;
	buf_init(&b, 1000);
	buf_add_z(&b, bar->to_person ? "\r\033[K" : "");
	write_progress(bar, &b, n, where, now);
	buf_add_z(&b, bar->to_person ? "" : "\n");
	err_drop(file_write(2, buf_str(&b), &ignored)); /* then unseen */
	buf_deinit(&b);
	return true;
}

static void end_progress(struct bar *bar)
{
	struct err ignored = ERR_INIT;

	if (bar->to_person && bar->shown)
		err_drop(file_write(2, STR("\r\033[K"), &ignored));
}

static void show_failed(void *arg, struct str item, const struct err *why)
{
	struct bar *bar = arg;

	end_progress(bar);
	ctl_note(bar->c, "failed: %.*s: %s", STR_ARG(item), why->text);
}

static const struct out_column columns[] = {
	{ "address", "account" }, { "done", "done" },
	{ "known", "known" },     { "failed", "failed" },
	{ "folders", "folders" }, { "bytes", "size" },
	{ "scripts", "scripts" },
};

/* How it ended: an error, an interruption, or the counts. */
static int finish(struct ctl *c, struct bar *bar, int rc, const char *what,
                  struct str address, const struct transfer_counts *n,
                  const struct err *err)
{
	struct out o;

	end_progress(bar);
	if (rc < 0 && interrupted) {
		ctl_note(c,
		         "stopped after %llu messages; the same command "
		         "goes on from there",
		         (unsigned long long)n->done);
		return CTL_INTERRUPTED;
	}
	if (rc < 0)
		return ctl_fail(c, err, "the same command goes on from there",
		                "cannot %s all mail of %.*s", what,
		                STR_ARG(address));
	out_begin(&o, c, columns, sizeof(columns) / sizeof(columns[0]), true);
	out_text(&o, address);
	out_number(&o, n->done);
	out_number(&o, n->known);
	out_number(&o, n->failed);
	out_number(&o, n->folders);
	out_bytes(&o, n->bytes);
	out_number(&o, n->scripts);
	rc = out_end(&o);
	return rc == CTL_OK && n->failed ? CTL_FAILED : rc;
}

/* The account and the store of a transfer; CTL_OK or the exit. */
static int open_transfer(struct ctl *c, struct transfer *t,
                         struct directory_account *acc, struct bar *bar)
{
	struct sigaction act = { .sa_handler = on_signal };
	struct err err = ERR_INIT;
	int rc = ctl_admin(c);

	if (rc != CTL_OK)
		return rc;
	if (admin_account_find(c->admin, ctl_arg(c, 0), &c->arena, acc, &err) <
	    0)
		return ctl_fail(c, &err, show_address_hint(c, ctl_arg(c, 0)),
		                "cannot open the account %.*s",
		                STR_ARG(ctl_arg(c, 0)));
	if (admin_store(c->admin, &t->store, &err) < 0)
		return ctl_fail(c, &err, NULL, "cannot open the store");
	t->account = (struct store_account){
		.id = acc->id,
		.shard = acc->shard,
		.quota_bytes = acc->quota_bytes,
	};
	*bar = (struct bar){ .c = c,
		             .begun_us = clock_steady_us(),
		             .to_person = isatty(2) != 0 };
	t->progress = show_progress;
	t->progress_arg = bar;
	t->report = show_failed;
	t->report_arg = bar;
	sigaction(SIGINT, &act, NULL);
	sigaction(SIGTERM, &act, NULL);
	return CTL_OK;
}

/* The state of an import of this path into this account. */
static const char *state_path(struct ctl *c, int64_t account, const char *path)
{
	uint64_t hash = map_hash(0, str_z(path));

	return config_data_path(c->cfg, &c->arena,
	                        arena_fmt(&c->arena,
	                                  "import-%lld-%016llx.state",
	                                  (long long)account,
	                                  (unsigned long long)hash)
	                                .p);
}

static int open_spool(struct ctl *c, struct spool_pool **pool,
                      const char **dir_out, struct err *err)
{
	const char *dir;

	if (file_mkdir(config_data_path(c->cfg, &c->arena, "spool"), 0770,
	               err) < 0)
		return -1;
	dir = config_data_path(
		c->cfg, &c->arena,
		arena_fmt(&c->arena, "spool/import-%ld", (long)getpid()).p);
	*dir_out = dir;
	return spool_pool_open(pool, dir, SPOOL_BUDGET, true, err);
}

int ctl_run_import(struct ctl *c)
{
	struct transfer t = { .folder = ctl_option(c, "folder") };
	struct transfer_counts n = { .found = 0 };
	struct directory_account acc;
	struct err err = ERR_INIT;
	const char *dir = NULL;
	struct bar bar;
	char path[4096];
	int rc = open_transfer(c, &t, &acc, &bar);

	if (rc != CTL_OK)
		return rc;
	host_absolute_path(ctl_arg(c, 1).p, path, sizeof(path));
	t.message_max = config_u64(c->cfg, OPT_LIMITS_MESSAGE_BYTES);
	t.scripts.scripts = config_u64(c->cfg, OPT_SIEVE_SCRIPTS_MAX);
	t.scripts.bytes = config_u64(c->cfg, OPT_SIEVE_SCRIPT_BYTES);
	t.state = state_path(c, acc.id, path);
	rc = open_spool(c, &t.spool, &dir, &err);
	if (rc == 0)
		rc = transfer_import(&t, path, &n, &err);
	if (rc == 0)
		rc = admin_script_tell(c->admin, acc.address, &err);
	spool_pool_free(&t.spool);
	if (dir)
		rmdir(dir);
	return finish(c, &bar, rc, "import", acc.address, &n, &err);
}

int ctl_run_export(struct ctl *c)
{
	const char *word = ctl_option(c, "format");
	enum transfer_format format = TRANSFER_MAILDIR;
	struct transfer_counts n = { .found = 0 };
	struct transfer t = { .store = NULL };
	struct directory_account acc;
	struct err err = ERR_INIT;
	struct bar bar;
	int rc;

	if (word && strcmp(word, "mbox") == 0)
		format = TRANSFER_MBOX;
	else if (word && strcmp(word, "maildir") != 0)
		return ctl_usage(c, "--format is maildir or mbox, not \"%s\"",
		                 word);
	rc = open_transfer(c, &t, &acc, &bar);
	if (rc != CTL_OK)
		return rc;
	rc = transfer_export(&t, ctl_arg(c, 1).p, format, &n, &err);
	return finish(c, &bar, rc, "export", acc.address, &n, &err);
}
