#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "os/file.h"
#include "pack/zstd.h"
#include "store/fetch.h"
#include "store/shard.h"

struct body {
	struct str prefix;  /* owned */
	struct buf message; /* a small one */
	int fd;             /* of a large one's file, else -1 */
	uint64_t size;      /* of the message alone */
	void *map;
};

static int open_file(struct body *b, const struct shard *sh, struct str name,
                     struct err *err)
{
	char path[4096], z[BLOB_NAME_MAX];
	struct stat st;

	if (!blob_name_ok(name))
		return err_set(err, ERR_CORRUPT, "a body has no file name");
	memcpy(z, name.p, name.n);
	z[name.n] = '\0';
	blob_path(sh, z, path, sizeof(path));
	b->fd = file_open(path, O_RDONLY, 0, err);
	if (b->fd < 0) {
		if (err->kind == ERR_NOT_FOUND)
			err->kind = ERR_CORRUPT;
		return -1;
	}
	if (fstat(b->fd, &st) < 0 || (uint64_t)st.st_size != b->size)
		return err_set(err, ERR_CORRUPT, "%s has not its size", path);
	return 0;
}

/* Columns: prefix, size, file, data. */
static int load(struct body *b, const struct shard *sh, struct db_stmt *q,
                struct err *err)
{
	struct str prefix = db_blob(q, 0), data;

	b->prefix = (struct str){ mem_dup(prefix.p, prefix.n), prefix.n };
	b->size = (uint64_t)db_i64(q, 1);
	if (!db_is_null(q, 2))
		return open_file(b, sh, db_text(q, 2), err);
	data = db_blob(q, 3);
	if (b->size > INLINE_MAX)
		return err_set(err, ERR_CORRUPT, "a body is in no file");
	buf_init(&b->message, INLINE_MAX);
	if (unpack_zstd(data, INLINE_MAX, &b->message, err) < 0)
		return -1;
	if (b->message.n != b->size)
		return err_set(err, ERR_CORRUPT, "a body has not its size");
	return 0;
}

static int open_in(struct body **out, struct shard *sh, const char *sql,
                   struct db_args args, struct err *err)
{
	struct db_stmt *q = NULL;
	struct body *b;
	struct db *db;
	int rc;

	if (db_group_read(sh->group, &db, err) < 0)
		return -1;
	b = mem_zalloc(sizeof(*b));
	b->fd = -1;
	rc = db_row(db, &q, sql, args, err);
	if (rc > 0) {
		rc = load(b, sh, q, err);
		db_done(&q);
	} else if (rc == 0) {
		rc = err_set(err, ERR_NOT_FOUND, "the message is gone");
	}
	db_group_done(sh->group, &db);
	if (rc < 0)
		body_close(&b);
	else
		*out = b;
	return rc;
}

static int open_with(struct body **out, struct store *s, struct store_account a,
                     const char *sql, struct db_args args, struct err *err)
{
	struct shard *sh;

	if (store_shard(s, a, &sh, err) < 0)
		return -1;
	return open_in(out, sh, sql, args, err);
}

#define FROM_EMAIL                                             \
	"SELECT e.prefix, b.size, b.file, d.data FROM email e" \
	" JOIN body b ON b.id = e.body LEFT JOIN body_data d ON d.id = b.id"

int body_open(struct body **out, struct store *s, struct store_account a,
              uint64_t mailbox, uint32_t uid, struct err *err)
{
	return open_with(out, s, a,
	                 FROM_EMAIL
	                 " WHERE e.id = (SELECT m.email FROM message m"
	                 " WHERE m.mailbox = (SELECT id FROM mailbox"
	                 " WHERE account = $1 AND no = $2) AND m.uid = $3)",
	                 DB_ARGS(DB_I(a.id), DB_I(mailbox), DB_I(uid)), err);
}

int body_open_email(struct body **out, struct store *s, struct store_account a,
                    uint64_t email, struct err *err)
{
	return open_with(out, s, a,
	                 FROM_EMAIL " WHERE e.account = $1 AND e.no = $2",
	                 DB_ARGS(DB_I(a.id), DB_I(email)), err);
}

int body_open_row(struct body **out, struct shard *sh, int64_t email,
                  struct err *err)
{
	return open_in(out, sh, FROM_EMAIL " WHERE e.id = $1",
	               DB_ARGS(DB_I(email)), err);
}

void body_close(struct body **bp)
{
	struct body *b = *bp;
	char *prefix;

	if (!b)
		return;
	if (b->map)
		(void)munmap(b->map, b->size);
	file_close(&b->fd);
	buf_deinit(&b->message);
	memcpy(&prefix, &b->prefix.p, sizeof(prefix));
	mem_free(prefix);
	mem_free(b);
	*bp = NULL;
}

uint64_t body_size(const struct body *b)
{
	return b->prefix.n + b->size;
}

static size_t copy_from(struct str s, uint64_t at, void *p, size_t n)
{
	if (at >= s.n)
		return 0;
	if (n > s.n - at)
		n = (size_t)(s.n - at);
	memcpy(p, s.p + at, n);
	return n;
}

int body_read(struct body *b, uint64_t at, void *p, size_t n, size_t *got,
              struct err *err)
{
	size_t first = copy_from(b->prefix, at, p, n), more = 0;

	at = at + first - b->prefix.n; /* within the message from here on */
	if (first < n && b->fd < 0) {
		more = copy_from(buf_str(&b->message), at, (char *)p + first,
		                 n - first);
	} else if (first < n && at < b->size) {
		if (n - first > b->size - at)
			n = first + (size_t)(b->size - at);
		if (file_pread(b->fd, (char *)p + first, n - first, at, &more,
		               err) < 0)
			return -1;
		if (more < n - first)
			return err_set(err, ERR_CORRUPT, "a body is cut off");
	}
	*got = first + more;
	return 0;
}

int body_view(struct body *b, struct str *prefix, struct str *message,
              struct err *err)
{
	*prefix = b->prefix;
	if (b->fd < 0) {
		*message = buf_str(&b->message);
		return 0;
	}
	if (!b->map) {
		void *map =
			mmap(NULL, b->size, PROT_READ, MAP_PRIVATE, b->fd, 0);

		if (map == MAP_FAILED)
			return err_set(err, ERR_TEMP,
			               "a body cannot be mapped");
		b->map = map;
	}
	*message = (struct str){ b->map, b->size };
	return 0;
}
