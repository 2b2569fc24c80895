/* wire/sieve/lex.h - the tokens of Sieve (RFC 5228, 8.1). */
#ifndef WIRE_SIEVE_LEX_H
#define WIRE_SIEVE_LEX_H

#include "wire/sieve/parse.h"

enum sieve_token_kind {
	SIEVE_T_END,
	SIEVE_T_WORD, /* identifier, or "text:" told apart by the lexer */
	SIEVE_T_TAG,  /* text without the colon */
	SIEVE_T_NUMBER,
	SIEVE_T_STRING, /* quoted or multi-line, decoded */
	SIEVE_T_PUNCT,  /* one of ; , ( ) [ ] { } */
	SIEVE_T_BAD,    /* lexer.err says why */
};

struct sieve_token {
	enum sieve_token_kind kind;
	struct sieve_position at;
	struct str text;
	uint64_t number;
	char punct;
};

struct sieve_lexer {
	struct str text;
	size_t i;
	unsigned line;
	size_t line_start;
	size_t string_max;
	struct arena *arena;
	struct sieve_error *err;
};

void sieve_lexer_init(struct sieve_lexer *l, struct str text, size_t string_max,
                      struct arena *a, struct sieve_error *err);
struct sieve_token sieve_lexer_next(struct sieve_lexer *l);

#endif
