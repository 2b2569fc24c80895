/*
 * mail/folder-acts.ts - to make, rename, move, empty and delete folders.
 */
import { client } from '../app/session';
import { go } from '../app/router';
import { t } from '../app/t';
import type { Folder } from '../jmap/store';
import type { Mailbox } from '../jmap/types';
import { confirm, prompt } from '../ui/dialog';
import { type MenuRow, showMenu } from '../ui/menu';
import { toast } from '../ui/toast';
import { actOnQuery, destroy, failure, keyword, moveTo } from './act';
import { folderIcon, rare } from './actions';
import { deletedRows } from './deleted';
import { boxName, hrefOf, store, view } from './state';

type Update = { name?: string; parentId?: string | null; isSubscribed?: boolean };

function refused(e: { type: string; description?: string; properties?: string[] } | undefined): void {
	if (e)
		toast({ text: e.properties?.includes('name') ? t('nameTaken') : t('folderFailed', { words: e.description ?? e.type }), error: true });
}

async function update(b: Mailbox, change: Update): Promise<void> {
	const was = { ...b };
	store.mailboxes.put([{ id: b.id, ...change }]);
	try {
		const r = await client.call('Mailbox/set', { update: { [b.id]: change } });
		const e = r.notUpdated?.[b.id];
		if (e)
			store.mailboxes.put([was]);
		refused(e);
	} catch (e) {
		store.mailboxes.put([was]);
		failure(e);
	}
}

const siblings = (parentId: string | null) => store.folders.peek().filter((f) => f.box.parentId === parentId);

const nameCheck = (parentId: string | null, own?: string) => (name: string): string | undefined =>
	(siblings(parentId).some((f) => f.box.id !== own && f.box.name.toLowerCase() === name.toLowerCase()) ? t('nameTaken')
		: name.includes('/') ? t('folderFailed', { words: '/' }) : undefined);

export async function newFolder(parent?: Mailbox): Promise<void> {
	const parentId = parent?.id ?? null;
	const name = await prompt({
		title: parent ? t('newSubfolder', { box: boxName(parent) }) : t('newFolder'), label: t('folderName'), yes: t('createFolder'), check: nameCheck(parentId),
	});
	if (!name)
		return;
	try {
		const r = await client.call('Mailbox/set', { create: { n: { name, parentId, isSubscribed: true } } });
		refused(r.notCreated?.n);
		await store.loadMailboxes();
	} catch (e) {
		failure(e);
	}
}

async function rename(b: Mailbox): Promise<void> {
	const name = await prompt({ title: t('renameFolder'), label: t('folderName'), yes: t('rename'), value: b.name, check: nameCheck(b.parentId, b.id) });
	if (name && name !== b.name)
		await update(b, { name });
}

/** Is `inner` in `outer`, or itself? */
export function contains(outer: Mailbox, inner: Mailbox | undefined): boolean {
	for (let b = inner, n = 0; b && n < 40; b = b.parentId ? store.mailboxes.peek(b.parentId) : undefined, n++)
		if (b.id === outer.id)
			return true;
	return false;
}

export async function moveFolder(b: Mailbox, parentId: string | null): Promise<void> {
	if (parentId !== b.parentId)
		await update(b, { parentId });
}

function chooseParent(b: Mailbox, at: Element | { x: number; y: number }): void {
	showMenu({
		at, label: t('moveFolder'), filter: t('moveFolder'),
		items: [
			{ label: t('topLevel'), icon: 'up', disabled: b.parentId === null, run: () => void moveFolder(b, null) },
			...store.folders.peek().filter((f) => f.box.myRights.mayCreateChild && !contains(b, f.box) && f.box.role !== 'inbox').map((f) => ({
				label: boxName(f.box), icon: folderIcon(f.box.role), indent: f.depth, checked: f.box.id === b.parentId, run: () => void moveFolder(b, f.box.id),
			})),
		],
	});
}

/** Its messages go to Trash first: a folder never takes mail with it unasked. */
async function remove(f: Folder): Promise<void> {
	const b = f.box;
	if (f.children.length > 0) {
		toast({ text: t('folderHasChildren', { box: boxName(b) }), error: true });
		return;
	}
	if (!(await confirm({ title: t('deleteFolder'), text: t('deleteFolderText', { n: b.totalEmails, box: boxName(b) }), yes: t('deleteFolder'), danger: true })))
		return;
	try {
		if (b.totalEmails > 0) {
			const trash = await store.needRole('trash', 'Trash');
			await actOnQuery({ inMailbox: b.id }, moveTo(trash.id, b.id), (n) => t('didTrash', { n }));
		}
		if (view.peek().box?.id === b.id)
			go(hrefOf('inbox'), true);
		const r = await client.call('Mailbox/set', { destroy: [b.id] });
		refused(r.notDestroyed?.[b.id]);
		await store.loadMailboxes();
	} catch (e) {
		failure(e);
	}
}

async function empty(b: Mailbox): Promise<void> {
	const title = b.role === 'junk' ? t('emptySpam') : t('emptyTrash');
	if (!(await confirm({ title, text: t('emptyText', { n: b.totalEmails }), yes: t('deleteForEver'), danger: true })))
		return;
	try {
		const { ids } = await client.call('Email/query', { filter: { inMailbox: b.id } });
		const n = await destroy(ids);
		toast({ text: t('didDestroy', { n }) });
	} catch (e) {
		failure(e);
	}
}

export function showFolderMenu(f: Folder, at: Element | { x: number; y: number }): void {
	const b = f.box;
	const items: MenuRow[] = deletedRows(b.id);
	if (b.unreadEmails > 0)
		items.push({ label: t('markAllRead'), icon: 'read', run: () => void actOnQuery({ operator: 'AND', conditions: [{ inMailbox: b.id }, { notKeyword: '$seen' }] }, keyword('$seen', true), (n) => t('didRead', { n })) });
	if ((b.role === 'trash' || b.role === 'junk') && b.totalEmails > 0)
		items.push({ label: b.role === 'junk' ? t('emptySpam') : t('emptyTrash'), icon: 'trash', run: () => void empty(b) });
	if (b.myRights.mayCreateChild && b.role !== 'inbox')
		items.push({ label: t('newSubfolder', { box: boxName(b) }), icon: 'plus', run: () => void newFolder(b) });
	if (b.myRights.mayRename && !b.role)
		items.push({ label: `${t('rename')}\u2026`, icon: 'draft', run: () => void rename(b) }, { label: `${t('moveFolder')}\u2026`, icon: 'move', run: () => chooseParent(b, at) });
	if (b.role !== 'inbox')
		items.push({ label: b.isSubscribed ? t('unsubscribeFolder') : t('subscribe'), icon: 'eye', run: () => void update(b, { isSubscribed: !b.isSubscribed }) });
	if (b.totalEmails > 0)
		items.push({ label: t('exportIt'), icon: 'download', run: () => void rare().then((m) => m.showExport(b.id, boxName(b), at)).catch(failure) });
	if (b.myRights.mayDelete && !b.role)
		items.push('-', { label: t('deleteFolder'), icon: 'trash', run: () => void remove(f) });
	if (items.length > 0)
		showMenu({ at, label: t('folderActions', { box: boxName(b) }), items });
}

