#include "deliver/script.h"

#include <pthread.h>
#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "config/config.h"
#include "deliver/contacts.h"
#include "directory/directory.h"
#include "os/random.h"
#include "store/mailbox.h"
#include "store/metadata.h"
#include "store/remember.h"

/* Accounts whose scripts are kept at a time. */
#define KEPT_MAX 2000

/* What was made of an account's scripts; never changed once it is in the
 * map, so that many threads may run it. */
struct compiled {
	int64_t account, number;
	unsigned users; /* and one for the map */
	struct arena arena;
	struct sieve_program *program; /* NULL: no script */

	struct included {
		struct str name;
		struct sieve_program *program; /* NULL: it does not compile */
		const char *why;
	} * included;

	size_t n_included;
	struct str name;
	struct str why; /* it does not compile */
	bool has_vacation;
	struct vacation vacation;
};

struct deliver_scripts {
	struct store *store;
	const struct config *config;
	struct deliver_contacts *contacts;
	pthread_mutex_t lock;
	struct map map; /* account -> struct compiled */
};

struct deliver_scripts *deliver_scripts_new(struct store *store,
                                            const struct config *cfg)
{
	struct deliver_scripts *s = mem_zalloc(sizeof(*s));

	s->store = store;
	s->config = cfg;
	s->contacts = deliver_contacts_new(store);
	(void)pthread_mutex_init(&s->lock, NULL);
	map_init(&s->map, random_u64());
	return s;
}

/* With the lock. */
static void let_go(struct compiled *c)
{
	if (--c->users > 0)
		return;
	sieve_program_free(&c->program);
	for (size_t i = 0; i < c->n_included; i++)
		sieve_program_free(&c->included[i].program);
	arena_deinit(&c->arena);
	mem_free(c);
}

static bool sweep(void *arg, void *value)
{
	struct compiled *c = value;

	(void)arg;
	if (c->users > 1)
		return true;
	let_go(c);
	return false;
}

void deliver_scripts_free(struct deliver_scripts **sp)
{
	struct deliver_scripts *s = *sp;

	if (!s)
		return;
	map_sweep(&s->map, sweep, NULL);
	map_deinit(&s->map);
	(void)pthread_mutex_destroy(&s->lock);
	deliver_contacts_free(&s->contacts);
	mem_free(s);
	*sp = NULL;
}

static struct store_account account_of(const struct route_end *end)
{
	return (struct store_account){ .id = end->account_id,
		                       .shard = end->shard,
		                       .quota_bytes = end->quota_bytes };
}

/* ---- compiling ---- */

static int read_vacation(struct deliver_scripts *s, struct store_account a,
                         struct compiled *c, struct err *err)
{
	if (vacation_get(s->store, a, &c->arena, &c->vacation, err) == 0) {
		c->has_vacation = c->vacation.on;
		return 0;
	}
	return err->kind == ERR_NOT_FOUND ? 0 : -1;
}

static struct included *find_included(const struct compiled *c, struct str name)
{
	for (size_t i = 0; i < c->n_included; i++)
		if (str_eq(c->included[i].name, name))
			return &c->included[i];
	return NULL;
}

/* One that is missing is an error only when it is to run. */
static int read_included(struct deliver_scripts *s, struct store_account a,
                         struct compiled *c, struct str name, struct err *err)
{
	struct included *in = &c->included[c->n_included];
	struct sieve_error where;
	struct script script;
	struct arena scratch;
	int rc;

	if (find_included(c, name) || c->n_included == SIEVE_INCLUDES_MAX)
		return 0;
	arena_init(&scratch);
	rc = script_get(s->store, a, name, &scratch, &script, err);
	if (rc == 0) {
		in->name = arena_dup(&c->arena, name);
		if (!sieve_compile(script.text, &in->program, &where))
			in->why = arena_fmt(&c->arena, "line %u: %s",
			                    where.at.line, where.text)
			                  .p;
		c->n_included++;
	}
	arena_deinit(&scratch);
	return rc < 0 && err->kind != ERR_NOT_FOUND ? -1 : 0;
}

/* Those of the account that the script includes, and those that these do. */
static int read_includes(struct deliver_scripts *s, struct store_account a,
                         struct compiled *c, struct err *err)
{
	const struct sieve_program *p = c->program;

