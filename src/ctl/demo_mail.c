#include "ctl/demo_mail.h"

#include "base/base64.h"
#include "base/civil.h"
#include "base/utf8.h"
#include "os/clock.h"

#define BOUNDARY "=_demo_part"

/* Bytes of an encoded word's text, so that it stays within 75 characters
 * (RFC 2047, 2). */
#define WORD_BYTES 42

static void add_words(struct buf *out, struct str s)
{
	if (utf8_is_ascii(s)) {
		buf_add(out, s);
		return;
	}
	for (bool first = true; s.n; first = false) {
		struct str head = utf8_head(s, WORD_BYTES);

		buf_add_z(out, first ? "=?UTF-8?B?" : "\r\n =?UTF-8?B?");
		base64_encode(out, head);
		buf_add_z(out, "?=");
		s = str_from(s, head.n);
	}
}

/* "Name <address>, Name <address>", the names encoded where they must be. */
static void add_addresses(struct buf *out, const char *list)
{
	struct str rest = str_z(list), one;
	bool first = true;

	while (str_cut(&rest, ',', &one)) {
		size_t at;

		one = str_trim(one);
		at = str_find(one, STR(" <"));
		buf_add_z(out, first ? "" : ",\r\n ");
		first = false;
		if (at == STR_NPOS) {
			buf_add(out, one);
			continue;
		}
		add_words(out, str_to(one, at));
		buf_add(out, str_from(one, at));
	}
}

/* RFC 5322, 3.3. */
static void add_date(struct buf *out, int64_t us)
{
	struct civil t = civil_of(us / US_PER_SEC);

	buf_fmt(out, "%s, %d %s %d %02d:%02d:%02d +0000",
	        civil_weekday_name(t.weekday), t.day, civil_month_name(t.month),
	        (int)t.year, t.hour, t.minute, t.second);
}

/* LF becomes CRLF. */
static void add_text(struct buf *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '\n')
			buf_add_c(out, '\r');
		buf_add_c(out, *text);
	}
}

/* Every '=' and what is not ASCII as "=XX", lines of at most 76 characters
 * (RFC 2045, 6.7). */
static void add_quoted(struct buf *out, const char *text)
{
	size_t column = 0;

	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;
		bool plain = c >= ' ' && c < 127 && c != '=';
		bool blank_at_end = c == ' ' && (text[1] == '\n' || !text[1]);

		if (c == '\n') {
			buf_add_z(out, "\r\n");
			column = 0;
			continue;
		}
		if (column > 72) {
			buf_add_z(out, "=\r\n");
			column = 0;
		}
		if (plain && !blank_at_end) {
			buf_add_c(out, (char)c);
			column++;
		} else {
			buf_fmt(out, "=%02X", c);
			column += 3;
		}
	}
}

static void add_text_part(struct buf *out, const char *type, const char *text)
{
	bool ascii = utf8_is_ascii(str_z(text));

	buf_fmt(out, "Content-Type: %s; charset=%s\r\n", type,
	        ascii ? "us-ascii" : "utf-8");
	buf_fmt(out, "Content-Transfer-Encoding: %s\r\n\r\n",
	        ascii ? "7bit" : "quoted-printable");
	if (ascii)
		add_text(out, text);
	else
		add_quoted(out, text);
}

static void next_part(struct buf *out)
{
	buf_add_z(out, "\r\n--" BOUNDARY "\r\n");
}

static void last_part(struct buf *out)
{
	buf_add_z(out, "\r\n--" BOUNDARY "--\r\n");
}

static void begin_parts(struct buf *out, const char *subtype)
{
	buf_fmt(out,
	        "Content-Type: multipart/%s;\r\n boundary=\"" BOUNDARY "\"\r\n",
	        subtype);
	next_part(out);
}

static void add_html(const struct demo_message *m, struct buf *out)
{
	begin_parts(out, "alternative");
	add_text_part(out, "text/plain", m->text);
	next_part(out);
	add_text_part(out, "text/html", m->html);
	last_part(out);
}

static void add_file(const struct demo_message *m, struct buf *out)
{
	const char *name = demo_file_name(m->file);

	begin_parts(out, "mixed");
	add_text_part(out, "text/plain", m->text);
	next_part(out);
	buf_fmt(out,
	        "Content-Type: %s; name=\"%s\"\r\n"
	        "Content-Disposition: attachment; filename=\"%s\"\r\n"
	        "Content-Transfer-Encoding: base64\r\n\r\n",
	        demo_file_type(m->file), name, name);
	demo_file_write(m->file, out);
	last_part(out);
}

