/* base/ip.h - the text of IPv4 and IPv6 addresses. */
#ifndef BASE_IP_H
#define BASE_IP_H

#include "base/str.h"

/* Dotted quad, four decimal numbers without leading zeros. */
bool ip4_parse(struct str s, uint8_t out[4]) ATTR_MUST_USE;

/* RFC 4291, 2.2: groups, "::", and an IPv4 tail; no zone. */
bool ip6_parse(struct str s, uint8_t out[16]) ATTR_MUST_USE;

/* The address backwards, as DNS has it: "1.2.0.192", or 32 nibbles with dots
 * between (RFC 3596, 2.5); false when the text is no address. */
#define IP_BACKWARDS_MAX 64
bool ip_backwards(struct str text, char out[IP_BACKWARDS_MAX]) ATTR_MUST_USE;

/* Do the first `bits` bits agree? */
bool ip_prefix_eq(const uint8_t *a, const uint8_t *b, unsigned bits);

#endif
