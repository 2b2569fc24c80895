#include "base/buf.h"
#include "store/mailbox.h"
#include "transfer/annotations.h"
#include "transfer/batch.h"
#include "transfer/contacts.h"
#include "transfer/filters.h"
#include "transfer/identities.h"
#include "transfer/source.h"
#include "transfer/state.h"
#include "transfer/transfer.h"

#define MESSAGE_MAX (UINT64_C(1) << 30)
/* An mbox message is read before it is prepared: not too many at a time. */
#define BATCH_BYTES ((uint64_t)4 * 1024 * 1024)

struct import {
	const struct transfer *t;
	struct transfer_counts *n;
	struct transfer_state *state;
	struct source *source;
	struct batch_ring *ring;
	bool pending; /* this pass takes the items of the last batch alone */

	/* The mailbox found last. */
	struct buf mailbox;
	uint64_t mailbox_no;
};

static bool want(void *arg, struct str name)
{
	struct import *im = arg;

	switch (transfer_state_item(im->state, name)) {
	case TRANSFER_PENDING: return im->pending;
	case TRANSFER_NEW: return !im->pending;
	case TRANSFER_DONE:
		if (!im->pending)
			im->n->known++;
		return false;
	}
	return false;
}

/* ---- committing ---- */

static int find_mailbox(struct import *im, struct str name, struct arena *a,
                        struct err *err)
{
	const struct transfer *t = im->t;
	struct mailbox m;

	if (im->mailbox_no && str_eq(buf_str(&im->mailbox), name))
		return 0;
	im->mailbox_no = 0;
	if (mailbox_get(t->store, t->account, name, a, &m, err) < 0) {
		if (err->kind != ERR_NOT_FOUND ||
		    mailbox_create(t->store, t->account, name, MAILBOX_USE_NONE,
		                   &m.no, err) < 0)
			return err_prefix(err, "folder %.*s", STR_ARG(name));
	}
	buf_reset(&im->mailbox);
	buf_add(&im->mailbox, name);
	im->mailbox_no = m.no;
	return 0;
}

static void failed(struct import *im, const struct source_item *it,
                   const struct err *why)
{
	im->n->failed++;
	if (im->t->report)
		im->t->report(im->t->report_arg, it->name, why);
}

static void target_of(const struct import *im, const struct batch_item *b,
                      struct append_target *out)
{
	*out = (struct append_target){
		.message = b->message,
		.account = im->t->account,
		.mailbox = im->mailbox_no,
		.flags = b->item.flags,
		.keywords = b->item.keywords,
		.keywords_n = b->item.keywords_n,
		.internaldate_us = b->item.arrived_us,
		.prefix = STR(""),
	};
}

/* Is it a matter of this message alone, so that the others can go on? */
static bool is_own_fault(const struct err *err)
{
	switch (err->kind) {
	case ERR_INVALID:
	case ERR_TOO_BIG:
	case ERR_EXISTS:
	case ERR_CORRUPT: return true;
	case ERR_NONE:
	case ERR_NOT_FOUND:
	case ERR_DENIED:
	case ERR_OVER_QUOTA:
	case ERR_NO_SPACE:
	case ERR_TIMEOUT:
	case ERR_CLOSED:
	case ERR_TEMP:
	case ERR_KIND_COUNT: return false;
	}
	return false;
}

static void count(struct import *im, const struct batch_item *b)
{
	im->n->done++;
	im->n->bytes += append_size(b->message);
}

/* One by one, each noted as a batch of its own, after the batch was refused
 * as a whole. */
static int commit_each(struct import *im, struct batch *b,
                       struct append_target *t, struct err *err)
{
	if (transfer_state_again(im->state, err) < 0)
		return -1;
	for (size_t i = 0; i < b->n; i++) {
		struct batch_item *item = &b->items[i];
		struct err why = ERR_INIT;

		if (!item->message)
			continue;
		if (transfer_state_batch(im->state, &item->item.name, 1, err) <
		    0)
			return -1;
		if (append_commit(im->t->store, &t[i], 1,
		                  transfer_state_key(im->state), NULL,
		                  &why) == 0) {
			count(im, item);
			continue;
		}
		if (!is_own_fault(&why)) {
			*err = why;
			return -1;
		}
		failed(im, &item->item, &why);
	}
	return 0;
}

static int commit(struct import *im, struct batch *b, struct err *err)
{
	struct append_target all[BATCH_ITEMS], good[BATCH_ITEMS];
	struct str names[BATCH_ITEMS] = { { NULL, 0 } };
	size_t n = 0;

	for (size_t i = 0; i < b->n; i++) {
		struct batch_item *item = &b->items[i];

		names[i] = item->item.name;
		if (item->item.failed) {
			failed(im, &item->item, &item->item.why);
			continue;
		}
		if (find_mailbox(im, item->item.mailbox, &b->arena, err) < 0)
			return -1;
		target_of(im, item, &all[i]);
		good[n++] = all[i];
	}
	if (!im->pending &&
	    transfer_state_batch(im->state, names, b->n, err) < 0)
		return -1;
	if (n == 0)
		return 0;
	if (append_commit(im->t->store, good, n, transfer_state_key(im->state),
	                  NULL, err) < 0) {
		if (err->kind != ERR_OVER_QUOTA && !is_own_fault(err))
			return -1;
		*err = (struct err)ERR_INIT;
		return commit_each(im, b, all, err);
	}
	for (size_t i = 0; i < b->n; i++)
		if (!b->items[i].item.failed)
			count(im, &b->items[i]);
	return 0;
}

