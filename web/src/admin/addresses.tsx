/*
 * admin/addresses.tsx - mailboxes, aliases and the catch-all of a domain in one
 * table; what is done with one opens in a dialog.
 */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { confirm, openDialog } from '../ui/dialog';
import { Icon } from '../ui/icon';
import { type MenuRow, showMenu } from '../ui/menu';
import { toast } from '../ui/toast';
import { AccountSheet } from './account';
import { AliasSheet } from './alias';
import { type Address, type Page, get, path, send } from './api';
import { Bulk } from './bulk';
import { Data, Mark, Table, Time, act, bytes, useLoad } from './data';
import { ForwardSheet } from './forward';
import { LoginsSheet } from './logins';
import { NewAddress } from './new-address';
import { PasswordSheet } from './password';
import { RemoveSheet } from './removed';
import { t } from './t';
import { ImportSheet, exportTable } from './table';
import { VacationSheet } from './vacation';

const LINES = 100;

const kind = (a: Address) => (a.type === 'mailbox' ? t('mailbox') : a.type === 'alias' ? t('alias') : t('catchall'));

function state(a: Address) {
	if (a.held)
		return <Mark tone="err">{t('outgoingHeld')}</Mark>;
	if (a.suspended.length)
		return <Mark tone="warn">{t('suspended')}: {a.suspended.join(', ')}</Mark>;
	return <Mark tone="ok">{t('works')}</Mark>;
}

function Used({ a }: { a: Address }) {
	if (a.used_bytes === null)
		return null;
	const part = a.quota_bytes ? Math.round((a.used_bytes * 100) / a.quota_bytes) : 0;
	return <span class="used" title={a.quota_bytes ? t('usedOf', { used: bytes(a.used_bytes), quota: bytes(a.quota_bytes) }) : ''}>{bytes(a.used_bytes)}{part >= 80 ? <Mark tone="warn">{t('percent', { n: part })}</Mark> : null}</span>;
}

async function remove(a: Address, done: () => void): Promise<void> {
	const title = t('deleteThis', { address: a.address });
	if (a.type === 'mailbox') {
		openDialog({ title, body: (close) => <RemoveSheet a={a} close={close} done={() => { close(); toast({ text: t('deleted', { address: a.address }) }); done(); }} /> });
		return;
	}
	const sure = await confirm({ title, text: t('deleteAliasText'), yes: t('delete'), danger: true });
	if (sure && await act(() => send('DELETE', path('/aliases/{}', a.address)), t('deleted', { address: a.address })))
		done();
}

/** For who lost the second step; the owner is told by mail. */
async function totpOff(a: Address): Promise<void> {
	if (await confirm({ title: t('twoStepOffTitle', { address: a.address }), text: t('twoStepOffText'), yes: t('switchOff'), danger: true }))
		await act(() => send('DELETE', path('/accounts/{}/totp', a.canonical), {}), t('twoStepIsOff', { address: a.address }));
}

function acts(a: Address, domain: string, reload: () => void): MenuRow[] {
	const sheet = (title: string, Body: (p: { address: string; close: () => void; done: () => void }) => JSX.Element) => () => {
		openDialog({ title, body: (close) => <Body address={a.address} close={close} done={() => { close(); reload(); }} /> });
	};
	if (a.type === 'catchall')
		return [{ label: t('catchallOff'), icon: 'x', run: () => void act(() => send('DELETE', path('/domains/{}/catchall', domain)), t('saved')).then((ok) => ok && reload()) }];
	if (a.type === 'alias')
		return [
			{ label: t('editTargets'), icon: 'forward', run: sheet(t('aliasTitle', { address: a.address }), AliasSheet) },
			'-',
			{ label: t('delete'), icon: 'trash', run: () => void remove(a, reload) },
		];
	return [
		{ label: t('nameAndQuota'), icon: 'user', run: sheet(a.address, AccountSheet) },
		{ label: t('setPassword'), icon: 'key', run: sheet(t('passwordTitle', { address: a.address }), PasswordSheet) },
		{ label: t('forward'), icon: 'forward', run: sheet(t('forwardTitle', { address: a.address }), ForwardSheet) },
		{ label: t('vacation'), icon: 'sun', run: sheet(t('vacationTitle', { address: a.address }), VacationSheet) },
		{ label: t('twoStepOff'), icon: 'phone', run: () => void totpOff(a) },
		{ label: t('signIns'), icon: 'shield', run: sheet(t('signInsTitle', { address: a.address }), LoginsSheet) },
		'-',
		...(a.suspended.length
			? [{ label: t('resume'), icon: 'undo', run: () => void act(() => send('POST', path('/accounts/{}/resume', a.address), {}), t('saved')).then((ok) => ok && reload()) }]
			: [{ label: t('suspendLogin'), icon: 'mute', run: () => void act(() => send('POST', path('/accounts/{}/suspend', a.address), { what: ['login', 'send'] }), t('saved')).then((ok) => ok && reload()) }]),
		...(a.held ? [{ label: t('releaseHeld'), icon: 'sent', run: () => void act(() => send('POST', path('/holds/{}/release', a.address)), t('released')).then((ok) => ok && reload()) }] : []),
		{ label: t('delete'), icon: 'trash', run: () => void remove(a, reload) },
	];
}

