#include "jmap/header.h"

#include <string.h>

#include "base/civil.h"
#include "text/extract.h"
#include "text/nfc.h"
#include "wire/message/date.h"
#include "wire/message/header.h"
#include "wire/message/msgid.h"

#define BIT(form) (1u << (form))
#define ADDRESS   (BIT(JMAP_ADDRESSES) | BIT(JMAP_GROUPED))

/* What the fields of RFC 5322 and RFC 2369 may be read as, beside raw. */
static const struct {
	const char *name;
	unsigned forms;
} fields[] = {
	{ "From", ADDRESS },
	{ "Sender", ADDRESS },
	{ "Reply-To", ADDRESS },
	{ "To", ADDRESS },
	{ "Cc", ADDRESS },
	{ "Bcc", ADDRESS },
	{ "Resent-From", ADDRESS },
	{ "Resent-Sender", ADDRESS },
	{ "Resent-Reply-To", ADDRESS },
	{ "Resent-To", ADDRESS },
	{ "Resent-Cc", ADDRESS },
	{ "Resent-Bcc", ADDRESS },
	{ "Subject", BIT(JMAP_TEXT) },
	{ "Comments", BIT(JMAP_TEXT) },
	{ "Keywords", BIT(JMAP_TEXT) },
	{ "Message-ID", BIT(JMAP_MESSAGE_IDS) },
	{ "In-Reply-To", BIT(JMAP_MESSAGE_IDS) },
	{ "References", BIT(JMAP_MESSAGE_IDS) },
	{ "Resent-Message-ID", BIT(JMAP_MESSAGE_IDS) },
	{ "Date", BIT(JMAP_DATE) },
	{ "Resent-Date", BIT(JMAP_DATE) },
	{ "List-Help", BIT(JMAP_URLS) },
	{ "List-Unsubscribe", BIT(JMAP_URLS) },
	{ "List-Subscribe", BIT(JMAP_URLS) },
	{ "List-Post", BIT(JMAP_URLS) },
	{ "List-Owner", BIT(JMAP_URLS) },
	{ "List-Archive", BIT(JMAP_URLS) },
	{ "Received", 0 },
	{ "Return-Path", 0 },
};

static const char *const form_names[] = {
	[JMAP_RAW] = "asRaw",
	[JMAP_TEXT] = "asText",
	[JMAP_ADDRESSES] = "asAddresses",
	[JMAP_GROUPED] = "asGroupedAddresses",
	[JMAP_MESSAGE_IDS] = "asMessageIds",
	[JMAP_DATE] = "asDate",
	[JMAP_URLS] = "asURLs",
};

#define FORMS_N (sizeof(form_names) / sizeof(form_names[0]))

static bool may_have(struct str name, enum jmap_form form)
{
	if (form == JMAP_RAW)
		return true;
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (str_eq_case(name, str_z(fields[i].name)))
			return (fields[i].forms & BIT(form)) != 0;
	return true;
}

static bool is_field_name(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] > '~' || s.p[i] == ':')
			return false;
	return s.n > 0 && s.n <= HEADER_NAME_MAX;
}

static bool form_of(struct str word, enum jmap_form *out)
{
	for (size_t i = 0; i < FORMS_N; i++)
		if (str_eq(word, str_z(form_names[i]))) {
			*out = (enum jmap_form)i;
			return true;
		}
	return false;
}

bool jmap_header_parse(struct str property, struct jmap_header *out)
{
	struct jmap_header h = { .form = JMAP_RAW };
	struct str word;

	if (!str_starts(property, STR("header:")))
		return false;
	property = str_from(property, 7);
	if (!str_cut(&property, ':', &h.name) || !is_field_name(h.name))
		return false;
	if (str_cut(&property, ':', &word) && !form_of(word, &h.form)) {
		if (!str_eq(word, STR("all")) || property.n)
			return false;
		h.all = true;
	} else if (str_cut(&property, ':', &word)) {
		if (!str_eq(word, STR("all")) || property.n)
			return false;
		h.all = true;
	}
	if (!may_have(h.name, h.form))
		return false;
	*out = h;
	return true;
}

/* ---- the forms ---- */

static void write_raw(struct json_writer *w, struct arena *a, struct str raw)
{
	(void)a;
	json_str(w, raw); /* what is no UTF-8 becomes U+FFFD there */
}