static bool tell(struct import *im, const struct batch *b)
{
	struct transfer_counts *n = im->n;
	size_t begun = source_folders_begun(im->source);
	uint64_t seen = n->done + n->known + n->failed;

	n->found = source_count(im->source, &n->counted);
	if (!n->counted && n->found < seen)
		n->found = seen;
	n->folders = begun > 0 ? begun - 1 : 0;
	if (!im->t->progress)
		return true;
	return im->t->progress(im->t->progress_arg, n,
	                       b->n ? b->items[b->n - 1].item.mailbox
	                            : STR(""));
}

static int commit_oldest(struct import *im, struct err *err)
{
	struct batch *b = batch_ring_oldest(im->ring);
	int rc;

	if (!b)
		return 0;
	rc = commit(im, b, err);
	if (rc == 0 && !tell(im, b))
		rc = err_set(err, ERR_CLOSED, "stopped");
	batch_ring_drop(im->ring);
	return rc;
}

/* ---- reading ---- */

/* Fill the batch; *end_out: nothing is left. */
static int fill(struct import *im, struct batch *b, bool *end_out,
                struct err *err)
{
	uint64_t bytes = 0;

	/* A batch to be made again is whole, for it has one key. */
	while (b->n < BATCH_ITEMS && (bytes < BATCH_BYTES || im->pending)) {
		struct source_item *it = &b->items[b->n].item;
		int rc = source_next(im->source, &b->arena, it, err);

		if (rc <= 0) {
			*end_out = true;
			return rc;
		}
		if (it->bytes)
			bytes += spool_size(it->bytes);
		b->n++;
	}
	return 0;
}

/* All wanted items once through the ring. */
static int pump(struct import *im, struct err *err)
{
	bool end = false;
	int rc = 0;

	while (!end && rc == 0) {
		struct batch *b = batch_ring_empty(im->ring);

		if (!b) {
			rc = commit_oldest(im, err);
			continue;
		}
		rc = fill(im, b, &end, err);
		if (rc == 0)
			batch_ring_post(im->ring);
	}
	while (rc == 0 && batch_ring_oldest(im->ring))
		rc = commit_oldest(im, err);
	return rc;
}

static int pass(struct import *im, const char *path, struct err *err)
{
	struct source_options so = {
		.path = path,
		.below = im->t->folder,
		.pool = im->t->spool,
		.message_max =
			im->t->message_max ? im->t->message_max : MESSAGE_MAX,
		.want = want,
		.want_arg = im,
	};
	struct batch_ring_options ro = {
		.store = im->t->store,
		.pool = im->t->spool,
		.message_max = so.message_max,
		.threads = im->t->threads,
	};
	int rc;

	if (source_open(&im->source, &so, err) < 0)
		return -1;
	rc = batch_ring_open(&im->ring, &ro, err);
	if (rc == 0)
		rc = pump(im, err);
	batch_ring_close(&im->ring);
	if (rc == 0) {
		im->n->found = source_count(im->source, &im->n->counted);
		im->n->folders = source_folders_begun(im->source);
	}
	source_close(&im->source);
	return rc;
}

int transfer_import(const struct transfer *t, const char *path,
                    struct transfer_counts *out, struct err *err)
{
	struct import im = { .t = t, .n = out };
	int rc = 0;

	*out = (struct transfer_counts){ .found = 0 };
	if (transfer_state_open(&im.state, t->state, err) < 0)
		return -1;
	buf_init(&im.mailbox, MAILBOX_NAME_MAX);
	if (transfer_state_pending(im.state) > 0) {
		im.pending = true;
		rc = pass(&im, path, err);
		im.pending = false;
		if (rc == 0)
			transfer_state_settled(im.state);
	}
	if (rc == 0)
		rc = pass(&im, path, err);
	if (rc == 0 && !t->folder)
		rc = filters_import(t, path, out, err);
	if (rc == 0 && !t->folder)
		rc = identities_import(t, path, out, err);
	if (rc == 0 && !t->folder)
		rc = contacts_import(t, path, out, err);
	if (rc == 0 && !t->folder)
		rc = annotations_import(t, path, out, err);
	if (rc == 0) {
		uint64_t seen = out->done + out->known + out->failed;

		if (!out->counted || out->found < seen)
			out->found = seen;
		out->counted = true;
		rc = transfer_state_finish(im.state, err);
	}
	buf_deinit(&im.mailbox);
	transfer_state_close(&im.state);
	return rc;
}
