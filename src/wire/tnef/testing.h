/* wire/tnef/testing.h - streams for the tests of wire/tnef/. */
#ifndef WIRE_TNEF_TESTING_H
#define WIRE_TNEF_TESTING_H

#include "base/buf.h"
#include "base/test.h"

static inline void add_little(struct buf *b, uint32_t v, int bytes)
{
	for (int i = 0; i < bytes; i++)
		buf_add_c(b, (char)(v >> (8 * i) & 0xff));
}

static inline void add_stream(struct buf *b)
{
	add_little(b, 0x223e9f78, 4);
	add_little(b, 7, 2);
}

static inline void add_attribute(struct buf *b, int level, uint32_t id,
                                 struct str data)
{
	uint32_t sum = 0;

	add_little(b, (uint32_t)level, 1);
	add_little(b, id, 4);
	add_little(b, (uint32_t)data.n, 4);
	buf_add(b, data);
	for (size_t i = 0; i < data.n; i++)
		sum += (unsigned char)data.p[i];
	add_little(b, sum, 2);
}

/* A property with a length. */
static inline void add_property(struct buf *b, uint32_t type, uint32_t id,
                                struct str value)
{
	add_little(b, type, 2);
	add_little(b, id, 2);
	add_little(b, 1, 4);
	add_little(b, (uint32_t)value.n, 4);
	buf_add(b, value);
	for (size_t n = value.n; n % 4; n++)
		buf_add_c(b, '\0');
}

static inline void add_long(struct buf *b, uint32_t id, uint32_t value)
{
	add_little(b, 3, 2);
	add_little(b, id, 2);
	add_little(b, value, 4);
}

/* A whole one: subject, text, HTML, a file, a picture, a message. */
static inline void add_sample(struct buf *out, bool nested)
{
	struct buf b, in;

	buf_init(&b, 100000);
	buf_init(&in, 100000);
	add_stream(out);
	add_attribute(out, 1, 0x00089006, STR("\x00\x00\x01\x00"));
	add_attribute(out, 1, 0x00069007, STR("\xe3\x04\0\0\0\0\0\0"));
	add_attribute(out, 1, 0x00018004, STR("\xcf\xf0\xe8\0")); /* 1251 */
	add_attribute(out, 1, 0x0002800c, STR("The text\r\n\0"));
	add_little(&b, 3, 4);
	add_property(&b, 0x102, 0x1013, STR("<p>The \xe4</p>"));
	add_long(&b, 0x3fde, 28591);
	add_little(&b, 0x1f, 2); /* a named one, wide */
	add_little(&b, 0x8001, 2);
	buf_add(&b, STR("0123456789abcdef\1\0\0\0\4\0\0\0x\0\0\0"));
	add_little(&b, 1, 4);
	add_little(&b, 2, 4);
	buf_add(&b, STR("y\0\0\0"));
	add_attribute(out, 1, 0x00069003, buf_str(&b));

	add_attribute(out, 2, 0x00069002, STR("\1\0\0\0\0\0\0\0\0\0\0\0\0\0"));
	add_attribute(out, 2, 0x00018010, STR("SHORT~1.TXT\0"));
	add_attribute(out, 2, 0x0006800f, STR("file\r\n--x\0\1\2"));
	buf_reset(&b);
	add_little(&b, 1, 4);
	/* a, U+00E4, U+1F600, "." */
	add_property(&b, 0x1f, 0x3707, STR("a\0\xe4\0\x3d\xd8\x00\xde.\0\0\0"));
	add_attribute(out, 2, 0x00069005, buf_str(&b));

	add_attribute(out, 2, 0x00069002, STR("\1\0"));
	buf_reset(&b);
	add_little(&b, 4, 4);
	add_property(&b, 0x1e, 0x3704, STR("p.png\0"));
	add_property(&b, 0x1e, 0x370e, STR("image/png\0"));
	add_property(&b, 0x1e, 0x3712, STR("<cid@x>\0"));
	add_property(&b, 0x102, 0x3701, STR("PNG"));
	add_attribute(out, 2, 0x00069005, buf_str(&b));

	if (nested) {
		add_attribute(out, 2, 0x00069002, STR("\1\0"));
		buf_add(&in, STR("IID_IMessage----"));
		add_sample(&in, false);
		buf_reset(&b);
		add_little(&b, 3, 4);
		add_long(&b, 0x3705, 5);
		add_property(&b, 0x1e, 0x3001, STR("Inner\0"));
		add_property(&b, 0x0d, 0x3701, buf_str(&in));
		add_attribute(out, 2, 0x00069005, buf_str(&b));
	}
	buf_deinit(&in);
	buf_deinit(&b);
}

#endif
