/*
 * mail/actions.ts - the table of all that can be done.
 *
 * Toolbar, context menu, palette, keyboard and the help page are made from these
 * rows, so each act has one name, one icon, one key and one condition everywhere.
 * A row acts on a target: the rows that are selected, else the conversation that
 * is open, else the row under the cursor; or, when "all matching" is chosen, on
 * the query.
 */
import { signal } from '@preact/signals';
import { prefs } from '../app/prefs';
import { go } from '../app/router';
import { client, user } from '../app/session';
import { t } from '../app/t';
import { openCompose, sendingUndo } from '../compose';
import type { en } from '../i18n/en/mail';
import { CONTACTS, type Email, type Id, OWN, SIEVE } from '../jmap/types';
import { confirm } from '../ui/dialog';
import { type MenuRow, showMenu } from '../ui/menu';
import { toast } from '../ui/toast';
import { act, actOnQuery, canUndo, type Change, destroy, failure, keyword, moveTo, undo } from './act';
import {
	allMatching, boxName, clearSelection, closeItem, current, cursor, drafts, emailsOfRow, hrefOf, hrefOfItem, list, nameOf, openItem, openRow, search,
	selection, step, store, view,
} from './state';

type Key = keyof typeof en;

export interface Target {
	rows: Id[];
	emails: Email[];
	/** The message that is answered, printed, looked into. */
	message: Email | undefined;
	/** All that the query finds. */
	all: boolean;
}

export interface Action {
	id: string;
	label: Key | ((x: Target) => string);
	icon: string;
	/** The key, as keys.ts writes it: 'e', '#', 'Shift+i', 'g i'. */
	key?: string;
	group: 'bar' | 'state' | 'write' | 'message' | 'page';
	/** Missing: always. */
	show?: (x: Target) => boolean;
	run: (x: Target, at?: Element | { x: number; y: number }) => void;
}

/* ---- the target ---- */

export function target(): Target {
	const v = view.value;
	const selected = [...selection.value];
	let rows = selected;
	if (rows.length === 0) {
		const row = v.item ? openRow.value : cursor.value;
		rows = row ? [row] : [];
	}
	let emails = rows.flatMap((id) => emailsOfRow(id, true));
	if (selected.length === 0 && v.item && rows.length === 0)
		emails = openEmails();
	const chosen = v.item && selected.length === 0 && current.value ? store.emails.get(current.value) : undefined;
	return { rows, emails, message: chosen ?? (rows.length <= 1 ? emails.at(-1) : undefined), all: allMatching.value };
}

/** What is open though its row is not in the list: a deep link, a window. */
export function openEmails(): Email[] {
	const { item } = view.value;
	if (!item)
		return [];
	const ids = item.startsWith('T') ? store.threads.get(item)?.emailIds ?? [] : [item];
	return ids.map((id) => store.emails.get(id)).filter((e): e is Email => e !== undefined);
}

export const rowTarget = (row: Id): Target => {
	const emails = emailsOfRow(row, true);
	return { rows: [row], emails, message: emails.at(-1), all: false };
};

const has = (e: Email, k: string) => k in e.keywords;
const some = (x: Target, k: string) => x.all || x.emails.some((e) => has(e, k));
const notAll = (x: Target, k: string) => x.all || x.emails.some((e) => !has(e, k));
const any = (x: Target) => x.all || x.emails.length > 0;
const one = (x: Target) => !x.all && x.message !== undefined;
const inRole = (x: Target, role: string) => {
	const b = store.byRole(role);
	return b !== undefined && (view.value.box?.role === role || x.emails.some((e) => b.id in e.mailboxIds));
};
const isDraft = (x: Target) => one(x) && has(x.message!, '$draft');

/* ---- doing it ---- */

