#include "pack/gzip.h"

#include <zlib.h>

#include "base/mem.h"

#define LEVEL       5
#define WINDOW_BITS 13
#define MEMORY      7  /* zlib's memLevel */
#define GZIP        16 /* added to the window: header and CRC of RFC 1952 */
#define STEP        ((size_t)16384)

struct gzip {
	z_stream z;
};

/* zlib reads through a pointer that is not const. */
static Bytef *bytes(struct str s)
{
	union {
		const char *in;
		Bytef *out;
	} p = { .in = s.p };

	return p.out;
}

struct gzip *gzip_new(void)
{
	struct gzip *g = mem_zalloc(sizeof(*g));

	if (deflateInit2(&g->z, LEVEL, Z_DEFLATED, WINDOW_BITS + GZIP, MEMORY,
	                 Z_DEFAULT_STRATEGY) != Z_OK)
		err_die("out of memory for zlib");
	return g;
}

void gzip_free(struct gzip **gp)
{
	struct gzip *g = *gp;

	if (!g)
		return;
	(void)deflateEnd(&g->z);
	mem_free(g);
	*gp = NULL;
}

size_t gzip_bound(size_t n)
{
	/* Stored blocks at worst, what was kept before, and a last step. */
	return n + n / 1000 + ((size_t)1 << (MEMORY + 9)) + 1024 + STEP;
}

void gzip_add(struct gzip *g, struct str in, bool last, struct buf *out)
{
	int rc;

	g->z.next_in = bytes(in);
	g->z.avail_in = (uInt)in.n;
	do {
		char *room = buf_room(out, STEP);

		if (!room)
			return; /* the overflow of `out` tells */
		g->z.next_out = (Bytef *)room;
		g->z.avail_out = (uInt)STEP;
		rc = deflate(&g->z, last ? Z_FINISH : Z_NO_FLUSH);
		buf_grown(out, STEP - g->z.avail_out);
	} while (rc == Z_OK && (g->z.avail_out == 0 || g->z.avail_in > 0));
}

static int restore(z_stream *z, struct buf *out, struct err *err)
{
	int rc;

	do {
		size_t n = out->max - out->n < STEP ? out->max - out->n : STEP;
		char *room = n ? buf_room(out, n) : NULL;
		Bytef full[1];

		/* At the maximum only the end may come. */
		z->next_out = room ? (Bytef *)room : full;
		z->avail_out = room ? (uInt)n : 1;
		rc = inflate(z, Z_NO_FLUSH);
		if (room)
			buf_grown(out, n - z->avail_out);
		else if (z->avail_out == 0)
			return err_set(err, ERR_TOO_BIG, "over %zu bytes",
			               out->max);
	} while (rc == Z_OK);
	if (rc != Z_STREAM_END)
		return err_set(err, ERR_CORRUPT, "damaged data");
	return 0;
}

static int unpack(struct str in, int window, bool whole, struct buf *out,
                  struct err *err)
{
	z_stream z = { .next_in = bytes(in), .avail_in = (uInt)in.n };
	int rc;

	if (in.n > UINT32_MAX)
		return err_set(err, ERR_TOO_BIG, "over 4 GiB");
	if (inflateInit2(&z, window) != Z_OK)
		err_die("out of memory for zlib");
	rc = restore(&z, out, err);
	if (rc == 0 && whole && z.avail_in > 0)
		rc = err_set(err, ERR_CORRUPT, "no gzip file");
	(void)inflateEnd(&z);
	return rc;
}

int gunzip(struct str in, struct buf *out, struct err *err)
{
	return unpack(in, 15 + GZIP, true, out, err);
}

int inflate_raw(struct str in, struct buf *out, struct err *err)
{
	return unpack(in, -15, false, out, err);
}
