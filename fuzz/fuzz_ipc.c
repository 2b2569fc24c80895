/* Any bytes as a message of an ipc connection, and its fields. */
#include "ipc/field.h"
#include "ipc/frame.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_fields(struct str body)
{
	struct ipc_fields f = { body, false };
	char z[16];
	struct str s;

	while (!f.bad && f.rest.n) {
		switch (f.rest.p[0] & 3) {
		case 0: (void)ipc_get_u8(&f); break;
		case 1: (void)ipc_get_u32(&f); break;
		case 2:
			s = ipc_get_str(&f, 64);
			assert(s.n <= 64);
			assert(!s.n ||
			       (s.p >= body.p && s.p + s.n <= body.p + body.n));
			break;
		default:
			ipc_get_z(&f, z, sizeof(z));
			assert(strlen(z) < sizeof(z));
			break;
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = { (const char *)data, size }, body;
	struct ipc_head head;

	read_fields(in);
	if (!ipc_frame_parse(in, &head, &body))
		return 0;
	assert(body.n == size - sizeof(head));
	assert(body.n <= IPC_BODY_MAX);
	assert(head.kind < ERR_KIND_COUNT);
	return 0;
}
