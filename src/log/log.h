/*
 * log/log.h - one line a decision, in logfmt, to stderr.
 *
 * A line is `time level event` and fields.  The event is a stable dotted id
 * ("smtp.rcpt.refused") for programs; fields are named as in this list:
 * sid qid addr ip proto port tls dur bytes code ref err.  Never write message
 * content or a secret.  Values are escaped here and nowhere else.
 *
 *	struct log_line l;
 *
 *	log_begin(&l, LOG_INFO, "smtp.rcpt.refused");
 *	log_z(&l, "ip", ip);
 *	log_u64(&l, "code", 450);
 *	log_end(&l);
 */
#ifndef LOG_LOG_H
#define LOG_LOG_H

#include "base/err.h"
#include "base/str.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

/* Once, before the threads.  `role` stands in every line ("smtp"). */
void log_setup(const char *role, enum log_level least, bool json);

struct log_line {
	char p[1024]; /* private: what does not fit is cut, marked "..." */
	size_t n;
	bool off; /* the level is not wanted */
};

void log_begin(struct log_line *l, enum log_level level, const char *event);
void log_str(struct log_line *l, const char *field, struct str value);
void log_z(struct log_line *l, const char *field, const char *value);
void log_u64(struct log_line *l, const char *field, uint64_t value);
void log_i64(struct log_line *l, const char *field, int64_t value);
void log_err(struct log_line *l, const struct err *err); /* kind and text */
void log_end(struct log_line *l);

/* The short form, for an event with nothing but an error or a text. */
void log_fail(enum log_level level, const char *event, const struct err *err);
void log_msg(enum log_level level, const char *event, const char *fmt, ...)
	ATTR_PRINTF(3, 4);

#endif
