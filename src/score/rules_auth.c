/* Who sent it. */
#include "score/rules.h"

#define UNUSED_ALL (void)l, (void)f, (void)detail

bool score_rule_DMARC_PASS(const struct score_look *l,
                           const struct score_facts *f, struct str *detail)
{
	UNUSED_ALL;
	return f->dmarc == SCORE_PASS;
}

bool score_rule_DMARC_FAIL(const struct score_look *l,
                           const struct score_facts *f, struct str *detail)
{
	UNUSED_ALL;
	return f->dmarc == SCORE_FAIL;
}

bool score_rule_AUTH_NONE(const struct score_look *l,
                          const struct score_facts *f, struct str *detail)
{
	UNUSED_ALL;
	return f->spf == SCORE_NONE && f->dkim == SCORE_NONE;
}

bool score_rule_SPF_FAIL(const struct score_look *l,
                         const struct score_facts *f, struct str *detail)
{
	UNUSED_ALL;
	return f->spf == SCORE_FAIL;
}

/* A forwarder keeps DKIM and breaks SPF. */
bool score_rule_SPF_SOFTFAIL(const struct score_look *l,
                             const struct score_facts *f, struct str *detail)
{
	UNUSED_ALL;
	return f->spf == SCORE_SOFTFAIL && f->dkim != SCORE_PASS;
}

bool score_rule_DKIM_FAIL(const struct score_look *l,
                          const struct score_facts *f, struct str *detail)
{
	UNUSED_ALL;
	return f->dkim == SCORE_FAIL;
}

bool score_rule_HELO_BAD(const struct score_look *l,
                         const struct score_facts *f, struct str *detail)
{
	UNUSED_ALL;
	return f->helo_ok == SCORE_FAIL;
}

bool score_rule_PTR_NONE(const struct score_look *l,
                         const struct score_facts *f, struct str *detail)
{
	UNUSED_ALL;
	return f->ptr == SCORE_NONE;
}

bool score_rule_HELO_LITERAL(const struct score_look *l,
                             const struct score_facts *f, struct str *detail)
{
	UNUSED_ALL;
	return str_starts(f->helo, STR("["));
}
