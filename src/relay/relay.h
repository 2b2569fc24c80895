/*
 * relay/relay.h - send what waits in the queue to other hosts.
 *
 * A scheduler asks the queue which destinations are due and gives each to a
 * thread.  It finds the hosts, connects, and only then claims messages and
 * sends them over that connection, one after the other, until none is left.
 * While no host answers, nothing is claimed: the destination is blocked, and
 * what waits behind it costs nothing (queue/destination.h).
 *
 * Connections are kept by host, not by domain: a destination whose mail goes to
 * a host over a connection that another has, and that asks the same of its TLS,
 * takes that one when it is free (relay/ways.h).  What its DNS and its policy
 * say of the host is looked up for each all the same.
 *
 * Two bounds: threads that look for a host (relay.searches), most of which
 * wait for one that is dead, and those that have a connection and send
 * (relay.connections).  Destinations that failed last time get at most half
 * of the former, so that the living are never kept waiting by the dead.
 *
 *	relay_start(&r, &(struct relay_options){ ... }, err)
 *	relay_poke(r)              from the queue's `changed`
 *	relay_stop(&r)
 *
 * A message is settled right after its transaction.  What was claimed when
 * the process died is due again at the next start; only a message whose final
 * dot was sent and whose answer or settling was lost comes twice.
 */
#ifndef RELAY_RELAY_H
#define RELAY_RELAY_H

#include "base/err.h"
#include "base/str.h"

struct config;
struct directory;
struct dns_client;
struct gate_client;
struct queue;
struct signer;
struct trail;
struct relay;

/* A letter that the host itself writes. */
struct relay_letter {
	struct str to, message;
	struct str key; /* 32 bytes: within an hour it is sent once */
	int64_t at_us;
};

struct relay_options {
	struct config *config;
	struct queue *queue;
	const char *dir; /* the data folder, for relay.db */
	struct dns_client *dns;
	struct gate_client *gate; /* R27; may be NULL */
	/* Add a letter to the queue, to whoever it is; 1, 0 (nobody can be
	 * reached there), -1.  NULL: no reports are sent. */
	int (*post)(void *arg, const struct relay_letter *l, struct err *err);
	void *post_arg;
	struct trail *trail;         /* may be NULL */
	struct signer *signer;       /* NULL: the host's mail is not signed */
	struct directory *directory; /* needed with `signer` */
};

int relay_start(struct relay **out, const struct relay_options *o,
                struct err *err) ATTR_MUST_USE;
void relay_poke(struct relay *r); /* NULL is fine */
/* Ends what waits, finishes what is being answered. */
void relay_stop(struct relay **r);

#endif
