#include "daemon/host.h"

#include <malloc.h>
#include <string.h>

#include "daemon/roles.h"
#include "daemon/tls.h"
#include "directory/directory.h"
#include "dns/client.h"
#include "gate/live.h"
#include "greylist/greylist.h"
#include "keys/client.h"
#include "log/log.h"
#include "log/metric.h"
#include "news/news.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/hook.h"
#include "os/spool.h"
#include "push/push.h"
#include "queue/queue.h"
#include "score/engine.h"
#include "store/store.h"
#include "trail/trail.h"
#include "verify/tally.h"

/* A process that used a hundredth of a core or less in this time is calm. */
#define CALM_US (30 * US_PER_SEC)

#define MAIL_NEEDS                                                           \
	(NEED_DIRECTORY | NEED_STORE | NEED_SPOOLS | NEED_GATE | NEED_KEYS | \
	 NEED_ENGINE | NEED_TRAIL)

const struct role_row role_rows[ROLE_COUNT] = {
	[ROLE_KEYS] = { 0, role_keys_start, role_keys_reload, role_keys_stop },
	[ROLE_GATE] = { NEED_DIRECTORY, role_gate_start, role_gate_reload,
	                role_gate_stop },
	[ROLE_DNS] = { 0, role_dns_start, NULL, role_dns_stop },
	[ROLE_SMTP] = { MAIL_NEEDS | NEED_QUEUE | NEED_DNS | NEED_GREYLIST |
	                        NEED_SCORE | NEED_TALLY,
	                role_smtp_start, NULL, role_smtp_stop },
	[ROLE_IMAP] = { MAIL_NEEDS, role_imap_start, NULL, role_imap_stop },
	[ROLE_POP3] = { MAIL_NEEDS, role_pop3_start, NULL, role_pop3_stop },
	[ROLE_SIEVE] = { MAIL_NEEDS, role_sieve_start, NULL, role_sieve_stop },
	[ROLE_HTTP] = { MAIL_NEEDS | NEED_QUEUE | NEED_DNS | NEED_GREYLIST |
	                        NEED_SCORE | NEED_PUSH,
	                role_http_start, NULL, role_http_stop },
	[ROLE_RELAY] = { NEED_DIRECTORY | NEED_STORE | NEED_QUEUE |
	                         NEED_SPOOLS | NEED_GATE | NEED_KEYS |
	                         NEED_DNS | NEED_TRAIL | NEED_GREYLIST |
	                         NEED_SCORE | NEED_TALLY | NEED_PUSH,
	                 role_relay_start, NULL, role_relay_stop },
};

int host_init(struct host *h, struct config *cfg, const struct fds *fds,
              const char *name, enum role_id self, struct err *err)
{
	memset(h, 0, sizeof(*h));
	arena_init(&h->arena);
	h->cfg = cfg;
	h->fds = *fds;
	h->name = name;
	h->self = self;
	h->dir = config_data_path(cfg, &h->arena, "");
	if (board_map(&h->board, fds->board, err) < 0)
		return -1;
	metric_use(&h->board->roles[self].metrics);
	return 0;
}

const char *host_path(struct host *h, const char *below)
{
	return config_data_path(h->cfg, &h->arena, below);
}

static void publish(void *arg, const int64_t *accounts, size_t n)
{
	struct host *h = arg;

	for (size_t i = 0; i < n; i++)
		news_publish(h->news, accounts[i]);
}

static int open_store(struct host *h, struct err *err)
{
	struct store_options o = {
		.dir = host_path(h, CONFIG_STORE_FOLDER),
		.reserve_bytes = config_u64(h->cfg, OPT_SERVER_RESERVE),
		.cache_kib =
			(uint32_t)(config_u64(h->cfg, OPT_STORE_CACHE) / 1024),
		.news = publish,
		.news_arg = h,
	};

	if (news_open(&h->news, &h->fds.news, h->self, err) < 0)
		return -1;
	return store_open(&h->store, &o, err);
}

static int open_spools(struct host *h, struct err *err)
{
	const char *dir = arena_strz(&h->arena,
	                             arena_fmt(&h->arena, "%s/%s",
	                                       host_path(h, "spool"), h->name));

	if (file_mkdir(host_path(h, "spool"), 0770, err) < 0)
		return -1;
	return spool_pool_open(&h->spools, dir,
	                       config_u64(h->cfg, OPT_STORE_SPOOL_MEMORY), true,
	                       err);
}

