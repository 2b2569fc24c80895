/* Attachments, by their names and what archives list. */
#include <string.h>

#include "score/look.h"
#include "score/zip.h"
#include "text/extract.h"
#include "wire/mime/decode.h"

struct kind {
	const char *ext;
	unsigned bits;
};

static const struct kind kinds[] = {
	{ "exe", LOOK_PROGRAM },  { "scr", LOOK_PROGRAM },
	{ "com", LOOK_PROGRAM },  { "pif", LOOK_PROGRAM },
	{ "cpl", LOOK_PROGRAM },  { "msi", LOOK_PROGRAM },
	{ "jar", LOOK_PROGRAM },  { "dll", LOOK_PROGRAM },
	{ "iso", LOOK_PROGRAM },  { "img", LOOK_PROGRAM },
	{ "vhd", LOOK_PROGRAM },  { "vhdx", LOOK_PROGRAM },
	{ "appx", LOOK_PROGRAM }, { "lnk", LOOK_PROGRAM },
	{ "bat", LOOK_SCRIPT },   { "cmd", LOOK_SCRIPT },
	{ "vbs", LOOK_SCRIPT },   { "vbe", LOOK_SCRIPT },
	{ "js", LOOK_SCRIPT },    { "jse", LOOK_SCRIPT },
	{ "wsf", LOOK_SCRIPT },   { "wsh", LOOK_SCRIPT },
	{ "hta", LOOK_SCRIPT },   { "ps1", LOOK_SCRIPT },
	{ "reg", LOOK_SCRIPT },   { "chm", LOOK_SCRIPT },
	{ "docm", LOOK_MACRO },   { "dotm", LOOK_MACRO },
	{ "xlsm", LOOK_MACRO },   { "xltm", LOOK_MACRO },
	{ "xlam", LOOK_MACRO },   { "pptm", LOOK_MACRO },
	{ "ppam", LOOK_MACRO },   { "potm", LOOK_MACRO },
	{ "html", LOOK_HTML },    { "htm", LOOK_HTML },
	{ "shtml", LOOK_HTML },   { "xhtml", LOOK_HTML },
	{ "mht", LOOK_HTML },
};

static unsigned kind_of(struct str ext)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (str_eq_case(ext, str_z(kinds[i].ext)))
			return kinds[i].bits;
	return 0;
}

/* What people open without fear. */
static bool is_harmless(struct str ext)
{
	static const char *const known[] = { "pdf",  "doc", "docx", "xls",
		                             "xlsx", "txt", "jpg",  "jpeg",
		                             "png",  "gif", "zip",  "htm",
		                             "html", "mp3", "rtf",  "ppt" };

	ext = str_trim(ext);
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (str_eq_case(ext, str_z(known[i])))
			return true;
	return false;
}

unsigned look_name(struct str name)
{
	size_t dot, slash = str_rchr(name, '/');
	unsigned bits;
	struct str head;

	if (slash != STR_NPOS)
		name = str_from(name, slash + 1);
	name = str_trim(name);
	dot = str_rchr(name, '.');
	if (dot == STR_NPOS)
		return 0;
	bits = kind_of(str_from(name, dot + 1));
	head = str_trim(str_to(name, dot));
	dot = str_rchr(head, '.');
	if ((bits & (LOOK_PROGRAM | LOOK_SCRIPT)) && dot != STR_NPOS &&
	    is_harmless(str_from(head, dot + 1)))
		bits |= LOOK_DOUBLE;
	/* The right-to-left override shows "exe.fdp" as "pdf.exe". */
	if (str_find(name, STR("\xe2\x80\xae")) != STR_NPOS)
		bits |= LOOK_DOUBLE;
	return bits;
}

static void note(struct score_look *l, unsigned bits, struct str name)
{
	if ((bits & ~l->files) && (l->files_n == 0 || !l->file_worst.n ||
	                           !(l->files & ~(unsigned)LOOK_HTML)))
		l->file_worst = name;
	l->files |= bits;
}

static void look_zip(struct score_look *l, struct str bytes, struct str name)
{
	struct zip_reader z = zip_reader(bytes);
	struct zip_entry e;

	for (int i = 0; i < LOOK_NAMES_MAX && zip_next(&z, &e); i++) {
		unsigned bits = look_name(e.name);

		if (e.locked)
			note(l, LOOK_LOCKED, name);
		if (bits & (LOOK_PROGRAM | LOOK_SCRIPT))
			note(l, LOOK_ARCHIVED | (bits & LOOK_DOUBLE), name);
		if ((bits & LOOK_MACRO) ||
		    str_ends_case(e.name, STR("vbaProject.bin")))
			note(l, LOOK_MACRO, name);
	}
}

/* The first bytes tell more than a name. */
static void look_bytes(struct score_look *l, const struct mime_part *p,
                       struct str name, unsigned *archives)
{
	struct str body = mime_part_body(p, l->message), bytes;
	struct mime_decoder d;
	size_t max = LOOK_FILE_BYTES / 3 * 4;
	struct buf b;

	buf_init(&b, LOOK_FILE_BYTES + 1024);
	mime_decoder_init(&d, p->encoding);
	mime_decode(&d, str_to(body, body.n < 1024 ? body.n : 1024), &b);
	bytes = buf_str(&b);
	if (str_starts(bytes, STR("MZ")) && bytes.n > 64)
		note(l, LOOK_PROGRAM, name);
	if ((zip_is(bytes) || str_starts(bytes, STR("\xd0\xcf\x11\xe0"))) &&
	    *archives < LOOK_ARCHIVES) {
		(*archives)++;
		if (body.n > 1024)
			mime_decode(&d,
			            str_to(str_from(body, 1024),
			                   body.n < max ? body.n - 1024
			                                : max - 1024),
			            &b);
		mime_decode_end(&d, &b);
		bytes = buf_str(&b);
		if (zip_is(bytes))
			look_zip(l, bytes, name);
		else if (str_find(bytes, STR("_\0V\0B\0A\0_\0P\0R\0O\0J")) !=
		         STR_NPOS)
			note(l, LOOK_MACRO, name);
	}
	buf_deinit(&b);
}

void look_files(struct score_look *l)
{
	unsigned archives = 0;

	for (struct mime_part *p = l->root; p && l->files_n < LOOK_FILES_MAX;
	     p = mime_part_next(p)) {
		const struct mime_param *f;
		struct str name = STR("");

		if (p->kind != MIME_SINGLE || !mime_part_is_attachment(p))
			continue;
		f = mime_part_filename(p);
		if (f)
			name = text_param(l->a, f);
		note(l, look_name(name), name);
		/* text_param() takes the override off. */
		if (f && str_find(f->value, STR("%E2%80%AE")) != STR_NPOS)
			note(l, LOOK_DOUBLE, name);
		look_bytes(l, p, name, &archives);
		l->file_names[l->files_n++] = name;
	}
}
