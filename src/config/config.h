/*
 * config/config.h - the settings of a host: one file, one table.
 *
 * Every setting is a row of config/options.def and has a default, so an
 * empty file is a valid one.  The file is a subset of TOML:
 *
 *	# a comment
 *	include = "extra.conf"              (before the first section)
 *	[limits]
 *	message_bytes = "70M"               (or 73400320)
 *	domain.messages_1h = 500            (a dotted key)
 *	connections_exempt = ["192.0.2.0/24",
 *	                      "2001:db8::/32"]
 *	[store]
 *	url_file = "/etc/posthus/db.secret" (a secret, read from that file)
 *
 * Strings stand in "..." with the escapes of TOML, or in '...' without.
 * All mistakes of all files are reported together, each with its place, the
 * line, a caret and, where something is near, a suggestion.
 *
 *	struct config_report r;
 *	struct config *cfg;
 *
 *	config_report_init(&r);
 *	if (config_load(&cfg, &(struct config_source){ .path = p }, &r) < 0)
 *		config_report_write(&r, &text);
 *	...
 *	config_u64(cfg, OPT_LIMITS_MESSAGE_BYTES)
 *
 * A struct config stays where it is when it is reloaded: whoever holds the
 * pointer sees the new values, and asks anew each time instead of keeping
 * them.  Strings and lists handed out live until config_free(), also after a
 * reload (which keeps the few KB of the older values).  Reading is safe from
 * every thread at every time.
 */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "config/report.h"

/* Larger files, longer lists, deeper includes are mistakes in the report. */
#define CONFIG_FILE_MAX    ((size_t)1024 * 1024)
#define CONFIG_LIST_MAX    1000
#define CONFIG_INCLUDE_MAX 16 /* files, all together */

enum config_option {

#define OPTION(id, key, type, def, range, when, sentence) OPT_##id,
#include "config/options.def"
#undef OPTION
	OPT_COUNT
};

enum config_type {
	CONFIG_INT,
	CONFIG_SIZE,
	CONFIG_TIME,
	CONFIG_BOOL,
	CONFIG_TEXT,
	CONFIG_CHOICE,
	CONFIG_LIST,
};

enum config_when { CONFIG_LIVE, CONFIG_START, CONFIG_SECRET };

/* A row of options.def. */
struct config_row {
	const char *key, *def, *range, *sentence;
	enum config_type type;
	enum config_when when;
};

const struct config_row *config_row(enum config_option id);

/* The option of this key, or OPT_COUNT. */
enum config_option config_find(struct str key);

/* "number", "size", ...: for the manual. */
const char *config_type_name(enum config_type type);

struct config;

/* Where the settings come from; later ones win over earlier ones. */
struct config_source {
	const char *path; /* NULL: all defaults, and relative paths count
	                   * from the working folder */
	struct str text;  /* with text.p: the content, instead of reading the
	                   * file; `path` names it in the report */
	const char *const *set; /* "key=value" as written on a command line,
	                         * NULL-ended; may be NULL */
};

/* -1 when the report holds at least one mistake; *out is then untouched.
 * Remarks (a key that has moved) do not make it fail. */
int config_load(struct config **out, const struct config_source *from,
                struct config_report *report) ATTR_MUST_USE;

/* Read again from where it came from (its `set` too) or, with text.p, from
 * `text`.  Nothing changes when there is a mistake.  A changed setting that
 * is not LIVE keeps its value and becomes a remark in the report. */
int config_reload(struct config *cfg, struct str text,
                  struct config_report *report) ATTR_MUST_USE;

void config_free(struct config **cfg);

/* Ask for a type that is not the option's is a mistake of the program. */
uint64_t config_u64(const struct config *cfg, enum config_option id);
int64_t config_us(const struct config *cfg, enum config_option id);
bool config_bool(const struct config *cfg, enum config_option id);
struct str config_str(const struct config *cfg, enum config_option id);
const char *config_z(const struct config *cfg, enum config_option id);
/* The place of the value in the row's range, from 0 on. */
unsigned config_choice(const struct config *cfg, enum config_option id);
/* The number of items; *out is the first. */
size_t config_list(const struct config *cfg, enum config_option id,
                   const struct str **out);

/* The choices, in the order of their rows. */
enum { CONFIG_CASE_STRICT, CONFIG_CASE_FOLD };

enum { CONFIG_PLAIN_NEVER, CONFIG_PLAIN_LOOPBACK, CONFIG_PLAIN_ALWAYS };

enum { CONFIG_OFF, CONFIG_ON }; /* auth.scram */

enum {
	CONFIG_RULE_ON,
	CONFIG_RULE_LOG,
	CONFIG_RULE_OFF
}; /* policy.*, score.mode */

enum { CONFIG_LEARN_OFF, CONFIG_LEARN_ACCOUNT, CONFIG_LEARN_SHARED };

enum { CONFIG_ACME_HTTP, CONFIG_ACME_TLS, CONFIG_ACME_DNS };

/* ---- what follows from several settings ---- */

/* The port of a listen.* option with the offset added; 0 when it is off. */
uint16_t config_port(const struct config *cfg, enum config_option id);

/* server.hostname or the machine's name, lower case; never empty. */
struct str config_hostname(const struct config *cfg);

/* provider.domain or what follows from the host name. */
struct str config_provider_domain(const struct config *cfg);

/* provider.contact or postmaster at that domain: a URI, in the arena. */
struct str config_contact(const struct config *cfg, struct arena *a);

/* The socket of posthus sendmail; NULL when it is off. */
const char *config_sendmail_socket(const struct config *cfg, struct arena *a);
#define CONFIG_SENDMAIL_SOCKET "/run/posthus/sendmail"

/* The data folder as an absolute path, and a path below it ("" for the
 * folder itself), into the caller's arena. */
#define CONFIG_STORE_FOLDER "store" /* below the data folder */
const char *config_data_path(const struct config *cfg, struct arena *a,
                             const char *below);

/* A size as a person types it: "1048576", "70M", "5 GB". */
bool config_size_of(struct str s, uint64_t *out) ATTR_MUST_USE;

/* ---- showing and writing ---- */

/* Where a value comes from: "default", "/etc/posthus/posthus.conf:12",
 * "--set". */
const char *config_origin(const struct config *cfg, enum config_option id);
bool config_is_default(const struct config *cfg, enum config_option id);

/* The value as it would stand in a file: 25, "70M", ["a", "b"]; a secret that
 * is set as "(secret)". */
void config_value_write(const struct config *cfg, enum config_option id,
                        struct buf *out);

/* A file that gives these settings, secrets included: what a supervisor
 * hands to a role that may not read the files.  With `changed_only`, without
 * the defaults. */
void config_write(const struct config *cfg, bool changed_only, struct buf *out);

/* The whole file with every setting commented out and explained. */
void config_doc_write(struct buf *out);

#endif
