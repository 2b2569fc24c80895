/*
 * compose/draft.ts - what is being written, and the Email that it becomes.
 *
 * A draft has the Message-ID that it will be sent with from its beginning, so
 * that it can be found again when an answer of the server was lost.
 */
import type { Address, BodyPart, Email, Id, Identity } from '../jmap/types';
import type { Recipient } from './addresses';
import { isAddress, sameAddress } from './addresses';
import { flowedOf, unflowed, writeFlowed } from '../html/text';

export interface Attachment {
	key: string;
	name: string;
	type: string;
	size: number;
	blobId: Id | null;
	/** In the text, as cid:. */
	cid: string | null;
}

export interface Draft {
	messageId: string;
	identityId: Id | null;
	from: Address | null;
	to: Recipient[];
	cc: Recipient[];
	bcc: Recipient[];
	replyTo: Address[];
	subject: string;
	rich: boolean;
	/** Of plain text what was written; of rich text made from `html`. */
	text: string;
	html: string;
	attachments: Attachment[];
	inReplyTo: string[] | null;
	references: string[] | null;
}

export function newMessageId(from: string, random = crypto.getRandomValues(new Uint8Array(16))): string {
	const hex = [...random].map((b) => b.toString(16).padStart(2, '0')).join('');
	return `${hex}@${from.split('@')[1] || 'localhost'}`;
}

export function emptyDraft(identity: Identity | undefined, rich: boolean): Draft {
	return {
		messageId: newMessageId(identity?.email ?? ''),
		identityId: identity?.id ?? null,
		from: identity ? { name: identity.name || null, email: identity.email } : null,
		to: [],
		cc: [],
		bcc: (identity?.bcc ?? []).map((a) => ({ ...a })),
		replyTo: identity?.replyTo ?? [],
		subject: '',
		rich,
		text: '',
		html: '',
		attachments: [],
		inReplyTo: null,
		references: null,
	};
}

/** Nothing that would be missed. */
export function isEmpty(d: Draft, start: Draft): boolean {
	return (
		d.to.length + d.cc.length === 0 &&
		!d.subject.trim() &&
		d.attachments.length === 0 &&
		(d.rich ? d.html === start.html : d.text.trim() === start.text.trim())
	);
}

/* An address that the server would refuse must not keep the rest from being
 * saved: it stays in the draft's own header. */
function kept(list: readonly Recipient[]): { good: Address[]; bad: string[] } {
	const good = list.filter((r) => isAddress(r.email)).map((r) => ({ name: r.name || null, email: r.email }));
	return { good, bad: list.filter((r) => !isAddress(r.email)).map((r) => (r.name ? `${r.name} <${r.email}>` : r.email)) };
}

/** Of a draft that waits for its last touch; gone when it is sent. */
export const UNSENT = 'header:X-Unsent-Recipients:asText';

/* Plain text goes with lines that programs may fill anew (RFC 3676); a draft is
 * kept as it was written. */
function parts(d: Draft, sending: boolean): Record<string, unknown> {
	const files = d.attachments.filter((a) => a.blobId);
	const flowed = sending && !d.rich;
	return {
		textBody: [flowed ? { partId: 't', 'header:Content-Type': 'text/plain; format=flowed' } : { partId: 't', type: 'text/plain' }],
		...(d.rich ? { htmlBody: [{ partId: 'h', type: 'text/html' }] } : {}),
		attachments: files.map((a) => ({
			blobId: a.blobId,
			type: a.type || 'application/octet-stream',
			name: a.name,
			disposition: a.cid ? 'inline' : 'attachment',
			...(a.cid ? { cid: a.cid } : {}),
		})),
		bodyValues: {
			t: { value: flowed ? writeFlowed(d.text) : d.text },
			...(d.rich ? { h: { value: d.html } } : {}),
		},
	};
}

