/*
 * net/session.h - sessions: parked in epoll, on a thread only while they work.
 *
 * An engine owns listeners, sessions and workers.  A service (SMTP, IMAP,
 * ...) is a table of functions.  A worker runs one of them for one session,
 * as straight-line code with ordinary blocking calls to the store; it never
 * waits for the peer.  Between calls the session is parked: a struct, no
 * thread, no stack.  No two calls for one session run at the same time.
 *
 * Input.  `input` is called when unread bytes are there.  It looks at
 * net_input(), takes what it understands with net_consume(), handles at most
 * about one command, and returns.  It is called again at once while it
 * consumes and bytes are left, and when more bytes came otherwise.  When the
 * buffer is full and nothing was consumed it is called once more with
 * net_input_full() true, and must consume or close.
 *
 * Bulk in.  DATA, literals and uploads are the same thing: net_set_input()
 * switches to a function that takes whatever is there, until it is done and
 * switches back.  A slow sender so costs a parked struct.
 *
 * Output.  net_write() adds to a buffer that the engine sends when the call
 * returns, and goes on sending while the session is parked; no input is given
 * until it is out.  What is large goes by net_send(): a source is called each
 * time the buffer runs low, writes at most about NET_PIECE bytes, and says
 * whether more is to come; input waits until it is done.
 *
 *	static void input(struct net_session *s)
 *	{
 *		struct str in = net_input(s), line;
 *		...
 *		net_consume(s, n);
 *		net_fmt(s, "250 2.0.0 OK\r\n");
 *	}
 */
#ifndef NET_SESSION_H
#define NET_SESSION_H

#include "base/err.h"
#include "base/str.h"
#include "net/addr.h"

struct net_engine;
struct net_session;

/* What a source writes at a time, and what may lie unsent. */
#define NET_PIECE ((size_t)256 * 1024)

enum net_end {
	NET_END_SERVER,  /* net_close() */
	NET_END_PEER,    /* the peer closed or reset */
	NET_END_TIMEOUT, /* after `timeout` was called */
	NET_END_TLS,     /* the handshake or the record layer failed */
	NET_END_ERROR,   /* socket error */
	NET_END_DRAIN,   /* the engine stops */
};

/* All functions run on a worker and may write.  Only `open`, `input` and
 * `closed` are needed. */
struct net_service {
	const char *name;  /* "smtp": for log and metrics */
	size_t state_size; /* the service's own bytes in each session, zeroed */
	size_t input_max;  /* unread bytes kept at most, unless changed */

	/* The connection stands (with TLS, if the listener has it): greet. */
	void (*open)(struct net_session *s);
	/* See above. */
	void (*input)(struct net_session *s);
	/* The handshake that net_start_tls() asked for is done. */
	void (*secured)(struct net_session *s);
	/* net_wake() was called since the last time; never while a source is
	 * active or output waits, then it comes later. */
	void (*wake)(struct net_session *s);
	/* net_alarm()'s time came. */
	void (*alarm)(struct net_session *s);
	/* Idle too long, too slow, or over the deadline: say goodbye.  The
	 * session is closed when it returns.  What is written is not sent when
	 * earlier output is stuck. */
	void (*timeout)(struct net_session *s);
	/* The engine drains and the session is between two calls: say goodbye
	 * and net_close(), or finish first (net_is_draining() stays true).
	 * Without this function the session is closed. */
	void (*drain)(struct net_session *s);
	/* The last call; the peer may be gone.  Release what the state owns.
	 * May be called without `open` when a handshake fails. */
	void (*closed)(struct net_session *s, enum net_end why);
};

/* ---- what a service asks and does, inside a call ---- */

void *net_state(struct net_session *s);   /* state_size bytes */
void *net_context(struct net_session *s); /* the listener's `context` */

struct str net_input(const struct net_session *s);
bool net_input_full(const struct net_session *s);
void net_consume(struct net_session *s, size_t n);

/* The next whole line of input, without its LF or CRLF, and consumed; false
 * when there is none yet.  *bare_lf_out (may be NULL) says how it ended. */
bool net_take_line(struct net_session *s, struct str *line, bool *bare_lf_out);

/* Switch the function that is given input (NULL: the service's own) and the
 * most bytes kept unread (0: the service's input_max). */
void net_set_input(struct net_session *s, void (*input)(struct net_session *s),
                   size_t input_max);

void net_write(struct net_session *s, struct str bytes);
void net_fmt(struct net_session *s, const char *fmt, ...) ATTR_PRINTF(2, 3);
size_t net_unsent(const struct net_session *s);

/* True: more is to come.  False: done; the last bytes are written.  One that
 * has nothing to write at the moment is called again after net_wake(). */
typedef bool (*net_source)(struct net_session *s, void *arg);

/* Begin to send from `source`; `drop` (may be NULL) frees arg when the source
 * is done or the session ends before. */
