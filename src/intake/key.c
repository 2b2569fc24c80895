#include "crypto/hash.h"
#include "intake/private.h"

static void add_part(struct hash_state *h, struct str s)
{
	hash_add(h, s);
	hash_add(h, (struct str){ "", 1 }); /* a NUL ends each */
}

bool intake_key(const struct intake_work *w, unsigned char out[32])
{
	const struct intake_message *m = w->m;
	struct hash_state *h;
	size_t i;

	/* Without one, two messages alike may well be two messages. */
	if (w->fields.count[FIELD_MESSAGE_ID] == 0)
		return false;
	h = hash_begin(HASH_SHA256);
	add_part(h, m->login);
	add_part(h, m->sender);
	for (i = 0; i < m->rcpts_n; i++)
		add_part(h, m->rcpts[i].address);
	add_part(h, STR(""));
	hash_add(h, w->bytes);
	hash_end(&h, out);
	return true;
}
