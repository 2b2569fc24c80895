/*
 * webmail/files.h - the built web part, inside this program.
 *
 * The table is made by tools/webdist when the program is built, from
 * web/dist; without that there are only the icons.
 */
#ifndef WEBMAIL_FILES_H
#define WEBMAIL_FILES_H

#include <stddef.h>

struct webmail_file {
	const char *path; /* "/assets/main-ABC.js"; sorted */
	const char *type;
	const unsigned char *gzip;
	size_t gzip_n;
	size_t bytes; /* unpacked */
	const char *tag;
};

extern const struct webmail_file webmail_files[];
extern const size_t webmail_files_n;
/* The page of the program; NULL when it was not built. */
extern const char *const webmail_shell;
/* The CSP source of the page's own style block: "'sha256-...'". */
extern const char *const webmail_style;

#endif
