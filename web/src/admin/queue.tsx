/* admin/queue.tsx - mail that waits, why, and what can be done. */
import { confirm } from '../ui/dialog';
import { Icon } from '../ui/icon';
import { showMenu } from '../ui/menu';
import { type Page, type Waiting, get, path, send } from './api';
import { Data, Table, Time, act, bytes, useLoad } from './data';
import { t } from './t';

const EVERY_MS = 10_000;

export function Queue({ domain }: { domain?: string }) {
	const of = useLoad<Page<Waiting>>(domain ?? '', () => get('/queue', { domain, limit: 200 }), EVERY_MS);
	const doIt = (w: Waiting, what: string, words: string) => void act(() => send('POST', path(`/queue/{}/${what}`, w.id)), words).then(of.reload);
	const acts = (w: Waiting) => [
		{ label: t('tryNow'), icon: 'sent', run: () => doIt(w, 'retry', t('dueNow')) },
		w.state === 'held' ? { label: t('letGo'), icon: 'undo', run: () => doIt(w, 'release', t('released')) } : { label: t('holdIt'), icon: 'mute', run: () => doIt(w, 'hold', t('heldNow')) },
		{ label: t('giveUp'), icon: 'reply', run: () => doIt(w, 'return', t('givenUp')) },
		{ label: t('delete'), icon: 'trash', run: () => void confirm({ title: t('deleteMessage'), text: t('deleteMessageText', { to: w.recipient }), yes: t('delete'), danger: true })
			.then((yes) => (yes ? act(() => send('DELETE', path('/queue/{}', w.id)), t('deletedMessage')).then(of.reload) : undefined)) },
	];
	return (
		<section>
			<header class="page-head"><h1>{t('queue')}</h1></header>
			<p class="lead">{t('queueText')}</p>
			<Data of={of}>{(p) => (
				<Table rows={p.items} id={(w) => `${w.id} ${w.recipient}`} label={t('queue')} empty={t('queueEmpty')} tone={(w) => (w.state === 'failed' ? 'err' : 'warn')}
					columns={[
						{ head: t('to'), cell: (w) => <span class="two"><b>{w.recipient}</b><small>{t('fromWhom', { sender: w.sender || '<>' })}</small></span> },
						{ head: t('why'), cell: (w) => w.why },
						{ head: t('nextTry'), cell: (w) => <Time at={w.next} /> },
						{ head: t('tries'), wide: true, end: true, cell: (w) => w.attempts },
						{ head: t('size'), wide: true, end: true, cell: (w) => bytes(w.bytes) },
						{ head: t('received'), wide: true, cell: (w) => <Time at={w.received} /> },
						{ head: t('acts'), end: true, cell: (w) => <button type="button" class="tool" aria-haspopup="menu" aria-label={t('actsOf', { address: w.recipient })} onClick={(e) => showMenu({ at: e.currentTarget, label: w.recipient, items: acts(w) })}><Icon name="more" /></button> },
					]} />
			)}</Data>
		</section>
	);
}
