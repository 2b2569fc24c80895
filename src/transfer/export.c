#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/map.h"
#include "base/mem.h"
#include "os/clock.h"
#include "os/dir.h"
#include "os/file.h"
#include "os/random.h"
#include "store/fetch.h"
#include "store/flags.h"
#include "store/mailbox.h"
#include "transfer/annotations.h"
#include "transfer/contacts.h"
#include "transfer/filters.h"
#include "transfer/identities.h"
#include "transfer/maildir.h"
#include "transfer/marks.h"
#include "transfer/transfer.h"

#define PIECE       ((size_t)256 * 1024)
#define TELL_EVERY  200
#define NAME_FORMAT "%lld.M%lluV%luU%lu.posthus"

struct export
{
	const struct transfer *t;
	struct transfer_counts *n;
	const char *path;
	struct arena arena;  /* of the whole export */
	struct arena folder; /* of one folder */
	struct flag_names names;
	char *piece;

	const struct mailbox *mailbox;
	const char *dir;   /* Maildir: the folder's; mbox: of the file */
	struct map known;  /* Maildir: names that are there already */
	uint64_t keywords; /* Maildir: bits that have a letter, in order */
	uint64_t order[MAILDIR_KEYWORDS];
	size_t order_n;
	int fd; /* mbox */
};

static const char *join(struct arena *a, const char *path, const char *name)
{
	return arena_fmt(a, "%s/%s", path, name).p;
}

static bool tell(struct export *ex)
{
	return !ex->t->progress ||
	       ex->t->progress(ex->t->progress_arg, ex->n, ex->mailbox->name);
}

static void failed(struct export *ex, uint32_t uid, const struct err *why)
{
	struct str item;

	ex->n->failed++;
	if (!ex->t->report)
		return;
	item = arena_fmt(&ex->folder, "%.*s, UID %lu",
	                 STR_ARG(ex->mailbox->name), (unsigned long)uid);
	ex->t->report(ex->t->report_arg, item, why);
}

/* ---- Maildir ---- */

static void letter_for(struct export *ex, uint64_t bit)
{
	if (ex->keywords & bit || ex->order_n == MAILDIR_KEYWORDS)
		return;
	ex->keywords |= bit;
	ex->order[ex->order_n++] = bit;
}

/* Keywords of the message as letters; $Forwarded has one of its own. */
static uint32_t letters_of(struct export *ex, uint64_t flags)
{
	uint32_t out = 0;

	for (int i = FLAG_KEYWORD_FIRST; i < FLAG_BITS; i++) {
		uint64_t bit = UINT64_C(1) << i;

		if (flags & bit && bit != FLAG_FORWARDED &&
		    ex->names.names[i].n > 0)
			letter_for(ex, bit);
	}
	for (size_t i = 0; i < ex->order_n; i++)
		if (flags & ex->order[i])
			out |= UINT32_C(1) << i;
	return out;
}

/* The letters that an earlier export gave must stay. */
static void read_letters(struct export *ex)
{
	struct maildir_keywords k;
	struct err err = ERR_INIT;
	char *text;
	size_t n;

	if (file_read_all(join(&ex->folder, ex->dir, "dovecot-keywords"),
	                  64 * 1024, &text, &n, &err) < 0)
		return;
	maildir_keywords_parse(arena_dup(&ex->folder, (struct str){ text, n }),
	                       &k);
	mem_free(text);
	ex->order_n = k.n;
	for (size_t i = 0; i < k.n; i++) {
		ex->order[i] = 0;
		for (int bit = FLAG_KEYWORD_FIRST; bit < FLAG_BITS; bit++)
			if (k.name[i].n > 0 &&
			    str_eq_case(ex->names.names[bit], k.name[i]))
				ex->order[i] = UINT64_C(1) << bit;
		ex->keywords |= ex->order[i];
	}
}

static int write_letters(struct export *ex, struct err *err)
{
	struct buf b;
	int rc = 0;

	buf_init(&b, 64 * 1024);
	for (size_t i = 0; i < ex->order_n; i++)
		for (int bit = 0; bit < FLAG_BITS; bit++)
			if (ex->order[i] == UINT64_C(1) << bit)
				buf_fmt(&b, "%zu %.*s\n", i,
				        STR_ARG(ex->names.names[bit]));
	if (b.n > 0)
		rc = file_replace(join(&ex->folder, ex->dir,
		                       "dovecot-keywords"),
		                  buf_str(&b), 0600, err);
	buf_deinit(&b);
	return rc;
}

