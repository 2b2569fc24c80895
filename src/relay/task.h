/* relay/task.h - one destination in hand: task.c and reach.c; private. */
#ifndef RELAY_TASK_H
#define RELAY_TASK_H

#include "crypto/tls_client.h"
#include "dns/client.h"
#include "relay/dane.h"
#include "relay/hosts.h"
#include "relay/private.h"
#include "relay/sts.h"

/* What the destination demands of the TLS with one of its hosts. */
struct relay_demand {
	enum relay_tls_mode mode;
	enum relay_policy_kind kind;
	bool testing;             /* MTA-STS: to be told, not to be obeyed */
	const char *because;      /* for people, or NULL */
	struct str policy, hosts; /* for reports */
};

/* A host that did not let us in before another one did. */
struct relay_tried {
	char name[256];
	char reply[400];
};

#define RELAY_TRIED_MAX 4 /* more are not told */

/* Mail that the host at hand is unfit for: it goes to the next. */
#define RELAY_UNFIT_MAX 50

struct relay_unfit {
	struct queue_job jobs[RELAY_UNFIT_MAX];
	struct relay_outcome why[RELAY_UNFIT_MAX];
};

enum relay_reached {
	RELAY_REACHED,
	RELAY_REACHED_NOT,
	RELAY_REACHED_WAITS, /* the task is not this thread's any more */
	RELAY_REACHED_LATE,  /* it waited too long: begin anew */
};

struct task {
	struct relay *r;
	struct relay_task *t;
	struct arena arena; /* of the destination */
	struct arena jobs;  /* of what is claimed */
	struct dns_budget budget;
	struct str own[3];
	struct relay_asker ask;
	struct relay_session session;
	struct relay_peer peer;
	struct relay_sts sts;
	struct relay_demand demand;
	struct relay_dane_records records;
	struct tls_client_demand tls_demand;
	const char *names[3]; /* of tls_demand */
	struct net_addr sources[2];
	size_t sources_n;
	char name[256], helo[256];
	uint16_t port;
	uint64_t left;    /* messages for this connection */
	int64_t until_us; /* real: no new host after this */
	bool smarthost;
	struct relay_hosts hosts;
	size_t next_host;              /* of them, not asked yet */
	bool all_asked;                /* every host before it answered */
	struct relay_outcome why, one; /* of the destination, of a host */
	bool any_failed, any_temp;
	const struct relay_host *host; /* being asked, or NULL */
	struct relay_addresses addrs;  /* its */
	size_t next_addr;
	struct str way; /* to the address at hand; "": not shared */
	bool placed;    /* it has a place there */
	struct relay_waiter waiter;
	bool called;  /* the waiter has a turn */
	bool in_hand; /* it has claimed: it must not wait */
	int64_t waits_since_us;
	struct relay_unfit *unfit; /* NULL until there is some */
	size_t unfit_n;
	struct relay_tried tried[RELAY_TRIED_MAX];
	size_t tried_n, tried_told; /* hosts; jobs that were told of them */
	/* A host was not used because of what its TLS lacks.  Some mail may go
	 * there all the same (RFC 8689, 5): what is demanded is passed over. */
	bool forbidden, lenient;
};

/* demand.c: what is asked of the TLS with this host, into k->demand and
 * k->peer; false: it must not be used, *why says so. */
bool relay_demand_find(struct task *k, const struct relay_host *h,
                       const struct relay_addresses *addrs, bool mx_secure,
                       struct relay_outcome *why);
/* The policy of the destination, before its hosts are asked for theirs. */
void relay_demand_policy(struct task *k);
/* How TLS went with the host in k->peer, for the reports. */
void relay_demand_note(struct task *k);

/* reach.c: a session with a host of the destination; NOT: k->why. */
enum relay_reached relay_reach(struct task *k);
/* It was called: from where it stood on. */
enum relay_reached relay_reach_on(struct task *k);
/* And then with a host after that; never WAITS. */
bool relay_reach_next(struct task *k);

/* share.c: places at hosts (relay/ways.h), with the lock of the role. */
/* A place at the way k->way, or the turn of another. */
enum relay_turn relay_share_enter(struct task *k);
bool relay_share_has(struct task *k);
/* Nobody is let in there, k->one says why. */
enum relay_turn relay_share_fail(struct task *k);
/* Done with the session: it is kept for others, or closed.  `last`: so is the
 * thread, which goes on with whoever is called. */
void relay_share_end(struct task *k, bool last);

#endif
