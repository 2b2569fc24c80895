#include "jmap/compose.h"

#include <string.h>

#include "jmap/header.h"
#include "os/random.h"
#include "wire/message/date.h"
#include "wire/message/write.h"
#include "wire/mime/word.h"

#define FIELD_MAX ((size_t)256 * 1024)

int jmap_compose_wrong(struct jmap_compose *c, struct str property,
                       const char *why)
{
	return jmap_set_refuse(c->set, "invalidProperties",
	                       arena_strz(c->set->c->arena, property), "%s",
	                       why);
}

/* ---- values of fields, by form; false when the JSON is not of it ---- */

static bool text_value(struct jmap_compose *c, struct str name, struct json v)
{
	struct buf b;

	if (json_kind(v) != JSON_IS_STRING || json_as_str(v).n > FIELD_MAX / 8)
		return false;
	buf_init(&b, FIELD_MAX);
	word_encode(&b, json_as_str(v), WORD_TEXT);
	header_write(c->out, name, buf_str(&b));
	buf_deinit(&b);
	return true;
}

/* As it is, but that no line can begin a field of its own. */
static bool raw_value(struct jmap_compose *c, struct str name, struct json v)
{
	if (json_kind(v) != JSON_IS_STRING)
		return false;
	header_write(c->out, name, str_trim(json_as_str(v)));
	return true;
}

static bool one_address(struct arena *a, struct json v, struct address *out)
{
	struct json name, email;
	struct str spec;
	size_t at;

	if (!json_get(v, "email", &email))
		return false;
	spec = str_trim(json_as_str(email));
	at = str_rchr(spec, '@');
	for (size_t i = 0; i < spec.n; i++)
		if ((unsigned char)spec.p[i] < ' ' || spec.p[i] == 0x7f)
			return false;
	*out = (struct address){ .kind = ADDRESS_MAILBOX, .local = spec };
	if (at != STR_NPOS) {
		out->local = str_to(spec, at);
		out->domain = str_from(spec, at + 1);
	}
	if (at == STR_NPOS || !out->local.n || !out->domain.n ||
	    str_chr(out->domain, ' ') != STR_NPOS ||
	    str_chr(out->domain, '>') != STR_NPOS)
		return false;
	if (json_get(v, "name", &name) && json_as_str(name).n) {
		struct buf b;

		buf_init(&b, FIELD_MAX);
		word_encode(&b, json_as_str(name), WORD_PHRASE);
		out->name = arena_dup(a, buf_str(&b));
		buf_deinit(&b);
	}
	return true;
}

struct addresses {
	struct address *v;
	size_t n;
};

static bool read_addresses(struct arena *a, struct json v,
                           struct addresses *out)
{
	if (json_kind(v) != JSON_IS_ARRAY)
		return false;
	for (size_t i = 0; i < json_count(v); i++)
		if (!one_address(a, json_at(v, i), &out->v[out->n++]))
			return false;
	return true;
}

static void write_list(struct jmap_compose *c, struct str name,
                       const struct addresses *l)
{
	struct address_list list = { .v = l->v, .n = l->n };

	/* RFC 5322, 3.6.3: an address list has one at least. */
	if (l->n)
		header_write_addresses(c->out, name, &list);
}

static bool address_value(struct jmap_compose *c, struct str name,
                          struct json v)
{
	struct arena *a = c->set->c->arena;
	struct addresses l = { .n = 0 };

	l.v = arena_array(a, json_count(v) + 1, sizeof(*l.v));
	if (!read_addresses(a, v, &l))
		return false;
	write_list(c, name, &l);
	return true;
}

static bool grouped_value(struct jmap_compose *c, struct str name,
                          struct json v)
{
	struct arena *a = c->set->c->arena;
	struct addresses l = { .n = 0 };
	struct json group, list;
	size_t most = 0;

