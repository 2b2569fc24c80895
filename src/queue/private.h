/* queue/private.h - what the files of queue/ share. */
#ifndef QUEUE_PRIVATE_H
#define QUEUE_PRIVATE_H

#include "db/group.h"
#include "queue/queue.h"

struct queue {
	struct db_group *db;
	char *dir; /* of the large bodies, without a slash at the end */
	int64_t give_up_us;
	void (*changed)(void *arg);
	void *changed_arg;
	void (*released)(void *arg, int64_t account);
	void *released_arg;
};

/* These jobs were claimed. */
void queue_tell_released(struct queue *q, const struct queue_job *jobs,
                         size_t n);

/* body.c: a body's file is there before its row and goes after it. */
struct queue_file {
	char name[40]; /* "" : inline */
};

int queue_file_write(struct queue *q, struct str message,
                     struct queue_file *out, struct err *err) ATTR_MUST_USE;
void queue_file_remove(struct queue *q, struct str name);
int queue_file_map(struct queue *q, struct str name, uint64_t size,
                   struct queue_bytes *out, struct err *err) ATTR_MUST_USE;

/* States of an action as stored. */
enum {
	ACTION_HELD = -1, /* by the operator */
	ACTION_WAITING = 0,
	ACTION_FAILED = 1,
	ACTION_SENT = 2, /* done; a report that it is, is due */
};

/* message.tls */
enum { QUEUE_TLS_USUAL, QUEUE_TLS_REQUIRED, QUEUE_TLS_OPTIONAL };

/* As of wire/smtp/command.h. */
#define QUEUE_NOTIFY_NEVER   1u
#define QUEUE_NOTIFY_SUCCESS 2u
#define QUEUE_NOTIFY_FAILURE 4u
#define QUEUE_NOTIFY_DELAY   8u

/* add.c: a message and its actions within a write.  The numbers are never
 * used again; with a key that is known nothing is added. */
struct queue_adding {
	const struct queue_new *m;
	struct queue_file file;
	int64_t now_us, expires_us;
	int64_t id;
	bool known;
};

int queue_add_prepare(struct queue *q, const struct queue_new *m,
                      struct queue_adding *out, struct err *err) ATTR_MUST_USE;
int queue_add_in(struct db *db, struct queue_adding *a, struct err *err)
	ATTR_MUST_USE;

/* destination.c: something for it is due at `next_us`. */
int queue_destination_wake(struct db *db, struct str name, int64_t next_us,
                           struct err *err) ATTR_MUST_USE;
/* Its actions changed: when is the next one due? */
int queue_destination_refresh(struct db *db, struct str name, struct err *err)
	ATTR_MUST_USE;
/* The same for those of a message (0: of all). */
int queue_destination_refresh_of(struct db *db, int64_t message,
                                 struct err *err) ATTR_MUST_USE;

/* run.c: claim what a statement selects (see there). */
struct claim {
	const char *sql[3]; /* one after the other, until there are enough */
	struct db_args args;
	int64_t until_us;
	struct arena *a;
	struct queue_job *jobs;
	size_t max, n;
	struct str dest; /* to be refreshed, or "" */
};

/* What every such statement selects, and from where. */
#define CLAIM_SELECT                                                   \
	"SELECT a.id, a.message, a.kind, a.address, a.original,"       \
	" a.account, a.shard, a.prefix, a.notify, a.orcpt,"            \
	" a.attempts, a.next, m.source, m.sender, m.account,"          \
	" m.domain, m.body, m.utf8, m.ret, m.envid, m.trace,"          \
	" m.received, m.size, a.place, a.mailbox, a.flags, a.expires," \
	" m.tls, m.by_at, m.by_flags, m.priority, a.mail_from,"        \
	" a.forward, m.release"                                        \
	" FROM action a JOIN message m ON m.id = a.message"

/* Read what it selects, and claim nothing. */
int queue_claim_read(struct db *db, struct claim *c, struct err *err)
	ATTR_MUST_USE;
int queue_claim_write(struct db *db, void *claim, struct err *err);

/* settle.c: the message goes with its last action; its file's name, or "". */
int queue_drop_if_last(struct db *db, int64_t message, char file[40],
                       struct err *err) ATTR_MUST_USE;

/* withdraw.c: a message and its actions; its file's name, or "".  1, 0: there is none, -1. */
int queue_message_delete(struct db *db, int64_t message, char file[40],
                         struct err *err) ATTR_MUST_USE;

/* health.c: note within a write how a forward's action ended. */
int queue_health_note(struct db *db, int64_t action, bool ok, int64_t now_us,
                      struct str reply, struct err *err) ATTR_MUST_USE;

/* A copy in memory, given back by queue_body_close() too. */
int queue_bytes_copy(struct str content, struct queue_bytes *out,
                     struct err *err) ATTR_MUST_USE;

/* Files that no row names and that are older than `before_us`. */
int queue_file_tidy(struct queue *q, int64_t before_us, struct err *err)
	ATTR_MUST_USE;

void queue_tell(struct queue *q);

#endif
