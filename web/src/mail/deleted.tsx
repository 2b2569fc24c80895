/*
 * mail/deleted.tsx - messages that a mail program flagged \Deleted and did not
 * purge: JMAP hides them, so the list says that they are there (docs/jmap.md,
 * DeletedEmail).
 */
import { effect, signal } from '@preact/signals';
import { client, user } from '../app/session';
import { t } from '../app/t';
import { type Id, OWN } from '../jmap/types';
import { confirm } from '../ui/dialog';
import { Icon } from '../ui/icon';
import type { MenuRow } from '../ui/menu';
import { toast } from '../ui/toast';
import { failure } from './act';
import { list, store, view } from './state';

const counts = signal<ReadonlyMap<Id, number>>(new Map());

async function count(): Promise<void> {
	if (!client.capability(OWN))
		return;
	const r = await client.call('DeletedEmail/count', {});
	counts.value = new Map(r.list.map((c) => [c.mailboxId, c.total]));
}

/** Count now, and whenever mail changes. */
export function startDeleted(): void {
	effect(() => {
		void store.changed.value;
		if (user.value)
			count().catch(() => undefined);
	});
}

async function done(): Promise<void> {
	await count();
	await store.sync();
	await list.peek()?.refresh();
}

async function restore(mailboxId: Id): Promise<void> {
	try {
		const r = await client.call('DeletedEmail/restore', { mailboxId });
		toast({ text: t('didRestore', { n: r.restored?.length ?? 0 }) });
		await done();
	} catch (e) {
		failure(e);
	}
}

async function purge(mailboxId: Id): Promise<void> {
	const n = counts.peek().get(mailboxId) ?? 0;
	if (!(await confirm({ title: t('purge'), text: t('emptyText', { n }), yes: t('purge'), danger: true })))
		return;
	try {
		const r = await client.call('DeletedEmail/purge', { mailboxId });
		toast({ text: t('didPurge', { n: r.purged?.length ?? 0 }) });
		await done();
	} catch (e) {
		failure(e);
	}
}

/** For the menu of a folder. */
export function deletedRows(mailboxId: Id): MenuRow[] {
	const n = counts.peek().get(mailboxId) ?? 0;
	return n === 0 ? [] : [
		{ title: t('deletedElsewhere', { n }) },
		{ label: t('restore'), icon: 'undo', run: () => void restore(mailboxId) },
		{ label: `${t('purge')}\u2026`, icon: 'trash', run: () => void purge(mailboxId) },
		'-',
	];
}

export function DeletedBanner() {
	const b = view.value.q ? undefined : view.value.box;
	const n = b ? counts.value.get(b.id) ?? 0 : 0;
	if (!b || n === 0)
		return null;
	return (
		<div class="notice">
			<Icon name="trash" /><span class="grow">{t('deletedElsewhere', { n })}</span>
			<button type="button" class="link" onClick={() => void purge(b.id)}>{t('purge')}</button>
			<button type="button" class="link" onClick={() => void restore(b.id)}>{t('restore')}</button>
		</div>
	);
}
