/* Web spaces: which domains the scripts of a Unix user send for (R43). */
#include <pwd.h>
#include <unistd.h>

#include "admin/private.h"

int admin_webspace_uid(struct str user, uint32_t *out, struct err *err)
{
	char buffer[4096], name[256];
	struct passwd row, *found = NULL;
	uint64_t n;

	if (str_to_u64(user, UINT32_MAX - 1, &n)) {
		*out = (uint32_t)n;
		return 0;
	}
	if (user.n == 0 || user.n >= sizeof(name) ||
	    str_chr(user, '\0') != STR_NPOS)
		return err_set(err, ERR_INVALID, "that is no user name");
	for (size_t i = 0; i < user.n; i++)
		name[i] = user.p[i];
	name[user.n] = '\0';
	if (getpwnam_r(name, &row, buffer, sizeof(buffer), &found) != 0 ||
	    !found)
		return err_set(err, ERR_NOT_FOUND,
		               "this machine has no user %s", name);
	*out = (uint32_t)found->pw_uid;
	return 0;
}

static int find(struct admin *adm, struct str name, int64_t *out,
                struct err *err)
{
	struct directory_domain d;
	struct arena a;
	int rc;

	arena_init(&a);
	rc = directory_domain_get(adm->dir, name, &a, &d, err);
	if (rc == 0)
		*out = d.id;
	arena_deinit(&a);
	return rc;
}

int admin_webspace_add(struct admin *adm, uint32_t uid, struct str domain,
                       struct err *err)
{
	int64_t id = 0;

	if (find(adm, domain, &id, err) < 0)
		return -1;
	return directory_webspace_add(adm->dir, uid, id, err);
}

int admin_webspace_remove(struct admin *adm, uint32_t uid, struct str domain,
                          struct err *err)
{
	int64_t id = 0;

	if (domain.n && find(adm, domain, &id, err) < 0)
		return -1;
	return directory_webspace_remove(adm->dir, uid, id, err);
}
