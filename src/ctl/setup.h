/* ctl/setup.h - between the files of posthus setup. */
#ifndef CTL_SETUP_H
#define CTL_SETUP_H

#include "admin/machine.h"
#include "ctl/command.h"

#define SETUP_MADE_MAX 40

/* What this run has made, in its order, to be undone the other way round. */
struct setup_made {
	enum setup_kind { SETUP_FILE, SETUP_FOLDER, SETUP_TREE } kind;

	const char *path;
};

struct setup {
	struct ctl *c;
	const char *root;         /* absolute, or "" */
	const char *dir;          /* ROOT/etc/posthus */
	const char *config;       /* the file in it */
	const char *unit, *users; /* of systemd */
	struct str address, domain;
	bool fresh;             /* there was no configuration before */
	const char *const *set; /* then: the settings that it gets */
	struct setup_made made[SETUP_MADE_MAX];
	size_t n_made;
	struct admin_checks checks;
	/* What became of it. */
	const char *wrote[SETUP_MADE_MAX];
	size_t n_wrote;
	bool changed;
	const char *service; /* "started", "written", "unchanged" */
	size_t records;
	struct str link; /* "": none is needed */
	int64_t until_us;
};

/* ---- setup_files.c ---- */

/* The folder and those above it, as far as they are missing. */
int setup_make_folders(struct setup *s, const char *path, struct err *err)
	ATTR_MUST_USE;
/* Remember what is about to be made, if it is not there yet. */
void setup_will_make(struct setup *s, enum setup_kind kind, const char *path);
/* A file for all to read; *wrote_out: it was not there yet.  One that is
 * there is left alone. */
int setup_write_file(struct setup *s, const char *path, struct str text,
                     bool *wrote_out, struct err *err) ATTR_MUST_USE;
void setup_undo(struct setup *s);

/* ---- setup_system.c ---- */

/* The service's file and that of its users. */
void setup_unit_write(const char *program, const char *config, const char *data,
                      struct buf *out);
void setup_users_write(const struct config *cfg, struct buf *out);

/* The group and the users of the roles, when they are missing. */
int setup_make_users(struct setup *s, struct err *err) ATTR_MUST_USE;
int setup_write_unit(struct setup *s, struct err *err) ATTR_MUST_USE;
int setup_start(struct setup *s, struct err *err) ATTR_MUST_USE;
/* Stop and forget what setup_start() has started. */
void setup_stop(struct setup *s);

#endif
