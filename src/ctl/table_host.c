/* Commands of logins, the host, its data and this program. */
#include "ctl/table.h"

static const struct ctl_option config_show_options[] = {
	{ "effective", NULL, "all settings, with where each comes from",
	  false },
	{ NULL, NULL, NULL, false },
};

static const struct ctl_option admin_add_options[] = {
	{ "domain", "DOMAIN", "of this domain; may be repeated", true },
	{ "operator", NULL, "of the whole host", false },
	{ NULL, NULL, NULL, false },
};

static const struct ctl_option token_add_options[] = {
	{ "scope", "SCOPE", "AREA:read or AREA:change; may be repeated", true },
	{ "expires", "WHEN", "when it ends: 30d, 2027-01-01", false },
	{ NULL, NULL, NULL, false },
};

static const struct ctl_option audit_options[] = {
	{ "domain", "DOMAIN", "of a domain and its addresses", false },
	{ "who", "WHO", "what this account, or Unix user, did", false },
	{ "what", "OPERATION", "this one, or all that begin so: account.",
	  false },
	{ "since", "WHEN", "not before: 2h, 3d, 2026-11-24", false },
	{ "until", "WHEN", "before", false },
	{ "limit", "N", "at most so many (100)", false },
	{ NULL, NULL, NULL, false },
};

static const struct ctl_option fsck_options[] = {
	{ "mend", NULL, "mend what can be mended (stop the host first)",
	  false },
	{ "bodies", NULL, "read every message too", false },
	{ NULL, NULL, NULL, false },
};

static const struct ctl_option import_options[] = {
	{ "folder", "NAME", "put everything below this folder", false },
	{ NULL, NULL, NULL, false },
};

static const struct ctl_option import_imap_options[] = {
	{ "user", "NAME", "the login there (ADDRESS)", false },
	{ "port", "PORT", "993, or 143 with --starttls", false },
	{ "starttls", NULL, "begin in clear and turn to TLS", false },
	{ "ca-file", "FILE", "trust these authorities, not the system's",
	  false },
	{ "password-stdin", NULL, "read the password there from stdin", false },
	{ "password-file", "FILE", "read it from this file", false },
	{ NULL, NULL, NULL, false },
};

static const struct ctl_option export_options[] = {
	{ "format", "FORMAT", "maildir (default) or mbox", false },
	{ NULL, NULL, NULL, false },
};

static const struct ctl_option man_options[] = {
	{ "all", "DIR", "write all pages into this folder", false },
	{ NULL, NULL, NULL, false },
};

