#include "config/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/test.h"
#include "config/private.h"
#include "os/clock.h"
#include "os/file.h"

static struct config *load(const char *text, struct config_report *r)
{
	struct config *cfg = NULL;
	struct config_source from = { .path = "t.conf", .text = str_z(text) };

	config_report_init(r);
	if (config_load(&cfg, &from, r) < 0)
		assert_null(cfg);
	return cfg;
}

static void empty_is_all_defaults(void **state)
{
	struct config_report r;
	struct config *cfg = load("", &r);
	const struct str *items;

	(void)state;
	assert_non_null(cfg);
	assert_int_equal(config_u64(cfg, OPT_LIMITS_MESSAGE_BYTES), 73400320);
	assert_int_equal(config_u64(cfg, OPT_LIMITS_QUOTA_BYTES),
	                 INT64_C(10737418240));
	assert_int_equal(config_u64(cfg, OPT_LIMITS_DOMAIN_MESSAGES_5MIN), 25);
	assert_int_equal(config_choice(cfg, OPT_AUTH_LOGIN_CASE),
	                 CONFIG_CASE_STRICT);
	assert_int_equal(config_choice(cfg, OPT_AUTH_PLAINTEXT_LOGIN),
	                 CONFIG_PLAIN_LOOPBACK);
	assert_int_equal(config_choice(cfg, OPT_AUTH_SCRAM), CONFIG_OFF);
	assert_int_equal(config_choice(cfg, OPT_POLICY_SPF), CONFIG_RULE_ON);
	assert_int_equal(config_us(cfg, OPT_SMTP_IDLE), 5 * US_PER_MIN);
	assert_int_equal(config_list(cfg, OPT_LISTEN_ADDRESSES, &items), 2);
	assert_str(items[1], "::");
	assert_string_equal(config_z(cfg, OPT_STORE_URL), "");
	assert_int_equal(config_port(cfg, OPT_LISTEN_SMTP), 25);
	assert_true(config_hostname(cfg).n > 0);
	assert_string_equal(config_origin(cfg, OPT_STORE_URL), "default");
	config_free(&cfg);
	assert_null(cfg);
	config_report_deinit(&r);
}

static void takes_values(void **state)
{
	struct config_report r;
	struct config *cfg = load("server.hostname = \"MX.Example.org\"\n"
	                          "[limits]\n"
	                          "message_bytes = \"1M\"\n"
	                          "domain.messages_1h = 7\n"
	                          "connections_exempt = [\"192.0.2.0/24\"]\n"
	                          "[limits.domain]\n"
	                          "messages_5min = 3\n"
	                          "[listen]\n"
	                          "port_offset = 10000\n"
	                          "http = 0\n"
	                          "[auth]\nlogin_case = 'fold'\n"
	                          "[smtp]\nidle = \"2 m\"\n",
	                          &r);
	const struct str *items;

	(void)state;
	assert_non_null(cfg);
	assert_int_equal(config_u64(cfg, OPT_LIMITS_MESSAGE_BYTES), 1 << 20);
	assert_int_equal(config_u64(cfg, OPT_LIMITS_DOMAIN_MESSAGES_1H), 7);
	assert_int_equal(config_u64(cfg, OPT_LIMITS_DOMAIN_MESSAGES_5MIN), 3);
	assert_int_equal(config_list(cfg, OPT_LIMITS_CONNECTIONS_EXEMPT,
	                             &items),
	                 1);
	assert_str(items[0], "192.0.2.0/24");
	assert_int_equal(config_port(cfg, OPT_LISTEN_IMAPS), 10993);
	assert_int_equal(config_port(cfg, OPT_LISTEN_HTTP), 0);
	assert_int_equal(config_choice(cfg, OPT_AUTH_LOGIN_CASE),
	                 CONFIG_CASE_FOLD);
	assert_int_equal(config_us(cfg, OPT_SMTP_IDLE), 2 * US_PER_MIN);
	assert_str(config_hostname(cfg), "mx.example.org");
	assert_str(config_provider_domain(cfg), "example.org");
	assert_string_equal(config_origin(cfg, OPT_LIMITS_MESSAGE_BYTES),
	                    "t.conf:3");
	config_free(&cfg);
	config_report_deinit(&r);
}

struct mistake {
	const char *label, *text, *want;
};

