#include "clientsetup/site.h"

#include <string.h>

#include "clientsetup/documents.h"
#include "config/config.h"
#include "config/endpoints.h"
#include "crypto/cms.h"
#include "directory/directory.h"
#include "log/log.h"
#include "os/clock.h"
#include "text/idn.h"
#include "text/nfc.h"
#include "wire/json/write.h"
#include "wire/xml/read.h"

#define XML         "text/xml; charset=utf-8"
#define JSON        "application/json; charset=utf-8"
#define ADDRESS_MAX 512
/* Of a signature with its certificates. */
#define SIGNATURE_MAX ((size_t)256 * 1024)

/* ---- which domain ---- */

/* 1 and the name in its one form when it is hosted, or the provider's own. */
static int find_domain(struct setup_site *site, struct str name,
                       struct arena *a, struct str *out, struct err *err)
{
	struct directory_domain d;

	if (text_domain_normal(a, name, out, err) < 0)
		return 0;
	if (str_eq(*out, config_provider_domain(site->config)))
		return 1;
	if (directory_domain_get(site->directory, *out, a, &d, err) == 0)
		return 1;
	return err->kind == ERR_NOT_FOUND || err->kind == ERR_INVALID ? 0 : -1;
}

static struct str domain_of(struct str address)
{
	size_t at = str_rchr(address, '@');

	return at == STR_NPOS ? (struct str){ NULL, 0 }
	                      : str_from(address, at + 1);
}

/* "autoconfig.customer.example:8443" is about customer.example. */
static struct str domain_of_host(struct str host)
{
	static const char *const labels[] = { "autoconfig.", "autodiscover.",
		                              "ua-auto-config.", "mta-sts.",
		                              "mail." };
	size_t colon = str_rchr(host, ':');

	if (colon != STR_NPOS)
		host = str_to(host, colon);
	for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
		struct str l = str_z(labels[i]);

		if (host.n > l.n && str_eq_case(str_to(host, l.n), l))
			return str_from(host, l.n);
	}
	return host;
}

/* A parameter of the query, whatever the case of its name; decoded. */
static struct str parameter(struct http_exchange *x, const char *name,
                            struct arena *a)
{
	struct str query = http_request(x)->query, n, v;

	while (http_query_next(&query, &n, &v)) {
		char text[ADDRESS_MAX];
		size_t len;

		if (!str_eq_case(n, str_z(name)) || v.n > sizeof(text))
			continue;
		if (http_query_decode(v, text, &len))
			return arena_dup(a, (struct str){ text, len });
	}
	return (struct str){ NULL, 0 };
}

static void trouble(struct http_exchange *x, const struct err *err)
{
	log_fail(LOG_ERROR, "clientsetup.trouble", err);
	http_reply(x, 503, "text/plain; charset=utf-8",
	           STR("Temporary trouble, try later\n"));
}

/* ---- autoconfig ---- */

static void autoconfig(struct http_exchange *x)
{
	struct setup_site *site = http_arg(x);
	struct err err = ERR_INIT;
	struct str domain;
	struct arena a;
	struct buf out;
	int rc;

	arena_init(&a);
	rc = find_domain(site, domain_of(parameter(x, "emailaddress", &a)), &a,
	                 &domain, &err);
	if (rc == 0)
		rc = find_domain(site, domain_of_host(http_request(x)->host),
		                 &a, &domain, &err);
	if (rc < 0) {
		trouble(x, &err);
	} else if (rc == 0) {
		http_reply(x, 404, "text/plain; charset=utf-8",
		           STR("This domain is not hosted here\n"));
	} else {
		buf_init(&out, SETUP_DOCUMENT_MAX);
		setup_autoconfig(site->config, domain, &out);
		http_set(x, "Cache-Control", STR("public, max-age=3600"));
		http_reply(x, 200, XML, buf_str(&out));
		buf_deinit(&out);
	}
	arena_deinit(&a);
}

/* ---- autodiscover ---- */

/* Outlook asks in clear where to ask (it then warns of the other name). */
static void autodiscover_moved(struct http_exchange *x)
{
	struct setup_site *site = http_arg(x);
	struct arena a;

	arena_init(&a);
	http_redirect(x, 302,
	              arena_fmt(&a, "%.*s/autodiscover/autodiscover.xml",
	                        STR_ARG(endpoint_site(site->config,
	                                              "autodiscover", &a))));
	arena_deinit(&a);
}

struct asked {
	struct arena *a;
	struct str address, schema;
};

static bool note(void *arg, struct str name, struct str text)
{
	struct asked *q = arg;

	if (str_eq_case(name, STR("EMailAddress")) && text.n <= ADDRESS_MAX)
		q->address = arena_dup(q->a, text);
	else if (str_eq_case(name, STR("AcceptableResponseSchema")) &&
	         text.n <= ADDRESS_MAX)
		q->schema = arena_dup(q->a, text);
	return true;
}

