#include "policy/suspect.h"

static bool over(uint32_t n, uint32_t limit)
{
	return limit && n > limit;
}

enum suspect suspect_judge(const struct suspect_facts *f,
                           const struct suspect_limits *l)
{
	if (over(f->strangers_1h, l->strangers))
		return SUSPECT_STRANGERS;
	if (over(f->failed_1h, l->failed))
		return SUSPECT_FAILED;
	if (over(f->new_networks_1d, l->networks))
		return SUSPECT_NETWORKS;
	if (f->forward_age_us >= 0 && f->forward_age_us < SUSPECT_FORWARD_US &&
	    over(f->recipients_1h, l->forward_recipients))
		return SUSPECT_FORWARD;
	return SUSPECT_NOT;
}

const char *suspect_words(enum suspect why)
{
	switch (why) {
	case SUSPECT_NOT: break;
	case SUSPECT_STRANGERS:
		return "many messages to people nobody here wrote to before";
	case SUSPECT_FAILED: return "many messages that could not be delivered";
	case SUSPECT_NETWORKS: return "logins from many new networks";
	case SUSPECT_FORWARD: return "a new forward, then many messages";
	}
	return "";
}
