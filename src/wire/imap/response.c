#include "wire/imap/response.h"

#include "wire/imap/date.h"

/* ---- what all have in front ---- */

static struct str take_word(struct imap_parser *p)
{
	size_t at = str_chr(p->in, ' ');
	struct str word = str_to(p->in, at == STR_NPOS ? p->in.n : at);

	p->in = str_from(p->in, word.n);
	return word;
}

static enum imap_status status_of(struct str word)
{
	static const struct {
		struct str word;
		enum imap_status status;
	} all[] = {
		{ STR_INIT("OK"), IMAP_STATUS_OK },
		{ STR_INIT("NO"), IMAP_STATUS_NO },
		{ STR_INIT("BAD"), IMAP_STATUS_BAD },
		{ STR_INIT("PREAUTH"), IMAP_STATUS_PREAUTH },
		{ STR_INIT("BYE"), IMAP_STATUS_BYE },
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (str_eq_case(word, all[i].word))
			return all[i].status;
	return IMAP_STATUS_NONE;
}

static void take_text(struct imap_parser *p, struct imap_response *r)
{
	struct str in;
	size_t end;

	(void)imap_accept(p, ' ');
	in = p->in;
	end = in.n && in.p[0] == '[' ? str_chr(in, ']') : STR_NPOS;
	if (end != STR_NPOS) {
		r->code = (struct str){ in.p + 1, end - 1 };
		in = str_from(in, end + 1);
	}
	r->text = str_trim(in);
	p->in = str_from(p->in, p->in.n);
}

bool imap_parse_response(struct imap_parser *p, struct imap_response *out)
{
	struct str word;

	*out = (struct imap_response){ .wants_more = false };
	word = take_word(p);
	if (str_eq(word, STR("+"))) {
		out->wants_more = true;
		take_text(p, out);
		return true;
	}
	if (!word.n || !imap_parse_sp(p))
		return imap_parse_fail(p, "No response");
	if (!str_eq(word, STR("*")))
		out->tag = word;
	word = take_word(p);
	if (!out->tag.n && str_to_u32(word, &out->number)) {
		out->has_number = true;
		if (!imap_parse_sp(p))
			return false;
		word = take_word(p);
	}
	out->status = status_of(word);
	if (out->status != IMAP_STATUS_NONE)
		take_text(p, out);
	else if (out->tag.n || !word.n)
		return imap_parse_fail(p, "No response");
	out->name = word;
	return true;
}

bool imap_code_number(struct str code, struct str name, uint32_t *out)
{
	return str_starts_case(code, name) && code.n > name.n &&
	       code.p[name.n] == ' ' &&
	       str_to_u32(str_from(code, name.n + 1), out);
}

bool imap_capability_has(struct str words, struct str word)
{
	struct str one;

	while (str_cut(&words, ' ', &one))
		if (str_eq_case(one, word))
			return true;
	return false;
}

/* ---- LIST ---- */

static uint32_t attribute_of(struct str name)
{
	static const struct {
		struct str name;
		uint32_t bit;
	} all[] = {
		{ STR_INIT("Noselect"), IMAP_AT_NOSELECT },
		{ STR_INIT("NonExistent"), IMAP_AT_NOSELECT },
		{ STR_INIT("All"), IMAP_AT_ALL },
		{ STR_INIT("AllMail"), IMAP_AT_ALL },
		{ STR_INIT("Archive"), IMAP_AT_ARCHIVE },
		{ STR_INIT("Drafts"), IMAP_AT_DRAFTS },
		{ STR_INIT("Flagged"), IMAP_AT_FLAGGED },
		{ STR_INIT("Important"), IMAP_AT_IMPORTANT },
		{ STR_INIT("Junk"), IMAP_AT_JUNK },
		{ STR_INIT("Sent"), IMAP_AT_SENT },
		{ STR_INIT("Trash"), IMAP_AT_TRASH },
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (str_eq_case(name, all[i].name))
			return all[i].bit;
	return 0;
}

/* "(\A \B)": each is handed to `take`. */
static bool words_in_parens(struct imap_parser *p,
                            void (*take)(void *arg, struct str word), void *arg)
{
	size_t end;

	if (!imap_parse_char(p, '('))
		return false;
	end = str_chr(p->in, ')');
	if (end == STR_NPOS)
		return imap_parse_fail(p, "A list without end");
	for (struct str in = str_to(p->in, end), word;
	     str_cut(&in, ' ', &word);)
		if (word.n)
			take(arg, word);
	p->in = str_from(p->in, end + 1);
	return true;
}

static void take_attribute(void *arg, struct str word)
{
	struct imap_listed *l = arg;

	if (word.p[0] == '\\')
		l->attributes |= attribute_of(str_from(word, 1));
}

bool imap_parse_listed(struct imap_parser *p, struct imap_listed *out)
{
	struct str delimiter;
	bool nil = false;

	*out = (struct imap_listed){ .delimiter = 0 };
	if (!imap_parse_sp(p) || !words_in_parens(p, take_attribute, out) ||
	    !imap_parse_sp(p) || !imap_parse_nstring(p, &delimiter, &nil) ||
	    !imap_parse_sp(p))
		return false;
	if (!nil && delimiter.n != 1)
		return imap_parse_fail(p, "A delimiter is one character");
	out->delimiter = nil ? 0 : delimiter.p[0];
	return imap_parse_astring(p, &out->name);
}

/* ---- FETCH ---- */

/* What is not looked at: a word, a string, a list of them. */
static bool skip_value(struct imap_parser *p, unsigned depth)
{
	struct str ignored;
	size_t n = 0;

	if (imap_peek(p, '"') || imap_peek(p, '{') || imap_peek(p, '~'))
		return imap_parse_string(p, &ignored);
	if (imap_accept(p, '(')) {
		if (depth == IMAP_DEPTH_MAX)
			return imap_parse_fail(p, "Too deep");
		while (!imap_accept(p, ')')) {
			if (imap_accept(p, ' '))
				continue;
			if (!skip_value(p, depth + 1))
				return false;
		}
		return true;
	}
	while (n < p->in.n && !ascii_is_one_of(p->in.p[n], " ()"))
		n++;
	if (!n)
		return imap_parse_fail(p, "No value");
	p->in = str_from(p->in, n);
	return true;
}

/* "BODY[HEADER.FIELDS (A B)]<0>": blanks within the brackets are part. */
static struct str take_attribute_name(struct imap_parser *p)
{
	struct str in = p->in;
	size_t n = 0;
	bool within = false;

	while (n < in.n && (within || !ascii_is_one_of(in.p[n], " ()"))) {
		if (in.p[n] == '[')
			within = true;
		else if (in.p[n] == ']')
			within = false;
		n++;
	}
	p->in = str_from(in, n);
	return str_to(in, n);
}

static void take_flag(void *arg, struct str word)
{
	struct imap_parser *p = ((void **)arg)[0];
	struct imap_fetched *f = ((void **)arg)[1];
	struct imap_parser one = imap_parser(word, p->arena);

	/* One that is strange costs no message. */
	(void)imap_parse_flag(&one, &f->flags);
}

/* The literal stands at the very end, its bytes apart. */
static bool is_cut(struct str in)
{
	size_t n = in.n && in.p[0] == '~' ? 1 : 0;

	if (n == in.n || in.p[n] != '{')
		return false;
	for (n++; n < in.n && (ascii_is_digit(in.p[n]) || in.p[n] == '+'); n++)
		;
	in = str_from(in, n);
	return str_eq(in, STR("}\r\n")) || str_eq(in, STR("}"));
}

static bool take_body(struct imap_parser *p, struct imap_fetched *f)
{
	bool nil;

	f->got |= IMAP_GOT_BODY;
	f->body = STR("");
	if (is_cut(p->in)) {
		f->is_cut = true;
		p->in = str_from(p->in, p->in.n);
		return true;
	}
	return imap_parse_nstring(p, &f->body, &nil);
}

static bool take_value(struct imap_parser *p, struct str name,
                       struct imap_fetched *f)
{
	if (str_eq_case(name, STR("UID"))) {
		f->got |= IMAP_GOT_UID;
		return imap_parse_nz_number(p, &f->uid);
	}
	if (str_eq_case(name, STR("RFC822.SIZE"))) {
		f->got |= IMAP_GOT_SIZE;
		return imap_parse_number64(p, &f->size);
	}
	if (str_eq_case(name, STR("INTERNALDATE"))) {
		f->got |= IMAP_GOT_DATE;
		return imap_parse_date_time(p, &f->date_us);
	}
	if (str_eq_case(name, STR("FLAGS"))) {
		void *both[2] = { p, f };

		f->got |= IMAP_GOT_FLAGS;
		return words_in_parens(p, take_flag, both);
	}
	if (str_starts_case(name, STR("BODY[")) ||
	    str_eq_case(name, STR("RFC822")))
		return take_body(p, f);
	return skip_value(p, 0);
}

bool imap_parse_fetched_rest(struct imap_parser *p, struct imap_fetched *out)
{
	out->is_cut = false;
	for (;;) {
		struct str name;

		(void)imap_accept(p, ' ');
		if (imap_accept(p, ')'))
			return imap_parse_end(p);
		name = take_attribute_name(p);
		if (!name.n || !imap_parse_sp(p))
			return imap_parse_fail(p, "No attribute");
		if (!take_value(p, name, out))
			return false;
		if (out->is_cut)
			return true;
	}
}

bool imap_parse_fetched(struct imap_parser *p, struct imap_fetched *out)
{
	return imap_parse_sp(p) && imap_parse_char(p, '(') &&
	       imap_parse_fetched_rest(p, out);
}
