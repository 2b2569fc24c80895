#include "ipc/field.h"

#include <string.h>

static void put_number(struct buf *b, uint64_t v, unsigned bytes)
{
	char le[8];

	for (unsigned i = 0; i < bytes; i++)
		le[i] = (char)(v >> (8 * i));
	buf_add(b, (struct str){ le, bytes });
}

void ipc_put_u8(struct buf *b, uint8_t v)
{
	put_number(b, v, 1);
}

void ipc_put_u32(struct buf *b, uint32_t v)
{
	put_number(b, v, 4);
}

void ipc_put_u64(struct buf *b, uint64_t v)
{
	put_number(b, v, 8);
}

void ipc_put_i64(struct buf *b, int64_t v)
{
	put_number(b, (uint64_t)v, 8);
}

void ipc_put_str(struct buf *b, struct str s)
{
	ipc_put_u32(b, (uint32_t)s.n);
	buf_add(b, s);
}

static struct str take(struct ipc_fields *f, size_t n)
{
	struct str s;

	if (f->bad || n > f->rest.n) {
		f->bad = true;
		return (struct str){ NULL, 0 };
	}
	s = str_to(f->rest, n);
	f->rest = str_from(f->rest, n);
	return s;
}

static uint64_t get_number(struct ipc_fields *f, unsigned bytes)
{
	struct str s = take(f, bytes);
	uint64_t v = 0;

	for (size_t i = 0; i < s.n; i++)
		v |= (uint64_t)(unsigned char)s.p[i] << (8 * i);
	return v;
}

uint8_t ipc_get_u8(struct ipc_fields *f)
{
	return (uint8_t)get_number(f, 1);
}

uint32_t ipc_get_u32(struct ipc_fields *f)
{
	return (uint32_t)get_number(f, 4);
}

uint64_t ipc_get_u64(struct ipc_fields *f)
{
	return get_number(f, 8);
}

int64_t ipc_get_i64(struct ipc_fields *f)
{
	return (int64_t)get_number(f, 8);
}

struct str ipc_get_str(struct ipc_fields *f, size_t max)
{
	uint32_t n = ipc_get_u32(f);

	if (n > max)
		f->bad = true;
	return take(f, n);
}

void ipc_get_z(struct ipc_fields *f, char *out, size_t size)
{
	struct str s = ipc_get_str(f, size - 1);

	if (str_chr(s, '\0') != STR_NPOS) {
		f->bad = true;
		s.n = 0;
	}
	if (s.n)
		memcpy(out, s.p, s.n);
	out[s.n] = '\0';
}

bool ipc_fields_done(const struct ipc_fields *f)
{
	return !f->bad && f->rest.n == 0;
}
