#include "gate/proto.h"

#include <string.h>

/* A total beyond this is no count of messages. */
#define WANT_MAX 1000000000u

static bool add_one(struct gate_wants *all, const struct gate_want *w)
{
	size_t i = 0;

	while (i < all->n &&
	       (all->w[i].what < w->what ||
	        (all->w[i].what == w->what && all->w[i].subject < w->subject)))
		i++;
	if (i < all->n && all->w[i].what == w->what &&
	    all->w[i].subject == w->subject) {
		if (all->w[i].account != w->account)
			return false; /* a token is one message of one sender */
		if (w->n > WANT_MAX || all->w[i].n > WANT_MAX - w->n)
			return false;
		all->w[i].n += w->n;
		return true;
	}
	if (all->n == GATE_WANTS_MAX || w->n > WANT_MAX)
		return false;
	memmove(&all->w[i + 1], &all->w[i], (all->n - i) * sizeof(all->w[0]));
	all->w[i] = *w;
	all->n++;
	return true;
}

bool gate_wants_add(struct gate_wants *all, const struct gate_want *w, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((unsigned)w[i].what >= GATE_COUNT_KINDS ||
		    !add_one(all, &w[i]))
			return false;
	return true;
}

bool gate_wants_take(struct gate_wants *all, const struct gate_want *w,
                     size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t j = 0;

		while (j < all->n && (all->w[j].what != w[i].what ||
		                      all->w[j].subject != w[i].subject))
			j++;
		if (j == all->n || all->w[j].n < w[i].n)
			return false;
		all->w[j].n -= w[i].n;
	}
	return true;
}

void gate_put_wants(struct buf *b, const struct gate_wants *w)
{
	ipc_put_u8(b, (uint8_t)w->n);
	for (size_t i = 0; i < w->n; i++) {
		ipc_put_u8(b, (uint8_t)w->w[i].what);
		ipc_put_i64(b, w->w[i].subject);
		ipc_put_u32(b, w->w[i].n);
		ipc_put_i64(b, w->w[i].account);
	}
}

void gate_get_wants(struct ipc_fields *f, struct gate_wants *out)
{
	uint8_t n = ipc_get_u8(f);

	*out = (struct gate_wants){ .n = 0 };
	for (uint8_t i = 0; i < n && !f->bad; i++) {
		struct gate_want w;

		w.what = (enum gate_count)ipc_get_u8(f);
		w.subject = ipc_get_i64(f);
		w.n = ipc_get_u32(f);
		w.account = ipc_get_i64(f);
		if (!gate_wants_add(out, &w, 1))
			f->bad = true;
	}
}

void gate_put_addr(struct buf *b, const struct net_addr *a)
{
	ipc_put_u8(b, (uint8_t)a->family);
	ipc_put_u32(b, a->port);
	buf_add(b, (struct str){ (const char *)a->ip, sizeof(a->ip) });
}

void gate_get_addr(struct ipc_fields *f, struct net_addr *out)
{
	uint8_t family = ipc_get_u8(f);
	uint32_t port = ipc_get_u32(f);

	*out = (struct net_addr){ .family = NET_NONE };
	if (family > NET_UNIX || port > UINT16_MAX)
		f->bad = true;
	for (size_t i = 0; i < sizeof(out->ip); i++)
		out->ip[i] = ipc_get_u8(f);
	if (f->bad)
		return;
	out->family = (enum net_family)family;
	out->port = (uint16_t)port;
}

void gate_put_login(struct buf *b, const struct gate_login_request *r)
{
	ipc_put_u8(b, (uint8_t)r->protocol);
	gate_put_addr(b, &r->peer);
	ipc_put_str(b, r->user);
	ipc_put_str(b, r->secret);
}

void gate_get_login(struct ipc_fields *f, struct gate_login_request *out)
{
	uint8_t protocol = ipc_get_u8(f);

	if (protocol > GATE_WEB)
		f->bad = true;
	out->protocol = (enum gate_protocol)protocol;
	gate_get_addr(f, &out->peer);
	out->user = ipc_get_str(f, GATE_ADDRESS_MAX);
	out->secret = ipc_get_str(f, GATE_SECRET_MAX);
}

void gate_put_result(struct buf *b, const struct gate_login_result *r)
{
	ipc_put_u8(b, (uint8_t)r->verdict);
	ipc_put_i64(b, r->account);
	ipc_put_str(b, str_z(r->address));
	ipc_put_u32(b, r->retry_s);
	ipc_put_str(b, str_z(r->why));
	gate_put_credential(b, &r->credential);
}

