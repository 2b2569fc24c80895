#include "admin/private.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "gate/access.h"
#include "score/learned.h"
#include "text/idn.h"

/* ---- finding ---- */

static int explain_missing(struct admin *adm, struct str local,
                           struct str domain, struct arena *a, struct err *err)
{
	struct directory_resolved r;

	if (directory_address_resolve(adm->dir, local, domain, a, &r, err) < 0)
		return -1;
	if (r.kind == DIRECTORY_NOT_LOCAL)
		return err_set(err, ERR_NOT_FOUND,
		               "the domain %.*s is not hosted here",
		               STR_ARG(domain));
	if (r.kind == DIRECTORY_ALIAS && !r.detail.n)
		return err_set(err, ERR_NOT_FOUND,
		               "%.*s@%.*s is an alias, not an account",
		               STR_ARG(local), STR_ARG(domain));
	return err_set(err, ERR_NOT_FOUND, "there is no account %.*s@%.*s",
	               STR_ARG(local), STR_ARG(domain));
}

int admin_account_find(struct admin *adm, struct str address, struct arena *a,
                       struct directory_account *out, struct err *err)
{
	struct str local, domain;

	if (directory_address_parse(address, a, &local, &domain, err) < 0)
		return -1;
	address = arena_fmt(a, "%.*s@%.*s", STR_ARG(local), STR_ARG(domain));
	if (directory_login(adm->dir, address, a, out, err) == 0)
		return 0;
	if (err->kind != ERR_NOT_FOUND)
		return -1;
	return explain_missing(adm, local, domain, a, err);
}

struct senders {
	struct arena *a;
	struct str *items;
	size_t n, cap;
};

static bool add_sender(void *arg, struct str address)
{
	struct senders *s = arg;

	s->items = arena_grow(s->a, s->items, s->n, &s->cap, sizeof(*s->items));
	s->items[s->n++] = arena_dup(s->a, address);
	return true;
}

static int get_forwards(struct admin *adm, struct admin_account *out,
                        struct arena *a, struct err *err)
{
	struct str address = out->row.address;
	size_t at = str_rchr(address, '@');
	struct directory_resolved r;

	if (directory_address_resolve(adm->dir, str_to(address, at),
	                              str_from(address, at + 1), a, &r,
	                              err) < 0)
		return -1;
	out->forwards = r.targets;
	out->forwards_n = r.targets_n;
	return 0;
}

static int get_use(struct admin *adm, struct admin_account *out,
                   struct err *err)
{
	struct store_account sa = {
		.id = out->row.id,
		.shard = out->row.shard,
		.quota_bytes = out->row.quota_bytes,
	};
	struct store *store;
	struct quota quota;

	if (admin_store(adm, &store, err) < 0 ||
	    quota_get(store, sa, &quota, err) < 0)
		return -1;
	out->used_bytes = quota.used_bytes;
	out->messages = quota.messages;
	return 0;
}

/* The gate alone knows, while the host runs. */
static int get_password(struct admin *adm, struct admin_account *out,
                        struct err *err)
{
	struct credentials *credentials;
	struct credential credential;
	int rc;

	if (adm->gate)
		return 0;
	if (admin_credentials(adm, &credentials, err) < 0)
		return -1;
	rc = credentials_get(credentials, out->row.id, &credential, err);
	mem_wipe(&credential, sizeof(credential));
	out->has_password = rc > 0;
	return rc < 0 ? -1 : 0;
}

int admin_account_get(struct admin *adm, struct str address, struct arena *a,
                      struct admin_account *out, struct err *err)
{
	struct senders senders = { .a = a };
	struct admin_account r = { .used_bytes = 0 };
	size_t at;

	if (admin_account_find(adm, address, a, &r.row, err) < 0 ||
	    get_forwards(adm, &r, a, err) < 0 || get_use(adm, &r, err) < 0 ||
	    get_password(adm, &r, err) < 0 ||
	    directory_grant_each(adm->dir, r.row.id, add_sender, &senders,
	                         err) < 0)
		return -1;
	at = str_rchr(r.row.address, '@');
	r.display =
		arena_fmt(a, "%.*s@%.*s", STR_ARG(str_to(r.row.address, at)),
	                  STR_ARG(text_domain_display(a, str_from(r.row.address,
	                                                          at + 1))));
	r.senders = senders.items;
	r.senders_n = senders.n;
	*out = r;
	return 0;
}

/* ---- passwords ---- */

