#include <string.h>

#include "base/utf8.h"
#include "directory/private.h"
#include "text/idn.h"
#include "text/nfc.h"

/* Octets of a local part (RFC 5321, 4.5.3.1.1). */
#define LOCAL_MAX 64

struct str directory_local(struct arena *a, struct str local)
{
	char *p;

	if (!utf8_is_ascii(local))
		return utf8_is_valid(local) ? text_lower(a, local) : local;
	p = arena_strz(a, local);
	for (size_t i = 0; i < local.n; i++)
		p[i] = ascii_lower(p[i]);
	return (struct str){ p, local.n };
}

int directory_domain(struct arena *a, struct str domain, struct str *out,
                     struct err *err)
{
	/* An address literal is no domain that could be hosted. */
	if (domain.n && domain.p[0] == '[')
		return err_set(err, ERR_INVALID,
		               "an address in brackets is no domain");
	return text_domain_normal(a, domain, out, err);
}

struct str directory_join(struct arena *a, struct str local, struct str domain)
{
	return arena_fmt(a, "%.*s@%.*s", STR_ARG(local), STR_ARG(domain));
}

struct str directory_display(struct arena *a, struct str local,
                             struct str domain)
{
	return directory_join(a, local, text_domain_display(a, domain));
}

/* atext of RFC 5322, 3.2.3, and every character beyond ASCII (RFC 6531). */
static bool is_atext(char c)
{
	if (ascii_is_alpha(c) || ascii_is_digit(c) || (unsigned char)c >= 0x80)
		return true;
	return ascii_is_one_of(c, "!#$%&'*+-/=?^_`{|}~");
}

static int check_local(struct str local, struct err *err)
{
	if (local.n == 0)
		return err_set(err, ERR_INVALID, "nothing stands before the @");
	if (local.n > LOCAL_MAX)
		return err_set(err, ERR_INVALID,
		               "the part before the @ has %zu bytes; at most "
		               "%d are allowed",
		               local.n, LOCAL_MAX);
	if (!utf8_is_valid(local))
		return err_set(err, ERR_INVALID,
		               "the part before the @ is not UTF-8");
	for (size_t i = 0; i < local.n; i++) {
		bool edge = i == 0 || i == local.n - 1;

		if (local.p[i] == '.' && (edge || local.p[i - 1] == '.'))
			return err_set(err, ERR_INVALID,
			               "a dot stands at the beginning, at the "
			               "end, or beside another");
		if (local.p[i] != '.' && !is_atext(local.p[i]))
			return err_set(err, ERR_INVALID,
			               "the character '%c' is not allowed "
			               "before the @",
			               (unsigned char)local.p[i] > ' '
			                       ? local.p[i]
			                       : ' ');
	}
	return 0;
}

int directory_target_parse(struct arena *a, struct str text, struct str *local,
                           struct str *domain, struct err *err)
{
	struct str name;
	size_t at;

	text = str_trim(text);
	at = str_rchr(text, '@');
	if (at == STR_NPOS)
		return err_set(err, ERR_INVALID,
		               "\"%.*s\" is no address: the @ is missing",
		               STR_ARG(text));
	if (check_local(str_to(text, at), err) < 0 ||
	    directory_domain(a, str_from(text, at + 1), &name, err) < 0)
		return err_prefix(err, "\"%.*s\" is no address", STR_ARG(text));
	*local = arena_dup(a, str_to(text, at));
	*domain = name;
	return 0;
}

int directory_address_parse(struct str text, struct arena *a,
                            struct str *local_out, struct str *domain_out,
                            struct err *err)
{
	struct str local, domain;

	if (directory_target_parse(a, text, &local, &domain, err) < 0)
		return -1;
	local = directory_local(a, local);
	if (str_chr(local, '+') != STR_NPOS)
		return err_set(err, ERR_INVALID,
		               "\"%.*s\" cannot be made: what follows a + is "
		               "a detail, and reaches the address before it",
		               STR_ARG(text));
	*local_out = local;
	*domain_out = domain;
	return 0;
}
