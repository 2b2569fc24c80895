#include "admin/table.h"

#include "os/random.h"
#include "wire/csv/csv.h"

#define ROWS_MAX 1000

static const char *const names[TABLE_COLUMNS] = {
	[TABLE_ADDRESS] = "address", [TABLE_TYPE] = "type",
	[TABLE_NAME] = "name",       [TABLE_PASSWORD] = "password",
	[TABLE_TARGET] = "targets",  [TABLE_KEEP] = "keep",
	[TABLE_QUOTA] = "quota",
};

/* ---- reading ---- */

static void complain(struct table_import *m, size_t line, struct str address,
                     struct err *err)
{
	if (m->errors_n < TABLE_ERRORS_MAX)
		m->errors[m->errors_n++] = (struct table_complaint){
			.line = line,
			.address = address,
			.why = arena_dup(m->c->a, str_z(err->text)),
		};
	*err = (struct err)ERR_INIT;
}

static int read_head(struct table_import *m, struct csv *csv,
                     int at[CSV_FIELDS_MAX], size_t *n_out, struct err *err)
{
	struct str f[CSV_FIELDS_MAX];
	bool address = false;
	int rc = csv_next(csv, m->c->a, f, n_out, err);

	if (rc < 0)
		return admin_blame(m->c, "csv", err, ERR_INVALID,
		                   "the head cannot be read");
	for (size_t i = 0; rc > 0 && i < *n_out; i++) {
		at[i] = -1;
		for (int k = 0; k < TABLE_COLUMNS; k++)
			if (str_eq_case(str_trim(f[i]), str_z(names[k])))
				at[i] = k;
		if (at[i] < 0)
			return admin_blame(m->c, "csv", err, ERR_INVALID,
			                   "there is no column \"%.*s\"",
			                   STR_ARG(str_to(f[i],
			                                  f[i].n < 100 ? f[i].n
			                                               : 100)));
		address |= at[i] == TABLE_ADDRESS;
	}
	return address ? 0
	               : admin_blame(m->c, "csv", err, ERR_INVALID,
	                             "the first line names the columns, and "
	                             "\"address\" is among them");
}

static int read_rows(struct table_import *m, struct err *err)
{
	struct csv csv = csv_open(admin_arg_text(m->c, "csv"));
	struct str f[CSV_FIELDS_MAX];
	int at[CSV_FIELDS_MAX] = { 0 }, rc;
	size_t columns, n = 0;

	if (read_head(m, &csv, at, &columns, err) < 0)
		return -1;
	m->rows = arena_array(m->c->a, ROWS_MAX, sizeof(*m->rows));
	while ((rc = csv_next(&csv, m->c->a, f, &n, err)) != 0) {
		struct table_row *r = &m->rows[m->n];

		if (m->n == ROWS_MAX)
			return admin_blame(m->c, "csv", err, ERR_TOO_BIG,
			                   "a table has at most %d lines",
			                   ROWS_MAX);
		*r = (struct table_row){ .line = csv.line };
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

/* ---- checking ---- */

static int check_domain(struct table_import *m, struct str domain,
                        struct err *err)
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

static int check_free(struct table_import *m, struct table_row *r,
                      struct str local, struct str domain, struct err *err)
{
	struct directory_resolved found;
	struct table_row *before;

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

static int read_targets(struct table_import *m, struct table_row *r,
                        struct err *err)
{
	struct str rest = r->f[TABLE_TARGET], one, local, domain;

	while (str_cut(&rest, ' ', &one)) {
		if (!one.n)
			continue;
		if (r->targets_n == TABLE_TARGETS_MAX)
			return err_set(err, ERR_TOO_BIG,
			               "it has more than %d targets",
			               TABLE_TARGETS_MAX);
		if (directory_address_parse(one, m->c->a, &local, &domain,
		                            err) < 0)
			return -1;
		r->targets[r->targets_n++] = one;
	}
	return 0;
}

static int check_mailbox(struct table_import *m, struct table_row *r,
                         struct err *err)
{
	uint64_t usual = config_u64(m->c->adm->cfg, OPT_LIMITS_QUOTA_BYTES);

	if (r->f[TABLE_QUOTA].n &&
	    !config_size_of(r->f[TABLE_QUOTA], &r->quota))
		return err_set(err, ERR_INVALID,
		               "a quota is a size such as 500M or 5G");
	if (r->quota > usual && !(m->c->by->roles & ADMIN_OPERATOR))
		return err_set(err, ERR_DENIED,
		               "more than %llu bytes is the operator's to give",
		               (unsigned long long)usual);
	if (r->f[TABLE_KEEP].n && !str_eq_case(r->f[TABLE_KEEP], STR("yes")) &&
	    !str_eq_case(r->f[TABLE_KEEP], STR("no")))
		return err_set(err, ERR_INVALID, "keep is yes or no");
	return r->f[TABLE_PASSWORD].n
	               ? admin_password_check(r->f[TABLE_PASSWORD], err)
	               : 0;
}

/* "*@DOMAIN", as it is exported. */
static int check_catchall(struct table_import *m, struct table_row *r,
                          struct err *err)
{
	size_t at = str_rchr(r->f[TABLE_ADDRESS], '@');
	struct str local, domain;
	struct table_row *before;

	if (!str_eq(str_to(r->f[TABLE_ADDRESS], at), STR("*")))
		return err_set(err, ERR_INVALID,
		               "the address of a catch-all is *@DOMAIN");
	if (directory_address_parse(
		    arena_fmt(m->c->a, "x%.*s",
	                      STR_ARG(str_from(r->f[TABLE_ADDRESS], at))),
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
static int check_taker(struct table_import *m, const struct table_row *r,
                       struct err *err)
{
	struct directory_account acc;
	struct str local, domain;
	const struct table_row *made;

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

static int check_row(struct table_import *m, struct table_row *r,
                     struct err *err)
{
	struct str local, domain;

	r->alias = str_eq_case(r->f[TABLE_TYPE], STR("alias"));
	r->catchall = str_eq_case(r->f[TABLE_TYPE], STR("catchall"));
	if (r->catchall)
		return check_catchall(m, r, err);
	if (r->f[TABLE_TYPE].n && !r->alias &&
	    !str_eq_case(r->f[TABLE_TYPE], STR("mailbox")))
		return err_set(err, ERR_INVALID,
		               "the type is mailbox, alias or catchall");
	if (directory_address_parse(r->f[TABLE_ADDRESS], m->c->a, &local,
	                            &domain, err) < 0 ||
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

void admin_table_fail(struct table_import *m, struct table_row *r,
                      struct err *err)
{
	r->failed = true;
	complain(m, r->line, r->f[TABLE_ADDRESS], err);
}

int admin_table_read(struct table_import *m, struct err *err)
{
	map_init(&m->seen, random_u64());
	if (read_rows(m, err) < 0)
		return -1;
	for (size_t i = 0; i < m->n; i++)
		if (check_row(m, &m->rows[i], err) < 0)
			admin_table_fail(m, &m->rows[i], err);
	for (size_t i = 0; i < m->n; i++)
		if (m->rows[i].catchall && !m->rows[i].failed &&
		    check_taker(m, &m->rows[i], err) < 0)
			admin_table_fail(m, &m->rows[i], err);
	return 0;
}
