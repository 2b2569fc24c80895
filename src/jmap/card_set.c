/* ContactCard/set (RFC 9610, 3.5). */
#include "jmap/contact.h"
#include "jmap/header.h"
#include "jmap/methods.h"
#include "jmap/patch.h"
#include "jmap/pointer.h"
#include "os/clock.h"
#include "os/random.h"
#include "wire/jscontact/card.h"

#define TRIES 8 /* while others write */

struct card_set {
	struct jmap_books books;
};

/* A card on its way in. */
struct draft {
	struct str content;
	struct str uid, created, updated; /* of what the server set */
	bool media;                       /* a blob became a URI */
};

static int wrong(struct jmap_set *s, const char *property, const char *why)
{
	return jmap_set_refuse(s, "invalidProperties", property, "%s", why);
}

/* ---- what the server sets ---- */

static struct str now(struct arena *a)
{
	struct json_writer w;
	struct str out;
	struct buf b;

	buf_init(&b, 64);
	w = json_writer(&b);
	jmap_write_utc(&w, clock_wall_us() / US_PER_SEC);
	/* Without its quotes. */
	out = arena_dup(a, str_to(str_from(buf_str(&b), 1), b.n - 2));
	buf_deinit(&b);
	return out;
}

/* RFC 9562, 5.4. */
static struct str new_uid(struct arena *a)
{
	unsigned char r[16];
	char hex[33];

	random_bytes(r, sizeof(r));
	r[6] = (unsigned char)((r[6] & 0x0f) | 0x40);
	r[8] = (unsigned char)((r[8] & 0x3f) | 0x80);
	for (size_t i = 0; i < sizeof(r); i++) {
		hex[2 * i] = "0123456789abcdef"[r[i] >> 4];
		hex[2 * i + 1] = "0123456789abcdef"[r[i] & 15];
	}
	hex[32] = '\0';
	return arena_fmt(a, "urn:uuid:%.8s-%.4s-%.4s-%.4s-%s", hex, hex + 8,
	                 hex + 12, hex + 16, hex + 20);
}

static bool has(struct json card, const char *name)
{
	struct json v;

	return json_get(card, name, &v) && json_kind(v) != JSON_IS_NULL;
}

/* What a new card needs and does not say. */
static void add_missing(struct jmap_set *s, struct json_writer *w,
                        struct json card, struct draft *d)
{
	struct arena *a = s->c->arena;

	if (!has(card, "@type"))
		json_member_z(w, "@type", "Card");
	if (!has(card, "version"))
		json_member_z(w, "version", "1.0");
	if (!has(card, "uid")) {
		d->uid = new_uid(a);
		json_member_str(w, "uid", d->uid);
	}
	if (!has(card, "created")) {
		d->created = now(a);
		json_member_str(w, "created", d->created);
	}
}

/* ---- the card as it is kept ---- */

static int write_books(struct jmap_set *s, struct json_writer *w,
                       struct json ids)
{
	const struct card_set *arg = s->arg;
	struct json_members m = { .object = ids };
	struct str id;
	struct json yes;

	if (json_kind(ids) != JSON_IS_OBJECT || json_count(ids) == 0)
		return wrong(s, "addressBookIds",
		             "a card is in at least one address book");
	json_object(w);
	while (json_member_next(&m, &id, &yes)) {
		uint64_t no = jmap_no(s->c, id, JMAP_ID_BOOK);

		if (json_kind(yes) != JSON_IS_BOOL || !json_as_bool(yes) ||
		    !jmap_books_find(&arg->books, no))
			return wrong(s, "addressBookIds",
			             "each is an address book's id, and true");
		json_member_bool(w, store_id(JMAP_ID_BOOK, no).z, true);
	}
	json_end(w);
	return 0;
}

/* `no` is 0 for a new one. */
static int write_member(struct jmap_set *s, struct json_writer *w,
                        struct str name, struct json v, uint64_t no,
                        struct draft *d)
{
	struct json_members m = { .object = v };
	struct str key;
	struct json x, id;

	if (json_kind(v) == JSON_IS_NULL)
		return 0; /* as if it were not there (RFC 8620, 5.3) */
	if (str_eq(name, STR("id")))
		return no && str_eq(json_as_str(v),
		                    str_z(store_id(JMAP_ID_CARD, no).z))
		               ? 0
		               : wrong(s, "id", "the server sets it");
	json_key(w, name);
	if (str_eq(name, STR("addressBookIds")))
		return write_books(s, w, v);
	if (!str_eq(name, STR("media"))) {
		json_copy(w, v);
		return 0;
	}
	while (json_member_next(&m, &key, &x))
		d->media |= json_get(x, "blobId", &id);
	return jmap_card_media_keep(s, w, v);
}

