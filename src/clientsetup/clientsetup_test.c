/* The documents, read as a program reads them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/test.h"
#include "clientsetup/documents.h"
#include "config/config.h"
#include "wire/json/read.h"
#include "wire/xml/read.h"

static struct config *load(const char *text)
{
	struct config_source from = { .path = "t.conf", .text = str_z(text) };
	struct config_report r;
	struct config *cfg = NULL;

	config_report_init(&r);
	assert_int_equal(config_load(&cfg, &from, &r), 0);
	config_report_deinit(&r);
	return cfg;
}

static const char settings[] = "provider.domain = \"hosting.example\"\n";

static bool leaf(void *arg, struct str name, struct str text)
{
	struct buf *b = arg;

	buf_fmt(b, "%.*s=%.*s\n", STR_ARG(name), STR_ARG(text));
	return true;
}

/* All leaves of a document, a line each. */
static void leaves(const struct buf *doc, struct buf *out)
{
	struct err err = ERR_INIT;

	assert_false(buf_overflow(doc));
	if (xml_each_leaf(buf_str(doc), leaf, out, &err) < 0)
		fail_msg("%s:\n%.*s", err.text, STR_ARG(buf_str(doc)));
}

static bool has(const struct buf *b, const char *what)
{
	return memmem(b->p, b->n, what, strlen(what)) != NULL;
}

static void autoconfig_names_services(void **state)
{
	struct config *cfg = load(settings);
	struct buf doc, got;

	(void)state;
	buf_init(&doc, SETUP_DOCUMENT_MAX);
	buf_init(&got, SETUP_DOCUMENT_MAX);
	setup_autoconfig(cfg, STR("customer.example"), &doc);
	leaves(&doc, &got);
	assert_true(has(&got, "domain=customer.example\n"
	                      "domain=hosting.example\n"));
	/* The first of each kind is the one programs take. */
	assert_true(has(&got, "hostname=imap.hosting.example\nport=993\n"
	                      "socketType=SSL\n"
	                      "authentication=password-cleartext\n"
	                      "username=%EMAILADDRESS%\n"
	                      "hostname=imap.hosting.example\nport=143\n"
	                      "socketType=STARTTLS\n"));
	assert_true(has(&got, "hostname=pop.hosting.example\nport=995\n"));
	assert_true(has(&got, "leaveMessagesOnServer=true\n"));
	assert_true(has(&got, "hostname=send.hosting.example\nport=465\n"
	                      "socketType=SSL\n"));
	assert_true(has(&got, "port=587\nsocketType=STARTTLS\n"));
	assert_true(has(&got, "url=https://mail.hosting.example"
	                      "/.well-known/jmap\n"));
	assert_false(has(&got, "2525"));
	assert_false(has(&got, "4190"));
	buf_deinit(&doc);
	buf_deinit(&got);
	config_free(&cfg);
}

static void what_is_off_is_not_told(void **state)
{
	struct config *cfg = load("provider.domain = \"hosting.example\"\n"
	                          "listen.pop3 = 0\nlisten.pop3s = 0\n"
	                          "listen.https = 8443\n");
	struct buf doc;

	(void)state;
	buf_init(&doc, SETUP_DOCUMENT_MAX);
	setup_autoconfig(cfg, STR("customer.example"), &doc);
	assert_false(has(&doc, "pop3"));
	assert_true(has(&doc, "https://mail.hosting.example:8443/"));
	buf_reset(&doc);
	setup_autodiscover(cfg, STR("anna@customer.example"), &doc);
	assert_false(has(&doc, "POP3"));
	buf_deinit(&doc);
	config_free(&cfg);
}

