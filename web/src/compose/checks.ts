/*
 * compose/checks.ts - what is asked before a mail goes (WM-30).
 */
import { isAddress } from './addresses';
import type { Draft } from './draft';

export type Check =
	| { kind: 'noRecipients' }
	| { kind: 'badRecipient'; address: string }
	| { kind: 'uploading' }
	| { kind: 'failedUpload'; name: string }
	| { kind: 'tooLarge'; size: number; max: number }
	| { kind: 'noAttachment'; word: string }
	| { kind: 'noSubject' }
	| { kind: 'many'; n: number }
	| { kind: 'limit'; what: 'messages' | 'recipients'; used: number; limit: number; minutes: number };

/** These stop it; the others are asked about once. */
export const STOPS = new Set<Check['kind']>(['noRecipients', 'badRecipient', 'uploading', 'failedUpload', 'tooLarge']);

/* In the languages of the product; whole words. */
const ATTACHED =
	/(?:^|[^\p{L}])(attached|attachment|attachments|enclosed|i attach|vedh\u00e6ftet|vedh\u00e6ftede|vedh\u00e6fter|vedlagt|vedlagte|bilag|anbei|angeh\u00e4ngt|anhang|im anhang|beigef\u00fcgt|bifogat|bifogad|bifogar|bilaga|vedlegg|bijlage|bijgevoegd)(?![\p{L}])/iu;

/** Base64 in lines, and the header around it. */
export function encodedSize(bytes: number): number {
	return Math.ceil(bytes / 57) * 78 + 400;
}

export function sizeOf(d: Draft): number {
	const text = d.text.length + (d.rich ? d.html.length : 0);
	return d.attachments.reduce((n, a) => n + encodedSize(a.size), 1500 + Math.ceil(text * 1.1));
}

/** What the writer wrote: not what is quoted, not the signature. */
export function ownWords(text: string): string {
	const lines = text.split('\n');
	const end = lines.findIndex((l) => /^-- ?$/.test(l));
	return (end >= 0 ? lines.slice(0, end) : lines).filter((l) => !l.startsWith('>')).join('\n');
}

export function mentionsAttachment(d: Draft): string | null {
	if (d.attachments.some((a) => !a.cid)) return null;
	return ATTACHED.exec(`${ownWords(d.text)}\n`)?.[1] ?? null;
}

export interface Uploads {
	running: number;
	failed: string[];
}

export function checksOf(d: Draft, uploads: Uploads, max: number, all: boolean): Check[] {
	const out: Check[] = [];
	const everyone = [...d.to, ...d.cc, ...d.bcc];
	const bad = everyone.find((r) => !isAddress(r.email));
	const size = sizeOf(d);
	const word = mentionsAttachment(d);
	if (bad) out.push({ kind: 'badRecipient', address: bad.email });
	else if (everyone.length === 0) out.push({ kind: 'noRecipients' });
	if (uploads.failed.length) out.push({ kind: 'failedUpload', name: uploads.failed[0]! });
	else if (uploads.running) out.push({ kind: 'uploading' });
	if (max > 0 && size > max) out.push({ kind: 'tooLarge', size, max });
	if (word) out.push({ kind: 'noAttachment', word });
	if (!d.subject.trim()) out.push({ kind: 'noSubject' });
	if (all && everyone.length > 10) out.push({ kind: 'many', n: everyone.length });
	return out;
}

/** A window of sending, as SendLimit/get has it. */
export interface SendLimit {
	kind: string;
	scope: string;
	windowSeconds: number | null;
	used: number;
	limit: number;
}

/** The window that this mail would break, the tightest first. */
export function limitCheck(limits: readonly SendLimit[], recipients: number): Check | null {
	const over = limits
		.filter((l) => l.windowSeconds && l.limit > 0)
		.filter((l) => (l.kind === 'messages' && l.used + 1 > l.limit) || (l.kind === 'recipients' && l.used + recipients > l.limit))
		.sort((a, b) => a.windowSeconds! - b.windowSeconds!)[0];
	return over ? { kind: 'limit', what: over.kind as 'messages' | 'recipients', used: over.used, limit: over.limit, minutes: Math.ceil(over.windowSeconds! / 60) } : null;
}
