/* The second factor, and app passwords. */
#include <stdio.h>
#include <string.h>

#include "base/base32.h"
#include "base/civil.h"
#include "base/mem.h"
#include "config/config.h"
#include "os/clock.h"
#include "webmail/call.h"
#include "webmail/private.h"

/* ---- the second factor ---- */

static void percent(struct buf *b, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char ch = s.p[i];

		if (ascii_is_alpha(ch) || ascii_is_digit(ch) ||
		    (ch && str_chr(STR("-._~@"), ch) != STR_NPOS))
			buf_add_c(b, ch);
		else
			buf_fmt(b, "%%%02X", (unsigned char)ch);
	}
}

/* The form that authenticator programs read from a picture. */
static void write_uri(struct webmail_call *c, struct str secret)
{
	struct str host = config_hostname(c->site->bounce->config);
	struct buf b;

	buf_init(&b, 4096);
	buf_add_z(&b, "otpauth://totp/");
	percent(&b, host);
	buf_add_c(&b, ':');
	percent(&b, c->user.account.address);
	buf_fmt(&b, "?secret=%.*s&issuer=", STR_ARG(secret));
	percent(&b, host);
	json_member_str(&c->w, "uri", buf_str(&b));
	mem_wipe(b.p, b.n);
	buf_deinit(&b);
}

static void begin(struct webmail_call *c)
{
	struct err err = ERR_INIT;
	uint8_t secret[20];
	struct buf b;

	if (gate_totp_begin(c->gate, c->user.account.id, secret, &err) < 0) {
		webmail_fail(c, &err);
		return;
	}
	buf_init(&b, 64);
	base32_encode(&b, (struct str){ (const char *)secret, sizeof(secret) });
	json_object(&c->w);
	json_member_str(&c->w, "secret", buf_str(&b));
	write_uri(c, buf_str(&b));
	json_end(&c->w);
	webmail_reply(c);
	mem_wipe(b.p, b.n);
	mem_wipe(secret, sizeof(secret));
	buf_deinit(&b);
}

void webmail_totp_begin(struct http_exchange *x)
{
	struct webmail_call c;

	if (!webmail_call_begin(&c, x))
		return;
	if (webmail_again(&c))
		begin(&c);
	webmail_call_end(&c);
}

static void confirm(struct webmail_call *c, struct str code)
{
	char recovery[GATE_RECOVERY_N][GATE_RECOVERY_MAX];
	struct err err = ERR_INIT;

	if (gate_totp_confirm(c->gate, c->user.account.id, code, recovery,
	                      &err) < 0) {
		if (err.kind == ERR_DENIED)
			weblogin_refuse(c->x, 401, "wrong-code", err.text,
			                NULL);
		else
			webmail_fail(c, &err);
		return;
	}
	json_object(&c->w);
	json_key(&c->w, STR("recovery"));
	json_array(&c->w);
	for (int i = 0; i < GATE_RECOVERY_N; i++)
		json_z(&c->w, recovery[i]);
	json_end(&c->w);
	json_end(&c->w);
	webmail_done(c, SECURITY_TOTP_ON);
	mem_wipe(recovery, sizeof(recovery));
}

/* The secret was given for the password; the code shows who has it. */
void webmail_totp_confirm(struct http_exchange *x)
{
	struct str code = { NULL, 0 };
	struct webmail_call c;

	if (!webmail_call_begin(&c, x))
		return;
	if (webmail_arg_str(&c, "code", &code)) {
		if (code.n > GATE_CODE_MAX)
			webmail_bad(&c, "This is no code");
		else
			confirm(&c, code);
	}
	webmail_call_end(&c);
}

void webmail_totp_off(struct http_exchange *x)
{
	struct err err = ERR_INIT;
	struct webmail_call c;

	if (!webmail_call_begin(&c, x))
		return;
	if (webmail_again(&c)) {
		if (gate_totp_off(c.gate, c.user.account.id, &err) < 0)
			webmail_fail(&c, &err);
		else
			webmail_done(&c, SECURITY_TOTP_OFF);
	}
	webmail_call_end(&c);
}

/* ---- app passwords ---- */

static const enum gate_protocol services[] = {
	GATE_IMAP, GATE_POP3, GATE_SMTP, GATE_SIEVE, GATE_HTTP,
};

#define SERVICES_N (sizeof(services) / sizeof(services[0]))

static void write_app(struct webmail_call *c, const struct gate_app *a)
{
	json_object(&c->w);
	json_member_i64(&c->w, "id", a->id);
	json_member_z(&c->w, "name", a->name);
	json_key(&c->w, STR("services"));
	json_array(&c->w);
	for (size_t i = 0; i < SERVICES_N; i++)
		if (a->services & 1u << services[i])
			json_z(&c->w, webmail_protocol_name(services[i]));
	json_end(&c->w);
	json_member_z(&c->w, "network", a->network[0] ? a->network : NULL);
	json_member_time(&c->w, "created", a->created_us);
	json_member_time(&c->w, "expires", a->expires_us);
	json_member_time(&c->w, "lastUsed", a->last_us);
	json_member_z(&c->w, "lastService",
	              a->last_us ? webmail_protocol_name(a->last_protocol)
	                         : NULL);
	json_member_z(&c->w, "lastIp", a->last_us ? a->last_ip : NULL);
	json_end(&c->w);
}

