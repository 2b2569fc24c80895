#include "ctl/out.h"

#include <stdio.h>
#include <string.h>

#include "base/civil.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "os/clock.h"
#include "os/file.h"

#define FLUSH_AT ((size_t)64 * 1024)
#define OUT_MAX  ((size_t)1 << 30)

int out_write(struct ctl *c, struct str s)
{
	struct err err = ERR_INIT;

	if (file_write(1, s, &err) == 0)
		return CTL_OK;
	return ctl_fail(c, &err, NULL, "cannot write the output");
}

void out_size_text(struct buf *b, uint64_t v)
{
	static const char *const units[] = {
		"B", "KB", "MB", "GB", "TB", "PB"
	};
	unsigned unit = 0;
	uint64_t tenths = v * 10;

	if (v > UINT64_MAX / 10) {
		buf_add_u64(b, v);
		return;
	}
	while (tenths >= 10240 && unit < 5) {
		tenths = (tenths + 512) / 1024;
		unit++;
	}
	if (unit == 0 || tenths >= 1000 || tenths % 10 == 0)
		buf_fmt(b, "%llu %s", (unsigned long long)(tenths + 5) / 10,
		        units[unit]);
	else
		buf_fmt(b, "%llu.%llu %s", (unsigned long long)tenths / 10,
		        (unsigned long long)tenths % 10, units[unit]);
}

void out_time_exact(struct buf *b, int64_t us)
{
	struct civil t = civil_of(us / US_PER_SEC);

	buf_fmt(b, "%04d-%02d-%02dT%02d:%02d:%02dZ", (int)t.year, t.month,
	        t.day, t.hour, t.minute, t.second);
}

void out_time_text(struct buf *b, int64_t us, int64_t now_us)
{
	static const struct {
		int64_t us;
		const char *name;
	} units[] = { { US_PER_DAY, "d" },
		      { US_PER_HOUR, "h" },
		      { US_PER_MIN, "min" },
		      { US_PER_SEC, "s" } };

	int64_t d = us > now_us ? us - now_us : now_us - us;

	if (d > 60 * US_PER_DAY) {
		struct civil t = civil_of(us / US_PER_SEC);

		buf_fmt(b, "%04d-%02d-%02d", (int)t.year, t.month, t.day);
		return;
	}
	for (size_t i = 0; i < 4; i++)
		if (d >= units[i].us) {
			buf_fmt(b, us > now_us ? "in %lld %s" : "%lld %s ago",
			        (long long)(d / units[i].us), units[i].name);
			return;
		}
	buf_add_z(b, "now");
}

void out_begin(struct out *o, struct ctl *c, const struct out_column *columns,
               size_t n, bool single)
{
	memset(o, 0, sizeof(*o));
	o->c = c;
	o->columns = columns;
	o->n = n;
	o->single = single;
	buf_init(&o->bytes, OUT_MAX);
	o->json = json_writer(&o->bytes);
	o->json.pretty = c->tty;
	if (c->json && !single)
		json_array(&o->json);
}

static void flush(struct out *o)
{
	if (o->bytes.n < FLUSH_AT)
		return;
	if (out_write(o->c, buf_str(&o->bytes)) == CTL_OK)
		buf_reset(&o->bytes);
}

/* Text as one word of a line. */
static void add_clean(struct buf *b, struct str s)
{
	uint32_t ch = 0;
	enum utf8_result r;

	while ((r = utf8_next(&s, &ch)) != UTF8_END)
		if (r == UTF8_BAD)
			utf8_add(b, UTF8_REPLACEMENT);
		else
			utf8_add(b, ch < ' ' || (ch >= 0x7f && ch < 0xa0) ? ' '
			                                                  : ch);
}

static void keep_cell(struct out *o, struct str text)
{
	struct buf clean;

	o->cells = mem_grow(o->cells, o->cells_n, &o->cells_cap,
	                    sizeof(*o->cells));
	buf_init(&clean, text.n * 4 + 16);
	add_clean(&clean, text);
	o->cells[o->cells_n++] = arena_dup(&o->c->arena, buf_str(&clean));
	buf_deinit(&clean);
}

/* A value for people, or for programs, of a column that is not JSON. */
static void add_cell(struct out *o, struct str text)
{
	if (o->c->tty) {
		keep_cell(o, text);
	} else if (o->single) {
		buf_fmt(&o->bytes, "%s\t", o->columns[o->at].key);
		add_clean(&o->bytes, text);
		buf_add_c(&o->bytes, '\n');
	} else {
		if (o->at)
			buf_add_c(&o->bytes, '\t');
		add_clean(&o->bytes, text);
	}
}

/* Before a value in JSON. */
static bool json_cell(struct out *o)
{
	if (!o->c->json)
		return false;
	if (o->at == 0)
		json_object(&o->json);
	json_key(&o->json, str_z(o->columns[o->at].key));
	return true;
}

static void next(struct out *o)
{
	if (++o->at < o->n)
		return;
	o->at = 0;
	o->rows++;
	if (o->c->json)
		json_end(&o->json);
	else if (!o->c->tty && !o->single)
		buf_add_c(&o->bytes, '\n');
	flush(o);
}

