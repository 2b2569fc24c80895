/* What the header looks like. */
#include "base/utf8.h"
#include "os/clock.h"
#include "score/rules.h"
#include "wire/message/date.h"

#define FUTURE_US (26 * US_PER_HOUR) /* every zone, and a clock an hour off */
#define PAST_US   (32 * US_PER_DAY)

static bool has(const struct score_look *l, enum field_id id)
{
	return l->fields.count[id] != 0;
}

static bool is_mailing_list(const struct score_look *l)
{
	return has(l, FIELD_LIST_ID) || has(l, FIELD_LIST_UNSUBSCRIBE);
}

/* ---- From and Reply-To ---- */

bool score_rule_FROM_NONE(const struct score_look *l,
                          const struct score_facts *f, struct str *detail)
{
	(void)f;
	(void)detail;
	return l->from.n == 0 && !l->from.damaged;
}

bool score_rule_FROM_MANY(const struct score_look *l,
                          const struct score_facts *f, struct str *detail)
{
	(void)f;
	(void)detail;
	return l->fields.count[FIELD_FROM] > 1;
}

bool score_rule_FROM_DAMAGED(const struct score_look *l,
                             const struct score_facts *f, struct str *detail)
{
	(void)f;
	(void)detail;
	return has(l, FIELD_FROM) && (l->from.damaged || l->from_domain.n == 0);
}

/* "anna@bank.example" <x@elsewhere.example>: the part with an '@' has another
 * domain than the address. */
static struct str shown_domain(struct str name)
{
	size_t at = str_chr(name, '@'), n = 0;
	struct str d;

	if (at == STR_NPOS || at == 0 || name.p[at - 1] == ' ')
		return (struct str){ NULL, 0 };
	d = str_from(name, at + 1);
	while (n < d.n && (ascii_is_alpha(d.p[n]) || ascii_is_digit(d.p[n]) ||
	                   d.p[n] == '.' || d.p[n] == '-'))
		n++;
	d.n = n;
	return str_chr(d, '.') == STR_NPOS ? (struct str){ NULL, 0 } : d;
}

bool score_rule_FROM_OTHER_ADDRESS(const struct score_look *l,
                                   const struct score_facts *f,
                                   struct str *detail)
{
	struct str d = shown_domain(l->from_name);

	(void)f;
	(void)detail;
	return d.n && l->from_domain.n && !is_mailing_list(l) &&
	       !look_same_domain(d, l->from_domain);
}

bool score_rule_FROM_DIGITS(const struct score_look *l,
                            const struct score_facts *f, struct str *detail)
{
	size_t at = str_chr(l->from_address, '@'), digits = 0, runs = 0;
	bool was = false;

	(void)f;
	(void)detail;
	if (at == STR_NPOS || is_mailing_list(l))
		return false;
	for (size_t i = 0; i < at; i++) {
		bool d = ascii_is_digit(l->from_address.p[i]);

		digits += d;
		runs += d && !was;
		was = d;
	}
	/* "kd83hq2x9"; not the many that end in a year or a number */
	return runs >= 2 && digits >= 3 &&
	       str_chr(str_to(l->from_address, at), '.') == STR_NPOS &&
	       str_chr(str_to(l->from_address, at), '-') == STR_NPOS &&
	       str_chr(str_to(l->from_address, at), '=') == STR_NPOS;
}

bool score_rule_REPLY_FREEMAIL(const struct score_look *l,
                               const struct score_facts *f, struct str *detail)
{
	const struct address *r = address_list_first(&l->reply_to);

	(void)f;
	(void)detail;
	return r && r->domain.n && rules_is_freemail(r->domain) &&
	       !str_eq_case(r->domain, l->from_domain);
}

bool score_rule_REPLY_ELSEWHERE(const struct score_look *l,
                                const struct score_facts *f, struct str *detail)
{
	const struct address *r = address_list_first(&l->reply_to);

	(void)f;
	(void)detail;
	return r && r->domain.n && l->from_domain.n && !is_mailing_list(l) &&
	       !rules_is_freemail(r->domain) &&
	       !look_same_domain(r->domain, l->from_domain);
}

/* ---- Date and Message-ID ---- */

bool score_rule_DATE_NONE(const struct score_look *l,
                          const struct score_facts *f, struct str *detail)
{
	(void)f;
	(void)detail;
	return !has(l, FIELD_DATE);
}

bool score_rule_DATE_BAD(const struct score_look *l,
                         const struct score_facts *f, struct str *detail)
{
	struct date d;

	(void)f;
	(void)detail;
	return has(l, FIELD_DATE) &&
	       !date_parse(l->fields.first[FIELD_DATE], &d);
}

