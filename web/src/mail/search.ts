/*
 * mail/search.ts - what is written into the search box, as a JMAP filter.
 *
 *	parseSearch('from:bo -is:read boat OR ship', context)
 *	 -> { filter, words: ['bo', 'boat', 'ship'], hints: [] }
 *
 *	search  = group *(space group)           all of them
 *	group   = term *("OR" term)              one of them; binds closer than space
 *	term    = ["-"] ( "(" search ")" / [operator ":"] value )
 *	value   = word / '"' any but '"' '"' / "<" any but ">" ">"
 *
 * Nothing is an error: what is not understood is taken as words, and a hint says
 * so.  Dates are days of the user's zone (`context.day`), `after:` includes its
 * day, `before:` does not.  Without `in:` the scope decides where is looked.
 */
import type { Condition, Filter, Id } from '../jmap/types';

export type Scope = 'here' | 'all' | 'anywhere';

export interface SearchContext {
	/** The folder that is open; undefined in views of all mail. */
	here?: Id;
	scope: Scope;
	folders: { id: Id; name: string; path: string; role: string | null }[];
	now: Date;
	/** The beginning of that day; month from 1. */
	day: (y: number, m: number, d: number) => Date;
}

export type Hint =
	| { kind: 'operator'; name: string }
	| { kind: 'folder'; name: string }
	| { kind: 'value'; name: string; value: string };

export interface Search {
	filter: Filter | null;
	/** To be highlighted: what was asked for, not what was excluded. */
	words: string[];
	hints: Hint[];
}

const DEPTH_MAX = 8;
const TERMS_MAX = 60;

const STATES: Record<string, Condition> = {
	unread: { notKeyword: '$seen' },
	read: { hasKeyword: '$seen' },
	starred: { hasKeyword: '$flagged' },
	flagged: { hasKeyword: '$flagged' },
	unstarred: { notKeyword: '$flagged' },
	answered: { hasKeyword: '$answered' },
	replied: { hasKeyword: '$answered' },
	forwarded: { hasKeyword: '$forwarded' },
	draft: { hasKeyword: '$draft' },
};

const ROLES: Record<string, string> = { spam: 'junk', bin: 'trash', draft: 'drafts' };
const UNITS: Record<string, number> = { '': 1, b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

interface Token {
	kind: 'term' | 'or' | 'open' | 'close';
	not: boolean;
	operator: string; /* lower case; '' without */
	value: string;
	quoted: boolean;
	source: string;
}

const TOKEN = /\s*(?:(-?)\(|\)|(-?)(?:([A-Za-z][\w-]*):(?![/\s]))?(?:"([^"]*)"?|<([^>]*)>?|((?:[^\s()"]|\((?=\S*\)\S))+)))/y;

/* ---- tokens ---- */

function tokens(text: string): Token[] {
	const out: Token[] = [];
	let at = 0;
	while (at < text.length && out.length < TERMS_MAX * 2) {
		TOKEN.lastIndex = at;
		const m = TOKEN.exec(text);
		if (!m || m[0].length === 0) {
			at++;
			continue;
		}
		at = TOKEN.lastIndex;
		const source = m[0].trim();
		const word = m[4] ?? m[5] ?? m[6];
		if (source === ')')
			out.push({ kind: 'close', not: false, operator: '', value: '', quoted: false, source });
		else if (word === undefined)
			out.push({ kind: 'open', not: m[1] === '-', operator: '', value: '', quoted: false, source });
		else if (source === 'OR' || source === '|')
			out.push({ kind: 'or', not: false, operator: '', value: source, quoted: false, source });
		else if (source !== 'AND' && source !== '-')
			out.push({
				kind: 'term', not: m[2] === '-', operator: (m[3] ?? '').toLowerCase(), value: m[4] ?? m[5] ?? word,
				quoted: m[4] !== undefined, source: source.replace(/^-/, ''),
			});
	}
	return out;
}

/* ---- values ---- */

/** A phrase keeps its quotes: the server looks for it as it stands. */
const phrase = (t: Token) => (t.quoted && /\s/.test(t.value) ? `"${t.value}"` : t.value);

function size(text: string): number | undefined {
	const m = /^(\d+(?:[.,]\d+)?)\s*([bkmg]?)i?b?$/i.exec(text);
	return m ? Math.round(Number(m[1]!.replace(',', '.')) * UNITS[m[2]!.toLowerCase()]!) : undefined;
}

const utc = (d: Date) => d.toISOString().replace(/\.\d+Z$/, 'Z');

