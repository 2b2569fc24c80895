/* New senders that must come back once: who waits, and what was said. */
#include "admin/ops.h"
#include "os/clock.h"

#define EVERY (ADMIN_OWN | ADMIN_DOMAIN | ADMIN_OPERATOR)

/*
 * For whom: the operator for all, an administrator for the own domains and
 * their addresses, a user for the own address.
 */
static int check_scope(struct admin_call *c, struct str *scope, struct err *err)
{
	int64_t domain;

	if (c->by->roles & ADMIN_OPERATOR)
		return 0;
	if (!scope->n && !(c->by->roles & ADMIN_DOMAIN))
		*scope = c->by->address;
	if (!scope->n && c->by->domains_n != 1)
		return admin_blame(c, "for", err, ERR_INVALID,
		                   "say for which domain or address");
	if (!scope->n)
		return 0; /* filled in by the caller */
	if (str_eq(*scope, c->by->address))
		return 0;
	if (!(c->by->roles & ADMIN_DOMAIN)) {
		c->field = "for";
		return admin_hidden(*scope, err);
	}
	if (str_chr(*scope, '@') != STR_NPOS)
		return admin_access_address(c, "for", *scope, err);
	return admin_access_name(c, "for", *scope, &domain, err);
}

/* The argument `for`, checked; an administrator of one domain has it. */
static int scope_of(struct admin_call *c, struct str *out, struct err *err)
{
	struct str scope = admin_arg_text(c, "for");

	if (check_scope(c, &scope, err) < 0)
		return -1;
	if (!scope.n && !(c->by->roles & ADMIN_OPERATOR) &&
	    admin_domain_name(c, c->by->domains[0], &scope, err) < 0)
		return -1;
	*out = scope;
	return 0;
}

static const struct admin_param scope_params[] = {
	{ "for", ADMIN_TEXT, 0, 400, NULL,
	  "An address or a domain here; without: everything one may see" },
	ADMIN_PARAM_END,
};

/* ---- who waits ---- */

static const struct admin_field waiting_fields[] = {
	{ "sender", ADMIN_IS_TEXT, false, NULL, NULL },
	{ "recipient", ADMIN_IS_TEXT, false, NULL, NULL },
	{ "vouched", ADMIN_IS_TEXT, false, NULL,
	  "The domain that passed SPF, or the network" },
	{ "first", ADMIN_IS_TIME, false, NULL, NULL },
	{ "last", ADMIN_IS_TIME, false, NULL, NULL },
	{ "tries", ADMIN_IS_NUMBER, false, NULL, NULL },
	{ "passes", ADMIN_IS_TIME, false, NULL, "From then on it is let in" },
	ADMIN_FIELD_END,
};

static bool write_item(void *arg, const struct greylist_item *i)
{
	struct admin_call *c = arg;
	int64_t wait_us =
		(int64_t)config_u64(c->adm->cfg, OPT_POLICY_GREYLIST_MINUTES) *
		US_PER_MIN;

	json_object(c->w);
	json_member_str(c->w, "sender", i->sender);
	json_member_str(c->w, "recipient", i->recipient);
	json_member_str(c->w, "vouched", i->vouched);
	json_member_time(c->w, "first", i->first_us);
	json_member_time(c->w, "last", i->last_us);
	json_member_u64(c->w, "tries", i->tries);
	json_member_time(c->w, "passes", i->first_us + wait_us);
	json_end(c->w);
	return true;
}

static int waiting(struct admin_call *c, struct err *err)
{
	struct greylist *g;
	struct str scope;

	if (scope_of(c, &scope, err) < 0 || admin_greylist(c->adm, &g, err) < 0)
		return -1;
	admin_page_begin(c);
	if (greylist_waiting(g, scope, clock_wall_us(), write_item, c, err) < 0)
		return -1;
	admin_page_end(c, STR(""));
	return 0;
}

/* ---- what was said ---- */

