/* daemon/roles.h - the functions of the table of roles (daemon/host.h). */
#ifndef DAEMON_ROLES_H
#define DAEMON_ROLES_H

#include "daemon/host.h"

int role_keys_start(struct host *h, struct err *err);
void role_keys_reload(struct host *h);
void role_keys_stop(struct host *h);

int role_gate_start(struct host *h, struct err *err);
void role_gate_reload(struct host *h);
void role_gate_stop(struct host *h);

int role_dns_start(struct host *h, struct err *err);
void role_dns_stop(struct host *h);

int role_smtp_start(struct host *h, struct err *err);
void role_smtp_stop(struct host *h);

int role_imap_start(struct host *h, struct err *err);
void role_imap_stop(struct host *h);

int role_pop3_start(struct host *h, struct err *err);
void role_pop3_stop(struct host *h);

int role_sieve_start(struct host *h, struct err *err);
void role_sieve_stop(struct host *h);

int role_http_start(struct host *h, struct err *err);
void role_http_stop(struct host *h);

int role_relay_start(struct host *h, struct err *err);
void role_relay_stop(struct host *h);

/* What news of the queue is published under: no account has this number. */
#define NEWS_QUEUE 0

#endif