/** For Email/set; `sending` leaves out what is for the draft alone. */
export function toEmail(d: Draft, mailbox: Id, sending: boolean): Record<string, unknown> {
	const to = kept(d.to);
	const cc = kept(d.cc);
	const bcc = kept(d.bcc);
	const bad = [...to.bad.map((s) => `To: ${s}`), ...cc.bad.map((s) => `Cc: ${s}`), ...bcc.bad.map((s) => `Bcc: ${s}`)];
	const subject = d.subject.replace(/[\r\n]+/g, ' ');
	return {
		mailboxIds: { [mailbox]: true },
		keywords: { $draft: true, $seen: true },
		messageId: [d.messageId],
		from: d.from ? [d.from] : null,
		to: to.good.length ? to.good : null,
		cc: cc.good.length ? cc.good : null,
		bcc: bcc.good.length ? bcc.good : null,
		replyTo: d.replyTo.length ? d.replyTo : null,
		subject: subject || null,
		inReplyTo: d.inReplyTo?.length ? d.inReplyTo : null,
		references: d.references?.length ? d.references : null,
		...(bad.length && !sending ? { [UNSENT]: bad.join('; ') } : {}),
		...parts(d, sending),
	};
}

function attachmentOf(p: BodyPart, n: number): Attachment {
	return {
		key: `${p.blobId ?? 'b'}-${n}`,
		name: p.name ?? '',
		type: p.type,
		size: p.size,
		blobId: p.blobId,
		cid: p.disposition === 'inline' || (p.cid && p.disposition !== 'attachment') ? p.cid : null,
	};
}

function unsent(email: Email, field: string): Recipient[] {
	const value = String((email as unknown as Record<string, unknown>)[UNSENT] ?? '');
	return value
		.split('; ')
		.filter((s) => s.startsWith(`${field}: `))
		.map((s) => ({ name: null, email: s.slice(field.length + 2), bad: true }));
}

/** A draft of the server, to go on with. */
export function fromEmail(email: Email, identities: readonly Identity[]): Draft {
	const from = email.from?.[0] ?? null;
	const identity = identities.find((i) => from && sameAddress(i.email, from.email)) ?? identities[0];
	const valueOf = (list: BodyPart[] | undefined, type: string): string =>
		(list ?? [])
			.filter((p) => p.type.toLowerCase() === type)
			.map((p) => {
				const value = email.bodyValues?.[p.partId ?? '']?.value ?? '';
				return flowedOf(p).flowed ? unflowed(value) : value;
			})
			.join('\n')
			.replace(/\r\n?/g, '\n');
	const html = valueOf(email.htmlBody, 'text/html');
	return {
		messageId: email.messageId?.[0] ?? newMessageId(from?.email ?? ''),
		identityId: identity?.id ?? null,
		from: from ?? (identity ? { name: identity.name || null, email: identity.email } : null),
		to: [...(email.to ?? []), ...unsent(email, 'To')],
		cc: [...(email.cc ?? []), ...unsent(email, 'Cc')],
		bcc: [...(email.bcc ?? []), ...unsent(email, 'Bcc')],
		replyTo: email.replyTo ?? [],
		subject: email.subject ?? '',
		rich: html !== '',
		/* The server ends the last line, which nobody wrote. */
		text: valueOf(email.textBody, 'text/plain').replace(/\n$/, ''),
		html,
		attachments: (email.attachments ?? []).map(attachmentOf),
		inReplyTo: email.inReplyTo ?? null,
		references: email.references ?? null,
	};
}

/** Everyone that it goes to, once. */
export function envelopeOf(d: Draft): string[] {
	const seen = new Map<string, string>();
	for (const r of [...d.to, ...d.cc, ...d.bcc]) if (isAddress(r.email)) seen.set(r.email.toLowerCase(), r.email);
	return [...seen.values()];
}

/** What is compared to see whether it changed since it was saved. */
export function fingerprint(d: Draft): string {
	return JSON.stringify({ ...d, text: d.rich ? '' : d.text, attachments: d.attachments.filter((a) => a.blobId).map((a) => [a.blobId, a.name, a.cid]) });
}
