/* The commands that read and change scripts (RFC 5804, 2.5 to 2.12). */
#include "config/config.h"
#include "deliver/script.h"
#include "managesieve/command.h"

static struct script_limits limits_of(const struct managesieve_session *s)
{
	return (struct script_limits){
		.scripts = config_u64(s->ctx->config, OPT_SIEVE_SCRIPTS_MAX),
		.bytes = config_u64(s->ctx->config, OPT_SIEVE_SCRIPT_BYTES),
	};
}

/* A change is done: rc and *err say how. */
static void answer(struct managesieve_session *s, int rc, struct err *err,
                   const char *words)
{
	if (rc == 0)
		rc = deliver_script_tell(s->ctx->store, s->ctx->directory,
		                         s->account, err);
	if (rc < 0)
		managesieve_fail(s, err);
	else
		managesieve_ok(s, "", "%s", words);
}

static void no_room(struct managesieve_session *s, bool count,
                    const struct err *err)
{
	if (err->kind == ERR_TOO_BIG && count)
		managesieve_no(s, "QUOTA/MAXSCRIPTS", "%s", err->text);
	else
		managesieve_fail(s, err);
}

void managesieve_cmd_havespace(struct managesieve_session *s,
                               const struct managesieve_command *c)
{
	struct script_limits max = limits_of(s);
	struct err err = ERR_INIT;
	bool count = false;

	if (script_room(s->ctx->store, s->account, c->args[0].text,
	                c->args[1].number, &max, &count, &err) < 0)
		no_room(s, count, &err);
	else
		managesieve_ok(s, "", "There is room");
}

void managesieve_cmd_putscript(struct managesieve_session *s,
                               const struct managesieve_command *c)
{
	struct script_limits max = limits_of(s);
	struct str text, name = c->args[0].text;
	struct err err = ERR_INIT;
	bool count = false;

	if (!managesieve_text(s, c, 1, &text))
		return;
	if (script_room(s->ctx->store, s->account, name, text.n, &max, &count,
	                &err) < 0) {
		no_room(s, count, &err);
		return;
	}
	if (deliver_script_check(text, &err) < 0) {
		managesieve_fail(s, &err);
		return;
	}
	answer(s, script_put(s->ctx->store, s->account, name, text, &max, &err),
	       &err, "Kept");
}

void managesieve_cmd_checkscript(struct managesieve_session *s,
                                 const struct managesieve_command *c)
{
	struct err err = ERR_INIT;
	struct str text;

	if (!managesieve_text(s, c, 0, &text))
		return;
	if (deliver_script_check(text, &err) < 0)
		managesieve_fail(s, &err);
	else
		managesieve_ok(s, "", "The script is correct");
}

void managesieve_cmd_listscripts(struct managesieve_session *s,
                                 const struct managesieve_command *c)
{
	struct err err = ERR_INIT;
	struct script *list;
	struct arena a;
	struct buf b;
	size_t n;

	(void)c;
	arena_init(&a);
	if (script_list(s->ctx->store, s->account, &a, &list, &n, &err) < 0) {
		managesieve_fail(s, &err);
		arena_deinit(&a);
		return;
	}
	buf_init(&b, (n + 1) * (2 * SCRIPT_NAME_MAX + 16));
	for (size_t i = 0; i < n; i++) {
		managesieve_write_string(&b, list[i].name);
		buf_add_z(&b, list[i].active ? " ACTIVE\r\n" : "\r\n");
	}
	net_write(s->net, buf_str(&b));
	buf_deinit(&b);
	arena_deinit(&a);
	managesieve_ok(s, "", "These are all");
}

void managesieve_cmd_getscript(struct managesieve_session *s,
                               const struct managesieve_command *c)
{
	struct err err = ERR_INIT;
	struct script script;
	struct arena a;

	arena_init(&a);
	if (script_get(s->ctx->store, s->account, c->args[0].text, &a, &script,
	               &err) < 0) {
		managesieve_fail(s, &err);
	} else {
		net_fmt(s->net, "{%zu}\r\n", script.text.n);
		net_write(s->net, script.text);
		net_write(s->net, STR("\r\n"));
		managesieve_ok(s, "", "That is the script");
	}
	arena_deinit(&a);
}

void managesieve_cmd_setactive(struct managesieve_session *s,
                               const struct managesieve_command *c)
{
	struct str name = c->args[0].text;
	struct err err = ERR_INIT;

	answer(s, script_activate(s->ctx->store, s->account, name, &err), &err,
	       name.n ? "The script is active" : "No script is active");
}

void managesieve_cmd_deletescript(struct managesieve_session *s,
                                  const struct managesieve_command *c)
{
	struct err err = ERR_INIT;

	answer(s,
	       script_remove(s->ctx->store, s->account, c->args[0].text, &err),
	       &err, "Removed");
}

void managesieve_cmd_renamescript(struct managesieve_session *s,
                                  const struct managesieve_command *c)
{
	struct err err = ERR_INIT;

	answer(s,
	       script_rename(s->ctx->store, s->account, c->args[0].text,
	                     c->args[1].text, &err),
	       &err, "Renamed");
}
