#include "directory/directory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/test.h"
#include "config/config.h"

/* A directory of its own for each test. */
struct world {
	char folder[64];
	struct config *cfg;
	struct directory *dir;
	struct arena a;
	struct err err;
	int64_t example, other, anna, bo, cat;
};

static struct config *make_config(const char *folder, const char *more)
{
	struct config_report r;
	struct config *cfg = NULL;
	struct buf text;

	buf_init(&text, 2000);
	buf_fmt(&text,
	        "server.data = '%s'\nserver.hostname = 'mx.host.example'\n%s",
	        folder, more);
	config_report_init(&r);
	assert_int_equal(config_load(&cfg,
	                             &(struct config_source){
					     .text = buf_str(&text) },
	                             &r),
	                 0);
	config_report_deinit(&r);
	buf_deinit(&text);
	return cfg;
}

static int64_t add_account(struct world *w, const char *address)
{
	int64_t id = 0;

	assert_int_equal(directory_account_add(w->dir, str_z(address),
	                                       STR("Name"), &id, &w->err),
	                 0);
	return id;
}

static int set_alias(struct world *w, const char *address, const char *to)
{
	struct str rest = str_z(to), one, targets[8];
	size_t n = 0;

	while (n < 8 && str_cut(&rest, ' ', &one))
		targets[n++] = one;
	return directory_alias_set(w->dir, str_z(address), targets, n, true,
	                           NULL, &w->err);
}

static int set_forward(struct world *w, int64_t id, const char *to, bool keep)
{
	struct str rest = str_z(to), one, targets[8];
	size_t n = 0;

	while (n < 8 && str_cut(&rest, ' ', &one))
		targets[n++] = one;
	return directory_forward_set(w->dir, id, targets, n, keep, &w->err);
}

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	snprintf(w->folder, sizeof(w->folder), "/tmp/posthus-dir-XXXXXX");
	assert_non_null(mkdtemp(w->folder));
	w->cfg = make_config(w->folder, "");
	arena_init(&w->a);
	assert_int_equal(directory_open(&w->dir, w->cfg, &w->err), 0);
	assert_int_equal(directory_domain_add(w->dir, STR("Example.COM"), 0,
	                                      &w->example, &w->err),
	                 0);
	assert_int_equal(directory_domain_add(w->dir, STR("other.example"), 0,
	                                      &w->other, &w->err),
	                 0);
	assert_int_equal(directory_domain_add(w->dir, STR("also.example"),
	                                      w->example, NULL, &w->err),
	                 0);
	w->anna = add_account(w, "Anna@Example.com");
	w->bo = add_account(w, "bo@example.com");
	w->cat = add_account(w, "cat@other.example");
	assert_int_equal(set_alias(w, "info@example.com",
	                           "anna@example.com x@far.example"),
	                 0);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;
	char cmd[100];

	directory_close(&w->dir);
	config_free(&w->cfg);
	arena_deinit(&w->a);
	snprintf(cmd, sizeof(cmd), "rm -r %s", w->folder);
	assert_int_equal(system(cmd), 0);
	free(w);
	return 0;
}

static const char *kind_name(enum directory_kind kind)
{
	switch (kind) {
	case DIRECTORY_NOT_LOCAL: return "elsewhere";
	case DIRECTORY_NONE: return "none";
	case DIRECTORY_ACCOUNT: return "account";
	case DIRECTORY_ALIAS: return "alias";
	case DIRECTORY_CATCHALL: return "catchall";
	}
	return "?";
}

/* "kind address detail", '!' in front for a role. */
static const char *resolved(struct world *w, const char *address)
{
	struct str text = str_z(address), local = text, domain = STR("");
	size_t at = str_rchr(text, '@');
	struct directory_resolved r;

	if (at != STR_NPOS) {
		local = str_to(text, at);
		domain = str_from(text, at + 1);
	}
	assert_int_equal(directory_address_resolve(w->dir, local, domain, &w->a,
	                                           &r, &w->err),
	                 0);
	return arena_strz(&w->a,
	                  arena_fmt(&w->a, "%s%s%s%.*s%s%.*s",
	                            r.role ? "!" : "", kind_name(r.kind),
	                            r.address.n ? " " : "", STR_ARG(r.address),
	                            r.detail.n ? " " : "", STR_ARG(r.detail)));
}

