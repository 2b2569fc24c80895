/* The top header of the message, and what addheader and deleteheader make of
 * it (RFC 5293). */
#include <string.h>

#include "base/buf.h"
#include "sieve/run.h"
#include "text/extract.h"
#include "wire/message/header.h"
#include "wire/message/write.h"
#include "wire/mime/word.h"

/* What tests look at.  A header with more is not edited: the rest would go. */
#define FIELDS_MAX 2000

static struct sieve_field *room(struct sieve_run_state *s, size_t at)
{
	if (s->n_fields == s->cap_fields) {
		size_t cap = s->cap_fields ? s->cap_fields * 2 : 64;
		struct sieve_field *v = arena_array(s->a, cap, sizeof(*v));

		for (size_t i = 0; i < s->n_fields; i++)
			v[i] = s->fields[i];
		s->fields = v;
		s->cap_fields = cap;
	}
	for (size_t i = s->n_fields; i > at; i--)
		s->fields[i] = s->fields[i - 1];
	s->n_fields++;
	return &s->fields[at];
}

int sieve_fields_load(struct sieve_run_state *s)
{
	struct str header = mime_part_header(s->root, s->message);
	struct header_reader r = header_reader(header);
	struct header_field f;
	enum header_result got;

	s->body = str_from(s->message, (size_t)s->root->body_at);
	while ((got = header_next(&r, &f)) != HEADER_END) {
		/* A damaged line stays, without a name to be found by. */
		if (got == HEADER_BAD && f.raw.n == 0)
			continue;
		if (s->n_fields == FIELDS_MAX) {
			s->too_many = true;
			break;
		}
		*room(s, s->n_fields) =
			(struct sieve_field){ .name = f.name, .raw = f.raw };
	}
	return 0;
}

struct str sieve_field_text(struct sieve_run_state *s, struct sieve_field *f)
{
	if (!f->text.p)
		f->text = str_trim(text_header(s->a, f->raw));
	if (!f->text.p)
		f->text = STR("");
	return f->text;
}

struct sieve_field *sieve_field_next(struct sieve_run_state *s, struct str name,
                                     size_t *at)
{
	while (*at < s->n_fields) {
		struct sieve_field *f = &s->fields[(*at)++];

		if (str_eq_case(f->name, name))
			return f;
	}
	return NULL;
}

struct sieve_field *sieve_field_at(struct sieve_run_state *s, struct str name,
                                   uint64_t index, bool last)
{
	uint64_t seen = 0;

	for (size_t i = 0; i < s->n_fields; i++) {
		struct sieve_field *f =
			&s->fields[last ? s->n_fields - 1 - i : i];

		if (str_eq_case(f->name, name) && ++seen == index)
			return f;
	}
	return NULL;
}

void sieve_field_put(struct sieve_run_state *s, struct str name, struct str raw)
{
	struct sieve_field *f = room(s, s->n_fields);

	*f = (struct sieve_field){ .name = name, .raw = arena_dup(s->a, raw) };
}

void sieve_field_put_written(struct sieve_run_state *s, struct str line)
{
	size_t colon = str_chr(line, ':');

	sieve_field_put(s, arena_dup(s->a, str_to(line, colon)),
	                (struct str){ line.p + colon + 1,
	                              line.n - colon - 1 - 2 });
}

void sieve_field_put_text(struct sieve_run_state *s, struct str name,
                          struct str value)
{
	struct buf words, line;

	buf_init(&words, 8 * value.n + 100);
	buf_init(&line, 16 * value.n + 1000);
	if (word_is_plain(value))
		buf_add(&words, value);
	else
		word_encode(&words, value, WORD_TEXT);
	header_write(&line, name, buf_str(&words));
	sieve_field_put_written(s, buf_str(&line));
	buf_deinit(&line);
	buf_deinit(&words);
}

static bool is_field_name(struct str s)
{
	if (s.n == 0 || s.n > HEADER_NAME_MAX)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < 33 || s.p[i] > 126 || s.p[i] == ':')
			return false;
	return true;
}

/* A script may hide neither where a message came from nor who wrote it: what a
 * redirect sends on has the author it came with, and nobody's verdict or
 * signature is made up (RFC 5293, 6: such a change is passed over). */
static bool is_protected(struct str name)
{
	static const struct str names[] = {
		STR_INIT("Received"),
		STR_INIT("Auto-Submitted"),
		STR_INIT("Return-Path"),
		STR_INIT("Delivered-To"),
		STR_INIT("From"),
		STR_INIT("Sender"),
		STR_INIT("Received-SPF"),
		STR_INIT("Authentication-Results"),
		STR_INIT("DKIM-Signature"),
		STR_INIT("ARC-Authentication-Results"),
		STR_INIT("ARC-Message-Signature"),
		STR_INIT("ARC-Seal"),
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (str_eq_case(name, names[i]))
			return true;
	return false;
}

enum { TAG_ADD_LAST };

enum { TAG_DELETE_INDEX, TAG_DELETE_LAST };

int sieve_addheader(struct sieve_run_state *s, const struct sieve_op *op)
{
	struct str name = sieve_value(s, &op->pos[0]);
	struct str value = sieve_value(s, &op->pos[1]);
	struct sieve_field *f;
	struct buf b;

	if (!is_field_name(name))
		return sieve_fail(s, op, ERR_INVALID,
		                  "\"%.*s\" is no name of a header field",
		                  STR_ARG(name));
	if (is_protected(name) || s->too_many || s->n_fields >= FIELDS_MAX)
		return 0;
	buf_init(&b, SIEVE_VALUE_MAX * 2);
	buf_add_c(&b, ' ');
	/* A line break would begin a field of the script's choice. */
	if (word_is_plain(value))
		buf_add(&b, value);
	else
		word_encode(&b, value, WORD_TEXT);
	f = room(s, op->tag[TAG_ADD_LAST].set ? s->n_fields : 0);
	*f = (struct sieve_field){ .name = arena_dup(s->a, name),
		                   .raw = arena_dup(s->a, buf_str(&b)),
		                   .added = true };
	buf_deinit(&b);
	sieve_edited(s);
	return 0;
}

static void remove_field(struct sieve_run_state *s, size_t at)
{
	for (size_t i = at + 1; i < s->n_fields; i++)
		s->fields[i - 1] = s->fields[i];
	s->n_fields--;
	sieve_edited(s);
}

/* 1, 0, -1. */
static int value_matches(struct sieve_run_state *s, const struct sieve_op *op,
                         struct sieve_field *f)
{
	struct sieve_comparison c;

	if (op->pos[1].n == 0)
		return 1;
	sieve_compare_begin(&c, s, op, &op->pos[1]);
	(void)sieve_compare(&c, sieve_field_text(s, f));
	return sieve_compare_end(&c);
}

int sieve_deleteheader(struct sieve_run_state *s, const struct sieve_op *op)
{
	struct str name = sieve_value(s, &op->pos[0]);
	uint64_t index = op->tag[TAG_DELETE_INDEX].number, seen = 0;
	bool last = op->tag[TAG_DELETE_LAST].set;

	if (is_protected(name) || s->too_many)
		return 0;
	for (size_t k = 0, n = s->n_fields; k < n; k++) {
		size_t at = last ? n - 1 - k : k - (n - s->n_fields);
		struct sieve_field *f = &s->fields[at];
		int rc;

		if (!str_eq_case(f->name, name))
			continue;
		seen++;
		rc = index == 0 || seen == index ? value_matches(s, op, f) : 0;
		if (rc < 0)
			return -1;
		if (rc > 0)
			remove_field(s, at);
		if (index && seen == index)
			break;
	}
	return 0;
}