static void write_address(struct json_writer *w, struct arena *a,
                          const struct address *ad)
{
	struct buf b;

	json_object(w);
	if (ad->name.n)
		json_member_str(w, "name", text_header(a, ad->name));
	else
		json_member_z(w, "name", NULL);
	buf_init(&b, 4096);
	address_write_spec(&b, ad);
	json_member_str(w, "email", buf_str(&b));
	buf_deinit(&b);
	json_end(w);
}

static void write_addresses(struct json_writer *w, struct arena *a,
                            struct str raw)
{
	struct address_list list;

	address_list_parse(a, raw, NULL, &list);
	json_array(w);
	for (size_t i = 0; i < list.n; i++)
		if (list.v[i].kind == ADDRESS_MAILBOX)
			write_address(w, a, &list.v[i]);
	json_end(w);
}

/* Addresses that stand in no group are in one without a name. */
static void write_grouped(struct json_writer *w, struct arena *a,
                          struct str raw)
{
	struct address_list list;
	bool open = false;

	address_list_parse(a, raw, NULL, &list);
	json_array(w);
	for (size_t i = 0; i < list.n; i++) {
		const struct address *ad = &list.v[i];

		if (open && ad->kind != ADDRESS_MAILBOX) {
			json_end(w);
			json_end(w);
			open = false;
		}
		if (ad->kind == ADDRESS_GROUP_END)
			continue;
		if (!open) {
			json_object(w);
			if (ad->kind == ADDRESS_GROUP)
				json_member_str(w, "name",
				                text_header(a, ad->name));
			else
				json_member_z(w, "name", NULL);
			json_key(w, STR("addresses"));
			json_array(w);
			open = true;
		}
		if (ad->kind == ADDRESS_MAILBOX)
			write_address(w, a, ad);
	}
	if (open) {
		json_end(w);
		json_end(w);
	}
	json_end(w);
}

static void write_ids(struct json_writer *w, struct arena *a, struct str raw)
{
	struct msgid_list ids;

	msgid_list_parse(a, raw, 1000, &ids);
	if (ids.n == 0) {
		json_null(w);
		return;
	}
	json_array(w);
	for (size_t i = 0; i < ids.n; i++)
		json_str(w, ids.v[i]);
	json_end(w);
}

static void write_date(struct json_writer *w, struct arena *a, struct str raw)
{
	struct date d;

	(void)a;
	if (date_parse(raw, &d))
		jmap_write_date(w, d.us, d.zone);
	else
		json_null(w);
}

/* "<url>, <url>": what stands in brackets (RFC 2369, 2), comments apart. */
static void write_urls(struct json_writer *w, struct arena *a, struct str raw)
{
	bool any = false;

	while (raw.n) {
		size_t open = str_chr(raw, '<'), close;
		struct buf url;

		if (open == STR_NPOS)
			break;
		raw = str_from(raw, open + 1);
		close = str_chr(raw, '>');
		if (close == STR_NPOS)
			break;
		buf_init(&url, close + 1);
		for (size_t i = 0; i < close; i++)
			if (raw.p[i] > ' ' && raw.p[i] != 0x7f)
				buf_add_c(&url, raw.p[i]);
		if (!any)
			json_array(w);
		any = true;
		json_str(w, text_utf8_repair(a, buf_str(&url)));
		buf_deinit(&url);
		raw = str_from(raw, close + 1);
	}
	if (any)
		json_end(w);
	else
		json_null(w);
}

static void write_text(struct json_writer *w, struct arena *a, struct str raw)
{
	json_str(w, text_header(a, raw));
}

static void (*const writers[])(struct json_writer *w, struct arena *a,
                               struct str raw) = {
	[JMAP_RAW] = write_raw,
	[JMAP_TEXT] = write_text,
	[JMAP_ADDRESSES] = write_addresses,
	[JMAP_GROUPED] = write_grouped,
	[JMAP_MESSAGE_IDS] = write_ids,
	[JMAP_DATE] = write_date,
	[JMAP_URLS] = write_urls,
};

void jmap_header_write(struct json_writer *w, struct arena *a,
                       const struct jmap_header *h, const struct str *blocks,
                       size_t n)
{
	struct str last = { NULL, 0 };

	if (h->all)
		json_array(w);
	for (size_t i = 0; i < n; i++) {
		struct header_reader r = header_reader(blocks[i]);
		struct header_field f;
		enum header_result got;

		while ((got = header_next(&r, &f)) != HEADER_END) {
			if (got != HEADER_FIELD ||
			    !str_eq_case(f.name, h->name))
				continue;
			last = f.raw.p ? f.raw : STR("");
			if (h->all)
				writers[h->form](w, a, last);
		}
	}
	if (h->all)
		json_end(w);
	else if (last.p)
		writers[h->form](w, a, last);
	else
		json_null(w);
}

