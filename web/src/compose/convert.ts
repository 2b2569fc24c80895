/*
 * compose/convert.ts - between plain text and the little HTML that is written.
 */

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

export function escapeHtml(s: string): string {
	return s.replace(/[&<>"]/g, (c) => ESCAPES[c]!);
}

/** Lines become blocks, lines that begin with ">" quotes. */
export function textToHtml(text: string): string {
	const lines = text.replace(/\r\n?/g, '\n').split('\n');
	let out = '';
	let depth = 0;
	for (const line of lines) {
		const marks = /^(?:> ?)*/.exec(line)![0];
		const want = marks.replace(/[^>]/g, '').length;
		for (; depth < want; depth++) out += '<blockquote type="cite">';
		for (; depth > want; depth--) out += '</blockquote>';
		const words = escapeHtml(line.slice(marks.length)).replace(/ {2}/g, ' &nbsp;').replace(/^ /, '&nbsp;');
		out += `<div>${words || '<br>'}</div>`;
	}
	return out + '</blockquote>'.repeat(depth);
}

const BLOCKS = new Set(
	'ADDRESS ARTICLE ASIDE BLOCKQUOTE BODY CENTER DD DIV DL DT FIGURE FOOTER H1 H2 H3 H4 H5 H6 HEADER HR LI MAIN NAV OL P PRE SECTION TABLE TR UL'.split(' '),
);
const SKIPPED = new Set('STYLE SCRIPT HEAD TITLE TEMPLATE'.split(' '));

interface Writing {
	lines: string[];
	/* The line that is open; null between blocks. */
	line: string | null;
	quote: number;
	/* An empty line is owed before the next words. */
	gap: boolean;
}

function end(w: Writing): void {
	if (w.line === null) return;
	w.lines.push((w.quote ? `${'>'.repeat(w.quote)} ` : '') + w.line.trimEnd());
	w.line = null;
}

function words(w: Writing, text: string, pre: boolean): void {
	if (pre) {
		text.split('\n').forEach((l, i) => {
			if (i) {
				w.line ??= '';
				end(w);
			}
			w.line = (w.line ?? '') + l;
		});
		return;
	}
	let s = text.replace(/[ \t\r\n\f]+/g, ' ');
	if (w.line === null || w.line.endsWith(' ')) s = s.replace(/^ /, '');
	if (!s) return;
	if (w.gap && w.lines.length && w.line === null) w.lines.push(w.quote ? '>'.repeat(w.quote) : '');
	w.gap = false;
	w.line = (w.line ?? '') + s;
}

function linkTail(el: Element): string {
	const href = el.getAttribute('href') ?? '';
	const text = (el.textContent ?? '').trim();
	const bare = (s: string): string => s.replace(/^(?:https?:\/\/|mailto:)/i, '').replace(/\/$/, '').toLowerCase();
	return /^(?:https?|mailto):/i.test(href) && text && bare(text) !== bare(href) ? ` <${href.replace(/^mailto:/i, '')}>` : '';
}

function marker(el: Element): string {
	const list = el.parentElement;
	if (list?.nodeName !== 'OL') return '* ';
	const items = [...list.children].filter((c) => c.nodeName === 'LI');
	return `${items.indexOf(el) + 1}. `;
}

function element(w: Writing, el: Element, pre: boolean, depth: number): void {
	const name = el.nodeName;
	const block = BLOCKS.has(name);
	if (SKIPPED.has(name) || depth > 200) return;
	if (name === 'BR') {
		w.line ??= '';
		end(w);
		return;
	}
	if (name === 'IMG') {
		const alt = el.getAttribute('alt');
		if (alt) words(w, `[${alt}]`, false);
		return;
	}
	if (block) {
		end(w);
		if (/^(?:P|H[1-6]|UL|OL|PRE|TABLE|BLOCKQUOTE)$/.test(name)) w.gap = true;
	}
	if (name === 'HR') {
		w.line = '-'.repeat(20);
		end(w);
		return;
	}
	if (name === 'BLOCKQUOTE') {
		w.quote++;
		w.gap = false;
	}
	if (name === 'LI') {
		w.gap = false;
		w.line = marker(el);
	}
	if (/^T[DH]$/.test(name) && w.line) w.line += ' ';
	for (const c of el.childNodes) node(w, c, pre || name === 'PRE', depth + 1);
	if (name === 'A') words(w, linkTail(el), false);
	if (block) {
		end(w);
		if (/^(?:P|H[1-6]|UL|OL|PRE|TABLE)$/.test(name)) w.gap = true;
	}
	if (name === 'BLOCKQUOTE') {
		w.quote--;
		w.gap = false;
	}
}

function node(w: Writing, n: Node, pre: boolean, depth: number): void {
	if (n.nodeType === 3) words(w, n.nodeValue ?? '', pre);
	else if (n.nodeType === 1) element(w, n as Element, pre, depth);
}

/** The words of cleaned HTML, quotes marked by ">". */
export function htmlToText(root: Node): string {
	const w: Writing = { lines: [], line: null, quote: 0, gap: false };
	for (const c of root.childNodes) node(w, c, false, 0);
	end(w);
	return w.lines.join('\n').replace(/\u00a0/g, ' ').replace(/\u200b/g, '').replace(/\n{3,}/g, '\n\n').trim();
}

/** Each line marked once more. */
export function quoteText(text: string): string {
	return text
		.replace(/\r\n?/g, '\n')
		.replace(/\n+$/, '')
		.split('\n')
		.map((l) => (l.startsWith('>') ? `>${l}` : `> ${l}`.trimEnd()))
		.join('\n');
}

/** Without the signature of the one who is quoted. */
export function withoutSignature(text: string): string {
	const at = text.search(/^-- ?$/m);
	return at > 0 ? text.slice(0, at).trimEnd() : text;
}