	c->included = arena_array(&c->arena, SIEVE_INCLUDES_MAX + 1,
	                          sizeof(*c->included));
	for (size_t at = 0; p || at < c->n_included;) {
		const struct sieve_include *list;
		size_t n;

		if (!p)
			p = c->included[at++].program;
		n = p ? sieve_program_includes(p, &list) : 0;
		for (size_t i = 0; i < n; i++)
			if (!list[i].global &&
			    read_included(s, a, c, list[i].name, err) < 0)
				return -1;
		p = NULL;
	}
	return 0;
}

static int read_script(struct deliver_scripts *s, struct store_account a,
                       struct compiled *c, struct err *err)
{
	struct sieve_error where;
	struct script script;

	if (script_active(s->store, a, &c->arena, &script, err) < 0)
		return err->kind == ERR_NOT_FOUND ? 0 : -1;
	c->name = script.name;
	/* It did when it was put; a later version may know less. */
	if (!sieve_compile(script.text, &c->program, &where))
		c->why = arena_fmt(&c->arena, "line %u: %s", where.at.line,
		                   where.text);
	return c->program ? read_includes(s, a, c, err) : 0;
}

static int make(struct deliver_scripts *s, const struct route_end *end,
                struct compiled **out, struct err *err)
{
	struct compiled *c = mem_zalloc(sizeof(*c));
	struct store_account a = account_of(end);

	arena_init(&c->arena);
	c->account = end->account_id;
	c->number = end->script;
	c->users = 1;
	if (read_script(s, a, c, err) < 0 || read_vacation(s, a, c, err) < 0) {
		let_go(c);
		return -1;
	}
	*out = c;
	return 0;
}

static int borrow(struct deliver_scripts *s, const struct route_end *end,
                  struct compiled **out, struct err *err)
{
	struct compiled *c, *before;

	(void)pthread_mutex_lock(&s->lock);
	c = map_get_u64(&s->map, (uint64_t)end->account_id);
	if (c && c->number == end->script) {
		c->users++;
		(void)pthread_mutex_unlock(&s->lock);
		*out = c;
		return 0;
	}
	(void)pthread_mutex_unlock(&s->lock);
	if (make(s, end, &c, err) < 0)
		return -1;
	(void)pthread_mutex_lock(&s->lock);
	if (s->map.n >= KEPT_MAX)
		map_sweep(&s->map, sweep, NULL);
	/* Two may have made it at a time; and an older number never takes the
	 * place of a newer one. */
	before = map_get_u64(&s->map, (uint64_t)end->account_id);
	if (!before || before->number < c->number) {
		c->users++;
		before = map_put_u64(&s->map, (uint64_t)end->account_id, c);
		if (before)
			let_go(before);
	}
	(void)pthread_mutex_unlock(&s->lock);
	*out = c;
	return 0;
}

static void give_back(struct deliver_scripts *s, struct compiled *c)
{
	(void)pthread_mutex_lock(&s->lock);
	let_go(c);
	(void)pthread_mutex_unlock(&s->lock);
}

/* ---- what a script asks ---- */

struct asking {
	struct store *store;
	const struct config *config;
	struct store_account account;
	struct arena *a;
	int64_t now_us;
	const struct compiled *compiled;
	struct deliver_contacts *books;
	struct contacts *contacts; /* lent, once the script asked for them */
	bool trouble;              /* the store failed: *err says why */
	struct err *err;
};

/* Without the prefix that mail programs may write (R34). */
static struct str own_name(struct str name)
{
	if (str_starts_case(name, STR("INBOX/")))
		return str_from(name, 6);
	return name;
}

static bool found(struct asking *q, int rc)
{
	if (rc < 0 && q->err->kind != ERR_NOT_FOUND)
		q->trouble = true;
	return rc == 0;
}

static bool mailbox_exists(void *ctx, struct str name)
{
	struct asking *q = ctx;
	struct mailbox m;

	return found(q, mailbox_get(q->store, q->account, own_name(name), q->a,
	                            &m, q->err));
}

static bool use_exists(void *ctx, struct str mailbox, struct str use)
{
	enum mailbox_use u = mailbox_use_parse(use);
	struct asking *q = ctx;
	struct mailbox m;

	if (u == MAILBOX_USE_NONE)
		return false;
	if (!found(q,
	           mailbox_get_use(q->store, q->account, u, q->a, &m, q->err)))
		return false;
	return mailbox.n == 0 || str_eq(m.name, own_name(mailbox));
}