/** A day, month or year: where it begins and where it ends. */
function span(text: string, c: SearchContext): [Date, Date] | undefined {
	const m = /^(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?)?$/.exec(text);
	if (m) {
		const y = Number(m[1]);
		const month = Number(m[2] ?? 1);
		const d = Number(m[3] ?? 1);
		if (month < 1 || month > 12 || d < 1 || d > new Date(Date.UTC(y, month, 0)).getUTCDate())
			return undefined;
		if (m[3])
			return [c.day(y, month, d), c.day(y, month, d + 1)];
		return m[2] ? [c.day(y, month, 1), c.day(y, month + 1, 1)] : [c.day(y, 1, 1), c.day(y + 1, 1, 1)];
	}
	const ago = { today: 0, yesterday: 1 }[text.toLowerCase()];
	if (ago === undefined)
		return undefined;
	// The day of now in the user's zone: the last that has begun.
	const guess = new Date(c.now.getTime() + 26 * 3600_000);
	for (let back = 0; back < 4; back++) {
		const day = c.day(guess.getUTCFullYear(), guess.getUTCMonth() + 1, guess.getUTCDate() - back);
		if (day <= c.now) {
			const d = guess.getUTCDate() - back - ago;
			return [c.day(guess.getUTCFullYear(), guess.getUTCMonth() + 1, d), c.day(guess.getUTCFullYear(), guess.getUTCMonth() + 1, d + 1)];
		}
	}
	return undefined;
}

/** So long ago: 3h, 30d, 2w, 6m, 1y. */
function ago(text: string, now: Date): Date | undefined {
	const m = /^(\d{1,4})([hdwmy])$/i.exec(text);
	if (!m)
		return undefined;
	const n = Number(m[1]);
	const d = new Date(now);
	switch (m[2]!.toLowerCase()) {
	case 'h': d.setTime(d.getTime() - n * 3600_000); break;
	case 'd': d.setUTCDate(d.getUTCDate() - n); break;
	case 'w': d.setUTCDate(d.getUTCDate() - 7 * n); break;
	case 'm': d.setUTCMonth(d.getUTCMonth() - n); break;
	default: d.setUTCFullYear(d.getUTCFullYear() - n);
	}
	return d;
}

function folder(name: string, c: SearchContext): Id | undefined {
	const wanted = name.toLowerCase();
	const role = ROLES[wanted] ?? wanted;
	return (
		c.folders.find((f) => f.role === role) ??
		c.folders.find((f) => f.path.toLowerCase() === wanted) ??
		c.folders.find((f) => f.name.toLowerCase() === wanted)
	)?.id;
}

/* ---- conditions ---- */

type Make = (t: Token, p: Parser) => Filter | undefined;

const text = (property: 'from' | 'to' | 'cc' | 'bcc' | 'subject' | 'body'): Make => (t, p) => {
	p.word(t);
	return { [property]: phrase(t) };
};

const dated = (make: (from: Date, to: Date) => Condition): Make => (t, p) => {
	const s = span(t.value, p.context);
	return s && make(...s);
};

const aged = (property: 'before' | 'after'): Make => (t, p) => {
	const d = ago(t.value, p.context.now);
	return d && { [property]: utc(d) };
};

const sized = (property: 'minSize' | 'maxSize'): Make => (t) => {
	const n = size(t.value);
	return n === undefined ? undefined : { [property]: n };
};

