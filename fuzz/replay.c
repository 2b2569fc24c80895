/*
 * Run a fuzz target without libFuzzer: replay_NAME FOLDER...
 *
 * Each file is given as it is, cut at each of its first bytes, and with
 * some thousand small changes that are the same every time.  That finds less
 * than a fuzzer, but runs with any compiler and in no time.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { CUTS = 600, CHANGES = 2000, BUDGET = 40 * 1024 * 1024 };

static uint64_t rng = UINT64_C(88172645463325252);

static size_t below(size_t n)
{
	rng ^= rng << 13;
	rng ^= rng >> 7;
	rng ^= rng << 17;
	return n ? (size_t)(rng >> 11) % n : 0;
}

/* In a block of exactly its size, so that a sanitizer sees a step outside. */
static void run(const uint8_t *data, size_t n)
{
	uint8_t *copy = malloc(n ? n : 1);

	if (!copy)
		abort();
	if (n)
		memcpy(copy, data, n);
	(void)LLVMFuzzerTestOneInput(copy, n);
	free(copy);
}

static size_t change(uint8_t *p, size_t n)
{
	static const uint8_t odd[] =
		"\0\r\n\t \"'()<>{}[]\\/.,:;=@*%\x7f\x80\xff";
	size_t at = below(n), from = below(n);

	if (n == 0)
		return 0;
	switch (below(5)) {
	case 0: p[at] = (uint8_t)below(256); break;
	case 1: p[at] = odd[below(sizeof(odd))]; break;
	case 2: p[at] ^= (uint8_t)(1u << below(8)); break;
	case 3: /* a piece again somewhere else */
		memmove(p + at, p + from, below(n - (at > from ? at : from)));
		break;
	default: /* a piece taken out */
		memmove(p + at, p + at + 1, n - at - 1);
		n--;
	}
	return n;
}

static void replay(const uint8_t *data, size_t n)
{
	size_t cuts = n < CUTS ? n : CUTS;
	size_t changes = n ? BUDGET / n : 0;
	uint8_t *p = malloc(n ? n : 1);

	if (!p)
		abort();
	run(data, n);
	for (size_t i = 0; i < cuts; i++)
		run(data, i);
	for (size_t i = 0; i < changes && i < CHANGES; i++) {
		size_t m = n;

		memcpy(p, data, n);
		for (size_t k = below(4) + 1; k > 0; k--)
			m = change(p, m);
		run(p, m);
	}
	free(p);
}

static int replay_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	uint8_t *p;
	long n;

	if (!f || fseek(f, 0, SEEK_END) < 0 || (n = ftell(f)) < 0) {
		perror(path);
		return -1;
	}
	rewind(f);
	p = malloc((size_t)n + 1);
	if (!p || fread(p, 1, (size_t)n, f) != (size_t)n) {
		perror(path);
		return -1;
	}
	(void)fclose(f);
	replay(p, (size_t)n);
	free(p);
	return 0;
}

static int replay_folder(const char *dir)
{
	struct dirent **names;
	int n = scandir(dir, &names, NULL, alphasort);
	int files = 0;

	if (n < 0) {
		perror(dir);
		return -1;
	}
	for (int i = 0; i < n; i++) {
		char path[4096];

		(void)snprintf(path, sizeof(path), "%s/%s", dir,
		               names[i]->d_name);
		if (names[i]->d_name[0] != '.') {
			if (replay_file(path) < 0)
				return -1;
			files++;
		}
		free(names[i]);
	}
	free(names);
	return files;
}

int main(int argc, char **argv)
{
	int files = 0;

	run((const uint8_t *)"", 0);
	for (int i = 1; i < argc; i++) {
		int n = replay_folder(argv[i]);

		if (n < 0)
			return 1;
		files += n;
	}
	printf("%d seeds\n", files);
	return files > 0 ? 0 : 1;
}
