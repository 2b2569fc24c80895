#include "verify/key_life.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "keys/client.h"
#include "keys/dkim_store.h"
#include "log/log.h"
#include "os/clock.h"
#include "os/dir.h"
#include "os/random.h"
#include "wire/dkim/signature.h"
#include "wire/dns/rdata.h"

#define PATIENCE_US (5 * US_PER_SEC)
#define MINUTE_S    60
#define HOUR_S      3600
#define DAY_S       86400

/* What is remembered of a domain; lost at a restart, which costs one look. */
struct watched {
	int64_t next_us, changed_us;
	bool there; /* seen in this reading of the folder */
	/* Keys whose records were missing at the last look. */
	char missed[DKIM_KEYS_MAX][DKIM_SELECTOR_MAX];
	size_t missed_n;
};

struct key_life {
	struct keys_client *keys;
	struct dns_client *dns;
	char *dir;
	int64_t dir_changed_us;
	bool settled;       /* read again since it changed */
	struct map domains; /* -> struct watched */
};

struct key_life *key_life_new(const struct key_life_options *o)
{
	struct key_life *k = mem_zalloc(sizeof(*k));

	k->keys = o->keys;
	k->dns = o->dns;
	k->dir = mem_strdup(o->public_dir);
	map_init(&k->domains, random_u64());
	return k;
}

static bool drop(void *arg, void *value)
{
	(void)arg;
	mem_free(value);
	return false;
}

void key_life_free(struct key_life **kp)
{
	struct key_life *k = *kp;

	if (!k)
		return;
	map_sweep(&k->domains, drop, NULL);
	map_deinit(&k->domains);
	mem_free(k->dir);
	mem_free(k);
	*kp = NULL;
}

int64_t key_life_interval_s(int64_t age_s, bool missed)
{
	if (age_s < 0)
		return missed ? HOUR_S : 6 * HOUR_S;
	if (age_s < HOUR_S)
		return MINUTE_S;
	if (age_s < DAY_S)
		return 10 * MINUTE_S;
	/* A domain that nobody sets up is not asked for all its life. */
	return age_s < 30 * (int64_t)DAY_S ? HOUR_S : 6 * HOUR_S;
}

enum key_record key_record_look(struct dns_client *dns, struct str name,
                                struct str ours, struct arena *a)
{
	struct dns_answer ans;
	struct str text;

	dns_lookup(dns, name, DNS_TXT, PATIENCE_US, a, &ans);
	switch (ans.status) {
	case DNS_FAIL: return KEY_RECORD_UNKNOWN;
	case DNS_NODATA:
	case DNS_NXDOMAIN: return KEY_RECORD_ABSENT;
	case DNS_OK: break;
	}
	for (size_t i = 0; i < ans.n; i++)
		if (dns_txt_read(ans.rdata[i], a, &text) &&
		    dkim_key_same(text, ours, a))
			return KEY_RECORD_OURS;
	return KEY_RECORD_OTHER;
}

/* ---- which domains there are ---- */

static struct watched *watch(struct key_life *k, struct str domain)
{
	struct watched *w = map_get(&k->domains, domain);

	if (!w) {
		w = mem_zalloc(sizeof(*w));
		(void)map_put(&k->domains, domain, w);
	}
	w->there = true;
	return w;
}

static bool is_there(void *arg, void *value)
{
	struct watched *w = value;

	(void)arg;
	if (!w->there) {
		mem_free(w);
		return false;
	}
	w->there = false;
	return true;
}

/* Read the folder again when something in it changed: a domain whose keys
 * did is looked at next. */
static int read_folder(struct key_life *k, struct err *err)
{
	struct dir_info info;
	struct dir_entry *v;
	struct arena a;
	char path[PATH_MAX];
	size_t n;
	int rc;

	if (dir_info(k->dir, &info, err) < 0)
		return err->kind == ERR_NOT_FOUND ? 0 : -1;
	/* Two changes may have one time: it is read once more after each. */
	if (info.changed_us == k->dir_changed_us && k->settled)
		return 0;
	arena_init(&a);
	rc = dir_list(k->dir, &a, &v, &n, err);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		struct err gone = ERR_INIT;
		struct dir_info file;
		struct watched *w;

		/* One that is just being replaced is not taken for a domain. */
		if (v[i].kind != DIR_FILE || !dkim_store_domain_ok(v[i].name) ||
		    str_find_case(v[i].name, STR(".tmp-")) != STR_NPOS)
			continue;
		(void)snprintf(path, sizeof(path), "%s/%.*s", k->dir,
		               STR_ARG(v[i].name));
		if (dir_info(path, &file, &gone) < 0)
			continue;
		w = watch(k, v[i].name);
		if (w->changed_us != file.changed_us)
			w->next_us = 0;
		w->changed_us = file.changed_us;
	}
	arena_deinit(&a);
	if (rc < 0)
		return -1;
	map_sweep(&k->domains, is_there, NULL);
	k->settled = info.changed_us == k->dir_changed_us;
	k->dir_changed_us = info.changed_us;
	return 0;
}