static bool id_exists(void *ctx, struct str id)
{
	struct asking *q = ctx;
	struct mailbox m;
	uint64_t no;

	return store_id_parse(id, STORE_ID_MAILBOX, &no) &&
	       found(q, mailbox_get_no(q->store, q->account, no, q->a, &m,
	                               q->err));
}

static bool annotation(struct asking *q, uint64_t mailbox, struct str entry,
                       struct str *out)
{
	return metadata_name_check(entry) == METADATA_NAME_ENTRY &&
	       found(q, metadata_get(q->store, q->account, mailbox, entry, q->a,
	                             out, q->err));
}

static bool mailbox_metadata(void *ctx, struct str mailbox, struct str entry,
                             struct str *out)
{
	struct asking *q = ctx;
	struct mailbox m;

	if (!found(q, mailbox_get(q->store, q->account, own_name(mailbox), q->a,
	                          &m, q->err)))
		return false;
	if (!str_eq_case(entry, METADATA_SPECIAL_USE))
		return annotation(q, m.no, entry, out);
	*out = str_z(mailbox_use_name(m.use));
	return out->n > 0;
}

static bool server_metadata(void *ctx, struct str entry, struct str *out)
{
	struct asking *q = ctx;

	if (!str_eq_case(entry, METADATA_ADMIN))
		return annotation(q, 0, entry, out);
	*out = config_contact(q->config, q->a);
	return true;
}

/* The host has no scripts of its own for ":global". */
static const struct sieve_program *include(void *ctx, struct str name,
                                           bool global, const char **why)
{
	struct asking *q = ctx;
	const struct included *in =
		global ? NULL : find_included(q->compiled, name);

	if (!in)
		return NULL;
	*why = in->why;
	return in->program;
}

static bool duplicate(void *ctx, struct str id, uint64_t seconds, bool last)
{
	struct asking *q = ctx;
	bool yes = false;

	(void)seconds; /* they were given when it was remembered */
	(void)last;
	if (remember_has(q->store, q->account, REMEMBER_DUPLICATE, id,
	                 q->now_us, &yes, q->err) < 0)
		q->trouble = true;
	return yes;
}

static const struct contacts *contacts_of(struct asking *q)
{
	if (!q->contacts && deliver_contacts_borrow(q->books, q->account,
	                                            &q->contacts, q->err) < 0)
		q->trouble = true;
	return q->contacts;
}

static bool list_has(void *ctx, enum sieve_list list, struct str address)
{
	const struct contacts *c = contacts_of(ctx);

	return c && contacts_has(c, address, list == SIEVE_LIST_DEFAULT);
}

static size_t list_members(void *ctx, enum sieve_list list, struct str *out,
                           size_t max)
{
	const struct contacts *c = contacts_of(ctx);

	return c ? contacts_list(c, list == SIEVE_LIST_DEFAULT, out, max) : 0;
}

/* ---- running ---- */

static void keep_alone(struct sieve_result *r)
{
	r->actions[0] =
		(struct sieve_action){ .kind = SIEVE_KEEP, .implicit = true };
	r->n = 1;
}

static int run(struct deliver_scripts *s, const struct route_end *end,
               const struct compiled *c, struct sieve_facts *f, struct arena *a,
               struct deliver_script_run *out, struct err *err)
{
	struct err asked = ERR_INIT, why = ERR_INIT;
	struct asking q = {
		.store = s->store,
		.config = s->config,
		.account = account_of(end),
		.a = a,
		.now_us = f->now_us,
		.compiled = c,
		.books = s->contacts,
		.err = &asked,
	};
	struct sieve_host host = {
		.ctx = &q,
		.mailbox_exists = mailbox_exists,
		.special_use_exists = use_exists,
		.mailbox_id_exists = id_exists,
		.mailbox_metadata = mailbox_metadata,
		.server_metadata = server_metadata,
		.include = include,
		.duplicate = duplicate,
		.list_has = list_has,
		.list_members = list_members,
	};
	int rc;

	if (!f->root)
		f->root = mime_parse(a, f->message, NULL);
	rc = sieve_run(c->program, f, &host, a, &out->result, &why);
	deliver_contacts_return(s->contacts, &q.contacts);
	if (q.trouble) {
		*err = asked;
		return -1;
	}
	if (rc < 0) {
		out->failed = true;
		out->why = arena_dup(a, str_z(why.text));
		keep_alone(&out->result);
	}
	return 0;
}

