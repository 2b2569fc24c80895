#include "store/append.h"

#include "base/mem.h"
#include "config/config.h"
#include "imap/command.h"
#include "imap/flagtext.h"
#include "os/spool.h"
#include "store/flags.h"
#include "store/quota.h"
#include "wire/imap/args.h"

/* Messages of one APPEND (MULTIAPPEND, RFC 3502). */
#define MESSAGES_MAX 500

/* A client that sends without asking (LITERAL+) more than this over the
 * limit is cut off instead of listened to. */
#define SKIP_MAX ((uint64_t)64 * 1024 * 1024)

struct message {
	struct spool *spool;
	struct append *prepared;
	struct imap_append args;
};

struct imap_append_job {
	struct arena arena;
	uint64_t mailbox;
	bool utf8_open; /* "UTF8 (": a ")" must follow */
	struct message *v;
	size_t n;
	struct err err; /* kind not NONE: what went wrong while it came in */
};

void imap_append_drop(struct imap_session *s)
{
	struct imap_append_job *j = s->append;

	if (!j)
		return;
	s->append = NULL;
	for (size_t i = 0; i < j->n; i++) {
		append_free(&j->v[i].prepared);
		spool_free(&j->v[i].spool);
	}
	arena_deinit(&j->arena);
	mem_free(j);
}

static void begin(struct imap_session *s)
{
	struct imap_append_job *j = mem_zalloc(sizeof(*j));

	arena_init(&j->arena);
	j->v = arena_array(&j->arena, MESSAGES_MAX, sizeof(*j->v));
	s->append = j;
}

/* Answered NO or BAD: what is sent all the same is passed over. */
static void refuse(struct imap_session *s)
{
	const struct imap_literal *lit = &s->reader.literal;
	uint64_t max = config_u64(s->ctx->config, OPT_LIMITS_MESSAGE_BYTES);

	imap_append_drop(s);
	if (!lit->sync && lit->size > max && lit->size - max > SKIP_MAX)
		imap_bye(s, "[TOOBIG] Message too large");
	imap_reader_refuse(&s->reader);
}

static void fail(struct imap_session *s, const struct err *err)
{
	if (err->kind == ERR_NOT_FOUND)
		imap_no(s, "[TRYCREATE] No such mailbox");
	else if (err->kind == ERR_TOO_BIG)
		imap_no(s, "[LIMIT] Too many different keywords");
	else
		imap_fail(s, err);
}

/* ---- before the bytes ---- */

static bool find_mailbox(struct imap_session *s, struct str wire)
{
	struct imap_append_job *j = s->append;
	struct err err = ERR_INIT;
	struct imap_name name;
	struct mailbox m;

	if (!imap_name_read(s, &j->arena, wire, &name))
		return false;
	if (mailbox_get(s->ctx->store, s->account, name.name, &j->arena, &m,
	                &err) < 0) {
		fail(s, &err);
		return false;
	}
	j->mailbox = m.no;
	return true;
}

static uint64_t bytes_so_far(const struct imap_append_job *j)
{
	uint64_t n = 0;

	for (size_t i = 0; i < j->n; i++)
		n += spool_size(j->v[i].spool);
	return n;
}

/* Every limit before a byte is taken. */
static bool has_room(struct imap_session *s)
{
	uint64_t max = config_u64(s->ctx->config, OPT_LIMITS_MESSAGE_BYTES);
	uint64_t size = s->reader.literal.size, all;
	struct err err = ERR_INIT;

	if (size == UINT64_MAX) {
		imap_bad(s, "[TOOBIG] No number can be so large");
		return false;
	}
	if (size > max) {
		imap_no(s, "[TOOBIG] Message size exceeds the limit of %llu MB",
		        (unsigned long long)(max >> 20));
		return false;
	}
	if (s->append->n == MESSAGES_MAX) {
		imap_no(s, "[LIMIT] At most %d messages at once", MESSAGES_MAX);
		return false;
	}
	all = bytes_so_far(s->append) + size;
	if (quota_check(s->ctx->store, s->account, all, &err) == 0 &&
	    store_check_space(s->ctx->store, all, &err) == 0)
		return true;
	fail(s, &err);
	return false;
}

/* The views of the arguments must outlive the text. */
static void keep_args(struct imap_append_job *j, struct imap_append *a)
{
	struct imap_flags *f = &a->flags;
	struct str *copy =
		arena_array(&j->arena, f->n_keywords + 1, sizeof(*copy));

	for (size_t i = 0; i < f->n_keywords; i++)
		copy[i] = arena_dup(&j->arena, f->keywords[i]);
	f->keywords = copy;
}

