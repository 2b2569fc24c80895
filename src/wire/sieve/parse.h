/*
 * wire/sieve/parse.h - the text of a Sieve script into a tree (RFC 5228, 8).
 *
 * The generic grammar alone: commands with arguments, tests and blocks.
 * Which commands there are, and what arguments they take, is the compiler's
 * business.  The tree and all strings live in the arena; positions are for
 * messages to the person who wrote the script.
 *
 *	struct sieve_script s;
 *	struct sieve_error e;
 *
 *	if (!sieve_parse(text, NULL, &arena, &s, &e))
 *		... "line %u, column %u: %s", e.line, e.column, e.text
 */
#ifndef WIRE_SIEVE_PARSE_H
#define WIRE_SIEVE_PARSE_H

#include "base/arena.h"
#include "base/str.h"

struct sieve_limits {
	size_t script_max;  /* bytes of the script */
	size_t nodes_max;   /* commands, tests and arguments together */
	unsigned depth_max; /* blocks and tests within one another */
	size_t string_max;  /* bytes of one string */
};

/* 256 KiB, 20,000 nodes, 32 deep, 64 KiB. */
extern const struct sieve_limits sieve_limits_default;

struct sieve_position {
	unsigned line, column; /* from 1; columns count bytes */
};

enum sieve_argument_kind { SIEVE_NUMBER, SIEVE_TAG, SIEVE_STRING, SIEVE_LIST };

struct sieve_argument {
	enum sieve_argument_kind kind;
	struct sieve_position at;
	uint64_t number;  /* of NUMBER, its quantifier applied */
	struct str text;  /* of TAG (without ":") and STRING (decoded) */
	struct str *list; /* of LIST */
	size_t n_list;
};

/* A command, or a test: both are a name, arguments and tests. */
struct sieve_node {
	struct str name; /* as written; compare without case */
	struct sieve_position at;
	struct sieve_argument *args;
	size_t n_args;
	struct sieve_node **tests; /* of "if", "not", "anyof (...)" */
	size_t n_tests;
	bool test_list;           /* the tests stood in parentheses */
	struct sieve_node *block; /* first command of { ... } */
	bool has_block;
	struct sieve_node *next; /* the next command of the same block */
};

struct sieve_script {
	struct sieve_node *first;
};

struct sieve_error {
	struct sieve_position at;
	char text[160];
};

/* `limits` may be NULL. */
bool sieve_parse(struct str text, const struct sieve_limits *limits,
                 struct arena *a, struct sieve_script *out,
                 struct sieve_error *err) ATTR_MUST_USE;

#endif
