#include "wire/imap/args.h"

#include "wire/imap/date.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

struct word {
	struct str name;
	uint32_t bit;
};

/* One of the words, its bit added to *out. */
static bool accept_one(struct imap_parser *p, const struct word *words,
                       size_t n, uint32_t *out)
{
	for (size_t i = 0; i < n; i++) {
		if (imap_accept_word(p, words[i].name)) {
			*out |= words[i].bit;
			return true;
		}
	}
	return false;
}

static const struct word status_words[] = {
	{ STR_INIT("MESSAGES"), IMAP_ST_MESSAGES },
	{ STR_INIT("RECENT"), IMAP_ST_RECENT },
	{ STR_INIT("UIDNEXT"), IMAP_ST_UIDNEXT },
	{ STR_INIT("UIDVALIDITY"), IMAP_ST_UIDVALIDITY },
	{ STR_INIT("UNSEEN"), IMAP_ST_UNSEEN },
	{ STR_INIT("HIGHESTMODSEQ"), IMAP_ST_HIGHESTMODSEQ },
	{ STR_INIT("SIZE"), IMAP_ST_SIZE },
	{ STR_INIT("MAILBOXID"), IMAP_ST_MAILBOXID },
	{ STR_INIT("APPENDLIMIT"), IMAP_ST_APPENDLIMIT },
	{ STR_INIT("DELETED"), IMAP_ST_DELETED },
	{ STR_INIT("DELETED-STORAGE"), IMAP_ST_DELETED_STORAGE },
};

struct str imap_status_name(uint32_t item)
{
	for (size_t i = 0; i < COUNT(status_words); i++)
		if (status_words[i].bit == item)
			return status_words[i].name;
	return STR("");
}

bool imap_parse_status_items(struct imap_parser *p, uint32_t *out)
{
	uint32_t items = 0;

	if (!imap_parse_char(p, '('))
		return false;
	do {
		if (!accept_one(p, status_words, COUNT(status_words), &items))
			return imap_parse_fail(p, "Unknown STATUS item");
	} while (imap_accept(p, ' '));
	if (!imap_parse_char(p, ')'))
		return false;
	*out = items;
	return true;
}

static const struct word select_words[] = {
	{ STR_INIT("SUBSCRIBED"), IMAP_LS_SUBSCRIBED },
	{ STR_INIT("REMOTE"), IMAP_LS_REMOTE },
	{ STR_INIT("RECURSIVEMATCH"), IMAP_LS_RECURSIVEMATCH },
	{ STR_INIT("SPECIAL-USE"), IMAP_LS_SPECIAL_USE },
};

static const struct word return_words[] = {
	{ STR_INIT("SUBSCRIBED"), IMAP_LR_SUBSCRIBED },
	{ STR_INIT("CHILDREN"), IMAP_LR_CHILDREN },
	{ STR_INIT("SPECIAL-USE"), IMAP_LR_SPECIAL_USE },
};

/* "(" [option *(SP option)] ")" SP */
static bool parse_list_select(struct imap_parser *p, struct imap_list *l)
{
	const uint32_t base = IMAP_LS_SUBSCRIBED | IMAP_LS_SPECIAL_USE;

	l->extended = true;
	while (!imap_peek(p, ')')) {
		if (!accept_one(p, select_words, COUNT(select_words),
		                &l->select))
			return imap_parse_fail(p, "Unknown selection option");
		if (!imap_accept(p, ' '))
			break;
	}
	/* RFC 5258, 3: RECURSIVEMATCH alone, or with REMOTE, is an error. */
	if ((l->select & IMAP_LS_RECURSIVEMATCH) && !(l->select & base))
		return imap_parse_fail(p, "RECURSIVEMATCH needs another one");
	return imap_parse_char(p, ')') && imap_parse_sp(p);
}

static bool parse_return_option(struct imap_parser *p, struct imap_list *l)
{
	if (imap_accept_word(p, STR("STATUS"))) {
		l->returns |= IMAP_LR_STATUS;
		return imap_parse_sp(p) &&
		       imap_parse_status_items(p, &l->status);
	}
	if (imap_accept_word(p, STR("METADATA"))) {
		l->returns |= IMAP_LR_METADATA;
		return imap_parse_sp(p) && imap_parse_entries(p, &l->metadata);
	}
	return accept_one(p, return_words, COUNT(return_words), &l->returns) ||
	       imap_parse_fail(p, "Unknown RETURN option");
}

static bool parse_list_return(struct imap_parser *p, struct imap_list *l)
{
	l->extended = true;
	if (!imap_parse_sp(p) || !imap_parse_char(p, '('))
		return false;
	while (!imap_peek(p, ')')) {
		if (!parse_return_option(p, l))
			return false;
		if (!imap_accept(p, ' '))
			break;
	}
	return imap_parse_char(p, ')');
}

static bool parse_patterns(struct imap_parser *p, struct imap_list *l)
{
	l->patterns =
		arena_array(p->arena, IMAP_PATTERNS_MAX, sizeof(*l->patterns));
	if (!imap_accept(p, '(')) {
		l->n_patterns = 1;
		return imap_parse_list_mailbox(p, &l->patterns[0]);
	}
	l->extended = true;
	do {
		if (l->n_patterns == IMAP_PATTERNS_MAX)
			return imap_parse_fail(p, "Too many patterns");
		if (!imap_parse_list_mailbox(p, &l->patterns[l->n_patterns]))
			return false;
		l->n_patterns++;
	} while (imap_accept(p, ' '));
	return imap_parse_char(p, ')');
}

