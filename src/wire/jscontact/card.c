#include "wire/jscontact/card.h"

#include <stdio.h>

#include "base/civil.h"
#include "base/str.h"

enum type {
	STRING,
	FILLED, /* a string that is not empty */
	TIME,   /* UTCDateTime */
	BOOLEAN,
	NUMBER, /* UnsignedInt */
	PREF,   /* 1 to 100 (RFC 9553, 1.5.4) */
	SET,    /* String[Boolean], every value true */
	STRINGS /* String[String] */,
	OBJECT,  /* `of` */
	LIST,    /* of objects `of` */
	MAP,     /* Id[`of`] */
	NAMED,   /* String[`of`]: any key */
	PATCHES, /* String[PatchObject] */
	DATE,    /* PartialDate or Timestamp */
};

struct rule {
	const char *name;
	enum type type;
	bool must;
	const struct rule *of;
};

/* Every table ends without a name. */
#define END                               \
	{                                 \
		NULL, STRING, false, NULL \
	}
#define CONTEXTS                             \
	{                                    \
		"contexts", SET, false, NULL \
	}
#define PREFERENCE                        \
	{                                 \
		"pref", PREF, false, NULL \
	}
#define LABEL                                \
	{                                    \
		"label", STRING, false, NULL \
	}
#define TYPE                                 \
	{                                    \
		"@type", STRING, false, NULL \
	}
#define PHONETIC                                      \
	{ "phoneticScript", STRING, false, NULL },    \
	{                                             \
		"phoneticSystem", STRING, false, NULL \
	}

static const struct rule component[] = {
	TYPE,
	{ "value", STRING, true, NULL },
	{ "kind", FILLED, true, NULL },
	{ "phonetic", STRING, false, NULL },
	END,
};

static const struct rule name[] = {
	TYPE,
	PHONETIC,
	{ "components", LIST, false, component },
	{ "isOrdered", BOOLEAN, false, NULL },
	{ "defaultSeparator", STRING, false, NULL },
	{ "full", STRING, false, NULL },
	{ "sortAs", STRINGS, false, NULL },
	END,
};

static const struct rule nickname[] = {
	TYPE, CONTEXTS, PREFERENCE, { "name", STRING, true, NULL }, END,
};

static const struct rule unit[] = {
	TYPE,
	{ "name", STRING, true, NULL },
	{ "sortAs", STRING, false, NULL },
	END,
};

static const struct rule organization[] = {
	TYPE,
	CONTEXTS,
	{ "name", STRING, false, NULL },
	{ "units", LIST, false, unit },
	{ "sortAs", STRING, false, NULL },
	END,
};

static const struct rule pronouns[] = {
	TYPE, CONTEXTS, PREFERENCE, { "pronouns", STRING, true, NULL }, END,
};

static const struct rule speak_to_as[] = {
	TYPE,
	{ "grammaticalGender", STRING, false, NULL },
	{ "pronouns", MAP, false, pronouns },
	END,
};

static const struct rule title[] = {
	TYPE,
	{ "name", STRING, true, NULL },
	{ "kind", STRING, false, NULL },
	{ "organizationId", STRING, false, NULL },
	END,
};

static const struct rule email[] = {
	TYPE, CONTEXTS, PREFERENCE, LABEL, { "address", FILLED, true, NULL },
	END,
};

static const struct rule service[] = {
	TYPE,
	CONTEXTS,
	PREFERENCE,
	LABEL,
	{ "service", STRING, false, NULL },
	{ "uri", STRING, false, NULL },
	{ "user", STRING, false, NULL },
	END,
};

static const struct rule phone[] = {
	TYPE,
	CONTEXTS,
	PREFERENCE,
	LABEL,
	{ "number", FILLED, true, NULL },
	{ "features", SET, false, NULL },
	END,
};

static const struct rule language[] = {
	TYPE, CONTEXTS, PREFERENCE, { "language", FILLED, true, NULL }, END,
};

static const struct rule scheduling[] = {
	TYPE, CONTEXTS, PREFERENCE, LABEL, { "uri", FILLED, true, NULL }, END,
};

/* RFC 9553, 1.4.4: Calendar, CryptoKey, Directory, Link, Media. */
#define RESOURCE(uri, kind)                                                \
	TYPE, CONTEXTS, PREFERENCE, LABEL, { "uri", FILLED, (uri), NULL }, \
		{ "kind", STRING, (kind), NULL },                          \
		{ "listAs", NUMBER, false, NULL },                         \
	{                                                                  \
		"mediaType", STRING, false, NULL                           \
	}

