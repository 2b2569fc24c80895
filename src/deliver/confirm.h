/*
 * deliver/confirm.h - ask at the targets of a forward whether they want it.
 *
 * A target elsewhere gets no mail until somebody who reads mail there has
 * opened the link of this message and pressed the button, so that nobody is
 * sent the mail of others, and a typing error gives no mail away.
 */
#ifndef DELIVER_CONFIRM_H
#define DELIVER_CONFIRM_H

#include <stddef.h>

#include "deliver/bounce.h"

/* A message to each target of the account that waits; *n_out of them. */
int confirm_ask(const struct bounce *b, int64_t account_id, int64_t now_us,
                size_t *n_out, struct err *err) ATTR_MUST_USE;

#endif
