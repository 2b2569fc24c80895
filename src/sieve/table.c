/* The language as a table: every command and test with its arguments. */
#include "sieve/program.h"
#include "sieve/run.h"

static const struct {
	struct str name;
	uint64_t ext;
} exts[] = {
	{ STR_INIT("fileinto"), EXT_FILEINTO },
	{ STR_INIT("envelope"), EXT_ENVELOPE },
	{ STR_INIT("encoded-character"), EXT_ENCODED_CHARACTER },
	{ STR_INIT("copy"), EXT_COPY },
	{ STR_INIT("body"), EXT_BODY },
	{ STR_INIT("variables"), EXT_VARIABLES },
	{ STR_INIT("relational"), EXT_RELATIONAL },
	{ STR_INIT("imap4flags"), EXT_IMAP4FLAGS },
	{ STR_INIT("subaddress"), EXT_SUBADDRESS },
	{ STR_INIT("date"), EXT_DATE },
	{ STR_INIT("index"), EXT_INDEX },
	{ STR_INIT("vacation"), EXT_VACATION },
	{ STR_INIT("vacation-seconds"), EXT_VACATION_SECONDS | EXT_VACATION },
	{ STR_INIT("environment"), EXT_ENVIRONMENT },
	{ STR_INIT("ihave"), EXT_IHAVE },
	{ STR_INIT("duplicate"), EXT_DUPLICATE },
	{ STR_INIT("editheader"), EXT_EDITHEADER },
	{ STR_INIT("reject"), EXT_REJECT },
	{ STR_INIT("ereject"), EXT_EREJECT },
	{ STR_INIT("mailbox"), EXT_MAILBOX },
	{ STR_INIT("special-use"), EXT_SPECIAL_USE },
	{ STR_INIT("spamtest"), EXT_SPAMTEST },
	{ STR_INIT("spamtestplus"), EXT_SPAMTESTPLUS | EXT_SPAMTEST },
	{ STR_INIT("virustest"), EXT_VIRUSTEST },
	{ STR_INIT("mailboxid"), EXT_MAILBOXID },
	{ STR_INIT("include"), EXT_INCLUDE },
	{ STR_INIT("enotify"), EXT_ENOTIFY },
	{ STR_INIT("fcc"), EXT_FCC },
	{ STR_INIT("regex"), EXT_REGEX },
	{ STR_INIT("foreverypart"), EXT_FOREVERYPART },
	{ STR_INIT("mime"), EXT_MIME },
	{ STR_INIT("extracttext"), EXT_EXTRACTTEXT },
	{ STR_INIT("replace"), EXT_REPLACE },
	{ STR_INIT("enclose"), EXT_ENCLOSE },
	{ STR_INIT("envelope-dsn"), EXT_ENVELOPE_DSN },
	{ STR_INIT("redirect-dsn"), EXT_REDIRECT_DSN },
	{ STR_INIT("envelope-deliverby"), EXT_ENVELOPE_DELIVERBY },
	{ STR_INIT("redirect-deliverby"), EXT_REDIRECT_DELIVERBY },
	{ STR_INIT("comparator-i;octet"), EXT_BASE },
	{ STR_INIT("comparator-i;ascii-casemap"), EXT_BASE },
	{ STR_INIT("comparator-i;ascii-numeric"), EXT_COMPARATOR_NUMERIC },
	{ STR_INIT("comparator-i;unicode-casemap"), EXT_COMPARATOR_UNICODE },
};

const char *sieve_extensions(void)
{
	return "fileinto envelope encoded-character copy body variables "
	       "relational imap4flags subaddress date index vacation "
	       "vacation-seconds environment ihave duplicate editheader "
	       "reject ereject mailbox special-use spamtest spamtestplus "
	       "virustest mailboxid include enotify fcc regex foreverypart "
	       "mime extracttext replace enclose envelope-dsn redirect-dsn envelope-deliverby "
	       "redirect-deliverby comparator-i;octet "
	       "comparator-i;ascii-casemap "
	       "comparator-i;ascii-numeric comparator-i;unicode-casemap";
}

size_t sieve_ext_count(void)
{
	return sizeof(exts) / sizeof(*exts);
}

bool sieve_ext_find(struct str name, uint64_t *out)
{
	for (size_t i = 0; i < sizeof(exts) / sizeof(*exts); i++) {
		if (!str_eq(name, exts[i].name))
			continue;
		*out = exts[i].ext;
		return true;
	}
	return false;
}

