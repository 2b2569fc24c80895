/*
 * settings/rules.ts - filters as rules in words, and as the Sieve they become
 * (RFC 5228).
 *
 * The script carries each rule as a comment of JSON before the code made of it.
 * It is ours when what we would write of those comments is the script itself;
 * else somebody changed it elsewhere, and it is shown as it is.  A script that
 * another program made is kept whole behind our rules.
 */
import type { Address } from '../jmap/types';

export type Field = 'from' | 'to' | 'subject' | 'body' | 'list' | 'header' | 'size';
export type Op = 'contains' | 'not' | 'is' | 'begins' | 'ends' | 'over' | 'under';

export interface Test {
	field: Field;
	op: Op;
	value: string;
	/** Of field "header". */
	header?: string;
}

export type Act =
	| { kind: 'move' | 'copy'; folder: string; role?: string }
	| { kind: 'trash' }
	| { kind: 'star' }
	| { kind: 'read' }
	| { kind: 'label'; label: string };

export interface Rule {
	name: string;
	on: boolean;
	/** All of the tests, or any. */
	all: boolean;
	tests: Test[];
	acts: Act[];
	/** No rule behind it is tried. */
	stop: boolean;
}

export interface Script {
	rules: Rule[];
	/** Of another program: what it needs, and its code. */
	other: { needs: string[]; code: string } | null;
}

export const RULES_MAX = 200;

const HEAD = '# Filters made in the webmail. Change them there: what is changed here is shown as it is.';
const RULE = '#! ';
const OTHER = '#! made by another program';

const USES: Record<string, string> = { trash: '\\Trash', junk: '\\Junk', archive: '\\Archive', sent: '\\Sent', drafts: '\\Drafts' };

/* ---- writing ---- */

export function sieveString(s: string): string {
	return `"${s.replace(/\r\n?|\n/g, ' ').replace(/[\\"]/g, '\\$&')}"`;
}

/* What is a wild card in :matches is a letter here. */
function literal(s: string): string {
	return s.replace(/[\\*?]/g, '\\$&');
}

function headersOf(t: Test): string {
	switch (t.field) {
	case 'from': return '["from", "sender"]';
	case 'to': return '["to", "cc", "bcc"]';
	case 'list': return '"list-id"';
	case 'header': return sieveString(t.header ?? '');
	default: return '"subject"';
	}
}

interface Making {
	needs: Set<string>;
}

function testCode(m: Making, t: Test): string {
	if (t.field === 'size') return `size :${t.op === 'under' ? 'under' : 'over'} ${Math.max(0, Math.round(Number(t.value) || 0))}K`;
	const begins = t.op === 'begins', ends = t.op === 'ends';
	const how = begins || ends ? ':matches' : t.op === 'is' ? ':is' : ':contains';
	const value = begins ? `${literal(t.value)}*` : ends ? `*${literal(t.value)}` : t.value;
	let compare = '';
	if (/[^\x00-\x7f]/.test(value)) {
		m.needs.add('comparator-i;unicode-casemap');
		compare = ' :comparator "i;unicode-casemap"';
	}
	if (t.field === 'body') m.needs.add('body');
	const code = t.field === 'body' ? `body :text${compare} ${how} ${sieveString(value)}` : `header${compare} ${how} ${headersOf(t)} ${sieveString(value)}`;
	return t.op === 'not' ? `not ${code}` : code;
}

function into(m: Making, copy: boolean, folder: string, role: string | undefined): string {
	const use = role ? USES[role] : undefined;
	m.needs.add('fileinto');
	m.needs.add('mailbox');
	if (copy) m.needs.add('copy');
	if (use) m.needs.add('special-use');
	return `fileinto ${copy ? ':copy ' : ''}${use ? `:specialuse ${sieveString(use)} ` : ''}:create ${sieveString(folder)};`;
}

