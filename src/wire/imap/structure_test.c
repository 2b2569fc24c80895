#include "wire/imap/structure.h"

#include "base/test.h"

static const struct address bob = {
	.name = STR_INIT("Bob B"),
	.local = STR_INIT("bob"),
	.domain = STR_INIT("example.com"),
};

#define LIST1(x)                                   \
	{                                          \
		.v = (struct address *)(x), .n = 1 \
	}

static void writes_envelopes(void **state)
{
	struct address from = bob;
	struct address group[] = {
		{ .kind = ADDRESS_GROUP, .name = STR_INIT("all") },
		{ .local = STR_INIT("x"), .domain = STR_INIT("y.example") },
		{ .kind = ADDRESS_GROUP_END },
	};
	struct mime_envelope e = {
		.date = STR_INIT("Mon, 7 Feb 1994 21:52:25 -0800"),
		.subject = STR_INIT("a \"b\""),
		.from = LIST1(&from),
		.to = { .v = group, .n = 3 },
		.message_id = STR_INIT("<1@x>"),
	};
	struct buf b;

	(void)state;
	buf_init(&b, 10000);
	imap_write_envelope(&b, &e, false);
	assert_str(buf_str(&b),
	           "(\"Mon, 7 Feb 1994 21:52:25 -0800\" \"a \\\"b\\\"\" "
	           "((\"Bob B\" NIL \"bob\" \"example.com\")) "
	           "((\"Bob B\" NIL \"bob\" \"example.com\")) "
	           "((\"Bob B\" NIL \"bob\" \"example.com\")) "
	           "((NIL NIL \"all\" NIL)(NIL NIL \"x\" \"y.example\")"
	           "(NIL NIL NIL NIL)) NIL NIL NIL \"<1@x>\")");
	buf_deinit(&b);
}

/* A mailbox without domain must not read as the start of a group. */
static void damaged_addresses_are_no_groups(void **state)
{
	struct address half = { .local = STR_INIT("bob") };
	struct mime_envelope e = { .from = LIST1(&half) };
	struct buf b;

	(void)state;
	buf_init(&b, 10000);
	imap_write_envelope(&b, &e, false);
	assert_true(str_find(buf_str(&b), STR("((NIL NIL \"bob\" \"\"))")) !=
	            STR_NPOS);
	buf_deinit(&b);
}

static struct mime_part leaf(const char *type, const char *subtype)
{
	return (struct mime_part){
		.type = str_z(type),
		.subtype = str_z(subtype),
		.end = 42,
		.body_lines = 3,
	};
}

static void writes_leaves(void **state)
{
	struct mime_param charset = { STR_INIT("charset"), STR_INIT("utf-8") };
	struct mime_part text = leaf("text", "plain");
	struct mime_part image = leaf("image", "png");
	struct buf b;

	(void)state;
	buf_init(&b, 10000);
	text.params = (struct mime_params){ &charset, 1 };
	imap_write_body(&b, &text, false, false);
	assert_str(buf_str(&b), "(\"text\" \"plain\" (\"charset\" \"utf-8\") "
	                        "NIL NIL \"7BIT\" 42 3)");
	buf_reset(&b);
	image.encoding_name = STR("base64");
	image.disposition = STR("attachment");
	image.id = STR("<a>");
	imap_write_body(&b, &image, true, false);
	assert_str(buf_str(&b), "(\"image\" \"png\" NIL \"<a>\" NIL "
	                        "\"base64\" 42 NIL (\"attachment\" NIL) NIL "
	                        "NIL)");
	buf_deinit(&b);
}

static void writes_trees(void **state)
{
	struct mime_part root = leaf("multipart", "mixed");
	struct mime_part text = leaf("text", "plain");
	struct mime_part message = leaf("message", "rfc822");
	struct mime_part inner = leaf("text", "html");
	struct buf b;

	(void)state;
	root.kind = MIME_MULTIPART;
	root.child = &text;
	text.parent = message.parent = &root;
	text.next = &message;
	message.kind = MIME_MESSAGE;
	message.child = &inner;
	inner.parent = &message;
	buf_init(&b, 10000);
	imap_write_body(&b, &root, false, false);
	assert_str(buf_str(&b),
	           "((\"text\" \"plain\" NIL NIL NIL \"7BIT\" 42 3)"
	           "(\"message\" \"rfc822\" NIL NIL NIL \"7BIT\" 42 "
	           "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL) "
	           "(\"text\" \"html\" NIL NIL NIL \"7BIT\" 42 3) 3) "
	           "\"mixed\")");
	buf_deinit(&b);
}

/* What only calls itself a message is written as something harmless. */
static void opaque_parts_are_files(void **state)
{
	struct mime_part p = leaf("message", "rfc822");
	struct buf b;

	(void)state;
	buf_init(&b, 10000);
	imap_write_body(&b, &p, false, false);
	assert_str(buf_str(&b), "(\"application\" \"octet-stream\" NIL NIL NIL "
	                        "\"7BIT\" 42)");
	buf_deinit(&b);
}

int main(void)
{
	const struct CMUnitTest list[] = {
		cmocka_unit_test(writes_envelopes),
		cmocka_unit_test(damaged_addresses_are_no_groups),
		cmocka_unit_test(writes_leaves),
		cmocka_unit_test(writes_trees),
		cmocka_unit_test(opaque_parts_are_files),
	};

	return cmocka_run_group_tests(list, NULL, NULL);
}
