/*
 * wire/tnef/rtf.h - the RTF of a winmail.dat: unpack it, make HTML of it.
 *
 * The body is packed by LZFu, a window of 4096 bytes that is full of usual RTF
 * when it begins.  A program that wrote HTML puts it into RTF tag by tag and
 * marks it \fromhtml1; then what comes out is that HTML again.  Other RTF
 * becomes HTML with its text and its lines.
 *
 *	buf_init(&rtf, RTF_BYTES_MAX);
 *	if (rtf_unpack(&rtf, packed))
 *		rtf_to_html(&html, buf_str(&rtf), &codepage);
 *
 * Letters outside ASCII stand in the code page of the document, or as
 * references (&#8364;).  Both functions go through their input once; what they
 * make is bounded by the buffer given.
 */
#ifndef WIRE_TNEF_RTF_H
#define WIRE_TNEF_RTF_H

#include "base/buf.h"
#include "base/str.h"

#define RTF_BYTES_MAX ((size_t)16 * 1024 * 1024)
/* Deeper groups are read as if they were not there. */
#define RTF_DEPTH_MAX 200

/* False when it is not packed as it should be; what could be read of a damaged
 * one is in `out` then. */
bool rtf_unpack(struct buf *out, struct str packed) ATTR_MUST_USE;

/* *codepage_out is the document's, 1252 when it does not say. */
void rtf_to_html(struct buf *out, struct str rtf, uint32_t *codepage_out);

#endif
