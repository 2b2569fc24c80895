/*
 * What was acknowledged is there, once and whole: with the Nth write or sync
 * failing, with a full disk, with kill -9, and with the power cut.
 */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "os/file.h"
#include "os/powercut.h"
#include "os/random.h"
#include "store/expunge.h"
#include "store/fetch.h"
#include "store/fsck.h"
#include "store/testing.h"
#include "store/view.h"

#define THREADS  4
#define ACCOUNTS 3

static char cut_dir[] = "/tmp/posthus-cut-XXXXXX";

static struct store_account account_of(uint32_t no)
{
	return (struct store_account){ 1 + no % ACCOUNTS, 1, STORE_QUOTA_NONE };
}

/* The message with a number: the same bytes each time, some of them large
 * enough for a file. */
static void make_mail(struct buf *b, uint32_t no)
{
	size_t size = no % 7 == 3 ? 90000 : 300 + no % 5 * 1000;

	buf_reset(b);
	buf_fmt(b,
	        "From: a@a.example\r\nSubject: %u\r\nMessage-ID: <%u@a>\r\n"
	        "\r\n",
	        no, no);
	while (b->n < size)
		buf_fmt(b, "%u line %zu\r\n", no, b->n);
}

/* ---- the writer, in a process of its own ---- */

struct writer {
	struct store *store;
	int out;
	uint32_t first, last;
};

/* 0, or why not. */
static enum err_kind deliver(struct store *s, struct buf *b, uint32_t no)
{
	struct append_target t = { .account = account_of(no) };
	struct err err = ERR_INIT;
	char key[32];

	make_mail(b, no);
	(void)snprintf(key, sizeof(key), "key %u", no);
	if (append_prepare_str(&t.message, s, buf_str(b), &err) < 0)
		return err.kind;
	if (append_commit(s, &t, 1, str_z(key), NULL, &err) == 0)
		err.kind = ERR_NONE;
	append_free(&t.message);
	return err.kind;
}

static void *write_many(void *arg)
{
	struct writer *w = arg;
	struct buf b;

	buf_init(&b, 200000);
	for (uint32_t no = w->first; no < w->last; no += THREADS) {
		enum err_kind kind = deliver(w->store, &b, no);

		if (kind == ERR_NONE) {
			if (write(w->out, &no, sizeof(no)) != sizeof(no))
				_exit(3);
		} else if (kind != ERR_NO_SPACE && kind != ERR_TEMP) {
			_exit(4);
		}
		if (file_sync_is_broken())
			_exit(5);
	}
	buf_deinit(&b);
	return NULL;
}

static void child(int out, uint32_t first, uint32_t n, const char *fault,
                  bool cut)
{
	struct writer w[THREADS];
	pthread_t t[THREADS];
	struct store *s;

	if (cut)
		powercut_set(cut_dir);
	s = test_open();
	if (!s)
		_exit(6);
	file_set_fault(fault);
	for (uint32_t i = 0; i < THREADS; i++) {
		w[i] = (struct writer){ s, out, first + i, first + n };
		(void)pthread_create(&t[i], NULL, write_many, &w[i]);
	}
	for (uint32_t i = 0; i < THREADS; i++)
		(void)pthread_join(t[i], NULL);
	_exit(0);
}

/* ---- the judge ---- */

#define MAX 20000
static unsigned char acknowledged[MAX];

static void read_answers(int in)
{
	uint32_t no;

	while (read(in, &no, sizeof(no)) == sizeof(no)) {
		assert_true(no < MAX);
		acknowledged[no]++;
	}
}

static uint32_t number_of(struct str mail)
{
	size_t at = str_find(mail, STR("Subject: "));
	uint32_t no = 0;

	assert_true(at != STR_NPOS);
	for (const char *p = mail.p + at + 9; *p >= '0' && *p <= '9'; p++)
		no = no * 10 + (uint32_t)(*p - '0');
	return no;
}

static void judge_mailbox(struct store *s, struct store_account a,
                          unsigned char *found)
{
	struct err err = ERR_INIT;
	struct view *v;
	struct buf want;

	buf_init(&want, 200000);
	assert_int_equal(view_open(&v, s, a, 1, &err), 0);
	for (uint32_t seq = 1; seq <= view_count(v); seq++) {
		struct str prefix, mail = { NULL, 0 };
		struct body *b;
		uint32_t no;

		if (body_open(&b, s, a, 1, view_uid(v, seq), &err) < 0 ||
		    body_view(b, &prefix, &mail, &err) < 0)
			fail_msg("a message does not open: %s", err.text);
		no = number_of(mail);
		make_mail(&want, no);
		assert_true(str_eq(mail, buf_str(&want)));
		assert_true(no < MAX);
		found[no]++;
		body_close(&b);
	}
	view_close(&v);
	buf_deinit(&want);
}

static void show(void *arg, int64_t account, const char *text, bool mended)
{
	(void)arg;
	(void)mended;
	print_error("fsck: account %lld: %s\n", (long long)account, text);
}

