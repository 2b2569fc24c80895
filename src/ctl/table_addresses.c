/* Commands of domains, accounts, and what else takes mail. */
#include "ctl/table.h"

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

static const struct ctl_option import_table_options[] = {
	{ "dry-run", NULL, "only say what is wrong, line by line", false },
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

const struct ctl_command ctl_addresses_commands[] = {
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
	{ NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL },
};
