#include <stdio.h>
#include <string.h>

#include "admin/problem.h"
#include "base/buf.h"
#include "ctl/command.h"
#include "ctl/out.h"

/* Words in lines of at most 78 characters, each begun by `indent`. */
static void wrap(struct buf *out, const char *text, size_t indent)
{
	struct str rest = str_z(text), word;
	size_t column = 0;

	while (str_cut(&rest, ' ', &word)) {
		if (column && column + 1 + word.n > 78) {
			buf_add_c(out, '\n');
			column = 0;
		}
		if (!column) {
			for (size_t i = 0; i < indent; i++)
				buf_add_c(out, ' ');
			column = indent;
		} else {
			buf_add_c(out, ' ');
			column++;
		}
		buf_add(out, word);
		column += word.n;
	}
	buf_add_c(out, '\n');
}

void ctl_usage_line(const struct ctl_command *cmd, struct buf *out)
{
	buf_fmt(out, "usage: posthus %s%s%s%s%s", cmd->noun,
	        cmd->verb ? " " : "", cmd->verb ? cmd->verb : "",
	        cmd->args[0] ? " " : "", cmd->args);
	for (const struct ctl_option *o = cmd->options; o && o->name; o++)
		buf_fmt(out, " [--%s%s%s]%s", o->name, o->value ? " " : "",
		        o->value ? o->value : "", o->many ? "..." : "");
	buf_add_c(out, '\n');
}

static void write_options(const struct ctl_option *o, struct buf *out)
{
	for (; o && o->name; o++) {
		char left[60];
		size_t n;

		snprintf(left, sizeof(left), "--%s%s%s", o->name,
		         o->value ? " " : "", o->value ? o->value : "");
		n = strlen(left);
		buf_fmt(out, "  %s", left);
		if (n > 22) {
			buf_add_c(out, '\n');
			n = 0;
			buf_add_z(out, "  ");
		}
		for (; n < 24; n++)
			buf_add_c(out, ' ');
		buf_fmt(out, "%s\n", o->help);
	}
}

void ctl_help_command(const struct ctl_command *cmd, struct buf *out)
{
	buf_fmt(out, "posthus %s%s%s - %s\n\n", cmd->noun, cmd->verb ? " " : "",
	        cmd->verb ? cmd->verb : "", cmd->summary);
	for (const char *const *e = cmd->examples; e && *e; e++)
		buf_fmt(out, "  posthus %s\n", *e);
	buf_add_c(out, '\n');
	ctl_usage_line(cmd, out);
	if (cmd->text) {
		buf_add_c(out, '\n');
		wrap(out, cmd->text, 0);
	}
	buf_add_z(out, "\nOptions\n");
	write_options(cmd->options, out);
	write_options(ctl_common, out);
	buf_add_z(out, "\nExit codes: 0 done, 1 failed, 2 usage, 3 not found, "
	               "4 not allowed, 5 there already,\n"
	               "6 try again, 7 configuration (posthus help "
	               "exit-codes)\n");
}

void ctl_help_noun(const char *noun, struct buf *out)
{
	const struct ctl_command *cmd;

	for (const struct ctl_noun *n = ctl_nouns; n->name; n++)
		if (strcmp(n->name, noun) == 0)
			buf_fmt(out, "posthus %s - %s\n\n", noun, n->summary);
	for (cmd = NULL; (cmd = ctl_command_next(cmd));)
		if (strcmp(cmd->noun, noun) == 0 && cmd->examples)
			buf_fmt(out, "  posthus %s\n", cmd->examples[0]);
	buf_add_z(out, "\nCommands\n");
	for (cmd = NULL; (cmd = ctl_command_next(cmd));)
		if (strcmp(cmd->noun, noun) == 0)
			buf_fmt(out, "  %-9s%-20s %s\n", cmd->verb, cmd->args,
			        cmd->summary);
	buf_fmt(out, "\nMore: posthus %s COMMAND --help\n", noun);
}

static const char *const group_names[] = {
	[GROUP_BEGIN] = "Begin", [GROUP_ADDRESSES] = "Addresses",
	[GROUP_MAIL] = "Mail",   [GROUP_HOST] = "Host",
	[GROUP_MORE] = "More",
};

static void list_nouns(struct buf *out, enum ctl_group last)
{
	const struct ctl_noun *before = NULL;

	for (const struct ctl_noun *n = ctl_nouns; n->name; before = n++) {
		if (n->group > last)
			break;
		if (!before || before->group != n->group)
			buf_fmt(out, "%s\n", group_names[n->group]);
		buf_fmt(out, "  %-12s %s\n", n->name, n->summary);
	}
}

