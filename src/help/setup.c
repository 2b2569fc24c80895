#include "config/config.h"
#include "config/endpoints.h"
#include "help/page.h"

static const char *service_name(enum endpoint_service s)
{
	switch (s) {
	case ENDPOINT_IMAP: return "Incoming mail, IMAP";
	case ENDPOINT_POP3: return "Incoming mail, POP3";
	case ENDPOINT_SUBMISSION: return "Outgoing mail, SMTP";
	case ENDPOINT_JMAP: return "JMAP";
	case ENDPOINT_SIEVE: return "Filters, ManageSieve";
	}
	return "";
}

static void table(struct page *p, const struct config *cfg)
{
	static const char *const heads[] = { "Service", "Server", "Port",
		                             "Encryption" };

	page_table(p, heads, 4);
	for (size_t i = 0; i < ENDPOINTS; i++) {
		struct endpoint e;

		if (!endpoint_get(cfg, i, &p->arena, &e))
			continue;
		page_row(p,
		         (const struct str[]){
				 str_z(service_name(e.service)), e.host,
				 arena_fmt(&p->arena, "%u%s", e.port,
		                           e.recommended ? " (recommended)"
		                                         : ""),
				 e.tls ? STR("SSL/TLS") : STR("STARTTLS") },
		         4);
	}
	page_table_end(p);
}

/* One mail program: what to click, in order; {imap} and the like are this
 * host's own words. */
struct program {
	const char *name;
	const char *steps[8];
};

static const struct program programs[] = {
	{ "Thunderbird",
	  { "Open the menu, choose New, then Existing Mail Account.",
	    "Fill in your name, the whole e-mail address and the password, and "
	    "choose Continue. Thunderbird finds the settings by itself.",
	    "Take IMAP, which is suggested first, and choose Done.",
	    "If you set it up by hand: incoming {imap}, outgoing {send}, user "
	    "name the whole address, authentication \"Normal password\"." } },
	{ "Outlook for Windows and Mac",
	  { "Choose File, Add Account (on a Mac: Tools, Accounts), and type the "
	    "whole e-mail address.",
	    "Outlook may ask whether this website may set up your account: "
	    "that is our set-up service, allow it.",
	    "If it asks for the kind of account, choose IMAP. Incoming {imap}; "
	    "outgoing {send}.",
	    "Leave \"Require logon using Secure Password Authentication (SPA)\" "
	    "off.",
	    "In More Settings, Outgoing Server: tick \"My outgoing server "
	    "requires authentication\" and \"Use same settings as my incoming "
	    "mail server\"." } },
	{ "iPhone and iPad",
	  { "Open Settings, Apps, Mail, Mail Accounts, Add Account, Other, Add "
	    "Mail Account.",
	    "Fill in name, whole address and password.",
	    "Choose IMAP. Incoming {imap}; outgoing {send}; user name and "
	    "password are needed for both, though the outgoing one says "
	    "\"optional\"." } },
	{ "Android (Gmail app and others)",
	  { "In the mail app's settings choose Add account, Other, and type the "
	    "whole address.",
	    "Choose Personal (IMAP).",
	    "Incoming {imap}; outgoing {send}; leave \"Require sign-in\" on." } },
	{ "Apple Mail on a Mac",
	  { "Choose Mail, Add Account, Other Mail Account.",
	    "Fill in name, whole address and password.",
	    "If Mail asks: account type IMAP, incoming {imap-host}, outgoing "
	    "{send-host}, user name the whole address for both." } },
};

static struct str place(struct page *p, const struct config *cfg,
                        enum endpoint_service service, bool with_port)
{
	struct endpoint e;

	if (!endpoint_best(cfg, service, &p->arena, &e))
		return STR("(not offered)");
	if (!with_port)
		return e.host;
	return arena_fmt(&p->arena, "server %.*s, port %u, %s", STR_ARG(e.host),
	                 e.port, e.tls ? "SSL/TLS" : "STARTTLS");
}

static void step(struct page *p, const struct config *cfg, const char *text)
{
	struct str rest = str_z(text), piece;

	page_raw(p, "<li>");
	while (str_cut(&rest, '{', &piece)) {
		struct str word;

		page_add(p, piece);
		if (!str_cut(&rest, '}', &word))
			break;
		if (str_starts(word, STR("imap")))
			page_add(p, place(p, cfg, ENDPOINT_IMAP, word.n == 4));
		else
			page_add(p, place(p, cfg, ENDPOINT_SUBMISSION,
			                  word.n == 4));
	}
	page_raw(p, "</li>\n");
}

void help_show_setup(struct page *p, const struct config *cfg)
{
	page_text(p, "Most mail programs need your e-mail address and password "
	             "and find the rest by themselves. By hand, these are the "
	             "settings; the first of each kind is the best.");
	table(p, cfg);
	page_text(p, "User name: the whole e-mail address, in lowercase. "
	             "Password: that of the account; with two-step login an "
	             "app password. The outgoing server needs the same user "
	             "name and password. An alias has no login of its own.");
	page_heading(p, "Step by step");
	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
		page_raw(p, "<details><summary>");
		page_z(p, programs[i].name);
		page_raw(p, "</summary>\n<ol>\n");
		for (size_t k = 0; k < 8 && programs[i].steps[k]; k++)
			step(p, cfg, programs[i].steps[k]);
		page_raw(p, "</ol></details>\n");
	}
	page_heading(p, "Root folder or path prefix");
	page_text(p,
	          "If the program asks for a root folder, leave it empty. "
	          "\"INBOX\" works too: Sent, Drafts and the others are found "
	          "either way, and none is shown twice.");
}