/** Run a change on the target; `leaves`: its rows leave this list. */
function run(x: Target, change: Change, said: (n: number) => string, leaves: boolean): void {
	if (x.all) {
		void actOnQuery(search.peek().filter, change, said);
		return;
	}
	const gone = leaves ? x.rows : [];
	const l = list.peek();
	const open = openRow.peek();
	const at = gone.length > 0 && l ? Math.max(...gone.map((id) => l.indexOf(id))) : -1;
	const pick = (from: number, by: number): Id | undefined => {
		for (let i = from; l && i >= 0 && i < (l.total.peek() ?? 0); i += by) {
			const id = l.at(i);
			if (id && !gone.includes(id))
				return id;
		}
		return undefined;
	};
	const next = at < 0 ? undefined : pick(at + 1, 1) ?? pick(at - 1, -1);
	const n = Math.max(x.rows.length, 1);
	clearSelection();
	void act(x.emails, change, { said: said(n), gone });
	if (!leaves)
		return;
	if (open && gone.includes(open)) {
		if (next)
			openItem(next, true);
		else
			go(hrefOfItem(), true);
	} else if (view.peek().item && x.rows.length === 0) {
		closeItem();
	} else if (!cursor.peek() || gone.includes(cursor.peek()!)) {
		cursor.value = next ?? null;
	}
}

/** The folder of a role; made when it is missing. */
async function role(name: 'archive' | 'trash' | 'junk' | 'inbox'): Promise<Id | undefined> {
	const there = store.byRole(name);
	if (there)
		return there.id;
	try {
		const english = { archive: 'Archive', trash: 'Trash', junk: 'Spam', inbox: 'Inbox' }[name];
		return (await store.needRole(name, english)).id;
	} catch (e) {
		failure(e);
		return undefined;
	}
}

const here = (): Id | undefined => {
	const v = view.peek();
	return v.scope === 'here' ? v.box?.id : undefined;
};

/** Do rows leave the list when they leave a folder? */
const leaves = (): boolean => here() !== undefined || (view.peek().name !== 'starred' && view.peek().scope !== 'anywhere' && view.peek().name !== 'all');

async function archive(x: Target): Promise<void> {
	const to = await role('archive');
	const inbox = store.byRole('inbox')?.id;
	const from = here() ?? inbox;
	if (!to)
		return;
	const move = moveTo(to, from);
	run(x, (e) => (!from || from in e.mailboxIds ? move(e) : e), (n) => t('didArchive', { n }), here() !== undefined);
}

async function trash(x: Target): Promise<void> {
	const to = await role('trash');
	if (!to)
		return;
	if (view.peek().box?.id === to)
		return forEver(x);
	run(x, moveTo(to), (n) => t('didTrash', { n }), leaves() || view.peek().scope !== 'anywhere');
}

async function forEver(x: Target): Promise<void> {
	const ids = x.all ? (await store.client.call('Email/query', { filter: search.peek().filter })).ids : x.emails.map((e) => e.id);
	if (!(await confirm({ title: t('deleteForEver'), text: t('emptyText', { n: ids.length }), yes: t('deleteForEver'), danger: true })))
		return;
	if (view.peek().item)
		closeItem();
	clearSelection();
	list.peek()?.remove(x.rows);
	const n = await destroy(ids);
	toast({ text: t('didDestroy', { n }) });
}

async function spam(x: Target): Promise<void> {
	const to = await role('junk');
	if (to)
		run(x, moveTo(to), (n) => t('didSpam', { n }), true);
}

async function notSpam(x: Target): Promise<void> {
	const to = await role('inbox');
	if (to)
		run(x, moveTo(to), (n) => t('didNotSpam', { n }), true);
}

export function moveToFolder(x: Target, to: Id): void {
	const box = store.mailboxes.peek(to);
	if (box && to !== here())
		run(x, moveTo(to, here()), (n) => t('didMove', { n, box: boxName(box) }), here() !== undefined);
}

function chooseFolder(x: Target, at?: Element | { x: number; y: number }): void {
	showMenu({
		at: at ?? place(),
		label: t('moveTo'),
		filter: t('moveTo'),
		items: store.folders.peek().filter((f) => f.box.id !== here() && f.box.myRights.mayAddItems).map((f) => ({
			label: boxName(f.box), icon: folderIcon(f.box.role), indent: f.depth, run: () => moveToFolder(x, f.box.id),
		})),
		make: (words) => ({
			label: `${t('createFolder')}: ${words}`, icon: 'plus', run: () => void (async () => {
				try {
					const r = await store.client.call('Mailbox/set', { create: { n: { name: words, isSubscribed: true } } });
					await store.loadMailboxes();
					const id = r.created?.n?.id;
					if (id)
						moveToFolder(x, id);
					else
						toast({ text: t('folderFailed', { words: r.notCreated?.n?.description ?? '' }), error: true });
				} catch (e) {
					failure(e);
				}
			})(),
		}),
	});
}