int admin_password_check(struct str password, struct err *err)
{
	if (password.n == 0)
		return err_set(err, ERR_INVALID, "the password is empty");
	if (password.n > ADMIN_PASSWORD_MAX)
		return err_set(err, ERR_TOO_BIG,
		               "the password has %zu bytes; at most %d are "
		               "allowed",
		               password.n, ADMIN_PASSWORD_MAX);
	if (!utf8_is_valid(password))
		return err_set(err, ERR_INVALID, "the password is not UTF-8");
	for (size_t i = 0; i < password.n; i++)
		if ((unsigned char)password.p[i] < ' ' || password.p[i] == 127)
			return err_set(err, ERR_INVALID,
			               "the password holds a control "
			               "character, which mail programs cannot "
			               "send");
	return 0;
}

static int set_password(struct admin *adm, int64_t id, struct str address,
                        struct str password, struct err *err)
{
	bool scram = config_choice(adm->cfg, OPT_AUTH_SCRAM) == CONFIG_ON;
	struct credentials *c;

	if (adm->gate)
		return gate_password_change(adm->gate, id, address, password, 0,
		                            err);
	if (admin_credentials(adm, &c, err) < 0)
		return -1;
	return credentials_set(c, id, address, password, scram, 0, err);
}

int admin_password_set(struct admin *adm, struct str address,
                       struct str password, struct err *err)
{
	struct directory_account acc;
	struct arena a;
	int rc;

	if (admin_password_check(password, err) < 0)
		return -1;
	arena_init(&a);
	rc = admin_account_find(adm, address, &a, &acc, err);
	if (rc == 0)
		rc = set_password(adm, acc.id, acc.address, password, err);
	arena_deinit(&a);
	return rc;
}

/* ---- adding and removing ---- */

/* What follows once the row is there. */
static int complete(struct admin *adm, const struct admin_account_new *n,
                    int64_t id, struct err *err)
{
	struct directory_account acc;
	struct arena a;
	int rc;

	arena_init(&a);
	rc = directory_account_get(adm->dir, id, &a, &acc, err);
	if (rc == 0 && n->quota_bytes)
		rc = directory_account_set_quota(adm->dir, id, n->quota_bytes,
		                                 err);
	if (rc == 0 && n->password.p)
		rc = set_password(adm, id, acc.address, n->password, err);
	arena_deinit(&a);
	return rc;
}

int admin_account_add(struct admin *adm, const struct admin_account_new *n,
                      int64_t *id_out, struct err *err)
{
	struct err ignored = ERR_INIT;
	int64_t id;

	if (n->password.p && admin_password_check(n->password, err) < 0)
		return -1;
	if (directory_account_add(adm->dir, n->address, n->name, &id, err) < 0)
		return -1;
	if (complete(adm, n, id, err) < 0) {
		/* The first failure is the one to tell. */
		err_drop(directory_account_remove(adm->dir, id, &ignored));
		err_drop(directory_account_forget(adm->dir, id, &ignored));
		return -1;
	}
	if (id_out)
		*id_out = id;
	return 0;
}

/* What its owner taught the spam filter. */
static int forget_learned(struct admin *adm, int64_t account, struct err *err)
{
	struct learned *lr;
	struct arena a;
	int rc;

	arena_init(&a);
	rc = learned_open(&lr, config_data_path(adm->cfg, &a, "score"), err);
	if (rc == 0) {
		rc = learned_forget(lr, account, err);
		learned_close(&lr);
	}
	arena_deinit(&a);
	return rc;
}

static int remove_password(struct admin *adm, int64_t id, struct err *err)
{
	struct credentials *c;

	if (adm->gate)
		return gate_password_remove(adm->gate, id, err);
	if (admin_credentials(adm, &c, err) < 0)
		return -1;
	return credentials_remove(c, id, err);
}

/* The mail first: while the row is there, a failure can be tried again. */
static int erase(struct admin *adm, const struct directory_account *acc,
                 struct err *err)
{
	struct store_account sa = { .id = acc->id, .shard = acc->shard };
	struct store *store;

	if (admin_store(adm, &store, err) < 0 ||
	    store_account_remove(store, sa, err) < 0 ||
	    forget_learned(adm, acc->id, err) < 0 ||
	    remove_password(adm, acc->id, err) < 0)
		return -1;
	return directory_account_forget(adm->dir, acc->id, err);
}

int admin_account_remove(struct admin *adm, struct str address, bool at_once,
                         struct err *err)
{
	struct directory_account acc;
	struct arena a;
	int rc;

	arena_init(&a);
	rc = admin_account_find(adm, address, &a, &acc, err);
	if (rc == 0)
		rc = directory_account_remove(adm->dir, acc.id, err);
	if (rc == 0 && at_once)
		rc = erase(adm, &acc, err);
	arena_deinit(&a);
	return rc;
}

/* Removed accounts, the newest of an address last. */
struct removed {
	struct str address;
	int64_t id, before_us;
	struct directory_account found;
};

static bool newest(void *arg, const struct directory_account *acc)
{
	struct removed *r = arg;

	if (str_eq(acc->address, r->address))
		r->id = acc->id;
	return true;
}