struct row {
	const char *in, *want;
};

static void check_rows(struct world *w, const struct row *rows, size_t n)
{
	/* Twice: the second time from memory. */
	for (int round = 0; round < 2; round++)
		for (size_t i = 0; i < n; i++) {
			const char *got = resolved(w, rows[i].in);

			if (strcmp(got, rows[i].want) != 0)
				print_error("%s (round %d)\n", rows[i].in,
				            round);
			assert_string_equal(got, rows[i].want);
		}
}

#define CHECK(w, rows) check_rows(w, rows, sizeof(rows) / sizeof((rows)[0]))

static void finds_addresses(void **state)
{
	static const struct row rows[] = {
		{ "anna@example.com", "account anna@example.com" },
		{ "ANNA@EXAMPLE.COM", "account anna@example.com" },
		{ "anna@also.example", "account anna@example.com" },
		{ "anna@Example.Com.", "account anna@example.com" },
		{ "anna+Shop@example.com", "account anna@example.com Shop" },
		{ "anna+a+b@also.example", "account anna@example.com a+b" },
		{ "anna+@example.com", "account anna@example.com" },
		{ "+x@example.com", "none" },
		{ "nobody+anna@example.com", "none" },
		{ "info@example.com", "alias info@example.com" },
		{ "info+x@example.com", "alias info@example.com x" },
		{ "cat@example.com", "none" },
		{ "anna@other.example", "none" },
		{ "anna@far.example", "elsewhere" },
		{ "anna@sub.example.com", "elsewhere" },
		{ "anna@[192.0.2.1]", "elsewhere" },
		{ "anna@-bad-.example", "elsewhere" },
		{ "anna@", "elsewhere" },
		{ "@example.com", "none" },
	};

	CHECK((struct world *)*state, rows);
}

static void catches_only_what_does_not_exist(void **state)
{
	static const struct row rows[] = {
		{ "bo@example.com", "account bo@example.com" },
		{ "info@example.com", "alias info@example.com" },
		{ "bo+x@example.com", "account bo@example.com x" },
		{ "info+x@also.example", "alias info@example.com x" },
		{ "zed@example.com", "catchall anna@example.com" },
		{ "zed+y@also.example", "catchall anna@example.com" },
		{ "zed@other.example", "none" },
		{ "postmaster@example.com", "!account anna@example.com" },
	};
	struct world *w = *state;

	assert_string_equal(resolved(w, "zed@example.com"), "none");
	assert_int_equal(directory_domain_set_catchall(w->dir, w->example,
	                                               w->anna, &w->err),
	                 0);
	CHECK(w, rows);
	/* The account goes, and with it the catch-all. */
	assert_int_equal(directory_account_remove(w->dir, w->anna, &w->err), 0);
	assert_string_equal(resolved(w, "zed@example.com"), "none");
}

static void roles_reach_an_administrator(void **state)
{
	struct world *w = *state;
	int64_t id;

	assert_string_equal(resolved(w, "Abuse@other.example"),
	                    "!account cat@other.example");
	assert_string_equal(resolved(w, "postmaster@example.com"),
	                    "!account anna@example.com");
	assert_int_equal(directory_domain_set_admin(w->dir, w->example, w->bo,
	                                            &w->err),
	                 0);
	assert_string_equal(resolved(w, "postmaster@also.example"),
	                    "!account bo@example.com");
	assert_string_equal(resolved(w, "postmaster+x@example.com"),
	                    "!account bo@example.com");
	/* Without a domain, and at the host's own name. */
	assert_string_equal(resolved(w, "Postmaster"),
	                    "!account anna@example.com");
	assert_string_equal(resolved(w, "postmaster@mx.host.example"),
	                    "!account anna@example.com");
	assert_string_equal(resolved(w, "anna@mx.host.example"), "elsewhere");
	assert_string_equal(resolved(w, "anna"), "elsewhere");
	/* A domain without accounts. */
	assert_int_equal(directory_domain_add(w->dir, STR("new.example"), 0,
	                                      &id, &w->err),
	                 0);
	assert_string_equal(resolved(w, "abuse@new.example"),
	                    "!account anna@example.com");
	/* An address of its own comes first. */
	assert_int_equal(set_alias(w, "postmaster@example.com",
	                           "cat@other.example"),
	                 0);
	assert_string_equal(resolved(w, "postmaster@example.com"),
	                    "alias postmaster@example.com");
}

