/*
 * settings/sessions.tsx - where one is logged in, and who tried to be (PN-16).
 */
import { fullDate, shortDate } from '../mail/words';
import { confirm } from '../ui/dialog';
import { account } from './account';
import { deviceOf } from './device';
import { Loading, Page, useLoaded, useSaving } from './page';
import { t } from './t';

interface Session {
	id: number | string;
	current: boolean;
	remember: boolean;
	created: string;
	seen: string;
	expires: string;
	agent?: string | null;
	ip?: string | null;
}

interface SignIn {
	protocol: string;
	result: string;
	why?: string | null;
	ip: string;
	first: string;
	last: string;
	count: number;
}

const PROTOCOLS: Record<string, string> = { imap: 'IMAP', pop3: 'POP3', smtp: 'SMTP', sieve: 'ManageSieve', jmap: 'JMAP' };
const RESULTS: Record<string, Parameters<typeof t>[0]> = {
	ok: 'signInOk', wrong: 'signInWrong', throttled: 'signInThrottled', case: 'signInCase', suspended: 'signInSuspended', temporary: 'signInTemporary',
	'code-asked': 'signInCode', 'app-password-needed': 'signInAppOnly',
};

function Current({ list, again }: { list: Session[]; again: () => void }) {
	const saving = useSaving();
	const end = (body: Record<string, unknown>): void => void saving.run(() => account('/sessions/end', body), '').then((good) => good && again());
	const others = list.filter((s) => !s.current).length;
	const all = async (): Promise<void> => {
		if (await confirm({ title: t('endOthers'), text: t('endOthersText', { n: others }), yes: t('endOthers') })) end({ others: true });
	};
	return (
		<>
			<ul class="rows">
				{list.map((s) => (
					<li key={s.id} class={`row-item${s.current ? ' current' : ''}`}><div class="row-head">
						<span class="grow"><b>{deviceOf(s.agent ?? '') || t('unknownDevice')}</b> {s.current ? <span class="chip">{t('thisBrowser')}</span> : null}<br />
							<span class="dim" title={fullDate(s.created)}>{s.ip ?? ''} {'\u00b7'} {t('sinceTime', { time: shortDate(s.created) })}{s.current ? '' : ` \u00b7 ${t('seenTime', { time: shortDate(s.seen) })}`}</span></span>
						{s.current ? null : <button type="button" class="button small" disabled={saving.busy} onClick={() => end({ id: s.id })}>{t('end')}</button>}
					</div></li>
				))}
			</ul>
			{others ? <p><button type="button" class="button" onClick={() => void all()}>{t('endOthers')}</button></p> : null}
			{saving.error ? <p class="settings-error" role="alert">{saving.error}</p> : null}
		</>
	);
}

function Tries({ list }: { list: SignIn[] }) {
	if (!list.length) return <p class="dim">{t('noSignIns')}</p>;
	return (
		<div class="table-wrap">
			<table class="table">
				<thead><tr><th scope="col">{t('colTime')}</th><th scope="col">{t('colResult')}</th><th scope="col">{t('colWay')}</th><th scope="col">{t('colFrom')}</th></tr></thead>
				<tbody>
					{list.map((s, i) => {
						const key = RESULTS[s.result];
						return (
							<tr key={i} class={s.result === 'ok' ? undefined : 'bad'}>
								<td title={fullDate(s.last)}>{shortDate(s.last)}</td>
								<td>{key ? t(key) : s.result}{s.count > 1 ? ` (${t('timesOver', { n: s.count })})` : ''}{s.why ? <span class="dim"> {s.why}</span> : null}</td>
								<td>{s.protocol === 'web' ? t('webmail') : (PROTOCOLS[s.protocol] ?? s.protocol)}</td>
								<td><code>{s.ip}</code></td>
							</tr>
						);
					})}
				</tbody>
			</table>
		</div>
	);
}

export function Sessions() {
	const sessions = useLoaded(() => account<{ sessions: Session[] }>('/sessions'));
	const tries = useLoaded(() => account<{ signins: SignIn[] }>('/signins'));
	return (
		<Page title={t('sessions')} text={t('sessionsText')}>
			<h2>{t('browsers')}</h2>
			{sessions.value ? <Current list={sessions.value.sessions} again={sessions.again} /> : <Loading {...sessions} />}
			<h2>{t('signIns')}</h2>
			{tries.value ? <Tries list={tries.value.signins} /> : <Loading {...tries} />}
		</Page>
	);
}