static const struct mistake mistakes[] = {
	{ "unknown setting", "[limits]\n  mesage_bytes = \"70M\"\n",
	  "t.conf:2:3: unknown setting \"limits.mesage_bytes\"\n"
	  "    2 |   mesage_bytes = \"70M\"\n"
	  "      |   ^^^^^^^^^^^^ did you mean \"message_bytes\"?\n" },
	{ "setting of another section", "[smtp]\nmessage_bytes = 1\n",
	  "t.conf:2:1: unknown setting \"smtp.message_bytes\"\n"
	  "    2 | message_bytes = 1\n"
	  "      | ^^^^^^^^^^^^^ did you mean \"limits.message_bytes\"?\n" },
	{ "setting without its section", "greylist = 'off'",
	  "t.conf:1:1: unknown setting \"greylist\"\n"
	  "    1 | greylist = 'off'\n"
	  "      | ^^^^^^^^ did you mean \"policy.greylist\"?\n" },
	{ "nothing near", "[net]\nqwertyuiop = 1",
	  "t.conf:2:1: unknown setting \"net.qwertyuiop\"\n"
	  "    2 | qwertyuiop = 1\n"
	  "      | ^^^^^^^^^^ posthus config doc lists all settings\n" },
	{ "unknown section, said once", "[limit]\na=1\nb=2",
	  "t.conf:1:2: unknown section [limit]\n"
	  "    1 | [limit]\n"
	  "      |  ^^^^^ did you mean [limits]?\n" },
	{ "wrong type", "[policy]\ngreylist_minutes = \"5\"",
	  "t.conf:2:20: \"policy.greylist_minutes\" takes another kind of "
	  "value\n"
	  "    2 | greylist_minutes = \"5\"\n"
	  "      |                    ^^^ a whole number is expected\n" },
	{ "time without unit", "[smtp]\nidle = 5",
	  "t.conf:2:8: \"smtp.idle\" takes another kind of value\n"
	  "    2 | idle = 5\n"
	  "      |        ^ a time is expected, \"30s\", \"5m\", \"2h\", "
	  "\"14d\"\n" },
	{ "too large", "[limits]\nmessage_bytes = \"2G\"",
	  "t.conf:2:17: \"limits.message_bytes\" is too large\n"
	  "    2 | message_bytes = \"2G\"\n"
	  "      |                 ^^^^ between 64K and 1G\n" },
	{ "negative", "[policy]\ngreylist_minutes = -5",
	  "t.conf:2:20: \"policy.greylist_minutes\" is too small\n"
	  "    2 | greylist_minutes = -5\n"
	  "      |                    ^^ between 1 and 1440\n" },
	{ "size that overflows", "[limits]\nquota_bytes = \"99999999999T\"",
	  "t.conf:2:15: \"limits.quota_bytes\" takes another kind of value\n"
	  "    2 | quota_bytes = \"99999999999T\"\n"
	  "      |               ^^^^^^^^^^^^^^ a size is expected, 1048576 or "
	  "\"70M\"\n" },
	{ "no such choice", "[policy]\nspf = \"yes\"",
	  "t.conf:2:7: \"policy.spf\" has no choice \"yes\"\n"
	  "    2 | spf = \"yes\"\n"
	  "      |       ^^^^^ it is \"on\", \"log\" or \"off\"\n" },
	{ "bad address", "[listen]\naddresses = [\"127.0.0.1:25\"]",
	  "t.conf:2:13: \"listen.addresses\" is not valid\n"
	  "    2 | addresses = [\"127.0.0.1:25\"]\n"
	  "      |             ^^^^^^^^^^^^^^^^ an address is 192.0.2.1 or "
	  "2001:db8::1; the ports have settings of their own\n" },
	{ "bad host name", "[server]\nhostname = \"a_b\"",
	  "t.conf:2:12: \"server.hostname\" is not valid\n"
	  "    2 | hostname = \"a_b\"\n"
	  "      |            ^^^^^ a name is letters, digits, hyphens and "
	  "dots\n" },
	{ "twice", "[policy]\nspf='on'\n[policy]\nspf='off'",
	  "t.conf:4:1: \"policy.spf\" is set twice in this file\n"
	  "    4 | spf='off'\n"
	  "      | ^^^ the first is in line 2\n" },
	{ "same port twice", "[listen]\nimap = 25",
	  "t.conf:2: \"listen.smtp\" and \"listen.imap\" are the same port, "
	  "25\n"
	  "  each service needs its own; 0 switches one off\n" },
	{ "missing file", "include = \"/nowhere/x.conf\"",
	  "t.conf:1:11: the configuration cannot be read\n"
	  "    1 | include = \"/nowhere/x.conf\"\n"
	  "      |           ^^^^^^^^^^^^^^^^^ " },
	{ "missing secret", "[store]\nurl_file = '/nowhere/s'",
	  "t.conf:2:12: the file cannot be read\n"
	  "    2 | url_file = '/nowhere/s'\n"
	  "      |            ^^^^^^^^^^^^ " },
	{ "_file of what is no secret", "[server]\ndata_file = 'x'",
	  "t.conf:2:1: unknown setting \"server.data_file\"\n"
	  "    2 | data_file = 'x'\n"
	  "      | ^^^^^^^^^ " },
	{ "tab before the key", "[policy]\n\tspff='on'",
	  "t.conf:2:2: unknown setting \"policy.spff\"\n"
	  "    2 |  spff='on'\n"
	  "      |  ^^^^ did you mean \"spf\"?\n" },
};

