#include <string.h>

#include "base/base64.h"
#include "ctl/demo_mail.h"

#define FILE_MAX ((size_t)256 * 1024)

/* base64 in lines of 76 (RFC 2045, 6.8). */
static void add_base64(struct buf *out, struct str bytes)
{
	while (bytes.n) {
		struct str head = str_to(bytes, bytes.n < 57 ? bytes.n : 57);

		base64_encode(out, head);
		buf_add_z(out, "\r\n");
		bytes = str_from(bytes, head.n);
	}
}

/* ---- a page with a few lines, as PDF 1.4 ---- */

static void write_pdf(struct buf *out)
{
	static const char page[] =
		"BT /F1 24 Tf 72 760 Td (Offer) Tj ET\n"
		"BT /F1 12 Tf 72 720 Td (Cleaning the hull ........ 240.00) Tj "
		"ET\n"
		"BT /F1 12 Tf 72 700 Td (Looking at the rudder ..... 60.00) Tj "
		"ET\n"
		"BT /F1 12 Tf 72 670 Td (Together ................. 300.00) Tj "
		"ET\n";
	static const char *const objects[] = {
		"<< /Type /Catalog /Pages 2 0 R >>",
		"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] "
		"/Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
		NULL, /* the page's content */
		"<< /Type /Font /Subtype /Type1 /BaseFont /Courier >>",
	};
	size_t at[5], xref;

	buf_add_z(out, "%PDF-1.4\n");
	for (size_t i = 0; i < 5; i++) {
		at[i] = out->n;
		buf_fmt(out, "%zu 0 obj\n", i + 1);
		if (objects[i])
			buf_add_z(out, objects[i]);
		else
			buf_fmt(out, "<< /Length %zu >>\nstream\n%sendstream",
			        sizeof(page) - 1, page);
		buf_add_z(out, "\nendobj\n");
	}
	xref = out->n;
	buf_add_z(out, "xref\n0 6\n0000000000 65535 f \n");
	for (size_t i = 0; i < 5; i++)
		buf_fmt(out, "%010zu 00000 n \n", at[i]);
	buf_fmt(out,
	        "trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n%zu\n%%%%EOF\n",
	        xref);
}

/* ---- a square of one colour, as PNG with stored (not packed) rows ---- */

#define SIDE 48

