/* sieve/testing.h - a message and a world for tests of scripts. */
#ifndef SIEVE_TESTING_H
#define SIEVE_TESTING_H

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/test.h"
#include "os/clock.h"
#include "sieve/sieve.h"
#include "wire/smtp/command.h"

static const char message[] =
	"Return-Path: <bo@partner.example>\r\n"
	"Received: from a.example by b.example; Tue, 24 Nov 2026 05:00:00 "
	"+0100\r\n"
	"From: =?utf-8?q?Bo_L=C3=A6rsen?= <Bo+news@Partner.example>\r\n"
	"To: anna@customer.example, \"Eva\" <eva@customer.example>\r\n"
	"Subject: [list] Quarterly numbers\r\n"
	"X-Priority: 10\r\n"
	"Date: Mon, 23 Nov 2026 23:30:00 -0200\r\n"
	"Message-ID: <1@partner.example>\r\n"
	"X-Tag: one\r\n"
	"X-Tag: two\r\n"
	"\r\n"
	"Hello Anna,\r\nthe numbers are here.\r\n";

/* Another may take its place. */
static const char *testing_message = message;

static const int64_t testing_now = INT64_C(1795497000000000);

/* Whether the envelope came with what DSN and Deliver-By have; late, then. */
static bool testing_dsn;

struct world {
	const char *seen; /* an id that "duplicate" has seen */
};

static bool mailbox_exists(void *ctx, struct str name)
{
	(void)ctx;
	return str_eq(name, STR("Work")) || str_eq(name, STR("INBOX"));
}

static bool use_exists(void *ctx, struct str mailbox, struct str use)
{
	(void)ctx;
	return mailbox.n == 0 && str_eq_case(use, STR("\\Archive"));
}

static bool id_exists(void *ctx, struct str id)
{
	(void)ctx;
	return str_eq(id, STR("M7"));
}

/* Of INBOX, and of the server. */
static bool mailbox_metadata(void *ctx, struct str mailbox, struct str entry,
                             struct str *out)
{
	(void)ctx;
	if (!str_eq_case(mailbox, STR("INBOX")))
		return false;
	if (str_eq_case(entry, STR("/private/vendor/vendor.isode/"
	                           "auto-replies")))
		*out = STR("on");
	else if (str_eq_case(entry, STR("/private/empty")))
		*out = STR("");
	else
		return false;
	return true;
}

static bool server_metadata(void *ctx, struct str entry, struct str *out)
{
	(void)ctx;
	*out = STR("mailto:anna@phone.example");
	return str_eq_case(entry, STR("/private/vendor/vendor.isode/"
	                              "notification-uri"));
}

/* Scripts that others include, by name. */
static const struct {
	const char *name, *text;
} library[] = {
	{ "set", "require [\"include\", \"variables\"];\n"
	         "global \"found\";\n"
	         "set \"own\" \"inner\"; set \"found\" \"${found}yes\";\n"
	         "set \"global.other\" \"o\";" },
	{ "early", "require [\"include\", \"fileinto\"];\n"
	           "if true { fileinto \"one\"; return; }\n"
	           "fileinto \"two\";" },
	{ "end", "require \"fileinto\"; fileinto \"end\"; stop;" },
	{ "loop", "require \"include\"; include \"back\";" },
	{ "back", "require \"include\"; include \"loop\";" },
	{ "wrong", "redirect \"x\";" },
};

#define LIBRARY_N (sizeof(library) / sizeof(library[0]))

static struct sieve_program *programs[LIBRARY_N];

static const struct sieve_program *include(void *ctx, struct str name,
                                           bool global, const char **why)
{
	struct sieve_error e;

	(void)ctx;
	if (str_eq(name, STR("broken")))
		*why = "line 1: it is broken";
	for (size_t i = 0; !global && i < LIBRARY_N; i++) {
		if (!str_eq(name, str_z(library[i].name)))
			continue;
		if (!programs[i] &&
		    !sieve_compile(str_z(library[i].text), &programs[i], &e))
			fail_msg("%s: %s", library[i].name, e.text);
		return programs[i];
	}
	return NULL;
}

static bool duplicate(void *ctx, struct str id, uint64_t seconds, bool last)
{
	struct world *w = ctx;

	(void)seconds;
	(void)last;
	return w->seen && str_eq(id, str_z(w->seen));
}

/* The address books: Bo is in the default one, Cy in another. */
static bool list_has(void *ctx, enum sieve_list list, struct str address)
{
	(void)ctx;
	return str_eq_case(address, STR("bo@partner.example")) ||
	       (list == SIEVE_LIST_PERSONAL &&
	        str_eq_case(address, STR("cy@partner.example")));
}

/* How many are on ":addrbook:personal", u0@group.example and so on. */
static size_t testing_members = 3;

static size_t list_members(void *ctx, enum sieve_list list, struct str *out,
                           size_t max)
{
	static char names[20][32];
	size_t n = list == SIEVE_LIST_PERSONAL ? testing_members : 0;

	(void)ctx;
	for (size_t i = 0; i < n && i < max && i < 20; i++) {
		(void)snprintf(names[i], sizeof(names[i]), "u%zu@group.example",
		               i);
		out[i] = str_z(names[i]);
	}
	return n < max ? n : max;
}

