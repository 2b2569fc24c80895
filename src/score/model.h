/*
 * score/model.h - private to score/: the file of learned words.
 *
 * One file an account, a table of words by their number with how many
 * messages of each kind had it, and the messages that were learned, so that
 * none counts twice and each can be taken back.  Who judges maps the file and
 * looks at some hundred places of it; who learns reads it whole, changes it
 * in memory and puts a new file in its place (os/file.h: written, synced,
 * renamed), so a reader sees the old or the new one, and a crash leaves one of
 * them.
 *
 *	header     64 bytes, in the order of this machine's bytes
 *	seen       numbers of messages, the lowest bit says spam; a ring
 *	slots      8 bytes each: tag, spam, ham; open addressing
 *
 * At MODEL_WORDS_MAX words all counts are halved, and what becomes nothing is
 * forgotten: words that came once go first, old habits fade.
 */
#ifndef SCORE_MODEL_H
#define SCORE_MODEL_H

#include "base/err.h"
#include "score/words.h"

#define MODEL_WORDS_MAX 196608u /* three quarters of 2^18 slots: 2 MiB */
#define MODEL_SEEN_MAX  16384u

struct model_count {
	uint32_t spam, ham;
};

/* ---- to judge by ---- */

struct model;

/* A missing file is a model that knows nothing; ERR_CORRUPT when it does not
 * read back. */
int model_open(struct model **out, const char *path, struct err *err)
	ATTR_MUST_USE;
void model_close(struct model **m);

struct model_count model_messages(const struct model *m);
uint32_t model_words(const struct model *m);
struct model_count model_get(const struct model *m, uint64_t word);

/* ---- to teach ---- */

struct model_edit;

/* A file that is missing or damaged begins anew. */
int model_load(struct model_edit **out, const char *path, struct err *err)
	ATTR_MUST_USE;
void model_free(struct model_edit **e);

/* False when it knew that already.  What was learned otherwise is taken back
 * first.  `sender` may be 0. */
bool model_learn(struct model_edit *e, const struct score_words *w,
                 uint64_t sender, bool spam);
int model_save(struct model_edit *e, const char *path, struct err *err)
	ATTR_MUST_USE;

#endif
