#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "ctl/command.h"
#include "ctl/out.h"
#include "os/file.h"

#define MAN_DATE "2026-11-24"

/* Text of a paragraph: what roff would read as its own is escaped. */
static void add_text(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if ((c == '.' || c == '\'') && (i == 0 || s.p[i - 1] == '\n'))
			buf_add_z(out, "\\&");
		if (c == '\\')
			buf_add_z(out, "\\e");
		else if (c == '-')
			buf_add_z(out, "\\-");
		else if (c == '"')
			buf_add_z(out, "\\(dq");
		else if (c == '~')
			buf_add_z(out, "\\(ti");
		else
			buf_add_c(out, c);
	}
}

static void add_z(struct buf *out, const char *z)
{
	add_text(out, str_z(z));
}

static void heading(struct buf *out, const char *page, const char *section,
                    const char *summary)
{
	buf_add_z(out,
	          ".\\\" Made by `posthus man`; change src/ctl/ instead.\n");
	buf_fmt(out, ".TH %s %s " MAN_DATE " \"Posthus " CTL_VERSION "\"\n",
	        page, section);
	buf_add_z(out, ".SH NAME\n");
	add_z(out, page);
	buf_add_z(out, " \\- ");
	add_z(out, summary);
	buf_add_c(out, '\n');
}

/* "posthus NOUN VERB ARGS [--option VALUE]" */
static void synopsis(struct buf *out, const struct ctl_command *cmd)
{
	buf_fmt(out, "\\fBposthus %s%s%s\\fR", cmd->noun, cmd->verb ? " " : "",
	        cmd->verb ? cmd->verb : "");
	if (cmd->args[0]) {
		buf_add_z(out, " \\fI");
		add_z(out, cmd->args);
		buf_add_z(out, "\\fR");
	}
	for (const struct ctl_option *o = cmd->options; o && o->name; o++) {
		buf_add_z(out, " [\\fB\\-\\-");
		add_z(out, o->name);
		buf_add_z(out, "\\fR");
		if (o->value) {
			buf_add_z(out, " \\fI");
			add_z(out, o->value);
			buf_add_z(out, "\\fR");
		}
		buf_add_c(out, ']');
	}
	buf_add_c(out, '\n');
}

static void options(struct buf *out, const struct ctl_option *o)
{
	for (; o && o->name; o++) {
		buf_add_z(out, ".TP\n\\fB\\-\\-");
		add_z(out, o->name);
		buf_add_z(out, "\\fR");
		if (o->value) {
			buf_add_z(out, " \\fI");
			add_z(out, o->value);
			buf_add_z(out, "\\fR");
		}
		buf_add_c(out, '\n');
		add_z(out, o->help);
		buf_add_z(out, ".\n");
	}
}

static void sentence(struct buf *out, const char *summary)
{
	buf_add_c(out, ascii_upper(summary[0]));
	add_z(out, summary + 1);
	buf_add_z(out, ".\n");
}

static void examples(struct buf *out, const struct ctl_command *cmd)
{
	buf_add_z(out, ".PP\n.nf\n");
	for (const char *const *e = cmd->examples; e && *e; e++) {
		buf_add_z(out, "    posthus ");
		add_z(out, *e);
		buf_add_c(out, '\n');
	}
	buf_add_z(out, ".fi\n");
}

static void command(struct buf *out, const struct ctl_command *cmd)
{
	buf_add_z(out, ".SS \"");
	add_z(out, cmd->noun);
	if (cmd->verb) {
		buf_add_c(out, ' ');
		add_z(out, cmd->verb);
	}
	buf_add_z(out, "\"\n");
	synopsis(out, cmd);
	buf_add_z(out, ".PP\n");
	sentence(out, cmd->summary);
	if (cmd->text) {
		add_z(out, cmd->text);
		buf_add_c(out, '\n');
	}
	options(out, cmd->options);
	examples(out, cmd);
}

static void topic(struct buf *out, const char *title, const char *name)
{
	struct buf text;

	buf_init(&text, 65536);
	buf_fmt(out, ".SH \"%s\"\n.nf\n", title);
	if (ctl_help_topic(name, &text)) {
		struct str body = buf_str(&text), first;

		str_cut(&body, '\n', &first); /* the topic's own title */
		add_text(out, body.n && body.p[0] == '\n' ? str_from(body, 1)
		                                          : body);
	}
	buf_add_z(out, ".fi\n");
	buf_deinit(&text);
}