void gate_get_result(struct ipc_fields *f, struct gate_login_result *out)
{
	uint8_t verdict = ipc_get_u8(f);

	if (verdict > GATE_APP_ONLY)
		f->bad = true;
	out->verdict = (enum gate_verdict)verdict;
	out->account = ipc_get_i64(f);
	ipc_get_z(f, out->address, sizeof(out->address));
	out->retry_s = ipc_get_u32(f);
	ipc_get_z(f, out->why, sizeof(out->why));
	gate_get_credential(f, &out->credential);
}

void gate_put_credential(struct buf *b, const struct gate_credential *c)
{
	ipc_put_u8(b, (uint8_t)c->kind);
	ipc_put_i64(b, c->id);
	ipc_put_i64(b, c->as_of);
}

void gate_get_credential(struct ipc_fields *f, struct gate_credential *out)
{
	uint8_t kind = ipc_get_u8(f);

	if (kind > GATE_BY_ANY)
		f->bad = true;
	out->kind = (enum gate_credential_kind)kind;
	out->id = ipc_get_i64(f);
	out->as_of = ipc_get_i64(f);
}

void gate_put_app(struct buf *b, const struct gate_app *a)
{
	ipc_put_i64(b, a->id);
	ipc_put_str(b, str_z(a->name));
	ipc_put_u32(b, a->services);
	ipc_put_str(b, str_z(a->network));
	ipc_put_i64(b, a->created_us);
	ipc_put_i64(b, a->expires_us);
	ipc_put_i64(b, a->last_us);
	ipc_put_u8(b, (uint8_t)a->last_protocol);
	ipc_put_str(b, str_z(a->last_ip));
}

void gate_get_app(struct ipc_fields *f, struct gate_app *out)
{
	uint8_t protocol;

	out->id = ipc_get_i64(f);
	ipc_get_z(f, out->name, sizeof(out->name));
	out->services = ipc_get_u32(f);
	ipc_get_z(f, out->network, sizeof(out->network));
	out->created_us = ipc_get_i64(f);
	out->expires_us = ipc_get_i64(f);
	out->last_us = ipc_get_i64(f);
	protocol = ipc_get_u8(f);
	if (protocol > GATE_WEB)
		f->bad = true;
	out->last_protocol = (enum gate_protocol)protocol;
	ipc_get_z(f, out->last_ip, sizeof(out->last_ip));
}

void gate_put_session(struct buf *b, const struct gate_session *s)
{
	ipc_put_i64(b, s->id);
	ipc_put_i64(b, s->account);
	ipc_put_i64(b, s->as_of);
	ipc_put_u8(b, s->remember);
	ipc_put_i64(b, s->created_us);
	ipc_put_i64(b, s->seen_us);
	ipc_put_i64(b, s->expires_us);
	ipc_put_str(b, str_z(s->agent));
	ipc_put_str(b, str_z(s->ip));
}

void gate_get_session(struct ipc_fields *f, struct gate_session *out)
{
	out->id = ipc_get_i64(f);
	out->account = ipc_get_i64(f);
	out->as_of = ipc_get_i64(f);
	out->remember = ipc_get_u8(f) != 0;
	out->created_us = ipc_get_i64(f);
	out->seen_us = ipc_get_i64(f);
	out->expires_us = ipc_get_i64(f);
	ipc_get_z(f, out->agent, sizeof(out->agent));
	ipc_get_z(f, out->ip, sizeof(out->ip));
}

void gate_put_signin(struct buf *b, const struct gate_signin *s)
{
	ipc_put_u8(b, (uint8_t)s->protocol);
	ipc_put_u8(b, (uint8_t)s->verdict);
	ipc_put_i64(b, s->first_us);
	ipc_put_i64(b, s->last_us);
	ipc_put_u64(b, s->n);
	ipc_put_str(b, str_z(s->ip));
	ipc_put_str(b, str_z(s->why));
}

void gate_get_signin(struct ipc_fields *f, struct gate_signin *out)
{
	uint8_t protocol = ipc_get_u8(f), verdict = ipc_get_u8(f);

	if (protocol > GATE_WEB || verdict > GATE_APP_ONLY)
		f->bad = true;
	out->protocol = (enum gate_protocol)protocol;
	out->verdict = (enum gate_verdict)verdict;
	out->first_us = ipc_get_i64(f);
	out->last_us = ipc_get_i64(f);
	out->n = ipc_get_u64(f);
	ipc_get_z(f, out->ip, sizeof(out->ip));
	ipc_get_z(f, out->why, sizeof(out->why));
}