void webmail_app_list(struct http_exchange *x)
{
	struct err err = ERR_INIT;
	struct webmail_call c;
	struct gate_app *all;
	size_t n;

	if (!webmail_call_begin(&c, x))
		return;
	all = mem_array(GATE_APPS_MAX, sizeof(*all));
	if (gate_app_list(c.gate, c.user.account.id, all, &n, &err) < 0) {
		webmail_fail(&c, &err);
	} else {
		json_object(&c.w);
		json_key(&c.w, STR("appPasswords"));
		json_array(&c.w);
		for (size_t i = 0; i < n; i++)
			write_app(&c, &all[i]);
		json_end(&c.w);
		json_end(&c.w);
		webmail_reply(&c);
	}
	mem_free(all);
	webmail_call_end(&c);
}

/* "2026-12-31": the moment at which that day is over. */
static bool read_day(struct str s, int64_t *us_out)
{
	struct civil day = { .month = 1 };
	uint64_t y, m, d;

	if (s.n != 10 || s.p[4] != '-' || s.p[7] != '-' ||
	    !str_to_u64(str_to(s, 4), 9999, &y) ||
	    !str_to_u64(str_to(str_from(s, 5), 2), 12, &m) ||
	    !str_to_u64(str_from(s, 8), 31, &d) || m == 0 || d == 0 ||
	    (int)d > civil_month_days((int32_t)y, (int)m))
		return false;
	day.year = (int32_t)y;
	day.month = (int8_t)m;
	day.day = (int8_t)(d + 1);
	*us_out = civil_seconds(&day) * US_PER_SEC;
	return true;
}

static bool read_services(struct webmail_call *c, unsigned *out)
{
	struct json list;

	*out = 0;
	if (!json_get(c->args, "services", &list))
		return false;
	for (size_t i = 0; i < json_count(list); i++) {
		struct str name = json_as_str(json_at(list, i));
		unsigned bit = 0;

		for (size_t k = 0; k < SERVICES_N; k++)
			if (str_eq(name,
			           str_z(webmail_protocol_name(services[k]))))
				bit = 1u << services[k];
		if (!bit)
			return false;
		*out |= bit;
	}
	return *out != 0;
}

/* False: it was answered. */
static bool read_app(struct webmail_call *c, struct gate_app *out)
{
	struct str name = STR(""), network = STR(""), expires = STR("");
	const char *why = NULL;

	*out = (struct gate_app){ .id = 0 };
	if (!webmail_arg_str(c, "name", &name) ||
	    !webmail_arg_str(c, "network", &network) ||
	    !webmail_arg_str(c, "expires", &expires))
		return false;
	name = str_trim(name);
	if (name.n == 0 || name.n > GATE_NAME_MAX)
		why = "A name of 1 to 100 bytes is expected";
	else if (network.n >= GATE_NETWORK_MAX)
		why = "This is no network";
	else if (!read_services(c, &out->services))
		why = "Services are imap, pop3, smtp, sieve, jmap";
	else if (expires.n && !read_day(expires, &out->expires_us))
		why = "The last day is expected, such as 2026-12-31";
	else if (expires.n && out->expires_us <= clock_wall_us())
		why = "This day is over";
	if (why) {
		webmail_bad(c, why);
		return false;
	}
	(void)snprintf(out->name, sizeof(out->name), "%.*s", STR_ARG(name));
	(void)snprintf(out->network, sizeof(out->network), "%.*s",
	               STR_ARG(network));
	return true;
}

static void add(struct webmail_call *c, const struct gate_app *app)
{
	struct err err = ERR_INIT;
	char password[24];
	int64_t id;

	if (gate_app_add(c->gate, c->user.account.id, app, password, &id,
	                 &err) < 0) {
		webmail_fail(c, &err);
		return;
	}
	json_object(&c->w);
	json_member_i64(&c->w, "id", id);
	json_member_z(&c->w, "secret", password);
	json_end(&c->w);
	mem_wipe(password, sizeof(password));
	webmail_done(c, SECURITY_APP_ADDED);
}

void webmail_app_add(struct http_exchange *x)
{
	struct webmail_call c;
	struct gate_app app;

	if (!webmail_call_begin(&c, x))
		return;
	if (read_app(&c, &app) && webmail_again(&c))
		add(&c, &app);
	webmail_call_end(&c);
}

void webmail_app_remove(struct http_exchange *x)
{
	struct err err = ERR_INIT;
	struct webmail_call c;
	int64_t id;

	if (!webmail_call_begin(&c, x))
		return;
	if (webmail_arg_id(&c, &id) && webmail_again(&c)) {
		if (gate_app_remove(c.gate, c.user.account.id, id, &err) < 0)
			webmail_fail(&c, &err);
		else
			webmail_done(&c, SECURITY_APP_REMOVED);
	}
	webmail_call_end(&c);
}
