#include "transfer/source.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "os/clock.h"
#include "os/dir.h"
#include "os/file.h"
#include "store/store.h"
#include "transfer/folders.h"
#include "transfer/lines.h"
#include "transfer/maildir.h"
#include "transfer/mbox.h"

#define PIECE     ((size_t)64 * 1024)
#define HEAD_MAX  ((size_t)8 * 1024)
#define LISTS_MAX ((size_t)64 * 1024) /* of dovecot-keywords */

struct maildir_file {
	struct maildir_name name;
	struct str file;
	bool is_new;
};

struct source {
	struct source_options o;
	struct arena arena; /* the folders */
	struct folders folders;
	size_t at; /* folders begun */
	uint64_t count;
	bool counted;

	/* the Maildir that is walked */
	struct arena files_arena;
	struct maildir_file *files;
	size_t files_n, file_at;
	struct maildir_keywords keywords;

	/* the mbox that is walked */
	int fd;
	struct mbox_reader mbox;
	char *piece;
	uint64_t read_at;
};

/* ---- opening ---- */

static void count_all(struct source *src)
{
	struct arena a;

	arena_init(&a);
	src->counted = true;
	for (size_t i = 0; i < src->folders.n; i++) {
		const struct folder *f = &src->folders.list[i];
		static const char *const parts[] = { "cur", "new" };

		if (f->is_mbox) {
			src->counted = false;
			continue;
		}
		for (int k = 0; k < 2; k++) {
			struct err err = ERR_INIT;
			struct dir_entry *e;
			size_t n;

			if (dir_list(
				    arena_fmt(&a, "%s/%s", f->path, parts[k]).p,
				    &a, &e, &n, &err) == 0)
				src->count += n;
		}
		arena_reset(&a);
	}
	arena_deinit(&a);
}

int source_open(struct source **out, const struct source_options *o,
                struct err *err)
{
	struct source *src = mem_zalloc(sizeof(*src));

	src->o = *o;
	src->fd = -1;
	arena_init(&src->arena);
	arena_init(&src->files_arena);
	mbox_reader_init(&src->mbox);
	src->piece = mem_alloc(PIECE);
	if (folders_find(o->path, &src->arena, &src->folders, err) < 0) {
		source_close(&src);
		return -1;
	}
	count_all(src);
	*out = src;
	return 0;
}

void source_close(struct source **src)
{
	if (!*src)
		return;
	file_close(&(*src)->fd);
	mbox_reader_deinit(&(*src)->mbox);
	arena_deinit(&(*src)->arena);
	arena_deinit(&(*src)->files_arena);
	mem_free((*src)->piece);
	mem_free(*src);
	*src = NULL;
}

uint64_t source_count(const struct source *src, bool *all)
{
	*all = src->counted;
	return src->count;
}

size_t source_folders_begun(const struct source *src)
{
	return src->at;
}

/* ---- names ---- */

static void add_level(struct buf *b, struct str level)
{
	struct str rest = level;
	enum utf8_result r;
	uint32_t c = 0;

	while ((r = utf8_next(&rest, &c)) != UTF8_END) {
		if (r == UTF8_BAD || c < 0x20 || c == 0x7f || c == '*' ||
		    c == '%')
			c = '_';
		if (b->n + 4 < 900)
			utf8_add(b, c);
	}
}

struct str source_mailbox_name(struct arena *a, struct str under,
                               struct str name)
{
	struct str out, level;
	struct buf b;

	if (str_starts_case(name, STR("INBOX/")))
		name = str_from(name, 6);
	if (str_eq_case(name, STR("INBOX")))
		name = under.n ? STR("") : STR("INBOX");
	buf_init(&b, 1000);
	buf_add(&b, under);
	while (str_cut(&name, '/', &level)) {
		if (level.n == 0)
			continue;
		if (b.n > 0)
			buf_add_c(&b, '/');
		add_level(&b, level);
	}
	out = arena_dup(a, b.n ? buf_str(&b) : STR("INBOX"));
	buf_deinit(&b);
	return out;
}

static struct str mailbox_of(struct source *src, struct arena *a)
{
	return source_mailbox_name(a, str_z(src->o.below),
	                           src->folders.list[src->at - 1].mailbox);
}

