/*
 * What a session does next.  A worker calls net_run() with a session it
 * owns; advance() takes one step after the other, most urgent first, until
 * there is nothing to do but wait; then the session parks.
 */
#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "crypto/tls_conn.h"
#include "net/engine.h"
#include "os/clock.h"

#define CLOSE_US       (5 * US_PER_SEC) /* to send what was written, again */
#define CLOSE_LAST_US  US_PER_MIN       /* with each progress, up to this */
#define LINGER_US      (2 * US_PER_SEC)
#define LINGER_BYTES   (256 * 1024)
#define HANDSHAKE_US   (30 * US_PER_SEC)
#define SHARE_US       (20 * US_PER_MS) /* of a worker, before others */
#define REPLY_AGE_US   (2 * US_PER_MS)  /* a reply waits for the next */
#define RATE_WINDOW_US US_PER_MIN
#define STARVED_US     (100 * US_PER_MS)
#define HELD_FAIR      ((size_t)4096) /* kept even when memory is short */

static const struct net_service *service_of(const struct net_session *s)
{
	return s->port->l.service;
}

/* ---- the end ---- */

static void drop_source(struct net_session *s)
{
	if (s->source && s->drop)
		s->drop(s->source_arg);
	s->source = NULL;
}

/* The service is done with it. */
static void leave_service(struct net_session *s, enum net_end why)
{
	drop_source(s);
	s->closing = true;
	service_of(s)->closed(s, why);
	drop_source(s);
	mem_free(s->state);
	s->state = NULL;
	if (s->tls)
		(void)atomic_fetch_sub(&s->e->sessions_tls, 1);
	tls_conn_free(&s->tls);
	buf_reset(&s->out);
	s->out_at = 0;
	s->in_n = 0;
}

static void release_slot(struct net_session *s)
{
	if (!s->in_lent)
		mem_free(s->in);
	s->in = NULL;
	s->in_lent = false;
	s->in_n = 0;
	buf_reset(&s->out);
	net_in_detach(s);
	(void)close(s->fd);
	net_slot_give(s);
}

/* Is it worth to wait for the peer's last bytes?  A close with unread ones
 * resets the connection, and the peer may lose our last reply. */
static bool may_linger(struct net_session *s, enum net_end why)
{
	struct net_engine *e = s->e;

	return (why == NET_END_SERVER || why == NET_END_TIMEOUT ||
	        why == NET_END_DRAIN) &&
	       !s->eof && !s->hup &&
	       atomic_load(&e->sessions) < e->o.sessions_max / 4 * 3;
}

/* True: it is gone. */
static bool end(struct net_session *s, enum net_end why)
{
	bool linger = may_linger(s, why);

	if (s->tls && !s->hup && !s->out_blocked)
		tls_conn_shutdown(s->tls);
	leave_service(s, why);
	if (linger && shutdown(s->fd, SHUT_WR) == 0) {
		s->phase = NET_PHASE_LINGER;
		s->close_by_us = clock_steady_us() + LINGER_US;
		s->rate_bytes = 0;
		s->can_read = true;
		return false;
	}
	release_slot(s);
	return true;
}

enum step {
	STEP_NONE, /* nothing to do here */
	STEP_DONE, /* something was done: start over */
	STEP_WAIT, /* park */
	STEP_GONE, /* the session has ended */
};

static enum step end_step(struct net_session *s, enum net_end why)
{
	return end(s, why) ? STEP_GONE : STEP_DONE;
}

static enum step linger(struct net_session *s)
{
	if ((s->ev & NET_EV_CUT) || clock_steady_us() >= s->close_by_us)
		s->hup = true;
	while (s->can_read && !s->hup) {
		ssize_t n = recv(s->fd, s->worker->block, NET_READ_BLOCK, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			s->can_read = false;
		else if (n <= 0)
			s->hup = true;
		else
			s->rate_bytes += (uint64_t)n;
		if (s->rate_bytes > LINGER_BYTES)
			s->hup = true;
	}
	if (!s->hup)
		return STEP_WAIT;
	release_slot(s);
	return STEP_GONE;
}

/* ---- the beginning ---- */

static void begin(struct net_session *s, int64_t now)
{
	const struct net_service *v = service_of(s);
	int64_t us = s->port->l.handshake_us;

	s->began = true;
	s->state = v->state_size > 0 ? mem_zalloc(v->state_size) : NULL;
	s->in_max = v->input_max;
	s->progress_us = now;
	s->idle_us = 5 * US_PER_MIN;
	if (s->phase == NET_PHASE_HANDSHAKE)
		s->deadline_us = now + (us > 0 ? us : HANDSHAKE_US);
}

static enum step handshake(struct net_session *s)
{
	struct err err;

