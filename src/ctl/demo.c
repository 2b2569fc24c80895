#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "admin/admin.h"
#include "base/mem.h"
#include "ctl/demo_mail.h"
#include "ctl/init.h"
#include "ctl/out.h"
#include "directory/role.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/host.h"
#include "store/append.h"

#define DOMAIN   "demo.example"
#define PASSWORD "demo"

/* How long the host may take to begin and to end. */
#define READY_US (20 * US_PER_SEC)
#define END_US   (10 * US_PER_SEC)

static const struct {
	enum demo_person person;
	const char *address, *name;
	const char *may; /* what the panel lets them do */
} people[] = {
	{ DEMO_ANNA, "anna@" DOMAIN, "Anna Lind", "" },
	{ DEMO_BO, "bo@" DOMAIN, "Bo Berg", ", administers " DOMAIN },
	{ DEMO_ADMIN, "admin@" DOMAIN, "Administrator", " of the whole host" },
};

#define PEOPLE (sizeof(people) / sizeof(people[0]))

struct demo {
	struct ctl *c;
	char dir[4096];
	bool temporary;
	const char *config;
	int ready; /* where the host says READY=1 */
	struct sockaddr_un ready_at;
	pid_t host;
};

static volatile sig_atomic_t ended;

static void on_signal(int number)
{
	(void)number;
	ended = 1;
}

/* ---- what is in it ---- */

/* Bo administers the domain, the administrator the host. */
static int add_roles(struct admin *adm, const int64_t ids[DEMO_ADMIN + 1],
                     struct err *err)
{
	struct directory *dir = admin_directory(adm);
	struct directory_domain d;
	struct arena a;
	int rc;

	arena_init(&a);
	rc = directory_domain_get(dir, STR(DOMAIN), &a, &d, err);
	if (rc == 0)
		rc = directory_role_add(dir, ids[DEMO_BO], d.id, err);
	if (rc == 0)
		rc = directory_role_add(dir, ids[DEMO_ADMIN], 0, err);
	arena_deinit(&a);
	return rc;
}

static int add_people(struct admin *adm, struct err *err)
{
	const struct admin_domain_new domain = { .name = STR_INIT(DOMAIN) };
	const struct str both[] = { STR_INIT("anna@" DOMAIN),
		                    STR_INIT("bo@" DOMAIN) };
	int64_t ids[DEMO_ADMIN + 1] = { 0 };

	if (admin_domain_add(adm, &domain, err) < 0)
		return -1;
	for (size_t i = 0; i < PEOPLE; i++) {
		struct admin_account_new n = {
			.address = str_z(people[i].address),
			.name = str_z(people[i].name),
			.password = STR(PASSWORD),
		};

		if (admin_account_add(adm, &n, &ids[people[i].person], err) < 0)
			return -1;
	}
	if (admin_domain_admin(adm, domain.name, STR("admin@" DOMAIN), err) <
	            0 ||
	    admin_alias_set(adm, STR("info@" DOMAIN), both, 2, false, err) <
	            0 ||
	    add_roles(adm, ids, err) < 0)
		return -1;
	return admin_catchall_set(adm, domain.name, STR("admin@" DOMAIN), err);
}

/* One message to each of its people; all in one transaction. */
static int store_message(struct admin *adm, struct store *store,
                         const struct demo_message *m, int64_t now_us,
                         struct arena *a, struct err *err)
{
	struct append_target targets[PEOPLE];
	struct directory_account acc;
	struct append *message;
	struct buf text;
	size_t n = 0;
	int rc = 0;

	buf_init(&text, 1 << 20);
	demo_mail_write(m, now_us, &text);
	if (append_prepare_str(&message, store, buf_str(&text), err) < 0) {
		buf_deinit(&text);
		return -1;
	}
	for (size_t i = 0; rc == 0 && i < PEOPLE; i++) {
		if (!(m->persons & people[i].person))
			continue;
		rc = admin_account_find(adm, str_z(people[i].address), a, &acc,
		                        err);
		targets[n++] = (struct append_target){
			.message = message,
			.account = { .id = acc.id,
			             .shard = acc.shard,
			             .quota_bytes = acc.quota_bytes },
			.use = m->use,
			.flags = m->flags,
			.internaldate_us =
				now_us - (int64_t)m->minutes * US_PER_MIN,
		};
	}
	if (rc == 0)
		rc = append_commit(store, targets, n, STR(""), NULL, err);
	append_free(&message);
	buf_deinit(&text);
	return rc;
}

