#include "admin/admin.h"
#include "admin/private.h"
#include "base/civil.h"
#include "deliver/confirm.h"
#include "os/clock.h"
#include "queue/health.h"

/* The messages to those who are to be asked. */
static int ask(struct admin *adm, int64_t account_id, size_t *asked_out,
               struct err *err)
{
	struct bounce b = { .config = adm->cfg, .directory = adm->dir };
	size_t asked = 0;

	if (admin_store(adm, &b.store, err) < 0 ||
	    admin_queue(adm, &b.queue, err) < 0 ||
	    confirm_ask(&b, account_id, clock_wall_us(), &asked, err) < 0)
		return -1;
	if (asked_out)
		*asked_out = asked;
	return 0;
}

static int start_anew(struct admin *adm, int64_t account_id, struct err *err)
{
	struct queue *q;

	if (admin_queue(adm, &q, err) < 0)
		return -1;
	return queue_health_reset(q, account_id, STR(""), err);
}

/* Harmless, but nothing that anybody means: a copy is kept by saying so. */
static int check_self(const struct directory_account *acc,
                      const struct str *targets, size_t n, struct arena *a,
                      struct err *err)
{
	struct err ignored = ERR_INIT;
	struct str local, domain;

	for (size_t i = 0; i < n; i++) {
		if (directory_address_parse(targets[i], a, &local, &domain,
		                            &ignored) < 0)
			continue; /* the directory says what is wrong */
		if (str_eq(acc->address,
		           arena_fmt(a, "%.*s@%.*s", STR_ARG(local),
		                     STR_ARG(domain))))
			return err_set(err, ERR_INVALID,
			               "%.*s is this mailbox itself: to keep "
			               "the mail, keep a copy",
			               STR_ARG(acc->address));
	}
	return 0;
}

int admin_forward_set(struct admin *adm, struct str address,
                      const struct str *targets, size_t n, bool keep,
                      bool confirmed, size_t *asked_out, struct err *err)
{
	bool free =
		confirmed || config_choice(adm->cfg, OPT_FORWARD_CONFIRM) == 0;
	struct directory_account acc;
	struct arena a;
	int rc;

	arena_init(&a);
	rc = admin_account_find(adm, address, &a, &acc, err);
	if (rc == 0 && n == 0 && acc.forwards == 0)
		rc = err_set(err, ERR_NOT_FOUND, "%.*s has no forward",
		             STR_ARG(acc.address));
	if (rc == 0)
		rc = check_self(&acc, targets, n, &a, err);
	if (rc == 0 && free)
		rc = directory_forward_set(adm->dir, acc.id, targets, n, keep,
		                           err);
	else if (rc == 0)
		rc = directory_forward_propose(adm->dir, acc.id, targets, n,
		                               keep, err);
	if (rc == 0)
		rc = start_anew(adm, acc.id, err);
	if (rc == 0 && !free && n)
		rc = ask(adm, acc.id, asked_out, err);
	arena_deinit(&a);
	return rc;
}

static struct str day_of(struct arena *a, int64_t us)
{
	struct civil c = civil_of(us / 1000000);

	return arena_fmt(a, "%04d-%02d-%02d %02d:%02d UTC", (int)c.year,
	                 c.month, c.day, c.hour, c.minute);
}

static struct str health_words(struct arena *a, const struct queue_health *h)
{
	if (h->paused_us)
		return arena_fmt(a, "paused since %.*s after %u failures: %.*s",
		                 STR_ARG(day_of(a, h->paused_us)), h->failures,
		                 STR_ARG(h->reply));
	if (h->failures)
		return arena_fmt(a, "%u failures in a row, last %.*s: %.*s",
		                 h->failures, STR_ARG(day_of(a, h->failed_us)),
		                 STR_ARG(h->reply));
	return arena_fmt(a, "well, last delivered %.*s",
	                 STR_ARG(day_of(a, h->succeeded_us)));
}

static int one_health(struct queue *q, const struct directory_proposal *p,
                      struct arena *a, struct str *out, struct err *err)
{
	struct queue_health h;
	struct str words = STR("nothing was sent there yet");
	int rc = queue_health_get(q, p->account_id, p->target, a, &h, err);

	if (rc < 0)
		return -1;
	if (!p->confirmed_us)
		words = STR("waits for a yes from there");
	else if (rc > 0)
		words = health_words(a, &h);
	*out = arena_fmt(a, "%.*s: %.*s", STR_ARG(p->target), STR_ARG(words));
	return 0;
}

int admin_forward_health(struct admin *adm, int64_t account_id, struct arena *a,
                         struct str **out, size_t *n_out, struct err *err)
{
	struct directory_proposal *v;
	struct queue *q;
	struct str *words;
	size_t n = 0;

	if (directory_proposal_list(adm->dir, account_id, a, &v, &n, err) < 0 ||
	    admin_queue(adm, &q, err) < 0)
		return -1;
	words = arena_array(a, n + 1, sizeof(*words));
	for (size_t i = 0; i < n; i++)
		if (one_health(q, &v[i], a, &words[i], err) < 0)
			return -1;
	*out = words;
	*n_out = n;
	return 0;
}
