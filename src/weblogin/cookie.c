#include "base/buf.h"
#include "weblogin/private.h"
#include "wire/http/fields.h"

#define SECURE "__Host-posthus"
#define PLAIN  "posthus"

static const char *name_of(struct http_exchange *x)
{
	return net_is_tls(http_session(x)) ? SECURE : PLAIN;
}

struct str weblogin_token(struct http_exchange *x)
{
	struct str token;

	if (http_cookie_get(http_request(x), name_of(x), &token))
		return token;
	return (struct str){ NULL, 0 };
}

void weblogin_set_cookie(struct http_exchange *x, struct str token,
                         bool remember)
{
	struct buf b;

	buf_init(&b, 256);
	buf_fmt(&b, "%s=%.*s; Path=/; HttpOnly; SameSite=Lax", name_of(x),
	        STR_ARG(token));
	if (net_is_tls(http_session(x)))
		buf_add_z(&b, "; Secure");
	if (!token.n)
		buf_add_z(&b, "; Max-Age=0");
	else if (remember)
		buf_fmt(&b, "; Max-Age=%lld",
		        (long long)(GATE_SESSION_US / 1000000));
	http_set(x, "Set-Cookie", buf_str(&b));
	buf_deinit(&b);
}

/* "https://host:port" of this host?  In front of us TLS may have been taken
 * off; but a page in clear is never that of a host with TLS. */
static bool is_own_origin(struct http_exchange *x, struct str origin)
{
	struct str host = http_request(x)->host;

	if (str_starts_case(origin, STR("https://")))
		origin = str_from(origin, 8);
	else if (str_starts_case(origin, STR("http://")) &&
	         !net_is_tls(http_session(x)))
		origin = str_from(origin, 7);
	else
		return false;
	return host.n > 0 && str_eq_case(origin, host);
}

bool weblogin_is_own_page(struct http_exchange *x)
{
	const struct http_head *h = http_request(x);
	struct str origin = http_head_get(h, "Origin");

	if (origin.p)
		return is_own_origin(x, origin);
	return str_eq(http_head_get(h, "Sec-Fetch-Site"), STR("same-origin"));
}
