/*
 * verify/helo.h - is the name in HELO or EHLO one that exists (R17), and does
 * the client's address have a name?
 *
 * A good name is a host name with a dot that has an A, AAAA or MX record, or
 * an address literal of the client itself; never our own name.  RFC 5321,
 * 4.1.1.1 asks for such a name; refusing others is the provider's rule.
 */
#ifndef VERIFY_HELO_H
#define VERIFY_HELO_H

#include "verify/verify.h"

enum verify_helo_result {
	VERIFY_HELO_OK,
	VERIFY_HELO_SYNTAX,  /* no host name, no address */
	VERIFY_HELO_LITERAL, /* an address, not the client's */
	VERIFY_HELO_OURS,    /* this host's own name */
	VERIFY_HELO_UNKNOWN, /* not in DNS */
	VERIFY_HELO_TEMP,    /* no answer now */
};

/* Asks at most three questions. */
enum verify_helo_result verify_helo(struct verify *v,
                                    const struct verify_client *c,
                                    struct verify_budget *b, struct arena *a);

enum verify_ptr_result {
	VERIFY_PTR_OK,   /* the client's address has a name */
	VERIFY_PTR_NONE, /* it has none */
	VERIFY_PTR_TEMP, /* no answer now */
};

/* One question.  Whether the name leads back is not asked: many that send in
 * good faith have it wrong. */
enum verify_ptr_result verify_ptr(struct verify *v,
                                  const struct verify_client *c,
                                  struct verify_budget *b, struct arena *a);

/* In words, for the log. */
const char *verify_helo_words(enum verify_helo_result r);

/* A host name with a dot in it: labels of letters, digits, hyphens and
 * underscores (not allowed, and in use), the last not all digits. */
bool verify_helo_is_name(struct str s);

#endif
