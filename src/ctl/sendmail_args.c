#include <string.h>

#include "ctl/sendmail.h"
#include "wire/message/address.h"

void sendmail_add_rcpts(struct sendmail *m, struct str list)
{
	struct address_list l;
	struct buf b;

	address_list_parse(&m->arena, list, NULL, &l);
	for (size_t i = 0; i < l.n; i++) {
		const struct address *a = &l.v[i];

		if (a->kind != ADDRESS_MAILBOX || !a->local.n)
			continue;
		m->rcpts = arena_grow(&m->arena, m->rcpts, m->rcpts_n,
		                      &m->rcpts_cap, sizeof(*m->rcpts));
		buf_init(&b, 4096);
		if (a->domain.n)
			address_write_spec(&b, a);
		else
			buf_add(&b, a->local);
		m->rcpts[m->rcpts_n++] = arena_dup(&m->arena, buf_str(&b));
		buf_deinit(&b);
	}
}

static int set_mode(struct sendmail *m, const char *value)
{
	switch (value[0]) {
	case 'm': m->mode = SENDMAIL_DELIVER; return 0;
	case 's': m->mode = SENDMAIL_SMTP; return 0;
	case 'p': m->mode = SENDMAIL_LIST; return 0;
	case 'i': m->mode = SENDMAIL_NOTHING; return 0;
	case 'd':
	case 'D':
		sendmail_say("-b%c: the host is started by posthus serve",
		             value[0]);
		return SENDMAIL_USAGE;
	default:
		sendmail_say("-b%s: not supported; -bm, -bs, -bp and -bi are",
		             value);
		return SENDMAIL_USAGE;
	}
}

/* -oi and -oem and their like; but for i all are the host's affair. */
static int set_option(struct sendmail *m, const char *value)
{
	if (value[0] == 'i')
		m->dots = true;
	else if (value[0] == 'Q' || value[0] == 'M')
		sendmail_say("-o%s is passed over", value);
	return 0;
}

static int set_sender(struct sendmail *m, const char *value)
{
	struct str s = str_trim(str_z(value));
	size_t open = str_rchr(s, '<');

	if (open != STR_NPOS && s.p[s.n - 1] == '>')
		s = (struct str){ s.p + open + 1, s.n - open - 2 };
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < 32) {
			sendmail_say("the sender has a control character");
			return SENDMAIL_DATAERR;
		}
	m->has_sender = true;
	m->sender = s;
	return 0;
}

static int set_ret(struct sendmail *m, const char *value)
{
	if (str_eq_case(str_z(value), STR("full")))
		m->ret = STR("FULL");
	else if (str_eq_case(str_z(value), STR("hdrs")))
		m->ret = STR("HDRS");
	else {
		sendmail_say("-R%s: full or hdrs", value);
		return SENDMAIL_USAGE;
	}
	return 0;
}

/* RFC 3461, 4.1: NEVER alone, or some of the others. */
static int set_notify(struct sendmail *m, const char *value)
{
	struct str rest = str_z(value), word;
	bool never = false, others = false;

	while (str_cut(&rest, ',', &word)) {
		if (str_eq_case(word, STR("never")))
			never = true;
		else if (str_eq_case(word, STR("success")) ||
		         str_eq_case(word, STR("failure")) ||
		         str_eq_case(word, STR("delay")))
			others = true;
		else
			never = others = true;
	}
	if (never == others) {
		sendmail_say("-N%s: never, or success, failure, delay", value);
		return SENDMAIL_USAGE;
	}
	m->notify = str_z(value);
	return 0;
}

static int set_value(struct sendmail *m, char option, const char *value)
{
	switch (option) {
	case 'b': return set_mode(m, value);
	case 'o': return set_option(m, value);
	case 'f':
	case 'r': return set_sender(m, value);
	case 'F': m->name = str_z(value); return 0;
	case 'R': return set_ret(m, value);
	case 'N': return set_notify(m, value);
	case 'V': m->envid = str_z(value); return 0;
	case 'B':
		m->seven_bit = str_eq_case(str_z(value), STR("7BIT"));
		return 0;
	case 'C': m->config = value; return 0;
	default: return 0; /* -A -h -L -M -O -p -X: nothing to us */
	}
}

/* Those that have a value, in the same word or the next. */
static const char with_value[] = "bofrFRNVBCAhLMOpX";

/* One word that begins with a dash; *at goes on to a value's word. */
static int read_word(struct sendmail *m, int argc, char **argv, int *at)
{
	const char *p = argv[*at] + 1;

	for (; *p; p++) {
		const char *value = p + 1;

		if (*p == 'q' || *p == 'd') { /* -q15m: the rest is a value */
			if (*p == 'q' && m->rcpts_n == 0 && !m->from_header)
				m->mode = SENDMAIL_NOTHING;
			return 0;
		}
		if (ascii_is_one_of(*p, with_value)) {
			if (!*value) {
				if (++*at >= argc) {
					sendmail_say("-%c needs a value", *p);
					return SENDMAIL_USAGE;
				}
				value = argv[*at];
			}
			return set_value(m, *p, value);
		}
		switch (*p) {
		case 't': m->from_header = true; break;
		case 'i': m->dots = true; break;
		case 'v': m->verbose = true; break;
		case 'n':
		case 'm':
		case 's':
		case 'U':
		case 'G':
		case 'x': break;
		default:
			sendmail_say("-%c: no such option", *p);
			return SENDMAIL_USAGE;
		}
	}
	return 0;
}

/* A field is read as well as it can be; an argument is to be right. */
static int take_rcpt(struct sendmail *m, const char *word)
{
	struct address_list l;
	size_t before = m->rcpts_n;

	address_list_parse(&m->arena, str_z(word), NULL, &l);
	sendmail_add_rcpts(m, str_z(word));
	if (m->rcpts_n > before && (!l.damaged || !strchr(word, '@')))
		return 0;
	sendmail_say("%s: that is no address", word);
	return SENDMAIL_DATAERR;
}

int sendmail_parse(struct sendmail *m, int argc, char **argv)
{
	bool words = false;
	int rc = 0;

	for (int i = 1; rc == 0 && i < argc; i++) {
		if (!words && strcmp(argv[i], "--") == 0)
			words = true;
		else if (!words && argv[i][0] == '-' && argv[i][1])
			rc = read_word(m, argc, argv, &i);
		else
			rc = take_rcpt(m, argv[i]);
	}
	/* -q beside a message only asks for haste. */
	if (m->mode == SENDMAIL_NOTHING && (m->rcpts_n || m->from_header))
		m->mode = SENDMAIL_DELIVER;
	return rc;
}
