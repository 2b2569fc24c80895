/*
 * sieve/program.h - a compiled script, between compile.c and run.c.
 *
 * The tree of wire/sieve with each command bound to its row of the table and
 * each argument in its place: `pos` by position, `tag` by the row's tags.
 */
#ifndef SIEVE_PROGRAM_H
#define SIEVE_PROGRAM_H

#include "sieve/sieve.h"

/* Extensions are bits, so that "required" is a mask. */
#define EXT_BIT(n)             (UINT64_C(1) << (n))
#define EXT_BASE               UINT64_C(0)
#define EXT_FILEINTO           EXT_BIT(0)
#define EXT_ENVELOPE           EXT_BIT(1)
#define EXT_ENCODED_CHARACTER  EXT_BIT(2)
#define EXT_COPY               EXT_BIT(3)
#define EXT_BODY               EXT_BIT(4)
#define EXT_VARIABLES          EXT_BIT(5)
#define EXT_RELATIONAL         EXT_BIT(6)
#define EXT_IMAP4FLAGS         EXT_BIT(7)
#define EXT_SUBADDRESS         EXT_BIT(8)
#define EXT_DATE               EXT_BIT(9)
#define EXT_INDEX              EXT_BIT(10)
#define EXT_VACATION           EXT_BIT(11)
#define EXT_VACATION_SECONDS   EXT_BIT(12)
#define EXT_ENVIRONMENT        EXT_BIT(13)
#define EXT_IHAVE              EXT_BIT(14)
#define EXT_DUPLICATE          EXT_BIT(15)
#define EXT_EDITHEADER         EXT_BIT(16)
#define EXT_REJECT             EXT_BIT(17)
#define EXT_EREJECT            EXT_BIT(18)
#define EXT_MAILBOX            EXT_BIT(19)
#define EXT_SPECIAL_USE        EXT_BIT(20)
#define EXT_SPAMTEST           EXT_BIT(21)
#define EXT_SPAMTESTPLUS       EXT_BIT(22)
#define EXT_VIRUSTEST          EXT_BIT(23)
#define EXT_COMPARATOR_NUMERIC EXT_BIT(24)
#define EXT_COMPARATOR_UNICODE EXT_BIT(25)
#define EXT_MAILBOXID          EXT_BIT(26)
#define EXT_INCLUDE            EXT_BIT(27)
#define EXT_ENOTIFY            EXT_BIT(28)
#define EXT_FCC                EXT_BIT(29)
#define EXT_REGEX              EXT_BIT(30)
#define EXT_FOREVERYPART       EXT_BIT(31)
#define EXT_MIME               EXT_BIT(32)
#define EXT_EXTRACTTEXT        EXT_BIT(33)
#define EXT_ENVELOPE_DSN       EXT_BIT(34)
#define EXT_REDIRECT_DSN       EXT_BIT(35)
#define EXT_ENVELOPE_DELIVERBY EXT_BIT(36)
#define EXT_REDIRECT_DELIVERBY EXT_BIT(37)
#define EXT_REPLACE            EXT_BIT(38)
#define EXT_ENCLOSE            EXT_BIT(39)
#define EXT_EXTLISTS           EXT_BIT(40)
#define EXT_MBOXMETADATA       EXT_BIT(41)
#define EXT_SERVERMETADATA     EXT_BIT(42)

bool sieve_ext_find(struct str name, uint64_t *out);
size_t sieve_ext_count(void);

enum sieve_match {
	MATCH_IS,
	MATCH_CONTAINS,
	MATCH_GLOB,
	MATCH_REGEX,
	MATCH_COUNT,
	MATCH_VALUE,
	MATCH_LIST /* the keys are names of lists */
};

enum sieve_relation { REL_GT, REL_GE, REL_LT, REL_LE, REL_EQ, REL_NE };

enum sieve_comparator {
	CMP_ASCII_CASEMAP,
	CMP_OCTET,
	CMP_NUMERIC,
	CMP_UNICODE
};

enum sieve_address_part {
	PART_ALL,
	PART_LOCAL,
	PART_DOMAIN,
	PART_USER,
	PART_DETAIL
};

struct sieve_strings {
	struct str *v;
	size_t n;
	bool variable; /* some hold "${" and are expanded at run time */
};

struct sieve_tag_value {
	bool set;
	uint64_t number;
	struct sieve_strings strings;
};

#define SIEVE_POS_MAX 4
#define SIEVE_TAG_MAX 12

struct sieve_run_state;
struct sieve_op;

/* Tests give 1 or 0, commands 0; both -1 with the error set. */
typedef int (*sieve_fn)(struct sieve_run_state *s, const struct sieve_op *op);

struct sieve_tag_row {
	const char *name;
	char type; /* ' ' alone, 'S' string, 'L' list, 'N' number */
	uint64_t ext;
};

enum sieve_row_kind {
	ROW_TEST,
	ROW_ACTION,
	ROW_REQUIRE,
	ROW_IF,
	ROW_ELSIF,
	ROW_ELSE,
	ROW_LOOP, /* an action with a block */
};

enum sieve_takes {
	TAKES_MATCH = 1,  /* :is, :comparator, ... */
	TAKES_PART = 2,   /* :localpart, ... */
	TAKES_INDEX = 4,  /* :index n [:last] */
	TAKES_TEST = 8,   /* one test */
	TAKES_TESTS = 16, /* a list of tests */
	TAKES_FEWER = 32, /* the first of the positions may be missing */
	TAKES_SHORT = 64, /* the last of the positions may be missing */
	TAKES_LIST = 128, /* :list beside the other TAKES_MATCH */
};

struct sieve_row {
	const char *name;
	enum sieve_row_kind kind;
	uint64_t ext; /* one of these must be required; 0: base */
	unsigned takes;
	const char *pos; /* types by position: "SL", 'S', 'L', 'N' */
	struct sieve_tag_row tags[SIEVE_TAG_MAX];
	sieve_fn run;
};

const struct sieve_row *sieve_row_find(struct str name, bool test);

struct sieve_op {
	const struct sieve_row *row;
	struct sieve_position at;
	struct sieve_strings pos[SIEVE_POS_MAX];
	uint64_t number[SIEVE_POS_MAX];
	size_t n_pos;
	struct sieve_tag_value tag[SIEVE_TAG_MAX];
	enum sieve_match match;
	const struct sieve_regex **regexes; /* of the keys that do not vary */
	enum sieve_relation relation;
	enum sieve_comparator comparator;
	bool comparator_set; /* the script names it */
	enum sieve_address_part part;
	bool part_set; /* the script names it */
	uint64_t index;
	bool index_last;
	bool unsupported;       /* within "if ihave" of something unknown */
	struct sieve_op *tests; /* first; linked by next */
	struct sieve_op *block;
	struct sieve_op *next; /* sibling */
};

/* What the table cannot say: words about what is wrong with the arguments, of
 * the arena, or NULL (check.c). */
const char *sieve_check(struct arena *a, uint64_t required,
                        const struct sieve_op *op);

struct sieve_program {
	struct arena arena;
	struct sieve_op *first;
	uint64_t exts;
	struct sieve_include *includes; /* each script once */
	size_t n_includes;
};

#endif
