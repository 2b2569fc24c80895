/*
 * html/css_tokens.ts - CSS as tokens (CSS Syntax Level 3, section 4).
 *
 * What a mail writes is read as a browser would read it: escapes are decoded
 * and comments are gone before anything is compared, so "\75\72\6c(" is the
 * url( that it is.  Names come out lower case where CSS ignores case.
 */

export type Kind =
	| 'ident'
	| 'function'
	| 'at'
	| 'hash'
	| 'string'
	| 'url'
	| 'number'
	| 'space'
	| 'bad'
	| ':'
	| ';'
	| ','
	| '{'
	| '}'
	| '('
	| ')'
	| '['
	| ']'
	| 'delim';

export interface Token {
	kind: Kind;
	/* Decoded; a number with its sign; a delim's character. */
	text: string;
	/* Of a number: "px", "%", or "". */
	unit: string;
}

/* One sheet, or one attribute, of a mail. */
export const CSS_MAX = 256 * 1024;

const SPACE = /[ \t\n]/;
const NAME_START = /[a-zA-Z_\u0080-\u{10ffff}]/u;
const NAME = /[a-zA-Z0-9_\-\u0080-\u{10ffff}]/u;
const HEX = /[0-9a-fA-F]/;
const DIGIT = /[0-9]/;

class Scanner {
	private at = 0;
	private readonly chars: string[];

	constructor(css: string) {
		this.chars = [...css.replace(/\r\n?|\f/g, '\n').replace(/\0/g, '\ufffd')];
	}

	get done(): boolean {
		return this.at >= this.chars.length;
	}

	peek(ahead = 0): string {
		return this.chars[this.at + ahead] ?? '';
	}

	take(): string {
		return this.chars[this.at++] ?? '';
	}

	skip(n: number): void {
		this.at += n;
	}

	isEscape(ahead = 0): boolean {
		return this.peek(ahead) === '\\' && this.peek(ahead + 1) !== '\n';
	}

	isName(ahead = 0): boolean {
		const c = this.peek(ahead);
		if (c === '-') {
			const next = this.peek(ahead + 1);
			return next === '-' || NAME_START.test(next) || this.isEscape(ahead + 1);
		}
		return NAME_START.test(c) || this.isEscape(ahead);
	}

	isNumber(): boolean {
		const c = this.peek();
		const signed = c === '+' || c === '-' ? 1 : 0;
		return DIGIT.test(this.peek(signed)) || (this.peek(signed) === '.' && DIGIT.test(this.peek(signed + 1)));
	}

	/* Behind the backslash. */
	escape(): string {
		let hex = '';
		if (this.done) return '\ufffd';
		while (hex.length < 6 && HEX.test(this.peek())) hex += this.take();
		if (!hex) return this.take();
		if (SPACE.test(this.peek())) this.take();
		const code = parseInt(hex, 16);
		return code === 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)
			? '\ufffd'
			: String.fromCodePoint(code);
	}

	name(): string {
		let out = '';
		for (;;) {
			if (NAME.test(this.peek())) out += this.take();
			else if (this.isEscape()) {
				this.take();
				out += this.escape();
			} else return out;
		}
	}

	/* False when the comment has no end. */
	comment(): boolean {
		this.skip(2);
		while (!this.done) {
			if (this.peek() === '*' && this.peek(1) === '/') {
				this.skip(2);
				return true;
			}
			this.take();
		}
		return false;
	}
}

function token(kind: Kind, text = '', unit = ''): Token {
	return { kind, text, unit };
}

function string(s: Scanner): Token {
	const quote = s.take();
	let out = '';
	while (!s.done) {
		const c = s.take();
		if (c === quote) return token('string', out);
		if (c === '\n') return token('bad');
		if (c !== '\\') out += c;
		else if (s.peek() === '\n') s.take();
		else if (!s.done) out += s.escape();
	}
	/* An open string at the end is one that closes there. */
	return token('string', out);
}

function spaces(s: Scanner): void {
	while (SPACE.test(s.peek())) s.take();
}

function badUrl(s: Scanner): Token {
	while (!s.done) {
		if (s.isEscape()) {
			s.take();
			s.escape();
		} else if (s.take() === ')') break;
	}
	return token('bad');
}

/* Behind "url(" and not before a quote. */
function bareUrl(s: Scanner): Token {
	let out = '';
	spaces(s);
	while (!s.done) {
		const c = s.peek();
		if (c === ')') {
			s.take();
			return token('url', out);
		}
		if (SPACE.test(c)) {
			spaces(s);
			if (s.done || s.peek() === ')') continue;
			return badUrl(s);
		}
		if (c === '"' || c === "'" || c === '(' || /[\0-\x1f\x7f]/.test(c)) return badUrl(s);
		if (c === '\\') {
			if (!s.isEscape()) return badUrl(s);
			s.take();
			out += s.escape();
		} else out += s.take();
	}
	/* An unclosed url( swallows what follows; nothing of it is wanted. */
	return token('bad');
}

function named(s: Scanner): Token {
	const name = s.name();
	if (s.peek() !== '(') return token('ident', name);
	s.take();
	const lower = name.toLowerCase();
	if (lower !== 'url') return token('function', lower);
	let ahead = 0;
	while (SPACE.test(s.peek(ahead))) ahead++;
	if (s.peek(ahead) === '"' || s.peek(ahead) === "'") return token('function', lower);
	return bareUrl(s);
}

function number(s: Scanner): Token {
	let text = '';
	if (s.peek() === '+' || s.peek() === '-') text += s.take();
	while (DIGIT.test(s.peek())) text += s.take();
	if (s.peek() === '.' && DIGIT.test(s.peek(1))) {
		text += s.take();
		while (DIGIT.test(s.peek())) text += s.take();
	}
	const signed = /[+-]/.test(s.peek(1)) ? 1 : 0;
	if (/[eE]/.test(s.peek()) && DIGIT.test(s.peek(1 + signed))) {
		text += s.take();
		if (signed) text += s.take();
		while (DIGIT.test(s.peek())) text += s.take();
	}
	if (s.peek() === '%') {
		s.take();
		return token('number', text, '%');
	}
	return token('number', text, s.isName() ? s.name().toLowerCase() : '');
}

function one(s: Scanner): Token {
	const c = s.peek();
	if (SPACE.test(c)) {
		spaces(s);
		return token('space', ' ');
	}
	if (c === '"' || c === "'") return string(s);
	if (s.isNumber()) return number(s);
	if (c === '<' && s.peek(1) === '!' && s.peek(2) === '-' && s.peek(3) === '-') {
		s.skip(4);
		return token('space', ' ');
	}
	if (c === '-' && s.peek(1) === '-' && s.peek(2) === '>') {
		s.skip(3);
		return token('space', ' ');
	}
	if (s.isName()) return named(s);
	s.take();
	if (c === '#' && (NAME.test(s.peek()) || s.isEscape())) return token('hash', s.name());
	if (c === '@' && s.isName()) return token('at', s.name().toLowerCase());
	if (':;,{}()[]'.includes(c)) return token(c as Kind, c);
	return token('delim', c);
}

/* Comments are nothing; what is over CSS_MAX is not read at all. */
export function cssTokens(css: string): Token[] {
	const out: Token[] = [];
	if (css.length > CSS_MAX) return out;
	const s = new Scanner(css);
	while (!s.done) {
		if (s.peek() === '/' && s.peek(1) === '*') {
			if (!s.comment()) break;
			continue;
		}
		out.push(one(s));
	}
	return out;
}
