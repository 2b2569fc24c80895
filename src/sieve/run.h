/* sieve/run.h - the state of one run, and the functions of the table. */
#ifndef SIEVE_RUN_H
#define SIEVE_RUN_H

#include "base/buf.h"
#include "sieve/match.h"
#include "sieve/program.h"
#include "wire/message/address.h"
#include "wire/mime/part.h"

/* Bounds of one run. */
#define SIEVE_STEPS_MAX     ((unsigned)100000)        /* commands and tests */
#define SIEVE_BYTES_MAX     ((size_t)8 * 1024 * 1024) /* made in the arena */
#define SIEVE_COPIES_MAX    4 /* of the message, as it is edited */
#define SIEVE_VALUE_MAX     ((size_t)64 * 1024) /* of a variable */
#define SIEVE_VARIABLES_MAX 256
#define SIEVE_HEADERS_MAX   ((uint64_t)64 * 1024 * 1024) /* read of parts */
#define SIEVE_REGEX_STEPS   UINT64_C(20000000)           /* some 0.2 s */

struct sieve_variable {
	struct str name, value;
};

/* What each script has of its own (RFC 6609, 3.4). */
struct sieve_scope {
	const struct sieve_program *p;
	struct sieve_scope *before; /* of the script that included this */
	struct sieve_variable vars[SIEVE_VARIABLES_MAX];
	size_t n_vars;
	struct str shared[SIEVE_VARIABLES_MAX]; /* named by "global" */
	size_t n_shared;
};

/* A field of the message's header. */
struct sieve_field {
	struct str name, raw;
	struct str text; /* decoded; p == NULL until it is asked for */
	struct address_list *addresses; /* NULL until they are */
	bool added;                     /* by addheader */
};

/* The text of a part of the body (texts.c). */
struct sieve_text {
	struct sieve_text *next;
	const struct mime_part *part;
	bool plain; /* HTML undone */
	struct buf text;
	char *folded; /* in lower case; NULL until it is asked for */
};

/* What stands in the place of a part (edition.c). */
struct sieve_swap {
	const struct mime_part *part; /* of the message */
	struct str bytes;             /* header and body */
	const struct mime_part *root; /* of those */
};

struct sieve_run_state {
	const struct sieve_facts *f;
	const struct sieve_host *host;
	struct arena *a;
	struct sieve_result *out;
	struct err *err;
	unsigned steps;
	size_t bytes_before;

	bool stopped;
	bool returned; /* from the script that runs now */
	bool keep;     /* the implicit keep still stands */
	/* foreverypart: the part at hand, or NULL; and whether a loop is to be
	 * left, which one by its name. */
	const struct mime_part *part;
	unsigned generation; /* another: the parts are others */
	bool breaking;
	struct str break_name;
	size_t redirects;

	struct sieve_scope *scope;  /* of the script that runs now */
	struct sieve_scope globals; /* its variables are those of all */
	const struct sieve_program *included[SIEVE_INCLUDES_MAX];
	size_t n_included;
	struct sieve_captures captures;
	uint64_t regex_steps; /* that are left */
	uint64_t header_bytes;
	struct str *flags; /* the internal variable of imap4flags */
	size_t n_flags;

	struct sieve_field *fields; /* of the top header */
	size_t n_fields, cap_fields;
	bool too_many;      /* there are more: the header stays as it is */
	struct str message; /* as it came, or as it was settled */
	const struct mime_part *root;    /* its parts */
	struct str body;                 /* behind the top header */
	struct str body_head, body_tail; /* around the body, or empty */
	struct sieve_swap *swaps;        /* by the places of the parts */
	size_t n_swaps;
	size_t copied; /* bytes of the message, again and again */
	bool enclosed;
	struct str open; /* the edition that was enclosed first */
	struct sieve_text *texts;
	size_t texts_bytes;
	bool edited;
	struct str edition; /* the message as edited, once it was asked for */
	size_t edition_body_at;
};

/* "line N: words"; -1 always. */
int sieve_fail(struct sieve_run_state *s, const struct sieve_op *op,
               enum err_kind kind, const char *fmt, ...) ATTR_PRINTF(4, 5);

/* ---- values (values.c) ---- */

