#include <string.h>

#include "base/buf.h"
#include "config/suggest.h"
#include "ctl/command.h"

void ctl_args_range(const char *args, size_t *least, size_t *most)
{
	struct str rest = str_z(args), word;

	*least = *most = 0;
	while (str_cut(&rest, ' ', &word)) {
		bool optional = word.p[0] == '[';

		if (!word.n)
			continue;
		*least += !optional;
		*most += 1;
		if (str_ends(word, STR("...")) || str_ends(word, STR("...]")))
			*most = CTL_ARGS_MAX;
	}
}

struct str ctl_arg(const struct ctl *c, size_t n)
{
	return n < c->n_args ? str_z(c->args[n]) : STR("");
}

struct str *ctl_args_from(struct ctl *c, size_t n, size_t *n_out)
{
	size_t count = n < c->n_args ? c->n_args - n : 0;
	struct str *out = arena_array(&c->arena, count + 1, sizeof(*out));

	for (size_t i = 0; i < count; i++)
		out[i] = str_z(c->args[n + i]);
	*n_out = count;
	return out;
}

const char *ctl_option(const struct ctl *c, const char *name)
{
	for (size_t i = c->n_options; i > 0; i--)
		if (strcmp(c->options[i - 1].name, name) == 0)
			return c->options[i - 1].value;
	return NULL;
}

static bool noun_exists(const char *noun)
{
	for (const struct ctl_command *cmd = NULL;
	     (cmd = ctl_command_next(cmd));)
		if (strcmp(cmd->noun, noun) == 0)
			return true;
	return false;
}

/* The row of noun and verb, without a verb the one of a noun that stands
 * alone. */
static const struct ctl_command *find_command(const char *noun,
                                              const char *verb)
{
	for (const struct ctl_command *cmd = NULL;
	     (cmd = ctl_command_next(cmd));) {
		if (strcmp(cmd->noun, noun) != 0)
			continue;
		if (verb ? cmd->verb && strcmp(cmd->verb, verb) == 0
		         : !cmd->verb)
			return cmd;
	}
	return NULL;
}

static bool has_verb(const char *noun)
{
	for (const struct ctl_command *cmd = NULL;
	     (cmd = ctl_command_next(cmd));)
		if (strcmp(cmd->noun, noun) == 0 && cmd->verb)
			return true;
	return false;
}

static int unknown_noun(struct ctl *c, const char *noun)
{
	struct suggest s = suggest(str_z(noun));

	for (const struct ctl_command *cmd = NULL;
	     (cmd = ctl_command_next(cmd));)
		if (!(cmd->flags & CTL_HIDDEN))
			suggest_try(&s, cmd->noun);
	if (s.best)
		return ctl_usage(c, "no command \"%s\"; did you mean \"%s\"?",
		                 noun, s.best);
	return ctl_usage(c, "no command \"%s\"", noun);
}

static int unknown_verb(struct ctl *c, const char *noun, const char *verb)
{
	struct suggest s = suggest(str_z(verb));
	struct str all = STR("");

	for (const struct ctl_command *cmd = NULL;
	     (cmd = ctl_command_next(cmd));) {
		if (strcmp(cmd->noun, noun) != 0)
			continue;
		suggest_try(&s, cmd->verb);
		all = arena_fmt(&c->arena, "%.*s%s%s", STR_ARG(all),
		                all.n ? ", " : "", cmd->verb);
	}
	if (!verb[0])
		return ctl_usage(c, "\"%s\" needs one of: %.*s", noun,
		                 STR_ARG(all));
	if (s.best)
		return ctl_usage(
			c, "no command \"%s %s\"; did you mean \"%s %s\"?",
			noun, verb, noun, s.best);
	return ctl_usage(c, "no command \"%s %s\"; there are: %.*s", noun, verb,
	                 STR_ARG(all));
}

static const struct ctl_option *find_in(const struct ctl_option *list,
                                        struct str name)
{
	for (; list && list->name; list++)
		if (str_eq(name, str_z(list->name)))
			return list;
	return NULL;
}

static const struct ctl_option *find_option(const struct ctl *c,
                                            struct str name)
{
	const struct ctl_option *o = NULL;

	if (c->command)
		o = find_in(c->command->options, name);
	return o ? o : find_in(ctl_common, name);
}

static int unknown_option(struct ctl *c, struct str name)
{
	struct suggest s = suggest(name);
	const struct ctl_option *o = c->command ? c->command->options : NULL;

	for (; o && o->name; o++)
		suggest_try(&s, o->name);
	for (o = ctl_common; o->name; o++)
		suggest_try(&s, o->name);
	if (s.best)
		return ctl_usage(c, "no option --%.*s; did you mean --%s?",
		                 STR_ARG(name), s.best);
	return ctl_usage(c, "no option --%.*s", STR_ARG(name));
}

/* Words that are read and then lie in `c`. */
struct words {
	char **v;
	int n, at;
	bool only_args; /* after "--" */
};

