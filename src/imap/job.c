#include "imap/job.h"

#include "base/mem.h"
#include "imap/session.h"
#include "wire/imap/write.h"

#define OUT_MAX    ((size_t)64 * 1024 * 1024)
#define READ_PIECE ((size_t)64 * 1024)

/* So many messages at a time are marked as seen, just before they are sent:
 * one commit for all, and a client that goes away has few marked unread. */
#define SEEN_AHEAD 32

static void job_free(void *arg)
{
	struct job *j = arg;

	body_close(&j->body);
	fetch_close(&j->rows);
	uidset_deinit(&j->given.uids);
	uidset_deinit(&j->seen);
	buf_deinit(&j->out);
	arena_deinit(&j->row_arena);
	arena_deinit(j->arena);
	mem_free(j->arena);
	mem_free(j);
}

/* ---- \Seen ---- */

/* The next members of the set from `uid` on, at most SEEN_AHEAD. */
static uint32_t next_batch(const struct uidset *all, uint32_t uid,
                           struct uidset *out)
{
	uint32_t room = SEEN_AHEAD, last = uid;

	for (size_t i = 0; i < all->n && room > 0; i++) {
		uint32_t first = all->p[i].first, end = all->p[i].last;

		if (end < uid)
			continue;
		if (first < uid)
			first = uid;
		if (end - first >= room)
			end = first + room - 1;
		uidset_add(out, first, end);
		room -= end - first + 1;
		last = end;
	}
	return last;
}

/* A disk that is full must not keep mail from being read: a failure is
 * logged and the message goes out, unmarked. */
static void mark_seen(struct job *j)
{
	const struct flags_change c = {
		.op = FLAGS_ADD,
		.flags = FLAG_SEEN,
		.unchanged_since = UINT64_MAX,
	};
	struct imap_session *s = j->s;
	struct flags_result res = { 0 };
	struct err err = ERR_INIT;
	struct uidset batch;

	if (!j->sets_seen || j->row.uid <= j->seen_until)
		return;
	uidset_init(&batch);
	j->seen_until = next_batch(&j->given.uids, j->row.uid, &batch);
	uidset_reset(&j->seen);
	if (flags_store(s->ctx->store, s->account, view_mailbox(s->view),
	                &batch, &c, &res, &err) < 0) {
		imap_log_failure(s, &err);
	} else {
		uidset_copy(&j->seen, &res.changed);
		j->seen_modseq = res.modseq;
		view_own_change(s->view, &res.changed, res.modseq);
		flags_result_deinit(&res);
	}
	uidset_deinit(&batch);
}

/* ---- streaming ---- */

/* What is decoded in one piece, cut to the part that was asked for. */
static void write_decoded(struct job *j, struct str s)
{
	if (j->skip >= s.n) {
		j->skip -= s.n;
		return;
	}
	s = str_from(s, (size_t)j->skip);
	j->skip = 0;
	if (s.n > j->take)
		s.n = (size_t)j->take;
	buf_add(&j->out, s);
	j->take -= s.n;
}

static int stream(struct job *j, struct err *err)
{
	size_t want = j->left < READ_PIECE ? (size_t)j->left : READ_PIECE, got;
	char *to = buf_room(&j->out, want);
	struct buf decoded;

	if (!to)
		return err_set(err, ERR_TOO_BIG, "answer over %zu bytes",
		               OUT_MAX);
	if (body_read(j->body, j->at, to, want, &got, err) < 0)
		return -1;
	if (got == 0)
		return err_set(err, ERR_CORRUPT, "message cut short");
	j->at += got;
	j->left -= got;
	if (!j->decoding) {
		buf_grown(&j->out, got);
		return 0;
	}
	buf_init(&decoded, READ_PIECE + 64);
	mime_decode(&j->decoder, (struct str){ to, got }, &decoded);
	if (j->left == 0)
		mime_decode_end(&j->decoder, &decoded);
	write_decoded(j, buf_str(&decoded));
	buf_deinit(&decoded);
	if (j->take == 0)
		j->left = 0;
	return 0;
}

/* ---- sections ---- */

static void cut(const struct imap_section *sec, uint64_t size, uint64_t *at,
                uint64_t *n)
{
	*at = 0;
	*n = size;
	if (!sec->partial)
		return;
	*at = sec->offset < size ? sec->offset : size;
	*n = size - *at < sec->count ? size - *at : sec->count;
}