static void names_of_all_scripts(void **state)
{
	static const struct row rows[] = {
		{ "j\xc3\xb8rn@b\xc3\xbc"
		  "cher.example",
		  "account j\xc3\xb8rn@xn--bcher-kva.example" },
		{ "J\xc3\x98RN@B\xc3\x9c"
		  "CHER.EXAMPLE",
		  "account j\xc3\xb8rn@xn--bcher-kva.example" },
		{ "j\xc3\xb8rn@XN--BCHER-KVA.example",
		  "account j\xc3\xb8rn@xn--bcher-kva.example" },
		{ "\xff@b\xc3\xbc"
		  "cher.example",
		  "none" },
	};
	struct world *w = *state;
	struct directory_domain d;

	assert_int_equal(directory_domain_add(w->dir,
	                                      STR("B\xc3\xbc"
	                                          "cher.example"),
	                                      0, NULL, &w->err),
	                 0);
	add_account(w, "J\xc3\xb8rn@b\xc3\xbc"
	               "cher.example");
	CHECK(w, rows);
	assert_int_equal(directory_domain_get(w->dir,
	                                      STR("xn--bcher-kva.example"),
	                                      &w->a, &d, &w->err),
	                 0);
	assert_str(d.display, "b\xc3\xbc"
	                      "cher.example");
	assert_int_equal(d.accounts, 1);
	assert_int_equal(directory_domain_add(w->dir,
	                                      STR("xn--bcher-kva.example"), 0,
	                                      NULL, &w->err),
	                 -1);
	assert_int_equal(w->err.kind, ERR_EXISTS);
}

static void suspends_account_and_domain(void **state)
{
	struct world *w = *state;
	struct directory_resolved r;
	struct directory_account acc;

	assert_int_equal(directory_account_set_flags(w->dir, w->anna,
	                                             DIRECTORY_NO_SEND,
	                                             &w->err),
	                 0);
	assert_int_equal(directory_domain_set_flags(w->dir, w->example,
	                                            DIRECTORY_NO_RECEIVE,
	                                            &w->err),
	                 0);
	assert_int_equal(directory_address_resolve(w->dir, STR("anna"),
	                                           STR("example.com"), &w->a,
	                                           &r, &w->err),
	                 0);
	assert_int_equal(r.flags, DIRECTORY_NO_SEND | DIRECTORY_NO_RECEIVE);
	assert_int_equal(directory_login(w->dir, STR("anna@example.com"), &w->a,
	                                 &acc, &w->err),
	                 0);
	assert_int_equal(acc.flags, DIRECTORY_NO_SEND | DIRECTORY_NO_RECEIVE);
	assert_int_equal(acc.own_flags, DIRECTORY_NO_SEND);
}

static void logs_in_by_the_whole_address(void **state)
{
	static const struct {
		const char *user;
		bool found, case_differs;
	} rows[] = {
		{ "anna@example.com", true, false },
		{ "Anna@example.com", true, true },
		{ "anna@Example.com", true, true },
		{ "anna@also.example", true, false },
		{ "anna", false, false },
		{ "@example.com", false, false },
		{ "anna@", false, false },
		{ "anna+x@example.com", false, false },
		{ "info@example.com", false, false }, /* an alias (R2) */
		{ "zed@example.com", false, false },  /* the catch-all */
		{ "postmaster@example.com", false, false },
		{ "postmaster", false, false },
		{ "", false, false },
	};
	struct world *w = *state;

	assert_int_equal(directory_domain_set_catchall(w->dir, w->example,
	                                               w->anna, &w->err),
	                 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct directory_account acc;
		int rc = directory_login(w->dir, str_z(rows[i].user), &w->a,
		                         &acc, &w->err);

		if ((rc == 0) != rows[i].found)
			print_error("%s\n", rows[i].user);
		assert_int_equal(rc == 0, rows[i].found);
		if (rc < 0) {
			assert_int_equal(w->err.kind, ERR_NOT_FOUND);
			continue;
		}
		assert_int_equal(acc.id, w->anna);
		assert_int_equal(acc.case_differs, rows[i].case_differs);
	}
}