function actCode(m: Making, a: Act): string {
	switch (a.kind) {
	case 'move': return into(m, false, a.folder, a.role);
	case 'copy': return into(m, true, a.folder, a.role);
	case 'trash': return into(m, false, 'Trash', 'trash');
	case 'star': m.needs.add('imap4flags'); return 'addflag "\\\\Flagged";';
	case 'read': m.needs.add('imap4flags'); return 'addflag "\\\\Seen";';
	case 'label': m.needs.add('imap4flags'); return `addflag ${sieveString(a.label)};`;
	}
}

/* Flags first: they are those of what is filed after them (RFC 5232, 4). */
const ORDER = { star: 0, read: 0, label: 0, copy: 1, move: 2, trash: 2 };

function ruleCode(m: Making, r: Rule): string {
	const acts = [...r.acts].sort((a, b) => ORDER[a.kind] - ORDER[b.kind]).map((a) => `\t${actCode(m, a)}`);
	const tests = r.tests.map((t) => testCode(m, t));
	const test = tests.length === 1 ? tests[0]! : `${r.all ? 'allof' : 'anyof'} (${tests.join(',\n\t')})`;
	if (r.stop) acts.push('\tstop;');
	return `if ${test} {\n${acts.join('\n')}\n}`;
}

export function writeScript(s: Script): string {
	const m: Making = { needs: new Set(s.other?.needs ?? []) };
	const rules = s.rules.map((r) => {
		const code = r.on && r.tests.length && r.acts.length ? `${ruleCode(m, r)}\n` : '';
		return `${RULE}${JSON.stringify(r)}\n${code}`;
	});
	const needs = [...m.needs].sort();
	const require = needs.length ? `require [${needs.map(sieveString).join(', ')}];\n` : '';
	const other = s.other ? `${OTHER}\n${s.other.code.replace(/\r\n?/g, '\n').trimEnd()}\n` : '';
	return [`${HEAD}\n${require}`, ...rules, other].filter(Boolean).join('\n');
}

/* ---- reading ---- */

