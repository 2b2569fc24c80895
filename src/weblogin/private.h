/* weblogin/private.h - between the files of weblogin/. */
#ifndef WEBLOGIN_PRIVATE_H
#define WEBLOGIN_PRIVATE_H

#include "weblogin/weblogin.h"

#define WEBLOGIN_BODY_MAX 8192

/* ---- answer.c ---- */

/* A problem (RFC 7807) without a type of its own. */
void weblogin_problem(struct http_exchange *x, int status, const char *detail);
/* The same for what is the server's fault, which is logged. */
void weblogin_trouble(struct http_exchange *x, const struct err *err);
/* The words of every verdict but OK; with `typed` as POST /login has them, else
 * as a problem. */
void weblogin_judge(struct http_exchange *x, const struct gate_login_result *r,
                    bool typed);
/* 401: nothing was given. */
void weblogin_ask(struct http_exchange *x);
void weblogin_log(struct http_exchange *x, struct str user,
                  const struct gate_login_result *r);

/* ---- cookie.c ---- */

/* The token that the request carries; the empty view without. */
struct str weblogin_token(struct http_exchange *x);
/* Set it, for 30 days or until the browser closes; an empty one removes it. */
void weblogin_set_cookie(struct http_exchange *x, struct str token,
                         bool remember);

/* ---- routes ---- */

void weblogin_serve_login(struct http_exchange *x);
void weblogin_serve_who(struct http_exchange *x);
void weblogin_serve_logout(struct http_exchange *x);
void weblogin_serve_start(struct http_exchange *x);

#endif
