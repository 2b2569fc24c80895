#include "transfer/state.h"

#include <fcntl.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/map.h"
#include "base/mem.h"
#include "os/file.h"
#include "os/random.h"

#define HEAD      STR("posthus-import 1 ")
#define STATE_MAX ((size_t)1024 * 1024 * 1024)

struct transfer_state {
	char *path;
	int fd;
	struct map items; /* name -> &done or &pending */
	char id[20];
	char key[64];
	uint64_t batch;
	size_t pending;
	bool has_head;
	bool cut; /* the last line has no end */
};

/* What the values of the map point to. */
static char mark_done, mark_pending;

static void new_id(struct transfer_state *st)
{
	(void)snprintf(st->id, sizeof(st->id), "%016llx",
	               (unsigned long long)random_u64());
}

/* What the batch before held is committed: its names are done. */
static void end_batch(struct transfer_state *st, struct str *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		(void)map_put(&st->items, names[i], &mark_done);
}

/* Lines from the second on.  A line without its end was cut by a crash and
 * belongs to a batch that was never committed. */
static void read_batches(struct transfer_state *st, struct str text)
{
	struct str *names = NULL, line;
	size_t n = 0, cap = 0;

	while (str_chr(text, '\n') != STR_NPOS && str_cut(&text, '\n', &line)) {
		if (str_starts(line, STR("batch "))) {
			uint64_t number;

			/* The line may have been cut, number and all: never
			 * go back to a number that was used. */
			if (str_to_u64(str_from(line, 6), UINT64_MAX,
			               &number) &&
			    number > st->batch)
				st->batch = number;
			end_batch(st, names, n);
			n = 0;
			continue;
		}
		if (str_eq(line, STR("again"))) {
			n = 0;
			continue;
		}
		names = mem_grow(names, n, &cap, sizeof(*names));
		names[n++] = line;
	}
	for (size_t i = 0; i < n; i++)
		(void)map_put(&st->items, names[i], &mark_pending);
	st->pending = n;
	mem_free(names);
}

static int read_file(struct transfer_state *st, struct err *err)
{
	struct str text, head;
	char *p;
	size_t n;

	if (file_read_all(st->path, STATE_MAX, &p, &n, err) < 0) {
		if (err->kind != ERR_NOT_FOUND)
			return -1;
		*err = (struct err)ERR_INIT;
		return 0;
	}
	text = (struct str){ p, n };
	if (!str_cut(&text, '\n', &head) || !str_starts(head, HEAD) ||
	    head.n - HEAD.n >= sizeof(st->id)) {
		mem_free(p);
		return n == 0 ? 0
		              : err_set(err, ERR_INVALID,
		                        "%s is no state of an import",
		                        st->path);
	}
	st->has_head = true;
	head = str_from(head, HEAD.n);
	(void)snprintf(st->id, sizeof(st->id), "%.*s", STR_ARG(head));
	read_batches(st, text);
	st->cut = n > 0 && p[n - 1] != '\n';
	mem_free(p);
	return 0;
}

static int start_file(struct transfer_state *st, struct err *err)
{
	struct buf b;
	int rc;

	st->fd = file_open(st->path, O_WRONLY | O_APPEND | O_CREAT, 0600, err);
	if (st->fd < 0)
		return -1;
	if (st->cut)
		return file_write(st->fd, STR("\n"), err);
	if (st->has_head)
		return 0;
	buf_init(&b, 200);
	buf_add(&b, HEAD);
	buf_fmt(&b, "%s\n", st->id);
	rc = file_write(st->fd, buf_str(&b), err);
	buf_deinit(&b);
	return rc;
}

int transfer_state_open(struct transfer_state **out, const char *path,
                        struct err *err)
{
	struct transfer_state *st = mem_zalloc(sizeof(*st));

	st->fd = -1;
	map_init(&st->items, random_u64());
	new_id(st);
	if (path) {
		st->path = mem_strdup(path);
		if (read_file(st, err) < 0 || start_file(st, err) < 0) {
			transfer_state_close(&st);
			return -1;
		}
	}
	*out = st;
	return 0;
}

void transfer_state_close(struct transfer_state **st)
{
	if (!*st)
		return;
	file_close(&(*st)->fd);
	map_deinit(&(*st)->items);
	mem_free((*st)->path);
	mem_free(*st);
	*st = NULL;
}

enum transfer_item transfer_state_item(const struct transfer_state *st,
                                       struct str name)
{
	void *mark = map_get(&st->items, name);

	if (!mark)
		return TRANSFER_NEW;
	return mark == &mark_done || !st->pending ? TRANSFER_DONE
	                                          : TRANSFER_PENDING;
}

size_t transfer_state_pending(const struct transfer_state *st)
{
	return st->pending;
}

void transfer_state_settled(struct transfer_state *st)
{
	st->pending = 0;
}

int transfer_state_batch(struct transfer_state *st, const struct str *names,
                         size_t n, struct err *err)
{
	struct buf b;
	int rc;

	st->batch++;
	if (!st->path)
		return 0;
	buf_init(&b, STATE_MAX);
	buf_fmt(&b, "batch %llu\n", (unsigned long long)st->batch);
	for (size_t i = 0; i < n; i++) {
		buf_add(&b, names[i]);
		buf_add_c(&b, '\n');
	}
	rc = file_write(st->fd, buf_str(&b), err);
	if (rc == 0)
		rc = file_sync(st->fd, err);
	buf_deinit(&b);
	return rc;
}

int transfer_state_again(struct transfer_state *st, struct err *err)
{
	return st->path ? file_write(st->fd, STR("again\n"), err) : 0;
}

struct str transfer_state_key(struct transfer_state *st)
{
	if (!st->path)
		return STR("");
	(void)snprintf(st->key, sizeof(st->key), "import:%s:%llu", st->id,
	               (unsigned long long)st->batch);
	return str_z(st->key);
}

int transfer_state_finish(struct transfer_state *st, struct err *err)
{
	return st->path ? file_remove(st->path, err) : 0;
}