int deliver_script(struct deliver_scripts *s, const struct route_end *end,
                   struct sieve_facts *f, struct arena *a,
                   struct deliver_script_run *out, struct err *err)
{
	struct compiled *c;
	int rc = 0;

	out->has_script = out->failed = false;
	out->why = out->name = (struct str){ NULL, 0 };
	keep_alone(&out->result);
	if (borrow(s, end, &c, err) < 0)
		return -1;
	out->name = arena_dup(a, c->name);
	out->has_vacation = c->has_vacation;
	if (c->has_vacation) {
		out->vacation = c->vacation;
		out->vacation.subject = arena_dup(a, c->vacation.subject);
		out->vacation.text = arena_dup(a, c->vacation.text);
		out->vacation.html = arena_dup(a, c->vacation.html);
	}
	out->has_script = c->program || c->why.n;
	if (c->why.n) {
		out->failed = true;
		out->why = arena_dup(a, c->why);
	} else if (c->program) {
		rc = run(s, end, c, f, a, out, err);
	}
	give_back(s, c);
	return rc;
}

/* ---- changes ---- */

int deliver_script_check(struct str text, struct err *err)
{
	struct sieve_program *p;
	struct sieve_error e;

	if (!sieve_compile(text, &p, &e))
		return err_set(err, ERR_INVALID, "line %u, column %u: %s",
		               e.at.line, e.at.column, e.text);
	sieve_program_free(&p);
	return 0;
}

int deliver_script_tell(struct store *store, struct directory *dir,
                        struct store_account a, struct err *err)
{
	bool any;

	if (script_any(store, a, &any, err) < 0)
		return -1;
	return directory_account_set_script(dir, a.id, any, err);
}

/* ---- folders ---- */

static struct str join_flags(struct arena *a, const struct sieve_action *act)
{
	struct str all = STR("");

	for (size_t i = 0; i < act->n_flags; i++)
		all = arena_fmt(a, "%.*s%s%.*s", STR_ARG(all), i ? " " : "",
		                STR_ARG(act->flags[i]));
	return all;
}

/* 1: *out has its number, 0: there is none, -1. */
static int find_folder(struct store *store, struct store_account acc,
                       const struct sieve_action *act, struct arena *a,
                       uint64_t *out, struct err *err)
{
	struct str name = own_name(act->mailbox);
	struct mailbox m;
	uint64_t no;

	if (store_id_parse(act->mailbox_id, STORE_ID_MAILBOX, &no) &&
	    mailbox_get_no(store, acc, no, a, &m, err) == 0) {
		*out = m.no;
		return 1;
	}
	if (act->use.n &&
	    mailbox_get_use(store, acc, mailbox_use_parse(act->use), a, &m,
	                    err) == 0) {
		*out = m.no;
		return 1;
	}
	if (mailbox_get(store, acc, name, a, &m, err) == 0) {
		*out = m.no;
		return 1;
	}
	if (err->kind != ERR_NOT_FOUND && err->kind != ERR_INVALID)
		return -1;
	if (!act->create)
		return 0;
	if (mailbox_create(store, acc, name, mailbox_use_parse(act->use), out,
	                   err) == 0) {
		struct err ignored = ERR_INIT;

		/* Seen by the programs that show what is subscribed. */
		err_drop(mailbox_subscribe(store, acc, name, true, &ignored));
		return 1;
	}
	if (err->kind == ERR_EXISTS &&
	    mailbox_get(store, acc, name, a, &m, err) == 0) {
		*out = m.no; /* made meanwhile */
		return 1;
	}
	return err->kind == ERR_TEMP || err->kind == ERR_CORRUPT ||
	                       err->kind == ERR_NO_SPACE
	               ? -1
	               : 0;
}

int deliver_script_folder(struct store *store, const struct route_end *end,
                          const struct sieve_action *act, bool junk,
                          struct arena *a, struct deliver_folder *out,
                          struct err *err)
{
	int rc = 0;

	*out = (struct deliver_folder){ .flags = join_flags(a, act) };
	if (act->mailbox.n)
		rc = find_folder(store, account_of(end), act, a, &out->mailbox,
		                 err);
	if (rc > 0)
		out->where = FILE_NAMED;
	else if (act->kind == SIEVE_KEEP && act->implicit && junk)
		out->where = FILE_JUNK;
	return rc < 0 ? -1 : 0;
}
