#include "verify/dkim.h"

#include "base/mem.h"
#include "verify/testing.h"
#include "wire/message/field.h"

/* RFC 8463, appendix A: both keys and the message that both have signed. */
#define ED25519_KEY "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
#define RSA_KEY                                                            \
	"MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6" \
	"Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/" \
	"e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G" \
	"+2kryOTIKT+l/K4w3QIDAQAB"
#define BODY "Hi.\r\n\r\nWe lost the game.  Are you hungry yet?\r\n\r\nJoe.\r\n"
#define FIELDS                                             \
	"From: Joe SixPack <joe@football.example.com>\r\n" \
	"To: Suzie Q <suzie@shopping.example.net>\r\n"     \
	"Subject: Is dinner ready?\r\n"                    \
	"Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\n"  \
	"Message-ID: <20030712040037.46341.5F8J@football.example.com>\r\n"
#define SIGNATURE_ED                                                      \
	"DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n"   \
	" d=football.example.com; i=@football.example.com;\r\n"           \
	" q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r\n"         \
	" subject : date : message-id : from : subject : date;\r\n"       \
	" bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"           \
	" b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus\r\n" \
	" Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==\r\n"
#define SIGNATURE_RSA                                                     \
	"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;\r\n"       \
	" d=football.example.com; i=@football.example.com;\r\n"           \
	" q=dns/txt; s=test; t=1528637909; h=from : to : subject :\r\n"   \
	" date : message-id : from : subject : date;\r\n"                 \
	" bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"           \
	" b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3\r\n" \
	" DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz\r\n" \
	" dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=\r\n"

static const struct zone_row zone[] = {
	{ "brisbane._domainkey.football.example.com", DNS_TXT,
	  "v=DKIM1; k=ed25519; p=" ED25519_KEY },
	{ "test._domainkey.football.example.com", DNS_TXT,
	  "v=DKIM1; k=rsa; p=" RSA_KEY },
	{ NULL, DNS_A, NULL },
};

static void check(struct resolver *z, const char *message,
                  struct verify_dkim_result *out)
{
	struct str all = str_z(message);
	size_t n = field_header_length(all);
	struct verify_budget b;

	verify_budget_init(&b);
	verify_dkim(z->verify, str_to(all, n), str_from(all, n), &b, &z->a,
	            out);
}

static void rfc_8463(void **state)
{
	struct verify_dkim_result r;
	struct resolver z;

	(void)state;
	resolver_start(&z, zone);
	check(&z, SIGNATURE_ED SIGNATURE_RSA FIELDS "\r\n" BODY, &r);
	assert_int_equal(r.n, 2);
	for (size_t i = 0; i < 2; i++) {
		if (r.v[i].status != DKIM_PASS)
			fail_msg("%zu: %s: %.*s", i,
			         verify_dkim_status_name(r.v[i].status),
			         STR_ARG(r.v[i].why));
		assert_str(r.v[i].domain, "football.example.com");
	}
	assert_str(r.v[0].selector, "brisbane");
	assert_str(r.v[0].b, "/gCrinpc");
	assert_str(r.v[1].b, "F45dVWDf");
	resolver_stop(&z);
}

/* RFC 6376, appendix A.2 with the key of appendix C: simple/simple, and i= in
 * a subdomain. */
static void rfc_6376(void **state)
{
	static const struct zone_row rows[] = {
		{ "brisbane._domainkey.example.com", DNS_TXT,
		  "v=DKIM1; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3"
		  "SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYtIxN2SnFCjxOCKG9v3b4jYfcTNh"
		  "5ijSsq631uBItLa7od+v/RtdC2UzJ1lWT947qR+Rcac2gbto/NMqJ0fzfVj"
		  "H4OuKhitdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB" },
		{ NULL, DNS_A, NULL },
	};
	static const char message[] =
		"DKIM-Signature: v=1; a=rsa-sha256; s=brisbane; "
		"d=example.com;\r\n"
		"      c=simple/simple; q=dns/txt; "
		"i=joe@football.example.com;\r\n"
		"      h=Received : From : To : Subject : Date : "
		"Message-ID;\r\n"
		"      bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"
		"      b=AuUoFEfDxTDkHlLXSZEpZj79LICEps6eda7W3deTVFOk4yAUoqOB"
		"\r\n"
		"      4nujc7YopdG5dWLSdNg6xNAZpOPr+kHxt1IrE+NahM6L/LbvaHut"
		"\r\n"
		"      KVdkLLkpVaVVQPzeRDI009SO2Il5Lu7rDNH6mZckBdrIx0orEtZV"
		"\r\n"
		"      4bmp/YzhwvcubU4=;\r\n"
		"Received: from client1.football.example.com  [192.0.2.1]\r\n"
		"      by submitserver.example.com with SUBMISSION;\r\n"
		"      Fri, 11 Jul 2003 21:01:54 -0700 (PDT)\r\n" FIELDS
		"\r\nHi.\r\n\r\nWe lost the game. Are you hungry yet?\r\n"
		"\r\nJoe.\r\n";
	struct verify_dkim_result r;
	struct resolver z;

	(void)state;
	resolver_start(&z, rows);
	check(&z, message, &r);
	assert_int_equal(r.n, 1);
	if (r.v[0].status != DKIM_PASS)
		fail_msg("%.*s", STR_ARG(r.v[0].why));
	assert_str(r.v[0].identity, "joe@football.example.com");
	resolver_stop(&z);
}

