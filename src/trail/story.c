#include "trail/story.h"

#include <stdlib.h>
#include <string.h>

/* ---- files ---- */

int trail_files_open(struct trail_files *f, const char *dir, struct arena *a,
                     struct err *err)
{
	int64_t *days;
	size_t n;

	*f = (struct trail_files){ .dir = dir, .a = a };
	if (trail_days(dir, a, &days, &n, err) < 0)
		return -1;
	f->v = arena_array(a, n, sizeof(*f->v));
	for (size_t i = 0; i < n; i++)
		f->v[i].day = days[i];
	f->n = n;
	return 0;
}

int trail_files_get(struct trail_files *f, int64_t day, struct db **out,
                    struct err *err)
{
	struct db_options o = { .readonly = true };
	uint32_t version;
	size_t i = 0;

	*out = NULL;
	while (i < f->n && f->v[i].day != day)
		i++;
	if (i == f->n)
		return 0;
	if (!f->v[i].db) {
		o.path = trail_day_path(f->a, f->dir, day).p;
		if (db_open(&f->v[i].db, &o, err) < 0)
			return err->kind == ERR_NOT_FOUND ? 0 : -1;
	}
	if (db_version(f->v[i].db, &version, err) < 0)
		return -1;
	/* 0: it is just being made. */
	*out = version ? f->v[i].db : NULL;
	return 0;
}

void trail_files_close(struct trail_files *f)
{
	for (size_t i = 0; i < f->n; i++)
		db_close(&f->v[i].db);
}

/* ---- events ---- */

void trail_row_read(struct db_stmt *q, struct trail_row *out)
{
	*out = (struct trail_row){ .id = db_i64(q, 0),
		                   .at_us = db_i64(q, 1),
		                   .kind = (unsigned)db_i64(q, 2),
		                   .trace = db_i64(q, 3),
		                   .facts = db_blob(q, 4) };
}

void trail_row_event(const struct trail_row *row, struct arena *a,
                     struct trail_event *e)
{
	char id[TRAIL_ID_SIZE];

	*e = (struct trail_event){ .kind = (enum trail_kind)row->kind,
		                   .at_us = row->at_us };
	/* What cannot be read is left out; the rest still tells. */
	if (!trail_unpack(arena_dup(a, row->facts), e))
		e->text = STR("(the record is damaged)");
	if (trail_number_text(row->trace, id))
		e->trace = arena_dup(a, str_z(id));
}

struct list {
	struct trail_event *v;
	size_t n, cap;
};

static void add_event(struct arena *a, struct list *l,
                      const struct trail_row *row)
{
	l->v = arena_grow(a, l->v, l->n, &l->cap, sizeof(*l->v));
	trail_row_event(row, a, &l->v[l->n++]);
}

static int add_day(struct trail_files *f, int64_t day, int64_t trace,
                   struct arena *a, struct list *l, struct err *err)
{
	struct db_stmt *q;
	struct db *db;
	int rc = 0;

	if (trail_files_get(f, day, &db, err) < 0)
		return -1;
	if (!db)
		return 0;
	if (db_query(db, &q,
	             "SELECT id, at, kind, trace, facts FROM event"
	             " WHERE trace = $1 AND trace <> 0 ORDER BY id",
	             DB_ARGS(DB_I(trace)), err) < 0)
		return -1;
	while (l->n < TRAIL_EVENTS_MAX && (rc = db_next(q, err)) > 0) {
		struct trail_row row;

		trail_row_read(q, &row);
		add_event(a, l, &row);
	}
	db_done(&q);
	return rc < 0 ? -1 : 0;
}

/* Insertion: they are nearly in order, and equal times keep theirs. */
static void sort(struct list *l)
{
	for (size_t i = 1; i < l->n; i++) {
		struct trail_event e = l->v[i];
		size_t j = i;

		for (; j > 0 && l->v[j - 1].at_us > e.at_us; j--)
			l->v[j] = l->v[j - 1];
		l->v[j] = e;
	}
}

static void describe(struct trail_story *s)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct trail_event *e = &s->events[i];

		if (!s->trace.n)
			s->trace = e->trace;
		if (!s->sender.n && !s->null_sender) {
			s->sender = e->sender;
			s->null_sender = e->null_sender;
		}
		if (!s->message_id.n)
			s->message_id = e->message_id;
		if (!s->size)
			s->size = e->size;
	}
	s->at_us = s->n ? s->events[0].at_us : 0;
	s->state = trail_story_state(s, (struct str){ NULL, 0 });
}

int trail_story_read(struct trail_files *f, int64_t day,
                     const struct trail_row *row, struct arena *a,
                     struct trail_story *out, struct err *err)
{
	int64_t first = day, made_us = 0;
	struct list l = { .n = 0 };
	char id[TRAIL_ID_SIZE];

	*out = (struct trail_story){ .n = 0 };
	if (row->trace && trail_number_text(row->trace, id))
		made_us = trail_id_time(str_z(id));
	/* 0: it does not say when it was made */
	if (trail_day(made_us) < first)
		first = trail_day(made_us);
	if (!row->trace)
		add_event(a, &l, row);
	for (size_t i = 0; row->trace && i < f->n; i++)
		if (f->v[i].day >= first &&
		    add_day(f, f->v[i].day, row->trace, a, &l, err) < 0)
			return -1;
	sort(&l);
	out->events = l.v;
	out->n = l.n;
	describe(out);
	return 0;
}

/* ---- how it stands ---- */

