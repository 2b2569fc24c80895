/* ctl/show.h - forms that several commands share. */
#ifndef CTL_SHOW_H
#define CTL_SHOW_H

#include "admin/admin.h"
#include "ctl/command.h"
#include "ctl/out.h"

/* "login", "send", "receive" of flags, as a list cell. */
void show_flags(struct out *o, unsigned flags);
/* --login, --send, --receive; all three without one.  Their number. */
size_t show_flags_asked(struct ctl *c, const struct str **out);

void show_targets(struct out *o, struct arena *a,
                  const struct directory_target *targets, size_t n);

const char *show_kind(enum directory_kind kind);

/* "5G" of --quota; CTL_OK with 0 for "default". */
int show_quota_asked(struct ctl *c, const char *text, uint64_t *out);

/* The id of a domain given as an argument; 0 without one.  CTL_OK or exit. */
int show_domain_asked(struct ctl *c, struct str name, int64_t *out);

/* A try-line for an address that was not found; NULL when there is none. */
const char *show_address_hint(struct ctl *c, struct str address);

#endif
