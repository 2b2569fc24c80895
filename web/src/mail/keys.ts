/*
 * mail/keys.ts - the keyboard of the mailbox.
 *
 * Keys are written as 'e', '#', 'Shift+i', 'g i' (one after the other),
 * 'Ctrl+k' (also the Command key).  Single keys work when nothing is being
 * typed and no dialog is open; the user may switch them off or give an action
 * another one (WCAG 2.1.4).  Ctrl+K and Escape always work.
 */
import { prefs } from '../app/prefs';
import { t } from '../app/t';
import type { en } from '../i18n/en/mail';
import { dialogIsOpen } from '../ui/dialog';
import { menuIsOpen } from '../ui/menu';
import { actions, keyOf, openEmails, target } from './actions';
import { showPalette } from './palette';
import {
	clearSelection, closeItem, current, cursor, list, openItem, openRow, selection, selectKnown, step, store, toggle, view,
} from './state';

export interface Move {
	id: string;
	label: keyof typeof en;
	key: string;
	also?: string[];
	run: () => boolean | void;
}

/** Another message of the open conversation. */
function stepMessage(by: number): void {
	const { item } = view.peek();
	const ids = item?.startsWith('T') ? store.threads.peek(item)?.emailIds ?? [] : openEmails().map((e) => e.id);
	const i = current.peek() ? ids.indexOf(current.peek()!) : ids.length - 1;
	const id = ids[i + by];
	if (!id)
		return;
	current.value = id;
	requestAnimationFrame(() => {
		const el = document.getElementById(`m-${id}`);
		el?.scrollIntoView({ block: 'nearest' });
		el?.focus({ preventScroll: true });
	});
}

export const moves: Move[] = [
	{ id: 'next', label: 'next', key: 'j', run: () => step(1) },
	{ id: 'previous', label: 'previous', key: 'k', run: () => step(-1) },
	{
		id: 'open', label: 'openIt', key: 'o', also: ['Enter'], run: () => {
			const row = cursor.peek() ?? list.peek()?.at(0);
			if (!row || (view.peek().item && openRow.peek() === row))
				return false;
			openItem(row);
			return true;
		},
	},
	{ id: 'back', label: 'backToList', key: 'u', run: () => (view.peek().item ? closeItem() : false) },
	{ id: 'nextMessage', label: 'nextMessage', key: 'n', run: () => stepMessage(1) },
	{ id: 'previousMessage', label: 'previousMessage', key: 'p', run: () => stepMessage(-1) },
	{
		id: 'select', label: 'selectIt', key: 'x', run: () => {
			const row = cursor.peek() ?? openRow.peek() ?? list.peek()?.at(0);
			if (row)
				toggle(row);
		},
	},
];

/** The event as keys are written here. */
export function keyName(e: KeyboardEvent): string {
	const letter = e.key.length === 1;
	let name = e.key === ' ' ? 'Space' : letter && /[a-z]/i.test(e.key) ? e.key.toLowerCase() : e.key;
	if (e.shiftKey && (!letter || /[a-z]/i.test(e.key)))
		name = `Shift+${name}`;
	if (e.altKey)
		name = `Alt+${name}`;
	if (e.ctrlKey || e.metaKey)
		name = `Ctrl+${name}`;
	return name;
}

const SEQUENCE_MS = 1200;
let prefix = '';
let prefixAt = 0;

function typing(e: KeyboardEvent): boolean {
	const el = e.target as HTMLElement;
	return el.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(el.tagName) && !/^(checkbox|radio|button)$/.test((el as HTMLInputElement).type);
}

/** A control that means something by itself with this key. */
function taken(e: KeyboardEvent): boolean {
	const el = e.target as HTMLElement;
	return (e.key === 'Enter' || e.key === ' ') && el.closest('button, a, summary, [role=button], input, [role=treeitem]') !== null;
}

function find(name: string): (() => boolean | void) | undefined {
	for (const m of moves)
		if ((prefs.remap.peek()[m.id] ?? m.key) === name || m.also?.includes(name))
			return m.run;
	for (const a of actions) {
		if (keyOf(a) !== name && !(a.id === 'trash' && name === 'Delete'))
			continue;
		const x = target();
		if (a.show?.(x) ?? true)
			return () => a.run(x);
	}
	return undefined;
}

const begins = (name: string) => actions.some((a) => keyOf(a)?.startsWith(`${name} `));

export function handleKey(e: KeyboardEvent): void {
	if (e.defaultPrevented || e.isComposing || dialogIsOpen() || menuIsOpen())
		return;
	const name = keyName(e);
	if (name === 'Ctrl+k') {
		e.preventDefault();
		showPalette();
		return;
	}
	if (typing(e) || taken(e))
		return;
	if (name === 'Escape') {
		if (selection.peek().size > 0)
			clearSelection();
		else if (view.peek().item)
			closeItem();
		return;
	}
	if (name === 'Ctrl+a' && list.peek() && (e.target as Element).closest('.list')) {
		e.preventDefault();
		selectKnown();
		return;
	}
	if (!prefs.keys.peek() || e.ctrlKey || e.metaKey || e.altKey)
		return;
	const full = prefix && e.timeStamp - prefixAt < SEQUENCE_MS ? `${prefix} ${name}` : name;
	prefix = '';
	const run = find(full) ?? (full === name ? undefined : find(name));
	if (run) {
		if (run() !== false)
			e.preventDefault();
	} else if (begins(name)) {
		prefix = name;
		prefixAt = e.timeStamp;
		e.preventDefault();
	}
}

/** 'g i' for people: "g then i". */
export function keyWords(key: string): string {
	const [a, b] = key.split(' ');
	return b ? t('keyThen', { a: a!, b }) : key;
}