	if (json_kind(v) != JSON_IS_ARRAY)
		return false;
	for (size_t i = 0; i < json_count(v); i++) {
		if (!json_get(json_at(v, i), "addresses", &list))
			return false;
		most += json_count(list) + 2;
	}
	l.v = arena_array(a, most + 1, sizeof(*l.v));
	for (size_t i = 0; i < json_count(v); i++) {
		bool named = json_get(json_at(v, i), "name", &group) &&
		             json_kind(group) == JSON_IS_STRING;

		if (named)
			l.v[l.n++] =
				(struct address){ .kind = ADDRESS_GROUP,
				                  .name = json_as_str(group) };
		(void)json_get(json_at(v, i), "addresses", &list);
		if (!read_addresses(a, list, &l))
			return false;
		if (named)
			l.v[l.n++] =
				(struct address){ .kind = ADDRESS_GROUP_END };
	}
	write_list(c, name, &l);
	return true;
}

static bool bracketed(struct jmap_compose *c, struct str name, struct json v,
                      const char *between)
{
	struct buf b;
	bool ok = json_kind(v) == JSON_IS_ARRAY && json_count(v) > 0;

	buf_init(&b, FIELD_MAX);
	for (size_t i = 0; ok && i < json_count(v); i++) {
		struct str s = json_as_str(json_at(v, i));

		ok = s.n > 0 && s.n < 998;
		for (size_t k = 0; k < s.n; k++)
			ok = ok && s.p[k] > ' ' && s.p[k] <= '~' &&
			     s.p[k] != '<' && s.p[k] != '>';
		if (i)
			buf_add_z(&b, between);
		buf_fmt(&b, "<%.*s>", STR_ARG(s));
	}
	if (ok)
		header_write(c->out, name, buf_str(&b));
	buf_deinit(&b);
	return ok;
}

static bool ids_value(struct jmap_compose *c, struct str name, struct json v)
{
	return bracketed(c, name, v, " ");
}

static bool urls_value(struct jmap_compose *c, struct str name, struct json v)
{
	return bracketed(c, name, v, ", ");
}

static void write_date(struct jmap_compose *c, struct str name, int64_t us,
                       int zone)
{
	struct buf b;

	buf_init(&b, 100);
	date_write(&b, us, zone);
	header_write(c->out, name, buf_str(&b));
	buf_deinit(&b);
}

static bool date_value(struct jmap_compose *c, struct str name, struct json v)
{
	int64_t us;
	int zone;

	if (!jmap_date_parse(json_as_str(v), &us, &zone))
		return false;
	write_date(c, name, us, zone);
	return true;
}

static bool (*const values[])(struct jmap_compose *c, struct str name,
                              struct json v) = {
	[JMAP_RAW] = raw_value,           [JMAP_TEXT] = text_value,
	[JMAP_ADDRESSES] = address_value, [JMAP_GROUPED] = grouped_value,
	[JMAP_MESSAGE_IDS] = ids_value,   [JMAP_DATE] = date_value,
	[JMAP_URLS] = urls_value,
};

/* ---- fields ---- */

static const struct {
	const char *property, *field;
	enum jmap_form form;
} convenience[] = {
	{ "from", "From", JMAP_ADDRESSES },
	{ "sender", "Sender", JMAP_ADDRESSES },
	{ "to", "To", JMAP_ADDRESSES },
	{ "cc", "Cc", JMAP_ADDRESSES },
	{ "bcc", "Bcc", JMAP_ADDRESSES },
	{ "replyTo", "Reply-To", JMAP_ADDRESSES },
	{ "subject", "Subject", JMAP_TEXT },
	{ "sentAt", "Date", JMAP_DATE },
	{ "messageId", "Message-ID", JMAP_MESSAGE_IDS },
	{ "inReplyTo", "In-Reply-To", JMAP_MESSAGE_IDS },
	{ "references", "References", JMAP_MESSAGE_IDS },
};

