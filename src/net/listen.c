#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "net/engine.h"
#include "net/sockaddr.h"
#include "os/clock.h"

#define BATCH    32                /* accepted before others get a turn */
#define PAUSE_US (100 * US_PER_MS) /* after the fds ran out */

static void set_option(int fd, int level, int name, int value)
{
	/* Each is an improvement, none a condition. */
	(void)setsockopt(fd, level, name, &value, sizeof(value));
}

/* Accepted sockets inherit these, so they cost nothing per connection. */
static void tune(int fd)
{
	set_option(fd, SOL_SOCKET, SO_SNDBUF, NET_SEND_BUFFER);
	set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
	set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, 300);
	set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, 60);
	set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, 5);
}

static int arm(struct net_engine *e, struct net_port *p, int op)
{
	struct epoll_event ev = { .events = EPOLLIN | EPOLLONESHOT,
		                  .data.u64 = NET_NAME_PORT + p->index };

	return epoll_ctl(e->epoll, op, p->l.fd, &ev);
}

/* Who calls on a local socket stands where others have their address: limits
 * by client are then limits by user. */
static void read_uid(int fd, struct net_addr *peer)
{
	struct ucred cred;
	socklen_t n = sizeof(cred);
	uint32_t uid = UINT32_MAX; /* nobody's */

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &n) == 0)
		uid = (uint32_t)cred.uid;
	memcpy(peer->ip, &uid, sizeof(uid));
}

/* A session for the connection, on its way to a worker. */
static struct net_session *begin(struct net_engine *e, struct net_port *p,
                                 int fd, const struct sockaddr_storage *from)
{
	struct net_session *s = NULL;

	if (!atomic_load(&e->draining))
		s = net_slot_take(e);
	if (!s) {
		(void)close(fd);
		(void)atomic_fetch_add(&e->refused, 1);
		return NULL;
	}
	s->fd = fd;
	s->port = p;
	net_sockaddr_read(from, &s->peer);
	if (s->peer.family == NET_UNIX)
		read_uid(fd, &s->peer);
	s->phase = p->l.tls ? NET_PHASE_HANDSHAKE : NET_PHASE_OPENING;
	(void)atomic_fetch_add(&e->accepted, 1);
	return s;
}

/* No fd is left: a spare one is given up to take a connection out of the
 * backlog and close it, so that its client knows, then we pause. */
static void out_of_fds(struct net_engine *e, struct net_port *p)
{
	int fd;

	(void)pthread_mutex_lock(&e->reserve_lock);
	if (e->reserve >= 0)
		(void)close(e->reserve);
	fd = accept4(p->l.fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd >= 0) {
		(void)close(fd);
		(void)atomic_fetch_add(&e->refused, 1);
	}
	e->reserve = open("/dev/null", O_RDONLY | O_CLOEXEC);
	(void)pthread_mutex_unlock(&e->reserve_lock);
}

static bool is_shortage(int errnum)
{
	return errnum == EMFILE || errnum == ENFILE || errnum == ENOBUFS ||
	       errnum == ENOMEM;
}

/* False: pause. */
static bool accept_some(struct net_engine *e, struct net_port *p)
{
	int refused = 0;

	for (int i = 0; i < BATCH; i++) {
		struct sockaddr_storage from;
		struct net_session *s;
		socklen_t n = sizeof(from);
		int fd;

		memset(&from, 0, sizeof(from));
		fd = accept4(p->l.fd, (struct sockaddr *)&from, &n,
		             SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd >= 0) {
			s = begin(e, p, fd, &from);
			if (s)
				net_enqueue_own(e, s);
			else
				refused++;
			continue;
		}
		if (errno == EAGAIN || errno == EWOULDBLOCK)
			return true;
		if (is_shortage(errno)) {
			out_of_fds(e, p);
			return false;
		}
		refused++; /* that connection's own misfortune */
	}
	return refused < BATCH;
}

void net_port_accept(struct net_engine *e, struct net_port *p)
{
	(void)pthread_mutex_lock(&p->lock);
	if (!p->closed) {
		p->paused = !accept_some(e, p);
		if (p->paused)
			net_timer_retry(e, clock_steady_us() + PAUSE_US);
		else
			(void)arm(e, p, EPOLL_CTL_MOD);
	}
	(void)pthread_mutex_unlock(&p->lock);
}

