/*
 * wire/mime/decode.h - content transfer encodings, in pieces.
 *
 * A decoder takes the encoded body in pieces cut anywhere and adds bytes to a
 * buffer.  It never fails: what is damaged is passed over or taken as it is
 * (RFC 2045, 6.7 and 6.8), and `damaged` says so for BINARY, which must know.
 * A piece of n bytes gives at most n + 4.
 *
 *	struct mime_decoder d;
 *
 *	mime_decoder_init(&d, part->encoding);
 *	mime_decode(&d, piece, &out);		(any number of times)
 *	mime_decode_end(&d, &out);
 */
#ifndef WIRE_MIME_DECODE_H
#define WIRE_MIME_DECODE_H

#include "base/buf.h"
#include "wire/mime/part.h"

struct mime_decoder {
	enum mime_encoding encoding;
	bool damaged;
	/* private */
	uint8_t state;
	uint8_t bits_n;
	uint32_t bits;
	uint32_t blanks; /* quoted-printable: blanks that may end the line */
	uint32_t left;   /* uuencode: bytes still to come in this line */
	char held[4];
	uint8_t held_n;
};

/* MIME_7BIT, 8BIT, BINARY and OTHER pass bytes on. */
void mime_decoder_init(struct mime_decoder *d, enum mime_encoding encoding);
void mime_decode(struct mime_decoder *d, struct str in, struct buf *out);
void mime_decode_end(struct mime_decoder *d, struct buf *out);

/* Base64 in lines of 76 characters with CRLF. */
void mime_base64_write(struct buf *out, struct str bytes);

/* Quoted-printable.  With `text` line ends (LF or CRLF) become hard line
 * breaks; without, CR and LF are encoded too. */
void mime_qp_write(struct buf *out, struct str bytes, bool text);

#endif
