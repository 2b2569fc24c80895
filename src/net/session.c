#include "net/session.h"

#include <stdio.h>
#include <string.h>

#include "crypto/tls_conn.h"
#include "net/engine.h"
#include "net/sockaddr.h"
#include "os/clock.h"

void *net_state(struct net_session *s)
{
	return s->state;
}

void *net_context(struct net_session *s)
{
	return s->port->l.context;
}

struct str net_input(const struct net_session *s)
{
	return (struct str){ s->in + s->in_at, s->in_n };
}

bool net_input_full(const struct net_session *s)
{
	return s->in_n >= s->in_max;
}

void net_consume(struct net_session *s, size_t n)
{
	if (n > s->in_n)
		n = s->in_n;
	s->in_at += n;
	s->in_n -= n;
}

bool net_take_line(struct net_session *s, struct str *line, bool *bare_lf_out)
{
	struct str in = net_input(s);
	size_t lf = str_chr(in, '\n');
	bool bare = true;

	if (lf == STR_NPOS)
		return false;
	*line = str_to(in, lf);
	if (lf > 0 && in.p[lf - 1] == '\r') {
		line->n--;
		bare = false;
	}
	if (bare_lf_out)
		*bare_lf_out = bare;
	net_consume(s, lf + 1);
	return true;
}

void net_set_input(struct net_session *s, void (*input)(struct net_session *s),
                   size_t input_max)
{
	s->input = input;
	s->in_max = input_max ? input_max : s->port->l.service->input_max;
	s->fresh = true;
}

/* The age of the oldest reply that waits decides when it is sent. */
static void note_output(struct net_session *s)
{
	if (net_unsent(s) == 0)
		s->out_since = clock_steady_us();
}

void net_write(struct net_session *s, struct str bytes)
{
	note_output(s);
	buf_add(&s->out, bytes);
	if (buf_overflow(&s->out))
		s->broken = true;
}

void net_fmt(struct net_session *s, const char *fmt, ...)
{
	va_list ap;

	note_output(s);
	va_start(ap, fmt);
	buf_vfmt(&s->out, fmt, ap);
	va_end(ap);
	if (buf_overflow(&s->out))
		s->broken = true;
}

size_t net_unsent(const struct net_session *s)
{
	return s->out.n - s->out_at;
}

void net_send(struct net_session *s, net_source source, void (*drop)(void *arg),
              void *arg)
{
	if (s->source && s->drop)
		s->drop(s->source_arg);
	s->source = source;
	s->drop = drop;
	s->source_arg = arg;
	s->source_waits = false;
}

void net_close(struct net_session *s)
{
	net_close_because(s, NET_END_SERVER);
}

bool net_is_closing(const struct net_session *s)
{
	return s->closing;
}

void net_start_tls(struct net_session *s)
{
	if (!s->tls && s->port->l.tls_server)
		s->starttls = true;
	else
		net_close(s);
}

void net_timeout(struct net_session *s, int64_t idle_us)
{
	s->idle_us = idle_us;
	s->progress_us = clock_steady_us();
}

void net_deadline(struct net_session *s, int64_t us)
{
	s->deadline_us = us > 0 ? clock_steady_us() + us : 0;
}

void net_min_rate(struct net_session *s, uint32_t bytes_per_s)
{
	s->rate = bytes_per_s;
}

void net_alarm(struct net_session *s, int64_t in_us, bool hold)
{
	s->alarm_us = in_us > 0 ? clock_steady_us() + in_us : 0;
	s->hold = hold && in_us > 0;
	if (!s->hold)
		s->fresh = true;
}

bool net_is_draining(const struct net_session *s)
{
	return atomic_load(&s->e->draining);
}

const struct net_addr *net_peer(const struct net_session *s)
{
	return &s->peer;
}

uint32_t net_peer_uid(const struct net_session *s)
{
	uint32_t uid = UINT32_MAX;

	if (s->peer.family == NET_UNIX)
		memcpy(&uid, s->peer.ip, sizeof(uid));
	return uid;
}

const struct net_addr *net_local(const struct net_session *s)
{
	/* Asked of the system once, and only if somebody wants to know. */
	struct net_session *mine = s->e ? net_slot(s->e, s->slot) : NULL;

	if (mine && !mine->has_local) {
		struct sockaddr_storage at;
		socklen_t n = sizeof(at);

		memset(&at, 0, sizeof(at));
		if (getsockname(s->fd, (struct sockaddr *)&at, &n) == 0)
			net_sockaddr_read(&at, &mine->local);
		mine->has_local = true;
	}
	return &s->local;
}

void net_set_peer(struct net_session *s, const struct net_addr *peer)
{
	s->peer = *peer;
}

uint64_t net_session_id(const struct net_session *s)
{
	return s->id;
}

int net_session_fd(const struct net_session *s)
{
	return s->fd;
}

bool net_is_tls(const struct net_session *s)
{
	return s->tls && s->phase == NET_PHASE_OPEN;
}

void net_tls_info(const struct net_session *s, struct net_tls_info *out)
{
	struct tls_conn_info info;

	memset(out, 0, sizeof(*out));
	if (!net_is_tls(s))
		return;
	tls_conn_info(s->tls, &info);
	out->on = true;
	out->bits = info.bits;
	memcpy(out->version, info.version, sizeof(out->version));
	memcpy(out->cipher, info.cipher, sizeof(out->cipher));
	memcpy(out->sni, info.sni, sizeof(out->sni));
	memcpy(out->alpn, info.alpn, sizeof(out->alpn));
}

size_t net_tls_binding(const struct net_session *s, const char *type,
                       unsigned char *out, size_t max)
{
	return net_is_tls(s) ? tls_conn_binding(s->tls, type, out, max) : 0;
}

struct net_ref net_ref(const struct net_session *s)
{
	return (struct net_ref){ s->slot, net_generation(s) };
}

/* When very many are woken at once, their clients would all come back at
 * once too: the later ones wait a random part of up to two seconds. */
static int64_t storm_delay(struct net_engine *e, struct net_ref ref)
{
	int64_t now = clock_steady_us();
	int64_t since = atomic_load(&e->storm_since);
	unsigned int n;
	uint64_t spread, mix;

	if (now - since > 100 * US_PER_MS) {
		atomic_store(&e->storm_since, now);
		atomic_store(&e->storm, 0);
	}
	n = atomic_fetch_add(&e->storm, 1);
	if (n < 256)
		return 0;
	spread = n < 2000 ? n : 2000;
	mix = (ref.slot ^ (uint64_t)now) * UINT64_C(0x9e3779b97f4a7c15);
	return (int64_t)((mix >> 33) % (spread * 1000)) + 1;
}

void net_wake(struct net_engine *e, struct net_ref ref)
{
	struct net_session *s = net_slot(e, ref.slot);
	int64_t delay;
	uint64_t old;

	if (!s)
		return;
	old = atomic_load(&s->word);
	if (old >> 32 != ref.generation || (old & NET_EV_WAKE))
		return;
	delay = storm_delay(e, ref);
	if (delay > 0) {
		if (net_post_quietly(s, ref.generation, NET_EV_WAKE))
			net_timer_bring(s, ref.generation,
			                clock_steady_us() + delay);
	} else if (net_post(s, ref.generation, NET_EV_WAKE)) {
		net_enqueue(e, s);
	}
}

void net_end(struct net_engine *e, struct net_ref ref, bool cut)
{
	struct net_session *s = net_slot(e, ref.slot);

	if (s && net_post(s, ref.generation, cut ? NET_EV_CUT : NET_EV_DRAIN))
		net_enqueue(e, s);
}
