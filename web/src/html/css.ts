/*
 * html/css.ts - what of a mail's CSS is let through.
 *
 * Only listed properties, functions, units and kinds of rules; everything is
 * written anew from its tokens, so nothing of the mail's own spelling is left
 * (escapes, comments, unclosed ends).  The output never has a "<", and read
 * again it gives itself.
 *
 * Every address goes through `url`, which gives the one to be fetched instead,
 * or null.  A declaration that is refused leaves alone; its rule stays.
 */
import { cssTokens } from './css_tokens';
import type { Token } from './css_tokens';

export interface CssOptions {
	/* The address as written in the mail -> as it may be fetched. */
	url(address: string): string | null;
}

const RULES_MAX = 4000;
const DEPTH_MAX = 8;

const PROPERTIES = new Set(
	`
azimuth background background-color background-image background-position
background-position-x background-position-y background-repeat background-size
background-clip background-origin border border-bottom border-bottom-color
border-bottom-left-radius border-bottom-right-radius border-bottom-style
border-bottom-width border-collapse border-color border-left
border-left-color border-left-style border-left-width border-radius
border-right border-right-color border-right-style border-right-width
border-spacing border-style border-top border-top-color
border-top-left-radius border-top-right-radius border-top-style
border-top-width border-width bottom box-shadow box-sizing caption-side clear
color column-count column-gap column-width direction display empty-cells flex
flex-basis flex-direction flex-flow flex-grow flex-shrink flex-wrap float font
font-family font-size font-style font-variant font-weight gap
grid-template-columns height hyphens justify-content align-items
align-content align-self justify-items justify-self left letter-spacing
line-height list-style list-style-position list-style-type margin
margin-bottom margin-left margin-right margin-top max-height max-width
min-height min-width object-fit opacity order orphans outline outline-color
outline-style outline-width overflow overflow-wrap overflow-x overflow-y
padding padding-bottom padding-left padding-right padding-top position
quotes right row-gap table-layout text-align text-align-last
text-decoration text-decoration-color text-decoration-line
text-decoration-style text-decoration-thickness text-indent text-overflow
text-shadow text-transform text-underline-offset top unicode-bidi
vertical-align visibility white-space widows width word-break word-spacing
word-wrap writing-mode z-index
`
		.trim()
		.split(/\s+/),
);

const FUNCTIONS = new Set(
	`
rgb rgba hsl hsla calc min max clamp linear-gradient radial-gradient
repeating-linear-gradient repeating-radial-gradient minmax repeat url
`
		.trim()
		.split(/\s+/),
);

/* Those that depend on the height of the frame, which follows the mail. */
const UNIT = /^(|%|px|pt|pc|in|cm|mm|q|em|rem|ex|ch|vw|deg|rad|turn|grad|fr)$/;

const TAKES_URL = /^(background|background-image)$/;

const POSITIONS = new Set(['static', 'relative', 'absolute']);

const PSEUDO = new Set(
	`
link visited hover active focus first-child last-child only-child
first-of-type last-of-type only-of-type empty root before after first-line
first-letter
`
		.trim()
		.split(/\s+/),
);

const PSEUDO_FUNCTIONS = new Set(
	`
not is where nth-child nth-last-child nth-of-type nth-last-of-type lang
`
		.trim()
		.split(/\s+/),
);

const FEATURES = new Set(
	`
width min-width max-width device-width min-device-width max-device-width
orientation
`
		.trim()
		.split(/\s+/),
);

const MEDIA = new Set(['screen', 'all', 'only', 'and', 'not', 'portrait', 'landscape', ...FEATURES]);

const IDENT = /^-?[a-zA-Z_][a-zA-Z0-9_-]*$/;

/* ---- writing ---- */

export function cssString(s: string): string {
	let out = '';
	for (const c of s)
		out +=
			/[\x20\x21\x23-\x26\x28-\x3a\x3d\x3f-\x5b\x5d-\x7e]/.test(c) || c >= '\u00a1'
				? c
				: `\\${c.codePointAt(0)!.toString(16)} `;
	return `"${out}"`;
}

function numberText(t: Token): string | null {
	const n = Number(t.text);
	if (!Number.isFinite(n) || Math.abs(n) > 1e7 || !UNIT.test(t.unit)) return null;
	return String(Math.round(n * 1e4) / 1e4) + t.unit;
}

/* ---- values ---- */

interface Value {
	tokens: Token[];
	at: number;
	depth: number;
	property: string;
	options: CssOptions;
}

function quotedUrl(v: Value): string | null {
	let address: string | null = null;
	for (let t = v.tokens[v.at++]; t && t.kind !== ')'; t = v.tokens[v.at++]) {
		if (t.kind === 'space') continue;
		if (t.kind !== 'string' || address !== null) return null;
		address = t.text;
	}
	return address;
}

/* "" when it is left out and the rest of the value may stay. */
function urlText(v: Value, address: string): string | null {
	if (!TAKES_URL.test(v.property)) return null;
	const to = v.options.url(address.trim());
	return to === null ? '' : `url(${cssString(to)})`;
}

