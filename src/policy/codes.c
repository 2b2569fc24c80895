#include "policy/codes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Longer than any code or reply. */
#define TYPED_MAX 2000

enum kind { KIND_CODE, KIND_STATUS, KIND_TEXT };

static const struct row {
	enum kind kind;
	struct code_row row;
} rows[] = {

#define CODE(id, area, meaning, cause, todo) \
	{ KIND_CODE, { id, CODE_##area, meaning, cause, todo, REF_NONE } },
#define STATUS(id, area, meaning, cause, todo) \
	{ KIND_STATUS, { id, CODE_##area, meaning, cause, todo, REF_NONE } },
#define TEXT(id, area, meaning, cause, todo) \
	{ KIND_TEXT, { id, CODE_##area, meaning, cause, todo, REF_NONE } },
#include "policy/codes.def"
#undef CODE
#undef STATUS
#undef TEXT
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

struct found {
	struct code_row *out;
	size_t n;
};

static void add(struct found *f, const struct code_row *row)
{
	for (size_t i = 0; i < f->n; i++)
		if (strcmp(f->out[i].id, row->id) == 0)
			return;
	if (f->n < CODE_FOUND_MAX)
		f->out[f->n++] = *row;
}

/* ---- numbers of mail programs ---- */

/* Up to 8 digits, in capitals, without "0x"; false when it is no number. */
static bool hex_digits(struct str s, char out[9])
{
	size_t n = 0;

	if (str_starts_case(s, STR("0x")) || str_starts_case(s, STR("ox")))
		s = str_from(s, 2);
	else if (str_starts_case(s, STR("x")))
		s = str_from(s, 1);
	else if (str_starts(s, STR("\xc3\x97")) ||
	         str_starts(s, STR("0\xc3\x97"))) /* a multiplication sign */
		s = str_from(s, s.p[0] == '0' ? 3 : 2);
	for (; n < s.n; n++) {
		char c = s.p[n];

		if (c >= 'a' && c <= 'z')
			c = (char)(c - ('a' - 'A'));
		if (c == 'O')
			c = '0';
		if (n == 8 ||
		    !((c >= '0' && c <= '9') || (c >= 'A' && c <= 'F')))
			return false;
		out[n] = c;
	}
	out[n] = '\0';
	return n >= 6 && out[0] == '8';
}

/* -2146644977 is 0x800CCC0F. */
static bool signed_decimal(struct str s, char out[9])
{
	uint64_t v;

	if (s.n < 10 || s.p[0] != '-' ||
	    !str_to_u64(str_from(s, 1), UINT64_C(0x80000000), &v) || v == 0)
		return false;
	(void)snprintf(out, 9, "%08X", (unsigned)(UINT64_C(0x100000000) - v));
	return true;
}

/* The digits of the row begin with these. */
static bool begins(const struct code_row *r, const char *digits, size_t n)
{
	return strncmp(r->id + 2, digits, n) == 0;
}

static int by_id(const void *a, const void *b)
{
	const struct code_row *x = a, *y = b;

	return strcmp(x->id, y->id);
}

/* One digit is lost: the last one, or a zero before it. */
static void add_cut(struct found *f, const char *digits)
{
	char whole[9];

	(void)snprintf(whole, sizeof(whole), "%.6s0%c", digits, digits[6]);
	for (size_t i = 0; i < ROWS; i++)
		if (rows[i].kind == KIND_CODE &&
		    begins(&rows[i].row, digits, 7))
			add(f, &rows[i].row);
	qsort(f->out, f->n, sizeof(f->out[0]), by_id);
	for (size_t i = 0; i < ROWS; i++)
		if (rows[i].kind == KIND_CODE && begins(&rows[i].row, whole, 8))
			add(f, &rows[i].row);
}

/* Numbers of which a row stands for all of a range. */
static const char *of_range(const char *digits)
{
	if (strncmp(digits, "800CCC3", 7) == 0)
		return "800CCC31";
	if (strncmp(digits, "800CCCF", 7) == 0 && digits[7] <= '4')
		return "800CCCF0";
	return digits;
}

static void add_number(struct found *f, struct str typed)
{
	char digits[9];
	size_t n;

	if (!signed_decimal(typed, digits) && !hex_digits(typed, digits))
		return;
	n = strlen(digits);
	if (n == 7) {
		add_cut(f, digits);
		return;
	}
	for (size_t i = 0; i < ROWS; i++)
		if (rows[i].kind == KIND_CODE &&
		    begins(&rows[i].row, n == 8 ? of_range(digits) : digits, n))
			add(f, &rows[i].row);
}

/* ---- replies of this host ---- */

static enum code_area area_of(enum policy_ref ref)
{
	return policy_reply(ref)->ref[0] == 'A' ? CODE_AUTH : CODE_SMTP;
}

static void add_ref(struct found *f, enum policy_ref ref)
{
	const struct policy_reply *r = policy_reply(ref);
	struct code_row row = { .id = r->ref,
		                .area = area_of(ref),
		                .meaning = r->text,
		                .cause = r->cause,
		                .todo = r->todo,
		                .ref = ref };

	add(f, &row);
}

/* The words of a reply with something at the places of {rcpt}, {n}, {why}
 * stand somewhere in what was typed. */
static bool has_reply(struct str typed, const char *text)
{
	struct str want = str_z(text), piece, at = typed;
	size_t words = 0;

	while (want.n) {
		size_t end = str_chr(want, '{'), found;

		piece = end == STR_NPOS ? want : str_to(want, end);
		want = str_from(want, piece.n);
		if (want.n) {
			size_t close = str_chr(want, '}');

			want = close == STR_NPOS ? (struct str){ NULL, 0 }
			                         : str_from(want, close + 1);
		}
		if (piece.n < 4)
			continue;
		found = str_find_case(at, piece);
		if (found == STR_NPOS)
			return false;
		at = str_from(at, found + piece.n);
		words += piece.n;
	}
	return words >= 12;
}

static void add_replies(struct found *f, struct str typed)
{
	size_t open = str_rchr(typed, '['), close = str_rchr(typed, ']');
	enum policy_ref ref = policy_ref_find(typed);

	if (ref == REF_NONE && open != STR_NPOS && close != STR_NPOS &&
	    close > open)
		ref = policy_ref_find(str_from(str_to(typed, close), open + 1));
	if (ref != REF_NONE) {
		add_ref(f, ref);
		return;
	}
	for (int i = REF_NONE + 1; i < REF_COUNT; i++)
		if (has_reply(typed, policy_reply((enum policy_ref)i)->text))
			add_ref(f, (enum policy_ref)i);
}

/* ---- words and status codes ---- */

static void add_texts(struct found *f, struct str typed)
{
	for (size_t i = 0; i < ROWS; i++)
		if (rows[i].kind == KIND_TEXT &&
		    str_find_case(typed, str_z(rows[i].row.id)) != STR_NPOS)
			add(f, &rows[i].row);
}

static void add_status(struct found *f, struct str word)
{
	for (size_t i = 0; i < ROWS; i++)
		if (rows[i].kind == KIND_STATUS &&
		    str_eq(word, str_z(rows[i].row.id)))
			add(f, &rows[i].row);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Each word of a sentence: it may hold a number or a status. */
static void add_words(struct found *f, struct str typed, bool status)
{
	while (typed.n) {
		struct str word;
		size_t n = 0;

		while (n < typed.n && !is_blank(typed.p[n]))
			n++;
		word = str_to(typed, n);
		typed = str_from(typed, n < typed.n ? n + 1 : n);
		while (word.n && ascii_is_one_of(word.p[0], "()\"',.:;#!?"))
			word = str_from(word, 1);
		while (word.n &&
		       ascii_is_one_of(word.p[word.n - 1], "()\"',.:;#!?"))
			word = str_to(word, word.n - 1);
		if (!status) {
			add_number(f, word);
			continue;
		}
		if (word.n > 4 && word.p[3] == '-') /* "450-4.7.1" */
			word = str_from(word, 4);
		add_status(f, word);
	}
}

size_t code_find(struct str typed, struct code_row out[CODE_FOUND_MAX])
{
	struct found f = { out, 0 };

	typed = str_trim(typed);
	if (typed.n > TYPED_MAX)
		typed = str_to(typed, TYPED_MAX);
	add_replies(&f, typed);
	if (!f.n)
		add_texts(&f, typed);
	if (!f.n)
		add_words(&f, typed, false);
	if (!f.n)
		add_words(&f, typed, true);
	return f.n;
}

const struct code_row *code_at(size_t i)
{
	return i < ROWS ? &rows[i].row : NULL;
}

const char *code_area_name(enum code_area area)
{
	static const char *const names[] = {
		[CODE_LOCAL] = "computer",  [CODE_NET] = "connection",
		[CODE_TLS] = "encryption",  [CODE_AUTH] = "login",
		[CODE_ADDRESS] = "address", [CODE_POP] = "POP3",
		[CODE_IMAP] = "IMAP",       [CODE_SMTP] = "sending",
		[CODE_OTHER] = "other",
	};

	return names[area];
}

/* What stands for {word}: a name of the provider, or what a reply leaves to
 * the occasion. */
static bool put_word(struct buf *out, struct str word, struct str provider)
{
	static const char *const names[] = { "imap", "pop", "send", "mail" };
	static const char *const places[][2] = { { "rcpt", "<recipient>" },
		                                 { "n", "N" },
		                                 { "why", "..." } };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (str_eq(word, str_z(names[i]))) {
			buf_fmt(out, "%s.%.*s", names[i], STR_ARG(provider));
			return true;
		}
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (str_eq(word, str_z(places[i][0]))) {
			buf_add_z(out, places[i][1]);
			return true;
		}
	return false;
}

void code_text(struct buf *out, const char *text, struct str provider)
{
	struct str t = str_z(text);

	while (t.n) {
		size_t close = t.p[0] == '{' ? str_chr(t, '}') : STR_NPOS;

		if (close != STR_NPOS &&
		    put_word(out, str_from(str_to(t, close), 1), provider)) {
			t = str_from(t, close + 1);
			continue;
		}
		buf_add_c(out, t.p[0]);
		t = str_from(t, 1);
	}
}
