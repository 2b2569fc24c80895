/*
 * keys/dkim_store.h - the DKIM keys of each domain, on disk.
 *
 * Private keys are KEYS/dkim/SELECTOR.DOMAIN.key (PEM, 0600), for the keys
 * process alone.  What all may know is in PUBLIC/DOMAIN, one line a key:
 *
 *	SELECTOR KIND STATE SECONDS BASE64
 *
 * KIND is rsa or ed25519, SECONDS when it came into its state.  A key is made
 * new, and signs (active) once its record was seen in DNS: what nobody can
 * verify is worth less than no signature.  One whose record went away waits
 * again.  When its successor signs it is retired: published for some days
 * more, for mail that is on its way, then removed.
 */
#ifndef KEYS_DKIM_STORE_H
#define KEYS_DKIM_STORE_H

#include "base/arena.h"
#include "base/err.h"

#define DKIM_KEYS_MAX     16
#define DKIM_SELECTOR_MAX 32 /* with its NUL */
/* Longer than any queue keeps a message. */
#define DKIM_RETIRED_S ((int64_t)14 * 86400)

enum dkim_state { DKIM_NEW, DKIM_ACTIVE, DKIM_RETIRED };

struct dkim_entry {
	char selector[DKIM_SELECTOR_MAX];
	bool ed25519;
	enum dkim_state state;
	int64_t since_s;
	struct str public; /* base64 */
};

struct dkim_dirs {
	const char *keys, *public; /* folders; made when they are missing */
};

/* A domain in the one form, fit for a file name. */
bool dkim_store_domain_ok(struct str domain);

/* All keys of a domain; none is no error.  Needs only `public`. */
int dkim_store_list(const char *public, struct str domain, struct arena *a,
                    struct dkim_entry out[DKIM_KEYS_MAX], size_t *n_out,
                    struct err *err) ATTR_MUST_USE;

/* An RSA and an Ed25519 key for a domain that has none. */
int dkim_store_ensure(const struct dkim_dirs *d, struct str domain,
                      int64_t now_s, struct err *err) ATTR_MUST_USE;

/* A new pair beside those that are there; ERR_EXISTS when one waits already,
 * ERR_TOO_BIG when too many are kept. */
int dkim_store_rotate(const struct dkim_dirs *d, struct str domain,
                      int64_t now_s, struct err *err) ATTR_MUST_USE;

/* Its record was seen: see above.  ERR_NOT_FOUND. */
int dkim_store_seen(const struct dkim_dirs *d, struct str domain,
                    struct str selector, int64_t now_s, struct err *err)
	ATTR_MUST_USE;

/* The record of a key that signs is gone: it waits again.  ERR_NOT_FOUND. */
int dkim_store_lost(const struct dkim_dirs *d, struct str domain,
                    struct str selector, int64_t now_s, struct err *err)
	ATTR_MUST_USE;

/* Has a key been retired for long enough to go? */
bool dkim_entry_is_over(const struct dkim_entry *e, int64_t now_s);
/* Those go, with their files. */
int dkim_store_tidy(const struct dkim_dirs *d, struct str domain, int64_t now_s,
                    struct err *err) ATTR_MUST_USE;

/* The TXT record of a key, at SELECTOR._domainkey.DOMAIN. */
struct str dkim_entry_record(const struct dkim_entry *e, struct arena *a);

/* As in the file: "new", "active", "retired". */
const char *dkim_state_name(enum dkim_state s);
/* As people read it: "waits", "signs", "retired". */
const char *dkim_state_words(enum dkim_state s);

#endif