static void autodiscover_is_exact(void **state)
{
	struct config *cfg = load(settings);
	struct buf doc, got;

	(void)state;
	buf_init(&doc, SETUP_DOCUMENT_MAX);
	buf_init(&got, SETUP_DOCUMENT_MAX);
	setup_autodiscover(cfg, STR("a&b<c>@customer.example"), &doc);
	leaves(&doc, &got);
	assert_true(
		has(&got,
	            "AccountType=email\nAction=settings\nType=IMAP\nTTL=24\n"
	            "Server=imap.hosting.example\nPort=993\n"
	            "DomainRequired=off\n"
	            "LoginName=a&b<c>@customer.example\n"
	            "SPA=off\nSSL=on\nEncryption=SSL\nAuthRequired=on\n"
	            "Type=POP3\n"));
	assert_true(has(&got, "Type=SMTP\nTTL=24\n"
	                      "Server=send.hosting.example\nPort=465\n"));
	assert_false(has(&got, "Port=143\n"));
	buf_reset(&doc);
	buf_reset(&got);
	setup_autodiscover_error(600, INT64_C(1000000) * 3661, &doc);
	leaves(&doc, &got);
	assert_true(has(&got, "ErrorCode=600\nMessage=Invalid Request\n"));
	assert_true(has(&doc, "Time=\"01:01:01.0000000\""));
	buf_deinit(&doc);
	buf_deinit(&got);
	config_free(&cfg);
}

static void pacc_is_stable(void **state)
{
	struct config *cfg = load(settings);
	struct buf doc;

	(void)state;
	buf_init(&doc, SETUP_DOCUMENT_MAX);
	setup_pacc(cfg, &doc);
	assert_true(str_eq(
		buf_str(&doc),
		STR("{\"authentication\":{\"password\":true},"
	            "\"info\":{\"help\":{\"contact\":"
	            "[\"mailto:postmaster@hosting.example\"],"
	            "\"documentation\":"
	            "\"https://mail.hosting.example/help/setup\"},"
	            "\"provider\":{\"name\":\"hosting.example\","
	            "\"shortName\":\"hosting.example\"}},"
	            "\"protocols\":{\"imap\":{\"host\":"
	            "\"imap.hosting.example\"},"
	            "\"jmap\":{\"url\":\"https://mail.hosting.example"
	            "/.well-known/jmap\"},"
	            "\"pop3\":{\"host\":\"pop.hosting.example\"},"
	            "\"submit\":{\"host\":\"send.hosting.example\"}}}")));
	buf_deinit(&doc);
	config_free(&cfg);
}

static void profile_names_its_account(void **state)
{
	struct config *cfg = load(settings);
	struct buf one, two;

	(void)state;
	buf_init(&one, SETUP_DOCUMENT_MAX);
	buf_init(&two, SETUP_DOCUMENT_MAX);
	setup_mobileconfig(cfg, STR("anna@customer.example"), STR("A & <B>"),
	                   false, &one);
	setup_mobileconfig(cfg, STR("anna@customer.example"), STR("A & <B>"),
	                   false, &two);
	assert_true(str_eq(buf_str(&one), buf_str(&two)));
	assert_true(has(&one, "<string>A &amp; &lt;B&gt;</string>"));
	assert_true(has(&one, "<string>example.hosting.mail.anna.customer."
	                      "example.account</string>"));
	assert_true(has(&one, "<integer>993</integer>"));
	assert_true(has(&one, "<integer>465</integer>"));
	assert_true(has(&one, "EmailTypeIMAP"));
	assert_false(has(&one, "<key>IncomingPassword</key>"));
	buf_reset(&two);
	setup_mobileconfig(cfg, STR("anna@customer.example"),
	                   (struct str){ NULL, 0 }, true, &two);
	assert_true(has(&two, "EmailTypePOP"));
	assert_true(has(&two, "<integer>995</integer>"));
	buf_deinit(&one);
	buf_deinit(&two);
	config_free(&cfg);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(autoconfig_names_services),
		cmocka_unit_test(what_is_off_is_not_told),
		cmocka_unit_test(autodiscover_is_exact),
		cmocka_unit_test(pacc_is_stable),
		cmocka_unit_test(profile_names_its_account),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