/* ---- one domain ---- */

struct look {
	struct key_life *k;
	struct watched *w;
	struct str domain;
	struct arena *a;
	int64_t now_s;
	int64_t waits_s; /* age of the youngest key that waits, or -1 */
	bool over;       /* a key's time has passed */
	char missed[DKIM_KEYS_MAX][DKIM_SELECTOR_MAX];
	size_t missed_n;
};

static void tell(const struct look *l, enum log_level level, const char *event,
                 const struct dkim_entry *e, const struct err *err)
{
	struct log_line line;

	log_begin(&line, err ? LOG_ERROR : level, err ? "dkim.trouble" : event);
	log_str(&line, "domain", l->domain);
	if (e)
		log_z(&line, "selector", e->selector);
	if (err)
		log_err(&line, err);
	log_end(&line);
}

static bool was_missed(const struct watched *w, const char *selector)
{
	for (size_t i = 0; i < w->missed_n; i++)
		if (strcmp(w->missed[i], selector) == 0)
			return true;
	return false;
}

static void miss(struct look *l, const struct dkim_entry *e)
{
	struct err err = ERR_INIT;

	if (!was_missed(l->w, e->selector)) {
		memcpy(l->missed[l->missed_n++], e->selector,
		       DKIM_SELECTOR_MAX);
		return;
	}
	if (keys_client_dkim_lost(l->k->keys, l->domain, e->selector, &err) < 0)
		tell(l, LOG_WARN, "dkim.lost", e, &err);
	else
		tell(l, LOG_WARN, "dkim.lost", e, NULL);
}

static void look_at_key(struct look *l, const struct dkim_entry *e)
{
	struct err err = ERR_INIT;
	enum key_record got;

	if (e->state == DKIM_RETIRED) {
		l->over |= dkim_entry_is_over(e, l->now_s);
		return;
	}
	got = key_record_look(l->k->dns,
	                      arena_fmt(l->a, "%s._domainkey.%.*s", e->selector,
	                                STR_ARG(l->domain)),
	                      dkim_entry_record(e, l->a), l->a);
	if (e->state == DKIM_ACTIVE) {
		if (got == KEY_RECORD_ABSENT || got == KEY_RECORD_OTHER)
			miss(l, e);
		return;
	}
	if (got != KEY_RECORD_OURS) {
		int64_t age = l->now_s - e->since_s;

		if (l->waits_s < 0 || age < l->waits_s)
			l->waits_s = age < 0 ? 0 : age;
		return;
	}
	if (keys_client_dkim_seen(l->k->keys, l->domain, e->selector, &err) < 0)
		tell(l, LOG_INFO, "dkim.signs", e, &err);
	else
		tell(l, LOG_INFO, "dkim.signs", e, NULL);
}

static void look_at_domain(struct key_life *k, struct str domain,
                           struct watched *w, int64_t now_us)
{
	struct look l = { .k = k,
		          .w = w,
		          .domain = domain,
		          .now_s = now_us / US_PER_SEC,
		          .waits_s = -1 };
	struct dkim_entry v[DKIM_KEYS_MAX];
	struct err err = ERR_INIT;
	struct arena a;
	int64_t wait_s;
	size_t n;

	arena_init(&a);
	l.a = &a;
	if (dkim_store_list(k->dir, domain, &a, v, &n, &err) < 0) {
		tell(&l, LOG_ERROR, "dkim.trouble", NULL, &err);
		n = 0;
	}
	for (size_t i = 0; i < n; i++)
		look_at_key(&l, &v[i]);
	if (l.over) {
		if (keys_client_dkim_tidy(k->keys, domain, &err) < 0)
			tell(&l, LOG_INFO, "dkim.removed", NULL, &err);
		else
			tell(&l, LOG_INFO, "dkim.removed", NULL, NULL);
	}
	memcpy(w->missed, l.missed, sizeof(w->missed));
	w->missed_n = l.missed_n;
	wait_s = key_life_interval_s(l.waits_s, l.missed_n > 0);
	w->next_us = now_us + wait_s * US_PER_SEC +
	             (int64_t)random_below((uint64_t)wait_s * US_PER_SEC / 4);
	arena_deinit(&a);
}

/* ---- all of them ---- */

int key_life_run(struct key_life *k, int64_t now_us, bool (*stop)(void *arg),
                 void *arg, struct err *err)
{
	struct map_entry e;
	size_t at = 0;
	int n = 0;

	if (read_folder(k, err) < 0)
		return -1;
	while (map_next(&k->domains, &at, &e)) {
		struct watched *w = e.value;

		/* Further off than any wait: the clock was set back. */
		if (w->next_us > now_us && w->next_us - now_us < US_PER_DAY)
			continue;
		if (stop && stop(arg))
			break;
		look_at_domain(k, e.key, w, now_us);
		n++;
	}
	return n;
}
