#include "jmap/email.h"

static const struct {
	const char *imap, *jmap;
} system_flags[] = {
	{ "\\Seen", "$seen" },
	{ "\\Answered", "$answered" },
	{ "\\Flagged", "$flagged" },
	{ "\\Draft", "$draft" },
};

#define SYSTEM_N (sizeof(system_flags) / sizeof(system_flags[0]))

struct str jmap_keyword_of(struct arena *a, struct str imap_name)
{
	char *z;

	for (size_t i = 0; i < SYSTEM_N; i++)
		if (str_eq_case(imap_name, str_z(system_flags[i].imap)))
			return str_z(system_flags[i].jmap);
	if (imap_name.n == 0 || imap_name.p[0] == '\\')
		return STR("");
	z = arena_strz(a, imap_name);
	for (size_t i = 0; i < imap_name.n; i++)
		z[i] = ascii_lower(z[i]);
	return (struct str){ z, imap_name.n };
}

bool jmap_keyword_parse(struct str keyword, struct str *imap_name)
{
	for (size_t i = 0; i < SYSTEM_N; i++)
		if (str_eq_case(keyword, str_z(system_flags[i].jmap))) {
			*imap_name = str_z(system_flags[i].imap);
			return true;
		}
	/* What an IMAP atom cannot be, none of the flags with a backslash. */
	for (size_t i = 0; i < keyword.n; i++)
		if (keyword.p[i] <= ' ' || keyword.p[i] > '~' ||
		    str_chr(STR("(){]%*\"\\"), keyword.p[i]) != STR_NPOS)
			return false;
	*imap_name = keyword;
	return keyword.n > 0 && keyword.n <= FLAG_NAME_MAX;
}
