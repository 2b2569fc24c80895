/* The addresses of a domain as a table (CSV): out, checked, and in. */
#include "admin/ops.h"
#include "base/map.h"
#include "os/random.h"
#include "wire/csv/csv.h"

#define BOTH       (ADMIN_DOMAIN | ADMIN_OPERATOR)
#define TABLE_MAX  ((size_t)500 * 1024)
#define ROWS_MAX   1000
#define ERRORS_MAX 100
#define TARGETS    200

enum column { ADDRESS, TYPE, NAME, PASSWORD, TARGET, KEEP, QUOTA, COLUMNS };

static const char *const names[COLUMNS] = {
	[ADDRESS] = "address",   [TYPE] = "type",      [NAME] = "name",
	[PASSWORD] = "password", [TARGET] = "targets", [KEEP] = "keep",
	[QUOTA] = "quota",
};

/* ---- out ---- */

static const struct admin_field text_fields[] = {
	{ "csv", ADMIN_IS_TEXT, false, NULL,
	  "address,type,name,targets,keep,quota; a quota of 0 is the default" },
	ADMIN_FIELD_END,
};

static const struct admin_param domain_params[] = {
	{ "domain", ADMIN_NAME, ADMIN_NEEDED, 0, NULL, "The domain" },
	ADMIN_PARAM_END,
};

struct table {
	struct arena *a;
	struct buf text;
};

static bool write_row(void *arg, const struct directory_entry *e)
{
	struct table *t = arg;
	bool mailbox = e->kind == DIRECTORY_ACCOUNT;
	struct buf targets;

	buf_init(&targets, TABLE_MAX);
	for (size_t i = 0; i < e->targets_n; i++)
		buf_fmt(&targets, "%s%.*s", i ? " " : "",
		        STR_ARG(e->targets[i]));
	csv_write(&t->text,
	          e->kind == DIRECTORY_CATCHALL
	                  ? arena_fmt(t->a, "*%.*s", STR_ARG(e->address))
	                  : e->address,
	          true);
	csv_write(&t->text,
	          mailbox                         ? STR("mailbox")
	          : e->kind == DIRECTORY_CATCHALL ? STR("catchall")
	                                          : STR("alias"),
	          false);
	csv_write(&t->text, mailbox ? e->name : STR(""), false);
	csv_write(&t->text, buf_str(&targets), false);
	csv_write(&t->text,
	          mailbox && e->targets_n ? e->keep ? STR("yes") : STR("no")
	                                  : STR(""),
	          false);
	csv_write(&t->text,
	          mailbox ? arena_fmt(t->a, "%llu",
	                              (unsigned long long)e->own_quota)
	                  : STR(""),
	          false);
	buf_add_z(&t->text, "\r\n");
	buf_deinit(&targets);
	return !buf_overflow(&t->text);
}

static int export(struct admin_call *c, struct err *err)
{
	struct table t = { .a = c->a };
	int rc;

	buf_init(&t.text, (size_t)16 * 1024 * 1024);
	buf_add_z(&t.text, "address,type,name,targets,keep,quota\r\n");
	rc = directory_entry_each(c->adm->dir, c->domain_id, DIRECTORY_NONE,
	                          write_row, &t, err);
	if (rc == 0 && buf_overflow(&t.text))
		rc = err_set(err, ERR_TOO_BIG,
		             "these are too many for one "
		             "table");
	if (rc == 0) {
		json_object(c->w);
		json_member_str(c->w, "csv", buf_str(&t.text));
		json_end(c->w);
	}
	buf_deinit(&t.text);
	return rc;
}

/* ---- in: reading ---- */

static const struct admin_field error_fields[] = {
	{ "line", ADMIN_IS_NUMBER, false, NULL, "The first is 1" },
	{ "address", ADMIN_IS_TEXT, false, NULL, "As it stands there" },
	{ "why", ADMIN_IS_TEXT, false, NULL, NULL },
	ADMIN_FIELD_END,
};

static const struct admin_field import_fields[] = {
	{ "rows", ADMIN_IS_NUMBER, false, NULL, "Without the head" },
	{ "made", ADMIN_IS_NUMBER, false, NULL, NULL },
	{ "errors", ADMIN_IS_OBJECTS, false, error_fields,
	  "At most 100; with one of the table nothing is made" },
	ADMIN_FIELD_END,
};

static const struct admin_param import_params[] = {
	{ "domain", ADMIN_NAME, ADMIN_NEEDED, 0, NULL, "The domain" },
	{ "csv", ADMIN_TEXT, ADMIN_NEEDED | ADMIN_PRIVATE, TABLE_MAX, NULL,
	  "A head with the names of the columns, address first among them: "
	  "type (mailbox, alias, catchall, whose address is *@DOMAIN), name, "
	  "password, targets (with spaces between them), keep (yes, no), quota; "
	  "at most 1000 lines" },
	ADMIN_PARAM_END,
};

