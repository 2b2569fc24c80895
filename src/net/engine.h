/*
 * net/engine.h - the inside of the engine: for the files of net/ alone.
 *
 * slots.c   sessions in memory that is never given back, named by slot and
 *           generation; the word that says who may run one
 * pool.c    worker threads and the queue of sessions that are ready
 * timer.c   one thread for all times
 * listen.c  accepting
 * io.c      bytes between the socket (or TLS) and a session's buffers
 * run.c     what a session does next
 * session.c what a service may ask
 * engine.c  start and stop
 *
 * Who may touch a session.  `word` holds the generation and a set of bits.
 * Whoever sets NET_BUSY owns the session: a worker that runs it, or the run
 * queue.  Everyone else only sets event bits; when the session is not busy
 * that claims it too, and it goes to a worker.  The owner gives the session
 * up by a compare-and-swap that fails when a bit came meanwhile, after it has
 * armed epoll: an event that arrives in between finds the session busy and
 * leaves its bit.
 *
 * Locks, taken in this order and never two of one kind: listener, pool; the
 * timer's stands alone.
 */
#ifndef NET_ENGINE_H
#define NET_ENGINE_H

#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>

#include "base/buf.h"
#include "base/heap.h"
#include "net/session.h"
#include "os/blocking.h"

#define NET_READ_BLOCK    ((size_t)64 * 1024)
#define NET_COALESCE      ((size_t)16 * 1024) /* replies sent together */
#define NET_OUT_MAX       ((size_t)16 * 1024 * 1024)
#define NET_OUT_LOW       ((size_t)32 * 1024) /* a source is asked again */
#define NET_SEND_BUFFER   (64 * 1024)         /* the kernel doubles it */
#define NET_STACK         ((size_t)256 * 1024)
#define NET_SESSIONS_MAX  20000
#define NET_WORKERS_MAX   512
#define NET_CHUNK         64 /* session slots made at a time */
#define NET_LISTENERS_MAX 64
#define NET_NEVER         INT64_MAX

/* Unconsumed input and unsent output that parked sessions may keep. */
#define NET_HELD_IN_MAX  ((size_t)64 * 1024 * 1024)
#define NET_HELD_OUT_MAX ((size_t)128 * 1024 * 1024)

/* Of struct net_session.word: the low half; the generation is above. */
enum {
	NET_LIVE = 1,
	NET_BUSY = 2,
	NET_EV_IN = 4,
	NET_EV_OUT = 8,
	NET_EV_PEER_DONE = 16, /* the peer sends no more */
	NET_EV_HUP = 32,
	NET_EV_WAKE = 64,
	NET_EV_TIME = 128,
	NET_EV_DRAIN = 256,
	NET_EV_CUT = 512,
	NET_EV_ALL = 1023 & ~3,
};

enum net_phase {
	NET_PHASE_FREE,
	NET_PHASE_HANDSHAKE,
	NET_PHASE_OPENING, /* `open` is to be called */
	NET_PHASE_OPEN,
	NET_PHASE_LINGER, /* `closed` was called; the peer's last bytes drain */
};

struct net_session {
	_Atomic uint64_t word;

	/* The timer's: the item under its lock, the rest by both. */
	struct heap_item timer;
	_Atomic int64_t timer_at; /* when the timer will look */
	_Atomic int64_t due;      /* when it has something to say */

	struct net_session *next; /* in the run queue or the free list */
	struct net_engine *e;
	struct net_port *port;
	uint32_t slot;

	/* All below: the owner's. */
	int fd;
	struct tls_conn *tls;
	struct net_worker *worker; /* that runs it now */
	void *state;
	uint64_t id;
	struct net_addr peer, local;

	enum net_phase phase;
	enum net_end why;
	uint32_t armed; /* what epoll waits for */
	uint32_t ev;    /* events taken from the word, not yet acted on */
	bool registered : 1, began : 1, was_open : 1, has_local : 1;
	bool closing : 1, starttls : 1, securing : 1, draining : 1;
	bool can_read : 1, eof : 1, hup : 1, fresh : 1, broken : 1;
	bool peer_done : 1;
	bool out_blocked : 1, out_wants_in : 1, in_wants_out : 1;
	bool hold : 1, source_waits : 1, source_starved : 1, in_lent : 1;
	bool moved : 1; /* bytes were consumed or sent in this run */

	/* Unread input: in[in_at .. in_at + in_n), lent by the worker or own. */
	char *in;
	size_t in_at, in_n, in_cap, in_max;
	void (*input)(struct net_session *s); /* NULL: the service's */

	struct buf out; /* unsent: from out_at on */
	size_t out_at;
	int64_t out_since; /* the oldest unsent reply was written */
	net_source source;
	void (*drop)(void *arg);
	void *source_arg;

	int64_t progress_us, idle_us, deadline_us, alarm_us;
	int64_t close_by_us, close_last_us;
	int64_t rate_since_us;
	uint64_t rate_bytes;
	uint32_t rate;
	size_t held_in, held_out; /* as counted in the engine */
};

