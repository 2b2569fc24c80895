/*
 * config/toml.h - read the subset of TOML that a configuration needs.
 *
 * Comments, [sections] with dotted names, dotted keys, and values that are
 * strings in one line, whole numbers, booleans, or arrays of strings.  Each
 * step gives one section or one pair, or says what is wrong and goes on with
 * the next line, so that all mistakes of a file are found in one pass.
 *
 *	struct toml_reader r = toml_reader(text);
 *	struct toml_item it;
 *
 *	while (toml_next(&r, &arena, &it) != TOML_END)
 *		...
 */
#ifndef CONFIG_TOML_H
#define CONFIG_TOML_H

#include "base/arena.h"
#include "base/str.h"

#define TOML_KEY_MAX    200 /* bytes of a whole dotted key */
#define TOML_STRING_MAX 65536
#define TOML_ITEMS_MAX  1000

enum toml_result {
	TOML_SECTION, /* key is its name */
	TOML_PAIR,
	TOML_BAD, /* error and mark say what */
	TOML_END,
};

enum toml_type { TOML_STRING, TOML_INTEGER, TOML_BOOLEAN, TOML_ARRAY };

/* A place in the file; for a caret under it. */
struct toml_mark {
	unsigned line, column, width; /* from 1; columns in characters */
	struct str source;            /* the whole line */
};

struct toml_value {
	enum toml_type type;
	struct str text; /* the string; of a number, as written */
	uint64_t number; /* its size */
	bool negative;   /* the number is below 0 */
	bool truth;
	struct str *items; /* of an array */
	size_t items_n;
};

struct toml_item {
	struct str key; /* dotted, without the section's name */
	struct toml_mark key_mark;
	struct toml_value value;
	struct toml_mark value_mark;
	const char *error; /* TOML_BAD */
	const char *hint;  /* may be NULL */
	struct toml_mark mark;
};

struct toml_reader {
	struct str text; /* private, all of it */
	size_t at, line_at;
	unsigned line;
	bool in_list;
};

struct toml_reader toml_reader(struct str text);

enum toml_result toml_next(struct toml_reader *r, struct arena *a,
                           struct toml_item *out) ATTR_MUST_USE;

/* A basic string with its quotes, escaped where it must be. */
struct buf;
void toml_write_string(struct buf *out, struct str s);

#endif
