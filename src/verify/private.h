/* verify/private.h - what the files of verify/ share. */
#ifndef VERIFY_PRIVATE_H
#define VERIFY_PRIVATE_H

#include "verify/spf.h"
#include "verify/verify.h"

struct spf_cache;

struct verify {
	struct dns_client *dns;
	char *hostname;
	struct spf_cache *spf;
};

/* ask.c: one question within the budget. */
struct asking {
	struct verify *v;
	struct verify_budget *b;
	uint32_t ttl_s; /* the least of all answers so far */
	bool failed;    /* one of them had no answer */
};

void verify_asking_init(struct asking *q, struct verify *v,
                        struct verify_budget *b);
void verify_ask(struct asking *q, struct str name, enum dns_type type,
                struct arena *a, struct dns_answer *out);
/* TXT records, the strings of each joined; *n_out 0 when there are none. */
enum dns_status verify_ask_txt(struct asking *q, struct str name,
                               struct arena *a, struct str **out,
                               size_t *n_out);

/* dmarc.c: the organization of a domain (RFC 9989, 4.10.2); false when DNS
 * gave no answer. */
bool verify_dmarc_org(struct asking *q, struct str domain, struct arena *a,
                      struct str *out);

/* A domain as the DNS has it (A-labels); false when it is no name. */
bool verify_domain(struct str in, struct arena *a, struct str *out);

/* spf_cache.c: results by domain and client, for their TTL.  The entries are
 * bounded; what was put in may be gone at any time. */
struct spf_cache *spf_cache_new(void);
void spf_cache_free(struct spf_cache **c);
bool spf_cache_get(struct spf_cache *c, struct str key, int64_t now_us,
                   struct arena *a, struct verify_spf_result *out);
void spf_cache_put(struct spf_cache *c, struct str key, int64_t until_us,
                   const struct verify_spf_result *r);

#endif