static void trail_trouble(void *arg, const struct err *err)
{
	(void)arg;
	log_fail(LOG_ERROR, "trail.trouble", err);
}

static int open_trail(struct host *h, struct err *err)
{
	struct trail_options o = {
		.dir = h->dir,
		.reserve_bytes = config_u64(h->cfg, OPT_SERVER_RESERVE),
		.trouble = trail_trouble,
	};

	return trail_open(&h->trail, &o, err);
}

static int open_keys(struct host *h, struct err *err)
{
	h->keys = keys_client_new(h->fds.keys[1], h->name);
	h->signer = keys_client_signer(h->keys);
	if (h->roles & (1u << ROLE_SMTP | 1u << ROLE_IMAP | 1u << ROLE_POP3 |
	                1u << ROLE_SIEVE) &&
	    tls_open(h, NULL, &h->tls, err) < 0)
		return -1;
	if (h->roles & 1u << ROLE_HTTP &&
	    tls_open(h, "h2,http/1.1", &h->tls_http, err) < 0)
		return -1;
	return 0;
}

static int open_engine(struct host *h, struct err *err)
{
	struct net_options o = {
		.sessions_max =
			(uint32_t)config_u64(h->cfg, OPT_NET_SESSIONS_MAX),
		.workers = (uint32_t)config_u64(h->cfg, OPT_NET_WORKERS),
		.workers_max =
			(uint32_t)config_u64(h->cfg, OPT_NET_WORKERS_MAX),
	};

	return net_engine_new(&h->engine, &o, err);
}

/* The runner may be in another process. */
static void queue_changed(void *arg)
{
	struct host *h = arg;

	news_publish(h->news, NEWS_QUEUE);
}

static int open_score(struct host *h, struct err *err)
{
	struct score_engine_options o = { .config = h->cfg,
		                          .dir = host_path(h, "score"),
		                          .dns = h->dns };

	return score_engine_open(&h->score, &o, err);
}

static int open_tally(struct host *h, struct err *err)
{
	bool collect = (h->roles & 1u << ROLE_SMTP) != 0;

	if (tally_open(&h->tally, h->dir, collect, err) < 0)
		return -1;
	tally_use_directory(h->tally, h->directory);
	return 0;
}

static int open_needs(struct host *h, unsigned needs, struct err *err)
{
	struct queue_options q = {
		.dir = h->dir,
		.give_up_us = config_us(h->cfg, OPT_RELAY_GIVE_UP),
		.changed = queue_changed,
		.changed_arg = h,
	};

	if (needs & NEED_DIRECTORY && !h->directory &&
	    directory_open(&h->directory, h->cfg, err) < 0)
		return -1;
	if (needs & NEED_STORE && !h->store && open_store(h, err) < 0)
		return -1;
	if (needs & NEED_QUEUE && !h->queue &&
	    queue_open(&h->queue, &q, err) < 0)
		return -1;
	if (needs & NEED_SPOOLS && !h->spools && open_spools(h, err) < 0)
		return -1;
	if (needs & NEED_TRAIL && !h->trail && open_trail(h, err) < 0)
		return -1;
	if (needs & NEED_GREYLIST && !h->greylist &&
	    greylist_open(&h->greylist, h->dir, err) < 0)
		return -1;
	if (needs & NEED_PUSH && !h->push &&
	    config_bool(h->cfg, OPT_PUSH_SEND) &&
	    push_open(&h->push, h->dir, err) < 0)
		return -1;
	if (needs & NEED_GATE && !h->gate)
		h->gate = gate_client_new(h->fds.gate[1], h->name);
	if (needs & NEED_KEYS && !h->keys && open_keys(h, err) < 0)
		return -1;
	if (needs & NEED_DNS && !h->dns)
		h->dns = dns_client_new(h->fds.dns[1], h->name);
	if (needs & NEED_SCORE && !h->score && open_score(h, err) < 0)
		return -1;
	if (needs & NEED_TALLY && !h->tally && open_tally(h, err) < 0)
		return -1;
	if (needs & NEED_ENGINE && !h->engine && open_engine(h, err) < 0)
		return -1;
	return 0;
}

static int start_role(struct host *h, enum role_id id, struct err *err)
{
	const struct role_row *row = &role_rows[id];

	if (open_needs(h, row->needs, err) < 0)
		return -1;
	return row->start ? row->start(h, err) : 0;
}

static int last_change(void *arg, int64_t *out, struct err *err)
{
	return directory_change(arg, out, err);
}