/* ---- reading ---- */

struct filler {
	struct spool *sp;
	struct lines lines;
	bool as_is;
	struct buf out;
};

static void filler_init(struct filler *f, struct spool_pool *pool, uint64_t max,
                        bool as_is)
{
	*f = (struct filler){ .sp = spool_new(pool, max), .as_is = as_is };
	buf_init(&f->out, 2 * PIECE + HEAD_MAX);
}

static int fill(struct filler *f, struct str piece, struct err *err)
{
	if (f->as_is)
		return spool_add(f->sp, piece, err);
	buf_reset(&f->out);
	lines_add(&f->lines, piece, &f->out);
	return spool_add(f->sp, buf_str(&f->out), err);
}

static int filler_end(struct filler *f, int rc, struct spool **out,
                      struct err *err)
{
	buf_deinit(&f->out);
	if (rc == 0)
		rc = spool_seal(f->sp, err);
	if (rc < 0)
		spool_free(&f->sp);
	else
		*out = f->sp;
	return rc;
}

int source_read(const char *file, bool as_is, struct spool_pool *pool,
                uint64_t message_max, struct spool **out,
                int64_t *arrived_us_out, struct err *err)
{
	int fd = file_open(file, O_RDONLY, 0, err);
	char *piece = mem_alloc(PIECE);
	struct dir_info info = { .kind = DIR_FILE };
	struct filler f;
	uint64_t at = 0;
	size_t got = 0;
	int rc = fd < 0 ? -1 : 0;

	filler_init(&f, pool, message_max, as_is);
	if (rc == 0)
		rc = dir_info(file, &info, err);
	while (rc == 0) {
		rc = file_pread(fd, piece, PIECE, at, &got, err);
		if (rc < 0 || got == 0)
			break;
		rc = fill(&f, (struct str){ piece, got }, err);
		at += got;
	}
	file_close(&fd);
	mem_free(piece);
	if (filler_end(&f, rc, out, err) < 0)
		return -1;
	*arrived_us_out = info.changed_us;
	return 0;
}

/* ---- Maildir ---- */

static int by_arrival(const void *a, const void *b)
{
	const struct maildir_file *x = a, *y = b;

	if (x->name.arrived_s != y->name.arrived_s)
		return x->name.arrived_s < y->name.arrived_s ? -1 : 1;
	return str_cmp(x->name.unique, y->name.unique);
}

static int list_part(struct source *src, const char *path, const char *part,
                     struct dir_entry **e, size_t *n, struct err *err)
{
	const char *p = arena_fmt(&src->files_arena, "%s/%s", path, part).p;

	*n = 0;
	if (dir_list(p, &src->files_arena, e, n, err) == 0)
		return 0;
	return err->kind == ERR_NOT_FOUND ? 0 : -1;
}

static void add_part(struct source *src, const struct dir_entry *e, size_t n,
                     bool is_new)
{
	for (size_t i = 0; i < n; i++) {
		struct maildir_file *f = &src->files[src->files_n];

		if (e[i].kind != DIR_FILE || e[i].name.p[0] == '.')
			continue;
		maildir_name_parse(e[i].name, &f->name);
		f->file = e[i].name;
		f->is_new = is_new;
		src->files_n++;
	}
}

static void read_keywords(struct source *src, const char *path)
{
	struct arena *a = &src->files_arena;
	struct err err = ERR_INIT;
	char *text;
	size_t n;

	src->keywords = (struct maildir_keywords){ .n = 0 };
	if (file_read_all(arena_fmt(a, "%s/dovecot-keywords", path).p,
	                  LISTS_MAX, &text, &n, &err) < 0)
		return;
	maildir_keywords_parse(arena_dup(a, (struct str){ text, n }),
	                       &src->keywords);
	mem_free(text);
}

static int begin_maildir(struct source *src, const struct folder *f,
                         struct err *err)
{
	struct dir_entry *cur, *new;
	size_t cur_n, new_n;

