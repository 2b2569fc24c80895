#include "ipc/field.h"

#include <string.h>

#include "base/test.h"
#include "ipc/frame.h"

static void round_trip(void **state)
{
	struct buf b;
	struct ipc_fields f;
	char z[8];

	(void)state;
	buf_init(&b, 200);
	ipc_put_u8(&b, 250);
	ipc_put_u32(&b, 0x89abcdef);
	ipc_put_u64(&b, UINT64_MAX);
	ipc_put_i64(&b, -2);
	ipc_put_str(&b, STR("anna"));
	ipc_put_str(&b, STR("1234567"));
	f = (struct ipc_fields){ buf_str(&b), false };
	assert_int_equal(ipc_get_u8(&f), 250);
	assert_int_equal(ipc_get_u32(&f), 0x89abcdef);
	assert_true(ipc_get_u64(&f) == UINT64_MAX);
	assert_int_equal(ipc_get_i64(&f), -2);
	assert_str(ipc_get_str(&f, 4), "anna");
	assert_false(ipc_fields_done(&f));
	ipc_get_z(&f, z, sizeof(z));
	assert_string_equal(z, "1234567");
	assert_true(ipc_fields_done(&f));
	/* Every shorter body is bad, and none is read beyond its end. */
	for (size_t n = 0; n < b.n; n++) {
		f = (struct ipc_fields){ str_to(buf_str(&b), n), false };
		(void)ipc_get_u8(&f);
		(void)ipc_get_u32(&f);
		(void)ipc_get_u64(&f);
		(void)ipc_get_i64(&f);
		(void)ipc_get_str(&f, 4);
		ipc_get_z(&f, z, sizeof(z));
		assert_false(ipc_fields_done(&f));
	}
	buf_deinit(&b);
}

static void limits(void **state)
{
	static const char long_str[] = "\5\0\0\0hello";
	static const char nul[] = "\3\0\0\0a\0b";
	static const char huge[] = "\377\377\377\377hello";
	struct ipc_fields f;
	char z[5] = "x";

	(void)state;
	f = (struct ipc_fields){ { long_str, 9 }, false };
	assert_int_equal(ipc_get_str(&f, 4).n, 0);
	assert_true(f.bad);
	f = (struct ipc_fields){ { long_str, 9 }, false };
	ipc_get_z(&f, z, sizeof(z));
	assert_true(f.bad);
	assert_string_equal(z, "");
	f = (struct ipc_fields){ { nul, 7 }, false };
	ipc_get_z(&f, z, sizeof(z));
	assert_true(f.bad);
	f = (struct ipc_fields){ { huge, 9 }, false };
	assert_int_equal(ipc_get_str(&f, SIZE_MAX).n, 0);
	assert_true(f.bad);
	/* Failure sticks. */
	f.rest = STR("\1");
	assert_int_equal(ipc_get_u8(&f), 0);
}

static void frames(void **state)
{
	struct ipc_head h = { .magic = IPC_MAGIC, .type = IPC_REQUEST };
	char bytes[sizeof(h) + 3];
	struct ipc_head got;
	struct str body;

	(void)state;
	memcpy(bytes, &h, sizeof(h));
	memcpy(bytes + sizeof(h), "abc", 3);
	assert_true(ipc_frame_parse((struct str){ bytes, sizeof(bytes) }, &got,
	                            &body));
	assert_str(body, "abc");
	assert_false(ipc_frame_parse((struct str){ bytes, sizeof(h) - 1 }, &got,
	                             &body));
	bytes[0] ^= 1;
	assert_false(ipc_frame_parse((struct str){ bytes, sizeof(bytes) }, &got,
	                             &body));
	bytes[0] ^= 1;
	((struct ipc_head *)(void *)bytes)->type = 7;
	assert_false(ipc_frame_parse((struct str){ bytes, sizeof(bytes) }, &got,
	                             &body));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trip),
		cmocka_unit_test(limits),
		cmocka_unit_test(frames),
	};

	return cmocka_run_group_tests_name("ipc-field", tests, NULL, NULL);
}