static int check_card(struct jmap_set *s, struct draft *d, struct str *uid)
{
	struct jscontact_problem p;
	struct err err = ERR_INIT;
	struct json_doc *doc;
	struct json v;
	int rc = 0;

	if (json_parse(&doc, d->content, NULL, &err) < 0)
		return err.kind == ERR_TOO_BIG
		               ? jmap_set_refuse(s, "tooLarge", NULL, "%s",
		                                 err.text)
		               : jmap_set_fail(s, &err);
	if (!jscontact_check(json_root(doc), &p))
		rc = jmap_set_refuse(s, "invalidProperties", p.path, "%s: %s",
		                     p.path, p.why);
	else if (json_get(json_root(doc), "uid", &v))
		*uid = arena_dup(s->c->arena, json_as_str(v));
	json_free(&doc);
	return rc;
}

/* From what the client sent, or from what its patch made, to what is kept. */
static int make(struct jmap_set *s, struct json card, uint64_t no, bool touch,
                struct draft *d, struct str *uid)
{
	struct json_members m = { .object = card };
	struct json_writer w;
	struct str name;
	struct json v;
	struct buf b;
	int rc = 0;

	if (!has(card, "addressBookIds"))
		return wrong(s, "addressBookIds",
		             "a card is in at least one address book");
	buf_init(&b, CONTACT_CARD_MAX);
	w = json_writer(&b);
	json_object(&w);
	while (rc == 0 && json_member_next(&m, &name, &v))
		if (!touch || !str_eq(name, STR("updated")))
			rc = write_member(s, &w, name, v, no, d);
	if (rc == 0) {
		if (!no)
			add_missing(s, &w, card, d);
		if (touch) {
			d->updated = now(s->c->arena);
			json_member_str(&w, "updated", d->updated);
		}
		json_end(&w);
		if (buf_overflow(&b))
			rc = jmap_set_refuse(s, "tooLarge", NULL,
			                     "a card has at most %zu bytes",
			                     CONTACT_CARD_MAX);
		d->content = arena_dup(s->c->arena, buf_str(&b));
	}
	buf_deinit(&b);
	return rc < 0 ? -1 : check_card(s, d, uid);
}

/* ---- writing it down ---- */

/* 0, 1: once more, for others wrote meanwhile; -1 after jmap_set_refuse(). */
static int store(struct jmap_set *s, struct object_write *w)
{
	struct card_set *arg = s->arg;
	struct object_guard guard = { .type = CHANGE_ADDRESS_BOOK,
		                      .modseq = arg->books.state };
	struct err err = ERR_INIT;

	w->type = CHANGE_CARD;
	w->unique = true;
	w->max = CONTACT_CARDS_MAX;
	w->bytes_max = CONTACT_BYTES_MAX;
	if (object_write_guarded(s->c->store, s->c->account, w, 1, &guard, 1,
	                         &err) == 0)
		return 0;
	if (err.kind == ERR_TOO_BIG)
		return jmap_set_refuse(s, "overQuota", NULL, "%s", err.text);
	if (err.kind != ERR_EXISTS)
		return jmap_set_fail(s, &err);
	if (w->other) {
		s->existing =
			arena_dup(s->c->arena,
		                  str_z(store_id(JMAP_ID_CARD, w->other).z));
		return wrong(s, "uid", "another card has this uid");
	}
	if (jmap_books_read(s->c, &arg->books) == 0)
		return 1;
	s->c->error = NULL;
	return jmap_set_refuse(s, "serverFail", NULL, "temporary failure");
}

static int busy(struct jmap_set *s)
{
	return jmap_set_refuse(s, "serverFail", NULL,
	                       "it changes all the time, try later");
}

/* What the client does not know: the blobs have other ids now. */
static void tell_media(struct jmap_set *s, uint64_t no, const struct draft *d)
{
	struct err err = ERR_INIT;
	struct json_doc *doc;
	struct json media;

	if (!d->media || json_parse(&doc, d->content, NULL, &err) < 0)
		return;
	if (json_get(json_root(doc), "media", &media)) {
		json_key(s->w, STR("media"));
		jmap_card_media_show(s->w, s->c->arena, no, media);
	}
	json_free(&doc);
}

