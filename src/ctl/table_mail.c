/* Commands of mail on its way: filter, queue, limits, trace. */
#include "ctl/table.h"

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

const struct ctl_command ctl_mail_commands[] = {
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
	{ NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL },
};
