/*
 * admin/removed.tsx - deleted mailboxes that can still be restored (PN-05), and
 * the dialog that deletes one.
 */
import { useSignal } from '@preact/signals';
import { type Address, type Page, get, path, send } from './api';
import { Data, Table, Time, act, bytes, useLoad } from './data';
import { SheetForm } from './sheet';
import { t } from './t';

interface Removed { address: string; name: string; removed: string; erased: string }

export function RemovedPage({ domain }: { domain: string }) {
	const list = useLoad<Page<Removed>>(domain, () => get('/removed', { domain }));
	const restore = (a: Removed) => void act(() => send('POST', path('/accounts/{}/restore', a.address), {}), t('restored', { address: a.address })).then((ok) => ok && list.reload());
	return (
		<section>
			<header class="page-head"><h1>{t('removedOf', { domain })}</h1></header>
			<p class="hint">{t('removedText')}</p>
			<Data of={list}>{(p) => (
				<Table rows={p.items} id={(a) => `${a.address} ${a.removed}`} label={t('removedMailboxes')} empty={t('noneRemoved')}
					columns={[
						{ head: t('address'), cell: (a) => <span class="two"><b>{a.address}</b>{a.name ? <small>{a.name}</small> : null}</span> },
						{ head: t('removedAt'), wide: true, cell: (a) => <Time at={a.removed} /> },
						{ head: t('erasedAt'), cell: (a) => <Time at={a.erased} /> },
						{ head: t('acts'), end: true, cell: (a) => <button type="button" class="button small" aria-label={t('restoreThis', { address: a.address })} onClick={() => restore(a)}>{t('restore')}</button> },
					]} />
			)}</Data>
		</section>
	);
}

/** Deletes a mailbox: its name is typed, so that it is not another one. */
export function RemoveSheet({ a, close, done }: { a: Address; close: () => void; done: () => void }) {
	const typed = useSignal('');
	return (
		<SheetForm yes={t('delete')} danger off={typed.value.trim().toLowerCase() !== a.address.toLowerCase()} close={close} submit={async () => {
			await send('DELETE', path('/accounts/{}', a.canonical));
			done();
		}}>
			<p>{t('deleteMailboxText', { size: bytes(a.used_bytes ?? 0) })}</p>
			<label class="field"><span>{t('typeAddress', { address: a.address })}</span><input class="input" name="typed" autofocus autocomplete="off" autocapitalize="none" spellcheck={false} onInput={(e) => { typed.value = e.currentTarget.value; }} /></label>
		</SheetForm>
	);
}
