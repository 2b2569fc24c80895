/* admin/ops.h - between the files of the table of operations. */
#ifndef ADMIN_OPS_H
#define ADMIN_OPS_H

#include "admin/operation.h"
#include "admin/private.h"
#include "deliver/security.h"
#include "gate/client.h"

/* Each ended by name NULL. */
extern const struct admin_operation admin_ops_access[];
extern const struct admin_operation admin_ops_account[];
extern const struct admin_operation admin_ops_address[];
extern const struct admin_operation admin_ops_alias[];
extern const struct admin_operation admin_ops_dmarc[];
extern const struct admin_operation admin_ops_domain[];
extern const struct admin_operation admin_ops_forward[];
extern const struct admin_operation admin_ops_greylist[];
extern const struct admin_operation admin_ops_host[];
extern const struct admin_operation admin_ops_import[];
extern const struct admin_operation admin_ops_limits[];
extern const struct admin_operation admin_ops_queue[];
extern const struct admin_operation admin_ops_script[];
extern const struct admin_operation admin_ops_signin[];
extern const struct admin_operation admin_ops_table[];
extern const struct admin_operation admin_ops_trace[];

/* ---- arguments ---- */

/* One that the row does not have is a mistake of the program. */
const struct admin_value *admin_arg(const struct admin_call *c,
                                    const char *name);
struct str admin_arg_text(const struct admin_call *c, const char *name);
bool admin_arg_flag(const struct admin_call *c, const char *name);
bool admin_arg_given(const struct admin_call *c, const char *name);
/* `limit`, or ADMIN_PAGE. */
size_t admin_arg_limit(const struct admin_call *c);

/* Blame an argument; returns -1. */
int admin_blame(struct admin_call *c, const char *name, struct err *err,
                enum err_kind kind, const char *fmt, ...) ATTR_PRINTF(5, 6);

/* The bits of the parameter `what`; without it all three. */
unsigned admin_flags_asked(const struct admin_call *c);

/* ---- who may ---- */

/* Checks the row's `who` and finds the subject. */
int admin_access(struct admin_call *c, struct err *err) ATTR_MUST_USE;
/* A second domain or address that an argument names: ERR_NOT_FOUND, in the
 * words of one that is not there, when the caller may not see it. */
int admin_access_name(struct admin_call *c, const char *param, struct str name,
                      int64_t *domain_out, struct err *err) ATTR_MUST_USE;
/* The same for an address of an account that may act in the own domain. */
int admin_access_address(struct admin_call *c, const char *param,
                         struct str address, struct err *err) ATTR_MUST_USE;
int admin_hidden(struct str name, struct err *err);
/* The name of a domain that the caller administers. */
int admin_domain_name(struct admin_call *c, int64_t id, struct str *out,
                      struct err *err) ATTR_MUST_USE;

/* ---- answers ---- */

void admin_page_begin(struct admin_call *c);
/* `next` empty: this was the last. */
void admin_page_end(struct admin_call *c, struct str next);
void admin_write_list(struct json_writer *w, const char *key,
                      const struct str *v, size_t n);
/* ["login", "send"] */
void admin_write_flags(struct json_writer *w, const char *key, unsigned flags);
void admin_write_targets(struct json_writer *w, const char *key,
                         const struct directory_target *v, size_t n);

/* Mail the owner of c->address, an account, that this was changed, and by
 * whom: into its own INBOX, whatever its forward.  A failure is logged. */
void admin_tell_owner(struct admin_call *c, enum security_change what);

const char *admin_protocol_name(enum gate_protocol p);

/* Of a check (admin/check.h). */
extern const struct admin_field admin_checked_fields[];

/* ---- states that several files share ---- */

int admin_state_account(struct admin_call *c, struct json_writer *w,
                        struct err *err) ATTR_MUST_USE;
int admin_state_domain(struct admin_call *c, struct json_writer *w,
                       struct err *err) ATTR_MUST_USE;

#define ADMIN_PAGE_PARAMS                                                           \
	{ "search", ADMIN_TEXT, 0, 200, NULL, "Only what holds these words" },      \
		{ "after", ADMIN_TEXT, 0, 600, NULL, "`next` of the page before" }, \
	{                                                                           \
		"limit", ADMIN_NUMBER, 0, ADMIN_PAGE_MAX, NULL,                     \
			"Rows of a page"                                            \
	}
#define ADMIN_PARAM_END                            \
	{                                          \
		NULL, ADMIN_TEXT, 0, 0, NULL, NULL \
	}
#define ADMIN_FIELD_END                                \
	{                                              \
		NULL, ADMIN_IS_TEXT, false, NULL, NULL \
	}
#define ADMIN_OP_END         \
	{                    \
		.name = NULL \
	}

#endif