/* A string with its variables put in. */
struct str sieve_expand(struct sieve_run_state *s, struct str in);
/* Of a position or tag: `list` itself when nothing varies. */
struct sieve_strings sieve_values(struct sieve_run_state *s,
                                  const struct sieve_strings *list);

static inline struct str sieve_value(struct sieve_run_state *s,
                                     const struct sieve_strings *one)
{
	return one->n ? sieve_values(s, one).v[0] : (struct str){ NULL, 0 };
}

/* False when the name is none, or there are too many. */
bool sieve_variable_set(struct sieve_run_state *s, struct str name,
                        struct str value) ATTR_MUST_USE;

/* Does the script that runs now require it? */
static inline bool sieve_requires(const struct sieve_run_state *s, uint64_t ext)
{
	return (s->scope->p->exts & ext) != 0;
}

/* A script begins (include.c). */
void sieve_scope_enter(struct sieve_run_state *s,
                       const struct sieve_program *p);

/* ---- comparing (match.c) ---- */

/* Compares one value with the keys of a test; counts it for :count. */
struct sieve_comparison {
	struct sieve_run_state *s;
	const struct sieve_op *op;
	struct sieve_strings keys;
	uint64_t count;
	bool matched;
	bool failed; /* the error is set */
};

void sieve_compare_begin(struct sieve_comparison *c, struct sieve_run_state *s,
                         const struct sieve_op *op,
                         const struct sieve_strings *keys);
/* True when it matched: nothing more need be given. */
bool sieve_compare(struct sieve_comparison *c, struct str value);
/* Whether a text in lower case will do for this comparison. */
bool sieve_compare_folds(const struct sieve_comparison *c);
bool sieve_compare_folded(struct sieve_comparison *c, struct str folded);
/* 1 or 0; -1 after an error. */
int sieve_compare_end(struct sieve_comparison *c);

/* What the modifiers of "set" make of it, by their tags. */
struct str sieve_modify(struct sieve_run_state *s,
                        const struct sieve_tag_value *tags, struct str v);

/* An address by its part (tests.c). */
bool sieve_compare_address(struct sieve_comparison *c,
                           const struct sieve_op *op, struct str local,
                           struct str domain);

/* ---- dates (date.c) ---- */

/* *zone, minutes east of UTC, by ":zone"; untouched without. */
int sieve_zone(struct sieve_run_state *s, const struct sieve_op *op,
               const struct sieve_tag_value *tag, int *zone);
/* "2026-11-24T06:30:00+01:00" (RFC 5260, 4.2). */
struct str sieve_iso8601(struct arena *a, int64_t us, int zone);

/* ---- parts (mime.c) ---- */

/* The tests with :mime: every field of this name of the part at hand, and with
 * :anychild of those below it, is given to the comparison; `op` is "header" or
 * "address".  1, 0, -1. */
int sieve_mime_test(struct sieve_run_state *s, const struct sieve_op *op,
                    bool (*compare)(struct sieve_comparison *c,
                                    const struct sieve_op *op, struct str raw));
int sieve_mime_exists(struct sieve_run_state *s, const struct sieve_op *op);
/* A field by :type, :subtype, :contenttype, :param, or its text. */
bool sieve_mime_compare_header(struct sieve_comparison *c,
                               const struct sieve_op *op, struct str raw);

/* ---- actions (actions.c) ---- */

/* NULL and the error set when there are too many. */
struct sieve_action *sieve_action_add(struct sieve_run_state *s,
                                      const struct sieve_op *op,
                                      enum sieve_action_kind kind);
/* :fcc and what goes with it, at tags `first` and behind it. */
int sieve_take_fcc(struct sieve_run_state *s, const struct sieve_op *op,
                   size_t first, struct sieve_action *act);

/* ---- lists kept elsewhere (lists.c) ---- */

/* SIEVE_LIST_NONE: there is none of this name. */
enum sieve_list sieve_list_find(struct str name);
/* False without a match, and with c->failed when there is no such list. */
bool sieve_list_match(struct sieve_comparison *c, struct str value,
                      struct str name);

/* ---- redirect (redirect.c) ---- */

/* One address and nothing beside it. */
bool sieve_one_address(struct sieve_run_state *s, struct str text,
                       struct str *out);

