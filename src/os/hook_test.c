#include "os/hook.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/test.h"
#include "os/clock.h"
#include "os/file.h"

static char program[] = "/tmp/posthus-hook-XXXXXX", out[64];

static int setup(void **state)
{
	struct err err = ERR_INIT;
	int fd = mkstemp(program);

	(void)state;
	(void)snprintf(out, sizeof(out), "%s.out", program);
	return fd < 0 || close(fd) < 0 ||
	       file_replace(program,
	                    STR("#!/bin/sh\n"
	                        "[ \"$1\" = sleep ] && exec sleep 30\n"
	                        "printf '%s|' \"$@\" >> \"$0.out\"\n"
	                        "[ \"$1\" != fail ]\n"),
	                    0700, &err) < 0;
}

static int teardown(void **state)
{
	(void)state;
	(void)unlink(program);
	(void)unlink(out);
	return 0;
}

static void runs_it_with_its_words(void **state)
{
	const struct str words[] = { STR("add"), STR("a b;$(x)"), STR("") };
	const struct str fail[] = { STR("fail") }, zero[] = { { "a\0b", 3 } };
	struct err err = ERR_INIT;
	struct hook *h;
	char *text;
	size_t n;

	(void)state;
	assert_int_equal(hook_start(&h, program, &err), 0);
	assert_int_equal(hook_run(h, words, 3, US_PER_MIN, &err), 0);
	assert_int_equal(file_read_all(out, 1000, &text, &n, &err), 0);
	assert_string_equal(text, "add|a b;$(x)||");
	mem_free(text);
	assert_int_equal(hook_run(h, fail, 1, US_PER_MIN, &err), -1);
	assert_int_equal(err.kind, ERR_TEMP);
	assert_int_equal(hook_run(h, zero, 1, US_PER_MIN, &err), -1);
	assert_int_equal(err.kind, ERR_INVALID);
	assert_int_equal(hook_run(h, words, 3, US_PER_MIN, &err), 0);
	hook_stop(&h);
}

static void ends_what_does_not_end(void **state)
{
	const struct str words[] = { STR("sleep") };
	struct err err = ERR_INIT;
	struct hook *h;

	(void)state;
	assert_int_equal(hook_start(&h, program, &err), 0);
	assert_int_equal(hook_run(h, words, 1, 100 * US_PER_MS, &err), -1);
	assert_int_equal(err.kind, ERR_TIMEOUT);
	hook_stop(&h);
	assert_int_equal(hook_start(&h, "/nonexistent/hook", &err), 0);
	assert_int_equal(hook_run(h, words, 1, US_PER_MIN, &err), -1);
	assert_int_equal(err.kind, ERR_TEMP);
	hook_stop(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(runs_it_with_its_words),
		cmocka_unit_test(ends_what_does_not_end),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