	if (!s->tls) {
		if (tls_conn_new(&s->tls, s->port->l.tls_server, s->fd, &err) <
		    0)
			return end_step(s, NET_END_TLS);
		(void)atomic_fetch_add(&s->e->sessions_tls, 1);
	}
	s->in_wants_out = false;
	switch (tls_conn_handshake(s->tls, &err)) {
	case TLS_OK: break;
	case TLS_WANT_READ: s->can_read = false; return STEP_WAIT;
	case TLS_WANT_WRITE: s->in_wants_out = true; return STEP_WAIT;
	case TLS_CLOSED: s->eof = true; return end_step(s, NET_END_PEER);
	case TLS_FAILED:
		/* The alert was written by the TLS library. */
		return end_step(s, NET_END_TLS);
	}
	s->can_read = true; /* what came with the last flight */
	s->deadline_us = 0;
	s->progress_us = clock_steady_us();
	if (!s->securing) {
		s->phase = NET_PHASE_OPENING;
		return STEP_DONE;
	}
	s->securing = false;
	s->phase = NET_PHASE_OPEN;
	if (service_of(s)->secured)
		service_of(s)->secured(s);
	return STEP_DONE;
}

static enum step open_session(struct net_session *s)
{
	s->phase = NET_PHASE_OPEN;
	s->was_open = true;
	service_of(s)->open(s);
	return STEP_DONE;
}

/* All is sent that was written before: now TLS.  What the peer sent in clear
 * is forgotten (RFC 3207, 4.2). */
static enum step start_tls(struct net_session *s)
{
	int64_t us = s->port->l.handshake_us;

	s->starttls = false;
	s->securing = true;
	s->in_n = 0;
	s->phase = NET_PHASE_HANDSHAKE;
	s->deadline_us = clock_steady_us() + (us > 0 ? us : HANDSHAKE_US);
	s->can_read = true;
	return STEP_DONE;
}

/* ---- times ---- */

static bool is_waiting_for_bytes(const struct net_session *s)
{
	return s->input || net_unsent(s) > 0 || (s->source && !s->source_waits);
}

static bool is_too_slow(struct net_session *s, int64_t now)
{
	bool slow;

	if (s->rate == 0 || s->rate_since_us == 0 ||
	    now - s->rate_since_us < RATE_WINDOW_US)
		return false;
	slow = s->rate_bytes <
	       s->rate * (uint64_t)(RATE_WINDOW_US / US_PER_SEC);
	s->rate_since_us = now;
	s->rate_bytes = 0;
	return slow;
}

static bool is_over_time(struct net_session *s, int64_t now)
{
	if (s->deadline_us > 0 && now >= s->deadline_us)
		return true;
	if (s->idle_us > 0 && now - s->progress_us >= s->idle_us)
		return true;
	return is_too_slow(s, now);
}

void net_close_because(struct net_session *s, enum net_end why)
{
	int64_t now = clock_steady_us();

	if (s->closing)
		return;
	s->closing = true;
	s->why = why;
	s->close_by_us = now + CLOSE_US;
	s->close_last_us = now + CLOSE_LAST_US;
}

static enum step say_timeout(struct net_session *s)
{
	bool stuck = net_unsent(s) > 0 || s->source;
	size_t before = s->out.n;