bool imap_parse_list(struct imap_parser *p, struct imap_list *out)
{
	struct imap_list l = { 0 };

	if (imap_accept(p, '(') && !parse_list_select(p, &l))
		return false;
	if (!imap_parse_astring(p, &l.reference) || !imap_parse_sp(p) ||
	    !parse_patterns(p, &l))
		return false;
	if (p->in.n > 1) {
		if (!imap_parse_sp(p))
			return false;
		if (!imap_accept_word(p, STR("RETURN")))
			return imap_parse_fail(p, "Unexpected argument");
		if (!parse_list_return(p, &l))
			return false;
	}
	*out = l;
	return true;
}

/* "(" uidvalidity SP mod-sequence [SP known-uids] [SP "(" set SP set ")"] ")" */
static bool parse_qresync(struct imap_parser *p, struct imap_select *s)
{
	s->qresync = true;
	if (!imap_parse_sp(p) || !imap_parse_char(p, '(') ||
	    !imap_parse_nz_number(p, &s->uidvalidity) || !imap_parse_sp(p) ||
	    !imap_parse_number64(p, &s->modseq))
		return false;
	if (imap_peek(p, ' ') && p->in.n > 1 && p->in.p[1] != '(') {
		p->in = str_from(p->in, 1);
		if (!imap_parse_seqset(p, &s->known_uids))
			return false;
	}
	if (imap_accept(p, ' ')) {
		if (!imap_parse_char(p, '(') ||
		    !imap_parse_seqset(p, &s->seq_match) || !imap_parse_sp(p) ||
		    !imap_parse_seqset(p, &s->uid_match) ||
		    !imap_parse_char(p, ')'))
			return false;
	}
	return imap_parse_char(p, ')');
}

bool imap_parse_select(struct imap_parser *p, struct imap_select *out)
{
	struct imap_select s = { 0 };

	if (!imap_parse_astring(p, &s.mailbox))
		return false;
	if (p->in.n > 1) {
		if (!imap_parse_sp(p) || !imap_parse_char(p, '('))
			return false;
		do {
			if (imap_accept_word(p, STR("CONDSTORE"))) {
				s.condstore = true;
			} else if (imap_accept_word(p, STR("QRESYNC"))) {
				if (!parse_qresync(p, &s))
					return false;
			} else {
				return imap_parse_fail(p, "Unknown parameter");
			}
		} while (imap_accept(p, ' '));
		if (!imap_parse_char(p, ')'))
			return false;
	}
	*out = s;
	return true;
}

bool imap_parse_store(struct imap_parser *p, struct imap_store *out)
{
	struct imap_store s = { 0 };

	if (imap_accept(p, '(')) {
		if (!imap_accept_word(p, STR("UNCHANGEDSINCE")))
			return imap_parse_fail(p, "Unknown store modifier");
		s.unchangedsince_set = true;
		if (!imap_parse_sp(p) ||
		    !imap_parse_number64(p, &s.unchangedsince) ||
		    !imap_parse_char(p, ')') || !imap_parse_sp(p))
			return false;
	}
	if (imap_accept(p, '+'))
		s.mode = IMAP_STORE_ADD;
	else if (imap_accept(p, '-'))
		s.mode = IMAP_STORE_REMOVE;
	if (imap_accept_word(p, STR("FLAGS.SILENT")))
		s.silent = true;
	else if (!imap_accept_word(p, STR("FLAGS")))
		return imap_parse_fail(p, "FLAGS expected");
	if (!imap_parse_sp(p) || !imap_parse_flags(p, true, &s.flags))
		return false;
	*out = s;
	return true;
}

bool imap_parse_append(struct imap_parser *p, struct imap_append *out)
{
	struct imap_append a = { 0 };

	if (!imap_parse_sp(p))
		return false;
	if (imap_peek(p, '(')) {
		if (!imap_parse_flags(p, false, &a.flags) || !imap_parse_sp(p))
			return false;
	}
	if (imap_peek(p, '"')) {
		a.date_set = true;
		if (!imap_parse_date_time(p, &a.date_us) || !imap_parse_sp(p))
			return false;
	}
	if (imap_accept_word(p, STR("UTF8"))) {
		a.utf8 = true;
		if (!imap_parse_sp(p) || !imap_parse_char(p, '('))
			return false;
	}
	(void)imap_accept(p, '~');
	if (!imap_peek(p, '{'))
		return imap_parse_fail(p, "Literal expected");
	p->in = str_from(p->in, p->in.n);
	*out = a;
	return true;
}

bool imap_parse_id(struct imap_parser *p, struct imap_id *out)
{
	bool nil;

	out->n = 0;
	if (imap_accept_word(p, STR("NIL")))
		return true;
	if (!imap_parse_char(p, '('))
		return false;
	while (!imap_peek(p, ')')) {
		if (out->n == IMAP_ID_FIELDS_MAX)
			return imap_parse_fail(p, "Too many fields");
		if (!imap_parse_string(p, &out->names[out->n]) ||
		    !imap_parse_sp(p) ||
		    !imap_parse_nstring(p, &out->values[out->n], &nil))
			return false;
		out->n++;
		if (!imap_accept(p, ' '))
			break;
	}
	return imap_parse_char(p, ')');
}
