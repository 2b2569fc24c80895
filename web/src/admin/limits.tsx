/*
 * admin/limits.tsx - the limit board: each window with what is used, by whom, and
 * when the next one fits.  It follows while it is looked at.
 */
import { prompt } from '../ui/dialog';
import { type Limit, type Page, get, path, send } from './api';
import { Data, Mark, Time, act, useLoad } from './data';
import { t } from './t';

const EVERY_MS = 5000;

const NAMES: Record<string, string> = {
	messages_5min: 'limitMessages5', messages_1h: 'limitMessages60', recipients_5min: 'limitRecipients5', recipients_1h: 'limitRecipients60',
	bulk_8h: 'limitBulk', spam_8h: 'limitSpam', failed_1h: 'limitFailed', queued: 'limitQueued',
};

const nameOf = (key: string) => (NAMES[key] ? t(NAMES[key] as 'limitBulk') : key);

function Board({ limit, domain, operator, reload }: { limit: Limit; domain: string; operator: boolean; reload: () => void }) {
	const most = limit.most;
	const part = most ? Math.min(100, Math.round((limit.used * 100) / most)) : 0;
	const tone = part >= 100 ? 'err' : part >= 80 ? 'warn' : 'ok';
	const change = async () => {
		const v = await prompt({ title: nameOf(limit.limit), label: t('newLimit'), yes: t('save'), value: String(most ?? ''), check: (x) => (/^\d+$/.test(x) ? undefined : t('notNumber')) });
		if (v !== null && await act(() => send('PUT', path('/domains/{}/limits/{}', domain, limit.limit), { most: Number(v) }), t('saved')))
			reload();
	};
	return (
		<li class={`limit rail-${part >= 80 ? tone : 'none'}`}>
			<h2>{nameOf(limit.limit)}</h2>
			<p class="limit-n"><b>{t('usedOfMost', { used: limit.used, most: most ?? '∞' })}</b>{part >= 80 ? <Mark tone={tone}>{part >= 100 ? t('full') : t('percent', { n: part })}</Mark> : null}</p>
			<meter min={0} low={(most ?? 1) * 0.8} high={Math.max(0, (most ?? 1) - 1)} optimum={0} max={most ?? 1} value={most ? Math.min(limit.used, most) : 0} aria-label={nameOf(limit.limit)} />
			{limit.users.length ? <ul class="limit-users">{limit.users.map((u) => <li key={u.address}><span>{u.address || t('removedAccount')}</span><b>{u.used}</b></li>)}</ul> : null}
			{limit.frees && limit.used ? <p class="hint">{part >= 100 ? t('freesAt') : t('firstLeaves')} <Time at={limit.frees} /></p> : null}
			{operator ? <button type="button" class="link" onClick={() => void change()}>{limit.own ? t('changeOwnLimit') : t('changeLimit')}</button> : null}
		</li>
	);
}

export function Limits({ domain, operator }: { domain: string; operator: boolean }) {
	const of = useLoad<Page<Limit>>(domain, () => get(path('/domains/{}/limits', domain)), EVERY_MS);
	return (
		<section>
			<header class="page-head"><h1>{t('limitsOf', { domain })}</h1></header>
			<p class="lead">{t('limitsText')} <a class="link" href="/help/limits" target="_blank" rel="noopener">{t('limitsHelp')}</a></p>
			<Data of={of}>{(p) => <ul class="limits">{p.items.map((l) => <Board key={l.limit} limit={l} domain={domain} operator={operator} reload={of.reload} />)}</ul>}</Data>
		</section>
	);
}
