/* posthus setup: files and folders, and how to be rid of them again. */
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ctl/setup.h"
#include "os/file.h"

static bool is_there(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

void setup_will_make(struct setup *s, enum setup_kind kind, const char *path)
{
	if (!is_there(path) && s->n_made < SETUP_MADE_MAX)
		s->made[s->n_made++] = (struct setup_made){ kind, path };
}

int setup_make_folders(struct setup *s, const char *path, struct err *err)
{
	struct str whole = str_z(path);

	for (size_t i = 1; i <= whole.n; i++) {
		const char *part;

		if (i < whole.n && whole.p[i] != '/')
			continue;
		part = arena_strz(&s->c->arena, str_to(whole, i));
		if (is_there(part))
			continue;
		setup_will_make(s, SETUP_FOLDER, part);
		if (file_mkdir(part, 0755, err) < 0)
			return -1;
	}
	return 0;
}

int setup_write_file(struct setup *s, const char *path, struct str text,
                     bool *wrote_out, struct err *err)
{
	struct str whole = str_z(path);
	size_t slash = str_rchr(whole, '/');

	*wrote_out = false;
	if (is_there(path))
		return 0;
	if (setup_make_folders(s,
	                       arena_strz(&s->c->arena, str_to(whole, slash)),
	                       err) < 0)
		return -1;
	setup_will_make(s, SETUP_FILE, path);
	if (file_replace(path, text, 0644, err) < 0)
		return -1;
	*wrote_out = true;
	s->changed = true;
	s->wrote[s->n_wrote++] = path;
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int kind,
                      struct FTW *at)
{
	(void)st;
	(void)kind;
	(void)at;
	(void)remove(path); /* what stays keeps its folder */
	return 0;
}

void setup_undo(struct setup *s)
{
	while (s->n_made > 0) {
		const struct setup_made *m = &s->made[--s->n_made];

		switch (m->kind) {
		case SETUP_FILE: (void)unlink(m->path); break;
		case SETUP_FOLDER: (void)rmdir(m->path); break;
		case SETUP_TREE:
			(void)nftw(m->path, remove_one, 16,
			           FTW_DEPTH | FTW_PHYS);
			break;
		}
	}
}
