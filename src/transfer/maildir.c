#include "transfer/maildir.h"

#include "store/store.h"
#include "wire/imap/utf7.h"

/* '.' within a level: see the header. */
#define DOT_ESCAPE STR("&AC4-")

static const struct {
	char letter;
	uint64_t flag;
} letters[] = {
	/* In the order in which they are written. */
	{ 'D', FLAG_DRAFT },    { 'F', FLAG_FLAGGED }, { 'P', FLAG_FORWARDED },
	{ 'R', FLAG_ANSWERED }, { 'S', FLAG_SEEN },    { 'T', FLAG_DELETED },
};

#define LETTERS (sizeof(letters) / sizeof(*letters))

static uint64_t flag_of(char letter)
{
	for (size_t i = 0; i < LETTERS; i++)
		if (letters[i].letter == letter)
			return letters[i].flag;
	return 0;
}

static int64_t leading_seconds(struct str unique)
{
	size_t n = 0;
	uint64_t v;

	while (n < unique.n && ascii_is_digit(unique.p[n]))
		n++;
	/* Between 1975 and 2100: other numbers are no times. */
	if (n < 9 || !str_to_u64(str_to(unique, n), UINT64_C(4102444800), &v))
		return 0;
	return v < 157766400 ? 0 : (int64_t)v;
}

void maildir_name_parse(struct str file, struct maildir_name *out)
{
	size_t at = str_find(file, STR(":2,"));
	struct str info = STR("");

	*out = (struct maildir_name){ .unique = file };
	if (at != STR_NPOS) {
		out->unique = str_to(file, at);
		info = str_from(file, at + 3);
	}
	for (size_t i = 0; i < info.n; i++) {
		out->flags |= flag_of(info.p[i]);
		if (info.p[i] >= 'a' && info.p[i] <= 'z')
			out->keywords |= UINT32_C(1) << (info.p[i] - 'a');
	}
	out->arrived_s = leading_seconds(out->unique);
}

void maildir_flags_write(struct buf *b, uint64_t flags, uint32_t keywords)
{
	buf_add_z(b, ":2,");
	for (size_t i = 0; i < LETTERS; i++)
		if (flags & letters[i].flag)
			buf_add_c(b, letters[i].letter);
	for (int i = 0; i < MAILDIR_KEYWORDS; i++)
		if (keywords >> i & 1)
			buf_add_c(b, (char)('a' + i));
}

void maildir_keywords_parse(struct str text, struct maildir_keywords *out)
{
	struct str line, number;
	uint64_t at;

	*out = (struct maildir_keywords){ .n = 0 };
	while (str_cut(&text, '\n', &line)) {
		line = str_trim(line);
		if (!str_cut(&line, ' ', &number) || line.n == 0 ||
		    !str_to_u64(number, MAILDIR_KEYWORDS - 1, &at))
			continue;
		out->name[at] = line;
		if (out->n < at + 1)
			out->n = (size_t)at + 1;
	}
}

static bool decode_level(struct buf *out, struct str level)
{
	size_t at;

	if (level.n == 0)
		return false;
	while ((at = str_find(level, DOT_ESCAPE)) != STR_NPOS) {
		if (!imap_utf7_decode(out, str_to(level, at)))
			return false;
		buf_add_c(out, '.');
		level = str_from(level, at + DOT_ESCAPE.n);
	}
	return imap_utf7_decode(out, level);
}

bool maildir_folder_decode(struct buf *out, struct str name)
{
	size_t before = out->n;
	struct str level;

	if (name.n < 2 || name.p[0] != '.')
		return false;
	/* An empty last level would be passed over by str_cut(). */
	if (name.p[name.n - 1] == '.')
		return false;
	name = str_from(name, 1);
	while (str_cut(&name, '.', &level)) {
		if (out->n > before)
			buf_add_c(out, '/');
		if (!decode_level(out, level) || buf_overflow(out)) {
			buf_truncate(out, before);
			return false;
		}
	}
	return true;
}

void maildir_folder_encode(struct buf *out, struct str mailbox)
{
	struct str level, part;

	while (str_cut(&mailbox, '/', &level)) {
		bool first = true;

		buf_add_c(out, '.');
		for (;;) {
			size_t dot = str_chr(level, '.');

			part = dot == STR_NPOS ? level : str_to(level, dot);
			if (!first)
				buf_add(out, DOT_ESCAPE);
			first = false;
			imap_utf7_encode(out, part);
			if (dot == STR_NPOS)
				break;
			level = str_from(level, dot + 1);
		}
	}
}
