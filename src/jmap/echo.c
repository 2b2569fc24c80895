/* Core/echo (RFC 8620, 4). */
#include "jmap/methods.h"
#include "jmap/pointer.h"

int jmap_core_echo(struct jmap_call *c)
{
	struct json_members m = { .object = c->args };
	struct str name;
	struct json v;

	while (json_member_next(&m, &name, &v)) {
		json_key(&c->w, name);
		json_copy(&c->w, v);
	}
	return 0;
}
