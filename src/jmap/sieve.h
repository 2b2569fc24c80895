/* jmap/sieve.h - between the files of SieveScript (RFC 9661). */
#ifndef JMAP_SIEVE_H
#define JMAP_SIEVE_H

#include "jmap/call.h"
#include "store/script.h"

#define JMAP_ID_SCRIPT 'F' /* "F12" */

struct jmap_blob;

/* The id of a script's blob: its number and a digest of its text, so that
 * another text has another id. */
struct str jmap_script_blob_id(struct arena *a, uint64_t no, struct str text);

/* Is it such an id?  jmap/blob.c opens it by that. */
bool jmap_script_blob_parse(struct str id, uint64_t *no_out);
/* ERR_NOT_FOUND when the script is gone or has another text by now. */
int jmap_script_blob_open(struct store *s, struct store_account a,
                          struct str id, struct arena *arena, struct str *out,
                          struct err *err) ATTR_MUST_USE;

/* All scripts of the account, in the order of names, without their texts. */
int jmap_scripts_read(struct jmap_call *c, struct script **out, size_t *n)
	ATTR_MUST_USE;

/* The bytes of any blob as a script, in the arena; ERR_NOT_FOUND,
 * ERR_TOO_BIG over sieve.script_bytes. */
int jmap_script_text(struct jmap_call *c, struct str blob_id, struct str *out,
                     struct err *err) ATTR_MUST_USE;

/* Deliveries are to know what was changed. */
int jmap_script_tell(struct jmap_call *c) ATTR_MUST_USE;

#endif
