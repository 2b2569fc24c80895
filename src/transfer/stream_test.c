#include "transfer/stream.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/test.h"
#include "os/file.h"
#include "store/mailbox.h"
#include "transfer/transfer.h"

static struct {
	char root[64];
	struct store *store;
	struct spool_pool *pool;
	struct arena arena;
} t;

static const struct store_account anna = { 1, 1, STORE_QUOTA_NONE };

static const char *at(const char *below)
{
	return arena_fmt(&t.arena, "%s/%s", t.root, below).p;
}

static const char mail[] =
	"From x Tue Nov 24 10:00:00 2026\n"
	"Status: RO\nX-Status: AF\nX-Keywords: Work\n"
	"X-Posthus-Message: size=57 arrived=1795512900\n"
	"Subject: =?utf-8?q?caf=C3=A9_?=a/b\n\nFrom here\n>From there\n"
	"\n"
	"From x Tue Nov 24 10:00:00 2026\n"
	"Status: O\nX-Status: D\nX-Posthus-Message: size=23 arrived=1795512901\n"
	"Subject: second\n\nno end\n\n"
	"From x Tue Nov 24 10:00:00 2026\n"
	"Status: O\nX-Status:\nX-Posthus-Message: size=19 arrived=1795512902\n"
	"Subject: third\n\nx\n\n\n";

