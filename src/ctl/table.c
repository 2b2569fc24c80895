#include "ctl/table.h"

const struct ctl_noun ctl_nouns[] = {
	{ "setup", "from an empty machine to a host with a first domain",
	  GROUP_BEGIN },
	{ "demo", "run a sample host that needs nothing", GROUP_BEGIN },
	{ "serve", "run the host", GROUP_BEGIN },
	{ "status", "what is there, and whether it runs", GROUP_BEGIN },
	{ "check", "is this machine fit for mail", GROUP_BEGIN },
	{ "domain", "domains whose mail is taken", GROUP_ADDRESSES },
	{ "account", "mail accounts: stored mail, a login", GROUP_ADDRESSES },
	{ "alias", "addresses that pass mail on", GROUP_ADDRESSES },
	{ "catchall", "who gets mail to addresses that do not exist",
	  GROUP_ADDRESSES },
	{ "forward", "where an account passes its mail on to",
	  GROUP_ADDRESSES },
	{ "address", "all addresses of a domain; what becomes of mail",
	  GROUP_ADDRESSES },
	{ "passwd", "set the password of an account", GROUP_ADDRESSES },
	{ "app-password", "passwords for single programs", GROUP_ADDRESSES },
	{ "sieve", "filter scripts of an account", GROUP_ADDRESSES },
	{ "vacation", "the answer while an owner is away", GROUP_ADDRESSES },
	{ "queue", "mail that waits to go elsewhere", GROUP_MAIL },
	{ "trace", "what happened to a message", GROUP_MAIL },
	{ "explain", "what an error means, and what to do", GROUP_MAIL },
	{ "limits", "limits of sending: how full, by whom, when they free",
	  GROUP_MAIL },
	{ "hold", "accounts whose outgoing mail is held", GROUP_MAIL },
	{ "greylist", "new senders that must come back once", GROUP_MAIL },
	{ "spam", "the spam filter: teach it, ask it", GROUP_MAIL },
	{ "admin", "who administers domains, or the host", GROUP_HOST },
	{ "cert", "the certificates of TLS", GROUP_HOST },
	{ "config", "the settings: check, show, explain", GROUP_HOST },
	{ "import", "bring mail in: files, another provider", GROUP_HOST },
	{ "export", "take mail out as Maildir or mbox", GROUP_HOST },
	{ "init", "write a configuration and an empty data folder",
	  GROUP_MORE },
	{ "session", "browsers that are logged in", GROUP_MORE },
	{ "totp", "two-step login of an account", GROUP_MORE },
	{ "token", "tokens by which programs use the HTTP API", GROUP_MORE },
	{ "audit", "who changed what", GROUP_MORE },
	{ "webspace", "which domains the scripts of a Unix user send for",
	  GROUP_MORE },
	{ "sendmail", "send a message as scripts do", GROUP_MORE },
	{ "fsck", "verify the stored mail, and mend it", GROUP_MORE },
	{ "completion", "completion for bash, zsh or fish", GROUP_MORE },
	{ "man", "the manual pages", GROUP_MORE },
	{ "version", "the version", GROUP_MORE },
	{ "help", "help about a command or a topic", GROUP_MORE },
	{ NULL, NULL, GROUP_MORE },
};

const struct ctl_option ctl_common[] = {
	{ "config", "FILE",
	  "the configuration (else $POSTHUS_CONFIG, else "
	  "/etc/posthus/posthus.conf)",
	  false },
	{ "json", NULL, "show data as JSON", false },
	{ "quiet", NULL, "say nothing but data and errors", false },
	{ "verbose", NULL, "say more", false },
	{ "no-color", NULL, "no colours; also with NO_COLOR or TERM=dumb",
	  false },
	{ "yes", NULL, "do not ask", false },
	{ "help", NULL, "this help", false },
	{ "version", NULL, "the version", false },
	{ NULL, NULL, NULL, false },
};

static const struct ctl_option init_options[] = {
	{ "hostname", "NAME", "the full name of this host", false },
	{ "listen", "ADDRESS", "listen there; may be repeated", true },
	{ "port-offset", "N", "add N to every port", false },
	{ "set", "KEY=VALUE", "any other setting; may be repeated", true },
	{ NULL, NULL, NULL, false },
};

