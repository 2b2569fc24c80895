#include "transfer/stream.h"

#include "base/mem.h"
#include "pack/zip.h"
#include "store/fetch.h"
#include "store/flags.h"
#include "store/mailbox.h"
#include "store/meta.h"
#include "transfer/marks.h"
#include "transfer/mbox.h"

#define READ ((size_t)64 * 1024)
/* A call gives at least so much, unless it is the end. */
#define ENOUGH ((size_t)128 * 1024)

/* What comes next. */
enum step { NEXT_FOLDER, NEXT_MESSAGE, NEXT_BYTES, NEXT_DIRECTORY, NOTHING };

struct transfer_stream {
	struct transfer_wanted w;
	enum step step;
	struct arena arena;   /* of the whole */
	struct arena message; /* of one */
	struct flag_names names;
	struct zip_writer zip;
	bool is_zip;

	struct mailbox *folders;
	size_t folders_n, folder;
	struct fetch *fetch; /* of the folder; NULL: chosen messages */

	struct body *body;
	struct str parts[2]; /* of it: what is still to be written */
	int quoting;

	uint64_t done, failed;
};

/* ---- open and close ---- */

static int find_folders(struct transfer_stream *ts, struct err *err)
{
	const struct transfer_wanted *w = &ts->w;

	if (w->next_email) {
		/* One without a name, so to say. */
		ts->folders_n = 1;
		return 0;
	}
	if (w->mailbox == 0)
		return mailbox_list(w->store, w->account, &ts->arena,
		                    &ts->folders, &ts->folders_n, err);
	ts->folders = arena_array(&ts->arena, 1, sizeof(*ts->folders));
	ts->folders_n = 1;
	return mailbox_get_no(w->store, w->account, w->mailbox, &ts->arena,
	                      ts->folders, err);
}

int transfer_stream_open(struct transfer_stream **out,
                         const struct transfer_wanted *w, struct err *err)
{
	struct transfer_stream *ts = mem_zalloc(sizeof(*ts));

	ts->w = *w;
	arena_init(&ts->arena);
	arena_init(&ts->message);
	ts->is_zip = w->format == TRANSFER_STREAM_EML ||
	             (!w->next_email && w->mailbox == 0);
	if (ts->is_zip)
		zip_writer_init(&ts->zip,
		                spool_new(w->spools, ZIP_DIRECTORY_MAX));
	if (find_folders(ts, err) < 0 ||
	    flags_names(w->store, w->account, &ts->arena, &ts->names, err) <
	            0) {
		transfer_stream_close(&ts);
		return -1;
	}
	*out = ts;
	return 0;
}

void transfer_stream_close(struct transfer_stream **tsp)
{
	struct transfer_stream *ts = *tsp;

	if (!ts)
		return;
	body_close(&ts->body);
	fetch_close(&ts->fetch);
	if (ts->is_zip)
		zip_writer_deinit(&ts->zip);
	arena_deinit(&ts->arena);
	arena_deinit(&ts->message);
	mem_free(ts);
	*tsp = NULL;
}

bool transfer_stream_is_zip(const struct transfer_stream *ts)
{
	return ts->is_zip;
}

uint64_t transfer_stream_messages(const struct transfer_stream *ts)
{
	return ts->done;
}

uint64_t transfer_stream_failed(const struct transfer_stream *ts)
{
	return ts->failed;
}

/* ---- folders ---- */

/* An mbox file inside of an archive. */
static bool is_inner_mbox(const struct transfer_stream *ts)
{
	return ts->is_zip && ts->w.format == TRANSFER_STREAM_MBOX;
}

static int begin_folder(struct transfer_stream *ts, struct buf *out,
                        struct err *err)
{
	const struct transfer_wanted *w = &ts->w;
	unsigned want = w->format == TRANSFER_STREAM_EML ? FETCH_META : 0;
	const struct mailbox *m = &ts->folders[ts->folder];
	struct zip_entry e = { .sized = false };
	struct uidset all = UIDSET_EMPTY;
	int rc = 0;

