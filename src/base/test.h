/* base/test.h - cmocka with what it needs before it, in the right order. */
#ifndef BASE_TEST_H
#define BASE_TEST_H

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include "base/str.h"

/* Compare a view with a literal, and show both when they differ. */
#define assert_str(got, want) test_assert_str((got), (want), __FILE__, __LINE__)

static inline void test_assert_str(struct str got, const char *want,
                                   const char *file, int line)
{
	if (str_eq(got, str_z(want)))
		return;
	print_error("%s:%d: got \"%.*s\", want \"%s\"\n", file, line,
	            STR_ARG(got), want);
	_fail(file, line);
}

#endif
