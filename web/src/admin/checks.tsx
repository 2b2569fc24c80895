/*
 * admin/checks.tsx - how a domain, or the host, looks from outside: each row with
 * what was found, what was wanted and why it matters.  The server looks in the
 * background and keeps the last result; the page never waits for it.
 */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { type CheckRow, type Checks, get, send } from './api';
import { Copy, Mark, Time, type Tone, Trouble, act, useLoad } from './data';
import { t } from './t';

const TONES: Record<string, Tone> = { ok: 'ok', warning: 'warn', wrong: 'err', missing: 'err' };
const SOON_MS = 2000;
const SOON_TIMES = 30;

const stateOf = (s: string) => t(`check_${s.replace(/ /g, '_')}` as 'check_ok');
const toneOf = (r: CheckRow): Tone => (r.state === 'missing' && r.grade === 'may' ? 'none' : TONES[r.state] ?? 'none');
const ORDER = ['wrong', 'missing', 'warning', 'could not check', 'ok', 'not needed'];
const GRADES = ['must', 'should', 'may'];

function Row({ r }: { r: CheckRow }) {
	return (
		<li class={`check-row rail-${toneOf(r)}`}>
			<header><b>{r.id}</b>{r.name ? <code>{r.name}</code> : null}<Mark tone={toneOf(r)}>{stateOf(r.state)}</Mark></header>
			{r.why ? <p>{r.why}</p> : null}
			{r.wanted && r.state !== 'ok' ? <p class="fw"><span>{t('wanted')}</span><Copy text={r.wanted} label={r.id} /></p> : null}
			{r.found ? <p class="fw"><span>{t('found')}</span><code>{r.found}</code></p> : null}
		</li>
	);
}

/** `known`: the time of the last result, null when there is none. */
export function CheckList({ of, known }: { of: string; known: () => Promise<string | null> }) {
	const time = useSignal<string | null | undefined>(undefined);
	const looking = useSignal(false);
	const list = useLoad<Checks | null>(`${of} ${time.value}`, async () => (time.value ? get<Checks>(of) : null));
	const look = async () => {
		looking.value = true;
		await act(() => send('POST', of), t('looksAgain'));
		for (let i = 0; i < SOON_TIMES && looking.peek(); i++) {
			await new Promise((done) => setTimeout(done, SOON_MS));
			const now = await known().catch(() => time.peek());
			if (now !== time.peek()) {
				time.value = now;
				break;
			}
		}
		looking.value = false;
	};
	useEffect(() => {
		void known().then((at) => {
			time.value = at;
			if (at === null)
				void look();
		}, () => undefined);
		return () => {
			looking.value = false;
		};
	}, [of]);
	const rows = [...(list.value?.rows ?? [])].sort((a, b) => GRADES.indexOf(a.grade) - GRADES.indexOf(b.grade) || ORDER.indexOf(a.state) - ORDER.indexOf(b.state));
	return (
		<>
			<header class="page-head sub"><h2>{t('dnsNow')}</h2>
				<small class="hint" role="status">{looking.value ? t('looking') : time.value ? <>{t('lookedAt')} <Time at={time.value} /></> : null}</small>
				<button type="button" class="button small" disabled={looking.value} onClick={() => void look()}>{t('lookAgain')}</button>
			</header>
			{list.error ? <Trouble problem={list.error} again={list.reload} /> : null}
			{rows.length ? <ul class="checks">{rows.map((r, i) => <Row key={`${r.id} ${r.name} ${i}`} r={r} />)}</ul> : null}
		</>
	);
}
