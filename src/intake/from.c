/* R24: the From: field must be the sender's own. */
#include "directory/directory.h"
#include "intake/private.h"
#include "wire/message/address.h"

static int is_own(struct intake_work *w, const struct address *a, bool *out,
                  struct err *err)
{
	*out = false;
	if (a->local.n == 0 || a->domain.n == 0)
		return 0;
	return directory_may_send_as(w->in->o.directory, w->m->account_id,
	                             a->local, a->domain, out, err);
}

static struct str not_yours(struct intake_work *w, const char *field,
                            const struct address *a)
{
	return arena_fmt(w->arena,
	                 "%s: %.*s@%.*s is not the account that logged in, nor "
	                 "granted to it",
	                 field, STR_ARG(a->local), STR_ARG(a->domain));
}

/* The mailboxes of a field: how many, and the first. */
static size_t mailboxes(struct intake_work *w, enum field_id id,
                        struct address_list *list, const struct address **first)
{
	size_t i, n = 0;

	address_list_parse(w->arena, w->fields.first[id], NULL, list);
	for (i = 0; i < list->n; i++)
		if (list->v[i].kind == ADDRESS_MAILBOX && n++ == 0)
			*first = &list->v[i];
	return n;
}

/* RFC 5322, 3.6.2: several authors need a Sender: field of one. */
static int check_sender(struct intake_work *w, struct err *err)
{
	const struct address *a = NULL;
	struct address_list list;

	if (w->fields.count[FIELD_SENDER] != 1 ||
	    mailboxes(w, FIELD_SENDER, &list, &a) != 1) {
		w->from_why = STR("Several addresses in From: need one in "
		                  "Sender:");
		return 0;
	}
	if (is_own(w, a, &w->from_own, err) < 0)
		return -1;
	if (!w->from_own)
		w->from_why = not_yours(w, "Sender", a);
	return 0;
}

int intake_check_from(struct intake_work *w, struct err *err)
{
	const struct address *a = NULL;
	struct address_list list;
	size_t n;

	w->from_own = false;
	if (w->fields.count[FIELD_FROM] == 0) {
		w->from_why = STR("The message has no From: field");
		return 0;
	}
	/* Two fields are shown one way here and another there. */
	if (w->fields.count[FIELD_FROM] > 1) {
		w->from_why = STR("The message has several From: fields");
		return 0;
	}
	n = mailboxes(w, FIELD_FROM, &list, &a);
	if (n == 0 || list.cut) {
		w->from_why = STR("The From: field has no address");
		return 0;
	}
	if (n > 1)
		return check_sender(w, err);
	if (is_own(w, a, &w->from_own, err) < 0)
		return -1;
	if (!w->from_own)
		w->from_why = not_yours(w, "From", a);
	return 0;
}
