/*
 * mail/state.ts - what is shown: the folder or search, its list, what is open,
 * what is selected.  The address bar is the truth; the rest follows it.
 */
import { computed, effect, signal } from '@preact/signals';
import { prefs } from '../app/prefs';
import { back, go, href, route } from '../app/router';
import { client, keep, kept, user } from '../app/session';
import { t } from '../app/t';
import { Store } from '../jmap/store';
import type { Email, Filter, Id, Mailbox } from '../jmap/types';
import { List } from './list-model';
import { localDay, parseSearch, type Scope, type Search, scopeFilter, type SearchContext } from './search';

export const store = new Store(client);

/* ---- the view ---- */

export interface View {
	/** The first part of the address: a role, an id, 'starred' or 'all'. */
	name: string;
	box: Mailbox | undefined;
	q: string;
	scope: Scope;
	only: '' | 'unread' | 'starred' | 'attachment';
	/** The conversation or message that is open. */
	item: Id | undefined;
	/** One message in a window of its own. */
	alone: boolean;
}

const folderByName = (name: string): Mailbox | undefined =>
	store.folders.value.find((f) => f.box.role === name)?.box ?? store.mailboxes.get(name);

export const view = computed<View>(() => {
	const { path, query } = route.value;
	const alone = path[0] === 'message';
	const name = alone ? '' : path[0] || 'inbox';
	const box = name && name !== 'starred' && name !== 'all' ? folderByName(name) : undefined;
	const q = query.get('q') ?? '';
	const asked = query.get('in');
	const only = query.get('only');
	return {
		name, box, q,
		scope: asked === 'all' || asked === 'anywhere' ? asked : box ? 'here' : 'all',
		only: only === 'unread' || only === 'starred' || only === 'attachment' ? only : '',
		item: path[1],
		alone,
	};
});

/** The name that stands in the address for a mailbox. */
export const nameOf = (b: Mailbox): string => b.role ?? b.id;

export function hrefOf(name: string, item?: Id, more?: { q?: string; in?: string; only?: string }): string {
	return href('mail', item ? [name, item] : [name], more);
}

/** The address of an item in the list that is shown. */
export function hrefOfItem(item?: Id): string {
	const v = view.peek();
	return hrefOf(v.name || 'inbox', item, { q: v.q, in: v.q && v.scope !== 'here' ? v.scope : undefined, only: v.only });
}

const ROLE_NAMES = {
	inbox: 'inbox', drafts: 'drafts', sent: 'sent', junk: 'junk', trash: 'trash', archive: 'archive', scheduled: 'scheduled', snoozed: 'snoozed',
} as const;

/** Special folders are called as the user's language does, unless renamed. */
export function boxName(b: Mailbox): string {
	const key = b.role && b.role in ROLE_NAMES ? ROLE_NAMES[b.role as keyof typeof ROLE_NAMES] : undefined;
	const usual = ['inbox', 'drafts', 'sent', 'spam', 'junk', 'trash', 'archive', 'scheduled', 'snoozed'];
	return key && usual.includes(b.name.toLowerCase()) ? t(key) : b.name;
}

export function viewName(v: View): string {
	if (v.box)
		return boxName(v.box);
	return v.name === 'starred' ? t('starred') : t('allMail');
}

/* ---- its list ---- */

function context(v: View): SearchContext {
	return {
		here: v.box?.id,
		scope: v.scope,
		folders: store.folders.value.map((f) => ({ id: f.box.id, name: f.box.name, path: f.path, role: f.box.role })),
		now: new Date(Math.floor(Date.now() / 60_000) * 60_000),
		day: localDay,
	};
}

const ONLY: Record<string, Filter> = {
	unread: { notKeyword: '$seen' },
	starred: { hasKeyword: '$flagged' },
	attachment: { hasAttachment: true },
};

function searchOf(v: View): Search {
	const c = context(v);
	const s = v.q ? parseSearch(v.q, c) : { filter: scopeFilter(v.scope, c) ?? null, words: [], hints: [] };
	const more: Filter[] = [];
	if (v.name === 'starred')
		more.push({ hasKeyword: '$flagged' });
	if (ONLY[v.only])
		more.push(ONLY[v.only]!);
	if (more.length === 0)
		return s;
	const all = s.filter ? [s.filter, ...more] : more;
	return { ...s, filter: all.length > 1 ? { operator: 'AND', conditions: all } : all[0]! };
}

export const search = computed<Search>(() => searchOf(view.value));

/** Conversations, but single messages where each counts by itself. */
export const collapsed = computed(() => {
	const role = view.value.box?.role;
	return prefs.conversations.value && role !== 'drafts' && role !== 'scheduled' && !(role === 'trash');
});

const LISTS_MAX = 8;
const lists = new Map<string, List>();

/** The list of the view; going back finds it as it was left. */
export const list = computed<List | null>(() => {
	const v = view.value;
	if (v.alone || store.boxIds.value === null || (!v.box && v.name !== 'starred' && v.name !== 'all'))
		return null;
	const query = { filter: search.value.filter, collapse: collapsed.value, snippets: search.value.words.length > 0 };
	const key = JSON.stringify([v.name, v.q, v.scope, v.only, query.collapse]);
	let l = lists.get(key);
	if (!l) {
		l = new List(store, query);
		l.show(0, 49);
	}
	lists.delete(key);
	lists.set(key, l);
	for (const k of lists.keys()) {
		if (lists.size <= LISTS_MAX)
			break;
		lists.delete(k);
	}
	return l;
});

