#include "ctl/show.h"
#include "os/file.h"
#include "wire/json/read.h"

static const struct out_column columns[] = {
	{ "address", "ADDRESS" }, { "kind", "KIND" },
	{ "targets", "TARGETS" }, { "keep", NULL },
	{ "name", "NAME" },       { "suspended", "SUSPENDED" },
	{ "created", "CREATED" },
};

static bool show_row(void *arg, const struct directory_entry *e)
{
	struct out *o = arg;

	out_text(o, e->address);
	out_z(o, show_kind(e->kind));
	out_list(o, e->targets, e->targets_n);
	out_flag(o, e->keep);
	out_text(o, e->name);
	show_flags(o, e->flags);
	out_time(o, e->created_us);
	return true;
}

int ctl_run_address_list(struct ctl *c)
{
	struct err err = ERR_INIT;
	int64_t domain;
	struct out o;
	int rc = ctl_admin(c);

	if (rc == CTL_OK)
		rc = show_domain_asked(c, ctl_arg(c, 0), &domain);
	if (rc != CTL_OK)
		return rc;
	out_begin(&o, c, columns, sizeof(columns) / sizeof(columns[0]), false);
	if (directory_entry_each(admin_directory(c->admin), domain,
	                         DIRECTORY_NONE, show_row, &o, &err) < 0)
		return ctl_fail(c, &err, NULL, "cannot list the addresses");
	return out_end(&o);
}

static const struct out_column end_columns[] = {
	{ "address", "ADDRESS" }, { "result", "RESULT" },       { "by", "BY" },
	{ "account", "ACCOUNT" }, { "suspended", "SUSPENDED" },
};

static void show_end(struct out *o, const struct directory_end *e)
{
	out_text(o, e->address);
	out_z(o, admin_end_result(e));
	out_z(o, admin_end_way(e));
	if (e->here)
		out_text(o, e->to.address);
	else
		out_none(o);
	show_flags(o, e->here ? e->to.flags & DIRECTORY_NO_RECEIVE : 0);
}

int ctl_run_address_show(struct ctl *c)
{
	struct str address = ctl_arg(c, 0);
	size_t at = str_rchr(address, '@');
	struct directory_ends ends;
	struct err err = ERR_INIT;
	struct out o;
	int rc = ctl_admin(c);

	if (rc != CTL_OK)
		return rc;
	if (at == STR_NPOS)
		return ctl_usage(c, "\"%.*s\" is no address: the @ is missing",
		                 STR_ARG(address));
	if (directory_address_expand(admin_directory(c->admin),
	                             str_to(address, at),
	                             str_from(address, at + 1), &c->arena,
	                             &ends, &err) < 0)
		return ctl_fail(c, &err, show_address_hint(c, address),
		                "cannot show %.*s", STR_ARG(address));
	out_begin(&o, c, end_columns, 5, false);
	for (size_t i = 0; i < ends.n; i++)
		show_end(&o, &ends.items[i]);
	return out_end(&o);
}

/* ---- tables ---- */

#define TABLE_MAX ((size_t)500 * 1024)

static int operate(struct ctl *c, const char *operation, struct str table,
                   struct json_doc **out)
{
	const struct ctl_give args[] = { CTL_GIVE("domain", ctl_arg(c, 0)),
		                         CTL_GIVE("csv", table) };
	struct err err = ERR_INIT;
	struct str answer;

	if (ctl_operate(c, operation, args, table.p ? 2 : 1, &answer, &err) <
	            0 ||
	    json_parse(out, answer, NULL, &err) < 0)
		return ctl_fail(c, &err, NULL, "cannot do that for %.*s",
		                STR_ARG(ctl_arg(c, 0)));
	return CTL_OK;
}

int ctl_run_address_export(struct ctl *c)
{
	struct json v = { NULL };
	struct err err = ERR_INIT;
	struct json_doc *doc;
	int rc = ctl_admin(c);

	if (rc == CTL_OK)
		rc = operate(c, "address.export", (struct str){ NULL, 0 },
		             &doc);
	if (rc != CTL_OK)
		return rc;
	if (json_get(json_root(doc), "csv", &v) &&
	    file_write(1, json_as_str(v), &err) < 0)
		rc = ctl_fail(c, &err, NULL, "cannot write");
	json_free(&doc);
	return rc;
}

static const struct out_column error_columns[] = {
	{ "line", "LINE" },
	{ "address", "ADDRESS" },
	{ "why", "WHY" },
};

static uint64_t number_of(struct json object, const char *key)
{
	struct json v = { NULL };
	uint64_t n = 0;

	return json_get(object, key, &v) && json_as_u64(v, &n) ? n : 0;
}

static struct str text_of(struct json object, const char *key)
{
	struct json v = { NULL };

	return json_get(object, key, &v) ? json_as_str(v) : STR("");
}

static int show_errors(struct ctl *c, struct json errors)
{
	struct out o;

	out_begin(&o, c, error_columns, 3, false);
	for (size_t i = 0; i < json_count(errors); i++) {
		struct json one = json_at(errors, i);

		out_number(&o, number_of(one, "line"));
		out_text(&o, text_of(one, "address"));
		out_text(&o, text_of(one, "why"));
	}
	return out_end(&o);
}

int ctl_run_address_import(struct ctl *c)
{
	bool dry = ctl_option(c, "dry-run") != NULL;
	struct json errors = { NULL };
	struct json_doc *doc;
	struct str table;
	size_t wrong = 0;
	int rc = ctl_admin(c);

	if (rc == CTL_OK)
		rc = ctl_read_text(c, ctl_arg(c, 1), TABLE_MAX, &table);
	if (rc == CTL_OK)
		rc = operate(c, dry ? "address.check" : "address.import", table,
		             &doc);
	if (rc != CTL_OK)
		return rc;
	if (json_get(json_root(doc), "errors", &errors)) {
		wrong = json_count(errors);
		rc = show_errors(c, errors);
	}
	ctl_note(c, "%llu of %llu addresses made",
	         (unsigned long long)number_of(json_root(doc), "made"),
	         (unsigned long long)number_of(json_root(doc), "rows"));
	json_free(&doc);
	return rc == CTL_OK && wrong ? CTL_FAILED : rc;
}
