#include "os/hook.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "os/blocking.h"
#include "os/clock.h"

#define LOOK_US (20 * US_PER_MS)

struct hook {
	int fd;
	pid_t pid;
	char program[PATH_MAX];
	pthread_mutex_t lock; /* one call at a time */
};

enum result { HOOK_OK, HOOK_FAILED, HOOK_TIMEOUT };

/* What goes over the socket: the time, then the words with a NUL each. */
struct call {
	int64_t timeout_us;
	char words[HOOK_BYTES_MAX + HOOK_WORDS_MAX];
};

/* ---- the small process ---- */

static void become_program(const char *program, char *words, size_t n)
{
	char *argv[HOOK_WORDS_MAX + 2], path[PATH_MAX];
	sigset_t none;
	size_t argc = 1, at = 0;

	(void)snprintf(path, sizeof(path), "%s", program);
	argv[0] = path;
	while (at < n && argc <= HOOK_WORDS_MAX) {
		argv[argc++] = words + at;
		at += strlen(words + at) + 1;
	}
	argv[argc] = NULL;
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)execv(path, argv);
	_exit(127);
}

static enum result wait_for(pid_t pid, int64_t timeout_us)
{
	int64_t until = clock_real_us() + timeout_us;
	int status;
	pid_t got;

	while ((got = waitpid(pid, &status, WNOHANG)) == 0) {
		if (clock_real_us() > until) {
			(void)kill(pid, SIGKILL);
			(void)waitpid(pid, &status, 0);
			return HOOK_TIMEOUT;
		}
		clock_sleep_us(LOOK_US);
	}
	return got == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0
	               ? HOOK_OK
	               : HOOK_FAILED;
}

static void serve(int fd, const char *program)
{
	for (;;) {
		struct call c;
		ssize_t n = recv(fd, &c, sizeof(c), 0);
		size_t head = offsetof(struct call, words);
		char answer = HOOK_FAILED;
		pid_t pid;

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= (ssize_t)head || c.words[(size_t)n - head - 1] != '\0')
			_exit(0); /* nobody is there any more */
		pid = fork();
		if (pid == 0)
			become_program(program, c.words, (size_t)n - head);
		if (pid > 0)
			answer = (char)wait_for(pid, c.timeout_us);
		if (send(fd, &answer, 1, MSG_NOSIGNAL) < 0)
			_exit(0);
	}
}

/* Nothing else of ours is open there. */
static void close_others(int fd)
{
	if (fd > 3)
		(void)syscall(SYS_close_range, 3u, (unsigned)fd - 1, 0);
	(void)syscall(SYS_close_range, (unsigned)fd + 1, ~0u, 0);
}

/* ---- for the others ---- */

int hook_start(struct hook **out, const char *program, struct err *err)
{
	struct hook *h;
	int pair[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return err_sys(err, errno, "hook: socketpair");
	pid = fork();
	if (pid < 0) {
		int why = errno;

		(void)close(pair[0]);
		(void)close(pair[1]);
		return err_sys(err, why, "hook: fork");
	}
	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		(void)prctl(PR_SET_NAME, "posthus-hook");
		close_others(pair[1]);
		serve(pair[1], program);
	}
	(void)close(pair[1]);
	h = mem_zalloc(sizeof(*h));
	h->fd = pair[0];
	h->pid = pid;
	(void)snprintf(h->program, sizeof(h->program), "%s", program);
	(void)pthread_mutex_init(&h->lock, NULL);
	*out = h;
	return 0;
}

void hook_stop(struct hook **hp)
{
	struct hook *h = *hp;

	if (!h)
		return;
	(void)close(h->fd);
	(void)waitpid(h->pid, NULL, 0);
	(void)pthread_mutex_destroy(&h->lock);
	mem_free(h);
	*hp = NULL;
}

static int write_call(struct call *c, const struct str *words, size_t n,
                      size_t *size, struct err *err)
{
	size_t at = 0;

	for (size_t i = 0; i < n; i++) {
		if (n > HOOK_WORDS_MAX || at + words[i].n > HOOK_BYTES_MAX ||
		    str_chr(words[i], '\0') != STR_NPOS)
			return err_set(err, ERR_INVALID, "too many words");
		memcpy(c->words + at, words[i].p, words[i].n);
		at += words[i].n;
		c->words[at++] = '\0';
	}
	*size = offsetof(struct call, words) + at;
	return at ? 0 : err_set(err, ERR_INVALID, "no words");
}

int hook_run(struct hook *h, const struct str *words, size_t n,
             int64_t timeout_us, struct err *err)
{
	struct call c = { .timeout_us = timeout_us };
	char answer = HOOK_FAILED;
	ssize_t got = -1;
	size_t size;

	if (write_call(&c, words, n, &size, err) < 0)
		return -1;
	(void)pthread_mutex_lock(&h->lock);
	blocking_begin();
	if (send(h->fd, &c, size, MSG_NOSIGNAL) == (ssize_t)size)
		do
			got = recv(h->fd, &answer, 1, 0);
		while (got < 0 && errno == EINTR);
	blocking_end();
	(void)pthread_mutex_unlock(&h->lock);
	if (got != 1)
		return err_set(err, ERR_TEMP, "what runs %s is gone",
		               h->program);
	switch ((enum result)answer) {
	case HOOK_OK: return 0;
	case HOOK_TIMEOUT:
		return err_set(err, ERR_TIMEOUT, "%s does not end", h->program);
	case HOOK_FAILED: break;
	}
	return err_set(err, ERR_TEMP, "%s failed", h->program);
}
