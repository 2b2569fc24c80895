#include "pack/zstd.h"

#include <pthread.h>
#include <zstd.h>

#include "base/mem.h"

#define LEVEL 1

/* One pair of contexts a thread: making them costs more than a mail. */
struct contexts {
	ZSTD_CCtx *c;
	ZSTD_DCtx *d;
};

static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void free_contexts(void *p)
{
	struct contexts *x = p;

	(void)ZSTD_freeCCtx(x->c);
	(void)ZSTD_freeDCtx(x->d);
	mem_free(x);
}

static void make_key(void)
{
	if (pthread_key_create(&key, free_contexts) != 0)
		err_die("no thread key for zstd");
}

static struct contexts *contexts(void)
{
	struct contexts *x;

	(void)pthread_once(&once, make_key);
	x = pthread_getspecific(key);
	if (x)
		return x;
	x = mem_zalloc(sizeof(*x));
	x->c = ZSTD_createCCtx();
	x->d = ZSTD_createDCtx();
	if (!x->c || !x->d || pthread_setspecific(key, x) != 0)
		err_die("out of memory for zstd");
	return x;
}

size_t pack_bound(size_t n)
{
	return ZSTD_compressBound(n);
}

int pack_zstd(struct str in, struct buf *out, struct err *err)
{
	size_t room = ZSTD_compressBound(in.n), n;
	char *p = buf_room(out, room);

	if (!p)
		return err_set(err, ERR_TOO_BIG, "no room for %zu bytes", room);
	n = ZSTD_compressCCtx(contexts()->c, p, room, in.p, in.n, LEVEL);
	if (ZSTD_isError(n))
		return err_set(err, ERR_TEMP, "zstd: %s", ZSTD_getErrorName(n));
	buf_grown(out, n);
	return 0;
}

int pack_zstd_size(struct str in, uint64_t *out, struct err *err)
{
	unsigned long long n = ZSTD_getFrameContentSize(in.p, in.n);

	if (n == ZSTD_CONTENTSIZE_UNKNOWN || n == ZSTD_CONTENTSIZE_ERROR)
		return err_set(err, ERR_CORRUPT, "not a packed value");
	*out = n;
	return 0;
}

int unpack_zstd(struct str in, size_t max, struct buf *out, struct err *err)
{
	uint64_t size;
	size_t n;
	char *p;

	if (pack_zstd_size(in, &size, err) < 0)
		return -1;
	if (size > max)
		return err_set(err, ERR_TOO_BIG, "unpacks to over %zu bytes",
		               max);
	p = buf_room(out, (size_t)size);
	if (!p)
		return err_set(err, ERR_TOO_BIG, "no room for %zu bytes",
		               (size_t)size);
	n = ZSTD_decompressDCtx(contexts()->d, p, (size_t)size, in.p, in.n);
	if (ZSTD_isError(n) || n != size)
		return err_set(err, ERR_CORRUPT, "does not unpack: %s",
		               ZSTD_isError(n) ? ZSTD_getErrorName(n)
		                               : "other size than it says");
	buf_grown(out, n);
	return 0;
}