struct row {
	size_t line;
	struct str f[COLUMNS];
	struct str address; /* canonical */
	bool alias, catchall, failed;
	struct str targets[TARGETS];
	size_t targets_n;
	uint64_t quota;
};

struct complaint {
	size_t line;
	struct str address, why;
};

struct import {
	struct admin_call *c;
	struct row *rows;
	size_t n, made;
	struct map seen; /* canonical address -> row */
	struct complaint errors[ERRORS_MAX];
	size_t errors_n;
};

static void complain(struct import *m, size_t line, struct str address,
                     struct err *err)
{
	if (m->errors_n < ERRORS_MAX)
		m->errors[m->errors_n++] = (struct complaint){
			.line = line,
			.address = address,
			.why = arena_dup(m->c->a, str_z(err->text)),
		};
	*err = (struct err)ERR_INIT;
}

static int read_head(struct import *m, struct csv *csv, int at[CSV_FIELDS_MAX],
                     size_t *n_out, struct err *err)
{
	struct str f[CSV_FIELDS_MAX];
	bool address = false;
	int rc = csv_next(csv, m->c->a, f, n_out, err);

	if (rc < 0)
		return admin_blame(m->c, "csv", err, ERR_INVALID,
		                   "the head cannot be read");
	for (size_t i = 0; rc > 0 && i < *n_out; i++) {
		at[i] = -1;
		for (int k = 0; k < COLUMNS; k++)
			if (str_eq_case(str_trim(f[i]), str_z(names[k])))
				at[i] = k;
		if (at[i] < 0)
			return admin_blame(m->c, "csv", err, ERR_INVALID,
			                   "there is no column \"%.*s\"",
			                   STR_ARG(str_to(f[i],
			                                  f[i].n < 100 ? f[i].n
			                                               : 100)));
		address |= at[i] == ADDRESS;
	}
	return address ? 0
	               : admin_blame(m->c, "csv", err, ERR_INVALID,
	                             "the first line names the columns, and "
	                             "\"address\" is among them");
}

static int read_rows(struct import *m, struct err *err)
{
	struct csv csv = csv_open(admin_arg_text(m->c, "csv"));
	struct str f[CSV_FIELDS_MAX];
	int at[CSV_FIELDS_MAX] = { 0 }, rc;
	size_t columns, n = 0;

	if (read_head(m, &csv, at, &columns, err) < 0)
		return -1;
	m->rows = arena_array(m->c->a, ROWS_MAX, sizeof(*m->rows));
	while ((rc = csv_next(&csv, m->c->a, f, &n, err)) != 0) {
		struct row *r = &m->rows[m->n];

		if (m->n == ROWS_MAX)
			return admin_blame(m->c, "csv", err, ERR_TOO_BIG,
			                   "a table has at most %d lines",
			                   ROWS_MAX);
		*r = (struct row){ .line = csv.line };
		if (rc > 0 && n > columns)
			rc = err_set(err, ERR_INVALID,
			             "it has more fields than the head");
		if (rc < 0) {
			complain(m, csv.line, STR(""), err);
			continue;
		}
		for (size_t i = 0; i < n; i++)
			r->f[at[i]] = str_trim(f[i]);
		m->n++;
	}
	return 0;
}

/* ---- in: checking ---- */

static int check_domain(struct import *m, struct str domain, struct err *err)
{
	struct directory_domain d;

	if (directory_domain_get(m->c->adm->dir, domain, m->c->a, &d, err) ==
	            0 &&
	    d.id == m->c->domain.id)
		return 0;
	*err = (struct err)ERR_INIT;
	return err_set(err, ERR_INVALID, "it is not an address of %.*s",
	               STR_ARG(m->c->domain.display));
}

static int check_free(struct import *m, struct row *r, struct str local,
                      struct str domain, struct err *err)
{
	struct directory_resolved found;
	struct row *before;

	if (directory_address_resolve(m->c->adm->dir, local, domain, m->c->a,
	                              &found, err) < 0)
		return -1;
	if ((found.kind == DIRECTORY_ACCOUNT ||
	     found.kind == DIRECTORY_ALIAS) &&
	    !found.role && !found.detail.n)
		return err_set(err, ERR_EXISTS,
		               "there is such an address "
		               "already");
	before = map_put(&m->seen, r->address, r);
	return before ? err_set(err, ERR_EXISTS, "it stands in line %zu too",
	                        before->line)
	              : 0;
}

