/*
 * relay/session.h - the client's side of SMTP (RFC 5321) with one server.
 *
 * relay_session_open() connects, greets, begins TLS as it is told to, logs in
 * where that is asked, and knows then what the server can do.  Any number of
 * messages is sent one after the other; what became of each recipient is an
 * outcome.  A session that failed is `broken`: close it.
 *
 * A session may lie idle and then be taken up for another destination whose
 * peer demands the same (relay/ways.h): relay_session_resume().  It may be
 * moved in memory.
 */
#ifndef RELAY_SESSION_H
#define RELAY_SESSION_H

#include "queue/queue.h"
#include "relay/conn.h"
#include "relay/outcome.h"

enum relay_tls_mode {
	RELAY_TLS_OFF,    /* not even tried: it failed just now */
	RELAY_TLS_MAY,    /* when it is offered, whoever it is */
	RELAY_TLS_MUST,   /* else the mail stays here; whoever it is */
	RELAY_TLS_VERIFY, /* and its certificate is good (`demand`) */
	RELAY_TLS_DIRECT, /* from the first byte on (port 465) */
};

struct relay_times { /* RFC 5321, 4.5.3.2 */
	int64_t connect_us, command_us, data_us, block_us, dot_us;
};

struct relay_peer {
	struct net_addr addr;
	const struct net_addr *source; /* or NULL */
	const char *name;              /* of the host, for people and SNI */
	const char *helo;
	enum relay_tls_mode tls;
	struct tls_client *client;
	const struct tls_client_demand *demand; /* VERIFY, DIRECT */
	/* Who demands it, for people: "the MTA-STS policy of x.example"; or
	 * NULL.  And what a certificate that was verified shows then. */
	const char *because, *trust;
	/* That this host is the destination's is told by signed DNS, or by
	 * its policy. */
	bool route_trusted;
	struct str login, password; /* "": no login */
	struct relay_times times;
};

#define RELAY_CAN_PIPELINING 0x001u
#define RELAY_CAN_SIZE       0x002u
#define RELAY_CAN_8BITMIME   0x004u
#define RELAY_CAN_SMTPUTF8   0x008u
#define RELAY_CAN_DSN        0x010u
#define RELAY_CAN_CHUNKING   0x020u
#define RELAY_CAN_BINARYMIME 0x040u
#define RELAY_CAN_STARTTLS   0x080u
#define RELAY_CAN_REQUIRETLS 0x100u
#define RELAY_CAN_PLAIN      0x200u
#define RELAY_CAN_LOGIN      0x400u
#define RELAY_CAN_DELIVERBY  0x800u
#define RELAY_CAN_PRIORITY   0x1000u

struct relay_session {
	struct relay_conn conn;
	struct relay_peer peer; /* what it was opened with */
	struct smtp_answer answer;
	unsigned can;
	uint64_t size_max; /* 0: not said */
	uint64_t by_min_s; /* the least that DELIVERBY takes; 0: any */
	size_t rcpt_max;   /* of one message */
	bool tls;
	bool trusted;      /* and the certificate is good, or matches by DANE */
	char tls_text[48]; /* "TLS1.3", "TLS1.3 (DANE)" */
	bool broken;
	bool greeted;           /* of open: it is an SMTP server */
	bool tls_failed;        /* of open: STARTTLS or the handshake */
	const char *tls_result; /* and as what (RFC 8460, 4.3.2.1) */
	char tls_why[200];      /* in words */
	int64_t opened_us;      /* clock_real_us() */
	uint64_t sent;          /* messages, whatever became of them */
};

void relay_session_init(struct relay_session *s, int stop_fd);
/* Says QUIT if it can. */
void relay_session_close(struct relay_session *s);

/* False: *why says so; kind PERM when the host itself says that it never
 * takes mail (RFC 7504). */
bool relay_session_open(struct relay_session *s, const struct relay_peer *peer,
                        struct relay_outcome *why);

/* Take up an open session for `peer`, who demands what it was opened with:
 * RSET is asked, for what lay idle may be gone.  False: it is; close it. */
bool relay_session_resume(struct relay_session *s,
                          const struct relay_peer *peer) ATTR_MUST_USE;

/* A transaction: jobs of one message, at most s->rcpt_max. */
struct relay_mail {
	const struct queue_job *jobs;
	size_t n;
	struct str prefix, message; /* as it will be sent */
	enum queue_body body;       /* of that */
	bool smtputf8;              /* asked for, and needed */
};

/* out[i] is what became of jobs[i].  Nothing is sent twice: when the answer
 * to the end of the data is lost, that is TEMP, and the next try doubles.  A
 * host that ends the session between two messages, by 421 or by hanging up
 * before the data of the second, leaves that one `again`. */
void relay_session_send(struct relay_session *s, const struct relay_mail *m,
                        struct relay_outcome *out);

/* reads what EHLO said, for tests */
void relay_session_read_ehlo(struct relay_session *s, struct str text);

#endif