static const struct admin_field word_fields[] = {
	{ "sender", ADMIN_IS_TEXT, false, NULL, "An address or a domain" },
	{ "for", ADMIN_IS_TEXT, true, NULL, "null: for everybody here" },
	{ "result", ADMIN_IS_TEXT, false, NULL, "allowed or blocked" },
	{ "since", ADMIN_IS_TIME, false, NULL, NULL },
	ADMIN_FIELD_END,
};

struct words {
	struct admin_call *c;
	struct str scope;
};

static bool is_within(struct str scope, struct str of)
{
	size_t at = str_rchr(scope, '@');

	return str_eq_case(scope, of) ||
	       (at != STR_NPOS && str_eq_case(str_from(scope, at + 1), of));
}

static bool write_word(void *arg, const struct greylist_word *g)
{
	const struct words *s = arg;
	struct json_writer *w = s->c->w;

	if (s->scope.n && !is_within(g->scope, s->scope))
		return true;
	json_object(w);
	json_member_str(w, "sender", g->sender);
	if (g->scope.n)
		json_member_str(w, "for", g->scope);
	else
		json_member_z(w, "for", NULL);
	json_member_z(w, "result",
	              g->what == GREYLIST_ALLOW ? "allowed" : "blocked");
	json_member_time(w, "since", g->at_us);
	json_end(w);
	return true;
}

static int all_words(struct admin_call *c, struct err *err)
{
	struct words s = { .c = c };
	struct greylist *g;

	if (scope_of(c, &s.scope, err) < 0 ||
	    admin_greylist(c->adm, &g, err) < 0)
		return -1;
	admin_page_begin(c);
	if (greylist_words(g, write_word, &s, err) < 0)
		return -1;
	admin_page_end(c, STR(""));
	return 0;
}

static const struct admin_param word_params[] = {
	{ "sender", ADMIN_TEXT, ADMIN_NEEDED, 400, NULL,
	  "An address or a domain elsewhere" },
	{ "for", ADMIN_TEXT, 0, 400, NULL,
	  "For this address or domain here; without: for everything one "
	  "administers" },
	ADMIN_PARAM_END,
};

static int say(struct admin_call *c, enum greylist_let what, struct err *err)
{
	struct greylist *g;
	struct str scope;

	if (scope_of(c, &scope, err) < 0 || admin_greylist(c->adm, &g, err) < 0)
		return -1;
	return greylist_set(g, admin_arg_text(c, "sender"), scope, what,
	                    clock_wall_us(), err);
}

static int allow(struct admin_call *c, struct err *err)
{
	return say(c, GREYLIST_ALLOW, err);
}

static int block(struct admin_call *c, struct err *err)
{
	return say(c, GREYLIST_BLOCK, err);
}

static int drop(struct admin_call *c, struct err *err)
{
	return say(c, GREYLIST_NEITHER, err);
}

#define ROW(n, m, p, ch, par, sh, res, fn, words)                             \
	{                                                                     \
		.name = n, .method = m, .path = p, .who = EVERY,              \
		.area = ADMIN_AREA_RECEIVING, .changes = ch, .elsewhere = ch, \
		.params = par, .shape = sh, .result = res, .run = fn,         \
		.sentence = words                                             \
	}

const struct admin_operation admin_ops_greylist[] = {
	ROW("greylist.waiting", "GET", "/greylist/waiting", false, scope_params,
	    ADMIN_MANY, waiting_fields, waiting,
	    "List the new senders that must come back"),
	ROW("greylist.words", "GET", "/greylist/words", false, scope_params,
	    ADMIN_MANY, word_fields, all_words,
	    "List who is let in at once, and who is blocked"),
	ROW("greylist.allow", "POST", "/greylist/allow", true, word_params,
	    ADMIN_NOTHING, NULL, allow, "Let a sender in at once"),
	ROW("greylist.block", "POST", "/greylist/block", true, word_params,
	    ADMIN_NOTHING, NULL, block, "Block a sender"),
	ROW("greylist.remove", "POST", "/greylist/remove", true, word_params,
	    ADMIN_NOTHING, NULL, drop, "Take back what was said of a sender"),
	ADMIN_OP_END,
};
