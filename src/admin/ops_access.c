/* Who may administer, tokens, and the audit. */
#include "admin/ops.h"
#include "admin/token.h"
#include "crypto/hash.h"
#include "directory/audit.h"
#include "directory/role.h"
#include "directory/token.h"
#include "os/clock.h"
#include "os/random.h"

#define EVERY (ADMIN_OWN | ADMIN_DOMAIN | ADMIN_OPERATOR)

/* ---- oneself ---- */

static const struct admin_field self_fields[] = {
	{ "address", ADMIN_IS_TEXT, false, NULL, NULL },
	{ "role", ADMIN_IS_TEXT, false, NULL, "operator, domain or user" },
	{ "domains", ADMIN_IS_TEXTS, false, NULL, "Administered" },
	{ "scopes", ADMIN_IS_TEXTS, false, NULL, "Of the token" },
	ADMIN_FIELD_END,
};

static bool write_domain(void *arg, const struct directory_role *r)
{
	struct json_writer *w = arg;

	if (r->domain)
		json_str(w, r->domain_name);
	return true;
}

static int self(struct admin_call *c, struct err *err)
{
	struct str *words;
	size_t n = admin_scope_words(c->by->scopes, c->a, &words);

	json_object(c->w);
	json_member_str(c->w, "address", c->by->address);
	json_member_z(c->w, "role", admin_caller_role(c->by));
	json_key(c->w, STR("domains"));
	json_array(c->w);
	if (c->by->account && directory_role_each(c->adm->dir, c->by->account,
	                                          write_domain, c->w, err) < 0)
		return -1;
	json_end(c->w);
	admin_write_list(c->w, "scopes", words, n);
	json_end(c->w);
	return 0;
}

/* ---- administrators ---- */

static const struct admin_field role_fields[] = {
	{ "address", ADMIN_IS_TEXT, false, NULL, NULL },
	{ "role", ADMIN_IS_TEXT, false, NULL, "operator or domain" },
	{ "domain", ADMIN_IS_TEXT, true, NULL, "null: the whole host" },
	{ "since", ADMIN_IS_TIME, false, NULL, NULL },
	ADMIN_FIELD_END,
};

static bool write_role(void *arg, const struct directory_role *r)
{
	struct json_writer *w = arg;

	json_object(w);
	json_member_str(w, "address", r->address);
	json_member_z(w, "role", r->domain ? "domain" : "operator");
	if (r->domain)
		json_member_str(w, "domain", r->domain_name);
	else
		json_member_z(w, "domain", NULL);
	json_member_time(w, "since", r->created_us);
	json_end(w);
	return true;
}

static int role_list(struct admin_call *c, struct err *err)
{
	admin_page_begin(c);
	if (directory_role_each(c->adm->dir, 0, write_role, c->w, err) < 0)
		return -1;
	admin_page_end(c, STR(""));
	return 0;
}

static const struct admin_param role_params[] = {
	{ "address", ADMIN_ADDRESS, ADMIN_NEEDED, 0, NULL, "The account" },
	{ "domain", ADMIN_NAME, 0, 0, NULL,
	  "Administers it; without: the whole host" },
	ADMIN_PARAM_END,
};

/* The account and the domain (0: the host) that are meant. */
static int read_role(struct admin_call *c, int64_t *account, int64_t *domain,
                     struct err *err)
{
	struct directory_account acc;
	struct directory_domain d;

	*domain = 0;
	if (admin_account_find(c->adm, c->address, c->a, &acc, err) < 0)
		return -1;
	*account = acc.id;
	if (!admin_arg_given(c, "domain"))
		return 0;
	c->field = "domain";
	if (directory_domain_get(c->adm->dir, admin_arg_text(c, "domain"), c->a,
	                         &d, err) < 0)
		return -1;
	*domain = d.alias_of ? d.alias_of : d.id;
	c->field = NULL;
	return 0;
}

static int role_add(struct admin_call *c, struct err *err)
{
	int64_t account, domain;

	if (read_role(c, &account, &domain, err) < 0)
		return -1;
	return directory_role_add(c->adm->dir, account, domain, err);
}

static const struct admin_param role_drop_params[] = {
	{ "address", ADMIN_ADDRESS, ADMIN_NEEDED, 0, NULL, "The account" },
	{ "domain", ADMIN_NAME, 0, 0, NULL, "No more of this domain alone" },
	{ "operator", ADMIN_FLAG, 0, 0, NULL,
	  "No more of the whole host alone; without both: of nothing" },
	ADMIN_PARAM_END,
};

