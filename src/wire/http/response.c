#include "wire/http/response.h"

#include <stdio.h>
#include <string.h>

static const struct {
	int status;
	const char *reason;
} reasons[] = {
	{ 100, "Continue" },
	{ 101, "Switching Protocols" },
	{ 200, "OK" },
	{ 201, "Created" },
	{ 202, "Accepted" },
	{ 204, "No Content" },
	{ 206, "Partial Content" },
	{ 301, "Moved Permanently" },
	{ 302, "Found" },
	{ 303, "See Other" },
	{ 304, "Not Modified" },
	{ 307, "Temporary Redirect" },
	{ 308, "Permanent Redirect" },
	{ 400, "Bad Request" },
	{ 401, "Unauthorized" },
	{ 403, "Forbidden" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 408, "Request Timeout" },
	{ 409, "Conflict" },
	{ 411, "Length Required" },
	{ 412, "Precondition Failed" },
	{ 413, "Content Too Large" },
	{ 414, "URI Too Long" },
	{ 415, "Unsupported Media Type" },
	{ 416, "Range Not Satisfiable" },
	{ 417, "Expectation Failed" },
	{ 421, "Misdirected Request" },
	{ 426, "Upgrade Required" },
	{ 429, "Too Many Requests" },
	{ 431, "Request Header Fields Too Large" },
	{ 500, "Internal Server Error" },
	{ 501, "Not Implemented" },
	{ 502, "Bad Gateway" },
	{ 503, "Service Unavailable" },
	{ 504, "Gateway Timeout" },
	{ 505, "HTTP Version Not Supported" },
	{ 507, "Insufficient Storage" },
};

const char *http_reason(int status)
{
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].status == status)
			return reasons[i].reason;
	return "";
}

void http_write_status(struct buf *b, int status)
{
	buf_fmt(b, "HTTP/1.1 %03d %s\r\n", status, http_reason(status));
}

void http_write_field(struct buf *b, struct str name, struct str value)
{
	buf_add(b, name);
	buf_add(b, STR(": "));
	for (size_t i = 0; i < value.n; i++) {
		unsigned char c = (unsigned char)value.p[i];

		buf_add_c(b,
		          (c < 0x20 && c != '\t') || c == 0x7f ? '?' : (char)c);
	}
	buf_add(b, STR("\r\n"));
}

void http_write_length(struct buf *b, uint64_t n)
{
	buf_add(b, STR("Content-Length: "));
	buf_add_u64(b, n);
	buf_add(b, STR("\r\n"));
}

void http_write_end(struct buf *b)
{
	buf_add(b, STR("\r\n"));
}

/* From the days since 1970-03-01 shifted to eras of 400 years, which all are
 * of one length. */
static void civil(int64_t days, int *y, int *m, int *d)
{
	int64_t z = days + 719468, era = z / 146097;
	int64_t doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;

	*d = (int)(doy - (153 * mp + 2) / 5 + 1);
	*m = (int)(mp < 10 ? mp + 3 : mp - 9);
	*y = (int)(yoe + era * 400 + (*m <= 2 ? 1 : 0));
}

void http_date(int64_t seconds, char out[HTTP_DATE_SIZE])
{
	static const char days[7][4] = { "Thu", "Fri", "Sat", "Sun",
		                         "Mon", "Tue", "Wed" };
	static const char months[12][4] = { "Jan", "Feb", "Mar", "Apr",
		                            "May", "Jun", "Jul", "Aug",
		                            "Sep", "Oct", "Nov", "Dec" };
	int y, m, d;
	int64_t day, rest;

	if (seconds < 0)
		seconds = 0;
	if (seconds > INT64_C(253402300799))
		seconds = INT64_C(253402300799);
	day = seconds / 86400;
	rest = seconds % 86400;
	civil(day, &y, &m, &d);
	(void)snprintf(out, HTTP_DATE_SIZE,
	               "%s, %02u %s %04u %02u:%02u:%02u GMT", days[day % 7],
	               (unsigned int)d % 100, months[m - 1],
	               (unsigned int)y % 10000, (unsigned int)(rest / 3600),
	               (unsigned int)(rest / 60 % 60),
	               (unsigned int)(rest % 60));
}

void http_write_chunk(struct buf *b, struct str piece)
{
	if (piece.n == 0)
		return; /* it would end the body */
	buf_fmt(b, "%zx\r\n", piece.n);
	buf_add(b, piece);
	buf_add(b, STR("\r\n"));
}

void http_write_last_chunk(struct buf *b)
{
	buf_add(b, STR("0\r\n\r\n"));
}
