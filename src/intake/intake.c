#include "intake/intake.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "config/config.h"
#include "intake/private.h"
#include "os/clock.h"
#include "policy/admit.h"
#include "wire/smtp/command.h"

struct intake *intake_new(const struct intake_options *o)
{
	struct intake *in = mem_zalloc(sizeof(*in));
	struct arena a;

	arena_init(&a);
	in->o = *o;
	in->help =
		mem_strdup(arena_fmt(&a, "https://mail.%.*s/help/",
	                             STR_ARG(config_provider_domain(o->config)))
	                           .p);
	in->answered = answered_new();
	in->scripts = deliver_scripts_new(o->store, o->config);
	arena_deinit(&a);
	return in;
}

void intake_free(struct intake **inp)
{
	struct intake *in = *inp;

	if (!in)
		return;
	answered_free(&in->answered);
	deliver_scripts_free(&in->scripts);
	mem_free(in->help);
	mem_free(in);
	*inp = NULL;
}

struct str intake_help(const struct intake *in)
{
	return str_z(in->help);
}

void intake_answered(struct intake *in, const struct intake_answer *a)
{
	if (a->has_key)
		answered_add(in->answered, a->key, clock_wall_us());
}

/* The id that the door gave it, or a new one. */
static void take_trace(struct intake_work *w)
{
	struct str given = w->m->trace;

	if (given.n == 0 || given.n >= sizeof(w->trace)) {
		trail_id_make(w->trace);
		return;
	}
	memcpy(w->trace, given.p, given.n);
	w->trace[given.n] = '\0';
}

/* The bytes, the header and its fields. */
static int open_message(struct intake_work *w, struct err *err)
{
	if (spool_seal(w->spool, err) < 0 ||
	    spool_view(w->spool, &w->bytes, err) < 0)
		return -1;
	w->size = w->bytes.n;
	w->header = str_to(w->bytes, field_header_length(w->bytes));
	field_index_make(w->header, &w->fields);
	return 0;
}

/* Everything asked at the end of the data; true when it may go on. */
static bool admit(struct intake_work *w)
{
	const struct intake_message *m = w->m;
	struct policy_facts f = {
		.step = POLICY_DATA,
		.logged_in = m->way != INTAKE_MX,
		.size = w->size,
		.size_max =
			config_u64(w->in->o.config, OPT_LIMITS_MESSAGE_BYTES),
		.bare = m->bare && m->body != SMTP_BODY_BINARYMIME,
		.hops = w->fields.count[FIELD_RECEIVED],
		.from_own = true,
	};
	struct policy_words words = { 0 };
	struct policy_verdict v;
	struct err err = ERR_INIT;

	if (m->way == INTAKE_SUBMISSION || m->way == INTAKE_JMAP) {
		if (intake_check_from(w, &err) < 0) {
			intake_say_trouble(w, &err);
			return false;
		}
		f.from_own = w->from_own;
	}
	if (intake_class_bulk(w, &f, &err) < 0) {
		intake_say_trouble(w, &err);
		return false;
	}
	v = policy_admit(&f);
	if (v.ref == REF_NONE)
		return true;
	words.n = v.n;
	words.why = str_z(v.why);
	if (v.ref == REF_FROM)
		words.also = w->from_why;
	intake_say_no(w, v.ref, &words);
	return false;
}

bool intake_admit_spam(struct intake_work *w)
{
	struct policy_facts f = { .step = POLICY_DATA,
		                  .logged_in = true,
		                  .from_own = true };
	struct policy_words words = { 0 };
	struct policy_verdict v;
	struct err err = ERR_INIT;

	if (intake_class_spam(w, &f, &err) < 0) {
		intake_say_trouble(w, &err);
		return false;
	}
	v = policy_admit(&f);
	if (v.ref == REF_NONE)
		return true;
	words.n = v.n;
	intake_say_no(w, v.ref, &words);
	return false;
}

/* It may come in: what is left to find out, and where it goes. */
static void decide(struct intake_work *w)
{
	struct err err = ERR_INIT;

	if (!intake_verify(w) || !intake_score(w))
		return;
	w->answer->has_key = intake_key(w, w->answer->key);
	if (intake_fix_up(w, &err) < 0 || intake_sign(w, &err) < 0 ||
	    intake_suspect(w, &err) < 0)
		intake_say_trouble(w, &err);
	else
		intake_place(w);
}

void intake_accept(struct intake *in, const struct intake_message *m,
                   struct intake_answer *out)
{
	struct intake_work w = {
		.in = in,
		.m = m,
		.answer = out,
		.arena = m->arena,
		.spool = m->spool,
		.returnable = m->way != INTAKE_MX || m->vouched,
		.at_us = m->received_us ? m->received_us : clock_wall_us(),
	};
	struct err err = ERR_INIT;

	if (m->hold_until_us > w.at_us)
		w.release_us = m->hold_until_us;
	*out = (struct intake_answer){ .code = 451 };
	take_trace(&w);
	out->trace = arena_dup(m->arena, str_z(w.trace));
	if (open_message(&w, &err) < 0) {
		intake_say_trouble(&w, &err);
		return;
	}
	if (admit(&w)) {
		decide(&w);
		if (out->accepted) {
			intake_note_accepted(&w);
			intake_offer_report(&w);
		}
	}
	spool_free(&w.fixed);
}
