/*
 * Who may do what to what.
 *
 * A domain or an address that the caller has no part in is answered as one
 * that is not there, before anything about it is looked at; only who may see
 * all learns from the words which of the two it was.
 */
#include <string.h>

#include "admin/ops.h"
#include "directory/role.h"

int admin_hidden(struct str name, struct err *err)
{
	return err_set(err, ERR_NOT_FOUND, "there is no %.*s here",
	               STR_ARG(name));
}

static bool sees_all(const struct admin_call *c)
{
	return (c->by->roles & ADMIN_OPERATOR) != 0;
}

/* The roles in which the row can be called by this caller. */
static unsigned roles_of(const struct admin_call *c)
{
	return c->by->roles & c->op->who;
}

static int find_domain(struct admin_call *c, struct str name,
                       struct directory_domain *out, struct err *err)
{
	struct err why = ERR_INIT;

	if (directory_domain_get(c->adm->dir, name, c->a, out, &why) == 0)
		return 0;
	if (!sees_all(c) &&
	    (why.kind == ERR_NOT_FOUND || why.kind == ERR_INVALID))
		return admin_hidden(name, err);
	*err = why;
	return -1;
}

static int64_t home_of(const struct directory_domain *d)
{
	return d->alias_of ? d->alias_of : d->id;
}

static int of_domain(struct admin_call *c, struct err *err)
{
	struct str name = c->v[0].s;

	if (c->op->host_too && sees_all(c) &&
	    str_eq_case(name, config_hostname(c->adm->cfg))) {
		c->domain = (struct directory_domain){ .name = name };
		return 0;
	}
	if (find_domain(c, name, &c->domain, err) < 0)
		return -1;
	c->domain_id = home_of(&c->domain);
	if (!(roles_of(c) & ADMIN_OPERATOR) &&
	    !(roles_of(c) & ADMIN_DOMAIN &&
	      admin_caller_has_domain(c->by, c->domain_id)))
		return admin_hidden(name, err);
	return 0;
}

/* "anna@alias.example" is anna of the domain behind it. */
static int find_address(struct admin_call *c, struct str typed,
                        struct directory_domain *d, struct str *out,
                        struct err *err)
{
	struct err why = ERR_INIT;
	struct str local, domain;

	if (directory_address_parse(typed, c->a, &local, &domain, &why) < 0) {
		if (!sees_all(c) && why.kind != ERR_TEMP)
			return admin_hidden(typed, err);
		*err = why;
		return -1;
	}
	if (find_domain(c, domain, d, err) < 0) {
		if (!sees_all(c) && err->kind == ERR_NOT_FOUND)
			return admin_hidden(typed, err);
		return -1;
	}
	*out = arena_fmt(c->a, "%.*s@%.*s", STR_ARG(local),
	                 STR_ARG(d->alias_of ? d->alias_of_name : d->name));
	return 0;
}

static int of_address(struct admin_call *c, struct err *err)
{
	struct str typed = c->v[0].s;
	unsigned roles = roles_of(c);

	if (find_address(c, typed, &c->domain, &c->address, err) < 0)
		return -1;
	c->domain_id = home_of(&c->domain);
	if (roles & ADMIN_OPERATOR ||
	    (roles & ADMIN_DOMAIN &&
	     admin_caller_has_domain(c->by, c->domain_id)) ||
	    (roles & ADMIN_OWN && str_eq(c->address, c->by->address)))
		return 0;
	return admin_hidden(typed, err);
}

struct more {
	const struct admin_call *c;
	bool found;
};

static bool has_more(void *arg, const struct directory_role *r)
{
	struct more *m = arg;

	m->found |= !admin_caller_has_domain(m->c->by, r->domain);
	return !m->found;
}

/* Whoever could change the account of somebody with more power, its password
 * or where its mail goes, would have that power. */
static int check_power(struct admin_call *c, struct err *err)
{
	struct more m = { .c = c };
	struct directory_account acc;

	if (!c->op->changes || sees_all(c) ||
	    str_eq(c->address, c->by->address))
		return 0;
	if (directory_login(c->adm->dir, c->address, c->a, &acc, err) < 0) {
		if (err->kind != ERR_NOT_FOUND)
			return -1;
		*err = (struct err)ERR_INIT;
		return 0; /* no account, or not yet */
	}
	if (directory_role_each(c->adm->dir, acc.id, has_more, &m, err) < 0)
		return -1;
	if (m.found)
		return err_set(err, ERR_DENIED,
		               "%.*s administers more than you do",
		               STR_ARG(c->address));
	return 0;
}

static uint64_t scope_of(const struct admin_operation *op)
{
	return op->changes ? ADMIN_SCOPE_CHANGE(op->area)
	                   : ADMIN_SCOPE_READ(op->area);
}

int admin_access(struct admin_call *c, struct err *err)
{
	if (c->op->who & ADMIN_ANYONE)
		return 0;
	if (!roles_of(c))
		return err_set(err, ERR_DENIED, "%s is not for a %s",
		               c->op->name,
		               strcmp(admin_caller_role(c->by), "domain") == 0
		                       ? "domain administrator"
		                       : admin_caller_role(c->by));
	if (!(c->by->scopes & scope_of(c->op))) {
		c->fault = ADMIN_FAULT_SCOPE;
		return err_set(err, ERR_DENIED,
		               "this needs a token with the scope %s:%s",
		               admin_area_name(c->op->area),
		               c->op->changes ? "change" : "read");
	}
	switch (c->op->subject) {
	case ADMIN_OF_NONE: return 0;
	case ADMIN_OF_DOMAIN: return of_domain(c, err);
	case ADMIN_OF_ADDRESS:
		if (of_address(c, err) < 0)
			return -1;
		return check_power(c, err);
	}
	return 0;
}

int admin_access_name(struct admin_call *c, const char *param, struct str name,
                      int64_t *domain_out, struct err *err)
{
	struct directory_domain d;

	c->field = param;
	if (find_domain(c, name, &d, err) < 0)
		return -1;
	if (!admin_caller_has_domain(c->by, home_of(&d)))
		return admin_hidden(name, err);
	*domain_out = home_of(&d);
	c->field = NULL;
	return 0;
}

int admin_access_address(struct admin_call *c, const char *param,
                         struct str address, struct err *err)
{
	struct directory_domain d;
	struct str canonical;

	c->field = param;
	if (find_address(c, address, &d, &canonical, err) < 0)
		return -1;
	if (!admin_caller_has_domain(c->by, home_of(&d)))
		return admin_hidden(address, err);
	c->field = NULL;
	return 0;
}

struct naming {
	struct arena *a;
	int64_t id;
	struct str name;
};

static bool take_name(void *arg, const struct directory_role *r)
{
	struct naming *n = arg;

	if (r->domain != n->id)
		return true;
	n->name = arena_dup(n->a, r->domain_name);
	return false;
}

int admin_domain_name(struct admin_call *c, int64_t id, struct str *out,
                      struct err *err)
{
	struct naming n = { .a = c->a, .id = id };

	if (directory_role_each(c->adm->dir, c->by->account, take_name, &n,
	                        err) < 0)
		return -1;
	if (!n.name.n)
		return admin_hidden(STR("such domain"), err);
	*out = n.name;
	return 0;
}
