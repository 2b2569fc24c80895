#include "config/config.h"

#include <assert.h>
#include <string.h>

#include "base/mem.h"
#include "config/private.h"
#include "os/host.h"

static const struct config_snapshot *now(const struct config *cfg)
{
	return atomic_load_explicit(&cfg->now, memory_order_acquire);
}

/* The path made absolute, so that a reload finds it from any folder. */
static void keep_source(struct config *cfg, const struct config_source *from)
{
	char path[8192];
	size_t n = 0;

	arena_init(&cfg->arena);
	if (from->path) {
		host_absolute_path(from->path, path, sizeof(path));
		cfg->path = arena_dup(&cfg->arena, str_z(path));
	}
	cfg->folder = arena_dup(&cfg->arena, config_folder_of(cfg->path));
	while (from->set && from->set[n])
		n++;
	cfg->set = arena_array(&cfg->arena, n + 1, sizeof(*cfg->set));
	for (size_t i = 0; i < n; i++)
		cfg->set[i] = arena_strz(&cfg->arena, str_z(from->set[i]));
}

int config_load(struct config **out, const struct config_source *from,
                struct config_report *report)
{
	struct config_snapshot *s = config_snapshot_load(from, report);
	struct config *cfg;

	if (!s)
		return -1;
	cfg = mem_zalloc(sizeof(*cfg));
	keep_source(cfg, from);
	atomic_init(&cfg->now, s);
	*out = cfg;
	return 0;
}

static bool same(const struct config_value *a, const struct config_value *b)
{
	if (a->u != b->u || !str_eq(a->text, b->text) ||
	    a->items_n != b->items_n)
		return false;
	for (size_t i = 0; i < a->items_n; i++)
		if (!str_eq(a->items[i], b->items[i]))
			return false;
	return true;
}

/* What only a start can change stays as it was, and is said. */
static void keep_old(struct config_snapshot *s,
                     const struct config_snapshot *old,
                     struct config_report *report)
{
	for (unsigned id = 0; id < OPT_COUNT; id++) {
		const struct config_row *row =
			config_row((enum config_option)id);

		if (row->when == CONFIG_LIVE || same(&s->v[id], &old->v[id]))
			continue;
		config_report_add(
			report,
			&(struct config_problem){
				.file = str_z(s->v[id].origin),
				.text = arena_fmt(&report->arena,
		                                  "\"%s\" takes effect at "
		                                  "the next start",
		                                  row->key),
				.remark = true,
			});
		s->v[id] = old->v[id];
	}
	s->hostname = old->hostname;
	s->provider_domain = old->provider_domain;
}

int config_reload(struct config *cfg, struct str text,
                  struct config_report *report)
{
	struct config_snapshot *old = atomic_load(&cfg->now);
	struct config_source from = {
		.path = cfg->path.n ? cfg->path.p : NULL,
		.text = text,
		.set = cfg->set,
	};
	struct config_snapshot *s = config_snapshot_load(&from, report);

	if (!s)
		return -1;
	keep_old(s, old, report);
	s->older = old;
	atomic_store_explicit(&cfg->now, s, memory_order_release);
	return 0;
}

void config_free(struct config **cfg)
{
	struct config_snapshot *s, *older;

	if (!*cfg)
		return;
	for (s = atomic_load(&(*cfg)->now); s; s = older) {
		older = s->older;
		config_snapshot_free(s);
	}
	arena_deinit(&(*cfg)->arena);
	mem_free(*cfg);
	*cfg = NULL;
}

static const struct config_value *value(const struct config *cfg,
                                        enum config_option id, unsigned types)
{
	assert(id < OPT_COUNT);
	assert(types & 1u << config_row(id)->type);
	return &now(cfg)->v[id];
}

uint64_t config_u64(const struct config *cfg, enum config_option id)
{
	return value(cfg, id, 1u << CONFIG_INT | 1u << CONFIG_SIZE)->u;
}

int64_t config_us(const struct config *cfg, enum config_option id)
{
	return (int64_t)value(cfg, id, 1u << CONFIG_TIME)->u;
}

bool config_bool(const struct config *cfg, enum config_option id)
{
	return value(cfg, id, 1u << CONFIG_BOOL)->u != 0;
}

struct str config_str(const struct config *cfg, enum config_option id)
{
	return value(cfg, id, 1u << CONFIG_TEXT | 1u << CONFIG_CHOICE)->text;
}

const char *config_z(const struct config *cfg, enum config_option id)
{
	struct str s = config_str(cfg, id);

	return s.n ? s.p : "";
}

unsigned config_choice(const struct config *cfg, enum config_option id)
{
	return (unsigned)value(cfg, id, 1u << CONFIG_CHOICE)->u;
}

size_t config_list(const struct config *cfg, enum config_option id,
                   const struct str **out)
{
	const struct config_value *v = value(cfg, id, 1u << CONFIG_LIST);

	*out = v->items;
	return v->items_n;
}

uint16_t config_port(const struct config *cfg, enum config_option id)
{
	uint64_t port = config_u64(cfg, id);

	if (!port)
		return 0;
	return (uint16_t)(port + config_u64(cfg, OPT_LISTEN_PORT_OFFSET));
}

struct str config_hostname(const struct config *cfg)
{
	return now(cfg)->hostname;
}

struct str config_provider_domain(const struct config *cfg)
{
	return now(cfg)->provider_domain;
}

struct str config_contact(const struct config *cfg, struct arena *a)
{
	struct str given = config_str(cfg, OPT_PROVIDER_CONTACT);

	if (given.n)
		return given;
	return arena_fmt(a, "mailto:postmaster@%.*s",
	                 STR_ARG(config_provider_domain(cfg)));
}

const char *config_data_path(const struct config *cfg, struct arena *a,
                             const char *below)
{
	struct str data = config_str(cfg, OPT_SERVER_DATA);
	struct str folder = STR(""), tail = str_z(below);

	if (!str_starts(data, STR("/")))
		folder = arena_fmt(a, "%.*s/", STR_ARG(cfg->folder));
	return arena_strz(a, arena_fmt(a, "%.*s%.*s%s%.*s", STR_ARG(folder),
	                               STR_ARG(data), tail.n ? "/" : "",
	                               STR_ARG(tail)));
}

const char *config_origin(const struct config *cfg, enum config_option id)
{
	return now(cfg)->v[id].origin;
}

bool config_is_default(const struct config *cfg, enum config_option id)
{
	return !now(cfg)->v[id].set;
}

const char *config_sendmail_socket(const struct config *cfg, struct arena *a)
{
	struct str path = config_str(cfg, OPT_LISTEN_SENDMAIL);

	if (str_eq(path, STR("off")))
		return NULL;
	if (path.n && path.p[0] == '/')
		return arena_strz(a, path);
	if (path.n)
		return config_data_path(cfg, a, arena_strz(a, path));
	/* One of several hosts on this machine keeps to its folder. */
	if (config_u64(cfg, OPT_LISTEN_PORT_OFFSET))
		return config_data_path(cfg, a, "sendmail");
	return CONFIG_SENDMAIL_SOCKET;
}