static int older_first(const void *a, const void *b)
{
	const struct demo_message *const *x = a, *const *y = b;

	return (*x)->minutes < (*y)->minutes   ? 1
	       : (*x)->minutes > (*y)->minutes ? -1
	                                       : 0;
}

/* The messages in the order of their arrival, NULL at the end. */
static const struct demo_message **by_arrival(struct arena *a)
{
	const struct demo_message **list;
	size_t n = 0;

	while (demo_messages[n].id)
		n++;
	list = arena_array(a, n + 1, sizeof(*list));
	for (size_t i = 0; i < n; i++)
		list[i] = &demo_messages[i];
	qsort(list, n, sizeof(*list), older_first);
	return list;
}

static int fill(struct ctl *c, struct err *err)
{
	const struct demo_message **m = by_arrival(&c->arena);
	int64_t now_us = clock_wall_us();
	struct store *store;

	if (add_people(c->admin, err) < 0 ||
	    admin_store(c->admin, &store, err) < 0)
		return -1;
	for (; *m; m++)
		if (store_message(c->admin, store, *m, now_us, &c->arena, err) <
		    0)
			return -1;
	return 0;
}

/* ---- the folder ---- */

static int remove_one(const char *path, const struct stat *st, int kind,
                      struct FTW *at)
{
	(void)st;
	(void)kind;
	(void)at;
	return remove(path);
}

