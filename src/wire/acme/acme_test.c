#include "wire/acme/acme.h"

#include "base/test.h"

static struct json_doc *doc;

static struct json read(const char *text)
{
	struct err err = ERR_INIT;

	json_free(&doc);
	assert_int_equal(json_parse(&doc, str_z(text), &acme_limits, &err), 0);
	return json_root(doc);
}

/* RFC 8555, 7.1.1; RFC 9773, 4.2. */
static void directories(void **state)
{
	struct acme_directory d;

	(void)state;
	assert_true(acme_directory_read(
		read("{\"newNonce\":\"https://example.com/acme/new-nonce\","
	             "\"newAccount\":\"https://example.com/acme/new-account\","
	             "\"newOrder\":\"https://example.com/acme/new-order\","
	             "\"revokeCert\":\"https://example.com/acme/revoke-cert\","
	             "\"renewalInfo\":\"https://example.com/acme/renewal-info\","
	             "\"meta\":{\"termsOfService\":"
	             "\"https://example.com/acme/terms/2017-5-30\","
	             "\"externalAccountRequired\":true}}"),
		&d));
	assert_str(d.new_order, "https://example.com/acme/new-order");
	assert_str(d.renewal_info, "https://example.com/acme/renewal-info");
	assert_str(d.terms, "https://example.com/acme/terms/2017-5-30");
	assert_true(d.eab);
	assert_false(acme_directory_read(read("{\"newNonce\":\"x\"}"), &d));
	assert_false(acme_directory_read(read("[]"), &d));
	json_free(&doc);
}

/* RFC 8555, 7.1.3. */
static void orders(void **state)
{
	struct acme_order o;

	(void)state;
	acme_order_read(
		read("{\"status\":\"valid\",\"expires\":\"2016-01-20T14:09:07.99Z\","
	             "\"identifiers\":[{\"type\":\"dns\",\"value\":"
	             "\"www.example.org\"}],\"authorizations\":["
	             "\"https://example.com/acme/authz/PAniVnsZcis\","
	             "\"https://example.com/acme/authz/r4HqLzrSrpI\"],"
	             "\"finalize\":"
	             "\"https://example.com/acme/order/TOlocE8rfgo/finalize\","
	             "\"certificate\":"
	             "\"https://example.com/acme/cert/mAt3xBGaobw\"}"),
		&o);
	assert_int_equal(o.status, ACME_VALID);
	assert_int_equal(o.n, 2);
	assert_str(o.authorizations[1],
	           "https://example.com/acme/authz/r4HqLzrSrpI");
	assert_str(o.certificate, "https://example.com/acme/cert/mAt3xBGaobw");
	acme_order_read(read("{\"status\":\"invalid\",\"error\":{\"type\":"
	                     "\"urn:ietf:params:acme:error:rateLimited\","
	                     "\"detail\":\"slow down\"}}"),
	                &o);
	assert_int_equal(o.status, ACME_INVALID);
	assert_str(o.error.type, "rateLimited");
	assert_str(o.error.detail, "slow down");
	acme_order_read(read("{\"status\":7,\"authorizations\":{}}"), &o);
	assert_int_equal(o.status, ACME_INVALID);
	assert_int_equal(o.n, 0);
	json_free(&doc);
}

/* RFC 8555, 7.1.4. */
static void authorizations(void **state)
{
	struct acme_authorization a;
	const struct acme_challenge *c;

	(void)state;
	acme_authorization_read(
		read("{\"status\":\"pending\",\"identifier\":{\"type\":\"dns\","
	             "\"value\":\"example.org\"},\"challenges\":["
	             "{\"url\":\"https://example.com/acme/chall/prV_B7yEyA4\","
	             "\"type\":\"http-01\",\"status\":\"pending\",\"token\":"
	             "\"DGyRejmCefe7v4NfDGDKfA\"},"
	             "{\"url\":\"https://example.com/acme/chall/x\","
	             "\"type\":\"dns-01\",\"status\":\"invalid\",\"token\":"
	             "\"../../etc/passwd\"}],\"wildcard\":true}"),
		&a);
	assert_int_equal(a.status, ACME_PENDING);
	assert_str(a.name, "example.org");
	assert_true(a.wildcard);
	c = acme_challenge_find(&a, "http-01");
	assert_str(c->token, "DGyRejmCefe7v4NfDGDKfA");
	c = acme_challenge_find(&a, "dns-01");
	assert_int_equal(c->status, ACME_INVALID);
	assert_int_equal(c->token.n, 0);
	assert_null(acme_challenge_find(&a, "tls-alpn-01"));
	json_free(&doc);
}

/* RFC 9773, 4.2. */
static void windows(void **state)
{
	struct acme_window w;

	(void)state;
	assert_true(acme_window_read(
		read("{\"suggestedWindow\":{\"start\":\"2025-01-02T04:00:00Z\","
	             "\"end\":\"2025-01-03T04:00:00Z\"},\"explanationURL\":"
	             "\"https://acme.example.com/docs/ari\"}"),
		&w));
	assert_int_equal(w.from_s, 1735790400);
	assert_int_equal(w.until_s, 1735876800);
	assert_false(acme_window_read(
		read("{\"suggestedWindow\":{\"start\":\"2025-01-02T04:00:00Z\","
	             "\"end\":\"2025-01-02T04:00:00Z\"}}"),
		&w));
	assert_false(acme_window_read(read("{}"), &w));
	json_free(&doc);
}

static void what_is_sent(void **state)
{
	unsigned char xy[64] = { 1 };
	struct buf b;

	(void)state;
	buf_init(&b, 4096);
	acme_jwk(&b, xy);
	assert_str(buf_str(&b),
	           "{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":"
	           "\"AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\",\"y\":"
	           "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}");
	buf_reset(&b);
	acme_jws(&b, STR("cA"), STR(""), STR("sig"));
	assert_str(buf_str(&b), "{\"protected\":\"cA\",\"payload\":\"\","
	                        "\"signature\":\"c2ln\"}");
	buf_deinit(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(directories),    cmocka_unit_test(orders),
		cmocka_unit_test(authorizations), cmocka_unit_test(windows),
		cmocka_unit_test(what_is_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