/* A listener: never freed before the engine. */
struct net_port {
	struct net_listener l;
	pthread_mutex_t lock; /* around accept and close */
	bool closed, paused;
	uint32_t index;
};

struct net_worker {
	struct net_engine *e;
	pthread_t thread;
	struct blocking_hooks hooks;
	struct net_worker *next; /* in `gone` */
	char *block;             /* NET_READ_BLOCK for input, lent */
	struct buf out;          /* lent */
};

struct net_engine {
	struct net_options o;
	int epoll, kick;
	atomic_bool draining;

	/* slots.c, under pool_lock where not atomic */
	struct net_session *_Atomic *chunks;
	uint32_t chunks_n;
	struct net_session *free_slots;
	atomic_uint sessions, sessions_tls, sessions_linger;
	_Atomic uint64_t next_id;

	/* pool.c */
	pthread_mutex_t pool_lock;
	pthread_cond_t spare_cond, none_cond;
	struct net_session *queue_head, *queue_tail;
	uint32_t queued;
	uint32_t running, polling, starting, spare, go;
	atomic_uint threads, blocked; /* read without the lock for figures */
	bool quit, kicked, started;
	struct net_worker *gone; /* ended, to be joined */

	/* timer.c */
	pthread_mutex_t timer_lock;
	pthread_cond_t timer_cond;
	struct heap timers;
	pthread_t timer_thread;
	bool timer_quit, timer_started;
	int64_t retry_at; /* listeners that pause try again */

	/* listen.c */
	struct net_port *ports[NET_LISTENERS_MAX];
	atomic_uint ports_n;
	pthread_mutex_t reserve_lock;
	int reserve;

	_Atomic uint64_t accepted, refused, bytes_in, bytes_out;
	_Atomic uint64_t held_in, held_out;
	_Atomic int64_t storm_since;
	atomic_uint storm;
};

/* Names for epoll that are not sessions'. */
#define NET_NAME_KICK UINT64_C(0xffffffff)
#define NET_NAME_PORT UINT64_C(0xffff0000) /* + index */

/* ---- slots.c ---- */

void net_slots_init(struct net_engine *e);
void net_slots_deinit(struct net_engine *e);
/* A new session, owned by the caller; NULL when there are too many. */
struct net_session *net_slot_take(struct net_engine *e);
/* The end of the generation; the caller owned it. */
void net_slot_give(struct net_session *s);
struct net_session *net_slot(struct net_engine *e, uint32_t slot);
/* Set event bits.  True: the caller claimed it and must see that it runs. */
bool net_post(struct net_session *s, uint32_t generation, uint32_t bits);
/* The same without claiming it.  True: nobody runs it; see to it later. */
bool net_post_quietly(struct net_session *s, uint32_t generation,
                      uint32_t bits);
/* Take the events out; the owner only. */
uint32_t net_take_events(struct net_session *s);
/* Give up ownership; false when an event came, and it is still owned. */
bool net_release(struct net_session *s);
uint32_t net_generation(const struct net_session *s);
/* Post to every live session, and queue those that were claimed. */
void net_post_all(struct net_engine *e, uint32_t bits);

/* ---- pool.c ---- */

int net_pool_start(struct net_engine *e, struct err *err) ATTR_MUST_USE;
void net_pool_stop(struct net_engine *e);
/* A claimed session to the workers. */
void net_enqueue(struct net_engine *e, struct net_session *s);
/* The same from a worker that will look at the queue next. */
void net_enqueue_own(struct net_engine *e, struct net_session *s);
void net_pool_join_gone(struct net_engine *e);

/* ---- timer.c ---- */

int net_timer_start(struct net_engine *e, struct err *err) ATTR_MUST_USE;
void net_timer_stop(struct net_engine *e);
/* The owner: look at `s` at this time, perhaps earlier. */
void net_timer_set(struct net_session *s, int64_t due);
/* Anyone: look at it at `at` if it is still this generation. */
void net_timer_bring(struct net_session *s, uint32_t generation, int64_t at);
void net_timer_drop(struct net_session *s);
/* Listeners that pause are tried again after this time. */
void net_timer_retry(struct net_engine *e, int64_t at);

/* ---- listen.c ---- */

void net_port_accept(struct net_engine *e, struct net_port *p);
void net_ports_resume(struct net_engine *e);
void net_ports_close(struct net_engine *e);

/* ---- io.c ---- */

enum net_io {
	NET_IO_OK,
	NET_IO_WAIT,   /* the socket must be waited for */
	NET_IO_CLOSED, /* the peer ended */
	NET_IO_FAILED,
};

void net_in_attach(struct net_session *s);
void net_in_detach(struct net_session *s);
/* Read once, as much as there is room for. */
enum net_io net_in_read(struct net_session *s);
/* Send what is unsent, as far as it goes. */
enum net_io net_out_flush(struct net_session *s);

/* ---- run.c ---- */

/* Close when the output is out. */
void net_close_because(struct net_session *s, enum net_end why);
/* Run it until it parks, ends, or has had its share; the caller owned it. */
void net_run(struct net_worker *w, struct net_session *s);

#endif