/* The actions as one line, to be compared. */
static void show(const struct sieve_result *r, struct buf *out)
{
	static const char *const names[] = {
		[SIEVE_KEEP] = "keep",         [SIEVE_FILEINTO] = "fileinto",
		[SIEVE_REDIRECT] = "redirect", [SIEVE_REJECT] = "reject",
		[SIEVE_VACATION] = "vacation", [SIEVE_REMEMBER] = "remember",
		[SIEVE_NOTIFY] = "notify",
	};

	for (size_t i = 0; i < r->n; i++) {
		const struct sieve_action *a = &r->actions[i];

		buf_fmt(out, "%s%s", i ? "; " : "", names[a->kind]);
		if (a->mailbox.n)
			buf_fmt(out, " %s%.*s",
			        a->kind >= SIEVE_VACATION ? "fcc=" : "",
			        STR_ARG(a->mailbox));
		if (a->kind == SIEVE_REDIRECT)
			buf_fmt(out, " %.*s", STR_ARG(a->address));
		if (a->has_notify)
			buf_fmt(out, " notify=%u", a->notify);
		if (a->has_ret)
			buf_fmt(out, " ret=%u", a->ret);
		if (a->has_by)
			buf_fmt(out, " by=%lld%s%s",
			        (long long)(a->by_us - testing_now) /
			                US_PER_SEC,
			        a->by_notify ? "N" : "R",
			        a->by_trace ? "T" : "");
		if (a->kind == SIEVE_REJECT || a->kind == SIEVE_VACATION)
			buf_fmt(out, " %.*s", STR_ARG(a->text));
		if (a->mailbox_id.n)
			buf_fmt(out, " id=%.*s", STR_ARG(a->mailbox_id));
		if (a->create)
			buf_add_z(out, " create");
		for (size_t k = 0;
		     a->kind == SIEVE_NOTIFY && k < a->n_addresses; k++)
			buf_fmt(out, " to=%.*s", STR_ARG(a->addresses[k]));
		if (a->kind == SIEVE_NOTIFY)
			buf_fmt(out, " <%.*s> <%.*s> %.*s", STR_ARG(a->subject),
			        STR_ARG(a->text), STR_ARG(a->importance));
		if (a->kind == SIEVE_VACATION)
			buf_fmt(out, " %u", (unsigned)a->seconds);
		for (size_t k = 0; k < a->n_flags; k++)
			buf_fmt(out, "%s%.*s", k ? "," : " ",
			        STR_ARG(a->flags[k]));
	}
}

/* Run with everything required; "error: ..." when it does not compile or
 * run. */
static void run(const char *script, struct buf *out, struct arena *a,
                struct sieve_result *r)
{
	struct world w = { "0::<1@partner.example>" };
	struct sieve_host host = { .ctx = &w,
		                   .mailbox_exists = mailbox_exists,
		                   .special_use_exists = use_exists,
		                   .mailbox_id_exists = id_exists,
		                   .mailbox_metadata = mailbox_metadata,
		                   .server_metadata = server_metadata,
		                   .include = include,
		                   .duplicate = duplicate,
		                   .list_has = list_has,
		                   .list_members = list_members };
	struct sieve_facts f = {
		.message = str_z(testing_message),
		.from = STR("bo@partner.example"),
		.to = STR("anna+list@customer.example"),
		.notify = testing_dsn ? SMTP_NOTIFY_FAILURE | SMTP_NOTIFY_DELAY
		                      : 0,
		.orcpt = testing_dsn ? STR("rfc822;me@example.com") : STR(""),
		.envid = testing_dsn ? STR("Q=1") : STR(""),
		.ret = testing_dsn ? SMTP_RET_HDRS : 0,
		.by_us = testing_dsn ? testing_now - 1500000 : 0,
		.by_trace = true,
		.user = STR("anna@customer.example"),
		.id = STR("id"),
		.host_name = STR("mx.hosting.example"),
		.remote_ip = STR("192.0.2.1"),
		.now_us = testing_now,
		.spam_tenths = 45
	};
	struct sieve_program *p;
	struct sieve_error e;
	struct err err = ERR_INIT;

	f.root = mime_parse(a, f.message, NULL);
	buf_reset(out);
	if (!sieve_compile(str_z(script), &p, &e)) {
		buf_fmt(out, "%u:%u %s", e.at.line, e.at.column, e.text);
		return;
	}
	if (sieve_run(p, &f, &host, a, r, &err) < 0)
		buf_fmt(out, "%s", err.text);
	else
		show(r, out);
	sieve_program_free(&p);
}

/* Each script and what comes of it, as a table of rows. */
struct row {
	const char *script, *want;
};

static inline void run_rows(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct sieve_result r;
		struct arena a;
		struct buf out;

		arena_init(&a);
		buf_init(&out, 10000);
		run(rows[i].script, &out, &a, &r);
		if (!str_eq(buf_str(&out), str_z(rows[i].want)))
			print_error("row %zu: %s\n", i, rows[i].script);
		assert_str(buf_str(&out), rows[i].want);
		buf_deinit(&out);
		arena_deinit(&a);
	}
	for (size_t i = 0; i < LIBRARY_N; i++)
		sieve_program_free(&programs[i]);
}

#endif
