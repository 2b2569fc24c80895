#include "intake/room.h"

#include "config/config.h"
#include "crypto/hash.h"
#include "directory/directory.h"
#include "gate/client.h"
#include "greylist/greylist.h"
#include "intake/private.h"
#include "log/log.h"
#include "os/clock.h"
#include "queue/queue.h"

/* Of one body in 8 hours; more are bulk (R29). */
#define SAME_MAX 20

/* The most that limits.domain.queued can be. */
#define NO_LIMIT 1000000000

/* ---- at RCPT ---- */

/* R28. */
static int ask_queue(struct intake *in, const struct intake_room *room,
                     struct policy_facts *f, struct err *err)
{
	f->queued_max = config_u64(in->o.config, OPT_LIMITS_DOMAIN_QUEUED);
	if (directory_limit_get(in->o.directory, room->domain_id, STR("queued"),
	                        &f->queued_max, err) < 0)
		return -1;
	/* As many as there can be are none too many: nobody need count. */
	if (f->queued_max >= NO_LIMIT)
		return 0;
	return queue_domain_waiting_at_most(in->o.queue, room->domain_id,
	                                    f->queued_max, &f->queued, err);
}

static const struct {
	enum gate_count what;
	int64_t shorter_us; /* than this: the first window of the kind */
	enum policy_window first, second;
} windows[] = {
	{ GATE_MESSAGES, US_PER_HOUR, POLICY_MESSAGES_5M, POLICY_MESSAGES_1H },
	{ GATE_RECIPIENTS, US_PER_HOUR, POLICY_RECIPIENTS_5M,
	  POLICY_RECIPIENTS_1H },
	{ GATE_BULK, 0, POLICY_WINDOWS, POLICY_BULK_8H },
	{ GATE_SPAM, 0, POLICY_WINDOWS, POLICY_SPAM_8H },
	{ GATE_SCRIPT, 0, POLICY_WINDOWS, POLICY_SCRIPTS_24H },
};

/* What the gate refused, in the words of the rules. */
static void note(const struct gate_room *got, struct policy_facts *f)
{
	if (got->what == GATE_FAILED) {
		f->failed_max = got->limit;
		f->failed_1h = (uint64_t)got->limit + 1;
		return;
	}
	for (size_t i = 0; i < sizeof(windows) / sizeof(windows[0]); i++)
		if (windows[i].what == got->what) {
			enum policy_window w =
				got->window_us < windows[i].shorter_us
					? windows[i].first
					: windows[i].second;

			f->window_full[w] = true;
			f->window_max[w] = got->limit;
		}
	f->free_us = got->free_us;
	f->own_limit = got->own;
}

static int reserve(struct intake *in, struct intake_room *room,
                   const struct gate_want *wants, size_t n,
                   struct gate_room *got, struct err *err)
{
	int rc = room->token ? gate_reserve_more(in->o.gate, room->token, wants,
	                                         n, got, err)
	                     : gate_reserve(in->o.gate, wants, n, got, err);

	if (rc == 0 && got->granted) {
		room->in = in;
		room->token = got->token;
	}
	return rc;
}

int intake_room_ask(struct intake *in, struct intake_room *room,
                    struct policy_facts *f, struct err *err)
{
	struct gate_want wants[3];
	struct gate_room got;
	size_t n = 0;

	if (!room->scripts && !room->token)
		wants[n++] = (struct gate_want){ GATE_MESSAGES, room->domain_id,
			                         1, room->account_id };
	if (!room->scripts)
		wants[n++] =
			(struct gate_want){ GATE_RECIPIENTS, room->domain_id, 1,
			                    room->account_id };
	if (room->foreign && !room->token)
		wants[n++] = (struct gate_want){ GATE_SCRIPT, room->uid, 1, 0 };
	/* A Unix user without a web space has no domain to ask about. */
	if (room->domain_id)
		wants[n++] = (struct gate_want){ GATE_FAILED, room->domain_id,
			                         0, room->account_id };
	if (!n)
		return 0;
	if ((room->domain_id && ask_queue(in, room, f, err) < 0) ||
	    reserve(in, room, wants, n, &got, err) < 0)
		return -1;
	if (!got.granted)
		note(&got, f);
	else if (f->queued > f->queued_max)
		/* R28 refuses this one; the windows keep what was there. */
		return gate_give_back(in->o.gate, room->token, wants, n, err);
	return 0;
}

void intake_room_free(struct intake_room *room)
{
	if (room->token)
		gate_release(room->in->o.gate, room->token);
	room->token = 0;
}

/* ---- at the end of the data: classes (R29) ---- */

/* A number for the domain and the body, whatever digits, blanks, case and
 * boundaries tell the copies apart.  Of the first part of long ones. */
#define BODY_MAX ((size_t)256 * 1024)

