/*
 * html/text.ts - plain text of a mail as paragraphs and quotes.
 *
 * format=flowed (RFC 3676): a line that ends in a space goes on in the next
 * one of the same depth; one space behind the marks of a quote is stuffing.
 * Text that is not flowed keeps its lines.
 */
import { findLinks } from './links';
import type { Piece } from './links';

export interface TextOptions {
	flowed?: boolean;
	delsp?: boolean;
}

/** Lines of one depth; `depth` 0 is what the sender wrote. */
export interface TextBlock {
	depth: number;
	lines: Piece[][];
	/** A signature: all behind "-- ". */
	signature?: boolean;
}

interface Line {
	depth: number;
	text: string;
	soft: boolean;
}

const DEPTH_MAX = 20;
export const TEXT_MAX = 1024 * 1024;

function readLine(raw: string, o: TextOptions): Line {
	const m = o.flowed ? /^>*/.exec(raw)! : /^(?:>[ \t]?)*/.exec(raw)!;
	const depth = Math.min(DEPTH_MAX, count(m[0]));
	let text = raw.slice(m[0].length);
	if (o.flowed && text.startsWith(' ')) text = text.slice(1);
	const soft = Boolean(o.flowed) && text.endsWith(' ') && text !== '-- ';
	if (soft && o.delsp) text = text.slice(0, -1);
	return { depth, text, soft };
}

function count(marks: string): number {
	return marks.replace(/[^>]/g, '').length;
}

function joined(lines: Line[]): Line[] {
	const out: Line[] = [];
	let open: Line | null = null;
	for (const l of lines) {
		if (open && open.depth === l.depth && l.text !== '-- ') {
			open.text += l.text;
			open.soft = l.soft;
		} else {
			open = { ...l };
			out.push(open);
		}
		if (!open.soft) open = null;
	}
	return out;
}

export function readText(text: string, o: TextOptions = {}): TextBlock[] {
	const raw = text.slice(0, TEXT_MAX).replace(/\r\n?/g, '\n').replace(/\n+$/, '').split('\n');
	const out: TextBlock[] = [];
	let last: TextBlock | null = null;
	for (const l of joined(raw.map((r) => readLine(r, o)))) {
		const signature = l.depth === 0 && (l.text === '-- ' || last?.signature === true);
		if (!last || last.depth !== l.depth || Boolean(last.signature) !== signature) {
			last = { depth: l.depth, lines: [] };
			if (signature) last.signature = true;
			out.push(last);
		}
		last.lines.push(findLinks(l.text));
	}
	return out;
}

/** How a part says that it is to be read, by its Content-Type field. */
export function flowedOf(part: object): TextOptions {
	const type = String((part as Record<string, unknown>)['header:Content-Type'] ?? '');
	return { flowed: /format\s*=\s*"?flowed/i.test(type), delsp: /delsp\s*=\s*"?yes/i.test(type) };
}

/** The lines as they were before writeFlowed(). */
export function unflowed(text: string): string {
	return readText(text, { flowed: true })
		.flatMap((b) => b.lines.map((l) => (b.depth ? `${'>'.repeat(b.depth)} ` : '') + l.map((p) => p.text).join('')))
		.join('\n');
}

/** RFC 3676, 4.2: a line of at most 78 columns, broken at spaces. */
export function writeFlowed(text: string, width = 72): string {
	const out: string[] = [];
	for (const line of text.replace(/\r\n?/g, '\n').split('\n')) {
		const quote = /^>+/.exec(line)?.[0] ?? '';
		/* A quote is marked already; other lines that begin so are stuffed. */
		const stuffed = quote ? line : /^(?: |From )/.test(line) ? ` ${line}` : line;
		const rest = line === '-- ' ? line : stuffed.replace(/ +$/, '');
		if (quote || rest.length <= width || rest === '-- ') out.push(rest);
		else out.push(...broken(rest, width));
	}
	return out.join('\n');
}

function broken(line: string, width: number): string[] {
	const out: string[] = [];
	let row = '';
	for (const word of line.split(/(?<= )(?! )/)) {
		if (row && row.length + word.trimEnd().length > width) {
			out.push(row);
			row = /^(?: |>|From )/.test(word) ? ` ${word}` : word;
		} else row += word;
	}
	out.push(row);
	return out;
}

/** What a row of the list shows of a body (WM-05). */
export function cleanPreview(preview: string): string {
	return preview
		.replace(
			/[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]+/g,
			'',
		)
		.replace(/(?:@media|@import|@font-face)[^{]*\{[^}]*\}?\s*\}?/g, ' ')
		.replace(/[^{}]{0,120}\{[^{}]*:[^{}]*\}/g, ' ')
		.replace(/^(?:>.*(?:\n|$))+/gm, ' ')
		.replace(/\s+/g, ' ')
		.trim();
}
