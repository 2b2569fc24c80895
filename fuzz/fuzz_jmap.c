/* Any request: parsed and run on an account that has nothing.  The answer is
 * JSON, or the request is refused. */
#include <assert.h>
#include <ftw.h>
#include <stdlib.h>
#include <unistd.h>

#include "config/config.h"
#include "jmap/call.h"
#include "wire/json/read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char dir[] = "/tmp/fuzz-jmap-XXXXXX";
static struct jmap_server server;
static struct config *config;

static int drop(const char *path, const struct stat *st, int kind,
                struct FTW *at)
{
	(void)st;
	(void)at;
	return kind == FTW_DP ? rmdir(path) : unlink(path);
}

static void clean_up(void)
{
	store_close(&server.ctx.store);
	config_free(&config);
	(void)nftw(dir, drop, 16, FTW_DEPTH | FTW_PHYS);
}

static void set_up(void)
{
	struct store_options o = { .dir = dir };
	struct config_report r;
	struct err err;

	config_report_init(&r);
	assert(config_load(&config,
	                   &(struct config_source){
				   .path = "test.conf",
				   .text = STR("[server]\n"
	                                       "hostname = \"mx.example\"\n") },
	                   &r) == 0);
	config_report_deinit(&r);
	server.ctx.config = config;
	assert(mkdtemp(dir));
	assert(store_open(&server.ctx.store, &o, &err) == 0);
	assert(atexit(clean_up) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct json_limits limits = { .bytes_max = SIZE_MAX,
		                                   .depth_max = 1000,
		                                   .values_max = SIZE_MAX };
	struct jmap_user user = {
		.account = { .id = 1, .shard = 1, .quota_bytes = 1000000 },
		.address = STR_INIT("a@x.example")
	};
	const char *problem = NULL, *detail = NULL;
	struct json_doc *doc;
	struct err err = ERR_INIT;
	struct buf out;

	if (!server.ctx.store)
		set_up();
	buf_init(&out, SIZE_MAX / 2);
	if (jmap_request_run(&server, &user,
	                     (struct str){ (const char *)data, size }, &out,
	                     &problem, &detail)) {
		assert(json_parse(&doc, buf_str(&out), &limits, &err) == 0);
		json_free(&doc);
	} else {
		assert(problem && detail && out.n == 0);
	}
	buf_deinit(&out);
	return 0;
}
