/* A chain of two sets, made by another program (python3-dkim), and what may
 * become of it on the way. */
#include "verify/arc.h"

#include "verify/testing.h"
#include "wire/message/field.h"

#define KEY                                                                      \
	"v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAjycPWBe1" \
	"VjR51ReV6Lk2+s9+9SQEXfaNJODGy+7hZvXOM8YBMr9OsZsNC8aFTVJWX6MLOuvB0Wp+5b" \
	"pAP/qKCQb89KRh2T0PK2AY4vxSxNoQqi2T/MozNYulrFivr6WdGzNLAqKWRViO2fEKziWQ" \
	"X20Y6Ez0wAZAMd2DtORKqdhYOOvYX+asgnfyGb9ktUoTbGj7g27TUJpfout6WiM/fGo+g3" \
	"FYxwNpBm6dyori1jmgkCpxCBNp7Dzv0RR8iWPZHzFksykJbQdRpqfrEbVzDzL9/Sj+1/xz" \
	"EE69bzpJW04H9qhzrfMeSbzrcF6YRm3Pb0JV9O6A6Pi5tB2mDpGYjQIDAQAB"

#define SEAL2                                                                          \
	"ARC-Seal: i=2; cv=pass; a=rsa-sha256; d=forwarder.example; s=s2;\r\n"         \
	" t=1500000000;\r\n"                                                           \
	" b=Trxj13sXVxiPNiDsRr/C4zEWyBRkGxjDq/Kulrqq4i+hDxyr/2uEmNgydKVdORGNk9qAG\r\n" \
	" mNAswMf69TCCvBLHuWvW7Hs1W9b93n4HMNmtW+Q5Xx9pJxUbejx0fVehsB33Bpa509d/tRZ\r\n" \
	" moLEYGQDyLt6hob14bmeBle4kr28e4cvB9Qk9amfrCUILkaahQDIKvj5+lDNNOo3m6Rh6nO\r\n" \
	" w7aip4CZSbvHPKJBFH3CFlM+SD/0WGQLDci2mvbvhcUfNosC+mwRlZ6i2LaUiW+mLuc8szV\r\n" \
	" 6SfefzEPqCD+DQ8ATeidCoh+fkeO46SBsa56TygsbPwqJMIp9kLt1W4smS7g==\r\n"
#define SIGNED2                                                                        \
	"ARC-Message-Signature: i=2; a=rsa-sha256; c=relaxed/relaxed;\r\n"             \
	" d=forwarder.example; s=s2; t=1500000000; h=from : to : subject : date\r\n"   \
	" : message-id : from; bh=4daN71HNdn/d5SSJNrmA4GnDoSU3uSw9/N1YsKJOhFc=;\r\n"   \
	" b=QV7Bi5kA9GOGumOfVNeXoJZmVJT2JtHOIv8q9LicPEdIx6Q3tH+CQ54iAIUIWMWvZzTuP\r\n" \
	" nlrSVy6WUKa0hZlHdBvcpXimG97Go9qnXAYFbBLaAV68O9II+oKaOwFjkMoBRpbbqubQD7q\r\n" \
	" xbO9ytTzph7sGG2ycffv/m4ICkT3WTovTcgzmc2/ZRyBliLTboncY6hxyazE3aT0CzX6tt0\r\n" \
	" UZh45lESUM2bLmzcwcwrE9MTX8ZvIwRP3CVYk7dIFFcbQbB19yLyyHa1/mnPuq63g8OpKba\r\n" \
	" mgoby25B25vzFhAES3x7MZ5m+eLRZ531rYfLwYFRjQTGJBBDO6TS3wjwe4og==\r\n"
#define FOUND2                                                              \
	"ARC-Authentication-Results: i=2; forwarder.example; arc=pass;\r\n" \
	"  dmarc=fail header.from=author.example\r\n"
#define SEAL1                                                                           \
	"ARC-Seal: i=1; cv=none; a=rsa-sha256; d=list.example; s=s1; t=1500000000;\r\n" \
	" b=Tbq0hXDvjl942pSryQy4NXpAnJwXG7UY32XEgIVjErVCmj9DeMjwasyvIbIiuIaxBMJnI\r\n"  \
	" YgRMApXsO/q0wA73K2T4c2vxfknqdOhxw8svttcu4dCQNGPpkt6q0/jdUQz0ZfvV01hovc2\r\n"  \
	" JoJ/Tzauktquhq01I8wpO2yANph4600Qbn6kXtA6huJTeZv01cUSOoGuA3NJcctph5WqMQw\r\n"  \
	" Fjfur0TfMFlscDgM+xXAxWQbiEwX7C3dfzE6isVPR90zdjujXC7dI2RKwJynPlvib4joMRD\r\n"  \
	" AFv/x0DJjHrSlBWi7P4BQRLlWSQuay1Ln+mIEMhMm98RM8CRKQWms4d2zrhA==\r\n"
