/* Tests that look at the message, and those that combine others. */
#include <string.h>

#include "sieve/run.h"
#include "wire/message/address.h"

int sieve_true(struct sieve_run_state *s, const struct sieve_op *op)
{
	(void)s;
	(void)op;
	return 1;
}

int sieve_false(struct sieve_run_state *s, const struct sieve_op *op)
{
	(void)s;
	(void)op;
	return 0;
}

int sieve_not(struct sieve_run_state *s, const struct sieve_op *op)
{
	int rc = sieve_test_run(s, op->tests);

	return rc < 0 ? -1 : !rc;
}

int sieve_allof(struct sieve_run_state *s, const struct sieve_op *op)
{
	for (const struct sieve_op *t = op->tests; t; t = t->next) {
		int rc = sieve_test_run(s, t);

		if (rc <= 0)
			return rc;
	}
	return 1;
}

int sieve_anyof(struct sieve_run_state *s, const struct sieve_op *op)
{
	for (const struct sieve_op *t = op->tests; t; t = t->next) {
		int rc = sieve_test_run(s, t);

		if (rc != 0)
			return rc;
	}
	return 0;
}

enum { TAG_MIME };

int sieve_exists(struct sieve_run_state *s, const struct sieve_op *op)
{
	struct sieve_strings names = sieve_values(s, &op->pos[0]);

	if (op->tag[TAG_MIME].set)
		return sieve_mime_exists(s, op);

	for (size_t i = 0; i < names.n; i++) {
		size_t at = 0;

		if (!sieve_field_next(s, names.v[i], &at))
			return 0;
	}
	return 1;
}

enum { TAG_OVER, TAG_UNDER };

int sieve_size(struct sieve_run_state *s, const struct sieve_op *op)
{
	uint64_t size = s->f->message.n;

	if (op->tag[TAG_OVER].set == op->tag[TAG_UNDER].set)
		return sieve_fail(s, op, ERR_INVALID,
		                  "size needs :over or :under");
	return op->tag[TAG_OVER].set ? size > op->number[0]
	                             : size < op->number[0];
}

/* ---- header ---- */

int sieve_header(struct sieve_run_state *s, const struct sieve_op *op)
{
	struct sieve_strings names = sieve_values(s, &op->pos[0]);
	struct sieve_comparison c;

	if (op->tag[TAG_MIME].set)
		return sieve_mime_test(s, op, sieve_mime_compare_header);

	sieve_compare_begin(&c, s, op, &op->pos[1]);
	for (size_t i = 0; i < names.n; i++) {
		struct sieve_field *f;
		size_t at = 0;

		if (op->index) {
			f = sieve_field_at(s, names.v[i], op->index,
			                   op->index_last);
			if (f && sieve_compare(&c, sieve_field_text(s, f)))
				break;
			continue;
		}
		while ((f = sieve_field_next(s, names.v[i], &at)))
			if (sieve_compare(&c, sieve_field_text(s, f)))
				return sieve_compare_end(&c);
	}
	return sieve_compare_end(&c);
}

/* ---- address ---- */

static struct str join(struct arena *a, struct str local, struct str domain)
{
	char *p = arena_alloc(a, local.n + domain.n + 2);

	if (local.n)
		memcpy(p, local.p, local.n);
	p[local.n] = '@';
	memcpy(p + local.n + 1, domain.p, domain.n);
	return (struct str){ p, local.n + 1 + domain.n };
}

/* ":user" and ":detail" cut at the first "+" (RFC 5233, 4).  False: there is
 * no detail, and so nothing to compare. */
static bool address_part(struct sieve_run_state *s, const struct sieve_op *op,
                         struct str local, struct str domain, struct str *out)
{
	size_t plus = str_chr(local, '+');

	switch (op->part) {
	case PART_ALL:
		*out = domain.n ? join(s->a, local, domain) : local;
		return true;
	case PART_LOCAL: *out = local; return true;
	case PART_DOMAIN: *out = domain; return true;
	case PART_USER:
		*out = plus == STR_NPOS ? local : str_to(local, plus);
		return true;
	case PART_DETAIL:
		if (plus == STR_NPOS)
			return false;
		*out = str_from(local, plus + 1);
		return true;
	}
	return false;
}

bool sieve_compare_address(struct sieve_comparison *c,
                           const struct sieve_op *op, struct str local,
                           struct str domain)
{
	struct str part;

	return address_part(c->s, op, local, domain, &part) &&
	       sieve_compare(c, part);
}

static bool compare_addresses(struct sieve_comparison *c,
                              const struct sieve_op *op,
                              const struct address_list *list)
{

	for (size_t i = 0; i < list->n; i++) {
		const struct address *ad = &list->v[i];

		if (ad->kind == ADDRESS_MAILBOX &&
		    sieve_compare_address(c, op, ad->local, ad->domain))
			return true;
	}
	return false;
}

