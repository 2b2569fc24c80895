/*
 * weblogin/words.h - the page behind /start/TOKEN in the reader's language.
 *
 *	const struct weblogin_words *w = weblogin_words(accept_language);
 *
 * Texts are HTML without markup of their own, but where it says otherwise.
 */
#ifndef WEBLOGIN_WORDS_H
#define WEBLOGIN_WORDS_H

#include "weblogin/weblogin.h"

struct weblogin_words {
	const char *language;
	const char *title, *who_before, *who_after; /* around the address */
	const char *user_name, *password, *again, *choose, *rule;
	const char *over, *over_text; /* the text with a link */
	const char *trouble, *trouble_text;
	const char *unlike;                  /* the two passwords */
	const char *wrong[WEBLOGIN_WRONG_N]; /* a sentence without full stop */
};

/* English unless it is liked less. */
const struct weblogin_words *weblogin_words(struct str accept_language);

#endif
