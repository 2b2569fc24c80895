/*
 * html/links.ts - links in plain text, and links that are not what they say.
 */

export interface Piece {
	text: string;
	href?: string;
}

/* Schemes and "www."; addresses of mail.  Bounded, so that no text is slow. */
const LINK =
	/\b(?:https?:\/\/|www\.)[^\s<>"'`\u0000-\u001f]{1,2000}|\b[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}\b/gi;

const CLOSES: Record<string, string> = { ')': '(', ']': '[', '}': '{' };

function count(s: string, c: string): number {
	return s.split(c).length - 1;
}

/* The full stop behind an address is the sentence's. */
function withoutTail(s: string): string {
	for (;;) {
		const last = s[s.length - 1] ?? '';
		const open = CLOSES[last];
		if (/[.,;:!?*_]/.test(last) || (open && count(s, last) > count(s, open))) s = s.slice(0, -1);
		else return s;
	}
}

function target(s: string): string | undefined {
	const at = !/^https?:|^www\./i.test(s) && s.includes('@');
	const address = at ? `mailto:${s}` : /^www\./i.test(s) ? `https://${s}` : s;
	try {
		const url = new URL(address);
		return at || url.hostname.includes('.') || url.hostname === 'localhost' ? url.href : undefined;
	} catch {
		return undefined;
	}
}

/** The text cut into plain pieces and links. */
export function findLinks(text: string): Piece[] {
	const out: Piece[] = [];
	let from = 0;
	for (const m of text.matchAll(LINK)) {
		const word = withoutTail(m[0]);
		const href = word ? target(word) : undefined;
		if (!href) continue;
		if (m.index > from) out.push({ text: text.slice(from, m.index) });
		out.push({ text: word, href });
		from = m.index + word.length;
	}
	if (from < text.length) out.push({ text: text.slice(from) });
	return out;
}

function site(host: string): string {
	const parts = host
		.toLowerCase()
		.replace(/^www\./, '')
		.split('.');
	/* "a.co.uk" and "b.co.uk" are two sites. */
	const second = parts[parts.length - 2] ?? '';
	const keep = parts.length > 2 && parts[parts.length - 1]!.length === 2 && second.length <= 3 ? 3 : 2;
	return parts.slice(-keep).join('.');
}

/** Do the words name a host, and the link leads to another? */
export function differs(href: string, words: string): boolean {
	const m = /^\s*(?:https?:\/\/)?((?:[\p{L}\p{N}-]+\.)+\p{L}{2,24})(?:[/:?#]\S*)?\s*$/iu.exec(words);
	if (!m) return false;
	try {
		const to = new URL(href);
		if (to.protocol !== 'http:' && to.protocol !== 'https:') return false;
		return site(new URL(`https://${m[1]}`).hostname) !== site(to.hostname);
	} catch {
		return false;
	}
}

/** Letters of several scripts in one name look like what they are not. */
export function mixesScripts(name: string): boolean {
	const scripts = ['Latin', 'Cyrillic', 'Greek', 'Armenian', 'Cherokee'];
	return name
		.split(/[\s.@-]+/)
		.some((word) => scripts.filter((s) => new RegExp(`\\p{Script=${s}}`, 'u').test(word)).length > 1);
}
