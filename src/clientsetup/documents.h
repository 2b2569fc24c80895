/*
 * clientsetup/documents.h - what mail programs are told so that they set
 * themselves up from an address alone (R14).
 *
 * All documents say what config/endpoints.h says.  They are the same for
 * every address of a domain, existing or not, but for the address itself, so
 * that nobody finds out by them who exists.
 */
#ifndef CLIENTSETUP_DOCUMENTS_H
#define CLIENTSETUP_DOCUMENTS_H

#include "base/arena.h"
#include "base/buf.h"

struct config;

/* More than any of them takes. */
#define SETUP_DOCUMENT_MAX ((size_t)64 * 1024)

/* Autoconfig for Thunderbird and others (clientConfig 1.1).  `domain` is in
 * A-labels. */
void setup_autoconfig(const struct config *cfg, struct str domain,
                      struct buf *out);

/* Autodiscover for Outlook ("POX"): the settings for an address. */
void setup_autodiscover(const struct config *cfg, struct str address,
                        struct buf *out);
/* Its way to say no: 600 invalid request, 500 unknown domain. */
void setup_autodiscover_error(unsigned code, int64_t now_us, struct buf *out);

/* PACC: the same bytes for all domains, so that one digest in DNS does for
 * everybody (draft-ietf-mailmaint-pacc). */
void setup_pacc(const struct config *cfg, struct buf *out);

/* A profile for Apple's systems, without a password, yet to be signed
 * (site.h).  The same address gives the same bytes, so that a second download replaces the first. */
void setup_mobileconfig(const struct config *cfg, struct str address,
                        struct str name, bool pop, struct buf *out);

#endif
