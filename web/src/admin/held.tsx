/* admin/held.tsx - accounts whose outgoing mail is held, because they look stolen. */
import { confirm } from '../ui/dialog';
import { type Page, get, path, send } from './api';
import { Data, Table, act, useLoad } from './data';
import { t } from './t';

interface HeldAccount { address: string; messages: number }

export function Held() {
	const of = useLoad<Page<HeldAccount>>('', () => get('/holds'), 15_000);
	return (
		<section>
			<header class="page-head"><h1>{t('held')}</h1></header>
			<p class="lead">{t('heldText')}</p>
			<Data of={of}>{(p) => (
				<Table rows={p.items} id={(h) => h.address} label={t('held')} empty={t('nobodyHeld')} tone={() => 'err'}
					columns={[
						{ head: t('address'), cell: (h) => <b>{h.address}</b> },
						{ head: t('messages'), cell: (h) => h.messages, end: true },
						{ head: t('acts'), end: true, cell: (h) => (
							<span class="acts">
								<button type="button" class="button small" onClick={() => void act(() => send('POST', path('/holds/{}/release', h.address)), t('released')).then(of.reload)}>{t('releaseHeld')}</button>
								<button type="button" class="button small quiet" onClick={() => void confirm({ title: t('discardTitle', { address: h.address }), text: t('discardText', { n: h.messages }), yes: t('discard'), danger: true })
									.then((yes) => (yes ? act(() => send('POST', path('/holds/{}/discard', h.address)), t('discarded')).then(of.reload) : undefined))}>{t('discard')}</button>
							</span>
						) },
					]} />
			)}</Data>
		</section>
	);
}