/* What was changed, and what that makes of the two signatures. */
static void changes(void **state)
{
	static const struct {
		const char *label, *message;
		enum dkim_status want;
		const char *why;
	} rows[] = {
		{ "another body",
		  SIGNATURE_ED SIGNATURE_RSA FIELDS "\r\n"
		                                    "Hi.\r\n",
		  DKIM_FAIL, "the body was changed" },
		{ "a blank more, which is relaxed",
		  SIGNATURE_ED SIGNATURE_RSA FIELDS
		  "\r\n"
		  "Hi. \r\n\r\nWe lost the game. Are you hungry yet?\r\n\r\n"
		  "Joe.\r\n\r\n\r\n",
		  DKIM_PASS, "" },
		{ "a second From on top, which was signed as not there",
		  SIGNATURE_ED SIGNATURE_RSA "From: eve@evil.example\r\n" FIELDS
		                             "\r\n" BODY,
		  DKIM_FAIL, "bad signature" },
		{ "a field that is not signed",
		  SIGNATURE_ED SIGNATURE_RSA "X-New: 1\r\n" FIELDS "\r\n" BODY,
		  DKIM_PASS, "" },
	};
	struct verify_dkim_result r;
	struct resolver z;

	(void)state;
	resolver_start(&z, zone);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		check(&z, rows[i].message, &r);
		assert_int_equal(r.n, 2);
		for (size_t k = 0; k < 2; k++) {
			if (r.v[k].status != rows[i].want)
				fail_msg("%s: %s", rows[i].label,
				         verify_dkim_status_name(
						 r.v[k].status));
			assert_str(r.v[k].why, rows[i].why);
		}
	}
	resolver_stop(&z);
}

/* The zone decides: each row is the record of the Ed25519 key. */
static void keys(void **state)
{
	static const struct {
		const char *record;
		enum dkim_status want;
		const char *why;
	} rows[] = {
		{ "!", DKIM_TEMPERROR, "no answer for the key" },
		{ "v=DKIM1; k=ed25519; p=", DKIM_PERMERROR,
		  "the key is revoked" },
		{ "v=DKIM1; k=rsa; p=" RSA_KEY, DKIM_PERMERROR,
		  "the key is of another kind" },
		{ "v=DKIM1; k=ed25519; h=sha1; p=" ED25519_KEY, DKIM_PERMERROR,
		  "the key is not for sha256" },
		{ "k=ed25519; p=" ED25519_KEY, DKIM_PASS, "" },
		{ "v=DKIM1; k=ed25519; t=s; p=" ED25519_KEY, DKIM_PASS, "" },
		{ "v=DKIM1; k=ed25519; "
		  "p=AAAAAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
		  DKIM_FAIL, "bad signature" },
		{ "v=DKIM1; k=ed25519; t=y; "
		  "p=AAAAAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
		  DKIM_NEUTRAL, "bad signature of a key on trial" },
		{ "v=spf1 -all", DKIM_PERMERROR, "v= is not DKIM1" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct zone_row one[] = { zone[0], { NULL, DNS_A, NULL } };
		struct verify_dkim_result r;
		struct resolver z;

		one[0].data = rows[i].record;
		resolver_start(&z, one);
		check(&z, SIGNATURE_ED FIELDS "\r\n" BODY, &r);
		assert_int_equal(r.n, 1);
		if (r.v[0].status != rows[i].want)
			fail_msg("%s: %s", rows[i].record,
			         verify_dkim_status_name(r.v[0].status));
		assert_str(r.v[0].why, rows[i].why);
		resolver_stop(&z);
	}
}

/* Refused before anything is hashed or asked. */
static void unusable(void **state)
{
#define REST                                           \
	"d=football.example.com; s=brisbane; h=from; " \
	"bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=; b=AAAA\r\n"

	static const struct {
		const char *field, *why;
	} rows[] = {
		{ "v=1; a=rsa-sha1; " REST, "rsa-sha1 is not accepted" },
		{ "v=1; a=rsa-sha256; x=1000; " REST,
		  "the signature has expired" },
		{ "v=1; a=rsa-sha256; t=99999999999; " REST,
		  "signed in the future" },
		{ "v=2; a=rsa-sha256; " REST, "v= is not 1" },
		{ "nonsense\r\n", "the list of tags is damaged" },
	};
	struct verify_dkim_result r;
	struct resolver z;
	char message[600];

	(void)state;
	resolver_start(&z, zone);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		(void)snprintf(message, sizeof(message),
		               "DKIM-Signature: %s" FIELDS "\r\n" BODY,
		               rows[i].field);
		check(&z, message, &r);
		assert_int_equal(r.n, 1);
		assert_int_equal(r.v[0].status, DKIM_PERMERROR);
		assert_str(r.v[0].why, rows[i].why);
	}
	assert_int_equal(z.asked, 0);
	resolver_stop(&z);
}

/* No more than so many are looked at, and a changed body costs no look-up. */
static void bounded(void **state)
{
	struct buf b;
	struct verify_dkim_result r;
	struct resolver z;

	(void)state;
	buf_init(&b, 1 << 20);
	for (size_t i = 0; i < 50; i++)
		buf_add_z(&b, SIGNATURE_ED);
	buf_add_z(&b, FIELDS "\r\nNot what was signed.\r\n");
	resolver_start(&z, zone);
	check(&z, buf_z(&b), &r);
	assert_int_equal(r.n, VERIFY_DKIM_MAX);
	assert_int_equal(r.skipped, 50 - VERIFY_DKIM_MAX);
	assert_int_equal(z.asked, 0);
	resolver_stop(&z);
	buf_deinit(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rfc_8463), cmocka_unit_test(rfc_6376),
		cmocka_unit_test(changes),  cmocka_unit_test(keys),
		cmocka_unit_test(unusable), cmocka_unit_test(bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