static int64_t body_number(const struct intake_work *w)
{
	struct str rest = str_from(w->bytes, w->header.n);
	struct hash_state *h = hash_begin(HASH_SHA256);
	unsigned char digest[HASH_MAX];
	char line[1000];
	struct str row;
	uint64_t number = 0;

	if (rest.n > BODY_MAX)
		rest = str_to(rest, BODY_MAX);
	hash_add(h, (struct str){ (const char *)&w->m->domain_id,
	                          sizeof(w->m->domain_id) });
	while (str_cut(&rest, '\n', &row)) {
		size_t n = 0;

		if (str_starts(row, STR("--"))) /* a boundary */
			continue;
		for (size_t i = 0; i < row.n && n < sizeof(line); i++) {
			unsigned char c = (unsigned char)row.p[i];

			if (c >= 'A' && c <= 'Z')
				c = (unsigned char)(c + ('a' - 'A'));
			if ((c >= 'a' && c <= 'z') || c >= 0x80)
				line[n++] = (char)c;
		}
		hash_add(h, (struct str){ line, n });
	}
	hash_end(&h, digest);
	for (int i = 0; i < 8; i++)
		number = number << 8 | digest[i];
	return (int64_t)(number & INT64_MAX);
}

static bool has_bulk_fields(const struct intake_work *w)
{
	static const char *const values[] = { "bulk", "list", "junk" };
	struct str value;

	if (w->fields.count[FIELD_LIST_ID] ||
	    w->fields.count[FIELD_LIST_UNSUBSCRIBE])
		return true;
	value = field_unfold(w->arena, w->fields.first[FIELD_PRECEDENCE]);
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		if (str_eq_case(value, str_z(values[i])))
			return true;
	return false;
}

static int reserve_class(struct intake_work *w, enum gate_count what,
                         struct policy_facts *f, struct err *err)
{
	struct intake_room *room = w->m->room;
	struct gate_want want = { what, room->domain_id, 1, room->account_id };
	struct gate_room got;

	if (reserve(w->in, room, &want, 1, &got, err) < 0)
		return -1;
	if (!got.granted)
		note(&got, f);
	return 0;
}

static bool has_room(const struct intake_work *w)
{
	return w->m->room && w->m->room->token && !w->m->room->scripts;
}

int intake_class_bulk(struct intake_work *w, struct policy_facts *f,
                      struct err *err)
{
	struct gate_want want = { GATE_SAME, 0, (uint32_t)w->m->rcpts_n, 0 };
	struct gate_room got;

	if (!has_room(w))
		return 0;
	want.subject = body_number(w);
	if (reserve(w->in, w->m->room, &want, 1, &got, err) < 0)
		return -1;
	f->bulk = got.same > SAME_MAX || has_bulk_fields(w);
	return f->bulk ? reserve_class(w, GATE_BULK, f, err) : 0;
}

int intake_class_spam(struct intake_work *w, struct policy_facts *f,
                      struct err *err)
{
	if (!has_room(w))
		return 0;
	f->spam = true;
	return reserve_class(w, GATE_SPAM, f, err);
}

/* ---- accepted ---- */

/* The same message sent again, because its answer was lost, counts once:
 * both tries have one id. */
static uint64_t count_id(const struct intake_work *w)
{
	unsigned char digest[HASH_MAX];
	unsigned char bytes[36];
	uint64_t id = 0;
	uint32_t n;

	if (!w->answer->has_key)
		return 0;
	n = answered_count(w->in->answered, w->answer->key, w->at_us);
	for (int i = 0; i < 32; i++)
		bytes[i] = w->answer->key[i];
	for (int i = 0; i < 4; i++)
		bytes[32 + i] = (unsigned char)(n >> 8 * i);
	hash_bytes(HASH_SHA256,
	           (struct str){ (const char *)bytes, sizeof(bytes) }, digest);
	for (int i = 0; i < 8; i++)
		id = id << 8 | digest[i];
	return id;
}

static void count(struct intake_work *w)
{
	struct intake_room *room = w->m->room;
	struct err err = ERR_INIT;
	struct log_line l;

	if (!room || !room->token)
		return;
	/* What is stored is not refused any more: that it could not be
	 * counted is the operator's to know. */
	if (gate_confirm(w->in->o.gate, room->token, count_id(w), &err) < 0) {
		log_begin(&l, LOG_ERROR, "intake.count.trouble");
		log_z(&l, "qid", w->trace);
		log_err(&l, &err);
		log_end(&l);
	}
	room->token = 0;
}

/* R19: an answer of theirs is not to wait. */
static void note_written(struct intake_work *w)
{
	const struct intake_message *m = w->m;
	struct str *to = arena_array(w->arena, m->rcpts_n, sizeof(*to));
	struct err err = ERR_INIT;
	size_t n = 0;

	for (size_t i = 0; i < m->rcpts_n; i++)
		if (m->rcpts[i].route.kind == ROUTE_ELSEWHERE)
			to[n++] = m->rcpts[i].address;
	if (n && greylist_wrote(w->in->o.greylist, to, n, w->at_us, &err) < 0)
		log_fail(LOG_WARN, "intake.greylist.trouble", &err);
}

void intake_note_accepted(struct intake_work *w)
{
	count(w);
	if (w->in->o.greylist && w->m->way != INTAKE_MX && w->m->sender.n)
		note_written(w);
}

int intake_room_add(struct intake *in, struct intake_room *room,
                    const struct gate_want *want, struct err *err)
{
	struct gate_room got;

	if (!room->token)
		return 0;
	return reserve(in, room, want, 1, &got, err);
}
