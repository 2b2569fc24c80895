#include "store/quota.h"

#include "store/shard.h"

static int load(struct store *s, struct store_account a,
                struct account_row *out, struct err *err)
{
	struct shard *sh;
	struct db *db;
	int rc;

	if (shard_read(s, a, &sh, &db, err) < 0)
		return -1;
	rc = account_load(db, a.id, out, err);
	db_group_done(sh->group, &db);
	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, "the account is gone");
	return rc < 0 ? -1 : 0;
}

int quota_get(struct store *s, struct store_account a, struct quota *out,
              struct err *err)
{
	struct account_row row;

	if (load(s, a, &row, err) < 0)
		return -1;
	*out = (struct quota){
		.used_bytes = (uint64_t)row.bytes,
		.limit_bytes = a.quota_bytes,
		.messages = (uint64_t)row.messages,
		.purged_bytes = (uint64_t)row.purged_bytes,
	};
	return 0;
}

int quota_check(struct store *s, struct store_account a, uint64_t bytes,
                struct err *err)
{
	struct account_row row;

	if (a.quota_bytes == STORE_QUOTA_NONE)
		return 0;
	if (bytes > INT64_MAX)
		return err_set(err, ERR_OVER_QUOTA, "no quota is that large");
	if (load(s, a, &row, err) < 0)
		return -1;
	return account_room(&row, a, (int64_t)bytes, err);
}
