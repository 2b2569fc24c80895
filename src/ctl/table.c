#include "ctl/command.h"

/* A list of examples, as an expression of a static table. */
#define EXAMPLES(...) ((const char *const[]){ __VA_ARGS__, NULL })

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

static const struct ctl_option domain_add_options[] = {
	{ "alias-of", "DOMAIN", "another name of a domain that is there",
	  false },
	{ NULL, NULL, NULL, false },
};

static const struct ctl_option domain_dns_options[] = {
	{ "check", NULL, "ask DNS which of them are there", false },
	{ "zone", NULL, "as lines of a zone file", false },
	{ NULL, NULL, NULL, false },
};

static const struct ctl_option domain_dmarc_options[] = {
	{ "days", "N", "of the last N days, up to 90; without, 30", false },
	{ NULL, NULL, NULL, false },
};

static const struct ctl_option domain_check_options[] = {
	{ "wait", NULL, "look again until nothing is wrong", false },
	{ NULL, NULL, NULL, false },
};

static const struct ctl_option domain_set_options[] = {
	{ "admin", "ADDRESS",
	  "the account that gets mail to postmaster and abuse; \"\" for the "
	  "oldest",
	  false },
	{ NULL, NULL, NULL, false },
};

static const struct ctl_option suspend_options[] = {
	{ "login", NULL, "reading and every other login", false },
	{ "send", NULL, "sending", false },
	{ "receive", NULL, "receiving", false },
	{ NULL, NULL, NULL, false },
};

static const struct ctl_option account_add_options[] = {
	{ "password-stdin", NULL, "read the password from stdin", false },
	{ "password-file", "FILE", "read it from the first line of a file",
	  false },
	{ "name", "NAME", "the name of the person", false },
	{ "quota", "SIZE", "the most it holds, such as 5G", false },
	{ NULL, NULL, NULL, false },
};

static const struct ctl_option password_options[] = {
	{ "password-stdin", NULL, "read the password from stdin", false },
	{ "password-file", "FILE", "read it from the first line of a file",
	  false },
	{ NULL, NULL, NULL, false },
};

static const struct ctl_option account_set_options[] = {
	{ "name", "NAME", "the name of the person", false },
	{ "quota", "SIZE", "the most it holds; \"default\" for the usual",
	  false },
	{ NULL, NULL, NULL, false },
};

static const struct ctl_option account_list_options[] = {
	{ "removed", NULL, "those that can be restored", false },
	{ NULL, NULL, NULL, false },
};

static const struct ctl_option account_rm_options[] = {
	{ "erase", NULL, "erase the mail now; it cannot be restored", false },
	{ NULL, NULL, NULL, false },
};

static const struct ctl_option app_password_options[] = {
	{ "service", "SERVICE",
	  "imap, pop3, smtp, sieve or jmap; may be repeated; without: all",
	  true },
	{ "network", "NETWORK", "from there alone, such as 192.0.2.0/24",
	  false },
	{ NULL, NULL, NULL, false },
};

static const struct ctl_option forward_set_options[] = {
	{ "keep", NULL, "keep a copy in the account", false },
	{ "confirmed", NULL, "ask nobody at the targets", false },
	{ NULL, NULL, NULL, false },
};

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

static const struct ctl_option import_table_options[] = {
	{ "dry-run", NULL, "only say what is wrong, line by line", false },
	{ NULL, NULL, NULL, false },
};

static const struct ctl_option explain_options[] = {
	{ "address", "ADDRESS", "with what is known of this address", false },
	{ "simulate", NULL, "what the rules would say of a message", false },
	{ "login", "ACCOUNT", "sent by this account", false },
	{ "from", "SENDER", "its sender; without: a bounce, or the account",
	  false },
	{ "ip", "IP", "the address of the sending server", false },
	{ "helo", "NAME", "how that introduces itself", false },
	{ "to", "RECIPIENT", "its recipient", false },
	{ NULL, NULL, NULL, false },
};

static const struct ctl_option greylist_options[] = {
	{ "for", "SCOPE", "for an address or a domain alone", false },
	{ NULL, NULL, NULL, false },
};

