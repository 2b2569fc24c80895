#include "migrate/remote.h"

#include "transfer/source.h"
#include "wire/imap/utf7.h"

/* Levels by '/': one that has a '/' within where levels are by another
 * character is "_" there. */
static struct str levels_of(struct arena *a, struct str name, char delimiter)
{
	char *p = arena_strz(a, name);

	for (size_t i = 0; i < name.n; i++)
		if (delimiter && p[i] == delimiter)
			p[i] = '/';
		else if (p[i] == '/')
			p[i] = '_';
	return (struct str){ p, name.n };
}

/* Modified UTF-7; some send UTF-8 all the same. */
static struct str decoded(struct arena *a, struct str name)
{
	struct str out = name;
	struct buf b;

	buf_init(&b, 4 * MAILBOX_NAME_MAX);
	if (imap_utf7_decode(&b, name) && !buf_overflow(&b))
		out = buf_str(&b);
	out = arena_dup(a, out);
	buf_deinit(&b);
	return out;
}

/* Names by which programs know what a folder is for, where the server does
 * not say. */
static enum mailbox_use use_of_name(struct str name)
{
	static const struct {
		struct str name;
		enum mailbox_use use;
	} all[] = {
		{ STR_INIT("INBOX"), MAILBOX_USE_INBOX },
		{ STR_INIT("Sent"), MAILBOX_USE_SENT },
		{ STR_INIT("Sent Items"), MAILBOX_USE_SENT },
		{ STR_INIT("Sent Messages"), MAILBOX_USE_SENT },
		{ STR_INIT("Drafts"), MAILBOX_USE_DRAFTS },
		{ STR_INIT("Trash"), MAILBOX_USE_TRASH },
		{ STR_INIT("Deleted Items"), MAILBOX_USE_TRASH },
		{ STR_INIT("Deleted Messages"), MAILBOX_USE_TRASH },
		{ STR_INIT("Junk"), MAILBOX_USE_JUNK },
		{ STR_INIT("Junk E-mail"), MAILBOX_USE_JUNK },
		{ STR_INIT("Spam"), MAILBOX_USE_JUNK },
		{ STR_INIT("Archive"), MAILBOX_USE_ARCHIVE },
		{ STR_INIT("Archives"), MAILBOX_USE_ARCHIVE },
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (str_eq_case(name, all[i].name))
			return all[i].use;
	return MAILBOX_USE_NONE;
}

static enum mailbox_use use_of_attributes(uint32_t at)
{
	if (at & IMAP_AT_SENT)
		return MAILBOX_USE_SENT;
	if (at & IMAP_AT_DRAFTS)
		return MAILBOX_USE_DRAFTS;
	if (at & IMAP_AT_TRASH)
		return MAILBOX_USE_TRASH;
	if (at & IMAP_AT_JUNK)
		return MAILBOX_USE_JUNK;
	if (at & (IMAP_AT_ARCHIVE | IMAP_AT_ALL))
		return MAILBOX_USE_ARCHIVE;
	return MAILBOX_USE_NONE;
}

void remote_folder_read(const struct imap_listed *l, struct arena *a,
                        struct remote_folder *out)
{
	struct str levels = levels_of(a, decoded(a, l->name), l->delimiter);

	*out = (struct remote_folder){ .name = arena_dup(a, l->name),
		                       .shown = levels };
	out->is_all = (l->attributes & IMAP_AT_ALL) != 0;
	if (l->attributes & (IMAP_AT_FLAGGED | IMAP_AT_IMPORTANT) &&
	    !out->is_all)
		out->skipped = "it only gathers messages of other folders";
	out->here = source_mailbox_name(a, STR(""), levels);
	out->use = use_of_attributes(l->attributes);
	if (out->use == MAILBOX_USE_NONE)
		out->use = use_of_name(out->here);
}

struct found {
	struct remote_folder *v;
	size_t n, cap;
};

static int add(struct found *f, const struct imap_listed *l, struct arena *a,
               struct err *err)
{
	if (l->attributes & IMAP_AT_NOSELECT || !l->name.n)
		return 0;
	if (f->n == REMOTE_FOLDERS_MAX)
		return err_set(err, ERR_TOO_BIG, "more than %d folders",
		               REMOTE_FOLDERS_MAX);
	remote_folder_read(l, a, &f->v[f->n++]);
	return 0;
}

/* Those that hold all behind the others, which stay in order. */
static void all_last(struct found *f, struct arena *a)
{
	struct remote_folder *v = arena_array(a, f->n + 1, sizeof(*v));
	size_t n = 0;

	for (int last = 0; last < 2; last++)
		for (size_t i = 0; i < f->n; i++)
			if (f->v[i].is_all == last)
				v[n++] = f->v[i];
	f->v = v;
}

int remote_folders(struct session *s, struct arena *a,
                   struct remote_folder **out, size_t *n_out, struct err *err)
{
	struct found f = { .v = arena_array(a, REMOTE_FOLDERS_MAX,
		                            sizeof(struct remote_folder)) };
	struct session_answer ans = { .is_message = false };
	struct imap_listed l;
	int rc = session_say(
		s,
		s->special_use ? STR("LIST \"\" \"*\" RETURN (SPECIAL-USE)")
			       : STR("LIST \"\" \"*\""),
		err);

	while (rc == 0 && (rc = session_next(s, &ans, err)) > 0) {
		rc = 0;
		if (!str_eq_case(ans.r.name, STR("LIST")))
			continue;
		if (imap_parse_listed(&ans.rest, &l))
			rc = add(&f, &l, a, err);
	}
	if (rc < 0)
		return -1;
	if (ans.r.status != IMAP_STATUS_OK)
		return err_set(err, ERR_TEMP, "it does not list its folders");
	all_last(&f, a);
	*out = f.v;
	*n_out = f.n;
	return 0;
}
