/*
 * wire/dns/rdata.h - what stands in resource records (RFC 1035, 3.3).
 *
 * The resolver hands out whole records with names written in full, so there
 * is no compression to follow here.  Names come out in text, without the dot
 * at the end, "\DDD" for bytes that are no printable US-ASCII.
 */
#ifndef WIRE_DNS_RDATA_H
#define WIRE_DNS_RDATA_H

#include "base/arena.h"
#include "base/str.h"

#define DNS_NAME_MAX 253 /* in text, without escapes */

/* A name in wire form at the start of *rdata, which moves behind it.  The
 * root is the empty name.  False when it is damaged. */
bool dns_name_read(struct str *rdata, struct arena *a, struct str *out)
	ATTR_MUST_USE;

struct dns_mx {
	uint16_t preference;
	struct str name; /* empty: a null MX (RFC 7505) */
};

bool dns_mx_read(struct str rdata, struct arena *a, struct dns_mx *out)
	ATTR_MUST_USE;

/* All strings of a TXT record, joined without anything between. */
bool dns_txt_read(struct str rdata, struct arena *a, struct str *out)
	ATTR_MUST_USE;

struct dns_tlsa {
	uint8_t usage, selector, matching; /* RFC 6698, 2.1 */
	struct str data;
};

bool dns_tlsa_read(struct str rdata, struct dns_tlsa *out) ATTR_MUST_USE;

/* Can this be asked for?  Labels of 1 to 63 bytes, 253 in all; one dot at the
 * end is allowed. */
bool dns_name_valid(struct str name);

#endif