static void page_posthus(struct buf *out)
{
	heading(out, "posthus", "1", "a whole mail host in one program");
	buf_add_z(out, ".SH SYNOPSIS\n\\fBposthus\\fR \\fICOMMAND\\fR "
	               "[\\fIARGUMENT\\fR...] [\\fB\\-\\-option\\fR]...\n"
	               ".SH DESCRIPTION\n");
	add_z(out, "Posthus takes mail for its domains (SMTP), keeps it, and "
	           "gives it to mail programs (IMAP, POP3). This command sets "
	           "a host up, runs it and administers it. All commands work "
	           "while the host runs and while it does not.\n");
	buf_add_z(out, ".SH COMMANDS\n");
	for (const struct ctl_noun *n = ctl_nouns; n->name; n++) {
		buf_fmt(out, ".TP\n\\fB%s\\fR\n", n->name);
		sentence(out, n->summary);
	}
	buf_add_z(out, ".SH OPTIONS\nOf every command:\n");
	options(out, ctl_common);
	topic(out, "OUTPUT", "output");
	topic(out, "EXIT STATUS", "exit-codes");
	topic(out, "ERRORS", "errors");
	buf_add_z(out, ".SH ENVIRONMENT\n"
	               ".TP\n\\fBPOSTHUS_CONFIG\\fR\n"
	               "The configuration, when there is no "
	               "\\fB\\-\\-config\\fR.\n"
	               ".TP\n\\fBNO_COLOR\\fR\nNo colours when it is set.\n"
	               ".SH FILES\n"
	               ".TP\n\\fI" CTL_CONFIG_DEFAULT "\\fR\n"
	               "The configuration of the system.\n"
	               ".SH \"SEE ALSO\"\n");
	for (const struct ctl_noun *n = ctl_nouns; n->name; n++)
		buf_fmt(out, "\\fBposthus\\-%s\\fR(1),\n", n->name);
	buf_add_z(out, "\\fBposthus.conf\\fR(5)\n");
}

static void page_noun(const struct ctl_noun *noun, struct buf *out)
{
	char page[64];

	snprintf(page, sizeof(page), "posthus-%s", noun->name);
	heading(out, page, "1", noun->summary);
	buf_add_z(out, ".SH SYNOPSIS\n");
	for (const struct ctl_command *cmd = NULL;
	     (cmd = ctl_command_next(cmd));)
		if (strcmp(cmd->noun, noun->name) == 0) {
			synopsis(out, cmd);
			buf_add_z(out, ".br\n");
		}
	buf_add_z(out, ".SH COMMANDS\n");
	for (const struct ctl_command *cmd = NULL;
	     (cmd = ctl_command_next(cmd));)
		if (strcmp(cmd->noun, noun->name) == 0)
			command(out, cmd);
	buf_add_z(out, ".PP\nThe options of every command, exit codes and the "
	               "forms of output are in \\fBposthus\\fR(1).\n"
	               ".SH \"SEE ALSO\"\n"
	               "\\fBposthus\\fR(1), \\fBposthus.conf\\fR(5)\n");
}

static void option_row(const struct config_row *row, struct buf *out)
{
	struct str key = str_z(row->key), section;

	str_cut(&key, '.', &section);
	buf_add_z(out, ".TP\n\\fB");
	add_text(out, key);
	buf_add_z(out, "\\fR\n");
	add_z(out, row->sentence);
	buf_add_c(out, '\n');
	buf_add_c(out, ascii_upper(config_type_name(row->type)[0]));
	add_z(out, config_type_name(row->type) + 1);
	if (row->range[0]) {
		buf_add_z(out, ", ");
		for (const char *p = row->range; *p; p++)
			if (*p == '|')
				buf_add_z(out, " or ");
			else if (strncmp(p, "..", 2) == 0)
				buf_add_z(out, " to "), p++;
			else
				buf_add_c(out, *p);
	}
	buf_add_z(out, ". Default: ");
	add_z(out, row->def[0] ? row->def : "empty");
	buf_add_z(out, ".");
	if (row->when == CONFIG_LIVE)
		buf_add_z(out, " A reload takes it up.");
	if (row->when == CONFIG_SECRET) {
		buf_add_z(out, " With \\fB");
		add_text(out, key);
		buf_add_z(out, "_file\\fR it is read from that file.");
	}
	buf_add_c(out, '\n');
}

