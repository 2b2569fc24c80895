#include <string.h>

#include "ctl/show.h"
#include "queue/queue.h"

/* What an argument's name stands for, for `posthus words`. */
static const char *kind_of_arg(struct str arg)
{
	if (str_find(arg, STR("DOMAIN")) != STR_NPOS)
		return "domain";
	if (str_find(arg, STR("ADDRESS")) != STR_NPOS ||
	    str_find(arg, STR("TARGET")) != STR_NPOS ||
	    str_find(arg, STR("SENDER")) != STR_NPOS)
		return "address";
	if (str_find(arg, STR("ID")) != STR_NPOS)
		return "queue";
	if (str_find(arg, STR("SHELL")) != STR_NPOS)
		return "shell";
	return "file";
}

/* The kind of the first argument of a command; "" when it has none. */
static const char *first_kind(const struct ctl_command *cmd)
{
	struct str rest = str_z(cmd->args), arg;

	return str_cut(&rest, ' ', &arg) ? kind_of_arg(arg) : "";
}

static void write_options(const struct ctl_command *cmd, struct buf *out,
                          const char *before)
{
	const struct ctl_option *lists[2] = { cmd ? cmd->options : NULL,
		                              ctl_common };

	for (size_t i = 0; i < 2; i++)
		for (const struct ctl_option *o = lists[i]; o && o->name; o++)
			buf_fmt(out, "%s%s", before, o->name);
}

static void write_nouns(struct buf *out)
{
	for (const struct ctl_noun *n = ctl_nouns; n->name; n++)
		buf_fmt(out, "%s%s", n == ctl_nouns ? "" : " ", n->name);
}

static bool has_verbs(const char *noun)
{
	for (const struct ctl_command *cmd = NULL;
	     (cmd = ctl_command_next(cmd));)
		if (strcmp(cmd->noun, noun) == 0)
			return cmd->verb != NULL;
	return false;
}

static void write_verbs(const char *noun, struct buf *out)
{
	bool first = true;

	for (const struct ctl_command *cmd = NULL;
	     (cmd = ctl_command_next(cmd));)
		if (strcmp(cmd->noun, noun) == 0 && cmd->verb) {
			buf_fmt(out, "%s%s", first ? "" : " ", cmd->verb);
			first = false;
		}
}

static void bash_command(const struct ctl_command *cmd, struct buf *out)
{
	buf_fmt(out, "\t\"%s%s%s\") opts=\"", cmd->noun, cmd->verb ? " " : "",
	        cmd->verb ? cmd->verb : "");
	write_options(cmd, out, " --");
	buf_fmt(out, "\" kind=\"%s\" ;;\n", first_kind(cmd));
}

static void write_bash(struct buf *out)
{
	buf_add_z(
		out,
		"# bash completion of posthus\n"
		"_posthus() {\n"
		"\tlocal cur=${COMP_WORDS[COMP_CWORD]} i w noun= verb= args=0\n"
		"\tlocal opts= kind= verbs= conf=()\n"
		"\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
		"\t\tw=${COMP_WORDS[i]}\n"
		"\t\tif [[ $w == --config ]]; then\n"
		"\t\t\tconf=(--config \"${COMP_WORDS[i + 1]}\")\n"
		"\t\t\t((i++))\n"
		"\t\telif [[ $w == -* ]]; then :\n"
		"\t\telif [[ -z $noun ]]; then noun=$w\n"
		"\t\telif [[ -z $verb ]]; then verb=$w\n"
		"\t\tfi\n"
		"\tdone\n"
		"\tcase $noun in\n"
		"\t\"\") COMPREPLY=($(compgen -W \"");
	write_nouns(out);
	buf_add_z(out, "\" -- \"$cur\")); return ;;\n");
	for (const struct ctl_noun *n = ctl_nouns; n->name; n++) {
		if (!has_verbs(n->name))
			continue;
		buf_fmt(out, "\t%s) verbs=\"", n->name);
		write_verbs(n->name, out);
		buf_add_z(out, "\" ;;\n");
	}
	buf_add_z(out, "\tesac\n"
	               "\tif [[ -n $verbs && -z $verb ]]; then\n"
	               "\t\tCOMPREPLY=($(compgen -W \"$verbs\" -- \"$cur\"))\n"
	               "\t\treturn\n"
	               "\tfi\n"
	               "\t[[ -n $verbs ]] && noun=\"$noun $verb\"\n"
	               "\tcase $noun in\n");
	for (const struct ctl_command *cmd = NULL;
	     (cmd = ctl_command_next(cmd));)
		if (!(cmd->flags & CTL_HIDDEN))
			bash_command(cmd, out);
	buf_add_z(out, "\tesac\n"
	               "\tif [[ $cur == -* ]]; then\n"
	               "\t\tCOMPREPLY=($(compgen -W \"$opts\" -- \"$cur\"))\n"
	               "\telif [[ $kind == file ]]; then\n"
	               "\t\tCOMPREPLY=($(compgen -f -- \"$cur\"))\n"
	               "\telif [[ -n $kind ]]; then\n"
	               "\t\tCOMPREPLY=($(compgen -W \"$(posthus words $kind "
	               "\"${conf[@]}\" --quiet 2>/dev/null)\" -- \"$cur\"))\n"
	               "\tfi\n"
	               "}\n"
	               "complete -F _posthus posthus\n");
}

