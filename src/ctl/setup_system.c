/* posthus setup: the service, its users, and systemd. */
#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include "ctl/setup.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/hook.h"

#define SYSTEMCTL "/usr/bin/systemctl"
#define SYSUSERS  "/usr/bin/systemd-sysusers"
#define GROUPADD  "/usr/sbin/groupadd"
#define USERADD   "/usr/sbin/useradd"
/* A host that starts makes keys, and may have to mend its store. */
#define RUN_US (3 * US_PER_MIN)

/* As daemon/ starts them. */
static const char *const roles[] = { "smtp",  "imap", "pop3", "sieve", "http",
	                             "relay", "gate", "keys", "dns" };

#define ROLES (sizeof(roles) / sizeof(roles[0]))

/* It begins as root, binds the ports and gives each role a user of its own;
 * what it may do as root are the few capabilities that this takes.  No
 * StateDirectory: systemd would make the data folder one user's. */
void setup_unit_write(const char *program, const char *config, const char *data,
                      struct buf *out)
{
	buf_fmt(out,
	        "[Unit]\n"
	        "Description=Posthus mail host\n"
	        "Documentation=man:posthus(1)\n"
	        "Wants=network-online.target\n"
	        "After=network-online.target nss-lookup.target\n\n"
	        "[Service]\n"
	        "Type=notify\n"
	        "NotifyAccess=main\n"
	        "ExecStart=%s serve --config %s\n"
	        "ExecReload=/bin/kill -HUP $MAINPID\n"
	        "KillMode=mixed\n"
	        "TimeoutStopSec=2min\n"
	        "WatchdogSec=30\n"
	        "Restart=on-failure\n"
	        "RestartSec=2\n"
	        "LimitNOFILE=65535\n"
	        "UMask=0007\n"
	        "RuntimeDirectory=posthus\n"
	        "RuntimeDirectoryMode=0755\n"
	        "ReadWritePaths=%s\n",
	        program, config, data);
	buf_add_z(out,
	          "CapabilityBoundingSet=CAP_NET_BIND_SERVICE CAP_SETUID "
	          "CAP_SETGID CAP_CHOWN CAP_FOWNER CAP_FSETID CAP_DAC_OVERRIDE "
	          "CAP_KILL\n"
	          "NoNewPrivileges=yes\n"
	          "ProtectSystem=strict\n"
	          "ProtectHome=yes\n"
	          "PrivateTmp=yes\n"
	          "PrivateDevices=yes\n"
	          "ProtectProc=invisible\n"
	          "ProtectHostname=yes\n"
	          "ProtectKernelLogs=yes\n"
	          "ProtectKernelModules=yes\n"
	          "ProtectKernelTunables=yes\n"
	          "ProtectControlGroups=yes\n"
	          "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX\n"
	          "RestrictNamespaces=yes\n"
	          "RestrictRealtime=yes\n"
	          "LockPersonality=yes\n"
	          "MemoryDenyWriteExecute=yes\n"
	          "RemoveIPC=yes\n"
	          "SystemCallArchitectures=native\n"
	          /* adjtimex only tells whether the clock is kept. */
	          "SystemCallFilter=@system-service adjtimex "
	          "landlock_create_ruleset landlock_add_rule "
	          "landlock_restrict_self\n"
	          "SystemCallErrorNumber=EPERM\n\n"
	          "[Install]\n"
	          "WantedBy=multi-user.target\n");
}

void setup_users_write(const struct config *cfg, struct buf *out)
{
	buf_fmt(out, "# The users of the roles of posthus.\ng %s -\n",
	        config_z(cfg, OPT_SERVER_GROUP));
	for (size_t i = 0; i < ROLES; i++)
		buf_fmt(out, "u %s%s - \"Posthus %s\"\n",
		        config_z(cfg, OPT_SERVER_USER_PREFIX), roles[i],
		        roles[i]);
}

static int run(const char *program, const struct str *words, size_t n,
               struct err *err)
{
	struct hook *h;
	int rc;

	if (hook_start(&h, program, err) < 0)
		return -1;
	rc = hook_run(h, words, n, RUN_US, err);
	hook_stop(&h);
	return rc;
}

#define RUN(program, err, ...)                                                \
	run(program, (const struct str[]){ __VA_ARGS__ },                     \
	    sizeof((const struct str[]){ __VA_ARGS__ }) / sizeof(struct str), \
	    err)

/* ---- users ---- */

