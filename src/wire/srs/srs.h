/*
 * wire/srs/srs.h - the Sender Rewriting Scheme: envelope senders of what is
 * forwarded.
 *
 * A host that forwards mail sends it in its own name, or SPF (RFC 7208, D.3)
 * fails at the next one.  The sender ann@far.example becomes, at the domain
 * that forwards,
 *
 *	SRS0=mac=day=far.example=ann@here.example
 *
 * and a bounce to that address is sent on to ann@far.example.  A sender that
 * another forwarder rewrote already, SRS0=x=y=far.example=ann@other.example,
 * becomes SRS1=mac=other.example==x=y=far.example=ann@here.example: only the
 * first and the last forwarder stand in it, however many there were, and its
 * bounces go to the first.
 *
 * The mac is of this host's secret, in letters that survive a change of case;
 * nobody can make such an address that did not get mail from here.  It holds
 * for SRS_DAYS_MAX days.  An SRS1 has no day of its own: its bounces go to
 * another forwarder, which looks at its own.
 *
 *	struct srs_key key = { .mac = hmac, .arg = secret };
 *
 *	if (srs_forward(&key, local, domain, now_us, &out)) ...
 *	switch (srs_reverse(&key, local, now_us, &arena, &a)) ...
 */
#ifndef WIRE_SRS_SRS_H
#define WIRE_SRS_SRS_H

#include "base/arena.h"
#include "base/buf.h"

#define SRS_DAYS_MAX 21
/* A local part that would be longer is not written. */
#define SRS_LOCAL_MAX 256

struct srs_key {
	/* A keyed digest of the text: 32 bytes to `out`. */
	void (*mac)(const void *arg, struct str text, unsigned char out[32]);
	const void *arg;
};

/* Whether a local part (unquoted) looks like one of these. */
bool srs_is(struct str local);

/* The local part, unquoted, that stands for the sender at our domain.  False,
 * nothing added, when it would be too long or a part is empty. */
bool srs_forward(const struct srs_key *key, struct str local, struct str domain,
                 int64_t now_us, struct buf *out) ATTR_MUST_USE;

enum srs_result {
	SRS_OK,
	SRS_BAD,     /* not ours, or not of this form */
	SRS_EXPIRED, /* ours, and too old */
};

struct srs_address {
	struct str local, domain; /* where bounces go; unquoted */
};

/* *out is untouched unless OK; views are of `local` or the arena. */
enum srs_result srs_reverse(const struct srs_key *key, struct str local,
                            int64_t now_us, struct arena *a,
                            struct srs_address *out) ATTR_MUST_USE;

#endif