static uint32_t crc32_of(struct str s)
{
	uint32_t crc = 0xffffffffu;

	for (size_t i = 0; i < s.n; i++) {
		crc ^= (unsigned char)s.p[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
	}
	return ~crc;
}

static void add_u32_big(struct buf *out, uint32_t v)
{
	for (int shift = 24; shift >= 0; shift -= 8)
		buf_add_c(out, (char)(v >> shift & 0xff));
}

static void add_chunk(struct buf *out, const char *type, struct str body)
{
	size_t from;

	add_u32_big(out, (uint32_t)body.n);
	from = out->n;
	buf_add_z(out, type);
	buf_add(out, body);
	add_u32_big(out, crc32_of(str_from(buf_str(out), from)));
}

static uint32_t adler32_of(struct str s)
{
	uint32_t a = 1, b = 0;

	for (size_t i = 0; i < s.n; i++) {
		a = (a + (unsigned char)s.p[i]) % 65521;
		b = (b + a) % 65521;
	}
	return b << 16 | a;
}

/* One stored block of deflate (RFC 1951, 3.2.4) in a zlib frame. */
static void add_stored(struct buf *out, struct str raw)
{
	uint16_t n = (uint16_t)raw.n;

	buf_add(out, STR("\x78\x01\x01"));
	buf_add_c(out, (char)(n & 0xff));
	buf_add_c(out, (char)(n >> 8));
	buf_add_c(out, (char)(~n & 0xff));
	buf_add_c(out, (char)(~n >> 8 & 0xff));
	buf_add(out, raw);
	add_u32_big(out, adler32_of(raw));
}

static void write_png(struct buf *out)
{
	struct buf body, rows;

	buf_init(&body, FILE_MAX);
	buf_init(&rows, FILE_MAX);
	add_u32_big(&body, SIDE);
	add_u32_big(&body, SIDE);
	buf_add(&body, STR("\x08\x02\x00\x00\x00")); /* 8 bits, RGB */
	buf_add(out, STR("\x89PNG\r\n\x1a\n"));
	add_chunk(out, "IHDR", buf_str(&body));
	for (int y = 0; y < SIDE; y++) {
		buf_add_c(&rows, '\0');
		for (int x = 0; x < SIDE; x++)
			buf_add(&rows, STR("\x2b\x50\x86"));
	}
	buf_reset(&body);
	add_stored(&body, buf_str(&rows));
	add_chunk(out, "IDAT", buf_str(&body));
	add_chunk(out, "IEND", STR(""));
	buf_deinit(&body);
	buf_deinit(&rows);
}

static const char csv[] = "day,from,to,hours\r\n"
			  "Monday,08:00,16:30,8.0\r\n"
			  "Tuesday,08:00,12:00,4.0\r\n"
			  "Wednesday,08:15,16:45,8.0\r\n"
			  "Thursday,08:00,16:30,8.0\r\n"
			  "Friday,08:00,15:00,6.5\r\n";

const char *demo_file_name(enum demo_file file)
{
	switch (file) {
	case DEMO_PDF: return "offer.pdf";
	case DEMO_PNG: return "blue.png";
	case DEMO_CSV: return "hours.csv";
	}
	return "file";
}

const char *demo_file_type(enum demo_file file)
{
	switch (file) {
	case DEMO_PDF: return "application/pdf";
	case DEMO_PNG: return "image/png";
	case DEMO_CSV: return "text/csv";
	}
	return "application/octet-stream";
}

void demo_file_write(enum demo_file file, struct buf *out)
{
	struct buf bytes;

	buf_init(&bytes, FILE_MAX);
	switch (file) {
	case DEMO_PDF: write_pdf(&bytes); break;
	case DEMO_PNG: write_png(&bytes); break;
	case DEMO_CSV: buf_add_z(&bytes, csv); break;
	}
	add_base64(out, buf_str(&bytes));
	buf_deinit(&bytes);
}

/* ---- winmail.dat (MS-OXTNEF): a subject, a text, one attachment ---- */

enum tnef_level { TNEF_MESSAGE = 1, TNEF_ATTACHMENT = 2 };

static void add_little(struct buf *out, uint32_t v, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		buf_add_c(out, (char)(v >> 8 * i & 0xff));
}

/* Level, id, length, bytes, their sum. */
static void add_attribute(struct buf *out, enum tnef_level level, uint32_t id,
                          struct str body)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < body.n; i++)
		sum += (unsigned char)body.p[i];
	add_little(out, level, 1);
	add_little(out, id, 4);
	add_little(out, (uint32_t)body.n, 4);
	buf_add(out, body);
	add_little(out, sum & 0xffff, 2);
}

void demo_winmail_write(struct buf *out)
{
	static const char text[] =
		"Dear Mrs Lind,\r\n\r\nthe papers of your boat insurance are "
		"in the file.\r\n\r\nThe office\r\n";
	static const char file[] = "Insurance of the boat\r\n"
				   "Number: 88-1204\r\n"
				   "Until:  31 December\r\n";
	struct buf b;

	buf_init(&b, FILE_MAX);
	add_little(&b, 0x223e9f78, 4);              /* the signature */
	add_little(&b, 1, 2);                       /* the key */
	add_attribute(&b, TNEF_MESSAGE, 0x00089006, /* attTnefVersion */
	              STR("\x00\x00\x01\x00"));
	add_attribute(&b, TNEF_MESSAGE, 0x00069007, /* attOemCodepage */
	              STR("\xe4\x04\x00\x00\x00\x00\x00\x00"));
	add_attribute(&b, TNEF_MESSAGE, 0x00078008, /* attMessageClass */
	              STR("IPM.Microsoft Mail.Note\x00"));
	add_attribute(&b, TNEF_MESSAGE, 0x00018004, /* attSubject */
	              STR("Your insurance papers\x00"));
	add_attribute(&b, TNEF_MESSAGE, 0x0002800c, /* attBody */
	              (struct str){ text, sizeof(text) });
	add_attribute(&b, TNEF_ATTACHMENT, 0x00069002, /* attAttachRendData */
	              STR("\x01\x00\xff\xff\xff\xff\x20\x00\x20\x00\x00\x00\x00"
	                  "\x00"));
	add_attribute(&b, TNEF_ATTACHMENT, 0x00018010, /* attAttachTitle */
	              STR("insurance.txt\x00"));
	add_attribute(&b, TNEF_ATTACHMENT, 0x0006800f, /* attAttachData */
	              (struct str){ file, sizeof(file) - 1 });
	add_base64(out, buf_str(&b));
	buf_deinit(&b);
}