static int read_targets(struct import *m, struct row *r, struct err *err)
{
	struct str rest = r->f[TARGET], one, local, domain;

	while (str_cut(&rest, ' ', &one)) {
		if (!one.n)
			continue;
		if (r->targets_n == TARGETS)
			return err_set(err, ERR_TOO_BIG,
			               "it has more than %d targets", TARGETS);
		if (directory_address_parse(one, m->c->a, &local, &domain,
		                            err) < 0)
			return -1;
		r->targets[r->targets_n++] = one;
	}
	return 0;
}

static int check_mailbox(struct import *m, struct row *r, struct err *err)
{
	uint64_t usual = config_u64(m->c->adm->cfg, OPT_LIMITS_QUOTA_BYTES);

	if (r->f[QUOTA].n && !config_size_of(r->f[QUOTA], &r->quota))
		return err_set(err, ERR_INVALID,
		               "a quota is a size such as 500M or 5G");
	if (r->quota > usual && !(m->c->by->roles & ADMIN_OPERATOR))
		return err_set(err, ERR_DENIED,
		               "more than %llu bytes is the operator's to give",
		               (unsigned long long)usual);
	if (r->f[KEEP].n && !str_eq_case(r->f[KEEP], STR("yes")) &&
	    !str_eq_case(r->f[KEEP], STR("no")))
		return err_set(err, ERR_INVALID, "keep is yes or no");
	return r->f[PASSWORD].n ? admin_password_check(r->f[PASSWORD], err) : 0;
}

/* "*@DOMAIN", as it is exported. */
static int check_catchall(struct import *m, struct row *r, struct err *err)
{
	size_t at = str_rchr(r->f[ADDRESS], '@');
	struct str local, domain;
	struct row *before;

	if (!str_eq(str_to(r->f[ADDRESS], at), STR("*")))
		return err_set(err, ERR_INVALID,
		               "the address of a catch-all is *@DOMAIN");
	if (directory_address_parse(arena_fmt(m->c->a, "x%.*s",
	                                      STR_ARG(str_from(r->f[ADDRESS],
	                                                       at))),
	                            m->c->a, &local, &domain, err) < 0 ||
	    check_domain(m, domain, err) < 0)
		return -1;
	r->address = arena_fmt(m->c->a, "*@%.*s", STR_ARG(domain));
	before = map_put(&m->seen, r->address, r);
	if (before)
		return err_set(err, ERR_EXISTS, "it stands in line %zu too",
		               before->line);
	if (m->c->domain.catchall)
		return err_set(err, ERR_EXISTS,
		               "the domain has a catch-all already");
	if (read_targets(m, r, err) < 0)
		return -1;
	return r->targets_n == 1
	               ? 0
	               : err_set(err, ERR_INVALID,
	                         "a catch-all has one target, a mailbox here");
}

/* A mailbox of this table, or one that the caller may see; once the addresses
 * of all lines are known. */
static int check_taker(struct import *m, const struct row *r, struct err *err)
{
	struct directory_account acc;
	struct str local, domain;
	const struct row *made;

	if (directory_address_parse(r->targets[0], m->c->a, &local, &domain,
	                            err) < 0)
		return -1;
	made = map_get(&m->seen, arena_fmt(m->c->a, "%.*s@%.*s", STR_ARG(local),
	                                   STR_ARG(domain)));
	if (made && !made->alias)
		return 0;
	if (admin_access_address(m->c, "csv", r->targets[0], err) < 0) {
		m->c->field = NULL;
		m->c->fault = ADMIN_FAULT_KIND;
		return -1;
	}
	return admin_account_find(m->c->adm, r->targets[0], m->c->a, &acc, err);
}

static int check_row(struct import *m, struct row *r, struct err *err)
{
	struct str local, domain;

	r->alias = str_eq_case(r->f[TYPE], STR("alias"));
	r->catchall = str_eq_case(r->f[TYPE], STR("catchall"));
	if (r->catchall)
		return check_catchall(m, r, err);
	if (r->f[TYPE].n && !r->alias &&
	    !str_eq_case(r->f[TYPE], STR("mailbox")))
		return err_set(err, ERR_INVALID,
		               "the type is mailbox, alias or catchall");
	if (directory_address_parse(r->f[ADDRESS], m->c->a, &local, &domain,
	                            err) < 0 ||
	    check_domain(m, domain, err) < 0)
		return -1;
	r->address = arena_fmt(m->c->a, "%.*s@%.*s", STR_ARG(local),
	                       STR_ARG(domain));
	if (check_free(m, r, local, domain, err) < 0 ||
	    read_targets(m, r, err) < 0)
		return -1;
	if (r->alias && !r->targets_n)
		return err_set(err, ERR_INVALID, "an alias needs a target");
	return r->alias ? 0 : check_mailbox(m, r, err);
}