static void explains_each_mistake(void **state)
{
	struct config_report r;
	struct buf out;

	(void)state;
	buf_init(&out, 100000);
	for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
		const struct mistake *m = &mistakes[i];
		size_t n = strlen(m->want);

		assert_null(load(m->text, &r));
		buf_reset(&out);
		config_report_write(&r, &out);
		if (!str_starts(buf_str(&out), str_z(m->want)) ||
		    (m->want[n - 1] == '\n' && out.n != n)) {
			print_error("row: %s\n", m->label);
			assert_string_equal(buf_z(&out), m->want);
		}
		assert_int_equal(r.mistakes, 1);
		config_report_deinit(&r);
	}
	buf_deinit(&out);
}

static void tells_all_mistakes_at_once(void **state)
{
	struct config_report r;
	struct buf text, out;

	(void)state;
	assert_null(load("[policy]\nspf='x'\nhelo=1\n\n[smtp]\nidle\n"
	                 "[limits]\nmesage_bytes=1\n",
	                 &r));
	assert_int_equal(r.mistakes, 4);
	assert_int_equal(r.items[0].line, 2);
	assert_int_equal(r.items[1].line, 3);
	assert_int_equal(r.items[2].line, 6);
	assert_int_equal(r.items[3].line, 8);
	config_report_deinit(&r);

	buf_init(&text, 100000);
	buf_init(&out, 1000000);
	for (int i = 0; i < 150; i++)
		buf_fmt(&text, "x%d=1\n", i);
	assert_null(load(buf_z(&text), &r));
	assert_int_equal(r.n, CONFIG_REPORT_MAX);
	assert_int_equal(r.mistakes, 150);
	config_report_write(&r, &out);
	assert_true(str_ends(buf_str(&out), STR("... and 50 more\n")));
	config_report_deinit(&r);
	buf_deinit(&text);
	buf_deinit(&out);
}

static void rows_are_valid(void **state)
{
	(void)state;
	for (unsigned i = 0; i < OPT_COUNT; i++) {
		const struct config_row *row =
			config_row((enum config_option)i);
		struct str key = str_z(row->key);
		struct str sentence = str_z(row->sentence);

		assert_int_equal(config_find(key), i);
		assert_true(str_chr(key, '.') != STR_NPOS);
		assert_true(sentence.n > 10);
		assert_int_equal(sentence.p[0], ascii_upper(sentence.p[0]));
		assert_int_equal(sentence.p[sentence.n - 1], '.');
		if (row->type <= CONFIG_TIME) {
			struct config_range range = config_row_range(row);

			assert_true(range.least < range.most);
		} else {
			assert_true((row->type == CONFIG_CHOICE) ==
			            (row->range[0] != '\0'));
		}
	}
}

