/* One folder: what is there, what of it is new, and bring that. */
#include <stdio.h>

#include "base/mem.h"
#include "crypto/hash.h"
#include "migrate/private.h"
#include "os/clock.h"
#include "store/append.h"
#include "store/fetch.h"
#include "store/mailbox.h"
#include "store/meta.h"
#include "wire/message/msgid.h"

#define WINDOW      500 /* messages looked at together */
#define BATCH       64  /* messages committed together, */
#define BATCH_BYTES ((uint64_t)8 * 1024 * 1024)
/* Numbers of messages of one folder: what is kept of each is 24 bytes. */
#define MESSAGES_MAX 4000000

struct item {
	uint32_t uid;
	uint64_t flags, size, digest;
	int64_t date_us;
	struct str *keywords;
	size_t keywords_n;
	struct spool *body;
	struct append *message;
	bool done; /* or failed, for good */
};

struct work {
	struct run *r;
	const struct remote_folder *f;
	struct migrate_folder *line;
	uint32_t uidvalidity, exists;
	struct mailbox here;
	struct arena a; /* of the window */

	struct book_row *taken; /* before, by UID */
	size_t taken_n;
	uint64_t *extra; /* digests that are here and not by us; sorted */
	bool *extra_used;
	size_t extra_n;
	uint64_t *others; /* \All: digests that other folders brought */
	size_t others_n;
	uint64_t *there; /* digests of all, as they come */
	size_t there_n, there_cap;

	struct item *items; /* of the window */
	size_t items_n;
	uint32_t gone; /* expunged there while we look */
};

/* ---- here ---- */

static int find_mailbox(struct work *w, struct err *err)
{
	const struct migrate *m = w->r->m;
	const struct remote_folder *f = w->f;
	int rc = f->use != MAILBOX_USE_NONE
	                 ? mailbox_get_use(m->store, m->account, f->use,
	                                   w->r->a, &w->here, err)
	                 : mailbox_get(m->store, m->account, f->here, w->r->a,
	                               &w->here, err);

	if (rc < 0 && err->kind == ERR_NOT_FOUND) {
		*err = (struct err)ERR_INIT;
		rc = mailbox_get(m->store, m->account, f->here, w->r->a,
		                 &w->here, err);
	}
	if (rc < 0 && err->kind == ERR_NOT_FOUND) {
		uint64_t no;

		*err = (struct err)ERR_INIT;
		rc = mailbox_create(m->store, m->account, f->here,
		                    MAILBOX_USE_NONE, &no, err);
		if (rc == 0)
			rc = mailbox_subscribe(m->store, m->account, f->here,
			                       true, err);
		if (rc == 0)
			rc = mailbox_get_no(m->store, m->account, no, w->r->a,
			                    &w->here, err);
	}
	w->line->here = w->here.name;
	return rc < 0 ? err_prefix(err, "folder %.*s", STR_ARG(f->shown)) : 0;
}

static void push(uint64_t **v, size_t *n, size_t *cap, uint64_t x)
{
	*v = mem_grow(*v, *n, cap, sizeof(**v));
	(*v)[(*n)++] = x;
}

/* The digests of what is in the mailbox, sorted; the caller frees them. */
static int digests_here(struct work *w, uint64_t **out, size_t *n_out,
                        struct err *err)
{
	const struct migrate *m = w->r->m;
	struct fetch *f = NULL;
	struct fetch_row row;
	struct uidset all;
	uint64_t *v = NULL;
	size_t n = 0, cap = 0;
	int rc;

	uidset_init(&all);
	uidset_add(&all, 1, UINT32_MAX);
	rc = fetch_open(&f, m->store, m->account, w->here.no, &all, FETCH_META,
	                0, err);
	while (rc == 0 && (rc = fetch_next(f, &row, err)) > 0) {
		struct meta_sort sort;
		struct str id = STR("");

		rc = 0;
		if (meta_sort_get(row.meta, &sort))
			id = sort.message_id;
		push(&v, &n, &cap,
		     book_digest(id, row.internaldate_s, row.size));
	}
	fetch_close(&f);
	uidset_deinit(&all);
	if (rc < 0) {
		mem_free(v);
		return -1;
	}
	book_sort(v, n);
	*out = v;
	*n_out = n;
	return 0;
}

