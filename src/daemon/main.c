/* posthus: `role` and `serve` are daemon/'s, all else is ctl/'s. */
#include <string.h>

#include "ctl/ctl.h"
#include "ctl/sendmail.h"
#include "daemon/child.h"
#include "daemon/supervisor.h"

static int serve(const struct ctl_serve *s)
{
	struct supervisor_options o = { .cfg = s->cfg,
		                        .config_path = s->config_path,
		                        .one_process = s->one_process };

	return o.one_process ? supervisor_run_one(&o) : supervisor_run(&o);
}

int main(int argc, char **argv)
{
	static const struct ctl_hooks hooks = { .serve = serve };

	if (argc > 1 && strcmp(argv[1], "role") == 0)
		return child_main(argc - 1, argv + 1);
	if (sendmail_is_asked(argc, argv))
		return sendmail_main(argc, argv);
	return ctl_main(argc, argv, &hooks);
}