#define SIGNED1                                                                        \
	"ARC-Message-Signature: i=1; a=rsa-sha256; c=relaxed/relaxed;\r\n"             \
	" d=list.example; s=s1; t=1500000000; h=from : to : subject : date :\r\n"      \
	" message-id : from; bh=4daN71HNdn/d5SSJNrmA4GnDoSU3uSw9/N1YsKJOhFc=;\r\n"     \
	" b=IoK88YHqQoDLZliLEGTL43Z/8DZeh2ka5+M02uBLEsKZ2cRojeVpkpzHOM0K/nH6FYHXt\r\n" \
	" th1dhtuMjjO4kC4FSIoXDdW6yL/bncvE93G9qmVxBgPQTJxn+v6tjr3m36oJtw3Z34srkpR\r\n" \
	" cvqgtQtD0i6cDDGRRsqpiSa5xx9zIkqM11pQdKNtB9LNf//H8lNDqlZW46WK7IVNBLCUXSU\r\n" \
	" T1kIfhhJ2ztMMVkS8z+smqd7MsfVPVHp+J68R+MB3gb17te0Vv7V5t9XSnxLOY0PcLZKQ2c\r\n" \
	" 7IEHua+rq7GWMqEyrG5WdxtPtK9SiNi0Cetx60G4uXvhVJo2UZE07xb6fuyg==\r\n"
#define FOUND1                                                                                  \
	"ARC-Authentication-Results: i=1; list.example; dkim=pass header.d=author.example;\r\n" \
	"  dmarc=pass (p=reject) header.from=author.example\r\n"
#define MESSAGE                                                                                          \
	"Authentication-Results: forwarder.example; arc=pass; dmarc=fail header.from=author.example\r\n" \
	"Authentication-Results: list.example; dkim=pass header.d=author.example;\r\n"                   \
	"\tdmarc=pass (p=reject) header.from=author.example\r\n"                                         \
	"From: Anna <anna@author.example>\r\n"                                                           \
	"To: list@list.example\r\n"                                                                      \
	"Subject: [list] lunch\r\n"                                                                      \
	"Date: Tue, 24 Nov 2026 10:00:00 +0000\r\n"                                                      \
	"Message-ID: <1@author.example>\r\n"
#define BODY "\r\nAt noon?\r\n"

#define SET1 SEAL1 SIGNED1 FOUND1
#define SET2 SEAL2 SIGNED2 FOUND2

static const struct zone_row zone[] = {
	{ "s1._domainkey.list.example", DNS_TXT, KEY },
	{ "s2._domainkey.forwarder.example", DNS_TXT, KEY },
	{ NULL, DNS_A, NULL },
};

static void look(struct resolver *z, const char *message,
                 struct verify_arc_result *r)
{
	struct str all = str_z(message);
	size_t n = field_header_length(all);
	struct verify_budget b;

	verify_budget_init(&b);
	verify_arc(z->verify, str_to(all, n), str_from(all, n), &b, &z->a, r);
}

