#include "wire/http/websocket.h"

#include <string.h>

#include "base/utf8.h"

void websocket_reader_init(struct websocket_reader *r, uint64_t message_max)
{
	memset(r, 0, sizeof(*r));
	r->message_max = message_max;
}

static enum websocket_result bad(struct websocket_reader *r,
                                 enum websocket_code code)
{
	r->code = code;
	return WEBSOCKET_BAD;
}

/* How long the head is, as far as its first two bytes tell. */
static size_t head_length(const struct websocket_reader *r)
{
	unsigned n = r->head[1] & 127;

	if (r->head_n < 2)
		return 2;
	return 2 + (n == 126 ? 2 : n == 127 ? 8 : 0) + 4;
}

static uint64_t payload_length(const struct websocket_reader *r)
{
	unsigned short_n = r->head[1] & 127;
	size_t bytes = short_n == 126 ? 2 : short_n == 127 ? 8 : 0;
	uint64_t n = bytes ? 0 : short_n;

	for (size_t i = 0; i < bytes; i++)
		n = n << 8 | r->head[2 + i];
	return n;
}

/* RFC 6455, 5.2: the least number of bytes, the highest bit 0. */
static bool is_shortest(const struct websocket_reader *r, uint64_t n)
{
	unsigned short_n = r->head[1] & 127;

	if (short_n == 126)
		return n > 125;
	if (short_n == 127)
		return n > 65535 && n >> 63 == 0;
	return true;
}

static enum websocket_result begin_control(struct websocket_reader *r,
                                           unsigned opcode, uint64_t n)
{
	if (!r->final || n > WEBSOCKET_CONTROL_MAX)
		return bad(r, WEBSOCKET_PROTOCOL);
	r->control = (enum websocket_opcode)opcode;
	r->control_n = 0;
	return WEBSOCKET_MORE;
}

static enum websocket_result begin_data(struct websocket_reader *r,
                                        unsigned opcode, uint64_t n)
{
	/* 5.4: a message is finished before the next one begins. */
	if ((opcode == WEBSOCKET_CONTINUATION) != r->in_message)
		return bad(r, WEBSOCKET_PROTOCOL);
	if (!r->in_message) {
		r->text = opcode == WEBSOCKET_TEXT;
		r->total = 0;
		r->frames = 0;
	}
	r->in_message = true;
	if (n > r->message_max - r->total)
		return bad(r, WEBSOCKET_TOO_BIG);
	r->total += n;
	if (++r->frames > WEBSOCKET_FRAMES_MAX)
		return bad(r, WEBSOCKET_POLICY);
	return WEBSOCKET_MORE;
}

/* Of the first two bytes: no extension was agreed on, and a client masks. */
static bool is_plausible(const struct websocket_reader *r)
{
	unsigned opcode = r->head[0] & 15;

	return !(r->head[0] & 0x70) && r->head[1] & 128 &&
	       (opcode <= WEBSOCKET_BINARY ||
	        (opcode >= WEBSOCKET_CLOSE && opcode <= WEBSOCKET_PONG));
}

/* The head is whole: MORE, or BAD. */
static enum websocket_result begin_frame(struct websocket_reader *r)
{
	unsigned opcode = r->head[0] & 15;
	uint64_t n = payload_length(r);

	r->final = (r->head[0] & 128) != 0;
	r->is_control = opcode >= 8;
	if (!is_shortest(r, n))
		return bad(r, WEBSOCKET_PROTOCOL);
	memcpy(r->mask, r->head + head_length(r) - 4, 4);
	r->in_frame = true;
	r->left = n;
	r->at = 0;
	return r->is_control ? begin_control(r, opcode, n)
	                     : begin_data(r, opcode, n);
}

/* True when it is whole, or cannot be one. */
static bool take_head(struct websocket_reader *r, struct str *in)
{
	while (in->n > 0 && r->head_n < head_length(r)) {
		r->head[r->head_n++] = (unsigned char)in->p[0];
		*in = str_from(*in, 1);
		if (r->head_n == 2 && !is_plausible(r))
			return true;
	}
	return r->head_n >= 2 && r->head_n == head_length(r);
}

