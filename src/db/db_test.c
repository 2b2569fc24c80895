#include "db/db.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/test.h"
#include "os/file.h"

static char dir[] = "/tmp/posthus-db-XXXXXX";
static char path[256];

static struct db *open_new(const char *name)
{
	struct err err = ERR_INIT;
	struct db *db;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	assert_int_equal(db_open(&db,
	                         &(struct db_options){ .path = path,
	                                               .create = true },
	                         &err),
	                 0);
	return db;
}

static void binds_by_name_and_reads_back(void **state)
{
	struct db *db = open_new("bind");
	struct err err = ERR_INIT;
	struct db_stmt *q;

	(void)state;
	assert_int_equal(db_exec(db,
	                         "CREATE TABLE t (a BIGINT, b TEXT, c BLOB)",
	                         &err),
	                 0);
	assert_int_equal(db_run(db, "INSERT INTO t VALUES ($3, $1, $2)",
	                        DB_ARGS(DB_S(STR("text")), DB_B(STR("a\0b")),
	                                DB_I(INT64_MIN)),
	                        &err),
	                 0);
	assert_int_equal(db_run(db, "INSERT INTO t VALUES (1, '', $1)",
	                        DB_ARGS(DB_NULL), &err),
	                 0);
	assert_int_equal(db_query(db, &q, "SELECT a, b, c FROM t ORDER BY a",
	                          DB_NO_ARGS, &err),
	                 0);
	assert_int_equal(db_next(q, &err), 1);
	assert_true(db_i64(q, 0) == INT64_MIN);
	assert_str(db_text(q, 1), "text");
	assert_int_equal(db_blob(q, 2).n, 3);
	assert_int_equal(db_next(q, &err), 1);
	assert_true(db_is_null(q, 2));
	assert_int_equal(db_blob(q, 2).n, 0);
	assert_int_equal(db_next(q, &err), 0);
	db_done(&q);
	assert_null(q);
	db_close(&db);
}

static void one_statement_is_used_twice_at_a_time(void **state)
{
	static const char sql[] = "SELECT a FROM t WHERE a >= $1 ORDER BY a";
	struct db *db = open_new("twice");
	struct db_stmt *outer, *inner;
	struct err err = ERR_INIT;
	int n = 0;

	(void)state;
	assert_int_equal(db_exec(db,
	                         "CREATE TABLE t (a BIGINT);"
	                         "INSERT INTO t VALUES (1), (2), (3)",
	                         &err),
	                 0);
	assert_int_equal(db_query(db, &outer, sql, DB_ARGS(DB_I(1)), &err), 0);
	while (db_next(outer, &err) > 0) {
		assert_int_equal(db_query(db, &inner, sql,
		                          DB_ARGS(DB_I(db_i64(outer, 0))),
		                          &err),
		                 0);
		while (db_next(inner, &err) > 0)
			n++;
		db_done(&inner);
	}
	db_done(&outer);
	assert_int_equal(n, 3 + 2 + 1);
	db_close(&db);
}

static void errors_have_kinds(void **state)
{
	struct db *db = open_new("kinds"), *other;
	struct err err = ERR_INIT;
	char bad[300];
	FILE *f;

	(void)state;
	assert_int_equal(db_exec(db, "CREATE TABLE t (a BIGINT PRIMARY KEY)",
	                         &err),
	                 0);
	assert_int_equal(db_run(db, "INSERT INTO t VALUES (1)", DB_NO_ARGS,
	                        &err),
	                 0);
	assert_int_equal(db_run(db, "INSERT INTO t VALUES (1)", DB_NO_ARGS,
	                        &err),
	                 -1);
	assert_int_equal(err.kind, ERR_EXISTS);

	assert_int_equal(db_begin(db, &err), 0);
	assert_int_equal(db_open(&other,
	                         &(struct db_options){ .path = path,
	                                               .busy_ms = 1 },
	                         &err),
	                 0);
	assert_int_equal(db_begin(other, &err), -1);
	assert_int_equal(err.kind, ERR_TIMEOUT);
	db_close(&other);
	db_rollback(db);
	db_close(&db);

	(void)snprintf(bad, sizeof(bad), "%s/bad", dir);
	assert_int_equal(db_open(&db, &(struct db_options){ .path = bad },
	                         &err),
	                 -1);
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	f = fopen(bad, "w");
	for (int i = 0; i < 5000; i++)
		(void)fprintf(f, "this is no database ");
	(void)fclose(f);
	assert_int_equal(db_open(&db, &(struct db_options){ .path = bad },
	                         &err),
	                 -1);
	assert_int_equal(err.kind, ERR_CORRUPT);
}

