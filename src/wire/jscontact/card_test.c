#include "wire/jscontact/card.h"

#include <stdio.h>
#include <string.h>

#include "base/test.h"

#define HEAD "{\"@type\":\"Card\",\"version\":\"1.0\",\"uid\":\"u\""

struct row {
	const char *more; /* behind HEAD and a comma */
	const char *path; /* NULL: it is a card */
};

static void check_row(const struct row *r)
{
	struct jscontact_problem p = { .path = "", .why = NULL };
	struct err err = ERR_INIT;
	struct json_doc *doc;
	char text[2000];
	bool good;

	(void)snprintf(text, sizeof(text), HEAD "%s%s}", r->more[0] ? "," : "",
	               r->more);
	assert_int_equal(json_parse(&doc, str_z(text), NULL, &err), 0);
	good = jscontact_check(json_root(doc), &p);
	if (good != !r->path || (r->path && strcmp(r->path, p.path) != 0)) {
		(void)fprintf(stderr, "%s: \"%s\" %s\n", text, p.path,
		              p.why ? p.why : "passed");
		fail();
	}
	json_free(&doc);
}

static void knows_cards(void **state)
{
	static const struct row rows[] = {
		{ "", NULL },
		/* RFC 9553, 2: what its examples have. */
		{ "\"created\":\"2022-09-30T14:35:10Z\",\"kind\":\"individual\","
		  "\"name\":{\"components\":[{\"kind\":\"given\",\"value\":\"Bo\"}],"
		  "\"isOrdered\":true,\"sortAs\":{\"surname\":\"x\"}}",
		  NULL },
		{ "\"kind\":\"group\",\"members\":{\"urn:uuid:1\":true}",
		  NULL },
		{ "\"emails\":{\"e1\":{\"address\":\"a@b.example\",\"pref\":100,"
		  "\"contexts\":{\"work\":true}}}",
		  NULL },
		{ "\"anniversaries\":{\"k8\":{\"kind\":\"birth\",\"date\":"
		  "{\"year\":1953,\"month\":4,\"day\":15}}}",
		  NULL },
		{ "\"anniversaries\":{\"k\":{\"kind\":\"death\",\"date\":"
		  "{\"@type\":\"Timestamp\",\"utc\":\"2019-10-15T23:10:00Z\"}}}",
		  NULL },
		{ "\"relatedTo\":{\"urn:uuid:f\":{\"relation\":{\"friend\":true}}}",
		  NULL },
		{ "\"localizations\":{\"jp\":{\"name/full\":\"x\",\"titles\":null}}",
		  NULL },
		{ "\"media\":{\"r\":{\"kind\":\"photo\",\"uri\":\"https://a.example/\"}}",
		  NULL },
		/* What a later version or a vendor may add. */
		{ "\"a.example:x\":[1],\"later\":{},\"emails\":{\"e\":{\"address\":"
		  "\"a\",\"a.example:y\":3}}",
		  NULL },

		{ "\"created\":\"2022-09-31T14:35:10Z\"", "created" },
		{ "\"updated\":\"2022-09-30T14:35:10\"", "updated" },
		{ "\"kind\":\"\"", "kind" },
		{ "\"members\":{\"u2\":true}", "members" },
		{ "\"kind\":\"group\",\"members\":{\"u2\":false}",
		  "members/u2" },
		{ "\"emails\":[]", "emails" },
		{ "\"emails\":{\"e\":{}}", "emails/e/address" },
		{ "\"emails\":{\"e\":{\"address\":\"\"}}", "emails/e/address" },
		{ "\"emails\":{\"\":{\"address\":\"a\"}}", "emails/" },
		{ "\"emails\":{\"a b\":{\"address\":\"a\"}}", "emails/a b" },
		{ "\"emails\":{\"e\":{\"address\":\"a\",\"pref\":0}}",
		  "emails/e/pref" },
		{ "\"emails\":{\"e\":{\"address\":\"a\",\"pref\":101}}",
		  "emails/e/pref" },
		{ "\"emails\":{\"e\":{\"address\":\"a\",\"contexts\":{\"w\":1}}}",
		  "emails/e/contexts/w" },
		{ "\"name\":{\"components\":[{\"kind\":\"given\",\"value\":\"B\"},"
		  "{\"value\":\"x\"}]}",
		  "name/components/1/kind" },
		{ "\"name\":\"Bo\"", "name" },
		{ "\"name\":{\"sortAs\":{\"given\":3}}", "name/sortAs/given" },
		{ "\"phones\":{\"p\":{\"number\":5}}", "phones/p/number" },
		{ "\"notes\":{\"n\":{\"note\":\"x\",\"created\":\"now\"}}",
		  "notes/n/created" },
		{ "\"media\":{\"m\":{\"uri\":\"x\"}}", "media/m/kind" },
		{ "\"links\":{\"m\":{\"kind\":\"contact\"}}", "links/m/uri" },
		{ "\"localizations\":{\"jp\":3}", "localizations/jp" },
		{ "\"anniversaries\":{\"k\":{\"kind\":\"birth\",\"date\":{}}}",
		  "anniversaries/k/date" },
		{ "\"anniversaries\":{\"k\":{\"kind\":\"birth\",\"date\":"
		  "{\"year\":1,\"day\":3}}}",
		  "anniversaries/k/date" },
		{ "\"anniversaries\":{\"k\":{\"kind\":\"birth\",\"date\":"
		  "{\"month\":13}}}",
		  "anniversaries/k/date" },
		{ "\"keywords\":{\"x\":null}", "keywords/x" },
		{ "\"personalInfo\":{\"p\":{\"kind\":\"hobby\",\"value\":\"x\","
		  "\"listAs\":-1}}",
		  "personalInfo/p/listAs" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check_row(&rows[i]);
}

static void needs_its_head(void **state)
{
	static const struct {
		const char *text, *path;
	} rows[] = {
		{ "[]", "" },
		{ "{}", "@type" },
		{ "{\"@type\":\"Card\",\"version\":\"1.0\"}", "uid" },
		{ "{\"@type\":\"Card\",\"uid\":\"u\"}", "version" },
		{ "{\"@type\":\"Car\",\"version\":\"1.0\",\"uid\":\"u\"}",
		  "@type" },
		{ "{\"@type\":\"Card\",\"version\":\"2.0\",\"uid\":\"u\"}",
		  "version" },
		{ "{\"@type\":\"Card\",\"version\":\"1.0\",\"uid\":\"\"}",
		  "uid" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct jscontact_problem p;
		struct err err = ERR_INIT;
		struct json_doc *doc;

		assert_int_equal(json_parse(&doc, str_z(rows[i].text), NULL,
		                            &err),
		                 0);
		assert_false(jscontact_check(json_root(doc), &p));
		assert_string_equal(p.path, rows[i].path);
		json_free(&doc);
	}
}

static void reads_times(void **state)
{
	int64_t s = 0;

	(void)state;
	assert_true(jscontact_time_parse(STR("2024-02-29T10:00:01Z"), &s));
	assert_int_equal(s, 1709200801);
	assert_true(jscontact_time_parse(STR("2024-02-29T10:00:01.25Z"), &s));
	assert_false(jscontact_time_parse(STR("2023-02-29T10:00:01Z"), &s));
	assert_false(
		jscontact_time_parse(STR("2024-02-29T10:00:01+00:00"), &s));
	assert_false(jscontact_time_parse(STR("2024-02-29T10:00:01.Z"), &s));
	assert_false(jscontact_time_parse(STR("2024-02-29"), &s));
	assert_false(jscontact_time_parse(STR(""), &s));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_cards),
		cmocka_unit_test(needs_its_head),
		cmocka_unit_test(reads_times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
