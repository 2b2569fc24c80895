/* Any bytes: an address that parses is written and parses to the same. */
#include "net/addr.h"

#include <assert.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = { (const char *)data, size };
	char text[NET_ADDR_TEXT_MAX];
	struct net_addr a, b;
	struct net_prefix p;
	struct err err;

	if (net_addr_parse(in, &a, &err) == 0) {
		(void)net_addr_text(&a, text);
		assert(net_addr_parse(str_z(text), &b, &err) == 0);
		assert(net_addr_eq(&a, &b));
	}
	if (net_addr_parse_port(in, 25, &a, &err) == 0) {
		(void)net_addr_port_text(&a, text);
		assert(net_addr_parse_port(str_z(text), 0, &b, &err) == 0);
		assert(net_addr_eq(&a, &b));
	}
	if (net_prefix_parse(in, &p, &err) == 0)
		assert(net_prefix_has(&p, &p.addr));
	return 0;
}
