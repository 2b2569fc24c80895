/* A message that is being shown: read as little of it as it takes. */
#include "jmap/email.h"

#include "jmap/winmail.h"
#include "log/log.h"
#include "store/meta.h"
#include "wire/message/field.h"

bool jmap_email_visible(const struct fetch_email *e)
{
	for (size_t i = 0; i < e->places_n; i++)
		if (!(e->places[i].flags & FLAG_DELETED))
			return true;
	return false;
}

uint64_t jmap_email_flags(const struct fetch_email *e)
{
	uint64_t any = 0, all = UINT64_MAX;

	for (size_t i = 0; i < e->places_n; i++)
		if (!(e->places[i].flags & FLAG_DELETED)) {
			any |= e->places[i].flags;
			all &= e->places[i].flags;
		}
	return (any & ~FLAG_SEEN) | (all & FLAG_SEEN & any);
}

static void trouble(struct jmap_email *m, const struct err *err)
{
	m->failed = true;
	/* Removed meanwhile is no trouble. */
	if (err->kind != ERR_NOT_FOUND)
		log_fail(LOG_ERROR, "jmap.trouble", err);
}

bool jmap_email_open(struct jmap_email *m)
{
	struct err err = ERR_INIT;
	struct str prefix;

	if (m->is_open || m->failed)
		return m->is_open;
	if (body_open_email(&m->body, m->c->store, m->c->account,
	                    m->stored.email, &err) < 0 ||
	    body_view(m->body, &prefix, &m->message, &err) < 0) {
		trouble(m, &err);
		return false;
	}
	m->is_open = true;
	return true;
}

void jmap_email_close(struct jmap_email *m)
{
	for (size_t i = 0; i < m->inner_n; i++)
		buf_deinit(&m->inner[i].bytes);
	m->inner_n = 0;
	body_close(&m->body);
}

const struct mime_part *jmap_email_root(struct jmap_email *m)
{
	struct str stored;
	struct err err;

	if (m->has_structure)
		return m->structure.root;
	stored = meta_get(m->stored.row.meta, META_STRUCTURE);
	if (m->parsed || !stored.p ||
	    mime_structure_parse(m->arena, stored, &m->structure, &err) < 0) {
		if (!jmap_email_open(m))
			m->message = STR("\r\n");
		mime_structure_make(m->arena, m->message, NULL, &m->structure);
	}
	m->has_structure = true;
	return m->structure.root;
}

const struct jmap_parts *jmap_email_parts(struct jmap_email *m)
{
	if (!m->has_parts) {
		jmap_parts_sort(m->arena, jmap_email_root(m), &m->parts);
		jmap_winmail_sort(m, &m->parts);
	}
	m->has_parts = true;
	return &m->parts;
}

/* Header fields kept at delivery, or the header itself. */
size_t jmap_email_blocks(struct jmap_email *m, struct str field,
                         struct str *blocks)
{
	struct str kept = { NULL, 0 };
	size_t n = 0;

	if (m->prefix.n)
		blocks[n++] = m->prefix;
	if (!m->parsed && !m->is_open && field.n && meta_has_field(field))
		kept = meta_get(m->stored.row.meta, META_FIELDS);
	if (kept.p)
		blocks[n++] = kept;
	else if (jmap_email_open(m))
		blocks[n++] =
			str_to(m->message, field_header_length(m->message));
	return n;
}