void jmap_header_write_all(struct json_writer *w, struct arena *a,
                           const struct str *blocks, size_t n)
{
	json_array(w);
	for (size_t i = 0; i < n; i++) {
		struct header_reader r = header_reader(blocks[i]);
		struct header_field f;
		enum header_result got;

		while ((got = header_next(&r, &f)) != HEADER_END) {
			if (got != HEADER_FIELD)
				continue;
			json_object(w);
			json_member_str(w, "name", f.name);
			json_key(w, STR("value"));
			write_raw(w, a, f.raw);
			json_end(w);
		}
	}
	json_end(w);
}

/* ---- dates ---- */

static void add_civil(struct buf *b, int64_t s)
{
	struct civil c = civil_of(s);

	buf_fmt(b, "%04d-%02d-%02dT%02d:%02d:%02d", (int)c.year, c.month, c.day,
	        c.hour, c.minute, c.second);
}

void jmap_write_date(struct json_writer *w, int64_t us, int zone)
{
	int64_t s = us / 1000000 + (int64_t)zone * 60;
	struct buf b;

	buf_init(&b, 64);
	add_civil(&b, s);
	if (zone == 0)
		buf_add_c(&b, 'Z');
	else
		buf_fmt(&b, "%c%02d:%02d", zone < 0 ? '-' : '+',
		        (zone < 0 ? -zone : zone) / 60,
		        (zone < 0 ? -zone : zone) % 60);
	json_str(w, buf_str(&b));
	buf_deinit(&b);
}

void jmap_write_utc(struct json_writer *w, int64_t s)
{
	jmap_write_date(w, s * 1000000, 0);
}

static bool number(struct str *s, size_t digits, int max, int *out)
{
	int v = 0;

	if (s->n < digits)
		return false;
	for (size_t i = 0; i < digits; i++) {
		if (!ascii_is_digit(s->p[i]))
			return false;
		v = v * 10 + (s->p[i] - '0');
	}
	*s = str_from(*s, digits);
	*out = v;
	return v <= max;
}

static bool take(struct str *s, char c)
{
	if (s->n == 0 || ascii_upper(s->p[0]) != c)
		return false;
	*s = str_from(*s, 1);
	return true;
}

static bool parse_zone(struct str *s, int *zone)
{
	int hours, minutes, sign = 1;

	*zone = 0;
	if (take(s, 'Z'))
		return true;
	if (take(s, '-'))
		sign = -1;
	else if (!take(s, '+'))
		return false;
	if (!number(s, 2, 23, &hours) || !take(s, ':') ||
	    !number(s, 2, 59, &minutes))
		return false;
	*zone = sign * (hours * 60 + minutes);
	return true;
}

bool jmap_date_parse(struct str s, int64_t *us_out, int *zone_out)
{
	int y, mo, d, h, mi, sec, zone, fraction;
	struct civil c;

	if (!number(&s, 4, 9999, &y) || !take(&s, '-') ||
	    !number(&s, 2, 12, &mo) || mo == 0 || !take(&s, '-') ||
	    !number(&s, 2, 31, &d) || d == 0 || d > civil_month_days(y, mo) ||
	    !take(&s, 'T') || !number(&s, 2, 23, &h) || !take(&s, ':') ||
	    !number(&s, 2, 59, &mi) || !take(&s, ':') ||
	    !number(&s, 2, 60, &sec))
		return false;
	if (take(&s, '.')) {
		if (!number(&s, 1, 9, &fraction))
			return false;
		while (number(&s, 1, 9, &fraction))
			;
	}
	if (!parse_zone(&s, &zone) || s.n)
		return false;
	c = (struct civil){ .year = y,
		            .month = (int8_t)mo,
		            .day = (int8_t)d,
		            .hour = (int8_t)h,
		            .minute = (int8_t)mi,
		            .second = (int8_t)sec };
	*us_out = (civil_seconds(&c) - (int64_t)zone * 60) * 1000000;
	*zone_out = zone;
	return true;
}
