#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "admin/admin.h"
#include "base/mem.h"
#include "ctl/command.h"
#include "os/file.h"

/* One line of a descriptor, without its end; bytes read one at a time so that
 * what follows stays for others. */
static int read_line(int fd, char *out, size_t max, size_t *n_out)
{
	size_t n = 0;
	char ch;

	for (;;) {
		ssize_t got = read(fd, &ch, 1);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0 || ch == '\n')
			break;
		if (n < max)
			out[n] = ch;
		n++;
	}
	if (n && n <= max && out[n - 1] == '\r')
		n--;
	*n_out = n;
	return 0;
}

static int take(struct ctl *c, char *line, size_t n, struct str *out)
{
	if (n > ADMIN_PASSWORD_MAX) {
		mem_wipe(line, ADMIN_PASSWORD_MAX);
		return ctl_usage(c, "the password is longer than %d bytes",
		                 ADMIN_PASSWORD_MAX);
	}
	*out = arena_dup(&c->arena, (struct str){ line, n });
	mem_wipe(line, ADMIN_PASSWORD_MAX);
	return CTL_OK;
}

static int from_stdin(struct ctl *c, struct str *out)
{
	char line[ADMIN_PASSWORD_MAX];
	size_t n;

	if (read_line(0, line, sizeof(line), &n) < 0)
		return ctl_usage(c, "the password cannot be read from stdin");
	if (n == 0)
		return ctl_usage(c, "there is no password on stdin");
	return take(c, line, n, out);
}

static int from_file(struct ctl *c, const char *path, struct str *out)
{
	struct err err = ERR_INIT;
	char line[ADMIN_PASSWORD_MAX];
	size_t n = 0;
	int fd = file_open(path, O_RDONLY, 0, &err), rc;

	if (fd < 0)
		return ctl_fail(c, &err, NULL, "cannot read the password");
	rc = read_line(fd, line, sizeof(line), &n);
	file_close(&fd);
	if (rc < 0 || n == 0)
		return ctl_usage(c, "there is no password in %s", path);
	return take(c, line, n, out);
}

/* Ask at the terminal itself, with what is typed not shown. */
static int ask(const char *prompt, char *out, size_t max, size_t *n_out)
{
	struct termios before, quiet;
	struct err ignored = ERR_INIT;
	int tty = file_open("/dev/tty", O_RDWR | O_NOCTTY, 0, &ignored), rc;

	if (tty < 0 || tcgetattr(tty, &before) < 0) {
		file_close(&tty);
		return -1;
	}
	quiet = before;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	tcsetattr(tty, TCSAFLUSH, &quiet);
	err_drop(file_write(tty, str_z(prompt), &ignored)); /* then unseen */
	rc = read_line(tty, out, max, n_out);
	tcsetattr(tty, TCSAFLUSH, &before);
	err_drop(file_write(tty, STR("\n"), &ignored));
	file_close(&tty);
	return rc;
}

static int from_prompt(struct ctl *c, struct str *out)
{
	char one[ADMIN_PASSWORD_MAX], two[ADMIN_PASSWORD_MAX];
	size_t n = 0, m = 0;
	bool same;

	if (ask("Password: ", one, sizeof(one), &n) < 0 ||
	    ask("Again: ", two, sizeof(two), &m) < 0)
		return ctl_usage(c, "the terminal cannot be asked; use "
		                    "--password-stdin");
	same = n == m && n <= sizeof(one) && memcmp(one, two, n) == 0;
	mem_wipe(two, sizeof(two));
	if (!same || n == 0) {
		mem_wipe(one, sizeof(one));
		return ctl_usage(c, n ? "the two are not the same"
		                      : "the password is empty");
	}
	return take(c, one, n, out);
}

int ctl_password(struct ctl *c, bool needed, struct str *out)
{
	const char *file = ctl_option(c, "password-file");

	*out = (struct str){ NULL, 0 };
	if (ctl_option(c, "password-stdin") && file)
		return ctl_usage(c, "the password comes from stdin or from a "
		                    "file, not both");
	if (ctl_option(c, "password-stdin"))
		return from_stdin(c, out);
	if (file)
		return from_file(c, file, out);
	if (isatty(0) && isatty(2))
		return from_prompt(c, out);
	if (needed)
		return ctl_usage(c, "the password is missing: --password-stdin "
		                    "or --password-file FILE");
	return CTL_OK;
}
