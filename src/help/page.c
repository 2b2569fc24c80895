#include "help/page.h"

#include <stdarg.h>
#include <stdio.h>

#include "wire/xml/read.h"

void page_raw(struct page *p, const char *html)
{
	buf_add_z(&p->out, html);
}

void page_add(struct page *p, struct str text)
{
	xml_add(&p->out, text);
}

void page_z(struct page *p, const char *text)
{
	page_add(p, str_z(text));
}

void page_fmt(struct page *p, const char *fmt, ...)
{
	char text[2000];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	page_z(p, text);
}

void page_begin(struct page *p, struct http_exchange *x, const char *title)
{
	*p = (struct page){ .x = x, .status = 200 };
	arena_init(&p->arena);
	buf_init(&p->out, PAGE_MAX);
	page_raw(p, "<!doctype html>\n<html lang=\"en\">\n<head>\n"
	            "<meta charset=\"utf-8\">\n"
	            "<meta name=\"viewport\" content=\"width=device-width, "
	            "initial-scale=1\">\n<title>");
	page_z(p, title);
	page_raw(p, " - Help</title>\n"
	            "<link rel=\"stylesheet\" href=\"/help/help.css\">\n"
	            "</head>\n<body>\n<header><nav aria-label=\"Help\">"
	            "<a href=\"/help/\">Help</a> "
	            "<a href=\"/help/setup\">Set up a mail program</a> "
	            "<a href=\"/help/limits\">Limits</a></nav></header>\n"
	            "<main>\n<h1>");
	page_z(p, title);
	page_raw(p, "</h1>\n");
}

void page_end(struct page *p)
{
	page_raw(p, "</main>\n</body>\n</html>\n");
	if (buf_overflow(&p->out))
		http_reply(p->x, 500, "text/plain; charset=utf-8",
		           STR("This page is too long\n"));
	else
		http_reply(p->x, p->status, "text/html; charset=utf-8",
		           buf_str(&p->out));
	buf_deinit(&p->out);
	arena_deinit(&p->arena);
}

void page_heading(struct page *p, const char *text)
{
	page_raw(p, "<h2>");
	page_z(p, text);
	page_raw(p, "</h2>\n");
}

void page_text(struct page *p, const char *text)
{
	page_raw(p, "<p>");
	page_z(p, text);
	page_raw(p, "</p>\n");
}

void page_code(struct page *p, struct str text)
{
	page_raw(p, "<pre>");
	page_add(p, text);
	page_raw(p, "</pre>\n");
}

void page_table(struct page *p, const char *const *heads, size_t n)
{
	page_raw(p, "<div class=\"wide\"><table>\n<thead><tr>");
	for (size_t i = 0; i < n; i++) {
		page_raw(p, "<th scope=\"col\">");
		page_z(p, heads[i]);
		page_raw(p, "</th>");
	}
	page_raw(p, "</tr></thead>\n<tbody>\n");
}

void page_row(struct page *p, const struct str *cells, size_t n)
{
	page_raw(p, "<tr>");
	for (size_t i = 0; i < n; i++) {
		page_raw(p, i ? "<td>" : "<th scope=\"row\">");
		page_add(p, cells[i]);
		page_raw(p, i ? "</td>" : "</th>");
	}
	page_raw(p, "</tr>\n");
}

void page_table_end(struct page *p)
{
	page_raw(p, "</tbody>\n</table></div>\n");
}