/* Only what this run has made for itself is ever removed. */
static void remove_folder(struct demo *d)
{
	if (d->temporary)
		nftw(d->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static int make_folder(struct demo *d, struct err *err)
{
	const char *asked = ctl_option(d->c, "data");
	const char *tmp = getenv("TMPDIR");

	if (asked) {
		host_absolute_path(asked, d->dir, sizeof(d->dir));
		return file_mkdir(d->dir, 0700, err);
	}
	snprintf(d->dir, sizeof(d->dir), "%s/posthus-demo-XXXXXX",
	         tmp && tmp[0] == '/' ? tmp : "/tmp");
	if (!mkdtemp(d->dir))
		return err_sys(err, errno, "%s", d->dir);
	d->temporary = true;
	return 0;
}

static int write_settings(struct demo *d, struct err *err)
{
	const char *offset = ctl_option(d->c, "port-offset");
	const char *set[] = {
		"server.hostname=mail." DOMAIN,
		"server.data=data",
		"server.free_space_reserve=16M",
		"provider.domain=" DOMAIN,
		"listen.addresses=127.0.0.1",
		NULL, /* the offset */
		/* Browsers do not open port 10080. */
		"listen.http_alt=8080",
		"policy.helo=log",
		"policy.spf=log",
		"policy.greylist=log",
		/* No look-ups of what is sent to it from this machine. */
		"policy.exempt=127.0.0.0/8",
		/* Nothing leaves this machine. */
		"relay.send=false",
		NULL,
	};
	struct init_request r = { .dir = d->dir, .set = set };

	set[5] = arena_fmt(&d->c->arena, "listen.port_offset=%s",
	                   offset ? offset : "10000")
	                 .p;
	return init_write(&d->c->arena, &r, &d->config, err);
}

/* Make the host of the folder, or take the one that is there. */
static int prepare(struct demo *d)
{
	struct ctl *c = d->c;
	struct err err = ERR_INIT;
	bool fresh;
	int rc;

	d->config = arena_fmt(&c->arena, "%s/posthus.conf", d->dir).p;
	fresh = access(d->config, F_OK) < 0;
	if (fresh && write_settings(d, &err) < 0)
		return err.kind == ERR_NONE ? CTL_USAGE
		                            : ctl_fail(c, &err, NULL,
		                                       "cannot make the demo");
	if (!fresh && ctl_option(c, "port-offset"))
		ctl_note(c, "note: the ports of %s stay as they are there",
		         d->config);
	rc = ctl_config_from(c, d->config);
	if (rc == CTL_OK)
		rc = ctl_admin(c);
	if (rc == CTL_OK && fresh && fill(c, &err) < 0)
		rc = ctl_fail(c, &err, NULL, "cannot fill the demo");
	admin_close(&c->admin);
	return rc;
}

/* ---- the host ---- */

/* A socket to be told on, as systemd does it (sd_notify(3)). */
static int open_ready(struct demo *d, struct err *err)
{
	struct sockaddr_un *a = &d->ready_at;

	a->sun_family = AF_UNIX;
	/* A name without a file: nothing to clean up. */
	snprintf(a->sun_path + 1, sizeof(a->sun_path) - 1, "posthus-demo-%ld",
	         (long)getpid());
	d->ready = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (d->ready < 0 ||
	    bind(d->ready, (struct sockaddr *)a,
	         (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 +
	                     strlen(a->sun_path + 1))) < 0)
		return err_sys(err, errno, "a socket");
	return 0;
}

static void become_host(struct demo *d, int log)
{
	char name[128];

	snprintf(name, sizeof(name), "@%s", d->ready_at.sun_path + 1);
	setpgid(0, 0); /* Ctrl+C is for us; we tell the host */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	setenv("NOTIFY_SOCKET", name, 1);
	dup2(log, 2);
	execl("/proc/self/exe", "posthus", "serve", "--config", d->config,
	      (char *)NULL);
	_exit(127);
}

static int start_host(struct demo *d, struct err *err)
{
	const char *path = arena_fmt(&d->c->arena, "%s/log", d->dir).p;
	int log = file_open(path, O_WRONLY | O_CREAT | O_APPEND, 0600, err);

	if (log < 0)
		return -1;
	d->host = fork();
	if (d->host == 0)
		become_host(d, log);
	file_close(&log);
	return d->host < 0 ? err_sys(err, errno, "a process") : 0;
}

static bool host_lives(struct demo *d)
{
	if (d->host > 0 && waitpid(d->host, NULL, WNOHANG) == d->host)
		d->host = 0;
	return d->host > 0;
}

static bool says_ready(struct demo *d, int wait_ms)
{
	struct pollfd p = { .fd = d->ready, .events = POLLIN };
	char text[256];
	ssize_t n;

	if (poll(&p, 1, wait_ms) <= 0)
		return false;
	n = recv(d->ready, text, sizeof(text), MSG_DONTWAIT);
	return n > 0 && str_find((struct str){ text, (size_t)n },
	                         STR("READY=1")) != STR_NPOS;
}

static int wait_ready(struct demo *d, struct err *err)
{
	int64_t until = clock_steady_us() + READY_US;

	while (!says_ready(d, 50)) {
		if (ended)
			return err_set(err, ERR_CLOSED, "stopped");
		if (!host_lives(d))
			return err_set(err, ERR_TEMP,
			               "the host ended; its last words are "
			               "below");
		if (clock_steady_us() > until)
			return err_set(err, ERR_TIMEOUT,
			               "the host was not ready in time");
	}
	return 0;
}

static void stop_host(struct demo *d)
{
	int64_t until = clock_steady_us() + END_US;

	if (!host_lives(d))
		return;
	kill(d->host, SIGTERM);
	while (host_lives(d) && clock_steady_us() < until)
		clock_sleep_us(20 * US_PER_MS);
	if (host_lives(d)) {
		kill(-d->host, SIGKILL);
		waitpid(d->host, NULL, 0);
	}
}

/* The end of the log, where the host said why. */
static void show_log(struct demo *d)
{
	const char *path = arena_fmt(&d->c->arena, "%s/log", d->dir).p;
	struct err ignored = ERR_INIT;
	struct str text;
	char *p;
	size_t n;

	if (file_read_all(path, (size_t)16 << 20, &p, &n, &ignored) < 0)
		return;
	text = (struct str){ p, n };
	if (text.n > 2000) {
		text = str_from(text, text.n - 2000);
		text = str_from(text, str_chr(text, '\n') == STR_NPOS
		                              ? 0
		                              : str_chr(text, '\n') + 1);
	}
	err_drop(file_write(2, text, &ignored)); /* then unseen */
	mem_free(p);
}

/* ---- what is told ---- */

static void write_ports(struct ctl *c, struct buf *b)
{
	static const struct {
		enum config_option tls, plain;
		const char *name;
	} rows[] = {
		{ OPT_LISTEN_IMAPS, OPT_LISTEN_IMAP, "imap" },
		{ OPT_LISTEN_POP3S, OPT_LISTEN_POP3, "pop3" },
		{ OPT_LISTEN_SUBMISSIONS, OPT_LISTEN_SUBMISSION, "send" },
	};

	uint16_t web = config_port(c->cfg, OPT_LISTEN_HTTP_ALT);

	if (!web) /* a folder of an older demo */
		web = config_port(c->cfg, OPT_LISTEN_HTTP);
	for (size_t i = 0; i < 3; i++)
		buf_fmt(b,
		        "  %-8s 127.0.0.1  port %u with TLS, %u plain or "
		        "STARTTLS\n",
		        rows[i].name, config_port(c->cfg, rows[i].tls),
		        config_port(c->cfg, rows[i].plain));
	buf_fmt(b,
	        "  %-8s 127.0.0.1  port %u (also submission on %u), as other "
	        "servers deliver\n",
	        "smtp", config_port(c->cfg, OPT_LISTEN_SMTP),
	        config_port(c->cfg, OPT_LISTEN_SUBMISSION_ALT));
	buf_fmt(b, "  %-8s http://127.0.0.1:%u/  https://127.0.0.1:%u/\n",
	        "web", web, config_port(c->cfg, OPT_LISTEN_HTTPS));
	buf_fmt(b, "  %-8s http://127.0.0.1:%u/admin/   (as bo or admin)\n",
	        "panel", web);
	buf_fmt(b, "  %-8s http://127.0.0.1:%u/metrics\n", "figures",
	        config_port(c->cfg, OPT_LISTEN_METRICS));
}

static void tell(struct demo *d)
{
	struct ctl *c = d->c;
	struct buf b;

	buf_init(&b, 65536);
	buf_fmt(&b,
	        "posthus " CTL_VERSION " demo - nothing leaves this computer, "
	        "data in %s%s\n\n",
	        d->dir, d->temporary ? " (temporary)" : "");
	for (size_t i = 0; i < PEOPLE; i++)
		buf_fmt(&b, "  %-20s password " PASSWORD "   %s%s\n",
		        people[i].address, people[i].name, people[i].may);
	buf_add_z(&b, "  info@" DOMAIN "    alias of anna and bo\n"
	              "  any other @" DOMAIN " is taken too: catch-all, to "
	              "admin\n\n");
	write_ports(c, &b);
	buf_fmt(&b,
	        "\nThe certificate is self-signed. Other commands:\n"
	        "  export POSTHUS_CONFIG=%s\n\n",
	        d->config);
	buf_add_z(&b,
	          d->temporary
	                  ? "Ready. Ctrl+C ends and deletes the demo (keep it "
	                    "with --data DIR)\n"
	                  : "Ready. Ctrl+C ends the demo; its data stays\n");
	out_write(c, buf_str(&b));
	buf_deinit(&b);
}

static int run_host(struct demo *d)
{
	struct err err = ERR_INIT;
	int rc = CTL_OK;

	if (open_ready(d, &err) < 0 || start_host(d, &err) < 0 ||
	    wait_ready(d, &err) < 0) {
		if (ended)
			return CTL_INTERRUPTED;
		rc = ctl_fail(d->c, &err,
		              "are the ports free? another --port-offset N",
		              "cannot start the demo");
		show_log(d);
		return rc;
	}
	tell(d);
	while (!ended && host_lives(d))
		poll(NULL, 0, 100);
	if (!ended) {
		err_set(&err, ERR_TEMP, "the host ended");
		rc = ctl_fail(d->c, &err, NULL, "the demo is over");
		show_log(d);
	}
	return rc;
}

int ctl_run_demo(struct ctl *c)
{
	struct sigaction act = { .sa_handler = on_signal };
	struct demo d = { .c = c, .ready = -1 };
	struct err err = ERR_INIT;
	int rc;

	if (make_folder(&d, &err) < 0)
		return ctl_fail(c, &err, NULL, "cannot make the demo's folder");
	sigaction(SIGINT, &act, NULL);
	sigaction(SIGTERM, &act, NULL);
	sigaction(SIGHUP, &act, NULL);
	rc = prepare(&d);
	if (rc == CTL_OK)
		rc = run_host(&d);
	stop_host(&d);
	if (d.ready >= 0)
		close(d.ready);
	remove_folder(&d);
	return rc;
}
