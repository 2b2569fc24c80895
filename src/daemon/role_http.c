/* The role `http`: 80, 443, and health and figures on loopback. */
#include "admin/admin.h"
#include "api/api.h"
#include "base/mem.h"
#include "clientsetup/site.h"
#include "ctl/ctl.h"
#include "daemon/certs.h"
#include "daemon/confirm.h"
#include "daemon/roles.h"
#include "daemon/tls.h"
#include "deliver/bounce.h"
#include "deliver/security.h"
#include "help/help.h"
#include "http/health.h"
#include "intake/intake.h"
#include "jmap/server.h"
#include "log/log.h"
#include "os/clock.h"
#include "os/file.h"
#include "queue/queue.h"
#include "store/store.h"
#include "verify/sign.h"
#include "weblogin/weblogin.h"
#include "webmail/account.h"
#include "webmail/image.h"
#include "webmail/webmail.h"

struct role_http {
	struct http_health health;
	struct http_context monitor; /* loopback */
	struct http_context site;    /* 443 */
	struct http_context clear;   /* 80 */
	struct setup_site setup;
	struct help_site help;
	struct weblogin weblogin;
	struct bounce bounce; /* messages of the host itself */
	struct webmail_account account;
	struct webmail_images images;
	struct admin *admin;
	struct api_server *api;
	struct jmap_server *jmap;
	struct intake *intake;
	struct signer *signer;
	struct http_route
		routes[WEBMAIL_ROUTES_N + WEBLOGIN_ROUTES_N +
	               WEBMAIL_ACCOUNT_ROUTES_N + WEBMAIL_IMAGE_ROUTES_N +
	               SETUP_ROUTES_N + JMAP_ROUTES_N + HELP_ROUTES_N +
	               CONFIRM_ROUTES_N + CERT_ROUTES_N + API_ROUTES_N];
	size_t routes_n;
};

/* Ports and store: what a load balancer wants to know. */
static bool is_ready(void *arg, struct buf *why)
{
	struct host *h = arg;
	struct err err = ERR_INIT;
	enum role_id missing;

	if (!board_is_ready(h->board, &missing)) {
		buf_fmt(why, "the role %s is %s", role_name(missing),
		        role_state_name((enum role_state)atomic_load(
				&h->board->roles[missing].state)));
		return false;
	}
	if (!atomic_load(&h->board->ready)) {
		buf_add_z(why, "the host is starting or draining");
		return false;
	}
	if (store_check_space(h->store, 0, &err) < 0) {
		buf_add_z(why, err.text);
		return false;
	}
	return true;
}

static int64_t figure(void *arg, enum metric m)
{
	struct host *h = arg;

	return board_metric(h->board, m);
}

