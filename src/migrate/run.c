#include <poll.h>
#include <string.h>

#include "base/mem.h"
#include "migrate/private.h"
#include "os/clock.h"

/* A connection that is lost is made again so often, without a message in
 * between. */
#define TRIES 5

bool run_is_stopped(const struct run *r)
{
	struct pollfd p = { .fd = r->m->stop_fd, .events = POLLIN };

	return r->m->stop_fd >= 0 && poll(&p, 1, 0) > 0;
}

void run_tell(struct run *r)
{
	struct migrate_report *t = r->report;

	t->messages = t->imported = t->known = t->failed = 0;
	for (size_t i = 0; i < t->folders_n; i++) {
		t->messages += t->folders[i].messages;
		t->imported += t->folders[i].imported;
		t->known += t->folders[i].known;
		t->failed += t->folders[i].failed;
	}
	if (r->m->progress)
		r->m->progress(r->m->progress_arg, t);
}

void run_failed(struct run *r, struct migrate_folder *line, uint32_t uid,
                const char *why)
{
	struct migrate_report *t = r->report;

	line->failed++;
	if (t->failures_n < MIGRATE_FAILURES_MAX)
		t->failures[t->failures_n++] =
			(struct migrate_failure){ line->there, uid,
			                          arena_dup(r->a, str_z(why)) };
}

/* A failure of the line, or of this moment; not one of the login or ours. */
static bool may_pass(const struct err *err)
{
	return err->kind == ERR_CLOSED || err->kind == ERR_TIMEOUT ||
	       err->kind == ERR_TEMP || err->kind == ERR_INVALID;
}

static int open_session(struct run *r, struct err *err)
{
	if (r->is_open)
		session_close(&r->session);
	r->is_open = true;
	return session_open(&r->session, r->m, err);
}

/* Rest before the next try, a little longer each time; false: stopped. */
static bool rest(struct run *r, unsigned failures)
{
	struct pollfd p = { .fd = r->m->stop_fd, .events = POLLIN };

	return poll(&p, 1, 500 << failures) == 0;
}

static int stopped(struct err *err)
{
	return err_set(err, ERR_CLOSED, "stopped");
}

/* What cannot be read is a matter of this folder; the others go on, over a new
 * connection. */
static int give_up(struct run *r, struct migrate_folder *line, struct err *err)
{
	if (err->kind != ERR_INVALID)
		return -1;
	line->skipped = arena_fmt(r->a, "it cannot be read: %s", err->text);
	*err = (struct err)ERR_INIT;
	return open_session(r, err);
}

/* Until it is done, over as many connections as it takes. */
static int whole_folder(struct run *r, const struct remote_folder *f,
                        struct migrate_folder *line, struct err *err)
{
	unsigned failures = 0;

	for (;;) {
		uint64_t before = line->imported;
		int rc = failures ? open_session(r, err) : 0;

		if (rc == 0)
			rc = folder_run(r, f, line, err);
		if (rc == 0)
			return 0;
		if (run_is_stopped(r))
			return stopped(err);
		if (line->imported > before)
			failures = 0;
		if (!may_pass(err) || ++failures == TRIES)
			return give_up(r, line, err);
		*err = (struct err)ERR_INIT;
		if (!rest(r, failures))
			return stopped(err);
	}
}

/* How many messages each has, for people who wait. */
static int count(struct run *r, const struct remote_folder *f,
                 struct migrate_folder *line, struct err *err)
{
	struct session_answer a;
	struct buf b;
	size_t at;
	int rc;

	buf_init(&b, 16384);
	buf_add_z(&b, "STATUS ");
	session_quote(&b, f->name);
	buf_add_z(&b, " (MESSAGES)");
	rc = session_say(&r->session, buf_str(&b), err);
	buf_deinit(&b);
	while (rc == 0 && (rc = session_next(&r->session, &a, err)) > 0) {
		struct str in = a.rest.in;
		uint32_t n;

		rc = 0;
		at = str_find_case(in, STR("MESSAGES "));
		if (!str_eq_case(a.r.name, STR("STATUS")) || at == STR_NPOS)
			continue;
		in = str_from(in, at + 9);
		for (at = 0; at < in.n && ascii_is_digit(in.p[at]); at++)
			;
		if (str_to_u32(str_to(in, at), &n))
			line->messages = n;
	}
	return rc;
}

static int begin(struct run *r, struct remote_folder **all, struct err *err)
{
	struct migrate_report *t = r->report;
	int rc;

	if (open_session(r, err) < 0 ||
	    remote_folders(&r->session, r->a, all, &t->folders_n, err) < 0)
		return -1;
	t->folders = arena_array(r->a, t->folders_n + 1, sizeof(*t->folders));
	for (size_t i = 0; i < t->folders_n; i++) {
		const struct remote_folder *f = &(*all)[i];

		t->folders[i] = (struct migrate_folder){
			.there = f->shown,
			.here = STR(""),
			.skipped = f->skipped ? str_z(f->skipped) : STR(""),
		};
		if (f->skipped)
			continue;
		rc = count(r, f, &t->folders[i], err);
		if (rc < 0)
			return -1;
	}
	run_tell(r);
	return 0;
}

int migrate_run(const struct migrate *m, struct arena *a,
                struct migrate_report *out, struct err *err)
{
	struct run r = { .m = m, .report = out, .a = a };
	struct remote_folder *all = NULL;
	int rc;

	*out = (struct migrate_report){ .folders = NULL };
	r.begun_us = clock_real_us();
	if (book_open(&r.book, m->dir, m->account.id,
	              arena_fmt(a, "%.*s %.*s", STR_ARG(m->server.user),
	                        STR_ARG(m->server.host)),
	              err) < 0)
		return -1;
	rc = begin(&r, &all, err);
	for (size_t i = 0; rc == 0 && i < out->folders_n; i++) {
		if (!all[i].skipped)
			rc = whole_folder(&r, &all[i], &out->folders[i], err);
		if (rc == 0)
			out->folders_done++;
		run_tell(&r);
	}
	if (rc < 0 && run_is_stopped(&r))
		(void)stopped(err);
	else if (rc < 0 && err->kind == ERR_CLOSED)
		err->kind = ERR_TEMP; /* by them, not by us */
	if (r.is_open)
		session_close(&r.session);
	book_close(&r.book);
	return rc;
}
