#include "clientsetup/documents.h"
#include "config/config.h"
#include "config/endpoints.h"
#include "wire/json/write.h"

static void host(const struct config *cfg, enum endpoint_service service,
                 const char *key, struct arena *a, struct json_writer *w)
{
	struct endpoint e;

	if (!endpoint_best(cfg, service, a, &e) || !e.tls)
		return;
	json_key(w, str_z(key));
	json_object(w);
	json_member_str(w, "host", e.host);
	json_end(w);
}

/* Keys in order, no blanks, no time: the digest must stay what it is. */
void setup_pacc(const struct config *cfg, struct buf *out)
{
	struct str provider = config_provider_domain(cfg), site;
	struct json_writer w = json_writer(out);
	struct arena a;

	arena_init(&a);
	site = endpoint_site(cfg, "mail", &a);
	json_object(&w);
	json_key(&w, STR("authentication"));
	json_object(&w);
	json_member_bool(&w, "password", true);
	json_end(&w);
	json_key(&w, STR("info"));
	json_object(&w);
	json_key(&w, STR("help"));
	json_object(&w);
	json_key(&w, STR("contact"));
	json_array(&w);
	json_str(&w,
	         arena_fmt(&a, "mailto:postmaster@%.*s", STR_ARG(provider)));
	json_end(&w);
	json_member_str(&w, "documentation",
	                arena_fmt(&a, "%.*s/help/setup", STR_ARG(site)));
	json_end(&w);
	json_key(&w, STR("provider"));
	json_object(&w);
	json_member_str(&w, "name", provider);
	json_member_str(&w, "shortName", provider);
	json_end(&w);
	json_end(&w);
	json_key(&w, STR("protocols"));
	json_object(&w);
	host(cfg, ENDPOINT_IMAP, "imap", &a, &w);
	json_key(&w, STR("jmap"));
	json_object(&w);
	json_member_str(&w, "url",
	                arena_fmt(&a, "%.*s/.well-known/jmap", STR_ARG(site)));
	json_end(&w);
	host(cfg, ENDPOINT_POP3, "pop3", &a, &w);
	host(cfg, ENDPOINT_SUBMISSION, "submit", &a, &w);
	json_end(&w);
	json_end(&w);
	arena_deinit(&a);
}
