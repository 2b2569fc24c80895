#include "jmap/server.h"

#include <string.h>

#include "base/mem.h"
#include "config/config.h"
#include "jmap/private.h"

struct jmap_server *jmap_server_new(const struct jmap_context *ctx)
{
	struct jmap_server *j = mem_zalloc(sizeof(*j));

	j->ctx = *ctx;
	(void)pthread_mutex_init(&j->lock, NULL);
	j->seats = jmap_seats_new();
	j->push = jmap_push_new(j);
	return j;
}

void jmap_server_free(struct jmap_server **jp)
{
	struct jmap_server *j = *jp;

	if (!j)
		return;
	jmap_push_free(&j->push);
	jmap_seats_free(&j->seats);
	(void)pthread_mutex_destroy(&j->lock);
	mem_free(j);
	*jp = NULL;
}

static const struct http_route rows[JMAP_ROUTES_N] = {
	{ .method = "GET",
	  .path = "/.well-known/jmap",
	  .handle = jmap_serve_session },
	{ .method = "GET",
	  .path = "/jmap/session",
	  .handle = jmap_serve_session },
	/* A little more is taken, so that the refusal can say why in the form
	 * of RFC 8620, 3.6.1. */
	{ .method = "POST",
	  .path = "/jmap/api",
	  .handle = jmap_serve_api,
	  .body_max = 2 * JMAP_SIZE_REQUEST_MAX },
	{ .method = "POST",
	  .path = "/jmap/upload/*",
	  .handle = jmap_serve_upload, /* limits.message_bytes: */
	  .body_max = UINT64_MAX },
	{ .method = "GET",
	  .path = "/jmap/download/*",
	  .handle = jmap_serve_download },
	{ .method = "GET", .path = "/jmap/view/*", .handle = jmap_serve_view },
	{ .method = "GET",
	  .path = "/jmap/export/*",
	  .handle = jmap_serve_export },
	{ .method = "GET",
	  .path = "/jmap/eventsource",
	  .handle = jmap_serve_events },
	{ .method = "GET",
	  .path = "/jmap/socket",
	  .handle = jmap_serve_socket },
};

void jmap_routes(struct jmap_server *j, struct http_route out[JMAP_ROUTES_N])
{
	memcpy(out, rows, sizeof(rows));
	for (size_t i = 0; i < JMAP_ROUTES_N; i++) {
		out[i].arg = j;
		if (out[i].body_max == UINT64_MAX)
			out[i].body_max = config_u64(j->ctx.config,
			                             OPT_LIMITS_MESSAGE_BYTES);
	}
}
