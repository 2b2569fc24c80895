#include "admin/script.h"

#include "admin/private.h"
#include "deliver/script.h"
#include "store/remember.h"

struct target {
	struct store *store;
	struct store_account account;
};

static int find(struct admin *adm, struct str address, struct target *out,
                struct err *err)
{
	struct directory_account acc;
	struct arena a;
	int rc;

	arena_init(&a);
	rc = admin_account_find(adm, address, &a, &acc, err);
	if (rc == 0)
		rc = admin_store(adm, &out->store, err);
	if (rc == 0)
		out->account = (struct store_account){
			.id = acc.id,
			.shard = acc.shard,
			.quota_bytes = acc.quota_bytes,
		};
	arena_deinit(&a);
	return rc;
}

static int tell(struct admin *adm, const struct target *t, struct err *err)
{
	return deliver_script_tell(t->store, adm->dir, t->account, err);
}

int admin_script_tell(struct admin *adm, struct str address, struct err *err)
{
	struct target t = { 0 };

	if (find(adm, address, &t, err) < 0)
		return -1;
	return tell(adm, &t, err);
}

int admin_script_check(struct str text, struct err *err)
{
	return deliver_script_check(text, err);
}

int admin_script_list(struct admin *adm, struct str address, struct arena *a,
                      struct script **out, size_t *n_out, struct err *err)
{
	struct target t = { 0 };

	if (find(adm, address, &t, err) < 0)
		return -1;
	return script_list(t.store, t.account, a, out, n_out, err);
}

int admin_script_get(struct admin *adm, struct str address, struct str name,
                     struct arena *a, struct script *out, struct err *err)
{
	struct target t = { 0 };

	if (find(adm, address, &t, err) < 0)
		return -1;
	return script_get(t.store, t.account, name, a, out, err);
}

int admin_script_put(struct admin *adm, struct str address, struct str name,
                     struct str text, struct err *err)
{
	struct script_limits max = {
		.scripts = config_u64(adm->cfg, OPT_SIEVE_SCRIPTS_MAX),
		.bytes = config_u64(adm->cfg, OPT_SIEVE_SCRIPT_BYTES),
	};
	struct target t = { 0 };

	if (admin_script_check(text, err) < 0 ||
	    find(adm, address, &t, err) < 0 ||
	    script_put(t.store, t.account, name, text, &max, err) < 0)
		return -1;
	return tell(adm, &t, err);
}

int admin_script_activate(struct admin *adm, struct str address,
                          struct str name, struct err *err)
{
	struct target t = { 0 };

	if (find(adm, address, &t, err) < 0 ||
	    script_activate(t.store, t.account, name, err) < 0)
		return -1;
	return tell(adm, &t, err);
}

int admin_script_remove(struct admin *adm, struct str address, struct str name,
                        struct err *err)
{
	struct target t = { 0 };

	if (find(adm, address, &t, err) < 0 ||
	    script_remove(t.store, t.account, name, err) < 0)
		return -1;
	return tell(adm, &t, err);
}

int admin_vacation_get(struct admin *adm, struct str address, struct arena *a,
                       struct vacation *out, struct err *err)
{
	struct target t = { 0 };

	if (find(adm, address, &t, err) < 0)
		return -1;
	return vacation_get(t.store, t.account, a, out, err);
}

int admin_vacation_set(struct admin *adm, struct str address,
                       const struct vacation *v, struct err *err)
{
	struct target t = { 0 };

	if (find(adm, address, &t, err) < 0 ||
	    vacation_set(t.store, t.account, v, err) < 0 ||
	    remember_forget(t.store, t.account, REMEMBER_ANSWERED, err) < 0)
		return -1;
	return tell(adm, &t, err);
}
