#include "relay/seal.h"

#include "directory/directory.h"
#include "log/log.h"
#include "os/clock.h"
#include "text/idn.h"
#include "verify/sign.h"
#include "wire/message/address.h"
#include "wire/message/field.h"

static bool find_author(struct str header, struct arena *a, struct str *out)
{
	const struct address *author;
	struct err ignored = ERR_INIT;
	struct address_list list;
	struct field_index ix;

	field_index_make(header, &ix);
	if (ix.count[FIELD_FROM] != 1)
		return false;
	address_list_parse(a, ix.first[FIELD_FROM], NULL, &list);
	author = address_list_first(&list);
	return author && author->domain.n &&
	       text_domain_normal(a, author->domain, out, &ignored) == 0;
}

/* One try; true when the search is over. */
static bool sign(const struct relay_sealer *s, const struct queue_job *job,
                 struct str domain, struct str message, struct buf *top)
{
	size_t header = field_header_length(message);
	struct err err = ERR_INIT;
	struct log_line l;

	if (verify_sign(s->signer, domain, str_to(message, header),
	                str_from(message, header), clock_wall_us() / US_PER_SEC,
	                top, &err) == 0)
		return top->n > 0;
	buf_reset(top);
	log_begin(&l, LOG_ERROR, "relay.unsigned");
	log_str(&l, "qid", job->trace);
	log_str(&l, "domain", domain);
	log_err(&l, &err);
	log_end(&l);
	return true;
}

static bool is_hosted(const struct relay_sealer *s, struct str domain)
{
	struct err ignored = ERR_INIT;
	bool ours = false;

	return directory_domain_is_local(s->directory, domain, &ours,
	                                 &ignored) == 0 &&
	       ours;
}

void relay_seal(const struct relay_sealer *s, const struct queue_job *job,
                struct str message, struct buf *top)
{
	struct str author, up;
	struct arena a;
	size_t dot;

	if (!s->signer || job->source != QUEUE_FROM_HOST)
		return;
	arena_init(&a);
	if (!find_author(str_to(message, field_header_length(message)), &a,
	                 &author))
		goto done;
	if (!str_eq_case(author, s->hostname)) {
		if (is_hosted(s, author))
			(void)sign(s, job, author, message, top);
		goto done;
	}
	for (up = author; (dot = str_chr(up, '.')) != STR_NPOS;
	     up = str_from(up, dot + 1))
		if (is_hosted(s, up) && sign(s, job, up, message, top))
			goto done;
	(void)sign(s, job, author, message, top);
done:
	arena_deinit(&a);
}
