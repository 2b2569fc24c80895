/* Any bytes: what is a URL has one spelling, which reads as the same. */
#include "wire/http/url.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = { (const char *)data, size };
	struct http_url u, again;
	struct buf b, twice;

	if (!http_url_parse(in, &u))
		return 0;
	assert(u.port > 0 && u.host.n > 0 && !(u.is_ip4 && u.is_ip6));
	buf_init(&b, HTTP_URL_MAX + 10);
	buf_init(&twice, HTTP_URL_MAX + 10);
	http_url_write(&b, &u);
	if (b.n <= HTTP_URL_MAX) {
		assert(http_url_parse(buf_str(&b), &again));
		assert(again.tls == u.tls && again.port == u.port);
		assert(memcmp(again.ip, u.ip, sizeof(u.ip)) == 0);
		http_url_write(&twice, &again);
		assert(str_eq(buf_str(&b), buf_str(&twice)));
	}
	buf_deinit(&b);
	buf_deinit(&twice);
	return 0;
}
