/* Mail of an account brought over from another provider. */
#include "admin/ops.h"

#define EVERY (ADMIN_OWN | ADMIN_DOMAIN | ADMIN_OPERATOR)

static const struct admin_field folder_fields[] = {
	{ "there", ADMIN_IS_TEXT, false, NULL, "The folder's name there" },
	{ "here", ADMIN_IS_TEXT, false, NULL, "And here" },
	{ "messages", ADMIN_IS_NUMBER, false, NULL, "There" },
	{ "found", ADMIN_IS_NUMBER, false, NULL,
	  "Of these, here, when the folder was done" },
	{ "imported", ADMIN_IS_NUMBER, false, NULL, "By this run" },
	{ "known", ADMIN_IS_NUMBER, false, NULL, "That had come before" },
	{ "failed", ADMIN_IS_NUMBER, false, NULL, NULL },
	{ "skipped", ADMIN_IS_TEXT, false, NULL,
	  "Why the folder was passed over, or empty" },
	ADMIN_FIELD_END,
};

static const struct admin_field failure_fields[] = {
	{ "folder", ADMIN_IS_TEXT, false, NULL, NULL },
	{ "uid", ADMIN_IS_NUMBER, false, NULL, NULL },
	{ "why", ADMIN_IS_TEXT, false, NULL, NULL },
	ADMIN_FIELD_END,
};

static const struct admin_field fields[] = {
	{ "state", ADMIN_IS_TEXT, false, NULL,
	  "none, running, done, failed or stopped" },
	{ "host", ADMIN_IS_TEXT, false, NULL, NULL },
	{ "user", ADMIN_IS_TEXT, false, NULL, NULL },
	{ "began", ADMIN_IS_TIME, true, NULL, NULL },
	{ "ended", ADMIN_IS_TIME, true, NULL, NULL },
	{ "why", ADMIN_IS_TEXT, false, NULL, "It failed, in words" },
	{ "folders", ADMIN_IS_NUMBER, false, NULL, NULL },
	{ "folders_done", ADMIN_IS_NUMBER, false, NULL, NULL },
	{ "messages", ADMIN_IS_NUMBER, false, NULL, "There, in all folders" },
	{ "imported", ADMIN_IS_NUMBER, false, NULL, NULL },
	{ "known", ADMIN_IS_NUMBER, false, NULL, NULL },
	{ "failed", ADMIN_IS_NUMBER, false, NULL, NULL },
	{ "bytes", ADMIN_IS_NUMBER, false, NULL, "Brought by this run" },
	{ "report", ADMIN_IS_OBJECTS, false, folder_fields, "By folder" },
	{ "failures", ADMIN_IS_OBJECTS, false, failure_fields,
	  "The first 200" },
	ADMIN_FIELD_END,
};

static const struct admin_param one_params[] = {
	{ "address", ADMIN_ADDRESS, ADMIN_NEEDED, 0, NULL, "The account" },
	ADMIN_PARAM_END,
};

static const struct admin_param start_params[] = {
	{ "address", ADMIN_ADDRESS, ADMIN_NEEDED, 0, NULL, "The account" },
	{ "host", ADMIN_TEXT, ADMIN_NEEDED, 253, NULL,
	  "The other provider's IMAP server" },
	{ "port", ADMIN_NUMBER, 0, 65535, NULL, "993, or 143 with starttls" },
	{ "security", ADMIN_CHOICE, 0, 0, "tls|starttls",
	  "How TLS begins; tls unless said" },
	{ "user", ADMIN_TEXT, 0, 300, NULL, "The login there; the address" },
	{ "password", ADMIN_SECRET, ADMIN_NEEDED, 0, NULL,
	  "The password there; kept in memory until the end" },
	ADMIN_PARAM_END,
};

static int find(struct admin_call *c, struct directory_account *acc,
                struct err *err)
{
	if (admin_account_find(c->adm, c->address, c->a, acc, err) < 0)
		return -1;
	return c->adm->importer
	               ? 0
	               : err_set(err, ERR_TEMP,
	                         "the running host alone does this; see "
	                         "posthus import imap");
}

static int start(struct admin_call *c, struct err *err)
{
	bool starttls = str_eq(admin_arg_text(c, "security"), STR("starttls"));
	struct directory_account acc;
	struct admin_import i = {
		.host = admin_arg_text(c, "host"),
		.user = admin_arg_text(c, "user"),
		.password = admin_arg_text(c, "password"),
		.starttls = starttls,
		.port = starttls ? 143 : 993,
	};

	if (find(c, &acc, err) < 0)
		return -1;
	if (admin_arg_given(c, "port"))
		i.port = (uint16_t)admin_arg(c, "port")->u;
	if (!i.port)
		return admin_blame(c, "port", err, ERR_INVALID,
		                   "that is no port");
	if (!i.user.n)
		i.user = acc.address;
	i.account = (struct store_account){ .id = acc.id,
		                            .shard = acc.shard,
		                            .quota_bytes = acc.quota_bytes };
	if (admin_store(c->adm, &i.store, err) < 0)
		return -1;
	return c->adm->importer->start(c->adm->importer->arg, &i, err);
}

static int status(struct admin_call *c, struct err *err)
{
	struct directory_account acc;
	struct str json;

	if (find(c, &acc, err) < 0 ||
	    c->adm->importer->status(c->adm->importer->arg, acc.id, c->a, &json,
	                             err) < 0)
		return -1;
	json_raw(c->w, json);
	return 0;
}

static int stop(struct admin_call *c, struct err *err)
{
	struct directory_account acc;

	if (find(c, &acc, err) < 0)
		return -1;
	return c->adm->importer->stop(c->adm->importer->arg, acc.id, err);
}

#define ROW(n, m, ch, par, sh, res, fn, words)                                \
	{                                                                     \
		.name = n, .method = m, .path = "/accounts/{address}/import", \
		.who = EVERY, .area = ADMIN_AREA_ADDRESSES, .changes = ch,    \
		.elsewhere = ch, .subject = ADMIN_OF_ADDRESS, .params = par,  \
		.shape = sh, .result = res, .run = fn, .sentence = words      \
	}

const struct admin_operation admin_ops_import[] = {
	ROW("import.start", "POST", true, start_params, ADMIN_NOTHING, NULL,
	    start, "Bring all mail over from another provider, by IMAP"),
	ROW("import.status", "GET", false, one_params, ADMIN_ONE, fields,
	    status, "Show how the import fares, or what became of the last"),
	ROW("import.stop", "DELETE", true, one_params, ADMIN_NOTHING, NULL,
	    stop, "Stop the import; started again it goes on from there"),
	ADMIN_OP_END,
};
