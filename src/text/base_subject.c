/* RFC 5256, 2.1: the subject without what replies and forwards add. */
#include "text/extract.h"

static struct str skip_blanks(struct str s)
{
	while (s.n && (s.p[0] == ' ' || s.p[0] == '\t'))
		s = str_from(s, 1);
	return s;
}

/* subj-blob: "[...]" and blanks.  Bytes, or 0. */
static size_t blob_length(struct str s)
{
	struct str rest;
	size_t close;

	if (s.n == 0 || s.p[0] != '[')
		return 0;
	close = str_chr(s, ']');
	if (close == STR_NPOS ||
	    str_chr(str_to(str_from(s, 1), close - 1), '[') != STR_NPOS)
		return 0;
	rest = skip_blanks(str_from(s, close + 1));
	return s.n - rest.n;
}

/* subj-refwd: ("re" / "fw" / "fwd") blanks [blob] ":".  Bytes, or 0. */
static size_t refwd_length(struct str s)
{
	struct str rest;

	if (str_starts_case(s, STR("fwd")))
		rest = str_from(s, 3);
	else if (str_starts_case(s, STR("re")) || str_starts_case(s, STR("fw")))
		rest = str_from(s, 2);
	else
		return 0;
	rest = skip_blanks(rest);
	rest = str_from(rest, blob_length(rest));
	if (rest.n == 0 || rest.p[0] != ':')
		return 0;
	return s.n - rest.n + 1;
}

/* subj-trailer: "(fwd)" and blanks. */
static struct str without_trailer(struct str s, bool *changed)
{
	for (;;) {
		s = str_trim(s);
		if (!str_ends_case(s, STR("(fwd)")))
			return s;
		s.n -= 5;
		*changed = true;
	}
}

/* subj-leader: blobs and a refwd.  The blobs are looked through once, however
 * many there are: without a refwd behind them they are no leader. */
static bool take_leader(struct str *s)
{
	struct str rest = *s;
	size_t n;

	while ((n = blob_length(rest)) > 0)
		rest = str_from(rest, n);
	n = refwd_length(rest);
	if (n == 0)
		return false;
	*s = skip_blanks(str_from(rest, n));
	return true;
}

/* When no leader is left, blobs are taken off while something stays; no
 * leader can come out from under them. */
static struct str without_leaders(struct str s, bool *changed)
{
	size_t n;

	while (take_leader(&s))
		*changed = true;
	while ((n = blob_length(s)) > 0 && n < s.n)
		s = str_from(s, n);
	return s;
}

struct str text_base_subject(struct str subject, bool *is_reply_out)
{
	bool changed = false;
	struct str s = str_trim(subject);

	for (;;) {
		s = without_trailer(s, &changed);
		s = without_leaders(s, &changed);
		if (!str_starts_case(s, STR("[fwd:")) || !str_ends(s, STR("]")))
			break;
		s = str_to(str_from(s, 5), s.n - 6);
		changed = true;
	}
	*is_reply_out = changed;
	return s;
}