void out_text(struct out *o, struct str s)
{
	if (json_cell(o))
		json_str(&o->json, s);
	else
		add_cell(o, s.n || o->c->tty ? s : STR("-"));
	next(o);
}

void out_json(struct out *o, struct str json)
{
	if (json_cell(o) && json.n)
		json_raw(&o->json, json);
	else if (o->c->json)
		json_null(&o->json);
	else
		add_cell(o, json.n || o->c->tty ? json : STR("-"));
	next(o);
}

void out_z(struct out *o, const char *z)
{
	out_text(o, str_z(z));
}

void out_number(struct out *o, uint64_t v)
{
	struct buf b;

	if (json_cell(o)) {
		json_u64(&o->json, v);
	} else {
		buf_init(&b, 32);
		buf_add_u64(&b, v);
		add_cell(o, buf_str(&b));
		buf_deinit(&b);
	}
	next(o);
}

void out_bytes(struct out *o, uint64_t v)
{
	struct buf b;

	if (!o->c->tty || o->c->json) {
		out_number(o, v);
		return;
	}
	buf_init(&b, 64);
	out_size_text(&b, v);
	add_cell(o, buf_str(&b));
	buf_deinit(&b);
	next(o);
}

void out_time(struct out *o, int64_t us)
{
	struct buf b;

	if (us == 0) {
		out_none(o);
		return;
	}
	buf_init(&b, 64);
	if (o->c->tty && !o->c->json)
		out_time_text(&b, us, clock_wall_us());
	else
		out_time_exact(&b, us);
	out_text(o, buf_str(&b));
	buf_deinit(&b);
}

void out_flag(struct out *o, bool v)
{
	if (json_cell(o))
		json_bool(&o->json, v);
	else
		add_cell(o, v ? STR("yes") : STR("no"));
	next(o);
}

void out_list(struct out *o, const struct str *items, size_t n)
{
	struct buf b;

	if (json_cell(o)) {
		json_array(&o->json);
		for (size_t i = 0; i < n; i++)
			json_str(&o->json, items[i]);
		json_end(&o->json);
		next(o);
		return;
	}
	buf_init(&b, OUT_MAX);
	for (size_t i = 0; i < n; i++) {
		buf_add_z(&b, i == 0 ? "" : o->c->tty ? ", " : ",");
		buf_add(&b, items[i]);
	}
	add_cell(o, n || o->c->tty ? buf_str(&b) : STR("-"));
	buf_deinit(&b);
	next(o);
}

void out_none(struct out *o)
{
	if (json_cell(o))
		json_null(&o->json);
	else
		add_cell(o, o->c->tty ? STR("") : STR("-"));
	next(o);
}

static void pad(struct buf *b, size_t n)
{
	while (n--)
		buf_add_c(b, ' ');
}

static void write_header(struct out *o, const size_t *widths, size_t last)
{
	buf_add_z(&o->bytes, o->c->colour ? "\033[1m" : "");
	for (size_t i = 0; i <= last; i++) {
		if (!o->columns[i].title)
			continue;
		buf_add_z(&o->bytes, o->columns[i].title);
		if (i < last)
			pad(&o->bytes,
			    widths[i] + 2 - strlen(o->columns[i].title));
	}
	buf_add_z(&o->bytes, o->c->colour ? "\033[0m\n" : "\n");
}

static void write_table(struct out *o)
{
	size_t *widths = arena_array(&o->c->arena, o->n, sizeof(*widths));
	size_t last = 0;

	for (size_t i = 0; i < o->n; i++)
		if (o->columns[i].title) {
			widths[i] = strlen(o->columns[i].title);
			last = i;
		}
	for (size_t i = 0; o->n && i < o->cells_n; i++) {
		size_t w = utf8_count(o->cells[i]);

		if (w > widths[i % o->n])
			widths[i % o->n] = w;
	}
	if (o->cells_n)
		write_header(o, widths, last);
	for (size_t i = 0; i < o->cells_n; i++) {
		size_t column = i % o->n;

		if (o->columns[column].title)
			buf_add(&o->bytes, o->cells[i]);
		if (o->columns[column].title && column < last)
			pad(&o->bytes,
			    widths[column] + 2 - utf8_count(o->cells[i]));
		if (column == o->n - 1)
			buf_add_c(&o->bytes, '\n');
	}
}

static void write_single(struct out *o)
{
	size_t width = 0;

	for (size_t i = 0; i < o->n; i++)
		if (o->columns[i].title && strlen(o->columns[i].title) > width)
			width = strlen(o->columns[i].title);
	for (size_t i = 0; i < o->cells_n; i++) {
		const char *title = o->columns[i].title;

		if (!title || !o->cells[i].n)
			continue;
		buf_add_z(&o->bytes, title);
		pad(&o->bytes, width + 2 - strlen(title));
		buf_add(&o->bytes, o->cells[i]);
		buf_add_c(&o->bytes, '\n');
	}
}

int out_end(struct out *o)
{
	int rc;

	if (o->c->json) {
		if (!o->single)
			json_end(&o->json);
		buf_add_c(&o->bytes, '\n');
	} else if (o->c->tty) {
		if (o->single)
			write_single(o);
		else
			write_table(o);
	}
	rc = out_write(o->c, buf_str(&o->bytes));
	buf_deinit(&o->bytes);
	mem_free(o->cells);
	return rc;
}
