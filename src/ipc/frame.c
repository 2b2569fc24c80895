#include "ipc/frame.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Room for the answers of all outstanding requests, of usual size. */
#define SOCKET_BUFFER (256 * 1024)

static int pair(int fds[2], struct err *err)
{
	int size = SOCKET_BUFFER;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
		return err_sys(err, errno, "cannot make a pair of sockets");
	for (int i = 0; i < 2; i++)
		(void)setsockopt(fds[i], SOL_SOCKET, SO_SNDBUF, &size,
		                 sizeof(size));
	return 0;
}

int ipc_door(int fds[2], struct err *err)
{
	return pair(fds, err);
}

union control {
	char space[CMSG_SPACE(sizeof(int))];
	struct cmsghdr align;
};

static ssize_t send_fd(int door, int fd, const char *name)
{
	struct iovec iov = { (void *)(uintptr_t)name, strlen(name) + 1 };
	union control control;
	struct msghdr msg = { .msg_iov = &iov,
		              .msg_iovlen = 1,
		              .msg_control = control.space,
		              .msg_controllen = sizeof(control.space) };
	struct cmsghdr *c;

	memset(&control, 0, sizeof(control));
	c = CMSG_FIRSTHDR(&msg);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	return sendmsg(door, &msg, MSG_DONTWAIT | MSG_NOSIGNAL);
}

int ipc_connect(int door, const char *name, struct err *err)
{
	int fds[2];
	int errnum;

	if (strlen(name) >= IPC_NAME_MAX)
		return err_set(err, ERR_INVALID, "name too long");
	if (pair(fds, err) < 0)
		return -1;
	if (send_fd(door, fds[1], name) < 0) {
		errnum = errno;
		(void)close(fds[0]);
		(void)close(fds[1]);
		return err_sys(err, errnum, "nobody at the door");
	}
	(void)close(fds[1]);
	return fds[0];
}

static int fd_of(struct msghdr *msg)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(msg);
	int fd = -1;

	if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS &&
	    c->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	return fd;
}

int ipc_accept(int door, char name_out[IPC_NAME_MAX])
{
	struct iovec iov = { .iov_base = name_out,
		             .iov_len = IPC_NAME_MAX - 1 };
	union control control;
	struct msghdr msg = { .msg_iov = &iov,
		              .msg_iovlen = 1,
		              .msg_control = control.space,
		              .msg_controllen = sizeof(control.space) };
	ssize_t n;

	n = recvmsg(door, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	if (n < 0)
		return -1;
	name_out[n] = '\0';
	return fd_of(&msg);
}

int ipc_send(int fd, const struct ipc_head *head, struct str body)
{
	struct ipc_head h = *head;
	struct iovec iov[2] = { { &h, sizeof(h) },
		                { (void *)(uintptr_t)body.p, body.n } };
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 2 };

	if (body.n > IPC_BODY_MAX)
		return -1;
	for (;;) {
		if (sendmsg(fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
			return 1;
		if (errno == EAGAIN || errno == ENOBUFS)
			return 0;
		if (errno != EINTR)
			return -1;
	}
}

bool ipc_frame_parse(struct str bytes, struct ipc_head *head, struct str *body)
{
	if (bytes.n < sizeof(*head) || bytes.n > IPC_FRAME_MAX)
		return false;
	memcpy(head, bytes.p, sizeof(*head));
	if (head->magic != IPC_MAGIC ||
	    (head->type != IPC_REQUEST && head->type != IPC_ANSWER) ||
	    head->kind >= ERR_KIND_COUNT)
		return false;
	*body = str_from(bytes, sizeof(*head));
	return true;
}

int ipc_recv(int fd, char space[IPC_FRAME_MAX], struct ipc_head *head,
             struct str *body)
{
	ssize_t n;

	do
		n = recv(fd, space, IPC_FRAME_MAX, MSG_DONTWAIT | MSG_TRUNC);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EAGAIN ? 0 : -1;
	/* An empty message reads like the end: neither is a message. */
	if (!ipc_frame_parse((struct str){ space, (size_t)n }, head, body))
		return -1;
	return 1;
}
