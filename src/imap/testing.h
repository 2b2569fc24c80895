/*
 * imap/testing.h - what the tests of imap/ share: a host in a folder of its
 * own with real store, directory, gate and engine, and conversations with it.
 *
 *	talk(&h, "C: a LOGIN anna@test.example secret\n"
 *	         "S: a OK *\n");
 *
 * Lines of a conversation:
 *	C: text     sent, with CRLF
 *	C- text     sent without CRLF; \r, \n, \0, \xHH and \\ as in C
 *	S: glob     the next line from the server must match
 *	S~ glob     several in a row: the next lines, in any order
 *	S* glob     pass over lines until one matches
 *	X:          the server must have closed
 *	Q:          the server must say nothing for a moment
 * With a number ("C2:", "S2:") on another connection, opened at first use;
 * its greeting is passed over.  In a glob "*" is any run, "?" one character,
 * "\*" a star.
 */
#ifndef IMAP_TESTING_H
#define IMAP_TESTING_H

#include "base/test.h"
#include "config/config.h"
#include "directory/directory.h"
#include "gate/server.h"
#include "imap/server.h"
#include "log/log.h"
#include "news/news.h"
#include "os/clock.h"
#include "os/spool.h"
#include "store/store.h"

#define PEERS_MAX 8
#define ANNA      "anna@test.example"
#define BO        "bo@test.example"
#define SECRET    "a long secret"

struct peer {
	int fd; /* 0: not connected */
	struct buf in;
};

struct host {
	char dir[64];
	struct config *config;
	struct store *store;
	struct directory *directory;
	struct spool_pool *spools;
	int door[2];
	struct gate_server *gate;
	struct news_fds news_fds;
	struct imap_context context;
	struct news *news;
	struct net_engine *engine;
	uint16_t port;
	struct peer peers[PEERS_MAX];
	int64_t anna, bo;
};

/* `settings`: more lines of the configuration, or "". */
void host_start(struct host *h, const char *settings);
void host_stop(struct host *h);
/* Close all connections. */
void host_hang_up(struct host *h);

/* The connection with this number, opened if need be. */
struct peer *peer_get(struct host *h, unsigned i);
void peer_send(struct peer *p, struct str s);
/* Wait for more; false when nothing comes in time, or the end. */
bool peer_fill(struct peer *p, int wait_ms, bool *closed);
/* The next line without CRLF into `out`; false when none comes. */
bool peer_line(struct peer *p, struct buf *out, int wait_ms);

void talk(struct host *h, const char *script);
/* APPEND on connection `n`; `args` is what stands before the literal:
 * "INBOX (\\Seen)". */
void talk_append(struct host *h, unsigned n, const char *args,
                 struct str message);
/* Log in on connection `n` as anna. */
void talk_login(struct host *h, unsigned n);

#endif
