/* wire/smtp/private.h - what the readers of MAIL and RCPT share; private. */
#ifndef WIRE_SMTP_PRIVATE_H
#define WIRE_SMTP_PRIVATE_H

#include "wire/smtp/command.h"

struct smtp_param {
	struct str keyword, value;
	bool has_value;
};

typedef enum smtp_parse smtp_param_reader(const struct smtp_param *p,
                                          struct arena *a, void *into);

struct smtp_param_row {
	const char *keyword;
	smtp_param_reader *read;
};

bool smtp_is_wsp(char c);
struct str smtp_trim_wsp(struct str s);
bool smtp_param_is_printable(struct str s);
bool smtp_param_keyword_is_valid(struct str k);

/* What follows "FROM:" or "TO:"; the blank that some programs put there is
 * let pass. */
bool smtp_param_word(struct str *args, struct str word);

/* Read all parameters by a table; none may come twice. */
enum smtp_parse smtp_params_read(struct str rest,
                                 const struct smtp_param_row *rows, size_t n,
                                 struct arena *a, void *into);

#endif
