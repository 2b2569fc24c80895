/* The role `smtp`: 25, 465, 587, 2525. */
#include "base/mem.h"
#include "daemon/roles.h"
#include "intake/intake.h"
#include "smtp/server.h"
#include "verify/sign.h"
#include "verify/verify.h"

struct role_smtp {
	struct intake *intake;
	struct verify *verify;
	struct signer *signer;
	struct smtp_shared *shared;
	struct smtp_context contexts[PORT_COUNT];
};

static enum smtp_kind kind_of(enum port_id port)
{
	switch (port) {
	case PORT_SMTP: return SMTP_MX;
	case PORT_SENDMAIL: return SMTP_SENDMAIL;
	default: return SMTP_SUBMISSION;
	}
}

static int listen_all(struct host *h, struct role_smtp *r, struct err *err)
{
	static const enum port_id ports[] = { PORT_SMTP, PORT_SUBMISSIONS,
		                              PORT_SUBMISSION,
		                              PORT_SUBMISSION_ALT,
		                              PORT_SENDMAIL };

	for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++) {
		struct smtp_context *c = &r->contexts[ports[i]];

		*c = (struct smtp_context){
			.kind = kind_of(ports[i]),
			.starttls = !port_rows[ports[i]].tls &&
			            !port_rows[ports[i]].local,
			.config = h->cfg,
			.directory = h->directory,
			.store = h->store,
			.gate = h->gate,
			.greylist = h->greylist,
			.intake = r->intake,
			.verify = r->verify,
			.spool = h->spools,
			.trail = h->trail,
			.shared = r->shared,
		};
		if (host_listen(h, ports[i], &smtp_service, c, err) < 0)
			return -1;
	}
	return 0;
}

int role_smtp_start(struct host *h, struct err *err)
{
	struct role_smtp *r = mem_zalloc(sizeof(*r));
	struct intake_options o = { .config = h->cfg,
		                    .directory = h->directory,
		                    .store = h->store,
		                    .queue = h->queue,
		                    .spool = h->spools,
		                    .gate = h->gate,
		                    .greylist = h->greylist,
		                    .trail = h->trail,
		                    .score = h->score,
		                    .tally = h->tally };
	struct verify_options v = { .dns = h->dns,
		                    .hostname = config_hostname(h->cfg) };

	h->state[ROLE_SMTP] = r;
	r->verify = verify_new(&v);
	r->signer = signer_new(h->keys);
	o.verify = r->verify;
	o.signer = r->signer;
	r->intake = intake_new(&o);
	r->shared = smtp_shared_new();
	return listen_all(h, r, err);
}

void role_smtp_stop(struct host *h)
{
	struct role_smtp *r = h->state[ROLE_SMTP];

	if (!r)
		return;
	smtp_shared_free(&r->shared);
	intake_free(&r->intake);
	verify_free(&r->verify);
	signer_free(&r->signer);
	mem_free(r);
	h->state[ROLE_SMTP] = NULL;
}