/* What RFC 6009 says: "NEVER", or a list of the others; "FULL", "HDRS";
 * "notify", "return".  False when it is none of it. */
bool sieve_notify_parse(struct str text, unsigned *out) ATTR_MUST_USE;
bool sieve_ret_parse(struct str text, unsigned *out) ATTR_MUST_USE;
bool sieve_bymode_parse(struct str text, bool *notify_out) ATTR_MUST_USE;

/* ---- envelope (envelope.c) ---- */

enum sieve_envelope_part {
	ENVELOPE_FROM,
	ENVELOPE_TO,
	ENVELOPE_NOTIFY,
	ENVELOPE_ORCPT,
	ENVELOPE_RET,
	ENVELOPE_ENVID,
	ENVELOPE_BYTIMEABSOLUTE,
	ENVELOPE_BYTIMERELATIVE,
	ENVELOPE_BYMODE,
	ENVELOPE_BYTRACE,
};

/* False when there is no part of this name, or its extension is not
 * required. */
bool sieve_envelope_part(struct str name, uint64_t required,
                         enum sieve_envelope_part *out) ATTR_MUST_USE;

/* ---- the header (fields.c) ---- */

int sieve_fields_load(struct sieve_run_state *s);
struct str sieve_field_text(struct sieve_run_state *s, struct sieve_field *f);
/* The field at `at` or after it with this name; NULL when there is none. */
struct sieve_field *sieve_field_next(struct sieve_run_state *s, struct str name,
                                     size_t *at);
/* The index-th (1: first; from the end with `last`). */
struct sieve_field *sieve_field_at(struct sieve_run_state *s, struct str name,
                                   uint64_t index, bool last);
/* One more at the end; `name` lives on.  As the raw value, as a text that is
 * encoded and folded, or as "Name: value CRLF". */
void sieve_field_put(struct sieve_run_state *s, struct str name,
                     struct str raw);
void sieve_field_put_text(struct sieve_run_state *s, struct str name,
                          struct str value);
void sieve_field_put_written(struct sieve_run_state *s, struct str line);

/* ---- the message as it is now (edition.c) ---- */

/* p NULL: as it came. */
struct str sieve_edition(struct sieve_run_state *s);
/* All behind its header. */
struct str sieve_body_now(struct sieve_run_state *s);
/* Its fields, or what lies behind them, were changed. */
void sieve_edited(struct sieve_run_state *s);
/* From now on it is the message: with its own parts, none of which is
 * replaced.  Loops over the old ones end. */
void sieve_settle(struct sieve_run_state *s);

/* A part, or what stands in its place: to be looked at in `message`. */
struct sieve_view {
	struct str message;
	const struct mime_part *part;
};

struct sieve_view sieve_view(const struct sieve_run_state *s,
                             const struct mime_part *p);
/* The part behind `p` within `top`, or NULL; none below a replaced one. */
const struct mime_part *sieve_part_next(const struct sieve_run_state *s,
                                        const struct mime_part *top,
                                        const struct mime_part *p);
/* Put `bytes`, which live on, in the place of a part that is not the root;
 * false when there are too many. */
bool sieve_swap_part(struct sieve_run_state *s, const struct mime_part *p,
                     struct str bytes) ATTR_MUST_USE;

/* ---- what is made once (texts.c) ---- */

const struct address_list *sieve_field_addresses(struct sieve_run_state *s,
                                                 struct sieve_field *f);
/* Until the next call. */
struct sieve_text *sieve_text_of(struct sieve_run_state *s,
                                 const struct mime_part *p, bool plain);
struct str sieve_text_folded(struct sieve_run_state *s, struct sieve_text *t);
void sieve_texts_free(struct sieve_run_state *s);

/* ---- the functions of the table ---- */

int sieve_ops_run(struct sieve_run_state *s, const struct sieve_op *first);
int sieve_test_run(struct sieve_run_state *s, const struct sieve_op *test);

