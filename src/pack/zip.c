#include "pack/zip.h"

#include <zlib.h>

#include "base/civil.h"

#define PIECE        ((size_t)64 * 1024)
#define FULL_16      0xffffu
#define FULL_32      UINT64_C(0xffffffff)
#define VERSION      20
#define VERSION_64   45
#define UNIX         3 /* who made it: the mode counts */
#define MODE         0100600u
#define FLAG_BEHIND  0x0008u /* size and CRC stand behind the bytes */
#define FLAG_UTF8    0x0800u
#define EXTRA_64     0x0001u
#define EXTRA_TIME   0x5455u
#define EXTRA_TIME_N 9

void zip_writer_init(struct zip_writer *z, struct spool *directory)
{
	*z = (struct zip_writer){ .directory = directory };
	buf_init(&z->name, ZIP_NAME_MAX);
}

void zip_writer_deinit(struct zip_writer *z)
{
	spool_free(&z->directory);
	buf_deinit(&z->name);
}

uint32_t zip_crc(uint32_t crc, struct str bytes)
{
	union {
		const char *in;
		const Bytef *out;
	} p = { .in = bytes.p };

	return bytes.n ? (uint32_t)crc32_z(crc, p.out, bytes.n) : crc;
}

/* ---- numbers, the lowest byte first ---- */

static void add_n(struct buf *b, uint64_t v, int bytes)
{
	for (int i = 0; i < bytes; i++)
		buf_add_c(b, (char)(v >> (8 * i) & 0xff));
}

static uint64_t low_32(uint64_t v)
{
	return v < FULL_32 ? v : FULL_32;
}

/* ---- an entry ---- */

/* Of DOS, in steps of two seconds from 1980 on; what is before or after is
 * moved to the edge. */
static void add_dos_time(struct buf *b, int64_t s)
{
	struct civil c = civil_of(s);

	if (c.year < 1980)
		c = (struct civil){ .year = 1980, .month = 1, .day = 1 };
	if (c.year > 2107)
		c = (struct civil){ .year = 2107, .month = 12, .day = 31 };
	add_n(b,
	      (unsigned)c.hour << 11 | (unsigned)c.minute << 5 |
	              (unsigned)c.second / 2,
	      2);
	add_n(b,
	      (unsigned)(c.year - 1980) << 9 | (unsigned)c.month << 5 |
	              (unsigned)c.day,
	      2);
}

static void add_extra_time(struct buf *b, int64_t s)
{
	if (s < 0)
		s = 0;
	if (s > INT32_MAX)
		s = INT32_MAX;
	add_n(b, EXTRA_TIME, 2);
	add_n(b, EXTRA_TIME_N - 4, 2);
	add_n(b, 1, 1); /* the time of modification */
	add_n(b, (uint64_t)s, 4);
}

static bool is_long(const struct zip_entry *e)
{
	return !e->sized || e->size >= FULL_32;
}

/* What the header and the directory have alike, up to the CRC. */
static void add_common(struct buf *b, const struct zip_entry *e, bool is_64)
{
	add_n(b, is_64 ? VERSION_64 : VERSION, 2);
	add_n(b, e->sized ? FLAG_UTF8 : FLAG_UTF8 | FLAG_BEHIND, 2);
	add_n(b, 0, 2); /* stored */
	add_dos_time(b, e->modified_s);
}

int zip_begin(struct zip_writer *z, const struct zip_entry *e, struct buf *out,
              struct err *err)
{
	bool is_64 = is_long(e);
	size_t from = out->n;

	buf_reset(&z->name);
	buf_add(&z->name, e->name);
	if (buf_overflow(&z->name) || e->name.n == 0)
		return err_set(err, ERR_TOO_BIG, "a name of %zu bytes",
		               e->name.n);
	z->began = z->at;
	z->now = *e;
	z->now.name = buf_str(&z->name);
	buf_add(out, STR("PK\3\4"));
	add_common(out, e, is_64);
	add_n(out, e->sized ? e->crc : 0, 4);
	for (int i = 0; i < 2; i++)
		add_n(out, is_64 ? FULL_32 : e->size, 4);
	add_n(out, e->name.n, 2);
	add_n(out, EXTRA_TIME_N + (is_64 ? 20 : 0), 2);
	buf_add(out, e->name);
	if (is_64) {
		add_n(out, EXTRA_64, 2);
		add_n(out, 16, 2);
		for (int i = 0; i < 2; i++)
			add_n(out, e->sized ? e->size : 0, 8);
	}
	add_extra_time(out, e->modified_s);
	z->at += out->n - from;
	z->said_size = e->size;
	z->said_crc = e->crc;
	z->now.size = 0;
	z->now.crc = 0;
	return 0;
}

