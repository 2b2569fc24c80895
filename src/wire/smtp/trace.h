/*
 * wire/smtp/trace.h - the fields a server puts on top of a message.
 *
 * Return-Path and Received as RFC 5321, 4.4 writes them, Delivered-To as
 * RFC 9228 describes it.  Nothing that a peer said can break a field: what
 * does not fit its grammar goes into a comment, with "?" for odd bytes.
 *
 *	Received: from mail.example.org ([192.0.2.1])
 *		by mx.example.com with ESMTPS (TLS1.3 TLS_AES_128_GCM_SHA256)
 *		id 3q9f2k for <bo@example.com>;
 *		Tue, 24 Nov 2026 05:10:00 +0000
 */
#ifndef WIRE_SMTP_TRACE_H
#define WIRE_SMTP_TRACE_H

#include "base/buf.h"

struct smtp_received {
	struct str helo; /* as said; "" when there was none */
	struct str ip;   /* "192.0.2.1", "2001:db8::1", "" for local */
	struct str by;   /* our name */
	bool esmtp;      /* EHLO, not HELO */
	bool utf8;       /* SMTPUTF8 was given: UTF8SMTP (RFC 6531, 4.3) */
	bool tls, auth;  /* the S and A of ESMTPSA (RFC 3848) */
	bool lmtp;
	struct str protocol; /* instead of all these: "JMAP"; else "" */
	struct str tls_version, tls_cipher;
	struct str id;
	struct str rcpt; /* for <rcpt>; "" leaves it out */
	int64_t at_us;
};

/* "ESMTPSA": at least 16 bytes. */
const char *smtp_with(const struct smtp_received *r, char out[20]);

void smtp_received_write(struct buf *out, const struct smtp_received *r);

/* `sender` is an address without brackets, "" for the null path. */
void smtp_return_path_write(struct buf *out, struct str sender);
void smtp_delivered_to_write(struct buf *out, struct str address);

#endif