static void page_conf(struct buf *out)
{
	struct str last = STR("");

	heading(out, "posthus.conf", "5", "settings of a Posthus host");
	buf_add_z(out, ".SH DESCRIPTION\n");
	add_z(out,
	      "Sections in brackets, settings as key = value, comments after "
	      "#. Text stands in quotes; lists are [\"...\", \"...\"]; sizes "
	      "are numbers or \"70M\" (K, M, G, T by 1024); times are \"30s\", "
	      "\"5m\", \"2h\", \"14d\". Every setting has a default, so an "
	      "empty file is a valid one. A key may be dotted: domain.queued "
	      "in [limits] is limits.domain.queued. Before the first section, "
	      "include = \"FILE\" reads another file first; what stands here "
	      "wins.\n");
	buf_add_z(out, ".PP\n");
	add_z(out, "posthus config check tells all mistakes at once; posthus "
	           "config doc writes this page as a file to start from.\n");
	for (unsigned i = 0; i < OPT_COUNT; i++) {
		const struct config_row *row =
			config_row((enum config_option)i);
		struct str key = str_z(row->key), section;

		str_cut(&key, '.', &section);
		if (!str_eq(section, last))
			buf_fmt(out, ".SH \"[%.*s]\"\n", STR_ARG(section));
		last = section;
		option_row(row, out);
	}
	buf_add_z(out, ".SH \"SEE ALSO\"\n"
	               "\\fBposthus\\fR(1), \\fBposthus\\-config\\fR(1)\n");
}

/* "posthus", "posthus-NOUN", "posthus.conf"; false for another. */
static bool write_page(const char *page, struct buf *out)
{
	if (strcmp(page, "posthus") == 0) {
		page_posthus(out);
		return true;
	}
	if (strcmp(page, "posthus.conf") == 0) {
		page_conf(out);
		return true;
	}
	for (const struct ctl_noun *n = ctl_nouns; n->name; n++)
		if (strncmp(page, "posthus-", 8) == 0 &&
		    strcmp(page + 8, n->name) == 0) {
			page_noun(n, out);
			return true;
		}
	return false;
}

static int write_file(struct ctl *c, const char *dir, const char *page,
                      int section)
{
	struct err err = ERR_INIT;
	struct buf out;
	const char *path =
		arena_fmt(&c->arena, "%s/%s.%d", dir, page, section).p;
	int rc;

	buf_init(&out, 1 << 20);
	write_page(page, &out);
	rc = file_replace(path, buf_str(&out), 0644, &err);
	buf_deinit(&out);
	return rc < 0 ? ctl_fail(c, &err, NULL, "cannot write %s", path)
	              : CTL_OK;
}

static int write_all(struct ctl *c, const char *dir)
{
	struct err err = ERR_INIT;
	int rc;

	if (file_mkdir(dir, 0755, &err) < 0)
		return ctl_fail(c, &err, NULL, "cannot make %s", dir);
	rc = write_file(c, dir, "posthus", 1);
	for (const struct ctl_noun *n = ctl_nouns; rc == CTL_OK && n->name; n++)
		rc = write_file(c, dir,
		                arena_fmt(&c->arena, "posthus-%s", n->name).p,
		                1);
	if (rc == CTL_OK)
		rc = write_file(c, dir, "posthus.conf", 5);
	return rc;
}

int ctl_run_man(struct ctl *c)
{
	const char *dir = ctl_option(c, "all");
	const char *page = c->n_args ? c->args[0] : "posthus";
	struct buf out;
	int rc;

	if (dir)
		return write_all(c, dir);
	buf_init(&out, 1 << 20);
	if (write_page(page, &out))
		rc = out_write(c, buf_str(&out));
	else
		rc = ctl_usage(c,
		               "there is no page \"%s\": posthus, "
		               "posthus-NOUN, posthus.conf",
		               page);
	buf_deinit(&out);
	return rc;
}
