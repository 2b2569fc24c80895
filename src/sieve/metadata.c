/* Annotations of mailboxes and of the server (RFC 5490, 3). */
#include "sieve/run.h"

/* False when there is none, or it is no name at all. */
static bool find(struct sieve_run_state *s, const struct str *mailbox,
                 struct str entry, struct str *out)
{
	const struct sieve_host *h = s->host;

	return mailbox ? h->mailbox_metadata(h->ctx, *mailbox, entry, out)
	               : h->server_metadata(h->ctx, entry, out);
}

/* What is not there matches nothing, not even a count of 0. */
static int compare(struct sieve_run_state *s, const struct sieve_op *op,
                   const struct str *mailbox, struct str entry,
                   const struct sieve_strings *keys)
{
	struct sieve_comparison c;
	struct str value;

	if (!find(s, mailbox, entry, &value))
		return 0;
	sieve_compare_begin(&c, s, op, keys);
	(void)sieve_compare(&c, value);
	return sieve_compare_end(&c);
}

static int all_exist(struct sieve_run_state *s, const struct str *mailbox,
                     const struct sieve_strings *list)
{
	struct sieve_strings names = sieve_values(s, list);
	struct str value;

	for (size_t i = 0; i < names.n; i++)
		if (!find(s, mailbox, names.v[i], &value))
			return 0;
	return 1;
}

int sieve_metadata(struct sieve_run_state *s, const struct sieve_op *op)
{
	struct str mailbox = sieve_value(s, &op->pos[0]);

	return compare(s, op, &mailbox, sieve_value(s, &op->pos[1]),
	               &op->pos[2]);
}

int sieve_metadataexists(struct sieve_run_state *s, const struct sieve_op *op)
{
	struct str mailbox = sieve_value(s, &op->pos[0]);

	return all_exist(s, &mailbox, &op->pos[1]);
}

int sieve_servermetadata(struct sieve_run_state *s, const struct sieve_op *op)
{
	return compare(s, op, NULL, sieve_value(s, &op->pos[0]), &op->pos[1]);
}

int sieve_servermetadataexists(struct sieve_run_state *s,
                               const struct sieve_op *op)
{
	return all_exist(s, NULL, &op->pos[0]);
}