static void head(struct buf *out, const char *name, const char *type,
                 const char *help)
{
	buf_fmt(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void write_roles(struct host *h, struct buf *out)
{
	uint32_t wanted = atomic_load(&h->board->wanted);

	head(out, "posthus_role_up", "gauge", "1 while the process serves.");
	for (unsigned i = 0; i < ROLE_COUNT; i++)
		if (wanted & 1u << i)
			buf_fmt(out, "posthus_role_up{role=\"%s\"} %d\n",
			        role_name((enum role_id)i),
			        atomic_load(&h->board->roles[i].state) ==
			                ROLE_READY);
	head(out, "posthus_role_restarts_total", "counter",
	     "How often the process ended and was started again.");
	for (unsigned i = 0; i < ROLE_COUNT; i++)
		if (wanted & 1u << i)
			buf_fmt(out,
			        "posthus_role_restarts_total{role=\"%s\"} "
			        "%u\n",
			        role_name((enum role_id)i),
			        atomic_load(&h->board->roles[i].restarts));
}

static void write_queue(struct host *h, struct buf *out)
{
	struct queue_figures f;
	struct err err = ERR_INIT;

	/* A scrape goes on without it. */
	if (queue_figures(h->queue, &f, &err) < 0) {
		log_fail(LOG_WARN, "metrics.queue", &err);
		return;
	}
	head(out, "posthus_queue_messages", "gauge",
	     "Messages in the outgoing queue.");
	buf_fmt(out, "posthus_queue_messages %llu\n",
	        (unsigned long long)f.messages);
	head(out, "posthus_queue_failed_recipients", "gauge",
	     "Recipients that were given up and wait for the operator.");
	buf_fmt(out, "posthus_queue_failed_recipients %llu\n",
	        (unsigned long long)f.failed);
	head(out, "posthus_queue_oldest_age_seconds", "gauge",
	     "Age of the oldest message in the queue.");
	buf_fmt(out, "posthus_queue_oldest_age_seconds %lld\n",
	        (long long)(f.oldest_us ? (clock_wall_us() - f.oldest_us) /
	                                          US_PER_SEC
	                                : 0));
}

static void write_figures(void *arg, struct buf *out)
{
	struct host *h = arg;

	head(out, "posthus_build_info", "gauge", "The version, as a label.");
	buf_add_z(out, "posthus_build_info{version=\"" CTL_VERSION "\"} 1\n");
	head(out, "posthus_start_time_seconds", "gauge",
	     "When the host was started, since 1970.");
	buf_fmt(out, "posthus_start_time_seconds %lld\n",
	        (long long)(atomic_load(&h->board->started_us) / US_PER_SEC));
	metric_write(out, figure, h);
	write_roles(h, out);
	write_queue(h, out);
	head(out, "posthus_free_bytes", "gauge",
	     "Free space on the disk of the data folder.");
	buf_fmt(out, "posthus_free_bytes %llu\n",
	        (unsigned long long)file_free_bytes(h->dir));
	if (!h->tls_http)
		return;
	head(out, "posthus_tls_cert_expiry_timestamp_seconds", "gauge",
	     "When the default certificate ends, since 1970.");
	buf_fmt(out,
	        "posthus_tls_cert_expiry_timestamp_seconds"
	        "{name=\"default\"} %lld\n",
	        (long long)tls_server_expiry(h->tls_http));
}

static void add_jmap(struct host *h, struct role_http *r)
{
	struct intake_options o = { .config = h->cfg,
		                    .directory = h->directory,
		                    .store = h->store,
		                    .queue = h->queue,
		                    .spool = h->spools,
		                    .gate = h->gate,
		                    .greylist = h->greylist,
		                    .trail = h->trail,
		                    .score = h->score };
	struct jmap_context c = {
		.config = h->cfg,
		.store = h->store,
		.directory = h->directory,
		.gate = h->gate,
		.weblogin = &r->weblogin,
		.spools = h->spools,
		.engine = h->engine,
		.news = h->news,
		.queue = h->queue,
		.dir = h->dir,
		.push = h->push,
		.keys = h->keys,
		.dns = h->dns,
	};

	r->signer = signer_new(h->keys);
	o.signer = r->signer;
	r->intake = intake_new(&o);
	c.intake = r->intake;
	r->jmap = jmap_server_new(&c);
	jmap_routes(r->jmap, r->routes + r->routes_n);
	r->routes_n += JMAP_ROUTES_N;
}

static void add_api(struct host *h, struct role_http *r)
{
	struct admin_lent lent = {
		.directory = h->directory,
		.store = h->store,
		.queue = h->queue,
		.greylist = h->greylist,
		.trail = h->trail,
		.gate = h->gate,
		.keys = h->keys,
		.dns = h->dns,
	};
	struct api_context c = {
		.config = h->cfg,
		.directory = h->directory,
		.weblogin = &r->weblogin,
		.dns = h->dns,
		.spools = h->spools,
	};

	r->admin = admin_lend(h->cfg, &lent);
	c.admin = r->admin;
	r->api = api_server_new(&c);
	api_routes(r->api, r->routes + r->routes_n);
	r->routes_n += API_ROUTES_N;
}

/* The password stands, whether its owner can be told of it or not. */
static void tell_chosen(void *arg, const struct weblogin_chosen *c)
{
	struct security_note n = {
		.what = SECURITY_LINK_USED,
		.address = c->address,
		.from = c->ip,
		.agent = c->agent,
		.at_us = clock_wall_us(),
	};
	struct err err = ERR_INIT;

	if (security_tell(arg, &n, &err) < 0)
		log_fail(LOG_ERROR, "account.changed.untold", &err);
}

static void add_routes(struct host *h, struct role_http *r)
{
	r->setup = (struct setup_site){ .config = h->cfg,
		                        .directory = h->directory,
		                        .signer = &h->signer,
		                        .chain = tls_chain,
		                        .chain_arg = h };
	webmail_routes(r->routes);
	r->routes_n = WEBMAIL_ROUTES_N;
	r->weblogin = (struct weblogin){ .directory = h->directory,
		                         .gate = h->gate,
		                         .chosen = tell_chosen,
		                         .chosen_arg = &r->bounce };
	weblogin_routes(&r->weblogin, r->routes + r->routes_n);
	r->routes_n += WEBLOGIN_ROUTES_N;
	r->bounce = (struct bounce){ .config = h->cfg,
		                     .directory = h->directory,
		                     .store = h->store,
		                     .queue = h->queue,
		                     .trail = h->trail };
	r->account = (struct webmail_account){ .weblogin = &r->weblogin,
		                               .bounce = &r->bounce };
	webmail_account_routes(&r->account, r->routes + r->routes_n);
	r->routes_n += WEBMAIL_ACCOUNT_ROUTES_N;
	r->images = (struct webmail_images){ .config = h->cfg,
		                             .weblogin = &r->weblogin,
		                             .dns = h->dns };
	webmail_image_routes(&r->images, r->routes + r->routes_n);
	r->routes_n += WEBMAIL_IMAGE_ROUTES_N;
	setup_routes(&r->setup, r->routes + r->routes_n);
	r->routes_n += SETUP_ROUTES_N;
	r->help = (struct help_site){ .config = h->cfg };
	help_routes(&r->help, r->routes + r->routes_n);
	r->routes_n += HELP_ROUTES_N;
	confirm_routes(h->directory, r->routes + r->routes_n);
	r->routes_n += CONFIRM_ROUTES_N;
	cert_routes(h, r->routes + r->routes_n);
	r->routes_n += CERT_ROUTES_N;
	add_api(h, r);
	add_jmap(h, r);
}

int role_http_start(struct host *h, struct err *err)
{
	struct role_http *r = mem_zalloc(sizeof(*r));

	h->state[ROLE_HTTP] = r;
	r->health = (struct http_health){ .ready = is_ready,
		                          .metrics = write_figures,
		                          .arg = h };
	r->monitor = (struct http_context)HTTP_HEALTH_CONTEXT(&r->health);
	add_routes(h, r);
	r->site = (struct http_context){
		.routes = r->routes,
		.routes_n = r->routes_n,
		.config = h->cfg,
		.spools = h->spools,
		.policy = HTTP_POLICY_PAGE,
		/* A certificate of our own making
		                          * must stay possible to accept. */
		.hsts = config_str(h->cfg, OPT_ACME_DIRECTORY).n > 0
	};
	r->clear = r->site;
	r->clear.redirect_port = config_port(h->cfg, OPT_LISTEN_HTTPS);
	if (host_listen(h, PORT_METRICS, &http_service, &r->monitor, err) < 0 ||
	    host_listen(h, PORT_HTTPS, &http_service, &r->site, err) < 0 ||
	    host_listen(h, PORT_HTTP, &http_service, &r->clear, err) < 0 ||
	    host_listen(h, PORT_HTTP_ALT, &http_service, &r->clear, err) < 0)
		return -1;
	return 0;
}

void role_http_stop(struct host *h)
{
	struct role_http *r = h->state[ROLE_HTTP];

	if (r) {
		api_server_free(&r->api);
		admin_close(&r->admin);
		jmap_server_free(&r->jmap);
		intake_free(&r->intake);
		signer_free(&r->signer);
	}
	mem_free(r);
	h->state[ROLE_HTTP] = NULL;
}