	arena_reset(&src->files_arena);
	src->files_n = src->file_at = 0;
	if (list_part(src, f->path, "cur", &cur, &cur_n, err) < 0 ||
	    list_part(src, f->path, "new", &new, &new_n, err) < 0)
		return -1;
	src->files = arena_array(&src->files_arena, cur_n + new_n + 1,
	                         sizeof(*src->files));
	add_part(src, cur, cur_n, false);
	add_part(src, new, new_n, true);
	qsort(src->files, src->files_n, sizeof(*src->files), by_arrival);
	read_keywords(src, f->path);
	return 0;
}

static void maildir_keywords_of(const struct source *src, uint32_t bits,
                                struct arena *a, struct source_item *out)
{
	out->keywords = arena_array(a, MAILDIR_KEYWORDS, sizeof(struct str));
	for (size_t i = 0; i < src->keywords.n; i++)
		if (bits >> i & 1 && src->keywords.name[i].n > 0)
			out->keywords[out->keywords_n++] =
				arena_dup(a, src->keywords.name[i]);
}

/* The next file of the Maildir; false when it is through. */
static bool next_file(struct source *src, struct arena *a,
                      struct source_item *out)
{
	const struct folder *folder;

	if (src->at == 0)
		return false; /* no folder is begun */
	folder = &src->folders.list[src->at - 1];
	while (src->file_at < src->files_n) {
		const struct maildir_file *f = &src->files[src->file_at++];
		struct str name =
			arena_fmt(a, "%.*s/%.*s", STR_ARG(folder->relative),
		                  STR_ARG(f->name.unique));

		if (str_chr(name, '\n') != STR_NPOS ||
		    !src->o.want(src->o.want_arg, name))
			continue;
		*out = (struct source_item){
			.name = name,
			.mailbox = mailbox_of(src, a),
			.file = arena_fmt(a, "%s/%s/%.*s", folder->path,
			                  f->is_new ? "new" : "cur",
			                  STR_ARG(f->file))
			                .p,
			.as_is = str_ends(f->name.unique, STR(".posthus")),
			.flags = f->name.flags,
		};
		maildir_keywords_of(src, f->name.keywords, a, out);
		return true;
	}
	return false;
}

/* ---- mbox ---- */

static int begin_mbox(struct source *src, const struct folder *f,
                      struct err *err)
{
	src->fd = file_open(f->path, O_RDONLY, 0, err);
	src->read_at = 0;
	mbox_reader_deinit(&src->mbox);
	mbox_reader_init(&src->mbox);
	return src->fd < 0 ? -1 : 0;
}

/* The next event, reading on as needed; MBOX_MORE at the end. */
static int next_event(struct source *src, enum mbox_event *e, struct str *out,
                      struct err *err)
{
	while ((*e = mbox_reader_next(&src->mbox, out)) == MBOX_MORE) {
		size_t got;

		if (file_pread(src->fd, src->piece, PIECE, src->read_at, &got,
		               err) < 0)
			return -1;
		src->read_at += got;
		if (got > 0) {
			mbox_reader_give(&src->mbox,
			                 (struct str){ src->piece, got });
			continue;
		}
		mbox_reader_end(&src->mbox);
		*e = mbox_reader_next(&src->mbox, out);
		return 0;
	}
	return 0;
}

static void take_marks(const struct mbox_marks *m, struct arena *a,
                       struct source_item *out)
{
	struct str words = m->keywords, word;

	out->flags =
		(m->seen ? FLAG_SEEN : 0) | (m->answered ? FLAG_ANSWERED : 0) |
		(m->flagged ? FLAG_FLAGGED : 0) |
		(m->deleted ? FLAG_DELETED : 0) | (m->draft ? FLAG_DRAFT : 0);
	if (m->ours)
		out->arrived_us = m->arrived_s * US_PER_SEC;
	out->keywords = arena_array(a, 100, sizeof(struct str));
	while (out->keywords_n < 100 && str_cut(&words, ' ', &word))
		if (word.n > 0)
			out->keywords[out->keywords_n++] = arena_dup(a, word);
}

struct mbox_message {
	struct filler f;
	struct buf head; /* until the marks are known */
	bool has_marks, ours;
	uint64_t left; /* ours: bytes still to come */
	int rc;
};