function functionText(v: Value, name: string): string | null {
	if (!FUNCTIONS.has(name)) return null;
	if (name === 'url') {
		const address = quotedUrl(v);
		return address === null ? null : urlText(v, address);
	}
	if (++v.depth > DEPTH_MAX) return null;
	const inner = valueText(v, true);
	v.depth--;
	return inner === null || inner === '' ? null : `${name}(${inner})`;
}

function plainText(v: Value, t: Token): string | null {
	switch (t.kind) {
		case 'ident':
			return IDENT.test(t.text) ? t.text : null;
		case 'hash':
			return /^[0-9a-fA-F]{3,8}$/.test(t.text) ? '#' + t.text : null;
		case 'string':
			return /^(font|font-family|quotes|text-overflow)$/.test(v.property) ? cssString(t.text) : null;
		case 'number':
			return numberText(t);
		case ',':
			return ',';
		case 'space':
			return ' ';
		case 'delim':
			return t.text === '/' || (v.depth && /^[+*-]$/.test(t.text)) ? t.text : null;
		default:
			return null;
	}
}

function valueText(v: Value, inside: boolean): string | null {
	let out = '';
	while (v.at < v.tokens.length) {
		const t = v.tokens[v.at++]!;
		let s: string | null;
		if (t.kind === ')') return inside ? out.trim() : null;
		if (t.kind === 'function') s = functionText(v, t.text);
		else if (t.kind === 'url') s = urlText(v, t.text);
		else if (t.kind === '(' && inside) {
			if (++v.depth > DEPTH_MAX) return null;
			const inner = valueText(v, true);
			v.depth--;
			s = inner ? `(${inner})` : null;
		} else s = plainText(v, t);
		if (s === null) return null;
		out += s === ' ' && (out === '' || out.endsWith(' ')) ? '' : s;
	}
	/* An end that is missing is read as if it were there. */
	return out.trim();
}

function trimmed(tokens: Token[]): Token[] {
	let from = 0,
		to = tokens.length;
	while (from < to && tokens[from]!.kind === 'space') from++;
	while (to > from && tokens[to - 1]!.kind === 'space') to--;
	return tokens.slice(from, to);
}

/* ---- declarations ---- */

function declaration(tokens: Token[], options: CssOptions): string | null {
	const all = trimmed(tokens);
	const name = all[0];
	let colon = 1;
	if (!name || name.kind !== 'ident') return null;
	const property = name.text.toLowerCase();
	while (all[colon]?.kind === 'space') colon++;
	if (all[colon]?.kind !== ':' || !PROPERTIES.has(property)) return null;
	let rest = trimmed(all.slice(colon + 1));
	let important = '';
	const last = rest[rest.length - 1];
	if (last?.kind === 'ident' && last.text.toLowerCase() === 'important') {
		const before = trimmed(rest.slice(0, -1));
		if (before[before.length - 1]?.kind !== 'delim' || before[before.length - 1]?.text !== '!') return null;
		important = ' !important';
		rest = trimmed(before.slice(0, -1));
	}
	const v: Value = { tokens: rest, at: 0, depth: 0, property, options };
	const text = valueText(v, false);
	if (!text || (property === 'position' && !POSITIONS.has(text.toLowerCase()))) return null;
	return `${property}:${text}${important}`;
}

const OPENS: Record<string, string> = { '(': ')', '[': ']', '{': '}' };

/* Where the bracket that opens at `i` closes; the end when it does not. */
function closing(tokens: Token[], i: number): number {
	const stack: string[] = [];
	for (; i < tokens.length; i++) {
		const k = tokens[i]!.kind;
		const close = k === 'function' ? ')' : OPENS[k];
		if (close) stack.push(close);
		else if (k === stack[stack.length - 1]) stack.pop();
		if (stack.length === 0) return i;
	}
	return tokens.length;
}

function declarations(tokens: Token[], options: CssOptions): string {
	const out: string[] = [];
	let from = 0;
	for (let i = 0; i <= tokens.length; i++) {
		const t = tokens[i];
		if (t && t.kind !== ';') {
			if (t.kind === 'function' || OPENS[t.kind]) i = Math.min(closing(tokens, i), tokens.length - 1);
			continue;
		}
		const d = declaration(tokens.slice(from, Math.min(i, tokens.length)), options);
		if (d) out.push(d);
		from = i + 1;
	}
	return out.join(';');
}

/* Of a style attribute. */
export function filterDeclarations(css: string, options: CssOptions): string {
	return declarations(cssTokens(css), options);
}

/* ---- rules ---- */

function attributeText(tokens: Token[]): string | null {
	let out = '[';
	for (const t of tokens) {
		if (t.kind === 'space') continue;
		if (t.kind === 'ident' && IDENT.test(t.text)) out += t.text;
		else if (t.kind === 'string') out += cssString(t.text);
		else if (t.kind === 'delim' && /^[=~|^$*]$/.test(t.text)) out += t.text;
		else return null;
	}
	return out + ']';
}

