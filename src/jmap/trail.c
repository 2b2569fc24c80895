/* EmailTrail/get: what happened to a message, as its owner may see it. */
#include "jmap/email.h"
#include "jmap/own.h"
#include "os/clock.h"
#include "store/meta.h"
#include "trail/find.h"
#include "trail/words.h"

#define EMAILS_MAX  20
#define STORIES_MAX 10

static void write_event(struct jmap_call *c, const struct trail_event *e)
{
	struct json_writer *w = &c->w;
	struct buf words;

	buf_init(&words, 8192);
	trail_sentence(&words, e);
	json_object(w);
	json_key(w, STR("at"));
	jmap_write_utc(w, e->at_us / US_PER_SEC);
	json_member_z(w, "kind", trail_kind_name(e->kind));
	json_member_z(w, "state", trail_state_name(trail_kind_state(e->kind)));
	json_member_str(w, "text", buf_str(&words));
	json_key(w, STR("recipient"));
	if (e->rcpt.n)
		json_str(w, e->rcpt);
	else
		json_null(w);
	json_key(w, STR("reply"));
	if (e->reply.n)
		json_str(w, e->reply);
	else
		json_null(w);
	json_key(w, STR("nextTryAt"));
	if (e->next_us)
		jmap_write_utc(w, e->next_us / US_PER_SEC);
	else
		json_null(w);
	json_end(w);
	buf_deinit(&words);
}

static void write_story(struct jmap_call *c, const struct trail_story *s)
{
	struct json_writer *w = &c->w;

	json_object(w);
	json_member_str(w, "trace", s->trace);
	json_key(w, STR("at"));
	jmap_write_utc(w, s->at_us / US_PER_SEC);
	json_member_z(w, "state", trail_state_name(s->state));
	json_key(w, STR("events"));
	json_array(w);
	for (size_t i = 0; i < s->n; i++)
		write_event(c, &s->events[i]);
	json_end(w);
	json_end(w);
}

/* By the Message-ID, which is all that a sent copy and what was sent have in
 * common. */
static int find_stories(struct jmap_call *c, const struct fetch_email *e,
                        struct trail_page *page)
{
	struct trail_query q = { .account = c->account.id,
		                 .limit = STORIES_MAX };
	struct err err = ERR_INIT;
	struct meta_sort sort;

	*page = (struct trail_page){ .n = 0 };
	if (!meta_sort_get(e->row.meta, &sort) || !sort.message_id.n)
		return 0;
	q.message_id = sort.message_id;
	return trail_find(c->req->server->ctx.dir, &q, c->arena, page, &err) < 0
	               ? jmap_fail(c, &err)
	               : 0;
}

/* 1, 0 when there is no such Email, -1. */
static int write_one(struct jmap_call *c, uint64_t no)
{
	struct fetch_email e;
	struct trail_page page;
	struct err err = ERR_INIT;

	if (!no)
		return 0;
	if (fetch_email(c->store, c->account, no, FETCH_META, c->arena, &e,
	                &err) < 0)
		return err.kind == ERR_NOT_FOUND ? 0 : jmap_fail(c, &err);
	if (find_stories(c, &e, &page) < 0)
		return -1;
	json_object(&c->w);
	json_key(&c->w, STR("emailId"));
	jmap_write_id(&c->w, STORE_ID_EMAIL, no);
	json_key(&c->w, STR("stories"));
	json_array(&c->w);
	for (size_t i = 0; i < page.n; i++)
		write_story(c, &page.stories[i]);
	json_end(&c->w);
	json_end(&c->w);
	return 1;
}

int jmap_trail_get(struct jmap_call *c)
{
	static const char *const known[] = { "accountId", "ids", NULL };
	struct str *ids, *missing;
	size_t n, missing_n = 0;

	if (jmap_args_known(c, known) < 0 || jmap_args_account(c) < 0 ||
	    jmap_read_ids(c, "ids", EMAILS_MAX, &ids, &n) < 0)
		return -1;
	if (!ids)
		return jmap_error(c, "invalidArguments", "no ids");
	missing = arena_array(c->arena, n + 1, sizeof(*missing));
	jmap_write_account(c);
	json_key(&c->w, STR("list"));
	json_array(&c->w);
	for (size_t i = 0; i < n; i++) {
		int rc = write_one(c, jmap_no(c, ids[i], STORE_ID_EMAIL));

		if (rc < 0)
			return -1;
		if (rc == 0)
			missing[missing_n++] = ids[i];
	}
	jmap_get_end(c, missing, missing_n);
	return 0;
}
