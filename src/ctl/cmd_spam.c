/* The spam filter: teach it, ask it, see what it knows. */
#include "base/mem.h"
#include "ctl/show.h"
#include "os/clock.h"
#include "os/dir.h"
#include "os/file.h"
#include "score/engine.h"
#include "score/look.h"

/* Messages taught in one go: memory, and one file written. */
#define BATCH     200
#define DEPTH_MAX 8

static int open_engine(struct ctl *c, struct score_engine **out)
{
	struct score_engine_options o = { .config = NULL };
	struct err err = ERR_INIT;
	int rc = ctl_admin(c);

	if (rc != CTL_OK)
		return rc;
	o.config = c->cfg;
	o.dir = config_data_path(c->cfg, &c->arena, "score");
	if (score_engine_open(out, &o, &err) < 0)
		return ctl_fail(c, &err, NULL, "cannot open the filter");
	return CTL_OK;
}

static int find_account(struct ctl *c, struct str address, int64_t *out)
{
	struct directory_account acc;
	struct err err = ERR_INIT;

	if (admin_account_find(c->admin, address, &c->arena, &acc, &err) < 0)
		return ctl_fail(c, &err, show_address_hint(c, address),
		                "cannot find the account %.*s",
		                STR_ARG(address));
	*out = acc.id;
	return CTL_OK;
}

/* ---- messages in files ---- */

/* Lines end as they do on the wire, so that the same message is the same
 * wherever it was kept. */
static struct str with_crlf(const char *p, size_t n, char **out)
{
	char *to = mem_alloc(n * 2 + 1);
	size_t k = 0;

	for (size_t i = 0; i < n; i++) {
		if (p[i] == '\n' && (i == 0 || p[i - 1] != '\r'))
			to[k++] = '\r';
		to[k++] = p[i];
	}
	*out = to;
	return (struct str){ to, k };
}

static int read_message(struct ctl *c, const char *path, char **out,
                        struct str *message, struct err *err)
{
	size_t n, max = config_u64(c->cfg, OPT_LIMITS_MESSAGE_BYTES);
	char *p;

	if (file_read_all(path, max, &p, &n, err) < 0)
		return -1;
	*message = with_crlf(p, n, out);
	mem_free(p);
	return 0;
}

/* ---- learn ---- */

struct lesson {
	struct ctl *c;
	struct score_engine *e;
	int64_t account;
	bool spam;
	struct arena arena;
	struct learned_item items[BATCH];
	size_t n;
	uint64_t read, new;
};

static int teach(struct lesson *ls, struct err *err)
{
	size_t new = 0;
	bool shared = config_choice(ls->c->cfg, OPT_SCORE_LEARN) ==
	              CONFIG_LEARN_SHARED;
	int rc = 0;

	if (ls->n)
		rc = learned_teach(score_engine_learned(ls->e), ls->account,
		                   shared, ls->items, ls->n, &new, err);
	ls->new += new;
	ls->n = 0;
	arena_reset(&ls->arena);
	return rc;
}

static int learn_file(struct lesson *ls, const char *path, struct err *err)
{
	struct score_words *w;
	struct score_look *l;
	struct str message;
	char *bytes;

	if (read_message(ls->c, path, &bytes, &message, err) < 0)
		return -1;
	l = mem_alloc(sizeof(*l));
	w = arena_alloc(&ls->arena, sizeof(*w));
	score_look_make(&ls->arena, message, l);
	score_words_make(l, w);
	score_look_free(l);
	mem_free(l);
	mem_free(bytes);
	ls->items[ls->n++] =
		(struct learned_item){ .words = w, .spam = ls->spam };
	ls->read++;
	return ls->n == BATCH ? teach(ls, err) : 0;
}

static int learn_path(struct lesson *ls, const char *path, int depth,
                      struct err *err)
{
	struct dir_entry *e;
	size_t n;
	int rc = 0;

	if (!file_is_folder(path))
		return learn_file(ls, path, err);
	if (depth == DEPTH_MAX)
		return 0;
	if (dir_list(path, &ls->c->arena, &e, &n, err) < 0)
		return -1;
	/* Names with a dot in front are notes of programs. */
	for (size_t i = 0; rc == 0 && i < n; i++)
		if (e[i].kind != DIR_OTHER && e[i].name.p[0] != '.')
			rc = learn_path(ls,
			                arena_fmt(&ls->c->arena, "%s/%.*s",
			                          path, STR_ARG(e[i].name))
			                        .p,
			                depth + 1, err);
	return rc;
}

static const struct out_column learn_columns[] = {
	{ "address", "account" },
	{ "read", "read" },
	{ "new", "new" },
};

