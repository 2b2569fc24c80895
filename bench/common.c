#include "common.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

int64_t bench_now_us(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

uint64_t bench_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state >> 11;
}

void bench_die(const char *what)
{
	perror(what);
	exit(1);
}

char *bench_text(size_t n, uint64_t seed)
{
	static const char *const words[] = {
		"the",    "meeting", "about",  "invoice",  "and",    "we",
		"please", "find",    "to",     "customer", "order",  "a",
		"with",   "number",  "of",     "regards",  "monday", "for",
		"call",   "before",  "report", "attached", "thank",  "you",
	};
	uint64_t state = seed * 2654435761u + 88172645463325252u;
	char *p = malloc(n + 80);
	size_t at = 0, column = 0;

	if (!p)
		bench_die("malloc");
	while (at < n) {
		char word[24];
		size_t len;

		/* Half of the words have digits in them: real mail does not
		 * compress to nothing. */
		if (bench_random(&state) & 1)
			(void)snprintf(word, sizeof(word), "%llx",
			               (unsigned long long)(bench_random(
								    &state) &
			                                    0xffffff));
		else
			(void)snprintf(word, sizeof(word), "%s",
			               words[bench_random(&state) % 24]);
		len = strlen(word);
		if (column + len + 1 > 70) {
			memcpy(p + at, "\r\n", 2);
			at += 2;
			column = 0;
		}
		memcpy(p + at, word, len);
		p[at + len] = ' ';
		at += len + 1;
		column += len + 1;
	}
	memcpy(p + n - 2, "\r\n", 2);
	p[n] = '\0';
	return p;
}

int bench_connect(int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		                 .sin_port = htons((uint16_t)port),
		                 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int one = 1;

	if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof(a)) < 0)
		bench_die("connect");
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	return fd;
}

static int by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

void bench_sort(int64_t *v, size_t n)
{
	if (n)
		qsort(v, n, sizeof(*v), by_size);
}

int64_t bench_percentile(const int64_t *sorted, size_t n, int percent)
{
	return n ? sorted[(n - 1) * (size_t)percent / 100] : 0;
}

const char *bench_option(int argc, char **argv, const char *name,
                         const char *def)
{
	for (int i = 1; i + 1 < argc; i++)
		if (strncmp(argv[i], "--", 2) == 0 &&
		    strcmp(argv[i] + 2, name) == 0)
			return argv[i + 1];
	return def;
}

long bench_number(int argc, char **argv, const char *name, long def)
{
	const char *v = bench_option(argc, argv, name, NULL);

	return v ? strtol(v, NULL, 10) : def;
}
