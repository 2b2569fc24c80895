/* What a login sends is signed for the domain of its author. */
#include "verify/sign.h"
#include "config/config.h"
#include "directory/directory.h"
#include "intake/private.h"
#include "log/log.h"
#include "text/idn.h"
#include "wire/message/address.h"

/* The author's domain, when it is one of ours; else empty. */
static int find_domain(struct intake_work *w, struct str *out, struct err *err)
{
	struct directory_resolved r;
	struct address_list list;
	const struct address *a;
	struct err ignored = ERR_INIT;

	*out = (struct str){ NULL, 0 };
	address_list_parse(w->arena, w->fields.first[FIELD_FROM], NULL, &list);
	a = address_list_first(&list);
	if (!a || a->domain.n == 0)
		return 0;
	if (directory_address_resolve(w->in->o.directory, a->local, a->domain,
	                              w->arena, &r, err) < 0)
		return -1;
	if (r.kind == DIRECTORY_NOT_LOCAL ||
	    text_domain_normal(w->arena, a->domain, out, &ignored) < 0)
		*out = (struct str){ NULL, 0 };
	return 0;
}

/* Put the signatures in front of the message. */
static int put_on_top(struct intake_work *w, struct str top, struct err *err)
{
	struct spool *sp = spool_new(w->in->o.spool, w->bytes.n + top.n);
	struct str all;

	if (spool_add(sp, top, err) < 0 || spool_add(sp, w->bytes, err) < 0 ||
	    spool_seal(sp, err) < 0 || spool_view(sp, &all, err) < 0) {
		spool_free(&sp);
		return -1;
	}
	spool_free(&w->fixed);
	w->fixed = w->spool = sp;
	w->bytes = all;
	w->header = str_to(all, field_header_length(all));
	return 0;
}

int intake_sign(struct intake_work *w, struct err *err)
{
	struct err why = ERR_INIT;
	struct str domain;
	struct log_line l;
	struct buf top;
	int rc;

	if (w->m->way == INTAKE_MX || !w->in->o.signer ||
	    !config_bool(w->in->o.config, OPT_DKIM_SIGN))
		return 0;
	if (find_domain(w, &domain, err) < 0)
		return -1;
	if (domain.n == 0)
		return 0;
	buf_init(&top, VERIFY_SIGN_MAX);
	rc = verify_sign(w->in->o.signer, domain, w->header,
	                 str_from(w->bytes, w->header.n), w->at_us / 1000000,
	                 &top, &why);
	if (rc < 0) {
		/* Mail goes on without: it is worth less, not nothing. */
		log_begin(&l, LOG_ERROR, "intake.unsigned");
		log_z(&l, "qid", w->trace);
		log_str(&l, "domain", domain);
		log_err(&l, &why);
		log_end(&l);
		rc = 0;
	} else if (top.n > 0 && !buf_overflow(&top)) {
		rc = put_on_top(w, buf_str(&top), err);
		intake_trail(w, (struct trail_event){ .kind = TRAIL_SIGNED,
		                                      .text = domain });
	}
	buf_deinit(&top);
	return rc;
}
