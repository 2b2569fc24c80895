#include "dns/client.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "dns/proto.h"
#include "ipc/ipc.h"
#include "os/clock.h"
#include "wire/dns/rdata.h"

struct dns_client {
	struct ipc_client *ipc;
};

struct dns_client *dns_client_new(int door, const char *role)
{
	struct dns_client *c = mem_zalloc(sizeof(*c));

	c->ipc = ipc_client_new(door, role);
	ipc_client_allow(c->ipc, DNS_ASKING_MAX);
	return c;
}

void dns_client_free(struct dns_client **c)
{
	if (!*c)
		return;
	ipc_client_free(&(*c)->ipc);
	mem_free(*c);
	*c = NULL;
}

static void failed(struct dns_answer *out, const char *why)
{
	*out = (struct dns_answer){ .status = DNS_FAIL };
	(void)snprintf(out->why, sizeof(out->why), "%.90s", why);
}

static bool read_answer(struct str body, struct arena *a,
                        struct dns_answer *out)
{
	struct ipc_fields f = { body, false };
	uint8_t status = ipc_get_u8(&f), flags = ipc_get_u8(&f);
	uint32_t ttl = ipc_get_u32(&f);
	struct str name = ipc_get_str(&f, 1024);
	uint32_t n = ipc_get_u32(&f);

	if (f.bad || status > DNS_FAIL || n > DNS_RECORDS_MAX)
		return false;
	*out = (struct dns_answer){ .status = (enum dns_status)status,
		                    .secure = flags & DNS_FLAG_SECURE,
		                    .bogus = flags & DNS_FLAG_BOGUS,
		                    .ttl_s = ttl };
	out->rdata = arena_array(a, n, sizeof(*out->rdata));
	for (out->n = 0; out->n < n; out->n++)
		out->rdata[out->n] =
			arena_dup(a, ipc_get_str(&f, DNS_ANSWER_MAX));
	if (!ipc_fields_done(&f))
		return false;
	if (out->status == DNS_FAIL)
		(void)snprintf(out->why, sizeof(out->why), "%.*s",
		               STR_ARG(name));
	else
		out->name = arena_dup(a, name);
	return true;
}

void dns_lookup(struct dns_client *c, struct str name, enum dns_type type,
                int64_t timeout_us, struct arena *a, struct dns_answer *out)
{
	struct err err = ERR_INIT;
	struct buf body, reply;

	if (!dns_name_valid(name) && !str_eq(name, STR("."))) {
		*out = (struct dns_answer){ .status = DNS_NXDOMAIN };
		return;
	}
	buf_init(&body, 512);
	buf_init(&reply, IPC_BODY_MAX);
	ipc_put_u32(&body, (uint32_t)type);
	ipc_put_str(&body, name);
	if (ipc_call(c->ipc, DNS_OP_LOOKUP, buf_str(&body), &reply, timeout_us,
	             &err) < 0)
		failed(out, err.kind == ERR_TIMEOUT ? "no answer in time"
		                                    : err.text);
	else if (!read_answer(buf_str(&reply), a, out))
		failed(out, "the resolver's answer is damaged");
	buf_deinit(&reply);
	buf_deinit(&body);
}

void dns_lookup_within(struct dns_client *c, struct dns_budget *b,
                       struct str name, enum dns_type type, struct arena *a,
                       struct dns_answer *out)
{
	int64_t left = b->until_us - clock_steady_us();

	if (b->lookups == 0 || left <= 0) {
		failed(out, b->lookups == 0 ? "too many look-ups for a message"
		                            : "no time left for look-ups");
		return;
	}
	b->lookups--;
	dns_lookup(c, name, type, left, a, out);
}
