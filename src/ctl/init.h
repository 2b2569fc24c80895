/* ctl/init.h - write a configuration and an empty data folder. */
#ifndef CTL_INIT_H
#define CTL_INIT_H

#include "base/arena.h"
#include "base/err.h"

struct init_request {
	const char *dir;        /* absolute */
	const char *const *set; /* "key=value", NULL-ended */
};

struct config;
struct ctl;

/* What --listen, --port-offset and --set ask for, and these two unless --set
 * does; in the arena, NULL-ended. */
const char *const *init_settings(struct ctl *c, const char *hostname,
                                 const char *data);

/* The settings, checked as a whole, as if they stood in `file`; 0, or -1 when
 * mistakes were shown. */
int init_load(const struct init_request *r, const char *file,
              struct config **out) ATTR_MUST_USE;

/* DIR/posthus.conf (0600) and the data folder (0700), which must not be there
 * yet.  *file_out is the path of the former.  Mistakes in the settings are
 * shown on stderr, and err->kind is then ERR_NONE. */
int init_write(struct arena *a, const struct init_request *r,
               const char **file_out, struct err *err) ATTR_MUST_USE;

#endif