static int begin_range(struct job *j, const struct imap_section *sec,
                       const struct section_result *r, struct err *err)
{
	uint64_t at, n;

	/* Before the literal is announced, as the message may be gone. */
	if (section_body(j, err) < 0)
		return -1;
	cut(sec, r->n, &at, &n);
	buf_fmt(&j->out, " {%llu}\r\n", (unsigned long long)n);
	j->at = r->at + at;
	j->left = n;
	j->decoding = false;
	return 0;
}

static int begin_coded(struct job *j, const struct imap_section *sec,
                       const struct section_result *r, struct err *err)
{
	uint64_t size, at, n;
	bool has_nul;

	if (section_decoded_size(j, r, &size, &has_nul, err) < 0)
		return -1;
	cut(sec, size, &at, &n);
	buf_fmt(&j->out, " %s{%llu}\r\n", has_nul ? "~" : "",
	        (unsigned long long)n);
	if (n == 0)
		return 0;
	j->skip = at;
	j->take = n;
	j->at = r->at;
	j->left = r->n;
	mime_decoder_init(&j->decoder, r->encoding);
	j->decoding = true;
	return 0;
}

static void write_bytes(struct job *j, const struct imap_section *sec,
                        struct str bytes)
{
	uint64_t at, n;

	cut(sec, bytes.n, &at, &n);
	buf_add_c(&j->out, ' ');
	imap_write_literal(&j->out, (struct str){ bytes.p + at, (size_t)n });
}

static int write_size(struct job *j, const struct section_result *r,
                      struct err *err)
{
	uint64_t size = r->n;
	bool has_nul;

	if (r->kind == SECTION_CODED &&
	    section_decoded_size(j, r, &size, &has_nul, err) < 0)
		return -1;
	buf_fmt(&j->out, " %llu", (unsigned long long)size);
	return 0;
}

static int write_section(struct job *j, const struct imap_section *sec,
                         const struct section_result *r, struct err *err)
{
	if (r->kind == SECTION_OPAQUE) {
		/* RFC 3516, 4.3: the item is left out and the command answered
		 * with NO [UNKNOWN-CTE]. */
		j->unknown_encoding = true;
		return 0;
	}
	row_item(j);
	imap_write_section(&j->out, sec);
	if (sec->kind == IMAP_BINARY_SIZE)
		return write_size(j, r, err);
	switch (r->kind) {
	case SECTION_BYTES: write_bytes(j, sec, r->bytes); return 0;
	case SECTION_RANGE: return begin_range(j, sec, r, err);
	case SECTION_CODED: return begin_coded(j, sec, r, err);
	case SECTION_NIL:
	case SECTION_OPAQUE: break;
	}
	buf_add(&j->out, STR(" NIL"));
	return 0;
}

/* A message that was removed meanwhile has no bytes (RFC 2180, 4.1). */
static int next_section(struct job *j, struct err *err)
{
	const struct imap_section *sec = &j->given.what.sections[j->section++];
	size_t before = j->out.n;
	bool first = j->first_item;
	struct section_result r;

	if (section_find(j, sec, &r, err) == 0 &&
	    write_section(j, sec, &r, err) == 0)
		return 0;
	if (err->kind != ERR_NOT_FOUND)
		return -1;
	buf_truncate(&j->out, before);
	j->first_item = first;
	row_item(j);
	imap_write_section(&j->out, sec);
	buf_add(&j->out, STR(" NIL"));
	j->vanished = true;
	return 0;
}

/* ---- rows ---- */

static void leave_row(struct job *j)
{
	body_close(&j->body);
	arena_reset(&j->row_arena);
	j->has_structure = false;
	j->in_row = false;
}

static void end_row(struct job *j)
{
	/* Nothing but an unknown encoding was asked for. */
	if (j->first_item && !j->row_sent)
		buf_truncate(&j->out, j->row_start);
	else
		buf_add(&j->out, STR(")\r\n"));
	leave_row(j);
}

/* One damaged message must not keep the others from being read. */
static bool skip_row(struct job *j, struct err *err)
{
	if (!j->in_row || j->row_sent)
		return false;
	buf_truncate(&j->out, j->row_start);
	j->left = 0;
	leave_row(j);
	if (err->kind != ERR_CORRUPT)
		return false;
	imap_log_failure(j->s, err);
	j->damaged = true;
	return true;
}