const OPERATORS: Record<string, Make> = {
	from: text('from'),
	to: text('to'),
	cc: text('cc'),
	bcc: text('bcc'),
	subject: text('subject'),
	body: text('body'),
	is: (t) => STATES[t.value.toLowerCase()],
	has: (t) => (/^(attachments?|file)$/i.test(t.value) ? { hasAttachment: true } : undefined),
	filename: (t, p) => {
		p.word(t);
		return { hasAttachment: true, text: phrase(t) };
	},
	label: (t) => (/^[^\s(){}%*"\\\]]{1,255}$/.test(t.value) ? { hasKeyword: t.value.toLowerCase() } : undefined),
	before: dated((from) => ({ before: utc(from) })),
	after: dated((from) => ({ after: utc(from) })),
	on: dated((from, to) => ({ after: utc(from), before: utc(to) })),
	older: aged('before'),
	newer: aged('after'),
	larger: sized('minSize'),
	smaller: sized('maxSize'),
	list: (t) => ({ header: ['List-Id', t.value] }),
	msgid: (t) => ({ header: ['Message-ID', t.value.replace(/^<|>$/g, '')] }),
	header: (t) => {
		const m = /^([!-9;-~]+)(?::(.*))?$/.exec(t.value);
		return m ? { header: m[2] ? [m[1]!, m[2]] : [m[1]!] } : undefined;
	},
	in: (t, p) => {
		if (/^(anywhere|all)$/i.test(t.value)) {
			p.scope = t.value.toLowerCase() === 'all' ? 'all' : 'anywhere';
			return p.everything;
		}
		const id = folder(t.value, p.context);
		if (id === undefined)
			return undefined;
		p.scope = 'anywhere';
		return { inMailbox: id };
	},
};
const ALIASES: Record<string, string> = {
	older_than: 'older', newer_than: 'newer', since: 'after', until: 'before', size: 'larger', larger_than: 'larger',
	smaller_than: 'smaller', folder: 'in', rfc822msgid: 'msgid', tag: 'label', keyword: 'label',
};

/** The operators, for suggestions. */
export const OPERATOR_NAMES = Object.keys(OPERATORS);

class Parser {
	readonly hints: Hint[] = [];
	readonly words: string[] = [];
	/** Stands for what says nothing of the messages themselves. */
	readonly everything: Condition = {};
	scope: Scope;
	private at = 0;
	private depth = 0;
	private excluded = 0;

	constructor(private readonly list: Token[], readonly context: SearchContext) {
		this.scope = context.scope;
	}

	word(t: Token): void {
		if (this.excluded === 0 && t.value.trim() && !this.words.includes(t.value))
			this.words.push(t.value);
	}

	private plain(t: Token, value: string): Filter {
		this.word({ ...t, value });
		return { text: t.quoted && /\s/.test(value) ? `"${value}"` : value };
	}

	private condition(t: Token): Filter {
		const name = ALIASES[t.operator] ?? t.operator;
		if (!name || !t.value.trim())
			return this.plain(t, t.operator ? t.source : t.value);
		const make = Object.hasOwn(OPERATORS, name) ? OPERATORS[name] : undefined;
		if (!make) {
			this.hints.push({ kind: 'operator', name: t.operator });
			return this.plain(t, t.source.replaceAll('"', ''));
		}
		const made = make(t, this);
		if (made)
			return made;
		this.hints.push(name === 'in' ? { kind: 'folder', name: t.value } : { kind: 'value', name: t.operator, value: t.value });
		return this.plain(t, t.value);
	}

	private term(): Filter | undefined {
		const t = this.list[this.at++];
		if (!t)
			return undefined;
		if (t.not)
			this.excluded++;
		let f: Filter | undefined;
		if (t.kind === 'open') {
			if (this.depth < DEPTH_MAX) {
				this.depth++;
				f = this.all();
				this.depth--;
				if (this.list[this.at]?.kind === 'close')
					this.at++;
			}
		} else if (t.kind === 'term') {
			f = this.condition(t);
		} else if (t.kind === 'or') {
			f = this.plain(t, t.value);
		}
		if (t.not)
			this.excluded--;
		if (f === this.everything || f === undefined)
			return f;
		return t.not ? { operator: 'NOT', conditions: [f] } : f;
	}

	private group(): Filter | undefined {
		const any: Filter[] = [];
		const first = this.term();
		if (first)
			any.push(first);
		// An OR with nothing after it is a word.
		while (this.list[this.at]?.kind === 'or' && this.list[this.at + 1] && this.list[this.at + 1]!.kind !== 'close' && any.length > 0) {
			this.at++;
			const f = this.term();
			if (f)
				any.push(f);
		}
		if (any.includes(this.everything))
			return this.everything;
		return any.length > 1 ? { operator: 'OR', conditions: any } : any[0];
	}

	all(): Filter | undefined {
		const list: Filter[] = [];
		while (this.at < this.list.length) {
			if (this.list[this.at]!.kind === 'close') {
				if (this.depth > 0)
					break;
				this.at++;
				continue;
			}
			const f = this.group();
			if (f && f !== this.everything)
				list.push(f);
		}
		return list.length > 1 ? { operator: 'AND', conditions: list } : list[0];
	}
}

/** What the scope adds. */
export function scopeFilter(scope: Scope, c: SearchContext): Condition | undefined {
	if (scope === 'here' && c.here)
		return { inMailbox: c.here };
	if (scope === 'anywhere')
		return undefined;
	const apart = c.folders.filter((f) => f.role === 'junk' || f.role === 'trash').map((f) => f.id);
	return apart.length > 0 ? { inMailboxOtherThan: apart } : undefined;
}

export function parseSearch(source: string, context: SearchContext): Search {
	const p = new Parser(tokens(source).slice(0, TERMS_MAX), context);
	const asked = p.all();
	const where = scopeFilter(p.scope, context);
	let filter: Filter | null = asked ?? where ?? null;
	if (asked && where)
		filter = 'operator' in asked && asked.operator === 'AND'
			? { operator: 'AND', conditions: [where, ...asked.conditions] }
			: { operator: 'AND', conditions: [where, asked] };
	return { filter, words: p.words, hints: p.hints };
}

/** The beginning of a day where the user is. */
export const localDay = (y: number, m: number, d: number): Date => new Date(y, m - 1, d);
