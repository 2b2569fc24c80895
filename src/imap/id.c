#include "imap/command.h"
#include "log/log.h"
#include "wire/imap/args.h"

/* The client says what program it is, which helps whoever helps its user. */
static void log_client(struct imap_session *s, const struct imap_id *id)
{
	static const struct str wanted[] = { STR_INIT("name"),
		                             STR_INIT("version"),
		                             STR_INIT("os") };
	struct log_line l;

	log_begin(&l, LOG_INFO, "imap.id");
	log_u64(&l, "sid", net_session_id(s->net));
	for (size_t i = 0; i < id->n; i++)
		for (size_t w = 0; w < sizeof(wanted) / sizeof(wanted[0]); w++)
			if (str_eq_case(id->names[i], wanted[w]))
				log_str(&l, wanted[w].p, id->values[i]);
	log_end(&l);
}

/* RFC 2971.  No version: it would help only those who look for old ones. */
void imap_cmd_id(struct imap_session *s, struct imap_parser *p)
{
	struct imap_id id;

	if (!imap_done(s, p, imap_parse_sp(p) && imap_parse_id(p, &id)))
		return;
	if (id.n > 0)
		log_client(s, &id);
	net_write(s->net, STR("* ID (\"name\" \"Posthus\")\r\n"));
	imap_ok(s, "Done");
}
