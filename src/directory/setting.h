/*
 * directory/setting.h - what the host shows of itself (its name, its colour),
 * and the last look at each domain's records.
 */
#ifndef DIRECTORY_SETTING_H
#define DIRECTORY_SETTING_H

#include "directory/directory.h"

/* The empty view when it was never set. */
int directory_setting_get(struct directory *dir, struct str key,
                          struct arena *a, struct str *out, struct err *err)
	ATTR_MUST_USE;

struct directory_setting {
	struct str key, value; /* an empty value takes it away */
};

/* All of them in one change. */
int directory_setting_set(struct directory *dir,
                          const struct directory_setting *v, size_t n,
                          struct err *err) ATTR_MUST_USE;

/* ---- checks of domains ---- */

struct directory_check {
	int64_t domain, at_us;
	struct str state;  /* "ok", "warning", "wrong" */
	struct str result; /* JSON, as the checker wrote it */
};

int directory_check_put(struct directory *dir, const struct directory_check *c,
                        struct err *err) ATTR_MUST_USE;
/* ERR_NOT_FOUND when there was none yet. */
int directory_check_get(struct directory *dir, int64_t domain, struct arena *a,
                        struct directory_check *out, struct err *err)
	ATTR_MUST_USE;
/* The domain whose check is oldest, or missing, when that is from before
 * `before_us`: 1 and its name; 0: none is due; -1. */
int directory_check_due(struct directory *dir, int64_t before_us,
                        struct arena *a, struct str *name_out, struct err *err)
	ATTR_MUST_USE;

#endif
