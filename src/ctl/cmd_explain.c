#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "admin/explain.h"
#include "ctl/show.h"
#include "dns/client.h"
#include "dns/server.h"
#include "ipc/ipc.h"
#include "os/clock.h"
#include "policy/codes.h"
#include "verify/verify.h"
#include "wire/json/write.h"

/* ---- codes ---- */

struct found {
	struct code_row rows[CODE_FOUND_MAX];
	size_t n;
};

static void write_text(struct ctl *c, struct buf *b, const char *text)
{
	code_text(b, text,
	          c->cfg ? config_provider_domain(c->cfg) : STR("PROVIDER"));
}

static void show_rows(struct ctl *c, const struct found *f, struct buf *b)
{
	for (size_t i = 0; i < f->n; i++) {
		const struct code_row *r = &f->rows[i];

		if (i)
			buf_add_c(b, '\n');
		buf_fmt(b, "%s (%s)\n  means    ", r->id,
		        code_area_name(r->area));
		write_text(c, b, r->meaning);
		buf_add_z(b, "\n  cause    ");
		write_text(c, b, r->cause);
		buf_add_z(b, "\n  to do    ");
		write_text(c, b, r->todo);
		buf_add_c(b, '\n');
	}
}

static void put_text(struct ctl *c, struct json_writer *w, const char *key,
                     const char *text)
{
	struct buf b;

	buf_init(&b, 4096);
	write_text(c, &b, text);
	json_member_str(w, key, buf_str(&b));
	buf_deinit(&b);
}

static void put_rows(struct ctl *c, const struct found *f,
                     struct json_writer *w)
{
	json_key(w, STR("found"));
	json_array(w);
	for (size_t i = 0; i < f->n; i++) {
		const struct code_row *r = &f->rows[i];

		json_object(w);
		json_member_z(w, "id", r->id);
		json_member_z(w, "area", code_area_name(r->area));
		put_text(c, w, "meaning", r->meaning);
		put_text(c, w, "cause", r->cause);
		put_text(c, w, "todo", r->todo);
		json_end(w);
	}
	json_end(w);
}

/* ---- what is known of an address ---- */

struct logins {
	struct ctl *c;
	struct str address;
	struct buf *text;
	struct json_writer *json; /* NULL: text */
};

static const char *protocol_name(enum gate_protocol p)
{
	static const char *const names[] = {
		[GATE_SMTP] = "SMTP", [GATE_IMAP] = "IMAP",
		[GATE_POP3] = "POP3", [GATE_SIEVE] = "ManageSieve",
		[GATE_HTTP] = "JMAP", [GATE_WEB] = "the web page",
	};

	return (unsigned)p <= GATE_WEB ? names[p] : "";
}

/* How it ended, for "tried IMAP ... ". */
static const char *ended(const struct admin_login *l)
{
	switch (l->verdict) {
	case GATE_OK: return "and got in";
	case GATE_CASE: return "with capitals in the user name";
	case GATE_LOCKED: return "while logins were locked for a minute";
	case GATE_SUSPENDED: return "though login is suspended";
	case GATE_TEMP: return "while something here did not work";
	case GATE_CODE: return "and was asked for the code";
	case GATE_APP_ONLY: return "without an app password";
	case GATE_WRONG: break;
	}
	if (str_eq(l->why, STR("alias")))
		return "but is an alias, which has no login";
	if (str_eq(l->why, STR("wrong password")))
		return "with a wrong password";
	if (str_eq(l->why, STR("unknown name")))
		return "but there is no such account";
	if (str_eq(l->why, STR("no password set")))
		return "but has no password yet";
	return "and was refused";
}

static const char *times(uint64_t n, char space[32])
{
	static const char *const words[] = { "", "once", "twice",
		                             "three times" };

	if (n < 4)
		return words[n];
	(void)snprintf(space, 32, "%llu times", (unsigned long long)n);
	return space;
}

static bool show_login(void *arg, const struct admin_login *l)
{
	struct logins *s = arg;
	char space[32];

	if (s->json) {
		json_object(s->json);
		json_member_z(s->json, "protocol", protocol_name(l->protocol));
		json_member_str(s->json, "ip", l->ip);
		json_member_bool(s->json, "ok", l->verdict == GATE_OK);
		json_member_z(s->json, "result", ended(l));
		json_member_u64(s->json, "times", l->n);
		json_member_time(s->json, "first", l->first_us);
		json_member_time(s->json, "last", l->last_us);
		json_end(s->json);
		return true;
	}
	buf_fmt(s->text, "  %.*s tried %s %s from %.*s %s, last ",
	        STR_ARG(s->address), protocol_name(l->protocol),
	        times(l->n, space), STR_ARG(l->ip), ended(l));
	out_time_text(s->text, l->last_us, clock_wall_us());
	buf_add_c(s->text, '\n');
	return true;
}

