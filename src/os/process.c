#include "os/process.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The state of a listening socket in /proc/net/tcp. */
#define LISTENS 0x0a

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* The path of its program, else the name that the kernel has for it. */
static bool read_program(int pid, char *out, size_t size)
{
	char path[64];
	ssize_t n;
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%d/exe", pid);
	n = readlink(path, out, size - 1);
	if (n > 0) {
		out[n] = '\0';
		return true;
	}
	(void)snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	f = fopen(path, "re");
	if (!f)
		return false;
	if (!fgets(out, (int)size, f))
		out[0] = '\0';
	(void)fclose(f);
	out[strcspn(out, "\n")] = '\0';
	return out[0] != '\0';
}

/* Calls `each` with the number of every process until it says true. */
static bool find_process(bool (*each)(int pid, void *arg), void *arg)
{
	DIR *dir = opendir("/proc");
	bool found = false;
	struct dirent *e;

	if (!dir)
		return false;
	while (!found && (e = readdir(dir)) != NULL) {
		long pid = strtol(e->d_name, NULL, 10);

		found = pid > 0 && pid <= INT_MAX && each((int)pid, arg);
	}
	(void)closedir(dir);
	return found;
}

/* ---- by port ---- */

/* The n-th word of a line, from 0 on; "" behind the last. */
static const char *nth_word(const char *line, int n)
{
	for (line += strspn(line, " "); n > 0; n--) {
		line += strcspn(line, " ");
		line += strspn(line, " ");
	}
	return line;
}

/* A row: "sl local:port remote:port state tx:rx tr:when retr uid timeout inode".
 * The inode of its socket if that listens at the port, else 0. */
static unsigned long inode_of(const char *row, uint16_t port)
{
	const char *local = nth_word(row, 1), *colon = strchr(local, ':');

	if (!colon || strtoul(colon + 1, NULL, 16) != port ||
	    strtoul(nth_word(row, 3), NULL, 16) != LISTENS)
		return 0;
	return strtoul(nth_word(row, 9), NULL, 10);
}

/* Of the socket that listens at the port, 0: none. */
static unsigned long find_socket(const char *table, uint16_t port)
{
	unsigned long inode = 0;
	char line[512];
	FILE *f = fopen(table, "re");

	if (!f)
		return 0;
	while (!inode && fgets(line, sizeof(line), f))
		inode = inode_of(line, port);
	(void)fclose(f);
	return inode;
}

struct holder {
	char socket[48]; /* "socket:[12345]" */
	struct process *out;
};

static bool holds(int pid, void *arg)
{
	struct holder *h = arg;
	char path[PATH_MAX], link[64];
	bool found = false;
	struct dirent *e;
	DIR *dir;

	(void)snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	dir = opendir(path);
	if (!dir)
		return false;
	while (!found && (e = readdir(dir)) != NULL) {
		ssize_t n = readlinkat(dirfd(dir), e->d_name, link,
		                       sizeof(link) - 1);

		if (n <= 0)
			continue;
		link[n] = '\0';
		found = strcmp(link, h->socket) == 0;
	}
	(void)closedir(dir);
	if (!found || !read_program(pid, path, sizeof(path)))
		return false;
	h->out->pid = pid;
	(void)snprintf(h->out->name, sizeof(h->out->name), "%.63s",
	               last_part(path));
	return true;
}

bool process_on_port(uint16_t port, struct process *out)
{
	unsigned long inode = find_socket("/proc/net/tcp", port);
	struct holder h = { .out = out };

	if (!inode)
		inode = find_socket("/proc/net/tcp6", port);
	if (!inode)
		return false;
	(void)snprintf(h.socket, sizeof(h.socket), "socket:[%lu]", inode);
	return find_process(holds, &h);
}

/* ---- by program ---- */

struct wanted {
	const char *const *programs;
	struct process *out;
};

/* The whole last part of a path, or as many parts as `end` has. */
static bool ends_with(const char *path, const char *end)
{
	size_t n = strlen(path), m = strlen(end);

	return n >= m && strcmp(path + n - m, end) == 0 &&
	       (n == m || path[n - m - 1] == '/');
}

static bool runs(int pid, void *arg)
{
	struct wanted *w = arg;
	char path[PATH_MAX];

	if (!read_program(pid, path, sizeof(path)))
		return false;
	for (size_t i = 0; w->programs[i]; i++)
		if (ends_with(path, w->programs[i])) {
			w->out->pid = pid;
			(void)snprintf(w->out->name, sizeof(w->out->name),
			               "%.63s", last_part(path));
			return true;
		}
	return false;
}

bool process_of(const char *const *programs, struct process *out)
{
	struct wanted w = { programs, out };

	return find_process(runs, &w);
}
