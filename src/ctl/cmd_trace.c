/* `posthus trace`: each message as a story. */
#include "admin/operation.h"
#include "admin/trace.h"
#include "base/civil.h"
#include "base/map.h"
#include "ctl/command.h"
#include "ctl/out.h"
#include "os/clock.h"
#include "trail/find.h"
#include "trail/words.h"
#include "wire/json/write.h"

#define LOOK_US (300 * US_PER_MS) /* for news of --follow */
/* So many messages are followed; then it begins to forget. */
#define FOLLOWED_MAX 100000

/* ---- what is asked ---- */

static int read_times(struct ctl *c, struct trail_query *q)
{
	static const char how[] = "a time is such as 2h, 3d, 2026-11-24 or "
				  "2026-11-24T10:00";
	const char *since = ctl_option(c, "since"),
		   *until = ctl_option(c, "until");
	int64_t now = clock_wall_us();

	if (since && !admin_time_parse(str_z(since), now, false, &q->since_us))
		return ctl_usage(c, "--since \"%s\": %s", since, how);
	if (until && !admin_time_parse(str_z(until), now, false, &q->until_us))
		return ctl_usage(c, "--until \"%s\": %s", until, how);
	return CTL_OK;
}

static int read_query(struct ctl *c, struct trail_query *q)
{
	const char *limit = ctl_option(c, "limit");
	uint64_t n;

	*q = (struct trail_query){
		.sender = str_z(ctl_option(c, "from")),
		.rcpt = str_z(ctl_option(c, "to")),
		.message_id = str_z(ctl_option(c, "message-id")),
		.trace = str_z(ctl_option(c, "id")),
		.limit = 20,
	};
	if (c->n_args)
		admin_trace_word(ctl_arg(c, 0), q);
	if (limit) {
		if (!str_to_u64(str_z(limit), TRAIL_PAGE_MAX, &n) || n == 0)
			return ctl_usage(c, "--limit takes 1 to %d",
			                 TRAIL_PAGE_MAX);
		q->limit = (size_t)n;
	}
	return read_times(c, q);
}

/* ---- for people ---- */

static void add_clock(struct buf *b, int64_t us)
{
	struct civil t = civil_of(us / US_PER_SEC);

	buf_fmt(b, "%02d:%02d:%02d", t.hour, t.minute, t.second);
}

static void add_date(struct buf *b, int64_t us)
{
	struct civil t = civil_of(us / US_PER_SEC);

	buf_fmt(b, "%04d-%02d-%02d", (int)t.year, t.month, t.day);
}

static void add_title(struct buf *b, const struct ctl *c,
                      const struct trail_story *s)
{
	buf_add_z(b, c->colour ? "\x1b[1m" : "");
	buf_add(b, s->trace.n ? s->trace : STR("(connection)"));
	buf_add_z(b, c->colour ? "\x1b[0m" : "");
	if (s->sender.n || s->null_sender)
		buf_fmt(b, "  from %.*s",
		        STR_ARG(s->sender.n ? s->sender : STR("<>")));
	buf_fmt(b, "  %s", trail_state_name(s->state));
	if (s->message_id.n)
		buf_fmt(b, "  %.*s", STR_ARG(s->message_id));
	buf_add_c(b, '\n');
}

static void add_story(struct buf *b, const struct ctl *c,
                      const struct trail_story *s)
{
	int64_t day = -1;

	add_title(b, c, s);
	for (size_t i = 0; i < s->n; i++) {
		const struct trail_event *e = &s->events[i];

		if (e->at_us / US_PER_DAY != day) {
			day = e->at_us / US_PER_DAY;
			buf_add_z(b, "  ");
			add_date(b, e->at_us);
			buf_add_c(b, '\n');
		}
		buf_add_z(b, "  ");
		add_clock(b, e->at_us);
		buf_add_c(b, ' ');
		trail_sentence(b, e);
		if (e->ref.n)
			buf_fmt(b, " [%.*s]", STR_ARG(e->ref));
		buf_add_c(b, '\n');
	}
}

/* ---- for programs ---- */

/* No tab or line end of a peer's parts our columns. */
static void add_cell(struct buf *b, struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		buf_add_c(b, (unsigned char)s.p[i] < 32 ? ' ' : s.p[i]);
	buf_add_c(b, '\t');
}

