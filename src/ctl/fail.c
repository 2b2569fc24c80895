#define CTL_FAIL_C
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "admin/problem.h"
#include "base/buf.h"
#include "ctl/command.h"
#include "ctl/out.h"
#include "os/file.h"

/* stderr may be gone; there is nobody left to tell. */
static void say(struct buf *b)
{
	struct err ignored = ERR_INIT;

	err_drop(file_write(2, buf_str(b), &ignored));
	buf_deinit(b);
}

enum ctl_exit ctl_exit_of(enum err_kind kind)
{
	switch (kind) {
	case ERR_NONE: return CTL_OK;
	case ERR_NOT_FOUND: return CTL_NOT_FOUND;
	case ERR_DENIED: return CTL_DENIED;
	case ERR_EXISTS: return CTL_EXISTS;
	case ERR_NO_SPACE:
	case ERR_TIMEOUT:
	case ERR_CLOSED:
	case ERR_TEMP: return CTL_TEMP;
	case ERR_INVALID:
	case ERR_TOO_BIG:
	case ERR_OVER_QUOTA:
	case ERR_CORRUPT:
	case ERR_KIND_COUNT: break;
	}
	return CTL_FAILED;
}

const char *ctl_error_id(enum err_kind kind)
{
	return admin_problem(ADMIN_FAULT_KIND, kind)->reference;
}

/* What to do when the command has no better advice. */
static const char *usual_hint(enum err_kind kind)
{
	switch (kind) {
	case ERR_CORRUPT: return "posthus fsck";
	case ERR_NO_SPACE:
		return "free some disk space: posthus status shows the folder";
	case ERR_DENIED:
		return "run it as the user who owns the data folder, or as "
		       "root";
	default: return NULL;
	}
}

int ctl_fail(struct ctl *c, const struct err *err, const char *hint,
             const char *what, ...)
{
	struct buf b;
	va_list ap;

	(void)c;
	buf_init(&b, 8192);
	buf_add_z(&b, "error: ");
	va_start(ap, what);
	buf_vfmt(&b, what, ap);
	va_end(ap);
	buf_fmt(&b, ": %s\n", err->text[0] ? err->text : "no reason given");
	if (!hint)
		hint = usual_hint(err->kind);
	if (hint)
		buf_fmt(&b, "  try:     %s\n", hint);
	buf_fmt(&b, "  [%s]  posthus help errors\n", ctl_error_id(err->kind));
	say(&b);
	return ctl_exit_of(err->kind);
}

int ctl_usage(struct ctl *c, const char *what, ...)
{
	struct buf b;
	va_list ap;

	buf_init(&b, 8192);
	buf_add_z(&b, "error: ");
	va_start(ap, what);
	buf_vfmt(&b, what, ap);
	va_end(ap);
	buf_add_c(&b, '\n');
	if (c->command) {
		ctl_usage_line(c->command, &b);
		buf_fmt(&b, "help:  posthus %s%s%s --help\n", c->command->noun,
		        c->command->verb ? " " : "",
		        c->command->verb ? c->command->verb : "");
	} else {
		buf_add_z(&b, "help:  posthus --help\n");
	}
	say(&b);
	return CTL_USAGE;
}

void ctl_note(struct ctl *c, const char *fmt, ...)
{
	struct buf b;
	va_list ap;

	if (c->quiet)
		return;
	buf_init(&b, 8192);
	va_start(ap, fmt);
	buf_vfmt(&b, fmt, ap);
	va_end(ap);
	buf_add_c(&b, '\n');
	say(&b);
}

int ctl_done(struct ctl *c, const char *key, struct str value,
             const char *result)
{
	struct json_writer w;
	struct buf b;
	int rc = CTL_OK;

	if (!c->json) {
		ctl_note(c, "%.*s: %s", STR_ARG(value), result);
		return CTL_OK;
	}
	buf_init(&b, 8192);
	w = json_writer(&b);
	json_object(&w);
	json_member_str(&w, key, value);
	json_member_z(&w, "result", result);
	json_end(&w);
	buf_add_c(&b, '\n');
	rc = out_write(c, buf_str(&b));
	buf_deinit(&b);
	return rc;
}

bool ctl_confirm(struct ctl *c, const char *question, ...)
{
	char answer[16] = "";
	struct buf b;
	va_list ap;

	if (c->yes)
		return true;
	buf_init(&b, 4096);
	va_start(ap, question);
	buf_vfmt(&b, question, ap);
	va_end(ap);
	if (!isatty(0) || !isatty(2)) {
		buf_add_z(&b, "\nerror: this needs --yes\n");
		say(&b);
		return false;
	}
	buf_add_z(&b, "\nGo on? [y/N] ");
	say(&b);
	if (!fgets(answer, sizeof(answer), stdin))
		return false;
	return answer[0] == 'y' || answer[0] == 'Y';
}
