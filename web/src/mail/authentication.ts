/*
 * mail/authentication.ts - what Authentication-Results say of the sender, in
 * words (RFC 8601, 2.2).
 *
 * Only the topmost field counts: it is our server's, which takes away those that
 * pretend to be its own (RFC 8601, 5).  "Signed by X" is said when DMARC passed for
 * the domain of From, or a DKIM signature of that domain did.
 */
import type { Header } from '../jmap/types';

export interface Check {
	method: 'spf' | 'dkim' | 'dmarc' | 'arc' | (string & {});
	result: string;
	/** The domain that it is about. */
	domain: string;
}

export interface Authentication {
	verdict: 'signed' | 'unknown' | 'forged';
	/** Who signed. */
	domain: string;
	checks: Check[];
	/** The last hop's TLS, as its Received field tells; undefined: not told. */
	tls: string | undefined;
}

/** Without comments: they nest, and may hold quoted pairs (RFC 5322, 3.2.2). */
export function withoutComments(s: string): string {
	let out = '';
	let depth = 0;
	let quoted = false;
	for (let i = 0; i < s.length; i++) {
		const c = s[i]!;
		if (c === '\\') {
			if (depth === 0)
				out += c + (s[i + 1] ?? '');
			i++;
		} else if (c === '"' && depth === 0) {
			quoted = !quoted;
			out += c;
		} else if (c === '(' && !quoted) {
			depth++;
		} else if (c === ')' && !quoted && depth > 0) {
			depth--;
			out += ' ';
		} else if (depth === 0) {
			out += c;
		}
	}
	return out;
}

export const valueOf = (headers: readonly Header[], name: string): string | undefined =>
	headers.find((h) => h.name.toLowerCase() === name)?.value;

/** Parts between semicolons that no quotes hold. */
function parts(value: string): string[] {
	return [...value.matchAll(/(?:"(?:[^"\\]|\\.)*"?|[^;"])+/g)].map((m) => m[0]);
}

/** Quoted values are read whole: a reason may hold anything. */
const PROPERTY = /([\w.-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"?|([^\s;"]+))/g;

function checksOf(value: string): Check[] {
	const out: Check[] = [];
	for (const part of parts(withoutComments(value)).slice(1)) {
		const m = /^\s*([a-z][a-z0-9-]*)(?:\s*\/\s*\d+)?\s*=\s*([a-z]+)/i.exec(part);
		if (!m)
			continue;
		const props: Record<string, string> = {};
		for (const p of part.slice(m[0].length).matchAll(PROPERTY))
			props[p[1]!.toLowerCase()] ??= p[2] ?? p[3] ?? '';
		const method = m[1]!.toLowerCase();
		const about = {
			spf: props['smtp.mailfrom'] || props['smtp.helo'],
			dkim: props['header.d'] || props['header.i'],
			dmarc: props['header.from'],
		}[method as 'spf'] ?? props['header.d'] ?? props['header.from'] ?? '';
		out.push({ method, result: m[2]!.toLowerCase(), domain: about.replace(/^.*@/, '').toLowerCase() });
	}
	return out;
}

const below = (a: string, b: string) => a === b || a.endsWith(`.${b}`);
/** One of them is the other or above it: aligned as the relaxed mode of DMARC. */
const aligned = (a: string, b: string) => a !== '' && b.includes('.') && a.includes('.') && (below(a, b) || below(b, a));

function tlsOf(headers: readonly Header[]): string | undefined {
	const received = valueOf(headers, 'received');
	if (received === undefined)
		return undefined;
	const version = /\b(TLS\s?v?1[._]\d)/i.exec(received)?.[1];
	if (version)
		return version.replace(/TLS\s?v?/i, 'TLS ').replace('_', '.');
	return /\swith\s+(ESMTPSA?|UTF8SMTPSA?|LMTPSA?)\b/i.test(received) ? 'TLS' : '';
}

export function authentication(headers: readonly Header[], from: string): Authentication {
	const value = valueOf(headers, 'authentication-results');
	const checks = value ? checksOf(value) : [];
	const domain = from.replace(/^.*@/, '').toLowerCase();
	const dmarc = checks.find((c) => c.method === 'dmarc');
	const signed = checks.find((c) => c.method === 'dkim' && c.result === 'pass' && aligned(c.domain, domain));
	let verdict: Authentication['verdict'] = 'unknown';
	if (dmarc?.result === 'pass' || (signed && dmarc?.result !== 'fail'))
		verdict = 'signed';
	else if (dmarc?.result === 'fail')
		verdict = 'forged';
	return { verdict, domain: signed?.domain || (verdict === 'signed' ? domain : ''), checks, tls: tlsOf(headers) };
}

export const passed = (c: Check): boolean => c.result === 'pass' || c.result === 'bestguesspass';
export const failed = (c: Check): boolean => /^(fail|softfail|permerror|policy|hardfail)$/.test(c.result);
