#include <stdio.h>
#include <string.h>

#include "os/file.h"
#include "os/random.h"
#include "store/shard.h"

/* A name is the shard and 16 hexadecimal digits: "0001-9f3c...".  The first
 * two digits are its folder, so that none has very many. */

void blob_name(const struct shard *sh, char out[BLOB_NAME_MAX])
{
	(void)snprintf(out, BLOB_NAME_MAX, "%04u-%016llx", sh->no,
	               (unsigned long long)random_u64());
}

bool blob_name_ok(struct str name)
{
	if (name.n != 21 || name.p[4] != '-')
		return false;
	for (size_t i = 0; i < name.n; i++)
		if (i != 4 && ascii_hex(name.p[i]) < 0)
			return false;
	return true;
}

void blob_path(const struct shard *sh, const char *name, char *out, size_t n)
{
	(void)snprintf(out, n, "%s/%.2s/%s", sh->blobs, name + 5, name);
}

int blob_folders(const struct shard *sh, struct err *err)
{
	char path[4096];

	if (file_mkdir(sh->blobs, 0770, err) < 0)
		return -1;
	(void)snprintf(path, sizeof(path), "%s/ff", sh->blobs);
	if (file_is_folder(path))
		return 0;
	for (unsigned int i = 0; i < 256; i++) {
		(void)snprintf(path, sizeof(path), "%s/%02x", sh->blobs, i);
		if (file_mkdir(path, 0770, err) < 0)
			return -1;
	}
	if (file_sync_dir(sh->blobs, err) < 0)
		return -1;
	(void)snprintf(path, sizeof(path), "%s/..", sh->blobs);
	return file_sync_dir(path, err);
}
