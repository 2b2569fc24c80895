/*
 * relay/convert.h - make a message 7-bit, for a server without 8BITMIME.
 *
 * Each part whose body has other bytes is encoded anew, text as
 * quoted-printable and the rest as base64, and its Content-Transfer-Encoding
 * set (RFC 6152, 3; RFC 2045, 6).  All else stays byte for byte.  What is
 * signed or encrypted as a whole is left alone: it would no longer verify.
 */
#ifndef RELAY_CONVERT_H
#define RELAY_CONVERT_H

#include "base/buf.h"

enum relay_converted {
	RELAY_CONVERTED,
	RELAY_CONVERT_SIGNED, /* a multipart/signed or encrypted is in it */
	RELAY_CONVERT_NOT,    /* its header has 8-bit bytes, or it is too odd */
};

enum relay_converted relay_convert(struct str message, struct buf *out);

#endif