static void a_part_is_undone_alone(void **state)
{
	struct db *db = open_new("parts");
	struct err err = ERR_INIT;
	int64_t n = 0;

	(void)state;
	assert_int_equal(db_exec(db, "CREATE TABLE t (a BIGINT)", &err), 0);
	assert_int_equal(db_begin(db, &err), 0);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(db_savepoint(db, &err), 0);
		assert_int_equal(db_run(db, "INSERT INTO t VALUES ($1)",
		                        DB_ARGS(DB_I(i)), &err),
		                 0);
		assert_int_equal(i % 2 ? db_savepoint_undo(db, &err)
		                       : db_savepoint_keep(db, &err),
		                 0);
	}
	assert_int_equal(db_commit(db, &err), 0);
	assert_int_equal(db_number(db, &n, "SELECT sum(a * 10 + 1) FROM t",
	                           DB_NO_ARGS, &err),
	                 1);
	assert_int_equal(n, 22);
	db_close(&db);
}

/* In a child, for the fault is the process's. */
static int child_with_fault(const char *fault)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		struct err err = ERR_INIT;
		struct db *db;
		int rc;

		file_set_fault(fault);
		if (db_open(&db, &(struct db_options){ .path = path }, &err) <
		    0)
			_exit(100 + (int)err.kind);
		rc = db_run(db, "INSERT INTO t VALUES (7)", DB_NO_ARGS, &err);
		if (rc < 0 && file_sync_is_broken())
			_exit(50);
		_exit(rc < 0 ? 100 + (int)err.kind : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void faults_are_seen(void **state)
{
	struct db *db = open_new("faults");
	struct err err = ERR_INIT;
	int64_t n = 0;

	(void)state;
	assert_int_equal(db_exec(db, "CREATE TABLE t (a BIGINT)", &err), 0);
	assert_int_equal(child_with_fault("nospace:1"), 100 + ERR_NO_SPACE);
	assert_int_equal(child_with_fault("write:1"), 100 + ERR_TEMP);
	assert_int_equal(child_with_fault("fsync:1"), 50);
	assert_int_equal(child_with_fault("fsync:100"), 0);
	assert_int_equal(db_number(db, &n, "SELECT count(*) FROM t", DB_NO_ARGS,
	                           &err),
	                 1);
	assert_true(n == 1 || n == 2); /* unanswered: may be there or not */
	db_close(&db);
}

static int set_up(void **state)
{
	(void)state;
	return mkdtemp(dir) ? 0 : -1;
}

static int tear_down(void **state)
{
	char cmd[300];

	(void)state;
	(void)snprintf(cmd, sizeof(cmd), "rm -rf %s", dir);
	return system(cmd);
}

int main(void)
{
	const struct CMUnitTest list[] = {
		cmocka_unit_test(binds_by_name_and_reads_back),
		cmocka_unit_test(one_statement_is_used_twice_at_a_time),
		cmocka_unit_test(errors_have_kinds),
		cmocka_unit_test(a_part_is_undone_alone),
		cmocka_unit_test(faults_are_seen),
	};

	return cmocka_run_group_tests(list, set_up, tear_down);
}
