/* admin/check_private.h - between the files of the check of a domain. */
#ifndef ADMIN_CHECK_PRIVATE_H
#define ADMIN_CHECK_PRIVATE_H

#include "admin/check.h"
#include "admin/private.h"
#include "admin/records.h"
#include "dns/client.h"

#define CHECK_ADDRESSES_MAX 16

struct checking {
	struct admin *adm;
	const struct admin_check_options *o;
	struct arena *a;
	struct admin_checks *r;
	int64_t until_us;           /* steady */
	unsigned lookups, failures; /* failures: in a row */
	struct admin_records records;
	struct str provider, mx; /* "mx.provider.example" */
	/* Where the provider's own names lead. */
	struct str own[CHECK_ADDRESSES_MAX];
	size_t own_n;
	bool mx_secure; /* the answer about MX was signed */
};

/* A new row, UNKNOWN until it is judged; when the table is full the last one
 * is used again. */
struct admin_check_row *check_row(struct checking *k, const char *id,
                                  enum admin_grade grade, struct str name,
                                  const char *type);
void check_ask(struct checking *k, struct str name, enum dns_type type,
               struct dns_answer *out);
/* Texts of a name that begin so; -1: no answer. */
int check_texts(struct checking *k, struct str name, struct str begin,
                struct str *out, size_t max);
/* Addresses of a name as text; -1: no answer. */
int check_addresses(struct checking *k, struct str name, struct str *out,
                    size_t max);
/* All of them lead here. */
bool check_is_here(const struct checking *k, const struct str *v, size_t n);
struct str check_join(struct checking *k, const struct str *v, size_t n);
/* How one of our records stands in DNS: OK, WRONG, MISSING or UNKNOWN. */
enum admin_check check_record(struct checking *k, const struct admin_record *r,
                              struct str *found);
/* GET, or POST of `body`, under an own address; the status, 0 with *why. */
unsigned check_fetch(struct checking *k, struct str host, const char *path,
                     struct str body, struct str *out, struct str *why);

/* ---- of the machine (health.c, machine.c) ---- */

void check_resolver(struct checking *k);
/* The name of an address, and that name's address again. */
void check_ptr(struct checking *k, struct str ip);
void check_lists(struct checking *k, struct str ip);
void check_clock(struct checking *k);
void check_disk(struct checking *k);
/* Are connections to other hosts let out?  Last of all: where no name can be
 * found, it uses up what patience there is. */
void check_outgoing(struct checking *k);

/* ---- of a domain ---- */

void check_mail(struct checking *k);     /* mx, spf, dkim, dmarc, dane */
void check_security(struct checking *k); /* mtasts, tlsrpt, caa */
void check_programs(struct checking *k); /* autoconfig, ..., wildcard */

#endif