static void tell(struct jmap_set *s, uint64_t no, const struct draft *d)
{
	if (d->uid.n)
		json_member_str(s->w, "uid", d->uid);
	if (d->created.n)
		json_member_str(s->w, "created", d->created);
	if (d->updated.n)
		json_member_str(s->w, "updated", d->updated);
	tell_media(s, no, d);
}

static int create(struct jmap_set *s, struct json v)
{
	for (int i = 0; i < TRIES; i++) {
		struct object_write w = { .what = OBJECT_CREATE };
		struct draft d = { .media = false };
		int rc;

		if (make(s, v, 0, !has(v, "updated"), &d, &w.object.name) < 0)
			return -1;
		w.object.content = d.content;
		rc = store(s, &w);
		if (rc == 0) {
			jmap_set_created(
				s,
				str_z(store_id(JMAP_ID_CARD, w.object.no).z));
			if (!has(v, "@type"))
				json_member_z(s->w, "@type", "Card");
			if (!has(v, "version"))
				json_member_z(s->w, "version", "1.0");
			tell(s, w.object.no, &d);
		}
		if (rc <= 0)
			return rc;
	}
	return busy(s);
}

/* The old card with the patch: *same when that changes nothing. */
static int apply(struct jmap_set *s, const struct object *old,
                 struct json patch, struct json_doc **out, bool *same)
{
	struct err err = ERR_INIT;
	struct json_doc *doc;
	struct json_writer w;
	struct str text, path;
	const char *why;
	struct buf b;
	int rc = -1;

	if (jmap_card_parse(old, &doc, &err) < 0)
		return jmap_set_fail(s, &err);
	buf_init(&b, 4 * OBJECT_CONTENT_MAX);
	w = json_writer(&b);
	if (!jmap_patch_write(&w, s->c->arena, json_root(doc), patch, &why,
	                      &path)) {
		(void)jmap_set_refuse(s, "invalidPatch", NULL, "%.*s: %s",
		                      STR_ARG(path), why);
	} else if (buf_overflow(&b)) {
		(void)jmap_set_refuse(s, "tooLarge", NULL, "over a limit");
	} else {
		text = buf_str(&b);
		*same = str_eq(text, old->content);
		rc = json_parse(out, text, NULL, &err) < 0
		             ? jmap_set_fail(s, &err)
		             : 0;
	}
	buf_deinit(&b);
	json_free(&doc);
	return rc;
}

/* 0, 1: once more, -1 */
static int update_once(struct jmap_set *s, uint64_t no, struct json patch)
{
	struct object_write w = { .what = OBJECT_UPDATE };
	struct draft d = { .media = false };
	struct err err = ERR_INIT;
	struct json_doc *doc = NULL;
	struct json v;
	bool same = false;
	int rc;

	if (object_get(s->c->store, s->c->account, CHANGE_CARD, no, s->c->arena,
	               &w.object, &err) < 0)
		return jmap_set_fail(s, &err);
	if (apply(s, &w.object, patch, &doc, &same) < 0)
		return -1;
	rc = same ? 0
	          : make(s, json_root(doc), no, !json_get(patch, "updated", &v),
	                 &d, &w.object.name);
	json_free(&doc);
	if (same || rc < 0)
		return rc;
	w.object.content = d.content;
	rc = store(s, &w);
	if (rc == 0)
		tell(s, no, &d);
	return rc;
}

static int update(struct jmap_set *s, uint64_t no, struct json patch)
{
	for (int i = 0; i < TRIES; i++) {
		int rc = update_once(s, no, patch);

		if (rc <= 0)
			return rc;
	}
	return busy(s);
}

static int destroy(struct jmap_set *s, uint64_t no)
{
	struct object_write w = { .type = CHANGE_CARD,
		                  .what = OBJECT_DESTROY,
		                  .object = { .no = no } };
	struct err err = ERR_INIT;

	return object_write(s->c->store, s->c->account, &w, 1, &err) < 0
	               ? jmap_set_fail(s, &err)
	               : 0;
}

int jmap_contact_card_set(struct jmap_call *c)
{
	static const struct jmap_set_type type = { .state = CHANGE_CARD,
		                                   .letter = JMAP_ID_CARD,
		                                   .create = create,
		                                   .update = update,
		                                   .destroy = destroy };
	struct card_set arg = { .books = { .n = 0 } };

	if (jmap_args_account(c) < 0 || jmap_books_read(c, &arg.books) < 0)
		return -1;
	return jmap_set_run(c, &type, &arg);
}
