/*
 * imap/flagtext.h - bits of flags to the words of IMAP.  Private to imap/.
 */
#ifndef IMAP_FLAGTEXT_H
#define IMAP_FLAGTEXT_H

#include "base/buf.h"
#include "store/flags.h"
#include "wire/imap/parse.h"

/* The names without parentheses, system flags first. */
void imap_write_flag_bits(struct buf *b, const struct flag_names *names,
                          uint64_t bits);

/* System flags of the wire as bits of the store; \Recent is none. */
uint64_t imap_system_bits(uint32_t system);

#endif