static int role_drop(struct admin_call *c, struct err *err)
{
	int64_t account, domain;

	if (read_role(c, &account, &domain, err) < 0)
		return -1;
	if (domain || admin_arg_flag(c, "operator"))
		return directory_role_remove(c->adm->dir, account, domain, err);
	return directory_role_remove_all(c->adm->dir, account, err);
}

/* ---- tokens ---- */

static const struct admin_field token_fields[] = {
	{ "id", ADMIN_IS_NUMBER, false, NULL, NULL },
	{ "address", ADMIN_IS_TEXT, false, NULL, "Whose it is" },
	{ "name", ADMIN_IS_TEXT, false, NULL, NULL },
	{ "scopes", ADMIN_IS_TEXTS, false, NULL, NULL },
	{ "created", ADMIN_IS_TIME, false, NULL, NULL },
	{ "expires", ADMIN_IS_TIME, true, NULL, NULL },
	{ "used", ADMIN_IS_TIME, true, NULL, NULL },
	ADMIN_FIELD_END,
};

static const struct admin_field new_fields[] = {
	{ "id", ADMIN_IS_NUMBER, false, NULL, NULL },
	{ "token", ADMIN_IS_TEXT, false, NULL, "Shown only now" },
	ADMIN_FIELD_END,
};

static bool write_token(void *arg, const struct directory_token *t)
{
	struct admin_call *c = arg;
	struct str *words;
	size_t n = admin_scope_words(t->scopes, c->a, &words);

	json_object(c->w);
	json_member_i64(c->w, "id", t->id);
	json_member_str(c->w, "address", t->address);
	json_member_str(c->w, "name", t->name);
	admin_write_list(c->w, "scopes", words, n);
	json_member_time(c->w, "created", t->created_us);
	json_member_time(c->w, "expires", t->expires_us);
	json_member_time(c->w, "used", t->used_us);
	json_end(c->w);
	return true;
}

/* An operator sees all, everybody else the own ones. */
static int64_t whose(const struct admin_call *c)
{
	return c->by->roles & ADMIN_OPERATOR ? 0 : c->by->account;
}

static int token_list(struct admin_call *c, struct err *err)
{
	admin_page_begin(c);
	if (directory_token_each(c->adm->dir, whose(c), write_token, c, err) <
	    0)
		return -1;
	admin_page_end(c, STR(""));
	return 0;
}

static const struct admin_param token_params[] = {
	{ "address", ADMIN_ADDRESS, ADMIN_NEEDED, 0, NULL,
	  "Whose it is: it may what that account may" },
	{ "name", ADMIN_TEXT, ADMIN_NEEDED, DIRECTORY_TOKEN_NAME, NULL,
	  "What it is for" },
	{ "scopes", ADMIN_LIST, ADMIN_NEEDED, 40, NULL,
	  "AREA:read or AREA:change; areas are domains, addresses, sending, "
	  "receiving, host, access, all" },
	{ "expires", ADMIN_TIME, ADMIN_AHEAD | ADMIN_DEFAULT, 0, NULL,
	  "A time, or such as 30d; null: never" },
	{ "current", ADMIN_SECRET, 0, 0, NULL,
	  "The password; needed with a session" },
	ADMIN_PARAM_END,
};

static int read_scopes(struct admin_call *c, uint64_t *out, struct err *err)
{
	const struct admin_value *v = admin_arg(c, "scopes");
	uint64_t all = 0, one;

	for (size_t i = 0; i < v->items_n; i++) {
		if (!admin_scope_parse(v->items[i], &one))
			return admin_blame(c, "scopes", err, ERR_INVALID,
			                   "there is no scope \"%.*s\"",
			                   STR_ARG(v->items[i]));
		all |= one;
	}
	if (!all)
		return admin_blame(c, "scopes", err, ERR_INVALID,
		                   "a token needs a scope");
	/* A token begets none that may more. */
	if (all & ~c->by->scopes)
		return admin_blame(c, "scopes", err, ERR_DENIED,
		                   "that is more than you may");
	*out = all;
	return 0;
}

void admin_token_digest(struct str token, unsigned char out[HASH_MAX])
{
	hash_bytes(HASH_SHA256, token, out);
}