export function Addresses({ domain, self }: { domain: string; self: string }) {
	const search = useSignal('');
	const after = useSignal<string[]>([]);
	const list = useLoad<Page<Address>>(`${domain} ${search.value} ${after.value.at(-1) ?? ''}`,
		() => get('/addresses', { domain, search: search.value, after: after.value.at(-1), limit: LINES }));
	// By their names, over pages; nobody shuts themselves out by this.
	const chosen = useSignal<Map<string, Address>>(new Map());
	useEffect(() => { chosen.value = new Map(); }, [domain]);
	const choose = (rows: Address[], on: boolean) => {
		const next = new Map(chosen.value);
		for (const a of rows)
			if (on)
				next.set(a.canonical, a);
			else
				next.delete(a.canonical);
		chosen.value = next;
	};
	const canChoose = (a: Address) => a.type === 'mailbox' && a.canonical !== self;
	const clear = () => { chosen.value = new Map(); };
	const add = () => openDialog({ title: t('newAddress'), large: true, body: (close) => <NewAddress domain={domain} close={close} done={() => { close(); list.reload(); }} /> });
	return (
		<section>
			<header class="page-head">
				<h1>{t('addressesOf', { domain })}</h1>
				<input class="input search" type="search" aria-label={t('searchAddresses')} placeholder={t('searchAddresses')} onInput={(e) => { search.value = e.currentTarget.value.trim(); after.value = []; }} />
				<button type="button" class="tool" aria-haspopup="menu" aria-label={t('table')} title={t('table')} onClick={(e) => showMenu({ at: e.currentTarget, label: t('table'), items: [
					{ label: t('exportTable'), icon: 'forward', run: () => exportTable(domain) },
					{ label: t('importTable'), icon: 'plus', run: () => openDialog({ title: t('importTable'), large: true, body: (close) => <ImportSheet domain={domain} close={close} done={() => { close(); list.reload(); }} /> }) },
				] })}><Icon name="more" /></button>
				<button type="button" class="button primary" onClick={add}><Icon name="plus" />{t('newAddress')}</button>
			</header>
			{chosen.value.size ? <Bulk all={[...chosen.value.values()]} clear={clear} done={() => { clear(); list.reload(); }} /> : null}
			<Data of={list}>{(p) => (
				<>
					<Table rows={p.items} id={(a) => `${a.type} ${a.address}`} label={t('addresses')}
						tone={(a) => (a.held ? 'err' : a.suspended.length ? 'warn' : 'none')}
						empty={search.value ? t('noneFound') : <><p>{t('noAddresses')}</p><button type="button" class="button" onClick={add}>{t('newAddress')}</button></>}
						columns={[
							{ head: t('choose'), top: <input type="checkbox" aria-label={t('chooseAll')} disabled={!p.items.some(canChoose)} checked={p.items.some(canChoose) && p.items.filter(canChoose).every((a) => chosen.value.has(a.canonical))} onChange={(e) => choose(p.items.filter(canChoose), e.currentTarget.checked)} />,
								cell: (a) => (canChoose(a) ? <input type="checkbox" aria-label={t('chooseThis', { address: a.address })} checked={chosen.value.has(a.canonical)} onChange={(e) => choose([a], e.currentTarget.checked)} /> : null) },
							{ head: t('address'), cell: (a) => <span class="two"><b>{a.type === 'catchall' ? t('allOthers') : a.address}</b>{a.name ? <small>{a.name}</small> : null}</span> },
							{ head: t('kind'), cell: kind },
							{ head: t('goesTo'), wide: true, cell: (a) => (a.targets.length ? <span class="two"><span>{a.targets.slice(0, 2).join(', ')}{a.targets.length > 2 ? ` +${a.targets.length - 2}` : ''}</span>{a.type === 'mailbox' ? <small>{a.keep ? t('keepsCopy') : t('keepsNoCopy')}</small> : null}</span> : null) },
							{ head: t('used'), wide: true, end: true, cell: (a) => <Used a={a} /> },
							{ head: t('lastSignIn'), wide: true, cell: (a) => (a.last_login ? <span class="two"><Time at={a.last_login.time} /><small>{a.last_login.protocol}</small></span> : null) },
							{ head: t('state'), cell: state },
							{ head: t('acts'), end: true, cell: (a) => (
								<button type="button" class="tool" aria-haspopup="menu" aria-label={t('actsOf', { address: a.address })} onClick={(e) => showMenu({ at: e.currentTarget, label: a.address, items: acts(a, domain, list.reload) })}><Icon name="more" /></button>
							) },
						]} />
					<nav class="pager">
						{after.value.length ? <button type="button" class="button small" onClick={() => { after.value = after.value.slice(0, -1); }}>{t('back')}</button> : null}
						{p.next ? <button type="button" class="button small" onClick={() => { after.value = [...after.value, p.next!]; }}>{t('more')}</button> : null}
					</nav>
				</>
			)}</Data>
		</section>
	);
}