/* What is here already without our doing. */
static int find_extra(struct work *w, struct err *err)
{
	uint64_t *ours = mem_alloc((w->taken_n + 1) * sizeof(*ours));

	for (size_t i = 0; i < w->taken_n; i++)
		ours[i] = w->taken[i].digest;
	book_sort(ours, w->taken_n);
	if (digests_here(w, &w->extra, &w->extra_n, err) < 0) {
		mem_free(ours);
		return -1;
	}
	w->extra_n = book_without(w->extra, w->extra_n, ours, w->taken_n);
	w->extra_used = mem_zalloc((w->extra_n + 1) * sizeof(bool));
	mem_free(ours);
	return 0;
}

/* One of them stands for this message, and no other. */
static bool take_extra(struct work *w, uint64_t digest)
{
	size_t lo = 0, hi = w->extra_n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (w->extra[mid] < digest)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (; lo < w->extra_n && w->extra[lo] == digest; lo++)
		if (!w->extra_used[lo]) {
			w->extra_used[lo] = true;
			return true;
		}
	return false;
}

/* ---- there ---- */

static bool was_taken(const struct work *w, uint32_t uid)
{
	size_t lo = 0, hi = w->taken_n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (w->taken[mid].uid == uid)
			return true;
		if (w->taken[mid].uid < uid)
			lo = mid + 1;
		else
			hi = mid;
	}
	return false;
}

static int examine(struct work *w, struct err *err)
{
	struct session *s = &w->r->session;
	struct session_answer a = { .is_message = false };
	struct buf b;
	int rc;

	buf_init(&b, 16384);
	buf_add_z(&b, "EXAMINE ");
	session_quote(&b, w->f->name);
	rc = session_say(s, buf_str(&b), err);
	buf_deinit(&b);
	while (rc == 0 && (rc = session_next(s, &a, err)) > 0) {
		rc = 0;
		if (str_eq_case(a.r.name, STR("EXISTS")))
			w->exists = a.r.number;
		else if (a.r.status == IMAP_STATUS_OK)
			(void)imap_code_number(a.r.code, STR("UIDVALIDITY"),
			                       &w->uidvalidity);
	}
	if (rc < 0)
		return -1;
	if (a.r.status != IMAP_STATUS_OK) {
		w->line->skipped = arena_fmt(
			w->r->a, "it cannot be opened: %.*s",
			STR_ARG(str_to(a.r.text,
		                       a.r.text.n > 200 ? 200 : a.r.text.n)));
		return 0;
	}
	if (w->exists > MESSAGES_MAX)
		return err_set(err, ERR_TOO_BIG, "too many messages in %.*s",
		               STR_ARG(w->f->shown));
	w->line->messages = w->exists;
	return 0;
}

static struct str message_id_of(struct str header, struct arena *a)
{
	size_t colon = str_chr(header, ':');

	return colon == STR_NPOS ? STR("")
	                         : msgid_parse(a, str_from(header, colon + 1));
}

static void keep(struct work *w, const struct imap_fetched *f)
{
	const unsigned needed = IMAP_GOT_UID | IMAP_GOT_SIZE;
	struct item *it = &w->items[w->items_n];

	/* A change of flags in between has less. */
	if ((f->got & needed) != needed || w->items_n == WINDOW)
		return;
	*it = (struct item){ .uid = f->uid,
		             .size = f->size,
		             .date_us = f->date_us,
		             .flags = f->flags.system & 0x1f };
	it->keywords_n = f->flags.n_keywords;
	it->keywords =
		arena_array(&w->a, it->keywords_n + 1, sizeof(*it->keywords));
	for (size_t i = 0; i < it->keywords_n; i++)
		it->keywords[i] = arena_dup(&w->a, f->flags.keywords[i]);
	it->digest = book_digest(message_id_of(f->body, &w->a),
	                         f->date_us / US_PER_SEC, f->size);
	w->items_n++;
}