int sieve_stop(struct sieve_run_state *s, const struct sieve_op *op);
int sieve_error_cmd(struct sieve_run_state *s, const struct sieve_op *op);
int sieve_keep(struct sieve_run_state *s, const struct sieve_op *op);
int sieve_discard(struct sieve_run_state *s, const struct sieve_op *op);
int sieve_redirect(struct sieve_run_state *s, const struct sieve_op *op);
int sieve_fileinto(struct sieve_run_state *s, const struct sieve_op *op);
int sieve_reject(struct sieve_run_state *s, const struct sieve_op *op);
int sieve_vacation(struct sieve_run_state *s, const struct sieve_op *op);
int sieve_notify(struct sieve_run_state *s, const struct sieve_op *op);
int sieve_set(struct sieve_run_state *s, const struct sieve_op *op);
int sieve_include(struct sieve_run_state *s, const struct sieve_op *op);
int sieve_return(struct sieve_run_state *s, const struct sieve_op *op);
int sieve_global(struct sieve_run_state *s, const struct sieve_op *op);
int sieve_foreverypart(struct sieve_run_state *s, const struct sieve_op *op);
int sieve_break(struct sieve_run_state *s, const struct sieve_op *op);
int sieve_extracttext(struct sieve_run_state *s, const struct sieve_op *op);
int sieve_replace(struct sieve_run_state *s, const struct sieve_op *op);
int sieve_enclose(struct sieve_run_state *s, const struct sieve_op *op);
int sieve_setflag(struct sieve_run_state *s, const struct sieve_op *op);
int sieve_addflag(struct sieve_run_state *s, const struct sieve_op *op);
int sieve_removeflag(struct sieve_run_state *s, const struct sieve_op *op);
int sieve_addheader(struct sieve_run_state *s, const struct sieve_op *op);
int sieve_deleteheader(struct sieve_run_state *s, const struct sieve_op *op);

int sieve_true(struct sieve_run_state *s, const struct sieve_op *op);
int sieve_false(struct sieve_run_state *s, const struct sieve_op *op);
int sieve_not(struct sieve_run_state *s, const struct sieve_op *op);
int sieve_allof(struct sieve_run_state *s, const struct sieve_op *op);
int sieve_anyof(struct sieve_run_state *s, const struct sieve_op *op);
int sieve_address(struct sieve_run_state *s, const struct sieve_op *op);
int sieve_envelope(struct sieve_run_state *s, const struct sieve_op *op);
int sieve_header(struct sieve_run_state *s, const struct sieve_op *op);
int sieve_exists(struct sieve_run_state *s, const struct sieve_op *op);
int sieve_size(struct sieve_run_state *s, const struct sieve_op *op);
int sieve_body(struct sieve_run_state *s, const struct sieve_op *op);
int sieve_string(struct sieve_run_state *s, const struct sieve_op *op);
int sieve_hasflag(struct sieve_run_state *s, const struct sieve_op *op);
int sieve_date(struct sieve_run_state *s, const struct sieve_op *op);
int sieve_currentdate(struct sieve_run_state *s, const struct sieve_op *op);
int sieve_environment(struct sieve_run_state *s, const struct sieve_op *op);
int sieve_ihave(struct sieve_run_state *s, const struct sieve_op *op);
int sieve_valid_notify_method(struct sieve_run_state *s,
                              const struct sieve_op *op);
int sieve_notify_method_capability(struct sieve_run_state *s,
                                   const struct sieve_op *op);
int sieve_duplicate(struct sieve_run_state *s, const struct sieve_op *op);
int sieve_mailboxexists(struct sieve_run_state *s, const struct sieve_op *op);
int sieve_mailboxidexists(struct sieve_run_state *s, const struct sieve_op *op);
int sieve_metadata(struct sieve_run_state *s, const struct sieve_op *op);
int sieve_metadataexists(struct sieve_run_state *s, const struct sieve_op *op);
int sieve_servermetadata(struct sieve_run_state *s, const struct sieve_op *op);
int sieve_servermetadataexists(struct sieve_run_state *s,
                               const struct sieve_op *op);
int sieve_specialuse_exists(struct sieve_run_state *s,
                            const struct sieve_op *op);
int sieve_valid_ext_list(struct sieve_run_state *s, const struct sieve_op *op);
int sieve_spamtest(struct sieve_run_state *s, const struct sieve_op *op);
int sieve_virustest(struct sieve_run_state *s, const struct sieve_op *op);

#endif