static void zsh_command(const struct ctl_command *cmd, struct buf *out)
{
	buf_fmt(out, "\t\"%s%s%s\") opts=(", cmd->noun, cmd->verb ? " " : "",
	        cmd->verb ? cmd->verb : "");
	write_options(cmd, out, " --");
	buf_fmt(out, " ) kind=%s ;;\n", first_kind(cmd));
}

static void write_zsh(struct buf *out)
{
	buf_add_z(out, "#compdef posthus\n"
	               "local -a opts plain\n"
	               "local kind= noun verb\n"
	               "plain=(${words[2,CURRENT-1]:#-*})\n"
	               "noun=${plain[1]} verb=${plain[2]}\n"
	               "if [[ -z $noun ]]; then compadd ");
	write_nouns(out);
	buf_add_z(out, "; return; fi\n"
	               "case $noun in\n");
	for (const struct ctl_noun *n = ctl_nouns; n->name; n++) {
		if (!has_verbs(n->name))
			continue;
		buf_fmt(out, "\t%s) if [[ -z $verb ]]; then compadd ", n->name);
		write_verbs(n->name, out);
		buf_add_z(out, "; return; fi; noun=\"$noun $verb\" ;;\n");
	}
	buf_add_z(out, "esac\ncase $noun in\n");
	for (const struct ctl_command *cmd = NULL;
	     (cmd = ctl_command_next(cmd));)
		if (!(cmd->flags & CTL_HIDDEN))
			zsh_command(cmd, out);
	buf_add_z(out, "esac\n"
	               "if [[ $PREFIX == -* ]]; then compadd -- $opts\n"
	               "elif [[ $kind == file ]]; then _files\n"
	               "elif [[ -n $kind ]]; then\n"
	               "\tcompadd -- ${(f)\"$(posthus words $kind --quiet "
	               "2>/dev/null)\"}\n"
	               "fi\n");
}

static void fish_quote(struct buf *out, const char *text)
{
	buf_add_c(out, '\'');
	for (; *text; text++) {
		if (*text == '\'' || *text == '\\')
			buf_add_c(out, '\\');
		buf_add_c(out, *text);
	}
	buf_add_c(out, '\'');
}

static void fish_command(const struct ctl_command *cmd, struct buf *out)
{
	if (cmd->verb) {
		buf_fmt(out,
		        "complete -c posthus -f -n '__fish_seen_subcommand_from "
		        "%s; and not __fish_seen_subcommand_from",
		        cmd->noun);
		buf_add_c(out, ' ');
		write_verbs(cmd->noun, out);
		buf_fmt(out, "' -a %s -d ", cmd->verb);
		fish_quote(out, cmd->summary);
		buf_add_c(out, '\n');
	}
	for (const struct ctl_option *o = cmd->options; o && o->name; o++) {
		buf_fmt(out,
		        "complete -c posthus -n '__fish_seen_subcommand_from "
		        "%s%s%s' -l %s%s -d ",
		        cmd->noun,
		        cmd->verb ? "; and __fish_seen_subcommand_from " : "",
		        cmd->verb ? cmd->verb : "", o->name,
		        o->value ? " -r" : "");
		fish_quote(out, o->help);
		buf_add_c(out, '\n');
	}
	if (first_kind(cmd)[0] && strcmp(first_kind(cmd), "file") != 0)
		buf_fmt(out,
		        "complete -c posthus -f -n '__fish_seen_subcommand_from "
		        "%s%s%s' -a '(posthus words %s --quiet 2>/dev/null)'\n",
		        cmd->noun,
		        cmd->verb ? "; and __fish_seen_subcommand_from " : "",
		        cmd->verb ? cmd->verb : "", first_kind(cmd));
}