static bool show_refusal(void *arg, const struct admin_refusal *r)
{
	struct logins *s = arg;

	if (s->json) {
		json_object(s->json);
		json_member_time(s->json, "time", r->at_us);
		json_member_str(s->json, "trace", r->trace);
		json_member_str(s->json, "sender", r->sender);
		json_member_str(s->json, "ref", r->ref);
		json_member_str(s->json, "text", r->words);
		json_end(s->json);
		return true;
	}
	buf_add(s->text, STR("  "));
	out_time_text(s->text, r->at_us, clock_wall_us());
	buf_fmt(s->text, ": %.*s", STR_ARG(r->words));
	if (r->ref.n)
		buf_fmt(s->text, " [%.*s]", STR_ARG(r->ref));
	if (r->trace.n)
		buf_fmt(s->text, "; posthus trace %.*s", STR_ARG(r->trace));
	buf_add_c(s->text, '\n');
	return true;
}

static int put_refusals(struct ctl *c, struct logins *s, struct err *err)
{
	if (s->json) {
		json_key(s->json, STR("refusals"));
		json_array(s->json);
	}
	if (admin_refusals(c->admin, s->address, show_refusal, s, err) < 0)
		return -1;
	if (s->json)
		json_end(s->json);
	return 0;
}

static int put_address(struct ctl *c, struct str address, struct buf *text,
                       struct json_writer *w, struct err *err)
{
	size_t at = str_rchr(address, '@');
	struct logins s = { c, address, text, w };
	struct directory_resolved r;
	const char *kind = "no address of this host";

	if (at == STR_NPOS)
		return err_set(err, ERR_INVALID, "\"%.*s\" is no address",
		               STR_ARG(address));
	if (directory_address_resolve(admin_directory(c->admin),
	                              str_to(address, at),
	                              str_from(address, at + 1), &c->arena, &r,
	                              err) < 0)
		return -1;
	if (r.kind == DIRECTORY_NONE)
		kind = "unknown here";
	else if (r.kind == DIRECTORY_ALIAS)
		kind = "an alias: it passes mail on and has no login";
	else if (r.kind == DIRECTORY_CATCHALL)
		kind = "unknown; the catch-all takes its mail";
	else if (r.kind == DIRECTORY_ACCOUNT)
		kind = r.flags & DIRECTORY_NO_LOGIN
		               ? "an account whose login is suspended"
		               : "an account";
	if (w) {
		json_member_str(w, "address", address);
		json_member_z(w, "is", kind);
		json_key(w, STR("logins"));
		json_array(w);
	} else {
		buf_fmt(text, "\n%.*s is %s\n", STR_ARG(address), kind);
	}
	if (admin_logins(c->admin, address, show_login, &s, err) < 0)
		return -1;
	if (w)
		json_end(w);
	return put_refusals(c, &s, err);
}

static int explain(struct ctl *c, struct str typed, const char *address,
                   const struct found *f)
{
	struct err err = ERR_INIT;
	struct json_writer w;
	struct buf b;
	int rc = 0;

	buf_init(&b, 1 << 20);
	w = json_writer(&b);
	if (c->json) {
		json_object(&w);
		json_member_str(&w, "typed", typed);
		put_rows(c, f, &w);
	} else {
		show_rows(c, f, &b);
	}
	if (address)
		rc = put_address(c, str_z(address), &b, c->json ? &w : NULL,
		                 &err);
	if (c->json) {
		json_end(&w);
		buf_add_c(&b, '\n');
	}
	rc = rc < 0 ? ctl_fail(c, &err, NULL, "cannot look at %s", address)
	            : out_write(c, buf_str(&b));
	buf_deinit(&b);
	return rc;
}

/* ---- what would happen ---- */

static const struct out_column columns[] = {
	{ "rule", "RULE" },
	{ "verdict", "VERDICT" },
	{ "ref", "REFERENCE" },
	{ "text", "REPLY" },
};

static void show_opinion(void *arg, const struct admin_opinion *o)
{
	struct out *out = arg;
	const char *verdict = "passes";

	if (o->mode == POLICY_OFF)
		verdict = "off";
	else if (!o->asked)
		verdict = "not asked";
	else if (o->decides)
		verdict = "refuses";
	else if (o->ref != REF_NONE)
		verdict = o->mode == POLICY_LOG ? "would refuse, only logs"
		                                : "would refuse too";
	out_z(out, o->rule);
	out_z(out, verdict);
	if (o->ref == REF_NONE)
		out_none(out);
	else
		out_z(out, policy_reply(o->ref)->ref);
	out_text(out, o->text);
}

