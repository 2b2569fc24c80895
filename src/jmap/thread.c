/* Thread/get and /changes (RFC 8621, 3). */
#include "jmap/methods.h"
#include "jmap/object.h"
#include "store/emails.h"
#include "store/fetch.h"

struct thread_object {
	uint64_t no;
	const uint64_t *emails; /* oldest first, visible ones */
	size_t n;
};

static void write_id(struct jmap_call *c, const void *o)
{
	const struct thread_object *t = o;

	jmap_write_id(&c->w, STORE_ID_THREAD, t->no);
}

static void write_emails(struct jmap_call *c, const void *o)
{
	const struct thread_object *t = o;

	json_array(&c->w);
	for (size_t i = 0; i < t->n; i++)
		jmap_write_id(&c->w, STORE_ID_EMAIL, t->emails[i]);
	json_end(&c->w);
}

static const struct jmap_property rows[] = {
	{ "id", JMAP_SERVER_SET, write_id },
	{ "emailIds", JMAP_SERVER_SET, write_emails },
};

#define ROWS_N (sizeof(rows) / sizeof(rows[0]))

/* 1, 0 when there is none, -1. */
static int find(struct jmap_call *c, const struct emails *set, uint64_t no,
                struct thread_object *out)
{
	const struct emails_thread *t = no ? emails_find_thread(set, no) : NULL;
	struct err err = ERR_INIT;
	uint64_t *all;
	size_t n, kept = 0;

	if (!t)
		return 0;
	if (fetch_thread(c->store, c->account, no, c->arena, &all, &n, &err) <
	    0)
		return err.kind == ERR_NOT_FOUND ? 0 : jmap_fail(c, &err);
	for (size_t i = 0; i < n; i++)
		if (emails_find(set, all[i]))
			all[kept++] = all[i];
	*out = (struct thread_object){ no, all, kept };
	return kept > 0;
}

int jmap_thread_get(struct jmap_call *c)
{
	static const char *const known[] = { "accountId", "ids", "properties",
		                             NULL };
	const struct emails *set;
	struct change_state state;
	struct err err = ERR_INIT;
	struct jmap_get g;
	struct str *missing;
	size_t n = 0;
	int rc = 0;

	if (jmap_args_known(c, known) < 0 ||
	    jmap_get_read(c, rows, ROWS_N, NULL, NULL, &g) < 0 ||
	    jmap_state(c, CHANGE_THREAD, &state) < 0)
		return -1;
	if (g.all)
		return jmap_error(c, "requestTooLarge",
		                  "name the threads that are wanted");
	if (emails_open(&set, c->store, c->account, &err) < 0)
		return jmap_fail(c, &err);
	missing = arena_array(c->arena, g.ids_n + 1, sizeof(*missing));
	jmap_get_begin(c, jmap_state_text(c->arena, state));
	for (size_t i = 0; rc >= 0 && i < g.ids_n; i++) {
		struct thread_object t;

		rc = find(c, set, jmap_no(c, g.ids[i], STORE_ID_THREAD), &t);
		if (rc > 0) {
			json_object(&c->w);
			jmap_get_write(c, rows, ROWS_N, g.wanted, &t);
			json_end(&c->w);
		} else {
			missing[n++] = g.ids[i];
		}
	}
	jmap_get_end(c, missing, n);
	emails_close(&set);
	return rc < 0 ? -1 : 0;
}

int jmap_thread_changes(struct jmap_call *c)
{
	static const struct jmap_changes type = { .type = CHANGE_THREAD,
		                                  .letter = STORE_ID_THREAD };

	return jmap_changes_run(c, &type);
}
