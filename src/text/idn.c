#include "text/idn.h"

#include <idn2.h>
#include <string.h>

#include "base/utf8.h"
#include "text/nfc.h"

/* U-labels take up to four bytes for what is one in an A-label, so a longer
 * name cannot be right in either form. */
#define INPUT_MAX 1024

static bool is_label(struct str s)
{
	if (s.n == 0 || s.n > 63 || s.p[0] == '-' || s.p[s.n - 1] == '-')
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_is_alpha(s.p[i]) && !ascii_is_digit(s.p[i]) &&
		    s.p[i] != '-')
			return false;
	return true;
}

/* RFC 1123, 2.1: letters, digits and hyphens. */
static bool is_host_name(struct str s)
{
	struct str label;

	if (s.n == 0 || s.n > TEXT_DOMAIN_MAX || s.p[s.n - 1] == '.')
		return false;
	while (str_cut(&s, '.', &label))
		if (!is_label(label))
			return false;
	return true;
}

static struct str lower(struct arena *a, struct str s)
{
	char *p = arena_strz(a, s);

	for (size_t i = 0; i < s.n; i++)
		p[i] = ascii_lower(p[i]);
	return (struct str){ p, s.n };
}

/* What has other letters goes through UTS 46 (width, case, ideographic
 * dots); ASCII names need no more than lower case, and A-labels that IDNA
 * would refuse are still names in the DNS. */
static int to_ascii(struct arena *a, struct str domain, struct str *out,
                    struct err *err)
{
	const char *in = arena_strz(a, domain);
	char *ascii = NULL;
	int rc;

	if (memchr(in, '\0', domain.n))
		return err_set(err, ERR_INVALID, "a domain has no zero byte");
	rc = idn2_to_ascii_8z(in, &ascii,
	                      IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
	if (rc != IDN2_OK)
		return err_set(err, ERR_INVALID, "the domain is not valid: %s",
		               idn2_strerror(rc));
	*out = lower(a, str_z(ascii));
	idn2_free(ascii);
	return 0;
}

int text_domain_normal(struct arena *a, struct str domain, struct str *out,
                       struct err *err)
{
	struct str normal;

	if (domain.n > INPUT_MAX)
		return err_set(err, ERR_INVALID, "the domain is too long");
	if (domain.n > 1 && domain.p[domain.n - 1] == '.')
		domain.n--;
	if (utf8_is_ascii(domain))
		normal = lower(a, domain);
	else if (!utf8_is_valid(domain))
		return err_set(err, ERR_INVALID, "the domain is not UTF-8");
	else if (to_ascii(a, domain, &normal, err) < 0)
		return -1;
	if (!is_host_name(normal))
		return err_set(err, ERR_INVALID,
		               "the domain is not a valid host name");
	*out = normal;
	return 0;
}

static bool has_a_label(struct str domain)
{
	return str_find_case(domain, STR("xn--")) != STR_NPOS;
}

struct str text_domain_display(struct arena *a, struct str domain)
{
	struct str shown, again, normal;
	struct err err;
	char *wide = NULL;

	if (domain.n > INPUT_MAX || !has_a_label(domain) ||
	    text_domain_normal(a, domain, &normal, &err) < 0)
		return domain;
	if (idn2_to_unicode_8z8z(arena_strz(a, normal), &wide, 0) != IDN2_OK)
		return domain;
	shown = arena_dup(a, str_z(wide));
	idn2_free(wide);
	if (text_nfc(a, shown, &shown, &err) < 0 ||
	    text_domain_normal(a, shown, &again, &err) < 0 ||
	    !str_eq(again, normal))
		return domain;
	return shown;
}

int text_address_normal(struct arena *a, struct str address, struct str *out,
                        struct err *err)
{
	size_t at = str_rchr(address, '@');
	struct str local, domain;

	if (at == STR_NPOS)
		return text_domain_normal(a, address, out, err);
	local = str_to(address, at);
	if (local.n == 0 || local.n > INPUT_MAX || !utf8_is_valid(local))
		return err_set(err, ERR_INVALID,
		               "the part before the @ is not valid");
	if (text_domain_normal(a, str_from(address, at + 1), &domain, err) < 0)
		return -1;
	local = text_lower(a, local);
	*out = arena_fmt(a, "%.*s@%.*s", STR_ARG(local), STR_ARG(domain));
	return 0;
}
