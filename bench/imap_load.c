/*
 * Time what an IMAP server does.
 *
 *	imap_load login  --port N --user U --password P --cycles N --clients N
 *	imap_load append --port N --user U --password P --mailbox M
 *	                 --messages N --size BYTES [--pipeline N]
 *	imap_load run    --port N --user U --password P COMMAND...
 *	imap_load idle   --port N --user U --password P --connections N
 *
 * `run` logs in, sends each command and prints its seconds and bytes.  `idle`
 * opens TLS connections, logs in ("%d" in the user is the connection modulo
 * --users), selects INBOX, says IDLE, prints "ready" and waits for the end of
 * its input.
 */
#include "common.h"

#include <errno.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct imap {
	int fd;
	SSL *ssl;
	char *in;
	size_t n, cap;
	uint64_t bytes;
};

static const char *user, *password;
static int port;

static void send_all(struct imap *c, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t sent = c->ssl ? SSL_write(c->ssl, p, (int)n)
		                      : send(c->fd, p, n, MSG_NOSIGNAL);

		if (sent <= 0)
			bench_die("send");
		p += sent;
		n -= (size_t)sent;
	}
}

static void say(struct imap *c, const char *words)
{
	send_all(c, words, strlen(words));
}

static void more(struct imap *c)
{
	ssize_t n;

	if (c->cap - c->n < 65536) {
		c->cap = c->cap * 2 + 262144;
		c->in = realloc(c->in, c->cap);
		if (!c->in)
			bench_die("realloc");
	}
	n = c->ssl ? SSL_read(c->ssl, c->in + c->n, 65536)
	           : recv(c->fd, c->in + c->n, c->cap - c->n, 0);
	if (n <= 0) {
		fprintf(stderr, "closed by the server: %.*s\n", (int)c->n,
		        c->in ? c->in : "");
		exit(1);
	}
	c->n += (size_t)n;
	c->bytes += (uint64_t)n;
}

/* Read until a line begins with `tag`, which stands at the start of the
 * input or after a CRLF; false when it does not say OK.  What came before is
 * dropped: only its size counts. */
static bool wait_for(struct imap *c, const char *tag)
{
	size_t tag_n = strlen(tag);

	for (;;) {
		char *line = c->in, *end;
		size_t left = c->n;

		while (left && (end = memchr(line, '\n', left)) != NULL) {
			size_t n = (size_t)(end - line) + 1;

			if (n > tag_n && memcmp(line, tag, tag_n) == 0 &&
			    (line[tag_n] == ' ' || *tag == '+')) {
				bool ok =
					strncmp(line + tag_n, " OK", 3) == 0 ||
					*tag == '+' || *tag == '*';

				if (!ok)
					fprintf(stderr, "%.*s", (int)n, line);
				left -= n;
				memmove(c->in, end + 1, left);
				c->n = left;
				return ok;
			}
			line = end + 1;
			left -= n;
		}
		/* Keep the piece of a line only. */
		if (left)
			memmove(c->in, line, left);
		c->n = left;
		more(c);
	}
}

static void must(bool ok)
{
	if (!ok)
		exit(1);
}

static void open_plain(struct imap *c)
{
	c->fd = bench_connect(port);
	must(wait_for(c, "*"));
}

static void login_as(struct imap *c, const char *name)
{
	char words[600];

	(void)snprintf(words, sizeof(words), "l LOGIN \"%s\" \"%s\"\r\n", name,
	               password);
	say(c, words);
	must(wait_for(c, "l"));
}

static void end(struct imap *c)
{
	if (c->ssl)
		SSL_free(c->ssl);
	(void)close(c->fd);
	free(c->in);
	*c = (struct imap){ .fd = -1 };
}

static void *login_loop(void *arg)
{
	long cycles = *(long *)arg;

	for (long i = 0; i < cycles; i++) {
		struct imap c = { .fd = -1 };

		open_plain(&c);
		login_as(&c, user);
		say(&c, "o LOGOUT\r\n");
		must(wait_for(&c, "o"));
		end(&c);
	}
	return NULL;
}

static int do_login(int argc, char **argv)
{
	long clients = bench_number(argc, argv, "clients", 4);
	long cycles = bench_number(argc, argv, "cycles", 1000) / clients;
	pthread_t *threads = calloc((size_t)clients, sizeof(*threads));
	int64_t began = bench_now_us();
	double seconds;

	if (!threads)
		bench_die("calloc");
	for (long i = 0; i < clients; i++)
		if (pthread_create(&threads[i], NULL, login_loop, &cycles))
			bench_die("pthread_create");
	for (long i = 0; i < clients; i++)
		(void)pthread_join(threads[i], NULL);
	seconds = (double)(bench_now_us() - began) / 1e6;
	printf("cycles %ld seconds %.3f\n", cycles * clients, seconds);
	return 0;
}