static bool users_are_there(struct setup *s)
{
	const struct config *cfg = s->c->cfg;

	if (!getgrnam(config_z(cfg, OPT_SERVER_GROUP)))
		return false;
	for (size_t i = 0; i < ROLES; i++)
		if (!getpwnam(arena_fmt(&s->c->arena, "%s%s",
		                        config_z(cfg, OPT_SERVER_USER_PREFIX),
		                        roles[i])
		                      .p))
			return false;
	return true;
}

static int add_user(struct setup *s, const char *role, struct err *err)
{
	const struct config *cfg = s->c->cfg;
	struct str name =
		arena_fmt(&s->c->arena, "%s%s",
	                  config_z(cfg, OPT_SERVER_USER_PREFIX), role);

	if (getpwnam(name.p))
		return 0;
	return RUN(USERADD, err, STR("--system"), STR("--no-create-home"),
	           STR("--shell"), STR("/usr/sbin/nologin"), STR("--gid"),
	           config_str(cfg, OPT_SERVER_GROUP), name);
}

static int add_users(struct setup *s, struct err *err)
{
	const struct config *cfg = s->c->cfg;
	struct buf text;
	bool wrote;
	int rc;

	if (access(SYSUSERS, X_OK) == 0) {
		buf_init(&text, 65536);
		setup_users_write(cfg, &text);
		rc = setup_write_file(s, s->users, buf_str(&text), &wrote, err);
		buf_deinit(&text);
		return rc < 0 ? -1 : RUN(SYSUSERS, err, str_z(s->users));
	}
	rc = getgrnam(config_z(cfg, OPT_SERVER_GROUP))
	             ? 0
	             : RUN(GROUPADD, err, STR("--system"),
	                   config_str(cfg, OPT_SERVER_GROUP));
	for (size_t i = 0; rc == 0 && i < ROLES; i++)
		rc = add_user(s, roles[i], err);
	return rc;
}

int setup_make_users(struct setup *s, struct err *err)
{
	/* Below another root the host belongs to who runs it. */
	if (*s->root || !*config_z(s->c->cfg, OPT_SERVER_GROUP) ||
	    users_are_there(s))
		return 0;
	s->changed = true;
	if (add_users(s, err) < 0)
		return -1;
	return users_are_there(s)
	               ? 0
	               : err_set(err, ERR_NOT_FOUND,
	                         "the group %s and its users are not there",
	                         config_z(s->c->cfg, OPT_SERVER_GROUP));
}

/* ---- the service ---- */

/* ProtectHome and PrivateTmp hide these from the service. */
static void tell_hidden(struct setup *s, const char *program)
{
	static const char *const hidden[] = { "/home/", "/root/", "/run/user/",
		                              "/tmp/", "/var/tmp/" };

	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
		if (str_starts(str_z(program), str_z(hidden[i])))
			ctl_note(s->c,
			         "note: the service cannot see %s: put it into "
			         "/usr/local/bin and run setup from there",
			         program);
}

int setup_write_unit(struct setup *s, struct err *err)
{
	struct arena *a = &s->c->arena;
	char program[4096];
	ssize_t n = readlink("/proc/self/exe", program, sizeof(program) - 1);
	struct buf text;
	bool wrote;
	int rc;

	if (n <= 0)
		return err_set(err, ERR_NOT_FOUND,
		               "where this program lies is not known");
	program[n] = '\0';
	buf_init(&text, 65536);
	setup_unit_write(program, s->config, config_data_path(s->c->cfg, a, ""),
	                 &text);
	rc = setup_write_file(s, s->unit, buf_str(&text), &wrote, err);
	buf_deinit(&text);
	s->service = wrote ? "written" : "unchanged";
	if (wrote && !*s->root)
		tell_hidden(s, program);
	return rc;
}

int setup_start(struct setup *s, struct err *err)
{
	if (*s->root || !file_is_folder("/run/systemd/system") ||
	    str_eq(str_z(s->service), STR("unchanged")))
		return 0;
	s->service = "starting";
	if (RUN(SYSTEMCTL, err, STR("daemon-reload")) < 0 ||
	    RUN(SYSTEMCTL, err, STR("enable"), STR("--now"),
	        STR("posthus.service")) < 0)
		return err_prefix(err, "systemctl");
	s->service = "started";
	return 0;
}

void setup_stop(struct setup *s)
{
	struct err ignored = ERR_INIT;

	if (!s->service || (!str_eq(str_z(s->service), STR("starting")) &&
	                    !str_eq(str_z(s->service), STR("started"))))
		return;
	/* What failed is told already. */
	err_drop(RUN(SYSTEMCTL, &ignored, STR("disable"), STR("--now"),
	             STR("posthus.service")));
}