/* A resolver of this process alone: the host need not run. */
struct asking {
	int door[2];
	struct dns_server *server;
	struct dns_client *client;
	struct verify *verify;
};

static int asking_begin(struct asking *a, const struct config *cfg,
                        struct err *err)
{
	struct dns_server_options o = { .cache_kib = 1024 };
	const char *anchor = config_z(cfg, OPT_DNS_TRUST_ANCHOR);
	struct verify_options v = { .hostname = config_hostname(cfg) };

	*a = (struct asking){ .door = { -1, -1 } };
	o.n_servers = config_list(cfg, OPT_DNS_SERVERS, &o.servers);
	o.trust_anchor = *anchor ? anchor : NULL;
	if (ipc_door(a->door, err) < 0)
		return -1;
	o.door = a->door[0];
	if (dns_server_start(&a->server, &o, err) < 0)
		return -1;
	a->client = dns_client_new(a->door[1], "explain");
	v.dns = a->client;
	a->verify = verify_new(&v);
	return 0;
}

static void asking_end(struct asking *a)
{
	verify_free(&a->verify);
	dns_client_free(&a->client);
	if (a->server)
		dns_server_stop(&a->server);
	for (int i = 0; i < 2; i++)
		if (a->door[i] >= 0)
			(void)close(a->door[i]);
}

static int simulate(struct ctl *c)
{
	const char *from = ctl_option(c, "from"), *ip = ctl_option(c, "ip");
	const char *helo = ctl_option(c, "helo"), *to = ctl_option(c, "to");
	const char *login = ctl_option(c, "login");
	struct admin_simulation s = { .from = str_z(from ? from : "") };
	struct err err = ERR_INIT;
	struct asking asking;
	struct out o;
	int rc;

	if (!to || (!login && (!ip || !helo)))
		return ctl_usage(c, "--simulate needs --to, and --login or "
		                    "--ip and --helo");
	s.login = str_z(login ? login : "");
	s.ip = str_z(ip ? ip : "");
	s.helo = str_z(helo ? helo : "");
	s.to = str_z(to);
	rc = asking_begin(&asking, c->cfg, &err);
	s.verify = asking.verify;
	out_begin(&o, c, columns, 4, false);
	if (rc == 0)
		rc = admin_simulate(c->admin, &s, &c->arena, show_opinion, &o,
		                    &err);
	asking_end(&asking);
	if (rc < 0)
		return ctl_fail(c, &err, NULL, "cannot simulate");
	return out_end(&o);
}

/* What a code means can be told on any machine; only what happened, and what
 * would happen, needs a host. */
static int open_host(struct ctl *c, bool needed)
{
	const char *path = getenv("POSTHUS_CONFIG");
	bool named = ctl_option(c, "config") || (path && path[0]);

	if (needed)
		return ctl_admin(c);
	return named || access(CTL_CONFIG_DEFAULT, F_OK) == 0 ? ctl_config(c)
	                                                      : CTL_OK;
}

int ctl_run_explain(struct ctl *c)
{
	const char *address = ctl_option(c, "address");
	struct found f = { .n = 0 };
	struct buf typed;
	int rc = open_host(c, address || ctl_option(c, "simulate"));

	if (rc != CTL_OK)
		return rc;
	if (ctl_option(c, "simulate"))
		return simulate(c);
	if (!c->n_args && !address)
		return ctl_usage(c, "what is to be explained?");
	buf_init(&typed, 4096);
	for (size_t i = 0; i < c->n_args; i++) {
		if (i)
			buf_add_c(&typed, ' ');
		buf_add(&typed, ctl_arg(c, i));
	}
	if (c->n_args)
		f.n = code_find(buf_str(&typed), f.rows);
	if (c->n_args && !f.n) {
		struct err err = ERR_INIT;

		err_drop(err_set(&err, ERR_NOT_FOUND,
		                 "nothing is known of \"%.*s\"",
		                 STR_ARG(buf_str(&typed))));
		rc = ctl_fail(c, &err,
		              "the code as the mail program shows it, or the "
		              "words in the reply",
		              "cannot explain it");
	} else {
		rc = explain(c, buf_str(&typed), address, &f);
	}
	buf_deinit(&typed);
	return rc;
}