int ctl_run_spam_learn(struct ctl *c)
{
	struct str kind = ctl_arg(c, 1);
	struct lesson *ls = mem_zalloc(sizeof(*ls));
	struct err err = ERR_INIT;
	struct out o;
	int rc = CTL_OK;

	ls->c = c;
	ls->spam = str_eq(kind, STR("spam"));
	if (!ls->spam && !str_eq(kind, STR("ham")))
		rc = ctl_usage(c, "\"%.*s\" is neither spam nor ham",
		               STR_ARG(kind));
	if (rc == CTL_OK)
		rc = open_engine(c, &ls->e);
	if (rc == CTL_OK)
		rc = find_account(c, ctl_arg(c, 0), &ls->account);
	arena_init(&ls->arena);
	for (size_t i = 2; rc == CTL_OK && i < c->n_args; i++)
		if (learn_path(ls, c->args[i], 0, &err) < 0)
			rc = ctl_fail(c, &err, NULL, "cannot learn from %s",
			              c->args[i]);
	if (rc == CTL_OK && teach(ls, &err) < 0)
		rc = ctl_fail(c, &err, NULL, "cannot keep what was learned");
	if (rc == CTL_OK) {
		out_begin(&o, c, learn_columns, 3, true);
		out_text(&o, ctl_arg(c, 0));
		out_number(&o, ls->read);
		out_number(&o, ls->new);
		rc = out_end(&o);
	}
	arena_deinit(&ls->arena);
	score_engine_close(&ls->e);
	mem_free(ls);
	return rc;
}

/* ---- status ---- */

static const struct out_column status_columns[] = {
	{ "address", "account" }, { "spam", "spam learned" },
	{ "ham", "ham learned" }, { "words", "words" },
	{ "speaks", "speaks" },
};

int ctl_run_spam_status(struct ctl *c)
{
	struct learned_figures f = { 0 };
	struct score_engine *e = NULL;
	struct err err = ERR_INIT;
	struct out o;
	int64_t account;
	int rc = open_engine(c, &e);

	if (rc == CTL_OK)
		rc = find_account(c, ctl_arg(c, 0), &account);
	if (rc == CTL_OK &&
	    learned_figures(score_engine_learned(e), account, &f, &err) < 0)
		rc = ctl_fail(c, &err, "posthus spam learn",
		              "cannot read what was learned");
	score_engine_close(&e);
	if (rc != CTL_OK)
		return rc;
	out_begin(&o, c, status_columns, 5, true);
	out_text(&o, ctl_arg(c, 0));
	out_number(&o, f.spam);
	out_number(&o, f.ham);
	out_number(&o, f.words);
	out_flag(&o, f.spam >= LEARNED_LEAST && f.ham >= LEARNED_LEAST);
	return out_end(&o);
}

/* ---- test, explain ---- */

static const struct out_column part_columns[] = {
	{ "points", "POINTS" },
	{ "rule", "RULE" },
	{ "why", "WHY" },
	{ "detail", "DETAIL" },
};

static void show_points(struct out *o, int points)
{
	struct buf b;

	buf_init(&b, 40);
	score_points_write(&b, points);
	out_text(o, buf_str(&b));
	buf_deinit(&b);
}

static int show_score(struct ctl *c, const struct score *sc, int threshold)
{
	struct buf b;
	struct out o;
	int rc;

	out_begin(&o, c, part_columns, 4, false);
	for (size_t i = 0; i < sc->n; i++) {
		const struct score_row *r = &score_rows[sc->parts[i].rule];

		show_points(&o, sc->parts[i].points);
		out_z(&o, r->name);
		out_z(&o, r->sentence);
		out_text(&o, sc->parts[i].detail);
	}
	rc = out_end(&o);
	buf_init(&b, 100);
	score_points_write(&b, sc->points);
	buf_add_z(&b, " of ");
	score_points_write(&b, threshold);
	ctl_note(c, "%s: %.*s points",
	         sc->virus.n                                   ? "a virus"
	         : score_class(sc, threshold) == SCORE_IS_SPAM ? "spam"
	                                                       : "no spam",
	         STR_ARG(buf_str(&b)));
	buf_deinit(&b);
	return rc;
}

static int rate(struct ctl *c, struct score_engine *e, int64_t account,
                const char *path)
{
	struct score_facts f = { .now_us = clock_wall_us() };
	struct err err = ERR_INIT;
	struct score_rated r;
	struct str message;
	struct score sc;
	char *bytes;
	int rc;

	if (read_message(c, path, &bytes, &message, &err) < 0)
		return ctl_fail(c, &err, NULL, "cannot read %s", path);
	score_engine_rate(e, &c->arena, message, &f, &r);
	if (account)
		score_engine_rate_for(e, &r, account, &sc);
	else
		sc = r.common;
	rc = show_score(c, &sc,
	                score_engine_threshold_of(e, admin_directory(c->admin),
	                                          account));
	mem_free(bytes);
	return rc;
}

int ctl_run_spam_test(struct ctl *c)
{
	struct score_engine *e = NULL;
	int64_t account = 0;
	int rc = open_engine(c, &e);

	if (rc == CTL_OK)
		rc = find_account(c, ctl_arg(c, 0), &account);
	if (rc == CTL_OK)
		rc = rate(c, e, account, c->args[1]);
	score_engine_close(&e);
	return rc;
}

int ctl_run_spam_explain(struct ctl *c)
{
	struct score_engine *e = NULL;
	int rc = open_engine(c, &e);

	if (rc == CTL_OK)
		rc = rate(c, e, 0, c->args[0]);
	score_engine_close(&e);
	return rc;
}