/* The ends in order: "anna@example.com x@far.example(out)". */
static const char *expanded(struct world *w, const char *address)
{
	struct str text = str_z(address), all = STR("");
	size_t at = str_rchr(text, '@');
	struct directory_ends ends;

	if (directory_address_expand(w->dir, str_to(text, at),
	                             str_from(text, at + 1), &w->a, &ends,
	                             &w->err) < 0)
		return err_kind_name(w->err.kind);
	for (size_t i = 0; i < ends.n; i++) {
		const struct directory_end *e = &ends.items[i];

		all = arena_fmt(&w->a, "%.*s%s%.*s%s%s", STR_ARG(all),
		                i ? " " : "", STR_ARG(e->address),
		                e->here      ? ""
		                : e->unknown ? "(unknown)"
		                             : "(out)",
		                e->forwarded_by ? "(fwd)" : "");
	}
	return arena_strz(&w->a, all);
}

static void a_target_elsewhere_says_yes_first(void **state)
{
	struct world *w = *state;
	struct str targets[] = { STR("x@far.example"), STR("bo@example.com") };
	struct directory_proposal *v, p;
	unsigned char one[DIRECTORY_SECRET_SIZE], two[DIRECTORY_SECRET_SIZE];
	struct str token;
	size_t n = 0;

	assert_int_equal(directory_forward_propose(w->dir, w->anna, targets, 1,
	                                           false, &w->err),
	                 0);
	/* Nobody has said yes: the mail stays. */
	assert_string_equal(expanded(w, "anna@example.com"),
	                    "anna@example.com");
	assert_int_equal(directory_forward_propose(w->dir, w->anna, targets, 2,
	                                           false, &w->err),
	                 0);
	assert_string_equal(expanded(w, "anna@example.com"),
	                    "bo@example.com(fwd)");
	assert_int_equal(directory_proposal_list(w->dir, w->anna, &w->a, &v, &n,
	                                         &w->err),
	                 0);
	assert_int_equal(n, 2);
	assert_int_equal(v[0].confirmed_us, 0);
	assert_int_equal(v[0].token.n, DIRECTORY_PROPOSAL_TOKEN);
	assert_true(v[1].confirmed_us != 0); /* ours */
	token = v[0].token;
	assert_int_equal(directory_proposal_find(w->dir, STR("0"), &w->a, &p,
	                                         &w->err),
	                 -1);
	assert_int_equal(w->err.kind, ERR_NOT_FOUND);
	assert_int_equal(directory_proposal_find(w->dir, token, &w->a, &p,
	                                         &w->err),
	                 0);
	assert_true(str_eq(p.address, STR("anna@example.com")));
	assert_true(str_eq(p.target, STR("x@far.example")));
	assert_int_equal(directory_proposal_confirm(w->dir, token, &w->err), 0);
	assert_int_equal(directory_proposal_confirm(w->dir, token, &w->err), 0);
	assert_string_equal(expanded(w, "anna@example.com"),
	                    "x@far.example(out)(fwd) bo@example.com(fwd)");
	/* Set anew it stays confirmed; another target is asked for itself. */
	targets[1] = STR("y@far.example");
	assert_int_equal(directory_forward_propose(w->dir, w->anna, targets, 2,
	                                           false, &w->err),
	                 0);
	assert_string_equal(expanded(w, "anna@example.com"),
	                    "x@far.example(out)(fwd)");
	/* Without a question. */
	assert_int_equal(directory_forward_set(w->dir, w->anna, targets, 2,
	                                       false, &w->err),
	                 0);
	assert_string_equal(expanded(w, "anna@example.com"),
	                    "x@far.example(out)(fwd) y@far.example(out)(fwd)");

	assert_int_equal(directory_secret(w->dir, STR("srs"), one, &w->err), 0);
	assert_int_equal(directory_secret(w->dir, STR("srs"), two, &w->err), 0);
	assert_memory_equal(one, two, sizeof(one));
	assert_int_equal(directory_secret(w->dir, STR("b"), two, &w->err), 0);
	assert_memory_not_equal(one, two, sizeof(one));
}