void zip_data(struct zip_writer *z, struct str piece, struct buf *out)
{
	buf_add(out, piece);
	z->now.crc = zip_crc(z->now.crc, piece);
	z->now.size += piece.n;
	z->at += piece.n;
}

/* The row of the directory. */
static int note(struct zip_writer *z, struct err *err)
{
	const struct zip_entry *e = &z->now;
	bool big = e->size >= FULL_32, far = z->began >= FULL_32;
	size_t extra = (big ? 16u : 0u) + (far ? 8u : 0u);
	struct buf b;
	int rc;

	buf_init(&b, ZIP_NAME_MAX + 256);
	buf_add(&b, STR("PK\1\2"));
	add_n(&b, UNIX << 8 | VERSION_64, 2);
	add_common(&b, e, extra > 0 || !e->sized);
	add_n(&b, e->crc, 4);
	for (int i = 0; i < 2; i++)
		add_n(&b, low_32(e->size), 4);
	add_n(&b, e->name.n, 2);
	add_n(&b, EXTRA_TIME_N + (extra ? extra + 4 : 0), 2);
	add_n(&b, 0, 2 + 2 + 2); /* comment, disk, kind of content */
	add_n(&b, (uint64_t)MODE << 16, 4);
	add_n(&b, low_32(z->began), 4);
	buf_add(&b, e->name);
	if (extra) {
		add_n(&b, EXTRA_64, 2);
		add_n(&b, extra, 2);
		for (int i = 0; big && i < 2; i++)
			add_n(&b, e->size, 8);
		if (far)
			add_n(&b, z->began, 8);
	}
	add_extra_time(&b, e->modified_s);
	rc = spool_add(z->directory, buf_str(&b), err);
	buf_deinit(&b);
	return rc;
}

int zip_end(struct zip_writer *z, struct buf *out, struct err *err)
{
	const struct zip_entry *e = &z->now;
	size_t from = out->n;

	if (!e->sized) {
		buf_add(out, STR("PK\7\10"));
		add_n(out, e->crc, 4);
		for (int i = 0; i < 2; i++)
			add_n(out, e->size, 8);
		z->at += out->n - from;
	} else if (e->size != z->said_size || e->crc != z->said_crc) {
		return err_set(err, ERR_CORRUPT,
		               "an entry has other bytes than were announced");
	}
	z->count++;
	return note(z, err);
}

/* ---- the end ---- */

static void add_end_64(const struct zip_writer *z, struct buf *out)
{
	buf_add(out, STR("PK\6\6"));
	add_n(out, 44, 8); /* bytes that follow */
	add_n(out, UNIX << 8 | VERSION_64, 2);
	add_n(out, VERSION_64, 2);
	add_n(out, 0, 4 + 4); /* of the only disk */
	add_n(out, z->count, 8);
	add_n(out, z->count, 8);
	add_n(out, z->view.n, 8);
	add_n(out, z->at, 8);
	buf_add(out, STR("PK\6\7"));
	add_n(out, 0, 4);
	add_n(out, z->at + z->view.n, 8);
	add_n(out, 1, 4);
}

static void add_end(const struct zip_writer *z, struct buf *out)
{
	uint64_t count = z->count < FULL_16 ? z->count : FULL_16;

	if (z->count >= FULL_16 || z->at >= FULL_32)
		add_end_64(z, out);
	buf_add(out, STR("PK\5\6"));
	add_n(out, 0, 2 + 2);
	add_n(out, count, 2);
	add_n(out, count, 2);
	add_n(out, low_32(z->view.n), 4);
	add_n(out, low_32(z->at), 4);
	add_n(out, 0, 2);
}

int zip_finish(struct zip_writer *z, struct buf *out, struct err *err)
{
	struct str piece;

	if (!z->sealed) {
		if (spool_seal(z->directory, err) < 0 ||
		    spool_view(z->directory, &z->view, err) < 0)
			return -1;
		z->sealed = true;
	}
	piece = str_from(z->view, (size_t)z->told);
	if (piece.n > PIECE)
		piece.n = PIECE;
	buf_add(out, piece);
	z->told += piece.n;
	if (z->told < z->view.n)
		return 1;
	add_end(z, out);
	return 0;
}