/* What may be done to a value before it is kept (RFC 5229, 4.1). */
#define MODIFIERS                                                           \
	{ "lower", ' ', 0 }, { "upper", ' ', 0 }, { "lowerfirst", ' ', 0 }, \
		{ "upperfirst", ' ', 0 }, { "quotewildcard", ' ', 0 },      \
		{ "length", ' ', 0 }, { "encodeurl", ' ', EXT_ENOTIFY },    \
	{                                                                   \
		"quoteregex", ' ', EXT_REGEX                                \
	}

/* The header of a part, or of all below it (RFC 5703, 4). */
#define MIME_TAGS                         \
	{ "mime", ' ', EXT_MIME },        \
	{                                 \
		"anychild", ' ', EXT_MIME \
	}

/* A copy of what is sent (RFC 8580, 3), and how it is filed. */
#define FCC_TAGS                                                   \
	{ "fcc", 'S', EXT_FCC }, { "flags", 'L', EXT_IMAP4FLAGS }, \
		{ "create", ' ', EXT_MAILBOX },                    \
		{ "specialuse", 'S', EXT_SPECIAL_USE },            \
	{                                                          \
		"mailboxid", 'S', EXT_MAILBOXID                    \
	}

/* The numbers of tags are used by the functions: see sieve/run.h, TAG_... */
static const struct sieve_row rows[] = {
	/* control (RFC 5228, 3) */
	{ "require", ROW_REQUIRE, 0, 0, "L", { { 0 } }, NULL },
	{ "if", ROW_IF, 0, TAKES_TEST, "", { { 0 } }, NULL },
	{ "elsif", ROW_ELSIF, 0, TAKES_TEST, "", { { 0 } }, NULL },
	{ "else", ROW_ELSE, 0, 0, "", { { 0 } }, NULL },
	{ "stop", ROW_ACTION, 0, 0, "", { { 0 } }, sieve_stop },
	{ "error", ROW_ACTION, EXT_IHAVE, 0, "S", { { 0 } }, sieve_error_cmd },

	/* actions: RFC 5228, 4; RFC 3894 (:copy), RFC 5232, RFC 5429, RFC 5490, 3;
	 * RFC 8579, 4 (:specialuse), RFC 6009 (redirect) */
	{ "keep",
	  ROW_ACTION,
	  0,
	  0,
	  "",
	  { { "flags", 'L', EXT_IMAP4FLAGS } },
	  sieve_keep },
	{ "discard", ROW_ACTION, 0, 0, "", { { 0 } }, sieve_discard },
	{ "redirect",
	  ROW_ACTION,
	  0,
	  0,
	  "S",
	  { { "copy", ' ', EXT_COPY },
	    { "notify", 'S', EXT_REDIRECT_DSN },
	    { "ret", 'S', EXT_REDIRECT_DSN },
	    { "bytimerelative", 'N', EXT_REDIRECT_DELIVERBY },
	    { "bytimeabsolute", 'S', EXT_REDIRECT_DELIVERBY },
	    { "bymode", 'S', EXT_REDIRECT_DELIVERBY },
	    { "bytrace", ' ', EXT_REDIRECT_DELIVERBY } },
	  sieve_redirect },
	{ "fileinto",
	  ROW_ACTION,
	  EXT_FILEINTO,
	  0,
	  "S",
	  { { "flags", 'L', EXT_IMAP4FLAGS },
	    { "copy", ' ', EXT_COPY },
	    { "create", ' ', EXT_MAILBOX },
	    { "specialuse", 'S', EXT_SPECIAL_USE },
	    { "mailboxid", 'S', EXT_MAILBOXID } },
	  sieve_fileinto },
	{ "include",
	  ROW_ACTION,
	  EXT_INCLUDE,
	  0,
	  "S",
	  { { "personal", ' ', 0 },
	    { "global", ' ', 0 },
	    { "once", ' ', 0 },
	    { "optional", ' ', 0 } },
	  sieve_include },
	{ "return", ROW_ACTION, EXT_INCLUDE, 0, "", { { 0 } }, sieve_return },
	{ "global", ROW_ACTION, EXT_INCLUDE, 0, "L", { { 0 } }, sieve_global },
	{ "reject", ROW_ACTION, EXT_REJECT, 0, "S", { { 0 } }, sieve_reject },
	{ "ereject", ROW_ACTION, EXT_EREJECT, 0, "S", { { 0 } }, sieve_reject },
	{ "vacation",
	  ROW_ACTION,
	  EXT_VACATION,
	  0,
	  "S",
	  { { "days", 'N', 0 },
	    { "seconds", 'N', EXT_VACATION_SECONDS },
	    { "subject", 'S', 0 },
	    { "from", 'S', 0 },
	    { "addresses", 'L', 0 },
	    { "mime", ' ', 0 },
	    { "handle", 'S', 0 },
	    FCC_TAGS },
	  sieve_vacation },
	{ "notify",
	  ROW_ACTION,
	  EXT_ENOTIFY,
	  0,
	  "S",
	  { { "from", 'S', 0 },
	    { "importance", 'S', 0 },
	    { "options", 'L', 0 },
	    { "message", 'S', 0 },
	    FCC_TAGS },
	  sieve_notify },
	{ "set", ROW_ACTION, EXT_VARIABLES, 0, "SS", { MODIFIERS }, sieve_set },
	/* RFC 5703 */
	{ "foreverypart",
	  ROW_LOOP,
	  EXT_FOREVERYPART,
	  0,
	  "",
	  { { "name", 'S', 0 } },
	  sieve_foreverypart },
	{ "break",
	  ROW_ACTION,
	  EXT_FOREVERYPART,
	  0,
	  "",
	  { { "name", 'S', 0 } },
	  sieve_break },
	{ "extracttext",
	  ROW_ACTION,
	  EXT_EXTRACTTEXT,
	  0,
	  "S",
	  { MODIFIERS, { "first", 'N', 0 } },
	  sieve_extracttext },
	{ "replace",
	  ROW_ACTION,
	  EXT_REPLACE,
	  0,
	  "S",
	  { { "mime", ' ', 0 }, { "subject", 'S', 0 }, { "from", 'S', 0 } },
	  sieve_replace },
	{ "enclose",
	  ROW_ACTION,
	  EXT_ENCLOSE,
	  0,
	  "S",
	  { { "subject", 'S', 0 }, { "headers", 'L', 0 } },
	  sieve_enclose },
	{ "setflag",
	  ROW_ACTION,
	  EXT_IMAP4FLAGS,
	  TAKES_FEWER,
	  "SL",
	  { { 0 } },
	  sieve_setflag },
	{ "addflag",
	  ROW_ACTION,
	  EXT_IMAP4FLAGS,
	  TAKES_FEWER,
	  "SL",
	  { { 0 } },
	  sieve_addflag },
	{ "removeflag",
	  ROW_ACTION,
	  EXT_IMAP4FLAGS,
	  TAKES_FEWER,
	  "SL",
	  { { 0 } },
	  sieve_removeflag },
	{ "addheader",
	  ROW_ACTION,
	  EXT_EDITHEADER,
	  0,
	  "SS",
	  { { "last", ' ', 0 } },
	  sieve_addheader },
	{ "deleteheader",
	  ROW_ACTION,
	  EXT_EDITHEADER,
	  TAKES_MATCH | TAKES_SHORT,
	  "SL",
	  { { "index", 'N', 0 }, { "last", ' ', 0 } },
	  sieve_deleteheader },

	/* tests (RFC 5228, 5; 5173, 5229, 5260, 5183, 5463, 7352, 5490) */
	{ "true", ROW_TEST, 0, 0, "", { { 0 } }, sieve_true },
	{ "false", ROW_TEST, 0, 0, "", { { 0 } }, sieve_false },
	{ "not", ROW_TEST, 0, TAKES_TEST, "", { { 0 } }, sieve_not },
	{ "allof", ROW_TEST, 0, TAKES_TESTS, "", { { 0 } }, sieve_allof },
	{ "anyof", ROW_TEST, 0, TAKES_TESTS, "", { { 0 } }, sieve_anyof },
	{ "address",
	  ROW_TEST,
	  0,
	  TAKES_MATCH | TAKES_PART | TAKES_INDEX,
	  "LL",
	  { MIME_TAGS },
	  sieve_address },
	{ "envelope",
	  ROW_TEST,
	  EXT_ENVELOPE,
	  TAKES_MATCH | TAKES_PART,
	  "LL",
	  { { "zone", 'S', EXT_ENVELOPE_DELIVERBY } },
	  sieve_envelope },
	{ "header",
	  ROW_TEST,
	  0,
	  TAKES_MATCH | TAKES_INDEX,
	  "LL",
	  { MIME_TAGS,
	    { "type", ' ', EXT_MIME },
	    { "subtype", ' ', EXT_MIME },
	    { "contenttype", ' ', EXT_MIME },
	    { "param", 'L', EXT_MIME } },
	  sieve_header },
	{ "exists", ROW_TEST, 0, 0, "L", { MIME_TAGS }, sieve_exists },
	{ "size",
	  ROW_TEST,
	  0,
	  0,
	  "N",
	  { { "over", ' ', 0 }, { "under", ' ', 0 } },
	  sieve_size },
	{ "body",
	  ROW_TEST,
	  EXT_BODY,
	  TAKES_MATCH,
	  "L",
	  { { "raw", ' ', 0 }, { "content", 'L', 0 }, { "text", ' ', 0 } },
	  sieve_body },
	{ "string",
	  ROW_TEST,
	  EXT_VARIABLES,
	  TAKES_MATCH,
	  "LL",
	  { { 0 } },
	  sieve_string },
	{ "hasflag",
	  ROW_TEST,
	  EXT_IMAP4FLAGS,
	  TAKES_MATCH | TAKES_FEWER,
	  "LL",
	  { { 0 } },
	  sieve_hasflag },
	{ "date",
	  ROW_TEST,
	  EXT_DATE,
	  TAKES_MATCH | TAKES_INDEX,
	  "SSL",
	  { { "zone", 'S', 0 }, { "originalzone", ' ', 0 } },
	  sieve_date },
	{ "currentdate",
	  ROW_TEST,
	  EXT_DATE,
	  TAKES_MATCH,
	  "SL",
	  { { "zone", 'S', 0 } },
	  sieve_currentdate },
	{ "environment",
	  ROW_TEST,
	  EXT_ENVIRONMENT,
	  TAKES_MATCH,
	  "SL",
	  { { 0 } },
	  sieve_environment },
	{ "ihave", ROW_TEST, EXT_IHAVE, 0, "L", { { 0 } }, sieve_ihave },
	{ "duplicate",
	  ROW_TEST,
	  EXT_DUPLICATE,
	  0,
	  "",
	  { { "handle", 'S', 0 },
	    { "header", 'S', 0 },
	    { "uniqueid", 'S', 0 },
	    { "seconds", 'N', 0 },
	    { "last", ' ', 0 } },
	  sieve_duplicate },
	{ "mailboxexists",
	  ROW_TEST,
	  EXT_MAILBOX,
	  0,
	  "L",
	  { { 0 } },
	  sieve_mailboxexists },
	{ "mailboxidexists",
	  ROW_TEST,
	  EXT_MAILBOXID,
	  0,
	  "L",
	  { { 0 } },
	  sieve_mailboxidexists },
	{ "specialuse_exists",
	  ROW_TEST,
	  EXT_SPECIAL_USE,
	  TAKES_FEWER,
	  "SL",
	  { { 0 } },
	  sieve_specialuse_exists },
	{ "valid_notify_method",
	  ROW_TEST,
	  EXT_ENOTIFY,
	  0,
	  "L",
	  { { 0 } },
	  sieve_valid_notify_method },
	{ "notify_method_capability",
	  ROW_TEST,
	  EXT_ENOTIFY,
	  TAKES_MATCH,
	  "SSL",
	  { { 0 } },
	  sieve_notify_method_capability },
	{ "spamtest",
	  ROW_TEST,
	  EXT_SPAMTEST,
	  TAKES_MATCH,
	  "S",
	  { { "percent", ' ', EXT_SPAMTESTPLUS } },
	  sieve_spamtest },
	{ "virustest",
	  ROW_TEST,
	  EXT_VIRUSTEST,
	  TAKES_MATCH,
	  "S",
	  { { 0 } },
	  sieve_virustest },
};

const struct sieve_row *sieve_row_find(struct str name, bool test)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if ((rows[i].kind == ROW_TEST) == test &&
		    str_eq_case(name, str_z(rows[i].name)))
			return &rows[i];
	return NULL;
}
