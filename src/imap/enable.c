#include "imap/command.h"

static bool switch_on(struct imap_session *s, struct str name)
{
	if (str_eq_case(name, STR("CONDSTORE"))) {
		s->condstore = true;
	} else if (str_eq_case(name, STR("QRESYNC"))) {
		s->condstore = true;
		s->qresync = true;
	} else if (str_eq_case(name, STR("UTF8=ACCEPT"))) {
		s->utf8 = true;
	} else if (str_eq_case(name, STR("IMAP4rev2"))) {
		/* RFC 9051, 6.3.1: names in UTF-8 come with it. */
		s->utf8 = true;
		s->rev2 = true;
	} else {
		return false;
	}
	return true;
}

/* RFC 5161: unknown names are no error, they are just not enabled. */
void imap_cmd_enable(struct imap_session *s, struct imap_parser *p)
{
	bool had_condstore = s->condstore, ok = true;
	struct str name;
	struct buf b;

	buf_init(&b, 4096);
	buf_add(&b, STR("* ENABLED"));
	do {
		ok = imap_parse_sp(p) && imap_parse_atom(p, &name);
		if (ok && switch_on(s, name))
			buf_fmt(&b, " %.*s", STR_ARG(name));
	} while (ok && p->in.n > 1);
	if (imap_done(s, p, ok)) {
		buf_add(&b, STR("\r\n"));
		net_write(s->net, buf_str(&b));
		/* RFC 7162, 3.1.2 */
		if (s->view && s->condstore && !had_condstore)
			net_fmt(s->net, "* OK [HIGHESTMODSEQ %llu] Highest\r\n",
			        (unsigned long long)view_modseq(s->view));
		imap_ok(s, "Done");
	}
	buf_deinit(&b);
}
