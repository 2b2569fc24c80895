/*
 * verify/testing.h - a resolver for the tests of verify/: behind the real
 * client and the real door stands a zone of rows, so that failures and TTLs
 * are what a test wants them to be.
 */
#ifndef VERIFY_TESTING_H
#define VERIFY_TESTING_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/ip.h"
#include "base/test.h"
#include "dns/client.h"
#include "dns/proto.h"
#include "ipc/ipc.h"
#include "verify/verify.h"

/* "!" as data: no answer; "10 mx.example" an MX; TXT over 255 bytes is cut
 * into strings. */
struct zone_row {
	const char *name;
	enum dns_type type;
	const char *data;
};

struct resolver {
	const struct zone_row *rows; /* up to one without a name */
	pthread_mutex_t lock;        /* of the rows, when a test changes them */
	atomic_uint asked;
	atomic_uint ttl_s;
	int door[2];
	struct ipc_server *server;
	struct dns_client *client;
	struct verify *verify;
	struct arena a;
};

static inline void put_name(struct buf *b, struct str name)
{
	struct str label;

	while (str_cut(&name, '.', &label)) {
		buf_add_c(b, (char)label.n);
		buf_add(b, label);
	}
	buf_add_c(b, '\0');
}

static inline void put_rdata(struct buf *b, const struct zone_row *row)
{
	struct str s = str_z(row->data), head;
	uint8_t ip[16];
	uint64_t n;

	switch (row->type) {
	case DNS_A:
		assert_true(ip4_parse(s, ip));
		buf_add(b, (struct str){ (char *)ip, 4 });
		break;
	case DNS_AAAA:
		assert_true(ip6_parse(s, ip));
		buf_add(b, (struct str){ (char *)ip, 16 });
		break;
	case DNS_MX:
		assert_true(str_cut(&s, ' ', &head));
		assert_true(str_to_u64(head, 65535, &n));
		buf_add_c(b, (char)(n >> 8));
		buf_add_c(b, (char)n);
		put_name(b, s);
		break;
	case DNS_PTR: put_name(b, s); break;
	default:
		do {
			size_t k = s.n < 255 ? s.n : 255;

			buf_add_c(b, (char)k);
			buf_add(b, str_to(s, k));
			s = str_from(s, k);
		} while (s.n > 0);
	}
}

static inline void resolver_answer(void *context, struct ipc_request *r)
{
	struct resolver *z = context;
	struct ipc_fields f = { ipc_request_body(r), false };
	uint32_t type = ipc_get_u32(&f), n = 0;
	struct str name = ipc_get_str(&f, 512);
	bool exists = false, fails = false;
	struct buf b, records, one;

	buf_init(&b, IPC_BODY_MAX);
	buf_init(&records, IPC_BODY_MAX);
	buf_init(&one, 8192);
	z->asked++;
	(void)pthread_mutex_lock(&z->lock);
	for (const struct zone_row *row = z->rows; row->name; row++) {
		if (!str_eq_case(str_z(row->name), name))
			continue;
		exists = true;
		fails |= strcmp(row->data, "!") == 0;
		if (fails || (uint32_t)row->type != type)
			continue;
		buf_reset(&one);
		put_rdata(&one, row);
		ipc_put_str(&records, buf_str(&one));
		n++;
	}
	(void)pthread_mutex_unlock(&z->lock);
	ipc_put_u8(&b, (uint8_t)(fails     ? DNS_FAIL
	                         : n       ? DNS_OK
	                         : !exists ? DNS_NXDOMAIN
	                                   : DNS_NODATA));
	ipc_put_u8(&b, 0);
	ipc_put_u32(&b, z->ttl_s);
	ipc_put_str(&b, fails ? STR("no answer in time") : name);
	ipc_put_u32(&b, fails ? 0 : n);
	if (!fails)
		buf_add(&b, buf_str(&records));
	ipc_reply(r, buf_str(&b));
	buf_deinit(&one);
	buf_deinit(&records);
	buf_deinit(&b);
}

static inline void resolver_start(struct resolver *z,
                                  const struct zone_row *rows)
{
	struct ipc_service service = { .handle = resolver_answer,
		                       .context = z };
	struct verify_options o = { .hostname = STR("mx.provider.example") };
	struct err err = ERR_INIT;

	*z = (struct resolver){ .rows = rows, .ttl_s = 300 };
	arena_init(&z->a);
	(void)pthread_mutex_init(&z->lock, NULL);
	assert_int_equal(ipc_door(z->door, &err), 0);
	assert_int_equal(ipc_server_start(&z->server, z->door[0], &service,
	                                  &err),
	                 0);
	z->client = dns_client_new(z->door[1], "test");
	o.dns = z->client;
	z->verify = verify_new(&o);
}

static inline void resolver_stop(struct resolver *z)
{
	verify_free(&z->verify);
	dns_client_free(&z->client);
	ipc_server_stop(&z->server);
	(void)close(z->door[0]);
	(void)close(z->door[1]);
	arena_deinit(&z->a);
}

static inline struct verify_client client_at(const char *ip)
{
	struct verify_client c = { .ipv6 = strchr(ip, ':') != NULL };

	if (c.ipv6)
		assert_true(ip6_parse(str_z(ip), c.ip));
	else
		assert_true(ip4_parse(str_z(ip), c.ip));
	return c;
}

#endif
