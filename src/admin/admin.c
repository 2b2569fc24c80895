#include "admin/admin.h"

#include <unistd.h>

#include "admin/owner.h"
#include "admin/private.h"
#include "base/mem.h"
#include "news/bell.h"
#include "os/file.h"

int admin_open(struct admin **out, struct config *cfg, struct err *err)
{
	struct admin *adm = mem_zalloc(sizeof(*adm));
	struct arena a;
	const char *data;
	int rc = 0;

	arena_init(&a);
	data = config_data_path(cfg, &a, "");
	if (access(data, F_OK) < 0)
		rc = err_set(err, ERR_NOT_FOUND, "there is no data folder %s",
		             data);
	if (rc == 0)
		rc = owner_take_group(cfg, err);
	if (rc == 0)
		rc = directory_open(&adm->dir, cfg, err);
	arena_deinit(&a);
	adm->cfg = cfg;
	if (rc < 0) {
		mem_free(adm);
		return -1;
	}
	*out = adm;
	return 0;
}

struct admin *admin_lend(struct config *cfg, const struct admin_lent *lent)
{
	struct admin *adm = mem_zalloc(sizeof(*adm));

	*adm = (struct admin){ .cfg = cfg,
		               .dir = lent->directory,
		               .store = lent->store,
		               .queue = lent->queue,
		               .greylist = lent->greylist,
		               .trail = lent->trail,
		               .lent = true,
		               .gate = lent->gate,
		               .keys = lent->keys,
		               .dns = lent->dns };
	return adm;
}

void admin_close(struct admin **adm)
{
	if (!*adm)
		return;
	if ((*adm)->lent) {
		mem_free(*adm);
		*adm = NULL;
		return;
	}
	trail_close(&(*adm)->trail);
	greylist_close(&(*adm)->greylist);
	credentials_close(&(*adm)->credentials);
	queue_close(&(*adm)->queue);
	store_close(&(*adm)->store);
	directory_close(&(*adm)->dir);
	mem_free((*adm)->bell);
	mem_free(*adm);
	*adm = NULL;
}

void admin_set_importer(struct admin *adm, const struct admin_importer *i)
{
	adm->importer = i;
}

void admin_set_checker(struct admin *adm,
                       int (*check)(void *arg, struct str domain,
                                    struct err *err),
                       void *arg)
{
	adm->check = check;
	adm->check_arg = arg;
}

struct directory *admin_directory(struct admin *adm)
{
	return adm->dir;
}

/* Who is logged in at a host that runs sees what a command changed. */
static void ring(void *arg, const int64_t *accounts, size_t n)
{
	struct admin *adm = arg;

	bell_ring(adm->bell, accounts, n);
}

int admin_store(struct admin *adm, struct store **out, struct err *err)
{
	struct store_options o = {
		.reserve_bytes = config_u64(adm->cfg, OPT_SERVER_RESERVE),
		.readers = 2,
		.news = ring,
		.news_arg = adm,
	};
	struct arena a;
	int rc = 0;

	if (!adm->store) {
		arena_init(&a);
		mem_free(adm->bell);
		adm->bell =
			mem_strdup(config_data_path(adm->cfg, &a, BELL_SOCKET));
		o.dir = config_data_path(adm->cfg, &a, CONFIG_STORE_FOLDER);
		rc = store_open(&adm->store, &o, err);
		arena_deinit(&a);
	}
	*out = adm->store;
	return rc;
}

int admin_queue(struct admin *adm, struct queue **out, struct err *err)
{
	struct queue_options o = { .changed = NULL };
	struct arena a;
	int rc = 0;

	if (!adm->queue) {
		arena_init(&a);
		o.dir = config_data_path(adm->cfg, &a, "");
		o.give_up_us = config_us(adm->cfg, OPT_RELAY_GIVE_UP);
		rc = queue_open(&adm->queue, &o, err);
		arena_deinit(&a);
	}
	*out = adm->queue;
	return rc;
}

int admin_credentials(struct admin *adm, struct credentials **out,
                      struct err *err)
{
	struct arena a;
	int rc = 0;

	if (!adm->credentials) {
		arena_init(&a);
		rc = credentials_open(&adm->credentials,
		                      config_data_path(adm->cfg, &a, ""), err);
		if (rc == 0)
			rc = owner_give_credentials(adm->cfg, err);
		arena_deinit(&a);
	}
	*out = adm->credentials;
	return rc;
}

/* ---- the host ---- */

static bool count_domain(void *arg, const struct directory_domain *d)
{
	struct admin_status *s = arg;

	s->domains++;
	s->accounts += d->accounts;
	s->aliases += d->aliases;
	return true;
}

int admin_status_get(struct admin *adm, struct admin_status *out,
                     struct err *err)
{
	struct admin_status s = { .domains = 0 };
	struct queue_figures figures;
	struct queue *q;
	struct arena a;

	if (directory_domain_each(adm->dir, count_domain, &s, err) < 0 ||
	    admin_queue(adm, &q, err) < 0 ||
	    queue_figures(q, &figures, err) < 0)
		return -1;
	s.queued = figures.messages;
	s.failed = figures.failed;
	s.oldest_us = figures.oldest_us;
	arena_init(&a);
	s.free_bytes = file_free_bytes(config_data_path(adm->cfg, &a, ""));
	arena_deinit(&a);
	*out = s;
	return 0;
}