function strings(list: string): string[] {
	return [...list.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map((x) => x[1]!.replace(/\\(.)/g, '$1'));
}

/* The requires at the top, and all behind them. */
function takeNeeds(code: string): { needs: string[]; code: string } {
	const needs: string[] = [];
	let rest = code;
	let kept = '';
	for (;;) {
		const m = /^((?:\s|#[^\n]*\n|\/\*[\s\S]*?\*\/)*)require\s*(\[[^\]]*\]|"(?:[^"\\]|\\.)*")\s*;/.exec(rest);
		if (!m) return { needs, code: kept + rest };
		needs.push(...strings(m[2]!));
		kept += m[1]!;
		rest = rest.slice(m[0].length);
	}
}

const OPS = new Set(['contains', 'not', 'is', 'begins', 'ends', 'over', 'under']);
const FIELDS = new Set(['from', 'to', 'subject', 'body', 'list', 'header', 'size']);
const ACTS = new Set(['move', 'copy', 'trash', 'star', 'read', 'label']);

function isRule(v: unknown): v is Rule {
	const r = v as Rule;
	return (
		typeof r === 'object' && r !== null && typeof r.name === 'string' && typeof r.on === 'boolean' && typeof r.all === 'boolean' && typeof r.stop === 'boolean' &&
		Array.isArray(r.tests) && r.tests.every((t) => FIELDS.has(t?.field) && OPS.has(t.op) && typeof t.value === 'string') &&
		Array.isArray(r.acts) && r.acts.every((a) => ACTS.has(a?.kind))
	);
}

function readRule(line: string): Rule | null {
	try {
		const v: unknown = JSON.parse(line.slice(RULE.length));
		return isRule(v) ? v : null;
	} catch {
		return null;
	}
}

/** null: it is not ours, or it was changed by hand. */
export function readScript(text: string): Script | null {
	const all = text.replace(/\r\n?/g, '\n');
	const at = all.indexOf(`\n${OTHER}\n`);
	const ours = at >= 0 ? all.slice(0, at) : all;
	if (!all.startsWith(HEAD)) return null;
	const lines = ours.split('\n').filter((l) => l.startsWith(`${RULE}{`));
	const rules = lines.map(readRule).filter((r): r is Rule => r !== null);
	let other: Script['other'] = null;
	if (at >= 0) {
		/* Which of the needs are its own is not told: all that ours have not. */
		const need = takeNeeds(ours.slice(HEAD.length)).needs;
		const m: Making = { needs: new Set() };
		for (const r of rules) if (r.on && r.tests.length && r.acts.length) ruleCode(m, r);
		other = { needs: need.filter((n) => !m.needs.has(n)), code: all.slice(at + OTHER.length + 2).trimEnd() };
	}
	const s = { rules, other };
	return rules.length === lines.length && writeScript(s) === all ? s : null;
}

/** A script of another program, to stand behind our rules. */
export function keepOther(text: string): Script {
	const t = takeNeeds(text.replace(/\r\n?/g, '\n'));
	return { rules: [], other: { needs: t.needs, code: t.code.trim() } };
}

/* ---- trying ---- */

export interface Tried {
	from?: Address[] | null;
	to?: Address[] | null;
	cc?: Address[] | null;
	bcc?: Address[] | null;
	sender?: Address[] | null;
	subject?: string | null;
	size?: number;
	headers?: { name: string; value: string }[];
	text?: string;
}

function valuesOf(t: Test, e: Tried): string[] {
	const people = (...lists: (Address[] | null | undefined)[]): string[] => lists.filter((l) => l?.length).map((l) => l!.map((a) => (a.name ? `${a.name} <${a.email}>` : a.email)).join(', '));
	const field = (name: string): string[] => (e.headers ?? []).filter((h) => h.name.toLowerCase() === name.toLowerCase()).map((h) => h.value.trim());
	switch (t.field) {
	case 'from': return people(e.from, e.sender);
	case 'to': return people(e.to, e.cc, e.bcc);
	case 'subject': return [e.subject ?? ''];
	case 'list': return field('list-id');
	case 'header': return field(t.header ?? '');
	case 'body': return [e.text ?? ''];
	case 'size': return [];
	}
}

function holds(t: Test, e: Tried): boolean {
	const want = t.value.toLowerCase();
	if (t.field === 'size') {
		const limit = (Number(t.value) || 0) * 1024;
		return t.op === 'under' ? (e.size ?? 0) < limit : (e.size ?? 0) > limit;
	}
	const has = valuesOf(t, e).map((v) => v.toLowerCase());
	switch (t.op) {
	case 'is': return has.some((v) => v === want);
	case 'begins': return has.some((v) => v.startsWith(want));
	case 'ends': return has.some((v) => v.endsWith(want));
	case 'not': return !has.some((v) => v.includes(want));
	default: return has.some((v) => v.includes(want));
	}
}

/** Would the server use it on this mail? */
export function matches(r: Rule, e: Tried): boolean {
	if (!r.tests.length) return false;
	return r.all ? r.tests.every((t) => holds(t, e)) : r.tests.some((t) => holds(t, e));
}

export function newRule(): Rule {
	return { name: '', on: true, all: true, tests: [{ field: 'from', op: 'contains', value: '' }], acts: [], stop: true };
}

/** Nothing that would filter all mail, and nothing without an effect. */
export function problemOf(r: Rule): 'noTest' | 'emptyTest' | 'noAct' | 'emptyAct' | null {
	if (!r.tests.length) return 'noTest';
	if (r.tests.some((t) => !t.value.trim() || (t.field === 'header' && !/^[!-9;-~]{1,76}$/.test(t.header ?? '')) || (t.field === 'size' && !(Number(t.value) > 0)))) return 'emptyTest';
	if (!r.acts.length) return 'noAct';
	return r.acts.some((a) => ((a.kind === 'move' || a.kind === 'copy') && !a.folder) || (a.kind === 'label' && !/^[!#$&'+-[\]-z|}~]{1,100}$/.test(a.label))) ? 'emptyAct' : null;
}
