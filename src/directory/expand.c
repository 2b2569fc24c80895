#include <string.h>

#include "base/mem.h"
#include "directory/private.h"

/* What was met on the way. */
enum visit {
	VISIT_OPEN = 1, /* above us: to meet it again is a loop */
	VISIT_DEAD,     /* done, and nobody was reached */
	VISIT_ALIVE,    /* done */
};

struct expansion {
	struct directory *dir;
	struct db *db;
	struct arena *a;
	bool strict;
	struct directory_end *ends;
	size_t n, cap;
	struct map met;     /* id of account or alias -> enum visit */
	struct map outside; /* addresses elsewhere */
};

/* How we came to an address. */
struct way {
	unsigned depth;
	int64_t forwarded_by;
	bool by_alias;
};

static enum visit visit_of(const struct expansion *x, int64_t id)
{
	return (enum visit)(uintptr_t)map_get_u64(&x->met, (uint64_t)id);
}

static void set_visit(struct expansion *x, int64_t id, enum visit v)
{
	map_put_u64(&x->met, (uint64_t)id, (void *)(uintptr_t)v);
}

static int add_end(struct expansion *x, const struct directory_end *end,
                   struct err *err)
{
	if (x->n == DIRECTORY_TARGETS_MAX)
		return err_set(err, ERR_TOO_BIG,
		               "the address leads to more than %d others",
		               DIRECTORY_TARGETS_MAX);
	x->ends = arena_grow(x->a, x->ends, x->n, &x->cap, sizeof(*x->ends));
	x->ends[x->n++] = *end;
	return 0;
}

static int add_outside(struct expansion *x, struct str address, bool unknown,
                       const struct way *w, struct err *err)
{
	struct directory_end end = {
		.address = address,
		.forwarded_by = w->forwarded_by,
		.by_alias = w->by_alias,
		.unknown = unknown,
	};

	/* Once for each account that forwards there: what is not forwarded
	 * (spam) stays with every one of them. */
	struct str key = arena_fmt(x->a, "%.*s %lld", STR_ARG(address),
	                           (long long)w->forwarded_by);

	if (map_get(&x->outside, key))
		return 0;
	map_put(&x->outside, key, x);
	return add_end(x, &end, err);
}

static int add_here(struct expansion *x, const struct directory_resolved *r,
                    const struct way *w, struct err *err)
{
	struct directory_end end = {
		.here = true,
		.address = r->kind == DIRECTORY_CATCHALL || r->role ? r->address
		                                                    : r->asked,
		.to = *r,
		.forwarded_by = w->forwarded_by,
		.by_alias = w->by_alias,
	};

	end.to.quota_bytes = directory_quota(x->dir, r->quota_bytes);
	return add_end(x, &end, err);
}

static int go(struct expansion *x, struct str local, struct str domain,
              struct way w, bool *reached, struct err *err);

static int go_targets(struct expansion *x, const struct directory_resolved *r,
                      struct way w, bool *reached, struct err *err)
{
	w.depth++;
	if (r->targets_n && w.depth > DIRECTORY_DEPTH_MAX)
		return err_set(err, ERR_TOO_BIG,
		               "more than %d addresses lead to one another",
		               DIRECTORY_DEPTH_MAX);
	for (size_t i = 0; i < r->targets_n; i++) {
		struct str t = r->targets[i].address;
		size_t at = str_rchr(t, '@');
		bool one = false;

		/* Set, it must lead somewhere; followed, it waits. */
		if (!r->targets[i].confirmed && !x->strict)
			continue;
		if (go(x, str_to(t, at), str_from(t, at + 1), w, &one, err) < 0)
			return -1;
		*reached |= one;
	}
	return 0;
}

static int go_account(struct expansion *x, const struct directory_resolved *r,
                      struct way w, bool *reached, struct err *err)
{
	struct way on = { w.depth, r->account_id, w.by_alias };

	if (r->keep || !r->targets_n) {
		if (add_here(x, r, &w, err) < 0)
			return -1;
		*reached = true;
		set_visit(x, r->account_id, VISIT_ALIVE);
	}
	if (go_targets(x, r, on, reached, err) < 0)
		return -1;
	if (*reached)
		return 0;
	if (x->strict)
		return err_set(err, ERR_INVALID,
		               "the mail would go round in a circle through "
		               "%.*s and nobody would get it",
		               STR_ARG(r->address));
	*reached = true; /* it keeps its mail */
	return add_here(x, r, &w, err);
}

