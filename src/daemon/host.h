/*
 * daemon/host.h - what one process has open, and the roles that run in it.
 *
 * A process of one role opens what that role needs; with --one-process all
 * roles share one host.  Roles are rows of a table: start, reload, stop.
 *
 *	host_init(&h, cfg, &fds, ROLE_IMAP)
 *	host_start(&h, 1u << ROLE_IMAP, err)   opens, starts, listens
 *	...
 *	host_stop(&h)                          drains, stops, closes
 */
#ifndef DAEMON_HOST_H
#define DAEMON_HOST_H

#include "base/arena.h"
#include "base/err.h"
#include "config/config.h"
#include "crypto/tls_server.h"
#include "daemon/board.h"
#include "daemon/fds.h"
#include "daemon/ports.h"
#include "net/session.h"

struct host {
	struct config *cfg; /* borrowed */
	struct fds fds;     /* borrowed; listeners are taken by the engine */
	const char *name;   /* "imap", or "one" */
	enum role_id self;  /* whose page of the board and eventfd are ours */
	uint32_t roles;     /* bits of those that run here */
	struct board *board;
	struct arena arena; /* paths */
	const char *dir;    /* the data folder */

	/* Opened when a role needs it. */
	struct directory *directory;
	struct store *store;
	struct queue *queue;
	struct spool_pool *spools;
	struct trail *trail;
	struct gate_client *gate;
	struct keys_client *keys;
	struct dns_client *dns;
	struct score_engine *score;
	struct greylist *greylist;
	struct tally *tally;
	struct push_book *push;
	struct tls_signer signer;
	struct tls_server *tls;      /* mail */
	struct tls_server *tls_http; /* with ALPN */
	int64_t tls_changed_us;
	struct news *news;
	struct net_engine *engine;

	struct hook *cert_hook; /* daemon/certs.h */

	void *state[ROLE_COUNT]; /* of each role's own file */

	struct {
		int64_t since_us, cpu_us; /* of the last look */
		bool given;
	} calm;
};

enum host_need {
	NEED_DIRECTORY = 1,
	NEED_STORE = 2, /* with news */
	NEED_QUEUE = 4,
	NEED_SPOOLS = 8,
	NEED_GATE = 16,
	NEED_KEYS = 32, /* and a tls_server */
	NEED_ENGINE = 64,
	NEED_DNS = 128,
	NEED_TRAIL = 256,
	NEED_GREYLIST = 512,
	NEED_SCORE = 1024,
	NEED_TALLY = 2048,
	NEED_PUSH = 4096,
};

struct role_row {
	unsigned needs;
	/* May be NULL.  `stop` also after a failed start. */
	int (*start)(struct host *h, struct err *err);
	void (*reload)(struct host *h);
	void (*stop)(struct host *h);
};

extern const struct role_row role_rows[ROLE_COUNT];

int host_init(struct host *h, struct config *cfg, const struct fds *fds,
              const char *name, enum role_id self, struct err *err)
	ATTR_MUST_USE;
/* On failure host_stop() must be called too. */
int host_start(struct host *h, uint32_t roles, struct err *err) ATTR_MUST_USE;
void host_reload(struct host *h); /* the configuration was read again */
void host_stop(struct host *h);

/* About once a second: figures of the engine into the board. */
void host_tick(struct host *h);

/* Listen on all ports of the table's row that were bound.  The context may be
 * shared by several. */
int host_listen(struct host *h, enum port_id port,
                const struct net_service *service, void *context,
                struct err *err) ATTR_MUST_USE;

/* A path below the data folder; lives as long as the host. */
const char *host_path(struct host *h, const char *below);

#endif