int admin_account_restore(struct admin *adm, struct str address,
                          struct err *err)
{
	struct removed r = { .id = 0 };
	struct str local, domain;
	struct arena a;
	int rc;

	arena_init(&a);
	rc = directory_address_parse(address, &a, &local, &domain, err);
	if (rc == 0) {
		r.address = arena_fmt(&a, "%.*s@%.*s", STR_ARG(local),
		                      STR_ARG(domain));
		rc = directory_removed_each(adm->dir, newest, &r, err);
	}
	if (rc == 0 && !r.id)
		rc = err_set(err, ERR_NOT_FOUND,
		             "there is no removed account %.*s",
		             STR_ARG(address));
	if (rc == 0)
		rc = directory_account_restore(adm->dir, r.id, err);
	arena_deinit(&a);
	return rc;
}

static bool first_overdue(void *arg, const struct directory_account *acc)
{
	struct removed *r = arg;

	if (acc->removed_us > r->before_us)
		return false; /* they come in the order of their removal */
	r->id = acc->id;
	r->found.id = acc->id;
	r->found.shard = acc->shard;
	return false;
}

int admin_erase_removed(struct admin *adm, int64_t now_us, unsigned *n_out,
                        struct err *err)
{
	int64_t keep_us = config_us(adm->cfg, OPT_STORE_UNDELETE);
	unsigned n = 0;

	for (;;) {
		struct removed r = { .before_us = now_us - keep_us };

		if (directory_removed_each(adm->dir, first_overdue, &r, err) <
		    0)
			return -1;
		if (!r.id)
			break;
		if (erase(adm, &r.found, err) < 0)
			return -1;
		n++;
	}
	if (n_out)
		*n_out = n;
	return 0;
}

/* ---- changing ---- */

int admin_account_flags(struct admin *adm, struct str address, unsigned on,
                        unsigned off, struct err *err)
{
	struct directory_account acc;
	struct arena a;
	int rc;

	arena_init(&a);
	rc = admin_account_find(adm, address, &a, &acc, err);
	if (rc == 0)
		rc = directory_account_set_flags(adm->dir, acc.id,
		                                 (acc.own_flags | on) & ~off,
		                                 err);
	arena_deinit(&a);
	return rc;
}

int admin_account_quota(struct admin *adm, struct str address, uint64_t bytes,
                        struct err *err)
{
	struct directory_account acc;
	struct arena a;
	int rc;

	arena_init(&a);
	rc = admin_account_find(adm, address, &a, &acc, err);
	if (rc == 0)
		rc = directory_account_set_quota(adm->dir, acc.id, bytes, err);
	arena_deinit(&a);
	return rc;
}

int admin_account_name(struct admin *adm, struct str address, struct str name,
                       struct err *err)
{
	struct directory_account acc;
	struct arena a;
	int rc;

	arena_init(&a);
	rc = admin_account_find(adm, address, &a, &acc, err);
	if (rc == 0)
		rc = directory_account_set_name(adm->dir, acc.id, name, err);
	arena_deinit(&a);
	return rc;
}

int admin_grant(struct admin *adm, struct str address, struct str sender,
                bool remove, struct err *err)
{
	struct directory_account acc;
	struct arena a;
	int rc;

	arena_init(&a);
	rc = admin_account_find(adm, address, &a, &acc, err);
	if (rc == 0)
		rc = remove ? directory_grant_remove(adm->dir, acc.id, sender,
		                                     err)
		            : directory_grant_add(adm->dir, acc.id, sender,
		                                  err);
	arena_deinit(&a);
	return rc;
}

/* ---- aliases and forwards ---- */

int admin_alias_set(struct admin *adm, struct str address,
                    const struct str *targets, size_t n, bool replace,
                    struct err *err)
{
	return directory_alias_set(adm->dir, address, targets, n, replace, NULL,
	                           err);
}

int admin_alias_remove(struct admin *adm, struct str address, struct err *err)
{
	return directory_alias_remove(adm->dir, address, err);
}

int admin_alias_get(struct admin *adm, struct str address, struct arena *a,
                    struct directory_resolved *out, struct err *err)
{
	struct directory_resolved r;
	struct str local, domain;

	if (directory_address_parse(address, a, &local, &domain, err) < 0 ||
	    directory_address_resolve(adm->dir, local, domain, a, &r, err) < 0)
		return -1;
	if (r.kind != DIRECTORY_ALIAS)
		return err_set(err, ERR_NOT_FOUND, "%s %.*s",
		               r.kind == DIRECTORY_ACCOUNT && !r.role
		                       ? "it is an account, no alias:"
		                       : "there is no alias",
		               STR_ARG(address));
	*out = r;
	return 0;
}
