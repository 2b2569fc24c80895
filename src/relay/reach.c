/* Find the hosts of a destination, and one that lets us in. */
#include <stdio.h>
#include <string.h>

#include "os/clock.h"
#include "relay/task.h"

#define HURRY_US (5 * US_PER_SEC)

/* ---- which hosts ---- */

static bool take_smarthost(struct task *k, struct str at,
                           struct relay_hosts *out, struct relay_outcome *why)
{
	const struct config *cfg = k->r->o.config;
	size_t colon = str_rchr(at, ':');
	struct str name = at;
	uint64_t port = k->port;
	struct err err;

	if (colon != STR_NPOS && str_chr(at, ':') == colon) {
		if (!str_to_u64(str_from(at, colon + 1), 65535, &port) ||
		    port == 0) {
			relay_outcome_set(why, RELAY_TEMP, "4.3.5",
			                  "relay.smarthost is no host:port");
			return false;
		}
		name = str_to(at, colon);
	}
	memset(out, 0, sizeof(*out));
	out->n = 1;
	out->v[0].name = name;
	if (net_addr_parse(name, &out->v[0].literal, &err) < 0)
		out->v[0].literal.family = NET_NONE;
	k->port = (uint16_t)port;
	k->smarthost = true;
	k->peer.login = config_str(cfg, OPT_RELAY_SMARTHOST_LOGIN);
	k->peer.password = config_str(cfg, OPT_RELAY_SMARTHOST_PASSWORD);
	return true;
}

static bool find_hosts(struct task *k, struct relay_hosts *out,
                       struct relay_outcome *why)
{
	struct str smart = config_str(k->r->o.config, OPT_RELAY_SMARTHOST);

	if (smart.n)
		return take_smarthost(k, smart, out, why);
	return relay_hosts_find(out, &k->ask, str_z(k->t->name), &k->arena,
	                        why);
}

/* ---- connecting ---- */

static void set_peer(struct task *k)
{
	size_t i;

	k->peer.source = NULL;
	for (i = 0; i < k->sources_n; i++)
		if (k->sources[i].family == k->peer.addr.family)
			k->peer.source = &k->sources[i];
	/* The living must not wait for the dead. */
	k->peer.times.connect_us =
		config_us(k->r->o.config, OPT_RELAY_CONNECT_TIMEOUT);
	if (relay_is_crowded(k->r) && k->peer.times.connect_us > HURRY_US)
		k->peer.times.connect_us = HURRY_US;
	k->peer.tls = k->demand.mode;
}

static bool open_session(struct task *k, struct relay_outcome *why)
{
	bool ok;

	set_peer(k);
	ok = relay_session_open(&k->session, &k->peer, why);
	relay_demand_note(k);
	if (ok)
		return true;
	relay_session_close(&k->session);
	if (k->session.tls_failed && k->demand.because)
		k->forbidden = true;
	if (!k->session.tls_failed || k->peer.tls != RELAY_TLS_MAY)
		return false;
	/* Nobody asked for TLS: rather in clear than not at all. */
	k->peer.tls = RELAY_TLS_OFF;
	if (relay_session_open(&k->session, &k->peer, why))
		return true;
	relay_session_close(&k->session);
	return false;
}

static bool try_host(struct task *k, const struct relay_host *h, bool mx_secure,
                     struct relay_outcome *why)
{
	struct relay_addresses addrs;
	char text[NET_ADDR_TEXT_MAX];
	size_t i;

	if (!relay_host_addresses(&addrs, &k->ask, h, &k->arena, why) ||
	    !relay_demand_find(k, h, &addrs, mx_secure, why))
		return false;
	for (i = 0; i < addrs.n; i++) {
		if (atomic_load(&k->r->stop) || clock_real_us() > k->until_us)
			return false;
		k->peer.addr = addrs.v[i];
		k->peer.addr.port = k->port;
		(void)snprintf(
			k->name, sizeof(k->name), "%.*s",
			STR_ARG(h->name.n ? h->name
		                          : str_z(net_addr_text(&addrs.v[i],
		                                                text))));
		if (open_session(k, why))
			return true;
	}
	return false;
}

/* The trail tells of it when another host takes the mail. */
static void note_tried(struct task *k, const struct relay_host *h,
                       const struct relay_outcome *why)
{
	struct relay_tried *t = &k->tried[k->tried_n];

	if (k->tried_n == RELAY_TRIED_MAX || h->name.n == 0)
		return;
	(void)snprintf(t->name, sizeof(t->name), "%.*s", STR_ARG(h->name));
	(void)snprintf(t->reply, sizeof(t->reply), "%.399s", why->reply);
	k->tried_n++;
}

/* The first host, from next_host on, that lets us in.  *why is TEMP if any
 * host may later. */
static bool connect_any(struct task *k, struct relay_outcome *why)
{
	struct relay_outcome one = { .kind = RELAY_TEMP };
	bool temp = false, first = true;

	while (k->next_host < k->hosts.n) {
		const struct relay_host *h = &k->hosts.v[k->next_host++];

		if (try_host(k, h, k->hosts.secure, &one))
			return true;
		k->all_asked &= one.kind == RELAY_PERM;
		/* The best host's reason, as far as it is the kind. */
		if (first || (one.kind == RELAY_TEMP && !temp))
			*why = one;
		first = false;
		temp |= one.kind == RELAY_TEMP;
		note_tried(k, h, &one);
		if (atomic_load(&k->r->stop) || clock_real_us() > k->until_us) {
			k->all_asked = false;
			break;
		}
	}
	why->kind = temp ? RELAY_TEMP : RELAY_PERM;
	return false;
}

bool relay_reach(struct task *k, struct relay_outcome *why)
{
	k->next_host = 0;
	k->all_asked = true;
	if (!find_hosts(k, &k->hosts, why))
		return false;
	if (!k->lenient)
		relay_demand_policy(k);
	return connect_any(k, why);
}

bool relay_reach_next(struct task *k, struct relay_outcome *why)
{
	relay_session_close(&k->session);
	return connect_any(k, why);
}
