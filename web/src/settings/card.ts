/*
 * settings/card.ts - a card as a form has it, and the patch that a changed form
 * is: what the form does not show stays as it was.
 */
import type { ContactCard, NameComponent } from '../jmap/types';
import { emailsOf } from './people';

export interface CardForm {
	given: string;
	surname: string;
	emails: string;
	phones: string;
	organization: string;
	note: string;
}

const part = (c: ContactCard | null, kind: string): string => c?.name?.components?.find((p) => p.kind === kind)?.value ?? '';
const first = <T>(map: Record<string, T> | undefined): T | undefined => Object.values(map ?? {})[0];

export function formOf(c: ContactCard | null): CardForm {
	return {
		given: part(c, 'given') || (part(c, 'surname') ? '' : c?.name?.full ?? ''),
		surname: part(c, 'surname'),
		emails: c ? emailsOf(c).join(', ') : '',
		phones: Object.values(c?.phones ?? {}).map((p) => p.number).join(', '),
		organization: first(c?.organizations)?.name ?? '',
		note: first(c?.notes)?.note ?? '',
	};
}

/** A name as mail has it: "Bo Berg", "Berg, Bo". */
export function namesOf(name: string): { given: string; surname: string } {
	const turned = /^([^,]+),\s*([^,]+)$/.exec(name);
	if (turned) return { given: turned[2]!, surname: turned[1]! };
	const at = name.lastIndexOf(' ');
	return at < 0 ? { given: name, surname: '' } : { given: name.slice(0, at), surname: name.slice(at + 1) };
}

function nameFrom(c: ContactCard | null, f: CardForm): ContactCard['name'] | null {
	const { full: _, ...name } = c?.name ?? {};
	const wanted: NameComponent[] = (['given', 'surname'] as const).map((kind) => ({ kind, value: f[kind].trim() })).filter((p) => p.value);
	const components: NameComponent[] = [];
	for (const p of name.components ?? []) {
		const i = wanted.findIndex((w) => w.kind === p.kind);
		if (i >= 0) components.push({ ...p, ...wanted.splice(i, 1)[0] });
		else if (p.kind !== 'given' && p.kind !== 'surname') components.push(p);
	}
	components.push(...wanted);
	return components.length ? { ...name, components, isOrdered: true } : null;
}

/* By place: the one that was there keeps its key and what else it says. */
function list<T extends object>(old: Record<string, T> | undefined, texts: string[], member: string): Record<string, T> | null {
	const keys = Object.keys(old ?? {});
	const out: Record<string, T> = {};
	texts.forEach((text, i) => {
		let key = keys[i] ?? `k${i + 1}`;
		while (i >= keys.length && keys.includes(key)) key += '0';
		out[key] = { ...old?.[key], [member]: text } as T;
	});
	return texts.length ? out : null;
}

const words = (s: string): string[] => s.split(/[,;\n]/).map((x) => x.trim()).filter(Boolean);

/* The first of a map changes, the others stay. */
function one<T extends object>(old: Record<string, T> | undefined, text: string, member: string): Record<string, T> | null {
	const rest = Object.entries(old ?? {}).slice(1);
	const head = list(Object.fromEntries(Object.entries(old ?? {}).slice(0, 1)), text.trim() ? [text.trim()] : [], member);
	return head || rest.length ? { ...head, ...Object.fromEntries(rest) } : null;
}

/** The properties that differ; null takes one away. */
export function patchOf(c: ContactCard | null, f: CardForm): Record<string, unknown> {
	const was = formOf(c);
	const patch: Record<string, unknown> = {};
	if (was.given !== f.given || was.surname !== f.surname) patch.name = nameFrom(c, f);
	if (was.emails !== f.emails) patch.emails = list(c?.emails, words(f.emails), 'address');
	if (was.phones !== f.phones) patch.phones = list(c?.phones, words(f.phones), 'number');
	if (was.organization !== f.organization) patch.organizations = one(c?.organizations, f.organization, 'name');
	if (was.note !== f.note) patch.notes = one(c?.notes, f.note, 'note');
	return patch;
}
