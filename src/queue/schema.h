/* queue/schema.h - the tables of queue.db; docs/formats/queue.md explains. */
#ifndef QUEUE_SCHEMA_H
#define QUEUE_SCHEMA_H

#define QUEUE_SCHEMA_VERSION 9

#define QUEUE_SCHEMA                                               \
	"CREATE TABLE message ("                                   \
	" id INTEGER PRIMARY KEY,"                                 \
	" source INTEGER NOT NULL,"                                \
	" sender TEXT NOT NULL,"                                   \
	" account BIGINT NOT NULL,"                                \
	" domain BIGINT NOT NULL,"                                 \
	" body INTEGER NOT NULL,"                                  \
	" utf8 INTEGER NOT NULL,"                                  \
	" ret INTEGER NOT NULL,"                                   \
	" envid TEXT NOT NULL,"                                    \
	" trace TEXT NOT NULL,"                                    \
	" received BIGINT NOT NULL,"                               \
	" size BIGINT NOT NULL,"                                   \
	" held INTEGER NOT NULL,"                                  \
	" file TEXT NOT NULL,"                                     \
	" content BLOB);"                                          \
	"CREATE INDEX message_domain ON message (domain);"         \
	"CREATE TABLE action ("                                    \
	" id INTEGER PRIMARY KEY,"                                 \
	" message BIGINT NOT NULL,"                                \
	" kind INTEGER NOT NULL,"                                  \
	" state INTEGER NOT NULL,"                                 \
	" address TEXT NOT NULL,"                                  \
	" original TEXT NOT NULL,"                                 \
	" account BIGINT NOT NULL,"                                \
	" shard INTEGER NOT NULL,"                                 \
	" prefix BLOB,"                                            \
	" notify INTEGER NOT NULL,"                                \
	" orcpt TEXT NOT NULL,"                                    \
	" attempts INTEGER NOT NULL,"                              \
	" next BIGINT NOT NULL,"                                   \
	" last BIGINT NOT NULL,"                                   \
	" lease BIGINT NOT NULL,"                                  \
	" status TEXT NOT NULL,"                                   \
	" reply TEXT NOT NULL);"                                   \
	"CREATE INDEX action_message ON action (message);"         \
	"CREATE INDEX action_due ON action (kind, next)"           \
	" WHERE state = 0;"                                        \
	"CREATE TABLE number (name TEXT PRIMARY KEY,"              \
	" value BIGINT NOT NULL);"                                 \
	"INSERT INTO number VALUES ('message', 0), ('action', 0);" \
	"CREATE TABLE seen ("                                      \
	" key BLOB PRIMARY KEY,"                                   \
	" at BIGINT NOT NULL,"                                     \
	" message BIGINT NOT NULL);"                               \
	"CREATE INDEX seen_at ON seen (at);"

/* The folder of a local action (deliver/folder.h). */
#define QUEUE_SCHEMA_2                                          \
	"ALTER TABLE action ADD COLUMN place INTEGER NOT NULL"  \
	" DEFAULT 0;"                                           \
	"ALTER TABLE action ADD COLUMN mailbox BIGINT NOT NULL" \
	" DEFAULT 0;"                                           \
	"ALTER TABLE action ADD COLUMN flags TEXT NOT NULL DEFAULT '';"

/* Who may be told what, and how forwards fare. */
#define QUEUE_SCHEMA_3                                                      \
	"ALTER TABLE message ADD COLUMN returnable INTEGER NOT NULL"        \
	" DEFAULT 0;"                                                       \
	"UPDATE message SET returnable = 1 WHERE source <> 0;"              \
	"ALTER TABLE action ADD COLUMN mail_from TEXT NOT NULL DEFAULT '';" \
	"ALTER TABLE action ADD COLUMN forward BIGINT NOT NULL DEFAULT 0;"  \
	"ALTER TABLE action ADD COLUMN told INTEGER NOT NULL DEFAULT 0;"    \
	"CREATE INDEX action_over ON action (message) WHERE state > 0;"     \
	"CREATE INDEX action_untold ON action (message)"                    \
	" WHERE state = 0 AND told = 0;"                                    \
	"CREATE TABLE health ("                                             \
	" account BIGINT NOT NULL,"                                         \
	" address TEXT NOT NULL,"                                           \
	" succeeded BIGINT NOT NULL,"                                       \
	" failed BIGINT NOT NULL,"                                          \
	" failures INTEGER NOT NULL,"                                       \
	" reply TEXT NOT NULL,"                                             \
	" paused BIGINT NOT NULL,"                                          \
	" told INTEGER NOT NULL,"                                           \
	" PRIMARY KEY (account, address));"                                 \
	"CREATE INDEX health_untold ON health (paused)"                     \
	" WHERE paused > 0 AND told = 0;"