static bool compare_field_addresses(struct sieve_comparison *c,
                                    const struct sieve_op *op,
                                    struct sieve_field *f)
{
	return compare_addresses(c, op, sieve_field_addresses(c->s, f));
}

static bool compare_raw_addresses(struct sieve_comparison *c,
                                  const struct sieve_op *op, struct str raw)
{
	struct address_list list;

	address_list_parse(c->s->a, raw, NULL, &list);
	return compare_addresses(c, op, &list);
}

int sieve_address(struct sieve_run_state *s, const struct sieve_op *op)
{
	struct sieve_strings names = sieve_values(s, &op->pos[0]);
	struct sieve_comparison c;

	if (op->tag[TAG_MIME].set)
		return sieve_mime_test(s, op, compare_raw_addresses);

	sieve_compare_begin(&c, s, op, &op->pos[1]);
	for (size_t i = 0; i < names.n; i++) {
		struct sieve_field *f;
		size_t at = 0;

		if (op->index) {
			f = sieve_field_at(s, names.v[i], op->index,
			                   op->index_last);
			if (f && compare_field_addresses(&c, op, f))
				break;
			continue;
		}
		while ((f = sieve_field_next(s, names.v[i], &at)))
			if (compare_field_addresses(&c, op, f))
				return sieve_compare_end(&c);
	}
	return sieve_compare_end(&c);
}

/* ---- body (RFC 5173) ---- */

enum { TAG_RAW, TAG_CONTENT, TAG_TEXT };

/* "text", "text/plain" or "" for all. */
static bool is_wanted_type(const struct mime_part *p, struct str want)
{
	size_t slash = str_chr(want, '/');

	if (want.n == 0)
		return true;
	if (slash == STR_NPOS)
		return str_eq_case(p->type, want);
	return str_eq_case(p->type, str_to(want, slash)) &&
	       str_eq_case(p->subtype, str_from(want, slash + 1));
}

static bool wants_part(struct sieve_run_state *s, const struct sieve_op *op,
                       const struct mime_part *p)
{
	struct sieve_strings types;

	if (p->kind != MIME_SINGLE)
		return false;
	if (!op->tag[TAG_CONTENT].set)
		return mime_part_is(p, "text", NULL);
	types = sieve_values(s, &op->tag[TAG_CONTENT].strings);
	for (size_t i = 0; i < types.n; i++)
		if (is_wanted_type(p, types.v[i]))
			return true;
	return false;
}

int sieve_body(struct sieve_run_state *s, const struct sieve_op *op)
{
	/* Wildcards leave the match variables alone (RFC 5173, 6). */
	struct sieve_captures captures = s->captures;
	const struct mime_part *p = s->root;
	struct sieve_comparison c;

	sieve_compare_begin(&c, s, op, &op->pos[0]);
	if (op->tag[TAG_RAW].set)
		(void)sieve_compare(&c, sieve_body_now(s));
	for (; p && !c.matched && !op->tag[TAG_RAW].set;
	     p = sieve_part_next(s, s->root, p)) {
		struct sieve_text *t;

		if (!wants_part(s, op, sieve_view(s, p).part))
			continue;
		t = sieve_text_of(s, p, !op->tag[TAG_CONTENT].set);
		if (sieve_compare_folds(&c))
			(void)sieve_compare_folded(&c, sieve_text_folded(s, t));
		else
			(void)sieve_compare(&c, buf_str(&t->text));
	}
	s->captures = captures;
	return sieve_compare_end(&c);
}

/* ---- the rest ---- */

int sieve_string(struct sieve_run_state *s, const struct sieve_op *op)
{
	struct sieve_strings sources = sieve_values(s, &op->pos[0]);
	struct sieve_comparison c;

	sieve_compare_begin(&c, s, op, &op->pos[1]);
	for (size_t i = 0; i < sources.n; i++) {
		/* :count counts what is not empty (RFC 5229, 5). */
		if (op->match == MATCH_COUNT && sources.v[i].n == 0)
			continue;
		if (sieve_compare(&c, sources.v[i]))
			break;
	}
	return sieve_compare_end(&c);
}

int sieve_environment(struct sieve_run_state *s, const struct sieve_op *op)
{
	struct str name = sieve_value(s, &op->pos[0]), value;
	struct sieve_comparison c;
	size_t at = str_rchr(s->f->user, '@');

	if (str_eq(name, STR("domain")))
		value = at == STR_NPOS ? STR("") : str_from(s->f->user, at + 1);
	else if (str_eq(name, STR("host")))
		value = s->f->host_name;
	else if (str_eq(name, STR("location")))
		value = STR("MDA");
	else if (str_eq(name, STR("name")))
		value = STR("posthus");
	else if (str_eq(name, STR("phase")))
		value = STR("during");
	else if (str_eq(name, STR("remote-host")))
		value = s->f->remote_host;
	else if (str_eq(name, STR("remote-ip")))
		value = s->f->remote_ip;
	else
		return 0; /* unknown items never match (RFC 5183, 4) */
	sieve_compare_begin(&c, s, op, &op->pos[1]);
	(void)sieve_compare(&c, value);
	return sieve_compare_end(&c);
}

