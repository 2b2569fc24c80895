/* admin/greylist.tsx - senders that nobody here knows yet, and who is let in. */
import { type Page, type Stranger, get, send } from './api';
import { Data, Table, Time, act, useLoad } from './data';
import { t } from './t';

interface Word { sender: string; for: string | null; result: string; since: string }

export function Greylist({ domain }: { domain: string }) {
	const waiting = useLoad<Page<Stranger>>(domain, () => get('/greylist/waiting', { for: domain }), 15_000);
	const said = useLoad<Page<Word>>(domain, () => get('/greylist/words', { for: domain }));
	const tell = (what: string, sender: string, words: string) => void act(() => send('POST', `/greylist/${what}`, { sender, for: domain }), words).then(() => { waiting.reload(); said.reload(); });
	return (
		<section>
			<header class="page-head"><h1>{t('newSenders')}</h1></header>
			<p class="lead">{t('greylistText')}</p>
			<Data of={waiting}>{(p) => (
				<Table rows={p.items} id={(w) => `${w.sender} ${w.recipient}`} label={t('newSenders')} empty={t('nobodyWaits')} tone={() => 'warn'}
					columns={[
						{ head: t('sender'), cell: (w) => <b>{w.sender || '<>'}</b> },
						{ head: t('to'), cell: (w) => w.recipient },
						{ head: t('firstSeen'), wide: true, cell: (w) => <Time at={w.first} /> },
						{ head: t('letInAt'), cell: (w) => <Time at={w.passes} /> },
						{ head: t('tries'), wide: true, end: true, cell: (w) => w.tries },
						{ head: t('acts'), end: true, cell: (w) => <span class="acts"><button type="button" class="button small" onClick={() => tell('allow', w.sender, t('letInNow', { sender: w.sender }))}>{t('letIn')}</button><button type="button" class="button small quiet" onClick={() => tell('block', w.sender, t('blockedNow', { sender: w.sender }))}>{t('block')}</button></span> },
					]} />
			)}</Data>
			<h2 class="sub">{t('letInAlways')}</h2>
			<Data of={said}>{(p) => (
				<Table rows={p.items} id={(w) => `${w.sender} ${w.for ?? ''}`} label={t('letInAlways')} empty={t('nothingSaid')} tone={(w) => (w.result === 'block' || w.result === 'blocked' ? 'err' : 'ok')}
					columns={[
						{ head: t('sender'), cell: (w) => <b>{w.sender}</b> },
						{ head: t('result'), cell: (w) => (w.result.startsWith('block') ? t('blocked') : t('allowed')) },
						{ head: t('since'), cell: (w) => <Time at={w.since} /> },
						{ head: t('acts'), end: true, cell: (w) => <button type="button" class="button small quiet" onClick={() => tell('remove', w.sender, t('takenBack'))}>{t('takeBack')}</button> },
					]} />
			)}</Data>
		</section>
	);
}
