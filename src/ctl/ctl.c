#include "ctl/ctl.h"

#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "admin/admin.h"
#include "base/buf.h"
#include "base/mem.h"
#include "ctl/command.h"
#include "ctl/out.h"

static bool may_colour(const struct ctl *c)
{
	const char *term = getenv("TERM"), *none = getenv("NO_COLOR");

	return c->tty && !ctl_option(c, "no-color") && !(none && none[0]) &&
	       !(term && strcmp(term, "dumb") == 0);
}

/* --help, and no command at all. */
static int show_help(struct ctl *c)
{
	struct buf out;
	int rc;

	buf_init(&out, 1 << 20);
	if (c->command)
		ctl_help_command(c->command, &out);
	else if (c->n_args)
		ctl_help_noun(c->args[0], &out);
	else
		ctl_help_overview(&out);
	rc = out_write(c, buf_str(&out));
	buf_deinit(&out);
	return rc;
}

static int run(struct ctl *c, int argc, char **argv)
{
	bool help = false;
	int rc = ctl_parse(c, argc, argv, &help);

	c->tty = isatty(1);
	c->colour = may_colour(c);
	if (rc != CTL_OK)
		return rc;
	if (!help && ctl_option(c, "version"))
		return ctl_run_version(c);
	if (help)
		return show_help(c);
	if (c->command)
		return c->command->run(c);
	rc = ctl_usage(c, "a command is missing");
	return rc;
}

int ctl_main(int argc, char **argv, const struct ctl_hooks *hooks)
{
	struct ctl *c = mem_zalloc(sizeof(*c));
	int rc;

	arena_init(&c->arena);
	c->hooks = hooks;
	c->self = argc ? argv[0] : "posthus";
	rc = run(c, argc, argv);
	admin_close(&c->admin);
	config_free(&c->cfg);
	arena_deinit(&c->arena);
	mem_free(c);
	return rc;
}
