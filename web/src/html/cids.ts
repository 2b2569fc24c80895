/*
 * html/cids.ts - the pictures that come with a mail.
 */
import type { Client } from '../jmap/client';
import type { Email } from '../jmap/types';
import { cidKey, isPictureType } from './address';

/** Content-ID (cidKey) -> where the part can be had. */
export function cidsOf(email: Email, client: Client): Map<string, string> {
	const out = new Map<string, string>();
	for (const p of [...(email.attachments ?? []), ...(email.htmlBody ?? [])])
		if (p.cid && p.blobId && isPictureType(p.type))
			out.set(cidKey(p.cid), client.downloadUrl(p.blobId, p.name || 'picture', p.type));
	return out;
}