static int each_barred(void *arg, void (*one)(void *to, int64_t account),
                       void *to, struct err *err)
{
	return directory_barred_each(arg, one, to, err);
}

int host_start(struct host *h, uint32_t roles, struct err *err)
{
	struct gate_barred barred = { last_change, each_barred, NULL };

	h->roles = roles;
	for (unsigned i = 0; i < ROLE_COUNT; i++)
		if (roles & 1u << i && start_role(h, (enum role_id)i, err) < 0)
			return err_prefix(err, "%s",
			                  role_name((enum role_id)i));
	barred.arg = h->directory;
	if (h->engine && h->gate &&
	    gate_live_watch(h->gate, h->engine, h->directory ? &barred : NULL,
	                    err) < 0)
		return -1;
	return h->engine ? net_engine_start(h->engine, err) : 0;
}

int host_listen(struct host *h, enum port_id port,
                const struct net_service *service, void *context,
                struct err *err)
{
	const struct port_row *row = &port_rows[port];
	struct net_listener l = {
		.service = service,
		.context = context,
		.tls = row->tls,
		.handshake_us = config_us(h->cfg, OPT_NET_HANDSHAKE)
	};

	l.tls_server = row->role == ROLE_HTTP ? h->tls_http : h->tls;
	for (size_t i = 0; i < h->fds.n_listeners; i++) {
		if (h->fds.listeners[i].port != port ||
		    h->fds.listeners[i].fd < 0)
			continue;
		l.fd = h->fds.listeners[i].fd;
		h->fds.listeners[i].fd = -1;
		if (net_engine_listen(h->engine, &l, err) < 0)
			return -1;
	}
	return 0;
}

void host_reload(struct host *h)
{
	tls_reload(h);
	for (unsigned i = 0; i < ROLE_COUNT; i++)
		if (h->roles & 1u << i && role_rows[i].reload)
			role_rows[i].reload(h);
}

/* What a busy hour took from the system goes back when it is quiet.  Not
 * sooner: to take it again costs more than to keep it. */
static void give_back_memory(struct host *h)
{
	int64_t now = clock_real_us(), cpu = clock_cpu_us();

	if (now - h->calm.since_us < CALM_US)
		return;
	if (cpu - h->calm.cpu_us < CALM_US / 100 && !h->calm.given) {
		(void)malloc_trim(0);
		h->calm.given = true;
	} else if (cpu - h->calm.cpu_us >= CALM_US / 100) {
		h->calm.given = false;
	}
	h->calm.since_us = now;
	h->calm.cpu_us = cpu;
}

void host_tick(struct host *h)
{
	struct net_figures f;
	struct trail_figures trail;

	if (h->trail) {
		trail_figures(h->trail, &trail);
		metric_set(METRIC_TRAIL_WRITTEN, (int64_t)trail.written);
		metric_set(METRIC_TRAIL_DROPPED, (int64_t)trail.dropped);
	}
	give_back_memory(h);
	tls_look(h);
	if (!h->engine)
		return;
	net_engine_figures(h->engine, &f);
	metric_set(METRIC_NET_SESSIONS, f.sessions);
	metric_set(METRIC_NET_WORKERS, f.workers);
	metric_set(METRIC_NET_BYTES_IN, (int64_t)f.bytes_in);
	metric_set(METRIC_NET_BYTES_OUT, (int64_t)f.bytes_out);
}

void host_stop(struct host *h)
{
	if (h->engine)
		net_engine_stop(h->engine, config_us(h->cfg, OPT_SERVER_DRAIN));
	if (h->gate)
		gate_live_unwatch(h->gate);
	for (unsigned i = ROLE_COUNT; i-- > 0;)
		if (h->roles & 1u << i && role_rows[i].stop)
			role_rows[i].stop(h);
	net_engine_free(&h->engine);
	tls_server_free(&h->tls);
	tls_server_free(&h->tls_http);
	spool_pool_free(&h->spools);
	trail_close(&h->trail);
	queue_close(&h->queue);
	store_close(&h->store);
	news_close(&h->news);
	tally_close(&h->tally);
	directory_close(&h->directory);
	greylist_close(&h->greylist);
	push_close(&h->push);
	gate_client_free(&h->gate);
	keys_client_free(&h->keys);
	score_engine_close(&h->score);
	dns_client_free(&h->dns);
	hook_stop(&h->cert_hook);
	arena_deinit(&h->arena);
}
