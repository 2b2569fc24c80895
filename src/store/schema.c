#include "store/shard.h"

/*
 * The tables; README.md tells why they are as they are.  In the dialect that
 * both databases share, but for WITHOUT ROWID, which is where SQLite is told
 * to cluster a table by its key.
 *
 * Row ids (email.id, body.id, mailbox.id) only grow, are never used again and
 * never leave the shard; numbers (no) are the account's.
 */
static const char version_1[] =
	"CREATE TABLE account ("
	" id BIGINT PRIMARY KEY,"
	" epoch BIGINT NOT NULL,"
	" modseq BIGINT NOT NULL,"
	" bytes BIGINT NOT NULL,"
	" messages BIGINT NOT NULL,"
	" purged_bytes BIGINT NOT NULL,"
	" next_mailbox BIGINT NOT NULL,"
	" next_email BIGINT NOT NULL,"
	" uidvalidity BIGINT NOT NULL,"
	" state_email BIGINT NOT NULL,"
	" state_mailbox BIGINT NOT NULL,"
	" state_thread BIGINT NOT NULL,"
	" change_floor BIGINT NOT NULL) WITHOUT ROWID;"

	"CREATE TABLE keyword ("
	" account BIGINT NOT NULL,"
	" bit BIGINT NOT NULL,"
	" name TEXT NOT NULL,"
	" PRIMARY KEY (account, bit)) WITHOUT ROWID;"

	"CREATE TABLE subscription ("
	" account BIGINT NOT NULL,"
	" name TEXT NOT NULL,"
	" PRIMARY KEY (account, name)) WITHOUT ROWID;"

	"CREATE TABLE mailbox ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT,"
	" account BIGINT NOT NULL,"
	" no BIGINT NOT NULL,"
	" name TEXT NOT NULL,"
	" use BIGINT NOT NULL,"
	" created BIGINT NOT NULL,"
	" changed BIGINT NOT NULL,"
	" uidvalidity BIGINT NOT NULL,"
	" uidnext BIGINT NOT NULL,"
	" total BIGINT NOT NULL,"
	" unseen BIGINT NOT NULL,"
	" deleted BIGINT NOT NULL,"
	" bytes BIGINT NOT NULL,"
	" deleted_bytes BIGINT NOT NULL,"
	" modseq BIGINT NOT NULL,"
	" tail_first BIGINT NOT NULL,"
	" tail_count BIGINT NOT NULL,"
	" gone_floor BIGINT NOT NULL,"
	" gone_n BIGINT NOT NULL,"
	" log_floor BIGINT NOT NULL,"
	" log_n BIGINT NOT NULL,"
	" unseen_from BIGINT NOT NULL);"
	"CREATE UNIQUE INDEX mailbox_no ON mailbox (account, no);"
	"CREATE UNIQUE INDEX mailbox_name ON mailbox (account, name);"

	"CREATE TABLE message ("
	" mailbox BIGINT NOT NULL,"
	" uid BIGINT NOT NULL,"
	" email BIGINT NOT NULL,"
	" flags BIGINT NOT NULL,"
	" modseq BIGINT NOT NULL,"
	" added BIGINT NOT NULL,"
	" size BIGINT NOT NULL,"
	" received BIGINT NOT NULL,"
	" saved BIGINT NOT NULL,"
	" PRIMARY KEY (mailbox, uid)) WITHOUT ROWID;"
	"CREATE INDEX message_email ON message (email);"

	"CREATE TABLE run ("
	" mailbox BIGINT NOT NULL,"
	" first BIGINT NOT NULL,"
	" last BIGINT NOT NULL,"
	" PRIMARY KEY (mailbox, first)) WITHOUT ROWID;"

	"CREATE TABLE vanished ("
	" mailbox BIGINT NOT NULL,"
	" modseq BIGINT NOT NULL,"
	" first BIGINT NOT NULL,"
	" last BIGINT NOT NULL,"
	" PRIMARY KEY (mailbox, modseq, first)) WITHOUT ROWID;"

	"CREATE TABLE flaglog ("
	" mailbox BIGINT NOT NULL,"
	" modseq BIGINT NOT NULL,"
	" first BIGINT NOT NULL,"
	" last BIGINT NOT NULL,"
	" PRIMARY KEY (mailbox, modseq, first)) WITHOUT ROWID;"

	"CREATE TABLE changed ("
	" account BIGINT NOT NULL,"
	" modseq BIGINT NOT NULL,"
	" type BIGINT NOT NULL,"
	" no BIGINT NOT NULL,"
	" what BIGINT NOT NULL,"
	" PRIMARY KEY (account, modseq, type, no)) WITHOUT ROWID;"

	"CREATE TABLE email ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT,"
	" account BIGINT NOT NULL,"
	" no BIGINT NOT NULL,"
	" thread BIGINT NOT NULL,"
	" body BIGINT NOT NULL,"
	" places BIGINT NOT NULL,"
	" size BIGINT NOT NULL,"
	" received BIGINT NOT NULL,"
	" created BIGINT NOT NULL,"
	" purged BIGINT,"
	" purged_flags BIGINT,"
	" purged_mailbox BIGINT,"
	" prefix BLOB NOT NULL);"
	"CREATE UNIQUE INDEX email_no ON email (account, no);"
	/* The first Email of a thread gives it its number and needs no
	 * entry here. */
	"CREATE INDEX email_thread ON email (account, thread)"
	" WHERE thread <> no;"
	"CREATE INDEX email_purged ON email (account, purged)"
	" WHERE purged IS NOT NULL;"
	"CREATE INDEX email_purged_time ON email (purged)"
	" WHERE purged IS NOT NULL;"

	"CREATE TABLE msgid ("
	" account BIGINT NOT NULL,"
	" hash BIGINT NOT NULL,"
	" thread BIGINT NOT NULL,"
	" PRIMARY KEY (account, hash)) WITHOUT ROWID;"

	"CREATE TABLE body ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT,"
	" hash BLOB NOT NULL,"
	" hash64 BIGINT,"
	" size BIGINT NOT NULL,"
	" file TEXT,"
	" refs BIGINT NOT NULL,"
	" dead BIGINT,"
	" text_cut BIGINT NOT NULL,"
	" meta BLOB NOT NULL);"
	"CREATE INDEX body_hash ON body (hash64) WHERE hash64 IS NOT NULL;"
	"CREATE INDEX body_dead ON body (dead) WHERE dead IS NOT NULL;"

	"CREATE TABLE body_data (id INTEGER PRIMARY KEY, data BLOB NOT NULL);"
	"CREATE TABLE body_text (id INTEGER PRIMARY KEY, data BLOB NOT NULL);"

	"CREATE TABLE done ("
	" slot BIGINT NOT NULL,"
	" key BLOB NOT NULL,"
	" PRIMARY KEY (slot, key)) WITHOUT ROWID;";

