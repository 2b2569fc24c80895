#include <stddef.h>

#include "webmail/image.h"

static const struct {
	size_t at;
	struct str magic;
	const char *type;
} rows[] = {
	{ 0, STR_INIT("\x89PNG\r\n\x1a\n"), "image/png" },
	{ 0, STR_INIT("\xff\xd8\xff"), "image/jpeg" },
	{ 0, STR_INIT("GIF87a"), "image/gif" },
	{ 0, STR_INIT("GIF89a"), "image/gif" },
	{ 8, STR_INIT("WEBPVP8"), "image/webp" }, /* behind RIFF and a size */
	{ 4, STR_INIT("ftypavif"), "image/avif" },
	{ 4, STR_INIT("ftypavis"), "image/avif" },
	{ 0, STR_INIT("BM"), "image/bmp" },
	{ 0, STR_INIT("\0\0\1\0"), "image/x-icon" },
};

const char *webmail_image_type(struct str bytes)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (bytes.n > rows[i].at + rows[i].magic.n &&
		    str_starts(str_from(bytes, rows[i].at), rows[i].magic))
			return rows[i].type;
	return NULL;
}