static int token_add(struct admin_call *c, struct err *err)
{
	const struct admin_value *expires = admin_arg(c, "expires");
	struct directory_token t = { .name = admin_arg_text(c, "name"),
		                     .expires_us = expires->us };
	unsigned char secret[ADMIN_TOKEN_BYTES], digest[HASH_MAX];
	char hex[2 * ADMIN_TOKEN_BYTES + 1];
	struct directory_account acc;
	struct str text;
	int64_t id;

	if (read_scopes(c, &t.scopes, err) < 0 ||
	    admin_account_find(c->adm, c->address, c->a, &acc, err) < 0)
		return -1;
	if (t.expires_us && t.expires_us <= clock_wall_us())
		return admin_blame(c, "expires", err, ERR_INVALID,
		                   "that is over already");
	t.account = acc.id;
	random_bytes(secret, sizeof(secret));
	hash_hex(secret, sizeof(secret), hex);
	text = arena_fmt(c->a, ADMIN_TOKEN_BEGINS "%s", hex);
	admin_token_digest(text, digest);
	if (directory_token_add(c->adm->dir, &t, digest, &id, err) < 0)
		return -1;
	json_object(c->w);
	json_member_i64(c->w, "id", id);
	json_member_str(c->w, "token", text);
	json_end(c->w);
	return 0;
}

static const struct admin_param token_drop_params[] = {
	{ "id", ADMIN_NUMBER, ADMIN_NEEDED, INT64_MAX, NULL, "The token" },
	ADMIN_PARAM_END,
};

static int token_drop(struct admin_call *c, struct err *err)
{
	return directory_token_remove(c->adm->dir, whose(c),
	                              (int64_t)admin_arg(c, "id")->u, err);
}

/* ---- the audit ---- */

static const struct admin_field audit_fields[] = {
	{ "id", ADMIN_IS_NUMBER, false, NULL, NULL },
	{ "time", ADMIN_IS_TIME, false, NULL, NULL },
	{ "who", ADMIN_IS_TEXT, false, NULL,
	  "\"operator\" where it is not an administrator's affair" },
	{ "role", ADMIN_IS_TEXT, false, NULL, "operator, domain or user" },
	{ "from", ADMIN_IS_TEXT, true, NULL,
	  "An IP address, or the command line" },
	{ "operation", ADMIN_IS_TEXT, false, NULL, NULL },
	{ "subject", ADMIN_IS_TEXT, false, NULL, NULL },
	{ "before", ADMIN_IS_ANY, true, NULL, "The state before it" },
	{ "after", ADMIN_IS_ANY, true, NULL, "What was asked for" },
	{ "result", ADMIN_IS_TEXT, false, NULL, "done, begun, failed: ..." },
	ADMIN_FIELD_END,
};

static const struct admin_param audit_params[] = {
	{ "subject", ADMIN_TEXT, 0, 400, NULL,
	  "About this address, domain or message" },
	{ "domain", ADMIN_NAME, 0, 0, NULL, "About it and its addresses" },
	{ "who", ADMIN_TEXT, 0, 400, NULL, "By this account" },
	{ "operation", ADMIN_TEXT, 0, 40, NULL,
	  "This one, or all that begin so: account." },
	{ "since", ADMIN_TIME, 0, 0, NULL, "Not before" },
	{ "until", ADMIN_TIME, 0, 0, NULL, "Before" },
	{ "after", ADMIN_NUMBER, 0, INT64_MAX, NULL,
	  "`next` of the page before" },
	{ "limit", ADMIN_NUMBER, 0, DIRECTORY_AUDIT_PAGE, NULL,
	  "Rows of a page" },
	ADMIN_PARAM_END,
};

struct audit {
	struct admin_call *c;
	size_t n;
	int64_t last;
};

static void json_or_null(struct json_writer *w, const char *key, struct str s)
{
	json_key(w, str_z(key));
	if (s.n)
		json_raw(w, s);
	else
		json_null(w);
}

static bool write_entry(void *arg, const struct directory_audit *e)
{
	struct audit *to = arg;
	struct json_writer *w = to->c->w;
	bool hidden = !(to->c->by->roles & ADMIN_OPERATOR) &&
	              str_eq(e->role, STR("operator"));

	to->n++;
	to->last = e->id;
	json_object(w);
	json_member_i64(w, "id", e->id);
	json_member_time(w, "time", e->at_us);
	json_member_str(w, "who", hidden ? STR("operator") : e->who);
	json_member_str(w, "role", e->role);
	if (hidden)
		json_member_z(w, "from", NULL);
	else
		json_member_str(w, "from", e->origin);
	json_member_str(w, "operation", e->operation);
	json_member_str(w, "subject", e->subject);
	json_or_null(w, "before", e->before);
	json_or_null(w, "after", e->after);
	json_member_str(w, "result", e->result);
	json_end(w);
	return true;
}

