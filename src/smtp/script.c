/* The local socket: what scripts send (R30, R43).  Who calls is told by the
 * kernel, so nobody logs in. */
#include <pwd.h>
#include <stdio.h>
#include <unistd.h>

#include "base/mem.h"
#include "config/config.h"
#include "directory/directory.h"
#include "smtp/session.h"

/* Domains of one web space that are looked at. */
#define DOMAINS_MAX 1000

static void name_user(struct smtp_script *sc)
{
	char buffer[4096];
	struct passwd row, *found = NULL;

	if (getpwuid_r((uid_t)sc->uid, &row, buffer, sizeof(buffer), &found) ==
	            0 &&
	    found)
		(void)snprintf(sc->user, sizeof(sc->user), "%s", row.pw_name);
	else
		(void)snprintf(sc->user, sizeof(sc->user), "uid %u", sc->uid);
}

void smtp_script_open(struct net_session *s, struct smtp *c)
{
	c->script = mem_zalloc(sizeof(*c->script));
	c->script->uid = net_peer_uid(s);
	name_user(c->script);
}

static bool is_of_space(int64_t domain, const int64_t *space, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (space[i] == domain)
			return true;
	return false;
}

int smtp_script_sender(const struct smtp_context *x, struct smtp *c,
                       struct smtp_tx *tx, struct policy_facts *f,
                       struct err *err)
{
	const struct smtp_path *p = &tx->mail.path;
	struct smtp_script *sc = c->script;
	struct directory_resolved r = { .kind = DIRECTORY_NOT_LOCAL };
	int64_t *space = arena_array(&tx->arena, DOMAINS_MAX, sizeof(*space));
	size_t n;

	f->logged_in = true;
	f->sender_own = true; /* any may be named; strangers are counted */
	if (directory_webspace_domains(x->directory, sc->uid, space,
	                               DOMAINS_MAX, &n, err) < 0)
		return -1;
	if (!p->null && p->domain.n &&
	    directory_address_resolve(x->directory, p->local, p->domain,
	                              &tx->arena, &r, err) < 0)
		return -1;
	sc->own = (r.kind == DIRECTORY_ACCOUNT || r.kind == DIRECTORY_ALIAS) &&
	          is_of_space(r.domain_id, space, n);
	sc->account_id = sc->own ? r.account_id : 0;
	/* R27 and R28 hold for whoever owns the web space. */
	sc->domain_id = sc->own ? r.domain_id : n ? space[0] : 0;
	f->sending_off = sc->own && (r.flags & DIRECTORY_NO_SEND) != 0;
	tx->room = (struct intake_room){ .account_id = sc->account_id,
		                         .domain_id = sc->domain_id,
		                         .scripts = true,
		                         .foreign = !sc->own,
		                         .uid = sc->uid };
	return 0;
}

/* "root", as cron writes it, comes as root@ this machine: it is for whoever
 * runs it. */
void smtp_script_rcpt(const struct smtp_context *x, const struct smtp *c,
                      struct smtp_path *p)
{
	struct err err = ERR_INIT;
	bool hosted = true;

	if (!c->script || !str_eq_case(p->domain, config_hostname(x->config)))
		return;
	if (directory_domain_is_local(x->directory, p->domain, &hosted, &err) <
	            0 ||
	    hosted)
		return;
	p->local = STR("postmaster");
	p->domain = (struct str){ NULL, 0 };
}
