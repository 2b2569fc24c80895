/* admin/audit.tsx - who changed what, when, from where. */
import { useSignal } from '@preact/signals';
import { type Change, type Page, get } from './api';
import { Data, Time, useLoad } from './data';
import { t } from './t';

function Values({ of, label }: { of: unknown; label: string }) {
	return of === null || of === undefined ? null : <p class="fw"><span>{label}</span><code>{JSON.stringify(of)}</code></p>;
}

export function Audit({ domain }: { domain?: string }) {
	const more = useSignal(0);
	const of = useLoad<Page<Change>>(`${domain ?? ''} ${more.value}`, () => get('/audit', { domain, limit: 50 + 100 * more.value }));
	return (
		<section>
			<header class="page-head"><h1>{t('audit')}</h1></header>
			<p class="lead">{t('auditText')}</p>
			<Data of={of}>{(p) => (p.items.length ? (
				<>
					<ul class="checks">{p.items.map((c) => (
						<li key={c.id} class="check-row rail-none">
							<header><b>{c.operation}</b><span>{c.subject}</span><small><Time at={c.time} /></small></header>
							<p>{t('byWhom', { who: c.who, from: c.from ?? t('commandLine') })}</p>
							<Values of={c.before} label={t('before')} /><Values of={c.after} label={t('after')} />
						</li>
					))}</ul>
					{p.next ? <button type="button" class="button" onClick={() => { more.value++; }}>{t('more')}</button> : null}
				</>
			) : <div class="empty-row">{t('noChanges')}</div>)}</Data>
		</section>
	);
}
