/* admin/trace.tsx - where is my mail?  Each message as a story. */
import { useSignal } from '@preact/signals';
import { type Page, type Story, get } from './api';
import { Copy, Data, Mark, Time, type Tone, bytes, useLoad } from './data';
import { t } from './t';

const TONES: Record<string, Tone> = {
	delivered: 'ok', waiting: 'warn', delayed: 'warn', refused: 'err', spam: 'warn', held: 'warn', returned: 'err', failed: 'err', discarded: 'none', removed: 'none',
};
const SINCE: [string, string][] = [['1h', 'lastHour'], ['1d', 'lastDay'], ['3d', 'lastDays3'], ['14d', 'lastDays14']];

function Card({ s }: { s: Story }) {
	const tone = TONES[s.state] ?? 'none';
	return (
		<li class={`story rail-${tone}`}>
			<header>
				<span><b>{s.sender || '<>'}</b> <Time at={s.time} /></span>
				<Mark tone={tone}>{t(`state_${s.state}` as 'state_delivered')}</Mark>
			</header>
			<ol>{s.events.map((e, i) => <li key={i}><Time at={e.time} /><span>{e.words}</span></li>)}</ol>
			<footer>{s.bytes ? <span>{bytes(s.bytes)}</span> : null}{s.message_id ? <span class="clip">{s.message_id}</span> : null}{s.id ? <Copy text={s.id} label={t('messageId')} /> : null}</footer>
		</li>
	);
}

export function Trace({ domain }: { domain?: string }) {
	const find = useSignal('');
	const since = useSignal('1d');
	const more = useSignal(0);
	const of = useLoad<Page<Story>>(`${domain ?? ''} ${find.value} ${since.value} ${more.value}`, () => get('/trace', { domain, find: find.value, since: since.value, limit: 20 + 30 * more.value }));
	return (
		<section>
			<header class="page-head"><h1>{t('trace')}</h1></header>
			<p class="lead">{t('traceText')}</p>
			<form class="bar" role="search" onSubmit={(e) => {
				e.preventDefault();
				find.value = (e.currentTarget.elements.namedItem('find') as HTMLInputElement).value.trim();
				more.value = 0;
			}}>
				<input class="input" type="search" name="find" aria-label={t('traceFind')} placeholder={t('traceFind')} />
				<select aria-label={t('since')} value={since.value} onChange={(e) => { since.value = e.currentTarget.value; }}>{SINCE.map(([v, name]) => <option key={v} value={v}>{t(name as 'lastDay')}</option>)}</select>
				<button class="button primary">{t('find')}</button>
			</form>
			<Data of={of}>{(p) => (p.items.length ? (
				<><ul class="stories">{p.items.map((s, i) => <Card key={s.id || i} s={s} />)}</ul>{p.next ? <button type="button" class="button" onClick={() => { more.value++; }}>{t('more')}</button> : null}</>
			) : <div class="empty-row">{t('noTrace')}</div>)}</Data>
		</section>
	);
}
