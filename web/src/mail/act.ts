/*
 * mail/act.ts - what can be done with mail, and undone.
 *
 *	await act(emails, change('archive'), words)
 *
 * A change gives the new folders and keywords of one email.  It is shown at once,
 * sent in batches, and taken back on the screen when the server refuses.  What was
 * before is kept: `undo()` puts exactly that back, ten seconds by the toast and
 * longer by its key.  `actOnQuery` does the same with all that a query finds, also
 * what was never looked at, with progress and a way to stop.
 */
import { batch, signal } from '@preact/signals';
import { t } from '../app/t';
import { JmapError } from '../jmap/errors';
import type { Email, Filter, Id, SetError } from '../jmap/types';
import { progress, toast } from '../ui/toast';
import { allMatching, clearSelection, list, removeRows, store } from './state';

export interface Places {
	mailboxIds: Record<Id, boolean>;
	keywords: Record<string, boolean>;
}

/** The places and keywords of an email after it; the same object: no change. */
export type Change = (e: Places) => Places;

const BATCH = 250;
const UNDO_MAX = 20;

interface Done {
	before: Map<Id, Places>;
	words: string;
}

const stack = signal<Done[]>([]);
export const canUndo = () => stack.value.length > 0;

/* ---- changes ---- */

export function keyword(name: string, on: boolean): Change {
	return (e) => {
		if ((name in e.keywords) === on)
			return e;
		const { [name]: _, ...rest } = e.keywords;
		return { ...e, keywords: on ? { ...rest, [name]: true } : rest };
	};
}

/** From one folder to another; without `from`, out of all of them. */
export function moveTo(to: Id, from?: Id): Change {
	return (e) => {
		const rest = from ? Object.fromEntries(Object.entries(e.mailboxIds).filter(([id]) => id !== from)) : {};
		const mailboxIds = { ...rest, [to]: true };
		const same = Object.keys(mailboxIds).length === Object.keys(e.mailboxIds).length && to in e.mailboxIds;
		return same ? e : { ...e, mailboxIds };
	};
}

export const both = (...changes: Change[]): Change => (e) => changes.reduce((x, c) => c(x), e);

/** What of `to` is not in `from`, as a patch (RFC 8620, 5.3). */
export function patch(from: Places, to: Places): Record<string, unknown> | null {
	const p: Record<string, unknown> = {};
	for (const property of ['mailboxIds', 'keywords'] as const) {
		const escape = (k: string) => `${property}/${k.replaceAll('~', '~0').replaceAll('/', '~1')}`;
		for (const k of Object.keys(to[property]))
			if (!(k in from[property]))
				p[escape(k)] = true;
		for (const k of Object.keys(from[property]))
			if (!(k in to[property]))
				p[escape(k)] = null;
	}
	return Object.keys(p).length > 0 ? p : null;
}

const placesOf = (e: Places): Places => ({ mailboxIds: e.mailboxIds, keywords: e.keywords });

/* ---- sending ---- */

/** Send the difference of each email to what it shall be. */
async function send(list: [Id, Places, Places][]): Promise<{ failed: Id[]; why?: SetError }> {
	const failed: Id[] = [];
	let why: SetError | undefined;
	const size = Math.min(BATCH, store.client.limit('maxObjectsInSet'));
	const calls = [];
	for (let i = 0; i < list.length; i += size) {
		const update: Record<Id, Record<string, unknown>> = {};
		for (const [id, from, to] of list.slice(i, i + size)) {
			const p = patch(from, to);
			if (p)
				update[id] = p;
		}
		calls.push(store.client.call('Email/set', { update }));
	}
	for (const c of calls) {
		const r = await c;
		for (const [id, e] of Object.entries(r.notUpdated ?? {})) {
			failed.push(id);
			why = e;
		}
	}
	return { failed, why };
}

function remember(before: Map<Id, Places>, words: string): void {
	stack.value = [...stack.value.slice(1 - UNDO_MAX), { before, words }];
}

const words = (e: unknown): string => (e instanceof JmapError ? e.description || (e.kind === 'offline' ? t('noServer') : e.type) : String(e));

export function failure(e: unknown): void {
	if (!(e instanceof JmapError && (e.kind === 'aborted' || e.kind === 'expired')))
		toast({ text: t('actFailed', { words: words(e) }), error: true });
}

export interface ActOptions {
	/** Said when done; undefined: nothing is said, and it cannot be undone. */
	said?: string;
	/** Rows that leave the list at once. */
	gone?: Id[];
}

/** Do it to these emails. */
export async function act(emails: readonly Email[], change: Change, options: ActOptions = {}): Promise<void> {
	const todo: [Id, Places, Places][] = [];
	for (const e of emails) {
		const to = change(placesOf(e));
		if (patch(e, to))
			todo.push([e.id, placesOf(e), to]);
	}
	const before = new Map(todo.map(([id, from]) => [id, from]));
	batch(() => {
		store.emails.put(todo.map(([id, , to]) => ({ id, ...to })));
		if (options.gone)
			removeRows(options.gone);
	});
	if (options.said) {
		remember(before, options.said);
		toast({ text: options.said, act: { label: t('undo'), key: 'z', run: () => void undo() } });
	}
	if (todo.length === 0)
		return;
	try {
		const { failed, why } = await send(todo);
		if (failed.length > 0) {
			store.emails.put(failed.map((id) => ({ id, ...before.get(id)! })));
			failure(new JmapError('method', why!.type, why!.description ?? t('someFailed', { n: failed.length })));
			void list.peek()?.refresh();
		}
	} catch (e) {
		store.emails.put([...before].map(([id, p]) => ({ id, ...p })));
		stack.value = stack.value.filter((d) => d.before !== before);
		failure(e);
		void list.peek()?.refresh();
	}
}