void net_send(struct net_session *s, net_source source, void (*drop)(void *arg),
              void *arg);

/* Close when all that was written is sent and the source is done.  The peer
 * has 5 s for that, again after each progress, a minute at most. */
void net_close(struct net_session *s);
bool net_is_closing(const struct net_session *s);

/* After the output is sent, drop all unread input (RFC 3207, 4.2) and begin a
 * TLS handshake. */
void net_start_tls(struct net_session *s);

/* Time without progress (no byte consumed, no byte sent) until `timeout`.
 * Holds until changed; the listener's handshake_us holds before `open`. */
void net_timeout(struct net_session *s, int64_t idle_us);

/* From now at most this long, whatever progress is made; 0 takes it off. */
void net_deadline(struct net_session *s, int64_t us);

/* `timeout` comes too when, over a minute, a peer that we wait for moved
 * less than this many bytes a second; 0 takes it off.  We wait for a peer
 * while output is unsent and while net_set_input() has an own function: it
 * can be set once, in `open`. */
void net_min_rate(struct net_session *s, uint32_t bytes_per_s);

/* Call `alarm` once in this time; 0 takes it off.  While `hold` is true the
 * session is given no input before (a tarpit). */
void net_alarm(struct net_session *s, int64_t in_us, bool hold);

/* The engine stops: finish, then net_close(). */
bool net_is_draining(const struct net_session *s);

const struct net_addr *net_peer(const struct net_session *s);
/* The Unix user at the other end of a local socket, as the kernel tells it when
 * the connection was made; UINT32_MAX when there is none. */
uint32_t net_peer_uid(const struct net_session *s);
const struct net_addr *net_local(const struct net_session *s);
/* PROXY protocol: a service that trusts the sender sets what it was told. */
void net_set_peer(struct net_session *s, const struct net_addr *peer);
uint64_t net_session_id(const struct net_session *s); /* unique, for "sid" */
int net_session_fd(const struct net_session *s); /* SO_PEERCRED and the like */

struct net_tls_info {
	bool on;
	char version[12]; /* "TLS1.3" */
	char cipher[48];  /* "TLS_AES_256_GCM_SHA384" */
	int bits;
	char sni[256]; /* lower case, no trailing dot; "" without */
	char alpn[16]; /* "" without */
};

void net_tls_info(const struct net_session *s, struct net_tls_info *out);
bool net_is_tls(const struct net_session *s);

/* Channel binding for SCRAM-*-PLUS: "tls-exporter" (RFC 9266) or
 * "tls-server-end-point" (RFC 5929).  Bytes written, 0 when there is none. */
size_t net_tls_binding(const struct net_session *s, const char *type,
                       unsigned char *out, size_t max);

/* ---- from any thread ---- */

/* Names a session without keeping it alive. */
struct net_ref {
	uint32_t slot, generation;
};

struct net_ref net_ref(const struct net_session *s);

/* `wake` will be called; many calls may become one.  Nothing happens when the
 * session has ended. */
void net_wake(struct net_engine *e, struct net_ref ref);

/* The session has to end: `drain` is called as when the engine stops (though
 * net_is_draining() stays as it is); with `cut` it ends at once. */
void net_end(struct net_engine *e, struct net_ref ref, bool cut);

/* ---- the engine ---- */

struct tls_server; /* crypto/tls_server.h: certificates by name */

struct net_listener {
	const struct net_service *service;
	void *context;                 /* net_context() */
	int fd;                        /* bound and listening; taken */
	bool tls;                      /* handshake first (port 993) */
	struct tls_server *tls_server; /* NULL: no TLS, no STARTTLS */
	int64_t handshake_us;          /* 0: 30 s */
};

struct net_options {
	uint32_t sessions_max; /* more are told nothing and closed; 0: 20,000 */
	uint32_t workers;      /* running at a time; 0: the cores */
	uint32_t workers_max;  /* with those that block; 0: 512 */
};

int net_engine_new(struct net_engine **out, const struct net_options *o,
                   struct err *err) ATTR_MUST_USE;
int net_engine_listen(struct net_engine *e, const struct net_listener *l,
                      struct err *err) ATTR_MUST_USE;
/* A connection someone else accepted; the fd is taken. */
int net_engine_adopt(struct net_engine *e, const struct net_listener *l, int fd,
                     struct err *err) ATTR_MUST_USE;
int net_engine_start(struct net_engine *e, struct err *err) ATTR_MUST_USE;

/* Stop accepting, let sessions finish (`drain`), cut what is left after
 * `wait_us`, join all threads. */
void net_engine_stop(struct net_engine *e, int64_t wait_us);
void net_engine_free(struct net_engine **e);

struct net_figures {
	uint32_t sessions, sessions_tls, workers, workers_blocked;
	uint64_t accepted, refused, bytes_in, bytes_out;
};

void net_engine_figures(const struct net_engine *e, struct net_figures *out);

#endif
