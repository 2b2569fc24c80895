/* What the trail is told of a message on its way through intake. */
#include "intake/private.h"

void intake_trail(struct intake_work *w, struct trail_event e)
{
	const struct intake_message *m = w->m;

	e.trace = str_z(w->trace);
	e.session = m->session;
	if (e.kind == TRAIL_DATA_REFUSED || e.kind == TRAIL_ACCEPTED) {
		e.peer = m->peer;
		e.helo = m->helo;
		e.sender = m->sender;
		e.null_sender = m->sender.n == 0;
		e.message_id = field_unfold(w->arena,
		                            w->fields.first[FIELD_MESSAGE_ID]);
		e.who = m->login.n ? m->login : m->unix_user;
		e.account = m->account_id;
		e.size = w->size;
	}
	trail_add(w->in->o.trail, &e);
}

static struct str way_text(const struct intake_message *m)
{
	switch (m->way) {
	case INTAKE_JMAP: return STR("by the webmail");
	case INTAKE_SENDMAIL: return STR("by a script");
	case INTAKE_SUBMISSION:
	case INTAKE_MX: break;
	}
	return (struct str){ NULL, 0 };
}

void intake_trail_accepted(struct intake_work *w)
{
	const struct intake_message *m = w->m;

	intake_trail(w, (struct trail_event){ .kind = TRAIL_ACCEPTED,
	                                      .tls = m->tls_version,
	                                      .text = way_text(m) });
}
