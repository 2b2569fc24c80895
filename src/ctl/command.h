/*
 * ctl/command.h - what a command is, and what it is given when it runs.
 *
 * A command is a row: its words, its arguments as its usage shows them, its
 * options, its help.  Arguments are read from the string itself: "ADDRESS
 * TARGET..." needs at least two, "[DOMAIN]" may be left out.
 *
 * A run function asks for its arguments and options, opens what it needs with
 * ctl_admin(), shows its result with ctl/out.h, and returns an exit code,
 * mostly that of ctl_fail() or CTL_OK.
 */
#ifndef CTL_COMMAND_H
#define CTL_COMMAND_H

#include "base/arena.h"
#include "base/err.h"
#include "config/config.h"
#include "ctl/ctl.h"

struct admin;
struct ctl;

struct ctl_option {
	const char *name;  /* without the dashes */
	const char *value; /* what follows, "FILE"; NULL: a switch */
	const char *help;
	bool many; /* may be given several times */
};

enum ctl_command_flags {
	CTL_READS = 1,  /* shows data: has --json */
	CTL_WRITES = 2, /* changes something: --json tells what */
	CTL_HIDDEN = 4, /* not in lists */
};

struct ctl_command {
	const char *noun, *verb; /* verb NULL: the noun alone, where no other
	                          * row's verb is the first word */
	const char *args;        /* "" for none */
	const char *summary;     /* a line, without a full stop */
	const char *text;        /* more sentences, or NULL */
	const char *const *examples;      /* NULL-ended, without "posthus" */
	const struct ctl_option *options; /* ended by name NULL; or NULL */
	unsigned flags;
	int (*run)(struct ctl *c);
};

/* What the arguments of a noun stand for: a line of the overview. */
/* Those of a group stand together in ctl_nouns; the overview tells what those
 * of GROUP_MORE are called, and `help commands` what they do. */
enum ctl_group {
	GROUP_BEGIN,
	GROUP_ADDRESSES,
	GROUP_MAIL,
	GROUP_HOST,
	GROUP_MORE,
};

struct ctl_noun {
	const char *name, *summary;
	enum ctl_group group;
};

extern const struct ctl_noun ctl_nouns[];    /* ended by name NULL */
extern const struct ctl_option ctl_common[]; /* ended by name NULL */

/* The row behind this one, of NULL the first; NULL behind the last. */
const struct ctl_command *ctl_command_next(const struct ctl_command *cmd);

#define CTL_ARGS_MAX    1100
#define CTL_OPTIONS_MAX 200

struct ctl {
	const struct ctl_command *command;
	const struct ctl_hooks *hooks;
	const char *self; /* path of this program */
	struct arena arena;

	const char *args[CTL_ARGS_MAX];
	size_t n_args;

	struct {
		const char *name, *value;
	} options[CTL_OPTIONS_MAX];

	size_t n_options;

	bool json, quiet, verbose, yes;
	bool tty;    /* stdout is a terminal */
	bool colour; /* and may be coloured */

	struct config *cfg;      /* after ctl_config() */
	const char *config_path; /* absolute */
	struct admin *admin;     /* after ctl_admin() */
	uint64_t count;          /* of the last ctl_operate() */
};

/* ---- args.c ---- */

/* Fill in the command, its arguments and options: CTL_OK, or what to exit
 * with after it was said why.  *help_out: --help was among them. */
int ctl_parse(struct ctl *c, int argc, char **argv, bool *help_out);

/* The least and most number of arguments that `args` of a row asks for. */
void ctl_args_range(const char *args, size_t *least, size_t *most);

/* The n-th argument, the empty view when there are fewer. */
struct str ctl_arg(const struct ctl *c, size_t n);
/* All from the n-th on, in the arena. */
struct str *ctl_args_from(struct ctl *c, size_t n, size_t *n_out);
/* The value of an option, NULL when it was not given; a switch gives "". */
const char *ctl_option(const struct ctl *c, const char *name);

/* ---- open.c ---- */

/* Load the configuration: --config, $POSTHUS_CONFIG, the system's.  CTL_OK
 * or CTL_CONFIG after the mistakes were shown. */
int ctl_config(struct ctl *c) ATTR_MUST_USE;
/* The same from this file, whatever was asked. */
int ctl_config_from(struct ctl *c, const char *path) ATTR_MUST_USE;
int ctl_admin(struct ctl *c) ATTR_MUST_USE;
const char *ctl_config_file(struct ctl *c);

#define CTL_CONFIG_DEFAULT "/etc/posthus/posthus.conf"

/* ---- operate.c ---- */

/* An argument of an operation: a text, or with `items` a list; one whose text
 * has no bytes at all (p == NULL) is not given. */
struct ctl_give {
	const char *name;
	struct str s;
	const struct str *items;
	size_t n;
};

