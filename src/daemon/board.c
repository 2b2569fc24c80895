#include "daemon/board.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "os/clock.h"

static const char *const names[ROLE_COUNT] = {
	[ROLE_KEYS] = "keys",   [ROLE_GATE] = "gate", [ROLE_DNS] = "dns",
	[ROLE_SMTP] = "smtp",   [ROLE_IMAP] = "imap", [ROLE_POP3] = "pop3",
	[ROLE_SIEVE] = "sieve", [ROLE_HTTP] = "http", [ROLE_RELAY] = "relay",
};

static const char *const states[] = {
	[ROLE_DOWN] = "down",
	[ROLE_STARTING] = "starting",
	[ROLE_READY] = "ready",
	[ROLE_DRAINING] = "draining",
};

const char *role_name(enum role_id id)
{
	return names[id];
}

const char *role_state_name(enum role_state s)
{
	return states[s];
}

int board_make(int *fd_out, struct err *err)
{
	int fd = memfd_create("posthus-board", MFD_CLOEXEC);

	if (fd < 0 || ftruncate(fd, sizeof(struct board)) < 0) {
		err_drop(err_sys(err, errno, "cannot make the board"));
		if (fd >= 0)
			(void)close(fd);
		return -1;
	}
	*fd_out = fd;
	return 0;
}

int board_map(struct board **out, int fd, struct err *err)
{
	void *p = mmap(NULL, sizeof(struct board), PROT_READ | PROT_WRITE,
	               MAP_SHARED, fd, 0);

	if (p == MAP_FAILED)
		return err_sys(err, errno, "cannot map the board");
	*out = p;
	return 0;
}

void board_set_state(struct board *b, enum role_id id, enum role_state s,
                     int32_t pid)
{
	struct board_role *r = &b->roles[id];

	atomic_store(&r->pid, pid);
	atomic_store(&r->state, (int32_t)s);
	atomic_store(&r->since_us, clock_wall_us());
}

bool board_is_ready(const struct board *b, enum role_id *missing_out)
{
	uint32_t wanted = atomic_load(&b->wanted);

	for (unsigned i = 0; i < ROLE_COUNT; i++) {
		if (!(wanted & 1u << i) ||
		    atomic_load(&b->roles[i].state) == ROLE_READY)
			continue;
		*missing_out = (enum role_id)i;
		return false;
	}
	return true;
}

int64_t board_metric(const struct board *b, enum metric m)
{
	int64_t sum = 0;

	for (unsigned i = 0; i < ROLE_COUNT; i++)
		sum += atomic_load_explicit(&b->roles[i].metrics.v[m],
		                            memory_order_relaxed);
	return sum;
}
