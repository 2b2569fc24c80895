/*
 * keys/server.h - the process that holds the private keys.
 *
 * Keys of DKIM are read when they are first asked for (keys/dkim_store.h).
 *
 * It reads every DIR/NAME.key (PEM, mode 0600) when it starts and when it is
 * told to, and signs what the other processes ask for.  There is no way to
 * get a key out.
 */
#ifndef KEYS_SERVER_H
#define KEYS_SERVER_H

#include "base/err.h"

#define KEYS_FILES_MAX 20000

struct keys_server;

/* `dir` is made (0700) when it is missing; `door` is the server's end, not
 * taken.  A file that cannot be read or is no key is passed over; `skipped`
 * (may be NULL) is told its name and why. */
struct keys_options {
	const char *dir;
	const char *dkim_dir; /* NULL: none; see dkim_store.h */
	int door;
	unsigned threads; /* 0: the cores */
	void (*skipped)(void *arg, const char *name, const struct err *err);
	void *arg;
};

int keys_server_start(struct keys_server **out, const struct keys_options *o,
                      struct err *err) ATTR_MUST_USE;
/* Read the folder again; on failure what was there stays. */
int keys_server_reload(struct keys_server *s, struct err *err) ATTR_MUST_USE;
void keys_server_stop(struct keys_server **s);

#endif