void net_ports_resume(struct net_engine *e)
{
	for (uint32_t i = 0; i < atomic_load(&e->ports_n); i++) {
		struct net_port *p = e->ports[i];

		(void)pthread_mutex_lock(&p->lock);
		if (p->paused && !p->closed)
			(void)arm(e, p, EPOLL_CTL_MOD);
		p->paused = false;
		(void)pthread_mutex_unlock(&p->lock);
	}
}

void net_ports_close(struct net_engine *e)
{
	for (uint32_t i = 0; i < atomic_load(&e->ports_n); i++) {
		struct net_port *p = e->ports[i];

		(void)pthread_mutex_lock(&p->lock);
		if (!p->closed && p->l.fd >= 0)
			(void)close(p->l.fd);
		p->closed = true;
		(void)pthread_mutex_unlock(&p->lock);
	}
}

static int add_port(struct net_engine *e, const struct net_listener *l,
                    struct net_port **out, struct err *err)
{
	uint32_t i = atomic_load(&e->ports_n);
	struct net_port *p;

	if (l->tls && !l->tls_server)
		return err_set(err, ERR_INVALID, "TLS without certificates");
	if (i == NET_LISTENERS_MAX)
		return err_set(err, ERR_TOO_BIG, "over %d listeners",
		               NET_LISTENERS_MAX);
	p = mem_zalloc(sizeof(*p));
	p->l = *l;
	p->index = i;
	(void)pthread_mutex_init(&p->lock, NULL);
	e->ports[i] = p;
	atomic_store(&e->ports_n, i + 1);
	*out = p;
	return 0;
}

int net_engine_listen(struct net_engine *e, const struct net_listener *l,
                      struct err *err)
{
	int flags = fcntl(l->fd, F_GETFL);
	struct net_port *p;

	if (flags < 0 || fcntl(l->fd, F_SETFL, flags | O_NONBLOCK) < 0 ||
	    fcntl(l->fd, F_SETFD, FD_CLOEXEC) < 0)
		return err_sys(err, errno, "listener");
	tune(l->fd);
	if (add_port(e, l, &p, err) < 0) {
		(void)close(l->fd);
		return -1;
	}
	if (arm(e, p, EPOLL_CTL_ADD) < 0)
		return err_sys(err, errno, "watch a listener");
	return 0;
}

/* The port that adopts for such a listener: made at its first connection. */
static int adopter(struct net_engine *e, const struct net_listener *l,
                   struct net_port **out, struct err *err)
{
	struct net_listener own = *l;

	own.fd = -1;
	for (uint32_t i = 0; i < atomic_load(&e->ports_n); i++) {
		struct net_listener *have = &e->ports[i]->l;

		if (have->fd < 0 && have->service == l->service &&
		    have->context == l->context && have->tls == l->tls &&
		    have->tls_server == l->tls_server) {
			*out = e->ports[i];
			return 0;
		}
	}
	return add_port(e, &own, out, err);
}

int net_engine_adopt(struct net_engine *e, const struct net_listener *l, int fd,
                     struct err *err)
{
	struct sockaddr_storage from;
	socklen_t n = sizeof(from);
	struct net_session *s;
	struct net_port *p;
	int flags = fcntl(fd, F_GETFL);
	int rc;

	memset(&from, 0, sizeof(from));
	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 ||
	    getpeername(fd, (struct sockaddr *)&from, &n) < 0) {
		rc = err_sys(err, errno, "adopt a connection");
		(void)close(fd);
		return rc;
	}
	tune(fd);
	(void)pthread_mutex_lock(&e->reserve_lock);
	rc = adopter(e, l, &p, err);
	(void)pthread_mutex_unlock(&e->reserve_lock);
	if (rc < 0) {
		(void)close(fd);
		return -1;
	}
	s = begin(e, p, fd, &from);
	if (!s)
		return err_set(err, ERR_TOO_BIG, "too many sessions");
	net_enqueue(e, s);
	return 0;
}