/* Both "http" and "https" forms of the name are in use. */
static bool is_outlook_schema(struct str s)
{
	return str_ends(s, STR("://schemas.microsoft.com/exchange/autodiscover/"
	                       "outlook/responseschema/2006a"));
}

/* 0 and the answer in *out, or -1: our trouble. */
static int answer(struct setup_site *site, struct str body, struct arena *a,
                  struct buf *out, struct err *err)
{
	struct asked q = { .a = a };
	struct err ignored = ERR_INIT;
	struct str domain;
	int rc;

	if (xml_each_leaf(body, note, &q, &ignored) < 0 || !q.address.n ||
	    !is_outlook_schema(q.schema)) {
		setup_autodiscover_error(600, clock_wall_us(), out);
		return 0;
	}
	rc = find_domain(site, domain_of(q.address), a, &domain, err);
	if (rc < 0)
		return -1;
	if (rc == 0)
		setup_autodiscover_error(500, clock_wall_us(), out);
	else
		setup_autodiscover(site->config, q.address, out);
	return 0;
}

static void autodiscover(struct http_exchange *x)
{
	struct setup_site *site = http_arg(x);
	struct err err = ERR_INIT;
	struct arena a;
	struct buf out;
	struct str body;

	arena_init(&a);
	buf_init(&out, SETUP_DOCUMENT_MAX);
	if (http_body(x, &body, &err) < 0 ||
	    answer(site, body, &a, &out, &err) < 0)
		trouble(x, &err);
	else
		http_reply(x, 200, XML, buf_str(&out));
	buf_deinit(&out);
	arena_deinit(&a);
}

static void json_error(struct http_exchange *x, struct str protocol)
{
	struct json_writer w;
	struct arena a;
	struct buf out;

	arena_init(&a);
	buf_init(&out, SETUP_DOCUMENT_MAX);
	w = json_writer(&out);
	json_object(&w);
	json_member_z(&w, "ErrorCode", "InvalidProtocol");
	json_member_str(&w, "ErrorMessage",
	                arena_fmt(&a,
	                          "The given protocol value '%.*s' is invalid. "
	                          "Supported values are 'AutodiscoverV1'",
	                          STR_ARG(protocol)));
	json_end(&w);
	http_reply(x, 400, JSON, buf_str(&out));
	buf_deinit(&out);
	arena_deinit(&a);
}

/* Autodiscover v2: where the other document is, whoever asks. */
static void autodiscover_json(struct http_exchange *x)
{
	struct setup_site *site = http_arg(x);
	struct json_writer w;
	struct arena a;
	struct buf out;
	struct str protocol;

	arena_init(&a);
	protocol = parameter(x, "Protocol", &a);
	if (!str_eq_case(protocol, STR("AutodiscoverV1"))) {
		json_error(x, protocol);
		arena_deinit(&a);
		return;
	}
	buf_init(&out, SETUP_DOCUMENT_MAX);
	w = json_writer(&out);
	json_object(&w);
	json_member_z(&w, "Protocol", "AutodiscoverV1");
	json_member_str(&w, "Url",
	                arena_fmt(&a, "%.*s/autodiscover/autodiscover.xml",
	                          STR_ARG(endpoint_site(site->config,
	                                                "autodiscover", &a))));
	json_end(&w);
	http_reply(x, 200, JSON, buf_str(&out));
	buf_deinit(&out);
	arena_deinit(&a);
}

/* ---- PACC ---- */

static void pacc(struct http_exchange *x)
{
	struct setup_site *site = http_arg(x);
	struct buf out;

	buf_init(&out, SETUP_DOCUMENT_MAX);
	setup_pacc(site->config, &out);
	http_set(x, "Cache-Control", STR("public, max-age=3600"));
	http_reply(x, 200, "application/json", buf_str(&out));
	buf_deinit(&out);
}

/* ---- Apple's profile ---- */

/* "mail-anna-at-customer-example.mobileconfig" */
static struct str file_name(struct str address, struct arena *a)
{
	struct buf b;
	struct str out;

	buf_init(&b, 2 * ADDRESS_MAX);
	buf_add_z(&b, "attachment; filename=\"mail-");
	for (size_t i = 0; i < address.n; i++) {
		char c = address.p[i];
		bool plain = ascii_is_alpha(c) || ascii_is_digit(c) || c == '-';

		if (c == '@')
			buf_add_z(&b, "-at-");
		else
			buf_add_c(&b, plain ? c : '-');
	}
	buf_add_z(&b, ".mobileconfig\"");
	out = arena_dup(a, buf_str(&b));
	buf_deinit(&b);
	return out;
}

/* Signed by the name in the address bar, so that the person who installs it
 * reads who made it. */
static int sign_profile(struct http_exchange *x, struct str profile,
                        struct arena *a, struct buf *out, struct err *err)
{
	struct setup_site *site = http_arg(x);
	struct str host = http_request(x)->host, chain;
	size_t colon = str_rchr(host, ':');