static int next_row(struct job *j, bool *end, struct err *err)
{
	int rc = fetch_next(j->rows, &j->row, err);

	if (rc <= 0) {
		*end = rc == 0;
		return rc;
	}
	/* Not in the view: it came after the last news. */
	if (view_seq(j->s->view, j->row.uid) == 0)
		return 0;
	mark_seen(j);
	j->in_row = true;
	j->row_sent = false;
	j->row_start = j->out.n;
	j->section = 0;
	return row_begin(j, err);
}

static int step(struct job *j, bool *end, struct err *err)
{
	if (j->left > 0)
		return stream(j, err);
	if (!j->in_row)
		return next_row(j, end, err);
	if (j->section < j->given.what.n_sections)
		return next_section(j, err);
	end_row(j);
	return 0;
}

static void finish(struct job *j)
{
	if (j->unknown_encoding)
		imap_no(j->s, "[UNKNOWN-CTE] An encoding is not known here");
	else if (j->damaged)
		imap_no(j->s, "[UNAVAILABLE] Some messages are damaged, the "
		              "administrator was told");
	else if (j->vanished)
		imap_no(j->s, "[EXPUNGEISSUED] Some messages were removed");
	else
		imap_ok(j->s, "%s", j->given.text);
}

/* In the middle of a line nothing can be said any more. */
static void fail(struct job *j, const struct err *err)
{
	struct imap_session *s = j->s;

	if (!j->in_row) {
		imap_fail(s, err);
		return;
	}
	imap_log_failure(s, err);
	s->state = IMAP_LOGGED_OUT;
	net_close(s->net);
}

static bool source(struct net_session *net, void *arg)
{
	struct job *j = arg;
	struct err err = ERR_INIT;
	bool end = false;
	int rc = 0;

	while (rc == 0 && !end && j->out.n < NET_PIECE) {
		rc = step(j, &end, &err);
		if (rc < 0 && skip_row(j, &err))
			rc = 0;
	}
	if (rc == 0 && buf_overflow(&j->out))
		rc = err_set(&err, ERR_TOO_BIG, "answer over %zu bytes",
		             OUT_MAX);
	net_write(net, buf_str(&j->out));
	buf_reset(&j->out);
	j->row_sent = j->in_row;
	if (rc == 0 && !end)
		return true;
	if (rc == 0)
		finish(j);
	else
		fail(j, &err);
	return false;
}

/* ---- start ---- */

static unsigned wanted(const struct imap_fetch *f)
{
	const uint32_t ids = IMAP_F_EMAILID | IMAP_F_THREADID;
	const uint32_t meta = IMAP_F_ENVELOPE | IMAP_F_BODY |
	                      IMAP_F_BODYSTRUCTURE | IMAP_F_PREVIEW;
	unsigned want = 0;

	if (f->items & ids)
		want |= FETCH_IDS;
	if (f->items & meta)
		want |= FETCH_META;
	for (size_t i = 0; i < f->n_sections; i++)
		if (section_needs_meta(&f->sections[i]))
			want |= FETCH_META;
	return want;
}

static bool sets_seen(const struct imap_session *s, const struct imap_fetch *f)
{
	for (size_t i = 0; i < f->n_sections; i++)
		if (!f->sections[i].peek)
			return !s->read_only;
	return false;
}

static int prepare(struct job *j, struct err *err)
{
	struct imap_session *s = j->s;
	uint64_t in_use = j->given.what.items & IMAP_F_FLAGS ? UINT64_MAX : 0;

	if (flags_names(s->ctx->store, s->account, j->arena, &j->names, err) <
	    0)
		return -1;
	imap_tell_keywords(s, &j->out, &j->names, in_use & j->names.used);
	return fetch_open(&j->rows, s->ctx->store, s->account,
	                  view_mailbox(s->view), &j->given.uids,
	                  wanted(&j->given.what), j->given.changed_since, err);
}

void imap_job_start(struct imap_session *s, const struct imap_job *job)
{
	struct job *j = mem_zalloc(sizeof(*j));
	struct err err = ERR_INIT;

	j->s = s;
	j->arena = imap_take_arena(s);
	j->given = *job;
	j->sets_seen = sets_seen(s, &job->what);
	buf_init(&j->out, OUT_MAX);
	uidset_init(&j->seen);
	arena_init(&j->row_arena);
	if (prepare(j, &err) < 0) {
		imap_fail(s, &err);
		job_free(j);
		return;
	}
	net_send(s->net, source, job_free, j);
}
