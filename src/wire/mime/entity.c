#include "wire/mime/entity.h"

#include "wire/message/field.h"
#include "wire/message/header.h"
#include "wire/mime/decode.h"

#define LINE_MAX_7BIT 900

bool mime_needs_encoding(struct str s)
{
	size_t line = 0;

	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		line = c == '\n' ? 0 : line + 1;
		if (c >= 127 || line > LINE_MAX_7BIT ||
		    (c < 32 && c != '\n' && c != '\r' && c != '\t'))
			return true;
	}
	return false;
}

void mime_add_lines(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\r' && i + 1 < s.n && s.p[i + 1] == '\n')
			continue;
		if (s.p[i] == '\n' || s.p[i] == '\r')
			buf_add(out, STR("\r\n"));
		else
			buf_add_c(out, s.p[i]);
	}
	if (s.n && s.p[s.n - 1] != '\n' && s.p[s.n - 1] != '\r')
		buf_add(out, STR("\r\n"));
}

void mime_text_write(struct buf *out, struct str text, bool base64)
{
	buf_add(out, STR("Content-Type: text/plain; charset=utf-8\r\n"
	                 "Content-Transfer-Encoding: "));
	if (base64) {
		buf_add(out, STR("base64\r\n\r\n"));
		mime_base64_write(out, text);
	} else if (mime_needs_encoding(text)) {
		buf_add(out, STR("quoted-printable\r\n\r\n"));
		mime_qp_write(out, text, true);
		buf_add(out, STR("\r\n"));
	} else {
		buf_add(out, STR("7bit\r\n\r\n"));
		mime_add_lines(out, text);
	}
}

void mime_entity_write(struct buf *out, struct str entity)
{
	struct header_reader r;
	struct header_field f;
	enum header_result got;
	struct buf lines;
	size_t body;

	buf_init(&lines, 2 * entity.n + 2);
	mime_add_lines(&lines, entity);
	body = field_header_length(buf_str(&lines));
	r = header_reader(str_to(buf_str(&lines), body));
	while ((got = header_next(&r, &f)) != HEADER_END)
		if (got == HEADER_FIELD &&
		    str_starts_case(f.name, STR("Content-")))
			buf_fmt(out, "%.*s:%.*s\r\n", STR_ARG(f.name),
			        STR_ARG(f.raw));
	buf_add(out, STR("\r\n"));
	buf_add(out, str_from(buf_str(&lines), body));
	buf_deinit(&lines);
}