int sieve_ihave(struct sieve_run_state *s, const struct sieve_op *op)
{
	uint64_t ext;

	(void)s;
	for (size_t i = 0; i < op->pos[0].n; i++)
		if (!sieve_ext_find(op->pos[0].v[i], &ext))
			return 0;
	return 1;
}

int sieve_mailboxexists(struct sieve_run_state *s, const struct sieve_op *op)
{
	struct sieve_strings names = sieve_values(s, &op->pos[0]);

	for (size_t i = 0; i < names.n; i++)
		if (!s->host->mailbox_exists(s->host->ctx, names.v[i]))
			return 0;
	return 1;
}

int sieve_mailboxidexists(struct sieve_run_state *s, const struct sieve_op *op)
{
	struct sieve_strings ids = sieve_values(s, &op->pos[0]);

	for (size_t i = 0; i < ids.n; i++)
		if (!s->host->mailbox_id_exists(s->host->ctx, ids.v[i]))
			return 0;
	return 1;
}

int sieve_specialuse_exists(struct sieve_run_state *s,
                            const struct sieve_op *op)
{
	struct str mailbox = sieve_value(s, &op->pos[0]);
	struct sieve_strings uses = sieve_values(s, &op->pos[1]);

	for (size_t i = 0; i < uses.n; i++)
		if (!s->host->special_use_exists(s->host->ctx, mailbox,
		                                 uses.v[i]))
			return 0;
	return 1;
}

static int compare_number(struct sieve_run_state *s, const struct sieve_op *op,
                          int value)
{
	struct sieve_comparison c;

	sieve_compare_begin(&c, s, op, &op->pos[0]);
	(void)sieve_compare(&c, arena_fmt(s->a, "%d", value));
	return sieve_compare_end(&c);
}

enum { TAG_PERCENT };

/* 0: not tested, 1: clean, 10: spam for sure (RFC 5235, 3.1). */
int sieve_spamtest(struct sieve_run_state *s, const struct sieve_op *op)
{
	int tenths = s->f->spam_tenths;

	if (op->tag[TAG_PERCENT].set)
		return compare_number(s, op, tenths < 0 ? 0 : tenths);
	return compare_number(s, op, tenths < 0 ? 0 : 1 + tenths * 9 / 100);
}

int sieve_virustest(struct sieve_run_state *s, const struct sieve_op *op)
{
	return compare_number(s, op, s->f->virus);
}

enum { TAG_HANDLE, TAG_HEADER, TAG_UNIQUEID, TAG_SECONDS, TAG_LAST };

/* RFC 7352.  With :last the time begins again with each that is seen. */
int sieve_duplicate(struct sieve_run_state *s, const struct sieve_op *op)
{
	const struct sieve_tag_value *t = op->tag;
	struct str name = STR("Message-ID"), id, handle;
	uint64_t seconds = t[TAG_SECONDS].set ? t[TAG_SECONDS].number : 604800;
	struct sieve_action *act;
	size_t at = 0;
	bool seen;

	if (t[TAG_HEADER].set && t[TAG_UNIQUEID].set)
		return sieve_fail(s, op, ERR_INVALID,
		                  ":header and :uniqueid exclude each other");
	if (t[TAG_UNIQUEID].set) {
		id = sieve_value(s, &t[TAG_UNIQUEID].strings);
	} else {
		struct sieve_field *f;

		if (t[TAG_HEADER].set)
			name = sieve_value(s, &t[TAG_HEADER].strings);
		f = sieve_field_next(s, name, &at);
		if (!f)
			return 0;
		id = sieve_field_text(s, f);
	}
	handle = sieve_value(s, &t[TAG_HANDLE].strings);
	id = arena_fmt(s->a, "%zu:%.*s:%.*s", handle.n, STR_ARG(handle),
	               STR_ARG(id));
	if (seconds > 90 * 86400)
		seconds = 90 * 86400;
	seen = s->host->duplicate(s->host->ctx, id, seconds, t[TAG_LAST].set);
	if (seen && !t[TAG_LAST].set)
		return 1;
	if (s->out->n == SIEVE_ACTIONS_MAX)
		return sieve_fail(s, op, ERR_TOO_BIG, "too many actions");
	act = &s->out->actions[s->out->n++];
	*act = (struct sieve_action){ .kind = SIEVE_REMEMBER,
		                      .handle = id,
		                      .seconds = seconds };
	return seen;
}
