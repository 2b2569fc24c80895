#include "log/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "os/clock.h"

static struct {
	char role[16];
	enum log_level least;
	bool json;
} cfg = { .role = "posthus", .least = LOG_INFO };

static const char *const level_names[] = {
	[LOG_DEBUG] = "debug",
	[LOG_INFO] = "info",
	[LOG_WARN] = "warn",
	[LOG_ERROR] = "error",
};

void log_setup(const char *role, enum log_level least, bool json)
{
	(void)snprintf(cfg.role, sizeof(cfg.role), "%s", role);
	cfg.least = least;
	cfg.json = json;
}

/* Room is kept for the end of the line. */
static void put(struct log_line *l, const char *p, size_t n)
{
	size_t room = sizeof(l->p) - 8 - l->n;

	if (n > room) {
		n = room;
	}
	memcpy(l->p + l->n, p, n);
	l->n += n;
}

static void put_z(struct log_line *l, const char *z)
{
	put(l, z, strlen(z));
}

static bool is_plain(struct str v)
{
	if (v.n == 0)
		return false;
	for (size_t i = 0; i < v.n; i++) {
		unsigned char c = (unsigned char)v.p[i];

		if (c <= ' ' || c == '"' || c == '\\' || c == '=' || c == 127)
			return false;
	}
	return true;
}

/* Control characters as \u00XX: good in logfmt and JSON alike. */
static void put_escaped(struct log_line *l, struct str v)
{
	for (size_t i = 0; i < v.n; i++) {
		unsigned char c = (unsigned char)v.p[i];
		char esc[8];

		if (c == '"' || c == '\\') {
			(void)snprintf(esc, sizeof(esc), "\\%c", c);
			put_z(l, esc);
		} else if (c < ' ' || c == 127) {
			(void)snprintf(esc, sizeof(esc), "\\u%04x", c);
			put_z(l, esc);
		} else {
			put(l, v.p + i, 1);
		}
	}
}

static void put_value(struct log_line *l, struct str v)
{
	if (!cfg.json && is_plain(v)) {
		put(l, v.p, v.n);
		return;
	}
	put_z(l, "\"");
	put_escaped(l, v);
	put_z(l, "\"");
}

static void put_field(struct log_line *l, const char *name)
{
	if (cfg.json) {
		put_z(l, l->n > 1 ? ",\"" : "\"");
		put_z(l, name);
		put_z(l, "\":");
		return;
	}
	if (l->n)
		put_z(l, " ");
	put_z(l, name);
	put_z(l, "=");
}

static void put_time(struct log_line *l)
{
	int64_t now = clock_wall_us();
	time_t sec = (time_t)(now / US_PER_SEC);
	char text[40];
	struct tm tm;
	size_t n;

	(void)gmtime_r(&sec, &tm);
	n = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	(void)snprintf(text + n, sizeof(text) - n, ".%03dZ",
	               (int)(now % US_PER_SEC / US_PER_MS));
	log_z(l, "time", text);
}

void log_begin(struct log_line *l, enum log_level level, const char *event)
{
	l->n = 0;
	l->off = level < cfg.least;
	if (l->off)
		return;
	if (cfg.json)
		put_z(l, "{");
	put_time(l);
	log_z(l, "level", level_names[level]);
	log_z(l, "role", cfg.role);
	log_z(l, "event", event);
}

void log_str(struct log_line *l, const char *field, struct str value)
{
	if (l->off)
		return;
	put_field(l, field);
	put_value(l, value);
}

void log_z(struct log_line *l, const char *field, const char *value)
{
	log_str(l, field, str_z(value));
}

void log_u64(struct log_line *l, const char *field, uint64_t value)
{
	char text[24];

	if (l->off)
		return;
	(void)snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
	put_field(l, field);
	put_z(l, text);
}

void log_i64(struct log_line *l, const char *field, int64_t value)
{
	char text[24];

	if (l->off)
		return;
	(void)snprintf(text, sizeof(text), "%lld", (long long)value);
	put_field(l, field);
	put_z(l, text);
}

void log_err(struct log_line *l, const struct err *err)
{
	log_z(l, "kind", err_kind_name(err->kind));
	log_z(l, "err", err->text);
}

void log_end(struct log_line *l)
{
	if (l->off)
		return;
	if (l->n >= sizeof(l->p) - 8) {
		memcpy(l->p + l->n, cfg.json ? "\"" : "...", cfg.json ? 1 : 3);
		l->n += cfg.json ? 1 : 3;
	}
	if (cfg.json)
		l->p[l->n++] = '}';
	l->p[l->n++] = '\n';
	/* One write a line, so that lines of several processes never mix. */
	if (write(STDERR_FILENO, l->p, l->n) < 0)
		return; /* nobody listens: nothing better to do */
}

void log_fail(enum log_level level, const char *event, const struct err *err)
{
	struct log_line l;

	log_begin(&l, level, event);
	log_err(&l, err);
	log_end(&l);
}

void log_msg(enum log_level level, const char *event, const char *fmt, ...)
{
	struct log_line l;
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	log_begin(&l, level, event);
	log_z(&l, "msg", text);
	log_end(&l);
}
