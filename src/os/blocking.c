#include "os/blocking.h"

#include <stddef.h>

static _Thread_local const struct blocking_hooks *hooks;

void blocking_set_hooks(const struct blocking_hooks *h)
{
	hooks = h;
}

void blocking_begin(void)
{
	if (hooks)
		hooks->begin(hooks->pool);
}

void blocking_end(void)
{
	if (hooks)
		hooks->end(hooks->pool);
}
