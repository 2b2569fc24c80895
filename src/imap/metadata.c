#include "imap/metadata.h"

#include <string.h>

#include "base/utf8.h"
#include "config/config.h"
#include "wire/imap/write.h"

/* The entry that is not kept; value.p NULL when there is none. */
static struct metadata_entry computed(const struct imap_session *s,
                                      const struct mailbox *m, struct arena *a)
{
	struct metadata_entry e = { .mailbox = m ? m->no : 0 };

	if (!m) {
		e.name = METADATA_ADMIN;
		e.value = config_contact(s->ctx->config, a);
		return e;
	}
	e.name = METADATA_SPECIAL_USE;
	e.value = str_z(mailbox_use_name(m->use));
	if (e.value.n == 0)
		e.value.p = NULL;
	return e;
}

int imap_metadata_read(struct imap_session *s, const struct mailbox *m,
                       struct arena *a, struct metadata_entry **out,
                       size_t *n_out, struct err *err)
{
	struct metadata_entry extra = computed(s, m, a), *kept, *v;
	size_t n, at = 0;

	if (metadata_list(s->ctx->store, s->account, m ? m->no : 0, a, &kept,
	                  &n, err) < 0)
		return -1;
	v = arena_array(a, n + 1, sizeof(*v));
	while (at < n && str_cmp(kept[at].name, extra.name) < 0)
		at++;
	for (size_t i = 0; i < at; i++)
		v[i] = kept[i];
	*n_out = n;
	if (extra.value.p) {
		v[at] = extra;
		(*n_out)++;
	}
	for (size_t i = at; i < n; i++)
		v[i + (extra.value.p ? 1 : 0)] = kept[i];
	*out = v;
	return 0;
}

struct str imap_metadata_value(const struct metadata_entry *list, size_t n,
                               const struct mailbox *m, struct str name)
{
	static const struct str none = { NULL, 0 };
	const struct metadata_entry *e;

	if (m && str_eq_case(name, METADATA_SPECIAL_USE)) {
		struct str use = str_z(mailbox_use_name(m->use));

		return use.n ? use : none;
	}
	e = metadata_find(list, n, m ? m->no : 0, name);
	return e ? e->value : none;
}

/* RFC 5464, 5: value = nstring / literal8; NUL may stand in the last alone. */
static void write_value(const struct imap_session *s, struct buf *b,
                        struct str value)
{
	if (value.n > 0 && memchr(value.p, '\0', value.n)) {
		buf_add_c(b, '~');
		imap_write_literal(b, value);
		return;
	}
	imap_write_nstring(b, value, s->utf8 && utf8_is_valid(value));
}

void imap_metadata_pair(struct imap_metadata_writer *w, struct str name,
                        struct str value)
{
	if (w->begun) {
		buf_add_c(w->b, ' ');
	} else {
		buf_add(w->b, STR("* METADATA "));
		if (w->m)
			imap_name_write(w->s, w->b, w->m->name, w->prefix);
		else
			buf_add(w->b, STR("\"\""));
		buf_add(w->b, STR(" ("));
		w->begun = true;
	}
	imap_write_astring(w->b, name);
	buf_add_c(w->b, ' ');
	write_value(w->s, w->b, value);
}

void imap_metadata_end(struct imap_metadata_writer *w)
{
	if (w->begun)
		buf_add(w->b, STR(")\r\n"));
	w->begun = false;
}

bool imap_metadata_names(struct imap_session *s, const struct str *names,
                         size_t n, bool above)
{
	for (size_t i = 0; i < n; i++) {
		enum metadata_name is = metadata_name_check(names[i]);

		if (is == METADATA_NAME_ENTRY ||
		    (above && is == METADATA_NAME_ABOVE))
			continue;
		imap_bad(s, "An entry's name begins with /private/ or "
		            "/shared/ and has no *, %%, // or / at its end");
		return false;
	}
	return true;
}