static const struct rule resource[] = { RESOURCE(true, false), END };
static const struct rule resource_of_kind[] = { RESOURCE(true, true), END };

static const struct rule address[] = {
	TYPE,
	CONTEXTS,
	PREFERENCE,
	PHONETIC,
	{ "components", LIST, false, component },
	{ "isOrdered", BOOLEAN, false, NULL },
	{ "countryCode", STRING, false, NULL },
	{ "coordinates", STRING, false, NULL },
	{ "timeZone", STRING, false, NULL },
	{ "full", STRING, false, NULL },
	{ "defaultSeparator", STRING, false, NULL },
	END,
};

static const struct rule anniversary[] = {
	TYPE,
	CONTEXTS,
	{ "kind", FILLED, true, NULL },
	{ "date", DATE, true, NULL },
	{ "place", OBJECT, false, address },
	END,
};

static const struct rule author[] = {
	TYPE,
	{ "name", STRING, false, NULL },
	{ "uri", STRING, false, NULL },
	END,
};

static const struct rule note[] = {
	TYPE,
	{ "note", STRING, true, NULL },
	{ "created", TIME, false, NULL },
	{ "author", OBJECT, false, author },
	END,
};

static const struct rule personal[] = {
	TYPE,
	LABEL,
	{ "kind", FILLED, true, NULL },
	{ "value", STRING, true, NULL },
	{ "level", STRING, false, NULL },
	{ "listAs", NUMBER, false, NULL },
	END,
};

static const struct rule relation[] = {
	TYPE,
	{ "relation", SET, false, NULL },
	END,
};

static const struct rule card_rules[] = {
	{ "@type", FILLED, true, NULL },
	{ "version", FILLED, true, NULL },
	{ "uid", FILLED, true, NULL },
	{ "created", TIME, false, NULL },
	{ "updated", TIME, false, NULL },
	{ "kind", FILLED, false, NULL },
	{ "language", STRING, false, NULL },
	{ "members", SET, false, NULL },
	{ "prodId", STRING, false, NULL },
	{ "relatedTo", NAMED, false, relation },
	{ "name", OBJECT, false, name },
	{ "nicknames", MAP, false, nickname },
	{ "organizations", MAP, false, organization },
	{ "speakToAs", OBJECT, false, speak_to_as },
	{ "titles", MAP, false, title },
	{ "emails", MAP, false, email },
	{ "onlineServices", MAP, false, service },
	{ "phones", MAP, false, phone },
	{ "preferredLanguages", MAP, false, language },
	{ "calendars", MAP, false, resource_of_kind },
	{ "schedulingAddresses", MAP, false, scheduling },
	{ "addresses", MAP, false, address },
	{ "cryptoKeys", MAP, false, resource },
	{ "directories", MAP, false, resource_of_kind },
	{ "links", MAP, false, resource },
	{ "media", MAP, false, resource_of_kind },
	{ "localizations", PATCHES, false, NULL },
	{ "anniversaries", MAP, false, anniversary },
	{ "keywords", SET, false, NULL },
	{ "notes", MAP, false, note },
	{ "personalInfo", MAP, false, personal },
	END,
};

/* ---- where we are, to say what is wrong ---- */

struct step {
	const struct step *above;
	struct str name;
	unsigned depth;
};

struct checking {
	struct jscontact_problem *problem;
};

static size_t write_path(const struct step *s, char *out, size_t room)
{
	size_t n = s->above ? write_path(s->above, out, room) : 0;
	int k;

	if (n >= room)
		return n;
	k = snprintf(out + n, room - n, "%s%.*s", n ? "/" : "",
	             s->name.n > 100 ? 100 : (int)s->name.n,
	             s->name.n ? s->name.p : "");
	return k < 0 ? n : n + (size_t)k;
}

static bool wrong(const struct checking *c, const struct step *at,
                  const char *why)
{
	c->problem->path[0] = '\0';
	(void)write_path(at, c->problem->path, sizeof(c->problem->path));
	c->problem->why = why;
	return false;
}

/* ---- single values ---- */

static bool two(struct str *s, int *out)
{
	if (s->n < 2 || !ascii_is_digit(s->p[0]) || !ascii_is_digit(s->p[1]))
		return false;
	*out = (s->p[0] - '0') * 10 + (s->p[1] - '0');
	*s = str_from(*s, 2);
	return true;
}

