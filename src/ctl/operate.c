/* Commands call the table of operations, as root or the owner of the data. */
#include "admin/operation.h"
#include "base/buf.h"
#include "ctl/command.h"

/* More than any answer that is kept; lists are shown as they come. */
#define ANSWER_MAX ((size_t)64 * 1024 * 1024)

static int give(struct admin_call *call, const struct ctl_give *g,
                struct err *err)
{
	if (g->items)
		return admin_give_list(call, g->name, g->items, g->n, err);
	return g->s.p ? admin_give(call, g->name, g->s, err) : 0;
}

int ctl_operate(struct ctl *c, const char *operation,
                const struct ctl_give *args, size_t n, struct str *out,
                struct err *err)
{
	const struct admin_operation *op = admin_operation(operation);
	struct admin_caller by;
	struct admin_call call;
	struct json_writer w;
	struct buf b;
	int rc = 0;

	if (!op)
		err_die("there is no operation %s", operation);
	admin_caller_local(&c->arena, &by);
	buf_init(&b, ANSWER_MAX);
	w = json_writer(&b);
	admin_call_init(&call, c->admin, &by, op, &c->arena, &w);
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = give(&call, &args[i], err);
	if (rc == 0)
		rc = admin_run(&call, err);
	if (rc == 0 && buf_overflow(&b))
		rc = err_set(err, ERR_TOO_BIG, "the answer is too long");
	c->count = call.count;
	if (rc == 0 && out)
		*out = arena_dup(&c->arena, buf_str(&b));
	buf_deinit(&b);
	return rc;
}
