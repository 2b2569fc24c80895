/*
 * daemon/ports.h - the table of ports, and binding them.
 */
#ifndef DAEMON_PORTS_H
#define DAEMON_PORTS_H

#include "config/config.h"
#include "daemon/board.h"
#include "daemon/fds.h"

struct port_row {
	const char *name;          /* "submissions": for logs */
	enum config_option option; /* its number; 0 switches it off */
	enum role_id role;
	bool tls;      /* from the first byte */
	bool loopback; /* on 127.0.0.1 alone */
	bool local;    /* a socket in the file system, not a port */
};

enum port_id {
	PORT_SMTP,
	PORT_SUBMISSIONS,
	PORT_SUBMISSION,
	PORT_SUBMISSION_ALT,
	PORT_IMAP,
	PORT_IMAPS,
	PORT_POP3,
	PORT_POP3S,
	PORT_SIEVE,
	PORT_HTTP,
	PORT_HTTP_ALT,
	PORT_HTTPS,
	PORT_METRICS,
	PORT_SENDMAIL,
	PORT_COUNT
};

extern const struct port_row port_rows[PORT_COUNT];

/* Bind and listen on all that the configuration says, into f->listeners.
 * An address family that this machine lacks is passed over.  What cannot be
 * bound is ERR_EXISTS or ERR_DENIED with the address and the key. */
int ports_bind(const struct config *cfg, struct fds *f, struct err *err)
	ATTR_MUST_USE;

#endif