bool score_rule_DATE_FUTURE(const struct score_look *l,
                            const struct score_facts *f, struct str *detail)
{
	struct date d;

	(void)detail;
	return has(l, FIELD_DATE) &&
	       date_parse(l->fields.first[FIELD_DATE], &d) &&
	       d.us > f->now_us + FUTURE_US;
}

bool score_rule_DATE_PAST(const struct score_look *l,
                          const struct score_facts *f, struct str *detail)
{
	struct date d;

	(void)detail;
	return has(l, FIELD_DATE) &&
	       date_parse(l->fields.first[FIELD_DATE], &d) &&
	       d.us < f->now_us - PAST_US;
}

bool score_rule_MESSAGE_ID_NONE(const struct score_look *l,
                                const struct score_facts *f, struct str *detail)
{
	(void)f;
	(void)detail;
	return !has(l, FIELD_MESSAGE_ID);
}

bool score_rule_MESSAGE_ID_BAD(const struct score_look *l,
                               const struct score_facts *f, struct str *detail)
{
	struct str id = str_trim(l->fields.first[FIELD_MESSAGE_ID]);
	size_t at = str_rchr(id, '@');

	(void)f;
	(void)detail;
	return id.n && (id.p[0] != '<' || id.p[id.n - 1] != '>' ||
	                at == STR_NPOS || at < 2 || at + 3 > id.n);
}

/* ---- Subject ---- */

bool score_rule_SUBJECT_NONE(const struct score_look *l,
                             const struct score_facts *f, struct str *detail)
{
	(void)f;
	(void)detail;
	return l->subject.n == 0;
}

bool score_rule_SUBJECT_CAPITALS(const struct score_look *l,
                                 const struct score_facts *f,
                                 struct str *detail)
{
	size_t upper = 0, lower = 0, blanks = 0;

	(void)f;
	(void)detail;
	for (size_t i = 0; i < l->subject.n; i++) {
		char c = l->subject.p[i];

		upper += c >= 'A' && c <= 'Z';
		lower += c >= 'a' && c <= 'z';
		blanks += c == ' ';
	}
	return upper >= 10 && blanks >= 1 && upper > 9 * lower;
}

bool score_rule_SUBJECT_MARKS(const struct score_look *l,
                              const struct score_facts *f, struct str *detail)
{
	size_t marks = 0, money = 0;

	(void)f;
	(void)detail;
	for (size_t i = 0; i < l->subject.n; i++) {
		marks += l->subject.p[i] == '!';
		money += l->subject.p[i] == '$';
	}
	return marks >= 3 || money >= 2 || (marks && money) ||
	       str_find(l->subject_all, STR("        ")) != STR_NPOS;
}

/* "bo, buy this": the local part, or the whole address, of the only one it
 * is for. */
bool score_rule_SUBJECT_TO(const struct score_look *l,
                           const struct score_facts *f, struct str *detail)
{
	const struct address *to = address_list_first(&l->to);
	struct str rest;

	(void)f;
	(void)detail;
	if (!to || to->local.n < 3 || l->to_n != 1 ||
	    !str_starts_case(l->subject, to->local))
		return false;
	rest = str_from(l->subject, to->local.n);
	return str_starts(rest, STR(",")) || str_starts(rest, STR(", ")) ||
	       str_starts(rest, STR("@")) || str_starts(rest, STR(" -"));
}

/* "Cheap   [kq3x8]", "Cheap   8342": behind a gap. */
bool score_rule_SUBJECT_ID(const struct score_look *l,
                           const struct score_facts *f, struct str *detail)
{
	size_t end = l->subject_all.n, from = end, blanks;

	(void)f;
	(void)detail;
	while (from > 0 && l->subject_all.p[from - 1] != ' ' &&
	       end - from <= 20)
		from--;
	blanks = from;
	while (blanks > 0 && l->subject_all.p[blanks - 1] == ' ')
		blanks--;
	return end - from >= 3 && end - from <= 20 && from - blanks >= 4 &&
	       blanks > 0;
}

bool score_rule_FALSE_REPLY(const struct score_look *l,
                            const struct score_facts *f, struct str *detail)
{
	(void)f;
	(void)detail;
	return (str_starts_case(l->subject, STR("re:")) ||
	        str_starts_case(l->subject, STR("re: re:"))) &&
	       !has(l, FIELD_IN_REPLY_TO) && !has(l, FIELD_REFERENCES) &&
	       !has(l, FIELD_USER_AGENT) && !is_mailing_list(l);
}

/* ---- To and Cc ---- */

bool score_rule_TO_NONE(const struct score_look *l, const struct score_facts *f,
                        struct str *detail)
{
	(void)f;
	(void)detail;
	return !has(l, FIELD_TO) && !has(l, FIELD_CC) &&
	       !has(l, FIELD_RESENT_TO);
}

bool score_rule_TO_UNDISCLOSED(const struct score_look *l,
                               const struct score_facts *f, struct str *detail)
{
	(void)f;
	(void)detail;
	return has(l, FIELD_TO) && l->to_n == 0 && !is_mailing_list(l);
}

