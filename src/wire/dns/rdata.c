#include "wire/dns/rdata.h"

#include <string.h>

#include "base/buf.h"

static uint8_t byte_at(struct str s, size_t i)
{
	return (uint8_t)s.p[i];
}

/* Dots and backslashes within a label are escaped too (RFC 1035, 5.1). */
static void add_label(struct buf *out, struct str label)
{
	for (size_t i = 0; i < label.n; i++) {
		unsigned char c = (unsigned char)label.p[i];

		if (c == '.' || c == '\\')
			buf_fmt(out, "\\%c", c);
		else if (c <= ' ' || c > '~')
			buf_fmt(out, "\\%03u", c);
		else
			buf_add_c(out, (char)c);
	}
}

bool dns_name_read(struct str *rdata, struct arena *a, struct str *out)
{
	struct str in = *rdata;
	bool ok = false;
	struct buf b;

	buf_init(&b, 4 * 255);
	while (in.n > 0) {
		size_t n = byte_at(in, 0);

		if (n > 63 || n + 1 > in.n)
			break;
		if (n == 0) {
			ok = true;
			in = str_from(in, 1);
			break;
		}
		if (b.n)
			buf_add_c(&b, '.');
		add_label(&b, (struct str){ in.p + 1, n });
		in = str_from(in, n + 1);
		if (in.p - rdata->p > 255)
			break;
	}
	if (ok && !buf_overflow(&b)) {
		*out = arena_dup(a, buf_str(&b));
		*rdata = in;
	} else {
		ok = false;
	}
	buf_deinit(&b);
	return ok;
}

bool dns_mx_read(struct str rdata, struct arena *a, struct dns_mx *out)
{
	struct str name, rest;

	if (rdata.n < 3)
		return false;
	rest = str_from(rdata, 2);
	if (!dns_name_read(&rest, a, &name) || rest.n)
		return false;
	out->preference =
		(uint16_t)(byte_at(rdata, 0) << 8 | byte_at(rdata, 1));
	out->name = name;
	return true;
}

bool dns_txt_read(struct str rdata, struct arena *a, struct str *out)
{
	char *p = arena_alloc(a, rdata.n + 1);
	size_t n = 0;

	if (rdata.n == 0)
		return false;
	while (rdata.n > 0) {
		size_t len = byte_at(rdata, 0);

		if (len + 1 > rdata.n)
			return false;
		memcpy(p + n, rdata.p + 1, len);
		n += len;
		rdata = str_from(rdata, len + 1);
	}
	p[n] = '\0';
	*out = (struct str){ p, n };
	return true;
}

bool dns_tlsa_read(struct str rdata, struct dns_tlsa *out)
{
	if (rdata.n < 4)
		return false;
	out->usage = byte_at(rdata, 0);
	out->selector = byte_at(rdata, 1);
	out->matching = byte_at(rdata, 2);
	out->data = str_from(rdata, 3);
	return true;
}

bool dns_name_valid(struct str name)
{
	struct str label;

	if (name.n > 0 && name.p[name.n - 1] == '.')
		name.n--;
	if (name.n == 0 || name.n > DNS_NAME_MAX || name.p[name.n - 1] == '.')
		return false;
	while (str_cut(&name, '.', &label))
		if (label.n == 0 || label.n > 63)
			return false;
	return true;
}
