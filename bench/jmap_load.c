/*
 * Time what a JMAP server does.
 *
 *	jmap_load --port N --user U --password P --requests N [--clients N]
 *	          BODY
 *
 * Each client keeps one connection and posts BODY to /jmap/api again and
 * again.  In BODY "%d" becomes the number of the request.  Prints requests a
 * second and the microseconds of the mean, the median and the 99th percentile.
 */
#include "common.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

static const char *body;
static char login[1000]; /* base64 */
static int port;
static long requests, clients;
static int64_t *times; /* of all clients, one after the other */

static void encode(const char *in, char *out)
{
	static const char table[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		"0123456789+/";
	size_t n = strlen(in);

	for (size_t i = 0; i < n; i += 3) {
		uint32_t v = (uint32_t)(unsigned char)in[i] << 16;

		if (i + 1 < n)
			v |= (uint32_t)(unsigned char)in[i + 1] << 8;
		if (i + 2 < n)
			v |= (uint32_t)(unsigned char)in[i + 2];
		*out++ = table[v >> 18];
		*out++ = table[v >> 12 & 63];
		*out++ = '=';
		*out++ = '=';
		if (i + 1 < n)
			out[-2] = table[v >> 6 & 63];
		if (i + 2 < n)
			out[-1] = table[v & 63];
	}
	*out = '\0';
}

static size_t make_request(char *out, size_t size, long number)
{
	char text[65536];
	const char *at = strstr(body, "%d");
	int n;

	if (at)
		(void)snprintf(text, sizeof(text), "%.*s%ld%s",
		               (int)(at - body), body, number, at + 2);
	else
		(void)snprintf(text, sizeof(text), "%s", body);
	n = snprintf(out, size,
	             "POST /jmap/api HTTP/1.1\r\nHost: localhost\r\n"
	             "Authorization: Basic %s\r\n"
	             "Content-Type: application/json\r\n"
	             "Content-Length: %zu\r\n\r\n%s",
	             login, strlen(text), text);
	return (size_t)n;
}

/* One whole answer; ends the program unless it is 200 and without errors. */
static void read_answer(int fd, char *in, size_t cap)
{
	size_t n = 0, head = 0, length = 0;

	for (;;) {
		ssize_t got = recv(fd, in + n, cap - 1 - n, 0);

		if (got <= 0)
			bench_die("recv");
		n += (size_t)got;
		in[n] = '\0';
		if (!head) {
			char *end = strstr(in, "\r\n\r\n");
			char *at = strcasestr(in, "\r\nContent-Length:");

			if (!end)
				continue;
			head = (size_t)(end - in) + 4;
			if (strncmp(in, "HTTP/1.1 200", 12) != 0 || !at)
				bench_die(in);
			length = strtoul(at + 17, NULL, 10);
		}
		if (n >= head + length)
			break;
	}
	if (strstr(in + head, "[\"error\","))
		bench_die(in + head);
}

static void *client(void *arg)
{
	long which = (long)(intptr_t)arg, each = requests / clients;
	char *out = malloc(131072), *in = malloc(16 << 20);
	int fd = bench_connect(port);

	for (long i = 0; i < each; i++) {
		size_t n = make_request(out, 131072, which * each + i);
		int64_t start = bench_now_us();

		if (send(fd, out, n, MSG_NOSIGNAL) != (ssize_t)n)
			bench_die("send");
		read_answer(fd, in, 16 << 20);
		times[which * each + i] = bench_now_us() - start;
	}
	close(fd);
	free(out);
	free(in);
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t threads[64];
	char pair[500];
	int64_t start, us, sum = 0;
	size_t n;

	if (argc < 2)
		bench_die("usage");
	body = argv[argc - 1];
	port = (int)bench_number(argc, argv, "port", 0);
	requests = bench_number(argc, argv, "requests", 1000);
	clients = bench_number(argc, argv, "clients", 1);
	if (clients < 1 || clients > 64 || requests < clients)
		bench_die("clients");
	(void)snprintf(pair, sizeof(pair), "%s:%s",
	               bench_option(argc, argv, "user", ""),
	               bench_option(argc, argv, "password", "secret"));
	encode(pair, login);
	n = (size_t)(requests / clients * clients);
	times = calloc(n, sizeof(*times));
	start = bench_now_us();
	for (long i = 0; i < clients; i++)
		if (pthread_create(&threads[i], NULL, client,
		                   (void *)(intptr_t)i) != 0)
			bench_die("pthread_create");
	for (long i = 0; i < clients; i++)
		(void)pthread_join(threads[i], NULL);
	us = bench_now_us() - start;
	for (size_t i = 0; i < n; i++)
		sum += times[i];
	bench_sort(times, n);
	printf("%.0f %lld %lld %lld\n", (double)n * 1e6 / (double)us,
	       (long long)(sum / (int64_t)n),
	       (long long)bench_percentile(times, n, 50),
	       (long long)bench_percentile(times, n, 99));
	return 0;
}
