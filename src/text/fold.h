/*
 * text/fold.h - one form for all ways to write the same words.
 *
 * Search compares folded text with a folded question, as substrings of bytes.
 * Folding is: compatibility forms unified (NFKC), case folded, diacritics
 * taken off ("Angstrom" finds the Swedish spelling; strokes too: o-slash is
 * o), every run of blanks and line ends one space, control and invisible
 * characters gone.  The result is UTF-8 without any byte below 0x20.  Marks
 * that change the letter of their script stay (Indic vowels, kana voicing).
 *
 *	struct text_folder f;
 *
 *	text_folder_init(&f, &out);
 *	text_folder_add(&f, piece);	(any number of times, cut anywhere)
 *	text_folder_end(&f);
 *
 * Thread-safe.  What is not UTF-8 folds to U+FFFD.
 */
#ifndef TEXT_FOLD_H
#define TEXT_FOLD_H

#include "base/arena.h"
#include "base/buf.h"

struct text_folder {
	struct buf *out;
	/* private */
	char part[4]; /* a character cut by the end of a piece */
	uint8_t part_n;
	uint8_t last_n; /* bytes that `last` was written as */
	bool space;     /* blanks wait for the next character */
	bool begun;     /* something is written; before, no blank is */
	uint32_t last;  /* the last character, if it is not ASCII */
};

void text_folder_init(struct text_folder *f, struct buf *out);
void text_folder_add(struct text_folder *f, struct str utf8);
void text_folder_end(struct text_folder *f);

/* All at once; no blank at either end. */
void text_fold(struct buf *out, struct str utf8);

/* The same into the arena. */
struct str text_fold_dup(struct arena *a, struct str utf8);

#endif
