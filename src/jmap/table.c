#include "jmap/call.h"
#include "jmap/methods.h"
#include "jmap/own.h"

static const struct jmap_method methods[] = {
	{ "Core/echo", JMAP_CORE, jmap_core_echo },
	{ "PushSubscription/get", JMAP_CORE, jmap_subscription_get },
	{ "PushSubscription/set", JMAP_CORE, jmap_subscription_set },
	{ "Mailbox/get", JMAP_MAIL, jmap_mailbox_get },
	{ "Mailbox/changes", JMAP_MAIL, jmap_mailbox_changes },
	{ "Mailbox/query", JMAP_MAIL, jmap_mailbox_query },
	{ "Mailbox/queryChanges", JMAP_MAIL, jmap_mailbox_query_changes },
	{ "Mailbox/set", JMAP_MAIL, jmap_mailbox_set },
	{ "Email/get", JMAP_MAIL, jmap_email_get },
	{ "Email/changes", JMAP_MAIL, jmap_email_changes },
	{ "Email/query", JMAP_MAIL, jmap_email_query },
	{ "Email/queryChanges", JMAP_MAIL, jmap_email_query_changes },
	{ "Email/set", JMAP_MAIL, jmap_email_set },
	{ "Email/import", JMAP_MAIL, jmap_email_import },
	{ "Email/copy", JMAP_MAIL, jmap_email_copy },
	{ "Email/parse", JMAP_MAIL, jmap_email_parse },
	{ "Identity/get", JMAP_SUBMISSION, jmap_identity_get },
	{ "Identity/changes", JMAP_SUBMISSION, jmap_identity_changes },
	{ "Identity/set", JMAP_SUBMISSION, jmap_identity_set },
	{ "EmailSubmission/get", JMAP_SUBMISSION, jmap_submission_get },
	{ "EmailSubmission/set", JMAP_SUBMISSION, jmap_submission_set },
	{ "EmailSubmission/changes", JMAP_SUBMISSION, jmap_submission_changes },
	{ "EmailSubmission/query", JMAP_SUBMISSION, jmap_submission_query },
	{ "EmailSubmission/queryChanges", JMAP_SUBMISSION,
	  jmap_submission_query_changes },
	{ "Blob/copy", JMAP_CORE, jmap_blob_copy },
	{ "Blob/get", JMAP_BLOB, jmap_blob_get },
	{ "Blob/lookup", JMAP_BLOB, jmap_blob_lookup },
	{ "Blob/upload", JMAP_BLOB, jmap_blob_upload },
	{ "DeletedEmail/count", JMAP_OWN, jmap_deleted_count },
	{ "DeletedEmail/query", JMAP_OWN, jmap_deleted_query },
	{ "DeletedEmail/get", JMAP_OWN, jmap_deleted_get },
	{ "DeletedEmail/purge", JMAP_OWN, jmap_deleted_purge },
	{ "DeletedEmail/restore", JMAP_OWN, jmap_deleted_restore },
	{ "EmailTrail/get", JMAP_OWN, jmap_trail_get },
	{ "SendLimit/get", JMAP_OWN, jmap_limit_get },
	{ "MDN/parse", JMAP_MDN, jmap_mdn_parse },
	{ "MDN/send", JMAP_MDN, jmap_mdn_send },
	{ "SearchSnippet/get", JMAP_MAIL, jmap_snippet_get },
	{ "Thread/get", JMAP_MAIL, jmap_thread_get },
	{ "Thread/changes", JMAP_MAIL, jmap_thread_changes },
	{ "Quota/get", JMAP_QUOTA, jmap_quota_get },
	{ "Quota/changes", JMAP_QUOTA, jmap_quota_changes },
	{ "SieveScript/get", JMAP_SIEVE, jmap_sieve_get },
	{ "SieveScript/query", JMAP_SIEVE, jmap_sieve_query },
	{ "SieveScript/set", JMAP_SIEVE, jmap_sieve_set },
	{ "SieveScript/validate", JMAP_SIEVE, jmap_sieve_validate },
	{ "VacationResponse/get", JMAP_VACATION, jmap_vacation_get },
	{ "VacationResponse/set", JMAP_VACATION, jmap_vacation_set },
	{ "AddressBook/get", JMAP_CONTACTS, jmap_address_book_get },
	{ "AddressBook/changes", JMAP_CONTACTS, jmap_address_book_changes },
	{ "AddressBook/set", JMAP_CONTACTS, jmap_address_book_set },
	{ "ContactCard/get", JMAP_CONTACTS, jmap_contact_card_get },
	{ "ContactCard/changes", JMAP_CONTACTS, jmap_contact_card_changes },
	{ "ContactCard/query", JMAP_CONTACTS, jmap_contact_card_query },
	{ "ContactCard/queryChanges", JMAP_CONTACTS,
	  jmap_contact_card_query_changes },
	{ "ContactCard/set", JMAP_CONTACTS, jmap_contact_card_set },
	{ "ContactCard/copy", JMAP_CONTACTS, jmap_contact_card_copy },
};

const struct jmap_method *jmap_method_find(struct str name, unsigned using)
{
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (str_eq(name, str_z(methods[i].name)))
			return methods[i].needs & using ? &methods[i] : NULL;
	return NULL;
}
