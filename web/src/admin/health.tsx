/* admin/health.tsx - how the host is. */
import { type Checks, get } from './api';
import { CheckList } from './checks';
import { Data, Time, bytes, useLoad } from './data';
import { t } from './t';

interface Status { domains: number; accounts: number; aliases: number; queued: number; failed: number; oldest: string | null; free_bytes: number }

export function Health() {
	const of = useLoad<Status>('', () => get('/status'), 10_000);
	return (
		<section>
			<header class="page-head"><h1>{t('health')}</h1></header>
			<Data of={of}>{(s) => (
				<dl class="figures">
					<div><dt>{t('domains')}</dt><dd>{s.domains}</dd></div>
					<div><dt>{t('mailboxes')}</dt><dd>{s.accounts}</dd></div>
					<div><dt>{t('aliases')}</dt><dd>{s.aliases}</dd></div>
					<div><dt>{t('waitingMail')}</dt><dd>{s.queued}{s.oldest ? <small>{t('oldest')} <Time at={s.oldest} /></small> : null}</dd></div>
					<div><dt>{t('givenUpMail')}</dt><dd>{s.failed}</dd></div>
					<div><dt>{t('freeSpace')}</dt><dd>{bytes(s.free_bytes)}</dd></div>
				</dl>
			)}</Data>
			<CheckList of="/health" known={() => get<Checks>('/health').then((c) => c.time, () => null)} />
		</section>
	);
}
