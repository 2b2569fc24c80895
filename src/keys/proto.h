/* keys/proto.h - what client and server say to each other; private. */
#ifndef KEYS_PROTO_H
#define KEYS_PROTO_H

enum keys_op {
	KEYS_OP_SIGN = 1, /* id, scheme, hash, digest -> signature */
	KEYS_OP_RELOAD,
	KEYS_OP_DKIM_LIST,   /* domain -> u32 n, n times: selector, kind */
	KEYS_OP_DKIM_SIGN,   /* domain, selector, digest -> signature */
	KEYS_OP_DKIM_SEEN,   /* domain, selector: its record is in DNS */
	KEYS_OP_DKIM_LOST,   /* domain, selector: it is there no more */
	KEYS_OP_DKIM_TIDY,   /* domain: what was retired long ago goes */
	KEYS_OP_DKIM_ROTATE, /* domain: new keys beside those there */
	KEYS_OP_MAKE,        /* name -> SubjectPublicKeyInfo */
};

#define KEYS_INPUT_MAX 8192 /* EdDSA signs a text, not a digest */

#endif
