#include "clientsetup/documents.h"
#include "config/config.h"
#include "config/endpoints.h"
#include "crypto/hash.h"
#include "wire/xml/read.h"

/* A UUID that follows from its name (RFC 9562, 5.8). */
static struct str uuid_of(struct str address, const char *what, struct arena *a)
{
	unsigned char d[HASH_MAX];

	hash_bytes(HASH_SHA256,
	           arena_fmt(a, "%s mailto:%.*s", what, STR_ARG(address)), d);
	d[6] = (unsigned char)((d[6] & 0x0f) | 0x80);
	d[8] = (unsigned char)((d[8] & 0x3f) | 0x80);
	return arena_fmt(a,
	                 "%02X%02X%02X%02X-%02X%02X-%02X%02X-%02X%02X-"
	                 "%02X%02X%02X%02X%02X%02X",
	                 d[0], d[1], d[2], d[3], d[4], d[5], d[6], d[7], d[8],
	                 d[9], d[10], d[11], d[12], d[13], d[14], d[15]);
}

static void string(struct buf *out, const char *key, struct str value)
{
	buf_fmt(out, "<key>%s</key><string>", key);
	xml_add(out, value);
	buf_add_z(out, "</string>\n");
}

static void flag(struct buf *out, const char *key, bool on)
{
	buf_fmt(out, "<key>%s</key><%s/>\n", key, on ? "true" : "false");
}

static void server(struct buf *out, const char *way, const struct endpoint *e,
                   struct str address)
{
	buf_fmt(out,
	        "<key>%sMailServerAuthentication</key>"
	        "<string>EmailAuthPassword</string>\n",
	        way);
	buf_fmt(out, "<key>%sMailServerHostName</key><string>%.*s</string>\n",
	        way, STR_ARG(e->host));
	buf_fmt(out,
	        "<key>%sMailServerPortNumber</key><integer>%u</integer>\n"
	        "<key>%sMailServerUseSSL</key><true/>\n"
	        "<key>%sMailServerUsername</key><string>",
	        way, e->port, way, way);
	xml_add(out, address);
	buf_add_z(out, "</string>\n");
}

static void account(const struct config *cfg, struct str address,
                    struct str name, bool pop, struct str id, struct arena *a,
                    struct buf *out)
{
	struct endpoint in, to;

	string(out, "PayloadType", STR("com.apple.mail.managed"));
	buf_add_z(out, "<key>PayloadVersion</key><integer>1</integer>\n");
	string(out, "PayloadIdentifier",
	       arena_fmt(a, "%.*s.account", STR_ARG(id)));
	string(out, "PayloadUUID", uuid_of(address, "account", a));
	string(out, "EmailAccountType",
	       pop ? STR("EmailTypePOP") : STR("EmailTypeIMAP"));
	string(out, "EmailAccountName", name);
	string(out, "EmailAccountDescription", address);
	string(out, "EmailAddress", address);
	if (endpoint_best(cfg, pop ? ENDPOINT_POP3 : ENDPOINT_IMAP, a, &in))
		server(out, "Incoming", &in, address);
	if (endpoint_best(cfg, ENDPOINT_SUBMISSION, a, &to))
		server(out, "Outgoing", &to, address);
	flag(out, "OutgoingPasswordSameAsIncomingPassword", true);
	flag(out, "PreventMove", false);
	flag(out, "PreventAppSheet", false);
	flag(out, "SMIMEEnabled", false);
}

/* "example.hosting.mail.anna.customer.example": dots and letters alone. */
static struct str identifier(const struct config *cfg, struct str address,
                             struct arena *a)
{
	struct str rest = config_provider_domain(cfg);
	struct buf b;
	struct str out;

	buf_init(&b, 2000);
	while (rest.n) {
		size_t dot = str_rchr(rest, '.');
		size_t from = dot == STR_NPOS ? 0 : dot + 1;

		buf_add(&b, str_from(rest, from));
		buf_add_c(&b, '.');
		rest = dot == STR_NPOS ? str_to(rest, 0) : str_to(rest, dot);
	}
	buf_add_z(&b, "mail.");
	for (size_t i = 0; i < address.n; i++) {
		char c = address.p[i];
		bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
		             c == '-';

		buf_add_c(&b, plain ? c : '.');
	}
	out = arena_dup(a, buf_str(&b));
	buf_deinit(&b);
	return out;
}

void setup_mobileconfig(const struct config *cfg, struct str address,
                        struct str name, bool pop, struct buf *out)
{
	struct arena a;
	struct str id;

	arena_init(&a);
	id = identifier(cfg, address, &a);
	buf_add_z(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	               "<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" "
	               "\"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n"
	               "<plist version=\"1.0\"><dict>\n");
	string(out, "PayloadType", STR("Configuration"));
	buf_add_z(out, "<key>PayloadVersion</key><integer>1</integer>\n");
	string(out, "PayloadIdentifier", id);
	string(out, "PayloadUUID", uuid_of(address, "profile", &a));
	string(out, "PayloadDisplayName",
	       arena_fmt(&a, "Mail: %.*s", STR_ARG(address)));
	string(out, "PayloadOrganization", config_provider_domain(cfg));
	flag(out, "PayloadRemovalDisallowed", false);
	buf_add_z(out, "<key>PayloadContent</key><array><dict>\n");
	account(cfg, address, name.n ? name : address, pop, id, &a, out);
	buf_add_z(out, "</dict></array>\n</dict></plist>\n");
	arena_deinit(&a);
}
