#include "base/civil.h"
#include "clientsetup/documents.h"
#include "config/config.h"
#include "config/endpoints.h"
#include "wire/xml/read.h"

#define HEAD                                                           \
	"<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"                 \
	"<Autodiscover xmlns=\"http://schemas.microsoft.com/exchange/" \
	"autodiscover/responseschema/2006\">\n"

/* Ports with TLS from the first byte alone: programs guess STARTTLS from the
 * number of a port, and not from what is written here. */
static void protocol(const struct config *cfg, enum endpoint_service service,
                     const char *type, struct str address, struct buf *out)
{
	struct endpoint e;
	struct arena a;

	arena_init(&a);
	if (endpoint_best(cfg, service, &a, &e) && e.tls) {
		buf_fmt(out,
		        "      <Protocol>\n"
		        "        <Type>%s</Type><TTL>24</TTL>\n"
		        "        <Server>%.*s</Server><Port>%u</Port>\n"
		        "        <DomainRequired>off</DomainRequired><LoginName>",
		        type, STR_ARG(e.host), e.port);
		xml_add(out, address);
		/* SPA is "on" where it is not written (R10). */
		buf_add_z(out, "</LoginName>\n"
		               "        <SPA>off</SPA><SSL>on</SSL>"
		               "<Encryption>SSL</Encryption>"
		               "<AuthRequired>on</AuthRequired>\n");
		if (service == ENDPOINT_SUBMISSION)
			buf_add_z(out, "        <UsePOPAuth>on</UsePOPAuth>"
			               "<SMTPLast>off</SMTPLast>\n");
		buf_add_z(out, "      </Protocol>\n");
	}
	arena_deinit(&a);
}

void setup_autodiscover(const struct config *cfg, struct str address,
                        struct buf *out)
{
	buf_add_z(out, HEAD "  <Response xmlns=\"http://schemas.microsoft.com/"
	                    "exchange/autodiscover/outlook/responseschema/"
	                    "2006a\">\n    <User><DisplayName>");
	xml_add(out, address);
	buf_add_z(out, "</DisplayName></User>\n"
	               "    <Account>\n"
	               "      <AccountType>email</AccountType>\n"
	               "      <Action>settings</Action>\n");
	protocol(cfg, ENDPOINT_IMAP, "IMAP", address, out);
	protocol(cfg, ENDPOINT_POP3, "POP3", address, out);
	protocol(cfg, ENDPOINT_SUBMISSION, "SMTP", address, out);
	buf_add_z(out, "    </Account>\n  </Response>\n</Autodiscover>\n");
}

void setup_autodiscover_error(unsigned code, int64_t now_us, struct buf *out)
{
	int64_t s = now_us / 1000000 % 86400;

	buf_fmt(out,
	        HEAD "  <Response>\n    <Error Time=\"%02d:%02d:%02d.0000000\" "
	             "Id=\"0\">\n      <ErrorCode>%u</ErrorCode>\n"
	             "      <Message>%s</Message>\n      <DebugData/>\n"
	             "    </Error>\n  </Response>\n</Autodiscover>\n",
	        (int)(s / 3600), (int)(s / 60 % 60), (int)(s % 60), code,
	        code == 600 ? "Invalid Request" : "Unknown domain");
}
