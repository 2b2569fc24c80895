#include "jmap/object.h"

static void write_list(struct jmap_call *c, const char *name, char letter,
                       const uint64_t *list, size_t n)
{
	json_key(&c->w, str_z(name));
	json_array(&c->w);
	for (size_t i = 0; i < n; i++)
		jmap_write_id(&c->w, letter, list[i]);
	json_end(&c->w);
}

static const char *const known[] = { "accountId", "sinceState", "maxChanges",
	                             NULL };

int jmap_changes_run(struct jmap_call *c, const struct jmap_changes *t)
{
	struct str since = { NULL, 0 };
	struct change_state state;
	struct change_list list;
	struct err err = ERR_INIT;
	struct json v;
	uint64_t max = 0;

	if (jmap_args_known(c, known) < 0 || jmap_args_account(c) < 0 ||
	    jmap_arg_str(c, "sinceState", &since) < 0 ||
	    jmap_arg_u64(c, "maxChanges", &max) < 0)
		return -1;
	if (!since.p)
		return jmap_error(c, "invalidArguments", "no sinceState");
	if (jmap_arg(c, "maxChanges", &v) && max == 0)
		return jmap_error(c, "invalidArguments", "maxChanges is 0");
	if (!jmap_state_parse(since, &state))
		return jmap_error(c, "cannotCalculateChanges",
		                  "not a state of this server");
	if (change_since(c->store, c->account, t->type, state, (size_t)max,
	                 c->arena, &list, &err) < 0)
		return err.kind == ERR_NOT_FOUND
		               ? jmap_error(c, "cannotCalculateChanges",
		                            "the state is not known any more")
		               : jmap_fail(c, &err);
	/* One commit may have changed more than the client takes. */
	if (max && list.created_n + list.updated_n + list.destroyed_n > max)
		return jmap_error(c, "cannotCalculateChanges",
		                  "more at once than maxChanges");
	if (t->after && t->after(c, &list) < 0)
		return -1;
	jmap_write_account(c);
	json_member_str(&c->w, "oldState", since);
	jmap_write_state(c, "newState", list.state);
	json_member_bool(&c->w, "hasMoreChanges", list.more);
	write_list(c, "created", t->letter, list.created, list.created_n);
	write_list(c, "updated", t->letter, list.updated, list.updated_n);
	write_list(c, "destroyed", t->letter, list.destroyed, list.destroyed_n);
	if (t->member)
		t->member(c, &list);
	return 0;
}
