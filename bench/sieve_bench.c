/*
 * bench/sieve_bench.c - what filter scripts of 200 rules cost a message.
 *
 *	sieve_bench [SECONDS]
 *
 * No rule matches, so that all are asked.  A message of 32 KiB with text and
 * HTML and 40 header fields; the time of parsing it is not counted, that of
 * compiling is told apart.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "os/clock.h"
#include "sieve/sieve.h"

#define RULES 200

static bool no(void *ctx, struct str name)
{
	(void)ctx;
	(void)name;
	return false;
}

static bool no_use(void *ctx, struct str mailbox, struct str use)
{
	(void)ctx;
	(void)mailbox;
	(void)use;
	return false;
}

static bool not_seen(void *ctx, struct str id, uint64_t seconds, bool last)
{
	(void)ctx;
	(void)id;
	(void)seconds;
	(void)last;
	return false;
}

static const struct sieve_program *nothing(void *ctx, struct str name,
                                           bool global, const char **why)
{
	(void)ctx;
	(void)name;
	(void)global;
	(void)why;
	return NULL;
}

static const struct sieve_host host = {
	.mailbox_exists = no,
	.special_use_exists = no_use,
	.mailbox_id_exists = no,
	.include = nothing,
	.duplicate = not_seen,
};

static void make_message(struct buf *b)
{
	buf_add_z(b, "Return-Path: <bo@partner.example>\r\n"
	             "From: =?utf-8?q?Bo_L=C3=A6rsen?= <bo@partner.example>\r\n"
	             "To: anna@customer.example, \"Eva\" <eva@x.example>,\r\n"
	             " cy@x.example, di@x.example\r\n"
	             "Subject: =?utf-8?q?Quarterly_numbers_=C3=A6?= of it\r\n"
	             "Date: Tue, 24 Nov 2026 05:12:45 +0100\r\n"
	             "Message-ID: <1@partner.example>\r\nMIME-Version: 1.0\r\n"
	             "Content-Type: multipart/alternative; boundary=b\r\n");
	for (int i = 0; i < 30; i++)
		buf_fmt(b, "X-Field-%d: a value that nobody asks for %d\r\n", i,
		        i);
	buf_add_z(b, "\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n"
	             "Content-Transfer-Encoding: quoted-printable\r\n\r\n");
	while (b->n < 16 * 1024)
		buf_add_z(
			b,
			"Some words of a message that is about numbers =\r\n");
	buf_add_z(b,
	          "\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n");
	while (b->n < 32 * 1024)
		buf_add_z(b,
		          "<p style=\"color: #333\">Some <b>words</b></p>\r\n");
	buf_add_z(b, "\r\n--b--\r\n");
}

/* One rule of each kind, its number in it. */
static const struct {
	const char *name, *require, *rule;
} kinds[] = {
	{ "sender or subject", "\"fileinto\"",
	  "if anyof (address :contains \"from\" \"person%d@\",\n"
	  "          header :contains \"subject\" \"topic %d\") {\n"
	  "	fileinto \"Folder %d\"; stop;\n}\n" },
	{ "lists and recipients", "\"fileinto\", \"mailboxid\"",
	  "if allof (address :is [\"to\", \"cc\"] \"list%d@x.example\",\n"
	  "          not header :contains \"list-id\" \"<l%d.x.example>\") {\n"
	  "	fileinto :mailboxid \"M%d\" \"x\"; stop;\n}\n" },
	{ "wildcards", "\"fileinto\", \"variables\"",
	  "if header :matches \"subject\" \"[*-%d] * of *\" {\n"
	  "	set \"n\" \"%d-${1}\"; fileinto \"${n}-%d\";\n}\n" },
	{ "body", "\"fileinto\", \"body\"",
	  "if body :text :contains \"nowhere %d to be %d\" {\n"
	  "	fileinto \"%d\"; stop;\n}\n" },
};

static void make_script(struct buf *b, size_t kind)
{
	buf_fmt(b, "require [%s];\n", kinds[kind].require);
	for (int i = 0; i < RULES; i++) {
		struct str rest = str_z(kinds[kind].rule), piece;

		while (rest.n) {
			size_t at = str_find(rest, STR("%d"));

			piece = str_to(rest, at == STR_NPOS ? rest.n : at);
			buf_add(b, piece);
			rest = str_from(rest, at == STR_NPOS ? rest.n : at + 2);
			if (at != STR_NPOS)
				buf_fmt(b, "%d", i);
		}
	}
}

static void measure(size_t kind, struct str message, int64_t us)
{
	struct sieve_facts f = { .message = message,
		                 .from = STR("bo@partner.example"),
		                 .to = STR("anna@customer.example"),
		                 .user = STR("anna@customer.example") };
	int64_t begun, compiled = 0, ran = 0, n = 0;
	struct sieve_program *p;
	struct sieve_result r;
	struct sieve_error e;
	struct arena parts;
	struct buf script;

	arena_init(&parts);
	buf_init(&script, 1 << 20);
	make_script(&script, kind);
	f.root = mime_parse(&parts, message, NULL);
	while (ran < us) {
		struct err err = ERR_INIT;
		struct arena a;

		begun = clock_steady_us();
		if (!sieve_compile(buf_str(&script), &p, &e)) {
			(void)fprintf(stderr, "line %u: %s\n", e.at.line,
			              e.text);
			exit(1);
		}
		compiled += clock_steady_us() - begun;
		begun = clock_steady_us();
		for (int i = 0; i < 10; i++, n++) {
			arena_init(&a);
			if (sieve_run(p, &f, &host, &a, &r, &err) < 0 ||
			    r.n != 1 || r.actions[0].kind != SIEVE_KEEP) {
				(void)fprintf(stderr, "%s\n", err.text);
				exit(1);
			}
			arena_deinit(&a);
		}
		ran += clock_steady_us() - begun;
		sieve_program_free(&p);
	}
	(void)printf("%-22s %d rules: %.1f us a message, compiled in %.0f us\n",
	             kinds[kind].name, RULES, (double)ran / (double)n,
	             (double)compiled * 10 / (double)n);
	buf_deinit(&script);
	arena_deinit(&parts);
}

int main(int argc, char **argv)
{
	uint32_t seconds = 1;
	struct buf message;

	if (argc > 1 && !str_to_u32(str_z(argv[1]), &seconds))
		return 2;
	buf_init(&message, 1 << 20);
	make_message(&message);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		measure(i, buf_str(&message),
		        (int64_t)seconds * US_PER_SEC / 4);
	buf_deinit(&message);
	return 0;
}