static int set_up(void **state)
{
	struct store_options o = { .news = NULL };
	struct transfer tr = { .account = anna, .threads = 1 };
	struct transfer_counts n;
	struct err err = ERR_INIT;
	int fd;

	(void)state;
	(void)snprintf(t.root, sizeof(t.root), "/tmp/stream-test-XXXXXX");
	if (!mkdtemp(t.root))
		return -1;
	arena_init(&t.arena);
	o.dir = at("store");
	if (store_open(&t.store, &o, &err) < 0 ||
	    spool_pool_open(&t.pool, at("spool"), 8 * 1024 * 1024, true, &err) <
	            0)
		return -1;
	fd = file_open(at("in.mbox"), O_WRONLY | O_CREAT, 0600, &err);
	if (fd < 0 || file_write(fd, str_z(mail), &err) < 0)
		return -1;
	file_close(&fd);
	tr.store = t.store;
	tr.spool = t.pool;
	for (int i = 0; i < 2; i++) {
		if (transfer_import(&tr, at("in.mbox"), &n, &err) < 0) {
			print_error("%s\n", err.text);
			return -1;
		}
		tr.folder = "Work: 1/..x";
	}
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int flag,
                      struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static int tear_down(void **state)
{
	(void)state;
	store_close(&t.store);
	spool_pool_free(&t.pool);
	(void)nftw(t.root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	arena_deinit(&t.arena);
	return 0;
}

static struct transfer_wanted wanted(enum transfer_stream_format format)
{
	return (struct transfer_wanted){ .store = t.store,
		                         .account = anna,
		                         .spools = t.pool,
		                         .format = format };
}

/* All of it. */
static struct str stream(const struct transfer_wanted *w, uint64_t *messages)
{
	struct transfer_stream *ts;
	struct err err = ERR_INIT;
	struct str out;
	struct buf b;
	int rc;

	buf_init(&b, 4 * 1024 * 1024);
	if (transfer_stream_open(&ts, w, &err) < 0)
		fail_msg("%s", err.text);
	while ((rc = transfer_stream_next(ts, &b, &err)) > 0)
		;
	if (rc < 0)
		fail_msg("%s", err.text);
	*messages = transfer_stream_messages(ts);
	assert_int_equal(transfer_stream_failed(ts), 0);
	transfer_stream_close(&ts);
	out = arena_dup(&t.arena, buf_str(&b));
	buf_deinit(&b);
	return out;
}

static uint64_t mailbox_no(enum mailbox_use use)
{
	struct mailbox m;
	struct err err = ERR_INIT;

	assert_int_equal(mailbox_get_use(t.store, anna, use, &t.arena, &m,
	                                 &err),
	                 0);
	return m.no;
}

static bool has(struct str s, const char *words)
{
	return memmem(s.p, s.n, words, strlen(words)) != NULL;
}

/* The file is the one that the command line writes. */
static void a_folder_is_the_exported_mbox(void **state)
{
	struct transfer_wanted w = wanted(TRANSFER_STREAM_MBOX);
	struct transfer tr = { .store = t.store, .account = anna };
	struct transfer_counts n;
	struct err err = ERR_INIT;
	uint64_t messages;
	struct str got;
	char *want = NULL;
	size_t want_n = 0;

	(void)state;
	if (transfer_export(&tr, at("out"), TRANSFER_MBOX, &n, &err) < 0 ||
	    file_read_all(at("out/INBOX.mbox"), 65536, &want, &want_n, &err) <
	            0)
		fail_msg("%s", err.text);
	w.mailbox = mailbox_no(MAILBOX_USE_INBOX);
	got = stream(&w, &messages);
	assert_int_equal(messages, 3);
	if (!str_eq(got, (struct str){ want, want_n }))
		fail_msg("got:\n%.*s\nwant:\n%.*s", STR_ARG(got), (int)want_n,
		         want);
	assert_true(has(got, "X-Status: AF\nX-Keywords: Work\n"));
	assert_true(has(got, "\n>From here\n>From there\n"));
	free(want);
}

static void an_account_is_an_archive(void **state)
{
	struct transfer_wanted w = wanted(TRANSFER_STREAM_MBOX);
	uint64_t messages;
	struct str got;

	(void)state;
	got = stream(&w, &messages);
	assert_int_equal(messages, 6);
	assert_true(has(got, "INBOX.mbox"));
	assert_true(has(got, "Work_ 1/..x.mbox"));
	w.format = TRANSFER_STREAM_EML;
	got = stream(&w, &messages);
	/* Without what is marked as deleted. */
	assert_int_equal(messages, 4);
	assert_true(has(got, "INBOX/20261124-093500-1-caf\xc3\xa9 a_b.eml"));
	assert_true(has(got, "Work_ 1/..x/20261124-093502-3-third.eml"));
	assert_false(has(got, "second"));
}

struct ids {
	uint64_t no[4];
	size_t n, at;
};

static bool next_id(void *arg, uint64_t *out)
{
	struct ids *ids = arg;

	if (ids->at == ids->n)
		return false;
	*out = ids->no[ids->at++];
	return true;
}

/* In the order wished, without what is not there. */
static void chosen_ones_are_those_chosen(void **state)
{
	struct transfer_wanted w = wanted(TRANSFER_STREAM_MBOX);
	struct ids ids = { .no = { 3, 99999, 1 }, .n = 3 };
	uint64_t messages;
	struct str got;

	(void)state;
	w.next_email = next_id;
	w.arg = &ids;
	got = stream(&w, &messages);
	assert_int_equal(messages, 2);
	assert_true(str_starts(got, STR("From MAILER-DAEMON ")));
	assert_true(has(got, "Subject: third"));
	assert_false(has(got, "second"));
}

static void names_are_harmless(void **state)
{
	static const struct {
		const char *in, *want;
	} rows[] = {
		{ "INBOX", "INBOX/" },
		{ "a/../b", "a/_/b/" },
		{ "a\\b/ c. ", "a_b/ c/" },
		{ "x\xe2\x80\xae"
		  "fdp.exe",
		  "x_fdp.exe/" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_str(transfer_path_of(&t.arena, str_z(rows[i].in), "/"),
		           rows[i].want);
	assert_str(transfer_file_of(&t.arena, 0, 7, STR("")),
	           "19700101-000000-7-_.eml");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_folder_is_the_exported_mbox),
		cmocka_unit_test(an_account_is_an_archive),
		cmocka_unit_test(chosen_ones_are_those_chosen),
		cmocka_unit_test(names_are_harmless),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
