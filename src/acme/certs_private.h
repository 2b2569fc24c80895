/* acme/certs_private.h - what the files of the certificates share. */
#ifndef ACME_CERTS_PRIVATE_H
#define ACME_CERTS_PRIVATE_H

#include "acme/certs.h"
#include "db/group.h"

struct certs {
	struct certs_options o;
	struct certs_list *list;
	struct acme_ca *ca; /* opened when something is wanted */
	int64_t scanned_us; /* when all names were looked for */
	int64_t ca_wait_us; /* the authority is not asked before */
	unsigned ca_failures;
};

/* ---- rows (certs_db.c) ---- */

struct cert_due {
	struct str name, names, ari;
	int64_t until_s;
	unsigned failures;
};

/* Wanted from now on, with these names; kept as it is when it is known with
 * the same names. */
int certs_want(struct certs_list *l, struct str name, struct str names,
               int64_t now_us, struct err *err) ATTR_MUST_USE;
int certs_has(struct certs_list *l, struct str name, bool *out, struct err *err)
	ATTR_MUST_USE;
/* The one that is due first; 1, or 0 when none is. */
int certs_due(struct certs_list *l, int64_t now_us, struct arena *a,
              struct cert_due *out, struct err *err) ATTR_MUST_USE;
int certs_got(struct certs_list *l, struct str name, int64_t until_s,
              const char *ari, int64_t next_us, struct err *err) ATTR_MUST_USE;
int certs_failed(struct certs_list *l, struct str name, int64_t next_us,
                 struct str why, struct err *err) ATTR_MUST_USE;
int certs_put_off(struct certs_list *l, struct str name, int64_t next_us,
                  struct err *err) ATTR_MUST_USE;

/* ---- names (certs_names.c) ---- */

/* Look for all names that point here, and want them. */
int certs_scan(struct certs *c, int64_t now_us, struct err *err) ATTR_MUST_USE;
/* The names that clients asked for. */
int certs_read_wishes(struct certs *c, int64_t now_us, struct err *err)
	ATTR_MUST_USE;
/* Whether the name still points here. */
bool certs_points_here(struct certs *c, struct str name);

/* ---- proofs (certs_proof.c) ---- */

int certs_publish(void *certs, const struct acme_proof *p, struct err *err);
void certs_withdraw(void *certs, const struct acme_proof *p);

#endif
