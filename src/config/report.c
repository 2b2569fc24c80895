#include "config/report.h"

#include "base/utf8.h"

void config_report_init(struct config_report *r)
{
	r->n = r->mistakes = r->remarks = 0;
	arena_init(&r->arena);
}

void config_report_deinit(struct config_report *r)
{
	arena_deinit(&r->arena);
	r->n = 0;
}

void config_report_add(struct config_report *r, const struct config_problem *p)
{
	struct config_problem *copy;

	if (p->remark)
		r->remarks++;
	else
		r->mistakes++;
	if (r->n == CONFIG_REPORT_MAX)
		return;
	copy = &r->items[r->n++];
	*copy = *p;
	copy->file = arena_dup(&r->arena, p->file);
	copy->source = arena_dup(&r->arena, p->source);
	copy->text = arena_dup(&r->arena, p->text);
	copy->hint = arena_dup(&r->arena, p->hint);
}

/* The line, tabs shown as one blank so that the caret stands right, and what
 * is no text as '?'. */
static void write_source(struct buf *out, struct str line)
{
	uint32_t c = 0;
	enum utf8_result res;

	while ((res = utf8_next(&line, &c)) != UTF8_END)
		if (res == UTF8_BAD)
			buf_add_c(out, '?');
		else if (c < ' ' || (c >= 0x7f && c < 0xa0))
			buf_add_c(out, c == '\t' ? ' ' : '?');
		else
			utf8_add(out, c);
}

static void write_picture(struct buf *out, const struct config_problem *p)
{
	buf_fmt(out, "%5u | ", p->line);
	write_source(out, p->source);
	buf_add_z(out, "\n      | ");
	for (unsigned i = 1; i < p->column; i++)
		buf_add_c(out, ' ');
	for (unsigned i = 0; i < p->width; i++)
		buf_add_c(out, '^');
	if (p->hint.n)
		buf_fmt(out, " %.*s", STR_ARG(p->hint));
	buf_add_c(out, '\n');
}

static void write_problem(struct buf *out, const struct config_problem *p)
{
	buf_fmt(out, "%.*s", STR_ARG(p->file));
	if (p->line)
		buf_fmt(out, ":%u:%u", p->line, p->column);
	buf_fmt(out, ": %s%.*s\n", p->remark ? "note: " : "", STR_ARG(p->text));
	if (p->line)
		write_picture(out, p);
	else if (p->hint.n)
		buf_fmt(out, "  %.*s\n", STR_ARG(p->hint));
}

void config_report_write(const struct config_report *r, struct buf *out)
{
	size_t kept = 0;

	for (size_t i = 0; i < r->n; i++) {
		write_problem(out, &r->items[i]);
		kept++;
	}
	if (kept < r->mistakes + r->remarks)
		buf_fmt(out, "... and %zu more\n",
		        r->mistakes + r->remarks - kept);
}
