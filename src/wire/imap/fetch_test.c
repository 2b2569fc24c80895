#include "wire/imap/fetch.h"

#include "base/test.h"

static void write_all(struct buf *b, const struct imap_fetch *f)
{
	buf_fmt(b, "%x", f->items);
	for (size_t i = 0; i < f->n_sections; i++) {
		const struct imap_section *s = &f->sections[i];

		buf_add_c(b, ' ');
		imap_write_section(b, s);
		if (s->partial)
			buf_fmt(b, "+%u", s->count);
		if (s->peek)
			buf_add_c(b, '.');
	}
	if (f->changedsince_set)
		buf_fmt(b, " since %llu", (unsigned long long)f->changedsince);
	if (f->vanished)
		buf_add(b, STR(" vanished"));
}

static void reads_attributes(void **state)
{
	static const struct {
		const char *in, *want; /* NULL: refused */
	} rows[] = {
		{ "FLAGS", "2" },
		{ "(UID FLAGS)", "3" },
		{ "fast", "e" },
		{ "ALL", "1e" },
		{ "FULL", "3e" },
		{ "(ALL)", NULL },
		{ "BODY", "20" },
		{ "BODYSTRUCTURE", "40" },
		{ "BODY[]", "0 BODY[]" },
		{ "BODY.PEEK[]", "0 BODY[]." },
		{ "BODY[]<0.100>", "0 BODY[]<0>+100" },
		{ "BODY[]<5.0>", NULL },
		{ "BODY[]<5>", NULL },
		{ "body[header]", "0 BODY[HEADER]" },
		{ "BODY[TEXT]", "0 BODY[TEXT]" },
		{ "BODY[MIME]", NULL },
		{ "BODY[1.2.3]", "0 BODY[1.2.3]" },
		{ "BODY[1.MIME]", "0 BODY[1.MIME]" },
		{ "BODY[2.HEADER]", "0 BODY[2.HEADER]" },
		{ "BODY[0]", NULL },
		{ "BODY[1.]", NULL },
		{ "BODY[1.0]", NULL },
		{ "BODY[1HEADER]", NULL },
		{ "BODY[HEADER.FIELDS (From \"To\")]",
		  "0 BODY[HEADER.FIELDS (From To)]" },
		{ "BODY.PEEK[3.HEADER.FIELDS.NOT ({2}\r\nCc)]<1.2>",
		  "0 BODY[3.HEADER.FIELDS.NOT (Cc)]<1>+2." },
		{ "BODY[HEADER.FIELDS ()]", NULL },
		{ "BODY[HEADER.FIELDS]", NULL },
		{ "BINARY[1]", "0 BINARY[1]" },
		{ "BINARY.PEEK[1.2]<0.10>", "0 BINARY[1.2]<0>+10." },
		{ "BINARY.SIZE[]", "0 BINARY.SIZE[]." },
		{ "BINARY[TEXT]", NULL },
		{ "RFC822", "0 RFC822" },
		{ "RFC822.SIZE", "8" },
		{ "(RFC822.HEADER RFC822.TEXT)",
		  "0 RFC822.HEADER. RFC822.TEXT" },
		{ "(MODSEQ EMAILID THREADID SAVEDATE)", "780" },
		{ "PREVIEW", "800" },
		{ "PREVIEW (LAZY)", "800" },
		{ "(PREVIEW (LAZY) UID)", "801" },
		{ "PREVIEW (CHANGEDSINCE 5)", "800 since 5" },
		{ "FLAGS (CHANGEDSINCE 5)", "2 since 5" },
		{ "(FLAGS) (CHANGEDSINCE 5 VANISHED)", "2 since 5 vanished" },
		{ "FLAGS (VANISHED)", NULL },
		{ "()", NULL },
		{ "(FLAGS", NULL },
		{ "(FLAGS  UID)", NULL },
		{ "NONSENSE", NULL },
		{ "NONSENSE[]", NULL },
		{ "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct imap_parser p;
		struct imap_fetch f;
		struct arena a;
		struct buf b;
		bool ok;

		arena_init(&a);
		buf_init(&b, 1000);
		p = imap_parser(str_z(rows[i].in), &a);
		ok = imap_parse_fetch(&p, &f) && imap_parse_end(&p);
		if (ok != (rows[i].want != NULL))
			print_error("row \"%s\"\n", rows[i].in);
		assert_int_equal(ok, rows[i].want != NULL);
		if (ok) {
			write_all(&b, &f);
			assert_str(buf_str(&b), rows[i].want);
		}
		buf_deinit(&b);
		arena_deinit(&a);
	}
}

int main(void)
{
	const struct CMUnitTest list[] = {
		cmocka_unit_test(reads_attributes),
	};

	return cmocka_run_group_tests(list, NULL, NULL);
}
