#include <string.h>

#include "base/utf8.h"
#include "imap/session.h"
#include "wire/imap/utf7.h"
#include "wire/imap/write.h"

#define WIRE_MAX ((size_t)16 * 1024)

bool imap_name_decode(const struct imap_session *s, struct arena *a,
                      struct str wire, struct str *out)
{
	struct buf b;
	bool ok;

	if (wire.n > WIRE_MAX)
		return false;
	if (s->utf8) {
		*out = wire;
		return utf8_is_valid(wire);
	}
	buf_init(&b, 2 * WIRE_MAX);
	ok = imap_utf7_decode(&b, wire);
	if (ok)
		*out = arena_dup(a, buf_str(&b));
	buf_deinit(&b);
	return ok;
}

bool imap_name_read(struct imap_session *s, struct arena *a, struct str wire,
                    struct imap_name *out)
{
	struct imap_name n = { .prefix = 0 };

	if (!imap_name_decode(s, a, wire, &n.name)) {
		imap_no(s, "[CANNOT] The mailbox name is not valid %s",
		        s->utf8 ? "UTF-8" : "modified UTF-7");
		return false;
	}
	/* R34: INBOX/x and INBOX.x are x. */
	if (n.name.n > 6 && str_starts_case(n.name, STR("INBOX")) &&
	    (n.name.p[5] == '/' || n.name.p[5] == '.')) {
		n.prefix = n.name.p[5];
		n.name = str_from(n.name, 6);
	}
	/* RFC 9051, 6.3.4: a delimiter at the end only says that there will be
	 * children. */
	if (n.name.n > 1 && n.name.p[n.name.n - 1] == '/')
		n.name.n--;
	*out = n;
	return true;
}

void imap_name_write(const struct imap_session *s, struct buf *b,
                     struct str name, char prefix)
{
	struct buf full, wire;

	buf_init(&full, WIRE_MAX);
	if (prefix && !str_eq(name, STR("INBOX"))) {
		buf_add(&full, STR("INBOX"));
		buf_add_c(&full, prefix);
	}
	buf_add(&full, name);
	if (s->utf8) {
		imap_write_string(b, buf_str(&full), true);
	} else {
		buf_init(&wire, 4 * WIRE_MAX);
		imap_utf7_encode(&wire, buf_str(&full));
		imap_write_astring(b, buf_str(&wire));
		buf_deinit(&wire);
	}
	buf_deinit(&full);
}
