#include "pop3/maildrop.h"

#include "base/arena.h"
#include "base/map.h"
#include "base/mem.h"
#include "store/fetch.h"
#include "store/mailbox.h"

#define SIZE_KEPT_MAX UINT64_C(0x3fffffff)

struct reader {
	struct pop3_maildrop *m;
	struct map seen; /* Emails, to tell those that come again */
	size_t cap;
	uint32_t max;
};

static void add(struct reader *rd, const struct fetch_row *r)
{
	uint64_t size = r->size < SIZE_KEPT_MAX ? r->size : SIZE_KEPT_MAX;
	struct pop3_maildrop *m = rd->m;
	bool again = map_put_u64(&rd->seen, r->email, m) != NULL;

	m->v = mem_grow(m->v, m->n, &rd->cap, sizeof(*m->v));
	m->v[m->n++] =
		(struct pop3_message){ .uid = r->uid,
		                       .size = (uint32_t)size & SIZE_KEPT_MAX,
		                       .again = again,
		                       .email = r->email };
	m->left++;
	m->bytes_left += size;
}

static int read_rows(struct reader *rd, struct store *s, struct store_account a,
                     struct err *err)
{
	struct uidset all;
	struct fetch *f;
	struct fetch_row r;
	int rc;

	uidset_init(&all);
	uidset_add(&all, 1, UINT32_MAX);
	rc = fetch_open(&f, s, a, rd->m->mailbox, &all, FETCH_IDS, 0, err);
	uidset_deinit(&all);
	if (rc < 0)
		return -1;
	while (rd->m->n < rd->max && (rc = fetch_next(f, &r, err)) > 0)
		add(rd, &r);
	fetch_close(&f);
	return rc < 0 ? -1 : 0;
}

int pop3_maildrop_open(struct pop3_maildrop *m, struct store *s,
                       struct store_account a, uint32_t max, struct err *err)
{
	struct reader rd = { .m = m, .max = max };
	struct mailbox inbox;
	struct arena arena;
	int rc;

	*m = (struct pop3_maildrop){ .n = 0 };
	map_init(&rd.seen, 0); /* the keys are ours, not a peer's */
	arena_init(&arena);
	rc = mailbox_get(s, a, STR("INBOX"), &arena, &inbox, err);
	if (rc == 0) {
		m->mailbox = inbox.no;
		rc = read_rows(&rd, s, a, err);
	}
	arena_deinit(&arena);
	map_deinit(&rd.seen);
	if (rc < 0)
		pop3_maildrop_close(m);
	return rc;
}

void pop3_maildrop_close(struct pop3_maildrop *m)
{
	mem_free(m->v);
	*m = (struct pop3_maildrop){ .n = 0 };
}

struct pop3_message *pop3_maildrop_get(struct pop3_maildrop *m, uint32_t number)
{
	if (number == 0 || number > m->n || m->v[number - 1].deleted)
		return NULL;
	return &m->v[number - 1];
}

void pop3_maildrop_mark(struct pop3_maildrop *m, struct pop3_message *msg)
{
	msg->deleted = 1;
	m->left--;
	m->bytes_left -= msg->size;
}

void pop3_maildrop_unmark_all(struct pop3_maildrop *m)
{
	for (uint32_t i = 0; i < m->n; i++) {
		if (!m->v[i].deleted)
			continue;
		m->v[i].deleted = 0;
		m->left++;
		m->bytes_left += m->v[i].size;
	}
}

void pop3_maildrop_marked(const struct pop3_maildrop *m, struct uidset *out)
{
	uidset_init(out);
	for (uint32_t i = 0; i < m->n; i++)
		if (m->v[i].deleted)
			uidset_add(out, m->v[i].uid, m->v[i].uid);
}

void pop3_maildrop_unique_id(const struct pop3_maildrop *m, uint32_t number,
                             struct buf *out)
{
	const struct pop3_message *msg = &m->v[number - 1];

	buf_add_z(out, store_id(STORE_ID_EMAIL, msg->email).z);
	if (msg->again)
		buf_fmt(out, ".%u", msg->uid);
}
