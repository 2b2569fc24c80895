#include "admin/private.h"

int admin_domain_get(struct admin *adm, struct str name, struct arena *a,
                     struct directory_domain *out, struct err *err)
{
	return directory_domain_get(adm->dir, name, a, out, err);
}

int admin_domain_add(struct admin *adm, const struct admin_domain_new *d,
                     struct err *err)
{
	struct directory_domain of = { .id = 0 };
	struct arena a;
	int rc = 0;

	arena_init(&a);
	if (d->alias_of.n)
		rc = directory_domain_get(adm->dir, d->alias_of, &a, &of, err);
	if (rc == 0)
		rc = directory_domain_add(adm->dir, d->name, of.id, NULL, err);
	arena_deinit(&a);
	return rc;
}

/* Most operations begin by finding the domain. */
static int find(struct admin *adm, struct str name,
                struct directory_domain *out, struct err *err)
{
	struct arena a;
	int rc;

	arena_init(&a);
	rc = directory_domain_get(adm->dir, name, &a, out, err);
	arena_deinit(&a);
	/* Only the numbers are used from here on. */
	out->name = out->display = STR("");
	return rc;
}

int admin_domain_remove(struct admin *adm, struct str name, struct err *err)
{
	struct directory_domain d;

	if (find(adm, name, &d, err) < 0)
		return -1;
	return directory_domain_remove(adm->dir, d.id, err);
}

int admin_domain_flags(struct admin *adm, struct str name, unsigned on,
                       unsigned off, struct err *err)
{
	struct directory_domain d;

	if (find(adm, name, &d, err) < 0)
		return -1;
	return directory_domain_set_flags(adm->dir, d.id, (d.flags | on) & ~off,
	                                  err);
}

static int account_id(struct admin *adm, struct str address, int64_t *out,
                      struct err *err)
{
	struct directory_account acc;
	struct arena a;
	int rc = 0;

	*out = 0;
	if (!address.n)
		return 0;
	arena_init(&a);
	rc = admin_account_find(adm, address, &a, &acc, err);
	if (rc == 0)
		*out = acc.id;
	arena_deinit(&a);
	return rc;
}

int admin_domain_admin(struct admin *adm, struct str name, struct str address,
                       struct err *err)
{
	struct directory_domain d;
	int64_t id;

	if (find(adm, name, &d, err) < 0 ||
	    account_id(adm, address, &id, err) < 0)
		return -1;
	return directory_domain_set_admin(adm->dir, d.id, id, err);
}

int admin_catchall_set(struct admin *adm, struct str domain, struct str address,
                       struct err *err)
{
	struct directory_domain d;
	int64_t id;

	if (find(adm, domain, &d, err) < 0 ||
	    account_id(adm, address, &id, err) < 0)
		return -1;
	if (!id && !d.catchall)
		return err_set(err, ERR_NOT_FOUND,
		               "the domain %.*s has no catch-all",
		               STR_ARG(domain));
	return directory_domain_set_catchall(adm->dir, d.id, id, err);
}