static void expands_aliases_and_forwards(void **state)
{
	struct world *w = *state;

	assert_string_equal(expanded(w, "Anna@example.com"),
	                    "anna@example.com");
	assert_string_equal(expanded(w, "info@also.example"),
	                    "anna@example.com x@far.example(out)");
	assert_string_equal(expanded(w, "zed@example.com"), "not-found");
	assert_string_equal(expanded(w, "x@far.example"), "not-found");

	/* An alias of an alias; nobody gets it twice. */
	assert_int_equal(set_alias(w, "all@example.com",
	                           "info@example.com Bo@Example.COM "
	                           "anna+News@example.com x@far.example"),
	                 0);
	assert_string_equal(expanded(w, "all@example.com"),
	                    "anna@example.com x@far.example(out) "
	                    "bo@example.com");

	/* Forwards: with a copy, without. */
	assert_int_equal(set_forward(w, w->bo, "X@far.example", true), 0);
	assert_string_equal(expanded(w, "bo@example.com"),
	                    "bo@example.com X@far.example(out)(fwd)");
	assert_int_equal(set_forward(w, w->bo, "cat@other.example", false), 0);
	assert_string_equal(expanded(w, "bo@example.com"),
	                    "cat@other.example(fwd)");
	assert_int_equal(set_forward(w, w->bo, "", true), 0);
	assert_string_equal(expanded(w, "bo@example.com"), "bo@example.com");

	/* A target of ours that is gone. */
	assert_int_equal(set_alias(w, "old@example.com",
	                           "cat@other.example zed@other.example"),
	                 0);
	assert_string_equal(expanded(w, "old@example.com"),
	                    "cat@other.example zed@other.example(unknown)");
}

static void refuses_circles(void **state)
{
	struct world *w = *state;
	char name[40], next[40];

	assert_int_equal(set_alias(w, "self@example.com", "self@example.com"),
	                 -1);
	assert_int_equal(w->err.kind, ERR_INVALID);
	assert_string_equal(resolved(w, "self@example.com"), "none");

	assert_int_equal(set_alias(w, "a@example.com", "b@example.com"), 0);
	assert_int_equal(set_alias(w, "b@example.com", "c@also.example"), 0);
	assert_int_equal(set_alias(w, "c@example.com",
	                           "bo@example.com A@example.com"),
	                 -1);
	assert_int_equal(w->err.kind, ERR_INVALID);

	/* Forwards may meet while somebody keeps the mail. */
	assert_int_equal(set_forward(w, w->anna, "bo@example.com", true), 0);
	assert_int_equal(set_forward(w, w->bo, "anna@example.com", false), 0);
	assert_string_equal(expanded(w, "bo@example.com"),
	                    "anna@example.com(fwd)");
	assert_int_equal(set_forward(w, w->anna, "bo@example.com", false), -1);
	assert_int_equal(w->err.kind, ERR_INVALID);
	assert_string_equal(expanded(w, "anna@example.com"),
	                    "anna@example.com");
	assert_int_equal(set_forward(w, w->bo, "bo@example.com", false), -1);

	/* A chain that is too long. */
	for (int i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "n%d@example.com", i);
		snprintf(next, sizeof(next), "n%d@example.com", i + 1);
		assert_int_equal(set_alias(w, name, next), 0);
	}
	assert_string_equal(expanded(w, "n0@example.com"), "too-big");
	assert_string_equal(expanded(w, "n15@example.com"),
	                    "n20@example.com(unknown)");
}

