/* SendLimit/get: how full the windows of sending are, before the wall. */
#include "config/config.h"
#include "directory/directory.h"
#include "gate/client.h"
#include "jmap/object.h"
#include "jmap/own.h"
#include "os/clock.h"
#include "queue/queue.h"

#define WINDOWS_MAX 32

/* As they are named outside; what is not here is none of a user's business. */
static const char *name_of(enum gate_count what)
{
	switch (what) {
	case GATE_MESSAGES: return "messages";
	case GATE_RECIPIENTS: return "recipients";
	case GATE_BULK: return "bulk";
	case GATE_SPAM: return "spam";
	case GATE_FAILED: return "failed";
	case GATE_SCRIPT:
	case GATE_SAME:
	case GATE_STRANGERS: break;
	}
	return NULL;
}

static void write_limit(struct json_writer *w, const char *kind,
                        const char *scope, int64_t window_us, uint64_t used,
                        uint64_t limit)
{
	json_object(w);
	json_member_z(w, "kind", kind);
	json_member_z(w, "scope", scope);
	json_key(w, STR("windowSeconds"));
	if (window_us)
		json_i64(w, window_us / US_PER_SEC);
	else
		json_null(w);
	json_member_u64(w, "used", used);
	json_member_u64(w, "limit", limit);
	json_end(w);
}

static int write_windows(struct jmap_call *c, bool own)
{
	struct gate_client *gate = c->req->server->ctx.gate;
	const struct jmap_user *u = c->req->user;
	struct gate_window_fill fills[WINDOWS_MAX];
	struct err err = ERR_INIT;
	size_t n = 0;

	if ((own ? gate_account_windows(gate, u->account.id, fills, WINDOWS_MAX,
	                                &n, &err)
	         : gate_windows(gate, u->domain_id, fills, WINDOWS_MAX, &n,
	                        &err)) < 0)
		return jmap_fail(c, &err);
	for (size_t i = 0; i < n; i++)
		if (name_of(fills[i].what))
			write_limit(&c->w, name_of(fills[i].what),
			            own ? "account" : "domain",
			            fills[i].window_us, fills[i].used,
			            fills[i].limit);
	return 0;
}

/* R28. */
static int write_queue(struct jmap_call *c)
{
	const struct jmap_context *ctx = &c->req->server->ctx;
	uint64_t max = config_u64(ctx->config, OPT_LIMITS_DOMAIN_QUEUED);
	int64_t domain = c->req->user->domain_id;
	struct err err = ERR_INIT;
	uint64_t used = 0;

	if (!ctx->queue)
		return 0;
	if (directory_limit_get(ctx->directory, domain, STR("queued"), &max,
	                        &err) < 0 ||
	    queue_domain_waiting(ctx->queue, domain, &used, &err) < 0)
		return jmap_fail(c, &err);
	write_limit(&c->w, "queued", "domain", 0, used, max);
	return 0;
}

int jmap_limit_get(struct jmap_call *c)
{
	static const char *const known[] = { "accountId", NULL };

	if (jmap_args_known(c, known) < 0 || jmap_args_account(c) < 0)
		return -1;
	jmap_write_account(c);
	json_key(&c->w, STR("list"));
	json_array(&c->w);
	if (write_windows(c, false) < 0 || write_queue(c) < 0 ||
	    write_windows(c, true) < 0)
		return -1;
	json_end(&c->w);
	json_member_bool(&c->w, "maySend", !c->req->user->sending_off);
	return 0;
}