static void fail_row(struct import *m, struct row *r, struct err *err)
{
	r->failed = true;
	complain(m, r->line, r->f[ADDRESS], err);
}

static int read_all(struct import *m, struct err *err)
{
	map_init(&m->seen, random_u64());
	if (read_rows(m, err) < 0)
		return -1;
	for (size_t i = 0; i < m->n; i++)
		if (check_row(m, &m->rows[i], err) < 0)
			fail_row(m, &m->rows[i], err);
	for (size_t i = 0; i < m->n; i++)
		if (m->rows[i].catchall && !m->rows[i].failed &&
		    check_taker(m, &m->rows[i], err) < 0)
			fail_row(m, &m->rows[i], err);
	return 0;
}

/* ---- in: making ---- */

static int make_mailbox(struct import *m, const struct row *r, struct err *err)
{
	struct admin_account_new n = { .address = r->address,
		                       .name = r->f[NAME],
		                       .quota_bytes = r->quota };

	if (r->f[PASSWORD].n)
		n.password = r->f[PASSWORD];
	return admin_account_add(m->c->adm, &n, NULL, err);
}

/* Mailboxes first, since the others lead to them; then aliases, which may lead
 * to one another only backwards; then forwards and the catch-all. */
static int make(struct import *m, const struct row *r, unsigned pass,
                bool *made, struct err *err)
{
	*made = false;
	if (r->catchall) {
		*made = pass == 2;
		return pass == 2 ? admin_catchall_set(m->c->adm,
		                                      m->c->domain.name,
		                                      r->targets[0], err)
		                 : 0;
	}
	if (pass == 0 && !r->alias) {
		*made = true;
		return make_mailbox(m, r, err);
	}
	if (pass == 1 && r->alias) {
		*made = true;
		return admin_alias_set(m->c->adm, r->address, r->targets,
		                       r->targets_n, false, err);
	}
	if (pass == 2 && !r->alias && !r->failed && r->targets_n)
		return admin_forward_set(m->c->adm, r->address, r->targets,
		                         r->targets_n,
		                         !str_eq_case(r->f[KEEP], STR("no")),
		                         false, NULL, err);
	return 0;
}

static void make_all(struct import *m, struct err *err)
{
	bool made;

	for (unsigned pass = 0; pass < 3; pass++)
		for (size_t i = 0; i < m->n; i++) {
			struct row *r = &m->rows[i];

			if (make(m, r, pass, &made, err) < 0)
				fail_row(m, r, err);
			else
				m->made += made;
		}
}

static void answer(const struct import *m)
{
	struct json_writer *w = m->c->w;

	json_object(w);
	json_member_u64(w, "rows", m->n);
	json_member_u64(w, "made", m->made);
	json_key(w, STR("errors"));
	json_array(w);
	for (size_t i = 0; i < m->errors_n; i++) {
		json_object(w);
		json_member_u64(w, "line", m->errors[i].line);
		json_member_str(w, "address", m->errors[i].address);
		json_member_str(w, "why", m->errors[i].why);
		json_end(w);
	}
	json_end(w);
	json_end(w);
}

static int run(struct admin_call *c, bool really, struct err *err)
{
	struct import *m = arena_zalloc(c->a, sizeof(*m));
	int rc;

	m->c = c;
	rc = read_all(m, err);
	if (rc == 0) {
		if (really && !m->errors_n)
			make_all(m, err);
		c->count = m->made;
		answer(m);
	}
	map_deinit(&m->seen);
	return rc;
}

static int check(struct admin_call *c, struct err *err)
{
	return run(c, false, err);
}

static int import(struct admin_call *c, struct err *err)
{
	return run(c, true, err);
}

/* ---- the rows ---- */

#define ROW(n, m, p, par, res, fn, words)                                      \
	.name = n, .method = m, .path = "/domains/{domain}/table" p,           \
	.who = BOTH, .area = ADMIN_AREA_ADDRESSES, .subject = ADMIN_OF_DOMAIN, \
	.params = par, .shape = ADMIN_ONE, .result = res, .run = fn,           \
	.sentence = words

const struct admin_operation admin_ops_table[] = {
	{ ROW("address.export", "GET", "", domain_params, text_fields, export,
	      "Tell the addresses of a domain as a table (CSV)") },
	{ ROW("address.check", "POST", "/check", import_params, import_fields,
	      check, "Say what is wrong with a table of addresses") },
	{ ROW("address.import", "POST", "", import_params, import_fields,
	      import, "Make the addresses of a table (CSV), all or none"),
	  .changes = true, .elsewhere = true },
	ADMIN_OP_END,
};
