/* Any header, in two blocks cut at any line: GOOD gives an https URL that can
 * stand in a request, and nothing else gives one; nor does a host that is not
 * ours. */
#include <assert.h>

#include "jmap/one_click.h"
#include "wire/http/url.h"

#define HOST STR("mx.host.example")

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first byte says at which line. */
static size_t cut_at(struct str header, uint8_t lines)
{
	size_t at = 0;

	while (lines-- > 0) {
		size_t n = str_chr(str_from(header, at), '\n');

		if (n == STR_NPOS)
			break;
		at += n + 1;
	}
	return at;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str blocks[2], header, url = { NULL, 0 }, other = { NULL, 0 };
	enum jmap_one_click found;
	struct http_url parsed;
	struct arena a;
	size_t at;

	if (size == 0)
		return 0;
	header = (struct str){ (const char *)data + 1, size - 1 };
	at = cut_at(header, data[0]);
	blocks[0] = str_to(header, at);
	blocks[1] = str_from(header, at);
	arena_init(&a);
	found = jmap_one_click(&a, blocks, 2, HOST, &url);
	if (found == JMAP_ONE_CLICK_GOOD) {
		assert(http_url_parse(url, &parsed) && parsed.tls);
		for (size_t i = 0; i < url.n; i++)
			assert((unsigned char)url.p[i] > ' ');
		assert(jmap_one_click(&a, blocks, 2, STR("other.example"),
		                      &other) == JMAP_ONE_CLICK_UNSIGNED);
	} else {
		assert(url.p == NULL);
	}
	assert(other.p == NULL);
	arena_deinit(&a);
	return 0;
}
