/* The window of a /query (RFC 8620, 5.5). */
#include "jmap/object.h"

int jmap_window_read(struct jmap_call *c, char letter, struct jmap_window *out)
{
	struct str anchor = { NULL, 0 };
	struct json v;

	*out = (struct jmap_window){ .position = 0 };
	if (jmap_arg_i64(c, "position", &out->position) < 0 ||
	    jmap_arg_str(c, "anchor", &anchor) < 0 ||
	    jmap_arg_i64(c, "anchorOffset", &out->anchor_offset) < 0 ||
	    jmap_arg_u64(c, "limit", &out->limit) < 0 ||
	    jmap_arg_bool(c, "calculateTotal", &out->calculate_total) < 0)
		return -1;
	out->has_limit = jmap_arg(c, "limit", &v);
	out->has_anchor = anchor.p != NULL;
	if (anchor.p)
		out->anchor = jmap_no(c, anchor, letter);
	return 0;
}

static int find_start(struct jmap_call *c, const struct jmap_window *w,
                      const uint64_t *all, size_t n, size_t *out)
{
	int64_t at = w->position;

	*out = 0;
	if (w->has_anchor) {
		size_t i = 0;

		while (i < n && all[i] != w->anchor)
			i++;
		if (i == n)
			return jmap_error(c, "anchorNotFound",
			                  "the anchor is not in the results");
		at = (int64_t)i + w->anchor_offset;
		if (at < 0)
			at = 0;
	} else if (at < 0) {
		at += (int64_t)n;
		if (at < 0)
			at = 0;
	}
	*out = at > (int64_t)n ? n : (size_t)at;
	return 0;
}

int jmap_window_begin(struct jmap_call *c, const struct jmap_window *w,
                      struct str state, bool can_changes, const uint64_t *all,
                      size_t n, size_t *start, size_t *count)
{
	if (find_start(c, w, all, n, start) < 0)
		return -1;
	*count = n - *start;
	if (w->has_limit && w->limit < *count)
		*count = (size_t)w->limit;
	jmap_write_account(c);
	json_member_str(&c->w, "queryState", state);
	json_member_bool(&c->w, "canCalculateChanges", can_changes);
	json_member_u64(&c->w, "position", *start);
	if (w->calculate_total)
		json_member_u64(&c->w, "total", n);
	json_key(&c->w, STR("ids"));
	json_array(&c->w);
	return 0;
}

int jmap_window_write(struct jmap_call *c, const struct jmap_window *w,
                      char letter, struct str state, bool can_changes,
                      const uint64_t *all, size_t n)
{
	size_t start, count;

	if (jmap_window_begin(c, w, state, can_changes, all, n, &start,
	                      &count) < 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		jmap_write_id(&c->w, letter, all[start + i]);
	json_end(&c->w);
	return 0;
}

int jmap_query_same(struct jmap_call *c, struct str since, struct str now)
{
	if (!since.p)
		return jmap_error(c, "invalidArguments", "no sinceQueryState");
	if (!str_eq(since, now))
		return jmap_error(c, "cannotCalculateChanges",
		                  "ask /query again");
	jmap_write_account(c);
	json_member_str(&c->w, "oldQueryState", since);
	json_member_str(&c->w, "newQueryState", since);
	json_key(&c->w, STR("removed"));
	json_array(&c->w);
	json_end(&c->w);
	json_key(&c->w, STR("added"));
	json_array(&c->w);
	json_end(&c->w);
	return 0;
}
