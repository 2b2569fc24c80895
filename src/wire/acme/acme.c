#include "wire/acme/acme.h"

#include <string.h>

#include "base/base64.h"
#include "wire/message/timestamp.h"

#define US_PER_SECOND 1000000

const struct json_limits acme_limits = {
	.bytes_max = (size_t)256 * 1024,
	.depth_max = 16,
	.values_max = 5000,
};

static struct str text_of(struct json v, const char *name)
{
	struct json found;

	return json_get(v, name, &found) ? json_as_str(found) : STR("");
}

bool acme_directory_read(struct json v, struct acme_directory *out)
{
	struct json meta = { NULL }, eab;

	*out = (struct acme_directory){
		.new_nonce = text_of(v, "newNonce"),
		.new_account = text_of(v, "newAccount"),
		.new_order = text_of(v, "newOrder"),
		.renewal_info = text_of(v, "renewalInfo"),
	};
	if (json_get(v, "meta", &meta)) {
		out->terms = text_of(meta, "termsOfService");
		out->eab = json_get(meta, "externalAccountRequired", &eab) &&
		           json_as_bool(eab);
	}
	return out->new_nonce.n && out->new_account.n && out->new_order.n;
}

void acme_problem_read(struct json v, struct acme_problem *out)
{
	struct str urn = STR("urn:ietf:params:acme:error:");
	struct str type = text_of(v, "type");

	if (str_starts(type, urn))
		type = str_from(type, urn.n);
	*out = (struct acme_problem){ type, text_of(v, "detail") };
}

static void read_error(struct json v, struct acme_problem *out)
{
	struct json error;

	*out = (struct acme_problem){ STR(""), STR("") };
	if (json_get(v, "error", &error))
		acme_problem_read(error, out);
}

static enum acme_status read_status(struct json v)
{
	static const struct {
		const char *name;
		enum acme_status status;
	} names[] = {
		{ "pending", ACME_PENDING },
		{ "ready", ACME_READY },
		{ "processing", ACME_PROCESSING },
		{ "valid", ACME_VALID },
	};
	struct str s = text_of(v, "status");

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (str_eq(s, str_z(names[i].name)))
			return names[i].status;
	return ACME_INVALID;
}

void acme_order_read(struct json v, struct acme_order *out)
{
	struct json list;

	*out = (struct acme_order){
		.status = read_status(v),
		.finalize = text_of(v, "finalize"),
		.certificate = text_of(v, "certificate"),
	};
	read_error(v, &out->error);
	if (!json_get(v, "authorizations", &list))
		return;
	for (size_t i = 0; i < json_count(list) && out->n < ACME_NAMES_MAX; i++)
		out->authorizations[out->n++] = json_as_str(json_at(list, i));
}

/* It becomes the name of a file. */
static struct str read_token(struct json v)
{
	struct str s = text_of(v, "token");

	if (s.n > ACME_TOKEN_MAX)
		return STR("");
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_is_alpha(s.p[i]) && !ascii_is_digit(s.p[i]) &&
		    s.p[i] != '-' && s.p[i] != '_')
			return STR("");
	return s;
}

void acme_authorization_read(struct json v, struct acme_authorization *out)
{
	struct json id, list, wildcard;

	*out = (struct acme_authorization){ .status = read_status(v) };
	if (json_get(v, "identifier", &id))
		out->name = text_of(id, "value");
	out->wildcard =
		json_get(v, "wildcard", &wildcard) && json_as_bool(wildcard);
	if (!json_get(v, "challenges", &list))
		return;
	for (size_t i = 0; i < json_count(list) && out->n < ACME_CHALLENGES_MAX;
	     i++) {
		struct acme_challenge *c = &out->challenges[out->n++];
		struct json one = json_at(list, i);

		*c = (struct acme_challenge){ .type = text_of(one, "type"),
			                      .url = text_of(one, "url"),
			                      .token = read_token(one),
			                      .status = read_status(one) };
		read_error(one, &c->error);
	}
}

const struct acme_challenge *acme_challenge_find(
	const struct acme_authorization *a, const char *type)
{
	for (size_t i = 0; i < a->n; i++)
		if (str_eq(a->challenges[i].type, str_z(type)) &&
		    a->challenges[i].url.n)
			return &a->challenges[i];
	return NULL;
}

bool acme_window_read(struct json v, struct acme_window *out)
{
	int64_t from, until;
	struct json window;

	if (!json_get(v, "suggestedWindow", &window) ||
	    !timestamp_parse(text_of(window, "start"), &from) ||
	    !timestamp_parse(text_of(window, "end"), &until))
		return false;
	*out = (struct acme_window){
		.from_s = from / US_PER_SECOND,
		.until_s = until / US_PER_SECOND,
		.explanation = text_of(v, "explanationURL"),
	};
	return out->from_s < out->until_s;
}

/* ---- what is sent ---- */

static void add_base64(struct buf *out, const unsigned char *p, size_t n)
{
	base64_encode_url(out, (struct str){ (const char *)p, n });
}

void acme_jwk(struct buf *out, const unsigned char xy[64])
{
	buf_add(out, STR("{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\""));
	add_base64(out, xy, 32);
	buf_add(out, STR("\",\"y\":\""));
	add_base64(out, xy + 32, 32);
	buf_add(out, STR("\"}"));
}

void acme_jws(struct buf *out, struct str protected_b64, struct str payload_b64,
              struct str signature)
{
	buf_fmt(out,
	        "{\"protected\":\"%.*s\",\"payload\":\"%.*s\","
	        "\"signature\":\"",
	        STR_ARG(protected_b64), STR_ARG(payload_b64));
	base64_encode_url(out, signature);
	buf_add(out, STR("\"}"));
}