static const struct ctl_option setup_options[] = {
	{ "hostname", "NAME", "the full name of this host, else the machine's",
	  false },
	{ "dry-run", NULL, "look at the machine; change nothing", false },
	{ "root", "DIR", "everything below DIR, nothing of the system", false },
	{ "listen", "ADDRESS", "listen there; may be repeated", true },
	{ "port-offset", "N", "add N to every port", false },
	{ "set", "KEY=VALUE", "any other setting; may be repeated", true },
	{ NULL, NULL, NULL, false },
};

static const struct ctl_option demo_options[] = {
	{ "data", "DIR", "keep the demo there", false },
	{ "port-offset", "N", "add N to every port (10000)", false },
	{ NULL, NULL, NULL, false },
};

static const struct ctl_option serve_options[] = {
	{ "one-process", NULL, "everything in one process, for debugging",
	  false },
	{ NULL, NULL, NULL, false },
};

const struct ctl_command ctl_begin_commands[] = {
	{ "setup", NULL, "ADDRESS",
	  "set this machine up as a host with a first domain",
	  "Looks at the machine (ports, names, reverse DNS, outgoing port 25, "
	  "clock, disk), writes /etc/posthus/posthus.conf, the data folder and "
	  "the systemd service, adds the domain and account of ADDRESS as an "
	  "operator, starts the service, and prints a link at which the owner "
	  "chooses a password. Run again it adds what is missing and changes "
	  "nothing else; a run that fails leaves nothing behind. What keeps a "
	  "host from working ends it with 11, unless --yes is given.",
	  EXAMPLES("setup you@example.com --hostname mx.example.com",
	           "setup you@example.com --dry-run",
	           "setup you@example.com --hostname mx.example.com --root "
	           "./try --port-offset 20000"),
	  setup_options, CTL_WRITES, ctl_run_setup },
	{ "init", NULL, "DIR", "write a configuration and an empty data folder",
	  "Never asks and never overwrites. DIR/posthus.conf and the data "
	  "folder are for their owner alone.",
	  EXAMPLES("init /srv/mail --hostname mx.example.com",
	           "init test --hostname mx.test.example --set policy.spf=log",
	           "init test --hostname mx.test.example --listen 127.0.0.1 "
	           "--port-offset 20000"),
	  init_options, CTL_WRITES, ctl_run_init },
	{ "serve", NULL, "", "run the host in the foreground",
	  "SIGHUP reads the configuration again, SIGTERM lets open sessions "
	  "finish and ends.",
	  EXAMPLES("serve --config /srv/mail/posthus.conf"), serve_options, 0,
	  ctl_run_serve },
	{ "demo", NULL, "", "run a sample host; nothing leaves this computer",
	  "Needs no root and no DNS. Every address of the sample domain takes "
	  "mail. Ctrl+C ends the demo and deletes its data, unless --data "
	  "names a folder for it.",
	  EXAMPLES("demo", "demo --data ./demo-data --port-offset 20000"),
	  demo_options, 0, ctl_run_demo },
	{ "status", NULL, "", "what is there, and whether the host runs", NULL,
	  EXAMPLES("status", "status --json"), NULL, CTL_READS,
	  ctl_run_status },

	{ "check", NULL, "", "is this machine fit for mail",
	  "Its ports, clock, disk and certificates, the queue, its names and "
	  "reverse DNS, lists in DNS that others go by (score.dnsbl), whether "
	  "mail is let out (relay.probe). What could not be asked is not wrong. Exits with 11 when something is "
	  "wrong, with 10 when something should be mended.",
	  EXAMPLES("check", "check --json"), NULL, CTL_READS, ctl_run_check },
	{ NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL },
};

const struct ctl_command *ctl_command_next(const struct ctl_command *cmd)
{
	static const struct ctl_command *const tables[] = {
		ctl_begin_commands,
		ctl_addresses_commands,
		ctl_mail_commands,
		ctl_host_commands,
	};
	const size_t n = sizeof(tables) / sizeof(tables[0]);

	if (!cmd)
		return tables[0];
	if (cmd[1].noun)
		return cmd + 1;
	for (size_t i = 0; i + 1 < n; i++) {
		const struct ctl_command *last = tables[i];

		while (last[1].noun)
			last++;
		if (last == cmd)
			return tables[i + 1];
	}
	return NULL;
}
