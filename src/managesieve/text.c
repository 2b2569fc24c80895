/* The text of a script: small ones lie in the command, others in a spool. */
#include "config/config.h"
#include "managesieve/session.h"
#include "os/spool.h"

static uint64_t bytes_max(const struct managesieve_session *s)
{
	return config_u64(s->ctx->config, OPT_SIEVE_SCRIPT_BYTES);
}

void managesieve_text_drop(struct managesieve_session *s)
{
	spool_free(&s->script);
	s->err = (struct err)ERR_INIT;
}

/* PUTSCRIPT name text, CHECKSCRIPT text: no other string may be long. */
static bool is_script(const struct managesieve_session *s)
{
	struct managesieve_command c;

	managesieve_reader_get(&s->reader, &c);
	if (s->state != MANAGESIEVE_LOGGED_IN || s->auth)
		return false;
	if (str_eq_case(c.name, STR("PUTSCRIPT")))
		return c.n == 1 && c.args[0].kind == MANAGESIEVE_STRING;
	return str_eq_case(c.name, STR("CHECKSCRIPT")) && c.n == 0;
}

/* Every limit before a byte is taken. */
void managesieve_text_begin(struct managesieve_session *s)
{
	managesieve_text_drop(s);
	if (!is_script(s))
		err_drop(err_set(&s->err, ERR_INVALID,
		                 "The literal is too long"));
	else if (s->reader.size > bytes_max(s))
		err_drop(err_set(&s->err, ERR_TOO_BIG, "too large"));
	if (s->err.kind != ERR_NONE) {
		managesieve_reader_refuse(&s->reader);
		return;
	}
	s->script = spool_new(s->ctx->spools, s->reader.size);
	managesieve_reader_stream(&s->reader);
}

/* After a failure the rest is read and dropped; the answer comes at the
 * end. */
void managesieve_text_add(struct managesieve_session *s, struct str piece)
{
	if (s->script && s->err.kind == ERR_NONE)
		err_drop(spool_add(s->script, piece, &s->err)); /* kept */
}

bool managesieve_text(struct managesieve_session *s,
                      const struct managesieve_command *c, size_t i,
                      struct str *out)
{
	if (c->args[i].kind == MANAGESIEVE_STRING) {
		if (c->args[i].text.n > bytes_max(s))
			err_drop(err_set(&s->err, ERR_TOO_BIG, "too large"));
		*out = c->args[i].text;
	} else if (s->err.kind == ERR_NONE &&
	           spool_seal(s->script, &s->err) == 0) {
		err_drop(spool_view(s->script, out, &s->err)); /* kept */
	}
	if (s->err.kind == ERR_NONE)
		return true;
	managesieve_fail(s, &s->err);
	return false;
}