	if (s->phase != NET_PHASE_OPEN)
		return end_step(s, NET_END_TIMEOUT);
	if (service_of(s)->timeout)
		service_of(s)->timeout(s);
	if (stuck) {
		buf_truncate(&s->out, before);
		return end_step(s, NET_END_TIMEOUT);
	}
	net_close_because(s, NET_END_TIMEOUT);
	s->why = NET_END_TIMEOUT;
	return STEP_DONE;
}

static enum step check_times(struct net_session *s, int64_t now)
{
	if (s->closing && !s->source)
		return now >= s->close_by_us ? end_step(s, s->why) : STEP_NONE;
	if (is_over_time(s, now))
		return say_timeout(s);
	return STEP_NONE;
}

/* ---- output ---- */

/* Ask the source for a piece, unless all pieces together are too many. */
static enum step ask_source(struct net_session *s)
{
	struct net_engine *e = s->e;
	size_t before;

	s->source_starved = false;
	if (s->held_out == 0 && atomic_load(&e->held_out) > NET_HELD_OUT_MAX) {
		s->source_starved = true;
		return STEP_WAIT;
	}
	if (s->out_at > 0) {
		buf_consume(&s->out, s->out_at);
		s->out_at = 0;
	}
	before = s->out.n;
	if (!s->source(s, s->source_arg)) {
		drop_source(s);
		s->close_by_us = clock_steady_us() + CLOSE_US;
		s->close_last_us = clock_steady_us() + CLOSE_LAST_US;
		s->fresh = true; /* input may go on */
	} else if (s->out.n == before) {
		s->source_waits = true; /* until it is woken */
		return STEP_WAIT;
	}
	return STEP_DONE;
}

static bool must_flush(const struct net_session *s)
{
	return s->source || s->closing || s->starttls ||
	       net_unsent(s) >= NET_COALESCE || s->in_n == 0 || !s->fresh ||
	       s->hold || clock_steady_us() - s->out_since > REPLY_AGE_US;
}

static enum step send_output(struct net_session *s)
{
	if (net_unsent(s) > 0 && (s->out_blocked || must_flush(s))) {
		enum net_io r = s->out_blocked ? NET_IO_WAIT : net_out_flush(s);

		if (r == NET_IO_FAILED)
			return end_step(s, NET_END_PEER);
		s->out_blocked = r == NET_IO_WAIT;
	}
	if (s->source && !s->source_waits && net_unsent(s) < NET_OUT_LOW) {
		enum step r = ask_source(s);

		if (r == STEP_DONE || net_unsent(s) == 0 || s->out_blocked)
			return r;
		return STEP_DONE; /* send what is there */
	}
	if (s->out_blocked)
		return STEP_WAIT;
	return STEP_NONE;
}

/* ---- callbacks between two commands ---- */

static enum step call_back(struct net_session *s, int64_t now)
{
	const struct net_service *v = service_of(s);

	if (s->alarm_us > 0 && now >= s->alarm_us) {
		s->alarm_us = 0;
		s->hold = false;
		s->fresh = true;
		if (v->alarm)
			v->alarm(s);
		return STEP_DONE;
	}
	if (s->ev & NET_EV_WAKE) {
		s->ev &= ~(uint32_t)NET_EV_WAKE;
		if (v->wake)
			v->wake(s);
		return STEP_DONE;
	}
	if (s->ev & NET_EV_DRAIN) {
		s->ev &= ~(uint32_t)NET_EV_DRAIN;
		s->draining = true;
		if (v->drain)
			v->drain(s);
		else
			net_close_because(s, NET_END_DRAIN);
		return STEP_DONE;
	}
	return STEP_NONE;
}

/* ---- input ---- */

static enum step give_input(struct net_session *s)
{
	bool full = net_input_full(s);
	size_t before = s->in_n;
	void (*input)(struct net_session *) = s->input;