static void append_one(struct imap *c, const char *mailbox, const char *pool,
                       size_t pool_n, size_t size, uint64_t *state, long i)
{
	static char *out;
	char head[700];
	size_t body = size > 600 ? size - 400 : 200;
	size_t at = bench_random(state) % (pool_n - body);
	int h = snprintf(head, sizeof(head),
	                 "From: Sender %ld <sender%ld@partner.example>\r\n"
	                 "To: <user@customer.example>\r\n"
	                 "Subject: Order %llx of today\r\n"
	                 "Date: Tue, %02ld Nov 2026 09:00:00 +0000\r\n"
	                 "Message-ID: <%llx.%ld@partner.example>\r\n"
	                 "MIME-Version: 1.0\r\n"
	                 "Content-Type: text/plain; charset=utf-8\r\n\r\n",
	                 i % 50, i % 50,
	                 (unsigned long long)bench_random(state), i % 24 + 1,
	                 (unsigned long long)bench_random(state), i);
	int n;

	if (!out)
		out = malloc(size + 4096);
	if (!out)
		bench_die("malloc");
	n = snprintf(out, size + 4096, "a APPEND \"%s\" (%s) {%zu+}\r\n%s",
	             mailbox, i % 3 ? "\\Seen" : "", (size_t)h + body, head);
	memcpy(out + n, pool + at, body);
	if (out[(size_t)n + body - 1] == '\r')
		out[(size_t)n + body - 1] = ' ';
	if (out[(size_t)n] == '\n')
		out[(size_t)n] = ' ';
	memcpy(out + (size_t)n + body, "\r\n", 2);
	send_all(c, out, (size_t)n + body + 2);
}

static int do_append(int argc, char **argv)
{
	const char *mailbox = bench_option(argc, argv, "mailbox", "INBOX");
	long messages = bench_number(argc, argv, "messages", 1000);
	long ahead = bench_number(argc, argv, "pipeline", 1);
	size_t size = (size_t)bench_number(argc, argv, "size", 4096);
	uint64_t state = (uint64_t)bench_now_us() | 1;
	size_t pool_n = size + 4 * 1024 * 1024;
	char *pool = bench_text(pool_n, 9);
	struct imap c = { .fd = -1 };
	int64_t began;
	long sent = 0;

	open_plain(&c);
	login_as(&c, user);
	began = bench_now_us();
	for (long done = 0; done < messages; done++) {
		while (sent < messages && sent < done + ahead)
			append_one(&c, mailbox, pool, pool_n, size, &state,
			           sent++);
		must(wait_for(&c, "a"));
	}
	printf("messages %ld seconds %.3f\n", messages,
	       (double)(bench_now_us() - began) / 1e6);
	end(&c);
	return 0;
}

static int do_run(int argc, char **argv)
{
	struct imap c = { .fd = -1 };
	bool is_value = false;

	open_plain(&c);
	login_as(&c, user);
	for (int i = 2; i < argc; i++) {
		char words[2000];
		int64_t began;

		if (is_value || strncmp(argv[i], "--", 2) == 0) {
			is_value = !is_value;
			continue;
		}
		c.bytes = 0;
		began = bench_now_us();
		(void)snprintf(words, sizeof(words), "x7q %s\r\n", argv[i]);
		say(&c, words);
		must(wait_for(&c, "x7q"));
		printf("seconds %.4f bytes %llu command %s\n",
		       (double)(bench_now_us() - began) / 1e6,
		       (unsigned long long)c.bytes, argv[i]);
	}
	end(&c);
	return 0;
}

static int do_idle(int argc, char **argv)
{
	long connections = bench_number(argc, argv, "connections", 100);
	long users = bench_number(argc, argv, "users", 1);
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	struct imap *all = calloc((size_t)connections, sizeof(*all));
	char c;

	if (!ctx || !all)
		bench_die("start");
	for (long i = 0; i < connections; i++) {
		struct imap *im = &all[i];
		char name[300];
		const char *mark = strstr(user, "%d");

		im->fd = bench_connect(port);
		im->ssl = SSL_new(ctx);
		if (!im->ssl || !SSL_set_fd(im->ssl, im->fd) ||
		    SSL_connect(im->ssl) != 1)
			bench_die("TLS");
		must(wait_for(im, "*"));
		if (mark)
			(void)snprintf(name, sizeof(name), "%.*s%ld%s",
			               (int)(mark - user), user, i % users,
			               mark + 2);
		else
			(void)snprintf(name, sizeof(name), "%s", user);
		login_as(im, name);
		say(im, "s SELECT INBOX\r\n");
		must(wait_for(im, "s"));
		say(im, "i IDLE\r\n");
		must(wait_for(im, "+"));
		free(im->in);
		im->in = NULL;
		im->n = im->cap = 0;
	}
	printf("ready\n");
	(void)fflush(stdout);
	while (read(0, &c, 1) > 0)
		;
	return 0;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	port = (int)bench_number(argc, argv, "port", 143);
	user = bench_option(argc, argv, "user", "user0@customer.example");
	password = bench_option(argc, argv, "password", "secret");
	if (strcmp(what, "login") == 0)
		return do_login(argc, argv);
	if (strcmp(what, "append") == 0)
		return do_append(argc, argv);
	if (strcmp(what, "run") == 0)
		return do_run(argc, argv);
	if (strcmp(what, "idle") == 0)
		return do_idle(argc, argv);
	fprintf(stderr, "imap_load login|append|run|idle OPTIONS\n");
	return 2;
}