/* What is run at delivery, and what it must remember. */
static const char version_2[] =
	"CREATE TABLE script ("
	" account BIGINT NOT NULL,"
	" no BIGINT NOT NULL,"
	" name TEXT NOT NULL,"
	" active BIGINT NOT NULL,"
	" changed BIGINT NOT NULL,"
	" size BIGINT NOT NULL,"
	" content BLOB NOT NULL,"
	" PRIMARY KEY (account, no));"
	"CREATE UNIQUE INDEX script_name ON script (account, name);"

	"CREATE TABLE vacation ("
	" account BIGINT PRIMARY KEY,"
	" changed BIGINT NOT NULL,"
	" enabled BIGINT NOT NULL,"
	" begins BIGINT NOT NULL,"
	" ends BIGINT NOT NULL,"
	" days BIGINT NOT NULL,"
	" subject TEXT NOT NULL,"
	" content TEXT NOT NULL) WITHOUT ROWID;"

	"CREATE TABLE remembered ("
	" account BIGINT NOT NULL,"
	" kind BIGINT NOT NULL,"
	" hash BLOB NOT NULL,"
	" until BIGINT NOT NULL,"
	" PRIMARY KEY (account, kind, hash)) WITHOUT ROWID;"
	"CREATE INDEX remembered_until ON remembered (until);";

/* What owners said of messages, until the filter has learned it. */
static const char version_3[] = "CREATE TABLE learn ("
				" account BIGINT NOT NULL,"
				" email BIGINT NOT NULL,"
				" want BIGINT NOT NULL,"
				" modseq BIGINT NOT NULL,"
				" PRIMARY KEY (account, email)) WITHOUT ROWID;";

/* What an account keeps beside its mail, and the states of its types. */
static const char version_4[] =
	"CREATE TABLE object ("
	" account BIGINT NOT NULL,"
	" type BIGINT NOT NULL,"
	" no BIGINT NOT NULL,"
	" created BIGINT NOT NULL,"
	" changed BIGINT NOT NULL,"
	" first BIGINT NOT NULL,"
	" second BIGINT NOT NULL,"
	" at BIGINT NOT NULL,"
	" open BIGINT NOT NULL,"
	" name TEXT NOT NULL,"
	" content BLOB NOT NULL,"
	" PRIMARY KEY (account, type, no)) WITHOUT ROWID;"
	"CREATE INDEX object_changed ON object (account, type, changed);"
	"CREATE INDEX object_open ON object (account, type, no)"
	" WHERE open > 0;"
	"CREATE TABLE object_type ("
	" account BIGINT NOT NULL,"
	" type BIGINT NOT NULL,"
	" state BIGINT NOT NULL,"
	" next BIGINT NOT NULL,"
	" PRIMARY KEY (account, type)) WITHOUT ROWID;";

/* The answer while away as HTML too. */
static const char version_5[] =
	"ALTER TABLE vacation ADD COLUMN html TEXT NOT NULL DEFAULT '';";

/* Objects are found by their names: a card by its uid. */
static const char version_6[] =
	"CREATE INDEX object_name ON object (account, type, name);";

/* Reports that came, until what they answer is found. */
static const char version_7[] = "CREATE TABLE report ("
				" account BIGINT NOT NULL,"
				" email BIGINT NOT NULL,"
				" PRIMARY KEY (account, email)) WITHOUT ROWID;";

/* Annotations: of the account (mailbox 0), or of a mailbox by its number. */
static const char version_8[] =
	"CREATE TABLE metadata ("
	" account BIGINT NOT NULL,"
	" mailbox BIGINT NOT NULL,"
	" name TEXT NOT NULL,"
	" changed BIGINT NOT NULL,"
	" value BLOB NOT NULL,"
	" PRIMARY KEY (account, mailbox, name)) WITHOUT ROWID;";

int schema_migrate(struct db *db, uint32_t version, struct err *err)
{
	if (version < 1 && db_exec(db, version_1, err) < 0)
		return -1;
	if (version < 2 && db_exec(db, version_2, err) < 0)
		return -1;
	if (version < 3 && db_exec(db, version_3, err) < 0)
		return -1;
	if (version < 4 && db_exec(db, version_4, err) < 0)
		return -1;
	if (version < 5 && db_exec(db, version_5, err) < 0)
		return -1;
	if (version < 6 && db_exec(db, version_6, err) < 0)
		return -1;
	if (version < 7 && db_exec(db, version_7, err) < 0)
		return -1;
	if (version < 8 && db_exec(db, version_8, err) < 0)
		return -1;
	return 0;
}
