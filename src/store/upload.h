/*
 * store/upload.h - bytes that were uploaded and are not in a message yet.
 *
 * A file each, uploads/SHARD/ACCOUNT/NAME, named by what is in it, so that
 * the same bytes sent twice are one file.  It lasts a day (RFC 8620, 6.1
 * wants an hour) and is not in the account's quota but in one of its own: at
 * most UPLOAD_FILES_MAX files and UPLOAD_BYTES_MAX bytes an account; the
 * oldest go when there is no room, but none younger than an hour.
 *
 *	if (upload_put(s, a, bytes, id, err) < 0) ...
 *	if (upload_open(&u, s, a, str_z(id), err) < 0) ...
 *	use(upload_bytes(u));
 *	upload_close(&u);
 */
#ifndef STORE_UPLOAD_H
#define STORE_UPLOAD_H

#include "store/store.h"

#define UPLOAD_ID_MAX    72
#define UPLOAD_FILES_MAX 1000
#define UPLOAD_BYTES_MAX (UINT64_C(512) * 1024 * 1024)
#define UPLOAD_KEEP_US   (INT64_C(24) * 3600 * 1000000)
#define UPLOAD_LEAST_US  (INT64_C(3600) * 1000000)

struct upload;

/* The id is "U" and 64 letters.  The bytes are on the disk when it returns.
 * ERR_OVER_QUOTA, ERR_NO_SPACE. */
int upload_put(struct store *s, struct store_account a, struct str bytes,
               char id_out[UPLOAD_ID_MAX], struct err *err) ATTR_MUST_USE;

/* ERR_NOT_FOUND, also for what is no id. */
int upload_open(struct upload **out, struct store *s, struct store_account a,
                struct str id, struct err *err) ATTR_MUST_USE;
void upload_close(struct upload **u);
struct str upload_bytes(const struct upload *u); /* until it is closed */

/* What is past its time goes, of all accounts.  For the housekeeping. */
int upload_sweep(struct store *s, int64_t now_us, struct err *err)
	ATTR_MUST_USE;
/* All of an account. */
void upload_remove_all(struct store *s, struct store_account a);

#endif
