/* A message is taken back before it went. */
#include "intake/private.h"
#include "log/log.h"
#include "queue/queue.h"

int intake_withdraw(struct intake *in, struct str trace, int64_t account_id,
                    struct str who, bool *out, struct err *err)
{
	struct trail_event e = { .kind = TRAIL_REMOVED,
		                 .trace = trace,
		                 .account = account_id,
		                 .who = who };
	enum queue_withdrawal w = QUEUE_TOO_LATE;
	struct log_line l;

	if (queue_withdraw(in->o.queue, trace, account_id, &w, err) < 0)
		return -1;
	*out = w == QUEUE_WITHDRAWN;
	log_begin(&l, LOG_INFO, "intake.withdraw");
	log_str(&l, "qid", trace);
	log_str(&l, "login", who);
	log_z(&l, "done", *out ? "yes" : "no");
	log_end(&l);
	if (*out)
		trail_add(in->o.trail, &e);
	return 0;
}