static void add_line(struct buf *b, const struct trail_event *e)
{
	out_time_exact(b, e->at_us);
	buf_add_c(b, '\t');
	add_cell(b, e->trace);
	add_cell(b, str_z(trail_kind_name(e->kind)));
	add_cell(b, e->null_sender ? STR("<>") : e->sender);
	add_cell(b, e->rcpt.n ? e->rcpt : e->to);
	trail_sentence(b, e);
	buf_add_c(b, '\n');
}

static int show_page(struct ctl *c, const struct trail_page *page)
{
	struct json_writer w;
	struct buf b;
	int rc;

	buf_init(&b, (size_t)1 << 30);
	w = json_writer(&b);
	if (c->json)
		json_array(&w);
	/* As they happened: the latest at the end, where the prompt is. */
	for (size_t i = page->n; i-- > 0;) {
		const struct trail_story *s = &page->stories[i];

		if (c->json)
			admin_trace_story(&w, s);
		else if (c->tty)
			add_story(&b, c, s);
		for (size_t j = 0; !c->json && !c->tty && j < s->n; j++)
			add_line(&b, &s->events[j]);
		if (!c->json && c->tty && i)
			buf_add_c(&b, '\n');
	}
	if (c->json) {
		json_end(&w);
		buf_add_c(&b, '\n');
	}
	rc = b.n ? out_write(c, buf_str(&b)) : CTL_OK;
	buf_deinit(&b);
	return rc;
}

/* ---- as it happens ---- */

struct follow {
	struct ctl *c;
	const struct trail_query *q;
	struct map known; /* ids of messages that met the conditions */
	struct buf out;
	bool all;
};

static bool follow_event(void *arg, const struct trail_event *e)
{
	struct follow *f = arg;
	struct json_writer w;

	if (!f->all && !(e->trace.n && map_get(&f->known, e->trace)) &&
	    !trail_event_matches(e, f->q))
		return true;
	if (!f->all && e->trace.n) {
		if (f->known.n >= FOLLOWED_MAX) {
			map_deinit(&f->known);
			map_init(&f->known, 0);
		}
		(void)map_put(&f->known, e->trace, f);
	}
	if (f->c->json) {
		w = json_writer(&f->out);
		admin_trace_event(&w, e);
		buf_add_c(&f->out, '\n');
	} else if (f->c->tty) {
		add_clock(&f->out, e->at_us);
		buf_fmt(&f->out, " %.*s ", STR_ARG(e->trace));
		trail_sentence(&f->out, e);
		buf_add_c(&f->out, '\n');
	} else {
		add_line(&f->out, e);
	}
	return true;
}

static int follow(struct ctl *c, const char *dir, const struct trail_query *q)
{
	struct follow f = { .c = c, .q = q };
	struct trail_mark at = { .day = 0 };
	struct err err = ERR_INIT;
	int rc = CTL_OK;

	f.all = !q->address.n && !q->sender.n && !q->rcpt.n && !q->trace.n &&
	        !q->message_id.n && !q->domain.n;
	map_init(&f.known, 0);
	buf_init(&f.out, (size_t)1 << 30);
	while (rc == CTL_OK) {
		if (trail_tail(dir, &at, follow_event, &f, &err) < 0)
			rc = ctl_fail(c, &err, NULL, "cannot read the trail");
		if (f.out.n)
			rc = out_write(c, buf_str(&f.out));
		buf_reset(&f.out);
		clock_sleep_us(LOOK_US);
	}
	buf_deinit(&f.out);
	map_deinit(&f.known);
	return rc;
}

/* ---- the command ---- */

int ctl_run_trace(struct ctl *c)
{
	struct trail_query q;
	struct trail_page page;
	struct err err = ERR_INIT;
	const char *dir;
	int rc = read_query(c, &q);

	if (rc == CTL_OK)
		rc = ctl_admin(c);
	if (rc != CTL_OK)
		return rc;
	dir = config_data_path(c->cfg, &c->arena, "");
	if (ctl_option(c, "follow"))
		return follow(c, dir, &q);
	if (trail_find(dir, &q, &c->arena, &page, &err) < 0)
		return ctl_fail(c, &err, NULL, "cannot read the trail");
	rc = show_page(c, &page);
	if (rc == CTL_OK && page.n == 0) {
		ctl_note(c, "the trail has nothing of that in the last %u days",
		         (unsigned)config_u64(c->cfg, OPT_TRAIL_DAYS));
		return CTL_NOT_FOUND;
	}
	if (page.more)
		ctl_note(c, "there is more: --until, or --limit");
	return rc;
}
