/* The addresses of a domain as a table (CSV): out, and in. */
#include "admin/ops.h"
#include "admin/table.h"
#include "wire/csv/csv.h"

#define BOTH      (ADMIN_DOMAIN | ADMIN_OPERATOR)
#define TABLE_MAX ((size_t)500 * 1024)

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

/* ---- in ---- */

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

static int make_mailbox(struct table_import *m, const struct table_row *r,
                        struct err *err)
{
	struct admin_account_new n = { .address = r->address,
		                       .name = r->f[TABLE_NAME],
		                       .quota_bytes = r->quota };

	if (r->f[TABLE_PASSWORD].n)
		n.password = r->f[TABLE_PASSWORD];
	return admin_account_add(m->c->adm, &n, NULL, err);
}

/* Mailboxes first, since the others lead to them; then aliases, which may lead
 * to one another only backwards; then forwards and the catch-all. */
static int make(struct table_import *m, const struct table_row *r,
                unsigned pass, bool *made, struct err *err)
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
		                         !str_eq_case(r->f[TABLE_KEEP],
		                                      STR("no")),
		                         false, NULL, err);
	return 0;
}

static void make_all(struct table_import *m, struct err *err)
{
	bool made;

	for (unsigned pass = 0; pass < 3; pass++)
		for (size_t i = 0; i < m->n; i++) {
			struct table_row *r = &m->rows[i];

			if (make(m, r, pass, &made, err) < 0)
				admin_table_fail(m, r, err);
			else
				m->made += made;
		}
}

static void answer(const struct table_import *m)
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
	struct table_import *m = arena_zalloc(c->a, sizeof(*m));
	int rc;

	m->c = c;
	rc = admin_table_read(m, err);
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
