/* admin/admins.tsx - who administers domains, and who runs the host. */
import { openDialog } from '../ui/dialog';
import { Icon } from '../ui/icon';
import { type Page, get, path, send } from './api';
import { Data, Mark, Table, Time, act, useLoad } from './data';
import { SheetForm, text } from './sheet';
import { t } from './t';

interface Role { address: string; role: string; domain: string | null; since: string }

export function Admins() {
	const of = useLoad<Page<Role>>('', () => get('/admins'));
	const add = () => openDialog({
		title: t('newAdmin'),
		body: (close) => (
			<SheetForm yes={t('letAdminister')} close={close} submit={async (form) => {
				await send('POST', '/admins', { address: text(form, 'address').toLowerCase(), ...(text(form, 'domain') ? { domain: text(form, 'domain').toLowerCase() } : {}) });
				close();
				of.reload();
			}}>
				<label class="field"><span>{t('address')}</span><input class="input" name="address" type="email" required autofocus /></label>
				<label class="field"><span>{t('domain')}</span><input class="input" name="domain" /><small>{t('adminDomainText')}</small></label>
			</SheetForm>
		),
	});
	return (
		<section>
			<header class="page-head"><h1>{t('admins')}</h1><button type="button" class="button primary" onClick={add}><Icon name="plus" />{t('newAdmin')}</button></header>
			<Data of={of}>{(p) => (
				<Table rows={p.items} id={(r) => `${r.address} ${r.domain ?? ''}`} label={t('admins')} empty={t('noAdmins')}
					columns={[
						{ head: t('address'), cell: (r) => <b>{r.address}</b> },
						{ head: t('administers'), cell: (r) => (r.domain ? r.domain : <Mark tone="accent">{t('wholeHost')}</Mark>) },
						{ head: t('since'), wide: true, cell: (r) => <Time at={r.since} /> },
						{ head: t('acts'), end: true, cell: (r) => <button type="button" class="button small quiet" onClick={() => void act(() => send('DELETE', path('/admins/{}', r.address), undefined, r.domain ? { domain: r.domain } : { operator: 'true' }), t('saved')).then(of.reload)}>{t('remove')}</button> },
					]} />
			)}</Data>
		</section>
	);
}
