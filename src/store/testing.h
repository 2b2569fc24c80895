/* store/testing.h - what the tests of store/ share: a store in a folder of
 * its own, and messages. */
#ifndef STORE_TESTING_H
#define STORE_TESTING_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/test.h"
#include "store/append.h"
#include "store/store.h"

static char test_dir[] = "/tmp/posthus-store-XXXXXX";

static const struct store_account test_account = {
	.id = 7, .shard = 1, .quota_bytes = STORE_QUOTA_NONE
};

static inline struct store *test_open(void)
{
	struct store_options o = { .dir = test_dir };
	struct err err = ERR_INIT;
	struct store *s = NULL;

	if (store_open(&s, &o, &err) < 0)
		(void)fprintf(stderr, "store_open: %s\n", err.text);
	return s;
}

static inline int test_set_up(void **state)
{
	(void)state;
	return mkdtemp(test_dir) ? 0 : -1;
}

static inline int test_tear_down(void **state)
{
	char cmd[300];

	(void)state;
	(void)snprintf(cmd, sizeof(cmd), "rm -rf %s", test_dir);
	return system(cmd);
}

/* Append and give the UID, 0 when it failed. */
static inline uint32_t test_append(struct store *s, struct store_account a,
                                   uint64_t mailbox, struct str bytes,
                                   uint64_t flags, struct err *err)
{
	struct append_target t = { .account = a,
		                   .mailbox = mailbox,
		                   .flags = flags };

	if (append_prepare_str(&t.message, s, bytes, err) < 0)
		return 0;
	if (append_commit(s, &t, 1, (struct str){ NULL, 0 }, NULL, err) < 0)
		t.uid = 0;
	append_free(&t.message);
	return t.uid;
}

#define TEST_MAIL                                                 \
	STR("From: Anna <anna@a.example>\r\nTo: bo@b.example\r\n" \
	    "Subject: Hello\r\nMessage-ID: <1@a.example>\r\n\r\n" \
	    "Hello Bo\r\n")

#endif