static bool field_of(struct str property, struct jmap_header *out)
{
	for (size_t i = 0; i < sizeof(convenience) / sizeof(convenience[0]);
	     i++)
		if (str_eq(property, str_z(convenience[i].property))) {
			*out = (struct jmap_header){
				.name = str_z(convenience[i].field),
				.form = convenience[i].form
			};
			return true;
		}
	return jmap_header_parse(property, out);
}

int jmap_compose_field(struct jmap_compose *c, struct str property,
                       struct json v, bool *is_field)
{
	struct jmap_header h;
	bool ok;

	*is_field = field_of(property, &h);
	if (!*is_field || json_kind(v) == JSON_IS_NULL)
		return 0;
	if (h.all) {
		ok = json_kind(v) == JSON_IS_ARRAY;
		for (size_t i = 0; ok && i < json_count(v); i++)
			ok = values[h.form](c, h.name, json_at(v, i));
	} else {
		ok = values[h.form](c, h.name, v);
	}
	return ok ? 0
	          : jmap_compose_wrong(c, property, "not a value of its form");
}

static bool has_field(struct json email, const char *field)
{
	struct json_members m = { .object = email };
	struct jmap_header h;
	struct str name;
	struct json v;

	while (json_member_next(&m, &name, &v))
		if (json_kind(v) != JSON_IS_NULL && field_of(name, &h) &&
		    str_eq_case(h.name, str_z(field)))
			return true;
	return false;
}

/* A field is given once, and those of the body are the body's. */
static int check_fields(struct jmap_compose *c, struct json email)
{
	struct json_members m = { .object = email };
	struct jmap_header h, other;
	struct str name, twin;
	struct json v, w;

	while (json_member_next(&m, &name, &v)) {
		struct json_members k = { .object = email };

		if (!field_of(name, &h))
			continue;
		if (str_starts_case(h.name, STR("Content-")) ||
		    str_eq_case(h.name, STR("MIME-Version")))
			return jmap_compose_wrong(
				c, name, "a field that the body makes");
		while (json_member_next(&k, &twin, &w))
			if (!str_eq(name, twin) && field_of(twin, &other) &&
			    str_eq_case(h.name, other.name))
				return jmap_compose_wrong(
					c, name, "the field is given twice");
	}
	return 0;
}

static void own_fields(struct jmap_compose *c, struct json email)
{
	if (!has_field(email, "Date"))
		write_date(c, STR("Date"), c->now_us, 0);
	if (!has_field(email, "Message-ID")) {
		struct buf b;

		buf_init(&b, 1000);
		buf_fmt(&b, "<%016llx%016llx@%.*s>",
		        (unsigned long long)random_u64(),
		        (unsigned long long)random_u64(), STR_ARG(c->host));
		header_write(c->out, STR("Message-ID"), buf_str(&b));
		buf_deinit(&b);
	}
	header_write(c->out, STR("MIME-Version"), STR("1.0"));
}

static bool is_body(struct str name)
{
	static const char *const names[] = {
		"mailboxIds", "keywords",    "receivedAt",    "textBody",
		"htmlBody",   "attachments", "bodyStructure", "bodyValues",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (str_eq(name, str_z(names[i])))
			return true;
	return false;
}

int jmap_compose(struct jmap_compose *c, struct json email)
{
	struct json_members m = { .object = email };
	struct str name;
	struct json v;

	if (check_fields(c, email) < 0)
		return -1;
	while (json_member_next(&m, &name, &v)) {
		bool is_field;

		if (jmap_compose_field(c, name, v, &is_field) < 0)
			return -1;
		if (!is_field && !is_body(name))
			return jmap_compose_wrong(
				c, name, "unknown, or the server sets it");
	}
	own_fields(c, email);
	if (jmap_compose_body(c, email) < 0)
		return -1;
	return buf_overflow(c->out)
	               ? jmap_set_refuse(c->set, "tooLarge", NULL,
	                                 "the message is too large")
	               : 0;
}
