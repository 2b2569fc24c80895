/* All addresses in one table: mailboxes, aliases, catch-alls. */
#include "admin/ops.h"
#include "directory/page.h"
#include "gate/logins.h"

#define BOTH (ADMIN_DOMAIN | ADMIN_OPERATOR)

static const struct admin_field login_fields[] = {
	{ "time", ADMIN_IS_TIME, false, NULL, NULL },
	{ "protocol", ADMIN_IS_TEXT, false, NULL, NULL },
	{ "ip", ADMIN_IS_TEXT, false, NULL, NULL },
	ADMIN_FIELD_END,
};

static const struct admin_field row_fields[] = {
	{ "address", ADMIN_IS_TEXT, false, NULL,
	  "As people read it; \"*@domain\" is the catch-all" },
	{ "canonical", ADMIN_IS_TEXT, false, NULL,
	  "As the other operations take it" },
	{ "type", ADMIN_IS_TEXT, false, NULL, "mailbox, alias or catchall" },
	{ "name", ADMIN_IS_TEXT, true, NULL, "Of the person" },
	{ "targets", ADMIN_IS_TEXTS, false, NULL,
	  "Where an alias, a catch-all or a forward leads" },
	{ "keep", ADMIN_IS_FLAG, true, NULL, "With a forward: a copy is kept" },
	{ "quota_bytes", ADMIN_IS_NUMBER, true, NULL, NULL },
	{ "used_bytes", ADMIN_IS_NUMBER, true, NULL, NULL },
	{ "messages", ADMIN_IS_NUMBER, true, NULL, NULL },
	{ "last_login", ADMIN_IS_OBJECT, true, login_fields,
	  "Within the last week" },
	{ "suspended", ADMIN_IS_TEXTS, false, NULL, "login, send, receive" },
	{ "held", ADMIN_IS_FLAG, false, NULL,
	  "What it sends waits for the operator" },
	{ "created", ADMIN_IS_TIME, false, NULL, NULL },
	ADMIN_FIELD_END,
};

static const char *type_of(enum directory_kind kind)
{
	switch (kind) {
	case DIRECTORY_ACCOUNT: return "mailbox";
	case DIRECTORY_ALIAS: return "alias";
	case DIRECTORY_CATCHALL: return "catchall";
	case DIRECTORY_NONE:
	case DIRECTORY_NOT_LOCAL: break;
	}
	return "";
}

static void write_login(struct json_writer *w, const struct gate_last_login *l)
{
	json_key(w, STR("last_login"));
	if (!l->at_us) {
		json_null(w);
		return;
	}
	json_object(w);
	json_member_time(w, "time", l->at_us);
	json_member_z(w, "protocol", admin_protocol_name(l->protocol));
	json_member_str(w, "ip", l->ip);
	json_end(w);
}

/* What a mailbox has and the others have not. */
static int write_mailbox(struct admin_call *c, const struct directory_row *r,
                         const struct gate_last_login *login, struct err *err)
{
	struct store_account sa = { .id = r->entry.id,
		                    .shard = r->shard,
		                    .quota_bytes = r->entry.quota_bytes };
	struct store *store;
	struct quota q;

	if (admin_store(c->adm, &store, err) < 0 ||
	    quota_get(store, sa, &q, err) < 0)
		return -1;
	json_member_bool(c->w, "keep", r->entry.keep);
	json_member_u64(c->w, "quota_bytes", r->entry.quota_bytes);
	json_member_u64(c->w, "used_bytes", q.used_bytes);
	json_member_u64(c->w, "messages", q.messages);
	write_login(c->w, login);
	return 0;
}

static int write_row(struct admin_call *c, const struct directory_row *r,
                     const struct gate_last_login *login, struct err *err)
{
	const struct directory_entry *e = &r->entry;
	bool all = e->kind == DIRECTORY_CATCHALL;

	json_object(c->w);
	json_member_str(c->w, "address",
	                all ? arena_fmt(c->a, "*%.*s", STR_ARG(e->address))
	                    : e->address);
	json_member_str(c->w, "canonical",
	                all ? arena_fmt(c->a, "*%.*s", STR_ARG(r->canonical))
	                    : r->canonical);
	json_member_z(c->w, "type", type_of(e->kind));
	if (e->kind == DIRECTORY_ACCOUNT)
		json_member_str(c->w, "name", e->name);
	else
		json_member_z(c->w, "name", NULL);
	admin_write_list(c->w, "targets", e->targets, e->targets_n);
	if (e->kind == DIRECTORY_ACCOUNT) {
		if (write_mailbox(c, r, login, err) < 0)
			return -1;
	} else {
		json_member_z(c->w, "keep", NULL);
		json_member_z(c->w, "quota_bytes", NULL);
		json_member_z(c->w, "used_bytes", NULL);
		json_member_z(c->w, "messages", NULL);
		json_member_z(c->w, "last_login", NULL);
	}
	admin_write_flags(c->w, "suspended", e->flags);
	json_member_bool(c->w, "held", e->flags & DIRECTORY_HOLD);
	json_member_time(c->w, "created", e->created_us);
	json_end(c->w);
	return 0;
}