/* `word` begins with "--" and is more than that. */
static int take_option(struct ctl *c, struct words *w, const char *word)
{
	struct str name = str_z(word + 2);
	size_t equals = str_chr(name, '=');
	const struct ctl_option *o;
	const char *value = "";

	if (equals != STR_NPOS)
		name = str_to(name, equals);
	o = find_option(c, name);
	if (!o)
		return unknown_option(c, name);
	if (o->value && equals != STR_NPOS)
		value = word + 2 + equals + 1;
	else if (o->value && w->at < w->n)
		value = w->v[w->at++];
	else if (o->value)
		return ctl_usage(c, "--%s needs a value: --%s %s", o->name,
		                 o->name, o->value);
	else if (equals != STR_NPOS)
		return ctl_usage(c, "--%s takes no value", o->name);
	if (!o->many && ctl_option(c, o->name))
		return ctl_usage(c, "--%s is given twice", o->name);
	if (c->n_options == CTL_OPTIONS_MAX)
		return ctl_usage(c, "too many options");
	c->options[c->n_options].name = o->name;
	c->options[c->n_options++].value = value;
	return CTL_OK;
}

static int take_word(struct ctl *c, struct words *w, const char *word)
{
	if (!w->only_args && strcmp(word, "--") == 0) {
		w->only_args = true;
		return CTL_OK;
	}
	if (!w->only_args && strcmp(word, "-h") == 0)
		word = "--help";
	if (!w->only_args && strncmp(word, "--", 2) == 0)
		return take_option(c, w, word);
	/* "-ERR Login failed", "-2146644977": pasted from a mail program. */
	if (!w->only_args && word[0] == '-' && word[1] &&
	    strncmp(word, "-ERR", 4) != 0 &&
	    !(word[1] >= '0' && word[1] <= '9'))
		return ctl_usage(c, "no option %s; options begin with --",
		                 word);
	if (c->n_args == CTL_ARGS_MAX)
		return ctl_usage(c, "too many arguments");
	c->args[c->n_args++] = word;
	return CTL_OK;
}

/* The next word that is no option; those met on the way are common ones. */
static int next_plain(struct ctl *c, struct words *w, const char **out)
{
	*out = NULL;
	while (w->at < w->n && !*out) {
		const char *word = w->v[w->at++];
		int rc;

		if (strcmp(word, "-h") == 0)
			word = "--help";
		if (strcmp(word, "-V") == 0)
			word = "--version";
		if (strncmp(word, "--", 2) != 0 || !word[2]) {
			*out = word;
			break;
		}
		rc = take_option(c, w, word);
		if (rc != CTL_OK)
			return rc;
	}
	return CTL_OK;
}

static int find_words(struct ctl *c, struct words *w, bool *help_out)
{
	const char *noun, *verb = NULL;
	int rc = next_plain(c, w, &noun);

	if (rc != CTL_OK)
		return rc;
	*help_out = ctl_option(c, "help") != NULL;
	if (!noun)
		return CTL_OK;
	if (!noun_exists(noun))
		return unknown_noun(c, noun);
	c->command = find_command(noun, NULL);
	if (c->command && !has_verb(noun))
		return CTL_OK;
	rc = next_plain(c, w, &verb);
	if (rc != CTL_OK)
		return rc;
	if (c->command) {
		const struct ctl_command *of_verb =
			verb ? find_command(noun, verb) : NULL;

		if (of_verb)
			c->command = of_verb;
		else if (verb)
			c->args[c->n_args++] = verb;
		return CTL_OK;
	}
	if (!verb && ctl_option(c, "help")) {
		c->args[c->n_args++] = noun; /* the noun's own help */
		return CTL_OK;
	}
	c->command = find_command(noun, verb ? verb : "");
	return c->command ? CTL_OK : unknown_verb(c, noun, verb ? verb : "");
}

static int check_count(struct ctl *c)
{
	size_t least, most;

	ctl_args_range(c->command->args, &least, &most);
	if (c->n_args < least)
		return ctl_usage(c, "%s",
		                 c->n_args + 1 == least
		                         ? "an argument is missing"
		                         : "arguments are missing");
	if (c->n_args > most)
		return ctl_usage(c, "\"%s\" is one argument too many",
		                 c->args[most]);
	return CTL_OK;
}

int ctl_parse(struct ctl *c, int argc, char **argv, bool *help_out)
{
	struct words w = { .v = argv, .n = argc, .at = 1 };
	int rc = find_words(c, &w, help_out);

	while (rc == CTL_OK && c->command && w.at < w.n) {
		const char *word = w.v[w.at++];

		rc = take_word(c, &w, word);
	}
	if (rc != CTL_OK)
		return rc;
	*help_out = ctl_option(c, "help") != NULL;
	c->json = ctl_option(c, "json") != NULL;
	c->quiet = ctl_option(c, "quiet") != NULL;
	c->verbose = ctl_option(c, "verbose") != NULL;
	c->yes = ctl_option(c, "yes") != NULL;
	if (!c->command || *help_out)
		return CTL_OK;
	return check_count(c);
}
