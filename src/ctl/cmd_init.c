#include <string.h>
#include <unistd.h>

#include "admin/owner.h"
#include "base/buf.h"
#include "ctl/init.h"
#include "ctl/out.h"
#include "os/file.h"
#include "os/host.h"

#define SETTINGS_MAX (CTL_OPTIONS_MAX + 4)

static void show_report(const struct config_report *report)
{
	struct err ignored = ERR_INIT;
	struct buf text;

	buf_init(&text, 1 << 20);
	config_report_write(report, &text);
	err_drop(file_write(2, buf_str(&text), &ignored)); /* then unseen */
	buf_deinit(&text);
}

int init_load(const struct init_request *r, const char *file,
              struct config **out)
{
	struct config_source from = { .path = file,
		                      .text = STR(""),
		                      .set = r->set };
	struct config_report report;
	int rc;

	config_report_init(&report);
	rc = config_load(out, &from, &report);
	if (rc < 0)
		show_report(&report);
	config_report_deinit(&report);
	return rc;
}

static int make_folder(const char *path, bool *made, struct err *err)
{
	*made = access(path, F_OK) < 0;
	return *made ? file_mkdir(path, 0700, err) : 0;
}

/* Leave nothing half done. */
static void undo(const char *dir, bool dir_made, const char *data,
                 bool data_made)
{
	if (data_made)
		rmdir(data);
	if (dir_made)
		rmdir(dir);
}

static int write_file(const struct config *cfg, const char *file,
                      struct err *err)
{
	struct buf text;
	int rc;

	buf_init(&text, 1 << 20);
	buf_add_z(&text, "# Settings of this host. What is not here has its "
	                 "default:\n"
	                 "# posthus config doc explains all of them.\n\n");
	config_write(cfg, true, &text);
	rc = file_replace(file, buf_str(&text), 0600, err);
	buf_deinit(&text);
	return rc;
}

static int write_all(const struct config *cfg, const char *dir,
                     const char *file, const char *data, struct err *err)
{
	bool dir_made = false, data_made = false;
	int rc = make_folder(dir, &dir_made, err);

	if (rc == 0)
		rc = make_folder(data, &data_made, err);
	if (rc == 0 && !data_made)
		rc = err_set(err, ERR_EXISTS, "%s is there already", data);
	if (rc == 0 && dir_made)
		rc = owner_let_pass(cfg, dir, err);
	if (rc == 0)
		rc = write_file(cfg, file, err);
	if (rc < 0)
		undo(dir, dir_made, data, data_made);
	return rc;
}

int init_write(struct arena *a, const struct init_request *r,
               const char **file_out, struct err *err)
{
	struct str path = arena_fmt(a, "%s/posthus.conf", r->dir);
	struct config *cfg = NULL;
	int rc;

	*file_out = path.p;
	if (access(path.p, F_OK) == 0)
		return err_set(err, ERR_EXISTS, "%s is there already", path.p);
	rc = init_load(r, path.p, &cfg);
	if (rc < 0)
		err->kind = ERR_NONE; /* told already */
	else
		rc = write_all(cfg, r->dir, path.p,
		               config_data_path(cfg, a, ""), err);
	config_free(&cfg);
	return rc;
}

static bool sets(const struct ctl *c, const char *key)
{
	size_t n = strlen(key);

	for (size_t i = 0; i < c->n_options; i++)
		if (strcmp(c->options[i].name, "set") == 0 &&
		    strncmp(c->options[i].value, key, n) == 0 &&
		    c->options[i].value[n] == '=')
			return true;
	return false;
}

/* All --listen as one list. */
static const char *listen_setting(struct ctl *c)
{
	struct str list = STR("");

	for (size_t i = 0; i < c->n_options; i++)
		if (strcmp(c->options[i].name, "listen") == 0)
			list = arena_fmt(&c->arena, "%.*s %s", STR_ARG(list),
			                 c->options[i].value);
	if (!list.n)
		return NULL;
	return arena_fmt(&c->arena, "listen.addresses=%.*s", STR_ARG(list)).p;
}

const char *const *init_settings(struct ctl *c, const char *hostname,
                                 const char *data)
{
	const char **set =
		arena_array(&c->arena, SETTINGS_MAX + 1, sizeof(*set));
	const char *offset = ctl_option(c, "port-offset");
	const char *listen = listen_setting(c);
	size_t n = 0;

	set[n++] = arena_fmt(&c->arena, "server.hostname=%s", hostname).p;
	if (!sets(c, "server.data"))
		set[n++] = arena_fmt(&c->arena, "server.data=%s", data).p;
	if (listen)
		set[n++] = listen;
	if (offset)
		set[n++] =
			arena_fmt(&c->arena, "listen.port_offset=%s", offset).p;
	for (size_t i = 0; i < c->n_options; i++)
		if (strcmp(c->options[i].name, "set") == 0)
			set[n++] = c->options[i].value;
	set[n] = NULL;
	return set;
}

int ctl_run_init(struct ctl *c)
{
	struct init_request r = { .set = NULL };
	const char *file, *host;
	struct err err = ERR_INIT;
	char dir[4096];

	host = ctl_option(c, "hostname");
	if (!host || !host[0])
		return ctl_usage(c, "--hostname NAME is missing");
	host_absolute_path(ctl_arg(c, 0).p, dir, sizeof(dir));
	r.dir = dir;
	r.set = init_settings(c, host, "data");
	if (init_write(&c->arena, &r, &file, &err) < 0)
		return err.kind == ERR_NONE ? CTL_CONFIG
		                            : ctl_fail(c, &err, NULL,
		                                       "cannot set up %s", dir);
	ctl_note(c, "next: posthus domain add DOMAIN --config %s", file);
	return ctl_done(c, "config", str_z(file), "written");
}