static int audit_find(struct admin_call *c, struct directory_audit_find *f,
                      int64_t *domain, struct err *err)
{
	*f = (struct directory_audit_find){
		.domains = c->by->domains,
		.domains_n = c->by->roles & ADMIN_OPERATOR ? SIZE_MAX
		                                           : c->by->domains_n,
		.subject = admin_arg_text(c, "subject"),
		.who = admin_arg_text(c, "who"),
		.operation = admin_arg_text(c, "operation"),
		.since_us = admin_arg(c, "since")->us,
		.until_us = admin_arg(c, "until")->us,
		.before_id = (int64_t)admin_arg(c, "after")->u,
		.limit = admin_arg_limit(c),
	};
	if (!admin_arg_given(c, "domain"))
		return 0;
	if (admin_access_name(c, "domain", admin_arg_text(c, "domain"), domain,
	                      err) < 0)
		return -1;
	f->domains = domain;
	f->domains_n = 1;
	return 0;
}

static int audit(struct admin_call *c, struct err *err)
{
	struct directory_audit_find f;
	struct audit to = { .c = c };
	int64_t domain;

	if (audit_find(c, &f, &domain, err) < 0)
		return -1;
	admin_page_begin(c);
	if (directory_audit_each(c->adm->dir, &f, write_entry, &to, err) < 0)
		return -1;
	admin_page_end(c, to.n == f.limit
	                          ? arena_fmt(c->a, "%lld", (long long)to.last)
	                          : STR(""));
	return 0;
}

/* ---- the rows ---- */

#define ROW(n, m, p, w, ch, sub, par, sh, res, fn, words)                 \
	{                                                                 \
		.name = n, .method = m, .path = p, .who = w,              \
		.area = ADMIN_AREA_ACCESS, .changes = ch, .subject = sub, \
		.params = par, .shape = sh, .result = res, .run = fn,     \
		.sentence = words                                         \
	}

const struct admin_operation admin_ops_access[] = {
	ROW("self.get", "GET", "/self", EVERY, false, ADMIN_OF_NONE, NULL,
	    ADMIN_ONE, self_fields, self, "Show who one is, and may what"),
	ROW("admin.list", "GET", "/admins", ADMIN_OPERATOR, false,
	    ADMIN_OF_NONE, NULL, ADMIN_MANY, role_fields, role_list,
	    "List who administers what"),
	ROW("admin.add", "POST", "/admins", ADMIN_OPERATOR, true,
	    ADMIN_OF_ADDRESS, role_params, ADMIN_NOTHING, NULL, role_add,
	    "Let an account administer a domain, or the host"),
	ROW("admin.remove", "DELETE", "/admins/{address}", ADMIN_OPERATOR, true,
	    ADMIN_OF_ADDRESS, role_drop_params, ADMIN_NOTHING, NULL, role_drop,
	    "Let an account administer no more"),
	ROW("token.list", "GET", "/tokens", EVERY, false, ADMIN_OF_NONE, NULL,
	    ADMIN_MANY, token_fields, token_list,
	    "List the tokens, never shown again themselves"),
	{ .name = "token.add",
	  .method = "POST",
	  .path = "/tokens",
	  .who = ADMIN_OWN | ADMIN_OPERATOR,
	  .area = ADMIN_AREA_ACCESS,
	  .changes = true,
	  .asks = true,
	  .subject = ADMIN_OF_ADDRESS,
	  .params = token_params,
	  .shape = ADMIN_ONE,
	  .result = new_fields,
	  .run = token_add,
	  .sentence = "Make a token for the HTTP API" },
	ROW("token.remove", "DELETE", "/tokens/{id}", EVERY, true,
	    ADMIN_OF_NONE, token_drop_params, ADMIN_NOTHING, NULL, token_drop,
	    "Remove a token; it is refused at once"),
	ROW("audit.list", "GET", "/audit", ADMIN_DOMAIN | ADMIN_OPERATOR, false,
	    ADMIN_OF_NONE, audit_params, ADMIN_MANY, audit_fields, audit,
	    "Tell who changed what, the latest first"),
	ADMIN_OP_END,
};
