#include "deliver/file.h"

#include "base/arena.h"
#include "log/metric.h"
#include "store/append.h"

bool deliver_is_direct(const struct deliver_to *to, size_t n)
{
	size_t i;

	if (n == 0 || n > APPEND_TARGETS_MAX)
		return false;
	for (i = 0; i < n; i++)
		if (!to[i].end->here || to[i].end->suspended ||
		    to[i].end->full || to[i].end->shard != to[0].end->shard)
			return false;
	return true;
}

/* The five of IMAP are bits, all others keywords by name. */
static void take_flags(struct arena *a, struct str flags,
                       struct append_target *t)
{
	static const struct {
		struct str name;
		uint64_t bit;
	} system[] = {
		{ STR_INIT("\\Seen"), FLAG_SEEN },
		{ STR_INIT("\\Answered"), FLAG_ANSWERED },
		{ STR_INIT("\\Flagged"), FLAG_FLAGGED },
		{ STR_INIT("\\Deleted"), FLAG_DELETED },
		{ STR_INIT("\\Draft"), FLAG_DRAFT },
	};
	struct str rest = flags, name, *keywords;

	if (flags.n == 0)
		return;
	keywords = arena_array(a, APPEND_KEYWORDS_MAX, sizeof(*keywords));
	while (str_cut(&rest, ' ', &name)) {
		size_t i = 0;

		while (i < 5 && !str_eq_case(name, system[i].name))
			i++;
		if (i < 5)
			t->flags |= system[i].bit;
		else if (name.n && t->keywords_n < APPEND_KEYWORDS_MAX)
			keywords[t->keywords_n++] = name;
	}
	t->keywords = keywords;
}

static void make_target(struct arena *a, struct append *message,
                        const struct deliver_to *to, int64_t at_us,
                        struct append_target *out)
{
	*out = (struct append_target){
		.message = to->message ? to->message : message,
		.account = {
			.id = to->end->account_id,
			.shard = to->end->shard,
			.quota_bytes = to->end->quota_bytes,
		},
		.mailbox = to->folder.where == FILE_NAMED ? to->folder.mailbox
		                                          : 0,
		.use = to->folder.where == FILE_JUNK ? MAILBOX_USE_JUNK
		                                     : MAILBOX_USE_INBOX,
		.internaldate_us = at_us,
		.prefix = to->prefix,
	};
	take_flags(a, to->folder.flags, out);
}

/* A script may file it in several folders of one account. */
static bool is_first(const struct deliver_to *to, size_t i)
{
	return i == 0 || to[i].end->account_id != to[i - 1].end->account_id;
}

/* Folders that were removed meanwhile: their mail goes to INBOX. */
static int find_missing(struct store *store, struct append_target *t, size_t n,
                        struct arena *a, size_t *missing, struct err *err)
{
	struct mailbox m;
	size_t i;

	*missing = 0;
	for (i = 0; i < n; i++) {
		if (!t[i].mailbox)
			continue;
		if (mailbox_get_no(store, t[i].account, t[i].mailbox, a, &m,
		                   err) == 0)
			continue;
		if (err->kind != ERR_NOT_FOUND)
			return -1;
		t[i].mailbox = 0;
		(*missing)++;
	}
	return 0;
}

int deliver_file(struct store *store, struct append *message,
                 const struct deliver_to *to, size_t n, int64_t at_us,
                 struct str key, bool *known_out, struct err *err)
{
	struct append_target *targets;
	struct err first;
	struct arena a;
	size_t i, missing;
	int rc;

	arena_init(&a);
	targets = arena_array(&a, n, sizeof(*targets));
	for (i = 0; i < n; i++) {
		make_target(&a, message, &to[i], at_us, &targets[i]);
		targets[i].delivered = is_first(to, i);
	}
	rc = append_commit(store, targets, n, key, known_out, err);
	if (rc < 0 && err->kind == ERR_NOT_FOUND) {
		first = *err;
		rc = find_missing(store, targets, n, &a, &missing, err);
		if (rc == 0 && missing > 0) {
			rc = append_commit(store, targets, n, key, known_out,
			                   err);
		} else if (rc == 0) {
			*err = first;
			rc = -1;
		}
	}
	if (rc == 0)
		metric_add(METRIC_DELIVERED_LOCAL, (int64_t)n);
	arena_deinit(&a);
	return rc;
}
