#include "imap/flagtext.h"
#include "imap/job.h"
#include "store/meta.h"
#include "wire/imap/date.h"
#include "wire/imap/structure.h"
#include "wire/imap/write.h"

#define US_PER_S INT64_C(1000000)

void row_item(struct job *j)
{
	if (!j->first_item)
		buf_add_c(&j->out, ' ');
	j->first_item = false;
}

static void write_numbers(struct job *j, uint32_t items)
{
	const struct fetch_row *r = &j->row;
	struct buf *b = &j->out;

	if (items & IMAP_F_UID) {
		row_item(j);
		buf_add(b, STR("UID "));
		buf_add_u64(b, r->uid);
	}
	if (items & IMAP_F_FLAGS) {
		row_item(j);
		buf_add(b, STR("FLAGS ("));
		imap_write_flag_bits(b, &j->names, r->flags);
		buf_add_c(b, ')');
	}
	if (items & IMAP_F_MODSEQ) {
		row_item(j);
		buf_add(b, STR("MODSEQ ("));
		buf_add_u64(b, r->modseq);
		buf_add_c(b, ')');
	}
	if (items & IMAP_F_SIZE) {
		row_item(j);
		buf_add(b, STR("RFC822.SIZE "));
		buf_add_u64(b, r->size);
	}
}

static void write_dates(struct job *j, uint32_t items)
{
	if (items & IMAP_F_INTERNALDATE) {
		row_item(j);
		buf_add(&j->out, STR("INTERNALDATE "));
		imap_write_date_time(&j->out, j->row.internaldate_s * US_PER_S);
	}
	if (items & IMAP_F_SAVEDATE) {
		row_item(j);
		buf_add(&j->out, STR("SAVEDATE "));
		imap_write_date_time(&j->out, j->row.saved_s * US_PER_S);
	}
}

static void write_ids(struct job *j, uint32_t items)
{
	if (items & IMAP_F_EMAILID) {
		row_item(j);
		buf_fmt(&j->out, "EMAILID (%s)",
		        store_id(STORE_ID_EMAIL, j->row.email).z);
	}
	if (items & IMAP_F_THREADID) {
		row_item(j);
		buf_fmt(&j->out, "THREADID (%s)",
		        store_id(STORE_ID_THREAD, j->row.thread).z);
	}
}

static int write_envelope(struct job *j, struct err *err)
{
	struct str form = meta_get(j->row.meta, META_STRUCTURE);
	struct mime_envelope e;

	if (mime_structure_parse_envelope(&j->row_arena, form, &e, err) < 0)
		return -1;
	row_item(j);
	buf_add(&j->out, STR("ENVELOPE "));
	imap_write_envelope(&j->out, &e, j->s->utf8);
	return 0;
}

static int write_structure(struct job *j, bool extended, struct err *err)
{
	if (section_structure(j, err) < 0)
		return -1;
	row_item(j);
	buf_add_z(&j->out, extended ? "BODYSTRUCTURE " : "BODY ");
	imap_write_body(&j->out, j->structure.root, extended, j->s->utf8);
	return 0;
}

/* RFC 8970: the text is UTF-8, so without UTF8=ACCEPT it may be a literal. */
static void write_preview(struct job *j)
{
	struct str text = meta_get(j->row.meta, META_PREVIEW);

	row_item(j);
	buf_add(&j->out, STR("PREVIEW "));
	imap_write_string(&j->out, text, j->s->utf8);
}

int row_begin(struct job *j, struct err *err)
{
	uint32_t items = j->given.what.items;

	buf_add(&j->out, STR("* "));
	buf_add_u64(&j->out, view_seq(j->s->view, j->row.uid));
	buf_add(&j->out, STR(" FETCH ("));
	j->first_item = true;
	/* What \Seen changed is told with the message. */
	if (uidset_has(&j->seen, j->row.uid)) {
		j->row.flags |= FLAG_SEEN;
		j->row.modseq = j->seen_modseq;
		items |= IMAP_F_FLAGS;
		if (j->s->condstore)
			items |= IMAP_F_MODSEQ;
	}
	write_numbers(j, items);
	write_dates(j, items);
	write_ids(j, items);
	if ((items & IMAP_F_ENVELOPE) && write_envelope(j, err) < 0)
		return -1;
	if ((items & IMAP_F_BODY) && write_structure(j, false, err) < 0)
		return -1;
	if ((items & IMAP_F_BODYSTRUCTURE) && write_structure(j, true, err) < 0)
		return -1;
	if (items & IMAP_F_PREVIEW)
		write_preview(j);
	return 0;
}
