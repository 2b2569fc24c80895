/* admin/domains.tsx - the domains of the host, or of who administers some. */
import { useSignal } from '@preact/signals';
import { go } from '../app/router';
import { openDialog } from '../ui/dialog';
import { Icon } from '../ui/icon';
import { type Domain, type Page, get, send } from './api';
import { Data, Mark, Table, Wrong, useForm, useLoad } from './data';
import { t } from './t';

const LINES = 100;

function NewDomain({ close, done }: { close: () => void; done: (name: string) => void }) {
	const f = useForm();
	return (
		<form onSubmit={(e) => {
			e.preventDefault();
			const name = (e.currentTarget.elements.namedItem('domain') as HTMLInputElement).value.trim().toLowerCase();
			void f.run(async () => {
				await send('POST', '/domains', { domain: name });
				close();
				done(name);
			});
		}}>
			<div class="dialog-body">
				<label class="field"><span>{t('domainName')}</span><input class="input" name="domain" required autofocus autocomplete="off" placeholder="customer.example" /></label>
				<p class="hint">{t('newDomainText')}</p>
				<Wrong of={f.problem} />
			</div>
			<div class="dialog-foot"><button type="button" class="button" onClick={close}>{t('cancel')}</button><button class="button primary" disabled={f.busy.value}>{t('addDomain')}</button></div>
		</form>
	);
}

export function Domains({ operator }: { operator: boolean }) {
	const search = useSignal('');
	const after = useSignal<string[]>([]);
	const key = `${search.value} ${after.value.at(-1) ?? ''}`;
	const list = useLoad<Page<Domain>>(key, () => get('/domains', { search: search.value, after: after.value.at(-1), limit: LINES }));
	const add = () => openDialog({
		title: t('addDomain'),
		body: (close) => <NewDomain close={close} done={(name) => go(`/admin/domain/${encodeURIComponent(name)}/dns`)} />,
	});
	return (
		<section>
			<header class="page-head">
				<h1>{t('domains')}</h1>
				<input class="input search" type="search" aria-label={t('searchDomains')} placeholder={t('searchDomains')} onInput={(e) => { search.value = e.currentTarget.value.trim(); after.value = []; }} />
				{operator ? <button type="button" class="button primary" onClick={add}><Icon name="plus" />{t('addDomain')}</button> : null}
			</header>
			<Data of={list}>{(p) => (
				<>
					<Table rows={p.items} id={(d) => d.domain} label={t('domains')} tone={(d) => (d.suspended.length ? 'warn' : 'none')}
						empty={search.value ? t('noneFound') : <><p>{t('noDomainsYet')}</p>{operator ? <button type="button" class="button" onClick={add}>{t('addDomain')}</button> : null}</>}
						columns={[
							{ head: t('domain'), cell: (d) => <a class="link" href={`/admin/domain/${encodeURIComponent(d.domain)}/addresses`}>{d.domain}</a> },
							{ head: t('mailboxes'), cell: (d) => d.accounts, end: true },
							{ head: t('aliases'), cell: (d) => d.aliases, end: true, wide: true },
							{ head: t('catchall'), cell: (d) => d.catchall ?? t('off'), wide: true },
							{ head: t('state'), cell: (d) => (d.alias_of ? t('aliasOf', { domain: d.alias_of }) : d.suspended.length ? <Mark tone="warn">{t('suspended')}: {d.suspended.join(', ')}</Mark> : <Mark tone="ok">{t('works')}</Mark>) },
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
