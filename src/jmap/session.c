/* The session object (RFC 8620, 2; RFC 8621, 1.3; RFC 9425, 2;
 * RFC 9610, 1.4). */
#include <stdio.h>

#include "base/base64.h"
#include "config/config.h"
#include "jmap/blob.h"
#include "jmap/contact.h"
#include "jmap/private.h"
#include "log/log.h"
#include "os/clock.h"
#include "sieve/sieve.h"
#include "store/script.h"
#include "wire/json/write.h"

struct store_id jmap_account_id(const struct jmap_user *u)
{
	return store_id('A', (uint64_t)u->account.id);
}

struct str jmap_session_state(struct arena *a, const struct jmap_user *u)
{
	return arena_fmt(a, "s%lld-%lld", (long long)u->account.id,
	                 (long long)u->change);
}

static void core(struct json_writer *w, const struct jmap_server *j)
{
	json_key(w, STR("urn:ietf:params:jmap:core"));
	json_object(w);
	json_member_u64(w, "maxSizeUpload",
	                config_u64(j->ctx.config, OPT_LIMITS_MESSAGE_BYTES));
	json_member_u64(w, "maxConcurrentUpload", JMAP_CONCURRENT_UPLOAD);
	json_member_u64(w, "maxSizeRequest", JMAP_SIZE_REQUEST_MAX);
	json_member_u64(w, "maxConcurrentRequests", JMAP_CONCURRENT_REQUESTS);
	json_member_u64(w, "maxCallsInRequest", JMAP_CALLS_IN_REQUEST);
	json_member_u64(w, "maxObjectsInGet", JMAP_OBJECTS_IN_GET);
	json_member_u64(w, "maxObjectsInSet", JMAP_OBJECTS_IN_SET);
	json_key(w, STR("collationAlgorithms"));
	json_array(w);
	json_str(w, STR("i;unicode-casemap"));
	json_end(w);
	json_end(w);
}

static void mail(struct json_writer *w, const struct jmap_server *j)
{
	static const char *const sorts[] = {
		"receivedAt",
		"sentAt",
		"size",
		"from",
		"to",
		"subject",
		"hasKeyword",
		"allInThreadHaveKeyword",
		"someInThreadHaveKeyword",
	};

	json_key(w, STR("urn:ietf:params:jmap:mail"));
	json_object(w);
	json_key(w, STR("maxMailboxesPerEmail"));
	json_null(w);
	json_member_u64(w, "maxMailboxDepth", 20);
	json_member_u64(w, "maxSizeMailboxName", JMAP_MAILBOX_NAME_MAX);
	json_member_u64(w, "maxSizeAttachmentsPerEmail",
	                config_u64(j->ctx.config, OPT_LIMITS_MESSAGE_BYTES) /
	                        4 * 3);
	json_key(w, STR("emailQuerySortOptions"));
	json_array(w);
	for (size_t i = 0; i < sizeof(sorts) / sizeof(sorts[0]); i++)
		json_z(w, sorts[i]);
	json_end(w);
	json_member_bool(w, "mayCreateTopLevelMailbox", true);
	json_end(w);
}

static void empty(struct json_writer *w, const char *urn)
{
	json_key(w, str_z(urn));
	json_object(w);
	json_end(w);
}

/* Where mail is exported, and a PDF looked at: docs/jmap.md. */
static void own(struct json_writer *w)
{
	json_key(w, STR("urn:x-posthus:mail"));
	json_object(w);
	json_member_z(w, "viewUrl", "/jmap/view/{accountId}/{blobId}/{name}");
	json_member_z(w, "exportUrl",
	              "/jmap/export/{accountId}/{name}?format={format}");
	json_end(w);
}

static void extension(struct json_writer *w, const char *name, const char *arg)
{
	json_key(w, str_z(name));
	json_array(w);
	if (arg)
		json_z(w, arg);
	json_end(w);
}

/* RFC 8621, 1.3.2: what an envelope's parameters may ask for. */
static void submission(struct json_writer *w, const struct jmap_server *j)
{
	uint64_t hold_s = (uint64_t)(config_us(j->ctx.config, OPT_SMTP_HOLD) /
	                             US_PER_SEC);
	char number[24];

	json_key(w, STR("urn:ietf:params:jmap:submission"));
	json_object(w);
	json_member_u64(w, "maxDelayedSend", hold_s);
	json_key(w, STR("submissionExtensions"));
	json_object(w);
	extension(w, "DSN", NULL);
	extension(w, "DELIVERBY", NULL);
	extension(w, "MT-PRIORITY", NULL);
	extension(w, "REQUIRETLS", NULL);
	(void)snprintf(number, sizeof(number), "%llu",
	               (unsigned long long)config_u64(
			       j->ctx.config, OPT_LIMITS_MESSAGE_BYTES));
	extension(w, "SIZE", number);
	(void)snprintf(number, sizeof(number), "%llu",
	               (unsigned long long)hold_s);
	if (hold_s)
		extension(w, "FUTURERELEASE", number);
	json_end(w);
	json_end(w);
}