static void units(void **state)
{
	static const struct {
		const char *in;
		bool ok;
		uint64_t want;
	} sizes[] = {
		{ "0", true, 0 },
		{ "17", true, 17 },
		{ "1k", true, 1024 },
		{ "70M", true, 73400320 },
		{ "70 MB", true, 73400320 },
		{ "70MiB", true, 73400320 },
		{ "16777215T", true, UINT64_C(16777215) << 40 },
		{ "16777216T", false, 0 },
		{ "", false, 0 },
		{ "M", false, 0 },
		{ "-1", false, 0 },
		{ "1.5G", false, 0 },
		{ "1X", false, 0 },
	}, times[] = {
		{ "0s", true, 0 },
		{ "500ms", true, 500000 },
		{ "5m", true, 300000000 },
		{ "2w", true, UINT64_C(1209600000000) },
		{ "5", false, 0 },
		{ "5 fortnights", false, 0 },
		{ "99999999999999d", false, 0 },
	};
	struct buf out;

	(void)state;
	buf_init(&out, 100);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		uint64_t v = 0, again;

		assert_int_equal(config_size_parse(str_z(sizes[i].in), &v),
		                 sizes[i].ok);
		assert_int_equal(v, sizes[i].want);
		buf_reset(&out);
		config_size_write(&out, v);
		assert_true(config_size_parse(buf_str(&out), &again));
		assert_int_equal(again, v);
	}
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		uint64_t v = 0, again;

		assert_int_equal(config_time_parse(str_z(times[i].in), &v),
		                 times[i].ok);
		assert_int_equal(v, times[i].want);
		buf_reset(&out);
		config_time_write(&out, v);
		assert_true(config_time_parse(buf_str(&out), &again));
		assert_int_equal(again, v);
	}
	buf_deinit(&out);
}

static char folder[] = "/tmp/posthus-config-XXXXXX";

static const char *in_folder(char out[200], const char *name)
{
	snprintf(out, 200, "%s/%s", folder, name);
	return out;
}

static void put(const char *name, const char *content)
{
	struct err err = ERR_INIT;
	char path[200];

	assert_int_equal(file_replace(in_folder(path, name), str_z(content),
	                              0600, &err),
	                 0);
}

static void includes_and_secrets(void **state)
{
	struct config_report r;
	struct config *cfg = NULL;
	struct arena a;
	struct buf out;
	char path[200], want[300];

	(void)state;
	assert_non_null(mkdtemp(folder));
	put("main.conf", "include = ['sub.conf']\n[server]\ndata='data'\n"
	                 "[policy]\nspf='off'\n[store]\nurl_file='s'\n");
	put("sub.conf", "[policy]\nspf='log'\nhelo='log'\n");
	put("s", "postgres://u:hunter2@db.example/x\n");
	config_report_init(&r);
	assert_int_equal(config_load(&cfg,
	                             &(struct config_source){
					     .path = in_folder(path,
	                                                       "main.conf") },
	                             &r),
	                 0);
	assert_int_equal(config_choice(cfg, OPT_POLICY_SPF), CONFIG_RULE_OFF);
	assert_int_equal(config_choice(cfg, OPT_POLICY_HELO), CONFIG_RULE_LOG);
	assert_string_equal(config_z(cfg, OPT_STORE_URL),
	                    "postgres://u:hunter2@db.example/x");
	buf_init(&out, 1000);
	config_value_write(cfg, OPT_STORE_URL, &out);
	assert_string_equal(buf_z(&out), "(secret)");
	buf_deinit(&out);
	arena_init(&a);
	snprintf(want, sizeof(want), "%s/data/directory.db", folder);
	assert_string_equal(config_data_path(cfg, &a, "directory.db"), want);
	arena_deinit(&a);

	/* A reload takes up what it can, and says what it cannot. */
	put("main.conf", "[policy]\nspf='log'\n[listen]\nsmtp=26\n"
	                 "[server]\ndata='data'\n");
	assert_int_equal(config_reload(cfg, (struct str){ NULL, 0 }, &r), 0);
	assert_int_equal(config_choice(cfg, OPT_POLICY_SPF), CONFIG_RULE_LOG);
	assert_int_equal(config_choice(cfg, OPT_POLICY_HELO), CONFIG_RULE_ON);
	assert_int_equal(config_u64(cfg, OPT_LISTEN_SMTP), 25);
	assert_int_equal(r.remarks, 2); /* listen.smtp and store.url */
	put("main.conf", "[policy]\nspf='wrong'\n");
	assert_int_equal(config_reload(cfg, (struct str){ NULL, 0 }, &r), -1);
	assert_int_equal(config_choice(cfg, OPT_POLICY_SPF), CONFIG_RULE_LOG);
	config_free(&cfg);
	config_report_deinit(&r);

	/* A file that includes itself comes to an end. */
	put("main.conf", "include = 'main.conf'\n");
	config_report_init(&r);
	assert_int_equal(config_load(&cfg,
	                             &(struct config_source){
					     .path = in_folder(path,
	                                                       "main.conf") },
	                             &r),
	                 -1);
	assert_int_equal(r.mistakes, 1);
	config_report_deinit(&r);
	unlink(in_folder(path, "main.conf"));
	unlink(in_folder(path, "sub.conf"));
	unlink(in_folder(path, "s"));
	rmdir(folder);
}