static int note_known(struct export *ex, const char *part, struct err *err)
{
	struct dir_entry *e;
	size_t n;

	if (dir_list(join(&ex->folder, ex->dir, part), &ex->folder, &e, &n,
	             err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		struct maildir_name name;

		maildir_name_parse(e[i].name, &name);
		(void)map_put(&ex->known, name.unique, ex);
	}
	return 0;
}

static int open_maildir(struct export *ex, struct err *err)
{
	static const char *const parts[] = { "", "cur", "new", "tmp" };
	struct buf name;

	buf_init(&name, 8192);
	if (ex->mailbox->use != MAILBOX_USE_INBOX)
		maildir_folder_encode(&name, ex->mailbox->name);
	ex->dir = join(&ex->folder, ex->path, buf_z(&name));
	buf_deinit(&name);
	for (int i = 0; i < 4; i++)
		if (file_mkdir(join(&ex->folder, ex->dir, parts[i]), 0700,
		               err) < 0)
			return -1;
	if (ex->mailbox->use != MAILBOX_USE_INBOX &&
	    file_replace(join(&ex->folder, ex->dir, "maildirfolder"), STR(""),
	                 0600, err) < 0)
		return -1;
	ex->order_n = 0;
	ex->keywords = 0;
	read_letters(ex);
	map_init(&ex->known, random_u64());
	if (note_known(ex, "cur", err) < 0 || note_known(ex, "new", err) < 0)
		return -1;
	return 0;
}

/* All bytes of the message by `put`. */
static int copy_body(struct export *ex, uint32_t uid,
                     int (*put)(void *arg, struct str piece, struct err *err),
                     void *arg, struct err *err)
{
	struct body *body;
	uint64_t at = 0;
	size_t got;
	int rc = 0;

	if (body_open(&body, ex->t->store, ex->t->account, ex->mailbox->no, uid,
	              err) < 0)
		return -1;
	while (rc == 0 && at < body_size(body)) {
		rc = body_read(body, at, ex->piece, PIECE, &got, err);
		if (rc == 0 && got == 0)
			rc = err_set(err, ERR_CORRUPT, "message is cut short");
		if (rc == 0)
			rc = put(arg, (struct str){ ex->piece, got }, err);
		at += got;
	}
	body_close(&body);
	return rc;
}

static int put_file(void *arg, struct str piece, struct err *err)
{
	return file_write(*(int *)arg, piece, err);
}

static int write_maildir(struct export *ex, const struct fetch_row *r,
                         struct err *err)
{
	char unique[120];
	const char *tmp, *to;
	struct buf name;
	int fd, rc;

	(void)snprintf(unique, sizeof(unique), NAME_FORMAT,
	               (long long)r->internaldate_s,
	               (unsigned long long)ex->mailbox->no,
	               (unsigned long)ex->mailbox->uidvalidity,
	               (unsigned long)r->uid);
	if (map_get(&ex->known, str_z(unique))) {
		ex->n->known++;
		return 0;
	}
	tmp = arena_fmt(&ex->folder, "%s/tmp/%s", ex->dir, unique).p;
	fd = file_open(tmp, O_WRONLY | O_CREAT | O_TRUNC, 0600, err);
	if (fd < 0)
		return -1;
	rc = copy_body(ex, r->uid, put_file, &fd, err);
	file_close(&fd);
	if (rc == 0)
		rc = dir_set_changed(tmp, r->internaldate_s * US_PER_SEC, err);
	buf_init(&name, 8192);
	buf_fmt(&name, "%s/cur/%s", ex->dir, unique);
	maildir_flags_write(&name, r->flags, letters_of(ex, r->flags));
	to = buf_z(&name);
	if (rc == 0)
		rc = file_rename(tmp, to, err);
	buf_deinit(&name);
	if (rc < 0) {
		struct err ignored = ERR_INIT;

		err_drop(file_remove(tmp, &ignored)); /* it may not be there */
		return -1;
	}
	ex->n->done++;
	ex->n->bytes += r->size;
	return 0;
}

static int close_maildir(struct export *ex, int rc, struct err *err)
{
	map_deinit(&ex->known);
	if (rc == 0)
		rc = write_letters(ex, err);
	return rc;
}

/* ---- mbox ---- */

static const char *mbox_path(struct export *ex, struct err *err)
{
	struct str rest = ex->mailbox->name, level;
	const char *dir = ex->path;

	while (str_cut(&rest, '/', &level)) {
		/* Only "." and ".." could lead elsewhere. */
		const char *dots = level.p[0] == '.' ? "_" : "";

		if (rest.n == 0)
			return arena_fmt(&ex->folder, "%s/%s%.*s.mbox", dir,
			                 dots, STR_ARG(level))
			        .p;
		dir = arena_fmt(&ex->folder, "%s/%s%.*s", dir, dots,
		                STR_ARG(level))
		              .p;
		if (file_mkdir(dir, 0700, err) < 0)
			return NULL;
	}
	return NULL;
}

static int open_mbox(struct export *ex, const char **part, const char **whole,
                     struct err *err)
{
	*whole = mbox_path(ex, err);
	if (!*whole)
		return -1;
	*part = arena_fmt(&ex->folder, "%s.part", *whole).p;
	ex->fd = file_open(*part, O_WRONLY | O_CREAT | O_TRUNC, 0600, err);
	return ex->fd < 0 ? -1 : 0;
}

struct mbox_out {
	struct export *ex;
	struct buf b;
	int state;
};

static int put_mbox(void *arg, struct str piece, struct err *err)
{
	struct mbox_out *o = arg;

	mbox_write_piece(&o->b, &o->state, piece);
	if (o->b.n < PIECE)
		return 0;
	if (file_write(o->ex->fd, buf_str(&o->b), err) < 0)
		return -1;
	buf_reset(&o->b);
	return 0;
}

static int write_mbox(struct export *ex, const struct fetch_row *r,
                      struct err *err)
{
	struct mbox_marks m = transfer_marks(&ex->names, r, &ex->folder);
	struct mbox_out o = { .ex = ex };
	int rc;

	/* Quoting adds at most one byte to each "From " of five. */
	buf_init(&o.b, PIECE * 3 + 64 * 1024);
	mbox_write_begin(&o.b, &m);
	rc = copy_body(ex, r->uid, put_mbox, &o, err);
	mbox_write_end(&o.b, o.state);
	if (rc == 0)
		rc = file_write(ex->fd, buf_str(&o.b), err);
	buf_deinit(&o.b);
	if (rc < 0)
		return -1;
	ex->n->done++;
	ex->n->bytes += r->size;
	return 0;
}

static int close_mbox(struct export *ex, const char *part, const char *whole,
                      int rc, struct err *err)
{
	if (rc == 0)
		rc = file_sync(ex->fd, err);
	file_close(&ex->fd);
	if (rc == 0)
		rc = file_rename(part, whole, err);
	return rc;
}

/* ---- all folders ---- */

static int each_message(struct export *ex, enum transfer_format format,
                        struct err *err)
{
	struct uidset all;
	struct fetch_row r;
	struct fetch *f;
	int rc;
	uint64_t k = 0;

	uidset_init(&all);
	uidset_add(&all, 1, UINT32_MAX);
	rc = fetch_open(&f, ex->t->store, ex->t->account, ex->mailbox->no, &all,
	                0, 0, err);
	uidset_deinit(&all);
	if (rc < 0)
		return -1;
	while ((rc = fetch_next(f, &r, err)) > 0) {
		struct err why = ERR_INIT;

		rc = format == TRANSFER_MBOX ? write_mbox(ex, &r, &why)
		                             : write_maildir(ex, &r, &why);
		if (rc < 0 &&
		    (why.kind == ERR_CORRUPT || why.kind == ERR_NOT_FOUND)) {
			failed(ex, r.uid, &why);
		} else if (rc < 0) {
			*err = why;
			break;
		}
		if (++k % TELL_EVERY == 0 && !tell(ex)) {
			rc = err_set(err, ERR_CLOSED, "stopped");
			break;
		}
	}
	fetch_close(&f);
	return rc < 0 ? -1 : 0;
}

static int export_folder(struct export *ex, enum transfer_format format,
                         struct err *err)
{
	const char *part, *whole;
	int rc;

	if (format == TRANSFER_MBOX) {
		if (open_mbox(ex, &part, &whole, err) < 0)
			return -1;
		rc = each_message(ex, format, err);
		return close_mbox(ex, part, whole, rc, err);
	}
	rc = open_maildir(ex, err);
	if (rc == 0)
		rc = each_message(ex, format, err);
	return close_maildir(ex, rc, err);
}

static int export_all(struct export *ex, enum transfer_format format,
                      struct err *err)
{
	const struct transfer *t = ex->t;
	struct mailbox *list;
	size_t n;

	if (mailbox_list(t->store, t->account, &ex->arena, &list, &n, err) <
	            0 ||
	    flags_names(t->store, t->account, &ex->arena, &ex->names, err) <
	            0 ||
	    file_mkdir(ex->path, 0700, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		ex->n->found += list[i].total;
	ex->n->counted = true;
	for (size_t i = 0; i < n; i++) {
		ex->mailbox = &list[i];
		if (export_folder(ex, format, err) < 0)
			return err_prefix(err, "folder %.*s",
			                  STR_ARG(list[i].name));
		arena_reset(&ex->folder);
		ex->n->folders++;
		if (!tell(ex))
			return err_set(err, ERR_CLOSED, "stopped");
	}
	/* One sync for all: a file each would take hours. */
	return dir_sync_all(ex->path, err);
}

int transfer_export(const struct transfer *t, const char *path,
                    enum transfer_format format, struct transfer_counts *out,
                    struct err *err)
{
	struct export *ex = mem_zalloc(sizeof(*ex));
	int rc;

	*out = (struct transfer_counts){ .found = 0 };
	ex->t = t;
	ex->n = out;
	ex->path = path;
	ex->fd = -1;
	ex->piece = mem_alloc(PIECE);
	arena_init(&ex->arena);
	arena_init(&ex->folder);
	rc = export_all(ex, format, err);
	if (rc == 0)
		rc = filters_export(t, path, out, err);
	if (rc == 0)
		rc = identities_export(t, path, err);
	if (rc == 0)
		rc = contacts_export(t, path, err);
	if (rc == 0)
		rc = annotations_export(t, path, err);
	arena_deinit(&ex->arena);
	arena_deinit(&ex->folder);
	mem_free(ex->piece);
	mem_free(ex);
	return rc;
}
