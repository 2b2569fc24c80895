#include "log/metric.h"

#include <string.h>

#include "base/buf.h"

const struct metric_row metric_rows[METRIC_COUNT] = {
#define METRIC(id, type, name, labels, help) \
	[METRIC_##id] = { METRIC_##type, name, labels, help },
#include "log/metrics.def"
#undef METRIC
};

static struct metric_page own;
static struct metric_page *page = &own;

void metric_use(struct metric_page *p)
{
	page = p ? p : &own;
	for (unsigned i = 0; i < METRIC_COUNT; i++)
		if (metric_rows[i].type == METRIC_GAUGE)
			atomic_store(&page->v[i], 0);
}

void metric_add(enum metric m, int64_t n)
{
	(void)atomic_fetch_add_explicit(&page->v[m], n, memory_order_relaxed);
}

void metric_set(enum metric m, int64_t v)
{
	atomic_store_explicit(&page->v[m], v, memory_order_relaxed);
}

void metric_write(struct buf *out, int64_t (*value)(void *arg, enum metric m),
                  void *arg)
{
	const char *last = "";

	for (unsigned i = 0; i < METRIC_COUNT; i++) {
		const struct metric_row *r = &metric_rows[i];

		if (strcmp(r->name, last) != 0)
			buf_fmt(out, "# HELP %s %s\n# TYPE %s %s\n", r->name,
			        r->help, r->name,
			        r->type == METRIC_GAUGE ? "gauge" : "counter");
		last = r->name;
		buf_add_z(out, r->name);
		if (*r->labels)
			buf_fmt(out, "{%s}", r->labels);
		buf_fmt(out, " %lld\n", (long long)value(arg, (enum metric)i));
	}
}
