/*
 * compose/addresses.ts - addresses as people type and paste them.
 *
 *	parseAddresses('Bo <bo@partner.example>; eva@partner.example')
 *
 * Commas, semicolons and new lines part them, but not within quotes, brackets
 * or comments; what has no @ is kept and marked, so that nothing typed is lost.
 */
import type { Address } from '../jmap/types';

export interface Recipient extends Address {
	/** Not an address that mail can be sent to. */
	bad?: boolean;
}

/* RFC 5321, 4.5.3.1: 64 octets before the @, 255 behind; a quoted local part
 * and letters of any script are good (RFC 6531). */
const LOCAL = /^(?:"(?:[^"\\\r\n]|\\[^\r\n])*"|[^\s"(),:;<>@[\\\]]+)$/u;
const DOMAIN = /^(?:(?:[\p{L}\p{N}](?:[\p{L}\p{N}\p{M}-]{0,61}[\p{L}\p{N}\p{M}])?\.)+[\p{L}\p{N}][\p{L}\p{N}\p{M}-]{0,61}[\p{L}\p{N}\p{M}]|\[[0-9A-Fa-f.:IPv]+\])$/u;

export const PASTE_MAX = 2000;

export function isAddress(s: string): boolean {
	const at = s.lastIndexOf('@');
	const local = s.slice(0, at);
	const octets = new TextEncoder();
	return (
		at > 0 &&
		LOCAL.test(local) &&
		!/^\.|\.\.|\.$/.test(local) &&
		DOMAIN.test(s.slice(at + 1)) &&
		octets.encode(local).length <= 64 &&
		octets.encode(s).length <= 254
	);
}

/* Cut at separators outside of quotes, <> and (). */
function cut(text: string): string[] {
	const out: string[] = [];
	let from = 0;
	let quoted = false;
	let depth = 0;
	let angle = false;
	for (let i = 0; i < text.length; i++) {
		const c = text[i]!;
		if (c === '\\' && quoted) i++;
		else if (c === '"' && (quoted || text.indexOf('"', i + 1) > i)) quoted = !quoted;
		else if (quoted) continue;
		else if (c === '(') depth++;
		else if (c === ')') depth = Math.max(0, depth - 1);
		else if (c === '<') angle = true;
		else if (c === '>') angle = false;
		else if (c === '\n' || c === '\r' || ((c === ',' || c === ';') && !depth && !angle)) {
			out.push(text.slice(from, i));
			from = i + 1;
			angle = false;
			depth = 0;
		}
	}
	out.push(text.slice(from));
	return out.map((s) => s.trim()).filter(Boolean);
}

function unquoted(name: string): string | null {
	const s = name.trim();
	const inner = /^"(.*)"$|^'(.*)'$/su.exec(s);
	const text = inner ? (inner[1] ?? inner[2] ?? '').replace(/\\(.)/g, '$1') : s;
	return text.replace(/\s+/g, ' ').trim() || null;
}

function one(s: string): Recipient {
	const angle = /^(.*)<\s*([^<>]*?)\s*>[^<>]*$/s.exec(s);
	const comment = /^(\S+@\S+)\s*\(([^()]*)\)$/.exec(s);
	let r: Recipient;
	if (angle) r = { name: unquoted(angle[1]!), email: angle[2]! };
	else if (comment) r = { name: unquoted(comment[2]!), email: comment[1]! };
	else r = { name: null, email: s };
	r.email = r.email.replace(/^mailto:/i, '');
	if (r.name?.toLowerCase() === r.email.toLowerCase()) r.name = null;
	return isAddress(r.email) ? r : { ...r, bad: true };
}

/* "eva@x.example bo@x.example": addresses alone, parted by spaces. */
function spaced(s: string): string[] {
	const words = s.split(/\s+/);
	return words.length > 1 && words.every(isAddress) ? words : [s];
}

export function parseAddresses(text: string): Recipient[] {
	return cut(text)
		.map((s) => s.replace(/^(?:to|cc|bcc):\s*/i, ''))
		.flatMap(spaced).slice(0, PASTE_MAX).map(one);
}

export function formatAddress(a: Address): string {
	if (!a.name) return a.email;
	const plain = /^[\p{L}\p{N}!#$%&'*+\-/=?^_`{|}~ ]+$/u.test(a.name);
	return `${plain ? a.name : `"${a.name.replace(/["\\]/g, '\\$&')}"`} <${a.email}>`;
}

export function sameAddress(a: string, b: string): boolean {
	return a.trim().toLowerCase() === b.trim().toLowerCase();
}

/** Each address once, the first one of it. */
export function uniqueAddresses<A extends Address>(list: readonly A[]): A[] {
	const seen = new Set<string>();
	return list.filter((a) => !seen.has(a.email.toLowerCase()) && seen.add(a.email.toLowerCase()));
}

/** What a mailto: link asks for (RFC 6068); no field beyond these. */
export interface MailTo {
	to: Recipient[];
	cc: Recipient[];
	bcc: Recipient[];
	subject: string;
	body: string;
}

export function parseMailTo(href: string): MailTo | null {
	const m = /^mailto:([^?#]*)(?:\?([^#]*))?/i.exec(href.trim());
	if (!m) return null;
	const plain = (s: string): string => {
		try {
			return decodeURIComponent(s);
		} catch {
			return s;
		}
	};
	const out: MailTo = { to: parseAddresses(plain(m[1]!)), cc: [], bcc: [], subject: '', body: '' };
	for (const pair of (m[2] ?? '').split('&')) {
		const eq = pair.indexOf('=');
		const name = pair.slice(0, eq).toLowerCase();
		const value = plain(pair.slice(eq + 1));
		if (eq < 1) continue;
		if (name === 'to' || name === 'cc' || name === 'bcc') out[name].push(...parseAddresses(value));
		else if (name === 'subject') out.subject = value.replace(/[\r\n]+/g, ' ');
		else if (name === 'body') out.body = value.replace(/\r\n?/g, '\n');
	}
	return out;
}