/** Put back what the last act changed. */
export async function undo(): Promise<void> {
	const last = stack.value.at(-1);
	if (!last)
		return;
	stack.value = stack.value.slice(0, -1);
	const ids = [...last.before.keys()];
	const now = await placesNow(ids);
	const todo: [Id, Places, Places][] = [];
	for (const [id, from] of now)
		todo.push([id, from, last.before.get(id)!]);
	store.emails.put(todo.filter(([id]) => store.emails.has(id)).map(([id, , to]) => ({ id, ...to })));
	try {
		const shown = todo.length > 1000 ? progress(t('undo')) : undefined;
		for (let i = 0; i < todo.length; i += BATCH) {
			await send(todo.slice(i, i + BATCH));
			shown?.set(i, todo.length);
		}
		shown?.end();
		toast({ text: t('didUndo') });
	} catch (e) {
		failure(e);
	}
	await list.peek()?.refresh();
}

async function placesNow(ids: readonly Id[]): Promise<Map<Id, Places>> {
	const found = new Map<Id, Places>();
	const missing: Id[] = [];
	for (const id of ids) {
		const e = store.emails.peek(id);
		if (e)
			found.set(id, placesOf(e));
		else
			missing.push(id);
	}
	const size = store.client.limit('maxObjectsInGet');
	for (let i = 0; i < missing.length; i += size) {
		const r = await store.client.call('Email/get', { ids: missing.slice(i, i + size), properties: ['mailboxIds', 'keywords'] });
		for (const e of r.list)
			found.set(e.id, placesOf(e));
	}
	return found;
}

/* ---- all that a query finds ---- */

/** Turns of the event loop between batches: the page stays alive. */
const breathe = () => new Promise<void>((done) => setTimeout(done));

export async function actOnQuery(filter: Filter | null, change: Change, said: (n: number) => string): Promise<void> {
	let stopped = false;
	const shown = progress(t('loading'), () => {
		stopped = true;
	});
	const before = new Map<Id, Places>();
	let failed = 0;
	try {
		const { ids } = await store.client.call('Email/query', { filter });
		const size = Math.min(BATCH * 2, store.client.limit('maxObjectsInGet'), store.client.limit('maxObjectsInSet'));
		shown.set(0, ids.length);
		// While one batch is written the next is read.
		const read = (i: number) => store.client.call('Email/get', { ids: ids.slice(i, i + size), properties: ['mailboxIds', 'keywords'] }).then((r) => r);
		let next = ids.length > 0 ? read(0) : undefined;
		for (let i = 0; next && !stopped; i += size) {
			const got = await next;
			next = i + size < ids.length ? read(i + size) : undefined;
			const todo: [Id, Places, Places][] = [];
			for (const e of got.list) {
				const to = change(placesOf(e));
				if (!patch(e, to))
					continue;
				todo.push([e.id, placesOf(e), to]);
				before.set(e.id, placesOf(e));
			}
			const r = await send(todo);
			for (const id of r.failed)
				before.delete(id);
			failed += r.failed.length;
			store.emails.put(todo.filter(([id]) => store.emails.has(id) && before.has(id)).map(([id, , to]) => ({ id, ...to })));
			shown.set(Math.min(i + size, ids.length), ids.length);
			await breathe();
		}
		shown.end();
		const text = stopped ? t('stopped', { n: before.size }) : said(before.size);
		remember(before, text);
		toast({ text: failed ? `${text} ${t('someFailed', { n: failed })}` : text, act: { label: t('undo'), key: 'z', run: () => void undo() } });
	} catch (e) {
		shown.end();
		if (before.size > 0)
			remember(before, t('stopped', { n: before.size }));
		failure(e);
	}
	clearSelection();
	allMatching.value = false;
	await list.peek()?.refresh();
}

/** Gone for ever: nothing brings it back, so whoever calls has asked. */
export async function destroy(ids: readonly Id[]): Promise<number> {
	let gone = 0;
	const size = Math.min(BATCH, store.client.limit('maxObjectsInSet'));
	const shown = ids.length > size ? progress(t('deleteForEver')) : undefined;
	try {
		for (let i = 0; i < ids.length; i += size) {
			const r = await store.client.call('Email/set', { destroy: ids.slice(i, i + size) });
			gone += r.destroyed?.length ?? 0;
			store.emails.drop(r.destroyed ?? []);
			shown?.set(i + size, ids.length);
		}
	} catch (e) {
		failure(e);
	}
	shown?.end();
	await list.peek()?.refresh();
	return gone;
}