static bool skip(struct str *s, char c)
{
	if (!s->n || s->p[0] != c)
		return false;
	*s = str_from(*s, 1);
	return true;
}

bool jscontact_time_parse(struct str s, int64_t *seconds_out)
{
	int century, year, month, day, hour, minute, second;
	struct civil c;

	if (!two(&s, &century) || !two(&s, &year) || !skip(&s, '-') ||
	    !two(&s, &month) || !skip(&s, '-') || !two(&s, &day) ||
	    !skip(&s, 'T') || !two(&s, &hour) || !skip(&s, ':') ||
	    !two(&s, &minute) || !skip(&s, ':') || !two(&s, &second))
		return false;
	if (skip(&s, '.')) {
		if (!s.n || !ascii_is_digit(s.p[0]))
			return false;
		while (s.n && ascii_is_digit(s.p[0]))
			s = str_from(s, 1);
	}
	year += 100 * century;
	if (!str_eq(s, STR("Z")) || month < 1 || month > 12 || day < 1 ||
	    day > civil_month_days(year, month) || hour > 23 || minute > 59 ||
	    second > 60)
		return false;
	c = (struct civil){ .year = year,
		            .month = (int8_t)month,
		            .day = (int8_t)day,
		            .hour = (int8_t)hour,
		            .minute = (int8_t)minute,
		            .second = (int8_t)second };
	*seconds_out = civil_seconds(&c);
	return true;
}

bool jscontact_is_id(struct str s)
{
	if (s.n < 1 || s.n > JSCONTACT_ID_MAX)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_is_alpha(s.p[i]) && !ascii_is_digit(s.p[i]) &&
		    s.p[i] != '-' && s.p[i] != '_')
			return false;
	return true;
}

static bool is_time(struct json v)
{
	int64_t s;

	return json_kind(v) == JSON_IS_STRING &&
	       jscontact_time_parse(json_as_str(v), &s);
}

static bool is_between(struct json v, uint64_t min, uint64_t max)
{
	uint64_t n;

	return json_kind(v) == JSON_IS_NUMBER && json_as_u64(v, &n) &&
	       n >= min && n <= max;
}

/* ---- objects, lists, maps ---- */

static bool check_value(const struct checking *c, const struct step *at,
                        const struct rule *r, struct json v);

static const struct rule *find(const struct rule *rules, struct str key)
{
	for (; rules->name; rules++)
		if (str_eq(key, str_z(rules->name)))
			return rules;
	return NULL;
}

static bool check_object(const struct checking *c, const struct step *at,
                         const struct rule *rules, struct json v)
{
	struct json_members m = { .object = v };
	struct str key;
	struct json kid;

	if (json_kind(v) != JSON_IS_OBJECT)
		return wrong(c, at, "not an object");
	if (at->depth > JSCONTACT_DEPTH_MAX)
		return wrong(c, at, "too deep");
	for (const struct rule *r = rules; r->name; r++) {
		struct step below = { at, str_z(r->name), at->depth + 1 };

		if (r->must && !json_get(v, r->name, &kid))
			return wrong(c, &below, "missing");
	}
	while (json_member_next(&m, &key, &kid)) {
		struct step below = { at, key, at->depth + 1 };
		const struct rule *r = find(rules, key);

		if (r && !check_value(c, &below, r, kid))
			return false;
	}
	return true;
}

static bool check_list(const struct checking *c, const struct step *at,
                       const struct rule *of, struct json v)
{
	if (json_kind(v) != JSON_IS_ARRAY)
		return wrong(c, at, "not a list");
	for (size_t i = 0; i < json_count(v); i++) {
		char number[24];
		struct step below = { at, { number, 0 }, at->depth + 1 };

		below.name.n =
			(size_t)snprintf(number, sizeof(number), "%zu", i);
		if (!check_object(c, &below, of, json_at(v, i)))
			return false;
	}
	return true;
}

