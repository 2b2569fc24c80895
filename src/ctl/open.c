#include <stdlib.h>

#include "admin/admin.h"
#include "base/buf.h"
#include "ctl/command.h"
#include "os/file.h"
#include "os/host.h"

const char *ctl_config_file(struct ctl *c)
{
	const char *path = ctl_option(c, "config");
	char absolute[4096];

	if (!path)
		path = getenv("POSTHUS_CONFIG");
	if (!path || !path[0])
		path = CTL_CONFIG_DEFAULT;
	host_absolute_path(path, absolute, sizeof(absolute));
	return arena_strz(&c->arena, str_z(absolute));
}

int ctl_config_from(struct ctl *c, const char *path)
{
	struct config_report report;
	struct err ignored = ERR_INIT;
	struct buf text;
	int rc;

	c->config_path = path;
	config_report_init(&report);
	rc = config_load(&c->cfg,
	                 &(struct config_source){ .path = c->config_path },
	                 &report);
	if (rc < 0) {
		buf_init(&text, 1 << 20);
		config_report_write(&report, &text);
		if (!ctl_option(c, "config") && !getenv("POSTHUS_CONFIG"))
			buf_add_z(&text, "  which file? --config FILE, or "
			                 "POSTHUS_CONFIG\n");
		err_drop(file_write(2, buf_str(&text), &ignored));
		buf_deinit(&text);
	}
	config_report_deinit(&report);
	return rc < 0 ? CTL_CONFIG : CTL_OK;
}

int ctl_config(struct ctl *c)
{
	return c->cfg ? CTL_OK : ctl_config_from(c, ctl_config_file(c));
}

int ctl_admin(struct ctl *c)
{
	struct err err = ERR_INIT;
	int rc = ctl_config(c);

	if (rc != CTL_OK || c->admin)
		return rc;
	if (admin_open(&c->admin, c->cfg, &err) < 0)
		return ctl_fail(c, &err,
		                err.kind == ERR_NOT_FOUND
		                        ? "posthus init, or another --config"
		                        : NULL,
		                "cannot open the host of %s", c->config_path);
	return CTL_OK;
}