/* Destinations: claims by domain, and what is known of each.  `next` of a
 * claimed action is the end of its lease, so that one index says when there
 * is something to do; those of held messages have a state of their own. */
#define QUEUE_SCHEMA_4                                                      \
	"ALTER TABLE message ADD COLUMN tls INTEGER NOT NULL DEFAULT 0;"    \
	"ALTER TABLE message ADD COLUMN by_at BIGINT NOT NULL DEFAULT 0;"   \
	"ALTER TABLE message ADD COLUMN by_flags INTEGER NOT NULL"          \
	" DEFAULT 0;"                                                       \
	"ALTER TABLE message ADD COLUMN priority INTEGER NOT NULL"          \
	" DEFAULT 0;"                                                       \
	"ALTER TABLE message ADD COLUMN release BIGINT NOT NULL DEFAULT 0;" \
	"ALTER TABLE action ADD COLUMN dest TEXT NOT NULL DEFAULT '';"      \
	"ALTER TABLE action ADD COLUMN mta TEXT NOT NULL DEFAULT '';"       \
	"ALTER TABLE action ADD COLUMN expires BIGINT NOT NULL DEFAULT 0;"  \
	"CREATE TABLE destination ("                                        \
	" name TEXT PRIMARY KEY,"                                           \
	" due BIGINT NOT NULL,"                                             \
	" blocked BIGINT NOT NULL,"                                         \
	" failures INTEGER NOT NULL,"                                       \
	" last BIGINT NOT NULL,"                                            \
	" status TEXT NOT NULL,"                                            \
	" reply TEXT NOT NULL,"                                             \
	" mta TEXT NOT NULL);"                                              \
	"CREATE INDEX destination_due ON destination (due);"                \
	"UPDATE action SET state = -1 WHERE state = 0 AND message IN"       \
	" (SELECT id FROM message WHERE held <> 0);"                        \
	"UPDATE action SET next = lease WHERE lease > next;"                \
	"UPDATE action SET expires = 432000000000 + (SELECT received FROM"  \
	" message m WHERE m.id = action.message);"                          \
	"CREATE INDEX action_dest ON action (dest, next)"                   \
	" WHERE kind = 1 AND state = 0;"

/* The living are asked for apart from those that failed. */
#define QUEUE_SCHEMA_5                                       \
	"DROP INDEX destination_due;"                        \
	"CREATE INDEX destination_live ON destination (due)" \
	" WHERE failures = 0;"                               \
	"CREATE INDEX destination_dead ON destination (due)" \
	" WHERE failures > 0;"

/* What its sender holds is found by the message's id, to be taken back, and
 * so is by what it would be known. */
#define QUEUE_SCHEMA_6                                 \
	"CREATE INDEX message_held ON message (trace)" \
	" WHERE release > 0;"                          \
	"CREATE INDEX seen_message ON seen (message);"

/* What was taken back, so that it is known to have been. */
#define QUEUE_SCHEMA_7              \
	"CREATE TABLE withdrawn ("  \
	" trace TEXT PRIMARY KEY,"  \
	" account BIGINT NOT NULL," \
	" at BIGINT NOT NULL);"

/* What is urgent goes first; what has a time is found by it. */
#define QUEUE_SCHEMA_8                                            \
	"ALTER TABLE action ADD COLUMN priority INTEGER NOT NULL" \
	" DEFAULT 0;"                                             \
	"CREATE INDEX action_priority ON action (dest, priority)" \
	" WHERE kind = 1 AND state = 0 AND priority <> 0;"        \
	"CREATE INDEX message_by ON message (by_at)"              \
	" WHERE by_at > 0;"                                       \
	"CREATE INDEX message_clear ON message (tls)"             \
	" WHERE tls = 2;"

/* How many of a domain wait (R28), without reading the messages.  And what is
 * due next here; for other hosts that is asked by destination alone, and no
 * other index may look like a way to it. */
#define QUEUE_SCHEMA_9                                                 \
	"DROP INDEX message_domain;"                                   \
	"DROP INDEX action_due;"                                       \
	"CREATE INDEX action_local ON action (next) WHERE kind = 0"    \
	" AND state = 0;"                                              \
	"CREATE INDEX message_waiting ON message (domain, source,"     \
	" release);"                                                   \
	"CREATE INDEX action_relay ON action (message) WHERE kind = 1" \
	" AND state <= 0;"

/* `due` of a destination for which nothing waits. */
#define QUEUE_NEVER INT64_MAX

#endif
