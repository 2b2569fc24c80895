#include "base/mem.h"
#include "pop3/session.h"
#include "store/fetch.h"

/* Read at a time; dots make at most twice as much of it. */
#define PIECE (NET_PIECE / 4)

struct sending {
	struct pop3_session *s;
	struct body *body;
	uint64_t at;
	struct pop3_stuff stuff;
};

static void drop(void *arg)
{
	struct sending *job = arg;

	body_close(&job->body);
	mem_free(job);
}

/* Half an answer cannot be taken back: the connection ends, and the program
 * fetches the message again. */
static bool broken(struct sending *job, const struct err *err)
{
	pop3_log_failure(job->s, err);
	job->s->state = POP3_ENDED;
	net_close(job->s->net);
	return false;
}

static bool more(struct net_session *net, void *arg)
{
	struct sending *job = arg;
	struct err err = ERR_INIT;
	char *piece = mem_alloc(PIECE);
	struct buf out;
	size_t got = 0;
	bool go_on;

	if (body_read(job->body, job->at, piece, PIECE, &got, &err) < 0) {
		mem_free(piece);
		return broken(job, &err);
	}
	job->at += got;
	buf_init(&out, PIECE * 2 + 16);
	go_on = pop3_stuff_add(&job->stuff, (struct str){ piece, got }, &out) &&
	        got > 0 && job->at < body_size(job->body);
	if (!go_on)
		pop3_stuff_end(&job->stuff, &out);
	net_write(net, buf_str(&out));
	buf_deinit(&out);
	mem_free(piece);
	return go_on;
}

void pop3_send_message(struct pop3_session *s, const struct pop3_message *m,
                       const struct pop3_stuff *stuff)
{
	struct sending *job = mem_zalloc(sizeof(*job));
	struct err err = ERR_INIT;

	if (body_open(&job->body, s->ctx->store, s->account, s->drop.mailbox,
	              m->uid, &err) < 0) {
		mem_free(job);
		pop3_fail(s, &err);
		return;
	}
	job->s = s;
	job->stuff = *stuff;
	pop3_ok(s, "%u octets", m->size);
	net_send(s->net, more, drop, job);
}