static void chains(void **state)
{
	static const struct {
		const char *label, *message;
		enum arc_status want;
	} rows[] = {
		{ "without", MESSAGE BODY, ARC_NONE },
		{ "one set", SET1 MESSAGE BODY, ARC_PASS },
		{ "two sets", SET2 SET1 MESSAGE BODY, ARC_PASS },
		{ "in another order", FOUND1 SET2 SIGNED1 SEAL1 MESSAGE BODY,
		  ARC_PASS },
		{ "the first is missing", SET2 MESSAGE BODY, ARC_FAIL },
		{ "a part is missing", SEAL2 SIGNED2 SET1 MESSAGE BODY,
		  ARC_FAIL },
		{ "another is missing", SEAL2 FOUND2 SET1 MESSAGE BODY,
		  ARC_FAIL },
		{ "twice", SET2 SET1 FOUND1 MESSAGE BODY, ARC_FAIL },
		{ "the body was changed", SET2 SET1 MESSAGE "\r\nAt ten?\r\n",
		  ARC_FAIL },
		{ "a field on top",
		  "From: eve@evil.example\r\n" SET2 SET1 MESSAGE BODY,
		  ARC_FAIL },
		{ "other results",
		  SET2 SEAL1 SIGNED1
		  "ARC-Authentication-Results: i=1; list.example; "
		  "dmarc=pass header.from=evil.example\r\n" MESSAGE BODY,
		  ARC_FAIL },
		{ "a seal with h=",
		  "ARC-Seal: i=1; cv=none; a=rsa-sha256; d=list.example; "
		  "s=s1; h=from; b=AAAA\r\n" SIGNED1 FOUND1 MESSAGE BODY,
		  ARC_FAIL },
		{ "a first seal that says pass",
		  "ARC-Seal: i=1; cv=pass; a=rsa-sha256; d=list.example; "
		  "s=s1; b=AAAA\r\n" SIGNED1 FOUND1 MESSAGE BODY,
		  ARC_FAIL },
		{ "it had failed",
		  "ARC-Seal: i=2; cv=fail; a=rsa-sha256; d=forwarder.example; "
		  "s=s2; b=AAAA\r\n" SIGNED2 FOUND2 SET1 MESSAGE BODY,
		  ARC_FAIL },
		{ "number 0",
		  "ARC-Seal: i=0; cv=none; a=rsa-sha256; d=a; "
		  "s=s; b=AAAA\r\n" SET1 MESSAGE BODY,
		  ARC_FAIL },
		{ "number 51",
		  "ARC-Seal: i=51; cv=pass; a=rsa-sha256; d=a; "
		  "s=s; b=AAAA\r\n" SET1 MESSAGE BODY,
		  ARC_FAIL },
	};
	struct resolver z;

	(void)state;
	resolver_start(&z, zone);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct verify_arc_result r;

		look(&z, rows[i].message, &r);
		if (r.status != rows[i].want)
			fail_msg("%s: %.*s", rows[i].label, STR_ARG(r.why));
		assert_true(r.status != ARC_FAIL || r.why.n > 0);
	}
	resolver_stop(&z);
}

static void keys_are_needed(void **state)
{
	static const struct zone_row rows[][3] = {
		{ { "s2._domainkey.forwarder.example", DNS_TXT, KEY },
		  { NULL, DNS_A, NULL } },
		{ { "s1._domainkey.list.example", DNS_TXT, "!" },
		  { "s2._domainkey.forwarder.example", DNS_TXT, KEY },
		  { NULL, DNS_A, NULL } },
	};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct verify_arc_result r;
		struct resolver z;

		resolver_start(&z, rows[i]);
		look(&z, SET2 SET1 MESSAGE BODY, &r);
		assert_int_equal(r.status, ARC_FAIL);
		resolver_stop(&z);
	}
}

/* The forwarder says that DMARC failed, the list that it passed. */
static void trust(void **state)
{
	static const struct {
		const char *message, *trusted[2], *author, *by;
	} rows[] = {
		{ SET1 MESSAGE BODY,
		  { "list.example", "" },
		  "author.example",
		  "list.example" },
		{ SET1 MESSAGE BODY,
		  { "other.example", "" },
		  "author.example",
		  NULL },
		{ SET1 MESSAGE BODY,
		  { "list.example", "" },
		  "bank.example",
		  NULL },
		{ SET1 MESSAGE BODY, { "list.example", "" }, "", NULL },
		/* The newest must be trusted, or it could have made it up. */
		{ SET2 SET1 MESSAGE BODY,
		  { "list.example", "" },
		  "author.example",
		  NULL },
		{ SET2 SET1 MESSAGE BODY,
		  { "forwarder.example", "" },
		  "author.example",
		  NULL },
		{ SET2 SET1 MESSAGE BODY,
		  { "forwarder.example", "list.example" },
		  "author.example",
		  "list.example" },
		{ SET2 SET1 MESSAGE BODY,
		  { "example", "" },
		  "Author.example",
		  "list.example" },
		{ MESSAGE BODY, { "example", "" }, "author.example", NULL },
	};
	struct resolver z;

	(void)state;
	resolver_start(&z, zone);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str trusted[2] = { str_z(rows[i].trusted[0]),
			                  str_z(rows[i].trusted[1]) };
		struct verify_arc_result r;
		struct str by;
		bool got;

		look(&z, rows[i].message, &r);
		got = verify_arc_vouches(&r, trusted, trusted[1].n ? 2 : 1,
		                         str_z(rows[i].author), &z.a, &by);
		if (got != (rows[i].by != NULL))
			fail_msg("row %zu", i);
		if (got)
			assert_str(by, rows[i].by);
	}
	resolver_stop(&z);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chains),
		cmocka_unit_test(keys_are_needed),
		cmocka_unit_test(trust),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
