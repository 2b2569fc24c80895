#include "gate/refused.h"

#include <string.h>

bool gate_refused_again(struct gate_refused *r,
                        const struct password_tag_key *key, uint32_t way,
                        struct str user, struct str secret, int64_t now_us)
{
	uint8_t tag[PASSWORD_TAG_SIZE];

	if (now_us >= r->until_us || (r->ways & way))
		return false;
	password_tag(key, user, secret, tag);
	if (memcmp(tag, r->tag, sizeof(tag)) != 0)
		return false;
	r->ways |= way;
	return true;
}

void gate_refused_note(struct gate_refused *r,
                       const struct password_tag_key *key, uint32_t way,
                       struct str user, struct str secret, int64_t now_us)
{
	password_tag(key, user, secret, r->tag);
	r->until_us = now_us + GATE_REFUSED_US;
	r->ways = way;
}