static void judge(const char *what)
{
	struct fsck_options o = { .bodies = true, .finding = show };
	unsigned char *found = mem_zalloc(MAX);
	struct fsck_result r;
	struct err err = ERR_INIT;
	struct store *s = test_open();

	assert_non_null(s);
	for (uint32_t i = 0; i < ACCOUNTS; i++)
		judge_mailbox(s, account_of(i), found);
	store_close(&s);
	for (uint32_t no = 0; no < MAX; no++) {
		if (found[no] > 1)
			fail_msg("%s: message %u is there twice", what, no);
		if (acknowledged[no] && !found[no])
			fail_msg("%s: message %u was acknowledged and is lost",
			         what, no);
	}
	mem_free(found);
	if (fsck_run(test_dir, 0, &o, &r, &err) < 0)
		fail_msg("%s: fsck: %s", what, err.text);
	assert_int_equal(r.findings, 0);
}

static int run_child(uint32_t first, uint32_t n, const char *fault, bool cut,
                     int64_t kill_after_us)
{
	int p[2], status;
	pid_t pid;

	assert_int_equal(pipe(p), 0);
	pid = fork();
	if (pid == 0) {
		(void)close(p[0]);
		child(p[1], first, n, fault, cut);
	}
	(void)close(p[1]);
	if (kill_after_us) {
		(void)usleep((useconds_t)kill_after_us);
		(void)kill(pid, SIGKILL);
	}
	read_answers(p[0]);
	(void)close(p[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static uint32_t next_no;

static void faults_lose_nothing(void **state)
{
	static const char *const kinds[] = { "write", "nospace", "fsync" };

	(void)state;
	for (size_t k = 0; k < 3; k++)
		for (int n = 1; n < 60; n += 1 + n / 3) {
			char fault[32];
			int rc;

			(void)snprintf(fault, sizeof(fault), "%s:%d", kinds[k],
			               n);
			rc = run_child(next_no, 24, fault, false, 0);
			next_no += 24;
			/* A failed sync ends the role. */
			if (rc != 0 && !(k == 2 && rc == 5))
				fail_msg("%s: the writer ended with %d", fault,
				         rc);
			judge(fault);
		}
}

static void kills_lose_nothing(void **state)
{
	(void)state;
	for (int i = 0; i < 5; i++) {
		(void)run_child(next_no, 2000, NULL, false,
		                20000 + (int64_t)random_below(300000));
		next_no += 2000;
		judge("kill");
	}
}

static void power_cuts_lose_nothing(void **state)
{
	(void)state;
	for (int i = 0; i < 6; i++) {
		struct err err = ERR_INIT;
		uint64_t seed = random_u64();
		char what[64];

		(void)run_child(next_no, 200, NULL, true,
		                20000 + (int64_t)random_below(300000));
		next_no += 200;
		if (powercut_cut(cut_dir, seed, &err) < 0)
			fail_msg("powercut: %s", err.text);
		(void)snprintf(what, sizeof(what), "power cut, seed %llu",
		               (unsigned long long)seed);
		judge(what);
	}
}

/* That the cut really cuts: what was not synced does not all survive. */
static void a_cut_cuts(void **state)
{
	struct err err = ERR_INIT;
	char path[300], text[64];
	int lost_names = 0, lost_bytes = 0;

	(void)state;
	powercut_set(cut_dir);
	for (int i = 0; i < 20; i++) {
		char *back;
		size_t n;
		int fd;

		(void)snprintf(path, sizeof(path), "%s/plain-%d", test_dir, i);
		fd = file_open(path, O_RDWR | O_CREAT, 0600, &err);
		assert_true(fd >= 0);
		assert_int_equal(file_write(fd, STR("synced"), &err), 0);
		assert_int_equal(file_sync(fd, &err), 0);
		if (i % 2)
			assert_int_equal(file_sync_dir(test_dir, &err), 0);
		assert_int_equal(file_write(fd, STR(" and not"), &err), 0);
		file_close(&fd);
		assert_int_equal(powercut_cut(cut_dir, (uint64_t)i * 77, &err),
		                 0);
		if (file_read_all(path, 100, &back, &n, &err) < 0) {
			assert_int_equal(i % 2, 0);
			lost_names++;
			continue;
		}
		(void)snprintf(text, sizeof(text), "%.6s", back);
		assert_string_equal(text, "synced");
		lost_bytes += n == 6;
		mem_free(back);
	}
	powercut_set(NULL);
	assert_true(lost_names > 0);
	assert_true(lost_bytes > 0);
}

static int set_up(void **state)
{
	return test_set_up(state) == 0 && mkdtemp(cut_dir) ? 0 : -1;
}

static int tear_down(void **state)
{
	char cmd[300];

	(void)snprintf(cmd, sizeof(cmd), "rm -rf %s", cut_dir);
	return system(cmd) == 0 ? test_tear_down(state) : -1;
}

int main(void)
{
	const struct CMUnitTest list[] = {
		cmocka_unit_test(a_cut_cuts),
		cmocka_unit_test(faults_lose_nothing),
		cmocka_unit_test(kills_lose_nothing),
		cmocka_unit_test(power_cuts_lose_nothing),
	};

	return cmocka_run_group_tests(list, set_up, tear_down);
}
