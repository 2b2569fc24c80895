#include "db/group.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/test.h"

static char dir[] = "/tmp/posthus-group-XXXXXX";
static char path[256];
static atomic_int told;

static int migrate(struct db *db, uint32_t version, struct err *err)
{
	if (version == 0)
		return db_exec(
			db,
			"CREATE TABLE n (id BIGINT PRIMARY KEY, v BIGINT);"
			"INSERT INTO n VALUES (1, 0)",
			err);
	return 0;
}

static void committed(void *arg, const int64_t *accounts, size_t n)
{
	(void)arg;
	(void)accounts;
	(void)atomic_fetch_add(&told, (int)n);
}

static struct db_group *open_group(uint32_t version)
{
	struct db_group_options o = { .db = { .path = path, .create = true },
		                      .schema_version = version,
		                      .migrate = migrate,
		                      .committed = committed,
		                      .wal_check_bytes = 256 * 1024,
		                      .wal_reset_bytes = 1024 * 1024 };
	struct err err = ERR_INIT;
	struct db_group *g = NULL;

	if (db_group_open(&g, &o, &err) < 0)
		(void)fprintf(stderr, "%s\n", err.text);
	return g;
}

/* Reads and writes back: a lost update would show. */
static int add_one(struct db *db, void *arg, struct err *err)
{
	int64_t v = 0;

	if (db_number(db, &v, "SELECT v FROM n WHERE id = 1", DB_NO_ARGS, err) <
	            0 ||
	    db_run(db, "UPDATE n SET v = $1 WHERE id = 1", DB_ARGS(DB_I(v + 1)),
	           err) < 0)
		return -1;
	if (*(int *)arg)
		return err_set(err, ERR_OVER_QUOTA, "not this one");
	return 0;
}

#define THREADS 8
#define WRITES  100

static void *write_many(void *arg)
{
	struct db_group *g = arg;
	int64_t account = 5;

	for (int i = 0; i < WRITES; i++) {
		struct err err = ERR_INIT;
		int fails = i % 4 == 3;
		int rc = db_group_write(g, add_one, &fails, &account, 1, &err);

		if (rc != (fails ? -1 : 0) ||
		    (fails && err.kind != ERR_OVER_QUOTA)) {
			(void)fprintf(stderr, "write: %s\n", err.text);
			return arg;
		}
	}
	return NULL;
}

static int run_threads(struct db_group *g)
{
	pthread_t t[THREADS];
	void *bad;
	int failed = 0;

	for (int i = 0; i < THREADS; i++)
		(void)pthread_create(&t[i], NULL, write_many, g);
	for (int i = 0; i < THREADS; i++) {
		(void)pthread_join(t[i], &bad);
		failed += bad != NULL;
	}
	return failed;
}

static int64_t read_value(struct db_group *g)
{
	struct err err = ERR_INIT;
	struct db *db;
	int64_t v = -1;

	assert_int_equal(db_group_read(g, &db, &err), 0);
	assert_int_equal(db_number(db, &v, "SELECT v FROM n WHERE id = 1",
	                           DB_NO_ARGS, &err),
	                 1);
	db_group_done(g, &db);
	return v;
}

static void threads_share_commits(void **state)
{
	struct db_group_figures f;
	struct db_group *g;

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/threads", dir);
	g = open_group(1);
	assert_non_null(g);
	assert_int_equal(run_threads(g), 0);
	assert_int_equal(read_value(g), THREADS * WRITES * 3 / 4);
	db_group_figures(g, &f);
	assert_int_equal(f.writes, THREADS * WRITES);
	assert_true(f.commits < f.writes);
	assert_true(f.batch_max > 1);
	assert_true(atomic_load(&told) > 0);
	db_group_close(&g);
	/* It is all there for the next life. */
	g = open_group(1);
	assert_int_equal(read_value(g), THREADS * WRITES * 3 / 4);
	db_group_close(&g);
}

#define PROCESSES 4

static void processes_wait_for_each_other(void **state)
{
	struct db_group *g;

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/processes", dir);
	for (int i = 0; i < PROCESSES; i++)
		if (fork() == 0) {
			g = open_group(1);
			_exit(g && run_threads(g) == 0 ? 0 : 1);
		}
	for (int i = 0; i < PROCESSES; i++) {
		int status;

		assert_true(wait(&status) > 0);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 0);
	}
	g = open_group(1);
	assert_int_equal(read_value(g), PROCESSES * THREADS * WRITES * 3 / 4);
	db_group_close(&g);
}

static void later_versions_are_refused(void **state)
{
	struct db_group *g;

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/later", dir);
	g = open_group(3);
	db_group_close(&g);
	g = open_group(4);
	assert_non_null(g);
	db_group_close(&g);
	assert_null(open_group(3));
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
		cmocka_unit_test(threads_share_commits),
		cmocka_unit_test(processes_wait_for_each_other),
		cmocka_unit_test(later_versions_are_refused),
	};

	return cmocka_run_group_tests(list, set_up, tear_down);
}
