#include "wire/tlsrpt/report.h"

#include "wire/json/write.h"

static void write_lines(struct json_writer *w, const char *key, struct str text)
{
	struct str line;

	if (text.n == 0)
		return;
	json_key(w, str_z(key));
	json_array(w);
	while (str_cut(&text, '\n', &line))
		json_str(w, line);
	json_end(w);
}

static void write_known(struct json_writer *w, const char *key, struct str v)
{
	if (v.n)
		json_member_str(w, key, v);
}

static void write_failure(struct json_writer *w, const struct tlsrpt_failure *f)
{
	json_object(w);
	json_member_str(w, "result-type", f->result);
	write_known(w, "sending-mta-ip", f->source_ip);
	write_known(w, "receiving-mx-hostname", f->mx_name);
	write_known(w, "receiving-ip", f->mx_ip);
	json_member_u64(w, "failed-session-count", f->n);
	write_known(w, "failure-reason-code", f->reason);
	json_end(w);
}

static void write_policy(struct json_writer *w, const struct tlsrpt_policy *p)
{
	json_object(w);
	json_key(w, STR("policy"));
	json_object(w);
	json_member_str(w, "policy-type", p->type);
	write_lines(w, "policy-string", p->strings);
	json_member_str(w, "policy-domain", p->domain);
	write_lines(w, "mx-host", p->mx);
	json_end(w);
	json_key(w, STR("summary"));
	json_object(w);
	json_member_u64(w, "total-successful-session-count", p->good);
	json_member_u64(w, "total-failure-session-count", p->bad);
	json_end(w);
	if (p->n) {
		json_key(w, STR("failure-details"));
		json_array(w);
		for (size_t i = 0; i < p->n; i++)
			write_failure(w, &p->failures[i]);
		json_end(w);
	}
	json_end(w);
}

void tlsrpt_report_write(struct buf *out, const struct tlsrpt_report *r)
{
	struct json_writer w = json_writer(out);

	json_object(&w);
	json_member_str(&w, "organization-name", r->organization);
	json_key(&w, STR("date-range"));
	json_object(&w);
	json_member_time(&w, "start-datetime", r->start_us);
	json_member_time(&w, "end-datetime", r->end_us);
	json_end(&w);
	json_member_str(&w, "contact-info", r->contact);
	json_member_str(&w, "report-id", r->id);
	json_key(&w, STR("policies"));
	json_array(&w);
	for (size_t i = 0; i < r->n; i++)
		write_policy(&w, &r->policies[i]);
	json_end(&w);
	json_end(&w);
}