	if (!s->fresh || s->in_n == 0)
		return STEP_NONE;
	s->fresh = false;
	if (input)
		input(s);
	else
		service_of(s)->input(s);
	if (s->in_n < before) {
		s->fresh = true;
		s->moved = true;
		s->rate_bytes += before - s->in_n;
	} else if (s->input != input) {
		s->fresh = true;
	} else if (full && !s->closing && !s->starttls && !s->source &&
	           net_input_full(s)) {
		/* It was told, and neither took nor closed. */
		return end_step(s, NET_END_ERROR);
	}
	return STEP_DONE;
}

static enum step read_more(struct net_session *s)
{
	if (s->eof) {
		net_close_because(s, NET_END_PEER);
		return STEP_DONE;
	}
	if (!s->can_read || net_input_full(s))
		return STEP_NONE;
	s->in_wants_out = false;
	switch (net_in_read(s)) {
	case NET_IO_OK: return STEP_DONE;
	case NET_IO_WAIT: return STEP_NONE;
	case NET_IO_CLOSED: s->eof = true; return STEP_DONE;
	case NET_IO_FAILED: break;
	}
	s->hup = true;
	return end_step(s, s->tls ? NET_END_TLS : NET_END_PEER);
}

/* ---- one step ---- */

static enum step step_open(struct net_session *s, int64_t now)
{
	enum step r = send_output(s);

	if (r != STEP_NONE)
		return r;
	if (s->broken)
		return end_step(s, NET_END_ERROR);
	if (s->source)
		return STEP_WAIT;
	if (s->closing)
		return net_unsent(s) == 0 ? end_step(s, s->why) : STEP_DONE;
	if (s->starttls)
		return start_tls(s);
	r = call_back(s, now);
	if (r != STEP_NONE)
		return r;
	if (s->hold)
		return STEP_WAIT;
	r = give_input(s);
	if (r != STEP_NONE)
		return r;
	if (net_unsent(s) > 0) {
		s->fresh = false;
		return STEP_DONE; /* nothing more to answer: send it */
	}
	return read_more(s);
}

static enum step step(struct net_session *s, int64_t now)
{
	enum step r;

	if (s->phase == NET_PHASE_LINGER)
		return linger(s);
	if (s->ev & NET_EV_CUT)
		return end_step(s, NET_END_DRAIN);
	if (!s->began)
		begin(s, now);
	r = check_times(s, now);
	if (r != STEP_NONE)
		return r;
	switch (s->phase) {
	case NET_PHASE_HANDSHAKE: return handshake(s);
	case NET_PHASE_OPENING: return open_session(s);
	case NET_PHASE_OPEN: return step_open(s, now);
	case NET_PHASE_LINGER:
	case NET_PHASE_FREE: break;
	}
	return STEP_WAIT;
}

static void take_events(struct net_session *s)
{
	uint32_t ev = net_take_events(s);

	if (!ev)
		return;
	if (ev & (NET_EV_IN | NET_EV_OUT | NET_EV_PEER_DONE | NET_EV_HUP))
		s->armed = 0;
	if (ev & (NET_EV_IN | NET_EV_PEER_DONE | NET_EV_HUP))
		s->can_read = true;
	if (ev & (NET_EV_OUT | NET_EV_HUP))
		s->out_blocked = false;
	if ((ev & NET_EV_IN) && s->out_wants_in)
		s->out_blocked = false;
	if ((ev & NET_EV_OUT) && s->in_wants_out)
		s->can_read = true;
	if (ev & NET_EV_HUP)
		s->hup = true;
	if (ev & NET_EV_PEER_DONE)
		s->peer_done = true;
	if (s->peer_done && s->hold)
		s->hup = true;
	/* One that waits asks net_is_draining(), and may end. */
	if (ev & (NET_EV_WAKE | NET_EV_DRAIN))
		s->source_waits = false;
	s->ev |= ev & (NET_EV_WAKE | NET_EV_DRAIN | NET_EV_CUT);
}

/* ---- parking ---- */

static uint32_t wanted(const struct net_session *s)
{
	if (s->phase == NET_PHASE_LINGER)
		return EPOLLIN;
	if (s->phase == NET_PHASE_HANDSHAKE)
		return s->in_wants_out ? EPOLLOUT : EPOLLIN;
	if (s->out_blocked)
		return s->out_wants_in ? EPOLLIN : EPOLLOUT;
	if (s->source || s->closing)
		return s->eof || s->peer_done ? 0 : EPOLLRDHUP;
	if (s->hold)
		return EPOLLRDHUP;
	return s->in_wants_out ? EPOLLOUT : EPOLLIN;
}

static bool arm(struct net_session *s, uint32_t events)
{
	struct epoll_event ev = {
		.events = events | EPOLLONESHOT,
		.data.u64 = s->slot | (uint64_t)net_generation(s) << 32,
	};
	int op = s->registered ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;

	/* Even with no event wanted, 0 is not "not armed". */
	if (s->armed == (events | EPOLLONESHOT))
		return true;
	if (epoll_ctl(s->e->epoll, op, s->fd, &ev) < 0)
		return false;
	s->registered = true;
	s->armed = events | EPOLLONESHOT;
	return true;
}

static int64_t earlier(int64_t a, int64_t b)
{
	return b > 0 && b < a ? b : a;
}

static int64_t next_time(const struct net_session *s, int64_t now)
{
	int64_t due = NET_NEVER;

	if ((s->closing && !s->source) || s->phase == NET_PHASE_LINGER)
		return s->close_by_us;
	due = earlier(due, s->deadline_us);
	due = earlier(due, s->alarm_us);
	if (s->idle_us > 0)
		due = earlier(due, s->progress_us + s->idle_us);
	if (s->rate > 0 && s->rate_since_us > 0)
		due = earlier(due, s->rate_since_us + RATE_WINDOW_US);
	if (s->source_starved)
		due = earlier(due, now + STARVED_US);
	return due;
}

/* The window of the least rate runs while we wait for the peer alone. */
static void watch_rate(struct net_session *s, int64_t began, int64_t now)
{
	if (!is_waiting_for_bytes(s)) {
		s->rate_since_us = 0;
	} else if (s->rate_since_us == 0) {
		s->rate_since_us = now;
		s->rate_bytes = 0;
	} else {
		s->rate_since_us += now - began;
	}
}

/* Half a command from each of very many peers: those who hold most go. */
static bool holds_too_much(struct net_session *s)
{
	return s->held_in > HELD_FAIR &&
	       atomic_load(&s->e->held_in) > NET_HELD_IN_MAX;
}

enum parked { PARKED, PARK_AGAIN, PARK_GONE };

static enum parked park(struct net_session *s, int64_t began)
{
	int64_t now = clock_steady_us();