	ts->step = NEXT_MESSAGE;
	if (w->next_email)
		return 0;
	uidset_add(&all, 1, UINT32_MAX);
	rc = fetch_open(&ts->fetch, w->store, w->account, m->no, &all, want, 0,
	                err);
	uidset_deinit(&all);
	if (rc == 0 && is_inner_mbox(ts)) {
		e.name = transfer_path_of(&ts->arena, m->name, ".mbox");
		rc = zip_begin(&ts->zip, &e, out, err);
	}
	return rc;
}

static int next_folder(struct transfer_stream *ts, struct buf *out,
                       struct err *err)
{
	struct err why = ERR_INIT;

	if (ts->folder == ts->folders_n) {
		ts->step = ts->is_zip ? NEXT_DIRECTORY : NOTHING;
		return 0;
	}
	if (begin_folder(ts, out, &why) == 0)
		return 0;
	if (why.kind != ERR_NOT_FOUND) {
		*err = why;
		return -1;
	}
	/* Removed meanwhile. */
	ts->folder++;
	ts->step = NEXT_FOLDER;
	return 0;
}

static int end_folder(struct transfer_stream *ts, struct buf *out,
                      struct err *err)
{
	fetch_close(&ts->fetch);
	ts->folder++;
	ts->step = NEXT_FOLDER;
	return is_inner_mbox(ts) ? zip_end(&ts->zip, out, err) : 0;
}

/* ---- one message ---- */

/* As JMAP shows it: with the flags of a place where it is not \Deleted. */
static bool flags_of(const struct fetch_email *e, uint64_t *out)
{
	for (size_t i = 0; i < e->places_n; i++)
		if (!(e->places[i].flags & FLAG_DELETED)) {
			*out = e->places[i].flags;
			return true;
		}
	return false;
}

/* 1, 0 at the end, -1 (ERR_NOT_FOUND: go on). */
static int chosen(struct transfer_stream *ts, struct fetch_row *out,
                  uint64_t *no, struct err *err)
{
	const struct transfer_wanted *w = &ts->w;
	unsigned want = w->format == TRANSFER_STREAM_EML ? FETCH_META : 0;
	struct fetch_email e;

	if (!w->next_email(w->arg, no))
		return 0;
	if (fetch_email(w->store, w->account, *no, want, &ts->message, &e,
	                err) < 0)
		return -1;
	*out = e.row;
	if (!flags_of(&e, &out->flags))
		return err_set(err, ERR_NOT_FOUND, "it is removed");
	if (body_open_email(&ts->body, w->store, w->account, *no, err) < 0)
		return -1;
	return 1;
}

static int in_folder(struct transfer_stream *ts, struct fetch_row *out,
                     uint64_t *no, struct err *err)
{
	const struct transfer_wanted *w = &ts->w;
	int rc;

	do {
		rc = fetch_next(ts->fetch, out, err);
		if (rc <= 0)
			return rc;
	} while (w->format == TRANSFER_STREAM_EML && out->flags & FLAG_DELETED);
	*no = out->uid;
	if (body_open(&ts->body, w->store, w->account,
	              ts->folders[ts->folder].no, out->uid, err) < 0)
		return -1;
	return 1;
}

static int begin_eml(struct transfer_stream *ts, const struct fetch_row *r,
                     uint64_t no, struct buf *out, struct err *err)
{
	struct arena *a = &ts->message;
	struct str file = transfer_file_of(a, r->internaldate_s, no,
	                                   meta_get(r->meta, META_SUBJECT));
	struct zip_entry e = {
		.name = file,
		.modified_s = r->internaldate_s,
		.sized = true,
		.size = ts->parts[0].n + ts->parts[1].n,
		.crc = zip_crc(zip_crc(0, ts->parts[0]), ts->parts[1]),
	};

	if (ts->folders)
		e.name = arena_fmt(a, "%.*s%.*s",
		                   STR_ARG(transfer_path_of(
					   a, ts->folders[ts->folder].name,
					   "/")),
		                   STR_ARG(file));
	return zip_begin(&ts->zip, &e, out, err);
}

static void begin_mbox(struct transfer_stream *ts, const struct fetch_row *r,
                       struct buf *out)
{
	struct mbox_marks m = transfer_marks(&ts->names, r, &ts->message);
	struct buf head;

