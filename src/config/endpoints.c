#include "config/endpoints.h"

#include "config/config.h"

/* In the order in which programs should try them. */
static const struct row {
	enum endpoint_service service;
	const char *label;
	enum config_option port;
	bool tls, recommended;
	const char *srv;
	unsigned priority;
} rows[ENDPOINTS] = {
	{ ENDPOINT_IMAP, "imap", OPT_LISTEN_IMAPS, true, true, "imaps", 0 },
	{ ENDPOINT_IMAP, "imap", OPT_LISTEN_IMAP, false, false, "imap", 10 },
	{ ENDPOINT_POP3, "pop", OPT_LISTEN_POP3S, true, true, "pop3s", 20 },
	{ ENDPOINT_POP3, "pop", OPT_LISTEN_POP3, false, false, "pop3", 30 },
	{ ENDPOINT_SUBMISSION, "send", OPT_LISTEN_SUBMISSIONS, true, true,
	  "submissions", 0 },
	{ ENDPOINT_SUBMISSION, "send", OPT_LISTEN_SUBMISSION, false, false,
	  "submission", 10 },
	{ ENDPOINT_JMAP, "mail", OPT_LISTEN_HTTPS, true, true, "jmap", 0 },
	{ ENDPOINT_SIEVE, "imap", OPT_LISTEN_SIEVE, false, true, "sieve", 0 },
};

bool endpoint_get(const struct config *cfg, size_t i, struct arena *a,
                  struct endpoint *out)
{
	const struct row *r = &rows[i];
	uint16_t port = config_port(cfg, r->port);

	if (!port)
		return false;
	*out = (struct endpoint){
		.service = r->service,
		.host = arena_fmt(a, "%s.%.*s", r->label,
		                  STR_ARG(config_provider_domain(cfg))),
		.port = port,
		.tls = r->tls,
		.recommended = r->recommended,
		.srv = r->srv,
		.srv_priority = r->priority,
	};
	return true;
}

bool endpoint_best(const struct config *cfg, enum endpoint_service service,
                   struct arena *a, struct endpoint *out)
{
	for (size_t i = 0; i < ENDPOINTS; i++)
		if (rows[i].service == service && endpoint_get(cfg, i, a, out))
			return true;
	return false;
}

struct str endpoint_site(const struct config *cfg, const char *label,
                         struct arena *a)
{
	struct str domain = config_provider_domain(cfg);
	unsigned port = config_port(cfg, OPT_LISTEN_HTTPS);

	if (port == 443 || port == 0)
		return arena_fmt(a, "https://%s.%.*s", label, STR_ARG(domain));
	return arena_fmt(a, "https://%s.%.*s:%u", label, STR_ARG(domain), port);
}

const char *const endpoint_prefixes[ENDPOINT_PREFIXES] = {
	"imap",       "pop",          "send",    "mail",           "mx",
	"autoconfig", "autodiscover", "mta-sts", "ua-auto-config",
};

void endpoint_mta_sts(const struct config *cfg, struct buf *out)
{
	struct str mode = config_str(cfg, OPT_PROVIDER_MTA_STS);

	buf_fmt(out, "version: STSv1\r\nmode: %.*s\r\n", STR_ARG(mode));
	buf_fmt(out, "mx: mx.%.*s\r\n", STR_ARG(config_provider_domain(cfg)));
	/* What is being tried out is soon forgotten. */
	buf_fmt(out, "max_age: %d\r\n",
	        str_eq(mode, STR("enforce")) ? 7 * 86400 : 86400);
}