static void a_circle_made_later_loses_nothing(void **state)
{
	struct world *w = *state;

	/* bo forwards to what does not exist, then the catch-all is bo. */
	assert_int_equal(set_forward(w, w->bo, "zed@example.com", false), 0);
	assert_int_equal(directory_domain_set_catchall(w->dir, w->example,
	                                               w->bo, &w->err),
	                 0);
	assert_string_equal(expanded(w, "bo@example.com"), "bo@example.com");
	assert_string_equal(expanded(w, "any@example.com"), "bo@example.com");
}

static void counts_the_characters_of_a_forward(void **state)
{
	struct world *w = *state;
	struct buf one;
	struct str targets[5];

	/* 4 x 1000 characters are allowed; one more is not (R4). */
	buf_init(&one, 10000);
	for (int i = 0; i < 4; i++) {
		targets[i] = arena_fmt(&w->a, "t%d@%0*d.example", i, 40, 7);
		assert_true(targets[i].n == 51);
	}
	assert_int_equal(directory_forward_set(w->dir, w->anna, targets, 4,
	                                       true, &w->err),
	                 0);
	config_free(&w->cfg);
	directory_close(&w->dir);
	w->cfg = make_config(w->folder, "[limits]\nforward_characters = 203\n");
	assert_int_equal(directory_open(&w->dir, w->cfg, &w->err), 0);
	assert_int_equal(directory_forward_set(w->dir, w->anna, targets, 4,
	                                       true, &w->err),
	                 -1);
	assert_int_equal(w->err.kind, ERR_TOO_BIG);
	assert_string_equal(w->err.text,
	                    "the addresses hold 204 characters together; at "
	                    "most 203 are allowed");
	targets[0] = STR("\xc3\xb8@far.example"); /* 13 characters, 14 bytes */
	targets[1] = STR(" x@far.example ");      /* 13 */
	targets[2] = STR("y@far.example");
	assert_int_equal(directory_forward_set(w->dir, w->anna, targets, 3,
	                                       true, &w->err),
	                 0);
	buf_deinit(&one);
}

static void judges_senders(void **state)
{
	static const struct {
		const char *address;
		bool want;
	} rows[] = {
		{ "anna@example.com", true },
		{ "ANNA@also.example", true },
		{ "anna+tag@example.com", true },
		{ "bo@example.com", false },
		{ "info@example.com", false }, /* an alias is not enough */
		{ "shop@example.com", true },
		{ "Shop+x@also.example", true },
		{ "any@other.example", true },
		{ "anna@far.example", false },
		{ "@example.com", false },
		{ "anna@", false },
	};
	struct world *w = *state;

	assert_int_equal(directory_grant_add(w->dir, w->anna,
	                                     STR("Shop@Example.com"), &w->err),
	                 0);
	assert_int_equal(directory_grant_add(w->dir, w->anna,
	                                     STR("*@other.example"), &w->err),
	                 0);
	assert_int_equal(directory_grant_add(w->dir, w->anna,
	                                     STR("a@far.example"), &w->err),
	                 -1);
	assert_int_equal(w->err.kind, ERR_NOT_FOUND);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str text = str_z(rows[i].address);
		size_t at = str_rchr(text, '@');
		bool got;

		assert_int_equal(directory_may_send_as(w->dir, w->anna,
		                                       str_to(text, at),
		                                       str_from(text, at + 1),
		                                       &got, &w->err),
		                 0);
		if (got != rows[i].want)
			print_error("%s\n", rows[i].address);
		assert_int_equal(got, rows[i].want);
	}
	assert_int_equal(directory_grant_remove(w->dir, w->anna,
	                                        STR("shop@also.example"),
	                                        &w->err),
	                 0);
	assert_int_equal(directory_grant_remove(w->dir, w->anna,
	                                        STR("shop@example.com"),
	                                        &w->err),
	                 -1);
}