static int go_here(struct expansion *x, const struct directory_resolved *r,
                   int64_t id, struct way w, bool *reached, struct err *err)
{
	enum visit before = visit_of(x, id);
	int rc;

	if (before == VISIT_OPEN && x->strict && r->kind == DIRECTORY_ALIAS)
		return err_set(err, ERR_INVALID,
		               "%.*s would lead back to itself",
		               STR_ARG(r->address));
	if (before) {
		*reached = before == VISIT_ALIVE;
		return 0;
	}
	set_visit(x, id, VISIT_OPEN);
	if (r->kind == DIRECTORY_ALIAS) {
		w.by_alias = true;
		rc = go_targets(x, r, w, reached, err);
	} else {
		rc = go_account(x, r, w, reached, err);
	}
	set_visit(x, id, *reached ? VISIT_ALIVE : VISIT_DEAD);
	return rc;
}

static int not_found(const struct directory_resolved *r, struct str local,
                     struct str domain, struct err *err)
{
	if (r->kind == DIRECTORY_NOT_LOCAL)
		return err_set(err, ERR_NOT_FOUND,
		               "the domain %.*s is not hosted here",
		               STR_ARG(domain));
	return err_set(err, ERR_NOT_FOUND, "there is no address %.*s@%.*s",
	               STR_ARG(local), STR_ARG(domain));
}

static int go(struct expansion *x, struct str local, struct str domain,
              struct way w, bool *reached, struct err *err)
{
	struct directory_resolved r;
	bool unknown;

	if (directory_resolve_in(x->dir, x->db, local, domain, x->a, &r, err) <
	    0)
		return -1;
	switch (r.kind) {
	case DIRECTORY_ALIAS:
	case DIRECTORY_ACCOUNT:
	case DIRECTORY_CATCHALL:
		return go_here(x, &r,
		               r.kind == DIRECTORY_ALIAS ? r.alias_id
		                                         : r.account_id,
		               w, reached, err);
	case DIRECTORY_NONE:
	case DIRECTORY_NOT_LOCAL: break;
	}
	if (w.depth == 0)
		return not_found(&r, local, domain, err);
	*reached = true;
	unknown = r.kind == DIRECTORY_NONE;
	/* Elsewhere the case of a local part may matter: as it was typed. */
	return add_outside(x,
	                   unknown ? r.asked
	                           : directory_join(x->a, local, domain),
	                   unknown, &w, err);
}

int directory_expand_in(struct directory *dir, struct db *db, bool strict,
                        struct str local, struct str domain, struct arena *a,
                        struct directory_ends *out, struct err *err)
{
	struct expansion x = { .dir = dir, .db = db, .a = a, .strict = strict };
	bool reached = false;
	int rc;

	map_init(&x.met, 0);
	map_init(&x.outside, 0);
	rc = go(&x, local, domain, (struct way){ .depth = 0 }, &reached, err);
	map_deinit(&x.met);
	map_deinit(&x.outside);
	if (rc < 0)
		return -1;
	if (!x.n)
		return err_set(err, ERR_INVALID, "%.*s@%.*s leads to nobody",
		               STR_ARG(local), STR_ARG(domain));
	out->items = x.ends;
	out->n = x.n;
	return 0;
}

static int one_end(const struct directory_resolved *r, struct arena *a,
                   struct directory_ends *out)
{
	struct directory_end *end = arena_zalloc(a, sizeof(*end));

	end->here = true;
	end->to = *r;
	end->address = r->kind == DIRECTORY_CATCHALL || r->role ? r->address
	                                                        : r->asked;
	out->items = end;
	out->n = 1;
	return 0;
}

int directory_address_expand(struct directory *dir, struct str local,
                             struct str domain, struct arena *a,
                             struct directory_ends *out, struct err *err)
{
	struct directory_resolved r;
	struct db *db;
	int rc;

	if (directory_address_resolve(dir, local, domain, a, &r, err) < 0)
		return -1;
	if ((r.kind == DIRECTORY_ACCOUNT || r.kind == DIRECTORY_CATCHALL) &&
	    !r.targets_n)
		return one_end(&r, a, out);
	if (r.kind == DIRECTORY_NONE || r.kind == DIRECTORY_NOT_LOCAL)
		return not_found(&r, local, domain, err);
	if (db_group_read(dir->group, &db, err) < 0)
		return -1;
	rc = db_begin_read(db, err);
	if (rc == 0) {
		rc = directory_expand_in(dir, db, false, local, domain, a, out,
		                         err);
		db_rollback(db);
	}
	db_group_done(dir->group, &db);
	return rc;
}
