#include "daemon/fds.h"

#include <unistd.h>

/* The fds that stand alone, by name. */
struct named {
	const char *name;
	int *fd;
};

#define NAMED_COUNT (8 + 1 + NEWS_ROLES_MAX)

static size_t name_all(struct fds *f, struct named out[NAMED_COUNT])
{
	static const char *const wakes[NEWS_ROLES_MAX] = {
		"news0", "news1", "news2", "news3", "news4",  "news5",
		"news6", "news7", "news8", "news9", "news10", "news11",
	};
	size_t n = 0;

	out[n++] = (struct named){ "config", &f->config };
	out[n++] = (struct named){ "board", &f->board };
	out[n++] = (struct named){ "gate.server", &f->gate[0] };
	out[n++] = (struct named){ "gate", &f->gate[1] };
	out[n++] = (struct named){ "keys.server", &f->keys[0] };
	out[n++] = (struct named){ "keys", &f->keys[1] };
	out[n++] = (struct named){ "dns.server", &f->dns[0] };
	out[n++] = (struct named){ "dns", &f->dns[1] };
	out[n++] = (struct named){ "news", &f->news.memory };
	for (size_t i = 0; i < NEWS_ROLES_MAX; i++)
		out[n++] = (struct named){ wakes[i], &f->news.wake[i] };
	return n;
}

static void unset(void *arg, int *fd)
{
	(void)arg;
	*fd = -1;
}

void fds_each(struct fds *f, void (*fn)(void *arg, int *fd), void *arg)
{
	struct named all[NAMED_COUNT];
	size_t n = name_all(f, all);

	for (size_t i = 0; i < n; i++)
		fn(arg, all[i].fd);
	for (size_t i = 0; i < f->n_listeners; i++)
		fn(arg, &f->listeners[i].fd);
}

void fds_init(struct fds *f)
{
	f->n_listeners = 0;
	fds_each(f, unset, NULL);
}

static void close_one(void *arg, int *fd)
{
	(void)arg;
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

void fds_close(struct fds *f)
{
	fds_each(f, close_one, NULL);
	f->n_listeners = 0;
}

void fds_write(const struct fds *f, struct buf *out)
{
	struct fds copy = *f;
	struct named all[NAMED_COUNT];
	size_t n = name_all(&copy, all);

	for (size_t i = 0; i < n; i++)
		if (*all[i].fd >= 0)
			buf_fmt(out, "%s=%d ", all[i].name, *all[i].fd);
	for (size_t i = 0; i < f->n_listeners; i++)
		if (f->listeners[i].fd >= 0)
			buf_fmt(out, "listen=%d:%u ", f->listeners[i].fd,
			        f->listeners[i].port);
}

static bool parse_fd(struct str s, int *out)
{
	uint32_t v;

	if (!str_to_u32(s, &v) || v > 1000000)
		return false;
	*out = (int)v;
	return true;
}

static bool parse_listener(struct fds *f, struct str value)
{
	struct fds_listener *l = &f->listeners[f->n_listeners];
	struct str fd;
	uint32_t port;

	if (f->n_listeners == FDS_LISTENERS_MAX || !str_cut(&value, ':', &fd) ||
	    !parse_fd(fd, &l->fd) || !str_to_u32(value, &port))
		return false;
	l->port = port;
	f->n_listeners++;
	return true;
}

static bool parse_one(struct fds *f, struct str name, struct str value)
{
	struct named all[NAMED_COUNT];
	size_t n;

	if (str_eq(name, STR("listen")))
		return parse_listener(f, value);
	n = name_all(f, all);
	for (size_t i = 0; i < n; i++)
		if (str_eq(name, str_z(all[i].name)))
			return parse_fd(value, all[i].fd);
	return false;
}

int fds_parse(struct str text, struct fds *out, struct err *err)
{
	struct str word, name;

	fds_init(out);
	while (str_cut(&text, ' ', &word)) {
		if (!word.n)
			continue;
		if (!str_cut(&word, '=', &name) || !parse_one(out, name, word))
			return err_set(err, ERR_INVALID,
			               "POSTHUS_FDS: malformed at \"%.*s\"",
			               STR_ARG(name));
	}
	return 0;
}
