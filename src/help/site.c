#include <string.h>

#include "config/config.h"
#include "help/help.h"
#include "help/page.h"
#include "policy/codes.h"

#define QUERY_MAX 1000

static void search_field(struct page *p, struct str value)
{
	page_raw(p,
	         "<form action=\"/help/find\" method=\"get\" role=\"search\">"
	         "<input name=\"q\" aria-label=\"Error message or reference\" "
	         "placeholder=\"0x800CCC0E, R-GREY, 550 5.1.1 ...\" "
	         "maxlength=\"500\" value=\"");
	page_add(p, value);
	page_raw(p, "\"><button>Explain</button></form>\n");
}

void help_show_index(struct page *p)
{
	page_text(p,
	          "Paste an error message or a reference, as the mail program "
	          "shows it:");
	search_field(p, STR(""));
	page_heading(p, "Begin");
	page_raw(p, "<ul>\n<li><a href=\"/help/setup\">Set up a mail program"
	            "</a></li>\n<li><a href=\"/help/limits\">Limits</a></li>\n"
	            "</ul>\n");
	page_heading(p, "Good to know");
	help_list_topics(p);
}

static void index_page(struct http_exchange *x)
{
	struct page p;

	page_begin(&p, x, "Help");
	help_show_index(&p);
	page_end(&p);
}

static void style_sheet(struct http_exchange *x)
{
	http_set(x, "Cache-Control", STR("public, max-age=3600"));
	http_reply(x, 200, "text/css; charset=utf-8", str_z(help_style));
}

static struct str query_of(struct http_exchange *x, char *text)
{
	struct str query = http_request(x)->query, name, value;
	size_t n;

	while (http_query_next(&query, &name, &value))
		if (str_eq(name, STR("q")) && value.n <= QUERY_MAX &&
		    http_query_decode(value, text, &n))
			return str_trim((struct str){ text, n });
	return (struct str){ NULL, 0 };
}

static void meaning(struct page *p, const struct code_row *row,
                    struct str provider)
{
	struct buf b;

	buf_init(&b, 4000);
	page_heading(p, row->id);
	page_raw(p, "<p>");
	code_text(&b, row->meaning, provider);
	page_add(p, buf_str(&b));
	page_raw(p, "</p>\n");
	buf_reset(&b);
	page_raw(p, "<dl><dt>Likely cause here</dt><dd>");
	code_text(&b, row->cause, provider);
	page_add(p, buf_str(&b));
	page_raw(p, "</dd>\n<dt>What to do</dt><dd>");
	buf_reset(&b);
	code_text(&b, row->todo, provider);
	page_add(p, buf_str(&b));
	page_raw(p, "</dd></dl>\n");
	buf_deinit(&b);
}

static void find_page(struct http_exchange *x)
{
	struct help_site *site = http_arg(x);
	struct code_row found[CODE_FOUND_MAX];
	char text[QUERY_MAX];
	struct str q = query_of(x, text);
	size_t n = q.n ? code_find(q, found) : 0;
	struct page p;

	page_begin(&p, x, "What an error means");
	search_field(&p, q);
	if (n > 1)
		page_text(&p, "It may be one of these:");
	for (size_t i = 0; i < n; i++)
		meaning(&p, &found[i], config_provider_domain(site->config));
	if (!n && q.n)
		page_text(&p, "We do not know this one. Look for a code that "
		              "begins with 0x, a number of three digits, or a "
		              "reference in square brackets, and paste that.");
	page_end(&p);
}

static void below(struct http_exchange *x)
{
	struct help_site *site = http_arg(x);
	struct str name = http_path_rest(x);
	bool setup = str_eq(name, STR("setup"));
	bool limits = str_eq(name, STR("limits"));
	const char *title = setup    ? "Set up a mail program"
	                    : limits ? "Limits"
	                             : help_topic_title(name);
	struct page p;

	page_begin(&p, x, title ? title : "There is no such page");
	if (setup) {
		help_show_setup(&p, site->config);
	} else if (limits) {
		help_show_limits(&p, site->config);
	} else if (!title || !help_show_topic(&p, name, site->config)) {
		p.status = 404;
		page_text(&p, "This is what there is:");
		help_show_index(&p);
	}
	page_end(&p);
}

static const struct http_route rows[HELP_ROUTES_N] = {
	{ .method = "GET", .path = "/help/", .handle = index_page },
	{ .method = "GET", .path = "/help/help.css", .handle = style_sheet },
	{ .method = "GET", .path = "/help/find", .handle = find_page },
	{ .method = "GET", .path = "/help/*", .handle = below },
};

void help_routes(struct help_site *site, struct http_route *out)
{
	memcpy(out, rows, sizeof(rows));
	for (size_t i = 0; i < HELP_ROUTES_N; i++)
		out[i].arg = site;
}