/* What there is from message `first` on. */
static int look(struct work *w, uint32_t first, struct err *err)
{
	struct session *s = &w->r->session;
	struct session_answer a;
	uint32_t last = first + WINDOW - 1;
	struct str cmd;
	int rc;

	arena_reset(&w->a);
	w->items = arena_array(&w->a, WINDOW, sizeof(*w->items));
	w->items_n = 0;
	cmd = arena_fmt(&w->a,
	                "FETCH %u:%u (UID FLAGS INTERNALDATE RFC822.SIZE "
	                "BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])",
	                first, last < w->exists ? last : w->exists);
	rc = session_say(s, cmd, err);
	while (rc == 0 && (rc = session_next(s, &a, err)) > 0) {
		rc = 0;
		spool_free(&a.body);
		if (a.is_message)
			keep(w, &a.f);
		else if (str_eq_case(a.r.name, STR("EXPUNGE")))
			w->gone++;
	}
	if (rc == 0 && a.r.status != IMAP_STATUS_OK)
		rc = err_set(err, ERR_TEMP, "the server says: %.*s",
		             STR_ARG(a.r.text));
	return rc;
}

/* ---- bring ---- */

static void drop_bodies(struct work *w)
{
	for (size_t i = 0; i < w->items_n; i++) {
		append_free(&w->items[i].message);
		spool_free(&w->items[i].body);
	}
}

static void fail_item(struct work *w, struct item *it, const char *why)
{
	it->done = true;
	run_failed(w->r, w->line, it->uid, why);
}

static struct item *item_of(struct work *w, uint32_t uid)
{
	for (size_t i = 0; i < w->items_n; i++)
		if (w->items[i].uid == uid)
			return &w->items[i];
	return NULL;
}

/* The bodies of those between `from` and `to` that are not done. */
static int fetch_bodies(struct work *w, size_t from, size_t to, struct err *err)
{
	struct session *s = &w->r->session;
	struct session_answer a;
	struct buf b;
	bool any = false;
	int rc;

	buf_init(&b, 16384);
	for (size_t i = from; i < to; i++)
		if (!w->items[i].done) {
			buf_fmt(&b, "%s%u", any ? "," : "UID FETCH ",
			        w->items[i].uid);
			any = true;
		}
	buf_add_z(&b, " (UID BODY.PEEK[])");
	rc = any ? session_say(s, buf_str(&b), err) : 0;
	buf_deinit(&b);
	if (!any)
		return 0;
	while (rc == 0 && (rc = session_next(s, &a, err)) > 0) {
		struct item *it = NULL;

		rc = 0;
		if (a.is_message && a.f.got & IMAP_GOT_UID)
			it = item_of(w, a.f.uid);
		if (str_eq_case(a.r.name, STR("EXPUNGE")))
			w->gone++;
		if (it && !it->body && !it->done && a.too_big)
			fail_item(w, it,
			          "it is larger than what is taken here");
		else if (it && !it->body && !it->done && a.body) {
			it->body = a.body;
			continue;
		} else if (it && !it->body && !it->done &&
		           a.f.got & IMAP_GOT_BODY)
			fail_item(w, it, "the server gives no bytes of it");
		spool_free(&a.body);
	}
	if (rc == 0 && a.r.status == IMAP_STATUS_BAD)
		rc = err_set(err, ERR_TEMP, "the server says: %.*s",
		             STR_ARG(a.r.text));
	return rc;
}

static struct append_target target_of(const struct work *w,
                                      const struct item *it)
{
	return (struct append_target){
		.message = it->message,
		.account = w->r->m->account,
		.mailbox = w->here.no,
		.flags = it->flags,
		.keywords = it->keywords,
		.keywords_n = it->keywords_n,
		.internaldate_us = it->date_us,
		.prefix = STR(""),
	};
}

/* What a commit is known by for an hour, should its answer be lost and the
 * messages have nothing else to be known by. */