static int last_logins(struct admin_call *c, const struct directory_row *v,
                       size_t n, struct gate_last_login **out, struct err *err)
{
	struct str *users = arena_array(c->a, n + 1, sizeof(*users));

	*out = arena_array(c->a, n + 1, sizeof(**out));
	for (size_t i = 0; i < n; i++)
		users[i] = v[i].canonical;
	return gate_last_logins(config_data_path(c->adm->cfg, c->a, ""), users,
	                        n, c->a, *out, err);
}

static int write_page(struct admin_call *c, const struct directory_find *f,
                      struct err *err)
{
	struct gate_last_login *logins;
	struct directory_row *v;
	size_t n;

	if (directory_address_page(c->adm->dir, f, c->a, &v, &n, err) < 0 ||
	    last_logins(c, v, n, &logins, err) < 0)
		return -1;
	admin_page_begin(c);
	for (size_t i = 0; i < n; i++)
		if (write_row(c, &v[i], &logins[i], err) < 0)
			return -1;
	admin_page_end(c, n == f->limit ? v[n - 1].key : STR(""));
	return 0;
}

static const struct admin_param list_params[] = {
	{ "domain", ADMIN_NAME, 0, 0, NULL, "Of this domain alone" },
	{ "type", ADMIN_CHOICE, 0, 0, "mailbox|alias|catchall",
	  "Of this type alone" },
	ADMIN_PAGE_PARAMS,
	ADMIN_PARAM_END,
};

static enum directory_kind kind_asked(const struct admin_call *c)
{
	struct str type = admin_arg_text(c, "type");

	if (str_eq(type, STR("mailbox")))
		return DIRECTORY_ACCOUNT;
	if (str_eq(type, STR("alias")))
		return DIRECTORY_ALIAS;
	return type.n ? DIRECTORY_CATCHALL : DIRECTORY_NONE;
}

static int list(struct admin_call *c, struct err *err)
{
	struct directory_find f = {
		.admin = c->by->roles & ADMIN_OPERATOR ? 0 : c->by->account,
		.search = admin_arg_text(c, "search"),
		.kind = kind_asked(c),
		.after = admin_arg_text(c, "after"),
		.limit = admin_arg_limit(c),
	};

	if (admin_arg_given(c, "domain") &&
	    admin_access_name(c, "domain", admin_arg_text(c, "domain"),
	                      &f.domain, err) < 0)
		return -1;
	return write_page(c, &f, err);
}

/* ---- what becomes of mail ---- */

static const struct admin_field end_fields[] = {
	{ "address", ADMIN_IS_TEXT, false, NULL, NULL },
	{ "result", ADMIN_IS_TEXT, false, NULL, "stored, sent on or refused" },
	{ "by", ADMIN_IS_TEXT, false, NULL,
	  "address, alias, forward, catch-all or administrator" },
	ADMIN_FIELD_END,
};

static const struct admin_param one_params[] = {
	{ "address", ADMIN_ADDRESS, ADMIN_NEEDED, 0, NULL, "The address" },
	ADMIN_PARAM_END,
};

const char *admin_end_way(const struct directory_end *e)
{
	if (e->forwarded_by)
		return "forward";
	if (e->by_alias)
		return "alias";
	if (e->here && e->to.kind == DIRECTORY_CATCHALL)
		return "catch-all";
	if (e->here && e->to.role)
		return "administrator";
	return "address";
}

const char *admin_end_result(const struct directory_end *e)
{
	return e->here ? "stored" : e->unknown ? "refused" : "sent on";
}

static int ends(struct admin_call *c, struct err *err)
{
	size_t at = str_rchr(c->address, '@');
	struct directory_ends all;

	if (directory_address_expand(c->adm->dir, str_to(c->address, at),
	                             str_from(c->address, at + 1), c->a, &all,
	                             err) < 0)
		return -1;
	admin_page_begin(c);
	for (size_t i = 0; i < all.n; i++) {
		json_object(c->w);
		json_member_str(c->w, "address", all.items[i].address);
		json_member_z(c->w, "result", admin_end_result(&all.items[i]));
		json_member_z(c->w, "by", admin_end_way(&all.items[i]));
		json_end(c->w);
	}
	admin_page_end(c, STR(""));
	return 0;
}

const struct admin_operation admin_ops_address[] = {
	{ .name = "address.list",
	  .method = "GET",
	  .path = "/addresses",
	  .who = BOTH,
	  .area = ADMIN_AREA_ADDRESSES,
	  .params = list_params,
	  .shape = ADMIN_MANY,
	  .result = row_fields,
	  .run = list,
	  .sentence = "List mailboxes, aliases and catch-alls" },
	{ .name = "address.ends",
	  .method = "GET",
	  .path = "/addresses/{address}/ends",
	  .who = BOTH,
	  .area = ADMIN_AREA_ADDRESSES,
	  .subject = ADMIN_OF_ADDRESS,
	  .params = one_params,
	  .shape = ADMIN_MANY,
	  .result = end_fields,
	  .run = ends,
	  .sentence = "Tell what becomes of mail to an address" },
	ADMIN_OP_END,
};
