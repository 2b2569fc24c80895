#include "admin/owner.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/config.h"
#include "os/host.h"

const struct group *owner_group(const struct config *cfg)
{
	const char *name = config_z(cfg, OPT_SERVER_GROUP);

	return host_is_root() && *name ? getgrnam(name) : NULL;
}

int owner_give_data(const struct config *cfg, struct err *err)
{
	const struct group *g = owner_group(cfg);
	struct arena a;
	const char *dir;
	int rc = 0;

	if (!g)
		return 0;
	arena_init(&a);
	dir = config_data_path(cfg, &a, "");
	if (chown(dir, (uid_t)-1, g->gr_gid) < 0 || chmod(dir, 02770) < 0)
		rc = err_sys(err, errno, "cannot give %s to the group %s", dir,
		             g->gr_name);
	arena_deinit(&a);
	return rc;
}

int owner_take_group(const struct config *cfg, struct err *err)
{
	const struct group *g = owner_group(cfg);

	if (!g)
		return 0;
	umask(007);
	if (owner_give_data(cfg, err) < 0)
		return -1;
	if (setegid(g->gr_gid) < 0)
		return err_sys(err, errno, "cannot take the group %s",
		               g->gr_name);
	return 0;
}

int owner_let_pass(const struct config *cfg, const char *dir, struct err *err)
{
	const struct group *g = owner_group(cfg);

	if (!g)
		return 0;
	if (chown(dir, (uid_t)-1, g->gr_gid) < 0 || chmod(dir, 0750) < 0)
		return err_sys(err, errno, "cannot give %s to the group %s",
		               dir, g->gr_name);
	return 0;
}

int owner_give_credentials(const struct config *cfg, struct err *err)
{
	static const char *const files[] = {
		"credentials.db",           "credentials.db-wal",
		"credentials.db-shm",       "credentials.db.lock",
		"credentials.db.lock.turn",
	};
	const struct passwd *u;
	struct arena a;
	char name[64];
	int rc = 0;

	if (!owner_group(cfg))
		return 0;
	(void)snprintf(name, sizeof(name), "%sgate",
	               config_z(cfg, OPT_SERVER_USER_PREFIX));
	u = getpwnam(name);
	if (!u)
		return err_set(err, ERR_NOT_FOUND,
		               "there is no user %s (server.user_prefix)",
		               name);
	arena_init(&a);
	for (size_t i = 0; rc == 0 && i < sizeof(files) / sizeof(files[0]); i++)
		if (chown(config_data_path(cfg, &a, files[i]), u->pw_uid,
		          (gid_t)-1) < 0 &&
		    errno != ENOENT)
			rc = err_sys(err, errno, "cannot give %s to %s",
			             files[i], name);
	arena_deinit(&a);
	return rc;
}

int owner_give_key(const struct config *cfg, const char *path, struct err *err)
{
	const struct passwd *u;
	char name[64];

	if (!owner_group(cfg))
		return 0;
	(void)snprintf(name, sizeof(name), "%skeys",
	               config_z(cfg, OPT_SERVER_USER_PREFIX));
	u = getpwnam(name);
	if (!u)
		return err_set(err, ERR_NOT_FOUND,
		               "there is no user %s (server.user_prefix)",
		               name);
	if (chown(path, u->pw_uid, (gid_t)-1) < 0 && errno != ENOENT)
		return err_sys(err, errno, "cannot give %s to %s", path, name);
	return 0;
}