static void words(struct json_writer *w, const char *member, struct str list)
{
	struct str word;

	json_key(w, str_z(member));
	json_array(w);
	while (str_cut(&list, ' ', &word))
		json_str(w, word);
	json_end(w);
}

/* RFC 9661, 1.4 */
static void sieve(struct json_writer *w, const struct jmap_server *j)
{
	const struct config *cfg = j->ctx.config;

	json_key(w, STR("urn:ietf:params:jmap:sieve"));
	json_object(w);
	json_member_u64(w, "maxSizeScriptName", SCRIPT_NAME_MAX);
	json_member_u64(w, "maxSizeScript",
	                config_u64(cfg, OPT_SIEVE_SCRIPT_BYTES));
	json_member_u64(w, "maxNumberScripts",
	                config_u64(cfg, OPT_SIEVE_SCRIPTS_MAX));
	json_member_u64(w, "maxNumberRedirects", SIEVE_REDIRECTS_MAX);
	words(w, "sieveExtensions", str_z(sieve_extensions()));
	words(w, "notificationMethods", STR("mailto"));
	words(w, "externalLists", str_z(sieve_list_schemes()));
	json_end(w);
}

static void sieve_session(struct json_writer *w)
{
	json_key(w, STR("urn:ietf:params:jmap:sieve"));
	json_object(w);
	json_member_z(w, "implementation", "Posthus");
	json_end(w);
}

static void strings(struct json_writer *w, const char *name,
                    const char *const *list)
{
	json_key(w, str_z(name));
	json_array(w);
	for (; *list; list++)
		json_z(w, *list);
	json_end(w);
}

/* RFC 9404, 3. */
static void blobs(struct json_writer *w, const struct jmap_server *j)
{
	json_key(w, STR("urn:ietf:params:jmap:blob"));
	json_object(w);
	json_member_u64(w, "maxSizeBlobSet",
	                config_u64(j->ctx.config, OPT_LIMITS_MESSAGE_BYTES));
	json_member_u64(w, "maxDataSources", JMAP_BLOB_SOURCES_MAX);
	strings(w, "supportedTypeNames", jmap_blob_types);
	strings(w, "supportedDigestAlgorithms", jmap_blob_digests);
	json_end(w);
}

/* RFC 9610, 1.4.1. */
static void contacts(struct json_writer *w)
{
	json_key(w, STR("urn:ietf:params:jmap:contacts"));
	json_object(w);
	json_member_u64(w, "maxAddressBooksPerCard", CONTACT_BOOKS_MAX);
	json_member_bool(w, "mayCreateAddressBook", true);
	json_end(w);
}

static void accounts(struct json_writer *w, const struct jmap_server *j,
                     const struct jmap_user *u)
{
	json_key(w, STR("accounts"));
	json_object(w);
	json_key(w, str_z(jmap_account_id(u).z));
	json_object(w);
	json_member_str(w, "name", u->address);
	json_member_bool(w, "isPersonal", true);
	json_member_bool(w, "isReadOnly", false);
	json_key(w, STR("accountCapabilities"));
	json_object(w);
	empty(w, "urn:ietf:params:jmap:core");
	mail(w, j);
	empty(w, "urn:ietf:params:jmap:quota");
	submission(w, j);
	sieve(w, j);
	empty(w, "urn:ietf:params:jmap:vacationresponse");
	own(w);
	empty(w, "urn:ietf:params:jmap:mdn");
	blobs(w, j);
	contacts(w);
	json_end(w);
	json_end(w);
	json_end(w);
}

static void primary(struct json_writer *w, const struct jmap_user *u)
{
	json_key(w, STR("primaryAccounts"));
	json_object(w);
	json_member_z(w, "urn:ietf:params:jmap:core", jmap_account_id(u).z);
	json_member_z(w, "urn:ietf:params:jmap:mail", jmap_account_id(u).z);
	json_member_z(w, "urn:ietf:params:jmap:quota", jmap_account_id(u).z);
	json_member_z(w, "urn:ietf:params:jmap:submission",
	              jmap_account_id(u).z);
	json_member_z(w, "urn:ietf:params:jmap:sieve", jmap_account_id(u).z);
	json_member_z(w, "urn:ietf:params:jmap:vacationresponse",
	              jmap_account_id(u).z);
	json_member_z(w, "urn:x-posthus:mail", jmap_account_id(u).z);
	json_member_z(w, "urn:ietf:params:jmap:mdn", jmap_account_id(u).z);
	json_member_z(w, "urn:ietf:params:jmap:blob", jmap_account_id(u).z);
	json_member_z(w, "urn:ietf:params:jmap:contacts", jmap_account_id(u).z);
	json_end(w);
}