static const struct ctl_option fsck_options[] = {
	{ "mend", NULL, "mend what can be mended (stop the host first)",
	  false },
	{ "bodies", NULL, "read every message too", false },
	{ NULL, NULL, NULL, false },
};

static const struct ctl_option trace_options[] = {
	{ "from", "ADDRESS", "the sender", false },
	{ "to", "ADDRESS", "a recipient", false },
	{ "message-id", "ID", "the Message-ID", false },
	{ "id", "ID", "the id of the message here", false },
	{ "since", "TIME", "2h, 3d, 2026-11-24, 2026-11-24T10:00", false },
	{ "until", "TIME", "the same", false },
	{ "limit", "N", "at most so many messages (20)", false },
	{ "follow", NULL, "show what happens from now on", false },
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

static const struct ctl_option sieve_put_options[] = {
	{ "activate", NULL, "make it the active one", false },
	{ NULL, NULL, NULL, false },
};

static const struct ctl_option vacation_set_options[] = {
	{ "subject", "TEXT", "else \"Auto:\" and that of the message", false },
	{ "from", "DAY", "the first day, such as 2026-12-24 (UTC)", false },
	{ "until", "DAY", "the first day that is not answered any more",
	  false },
	{ "days", "N", "answer a sender again after so many days (7)", false },
	{ NULL, NULL, NULL, false },
};

const struct ctl_command ctl_commands[] = {
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

	{ "domain", "add", "DOMAIN", "take mail for a domain",
	  "With --alias-of it is another name of a domain: every address of "
	  "one is an address of the other.",
	  EXAMPLES("domain add example.com",
	           "domain add example.net --alias-of example.com"),
	  domain_add_options, CTL_WRITES, ctl_run_domain_add },
	{ "domain", "list", "", "list the domains", NULL,
	  EXAMPLES("domain list", "domain list --json"), NULL, CTL_READS,
	  ctl_run_domain_list },
	{ "domain", "show", "DOMAIN", "show a domain", NULL,
	  EXAMPLES("domain show example.com"), NULL, CTL_READS,
	  ctl_run_domain_show },
	{ "domain", "set", "DOMAIN", "change a domain", NULL,
	  EXAMPLES("domain set example.com --admin anna@example.com"),
	  domain_set_options, CTL_WRITES, ctl_run_domain_set },
	{ "domain", "suspend", "DOMAIN", "suspend login, sending, receiving",
	  "Without an option all three. Mail that is stored stays.",
	  EXAMPLES("domain suspend example.com --send"), suspend_options,
	  CTL_WRITES, ctl_run_domain_suspend },
	{ "domain", "resume", "DOMAIN", "undo a suspension",
	  "Without an option all three.", EXAMPLES("domain resume example.com"),
	  suspend_options, CTL_WRITES, ctl_run_domain_resume },
	{ "domain", "dns", "DOMAIN", "the DNS records that a domain needs",
	  "A domain without DKIM keys gets them. With --check the exit code is "
	  "1 when a record that is needed is missing or differs, and a new key "
	  "whose record is there signs from then on.",
	  EXAMPLES("domain dns example.com", "domain dns example.com --zone",
	           "domain dns example.com --check"),
	  domain_dns_options, CTL_WRITES, ctl_run_domain_dns },
	{ "domain", "check", "DOMAIN", "look at a domain from outside",
	  "As other servers and mail programs do: its records, and the "
	  "documents by which programs set themselves up. What could not be "
	  "asked is not wrong. Exits with 11 when mail does not work, with 10 "
	  "when something should be mended.",
	  EXAMPLES("domain check example.com",
	           "domain check example.com "
	           "--wait",
	           "domain check example.com --json"),
	  domain_check_options, CTL_READS, ctl_run_domain_check },
	{ "domain", "rotate", "DOMAIN", "make new DKIM keys",
	  "The present keys sign until the records of the new ones are in DNS, "
	  "and must stay published 14 days more.",
	  EXAMPLES("domain rotate example.com"), NULL, CTL_WRITES,
	  ctl_run_domain_rotate },
	{ "domain", "dmarc", "DOMAIN", "what others report about a domain",
	  "Aggregate reports of DMARC that came to an address of this host are "
	  "read and added up: who sent mail in the domain's name, how much, and "
	  "what became of it.",
	  EXAMPLES("domain dmarc example.com",
	           "domain dmarc example.com --days 7"),
	  domain_dmarc_options, CTL_READS, ctl_run_domain_dmarc },
	{ "domain", "rm", "DOMAIN", "take no more mail for a domain",
	  "Only a domain without addresses can be removed.",
	  EXAMPLES("domain rm example.net"), NULL, CTL_WRITES,
	  ctl_run_domain_rm },

	{ "account", "add", "ADDRESS", "make an account",
	  "The password is read from stdin, a file or the terminal, never "
	  "from an argument. Without one nobody can log in yet. The user name "
	  "is the whole address, in lower case.",
	  EXAMPLES("account add anna@example.com",
	           "account add bo@example.com --name \"Bo Berg\" --quota 5G "
	           "--password-stdin < secret"),
	  account_add_options, CTL_WRITES, ctl_run_account_add },
	{ "account", "list", "[DOMAIN]", "list the accounts", NULL,
	  EXAMPLES("account list", "account list example.com --json",
	           "account list --removed"),
	  account_list_options, CTL_READS, ctl_run_account_list },
	{ "account", "show", "ADDRESS", "show an account and what it holds",
	  NULL, EXAMPLES("account show anna@example.com"), NULL, CTL_READS,
	  ctl_run_account_show },
	{ "account", "set", "ADDRESS", "change the name or the quota", NULL,
	  EXAMPLES("account set anna@example.com --quota 20G",
	           "account set anna@example.com --quota default --name Anna"),
	  account_set_options, CTL_WRITES, ctl_run_account_set },
	{ "account", "suspend", "ADDRESS", "suspend login, sending, receiving",
	  "Without an option all three. Mail that is stored stays.",
	  EXAMPLES("account suspend bo@example.com --login --send"),
	  suspend_options, CTL_WRITES, ctl_run_account_suspend },
	{ "account", "resume", "ADDRESS", "undo a suspension",
	  "Without an option all three.",
	  EXAMPLES("account resume bo@example.com"), suspend_options,
	  CTL_WRITES, ctl_run_account_resume },
	{ "account", "grant", "ADDRESS SENDER", "allow one more sender address",
	  "SENDER is an address of a domain of this host, or *@DOMAIN for all "
	  "of it.",
	  EXAMPLES("account grant anna@example.com info@example.com"), NULL,
	  CTL_WRITES, ctl_run_account_grant },
	{ "account", "revoke", "ADDRESS SENDER", "take a sender address back",
	  NULL, EXAMPLES("account revoke anna@example.com info@example.com"),
	  NULL, CTL_WRITES, ctl_run_account_revoke },
	{ "account", "link", "ADDRESS", "a link to choose a password at",
	  "Whoever has the link sets the password of the account, once, within "
	  "30 minutes; an older link is over. Until then nothing changes. Its "
	  "owner is told by mail when it is made and when it is used.",
	  EXAMPLES("account link anna@example.com"), NULL, CTL_READS,
	  ctl_run_account_link },
	{ "account", "rm", "ADDRESS", "remove an account",
	  "The address is free at once. The mail is kept for the time of "
	  "store.undelete (14 days), and `account restore` brings the account "
	  "back; with --erase it is gone for good.",
	  EXAMPLES("account rm bo@example.com", "account rm bo@example.com "
	                                        "--erase --yes"),
	  account_rm_options, CTL_WRITES, ctl_run_account_rm },
	{ "account", "restore", "ADDRESS", "bring a removed account back",
	  "With its mail and its password; a forward, granted senders and "
	  "being a catch-all are to be set again.",
	  EXAMPLES("account restore bo@example.com"), NULL, CTL_WRITES,
	  ctl_run_account_restore },

	{ "alias", "add", "ADDRESS TARGET...", "make an alias",
	  "It passes mail on to its targets, here or elsewhere, and stores "
	  "nothing. Nobody can log in to it.",
	  EXAMPLES("alias add info@example.com anna@example.com "
	           "bo@elsewhere.example"),
	  NULL, CTL_WRITES, ctl_run_alias_add },
	{ "alias", "set", "ADDRESS TARGET...",
	  "make an alias, or replace all "
	  "its targets",
	  NULL, EXAMPLES("alias set info@example.com bo@example.com"), NULL,
	  CTL_WRITES, ctl_run_alias_set },
	{ "alias", "list", "[DOMAIN]", "list the aliases", NULL,
	  EXAMPLES("alias list example.com"), NULL, CTL_READS,
	  ctl_run_alias_list },
	{ "alias", "show", "ADDRESS", "show an alias", NULL,
	  EXAMPLES("alias show info@example.com"), NULL, CTL_READS,
	  ctl_run_alias_show },
	{ "alias", "rm", "ADDRESS", "remove an alias", NULL,
	  EXAMPLES("alias rm info@example.com"), NULL, CTL_WRITES,
	  ctl_run_alias_rm },

	{ "catchall", "set", "DOMAIN ADDRESS",
	  "choose the catch-all of a "
	  "domain",
	  "The account gets mail to addresses of the domain that do not "
	  "exist; never mail to an address that does.",
	  EXAMPLES("catchall set example.com anna@example.com"), NULL,
	  CTL_WRITES, ctl_run_catchall_set },
	{ "catchall", "list", "", "list the catch-alls", NULL,
	  EXAMPLES("catchall list"), NULL, CTL_READS, ctl_run_catchall_list },
	{ "catchall", "show", "DOMAIN", "show the catch-all of a domain", NULL,
	  EXAMPLES("catchall show example.com"), NULL, CTL_READS,
	  ctl_run_catchall_show },
	{ "catchall", "rm", "DOMAIN", "have no catch-all",
	  "Mail to addresses that do not exist is then refused.",
	  EXAMPLES("catchall rm example.com"), NULL, CTL_WRITES,
	  ctl_run_catchall_rm },

	{ "forward", "set", "ADDRESS TARGET...",
	  "forward the mail of an "
	  "account",
	  "To these targets alone; those from before are replaced. Together "
	  "they hold at most 4000 characters (limits.forward_characters). A "
	  "target elsewhere gets a message with a link first, and no mail "
	  "before somebody there has said yes; with --confirmed, or when "
	  "forward.confirm is off, nobody is asked. Setting a forward anew lets "
	  "targets go on that were paused because nothing arrived.",
	  EXAMPLES(
		  "forward set anna@example.com anna@elsewhere.example --keep"),
	  forward_set_options, CTL_WRITES, ctl_run_forward_set },
	{ "forward", "confirm", "TOKEN", "let a target get the mail",
	  "As the link does that was sent to it: TOKEN is its last part.",
	  EXAMPLES("forward confirm 0123456789abcdef0123456789abcdef"), NULL,
	  CTL_WRITES, ctl_run_forward_confirm },
	{ "forward", "list", "[DOMAIN]", "list the forwards", NULL,
	  EXAMPLES("forward list"), NULL, CTL_READS, ctl_run_forward_list },
	{ "forward", "show", "ADDRESS", "show the forward of an account", NULL,
	  EXAMPLES("forward show anna@example.com"), NULL, CTL_READS,
	  ctl_run_forward_show },
	{ "forward", "rm", "ADDRESS", "forward no more", NULL,
	  EXAMPLES("forward rm anna@example.com"), NULL, CTL_WRITES,
	  ctl_run_forward_rm },

	{ "address", "list", "[DOMAIN]",
	  "list accounts, aliases and "
	  "catch-alls",
	  NULL, EXAMPLES("address list example.com", "address list --json"),
	  NULL, CTL_READS, ctl_run_address_list },
	{ "address", "show", "ADDRESS",
	  "show what becomes of mail to an "
	  "address",
	  "Each account it is stored in and each address it is sent to, one a "
	  "line.",
	  EXAMPLES("address show info+news@example.com"), NULL, CTL_READS,
	  ctl_run_address_show },

	{ "address", "export", "DOMAIN", "print the addresses as a table (CSV)",
	  NULL, EXAMPLES("address export example.com > addresses.csv"), NULL, 0,
	  ctl_run_address_export },
	{ "address", "import", "DOMAIN FILE", "make the addresses of a table",
	  "The first line names the columns: address, and of type (mailbox, "
	  "alias, catchall with *@DOMAIN), name, password, targets, keep, quota what is needed; commas, "
	  "semicolons or tabs between them. FILE - is stdin. When a line is "
	  "wrong, nothing is made.",
	  EXAMPLES("address import example.com addresses.csv --dry-run",
	           "address import example.com addresses.csv"),
	  import_table_options, CTL_READS, ctl_run_address_import },

	{ "passwd", NULL, "ADDRESS", "set the password of an account", NULL,
	  EXAMPLES("passwd anna@example.com",
	           "passwd anna@example.com --password-stdin < secret"),
	  password_options, CTL_WRITES, ctl_run_passwd },

	{ "sieve", "list", "ADDRESS", "list the scripts of an account", NULL,
	  EXAMPLES("sieve list bo@example.com"), NULL, CTL_READS,
	  ctl_run_sieve_list },
	{ "sieve", "put", "ADDRESS NAME FILE", "keep a script",
	  "It is checked first; a script of that name is replaced. FILE - is "
	  "stdin. Only the active script of an account is run.",
	  EXAMPLES("sieve put bo@example.com main main.sieve --activate"),
	  sieve_put_options, CTL_WRITES, ctl_run_sieve_put },
	{ "sieve", "get", "ADDRESS NAME", "print a script", NULL,
	  EXAMPLES("sieve get bo@example.com main > main.sieve"), NULL, 0,
	  ctl_run_sieve_get },
	{ "sieve", "activate", "ADDRESS NAME", "run this script from now on",
	  NULL, EXAMPLES("sieve activate bo@example.com main"), NULL,
	  CTL_WRITES, ctl_run_sieve_activate },
	{ "sieve", "deactivate", "ADDRESS", "run no script", NULL,
	  EXAMPLES("sieve deactivate bo@example.com"), NULL, CTL_WRITES,
	  ctl_run_sieve_deactivate },
	{ "sieve", "rm", "ADDRESS NAME", "remove a script",
	  "The active one cannot be removed.",
	  EXAMPLES("sieve rm bo@example.com old"), NULL, CTL_WRITES,
	  ctl_run_sieve_rm },
	{ "sieve", "check", "FILE", "look for mistakes in a script", NULL,
	  EXAMPLES("sieve check main.sieve"), NULL, CTL_WRITES,
	  ctl_run_sieve_check },

	{ "vacation", "set", "ADDRESS FILE", "answer senders",
	  "With the text of FILE (- is stdin), each sender once in 7 days; "
	  "never lists, bulk mail, machines, or mail that was not addressed "
	  "to the owner.",
	  EXAMPLES("vacation set bo@example.com away.txt --until 2027-01-07"),
	  vacation_set_options, CTL_WRITES, ctl_run_vacation_set },
	{ "vacation", "show", "ADDRESS", "show the answer", NULL,
	  EXAMPLES("vacation show bo@example.com"), NULL, CTL_READS,
	  ctl_run_vacation_show },
	{ "vacation", "off", "ADDRESS", "answer no more", NULL,
	  EXAMPLES("vacation off bo@example.com"), NULL, CTL_WRITES,
	  ctl_run_vacation_off },

	{ "spam", "learn", "ADDRESS KIND PATH...",
	  "teach the filter of an account",
	  "KIND is spam or ham (wanted mail). PATH is a message, or a folder "
	  "of messages such as a Maildir. A message that is known already "
	  "counts no more; one that was learned as the other kind is taken "
	  "back first.",
	  EXAMPLES("spam learn bo@example.com spam junk.eml",
	           "spam learn bo@example.com ham Maildir/cur"),
	  NULL, CTL_WRITES, ctl_run_spam_learn },
	{ "spam", "status", "ADDRESS", "show what an account's filter knows",
	  NULL, EXAMPLES("spam status bo@example.com"), NULL, CTL_READS,
	  ctl_run_spam_status },
	{ "spam", "test", "ADDRESS FILE", "rate a message for an account",
	  "What is known of a sender only when mail comes in (SPF, DKIM, the "
	  "server's name) is left out. Nothing is stored or learned.",
	  EXAMPLES("spam test bo@example.com message.eml"), NULL, CTL_READS,
	  ctl_run_spam_test },
	{ "spam", "explain", "FILE", "rate a message, for nobody",
	  "The rules that are the same for all, each with its reason.",
	  EXAMPLES("spam explain message.eml --json"), NULL, CTL_READS,
	  ctl_run_spam_explain },
	{ "queue", "list", "", "list the mail that waits", NULL,
	  EXAMPLES("queue list", "queue list --json"), NULL, CTL_READS,
	  ctl_run_queue_list },
	{ "queue", "show", "ID", "show a message that waits", NULL,
	  EXAMPLES("queue show 17"), NULL, CTL_READS, ctl_run_queue_show },
	{ "queue", "hold", "ID", "let a message wait until it is released",
	  NULL, EXAMPLES("queue hold 17"), NULL, CTL_WRITES,
	  ctl_run_queue_hold },
	{ "queue", "release", "ID", "let a held message go", NULL,
	  EXAMPLES("queue release 17"), NULL, CTL_WRITES,
	  ctl_run_queue_release },
	{ "queue", "retry", "[ID]", "try again now", "Without ID all.",
	  EXAMPLES("queue retry", "queue retry 17"), NULL, CTL_WRITES,
	  ctl_run_queue_retry },
	{ "queue", "return", "ID", "give up now, and tell the sender", NULL,
	  EXAMPLES("queue return 17"), NULL, CTL_WRITES, ctl_run_queue_return },
	{ "queue", "rm", "ID", "remove a message, without telling its sender",
	  NULL, EXAMPLES("queue rm 17 --yes"), NULL, CTL_WRITES,
	  ctl_run_queue_rm },

	{ "explain", NULL, "[WORD...]", "what an error means, and what to do",
	  "Takes what mail programs show (0x800CCC0E), what servers say, and "
	  "the references of this host ([R-GREY]); spelling matters little. "
	  "With --simulate nothing is sent and nothing is written down.",
	  EXAMPLES("explain 0x800ccc0e", "explain -ERR Login failed",
	           "explain 0x800CCC92 --address anna@example.com",
	           "explain --simulate --ip 192.0.2.1 --helo mx.far.example "
	           "--to anna@example.com"),
	  explain_options, CTL_READS, ctl_run_explain },

	{ "limits", "show", "NAME", "show how full the limits of sending are",
	  "NAME is a domain, all of whose accounts count together, or the "
	  "address of one account. FREES is when one more fits, or when the "
	  "first leaves the window.",
	  EXAMPLES("limits show example.com", "limits show anna@example.com"),
	  NULL, CTL_READS, ctl_run_limits_show },
	{ "limits", "set", "NAME LIMIT VALUE", "give it a limit of its own",
	  "LIMIT is one of messages_5min, messages_1h, recipients_5min, "
	  "recipients_1h, bulk_8h, spam_8h, failed_1h, queued; VALUE a number, "
	  "or \"default\" for what limits.domain.LIMIT says. spam_points is how "
	  "many points make a message that comes in spam (score.threshold).",
	  EXAMPLES("limits set example.com messages_1h 1000",
	           "limits set bo@example.com recipients_1h 50",
	           "limits set example.com messages_1h default"),
	  NULL, CTL_WRITES, ctl_run_limits_set },
	{ "limits", "reset", "NAME", "let what was sent so far count no more",
	  NULL, EXAMPLES("limits reset example.com --yes"), NULL, CTL_WRITES,
	  ctl_run_limits_reset },

	{ "app-password", "list", "ADDRESS",
	  "list the app passwords of an account",
	  "The times of use are those of a minute ago.",
	  EXAMPLES("app-password list anna@example.com"), NULL, CTL_READS,
	  ctl_run_app_password_list },
	{ "app-password", "add", "ADDRESS NAME",
	  "make a password for one program",
	  "It is shown once. With two-step login on, mail programs need one.",
	  EXAMPLES("app-password add anna@example.com phone",
	           "app-password add anna@example.com scanner --service smtp "
	           "--network 192.0.2.0/24"),
	  app_password_options, CTL_WRITES, ctl_run_app_password_add },
	{ "app-password", "rm", "ADDRESS ID", "remove an app password",
	  "What is logged in with it ends within five seconds.",
	  EXAMPLES("app-password rm anna@example.com 3 --yes"), NULL,
	  CTL_WRITES, ctl_run_app_password_rm },

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

	{ "hold", "list", "", "list the accounts on hold",
	  "An account that behaves as if its password was stolen is put on "
	  "hold (policy.hold): what it sends waits, receiving and reading go "
	  "on. `limits set DOMAIN hold 0` switches that off for a domain.",
	  EXAMPLES("hold list"), NULL, CTL_READS, ctl_run_hold_list },
	{ "hold", "add", "ADDRESS", "hold what an account sends", NULL,
	  EXAMPLES("hold add bo@example.com"), NULL, CTL_WRITES,
	  ctl_run_hold_add },
	{ "hold", "release", "ADDRESS", "send what is held, and hold no more",
	  NULL, EXAMPLES("hold release bo@example.com"), NULL, CTL_WRITES,
	  ctl_run_hold_release },
	{ "hold", "discard", "ADDRESS", "throw away what is held",
	  "The account stays on hold until it is released.",
	  EXAMPLES("hold discard bo@example.com --yes"), NULL, CTL_WRITES,
	  ctl_run_hold_discard },

	{ "greylist", "list", "[SCOPE]", "list the senders that wait",
	  "SCOPE is a domain or an address they wrote to. BY is the domain "
	  "that passed SPF, or the client's network.",
	  EXAMPLES("greylist list", "greylist list anna@example.com --json"),
	  NULL, CTL_READS, ctl_run_greylist_list },
	{ "greylist", "allow", "SENDER", "let a sender in at once, always",
	  "SENDER is an address or a domain.",
	  EXAMPLES("greylist allow carl@far.example",
	           "greylist allow far.example --for example.com"),
	  greylist_options, CTL_WRITES, ctl_run_greylist_allow },
	{ "greylist", "block", "SENDER", "take no mail of a sender",
	  "What is said for an address counts more than what is said for its "
	  "domain, and that more than what is said for all.",
	  EXAMPLES("greylist block far.example --for anna@example.com"),
	  greylist_options, CTL_WRITES, ctl_run_greylist_block },
	{ "greylist", "show", "[NAME]", "show who is allowed or blocked", NULL,
	  EXAMPLES("greylist show", "greylist show far.example"), NULL,
	  CTL_READS, ctl_run_greylist_show },
	{ "greylist", "rm", "SENDER", "neither allow nor block it", NULL,
	  EXAMPLES("greylist rm far.example"), greylist_options, CTL_WRITES,
	  ctl_run_greylist_rm },
	{ "trace", NULL, "[QUERY]", "what happened to a message",
	  "QUERY is an address, a domain, a Message-ID in <>, or the id that a "
	  "reply or a Received field gave. Shows each message as a story, the "
	  "latest last; times are UTC. Works whether the host runs or not.",
	  EXAMPLES("trace bo@partner.example --since 2h",
	           "trace --from anna@customer.example --to bo@partner.example",
	           "trace 1c8wq93ns1f0", "trace @partner.example --follow"),
	  trace_options, CTL_READS, ctl_run_trace },

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