#define CTL_GIVE(name, text)          \
	{                             \
		name, (text), NULL, 0 \
	}
#define CTL_LIST(name, v, n)                \
	{                                   \
		name, { NULL, 0 }, (v), (n) \
	}

/* Run a row of admin/operation.h as who runs this program.  *out (may be
 * NULL) is its answer, JSON in the arena.  0, or -1 and *err. */
int ctl_operate(struct ctl *c, const char *operation,
                const struct ctl_give *args, size_t n, struct str *out,
                struct err *err) ATTR_MUST_USE;

/* CTL_DO(c, &err, "domain.remove", CTL_GIVE("domain", name)) */
#define CTL_DO(c, err, operation, ...)                                      \
	ctl_operate(c, operation, (const struct ctl_give[]){ __VA_ARGS__ }, \
	            sizeof((const struct ctl_give[]){ __VA_ARGS__ }) /      \
	                    sizeof(struct ctl_give),                        \
	            NULL, err)

/* The content of a file, or of stdin for "-", in the arena; an exit code. */
int ctl_read_text(struct ctl *c, struct str path, size_t max, struct str *out)
	ATTR_MUST_USE;

/* ---- fail.c ---- */

/* Say what failed and why, in the form of all errors, and give the exit code
 * of the kind.  `hint` (may be NULL) is what to do now. */
int ctl_fail(struct ctl *c, const struct err *err, const char *hint,
             const char *what, ...) ATTR_PRINTF(4, 5);
/* The command line makes no sense: the words, the usage, CTL_USAGE. */
int ctl_usage(struct ctl *c, const char *what, ...) ATTR_PRINTF(2, 3);
/* clang's analyzer looks at one file at a time: neither is ever CTL_OK. */
#if defined(__clang_analyzer__) && !defined(CTL_FAIL_C)
#	define ctl_fail(...)  (ctl_fail(__VA_ARGS__), CTL_FAILED)
#	define ctl_usage(...) (ctl_usage(__VA_ARGS__), CTL_USAGE)
#endif

/* What was done: a sentence on stderr, or with --json an object on stdout
 * whose member `key` is `value` and "result" is `result`. */
int ctl_done(struct ctl *c, const char *key, struct str value,
             const char *result);
/* A remark on stderr, unless --quiet. */
void ctl_note(struct ctl *c, const char *fmt, ...) ATTR_PRINTF(2, 3);

enum ctl_exit ctl_exit_of(enum err_kind kind);
/* "E-NOT-FOUND" */
const char *ctl_error_id(enum err_kind kind);

/* True when --yes was given or a person at a terminal says so; else it is
 * said on stderr that --yes is needed. */
bool ctl_confirm(struct ctl *c, const char *question, ...) ATTR_PRINTF(2, 3);

/* ---- secret.c ---- */

/* A password by --password-stdin, --password-file or a prompt; *out->p NULL
 * when none of them is there and `needed` is false.  CTL_OK or the exit. */
int ctl_password(struct ctl *c, bool needed, struct str *out);

/* ---- help.c ---- */

void ctl_help_overview(struct buf *out);
void ctl_help_noun(const char *noun, struct buf *out);
void ctl_help_command(const struct ctl_command *cmd, struct buf *out);
void ctl_usage_line(const struct ctl_command *cmd, struct buf *out);
/* A topic ("errors", "exit-codes"); false when there is none. */
bool ctl_help_topic(const char *topic, struct buf *out);

/* ---- the commands ---- */

int ctl_run_init(struct ctl *c);
int ctl_run_setup(struct ctl *c);
int ctl_run_demo(struct ctl *c);
int ctl_run_serve(struct ctl *c);
int ctl_run_status(struct ctl *c);

int ctl_run_domain_add(struct ctl *c);
int ctl_run_domain_list(struct ctl *c);
int ctl_run_domain_show(struct ctl *c);
int ctl_run_domain_set(struct ctl *c);
int ctl_run_domain_suspend(struct ctl *c);
int ctl_run_domain_resume(struct ctl *c);
int ctl_run_domain_rm(struct ctl *c);
int ctl_run_domain_dns(struct ctl *c);
int ctl_run_domain_rotate(struct ctl *c);
int ctl_run_domain_check(struct ctl *c);
int ctl_run_check(struct ctl *c);
int ctl_run_domain_dmarc(struct ctl *c);

int ctl_run_account_add(struct ctl *c);
int ctl_run_account_list(struct ctl *c);
int ctl_run_account_show(struct ctl *c);
int ctl_run_account_set(struct ctl *c);
int ctl_run_account_suspend(struct ctl *c);
int ctl_run_account_resume(struct ctl *c);
int ctl_run_account_grant(struct ctl *c);
int ctl_run_account_revoke(struct ctl *c);
int ctl_run_account_link(struct ctl *c);
int ctl_run_account_rm(struct ctl *c);
int ctl_run_account_restore(struct ctl *c);
int ctl_run_passwd(struct ctl *c);

