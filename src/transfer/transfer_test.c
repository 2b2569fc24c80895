#include "transfer/transfer.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/test.h"
#include "os/dir.h"
#include "os/file.h"
#include "store/fetch.h"
#include "store/flags.h"
#include "store/mailbox.h"
#include "store/metadata.h"
#include "store/object.h"

static struct {
	char root[64];
	struct store *store;
	struct spool_pool *pool;
	struct arena arena;
} t;

static const struct store_account anna = { 1, 1, STORE_QUOTA_NONE };
static const struct store_account bo = { 2, 1, STORE_QUOTA_NONE };
static const struct store_account eva = { 3, 1, STORE_QUOTA_NONE };

static const char *at(const char *below)
{
	return arena_fmt(&t.arena, "%s/%s", t.root, below).p;
}

static int set_up(void **state)
{
	struct store_options o = { .news = NULL };
	struct err err = ERR_INIT;

	(void)state;
	(void)snprintf(t.root, sizeof(t.root), "/tmp/transfer-test-XXXXXX");
	if (!mkdtemp(t.root))
		return -1;
	arena_init(&t.arena);
	o.dir = at("store");
	if (store_open(&t.store, &o, &err) < 0 ||
	    spool_pool_open(&t.pool, at("spool"), 8 * 1024 * 1024, true, &err) <
	            0) {
		print_error("%s\n", err.text);
		return -1;
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

/* Write a file, and make the folders on the way. */
static void put(const char *below, struct str content)
{
	char *path = mem_strdup(at(below));
	struct err err = ERR_INIT;
	int fd;

	for (char *p = strchr(path + strlen(t.root) + 1, '/'); p;
	     p = strchr(p + 1, '/')) {
		*p = '\0';
		(void)mkdir(path, 0700);
		*p = '/';
	}
	fd = file_open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600, &err);
	if (fd < 0 || file_write(fd, content, &err) < 0)
		fail_msg("%s", err.text);
	file_close(&fd);
	mem_free(path);
}

static struct transfer transfer_of(struct store_account a)
{
	return (struct transfer){ .store = t.store,
		                  .account = a,
		                  .spool = t.pool,
		                  .state = at("state"),
		                  .threads = 2 };
}

static struct transfer_counts import(struct store_account a, const char *below)
{
	struct transfer tr = transfer_of(a);
	struct transfer_counts n;
	struct err err = ERR_INIT;

	if (transfer_import(&tr, at(below), &n, &err) < 0)
		fail_msg("import: %s", err.text);
	return n;
}

static struct transfer_counts export(struct store_account a, const char *below,
                                     enum transfer_format format)
{
	struct transfer tr = transfer_of(a);
	struct transfer_counts n;
	struct err err = ERR_INIT;

	if (transfer_export(&tr, at(below), format, &n, &err) < 0)
		fail_msg("export: %s", err.text);
	return n;
}

/* All of an account as text: folders, flags, dates and bytes. */
static struct str picture(struct store_account a)
{
	struct err err = ERR_INIT;
	struct flag_names names;
	struct mailbox *list;
	struct str out;
	struct buf b;
	size_t n;

	buf_init(&b, 64 * 1024 * 1024);
	assert_int_equal(mailbox_list(t.store, a, &t.arena, &list, &n, &err),
	                 0);
	assert_int_equal(flags_names(t.store, a, &t.arena, &names, &err), 0);
	for (size_t i = 0; i < n; i++) {
		struct uidset all = UIDSET_EMPTY;
		struct fetch_row r;
		struct fetch *f;

		if (list[i].total == 0)
			continue;
		buf_fmt(&b, "== %.*s %lu\n", STR_ARG(list[i].name),
		        (unsigned long)list[i].total);
		uidset_add(&all, 1, UINT32_MAX);
		assert_int_equal(fetch_open(&f, t.store, a, list[i].no, &all, 0,
		                            0, &err),
		                 0);
		uidset_deinit(&all);
		while (fetch_next(f, &r, &err) > 0) {
			struct str prefix, message;
			struct body *body;

			buf_fmt(&b, "-- %lld", (long long)r.internaldate_s);
			for (int k = 0; k < FLAG_BITS; k++)
				if (r.flags >> k & 1)
					buf_fmt(&b, " %.*s",
					        STR_ARG(names.names[k]));
			buf_add_c(&b, '\n');
			assert_int_equal(body_open(&body, t.store, a,
			                           list[i].no, r.uid, &err),
			                 0);
			assert_int_equal(body_view(body, &prefix, &message,
			                           &err),
			                 0);
			buf_add(&b, prefix);
			buf_add(&b, message);
			body_close(&body);
		}
		fetch_close(&f);
	}
	out = arena_dup(&t.arena, buf_str(&b));
	assert_false(buf_overflow(&b));
	buf_deinit(&b);
	return out;
}

static void assert_same(struct str a, struct str b)
{
	if (!str_eq(a, b))
		fail_msg("differ:\n%.*s\n--------\n%.*s", STR_ARG(a),
		         STR_ARG(b));
}

static void old(const char *below, int64_t seconds)
{
	struct err err = ERR_INIT;

	assert_int_equal(dir_set_changed(at(below), seconds * 1000000, &err),
	                 0);
}

static void put_maildir(void)
{
	put("md/cur/1700000002.b:2,FRS", STR("A: 2\nB: x\n\nbody\n"));
	old("md/cur/1700000002.b:2,FRS", 1700000002);
	put("md/cur/1700000001.a:2,ac", STR("A: 1\r\n\r\nbare\nstays\r\n"));
	old("md/cur/1700000001.a:2,ac", 1700000001);
	put("md/new/1700000003.c", STR("no header, no end"));
	old("md/new/1700000003.c", 1700000003);
	put("md/tmp/1700000009.z", STR("A: unfinished\n\n"));
	put("md/dovecot-keywords", STR("0 Work\n2 $Label1\n"));
	put("md/.Sent/cur/1700000004.d:2,ST", STR("A: sent\n\n"));
	old("md/.Sent/cur/1700000004.d:2,ST", 1700000004);
	put("md/.R&APg-gn.a&AC4-b/cur/x:2,D", STR("A: deep\n\nFrom x\n"));
	old("md/.R&APg-gn.a&AC4-b/cur/x:2,D", 1600000000);
	put("md/Plain/Sub/cur/y:2,", STR(""));
	old("md/Plain/Sub/cur/y:2,", 1600000001);
}

static void maildir_comes_in(void **state)
{
	struct transfer_counts n;
	struct str got;

	(void)state;
	put_maildir();
	n = import(anna, "md");
	assert_int_equal(n.done, 6);
	assert_int_equal(n.failed, 0);
	assert_int_equal(n.found, 6);
	got = picture(anna);
	assert_true(str_find(got, STR("== INBOX 3\n"
	                              "-- 1700000001 Work $Label1\n"
	                              "A: 1\r\n\r\nbare\nstays\r\n"
	                              "-- 1700000002 \\Seen \\Answered "
	                              "\\Flagged\n"
	                              "A: 2\r\nB: x\r\n\r\nbody\r\n"
	                              "-- 1700000003\n"
	                              "no header, no end")) != STR_NPOS);
	assert_true(str_find(got, STR("== Sent 1\n-- 1700000004 \\Seen "
	                              "\\Deleted\nA: sent\r\n\r\n")) !=
	            STR_NPOS);
	assert_true(str_find(got, STR("== R\xc3\xb8gn/a.b 1\n"
	                              "-- 1600000000 \\Draft\n"
	                              "A: deep\r\n\r\nFrom x\r\n")) !=
	            STR_NPOS);
	assert_true(str_find(got, STR("== Plain/Sub 1\n-- 1600000001\n")) !=
	            STR_NPOS);
	assert_int_equal(access(at("state"), F_OK), -1);
}

static void there_and_back(enum transfer_format format)
{
	struct transfer_counts n;
	struct str before;

	put_maildir();
	(void)import(anna, "md");
	before = picture(anna);
	n = export(anna, "out", format);
	assert_int_equal(n.done, 6);
	assert_int_equal(n.found, 6);
	n = import(bo, "out");
	assert_int_equal(n.done, 6);
	assert_same(picture(bo), before);
}

static void maildir_there_and_back(void **state)
{
	struct transfer_counts n;

	(void)state;
	there_and_back(TRANSFER_MAILDIR);
	/* Once more adds nothing. */
	n = export(anna, "out", TRANSFER_MAILDIR);
	assert_int_equal(n.done, 0);
	assert_int_equal(n.known, 6);
}

static void mbox_there_and_back(void **state)
{
	(void)state;
	there_and_back(TRANSFER_MBOX);
}

static void below_a_folder(void **state)
{
	struct transfer tr = transfer_of(anna);
	struct transfer_counts n;
	struct err err = ERR_INIT;
	struct str got;

	(void)state;
	put_maildir();
	tr.folder = "Old mail";
	assert_int_equal(transfer_import(&tr, at("md"), &n, &err), 0);
	got = picture(anna);
	assert_true(str_find(got, STR("== Old mail 3\n")) != STR_NPOS);
	assert_true(str_find(got, STR("== Old mail/Sent 1\n")) != STR_NPOS);
	assert_true(str_find(got, STR("== INBOX")) == STR_NPOS);
}

/* ---- interruptions ---- */

static bool stop_after(void *arg, const struct transfer_counts *n,
                       struct str where)
{
	(void)where;
	return n->done + n->known < *(uint64_t *)arg;
}

static void put_many(int n)
{
	for (int i = 0; i < n; i++) {
		struct str m = arena_fmt(&t.arena, "Subject: %d\n\nx\n", i);

		put(arena_fmt(&t.arena, "many/cur/%d.x:2,S", 1700000000 + i).p,
		    m);
	}
}

static void an_import_goes_on(void **state)
{
	struct transfer tr = transfer_of(anna);
	struct transfer_counts n;
	struct err err = ERR_INIT;
	uint64_t limit = 1;
	struct str got;

	(void)state;
	put_many(400);
	tr.progress = stop_after;
	tr.progress_arg = &limit;
	assert_int_equal(transfer_import(&tr, at("many"), &n, &err), -1);
	assert_int_equal(err.kind, ERR_CLOSED);
	assert_true(n.done > 0 && n.done < 400);
	assert_int_equal(access(at("state"), F_OK), 0);
	/* The last batch is not known to be committed; it is tried again by
	 * its key and found done. */
	n = import(anna, "many");
	assert_int_equal(n.failed, 0);
	got = picture(anna);
	assert_true(str_starts(got, STR("== INBOX 400\n")));
	for (int i = 0; i < 400; i++) {
		struct str m = arena_fmt(&t.arena, "Subject: %d\r\n", i);
		size_t p = str_find(got, m);

		assert_true(p != STR_NPOS);
		assert_true(str_find(str_from(got, p + 1), m) == STR_NPOS);
	}
}

/* ---- what cannot be taken ---- */

static void count_reports(void *arg, struct str item, const struct err *why)
{
	if (str_find(item, STR("big")) != STR_NPOS && why->kind == ERR_TOO_BIG)
		++*(int *)arg;
}

static void one_that_fails_stops_no_other(void **state)
{
	struct transfer tr = transfer_of(anna);
	struct transfer_counts n;
	struct err err = ERR_INIT;
	char *big = mem_zalloc(5000);
	int reported = 0;

	(void)state;
	memset(big, 'x', 4999);
	put("md/cur/1.a:2,", STR("A: b\n\n"));
	put("md/cur/2.big:2,", str_z(big));
	put("md/cur/3.c:2,", STR("A: c\n\n"));
	mem_free(big);
	tr.message_max = 4000;
	tr.report = count_reports;
	tr.report_arg = &reported;
	assert_int_equal(transfer_import(&tr, at("md"), &n, &err), 0);
	assert_int_equal(n.done, 2);
	assert_int_equal(n.failed, 1);
	assert_int_equal(reported, 1);
}

static void quota_ends_it_and_it_goes_on(void **state)
{
	struct transfer tr = transfer_of(anna);
	struct transfer_counts n;
	struct err err = ERR_INIT;
	uint64_t first;

	(void)state;
	put_many(100);
	tr.account.quota_bytes = 1000; /* some 50 messages */
	assert_int_equal(transfer_import(&tr, at("many"), &n, &err), -1);
	assert_int_equal(err.kind, ERR_OVER_QUOTA);
	first = n.done;
	assert_true(first > 10 && first < 90);
	n = import(anna, "many");
	assert_int_equal(n.failed, 0);
	assert_true(str_starts(picture(anna), STR("== INBOX 100\n")));
}

static void no_mail_is_an_error(void **state)
{
	struct transfer tr = transfer_of(anna);
	struct transfer_counts n;
	struct err err = ERR_INIT;

	(void)state;
	put("empty/readme", STR("hello"));
	assert_int_equal(transfer_import(&tr, at("empty"), &n, &err), -1);
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	assert_int_equal(transfer_import(&tr, at("empty/readme"), &n, &err),
	                 -1);
	assert_int_equal(err.kind, ERR_INVALID);
	assert_int_equal(transfer_import(&tr, at("nowhere"), &n, &err), -1);
	assert_int_equal(err.kind, ERR_NOT_FOUND);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

/* ---- scripts and the vacation ---- */

static void put_script(struct store_account a, const char *name,
                       const char *content)
{
	struct script_limits max = { 10, 1000 };
	struct err err = ERR_INIT;

	assert_int_equal(script_put(t.store, a, str_z(name), str_z(content),
	                            &max, &err),
	                 0);
}

static struct str scripts_of(struct store_account a)
{
	struct err err = ERR_INIT;
	struct script *list, s;
	struct str all = STR("");
	size_t n;

	assert_int_equal(script_list(t.store, a, &t.arena, &list, &n, &err), 0);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(script_get_no(t.store, a, list[i].no, &t.arena,
		                               &s, &err),
		                 0);
		all = arena_fmt(&t.arena, "%.*s%.*s%s<%.*s> ", STR_ARG(all),
		                STR_ARG(s.name), s.active ? "*" : "",
		                STR_ARG(s.text));
	}
	return all;
}

static void scripts_and_vacation_go_along(void **state)
{
	struct vacation v = { .on = true,
		              .days = 3,
		              .until_us = INT64_C(1798761600000000),
		              .subject = STR("Away \"now\""),
		              .text = STR("I am away.\nBo"),
		              .html = STR("<p>away") };
	struct err err = ERR_INIT;
	struct transfer_counts n;
	struct vacation got;

	(void)state;
	put_script(anna, "main", "keep;\r\n# \xc3\xa6");
	put_script(anna, "../a b", "discard;");
	put_script(anna, "../a_b", "stop;");
	assert_int_equal(script_activate(t.store, anna, STR("../a b"), &err),
	                 0);
	assert_int_equal(vacation_set(t.store, anna, &v, &err), 0);
	n = export(anna, "out", TRANSFER_MAILDIR);
	assert_int_equal(n.scripts, 3);

	n = import(bo, "out");
	assert_int_equal(n.scripts, 3);
	assert_int_equal(n.failed, 0);
	assert_str(scripts_of(bo), "../a b*<discard;> ../a_b<stop;> "
	                           "main<keep;\r\n# \xc3\xa6> ");
	assert_int_equal(vacation_get(t.store, bo, &t.arena, &got, &err), 0);
	assert_true(got.on && got.days == 3 && got.from_us == 0);
	assert_true(got.until_us == v.until_us);
	assert_str(got.subject, "Away \"now\"");
	assert_str(got.text, "I am away.\nBo");
	assert_str(got.html, "<p>away");

	/* Again: all is known, what was changed meanwhile stays. */
	put_script(bo, "main", "stop;");
	assert_int_equal(script_activate(t.store, bo, STR("main"), &err), 0);
	n = import(bo, "out");
	assert_int_equal(n.scripts, 0);
	assert_int_equal(n.known, 3);
	assert_int_equal(n.failed, 1);
	assert_str(scripts_of(bo),
	           "../a b<discard;> ../a_b<stop;> main*<stop;> ");
}

/* As other servers keep them, and what cannot be taken. */
static void takes_scripts_of_others(void **state)
{
	struct err err = ERR_INIT;
	struct transfer_counts n;
	struct vacation got;

	(void)state;
	put("in/cur/x", STR("Subject: x\n\n"));
	put("in/sieve/rules.sieve", STR("keep;"));
	put("in/sieve/broken.sieve", STR("keep"));
	put("in/sieve/.hidden.sieve", STR("keep;"));
	put("in/sieve/rules.svbin", STR("x"));
	n = import(bo, "in");
	assert_int_equal(n.scripts, 1);
	assert_int_equal(n.failed, 1);
	assert_int_equal(n.done, 1);
	assert_str(scripts_of(bo), "rules<keep;> ");

	put("bad/cur/x", STR("Subject: x\n\n"));
	put("bad/sieve/index.json",
	    STR("{\"scripts\":[{\"file\":\"../../x\",\"name\":\"x\"},"
	        "{\"file\":\"gone.sieve\",\"name\":\"y\"},3,"
	        "{\"file\":\"ok.sieve\",\"name\":\"a\\nb\"}],"
	        "\"vacation\":{\"days\":500}}"));
	put("bad/sieve/ok.sieve", STR("keep;"));
	n = import(anna, "bad");
	assert_int_equal(n.scripts, 0);
	assert_int_equal(n.failed, 4);
	assert_str(scripts_of(anna), "");
	assert_int_equal(vacation_get(t.store, anna, &t.arena, &got, &err), -1);
	put("worse/cur/x", STR("Subject: x\n\n"));
	put("worse/sieve/index.json", STR("{"));
	assert_int_equal(import(anna, "worse").failed, 1);
}

/* ---- identities ---- */

static void put_identity(struct store_account a, int64_t fixed,
                         const char *email, const char *content)
{
	struct object_write w = { .type = CHANGE_IDENTITY,
		                  .what = OBJECT_CREATE,
		                  .object = { .first = fixed,
		                              .name = fixed ? str_z(email)
		                                            : STR(""),
		                              .content = str_z(content) } };
	struct err err = ERR_INIT;

	assert_int_equal(object_write(t.store, a, &w, 1, &err), 0);
}

static struct str identities_of(struct store_account a)
{
	struct err err = ERR_INIT;
	struct str all = STR("");
	struct object *list;
	size_t n;

	assert_int_equal(object_list(t.store, a, CHANGE_IDENTITY, &t.arena,
	                             &list, &n, &err),
	                 0);
	for (size_t i = 0; i < n; i++)
		all = arena_fmt(&t.arena, "%.*s%s%.*s\n", STR_ARG(all),
		                list[i].first ? "*" : "",
		                STR_ARG(list[i].content));
	return all;
}

static void identities_go_along(void **state)
{
	static const char own[] =
		"{\"email\":\"x@b.example\",\"name\":\"X\","
		"\"textSignature\":\"-- \\nX\",\"htmlSignature\":\"<b>\","
		"\"given\":\"\",\"replyTo\":[{\"name\":\"\",\"email\":"
		"\"r@b.example\"}],\"bcc\":null}";
	static const char other[] =
		"{\"email\":\"x+y@b.example\",\"name\":\"Y\","
		"\"textSignature\":\"\",\"htmlSignature\":\"\",\"given\":"
		"\"\",\"replyTo\":null,\"bcc\":null}";
	struct transfer_counts n;
	struct str all;

	(void)state;
	put_identity(anna, 1, "x@b.example", own);
	put_identity(anna, 0, "", other);
	all = identities_of(anna);
	(void)export(anna, "out", TRANSFER_MAILDIR);
	/* One that is there and was not changed is filled in. */
	put_identity(bo, 1, "x@b.example", "{\"email\":\"x@b.example\"}");
	n = import(bo, "out");
	assert_int_equal(n.failed, 0);
	assert_int_equal(identities_of(bo).n, all.n);
	assert_str(identities_of(bo), arena_strz(&t.arena, all));
	n = import(bo, "out");
	assert_int_equal(n.known, 2);
	assert_str(identities_of(bo), arena_strz(&t.arena, all));
	put("bad/identities.json", STR("[3,{\"identity\":{}}]"));
	put("bad/cur/x", STR("Subject: x\n\n"));
	assert_int_equal(import(bo, "bad").failed, 2);
	put("bad/identities.json", STR("["));
	assert_int_equal(import(bo, "bad").failed, 1);
}

/* ---- annotations ---- */

static void annotate(struct store_account a, uint64_t mailbox, const char *name,
                     struct str value)
{
	struct metadata_entry e = { .name = str_z(name), .value = value };
	struct metadata_write w = { .mailbox = mailbox,
		                    .entries = &e,
		                    .n = 1,
		                    .max = { 1000, 10, 10000 } };
	struct err err = ERR_INIT;

	assert_int_equal(metadata_write(t.store, a, &w, &err), 0);
}

static struct str annotations_of(struct store_account a)
{
	struct err err = ERR_INIT;
	struct str all = STR("");
	struct metadata_entry *v;
	size_t n;

	assert_int_equal(metadata_list_all(t.store, a, &t.arena, &v, &n, &err),
	                 0);
	for (size_t i = 0; i < n; i++)
		all = arena_fmt(&t.arena, "%.*s%d%.*s=%.*s;", STR_ARG(all),
		                v[i].mailbox != 0, STR_ARG(v[i].name),
		                STR_ARG(v[i].value));
	return all;
}

static void annotations_go_along(void **state)
{
	static const char want[] = "0/shared/comment=a\r\nb;"
				   "1/private/empty=;1/private/x=\xff\x01;";
	struct transfer_counts n;
	struct err err = ERR_INIT;
	uint64_t no;

	(void)state;
	assert_int_equal(mailbox_create(t.store, anna, STR("Notes"),
	                                MAILBOX_USE_NONE, &no, &err),
	                 0);
	annotate(anna, no, "/private/x", STR("\xff\x01"));
	annotate(anna, no, "/private/empty", STR(""));
	annotate(anna, 0, "/shared/comment", STR("a\r\nb"));
	assert_str(annotations_of(anna), want);
	(void)export(anna, "out", TRANSFER_MAILDIR);
	assert_int_equal(mailbox_create(t.store, bo, STR("Notes"),
	                                MAILBOX_USE_NONE, &no, &err),
	                 0);
	n = import(bo, "out");
	assert_int_equal(n.failed, 0);
	assert_str(annotations_of(bo), want);
	/* What is there stays. */
	annotate(bo, 0, "/shared/comment", STR("own"));
	assert_int_equal(import(bo, "out").known, 3);
	assert_true(
		str_starts(annotations_of(bo), STR("0/shared/comment=own;")));
	put("bad/cur/x", STR("Subject: x\n\n"));
	put("bad/annotations.jsonl",
	    STR("3\n{}\n{\"mailbox\":\"None\",\"name\":\"/private/a\","
	        "\"value\":\"\"}\n{\"mailbox\":\"\",\"name\":\"/a\","
	        "\"value\":\"\"}\n{\"mailbox\":\"\",\"name\":"
	        "\"/shared/admin\",\"value\":\"\"}\n{\"mailbox\":\"INBOX\","
	        "\"name\":\"/private/specialuse\",\"value\":\"\"}\n"
	        "{\"mailbox\":\"\",\"name\":\"/private/a\",\"base64\":"
	        "\"?\"}\n[\n"));
	assert_int_equal(import(bo, "bad").failed, 8);
}

/* ---- contacts ---- */

static void put_contact(struct store_account a, enum change_type type,
                        int64_t first, const char *name, const char *content)
{
	struct object_write w = { .type = type,
		                  .what = OBJECT_CREATE,
		                  .object = { .first = first,
		                              .name = str_z(name),
		                              .content = str_z(content) } };
	struct err err = ERR_INIT;

	assert_int_equal(object_write(t.store, a, &w, 1, &err), 0);
}

static struct str contacts_of(struct store_account a, enum change_type type)
{
	struct err err = ERR_INIT;
	struct str all = STR("");
	struct object *list;
	size_t n;

	assert_int_equal(object_list(t.store, a, type, &t.arena, &list, &n,
	                             &err),
	                 0);
	for (size_t i = 0; i < n; i++)
		all = arena_fmt(&t.arena, "%.*s%s%.*s %.*s\n", STR_ARG(all),
		                list[i].first ? "*" : "", STR_ARG(list[i].name),
		                STR_ARG(list[i].content));
	return all;
}

#define CARD(books, uid)                                                \
	"{\"addressBookIds\":" books ",\"@type\":\"Card\","             \
	"\"version\":\"1.0\",\"uid\":\"" uid "\",\"x.example:n\":[1.5," \
	"\"\\n\"]}"
#define BOOK(name) \
	"{\"name\":\"" name "\",\"sortOrder\":2,\"isSubscribed\":true}"

static void contacts_go_along(void **state)
{
	static const char books[] = "first " BOOK("Mine") "\n* " BOOK(
		"Default") "\n"
			   " " BOOK("Work") "\n";
	struct transfer_counts n;

	(void)state;
	put_contact(anna, CHANGE_ADDRESS_BOOK, 0, "", BOOK("Work"));
	put_contact(anna, CHANGE_ADDRESS_BOOK, 1, "", BOOK("Default"));
	put_contact(anna, CHANGE_CARD, 0, "u1", CARD("{\"B1\":true}", "u1"));
	put_contact(anna, CHANGE_CARD, 0, "u2",
	            CARD("{\"B1\":true,\"B2\":true}", "u2"));
	(void)export(anna, "out", TRANSFER_MAILDIR);
	/* Of the other: B1 no default, B2 the default one, B3 is made. */
	put_contact(bo, CHANGE_ADDRESS_BOOK, 0, "first", BOOK("Mine"));
	put_contact(bo, CHANGE_ADDRESS_BOOK, 1, "", BOOK("Default"));
	put_contact(bo, CHANGE_CARD, 0, "u2", "{\"its\":\"own\"}");
	n = import(bo, "out");
	assert_int_equal(n.failed, 0);
	assert_int_equal(n.known, 1);
	assert_str(contacts_of(bo, CHANGE_ADDRESS_BOOK), books);
	assert_str(contacts_of(bo, CHANGE_CARD),
	           "u2 {\"its\":\"own\"}\n"
	           "u1 " CARD("{\"B3\":true}", "u1") "\n");
	n = import(bo, "out");
	assert_int_equal(n.known, 2);
	assert_str(contacts_of(bo, CHANGE_ADDRESS_BOOK), books);

	/* Without a book it goes to the default one; others are reported. */
	put("bad/cur/x", STR("Subject: x\n\n"));
	put("bad/contacts.jsonl",
	    STR("{\n\n{\"book\":{}}\n{\"uid\":\"u3\"}\n" CARD("{}", "u4")));
	assert_int_equal(import(bo, "bad").failed, 3);
	assert_str(contacts_of(bo, CHANGE_CARD),
	           "u2 {\"its\":\"own\"}\n"
	           "u1 " CARD("{\"B3\":true}", "u1") "\n"
	                                             "u4 " CARD("{\"B2\":true}",
	                                                        "u4") "\n");
	/* An account that never had any. */
	assert_int_equal(import(eva, "bad").failed, 3);
	assert_str(contacts_of(eva, CHANGE_CARD),
	           "u4 " CARD("{\"B1\":true}", "u4") "\n");
}

int main(void)
{
	const struct CMUnitTest list[] = {
		TEST(maildir_comes_in),
		TEST(maildir_there_and_back),
		TEST(mbox_there_and_back),
		TEST(below_a_folder),
		TEST(an_import_goes_on),
		TEST(one_that_fails_stops_no_other),
		TEST(quota_ends_it_and_it_goes_on),
		TEST(no_mail_is_an_error),
		TEST(scripts_and_vacation_go_along),
		TEST(identities_go_along),
		TEST(annotations_go_along),
		TEST(contacts_go_along),
		TEST(takes_scripts_of_others),
	};

	return cmocka_run_group_tests(list, NULL, NULL);
}