	if (colon != STR_NPOS)
		host = str_to(host, colon);
	if (site->chain(site->chain_arg, text_lower(a, host), a, &chain, err) <
	    0)
		return -1;
	return cms_sign(chain, site->signer, profile, out, err);
}

static void send_profile(struct http_exchange *x, struct str address,
                         struct arena *a)
{
	struct setup_site *site = http_arg(x);
	bool pop = str_eq_case(parameter(x, "type", a), STR("pop"));
	struct err err = ERR_INIT;
	struct buf plain, out;

	buf_init(&plain, SETUP_DOCUMENT_MAX);
	buf_init(&out, SETUP_DOCUMENT_MAX + SIGNATURE_MAX);
	setup_mobileconfig(site->config, address, STR(""), pop, &plain);
	if (sign_profile(x, buf_str(&plain), a, &out, &err) < 0) {
		trouble(x, &err);
	} else {
		http_set(x, "Content-Disposition", file_name(address, a));
		http_set(x, "Cache-Control", STR("public, max-age=3600"));
		http_reply(x, 200, "application/x-apple-aspen-config",
		           buf_str(&out));
	}
	buf_deinit(&out);
	buf_deinit(&plain);
}

static void profile(struct http_exchange *x)
{
	static const struct str ending = STR_INIT(".mobileconfig");
	struct setup_site *site = http_arg(x);
	struct str name = http_path_rest(x), local, domain, found;
	struct err err = ERR_INIT;
	struct arena a;
	int rc = 0;

	arena_init(&a);
	if (str_ends(name, ending) && name.n <= ADDRESS_MAX &&
	    directory_address_parse(str_to(name, name.n - ending.n), &a, &local,
	                            &domain, &err) == 0)
		rc = find_domain(site, domain, &a, &found, &err);
	if (rc < 0)
		trouble(x, &err);
	else if (rc == 0)
		http_reply(x, 404, "text/plain; charset=utf-8",
		           STR("This address is not hosted here\n"));
	else
		send_profile(x,
		             arena_fmt(&a, "%.*s@%.*s", STR_ARG(local),
		                       STR_ARG(domain)),
		             &a);
	arena_deinit(&a);
}

/* ---- MTA-STS ---- */

static void mta_sts(struct http_exchange *x)
{
	struct setup_site *site = http_arg(x);
	struct err err = ERR_INIT;
	struct str domain;
	struct arena a;
	struct buf out;
	int rc;

	arena_init(&a);
	rc = find_domain(site, domain_of_host(http_request(x)->host), &a,
	                 &domain, &err);
	if (rc < 0) {
		trouble(x, &err);
	} else if (rc == 0) {
		http_reply(x, 404, "text/plain; charset=utf-8",
		           STR("This domain is not hosted here\n"));
	} else {
		buf_init(&out, SETUP_DOCUMENT_MAX);
		endpoint_mta_sts(site->config, &out);
		http_reply(x, 200, "text/plain; charset=us-ascii",
		           buf_str(&out));
		buf_deinit(&out);
	}
	arena_deinit(&a);
}

/* ---- the rows ---- */

#define POX "/autodiscover/autodiscover.xml"
#define V2  "/autodiscover/autodiscover.json"

static const struct http_route rows[SETUP_ROUTES_N] = {
	{ .method = "GET",
	  .path = "/mail/config-v1.1.xml",
	  .handle = autoconfig,
	  .in_clear = true },
	{ .method = "GET",
	  .path = "/.well-known/autoconfig/mail/config-v1.1.xml",
	  .handle = autoconfig,
	  .in_clear = true },
	{ .method = "POST",
	  .path = POX,
	  .handle = autodiscover,
	  .body_max = XML_BYTES_MAX,
	  .any_case = true },
	{ .method = "GET",
	  .path = POX,
	  .handle = autodiscover_moved,
	  .in_clear = true,
	  .any_case = true },
	{ .method = "GET",
	  .path = V2,
	  .handle = autodiscover_json,
	  .any_case = true },
	{ .method = "GET",
	  .path = V2 "/*",
	  .handle = autodiscover_json,
	  .any_case = true },
	{ .method = "GET",
	  .path = "/.well-known/user-agent-configuration.json",
	  .handle = pacc },
	{ .method = "GET",
	  .path = "/autoconfig/mail/config-v1.1.xml",
	  .handle = autoconfig,
	  .in_clear = true },
	{ .method = "GET", .path = "/profile/*", .handle = profile },
	{ .method = "GET",
	  .path = "/.well-known/mta-sts.txt",
	  .handle = mta_sts },
};

void setup_routes(struct setup_site *site, struct http_route *out)
{
	memcpy(out, rows, sizeof(rows));
	for (size_t i = 0; i < SETUP_ROUTES_N; i++)
		out[i].arg = site;
}