static void message_bytes(struct mbox_message *m, struct str s,
                          struct source_item *out)
{
	if (m->ours && s.n > m->left)
		s.n = (size_t)m->left;
	m->left -= m->ours ? s.n : 0;
	while (s.n > 0 && m->rc == 0) {
		size_t n = s.n < PIECE ? s.n : PIECE;

		m->rc = fill(&m->f, str_to(s, n), &out->why);
		s = str_from(s, n);
	}
}

static void settle_marks(struct mbox_message *m, struct arena *a,
                         struct source_item *out)
{
	struct mbox_marks marks;

	m->has_marks = true;
	mbox_marks(buf_str(&m->head), &marks);
	m->ours = m->f.as_is = marks.ours;
	m->left = marks.size;
	take_marks(&marks, a, out);
	message_bytes(m, str_from(buf_str(&m->head), marks.skip), out);
}

static void message_data(struct mbox_message *m, struct str s, struct arena *a,
                         struct source_item *out)
{
	if (!m->has_marks) {
		size_t n = HEAD_MAX - m->head.n;

		n = s.n < n ? s.n : n;
		buf_add(&m->head, str_to(s, n));
		s = str_from(s, n);
		if (m->head.n < HEAD_MAX)
			return;
		settle_marks(m, a, out);
	}
	message_bytes(m, s, out);
}

/* After MBOX_BEGIN: all of the message, into a spool when it is wanted. */
static int read_message(struct source *src, bool wanted, struct arena *a,
                        struct source_item *out, struct err *err)
{
	struct mbox_message m = { .rc = 0 };
	enum mbox_event e;
	struct str s;
	int rc;

	if (wanted) {
		filler_init(&m.f, src->o.pool, src->o.message_max, false);
		buf_init(&m.head, HEAD_MAX);
	}
	while ((rc = next_event(src, &e, &s, err)) == 0 && e == MBOX_DATA)
		if (wanted)
			message_data(&m, s, a, out);
	if (!wanted)
		return rc;
	if (!m.has_marks)
		settle_marks(&m, a, out);
	if (rc == 0 && m.rc == 0 && m.ours && m.left > 0)
		m.rc = err_set(&out->why, ERR_CORRUPT, "cut short");
	buf_deinit(&m.head);
	if (filler_end(&m.f, rc < 0 ? rc : m.rc, &out->bytes, &out->why) < 0)
		out->failed = true;
	return rc;
}

/* 1, 0 when the file is through, -1. */
static int next_message(struct source *src, struct arena *a,
                        struct source_item *out, struct err *err)
{
	const struct folder *folder = &src->folders.list[src->at - 1];
	enum mbox_event e;
	int64_t date = 0;
	struct str s;

	for (;;) {
		bool wanted;

		if (next_event(src, &e, &s, err) < 0)
			return -1;
		if (e != MBOX_BEGIN)
			return 0;
		*out = (struct source_item){
			.name = arena_fmt(
				a, "%.*s@%llu", STR_ARG(folder->relative),
				(unsigned long long)mbox_reader_offset(
					&src->mbox)),
			.mailbox = mailbox_of(src, a),
			.why = ERR_INIT,
		};
		if (mbox_from_date(s, &date))
			out->arrived_us = date * US_PER_SEC;
		wanted = src->o.want(src->o.want_arg, out->name);
		if (read_message(src, wanted, a, out, err) < 0)
			return -1;
		if (wanted)
			return 1;
	}
}

/* ---- all folders ---- */

static int begin_folder(struct source *src, struct err *err)
{
	const struct folder *f = &src->folders.list[src->at++];

	return f->is_mbox ? begin_mbox(src, f, err)
	                  : begin_maildir(src, f, err);
}

int source_next(struct source *src, struct arena *a, struct source_item *out,
                struct err *err)
{
	for (;;) {
		if (src->fd >= 0) {
			int rc = next_message(src, a, out, err);

			if (rc != 0)
				return rc;
			file_close(&src->fd);
		} else if (next_file(src, a, out)) {
			return 1;
		}
		if (src->at == src->folders.n)
			return 0;
		if (begin_folder(src, err) < 0)
			return -1;
	}
}
