#include <string.h>

#include "config/config.h"
#include "help/page.h"
#include "policy/replies.h"

static const struct topic {
	const char *name, *title, *text;
} topics[] = {

#define TOPIC(name, title, text) { name, title, text },
#include "help/topics.def"
#undef TOPIC
};

#define TOPICS (sizeof(topics) / sizeof(topics[0]))

static const struct topic *find(struct str name)
{
	for (size_t i = 0; i < TOPICS; i++)
		if (str_eq_case(name, str_z(topics[i].name)))
			return &topics[i];
	return NULL;
}

static void paragraphs(struct page *p, const char *text)
{
	while (text) {
		const char *end = strstr(text, "\n\n");
		struct str s = { text,
			         end ? (size_t)(end - text) : strlen(text) };

		if (str_starts(s, STR("# "))) {
			page_raw(p, "<h2>");
			page_add(p, str_from(s, 2));
			page_raw(p, "</h2>\n");
		} else {
			page_raw(p, "<p>");
			page_add(p, s);
			page_raw(p, "</p>\n");
		}
		text = end ? end + 2 : NULL;
	}
}

static void reference(struct page *p, enum policy_ref ref)
{
	const struct policy_reply *r = policy_reply(ref);
	struct policy_words words = { .rcpt = STR("you@example.com"),
		                      .why = STR("...") };
	struct buf b;

	page_text(p, "A server of ours answered with this reference. What it "
	             "said:");
	buf_init(&b, 4096);
	buf_fmt(&b, "%u %s ", r->code, r->status);
	policy_reply_first(&b, ref, &words);
	page_code(p, buf_str(&b));
	buf_deinit(&b);
	page_heading(p, "What it means");
	page_text(p, r->cause);
	page_heading(p, "What to do");
	page_text(p, r->todo);
	if (r->code < 500)
		page_text(p, "It is for now: mail servers try again by "
		             "themselves.");
}

const char *help_topic_title(struct str name)
{
	const struct topic *t = find(name);
	enum policy_ref ref;

	if (t)
		return t->title;
	ref = policy_ref_find(name);
	return ref == REF_NONE ? NULL : policy_reply(ref)->ref;
}

bool help_show_topic(struct page *p, struct str name, const struct config *cfg)
{
	const struct topic *t = find(name);
	enum policy_ref ref;

	(void)cfg;
	if (t) {
		paragraphs(p, t->text);
		return true;
	}
	ref = policy_ref_find(name);
	if (ref == REF_NONE)
		return false;
	reference(p, ref);
	return true;
}

void help_list_topics(struct page *p)
{
	page_raw(p, "<ul>\n");
	for (size_t i = 0; i < TOPICS; i++) {
		page_raw(p, "<li><a href=\"/help/");
		page_z(p, topics[i].name);
		page_raw(p, "\">");
		page_z(p, topics[i].title);
		page_raw(p, "</a></li>\n");
	}
	page_raw(p, "</ul>\n");
}