const struct ctl_command ctl_host_commands[] = {
	{ "session", "list", "ADDRESS", "list the browsers that are logged in",
	  NULL, EXAMPLES("session list anna@example.com"), NULL, CTL_READS,
	  ctl_run_session_list },
	{ "session", "rm", "ADDRESS [ID]", "log browsers out",
	  "Without ID all of the account.",
	  EXAMPLES("session rm anna@example.com 12",
	           "session rm anna@example.com"),
	  NULL, CTL_WRITES, ctl_run_session_rm },

	{ "totp", "off", "ADDRESS", "switch off the two-step login",
	  "For an owner who lost the authenticator and the recovery codes.",
	  EXAMPLES("totp off anna@example.com"), NULL, CTL_WRITES,
	  ctl_run_totp_off },

	{ "admin", "add", "ADDRESS", "let an account administer",
	  "An administrator of a domain sees and changes what belongs to it, "
	  "and learns of no other domain; an operator has the whole host. "
	  "Both use the panel and the HTTP API with the account's password, "
	  "or with a token.",
	  EXAMPLES("admin add anna@example.com --domain example.com",
	           "admin add op@example.com --operator"),
	  admin_add_options, CTL_WRITES, ctl_run_admin_add },
	{ "admin", "list", "", "list who administers what", NULL,
	  EXAMPLES("admin list", "admin list --json"), NULL, CTL_READS,
	  ctl_run_admin_list },
	{ "admin", "rm", "ADDRESS", "take a role away",
	  "Without an option all roles of the account.",
	  EXAMPLES("admin rm anna@example.com",
	           "admin rm anna@example.com --domain example.com"),
	  admin_add_options, CTL_WRITES, ctl_run_admin_rm },
	{ "token", "add", "ADDRESS NAME", "make a token for the HTTP API",
	  "It may what the account may, within its scopes: AREA is domains, "
	  "addresses, sending, receiving, host, access or all. It is shown "
	  "only now.",
	  EXAMPLES("token add op@example.com backup --scope addresses:read",
	           "token add op@example.com panel --scope all:change "
	           "--expires 90d"),
	  token_add_options, CTL_WRITES, ctl_run_token_add },
	{ "token", "list", "[ADDRESS]", "list the tokens", NULL,
	  EXAMPLES("token list", "token list op@example.com --json"), NULL,
	  CTL_READS, ctl_run_token_list },
	{ "token", "rm", "ID", "remove a token",
	  "What comes with it is refused at once.", EXAMPLES("token rm 42"),
	  NULL, CTL_WRITES, ctl_run_token_rm },
	{ "audit", NULL, "[SUBJECT]", "tell who changed what",
	  "The latest first. SUBJECT is an address, a domain or the id of a "
	  "message in the queue. With --json there is also the state before "
	  "each change. Secrets are never noted.",
	  EXAMPLES("audit", "audit anna@example.com --json",
	           "audit --domain example.com --since 7d --what account."),
	  audit_options, CTL_READS, ctl_run_audit },

	{ "cert", "list", "", "list the certificates that are renewed here",
	  "With acme.directory set they come by themselves: one, default, for "
	  "the provider's names, and one for each name of a hosted domain that "
	  "points here.",
	  EXAMPLES("cert list", "cert list --json"), NULL, CTL_READS,
	  ctl_run_cert_list },
	{ "cert", "renew", "NAME", "renew a certificate now",
	  "Whatever its authority suggested.",
	  EXAMPLES("cert renew imap.example.com", "cert renew default"), NULL,
	  CTL_WRITES, ctl_run_cert_renew },
	{ "cert", "add", "NAME CHAIN KEY", "use a certificate of your own",
	  "CHAIN and KEY are files in PEM, the host's certificate first. A "
	  "running host takes it up within seconds. It is left alone from then "
	  "on: renewing it is yours.",
	  EXAMPLES("cert add default fullchain.pem privkey.pem",
	           "cert add imap.example.com fullchain.pem privkey.pem"),
	  NULL, CTL_WRITES, ctl_run_cert_add },
	{ "cert", "rm", "NAME", "remove a certificate",
	  "The name is served with the default certificate then.",
	  EXAMPLES("cert rm imap.example.com --yes"), NULL, CTL_WRITES,
	  ctl_run_cert_rm },

	{ "webspace", "add", "USER DOMAIN",
	  "let a Unix user's scripts send for a domain",
	  "USER is a name or a number. What such scripts send with posthus "
	  "sendmail from an address that exists at the domain is not counted "
	  "in the windows of sending.",
	  EXAMPLES("webspace add www-anna customer.example",
	           "webspace add 1004 customer.example"),
	  NULL, CTL_WRITES, ctl_run_webspace_add },
	{ "webspace", "list", "", "list the web spaces", NULL,
	  EXAMPLES("webspace list", "webspace list --json"), NULL, CTL_READS,
	  ctl_run_webspace_list },
	{ "webspace", "rm", "USER [DOMAIN]", "take a domain from a web space",
	  "Without DOMAIN all of them.",
	  EXAMPLES("webspace rm www-anna customer.example"), NULL, CTL_WRITES,
	  ctl_run_webspace_rm },

	{ "sendmail", NULL, "[RECIPIENT...]", "send a message as scripts do",
	  "Takes the options of sendmail: -t -i -f -r -F -N -R -V -B -bs -bp "
	  "-q; also when this program is called sendmail. Reads a message from "
	  "stdin and hands it to the running host; the exit codes are those of "
	  "sysexits.h, 75 for try again later. The host finds out which Unix "
	  "user calls.",
	  EXAMPLES("sendmail -t -i < message",
	           "sendmail -f anna@customer.example bo@partner.example"),
	  NULL, 0, ctl_run_sendmail },

	{ "import", NULL, "ADDRESS PATH", "bring mail in from Maildir or mbox",
	  "PATH is an mbox file, a Maildir, or a folder of them; which is "
	  "seen by looking. Bytes, dates, flags and folders are kept; filter "
	  "scripts and the vacation are taken from its folder sieve. Called "
	  "again after an interruption it goes on where it was.",
	  EXAMPLES("import anna@example.com /srv/old/anna/Maildir",
	           "import anna@example.com old.mbox --folder Old"),
	  import_options, CTL_WRITES, ctl_run_import },
	{ "import", "imap", "ADDRESS HOST",
	  "bring all mail over from another provider",
	  "Logs in at HOST by IMAP and brings each folder: bytes, dates and "
	  "flags are kept, folders with a special use meet the ones here. "
	  "Called again it goes on where it was, and brings what came there "
	  "since; nothing comes twice. At the end stands a comparison by "
	  "folder. TLS with a certificate that holds is needed; the password "
	  "is kept in memory alone.",
	  EXAMPLES("import imap anna@example.com imap.old.example",
	           "import imap anna@example.com imap.old.example --user anna "
	           "--password-stdin < secret"),
	  import_imap_options, CTL_WRITES, ctl_run_import_imap },
	{ "export", NULL, "ADDRESS PATH", "take mail out as Maildir or mbox",
	  "PATH is made when it is missing. Called again it adds what is "
	  "missing there. Filter scripts and the vacation go into its folder "
	  "sieve.",
	  EXAMPLES("export anna@example.com ./anna",
	           "export anna@example.com ./anna --format mbox"),
	  export_options, CTL_WRITES, ctl_run_export },

	{ "config", "check", "", "check the configuration",
	  "All mistakes are told at once; exit code 7 when there is one.",
	  EXAMPLES("config check --config ./posthus.conf"), NULL, CTL_READS,
	  ctl_run_config_check },
	{ "config", "show", "", "show the settings",
	  "Those that are set; with --effective all of them and where each "
	  "comes from.",
	  EXAMPLES("config show", "config show --effective --json"),
	  config_show_options, CTL_READS, ctl_run_config_show },
	{ "config", "doc", "", "a commented file with every setting", NULL,
	  EXAMPLES("config doc > posthus.conf"), NULL, CTL_READS,
	  ctl_run_config_doc },

	{ "fsck", NULL, "", "verify the stored mail, and mend it",
	  "Exit code 0 when all is well, 10 when all that was found is "
	  "mended, 11 when something is left.",
	  EXAMPLES("fsck", "fsck --mend --bodies"), fsck_options, CTL_READS,
	  ctl_run_fsck },

	{ "completion", NULL, "SHELL", "completion for bash, zsh or fish", NULL,
	  EXAMPLES("completion bash > /etc/bash_completion.d/posthus",
	           "completion zsh > ~/.zfunc/_posthus"),
	  NULL, 0, ctl_run_completion },
	{ "words", NULL, "KIND", "words for completion", NULL,
	  EXAMPLES("words domain"), NULL, CTL_HIDDEN, ctl_run_words },
	{ "man", NULL, "[PAGE]", "print a manual page",
	  "PAGE is posthus (the default), posthus-NOUN or posthus.conf.",
	  EXAMPLES("man | man -l -", "man posthus.conf",
	           "man --all /usr/share/man/man1"),
	  man_options, 0, ctl_run_man },
	{ "version", NULL, "", "the version", NULL, EXAMPLES("version"), NULL,
	  CTL_READS, ctl_run_version },
	{ "help", NULL, "[WORD...]", "help about a command or a topic",
	  "Topics: commands, errors, exit-codes, output.",
	  EXAMPLES("help account add", "help errors"), NULL, 0, ctl_run_help },
	{ NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL },
};