static void refuses_what_is_no_address(void **state)
{
	static const char *const rows[] = {
		"",
		"anna",
		"@example.com",
		"anna@",
		"a b@example.com",
		"a..b@example.com",
		".a@example.com",
		"a.@example.com",
		"a@b@example.com",
		"a\x01@example.com",
		"\xff@example.com",
		"a+b@example.com",
		"\"a\"@example.com",
		"a@example_com",
		"a@[192.0.2.1]",
		"a@.example.com",
		/* A local part of 65 bytes. */
		"12345678901234567890123456789012345678901234567890123456789012345@x.example",
	};
	struct world *w = *state;
	int64_t id;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int rc = directory_account_add(w->dir, str_z(rows[i]), STR(""),
		                               &id, &w->err);

		if (rc == 0)
			print_error("%s was taken\n", rows[i]);
		assert_int_equal(rc, -1);
		assert_int_equal(w->err.kind, ERR_INVALID);
		assert_true(strlen(w->err.text) > 10);
	}
	assert_int_equal(directory_account_add(w->dir, STR("x@far.example"),
	                                       STR(""), &id, &w->err),
	                 -1);
	assert_int_equal(w->err.kind, ERR_NOT_FOUND);
	assert_int_equal(directory_account_add(w->dir, STR("INFO@example.com"),
	                                       STR(""), &id, &w->err),
	                 -1);
	assert_int_equal(w->err.kind, ERR_EXISTS);
	assert_int_equal(set_alias(w, "bo@example.com", "cat@other.example"),
	                 -1);
	assert_int_equal(w->err.kind, ERR_EXISTS);
}

static void removes_and_restores(void **state)
{
	struct world *w = *state;
	struct directory_account acc;
	int64_t again;

	assert_int_equal(directory_domain_remove(w->dir, w->other, &w->err),
	                 -1);
	assert_int_equal(w->err.kind, ERR_EXISTS);
	assert_int_equal(directory_account_remove(w->dir, w->cat, &w->err), 0);
	assert_string_equal(resolved(w, "cat@other.example"), "none");
	assert_int_equal(directory_account_get(w->dir, w->cat, &w->a, &acc,
	                                       &w->err),
	                 0);
	assert_true(acc.removed_us > 0);
	assert_int_equal(directory_account_remove(w->dir, w->cat, &w->err), -1);
	assert_int_equal(w->err.kind, ERR_NOT_FOUND);

	/* The name is free, the number is not used again. */
	again = add_account(w, "cat@other.example");
	assert_true(again > w->cat);
	assert_int_equal(directory_account_restore(w->dir, w->cat, &w->err),
	                 -1);
	assert_int_equal(w->err.kind, ERR_EXISTS);
	assert_int_equal(directory_account_remove(w->dir, again, &w->err), 0);
	assert_int_equal(directory_account_restore(w->dir, w->cat, &w->err), 0);
	assert_string_equal(resolved(w, "cat@other.example"),
	                    "account cat@other.example");
	assert_int_equal(directory_account_forget(w->dir, w->cat, &w->err), -1);
	assert_int_equal(directory_account_forget(w->dir, again, &w->err), 0);
	assert_int_equal(directory_account_get(w->dir, again, &w->a, &acc,
	                                       &w->err),
	                 -1);
	assert_int_equal(directory_account_remove(w->dir, w->cat, &w->err), 0);
	assert_int_equal(directory_domain_remove(w->dir, w->other, &w->err), 0);
	assert_string_equal(resolved(w, "cat@other.example"), "elsewhere");
	assert_int_equal(directory_domain_remove(w->dir, w->example, &w->err),
	                 -1);
}

static void sees_changes_of_others(void **state)
{
	struct world *w = *state;
	struct directory *other;
	int64_t before, after, id;

	assert_int_equal(directory_open(&other, w->cfg, &w->err), 0);
	assert_string_equal(resolved(w, "new@example.com"), "none");
	assert_int_equal(directory_change(w->dir, &before, &w->err), 0);
	assert_int_equal(directory_account_add(other, STR("new@example.com"),
	                                       STR(""), &id, &w->err),
	                 0);
	assert_int_equal(directory_change(w->dir, &after, &w->err), 0);
	assert_true(after > before);
	assert_string_equal(resolved(w, "new@example.com"),
	                    "account new@example.com");
	directory_close(&other);
}

struct listing {
	struct arena *a;
	struct str all;
	size_t n, stop_at;
};

