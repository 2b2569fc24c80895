#include "config/config.h"
#include "imap/command.h"
#include "imap/metadata.h"
#include "wire/imap/metadata.h"

static void refuse(struct imap_session *s, const struct metadata_write *w,
                   const struct err *err)
{
	switch (w->refused) {
	case METADATA_TOO_LARGE:
		imap_no(s, "[METADATA MAXSIZE %llu] The value is too large",
		        (unsigned long long)w->max.value_bytes);
		return;
	case METADATA_TOO_MANY:
		imap_no(s, "[METADATA TOOMANY] There are too many entries");
		return;
	case METADATA_FULL:
		imap_no(s, "[OVERQUOTA] The entries of the account are too "
		           "many bytes together");
		return;
	case METADATA_USE:
		imap_no(s, "[USEATTR] The use is none, or taken");
		return;
	case METADATA_READ_ONLY:
		imap_no(s, "[CANNOT] The entry is for reading only");
		return;
	}
	imap_fail(s, err);
}

/* As the store takes them; false, and answered, when a name is none. */
static bool take_entries(struct imap_session *s, struct arena *a,
                         const struct imap_setmetadata *what,
                         struct metadata_write *w)
{
	struct metadata_entry *v = arena_array(a, what->n, sizeof(*v));
	struct str *names = arena_array(a, what->n, sizeof(*names));

	for (size_t i = 0; i < what->n; i++) {
		v[i].name = names[i] = what->v[i].entry;
		v[i].value = what->v[i].value;
	}
	if (!imap_metadata_names(s, names, what->n, false))
		return false;
	w->entries = v;
	w->n = what->n;
	return true;
}

void imap_cmd_setmetadata(struct imap_session *s, struct imap_parser *p)
{
	const struct config *cfg = s->ctx->config;
	struct metadata_write w = {
		.max = { .value_bytes =
		                 config_u64(cfg, OPT_IMAP_METADATA_BYTES),
		         .entries = config_u64(cfg, OPT_IMAP_METADATA_ENTRIES),
		         .account_bytes =
		                 config_u64(cfg,
		                            OPT_IMAP_METADATA_ACCOUNT_BYTES) },
	};
	struct err err = ERR_INIT;
	struct imap_setmetadata what;
	struct imap_name name;
	struct mailbox m;

	if (!imap_done(s, p,
	               imap_parse_sp(p) && imap_parse_setmetadata(p, &what)) ||
	    !take_entries(s, p->arena, &what, &w))
		return;
	if (what.mailbox.n) {
		if (!imap_name_read(s, p->arena, what.mailbox, &name))
			return;
		if (mailbox_get(s->ctx->store, s->account, name.name, p->arena,
		                &m, &err) < 0) {
			imap_fail(s, &err);
			return;
		}
		w.mailbox = m.no;
	}
	if (metadata_write(s->ctx->store, s->account, &w, &err) < 0)
		refuse(s, &w, &err);
	else
		imap_ok(s, "Done");
}
