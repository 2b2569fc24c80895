/*
 * compose/reply.ts - whom an answer goes to, and what ties it to its mail.
 */
import type { Address, Email, Identity } from '../jmap/types';
import { sameAddress, uniqueAddresses } from './addresses';

export type Kind = 'reply' | 'replyAll' | 'forward';

const REPLY = /^\s*(?:re|sv|aw|antw|antwort|vs|odp|ref?)(?:\[\d+\])?\s*:\s*/i;
const FORWARD = /^\s*(?:fwd?|vs|wg|vb|tr|i|doorst)(?:\[\d+\])?\s*:\s*/i;

export function subjectOf(kind: Kind, subject: string): string {
	let s = subject.replace(/[\r\n]+/g, ' ').trim();
	const prefix = kind === 'forward' ? FORWARD : REPLY;
	while (prefix.test(s)) s = s.replace(prefix, '');
	return `${kind === 'forward' ? 'Fwd' : 'Re'}: ${s}`;
}

/* Sub-addresses of ours ("me+shop@") are ours. */
function isOwn(email: string, own: readonly string[]): boolean {
	const plain = (s: string): string => s.toLowerCase().replace(/\+[^@]*@/, '@');
	return own.some((o) => sameAddress(o, email) || plain(o) === plain(email));
}

/** The identity that the mail was sent to, else the one that sent it. */
export function identityFor(email: Email, identities: readonly Identity[]): Identity | undefined {
	const fields = [email.to, email.cc, email.bcc, email.from].map((l) => l ?? []);
	for (const list of fields)
		for (const a of list) {
			const exact = identities.find((i) => sameAddress(i.email, a.email));
			if (exact) return exact;
		}
	for (const h of email.headers ?? []) {
		if (!/^(?:delivered-to|x-original-to|envelope-to)$/i.test(h.name)) continue;
		const found = identities.find((i) => sameAddress(i.email, h.value.trim().replace(/^<|>$/g, '')));
		if (found) return found;
	}
	return identities.find((i) => fields.flat().some((a) => isOwn(a.email, [i.email]))) ?? identities[0];
}

export interface Sendees {
	to: Address[];
	cc: Address[];
}

/** To the one who wrote; of one's own mail, to those it went to. */
export function sendeesOf(kind: Kind, email: Email, own: readonly string[]): Sendees {
	const from = email.replyTo?.length ? email.replyTo : (email.from ?? []);
	const mine = (email.from ?? []).some((a) => isOwn(a.email, own));
	if (kind === 'forward') return { to: [], cc: [] };
	if (mine && !email.replyTo?.some((a) => !isOwn(a.email, own)))
		return { to: uniqueAddresses(email.to ?? from), cc: kind === 'replyAll' ? uniqueAddresses(email.cc ?? []) : [] };
	if (kind === 'reply') return { to: uniqueAddresses(from), cc: [] };
	const others = (list: Address[] | null | undefined): Address[] => (list ?? []).filter((a) => !isOwn(a.email, own));
	const to = uniqueAddresses([...from, ...others(email.to)]);
	const cc = uniqueAddresses(others(email.cc)).filter((c) => !to.some((a) => sameAddress(a.email, c.email)));
	return { to, cc };
}

const REFERENCES_MAX = 50;

/** RFC 5322, 3.6.4: References of the parent, else its In-Reply-To, then it. */
export function tieTo(email: Email): { inReplyTo: string[] | null; references: string[] | null } {
	const id = email.messageId?.[0];
	if (!id) return { inReplyTo: null, references: email.references ?? null };
	const before = email.references?.length ? email.references : email.inReplyTo?.length === 1 ? email.inReplyTo : [];
	const all = [...before.filter((r) => r !== id), id];
	/* The first and the newest matter most. */
	const kept = all.length > REFERENCES_MAX ? [all[0]!, ...all.slice(-(REFERENCES_MAX - 1))] : all;
	return { inReplyTo: [id], references: kept };
}
