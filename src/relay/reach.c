/* Find the hosts of a destination, and one that lets us in. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
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

static bool open_session(struct task *k)
{
	bool ok = relay_session_open(&k->session, &k->peer, &k->one);

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
	if (relay_session_open(&k->session, &k->peer, &k->one))
		return true;
	relay_session_close(&k->session);
	return false;
}

/* The session that another was done with: what is asked of it is the same,
 * and it counts as one of this destination too. */
static bool take_session(struct task *k)
{
	struct relay_kept *kept = k->waiter.kept;

	k->waiter.kept = NULL;
	k->session = kept->session;
	mem_free(kept);
	if (relay_session_resume(&k->session, &k->peer)) {
		relay_demand_note(k);
		return true;
	}
	relay_session_close(&k->session);
	return false;
}

/* With a place: over a session that is there, or a new one.  What a host says
 * before it knows who asks, it says to all. */
static enum relay_turn use_place(struct task *k, enum relay_turn turn)
{
	k->peer.tls = k->demand.mode;
	if (turn == RELAY_TURN_TAKEN && take_session(k))
		return RELAY_TURN_TAKEN;
	if (open_session(k))
		return RELAY_TURN_TAKEN;
	if (k->placed && !k->session.greeted)
		return relay_share_fail(k);
	relay_share_end(k, false);
	return RELAY_TURN_FAILED;
}

static enum relay_reached take_turn(struct task *k, enum relay_turn turn)
{
	if (turn == RELAY_TURN_FAILED)
		k->one = k->waiter.why;
	while (turn == RELAY_TURN_OPEN || turn == RELAY_TURN_TAKEN) {
		turn = use_place(k, turn);
		if (turn == RELAY_TURN_TAKEN && !k->waiter.kept)
			return RELAY_REACHED;
	}
	if (turn == RELAY_TURN_WAITS)
		return RELAY_REACHED_WAITS;
	return turn == RELAY_TURN_LATE ? RELAY_REACHED_LATE : RELAY_REACHED_NOT;
}

static void set_address(struct task *k, size_t i)
{
	char text[NET_ADDR_TEXT_MAX];
	struct str name = k->host->name;

	k->peer.addr = k->addrs.v[i];
	k->peer.addr.port = k->port;
	if (name.n == 0)
		name = str_z(net_addr_text(&k->addrs.v[i], text));
	(void)snprintf(k->name, sizeof(k->name), "%.*s", STR_ARG(name));
	set_peer(k);
	k->way = k->smarthost || k->lenient ? STR("")
	                                    : relay_way_of(&k->arena, &k->peer);
}

/* Where a session is to be had at once comes first. */
static void prefer_shared(struct task *k)
{
	struct net_addr first = k->addrs.v[0];

	for (size_t i = 0; i < k->addrs.n; i++) {
		set_address(k, i);
		if (k->way.n == 0 || !relay_share_has(k))
			continue;
		k->addrs.v[0] = k->addrs.v[i];
		k->addrs.v[i] = first;
		return;
	}
}

static bool is_late(const struct task *k)
{
	return atomic_load(&k->r->stop) || clock_real_us() > k->until_us;
}

static enum relay_reached try_addresses(struct task *k)
{
	enum relay_reached how;

	for (; k->next_addr < k->addrs.n; k->next_addr++) {
		enum relay_turn turn = RELAY_TURN_OPEN;

		if (k->called) {
			turn = k->waiter.turn;
		} else {
			if (is_late(k))
				break;
			set_address(k, k->next_addr);
			if (k->way.n)
				turn = relay_share_enter(k);
		}
		if (turn == RELAY_TURN_WAITS)
			return RELAY_REACHED_WAITS;
		k->called = false;
		how = take_turn(k, turn);
		if (how != RELAY_REACHED_NOT)
			return how;
	}
	return RELAY_REACHED_NOT;
}

/* The next host, if it has an address and may be used. */
static bool begin_host(struct task *k)
{
	k->host = &k->hosts.v[k->next_host++];
	k->next_addr = 0;
	if (!relay_host_addresses(&k->addrs, &k->ask, k->host, &k->arena,
	                          &k->one) ||
	    !relay_demand_find(k, k->host, &k->addrs, k->hosts.secure,
	                       &k->one)) {
		k->addrs.n = 0;
		return false;
	}
	prefer_shared(k);
	return true;
}

/* The trail tells of it when another host takes the mail. */
static void note_tried(struct task *k)
{
	struct relay_tried *t = &k->tried[k->tried_n];

	if (k->tried_n == RELAY_TRIED_MAX || k->host->name.n == 0)
		return;
	(void)snprintf(t->name, sizeof(t->name), "%.*s",
	               STR_ARG(k->host->name));
	(void)snprintf(t->reply, sizeof(t->reply), "%.399s", k->one.reply);
	k->tried_n++;
}

static void host_failed(struct task *k)
{
	bool temp = k->one.kind == RELAY_TEMP;

	k->all_asked &= k->one.kind == RELAY_PERM;
	/* The best host's reason, as far as it is the kind. */
	if (!k->any_failed || (temp && !k->any_temp))
		k->why = k->one;
	k->any_failed = true;
	k->any_temp |= temp;
	note_tried(k);
	k->host = NULL;
}

/* The first host, from where it stands, that lets us in.  k->why is TEMP if
 * any host may later. */
static enum relay_reached connect_any(struct task *k)
{
	enum relay_reached how;

	while (k->host || k->next_host < k->hosts.n) {
		how = RELAY_REACHED_NOT;
		if (k->host || begin_host(k))
			how = try_addresses(k);
		if (how == RELAY_REACHED)
			k->host = NULL;
		if (how != RELAY_REACHED_NOT)
			return how;
		host_failed(k);
		if (is_late(k)) {
			k->all_asked = false;
			break;
		}
	}
	k->why.kind = k->any_temp ? RELAY_TEMP : RELAY_PERM;
	return RELAY_REACHED_NOT;
}

static enum relay_reached connect_first(struct task *k)
{
	k->any_temp = k->any_failed = false;
	k->one = (struct relay_outcome){ .kind = RELAY_TEMP };
	return connect_any(k);
}

enum relay_reached relay_reach(struct task *k)
{
	k->next_host = 0;
	k->all_asked = true;
	if (!find_hosts(k, &k->hosts, &k->why))
		return RELAY_REACHED_NOT;
	if (!k->lenient)
		relay_demand_policy(k);
	return connect_first(k);
}

enum relay_reached relay_reach_on(struct task *k)
{
	/* The time in line was none of a search. */
	k->until_us += clock_real_us() - k->waits_since_us;
	k->placed = k->waiter.turn == RELAY_TURN_OPEN ||
	            k->waiter.turn == RELAY_TURN_TAKEN;
	k->called = true;
	return connect_any(k);
}

bool relay_reach_next(struct task *k)
{
	return connect_first(k) == RELAY_REACHED;
}