/* SET, STRINGS, MAP, NAMED, PATCHES */
static bool check_map(const struct checking *c, const struct step *at,
                      const struct rule *r, struct json v)
{
	static const struct rule nothing[] = { END };
	struct json_members m = { .object = v };
	struct str key;
	struct json kid;

	if (json_kind(v) != JSON_IS_OBJECT)
		return wrong(c, at, "not an object");
	while (json_member_next(&m, &key, &kid)) {
		struct step below = { at, key, at->depth + 1 };

		if (r->type == SET &&
		    (json_kind(kid) != JSON_IS_BOOL || !json_as_bool(kid)))
			return wrong(c, &below, "not true");
		if (r->type == STRINGS && json_kind(kid) != JSON_IS_STRING)
			return wrong(c, &below, "not a string");
		if (r->type == MAP && !jscontact_is_id(key))
			return wrong(c, &below, "the key is not an Id");
		if (r->type == PATCHES &&
		    !check_object(c, &below, nothing, kid))
			return false;
		if ((r->type == MAP || r->type == NAMED) &&
		    !check_object(c, &below, r->of, kid))
			return false;
	}
	return true;
}

/* RFC 9553, 2.8.1: told apart by "@type"; a PartialDate may leave it out. */
static bool check_date(const struct checking *c, const struct step *at,
                       struct json v)
{
	static const struct rule timestamp[] = {
		TYPE,
		{ "utc", TIME, true, NULL },
		END,
	};
	static const struct rule partial[] = {
		TYPE,
		{ "year", NUMBER, false, NULL },
		{ "month", NUMBER, false, NULL },
		{ "day", NUMBER, false, NULL },
		{ "calendarScale", STRING, false, NULL },
		END,
	};
	struct json type = { NULL }, month = { NULL }, x;
	bool stamp = json_get(v, "@type", &type) &&
	             str_eq(json_as_str(type), STR("Timestamp"));

	if (!check_object(c, at, stamp ? timestamp : partial, v))
		return false;
	if (stamp)
		return true;
	if (json_get(v, "month", &month) ? !is_between(month, 1, 12)
	                                 : !json_get(v, "year", &x))
		return wrong(c, at, "neither a year nor a month of it");
	if (json_get(v, "day", &x) && (!month.v || !is_between(x, 1, 31)))
		return wrong(c, at, "a day without its month");
	return true;
}

static bool check_value(const struct checking *c, const struct step *at,
                        const struct rule *r, struct json v)
{
	switch (r->type) {
	case STRING:
	case FILLED:
		if (json_kind(v) != JSON_IS_STRING)
			return wrong(c, at, "not a string");
		return r->type == STRING || json_as_str(v).n > 0 ||
		       wrong(c, at, "empty");
	case TIME: return is_time(v) || wrong(c, at, "not a UTCDateTime");
	case BOOLEAN:
		return json_kind(v) == JSON_IS_BOOL ||
		       wrong(c, at, "not true or false");
	case NUMBER:
		return is_between(v, 0, UINT64_MAX) ||
		       wrong(c, at, "not an unsigned number");
	case PREF:
		return is_between(v, 1, 100) ||
		       wrong(c, at, "not a number from 1 to 100");
	case OBJECT: return check_object(c, at, r->of, v);
	case LIST: return check_list(c, at, r->of, v);
	case DATE: return check_date(c, at, v);
	case SET:
	case STRINGS:
	case MAP:
	case NAMED:
	case PATCHES: return check_map(c, at, r, v);
	}
	return false;
}

/* ---- the card ---- */

static bool is_text(struct json card, const char *key, struct str want)
{
	struct json v;

	return json_get(card, key, &v) && str_eq(json_as_str(v), want);
}

bool jscontact_check(struct json card, struct jscontact_problem *out)
{
	const struct checking c = { out };
	const struct step top = { NULL, { NULL, 0 }, 0 };
	struct step at = { &top, { NULL, 0 }, 1 };
	struct json uid, members;

	if (!check_object(&c, &top, card_rules, card))
		return false;
	at.name = STR("@type");
	if (!is_text(card, "@type", STR("Card")))
		return wrong(&c, &at, "not \"Card\"");
	at.name = STR("version");
	if (!is_text(card, "version", STR("1.0")))
		return wrong(&c, &at, "not \"1.0\"");
	at.name = STR("uid");
	if (json_get(card, "uid", &uid) &&
	    json_as_str(uid).n > JSCONTACT_UID_MAX)
		return wrong(&c, &at, "too long");
	/* RFC 9553, 2.1.6 */
	at.name = STR("members");
	if (json_get(card, "members", &members) &&
	    !is_text(card, "kind", STR("group")))
		return wrong(&c, &at, "only a group has members");
	return true;
}
