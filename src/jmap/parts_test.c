#include "jmap/parts.h"

#include <string.h>

#include "base/buf.h"
#include "base/test.h"

/* A tree in brackets: "m(p)" etc. would hide what matters; whole messages are
 * built from lines instead. */
#define TEXT(id)  "Content-Type: text/plain\r\nContent-ID: " id "\r\n\r\nx\r\n"
#define HTML(id)  "Content-Type: text/html\r\nContent-ID: " id "\r\n\r\nx\r\n"
#define IMAGE(id) "Content-Type: image/png\r\nContent-ID: " id "\r\n\r\nx\r\n"
#define FILE_OF(type, id)                                               \
	"Content-Type: " type "\r\nContent-Disposition: attachment\r\n" \
	"Content-ID: " id "\r\n\r\nx\r\n"
#define NAMED(id)                                  \
	"Content-Type: text/plain; name=a.txt\r\n" \
	"Content-ID: " id "\r\n\r\nx\r\n"
#define MULTI(kind, b) \
	"Content-Type: multipart/" kind "; boundary=" b "\r\n\r\n"

static const char *names(const struct jmap_part_list *l, struct buf *out)
{
	buf_reset(out);
	for (size_t i = 0; i < l->n; i++)
		buf_add(out, l->v[i]->id);
	return buf_z(out);
}

/* RFC 8621, 4.1.4: its own example and what real programs send. */
static void sorts(void **state)
{
	static const struct {
		const char *label, *message, *text, *html, *attached;
	} rows[] = {
		{ "text alone", TEXT("A"), "A", "A", "" },
		{ "html alone", HTML("A"), "A", "A", "" },
		{ "a picture alone", IMAGE("A"), "A", "A", "" },
		{ "a file alone", FILE_OF("text/plain", "A"), "", "", "A" },
		{ "alternative",
		  MULTI("alternative", "b") "--b\r\n" TEXT("A") "--b\r\n" HTML(
			  "B") "--b--\r\n",
		  "A", "B", "" },
		{ "alternative with html alone",
		  MULTI("alternative", "b") "--b\r\n" HTML("B") "--b--\r\n",
		  "B", "B", "" },
		{ "mixed with a file",
		  MULTI("mixed", "b") "--b\r\n" TEXT("A") "--b\r\n" FILE_OF(
			  "application/pdf", "B") "--b--\r\n",
		  "A", "A", "B" },
		{ "a text with a name is a file",
		  MULTI("mixed", "b") "--b\r\n" TEXT("A") "--b\r\n" NAMED(
			  "B") "--b\r\n" TEXT("C") "--b--\r\n",
		  "AC", "AC", "B" },
		{ "the first may have a name",
		  MULTI("mixed", "b") "--b\r\n" NAMED("A") "--b--\r\n", "A",
		  "A", "" },
		{ "related", /* html with its picture */
		  MULTI("related", "b") "--b\r\n" HTML("A") "--b\r\n" IMAGE(
			  "B") "--b--\r\n",
		  "A", "A", "B" },
		{ "alternative with related", /* what most programs send */
		  MULTI("alternative", "b") "--b\r\n" TEXT("A") "--b\r\n" MULTI(
			  "related",
			  "c") "--c\r\n" HTML("B") "--c\r\n" IMAGE("C") "--c--\r\n--b--\r\n",
		  "A", "B", "C" },
		{ "the example of the RFC",
		  MULTI("mixed", "m") "--m\r\n" TEXT("A") "--m\r\n" MULTI("mixed", "n") "--n\r\n" MULTI("alternative", "a") "--a\r\n" MULTI(
			  "mixed",
			  "o") "--o\r\n" TEXT("B") "--o\r\n" IMAGE("C") "--o\r\n" TEXT("D") "--o--\r\n--a\r\n" MULTI("related",
		                                                                                                     "r") "--r\r\n" HTML("E") "--r\r\n" IMAGE("F") "--r--\r\n--a--\r\n--n\r\n" FILE_OF("image/jpeg", "G") "--n\r\n" FILE_OF("application/x-excel", "H") "--n\r\n" FILE_OF("message/rfc822",
		                                                                                                                                                                                                                                                                          "J") "--n--\r\n--m\r\n" TEXT("K") "--m--\r\n",
		  "ABCDK", "AEK", "CFGHJ" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct jmap_parts parts;
		struct arena a;
		struct buf p;

		arena_init(&a);
		buf_init(&p, 1000);
		jmap_parts_sort(&a,
		                mime_parse(&a, str_z(rows[i].message), NULL),
		                &parts);
		if (strcmp(names(&parts.text, &p), rows[i].text) != 0)
			fail_msg("%s: text %s", rows[i].label, buf_z(&p));
		if (strcmp(names(&parts.html, &p), rows[i].html) != 0)
			fail_msg("%s: html %s", rows[i].label, buf_z(&p));
		if (strcmp(names(&parts.attached, &p), rows[i].attached) != 0)
			fail_msg("%s: attached %s", rows[i].label, buf_z(&p));
		buf_deinit(&p);
		arena_deinit(&a);
	}
}

static void numbers(void **state)
{
	const char *m = MULTI("mixed", "b") "--b\r\n" TEXT("A") "--b\r\n" HTML(
		"B") "--b--\r\n";
	const struct mime_part *root;
	struct arena a;

	(void)state;
	arena_init(&a);
	root = mime_parse(&a, str_z(m), NULL);
	assert_ptr_equal(jmap_part_find(root, 1), root);
	assert_true(str_eq(jmap_part_find(root, 3)->id, STR("B")));
	assert_null(jmap_part_find(root, 4));
	assert_null(jmap_part_find(root, 0));
	assert_int_equal(jmap_part_no(root, jmap_part_find(root, 3)), 3);
	assert_true(str_eq(jmap_part_type(&a, jmap_part_find(root, 3)),
	                   STR("text/html")));
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sorts),
		cmocka_unit_test(numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
