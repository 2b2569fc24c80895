/* Mail as one file, for its owner to keep: docs/jmap.md, "Export". */
#include <string.h>

#include "base/mem.h"
#include "jmap/blob.h"
#include "log/log.h"
#include "transfer/stream.h"

struct asked {
	struct str format, mailbox, emails;
};

struct export
{
	struct jmap_server *j;
	int64_t account;
	struct transfer_stream *stream;
	struct jmap_blob list; /* of ids, when `listed` */
	bool listed;
	struct str ids; /* what is left of it */
	struct buf out;
};

static void read_query(struct http_exchange *x, struct arena *a,
                       struct asked *out)
{
	struct str query = http_request(x)->query, name, value;

	struct {
		const char *name;
		struct str *to;
	} rows[] = {
		{ "format", &out->format },
		{ "mailboxId", &out->mailbox },
		{ "emailIds", &out->emails },
	};

	while (http_query_next(&query, &name, &value))
		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
			char *z = arena_alloc(a, value.n + 1);
			size_t n;

			if (str_eq(name, str_z(rows[i].name)) &&
			    http_query_decode(value, z, &n))
				*rows[i].to = (struct str){ z, n };
		}
}

/* The next id of the list, one a line; what is none is passed over. */
static bool next_email(void *arg, uint64_t *out)
{
	struct export *ex = arg;
	struct str line;

	while (str_cut(&ex->ids, '\n', &line))
		if (store_id_parse(str_trim(line), STORE_ID_EMAIL, out))
			return true;
	return false;
}

static void tell(const struct export *ex)
{
	struct log_line l;

	log_begin(&l, LOG_INFO, "jmap.exported");
	log_i64(&l, "account", ex->account);
	log_u64(&l, "messages", transfer_stream_messages(ex->stream));
	log_u64(&l, "failed", transfer_stream_failed(ex->stream));
	log_end(&l);
}

static bool send_piece(struct http_exchange *x, void *arg)
{
	struct export *ex = arg;
	struct err err = ERR_INIT;
	int rc;

	buf_reset(&ex->out);
	rc = transfer_stream_next(ex->stream, &ex->out, &err);
	if (rc < 0) {
		log_fail(LOG_ERROR, "jmap.export", &err);
		http_break(x);
		return false;
	}
	http_write(x, buf_str(&ex->out));
	if (rc == 0)
		tell(ex);
	return rc > 0;
}

static void drop(void *arg)
{
	struct export *ex = arg;

	jmap_seat_give(ex->j->seats, ex->account, JMAP_SEAT_EXPORT);
	transfer_stream_close(&ex->stream);
	if (ex->listed)
		jmap_blob_close(&ex->list);
	buf_deinit(&ex->out);
	mem_free(ex);
}

/* False: it was answered. */
static bool read_wanted(struct export *ex, struct http_exchange *x,
                        const struct jmap_user *u, const struct asked *q,
                        struct transfer_wanted *w)
{
	struct err err = ERR_INIT;

	w->format = TRANSFER_STREAM_MBOX;
	if (str_eq(q->format, STR("zip"))) {
		w->format = TRANSFER_STREAM_EML;
	} else if (!str_eq(q->format, STR("mbox"))) {
		jmap_problem(x, 400, NULL, "The format is mbox or zip");
		return false;
	}
	if (q->mailbox.n > 0 &&
	    !store_id_parse(q->mailbox, STORE_ID_MAILBOX, &w->mailbox)) {
		jmap_problem(x, 404, NULL, "No such mailbox");
		return false;
	}
	if (q->emails.n == 0)
		return true;
	if (jmap_blob_open(&ex->list, ex->j->ctx.store, u->account, q->emails,
	                   &err) == 0) {
		ex->listed = true;
		ex->ids = ex->list.bytes;
		w->next_email = next_email;
		w->arg = ex;
		return true;
	}
	if (err.kind == ERR_NOT_FOUND)
		jmap_problem(x, 404, NULL, "No such list of Emails");
	else
		jmap_trouble(x, &err);
	return false;
}

/* `ex` is the exchange's afterwards, or dropped. */
static void begin(struct export *ex, struct http_exchange *x,
                  const struct jmap_user *u, const struct asked *q,
                  struct str name)
{
	struct transfer_wanted w = { .store = ex->j->ctx.store,
		                     .account = u->account,
		                     .spools = ex->j->ctx.spools };
	struct err err = ERR_INIT;

	if (!read_wanted(ex, x, u, q, &w)) {
		drop(ex);
	} else if (transfer_stream_open(&ex->stream, &w, &err) < 0) {
		drop(ex);
		if (err.kind == ERR_NOT_FOUND)
			jmap_problem(x, 404, NULL, "No such mailbox");
		else
			jmap_trouble(x, &err);
	} else {
		jmap_set_disposition(x, name);
		http_set(x, "Content-Security-Policy",
		         STR("default-src 'none'; sandbox; "
		             "frame-ancestors 'none'"));
		http_send(x, 200,
		          transfer_stream_is_zip(ex->stream)
		                  ? "application/zip"
		                  : "application/mbox",
		          UINT64_MAX, send_piece, drop, ex);
	}
}

static void serve(struct jmap_server *j, struct http_exchange *x,
                  struct arena *a)
{
	struct str rest = http_path_rest(x);
	struct jmap_user u = { .change = 0 };
	struct asked q = { .format = STR("") };
	struct export *ex;

	if (!jmap_login(j, x, a, &u))
		return;
	/* A foreign page could have work done with the cookie. */
	if (str_eq(http_head_get(http_request(x), "Sec-Fetch-Site"),
	           STR("cross-site"))) {
		jmap_problem(x, 403, NULL, "This page is not of this host");
	} else if (!jmap_take_account(&u, &rest) || rest.n == 0) {
		jmap_problem(x, 404, NULL, "No such account");
	} else if (!jmap_seat_take(j->seats, u.account.id, JMAP_SEAT_EXPORT,
	                           JMAP_CONCURRENT_EXPORT)) {
		http_set(x, "Retry-After", STR("60"));
		jmap_problem(x, 429, NULL,
		             "Two exports of this account are under way");
	} else {
		read_query(x, a, &q);
		ex = mem_zalloc(sizeof(*ex));
		ex->j = j;
		ex->account = u.account.id;
		buf_init(&ex->out, TRANSFER_STREAM_PIECE);
		begin(ex, x, &u, &q, rest);
	}
}

void jmap_serve_export(struct http_exchange *x)
{
	struct arena a;

	arena_init(&a);
	serve(http_arg(x), x, &a);
	arena_deinit(&a);
}