/* The client named the host, so that it finds us behind whatever it passed;
 * what does not look like a host is left out, and the URL is relative. */
static struct str base_url(struct http_exchange *x, struct arena *a)
{
	struct str host = http_request(x)->host;

	for (size_t i = 0; i < host.n; i++)
		if (!ascii_is_alpha(host.p[i]) && !ascii_is_digit(host.p[i]) &&
		    str_chr(STR(".-:[]"), host.p[i]) == STR_NPOS)
			return STR("");
	if (host.n == 0)
		return host;
	return arena_fmt(a, "%s://%.*s",
	                 net_is_tls(http_session(x)) ? "https" : "http",
	                 STR_ARG(host));
}

/* RFC 8887, 3 */
static void websocket(struct json_writer *w, const struct jmap_server *j,
                      struct http_exchange *x, struct arena *a)
{
	struct str base = base_url(x, a);

	/* "http://" becomes "ws://". */
	json_key(w, STR("urn:ietf:params:jmap:websocket"));
	json_object(w);
	json_member_str(w, "url",
	                arena_fmt(a, "%s%.*s/jmap/socket", base.n ? "ws" : "",
	                          STR_ARG(str_from(base, base.n ? 4 : 0))));
	json_member_bool(w, "supportsPush", j->ctx.news != NULL);
	json_end(w);
}

static void urls(struct json_writer *w, struct http_exchange *x,
                 struct arena *a)
{
	static const struct {
		const char *name, *path;
	} rows[] = {
		{ "apiUrl", "/jmap/api" },
		{ "downloadUrl", "/jmap/download/{accountId}/{blobId}/{name}"
		                 "?type={type}" },
		{ "uploadUrl", "/jmap/upload/{accountId}/" },
		{ "eventSourceUrl", "/jmap/eventsource?types={types}"
		                    "&closeafter={closeafter}&ping={ping}" },
	};
	struct str base = base_url(x, a);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		json_member_str(w, rows[i].name,
		                arena_fmt(a, "%.*s%s", STR_ARG(base),
		                          rows[i].path));
}

/* The key is asked for once; until it can be had there is no capability. */
static bool has_vapid(struct jmap_server *j)
{
	struct err err = ERR_INIT;
	bool has;

	if (!j->ctx.push || !j->ctx.keys)
		return false;
	(void)pthread_mutex_lock(&j->lock);
	if (!j->has_vapid) {
		j->has_vapid = vapid_load(&j->vapid, j->ctx.keys, &err) == 0;
		if (!j->has_vapid)
			log_fail(LOG_WARN, "jmap.push.trouble", &err);
	}
	has = j->has_vapid;
	(void)pthread_mutex_unlock(&j->lock);
	return has;
}

/* RFC 9749, 3. */
static void vapid(struct json_writer *w, struct jmap_server *j)
{
	struct buf b;

	if (!has_vapid(j))
		return;
	buf_init(&b, 128);
	base64_encode_url(&b, (struct str){ (const char *)j->vapid.point,
	                                    sizeof(j->vapid.point) });
	json_key(w, STR("urn:ietf:params:jmap:webpush-vapid"));
	json_object(w);
	json_member_str(w, "applicationServerKey", buf_str(&b));
	json_end(w);
	buf_deinit(&b);
}

void jmap_serve_session(struct http_exchange *x)
{
	struct jmap_server *j = http_arg(x);
	struct jmap_user u = { .change = 0 };
	struct json_writer w;
	struct arena a;
	struct buf b;

	arena_init(&a);
	buf_init(&b, 65536);
	if (jmap_login(j, x, &a, &u)) {
		w = json_writer(&b);
		json_object(&w);
		json_key(&w, STR("capabilities"));
		json_object(&w);
		core(&w, j);
		empty(&w, "urn:ietf:params:jmap:mail");
		empty(&w, "urn:ietf:params:jmap:quota");
		empty(&w, "urn:ietf:params:jmap:submission");
		sieve_session(&w);
		empty(&w, "urn:ietf:params:jmap:vacationresponse");
		websocket(&w, j, x, &a);
		empty(&w, "urn:x-posthus:mail");
		empty(&w, "urn:ietf:params:jmap:mdn");
		empty(&w, "urn:ietf:params:jmap:blob");
		empty(&w, "urn:ietf:params:jmap:contacts");
		vapid(&w, j);
		json_end(&w);
		accounts(&w, j, &u);
		primary(&w, &u);
		json_member_str(&w, "username", u.address);
		urls(&w, x, &a);
		json_member_str(&w, "state", jmap_session_state(&a, &u));
		json_end(&w);
		jmap_reply(x, buf_str(&b));
	}
	buf_deinit(&b);
	arena_deinit(&a);
}
