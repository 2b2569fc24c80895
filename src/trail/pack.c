/* Facts as bytes: a tag, then a number of seven bits a byte, which for text
 * is its length.  Unknown tags are passed over, so that an older program
 * reads what a later one wrote.  docs/formats/trail.md has the tags. */
#include <string.h>

#include "trail/private.h"

/* Even tags are numbers, odd ones text. */
enum tag {
	TAG_SESSION = 2,
	TAG_ACCOUNT = 4,
	TAG_CODE = 8,
	TAG_NEXT = 10,
	TAG_SIZE = 12,
	TAG_NULL_SENDER = 14,
	TAG_PEER = 1,
	TAG_SENDER = 3,
	TAG_RCPT = 5,
	TAG_TO = 7,
	TAG_MESSAGE_ID = 9,
	TAG_WHO = 11,
	TAG_HELO = 13,
	TAG_HOST = 15,
	TAG_TLS = 17,
	TAG_REF = 19,
	TAG_STATUS = 21,
	TAG_REPLY = 23,
	TAG_TEXT = 25,
};

#define AT(field) offsetof(struct trail_event, field)

static const struct {
	unsigned char tag;
	size_t offset;
} texts[] = {
	{ TAG_SENDER, AT(sender) },
	{ TAG_RCPT, AT(rcpt) },
	{ TAG_TO, AT(to) },
	{ TAG_WHO, AT(who) },
	{ TAG_MESSAGE_ID, AT(message_id) },
	{ TAG_HELO, AT(helo) },
	{ TAG_HOST, AT(host) },
	{ TAG_TLS, AT(tls) },
	{ TAG_REF, AT(ref) },
	{ TAG_STATUS, AT(status) },
	{ TAG_REPLY, AT(reply) },
	{ TAG_TEXT, AT(text) },
};

#define TEXTS (sizeof(texts) / sizeof(texts[0]))

/* ---- writing ---- */

static void add_number(struct buf *b, enum tag tag, uint64_t v)
{
	if (!v)
		return;
	buf_add_c(b, (char)tag);
	while (v > 127) {
		buf_add_c(b, (char)(v | 128));
		v >>= 7;
	}
	buf_add_c(b, (char)v);
}

static void add_text(struct buf *b, enum tag tag, struct str s)
{
	/* Not in the middle of a character. */
	if (s.n > TRAIL_TEXT_MAX)
		for (s.n = TRAIL_TEXT_MAX; s.n && (s.p[s.n] & 0xc0) == 0x80;)
			s.n--;
	add_number(b, tag, s.n);
	buf_add(b, s);
}

void trail_pack(struct buf *b, const struct trail_event *e)
{
	char peer[19];
	size_t ip = e->peer.family == NET_IPV6 ? 16 : 4;

	if (e->peer.family != NET_NONE) {
		peer[0] = (char)e->peer.family;
		peer[1] = (char)(e->peer.port >> 8);
		peer[2] = (char)e->peer.port;
		memcpy(peer + 3, e->peer.ip, ip);
		if (e->peer.family == NET_UNIX)
			ip = 0;
		add_text(b, TAG_PEER, (struct str){ peer, 3 + ip });
	}
	add_number(b, TAG_SESSION, e->session);
	add_number(b, TAG_ACCOUNT, (uint64_t)e->account);
	add_number(b, TAG_CODE, e->code);
	add_number(b, TAG_NEXT, (uint64_t)e->next_us);
	add_number(b, TAG_SIZE, e->size);
	add_number(b, TAG_NULL_SENDER, e->null_sender);
	for (size_t i = 0; i < TEXTS; i++)
		add_text(b, texts[i].tag,
		         *(const struct str *)((const char *)e +
		                               texts[i].offset));
}

/* ---- reading ---- */

static bool take_number(struct str *in, uint64_t *out)
{
	uint64_t v = 0;

	for (unsigned shift = 0; in->n && shift < 64; shift += 7) {
		unsigned char c = (unsigned char)in->p[0];

		*in = str_from(*in, 1);
		v |= (uint64_t)(c & 127) << shift;
		if (c < 128) {
			*out = v;
			return true;
		}
	}
	return false;
}

static bool read_peer(struct str s, struct net_addr *out)
{
	struct net_addr a = { .family = NET_NONE };

	if (s.n < 3 || s.n > 19)
		return false;
	a.family = (enum net_family)s.p[0];
	if (a.family != NET_IPV4 && a.family != NET_IPV6 &&
	    a.family != NET_UNIX)
		return false;
	a.port = (uint16_t)((unsigned char)s.p[1] << 8 | (unsigned char)s.p[2]);
	memcpy(a.ip, s.p + 3, s.n - 3);
	*out = a;
	return true;
}

static bool read_text(unsigned tag, struct str s, struct trail_event *e)
{
	if (tag == TAG_PEER)
		return read_peer(s, &e->peer);
	for (size_t i = 0; i < TEXTS; i++)
		if (texts[i].tag == tag)
			*(struct str *)((char *)e + texts[i].offset) = s;
	return true;
}

static void read_number(unsigned tag, uint64_t v, struct trail_event *e)
{
	switch (tag) {
	case TAG_SESSION: e->session = v; break;
	case TAG_ACCOUNT: e->account = (int64_t)v; break;
	case TAG_CODE: e->code = (unsigned)v; break;
	case TAG_NEXT: e->next_us = (int64_t)v; break;
	case TAG_SIZE: e->size = v; break;
	case TAG_NULL_SENDER: e->null_sender = v != 0; break;
	default: break;
	}
}

bool trail_unpack(struct str in, struct trail_event *e)
{
	while (in.n) {
		unsigned tag = (unsigned char)in.p[0];
		uint64_t v;

		in = str_from(in, 1);
		if (!take_number(&in, &v))
			return false;
		if (!(tag & 1)) {
			read_number(tag, v, e);
			continue;
		}
		if (v > in.n || !read_text(tag, str_to(in, (size_t)v), e))
			return false;
		in = str_from(in, (size_t)v);
	}
	return true;
}
