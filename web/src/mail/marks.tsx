/*
 * mail/marks.tsx - what was searched for, marked in a text.
 */
import type { ComponentChildren } from 'preact';

const fold = (s: string) => s.normalize('NFD').replace(/[\u0300-\u036f]/g, '').toLowerCase();

/** Where the words stand: [from, to] in order, not overlapping. */
export function findWords(text: string, words: readonly string[]): [number, number][] {
	// Folding may change lengths: each folded unit remembers where it came from.
	let folded = '';
	const from: number[] = [];
	let at = 0;
	for (const c of text) {
		const f = fold(c);
		for (let i = 0; i < f.length; i++)
			from.push(at);
		folded += f;
		at += c.length;
	}
	from.push(at);
	const found: [number, number][] = [];
	for (const w of words) {
		const needle = fold(w).trim();
		if (!needle)
			continue;
		for (let i = folded.indexOf(needle); i >= 0; i = folded.indexOf(needle, i + needle.length)) {
			let end = from[i + needle.length]!;
			// A mark that belongs to the last letter.
			while (end < text.length && /[\u0300-\u036f]/.test(text[end]!))
				end++;
			found.push([from[i]!, end]);
		}
	}
	found.sort((a, b) => a[0] - b[0]);
	return found.reduce<[number, number][]>((out, f) => {
		const last = out.at(-1);
		if (last && f[0] < last[1])
			last[1] = Math.max(last[1], f[1]);
		else if (f[1] > f[0])
			out.push(f);
		return out;
	}, []);
}

export function Marked({ text, words }: { text: string; words: readonly string[] }) {
	if (words.length === 0)
		return <>{text}</>;
	const out: ComponentChildren[] = [];
	let at = 0;
	for (const [from, to] of findWords(text, words)) {
		out.push(text.slice(at, from), <mark key={from}>{text.slice(from, to)}</mark>);
		at = to;
	}
	out.push(text.slice(at));
	return <>{out}</>;
}

const NAMED: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const character = (n: number) => (n > 0 && n <= 0x10ffff ? String.fromCodePoint(n) : '\ufffd');
const decode = (s: string) => s.replace(/&(#\d+|#x[0-9a-f]+|\w+);/gi, (all, e: string) =>
	(e[0] === '#' ? character(Number(/^#x/i.test(e) ? `0${e.slice(1)}` : e.slice(1))) : NAMED[e.toLowerCase()] ?? all));

/** A snippet of the server: text with <mark>, the rest escaped (RFC 8621, 5). */
export function snippetParts(s: string): { text: string; hit: boolean }[] {
	return s.split(/<mark>([\s\S]*?)<\/mark>/).map((text, i) => ({ text: decode(text), hit: i % 2 === 1 })).filter((p) => p.text !== '');
}

export function SnippetText({ html }: { html: string }) {
	return <>{snippetParts(html).map((p, i) => (p.hit ? <mark key={i}>{p.text}</mark> : p.text))}</>;
}
