/* webmail/private.h - between the files of webmail/. */
#ifndef WEBMAIL_PRIVATE_H
#define WEBMAIL_PRIVATE_H

#include "base/buf.h"
#include "gate/client.h"
#include "webmail/files.h"
#include "webmail/webmail.h"

/* ---- static.c ---- */

void webmail_serve_shell(struct http_exchange *x);
void webmail_serve_asset(struct http_exchange *x);
void webmail_serve_icon(struct http_exchange *x);
void webmail_serve_worker(struct http_exchange *x);
void webmail_serve_frame(struct http_exchange *x);

/* ---- account.c ---- */

const char *webmail_protocol_name(enum gate_protocol p);

/* ---- factor.c ---- */

void webmail_totp_begin(struct http_exchange *x);
void webmail_totp_confirm(struct http_exchange *x);
void webmail_totp_off(struct http_exchange *x);
void webmail_app_list(struct http_exchange *x);
void webmail_app_add(struct http_exchange *x);
void webmail_app_remove(struct http_exchange *x);

#endif
