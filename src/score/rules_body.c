/* What the body looks like. */
#include <string.h>

#include "score/rules.h"

/* ---- text and HTML ---- */

bool score_rule_CHARSET_UNKNOWN(const struct score_look *l,
                                const struct score_facts *f, struct str *detail)
{
	(void)f;
	(void)detail;
	return l->charset_unknown;
}

bool score_rule_CHARSET_DIFFERS(const struct score_look *l,
                                const struct score_facts *f, struct str *detail)
{
	(void)f;
	(void)detail;
	return l->charset_differs;
}

bool score_rule_HTML_ONLY(const struct score_look *l,
                          const struct score_facts *f, struct str *detail)
{
	(void)f;
	(void)detail;
	return l->has_html && !l->has_plain;
}

bool score_rule_HTML_LITTLE_TEXT(const struct score_look *l,
                                 const struct score_facts *f,
                                 struct str *detail)
{
	(void)f;
	(void)detail;
	return l->has_html && !l->has_plain && l->text_chars < 120 &&
	       (l->images > 0 || l->links_n > 0);
}

/* Newsletters hide a line or two for the preview. */
bool score_rule_HTML_HIDDEN(const struct score_look *l,
                            const struct score_facts *f, struct str *detail)
{
	(void)f;
	(void)detail;
	return l->hidden_chars > 400 && l->hidden_chars * 2 > l->text_chars;
}

bool score_rule_HTML_SPLIT_WORDS(const struct score_look *l,
                                 const struct score_facts *f,
                                 struct str *detail)
{
	(void)f;
	(void)detail;
	return l->split_words >= 4;
}

bool score_rule_HTML_SCRIPT(const struct score_look *l,
                            const struct score_facts *f, struct str *detail)
{
	(void)f;
	(void)detail;
	return l->script;
}

bool score_rule_HTML_FORM(const struct score_look *l,
                          const struct score_facts *f, struct str *detail)
{
	(void)f;
	(void)detail;
	return l->form;
}

bool score_rule_TEXT_BASE64(const struct score_look *l,
                            const struct score_facts *f, struct str *detail)
{
	(void)f;
	(void)detail;
	return l->plain_base64;
}

bool score_rule_TEXT_CAPITALS(const struct score_look *l,
                              const struct score_facts *f, struct str *detail)
{
	size_t upper = 0, lower = 0, n = l->text.n < 8192 ? l->text.n : 8192;

	(void)f;
	(void)detail;
	for (size_t i = 0; i < n; i++) {
		upper += l->text.p[i] >= 'A' && l->text.p[i] <= 'Z';
		lower += l->text.p[i] >= 'a' && l->text.p[i] <= 'z';
	}
	return upper > 200 && upper > lower;
}

bool score_rule_TEXT_PHRASES(const struct score_look *l,
                             const struct score_facts *f, struct str *detail)
{
	unsigned n = l->phrases.mass;

	(void)f;
	(void)detail;
	return n >= 2 && n < 4;
}

bool score_rule_TEXT_PHRASES_MANY(const struct score_look *l,
                                  const struct score_facts *f,
                                  struct str *detail)
{
	(void)f;
	(void)detail;
	return l->phrases.mass >= 4;
}

bool score_rule_TEXT_ADVANCE_FEE(const struct score_look *l,
                                 const struct score_facts *f,
                                 struct str *detail)
{
	(void)f;
	(void)detail;
	return l->phrases.fee >= 3;
}

bool score_rule_TEXT_BITCOIN(const struct score_look *l,
                             const struct score_facts *f, struct str *detail)
{
	(void)f;
	(void)detail;
	return l->phrases.wallet >= 2;
}

/* ---- links ---- */

/* "2 of 7 links" */
static bool told(const struct score_look *l, size_t n, struct str *detail)
{
	if (n)
		*detail = arena_fmt(l->a, "%zu of %zu links", n, l->links_n);
	return n > 0;
}

bool score_rule_LINK_OTHER(const struct score_look *l,
                           const struct score_facts *f, struct str *detail)
{
	size_t n = 0;

	(void)f;
	for (size_t i = 0; i < l->links_n; i++)
		n += l->links[i].shows_other;
	return told(l, n, detail);
}

bool score_rule_LINK_ADDRESS(const struct score_look *l,
                             const struct score_facts *f, struct str *detail)
{
	size_t n = 0;

	(void)f;
	for (size_t i = 0; i < l->links_n; i++)
		n += l->links[i].is_address;
	return told(l, n, detail);
}

bool score_rule_LINK_SHORT(const struct score_look *l,
                           const struct score_facts *f, struct str *detail)
{
	size_t n = 0;

	(void)f;
	for (size_t i = 0; i < l->links_n; i++)
		n += l->links[i].host.n && rules_is_shortener(l->links[i].host);
	return told(l, n, detail);
}

bool score_rule_LINK_REDIRECT(const struct score_look *l,
                              const struct score_facts *f, struct str *detail)
{
	size_t n = 0;

	(void)f;
	for (size_t i = 0; i < l->links_n; i++)
		n += l->links[i].redirect;
	return told(l, n, detail);
}

bool score_rule_LINK_ENCODED(const struct score_look *l,
                             const struct score_facts *f, struct str *detail)
{
	size_t n = 0;

	(void)f;
	for (size_t i = 0; i < l->links_n; i++)
		n += l->links[i].encoded;
	return told(l, n, detail);
}

bool score_rule_LINK_USER(const struct score_look *l,
                          const struct score_facts *f, struct str *detail)
{
	size_t n = 0;

	(void)f;
	for (size_t i = 0; i < l->links_n; i++)
		n += l->links[i].odd_user;
	return told(l, n, detail);
}

bool score_rule_LINK_PORT(const struct score_look *l,
                          const struct score_facts *f, struct str *detail)
{
	size_t n = 0;

	(void)f;
	for (size_t i = 0; i < l->links_n; i++)
		n += l->links[i].odd_port;
	return told(l, n, detail);
}

/* ---- attachments ---- */

static bool file(const struct score_look *l, unsigned bit, struct str *detail)
{
	if (!(l->files & bit))
		return false;
	*detail = l->file_worst;
	return true;
}

bool score_rule_FILE_PROGRAM(const struct score_look *l,
                             const struct score_facts *f, struct str *detail)
{
	(void)f;
	return file(l, LOOK_PROGRAM, detail);
}

bool score_rule_FILE_SCRIPT(const struct score_look *l,
                            const struct score_facts *f, struct str *detail)
{
	(void)f;
	return file(l, LOOK_SCRIPT, detail);
}

bool score_rule_FILE_DOUBLE(const struct score_look *l,
                            const struct score_facts *f, struct str *detail)
{
	(void)f;
	return file(l, LOOK_DOUBLE, detail);
}

bool score_rule_FILE_MACRO(const struct score_look *l,
                           const struct score_facts *f, struct str *detail)
{
	(void)f;
	return file(l, LOOK_MACRO, detail);
}

bool score_rule_FILE_LOCKED(const struct score_look *l,
                            const struct score_facts *f, struct str *detail)
{
	(void)f;
	return file(l, LOOK_LOCKED, detail);
}

bool score_rule_FILE_ARCHIVED(const struct score_look *l,
                              const struct score_facts *f, struct str *detail)
{
	(void)f;
	return file(l, LOOK_ARCHIVED, detail);
}

bool score_rule_FILE_HTML(const struct score_look *l,
                          const struct score_facts *f, struct str *detail)
{
	(void)f;
	return file(l, LOOK_HTML, detail);
}
