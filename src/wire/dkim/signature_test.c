#include "wire/dkim/signature.h"

#include "base/test.h"
#include "wire/dkim/tags.h"

#define GOOD                                                                           \
	" v=1; a=ed25519-sha256; c=relaxed/simple;\r\n d=football.example.com;"        \
	" i=@football.example.com; q=dns/txt; s=brisbane; t=1528637909;"               \
	" h=from : to :\r\n subject; bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;" \
	" b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11BusFa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw=="

static void reads_a_signature(void **state)
{
	struct dkim_signature s;
	struct err err = ERR_INIT;
	struct arena a;

	(void)state;
	arena_init(&a);
	assert_int_equal(dkim_signature_parse(STR(GOOD), &a, &s, &err), 0);
	assert_int_equal(s.algorithm, DKIM_ED25519_SHA256);
	assert_int_equal(s.header_canon, DKIM_RELAXED);
	assert_int_equal(s.body_canon, DKIM_SIMPLE);
	assert_str(s.domain, "football.example.com");
	assert_str(s.selector, "brisbane");
	assert_int_equal(s.n_headers, 3);
	assert_str(s.headers[2], "subject");
	assert_int_equal(s.bh.n, 32);
	assert_int_equal(s.b.n, 64);
	assert_true(s.body_limit == UINT64_MAX);
	assert_int_equal(s.signed_at_s, 1528637909);
	arena_deinit(&a);
}

static void refuses_bad_signatures(void **state)
{
	static const char *const rows[] = {
		"",
		"v=2; a=rsa-sha256; d=e.example; s=s; h=from; b=AAAA; bh=AAAA",
		"v=1; a=rsa-md5; d=e.example; s=s; h=from; b=AAAA; bh=AAAA",
		"v=1; a=rsa-sha256; s=s; h=from; b=AAAA; bh=AAAA",
		"v=1; a=rsa-sha256; d=e.example; s=s; h=to; b=AAAA; bh=AAAA",
		"v=1; a=rsa-sha256; d=e.example; s=s; h=from; b=A; bh=AAAA",
		"v=1; a=rsa-sha256; d=e.example; s=s; h=from; b=AAAA; bh=A$AA",
		"v=1; v=1; a=rsa-sha256; d=e.example; s=s; h=from; b=AAAA; "
		"bh=AAAA",
		"v=1; a=rsa-sha256; d=e.example; i=x@other.example; s=s; "
		"h=from; b=AAAA; bh=AAAA",
		"v=1; a=rsa-sha256; d=e.example; i=x@bade.example; s=s; "
		"h=from; b=AAAA; bh=AAAA",
		"v=1; a=rsa-sha256; d=e.example; s=s; h=from; b=AAAA; bh=AAAA; "
		"l=-1",
		"v=1; a=rsa-sha256; d=e.example; s=s; h=from; b=AAAA; bh=AAAA; "
		"t=20; x=10",
		"v=1; a=rsa-sha256; d=e.example; s=s; h=from; b=AAAA; bh=AAAA; "
		"q=http",
	};
	struct dkim_signature s;
	struct arena a;

	(void)state;
	arena_init(&a);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct err err = ERR_INIT;

		if (dkim_signature_parse(str_z(rows[i]), &a, &s, &err) == 0)
			fail_msg("taken: %s", rows[i]);
		assert_int_equal(err.kind, ERR_INVALID);
	}
	arena_deinit(&a);
}

static void reads_keys(void **state)
{
	static const struct {
		const char *in;
		bool ok, revoked, strict, sha256;
	} rows[] = {
		{ "v=DKIM1; k=ed25519; "
		  "p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
		  true, false, false, true },
		{ "p=AAAA", true, false, false, true },
		{ "v=DKIM1; p=", true, true, false, true },
		{ "v=DKIM1; t=y:s; h=sha1; p=AAAA", true, false, true, false },
		{ "k=rsa; v=DKIM1; p=AAAA", false, false, false, false },
		{ "v=DKIM2; p=AAAA", false, false, false, false },
		{ "v=DKIM1; k=ed25519; p=AAAA", false, false, false, false },
		{ "v=DKIM1; s=tlsrpt; p=AAAA", false, false, false, false },
		{ "v=DKIM1; s=*; p=AAAA", true, false, false, true },
		{ "v=DKIM1", false, false, false, false },
		{ "hello", false, false, false, false },
	};
	struct dkim_key k;
	struct arena a;

	(void)state;
	arena_init(&a);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct err err = ERR_INIT;
		int rc = dkim_key_parse(str_z(rows[i].in), &a, &k, &err);

		if ((rc == 0) != rows[i].ok)
			fail_msg("%s: %s", rows[i].in, err.text);
		if (rc < 0)
			continue;
		assert_int_equal(k.revoked, rows[i].revoked);
		assert_int_equal(k.strict, rows[i].strict);
		assert_int_equal(k.sha256, rows[i].sha256);
	}
	arena_deinit(&a);
}

static void tells_keys_apart(void **state)
{
	static const struct {
		const char *published;
		bool same;
	} rows[] = {
		{ "v=DKIM1; k=rsa; p=AAAA", true },
		{ "k=rsa;p=AA\r\n AA; n=a note", true },
		{ "p=AAAA; t=y", true },
		{ "v=DKIM1; k=rsa; p=AAAB", false },
		{ "v=DKIM1; k=rsa; p=", false },
		{ "v=DKIM1; k=rsa; h=sha1; p=AAAA", false },
		{ "v=DKIM1; k=rsa; s=other; p=AAAA", false },
		{ "v=spf1 -all", false },
		{ "", false },
	};
	struct arena a;

	(void)state;
	arena_init(&a);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (dkim_key_same(str_z(rows[i].published),
		                  STR("v=DKIM1; k=rsa; p=AAAA"),
		                  &a) != rows[i].same)
			fail_msg("%s", rows[i].published);
	arena_deinit(&a);
}

static void picks_headers_from_below(void **state)
{
	static const struct str names[] = { STR_INIT("x"), STR_INIT("x"),
		                            STR_INIT("From"), STR_INIT("x"),
		                            STR_INIT("none") };
	struct buf out;

	(void)state;
	buf_init(&out, 1000);
	dkim_signed_headers(STR("X: one\r\nFrom: a\r\n b\r\nX: two\r\n"), names,
	                    5, DKIM_RELAXED, &out);
	assert_str(buf_str(&out), "x:two\r\nx:one\r\nfrom:a b\r\n");
	buf_deinit(&out);
}

int main(void)
{
	const struct CMUnitTest list[] = {
		cmocka_unit_test(reads_a_signature),
		cmocka_unit_test(refuses_bad_signatures),
		cmocka_unit_test(reads_keys),
		cmocka_unit_test(tells_keys_apart),
		cmocka_unit_test(picks_headers_from_below),
	};

	return cmocka_run_group_tests(list, NULL, NULL);
}
