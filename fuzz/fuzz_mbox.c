/* Any bytes: read in two pieces they give the same messages as in one, none
 * of them larger than the file; what is written reads back. */
#include "transfer/mbox.h"

#include <assert.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t read_all(struct str in, size_t cut, struct buf *out)
{
	struct str pieces[2] = { str_to(in, cut), str_from(in, cut) };
	struct mbox_reader r;
	enum mbox_event e;
	struct str s;
	size_t messages = 0;

	mbox_reader_init(&r);
	for (int i = 0; i < 3; i++) {
		if (i < 2)
			mbox_reader_give(&r, pieces[i]);
		else
			mbox_reader_end(&r);
		while ((e = mbox_reader_next(&r, &s)) != MBOX_MORE) {
			if (e == MBOX_BEGIN)
				buf_add_c(out, '\1');
			if (e == MBOX_END)
				messages++;
			if (e == MBOX_DATA)
				buf_add(out, s);
		}
	}
	mbox_reader_deinit(&r);
	assert(!buf_overflow(out));
	return messages;
}

static void there_and_back(struct str message)
{
	struct mbox_marks m = { .size = message.n, .keywords = STR("") };
	struct mbox_marks got;
	struct buf file, out;
	struct str s;
	int state = 0;

	buf_init(&file, message.n * 2 + 1000);
	buf_init(&out, message.n * 2 + 1000);
	mbox_write_begin(&file, &m);
	mbox_write_piece(&file, &state, message);
	mbox_write_end(&file, state);
	assert(read_all(buf_str(&file), file.n / 2, &out) == 1);
	s = str_from(buf_str(&out), 1);
	mbox_marks(s, &got);
	assert(got.ours && got.size == message.n);
	s = str_from(s, got.skip);
	assert(s.n >= message.n && str_eq(str_to(s, message.n), message));
	buf_deinit(&file);
	buf_deinit(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = { (const char *)data, size };
	size_t cut = size ? data[0] % (size + 1) : 0;
	struct buf one, two;

	buf_init(&one, size + 1000);
	buf_init(&two, size + 1000);
	assert(read_all(in, 0, &one) == read_all(in, cut, &two));
	assert(str_eq(buf_str(&one), buf_str(&two)));
	buf_deinit(&one);
	buf_deinit(&two);
	there_and_back(in);
	return 0;
}
