#include "transfer/folders.h"

#include <fcntl.h>
#include <string.h>

#include "os/dir.h"
#include "os/file.h"
#include "transfer/maildir.h"

struct search {
	struct arena *a;
	struct folders *out;
	struct err *err;
};

static const char *join(struct arena *a, const char *path, struct str name)
{
	return arena_fmt(a, "%s/%.*s", path, STR_ARG(name)).p;
}

static struct str below(struct arena *a, struct str prefix, struct str name)
{
	if (prefix.n == 0)
		return name;
	return arena_fmt(a, "%.*s/%.*s", STR_ARG(prefix), STR_ARG(name));
}

static bool has_folder(struct arena *a, const char *path, const char *name)
{
	struct err err = ERR_INIT;
	struct dir_info info;

	return dir_info(join(a, path, str_z(name)), &info, &err) == 0 &&
	       info.kind == DIR_FOLDER;
}

static bool is_maildir(struct arena *a, const char *path)
{
	return has_folder(a, path, "cur") || has_folder(a, path, "new");
}

/* An mbox begins with "From "; an empty file may be one. */
static bool is_mbox(const char *path)
{
	struct err err = ERR_INIT;
	int fd = file_open(path, O_RDONLY, 0, &err);
	char head[5];
	size_t got = 0;

	if (fd < 0)
		return false;
	if (file_pread(fd, head, sizeof(head), 0, &got, &err) < 0)
		got = 1;
	file_close(&fd);
	return got == 5 && memcmp(head, "From ", 5) == 0;
}

static int add(struct search *s, struct str mailbox, const char *path,
               struct str relative, bool mbox)
{
	struct folders *f = s->out;

	if (f->n == FOLDERS_MAX)
		return err_set(s->err, ERR_TOO_BIG, "more than %d folders",
		               FOLDERS_MAX);
	f->list = arena_grow(s->a, f->list, f->n, &f->cap, sizeof(*f->list));
	f->list[f->n++] = (struct folder){ .mailbox = mailbox,
		                           .path = path,
		                           .relative = relative,
		                           .is_mbox = mbox };
	return 0;
}

static bool is_part_of_maildir(struct str name)
{
	return str_eq(name, STR("cur")) || str_eq(name, STR("new")) ||
	       str_eq(name, STR("tmp"));
}

/* "Work.mbox" is Work. */
static struct str without_ending(struct str name)
{
	if (str_ends_case(name, STR(".mbox")) && name.n > 5)
		return str_to(name, name.n - 5);
	return name;
}

static int plain(struct search *s, const char *path, struct str prefix,
                 int depth);

static int plain_entry(struct search *s, const char *path, struct str prefix,
                       const struct dir_entry *e, int depth)
{
	const char *p = join(s->a, path, e->name);
	struct str name = below(s->a, prefix, e->name);

	if (e->kind == DIR_FILE) {
		if (!is_mbox(p))
			return 0;
		return add(s, without_ending(name), p, name, true);
	}
	if (e->kind != DIR_FOLDER)
		return 0;
	if (is_maildir(s->a, p) && add(s, name, p, name, false) < 0)
		return -1;
	return plain(s, p, name, depth + 1);
}

static int plain(struct search *s, const char *path, struct str prefix,
                 int depth)
{
	bool inside = is_maildir(s->a, path);
	struct dir_entry *e;
	size_t n;

	if (depth > FOLDERS_DEPTH)
		return 0;
	if (dir_list(path, s->a, &e, &n, s->err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (e[i].name.p[0] == '.')
			continue;
		if (inside &&
		    (is_part_of_maildir(e[i].name) || e[i].kind != DIR_FOLDER))
			continue;
		if (plain_entry(s, path, prefix, &e[i], depth) < 0)
			return -1;
	}
	return 0;
}

/* .Work.2026/ beside cur/. */
static int dotted(struct search *s, const char *path)
{
	struct dir_entry *e;
	struct buf name;
	size_t n;
	int rc = 0;

	if (dir_list(path, s->a, &e, &n, s->err) < 0)
		return -1;
	buf_init(&name, 4096);
	for (size_t i = 0; i < n && rc == 0; i++) {
		const char *p = join(s->a, path, e[i].name);

		if (e[i].kind != DIR_FOLDER || e[i].name.p[0] != '.' ||
		    !is_maildir(s->a, p))
			continue;
		buf_reset(&name);
		/* A name that does not decode is still mail. */
		if (!maildir_folder_decode(&name, e[i].name))
			buf_add(&name, str_from(e[i].name, 1));
		rc = add(s, arena_dup(s->a, buf_str(&name)), p, e[i].name,
		         false);
	}
	buf_deinit(&name);
	return rc;
}

static int from_folder(struct search *s, const char *path)
{
	if (is_maildir(s->a, path) &&
	    (add(s, STR("INBOX"), path, STR(""), false) < 0 ||
	     dotted(s, path) < 0))
		return -1;
	return plain(s, path, STR(""), 1);
}

int folders_find(const char *path, struct arena *a, struct folders *out,
                 struct err *err)
{
	struct search s = { .a = a, .out = out, .err = err };
	struct dir_info info;
	int rc;

	*out = (struct folders){ .n = 0 };
	if (dir_info(path, &info, err) < 0)
		return -1;
	if (info.kind == DIR_FILE) {
		if (!is_mbox(path) && info.size > 0)
			return err_set(err, ERR_INVALID, "%s is no mbox file",
			               path);
		return add(&s, STR("INBOX"), path, STR("mbox"), true);
	}
	rc = from_folder(&s, path);
	if (rc == 0 && out->n == 0)
		return err_set(err, ERR_NOT_FOUND,
		               "no Maildir and no mbox file in %s", path);
	return rc;
}
