#include "clientsetup/documents.h"
#include "config/config.h"
#include "config/endpoints.h"
#include "wire/xml/read.h"

static void element(struct buf *out, const char *name, struct str text)
{
	buf_fmt(out, "<%s>", name);
	xml_add(out, text);
	buf_fmt(out, "</%s>", name);
}

static void server(struct buf *out, const struct endpoint *e)
{
	bool sends = e->service == ENDPOINT_SUBMISSION;
	const char *tag = sends ? "outgoingServer" : "incomingServer";
	const char *type = sends                         ? "smtp"
	                   : e->service == ENDPOINT_POP3 ? "pop3"
	                                                 : "imap";

	buf_fmt(out, "    <%s type=\"%s\">\n      ", tag, type);
	element(out, "hostname", e->host);
	buf_fmt(out, "<port>%u</port><socketType>%s</socketType>\n", e->port,
	        e->tls ? "SSL" : "STARTTLS");
	buf_add_z(out,
	          "      <authentication>password-cleartext"
	          "</authentication><username>%EMAILADDRESS%</username>\n");
	/* A program that empties the mailbox surprises its owner (R35). */
	if (e->service == ENDPOINT_POP3)
		buf_add_z(out, "      <pop3><leaveMessagesOnServer>true"
		               "</leaveMessagesOnServer></pop3>\n");
	buf_fmt(out, "    </%s>\n", tag);
}

static void jmap(struct buf *out, struct str site)
{
	buf_add_z(out, "    <incomingServer type=\"jmap\">\n      <url>");
	xml_add(out, site);
	buf_add_z(out, "/.well-known/jmap</url>\n"
	               "      <authentication system=\"http\">Basic"
	               "</authentication><username>%EMAILADDRESS%</username>\n"
	               "    </incomingServer>\n");
}

static void servers(const struct config *cfg, struct arena *a, bool sends,
                    struct buf *out)
{
	for (size_t i = 0; i < ENDPOINTS; i++) {
		struct endpoint e;

		if (!endpoint_get(cfg, i, a, &e) ||
		    (e.service == ENDPOINT_SUBMISSION) != sends ||
		    e.service == ENDPOINT_SIEVE)
			continue;
		if (e.service == ENDPOINT_JMAP)
			jmap(out, endpoint_site(cfg, "mail", a));
		else
			server(out, &e);
	}
}

void setup_autoconfig(const struct config *cfg, struct str domain,
                      struct buf *out)
{
	struct str provider = config_provider_domain(cfg), site;
	struct arena a;

	arena_init(&a);
	site = endpoint_site(cfg, "mail", &a);
	buf_add_z(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	               "<clientConfig version=\"1.1\">\n"
	               "  <emailProvider id=\"");
	xml_add(out, provider);
	buf_add_z(out, "\">\n    ");
	element(out, "domain", domain);
	buf_add_z(out, "\n    <domain purpose=\"mx\">");
	xml_add(out, provider);
	buf_add_z(out, "</domain>\n    ");
	element(out, "displayName", provider);
	element(out, "displayShortName", provider);
	buf_add_z(out, "\n");
	servers(cfg, &a, false, out);
	servers(cfg, &a, true, out);
	buf_add_z(out, "    <documentation url=\"");
	xml_add(out, site);
	buf_add_z(out, "/help/setup\">\n"
	               "      <descr lang=\"en\">Set up your mail program"
	               "</descr>\n    </documentation>\n"
	               "  </emailProvider>\n"
	               "  <webMail>\n    <loginPage url=\"");
	xml_add(out, site);
	buf_add_z(out, "/\"/>\n  </webMail>\n  <clientConfigUpdate url=\"");
	xml_add(out, endpoint_site(cfg, "autoconfig", &a));
	buf_add_z(out, "/mail/config-v1.1.xml\"/>\n</clientConfig>\n");
	arena_deinit(&a);
}