int ctl_run_app_password_add(struct ctl *c);
int ctl_run_app_password_list(struct ctl *c);
int ctl_run_app_password_rm(struct ctl *c);
int ctl_run_session_list(struct ctl *c);
int ctl_run_session_rm(struct ctl *c);
int ctl_run_totp_off(struct ctl *c);

int ctl_run_alias_add(struct ctl *c);
int ctl_run_alias_set(struct ctl *c);
int ctl_run_alias_list(struct ctl *c);
int ctl_run_alias_show(struct ctl *c);
int ctl_run_alias_rm(struct ctl *c);
int ctl_run_catchall_set(struct ctl *c);
int ctl_run_catchall_list(struct ctl *c);
int ctl_run_catchall_show(struct ctl *c);
int ctl_run_catchall_rm(struct ctl *c);
int ctl_run_forward_set(struct ctl *c);
int ctl_run_forward_confirm(struct ctl *c);
int ctl_run_forward_list(struct ctl *c);
int ctl_run_forward_show(struct ctl *c);
int ctl_run_forward_rm(struct ctl *c);
int ctl_run_address_export(struct ctl *c);
int ctl_run_address_import(struct ctl *c);
int ctl_run_address_list(struct ctl *c);
int ctl_run_address_show(struct ctl *c);

int ctl_run_spam_learn(struct ctl *c);
int ctl_run_spam_status(struct ctl *c);
int ctl_run_spam_test(struct ctl *c);
int ctl_run_sieve_list(struct ctl *c);
int ctl_run_sieve_get(struct ctl *c);
int ctl_run_sieve_put(struct ctl *c);
int ctl_run_sieve_check(struct ctl *c);
int ctl_run_sieve_activate(struct ctl *c);
int ctl_run_sieve_deactivate(struct ctl *c);
int ctl_run_sieve_rm(struct ctl *c);
int ctl_run_vacation_set(struct ctl *c);
int ctl_run_vacation_show(struct ctl *c);
int ctl_run_vacation_off(struct ctl *c);
int ctl_run_spam_explain(struct ctl *c);
int ctl_run_queue_list(struct ctl *c);
int ctl_run_queue_show(struct ctl *c);
int ctl_run_queue_hold(struct ctl *c);
int ctl_run_queue_release(struct ctl *c);
int ctl_run_queue_retry(struct ctl *c);
int ctl_run_queue_return(struct ctl *c);
int ctl_run_queue_rm(struct ctl *c);

int ctl_run_explain(struct ctl *c);
int ctl_run_hold_list(struct ctl *c);
int ctl_run_hold_add(struct ctl *c);
int ctl_run_hold_release(struct ctl *c);
int ctl_run_hold_discard(struct ctl *c);
int ctl_run_limits_show(struct ctl *c);
int ctl_run_limits_set(struct ctl *c);
int ctl_run_limits_reset(struct ctl *c);
int ctl_run_greylist_list(struct ctl *c);
int ctl_run_greylist_show(struct ctl *c);
int ctl_run_greylist_allow(struct ctl *c);
int ctl_run_greylist_block(struct ctl *c);
int ctl_run_greylist_rm(struct ctl *c);
int ctl_run_trace(struct ctl *c);

int ctl_run_admin_add(struct ctl *c);
int ctl_run_admin_list(struct ctl *c);
int ctl_run_admin_rm(struct ctl *c);
int ctl_run_token_add(struct ctl *c);
int ctl_run_token_list(struct ctl *c);
int ctl_run_token_rm(struct ctl *c);
int ctl_run_audit(struct ctl *c);

int ctl_run_cert_list(struct ctl *c);
int ctl_run_cert_renew(struct ctl *c);
int ctl_run_cert_add(struct ctl *c);
int ctl_run_cert_rm(struct ctl *c);
int ctl_run_webspace_add(struct ctl *c);
int ctl_run_webspace_list(struct ctl *c);
int ctl_run_webspace_rm(struct ctl *c);
int ctl_run_sendmail(struct ctl *c);

int ctl_run_config_check(struct ctl *c);
int ctl_run_config_show(struct ctl *c);
int ctl_run_config_doc(struct ctl *c);

int ctl_run_fsck(struct ctl *c);
int ctl_run_import(struct ctl *c);
int ctl_run_import_imap(struct ctl *c);
int ctl_run_export(struct ctl *c);

int ctl_run_completion(struct ctl *c);
int ctl_run_words(struct ctl *c);
int ctl_run_man(struct ctl *c);
int ctl_run_version(struct ctl *c);
int ctl_run_help(struct ctl *c);

#endif