bool score_rule_TO_MANY(const struct score_look *l, const struct score_facts *f,
                        struct str *detail)
{
	(void)detail;
	return l->to_n > 50 || f->rcpts > 50;
}

bool score_rule_TO_SORTED(const struct score_look *l,
                          const struct score_facts *f, struct str *detail)
{
	size_t n = 0, sorted = 0;
	const struct address *before = NULL;

	(void)f;
	(void)detail;
	for (size_t i = 0; i < l->to.n; i++) {
		const struct address *a = &l->to.v[i];

		if (a->kind != ADDRESS_MAILBOX || a->name.n)
			continue;
		if (before && str_eq_case(a->domain, before->domain) &&
		    a->local.n && before->local.n &&
		    ascii_lower(a->local.p[0]) ==
		            ascii_lower(before->local.p[0]))
			sorted += str_cmp_case(before->local, a->local) < 0;
		before = a;
		n++;
	}
	return n >= 6 && sorted * 10 >= (n - 1) * 8;
}

/* ---- form ---- */

bool score_rule_HEADER_BAD(const struct score_look *l,
                           const struct score_facts *f, struct str *detail)
{
	(void)f;
	(void)detail;
	return l->fields.bad > 0;
}

bool score_rule_HEADER_8BIT(const struct score_look *l,
                            const struct score_facts *f, struct str *detail)
{
	struct str s = l->fields.first[FIELD_SUBJECT];
	struct str from = l->fields.first[FIELD_FROM];

	(void)f;
	(void)detail;
	return (s.n && !utf8_is_ascii(s) && !utf8_is_valid(s)) ||
	       (from.n && !utf8_is_ascii(from) && !utf8_is_valid(from));
}

static bool is_invisible(uint32_t c)
{
	return c == 0x200b || c == 0x2060 || c == 0xfeff || c == 0xad ||
	       c == 0x34f || (c >= 0x202a && c <= 0x202e) ||
	       (c >= 0x2066 && c <= 0x2069);
}

static bool has_invisible(struct str s)
{
	enum utf8_result r;
	uint32_t c;

	while ((r = utf8_next(&s, &c)) != UTF8_END)
		if (r == UTF8_CHAR && is_invisible(c))
			return true;
	return false;
}

bool score_rule_HIDDEN_LETTERS(const struct score_look *l,
                               const struct score_facts *f, struct str *detail)
{
	(void)f;
	(void)detail;
	return has_invisible(l->subject_all) || has_invisible(l->from_name_all);
}

/* Letters that look like Latin ones, beside Latin ones in a word. */
static bool is_mixed(struct str s)
{
	bool latin = false, other = false;
	enum utf8_result r;
	uint32_t c;

	while ((r = utf8_next(&s, &c)) != UTF8_END) {
		if (r != UTF8_CHAR)
			continue;
		if (c < 0x80 && ascii_is_alpha((char)c)) {
			latin = true;
		} else if ((c >= 0x370 && c < 0x530) || /* Greek, Cyrillic */
		           (c >= 0xff21 && c <= 0xff5a) ||
		           (c >= 0x1d400 && c <= 0x1d7ff)) {
			other = true;
		} else if (c < 0x80) {
			latin = other = false; /* a blank, a mark: a new word */
		}
		if (latin && other)
			return true;
	}
	return false;
}

bool score_rule_MIXED_LETTERS(const struct score_look *l,
                              const struct score_facts *f, struct str *detail)
{
	(void)f;
	(void)detail;
	return is_mixed(l->subject) || is_mixed(l->from_name);
}

bool score_rule_MAILER_BULK(const struct score_look *l,
                            const struct score_facts *f, struct str *detail)
{
	static const char *const known[] = {
		"mass mail",      "bulk mail",    "bulkmail",
		"group mail",     "stealthmail",  "dmailer",
		"dynamic mailer", "emailblaster", "the bat! (v1.5",
		"jpfree",         "mailking",     "advanced mass",
	};
	struct str m = l->fields.first[FIELD_X_MAILER];

	(void)f;
	(void)detail;
	if (m.n > 200)
		m.n = 200;
	for (size_t i = 0; m.n && i < sizeof(known) / sizeof(known[0]); i++)
		if (str_find_case(m, str_z(known[i])) != STR_NPOS)
			return true;
	return false;
}

bool score_rule_PRIORITY_HIGH(const struct score_look *l,
                              const struct score_facts *f, struct str *detail)
{
	(void)f;
	(void)detail;
	return str_starts(str_trim(l->fields.first[FIELD_X_PRIORITY]),
	                  STR("1")) ||
	       str_eq_case(str_trim(l->fields.first[FIELD_IMPORTANCE]),
	                   STR("high"));
}