static void command_line_settings(void **state)
{
	const char *const good[] = { "limits.message_bytes=1M",
		                     "policy.spf = log",
		                     "listen.addresses=127.0.0.1,::1",
		                     "dns.servers=[\"192.0.2.1\"]",
		                     "smtp.idle=30s",
		                     "server.data=/tmp/a b",
		                     "listen.smtp=26",
		                     NULL };
	const char *const bad[] = { "limits.message_bytes",
		                    "limits.mesage=1",
		                    "policy.spf=maybe",
		                    "listen.smtp=-1",
		                    "listen.addresses=x",
		                    "smtp.idle=\"",
		                    NULL };
	struct config_source from = { .text = STR(""), .set = good };
	struct config_report r;
	struct config *cfg = NULL, *again = NULL;
	struct buf out;
	const struct str *items;

	(void)state;
	config_report_init(&r);
	assert_int_equal(config_load(&cfg, &from, &r), 0);
	assert_int_equal(config_u64(cfg, OPT_LIMITS_MESSAGE_BYTES), 1 << 20);
	assert_int_equal(config_list(cfg, OPT_LISTEN_ADDRESSES, &items), 2);
	assert_str(items[1], "::1");
	assert_string_equal(config_z(cfg, OPT_SERVER_DATA), "/tmp/a b");
	assert_string_equal(config_origin(cfg, OPT_POLICY_SPF), "--set");

	/* What it writes gives the same settings again. */
	buf_init(&out, 100000);
	config_write(cfg, true, &out);
	assert_true(str_find(buf_str(&out), STR("spf = \"log\"")) != STR_NPOS);
	assert_true(str_find(buf_str(&out), STR("helo")) == STR_NPOS);
	from = (struct config_source){ .text = buf_str(&out) };
	assert_int_equal(config_load(&again, &from, &r), 0);
	for (unsigned i = 0; i < OPT_COUNT; i++) {
		struct buf a, b;

		buf_init(&a, 10000);
		buf_init(&b, 10000);
		config_value_write(cfg, (enum config_option)i, &a);
		config_value_write(again, (enum config_option)i, &b);
		assert_string_equal(buf_z(&a), buf_z(&b));
		buf_deinit(&a);
		buf_deinit(&b);
	}
	config_free(&cfg);
	config_free(&again);

	from = (struct config_source){ .text = STR(""), .set = bad };
	assert_int_equal(config_load(&cfg, &from, &r), -1);
	assert_int_equal(r.mistakes, 6);
	config_report_deinit(&r);
	buf_deinit(&out);
}

static void the_manual_is_a_valid_file(void **state)
{
	struct config_report r;
	struct config *cfg;
	struct buf out, live;
	struct str rest, line;

	(void)state;
	buf_init(&out, 1000000);
	buf_init(&live, 1000000);
	config_doc_write(&out);
	cfg = load(buf_z(&out), &r);
	assert_non_null(cfg);
	config_free(&cfg);
	config_report_deinit(&r);

	/* The settings themselves, the # taken away. */
	rest = buf_str(&out);
	while (str_cut(&rest, '\n', &line)) {
		bool setting =
			line.n > 1 && line.p[0] == '#' && line.p[1] != ' ';

		assert_true(line.n <= 200);
		buf_add(&live, setting ? str_from(line, 1) : line);
		buf_add_c(&live, '\n');
	}
	cfg = load(buf_z(&live), &r);
	assert_non_null(cfg);
	config_free(&cfg);
	config_report_deinit(&r);
	buf_deinit(&out);
	buf_deinit(&live);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_is_all_defaults),
		cmocka_unit_test(takes_values),
		cmocka_unit_test(explains_each_mistake),
		cmocka_unit_test(tells_all_mistakes_at_once),
		cmocka_unit_test(rows_are_valid),
		cmocka_unit_test(units),
		cmocka_unit_test(includes_and_secrets),
		cmocka_unit_test(command_line_settings),
		cmocka_unit_test(the_manual_is_a_valid_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
