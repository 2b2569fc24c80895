/*
 * verify/key_life.h - when DKIM keys begin to sign, and when they end.
 *
 * A key signs once its record was seen in DNS, for before that nobody could
 * verify what it signs.  So DNS is asked for the record of every key: often
 * while the key is young, then hourly, then a few times a day, each domain at
 * moments of its own.  A record that is missing twice in a row makes its key
 * wait again; a key that was retired long enough is removed (RFC 6376, 3.6.1
 * leaves both to the signer).
 *
 *	struct key_life_options o = { .keys = keys, .dns = dns, ... };
 *	struct key_life *k = key_life_new(&o);
 *
 *	key_life_run(k, clock_wall_us(), stop, arg);     about once a second
 *
 * One thread uses it.  It logs what it changes: dkim.signs, dkim.lost,
 * dkim.removed.
 */
#ifndef VERIFY_KEY_LIFE_H
#define VERIFY_KEY_LIFE_H

#include <stdbool.h>

#include "dns/client.h"

struct keys_client;
struct key_life;

struct key_life_options {
	struct keys_client *keys; /* borrowed */
	struct dns_client *dns;   /* borrowed */
	const char *public_dir;   /* keys/dkim_store.h; copied */
};

struct key_life *key_life_new(const struct key_life_options *o);
void key_life_free(struct key_life **k);

/* Look at all domains whose time has come; the number of them, or -1 when the
 * folder cannot be read.  `stop` (may be NULL) is asked between two. */
int key_life_run(struct key_life *k, int64_t now_us, bool (*stop)(void *arg),
                 void *arg, struct err *err) ATTR_MUST_USE;

/* How long until a domain is looked at again, before chance adds up to a
 * quarter.  `age_s` is of the youngest key that waits, or -1 for none. */
int64_t key_life_interval_s(int64_t age_s, bool missed);

enum key_record {
	KEY_RECORD_OURS,
	KEY_RECORD_ABSENT,
	KEY_RECORD_OTHER,  /* there is one, of another key or revoked */
	KEY_RECORD_UNKNOWN /* DNS gave no answer */
};

/* What DNS has at `name` ("SELECTOR._domainkey.DOMAIN"); `ours` is the record
 * that should be there. */
enum key_record key_record_look(struct dns_client *dns, struct str name,
                                struct str ours, struct arena *a);

#endif
