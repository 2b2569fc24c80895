/* Any script, up to a NUL, on any message behind it: what compiles runs to an
 * end, within its bounds, and every view it gives can be read. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "sieve/sieve.h"
#include "wire/smtp/command.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool exists(void *ctx, struct str name)
{
	(void)ctx;
	return name.n % 2 == 0;
}

static bool use_exists(void *ctx, struct str mailbox, struct str use)
{
	(void)ctx;
	return mailbox.n == 0 && use.n > 3;
}

/* Every script includes itself and another, whatever their names are. */
static const struct sieve_program *include(void *ctx, struct str name,
                                           bool global, const char **why)
{
	if (global)
		return NULL;
	if (name.n > 20)
		*why = "line 1: it is too long";
	return name.n > 20 ? NULL : ctx;
}

static bool duplicate(void *ctx, struct str id, uint64_t seconds, bool last)
{
	(void)ctx;
	(void)last;
	return id.n % 3 == 0 && seconds > 0;
}

static bool mailbox_metadata(void *ctx, struct str mailbox, struct str entry,
                             struct str *out)
{
	(void)ctx;
	*out = entry;
	return mailbox.n % 2 == 0;
}

static bool server_metadata(void *ctx, struct str entry, struct str *out)
{
	(void)ctx;
	*out = entry;
	return entry.n % 2 == 0;
}

static bool list_has(void *ctx, enum sieve_list list, struct str address)
{
	(void)ctx;
	return list == SIEVE_LIST_DEFAULT && address.n % 2 == 0;
}

static size_t list_members(void *ctx, enum sieve_list list, struct str *out,
                           size_t max)
{
	(void)ctx;
	for (size_t i = 0; i < max; i++)
		out[i] = i % 2 ? STR("bo@partner.example") : STR("no one");
	return list == SIEVE_LIST_DEFAULT ? max - 1 : max;
}

static size_t sum(struct str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += (unsigned char)s.p[i];
	return n;
}

static size_t look(const struct sieve_action *a)
{
	size_t n = sum(a->mailbox) + sum(a->use) + sum(a->address) +
	           sum(a->text) + sum(a->subject) + sum(a->handle) +
	           sum(a->message);

	for (size_t i = 0; i < a->n_flags; i++)
		n += sum(a->flags[i]);
	for (size_t i = 0; i < a->n_addresses; i++)
		n += sum(a->addresses[i]);
	return n;
}

static void run(const struct sieve_program *p, struct sieve_program *included,
                struct str message)
{
	struct sieve_host host = { .ctx = included,
		                   .mailbox_exists = exists,
		                   .special_use_exists = use_exists,
		                   .mailbox_id_exists = exists,
		                   .mailbox_metadata = mailbox_metadata,
		                   .server_metadata = server_metadata,
		                   .include = include,
		                   .duplicate = duplicate,
		                   .list_has = list_has,
		                   .list_members = list_members };
	struct sieve_facts f = { .message = message,
		                 .from = STR("bo@partner.example"),
		                 .to = STR("anna+x@customer.example"),
		                 .notify = SMTP_NOTIFY_SUCCESS |
		                           SMTP_NOTIFY_DELAY,
		                 .orcpt = STR("rfc822;anna@old.example"),
		                 .envid = STR("id"),
		                 .ret = SMTP_RET_FULL,
		                 .by_us = INT64_C(1795497600000000),
		                 .user = STR("anna@customer.example"),
		                 .id = STR("id"),
		                 .host_name = STR("mx.example"),
		                 .now_us = INT64_C(1795497000000000),
		                 .spam_tenths = 50 };
	struct sieve_result r;
	struct err err = ERR_INIT;
	struct arena a;
	size_t keeps = 0;

	arena_init(&a);
	f.root = mime_parse(&a, message, NULL);
	if (sieve_run(p, &f, &host, &a, &r, &err) < 0) {
		assert(err.kind == ERR_INVALID || err.kind == ERR_TOO_BIG);
		assert(strncmp(err.text, "line ", 5) == 0);
	} else {
		assert(r.n <= SIEVE_ACTIONS_MAX);
		for (size_t i = 0; i < r.n; i++) {
			keeps += r.actions[i].kind == SIEVE_KEEP;
			assert(!r.actions[i].has_notify || r.actions[i].notify);
			assert(!r.actions[i].has_by || r.actions[i].by_us > 0);
			(void)look(&r.actions[i]);
		}
		assert(keeps <= 1);
	}
	arena_deinit(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str all = { (const char *)data, size };
	size_t nul = str_chr(all, '\0');
	struct sieve_program *p, *other;
	struct sieve_error e;
	struct str script = nul == STR_NPOS ? all : str_to(all, nul);

	if (!sieve_compile(script, &p, &e)) {
		assert(e.text[0] && e.at.line >= 1 && e.at.column >= 1);
		return 0;
	}
	assert(sieve_compile(script, &other, &e));
	run(p, other,
	    nul == STR_NPOS ? STR("Subject: x\r\n\r\ny\r\n")
	                    : str_from(all, nul + 1));
	sieve_program_free(&other);
	sieve_program_free(&p);
	return 0;
}