	if (s->moved)
		s->progress_us = now;
	if (s->moved && s->closing && s->phase != NET_PHASE_LINGER)
		s->close_by_us = now + CLOSE_US < s->close_last_us
		                         ? now + CLOSE_US
		                         : s->close_last_us;
	s->moved = false;
	watch_rate(s, began, now);
	net_in_detach(s);
	/* What waits for news has nobody to tell them to any more. */
	if (s->source_waits && s->peer_done)
		s->hup = true;
	if (s->hup && s->phase != NET_PHASE_LINGER)
		return end(s, NET_END_PEER) ? PARK_GONE : PARK_AGAIN;
	if (s->phase != NET_PHASE_LINGER && holds_too_much(s))
		return end(s, NET_END_ERROR) ? PARK_GONE : PARK_AGAIN;
	if (!arm(s, wanted(s)))
		return end(s, NET_END_ERROR) ? PARK_GONE : PARK_AGAIN;
	net_timer_set(s, next_time(s, now));
	return net_release(s) ? PARKED : PARK_AGAIN;
}

/* False: it had its share, and waits in the queue for more. */
static bool advance(struct net_session *s, int64_t began, bool *gone)
{
	enum step r;

	do {
		int64_t now = clock_steady_us();

		if (now - began > SHARE_US) {
			if (s->moved)
				s->progress_us = now;
			net_in_detach(s);
			net_enqueue(s->e, s);
			return false;
		}
		take_events(s);
		r = step(s, now);
	} while (r == STEP_DONE);
	*gone = r == STEP_GONE;
	return true;
}

void net_run(struct net_worker *w, struct net_session *s)
{
	enum parked p = PARK_AGAIN;

	while (p == PARK_AGAIN) {
		int64_t began = clock_steady_us();
		bool gone = false;

		s->worker = w;
		net_in_attach(s);
		if (!advance(s, began, &gone) || gone)
			return;
		p = park(s, began);
	}
}
