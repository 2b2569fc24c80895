#include "daemon/users.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <unistd.h>

#include "admin/owner.h"

int users_become(const struct config *cfg, const char *role, struct err *err)
{
	const struct group *g = owner_group(cfg);
	const struct passwd *u;
	char name[64];

	if (!g)
		return 0;
	(void)snprintf(name, sizeof(name), "%s%s",
	               config_z(cfg, OPT_SERVER_USER_PREFIX), role);
	u = getpwnam(name);
	if (!u)
		return err_set(err, ERR_NOT_FOUND,
		               "there is no user %s (server.user_prefix)",
		               name);
	if (setgroups(1, &g->gr_gid) < 0 ||
	    setresgid(g->gr_gid, g->gr_gid, g->gr_gid) < 0 ||
	    setresuid(u->pw_uid, u->pw_uid, u->pw_uid) < 0)
		return err_sys(err, errno, "cannot become %s", name);
	return 0;
}
