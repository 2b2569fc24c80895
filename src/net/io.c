/*
 * Bytes between the socket and a session's buffers.
 *
 * A running session has its worker's block to read into and its worker's
 * buffer to write to; what is left over when it parks is copied to memory of
 * its own, just as large.  So a session that waits for a command keeps
 * nothing, and one that handles a command allocates nothing.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "base/mem.h"
#include "crypto/tls_conn.h"
#include "net/engine.h"

/* The worker keeps a buffer of up to so many bytes from one session to the
 * next. */
#define OUT_KEEP (2 * NET_PIECE)

static void lend_block(struct net_session *s)
{
	struct net_worker *w = s->worker;

	if (!w->block)
		w->block = mem_alloc(NET_READ_BLOCK);
	if (s->in) {
		memcpy(w->block, s->in + s->in_at, s->in_n);
		mem_free(s->in);
	}
	s->in = w->block;
	s->in_at = 0;
	s->in_cap = NET_READ_BLOCK;
	s->in_lent = true;
}

void net_in_attach(struct net_session *s)
{
	struct net_worker *w = s->worker;

	if (!s->in || s->in_n <= NET_READ_BLOCK / 2)
		lend_block(s);
	if (s->out.cap == 0) {
		s->out = w->out;
		buf_init(&w->out, NET_OUT_MAX);
	}
}

static void count_held(_Atomic uint64_t *total, size_t *mine, size_t now)
{
	if (now == *mine)
		return;
	(void)atomic_fetch_add(total, (uint64_t)now - *mine);
	*mine = now;
}

static void keep_input(struct net_session *s)
{
	if (s->in_lent) {
		s->in = s->in_n == 0 ? NULL
		                     : mem_dup(s->in + s->in_at, s->in_n);
		s->in_cap = s->in_n;
		s->in_at = 0;
		s->in_lent = false;
	} else if (s->in_cap > 2 * s->in_n) {
		char *all = s->in;

		s->in = s->in_n == 0 ? NULL : mem_dup(all + s->in_at, s->in_n);
		s->in_cap = s->in_n;
		s->in_at = 0;
		mem_free(all);
	}
}

static void keep_output(struct net_session *s)
{
	struct net_worker *w = s->worker;

	if (s->out.n > s->out_at)
		return;
	buf_reset(&s->out);
	s->out_at = 0;
	if (s->out.cap > 0 && s->out.cap <= OUT_KEEP && w->out.cap == 0)
		w->out = s->out;
	else
		buf_deinit(&s->out);
	buf_init(&s->out, NET_OUT_MAX);
}

void net_in_detach(struct net_session *s)
{
	keep_input(s);
	keep_output(s);
	count_held(&s->e->held_in, &s->held_in, s->in_cap);
	count_held(&s->e->held_out, &s->held_out, s->out.cap);
}

/* Room behind the unread bytes; 0 when they are all that may be kept. */
static size_t make_room(struct net_session *s)
{
	size_t want = s->in_max > s->in_n ? s->in_max - s->in_n : 0;

	if (want == 0)
		return 0;
	if (s->in_n == 0)
		s->in_at = 0;
	if (s->in_at + s->in_n == s->in_cap && s->in_at > 0) {
		memmove(s->in, s->in + s->in_at, s->in_n);
		s->in_at = 0;
	}
	if (s->in_n == s->in_cap) {
		size_t cap =
			s->in_cap * 2 < s->in_max ? s->in_cap * 2 : s->in_max;
		char *p = mem_alloc(cap);

		memcpy(p, s->in, s->in_n);
		if (!s->in_lent)
			mem_free(s->in);
		s->in = p;
		s->in_cap = cap;
		s->in_lent = false;
	}
	if (want > s->in_cap - s->in_at - s->in_n)
		want = s->in_cap - s->in_at - s->in_n;
	return want;
}

static enum net_io read_plain(struct net_session *s, char *p, size_t n,
                              size_t *got)
{
	ssize_t r;

	do
		r = recv(s->fd, p, n, 0);
	while (r < 0 && errno == EINTR);
	if (r > 0) {
		*got = (size_t)r;
		/* Less than asked: the socket is empty, and will say when
		 * it is not. */
		s->can_read = *got == n;
		return NET_IO_OK;
	}
	s->can_read = false;
	if (r == 0)
		return NET_IO_CLOSED;
	if (errno == EAGAIN || errno == EWOULDBLOCK)
		return NET_IO_WAIT;
	return NET_IO_FAILED;
}

static enum net_io read_tls(struct net_session *s, char *p, size_t n,
                            size_t *got)
{
	struct err err;

	switch (tls_conn_read(s->tls, p, n, got, &err)) {
	case TLS_OK: s->can_read = tls_conn_pending(s->tls); return NET_IO_OK;
	case TLS_WANT_READ: s->can_read = false; return NET_IO_WAIT;
	case TLS_WANT_WRITE:
		s->can_read = false;
		s->in_wants_out = true;
		return NET_IO_WAIT;
	case TLS_CLOSED: s->can_read = false; return NET_IO_CLOSED;
	case TLS_FAILED: break;
	}
	s->can_read = false;
	return NET_IO_FAILED;
}

enum net_io net_in_read(struct net_session *s)
{
	size_t room = make_room(s), got = 0;
	char *p = s->in + s->in_at + s->in_n;
	enum net_io r;

	if (room == 0)
		return NET_IO_OK;
	r = s->tls ? read_tls(s, p, room, &got) : read_plain(s, p, room, &got);
	if (got > 0) {
		s->in_n += got;
		s->fresh = true;
		(void)atomic_fetch_add_explicit(&s->e->bytes_in, got,
		                                memory_order_relaxed);
	}
	return r;
}

static enum net_io write_plain(struct net_session *s, struct str bytes,
                               size_t *sent)
{
	ssize_t r;

	do
		r = send(s->fd, bytes.p, bytes.n, MSG_NOSIGNAL);
	while (r < 0 && errno == EINTR);
	if (r >= 0) {
		*sent = (size_t)r;
		return *sent < bytes.n ? NET_IO_WAIT : NET_IO_OK;
	}
	if (errno == EAGAIN || errno == EWOULDBLOCK)
		return NET_IO_WAIT;
	return NET_IO_FAILED;
}

static enum net_io write_tls(struct net_session *s, struct str bytes,
                             size_t *sent)
{
	struct err err;

	switch (tls_conn_write(s->tls, bytes, sent, &err)) {
	case TLS_OK: return NET_IO_OK;
	case TLS_WANT_READ: s->out_wants_in = true; return NET_IO_WAIT;
	case TLS_WANT_WRITE: return NET_IO_WAIT;
	case TLS_CLOSED:
	case TLS_FAILED: break;
	}
	return NET_IO_FAILED;
}

enum net_io net_out_flush(struct net_session *s)
{
	enum net_io r = NET_IO_OK;

	s->out_wants_in = false;
	while (r == NET_IO_OK && s->out.n > s->out_at) {
		struct str rest = str_from(buf_str(&s->out), s->out_at);
		size_t sent = 0;

		r = s->tls ? write_tls(s, rest, &sent)
		           : write_plain(s, rest, &sent);
		s->out_at += sent;
		s->rate_bytes += sent;
		s->moved = s->moved || sent > 0;
		(void)atomic_fetch_add_explicit(&s->e->bytes_out, sent,
		                                memory_order_relaxed);
	}
	if (s->out_at == s->out.n) {
		buf_reset(&s->out);
		s->out_at = 0;
	}
	return r;
}