static struct str key_of(const struct work *w, struct item *const *v, size_t n,
                         char out[2 * 20 + 10])
{
	unsigned char d[HASH_MAX];
	struct buf b;
	char hex[41];

	buf_init(&b, 64 * 1024);
	buf_fmt(&b, "%lld %llu %u ", (long long)w->r->m->account.id,
	        (unsigned long long)w->here.no, w->uidvalidity);
	buf_add(&b, w->r->m->server.host);
	buf_add(&b, w->f->name);
	for (size_t i = 0; i < n; i++)
		buf_fmt(&b, " %u", v[i]->uid);
	hash_bytes(HASH_SHA256, buf_str(&b), d);
	buf_deinit(&b);
	hash_hex(d, 20, hex);
	(void)snprintf(out, 2 * 20 + 10, "migrate:%s", hex);
	return str_z(out);
}

static bool is_own_fault(const struct err *err)
{
	return err->kind == ERR_INVALID || err->kind == ERR_TOO_BIG ||
	       err->kind == ERR_EXISTS || err->kind == ERR_CORRUPT;
}

static int commit(struct work *w, struct item **v, size_t n, struct err *err)
{
	struct append_target t[BATCH];
	struct book_row rows[BATCH];
	char key[2 * 20 + 10];

	for (size_t i = 0; i < n; i++)
		t[i] = target_of(w, v[i]);
	if (append_commit(w->r->m->store, t, n, key_of(w, v, n, key), NULL,
	                  err) < 0) {
		if (!is_own_fault(err))
			return -1;
		if (n == 1) {
			fail_item(w, v[0], err->text);
			*err = (struct err)ERR_INIT;
			return 0;
		}
		*err = (struct err)ERR_INIT;
		for (size_t i = 0; i < n; i++)
			if (commit(w, &v[i], 1, err) < 0)
				return -1;
		return 0;
	}
	for (size_t i = 0; i < n; i++)
		rows[i] = (struct book_row){ v[i]->uid, v[i]->digest };
	if (book_add(w->r->book, w->f->name, w->uidvalidity, rows, n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		v[i]->done = true;
		w->line->imported++;
		w->r->report->bytes += append_size(v[i]->message);
	}
	return 0;
}

/* No faster than is allowed, over the whole run. */
static int keep_pace(const struct work *w, struct err *err)
{
	const struct run *r = w->r;

	if (!r->m->rate)
		return 0;
	while ((uint64_t)((clock_real_us() - r->begun_us) / US_PER_MS) *
	               r->m->rate / 1000 <
	       r->report->bytes) {
		if (run_is_stopped(r))
			return err_set(err, ERR_CLOSED, "stopped");
		clock_sleep_us(50 * US_PER_MS);
	}
	return 0;
}

static int bring(struct work *w, size_t from, size_t to, struct err *err)
{
	struct item *v[BATCH];
	size_t n = 0;
	int rc = fetch_bodies(w, from, to, err);

	for (size_t i = from; rc == 0 && i < to; i++) {
		struct item *it = &w->items[i];
		struct err why = ERR_INIT;

		if (it->done)
			continue;
		if (!it->body) {
			/* Deleted meanwhile, or kept back. */
			fail_item(w, it, "the server does not give it");
			continue;
		}
		if (append_prepare(&it->message, w->r->m->store, it->body,
		                   &why) == 0)
			v[n++] = it;
		else if (is_own_fault(&why))
			fail_item(w, it, why.text);
		else {
			*err = why;
			rc = -1;
		}
	}
	if (rc == 0 && n)
		rc = commit(w, v, n, err);
	for (size_t i = from; i < to; i++) {
		append_free(&w->items[i].message);
		spool_free(&w->items[i].body);
	}
	run_tell(w->r);
	return rc < 0 ? -1 : keep_pace(w, err);
}

/* Those that need not be brought; what is only now known goes into the book. */
static int sort_out(struct work *w, struct err *err)
{
	struct book_row *rows = arena_array(&w->a, WINDOW, sizeof(*rows));
	size_t n = 0;

	for (size_t i = 0; i < w->items_n; i++) {
		struct item *it = &w->items[i];

		push(&w->there, &w->there_n, &w->there_cap, it->digest);
		it->done = was_taken(w, it->uid);
		if (!it->done &&
		    (take_extra(w, it->digest) ||
		     book_has(w->others, w->others_n, it->digest))) {
			it->done = true;
			rows[n++] = (struct book_row){ it->uid, it->digest };
		}
		if (it->done)
			w->line->known++;
		else if (it->size > w->r->m->message_max)
			fail_item(w, it,
			          "it is larger than what is taken here");
	}
	return n ? book_add(w->r->book, w->f->name, w->uidvalidity, rows, n,
	                    err)
	         : 0;
}

static int window(struct work *w, uint32_t first, struct err *err)
{
	int rc;

	if (look(w, first, err) < 0 || sort_out(w, err) < 0)
		return -1;
	for (size_t i = 0, to; i < w->items_n; i = to) {
		uint64_t bytes = 0;

		for (to = i; to < w->items_n && to - i < BATCH; to++) {
			if (w->items[to].done)
				continue;
			if (bytes && bytes + w->items[to].size > BATCH_BYTES)
				break;
			bytes += w->items[to].size;
		}
		if (!bytes && to > i) {
			bool any = false;

			for (size_t k = i; k < to; k++)
				any |= !w->items[k].done;
			if (!any)
				continue;
		}
		rc = bring(w, i, to, err);
		if (rc < 0)
			return -1;
	}
	return 0;
}

/* How many of those there are here, by what they are. */
static int compare(struct work *w, struct err *err)
{
	uint64_t *here = NULL;
	size_t n = 0;

	book_sort(w->there, w->there_n);
	if (digests_here(w, &here, &n, err) < 0)
		return -1;
	w->line->found = book_matches(w->there, w->there_n, here, n);
	if (w->f->is_all) {
		/* What other folders have is here too. */
		n = book_without(w->there, w->there_n, here, n);
		for (size_t i = 0; i < n; i++)
			w->line->found +=
				book_has(w->others, w->others_n, w->there[i]);
	}
	mem_free(here);
	return 0;
}

static int all_windows(struct work *w, struct err *err)
{
	uint32_t first = 1;

	while (first <= w->exists) {
		uint32_t gone = w->gone;

		if (run_is_stopped(w->r))
			return err_set(err, ERR_CLOSED, "stopped");
		if (window(w, first, err) < 0)
			return -1;
		/* Numbers moved down: some messages are seen again. */
		gone = w->gone - gone;
		w->exists -= gone < w->exists ? gone : w->exists;
		first += WINDOW > gone ? WINDOW - gone : 1;
	}
	return 0;
}

int folder_run(struct run *r, const struct remote_folder *f,
               struct migrate_folder *line, struct err *err)
{
	struct work w = { .r = r, .f = f, .line = line };
	uint64_t imported = line->imported;
	int rc;

	line->known = line->failed = line->found = 0;
	if (find_mailbox(&w, err) < 0 || examine(&w, err) < 0)
		return -1;
	if (line->skipped.n)
		return 0;
	arena_init(&w.a);
	rc = book_read(r->book, f->name, w.uidvalidity, &w.taken, &w.taken_n,
	               err);
	if (rc == 0)
		rc = find_extra(&w, err);
	if (rc == 0 && f->is_all)
		rc = book_digests(r->book, &w.others, &w.others_n, err);
	if (rc == 0)
		rc = all_windows(&w, err);
	if (rc < 0)
		drop_bodies(&w);
	else
		rc = compare(&w, err);
	/* What an earlier try of this run brought is not "before". */
	line->known -= imported < line->known ? imported : line->known;
	mem_free(w.taken);
	mem_free(w.extra);
	mem_free(w.extra_used);
	mem_free(w.others);
	mem_free(w.there);
	arena_deinit(&w.a);
	return rc;
}