/** Keywords that people gave, seen so far. */
export const labels = signal<string[]>([]);

export const labelsOf = (e: Email): string[] => Object.keys(e.keywords).filter((k) => !/^[$\\]/.test(k) && !['junk', 'nonjunk', 'notjunk', 'forwarded', 'mdnsent'].includes(k));

function chooseLabels(x: Target, at?: Element | { x: number; y: number }): void {
	const known = new Set([...labels.peek(), ...store.emails.ids().flatMap((id) => labelsOf(store.emails.peek(id)!))]);
	const set = (name: string, on: boolean) => {
		labels.value = [...new Set([...labels.peek(), name])];
		run(x, keyword(name, on), (n) => t('didLabel', { n }), false);
	};
	showMenu({
		at: at ?? place(),
		label: t('labelAs'),
		filter: t('labelAs'),
		items: [...known].sort().map((name) => {
			const n = x.emails.filter((e) => has(e, name)).length;
			const checked = n === 0 ? false : n === x.emails.length ? true : 'mixed' as const;
			return { label: name, icon: 'label', checked, run: () => set(name, checked !== true) };
		}),
		make: (words) => {
			const name = words.toLowerCase().replace(/[\s(){%*"\]\\]+/g, '-');
			return known.has(name) || !/^[!-~]{1,60}$/.test(name) ? undefined : { label: t('newLabel', { name }), icon: 'plus', run: () => set(name, true) };
		},
	});
}

/** Where a menu opens that was asked for by key. */
function place(): Element | { x: number; y: number } {
	return document.querySelector('.row[data-cursor]') ?? document.querySelector('.reader-bar') ?? { x: innerWidth / 3, y: 120 };
}

export const folderIcon = (r: string | null): string =>
	({ inbox: 'inbox', drafts: 'draft', sent: 'sent', junk: 'spam', trash: 'trash', archive: 'archive', scheduled: 'clock', snoozed: 'clock' } as Record<string, string>)[r ?? ''] ?? 'folder';

async function write(kind: 'reply' | 'replyAll' | 'forward' | 'draft', x: Target): Promise<void> {
	try {
		const email = x.message && (await store.email(x.message.id));
		if (email)
			openCompose({ kind, email });
	} catch (e) {
		failure(e);
	}
}

drafts.open = (id) => void write('draft', rowTarget(id));

/** What is loaded when it is asked for. */
export const rare = () => import('./rare');

/* ---- the table ---- */

export const actions: Action[] = [
	{ id: 'archive', label: 'archiveIt', icon: 'archive', key: 'e', group: 'bar', show: (x) => any(x) && !inRole(x, 'archive') && !inRole(x, 'trash') && !inRole(x, 'junk') && !isDraft(x), run: (x) => void archive(x) },
	{ id: 'inbox', label: 'toInboxIt', icon: 'inbox', group: 'bar', show: (x) => any(x) && (inRole(x, 'archive') || inRole(x, 'trash')) && !inRole(x, 'inbox'), run: (x) => void role('inbox').then((to) => to && moveToFolder(x, to)) },
	{ id: 'notSpam', label: 'notSpam', icon: 'inbox', group: 'bar', show: (x) => any(x) && inRole(x, 'junk'), run: (x) => void notSpam(x) },
	{ id: 'trash', label: () => (view.value.box?.role === 'trash' ? t('deleteForEver') : t('toTrash')), icon: 'trash', key: '#', group: 'bar', show: any, run: (x) => void trash(x) },
	{ id: 'spam', label: 'spam', icon: 'spam', key: '!', group: 'bar', show: (x) => any(x) && !inRole(x, 'junk') && !inRole(x, 'sent') && !isDraft(x), run: (x) => void spam(x) },
	{ id: 'move', label: 'move', icon: 'move', key: 'v', group: 'bar', show: any, run: chooseFolder },
	{ id: 'label', label: 'label', icon: 'label', key: 'l', group: 'bar', show: any, run: chooseLabels },

	{ id: 'read', label: 'markRead', icon: 'read', key: 'Shift+i', group: 'state', show: (x) => notAll(x, '$seen'), run: (x) => run(x, keyword('$seen', true), (n) => t('didRead', { n }), false) },
	{ id: 'unread', label: 'markUnread', icon: 'mail', key: 'Shift+u', group: 'state', show: (x) => some(x, '$seen'), run: (x) => markUnread(x) },
	{ id: 'star', label: 'star', icon: 'star', key: 's', group: 'state', show: (x) => x.all || (any(x) && !some(x, '$flagged')), run: (x) => star(x, true) },
	{ id: 'unstar', label: 'unstar', icon: 'star', key: 's', group: 'state', show: (x) => some(x, '$flagged'), run: (x) => star(x, false) },

	{ id: 'edit', label: 'editDraft', icon: 'draft', group: 'write', show: isDraft, run: (x) => void write('draft', x) },
	{ id: 'reply', label: 'reply', icon: 'reply', key: 'r', group: 'write', show: (x) => one(x) && !isDraft(x), run: (x) => void write('reply', x) },
	{ id: 'replyAll', label: 'replyAll', icon: 'reply-all', key: 'a', group: 'write', show: (x) => one(x) && !isDraft(x), run: (x) => void write('replyAll', x) },
	{ id: 'forward', label: 'forward', icon: 'forward', key: 'f', group: 'write', show: (x) => one(x) && !isDraft(x), run: (x) => void write('forward', x) },

	{ id: 'window', label: 'openWindow', icon: 'open', group: 'message', show: one, run: (x) => { open(hrefOf('message', x.message!.id), '_blank', 'popup,width=900,height=800'); } },
	{ id: 'find', label: (x) => t('findFrom', { name: x.message?.from?.[0]?.name || x.message?.from?.[0]?.email || '' }), icon: 'search', group: 'message', show: (x) => one(x) && !!x.message!.from?.length, run: (x) => go(hrefOf('all', undefined, { q: `from:${x.message!.from![0]!.email}` })) },
	{ id: 'filter', label: 'filterFrom', icon: 'gear', group: 'message', show: (x) => one(x) && !!x.message!.from?.length && client.capability(SIEVE) !== undefined, run: (x) => go(`/settings/filters?from=${encodeURIComponent(x.message!.from![0]!.email)}`) },
	{ id: 'contact', label: 'toContacts', icon: 'user', group: 'message', show: (x) => one(x) && !!x.message!.from?.length && client.capability(CONTACTS) !== undefined, run: (x) => { const a = x.message!.from![0]!; go(`/settings/contacts?email=${encodeURIComponent(a.email)}&name=${encodeURIComponent(a.name ?? '')}`); } },
	{ id: 'source', label: 'viewSource', icon: 'code', group: 'message', show: one, run: (x) => void rare().then((m) => m.showSource(x.message!.id)).catch(failure) },
	{ id: 'trail', label: 'trail', icon: 'clock', group: 'message', show: (x) => one(x) && client.capability(OWN) !== undefined, run: (x) => void rare().then((m) => m.showTrail(x.message!)).catch(failure) },
	{ id: 'print', label: 'print', icon: 'print', group: 'message', show: one, run: (x) => void rare().then((m) => m.printMessage(x.message!.id)).catch(failure) },
	{ id: 'download', label: 'downloadEml', icon: 'download', group: 'message', show: one, run: (x) => download(client.downloadUrl(x.message!.blobId, `${fileName(x.message!.subject)}.eml`, 'message/rfc822'), `${fileName(x.message!.subject)}.eml`) },

	{ id: 'export', label: 'exportIt', icon: 'download', group: 'message', show: any, run: (x, at) => void rare().then((m) => m.showExport(x, x.message?.subject ?? t('product'), at ?? place())).catch(failure) },

	{ id: 'compose', label: 'compose', icon: 'plus', key: 'c', group: 'page', run: () => openCompose({ kind: 'new' }) },
	{ id: 'search', label: 'focusSearch', icon: 'search', key: '/', group: 'page', run: () => document.querySelector<HTMLInputElement>('#search')?.focus() },
	{ id: 'undo', label: 'undoIt', icon: 'undo', key: 'z', group: 'page', show: () => sendingUndo.value !== null || canUndo(), run: () => (sendingUndo.peek() ?? (() => void undo()))() },
	{ id: 'refresh', label: 'refresh', icon: 'undo', group: 'page', run: () => void store.sync().then(() => list.peek()?.refresh()) },
	{ id: 'mode', label: () => t(prefs.conversations.value ? 'singleMessages' : 'conversations'), icon: 'mail', group: 'page', run: toggleConversations },
	{ id: 'theme', label: () => `${t('theme')}: ${t(prefs.theme.value === 'dark' ? 'themeLight' : 'themeDark')}`, icon: 'sun', group: 'page', run: () => { prefs.theme.value = prefs.theme.peek() === 'dark' ? 'light' : 'dark'; } },
	{ id: 'export-all', label: 'exportAll', icon: 'download', group: 'page', run: (_, at) => void rare().then((m) => m.showExport(null, user.peek() ?? '', at ?? place())).catch(failure) },
	{ id: 'settings', label: 'settings', icon: 'gear', group: 'page', run: () => go('/settings/') },
	{ id: 'help', label: 'help', icon: 'help', key: '?', group: 'page', run: () => void rare().then((m) => m.showHelp()).catch(failure) },
	...(['inbox', 'starred', 'drafts', 'sent', 'archive', 'trash'] as const).map((name): Action => ({
		id: `go-${name}`, label: () => t('goTo', { box: t(name) }), icon: name === 'starred' ? 'star' : folderIcon(name), group: 'page',
		key: { inbox: 'g i', starred: 'g s', sent: 'g t', drafts: 'g d', archive: 'g a', trash: undefined }[name],
		run: () => go(hrefOf(name)),
	})),
];

export function toggleConversations(): void {
	prefs.conversations.value = !prefs.conversations.peek();
	if (view.peek().item)
		go(hrefOfItem(), true);
}

function markUnread(x: Target): void {
	// Of a conversation its last message, as a reader would.
	const last = x.all || x.rows.length > 1 ? x.emails : x.rows.length === 1 && x.emails.length > 1 ? x.emails.slice(-1) : x.emails;
	run({ ...x, emails: last }, keyword('$seen', false), (n) => t('didUnread', { n }), false);
	if (view.peek().item)
		closeItem();
}

function star(x: Target, on: boolean): void {
	// A conversation has its star at the last message.
	const emails = on && !x.all ? (x.rows.length <= 1 && x.message ? [x.message] : x.rows.flatMap((r) => emailsOfRow(r, true).slice(-1))) : x.emails;
	run({ ...x, emails }, keyword('$flagged', on), (n) => t(on ? 'didStar' : 'didUnstar', { n }), false);
}

export function starRow(row: Id): void {
	const x = rowTarget(row);
	star(x, !some(x, '$flagged'));
}

/** Opening a message marks it as read; that is no act to be undone. */
export function markSeen(emails: readonly Email[]): void {
	const unread = emails.filter((e) => !has(e, '$seen'));
	if (unread.length > 0)
		void act(unread, keyword('$seen', true));
}

export const fileName = (s: string | null): string =>
	(s ?? '').replace(/[\u0000-\u001f\u007f/\\:*?"<>|\u200b-\u200f\u202a-\u202e\u2066-\u2069]+/g, ' ').trim().slice(0, 100) || 'message';

export function download(url: string, name: string): void {
	const a = document.createElement('a');
	a.href = url;
	a.download = name;
	a.click();
}

/* ---- as menus ---- */

export const labelOf = (a: Action, x: Target): string => (typeof a.label === 'function' ? a.label(x) : t(a.label));

/** The key that the user has for it. */
export const keyOf = (a: Action): string | undefined => prefs.remap.value[a.id] ?? a.key;

export const byId = (id: string): Action => actions.find((a) => a.id === id)!;

export function menuRows(x: Target, groups: Action['group'][], at?: Element | { x: number; y: number }): MenuRow[] {
	const rows: MenuRow[] = [];
	for (const g of groups) {
		const shown = actions.filter((a) => a.group === g && (a.show?.(x) ?? true));
		if (rows.length > 0 && shown.length > 0)
			rows.push('-');
		for (const a of shown)
			rows.push({ label: labelOf(a, x), icon: a.icon, key: prefs.keys.value ? keyOf(a) : undefined, run: () => a.run(x, at) });
	}
	return rows;
}

/** The context menu of a row, or of several. */
export function showContextMenu(x: Target, at: { x: number; y: number }): void {
	showMenu({ at, label: t('more'), items: menuRows(x, ['write', 'bar', 'state', 'message'], at) });
}

export { nameOf, step };