function pseudoText(tokens: Token[], i: number): [string, number] | null {
	let colons = ':';
	if (tokens[i]?.kind === ':') {
		colons = '::';
		i++;
	}
	const t = tokens[i];
	if (t?.kind === 'ident' && PSEUDO.has(t.text.toLowerCase())) return [colons + t.text.toLowerCase(), i];
	if (t?.kind !== 'function' || !PSEUDO_FUNCTIONS.has(t.text)) return null;
	const end = closing(tokens, i);
	const inner = selector(tokens.slice(i + 1, end), true);
	return inner ? [`${colons}${t.text}(${inner})`, end] : null;
}

function selector(tokens: Token[], inside = false): string | null {
	let out = '';
	for (let i = 0; i < tokens.length; i++) {
		const t = tokens[i]!;
		let s: string | null = null;
		if (t.kind === 'space') s = out && !out.endsWith(' ') ? ' ' : '';
		else if (t.kind === 'ident' && IDENT.test(t.text)) s = t.text;
		else if (t.kind === 'hash' && IDENT.test(t.text)) s = '#' + t.text;
		else if (t.kind === ',') s = ',';
		else if (t.kind === 'delim' && '.*>+~'.includes(t.text)) s = t.text;
		else if (inside && t.kind === 'number') s = numberText(t);
		else if (t.kind === '[') {
			const end = closing(tokens, i);
			s = attributeText(tokens.slice(i + 1, end));
			i = end;
		} else if (t.kind === ':') {
			const p = pseudoText(tokens, i + 1);
			s = p ? p[0] : null;
			if (p) i = p[1];
		}
		if (s === null) return null;
		out += s;
	}
	return out.trim() || null;
}

/* Each of a list by itself: one that is refused leaves the others. */
function selectors(tokens: Token[]): string {
	const out: string[] = [];
	let from = 0;
	for (let i = 0; i <= tokens.length; i++) {
		const t = tokens[i];
		if (t && t.kind !== ',') {
			if (t.kind === 'function' || OPENS[t.kind]) i = Math.min(closing(tokens, i), tokens.length - 1);
			continue;
		}
		const s = selector(trimmed(tokens.slice(from, Math.min(i, tokens.length))));
		if (s) out.push(s);
		from = i + 1;
	}
	return out.join(',');
}

function mediaText(tokens: Token[]): string | null {
	let out = '';
	for (const t of trimmed(tokens)) {
		let s: string | null = null;
		if (t.kind === 'space') s = out.endsWith(' ') ? '' : ' ';
		else if (t.kind === 'ident' && MEDIA.has(t.text.toLowerCase())) s = t.text.toLowerCase();
		else if (t.kind === 'number') s = numberText(t);
		else if (t.kind === '(' || t.kind === ')' || t.kind === ':' || t.kind === ',') s = t.text;
		if (s === null) return null;
		out += s;
	}
	return out || null;
}

interface Sheet {
	out: string;
	rules: number;
	options: CssOptions;
}

function atRule(sheet: Sheet, name: string, prelude: Token[], block: Token[] | null, depth: number): void {
	if (name !== 'media' || !block || depth >= 2) return;
	const media = mediaText(prelude);
	if (!media) return;
	const inner: Sheet = { out: '', rules: sheet.rules, options: sheet.options };
	rules(inner, block, depth + 1);
	sheet.rules = inner.rules;
	if (inner.out) sheet.out += `@media ${media}{${inner.out}}`;
}

function rules(sheet: Sheet, tokens: Token[], depth: number): void {
	let i = 0;
	while (i < tokens.length && sheet.rules < RULES_MAX) {
		const start = i;
		while (
			i < tokens.length &&
			tokens[i]!.kind !== '{' &&
			!(tokens[i]!.kind === ';' && tokens[start]!.kind === 'at')
		)
			i = tokens[i]!.kind === 'function' || OPENS[tokens[i]!.kind] ? closing(tokens, i) + 1 : i + 1;
		const prelude = trimmed(tokens.slice(start, i));
		let block: Token[] | null = null;
		if (tokens[i]?.kind === '{') {
			const end = closing(tokens, i);
			block = tokens.slice(i + 1, end);
			i = end;
		}
		i++;
		sheet.rules++;
		if (prelude[0]?.kind === 'at') {
			atRule(sheet, prelude[0].text, prelude.slice(1), block, depth);
			continue;
		}
		const list = block ? selectors(prelude) : '';
		const body = list ? declarations(block!, sheet.options) : '';
		if (body) sheet.out += `${list}{${body}}`;
	}
}

/* Of a style element. */
export function filterSheet(css: string, options: CssOptions): string {
	const sheet: Sheet = { out: '', rules: 0, options };
	rules(sheet, cssTokens(css), 0);
	return sheet.out;
}