static bool is_of(const struct trail_event *e, struct str rcpt)
{
	return rcpt.n == 0 || (e->rcpt.n == 0 && e->to.n == 0) ||
	       str_eq_case(e->rcpt, rcpt) || str_eq_case(e->to, rcpt);
}

enum trail_state trail_story_state(const struct trail_story *s, struct str rcpt)
{
	enum trail_state state = TRAIL_STATE_NONE;

	for (size_t i = 0; i < s->n; i++) {
		enum trail_state now = trail_kind_state(s->events[i].kind);

		/* A refused recipient does not refuse the message. */
		if (now == TRAIL_STATE_NONE || !is_of(&s->events[i], rcpt) ||
		    (now == TRAIL_STATE_UNDERWAY && state != TRAIL_STATE_NONE &&
		     s->events[i].kind == TRAIL_ACCEPTED && rcpt.n))
			continue;
		state = now;
	}
	return state;
}

/* ---- what is asked for ---- */

static bool names(const struct trail_event *e, struct str address)
{
	return str_eq_case(e->sender, address) ||
	       str_eq_case(e->rcpt, address) || str_eq_case(e->to, address) ||
	       str_eq_case(e->who, address);
}

static bool is_domain(const struct trail_event *e, struct str domain)
{
	return str_eq_case(trail_domain_of(e->sender), domain) ||
	       str_eq_case(trail_domain_of(e->rcpt), domain) ||
	       str_eq_case(trail_domain_of(e->to), domain);
}

static struct str bare_id(struct str id)
{
	if (id.n && id.p[0] == '<')
		id = str_from(id, 1);
	if (id.n && id.p[id.n - 1] == '>')
		id.n--;
	return id;
}

bool trail_event_matches(const struct trail_event *e,
                         const struct trail_query *q)
{
	struct trail_event copy = *e;
	struct trail_story s = { .events = &copy, .n = 1 };

	return (!q->trace.n || str_eq(e->trace, q->trace)) &&
	       trail_story_matches(&s, q);
}

bool trail_story_matches(const struct trail_story *s,
                         const struct trail_query *q)
{
	bool address = !q->address.n, sender = !q->sender.n, rcpt = !q->rcpt.n,
	     domain = !q->domain.n, account = !q->account,
	     id = !q->message_id.n;

	for (size_t i = 0; i < s->n; i++) {
		const struct trail_event *e = &s->events[i];

		address = address || names(e, q->address);
		sender = sender || str_eq_case(e->sender, q->sender);
		rcpt = rcpt || str_eq_case(e->rcpt, q->rcpt) ||
		       str_eq_case(e->to, q->rcpt);
		domain = domain || is_domain(e, q->domain);
		account = account || e->account == q->account;
		id = id || str_eq_case(bare_id(e->message_id),
		                       bare_id(q->message_id));
	}
	return address && sender && rcpt && domain && account && id;
}

/* ---- rights ---- */

/* Who logged in to send it, or ""; not who meddled with it later. */
static struct str login_of(const struct trail_event *e)
{
	const struct trail_kind_row *row = trail_kind_row(e->kind);

	if (!row || row->flags & TRAIL_FLAG_D)
		return STR("");
	return e->who;
}

/* After a login the door and the acceptance are the sender's. */
static bool is_sender(const struct trail_story *s, int64_t account)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->events[i].account == account &&
		    login_of(&s->events[i]).n)
			return true;
	return false;
}

static bool may_see(const struct trail_event *e, int64_t account, bool sender)
{
	const struct trail_kind_row *row = trail_kind_row(e->kind);

	if (e->account == account)
		return true;
	if (sender)
		return row && !(row->flags & TRAIL_FLAG_P);
	/* the sender's door, or steps of the message as a whole */
	return e->kind == TRAIL_ACCEPTED ||
	       (!e->account && !e->rcpt.n && !e->to.n);
}

/* Where an alias leads and how a mailbox is ordered is not the sender's. */
static void hide(struct trail_event *e, int64_t account)
{
	if (e->account == account || !e->rcpt.n)
		return;
	e->to = e->rcpt;
	if (e->kind == TRAIL_FILED)
		e->text = (struct str){ NULL, 0 };
}

static void limit_to_account(struct trail_story *s, int64_t account)
{
	bool sender = is_sender(s, account);
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++)
		if (may_see(&s->events[i], account, sender)) {
			s->events[n] = s->events[i];
			hide(&s->events[n++], account);
		}
	s->n = n;
}

static bool is_in(struct str address, struct str domain)
{
	size_t at = str_rchr(address, '@');

	return at != STR_NPOS && str_eq_case(str_from(address, at + 1), domain);
}

/* Anyone writes any sender: a login shows that it was sent by the domain. */
static void limit_to_domain(struct trail_story *s, struct str domain)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++)
		if (is_in(login_of(&s->events[i]), domain))
			return;
	for (size_t i = 0; i < s->n; i++) {
		const struct trail_event *e = &s->events[i];

		if ((!e->rcpt.n && !e->to.n) || is_in(e->rcpt, domain))
			s->events[n++] = *e;
	}
	s->n = n;
}

bool trail_story_limit(struct trail_story *s, const struct trail_query *q)
{
	if (!q->account && !q->within.n)
		return s->n > 0;
	if (q->account)
		limit_to_account(s, q->account);
	if (q->within.n)
		limit_to_domain(s, q->within);
	/* Said again of what is left: others' recipients have no part. */
	s->state = trail_story_state(s, (struct str){ NULL, 0 });
	return s->n && trail_story_matches(s, q);
}
