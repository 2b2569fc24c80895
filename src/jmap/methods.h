/* jmap/methods.h - the functions of the table of methods (jmap/table.c). */
#ifndef JMAP_METHODS_H
#define JMAP_METHODS_H

#include "jmap/call.h"

int jmap_core_echo(struct jmap_call *c);
int jmap_blob_copy(struct jmap_call *c);
int jmap_blob_get(struct jmap_call *c);
int jmap_blob_lookup(struct jmap_call *c);
int jmap_blob_upload(struct jmap_call *c);
int jmap_mdn_parse(struct jmap_call *c);
int jmap_mdn_send(struct jmap_call *c);
int jmap_mailbox_get(struct jmap_call *c);
int jmap_mailbox_changes(struct jmap_call *c);
int jmap_mailbox_query(struct jmap_call *c);
int jmap_mailbox_query_changes(struct jmap_call *c);
int jmap_mailbox_set(struct jmap_call *c);
int jmap_email_get(struct jmap_call *c);
int jmap_email_set(struct jmap_call *c);
int jmap_email_import(struct jmap_call *c);
int jmap_email_copy(struct jmap_call *c);
int jmap_email_parse(struct jmap_call *c);
int jmap_subscription_get(struct jmap_call *c);
int jmap_subscription_set(struct jmap_call *c);
int jmap_identity_get(struct jmap_call *c);
int jmap_identity_changes(struct jmap_call *c);
int jmap_identity_set(struct jmap_call *c);
int jmap_snippet_get(struct jmap_call *c);
int jmap_submission_get(struct jmap_call *c);
int jmap_submission_set(struct jmap_call *c);
int jmap_submission_changes(struct jmap_call *c);
int jmap_submission_query(struct jmap_call *c);
int jmap_submission_query_changes(struct jmap_call *c);
int jmap_email_changes(struct jmap_call *c);
int jmap_email_query(struct jmap_call *c);
int jmap_email_query_changes(struct jmap_call *c);
int jmap_thread_get(struct jmap_call *c);
int jmap_thread_changes(struct jmap_call *c);
int jmap_quota_get(struct jmap_call *c);
int jmap_quota_changes(struct jmap_call *c);
int jmap_quota_query(struct jmap_call *c);
int jmap_quota_query_changes(struct jmap_call *c);
int jmap_sieve_get(struct jmap_call *c);
int jmap_sieve_query(struct jmap_call *c);
int jmap_sieve_set(struct jmap_call *c);
int jmap_sieve_validate(struct jmap_call *c);
int jmap_vacation_get(struct jmap_call *c);
int jmap_vacation_set(struct jmap_call *c);
int jmap_address_book_get(struct jmap_call *c);
int jmap_address_book_changes(struct jmap_call *c);
int jmap_address_book_set(struct jmap_call *c);
int jmap_contact_card_get(struct jmap_call *c);
int jmap_contact_card_changes(struct jmap_call *c);
int jmap_contact_card_query(struct jmap_call *c);
int jmap_contact_card_query_changes(struct jmap_call *c);
int jmap_contact_card_set(struct jmap_call *c);
int jmap_contact_card_copy(struct jmap_call *c);

#endif