static void write_fish(struct buf *out)
{
	buf_add_z(out, "# fish completion of posthus\n");
	for (const struct ctl_noun *n = ctl_nouns; n->name; n++) {
		buf_fmt(out,
		        "complete -c posthus -f -n __fish_use_subcommand -a %s "
		        "-d ",
		        n->name);
		fish_quote(out, n->summary);
		buf_add_c(out, '\n');
	}
	for (const struct ctl_option *o = ctl_common; o->name; o++) {
		buf_fmt(out, "complete -c posthus -l %s%s -d ", o->name,
		        o->value ? " -r" : "");
		fish_quote(out, o->help);
		buf_add_c(out, '\n');
	}
	for (const struct ctl_command *cmd = NULL;
	     (cmd = ctl_command_next(cmd));)
		if (!(cmd->flags & CTL_HIDDEN))
			fish_command(cmd, out);
}

int ctl_run_completion(struct ctl *c)
{
	struct str shell = ctl_arg(c, 0);
	struct buf out;
	int rc;

	buf_init(&out, 1 << 20);
	if (str_eq(shell, STR("bash"))) {
		write_bash(&out);
	} else if (str_eq(shell, STR("zsh"))) {
		write_zsh(&out);
	} else if (str_eq(shell, STR("fish"))) {
		write_fish(&out);
	} else {
		buf_deinit(&out);
		return ctl_usage(c, "SHELL is bash, zsh or fish, not \"%.*s\"",
		                 STR_ARG(shell));
	}
	rc = out_write(c, buf_str(&out));
	buf_deinit(&out);
	return rc;
}

/* ---- words for the shell ---- */

struct words {
	struct buf out;
	int64_t last; /* of the queue: one line a message */
};

static bool add_domain(void *arg, const struct directory_domain *d)
{
	struct words *w = arg;

	buf_fmt(&w->out, "%.*s\n", STR_ARG(d->display));
	return true;
}

static bool add_address(void *arg, const struct directory_entry *e)
{
	struct words *w = arg;

	if (e->kind != DIRECTORY_CATCHALL)
		buf_fmt(&w->out, "%.*s\n", STR_ARG(e->address));
	return true;
}

static bool add_queued(void *arg, const struct queue_item *i)
{
	struct words *w = arg;

	if (i->message != w->last)
		buf_fmt(&w->out, "%lld\n", (long long)i->message);
	w->last = i->message;
	return true;
}

static int find_words(struct ctl *c, struct words *w, struct err *err)
{
	struct directory *dir = admin_directory(c->admin);
	struct str kind = ctl_arg(c, 0);
	struct queue *q;

	if (str_eq(kind, STR("domain")))
		return directory_domain_each(dir, add_domain, w, err);
	if (str_eq(kind, STR("address")))
		return directory_entry_each(dir, 0, DIRECTORY_NONE, add_address,
		                            w, err);
	if (str_eq(kind, STR("queue"))) {
		if (admin_queue(c->admin, &q, err) < 0)
			return -1;
		return queue_list(q, 0, add_queued, w, err);
	}
	return 0;
}

int ctl_run_words(struct ctl *c)
{
	struct err err = ERR_INIT;
	struct words w = { .last = 0 };
	int rc;

	if (str_eq(ctl_arg(c, 0), STR("shell")))
		return out_write(c, STR("bash\nzsh\nfish\n"));
	rc = ctl_admin(c);
	if (rc != CTL_OK)
		return rc;
	buf_init(&w.out, 1 << 24);
	rc = find_words(c, &w, &err);
	if (rc < 0)
		rc = ctl_fail(c, &err, NULL, "cannot list");
	else
		rc = out_write(c, buf_str(&w.out));
	buf_deinit(&w.out);
	return rc;
}
