#include "keys/client.h"

#include <string.h>

#include "base/mem.h"
#include "ipc/field.h"
#include "ipc/ipc.h"
#include "keys/proto.h"
#include "os/clock.h"

#define TIMEOUT_US (5 * US_PER_SEC)

struct keys_client {
	struct ipc_client *ipc;
};

struct keys_client *keys_client_new(int door, const char *role)
{
	struct keys_client *k = mem_zalloc(sizeof(*k));

	k->ipc = ipc_client_new(door, role);
	return k;
}

void keys_client_free(struct keys_client **kp)
{
	struct keys_client *k = *kp;

	if (!k)
		return;
	ipc_client_free(&k->ipc);
	mem_free(k);
	*kp = NULL;
}

int keys_client_sign(struct keys_client *k, const unsigned char id[KEY_ID_SIZE],
                     enum key_scheme scheme, enum key_hash hash,
                     struct str digest, unsigned char out[KEY_SIGNATURE_MAX],
                     size_t *n_out, struct err *err)
{
	struct buf body, reply;
	int rc;

	buf_init(&body, KEYS_INPUT_MAX + 256);
	buf_init(&reply, KEY_SIGNATURE_MAX);
	buf_add(&body, (struct str){ (const char *)id, KEY_ID_SIZE });
	ipc_put_u8(&body, (uint8_t)scheme);
	ipc_put_u8(&body, (uint8_t)hash);
	ipc_put_str(&body, digest);
	if (buf_overflow(&body))
		rc = err_set(err, ERR_TOO_BIG, "too much to sign");
	else
		rc = ipc_call(k->ipc, KEYS_OP_SIGN, buf_str(&body), &reply,
		              TIMEOUT_US, err);
	if (rc == 0) {
		memcpy(out, reply.p, reply.n);
		*n_out = reply.n;
	}
	buf_deinit(&body);
	buf_deinit(&reply);
	return rc;
}

static int sign(void *arg, const unsigned char id[KEY_ID_SIZE],
                enum key_scheme scheme, enum key_hash hash, struct str digest,
                unsigned char out[KEY_SIGNATURE_MAX], size_t *n_out,
                struct err *err)
{
	return keys_client_sign(arg, id, scheme, hash, digest, out, n_out, err);
}

struct tls_signer keys_client_signer(struct keys_client *k)
{
	return (struct tls_signer){ .sign = sign, .arg = k };
}

int keys_client_reload(struct keys_client *k, struct err *err)
{
	return ipc_call(k->ipc, KEYS_OP_RELOAD, STR(""), NULL, TIMEOUT_US, err);
}

int keys_client_make(struct keys_client *k, struct str name, struct buf *spki,
                     struct err *err)
{
	return ipc_call(k->ipc, KEYS_OP_MAKE, name, spki, TIMEOUT_US, err);
}

int keys_client_dkim_list(struct keys_client *k, struct str domain,
                          struct keys_dkim out[KEYS_DKIM_MAX], size_t *n_out,
                          struct err *err)
{
	struct ipc_fields f;
	struct buf body, reply;
	uint32_t n = 0;
	int rc;

	buf_init(&body, 1024);
	buf_init(&reply, 1024);
	ipc_put_str(&body, domain);
	rc = ipc_call(k->ipc, KEYS_OP_DKIM_LIST, buf_str(&body), &reply,
	              TIMEOUT_US, err);
	if (rc == 0) {
		f = (struct ipc_fields){ buf_str(&reply), false };
		n = ipc_get_u32(&f);
		for (uint32_t i = 0; i < n && i < KEYS_DKIM_MAX; i++) {
			ipc_get_z(&f, out[i].selector, sizeof(out[i].selector));
			out[i].ed25519 = ipc_get_u8(&f) != 0;
		}
		if (n > KEYS_DKIM_MAX || !ipc_fields_done(&f))
			rc = err_set(err, ERR_TEMP, "damaged answer");
	}
	if (rc == 0)
		*n_out = n;
	buf_deinit(&body);
	buf_deinit(&reply);
	return rc;
}

int keys_client_dkim_sign(struct keys_client *k, struct str domain,
                          const char *selector, const unsigned char digest[32],
                          unsigned char out[KEY_SIGNATURE_MAX], size_t *n_out,
                          struct err *err)
{
	struct buf body, reply;
	int rc;

	buf_init(&body, 1024);
	buf_init(&reply, KEY_SIGNATURE_MAX);
	ipc_put_str(&body, domain);
	ipc_put_str(&body, str_z(selector));
	ipc_put_str(&body, (struct str){ (const char *)digest, 32 });
	rc = ipc_call(k->ipc, KEYS_OP_DKIM_SIGN, buf_str(&body), &reply,
	              TIMEOUT_US, err);
	if (rc == 0) {
		memcpy(out, reply.p, reply.n);
		*n_out = reply.n;
	}
	buf_deinit(&body);
	buf_deinit(&reply);
	return rc;
}

/* `selector` may be NULL. */
static int tell(struct keys_client *k, enum keys_op op, struct str domain,
                const char *selector, struct err *err)
{
	struct buf body;
	int rc;

	buf_init(&body, 1024);
	ipc_put_str(&body, domain);
	if (selector)
		ipc_put_str(&body, str_z(selector));
	rc = ipc_call(k->ipc, (uint16_t)op, buf_str(&body), NULL, TIMEOUT_US,
	              err);
	buf_deinit(&body);
	return rc;
}

int keys_client_dkim_seen(struct keys_client *k, struct str domain,
                          const char *selector, struct err *err)
{
	return tell(k, KEYS_OP_DKIM_SEEN, domain, selector, err);
}

int keys_client_dkim_lost(struct keys_client *k, struct str domain,
                          const char *selector, struct err *err)
{
	return tell(k, KEYS_OP_DKIM_LOST, domain, selector, err);
}

int keys_client_dkim_rotate(struct keys_client *k, struct str domain,
                            struct err *err)
{
	return tell(k, KEYS_OP_DKIM_ROTATE, domain, NULL, err);
}

int keys_client_dkim_tidy(struct keys_client *k, struct str domain,
                          struct err *err)
{
	return tell(k, KEYS_OP_DKIM_TIDY, domain, NULL, err);
}
