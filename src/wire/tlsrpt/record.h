/*
 * wire/tlsrpt/record.h - who wants to hear how TLS went (RFC 8460, 3).
 *
 * The record in DNS, at _smtp._tls.DOMAIN: "v=TLSRPTv1; rua=mailto:a@b.example,
 * https://c.example/v1/tlsrpt".  Reads without allocating; views point into
 * the text.  Kinds of URI that nobody knows are passed over.
 */
#ifndef WIRE_TLSRPT_RECORD_H
#define WIRE_TLSRPT_RECORD_H

#include "base/buf.h"

/* More are passed over. */
#define TLSRPT_URIS_MAX 5
#define TLSRPT_URI_MAX  1000

enum tlsrpt_uri_kind { TLSRPT_MAILTO, TLSRPT_HTTPS };

struct tlsrpt_uri {
	enum tlsrpt_uri_kind kind;
	struct str text; /* HTTPS: all of it; MAILTO: what follows "mailto:",
	                  * percent signs as they are */
};

struct tlsrpt_record {
	struct tlsrpt_uri rua[TLSRPT_URIS_MAX];
	size_t n; /* 0: none that is known */
};

/* Is this TXT record one of TLSRPT, well formed or not?  With several there
 * is none (RFC 8460, 3). */
bool tlsrpt_record_is(struct str txt);

bool tlsrpt_record_parse(struct str txt, struct tlsrpt_record *out)
	ATTR_MUST_USE;

/* The address of a MAILTO, percent signs decoded, what follows "?" dropped.
 * False when it holds control characters or spaces, or is no address. */
bool tlsrpt_address_write(struct str text, struct buf *out) ATTR_MUST_USE;

#endif
