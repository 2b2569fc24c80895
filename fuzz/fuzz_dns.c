/* Any rdata: read or refused, and what is read fits. */
#include "wire/dns/rdata.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = { (const char *)data, size }, rest = in, out;
	struct dns_tlsa tlsa;
	struct dns_mx mx;
	struct arena a;

	arena_init(&a);
	if (dns_name_read(&rest, &a, &out)) {
		assert(rest.p > in.p && rest.p + rest.n == in.p + in.n);
		assert(out.n <= (size_t)4 * 255);
	}
	if (dns_mx_read(in, &a, &mx))
		assert(size >= 3);
	if (dns_txt_read(in, &a, &out))
		assert(out.n < size);
	if (dns_tlsa_read(in, &tlsa))
		assert(tlsa.data.n == size - 3);
	arena_deinit(&a);
	return 0;
}
