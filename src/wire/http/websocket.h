/*
 * wire/http/websocket.h - frames of WebSocket (RFC 6455, 5), as a server reads
 * and writes them.
 *
 * The reader is incremental: bytes may come in any pieces.  It gives the
 * bytes of messages unmasked, in pieces of at most WEBSOCKET_PIECE, and control
 * frames whole.  What the standard forbids is refused with the code to close
 * with: frames without a mask (5.1), reserved bits and opcodes, a fragmented
 * or long control frame (5.5), a message inside of another, lengths that are
 * not in their shortest form (5.2), a message over its limit or in too many
 * frames.
 *
 *	for (;;)
 *		switch (websocket_next(&r, &in, &piece)) {
 *		case WEBSOCKET_MORE:    wait for more
 *		case WEBSOCKET_BYTES:   `piece` belongs to the message
 *		case WEBSOCKET_END:     the message is whole; r.text says of what
 *		case WEBSOCKET_CONTROL_FRAME: r.control is WEBSOCKET_PING, ...
 *		case WEBSOCKET_BAD:     close with r.code
 *		}
 */
#ifndef WIRE_HTTP_WEBSOCKET_H
#define WIRE_HTTP_WEBSOCKET_H

#include "base/buf.h"

#define WEBSOCKET_PIECE       4096
#define WEBSOCKET_CONTROL_MAX 125  /* RFC 6455, 5.5 */
#define WEBSOCKET_FRAMES_MAX  4096 /* of one message */
#define WEBSOCKET_HEAD_MAX    14

enum websocket_opcode {
	WEBSOCKET_CONTINUATION = 0,
	WEBSOCKET_TEXT = 1,
	WEBSOCKET_BINARY = 2,
	WEBSOCKET_CLOSE = 8,
	WEBSOCKET_PING = 9,
	WEBSOCKET_PONG = 10,
};

/* RFC 6455, 7.4.1. */
enum websocket_code {
	WEBSOCKET_NORMAL = 1000,
	WEBSOCKET_GOING = 1001,
	WEBSOCKET_PROTOCOL = 1002,
	WEBSOCKET_TYPE = 1003,
	WEBSOCKET_NO_CODE = 1005, /* never sent */
	WEBSOCKET_NOT_TEXT = 1007,
	WEBSOCKET_POLICY = 1008,
	WEBSOCKET_TOO_BIG = 1009,
	WEBSOCKET_ERROR = 1011,
};

struct websocket_reader {
	uint64_t message_max;
	/* after END, CONTROL_FRAME, BAD: */
	bool text;
	enum websocket_opcode control;
	enum websocket_code code;
	/* private */
	unsigned char head[WEBSOCKET_HEAD_MAX];
	size_t head_n;
	bool in_frame, in_message, final, is_control;
	uint64_t left, total, at; /* of the frame, the message, the mask */
	unsigned frames;
	unsigned char mask[4];
	char bytes[WEBSOCKET_PIECE]; /* unmasked */
	size_t control_n;
};

enum websocket_result {
	WEBSOCKET_MORE,
	WEBSOCKET_BYTES,
	WEBSOCKET_END,
	WEBSOCKET_CONTROL_FRAME,
	WEBSOCKET_BAD,
};

void websocket_reader_init(struct websocket_reader *r, uint64_t message_max);

/* Take from the front of *in; *piece (BYTES, CONTROL_FRAME) is good until the
 * next call.  After BAD nothing more may be read. */
enum websocket_result websocket_next(struct websocket_reader *r, struct str *in,
                                     struct str *piece);
/* Has a message, or a frame, begun that is not whole? */
bool websocket_is_inside(const struct websocket_reader *r);

/* The head of a frame of `n` bytes, which follow as they are. */
void websocket_write_head(struct buf *b, enum websocket_opcode opcode,
                          bool final, uint64_t n);
/* A close frame; with WEBSOCKET_NO_CODE it is empty. */
void websocket_write_close(struct buf *b, enum websocket_code code,
                           struct str reason);

/* What a close frame says (5.5.1); NO_CODE for an empty one.  False: the frame
 * is malformed, or the code none that may be sent. */
bool websocket_read_close(struct str payload, enum websocket_code *out);

#endif