/* Unmask into r->bytes from `at` on. */
static size_t take_bytes(struct websocket_reader *r, struct str *in, size_t at)
{
	size_t n = sizeof(r->bytes) - at;

	if (n > in->n)
		n = in->n;
	if (n > r->left)
		n = (size_t)r->left;
	for (size_t i = 0; i < n; i++)
		r->bytes[at + i] = (char)((unsigned char)in->p[i] ^
		                          r->mask[(r->at + i) & 3]);
	r->at += n;
	r->left -= n;
	*in = str_from(*in, n);
	return n;
}

static void end_frame(struct websocket_reader *r)
{
	r->in_frame = false;
	r->head_n = 0;
}

enum websocket_result websocket_next(struct websocket_reader *r, struct str *in,
                                     struct str *piece)
{
	*piece = STR("");
	if (!r->in_frame) {
		if (!take_head(r, in))
			return WEBSOCKET_MORE;
		if (!is_plausible(r))
			return bad(r, WEBSOCKET_PROTOCOL);
		if (begin_frame(r) == WEBSOCKET_BAD)
			return WEBSOCKET_BAD;
	}
	if (r->is_control) {
		r->control_n += take_bytes(r, in, r->control_n);
		if (r->left > 0)
			return WEBSOCKET_MORE;
		end_frame(r);
		*piece = (struct str){ r->bytes, r->control_n };
		return WEBSOCKET_CONTROL_FRAME;
	}
	if (r->left > 0) {
		*piece = (struct str){ r->bytes, take_bytes(r, in, 0) };
		return piece->n > 0 ? WEBSOCKET_BYTES : WEBSOCKET_MORE;
	}
	end_frame(r);
	if (!r->final)
		return in->n > 0 ? websocket_next(r, in, piece)
		                 : WEBSOCKET_MORE;
	r->in_message = false;
	return WEBSOCKET_END;
}

bool websocket_is_inside(const struct websocket_reader *r)
{
	return r->in_message || r->in_frame || r->head_n > 0;
}

void websocket_write_head(struct buf *b, enum websocket_opcode opcode,
                          bool final, uint64_t n)
{
	int bytes = n > 65535 ? 8 : n > 125 ? 2 : 0;

	buf_add_c(b, (char)((final ? 128 : 0) | (int)opcode));
	buf_add_c(b, (char)(bytes == 8 ? 127 : bytes == 2 ? 126 : n));
	for (int i = bytes - 1; i >= 0; i--)
		buf_add_c(b, (char)(n >> (8 * i) & 255));
}

void websocket_write_close(struct buf *b, enum websocket_code code,
                           struct str reason)
{
	if (code == WEBSOCKET_NO_CODE) {
		websocket_write_head(b, WEBSOCKET_CLOSE, true, 0);
		return;
	}
	if (reason.n > WEBSOCKET_CONTROL_MAX - 2)
		reason.n = 0;
	websocket_write_head(b, WEBSOCKET_CLOSE, true, 2 + reason.n);
	buf_add_c(b, (char)((unsigned)code >> 8));
	buf_add_c(b, (char)((unsigned)code & 255));
	buf_add(b, reason);
}

bool websocket_read_close(struct str payload, enum websocket_code *out)
{
	unsigned code;

	if (payload.n == 0) {
		*out = WEBSOCKET_NO_CODE;
		return true;
	}
	if (payload.n == 1)
		return false;
	code = (unsigned)(unsigned char)payload.p[0] << 8 |
	       (unsigned char)payload.p[1];
	*out = (enum websocket_code)code;
	/* 7.4: 1004 to 1006 and 1015 are never on the wire. */
	return ((code >= 1000 && code <= 1003) ||
	        (code >= 1007 && code <= 1014) ||
	        (code >= 3000 && code <= 4999)) &&
	       utf8_is_valid(str_from(payload, 2));
}
