/*
 * admin/records.h - the DNS records that a domain needs, from one place.
 *
 * What `posthus domain dns` prints and compares, and the panel shows: MX, SPF,
 * DKIM, DMARC, MTA-STS, TLS-RPT, the names by which mail programs set
 * themselves up, SRV.
 *
 *	struct admin_records r;
 *
 *	if (admin_domain_records(adm, STR("example.com"), &arena, &r, err) < 0)
 *		...
 *	for (size_t i = 0; i < r.n; i++)
 *		... r.v[i].name, type, value
 *
 * A domain without DKIM keys gets them here.  The name of the host itself
 * (server.hostname) has records too: what signs and sends its reports.
 */
#ifndef ADMIN_RECORDS_H
#define ADMIN_RECORDS_H

#include "admin/admin.h"
#include "base/buf.h"

enum admin_record_type { RECORD_MX, RECORD_TXT, RECORD_CNAME, RECORD_SRV };

struct admin_record {
	struct str name; /* in full, without a dot at the end */
	enum admin_record_type type;
	/* TXT: the text, not quoted; else as in a zone file, names without a
	 * dot at the end. */
	struct str value;
	const char *what;    /* "DKIM": what it is for */
	const char *state;   /* of a DKIM key: "waits", "signs", "retired" */
	struct str selector; /* of a DKIM key; "" */
	bool needed;         /* without it mail does not work as it should */
};

#define ADMIN_RECORDS_MAX 48

struct admin_records {
	struct str domain;
	struct admin_record v[ADMIN_RECORDS_MAX];
	size_t n;
};

int admin_domain_records(struct admin *adm, struct str domain, struct arena *a,
                         struct admin_records *out, struct err *err)
	ATTR_MUST_USE;

/* How many domains have no DKIM key that signs; *first_out (in the arena) is
 * one of them. */
int admin_unsigned_domains(struct admin *adm, struct arena *a, uint64_t *n_out,
                           struct str *first_out, struct err *err)
	ATTR_MUST_USE;

/* New DKIM keys beside the present ones, which go on signing until the new
 * records were seen in DNS. */
int admin_domain_rotate(struct admin *adm, struct str domain, struct err *err)
	ATTR_MUST_USE;
/* The record of this key was seen. */
int admin_domain_key_seen(struct admin *adm, struct str domain,
                          struct str selector, struct err *err) ATTR_MUST_USE;

const char *admin_record_type_name(enum admin_record_type t);
/* An answer's record in the words of ours; empty when it is damaged. */
struct str admin_record_words(enum admin_record_type t, struct str rdata,
                              struct arena *a);
/* Does it say the same, though maybe in another order of tags? */
bool admin_record_is_same(const struct admin_record *r, struct str got,
                          struct arena *a);
/* The data as a zone file has it: names with their dot, texts quoted in
 * strings of 255 bytes. */
void admin_record_data(const struct admin_record *r, struct buf *out);

#endif