/** A row of a list was taken out by what the user did: out of all lists. */
export function removeRows(ids: readonly Id[]): void {
	list.peek()?.remove(ids);
}

/* ---- what is selected ---- */

/** The row that keys act on. */
export const cursor = signal<Id | null>(null);
export const selection = signal<ReadonlySet<Id>>(new Set());
/** Not the rows, but all that the query finds. */
export const allMatching = signal(false);
/** In the open conversation: the message that keys act on, those unfolded. */
export const current = signal<Id | null>(null);
/** Row to begin a range at. */
let anchor: Id | null = null;

export function clearSelection(): void {
	if (selection.peek().size > 0)
		selection.value = new Set();
	allMatching.value = false;
}

export function toggle(id: Id): void {
	const s = new Set(selection.peek());
	if (!s.delete(id))
		s.add(id);
	selection.value = s;
	allMatching.value = false;
	anchor = id;
}

export function selectRange(to: Id): void {
	const l = list.peek();
	if (!l)
		return;
	const a = l.indexOf(anchor ?? cursor.peek() ?? to);
	const b = l.indexOf(to);
	const s = new Set(selection.peek());
	for (let i = Math.min(a < 0 ? b : a, b); i <= Math.max(a, b); i++) {
		const id = l.at(i);
		if (id)
			s.add(id);
	}
	selection.value = s;
	allMatching.value = false;
}

export function selectKnown(which: (e: Email) => boolean = () => true): void {
	const l = list.peek();
	selection.value = new Set(l?.known().filter((id) => {
		const e = store.emails.peek(id);
		return e ? which(e) : false;
	}) ?? []);
	allMatching.value = false;
}

/* ---- rows and conversations ---- */

/** The emails that a row stands for, oldest first; `inView`: those of this folder. */
export function emailsOfRow(id: Id, inView = false): Email[] {
	const e = store.emails.get(id);
	if (!e)
		return [];
	const ids = collapsed.value ? store.threads.get(e.threadId)?.emailIds ?? [id] : [id];
	const all = ids.map((x) => store.emails.get(x)).filter((x): x is Email => x !== undefined);
	return inView ? all.filter((x) => isInView(x, e)) : all;
}

function isInView(x: Email, row: Email): boolean {
	const v = view.peek();
	if (x.id === row.id)
		return true;
	if (v.box && v.scope === 'here')
		return v.box.id in x.mailboxIds;
	// A view over folders: the conversation without its outcasts.
	return !['trash', 'junk', 'drafts'].some((r) => {
		const b = store.byRole(r);
		return b && b.id in x.mailboxIds;
	});
}

/** The thread or email id that opens a row. */
export function itemOfRow(id: Id): Id {
	return collapsed.peek() ? store.emails.peek(id)?.threadId ?? id : id;
}

/** The row of what is open. */
export const openRow = computed<Id | null>(() => {
	const { item } = view.value;
	const l = list.value;
	if (!item || !l)
		return null;
	void l.version.value;
	if (item.startsWith('E'))
		return item;
	return l.known().find((id) => store.emails.peek(id)?.threadId === item) ?? null;
});

export function openItem(row: Id, replace = false): void {
	cursor.value = row;
	const email = store.emails.peek(row);
	if (email && view.peek().box?.role === 'drafts') {
		drafts.open?.(row);
		return;
	}
	go(hrefOfItem(itemOfRow(row)), replace || view.peek().item !== undefined);
}

/** Set by actions.ts: what opening a draft does. */
export const drafts: { open?: (id: Id) => void } = {};

export function closeItem(): void {
	back(hrefOfItem());
}

/** Go to another row; opens it when something is open. */
export function step(by: number): void {
	const l = list.peek();
	if (!l)
		return;
	const now = openRow.peek() ?? cursor.peek();
	const i = now ? l.indexOf(now) : -1;
	const n = l.total.peek() ?? 0;
	const to = i < 0 ? (by > 0 ? 0 : n - 1) : i + by;
	const id = l.at(to);
	if (!id || to < 0 || to >= n)
		return;
	cursor.value = id;
	if (view.peek().item)
		openItem(id, true);
}

/* ---- beginning ---- */

/** The folders could not be had: the strip says so, and it is tried again. */
function failed(): void {
	setTimeout(() => void store.loadMailboxes().catch(failed), 5000);
}

export function startMail(): void {
	// What is selected belongs to a list.
	let last: List | null = null;
	effect(() => {
		const l = list.value;
		if (l === last)
			return;
		last = l;
		clearSelection();
		cursor.value = openRow.peek();
		// It may be old.
		if (l && l.total.peek() !== null)
			void l.refresh();
	});
	// A list of what is unread keeps the message that is being read, as long as it
	// is open.
	let seen = 0;
	effect(() => {
		const now = store.changed.value;
		const v = view.value;
		const reading = v.item !== undefined && (v.only === 'unread' || /\bis:unread\b/i.test(v.q));
		if (now === seen || reading)
			return;
		seen = now;
		void list.peek()?.refresh();
	});
	effect(() => {
		if (!user.value)
			return;
		// One request then brings folders and list.
		const fresh = store.loadMailboxes();
		store.begin(kept<Mailbox[]>() ?? []);
		void fresh.then(() => keep(store.folders.peek().map((f) => f.box))).catch(failed);
	});
}
