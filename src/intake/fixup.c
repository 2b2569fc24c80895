/* R42: what a mail program left to us.  And from wherever a message came:
 * Authentication-Results that say they are ours go (RFC 8601, 5). */
#include "config/config.h"
#include "intake/private.h"
#include "os/random.h"
#include "wire/dkim/results.h"
#include "wire/message/date.h"
#include "wire/message/header.h"

static bool is_forged(const struct intake_work *w, struct str raw)
{
	struct str id;

	return auth_results_id(raw, w->arena, &id) &&
	       str_eq_case(id, config_hostname(w->in->o.config));
}

static bool is_removed(const struct intake_work *w,
                       const struct header_field *f)
{
	enum field_id id = field_id(f->name);

	if (id == FIELD_AUTH_RESULTS)
		return is_forged(w, f->raw);
	return w->m->way != INTAKE_MX &&
	       (id == FIELD_BCC || id == FIELD_RESENT_BCC);
}

static bool has_forged(const struct intake_work *w)
{
	struct header_reader r = header_reader(w->header);
	struct header_field f;
	enum header_result res;

	if (w->fields.count[FIELD_AUTH_RESULTS] == 0)
		return false;
	while ((res = header_next(&r, &f)) != HEADER_END)
		if (res == HEADER_FIELD &&
		    field_id(f.name) == FIELD_AUTH_RESULTS &&
		    is_forged(w, f.raw))
			return true;
	return false;
}

static bool needs_fix(const struct intake_work *w)
{
	const uint32_t *n = w->fields.count;

	if (w->m->way == INTAKE_MX || has_forged(w))
		return has_forged(w);
	return n[FIELD_DATE] == 0 || n[FIELD_MESSAGE_ID] == 0 ||
	       n[FIELD_BCC] != 0 || n[FIELD_RESENT_BCC] != 0;
}

static void write_new_fields(const struct intake_work *w, struct buf *out)
{
	struct str login = w->m->login;
	size_t at = str_rchr(login, '@');

	if (w->fields.count[FIELD_MESSAGE_ID] == 0)
		buf_fmt(out, "Message-ID: <%016llx.%s@%.*s>\r\n",
		        (unsigned long long)random_u64(), w->trace,
		        STR_ARG(at == STR_NPOS
		                        ? config_hostname(w->in->o.config)
		                        : str_from(login, at + 1)));
	if (w->fields.count[FIELD_DATE] == 0) {
		buf_add(out, STR("Date: "));
		date_write(out, w->at_us, 0);
		buf_add(out, STR("\r\n"));
	}
}

/* Copy the message but for the removed fields, in as long runs as can be. */
static int copy_kept(struct intake_work *w, struct spool *to, struct err *err)
{
	struct header_reader r = header_reader(w->header);
	struct header_field f;
	const char *from = w->bytes.p, *end;
	enum header_result res;
	const char *start = w->header.p;

	while ((res = header_next(&r, &f)) != HEADER_END) {
		const char *next = r.rest.p;

		if (res == HEADER_FIELD && is_removed(w, &f)) {
			if (spool_add(to,
			              (struct str){ from,
			                            (size_t)(start - from) },
			              err) < 0)
				return -1;
			from = next;
		}
		start = next;
	}
	end = w->bytes.p + w->bytes.n;
	return spool_add(to, (struct str){ from, (size_t)(end - from) }, err);
}

int intake_fix_up(struct intake_work *w, struct err *err)
{
	struct buf top;
	struct str all;
	int rc;

	if (!needs_fix(w))
		return 0;
	buf_init(&top, 4096);
	if (w->m->way != INTAKE_MX)
		write_new_fields(w, &top);
	w->fixed = spool_new(w->in->o.spool, w->bytes.n + top.n);
	rc = spool_add(w->fixed, buf_str(&top), err);
	buf_deinit(&top);
	if (rc < 0 || copy_kept(w, w->fixed, err) < 0 ||
	    spool_seal(w->fixed, err) < 0 ||
	    spool_view(w->fixed, &all, err) < 0)
		return -1;
	w->spool = w->fixed;
	w->bytes = all;
	w->header = str_to(all, field_header_length(all));
	return 0;
}
