#include "store/meta.h"

#include <string.h>

#define SORT_VERSION 1

static const char *const fields[] = {
	"Date",
	"From",
	"Sender",
	"Reply-To",
	"To",
	"Cc",
	"Bcc",
	"Subject",
	"Message-ID",
	"In-Reply-To",
	"References",
	"Content-Type",
	"Content-Transfer-Encoding",
	"Content-Disposition",
	"MIME-Version",
	"List-Id",
	"List-Post",
	"List-Unsubscribe",
	"Importance",
	"Priority",
	"X-Priority",
	"Disposition-Notification-To",
	"Newsgroups",
	"User-Agent",
	"X-Mailer",
	"Authentication-Results",
	"X-Spam-Status",
	"X-Spam-Flag",
	"Auto-Submitted",
	"Precedence",
};

bool meta_has_field(struct str name)
{
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (str_eq_case(name, str_z(fields[i])))
			return true;
	return false;
}

static void add_number(struct buf *b, uint64_t v)
{
	while (v >= 0x80) {
		buf_add_c(b, (char)(v | 0x80));
		v >>= 7;
	}
	buf_add_c(b, (char)v);
}

static bool take_number(struct str *s, uint64_t *out)
{
	uint64_t v = 0;

	for (unsigned int shift = 0; s->n > 0 && shift < 64; shift += 7) {
		unsigned char c = (unsigned char)s->p[0];

		*s = str_from(*s, 1);
		v |= (uint64_t)(c & 0x7f) << shift;
		if (!(c & 0x80)) {
			*out = v;
			return true;
		}
	}
	return false;
}

static bool take_str(struct str *s, struct str *out)
{
	uint64_t n;

	if (!take_number(s, &n) || n > s->n)
		return false;
	*out = str_to(*s, (size_t)n);
	*s = str_from(*s, (size_t)n);
	return true;
}

static void add_str(struct buf *b, struct str s)
{
	add_number(b, s.n);
	buf_add(b, s);
}

void meta_add(struct buf *meta, enum meta_section section, struct str bytes)
{
	buf_add_c(meta, (char)section);
	add_str(meta, bytes);
}

struct str meta_get(struct str meta, enum meta_section section)
{
	while (meta.n > 1) {
		int kind = (unsigned char)meta.p[0];
		struct str bytes;

		meta = str_from(meta, 1);
		if (!take_str(&meta, &bytes))
			break;
		if (kind == (int)section)
			return bytes;
	}
	return (struct str){ NULL, 0 };
}

/* Signed numbers so that small ones of either sign are short. */
static uint64_t fold_sign(int64_t v)
{
	return (uint64_t)v << 1 ^ (v < 0 ? UINT64_MAX : 0);
}

static int64_t unfold_sign(uint64_t v)
{
	return (int64_t)(v >> 1 ^ (v & 1 ? UINT64_MAX : 0));
}

void meta_add_sort(struct buf *meta, const struct meta_sort *s)
{
	struct buf b;

	buf_init(&b, 65536);
	add_number(&b, SORT_VERSION);
	add_number(&b, (uint64_t)(s->has_sent | s->has_attachment << 1 |
	                          s->is_reply << 2));
	add_number(&b, fold_sign(s->sent_s));
	add_number(&b, fold_sign(s->sent_zone));
	add_number(&b, s->header_size);
	add_str(&b, s->subject);
	add_str(&b, s->from);
	add_str(&b, s->to);
	add_str(&b, s->from_mailbox);
	add_str(&b, s->to_mailbox);
	add_str(&b, s->cc_mailbox);
	add_str(&b, s->message_id);
	meta_add(meta, META_SORT, buf_str(&b));
	buf_deinit(&b);
}

bool meta_sort_get(struct str meta, struct meta_sort *out)
{
	struct str s = meta_get(meta, META_SORT);
	uint64_t version, bits, sent, zone, header;
	struct meta_sort m;

	if (!take_number(&s, &version) || version != SORT_VERSION ||
	    !take_number(&s, &bits) || !take_number(&s, &sent) ||
	    !take_number(&s, &zone) || !take_number(&s, &header) ||
	    !take_str(&s, &m.subject) || !take_str(&s, &m.from) ||
	    !take_str(&s, &m.to) || !take_str(&s, &m.from_mailbox) ||
	    !take_str(&s, &m.to_mailbox) || !take_str(&s, &m.cc_mailbox) ||
	    !take_str(&s, &m.message_id))
		return false;
	m.has_sent = bits & 1;
	m.has_attachment = bits & 2;
	m.is_reply = bits & 4;
	m.sent_s = unfold_sign(sent);
	m.sent_zone = (int32_t)unfold_sign(zone);
	m.header_size = header;
	*out = m;
	return true;
}