static bool parse_first(struct imap_parser *p, struct str *mailbox)
{
	struct str word;

	/* tag and name were looked at before. */
	return imap_parse_tag(p, &word) && imap_parse_sp(p) &&
	       imap_parse_atom(p, &word) && imap_parse_sp(p) &&
	       imap_parse_astring(p, mailbox);
}

static bool read_args(struct imap_session *s, struct imap_append *args)
{
	struct imap_append_job *j = s->append;
	bool first = j->n == 0, ok = true;
	struct imap_parser p;
	struct str mailbox;

	p = imap_parser(arena_dup(&j->arena, imap_reader_text(&s->reader)),
	                &j->arena);
	if (first)
		ok = parse_first(&p, &mailbox);
	else if (j->utf8_open)
		ok = imap_parse_char(&p, ')');
	if (!ok || !imap_parse_append(&p, args)) {
		imap_bad(s, "%s", p.error);
		return false;
	}
	if (args->utf8 && !s->utf8) {
		imap_bad(s, "ENABLE UTF8=ACCEPT first");
		return false;
	}
	return !first || find_mailbox(s, mailbox);
}

void imap_append_literal(struct imap_session *s)
{
	struct imap_append args;
	struct message *m;

	if (!s->append)
		begin(s);
	if (!read_args(s, &args) || !has_room(s)) {
		refuse(s);
		return;
	}
	keep_args(s->append, &args);
	m = &s->append->v[s->append->n++];
	m->args = args;
	m->spool = spool_new(s->ctx->spools, s->reader.literal.size);
	s->append->utf8_open = args.utf8;
	if (s->reader.literal.sync)
		net_write(s->net, STR("+ OK\r\n"));
	imap_reader_stream(&s->reader);
}

/* ---- the bytes ---- */

static struct message *current(struct imap_session *s)
{
	return &s->append->v[s->append->n - 1];
}

/* After a failure the rest is read and dropped; the answer comes at the
 * end. */
void imap_append_data(struct imap_session *s, struct str piece)
{
	if (!s->append || s->append->err.kind != ERR_NONE)
		return;
	err_drop(spool_add(current(s)->spool, piece, &s->append->err));
	/* kept in the job */
}

void imap_append_data_end(struct imap_session *s)
{
	struct imap_append_job *j = s->append;
	struct message *m;

	if (!j || j->err.kind != ERR_NONE)
		return;
	m = current(s);
	if (spool_seal(m->spool, &j->err) < 0)
		return;
	err_drop(append_prepare(&m->prepared, s->ctx->store, m->spool,
	                        &j->err)); /* kept in the job */
}

/* ---- behind the bytes ---- */

static void set_target(struct imap_session *s, struct append_target *t,
                       const struct message *m)
{
	*t = (struct append_target){
		.message = m->prepared,
		.account = s->account,
		.mailbox = s->append->mailbox,
		.flags = imap_system_bits(m->args.flags.system),
		.keywords = m->args.flags.keywords,
		.keywords_n = m->args.flags.n_keywords,
		.internaldate_us = m->args.date_set ? m->args.date_us : 0,
	};
}

static void answer(struct imap_session *s, const struct append_target *t,
                   size_t n)
{
	struct imap_seqout o;
	struct buf b;

	buf_init(&b, (size_t)64 * 1024);
	o = imap_seqout(&b);
	for (size_t i = 0; i < n; i++)
		imap_seqout_add(&o, t[i].uid);
	imap_seqout_end(&o);
	imap_ok(s, "[APPENDUID %u %s] Done", t[0].uidvalidity, buf_z(&b));
	buf_deinit(&b);
}

static void commit(struct imap_session *s)
{
	struct imap_append_job *j = s->append;
	struct append_target *t = arena_array(&j->arena, j->n, sizeof(*t));
	struct err err = ERR_INIT;

	for (size_t i = 0; i < j->n; i++)
		set_target(s, &t[i], &j->v[i]);
	if (append_commit(s->ctx->store, t, j->n, STR(""), NULL, &err) < 0)
		fail(s, &err);
	else
		answer(s, t, j->n);
}

void imap_append_finish(struct imap_session *s, struct str rest)
{
	struct imap_append_job *j = s->append;
	struct imap_parser p = imap_parser(rest, &j->arena);

	if (j->utf8_open)
		(void)imap_parse_char(&p, ')');
	if (p.error || !imap_parse_end(&p))
		imap_bad(s, "%s", p.error);
	else if (j->err.kind != ERR_NONE)
		imap_fail(s, &j->err);
	else
		commit(s);
	imap_append_drop(s);
}

/* The command's own row: it comes here only when no literal follows. */
void imap_cmd_append(struct imap_session *s, struct imap_parser *p)
{
	(void)p;
	imap_bad(s, "A message as a literal is missing");
}
