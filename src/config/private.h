/* config/private.h - what the files of this folder share. */
#ifndef CONFIG_PRIVATE_H
#define CONFIG_PRIVATE_H

#include <stdatomic.h>

#include "config/config.h"
#include "config/toml.h"

#define CONFIG_SECRET_MAX ((size_t)65536)

struct config_value {
	uint64_t u; /* INT, SIZE, TIME in microseconds, BOOL, CHOICE's place */
	struct str text; /* TEXT, CHOICE; a NUL stands behind it */
	const struct str *items;
	size_t items_n;
	const char *origin;
	bool set; /* not the default */
};

/* All values of one load: never changed once it is published. */
struct config_snapshot {
	struct config_value v[OPT_COUNT];
	struct str hostname, provider_domain;
	struct arena arena;
	struct config_snapshot *older;
};

struct config {
	_Atomic(struct config_snapshot *) now;
	struct str path; /* empty: none */
	struct str folder;
	const char **set; /* NULL-ended */
	struct arena arena;
};

/* ---- options.c ---- */

struct config_range {
	uint64_t least, most;
};

/* Of INT, SIZE and TIME. */
struct config_range config_row_range(const struct config_row *row);

/* The place of `word` among "a|b|c", or -1. */
int config_row_choice(const struct config_row *row, struct str word);

/* ---- value.c ---- */

bool config_size_parse(struct str s, uint64_t *out) ATTR_MUST_USE;
bool config_time_parse(struct str s, uint64_t *us_out) ATTR_MUST_USE;
void config_size_write(struct buf *out, uint64_t v);
void config_time_write(struct buf *out, uint64_t us);

struct config_wrong {
	struct str text, hint;
};

/* A value of a file for a row; false and *wrong when it does not fit.  Views
 * in *out lie in the arena. */
bool config_value_take(const struct config_row *row, const struct toml_value *v,
                       struct arena *a, struct config_value *out,
                       struct config_wrong *wrong) ATTR_MUST_USE;

/* The same for what stands on a command line or in a row's default. */
bool config_value_take_bare(const struct config_row *row, struct str bare,
                            bool is_default, struct arena *a,
                            struct config_value *out,
                            struct config_wrong *wrong) ATTR_MUST_USE;

/* ---- check.c ---- */

/* What the type alone does not say: addresses, names.  NULL: all right. */
const char *config_value_check(enum config_option id,
                               const struct config_value *v);
/* What concerns several settings. */
void config_snapshot_check(const struct config_snapshot *s,
                           struct config_report *report);

/* ---- load.c ---- */

/* A complete snapshot, or NULL and at least one mistake in the report. */
struct config_snapshot *config_snapshot_load(const struct config_source *from,
                                             struct config_report *report);
void config_snapshot_free(struct config_snapshot *s);

/* The folder part of a path; "." when it has none. */
struct str config_folder_of(struct str path);

#endif
