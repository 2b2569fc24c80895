#include "pack/zip.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/test.h"

static char dir[] = "/tmp/zip-test-XXXXXX";
static struct spool_pool *pool;

static int set_up(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	if (!mkdtemp(dir))
		return -1;
	return spool_pool_open(&pool, dir, 1024 * 1024, true, &err);
}

static int tear_down(void **state)
{
	(void)state;
	spool_pool_free(&pool);
	return remove(dir) == 0 ? 0 : -1;
}

static uint64_t number(struct str s, size_t at, int bytes)
{
	uint64_t v = 0;

	assert_true(at + (size_t)bytes <= s.n);
	for (int i = bytes - 1; i >= 0; i--)
		v = v << 8 | (unsigned char)s.p[at + (size_t)i];
	return v;
}

static struct str bytes_at(struct str s, size_t at, size_t n)
{
	assert_true(at + n <= s.n);
	return str_to(str_from(s, at), n);
}

static void begin(struct zip_writer *z)
{
	zip_writer_init(z, spool_new(pool, ZIP_DIRECTORY_MAX));
}

static void put(struct zip_writer *z, struct zip_entry e, struct str content,
                struct buf *out)
{
	struct err err = ERR_INIT;

	if (e.sized) {
		e.size = content.n;
		e.crc = zip_crc(0, content);
	}
	assert_int_equal(zip_begin(z, &e, out, &err), 0);
	for (size_t i = 0; i < content.n; i += 3)
		zip_data(z,
		         bytes_at(content, i,
		                  content.n - i < 3 ? content.n - i : 3),
		         out);
	assert_int_equal(zip_end(z, out, &err), 0);
}

static void finish(struct zip_writer *z, struct buf *out)
{
	struct err err = ERR_INIT;
	int rc;

	while ((rc = zip_finish(z, out, &err)) > 0)
		;
	assert_int_equal(rc, 0);
	assert_false(buf_overflow(out));
	zip_writer_deinit(z);
}

/* As a program reads it that begins at the end. */
static void the_directory_leads_to_each(void **state)
{
	static const struct {
		const char *name, *content;
		bool sized;
	} rows[] = {
		{ "INBOX/1.eml", "From: a\r\n\r\nhello\r\n", true },
		{ "empty", "", true },
		{ "Work/2026.mbox", "From MAILER-DAEMON\n", false },
	};
	struct zip_writer z;
	struct buf b;
	struct str all;
	size_t at;

	(void)state;
	buf_init(&b, 65536);
	begin(&z);
	for (int i = 0; i < 3; i++)
		put(&z,
		    (struct zip_entry){ .name = str_z(rows[i].name),
		                        .modified_s = 1795512900,
		                        .sized = rows[i].sized },
		    str_z(rows[i].content), &b);
	finish(&z, &b);
	all = buf_str(&b);
	assert_str(bytes_at(all, all.n - 22, 4), "PK\5\6");
	assert_int_equal(number(all, all.n - 12, 2), 3);
	at = (size_t)number(all, all.n - 6, 4);
	for (int i = 0; i < 3; i++) {
		struct str want = str_z(rows[i].content);
		size_t name_n = (size_t)number(all, at + 28, 2);
		size_t head = (size_t)number(all, at + 42, 4), from;

		assert_str(bytes_at(all, at, 4), "PK\1\2");
		assert_str(bytes_at(all, at + 46, name_n), rows[i].name);
		assert_int_equal(number(all, at + 16, 4), zip_crc(0, want));
		assert_int_equal(number(all, at + 24, 4), want.n);
		/* 24 November 2026, 09:35. */
		assert_int_equal(number(all, at + 14, 2),
		                 (2026 - 1980) << 9 | 11 << 5 | 24);
		assert_int_equal(number(all, at + 12, 2), 9 << 11 | 35 << 5);
		assert_str(bytes_at(all, head, 4), "PK\3\4");
		from = head + 30 + (size_t)number(all, head + 26, 2) +
		       (size_t)number(all, head + 28, 2);
		assert_str(bytes_at(all, from, want.n), rows[i].content);
		/* Known before or behind. */
		if (rows[i].sized) {
			assert_int_equal(number(all, head + 18, 4), want.n);
			assert_int_equal(number(all, head + 6, 2) & 8, 0);
		} else {
			assert_int_equal(number(all, head + 6, 2) & 8, 8);
			assert_str(bytes_at(all, from + want.n, 4), "PK\7\10");
			assert_int_equal(number(all, from + want.n + 8, 8),
			                 want.n);
		}
		at += 46 + name_n + (size_t)number(all, at + 30, 2);
	}
	assert_int_equal(at, all.n - 22);
	buf_deinit(&b);
}

/* Behind 4 GiB, and over 65,535 of them: the forms of ZIP64. */
static void large_ones_are_zip64(void **state)
{
	struct zip_entry e = { .name = STR("a"), .sized = true };
	const uint64_t far = UINT64_C(5) << 30;
	struct zip_writer z;
	struct str all;
	struct buf b;
	size_t end;

	(void)state;
	buf_init(&b, 16 * 1024 * 1024);
	begin(&z);
	z.at = far;
	for (int i = 0; i < 70000; i++)
		put(&z, e, STR(""), &b);
	finish(&z, &b);
	all = buf_str(&b);
	assert_int_equal(number(all, all.n - 12, 2), 0xffff);
	assert_int_equal(number(all, all.n - 6, 4), 0xffffffff);
	end = all.n - 22 - 20 - 56;
	assert_str(bytes_at(all, end, 4), "PK\6\6");
	assert_int_equal(number(all, end + 32, 8), 70000);
	assert_str(bytes_at(all, end + 56, 4), "PK\6\7");
	assert_true(number(all, end + 56 + 8, 8) == far + end);
	/* The first row has its place in the extra field. */
	end = (size_t)(number(all, end + 48, 8) - far);
	assert_str(bytes_at(all, end, 4), "PK\1\2");
	assert_int_equal(number(all, end + 42, 4), 0xffffffff);
	assert_true(number(all, end + 46 + 1 + 4, 8) == far);
	buf_deinit(&b);
}

static void refuses_other_bytes_than_announced(void **state)
{
	struct zip_entry e = {
		.name = STR("a"), .sized = true, .size = 5, .crc = 1
	};
	struct err err = ERR_INIT;
	struct zip_writer z;
	struct buf b;

	(void)state;
	buf_init(&b, 65536);
	begin(&z);
	assert_int_equal(zip_begin(&z, &e, &b, &err), 0);
	zip_data(&z, STR("hello"), &b);
	assert_int_equal(zip_end(&z, &b, &err), -1);
	assert_int_equal(err.kind, ERR_CORRUPT);
	zip_writer_deinit(&z);
	buf_deinit(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_directory_leads_to_each),
		cmocka_unit_test(large_ones_are_zip64),
		cmocka_unit_test(refuses_other_bytes_than_announced),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
