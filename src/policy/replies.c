#include "policy/replies.h"

#include <stdio.h>

#include "log/metric.h"

static const struct policy_reply rows[REF_COUNT] = {
	[REF_NONE] = { "", 250, "2.0.0", "OK", "", "" },

#define REPLY(id, ref, code, status, text, cause, todo) \
	[REF_##id] = { ref, code, status, text, cause, todo },
#include "policy/replies.def"
#undef REPLY
};

const struct policy_reply *policy_reply(enum policy_ref ref)
{
	return &rows[ref];
}

enum policy_ref policy_ref_find(struct str typed)
{
	int i;

	typed = str_trim(typed);
	if (typed.n >= 2 && typed.p[0] == '[' && typed.p[typed.n - 1] == ']')
		typed = (struct str){ typed.p + 1, typed.n - 2 };
	for (i = REF_NONE + 1; i < REF_COUNT; i++)
		if (str_eq_case(typed, str_z(rows[i].ref)))
			return (enum policy_ref)i;
	return REF_NONE;
}

void policy_count(enum policy_ref ref)
{
	switch (ref) {
	case REF_L_MESSAGES_5M: metric_add(METRIC_LIMIT_MESSAGES_5M, 1); break;
	case REF_L_MESSAGES_1H: metric_add(METRIC_LIMIT_MESSAGES_1H, 1); break;
	case REF_L_RECIPIENTS_5M:
		metric_add(METRIC_LIMIT_RECIPIENTS_5M, 1);
		break;
	case REF_L_RECIPIENTS_1H:
		metric_add(METRIC_LIMIT_RECIPIENTS_1H, 1);
		break;
	case REF_L_BULK: metric_add(METRIC_LIMIT_BULK, 1); break;
	case REF_L_SPAM: metric_add(METRIC_LIMIT_SPAM, 1); break;
	case REF_L_FAILED: metric_add(METRIC_LIMIT_FAILED, 1); break;
	case REF_L_QUEUED: metric_add(METRIC_LIMIT_QUEUED, 1); break;
	default: break;
	}
}

struct str policy_size_words(uint64_t bytes, char out[POLICY_SIZE_MAX])
{
	static const struct {
		uint64_t unit;
		const char *name;
	} units[] = { { 1048576, "MB" }, { 1024, "KB" }, { 1, "bytes" } };

	int i = 0;

	/* The largest unit that tells the truth. */
	while (bytes % units[i].unit != 0)
		i++;
	(void)snprintf(out, POLICY_SIZE_MAX, "%llu %s",
	               (unsigned long long)(bytes / units[i].unit),
	               units[i].name);
	return str_z(out);
}

void policy_reply_first(struct buf *out, enum policy_ref ref,
                        const struct policy_words *w)
{
	struct str t = str_z(rows[ref].text);

	while (t.n) {
		if (str_starts(t, STR("{rcpt}"))) {
			buf_add_c(out, '<');
			buf_add(out, w->rcpt);
			buf_add_c(out, '>');
			t = str_from(t, 6);
		} else if (str_starts(t, STR("{n}"))) {
			buf_add_u64(out, w->n);
			t = str_from(t, 3);
		} else if (str_starts(t, STR("{why}"))) {
			buf_add(out, w->why);
			t = str_from(t, 5);
		} else {
			buf_add_c(out, t.p[0]);
			t = str_from(t, 1);
		}
	}
}

void policy_reply_text(struct buf *out, enum policy_ref ref,
                       const struct policy_words *w)
{
	policy_reply_first(out, ref, w);
	if (w->also.n) {
		buf_add_c(out, '\n');
		buf_add(out, w->also);
	}
	buf_add_c(out, '\n');
	if (w->help.n) {
		buf_add(out, w->help);
		buf_add_z(out, rows[ref].ref);
		buf_add_c(out, ' ');
	}
	buf_fmt(out, "[%s]", rows[ref].ref);
}