static bool add_entry(void *arg, const struct directory_entry *e)
{
	struct listing *l = arg;

	l->n++;
	if (l->n < 12)
		l->all = arena_fmt(l->a, "%.*s%s %.*s %zu\n", STR_ARG(l->all),
		                   kind_name(e->kind), STR_ARG(e->address),
		                   e->targets_n);
	return l->n != l->stop_at;
}

static void lists_all_pages(void **state)
{
	struct world *w = *state;
	struct listing l = { .a = &w->a, .all = STR("") };
	char name[40];

	assert_int_equal(directory_domain_set_catchall(w->dir, w->example,
	                                               w->anna, &w->err),
	                 0);
	assert_int_equal(directory_entry_each(w->dir, 0, DIRECTORY_NONE,
	                                      add_entry, &l, &w->err),
	                 0);
	assert_str(l.all, "catchall @example.com 1\n"
	                  "account anna@example.com 0\n"
	                  "account bo@example.com 0\n"
	                  "alias info@example.com 2\n"
	                  "account cat@other.example 0\n");
	l = (struct listing){ .a = &w->a, .all = STR("") };
	assert_int_equal(directory_entry_each(w->dir, w->example,
	                                      DIRECTORY_ALIAS, add_entry, &l,
	                                      &w->err),
	                 0);
	assert_str(l.all, "alias info@example.com 2\n");
	for (int i = 0; i < 450; i++) {
		snprintf(name, sizeof(name), "u%d@other.example", i);
		assert_int_equal(set_alias(w, name, "anna@example.com"), 0);
	}
	l = (struct listing){ .a = &w->a, .all = STR("") };
	assert_int_equal(directory_entry_each(w->dir, w->other, DIRECTORY_NONE,
	                                      add_entry, &l, &w->err),
	                 0);
	assert_int_equal(l.n, 451);
	l = (struct listing){ .a = &w->a, .all = STR(""), .stop_at = 3 };
	assert_int_equal(directory_entry_each(w->dir, 0, DIRECTORY_NONE,
	                                      add_entry, &l, &w->err),
	                 0);
	assert_int_equal(l.n, 3);
}

static int64_t script_of_anna(struct world *w)
{
	struct directory_resolved r;
	struct directory_account acc;

	assert_int_equal(directory_address_resolve(w->dir, STR("anna"),
	                                           STR("example.com"), &w->a,
	                                           &r, &w->err),
	                 0);
	assert_int_equal(directory_account_get(w->dir, w->anna, &w->a, &acc,
	                                       &w->err),
	                 0);
	assert_int_equal(acc.script, r.script);
	return r.script;
}

static void tells_that_scripts_changed(void **state)
{
	struct world *w = *state;
	int64_t before;

	assert_int_equal(script_of_anna(w), 0);
	assert_int_equal(directory_account_set_script(w->dir, w->anna, true,
	                                              &w->err),
	                 0);
	before = script_of_anna(w);
	assert_true(before > 0);
	assert_int_equal(directory_account_set_script(w->dir, w->anna, true,
	                                              &w->err),
	                 0);
	assert_true(script_of_anna(w) > before);
	assert_int_equal(directory_account_set_script(w->dir, w->anna, false,
	                                              &w->err),
	                 0);
	assert_int_equal(script_of_anna(w), 0);
	assert_int_equal(directory_account_set_script(w->dir, 999, true,
	                                              &w->err),
	                 -1);
	assert_int_equal(w->err.kind, ERR_NOT_FOUND);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(finds_addresses),
		TEST(tells_that_scripts_changed),
		TEST(catches_only_what_does_not_exist),
		TEST(roles_reach_an_administrator),
		TEST(names_of_all_scripts),
		TEST(suspends_account_and_domain),
		TEST(logs_in_by_the_whole_address),
		TEST(a_target_elsewhere_says_yes_first),
		TEST(expands_aliases_and_forwards),
		TEST(refuses_circles),
		TEST(a_circle_made_later_loses_nothing),
		TEST(counts_the_characters_of_a_forward),
		TEST(judges_senders),
		TEST(refuses_what_is_no_address),
		TEST(removes_and_restores),
		TEST(sees_changes_of_others),
		TEST(lists_all_pages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