static void add_winmail(const struct demo_message *m, struct buf *out)
{
	begin_parts(out, "mixed");
	add_text_part(out, "text/plain", m->text);
	next_part(out);
	buf_add_z(out, "Content-Type: application/ms-tnef; "
	               "name=\"winmail.dat\"\r\n"
	               "Content-Disposition: attachment; "
	               "filename=\"winmail.dat\"\r\n"
	               "Content-Transfer-Encoding: base64\r\n\r\n");
	demo_winmail_write(out);
	last_part(out);
}

/* RFC 5545, 3.3.5. */
static void add_calendar_time(struct buf *out, const char *name, int64_t us)
{
	struct civil t = civil_of(us / US_PER_SEC);

	buf_fmt(out, "%s:%04d%02d%02dT%02d%02d00Z\r\n", name, (int)t.year,
	        t.month, t.day, t.hour, t.minute);
}

/* A week from now, at ten. */
static void add_invite(const struct demo_message *m, int64_t now_us,
                       struct buf *out)
{
	int64_t day = now_us / US_PER_DAY + 7;
	int64_t start = day * US_PER_DAY + 10 * US_PER_HOUR;

	begin_parts(out, "alternative");
	add_text_part(out, "text/plain", m->text);
	next_part(out);
	buf_add_z(out, "Content-Type: text/calendar; method=REQUEST; "
	               "charset=utf-8\r\n"
	               "Content-Transfer-Encoding: 7bit\r\n\r\n"
	               "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"
	               "PRODID:-//demo.example//Demo//EN\r\n"
	               "METHOD:REQUEST\r\nBEGIN:VEVENT\r\n");
	buf_fmt(out, "UID:%s@demo.example\r\n", m->id);
	add_calendar_time(out, "DTSTAMP", now_us);
	add_calendar_time(out, "DTSTART", start);
	add_calendar_time(out, "DTEND", start + 2 * US_PER_HOUR);
	buf_add_z(out,
	          "SUMMARY:Yearly meeting\r\nLOCATION:The large room\r\n"
	          "ORGANIZER;CN=Administrator:mailto:admin@demo.example\r\n"
	          "ATTENDEE;CN=Anna Lind;RSVP=TRUE:mailto:anna@demo.example\r\n"
	          "ATTENDEE;CN=Bo Berg;RSVP=TRUE:mailto:bo@demo.example\r\n"
	          "END:VEVENT\r\nEND:VCALENDAR\r\n");
	last_part(out);
}

static void add_list_fields(struct buf *out)
{
	buf_add_z(out, "List-Id: The crew <crew.lists.example>\r\n"
	               "List-Post: <mailto:crew@lists.example>\r\n"
	               "List-Unsubscribe: <mailto:crew-leave@lists.example>\r\n"
	               "Precedence: list\r\n");
}

static void add_header(const struct demo_message *m, int64_t date_us,
                       struct buf *out)
{
	buf_add_z(out, "Date: ");
	add_date(out, date_us);
	buf_add_z(out, "\r\nFrom: ");
	add_addresses(out, m->from);
	buf_add_z(out, "\r\nTo: ");
	add_addresses(out, m->to);
	buf_add_z(out, "\r\nSubject: ");
	add_words(out, str_z(m->subject));
	buf_fmt(out, "\r\nMessage-ID: <%s@mail.demo.example>\r\n", m->id);
	if (m->parent)
		buf_fmt(out,
		        "In-Reply-To: <%s@mail.demo.example>\r\n"
		        "References: <%s@mail.demo.example>\r\n",
		        m->parent, m->parent);
	if (m->kind == DEMO_LIST)
		add_list_fields(out);
	if (m->kind == DEMO_HTML)
		buf_add_z(out, "List-Unsubscribe: "
		               "<https://lists.example/stop>\r\n");
	buf_add_z(out, "MIME-Version: 1.0\r\n");
}

void demo_mail_write(const struct demo_message *m, int64_t now_us,
                     struct buf *out)
{
	add_header(m, now_us - (int64_t)m->minutes * US_PER_MIN, out);
	switch (m->kind) {
	case DEMO_TEXT:
	case DEMO_LIST: add_text_part(out, "text/plain", m->text); break;
	case DEMO_HTML: add_html(m, out); break;
	case DEMO_FILE: add_file(m, out); break;
	case DEMO_INVITE: add_invite(m, now_us, out); break;
	case DEMO_WINMAIL: add_winmail(m, out); break;
	}
}