	m.size = ts->parts[0].n + ts->parts[1].n;
	buf_init(&head, 64 * 1024);
	mbox_write_begin(&head, &m);
	if (is_inner_mbox(ts))
		zip_data(&ts->zip, buf_str(&head), out);
	else
		buf_add(out, buf_str(&head));
	buf_deinit(&head);
	ts->quoting = 0;
}

static int next_message(struct transfer_stream *ts, struct buf *out,
                        struct err *err)
{
	struct err why = ERR_INIT;
	struct fetch_row r;
	uint64_t no = 0;
	int rc;

	arena_reset(&ts->message);
	rc = ts->fetch ? in_folder(ts, &r, &no, &why)
	               : chosen(ts, &r, &no, &why);
	if (rc == 0)
		return end_folder(ts, out, err);
	if (rc > 0)
		rc = body_view(ts->body, &ts->parts[0], &ts->parts[1], &why);
	if (rc < 0) {
		body_close(&ts->body);
		if (why.kind == ERR_NOT_FOUND)
			return 0; /* gone since it was listed */
		if (why.kind == ERR_CORRUPT) {
			ts->failed++;
			return 0;
		}
		*err = why;
		return -1;
	}
	ts->step = NEXT_BYTES;
	if (ts->w.format == TRANSFER_STREAM_EML)
		return begin_eml(ts, &r, no, out, err);
	begin_mbox(ts, &r, out);
	return 0;
}

/* ---- its bytes ---- */

static struct str take_piece(struct transfer_stream *ts)
{
	struct str *part = ts->parts[0].n ? &ts->parts[0] : &ts->parts[1];
	struct str piece = str_to(*part, part->n < READ ? part->n : READ);

	*part = str_from(*part, piece.n);
	return piece;
}

static void add_mbox(struct transfer_stream *ts, struct str piece, bool last,
                     struct buf *out)
{
	struct buf b;

	/* Quoting adds at most one byte to each "From " of five. */
	buf_init(&b, 2 * READ + 64);
	mbox_write_piece(&b, &ts->quoting, piece);
	if (last)
		mbox_write_end(&b, ts->quoting);
	if (is_inner_mbox(ts))
		zip_data(&ts->zip, buf_str(&b), out);
	else
		buf_add(out, buf_str(&b));
	buf_deinit(&b);
}

static int next_bytes(struct transfer_stream *ts, struct buf *out,
                      struct err *err)
{
	struct str piece = take_piece(ts);
	bool last = ts->parts[0].n + ts->parts[1].n == 0;

	if (ts->w.format == TRANSFER_STREAM_EML)
		zip_data(&ts->zip, piece, out);
	else
		add_mbox(ts, piece, last, out);
	if (!last)
		return 0;
	body_close(&ts->body);
	ts->done++;
	ts->step = NEXT_MESSAGE;
	return ts->w.format == TRANSFER_STREAM_EML ? zip_end(&ts->zip, out, err)
	                                           : 0;
}

static int next_directory(struct transfer_stream *ts, struct buf *out,
                          struct err *err)
{
	int rc = zip_finish(&ts->zip, out, err);

	if (rc == 0)
		ts->step = NOTHING;
	return rc < 0 ? -1 : 0;
}

int transfer_stream_next(struct transfer_stream *ts, struct buf *out,
                         struct err *err)
{
	size_t from = out->n;
	int rc = 0;

	while (rc == 0 && ts->step != NOTHING && out->n - from < ENOUGH) {
		switch (ts->step) {
		case NEXT_FOLDER: rc = next_folder(ts, out, err); break;
		case NEXT_MESSAGE: rc = next_message(ts, out, err); break;
		case NEXT_BYTES: rc = next_bytes(ts, out, err); break;
		case NEXT_DIRECTORY: rc = next_directory(ts, out, err); break;
		case NOTHING: break;
		}
	}
	if (rc == 0 && buf_overflow(out))
		rc = err_set(err, ERR_TOO_BIG, "no room for a piece");
	if (rc < 0)
		return -1;
	return ts->step == NOTHING ? 0 : 1;
}
