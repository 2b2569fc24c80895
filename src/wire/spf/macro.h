/*
 * wire/spf/macro.h - the macros of SPF (RFC 7208, 7).
 *
 * "%{ir}.%{v}._spf.%{d2}" and its like, checked when a record is parsed and
 * expanded when a term is reached.
 */
#ifndef WIRE_SPF_MACRO_H
#define WIRE_SPF_MACRO_H

#include "base/buf.h"
#include "base/str.h"

struct spf_macro_facts {
	struct str
		sender; /* local@domain, "postmaster" put in if it had none */
	struct str domain; /* <domain> of the running check */
	struct str helo;
	bool ipv6;
	uint8_t ip[16];
	struct str validated; /* %{p}: a validated name, or "unknown" */
	struct str receiver;  /* %{r}, in exp only: this host */
	int64_t now_s;        /* %{t}, in exp only */
};

/* Any characters and macros (modifiers, exp texts). */
bool spf_macro_string_valid(struct str s);

/* The same, and ending in a macro or in "." and a top label with a letter in
 * it (RFC 7208, 7.1). */
bool spf_domain_spec_valid(struct str s);

/* Expand into `out`.  With `in_exp` the letters c, r and t work too.  The
 * spec was valid; a letter that is not allowed here expands to nothing and
 * gives false.  False too on overflow of `out`. */
bool spf_macro_expand(struct str s, const struct spf_macro_facts *f,
                      bool in_exp, struct buf *out) ATTR_MUST_USE;

/* A domain that came out longer than 253 bytes loses labels on the left
 * (RFC 7208, 7.3). */
struct str spf_domain_cut(struct str domain);

#endif