void ctl_help_overview(struct buf *out)
{
	struct buf rest;

	buf_add_z(out,
	          "posthus - a whole mail host in one program\n\n"
	          "  posthus demo\n"
	          "  posthus setup you@example.com --hostname mx.example.com\n"
	          "  posthus account add anna@example.com\n\n"
	          "usage: posthus COMMAND [ARGUMENT...] [--OPTION...]\n\n");
	list_nouns(out, GROUP_HOST);
	buf_fmt(out, "%s: posthus help commands\n", group_names[GROUP_MORE]);
	buf_init(&rest, 4096);
	for (const struct ctl_noun *n = ctl_nouns; n->name; n++)
		if (n->group == GROUP_MORE)
			buf_fmt(&rest, "%s%s", rest.n ? " " : "", n->name);
	wrap(out, buf_z(&rest), 2);
	buf_deinit(&rest);
	buf_add_z(out, "\nOptions of every command: --config FILE, --json, "
	               "--quiet, --no-color, --help\n"
	               "Help: posthus COMMAND --help, posthus help errors\n");
}

struct topic {
	const char *name, *text;
};

static const struct topic topics[] = {
	{ "exit-codes",
	  "Exit codes of posthus\n\n"
	  "    0  done\n"
	  "    1  failed\n"
	  "    2  the command line makes no sense\n"
	  "    3  there is no such domain, address or message\n"
	  "    4  not allowed\n"
	  "    5  there already, or in the way of something\n"
	  "    6  not now: try again\n"
	  "    7  the configuration is not valid\n"
	  "   10  a check found only what is mended, or warnings\n"
	  "   11  a check found what is wrong\n"
	  "  130  interrupted\n" },
	{ "output",
	  "Data goes to stdout, everything else to stderr.\n\n"
	  "At a terminal data is a table with sizes and times for people.\n"
	  "Elsewhere it is one line a row, values parted by tabs, exact "
	  "numbers, times in\n"
	  "UTC, '-' for nothing. With --json it is an array of objects, or one "
	  "object for\n"
	  "`show` and `status`; names of members never change their meaning.\n" },
};

static void help_errors(struct buf *out)
{
	const struct admin_problem *p;

	buf_add_z(out, "What an error says: what failed, why, what to do, and "
	               "a name.\n\n");
	for (size_t i = 0; (p = admin_problem_at(i)); i++)
		buf_fmt(out, "  %-13s %s\n", p->reference, p->explain);
}

bool ctl_help_topic(const char *topic, struct buf *out)
{
	if (strcmp(topic, "commands") == 0) {
		buf_add_z(out, "The commands of posthus\n\n");
		list_nouns(out, GROUP_MORE);
		return true;
	}
	if (strcmp(topic, "errors") == 0) {
		help_errors(out);
		return true;
	}
	for (size_t i = 0; i < sizeof(topics) / sizeof(topics[0]); i++)
		if (strcmp(topics[i].name, topic) == 0) {
			buf_add_z(out, topics[i].text);
			return true;
		}
	return false;
}

/* help of what is named by words: nothing, a topic, a noun, a command. */
static int help_of(struct ctl *c, struct str noun, struct str verb,
                   struct buf *out)
{
	const struct ctl_command *cmd;
	bool there = false;

	if (!noun.n) {
		ctl_help_overview(out);
		return CTL_OK;
	}
	if (ctl_help_topic(noun.p, out))
		return CTL_OK;
	for (cmd = NULL; (cmd = ctl_command_next(cmd));) {
		if (!str_eq(noun, str_z(cmd->noun)))
			continue;
		there = true;
		if (cmd->verb ? str_eq(verb, str_z(cmd->verb)) : !verb.n) {
			ctl_help_command(cmd, out);
			return CTL_OK;
		}
	}
	if (there && !verb.n) {
		ctl_help_noun(noun.p, out);
		return CTL_OK;
	}
	c->command = NULL;
	return ctl_usage(c, "there is no help for \"%.*s%s%.*s\"",
	                 STR_ARG(noun), verb.n ? " " : "", STR_ARG(verb));
}

int ctl_run_help(struct ctl *c)
{
	struct buf out;
	int rc;

	buf_init(&out, 1 << 20);
	rc = help_of(c, ctl_arg(c, 0), ctl_arg(c, 1), &out);
	if (rc == CTL_OK)
		rc = out_write(c, buf_str(&out));
	buf_deinit(&out);
	return rc;
}

int ctl_run_version(struct ctl *c)
{
	static const struct out_column columns[] = { { "version", "version" } };
	struct out o;

	if (!c->json)
		return out_write(c, STR("posthus " CTL_VERSION "\n"));
	out_begin(&o, c, columns, 1, true);
	out_z(&o, CTL_VERSION);
	return out_end(&o);
}
