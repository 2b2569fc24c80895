/*
 * settings/app_passwords.tsx - a password for each mail program (PN-14).
 */
import { useState } from 'preact/hooks';
import { Icon } from '../ui/icon';
import { shortDate, fullDate } from '../mail/words';
import { account, withPassword } from './account';
import { CopyStrip, Loading, Page, SaveRow, useLoaded, useSaving } from './page';
import { t } from './t';

export interface AppPassword {
	id: number | string;
	name: string;
	services: string[];
	network?: string | null;
	expires?: string | null;
	created: string;
	lastUsed?: string | null;
	lastService?: string | null;
	lastIp?: string | null;
}

const SERVICES = ['imap', 'pop3', 'smtp', 'sieve', 'jmap'] as const;
const NAMES: Record<string, string> = { imap: 'IMAP', pop3: 'POP3', smtp: 'SMTP', sieve: 'ManageSieve', jmap: 'JMAP' };

function used(p: AppPassword): string {
	if (!p.lastUsed) return t('neverUsed');
	return t('lastUsed', { time: shortDate(p.lastUsed), service: NAMES[p.lastService ?? ''] ?? p.lastService ?? '', ip: p.lastIp ?? '' });
}

function New({ onMade }: { onMade: (m: { name: string; secret: string }) => void }) {
	const [name, setName] = useState('');
	const [services, setServices] = useState<Set<string>>(new Set(['imap', 'smtp']));
	const [expires, setExpires] = useState('');
	const [network, setNetwork] = useState('');
	const saving = useSaving();
	const toggle = (s: string): void => {
		const next = new Set(services);
		if (!next.delete(s)) next.add(s);
		setServices(next);
	};
	const submit = (e: Event): void => {
		e.preventDefault();
		const what = { name: name.trim(), services: SERVICES.filter((s) => services.has(s)), ...(expires ? { expires } : {}), ...(network.trim() ? { network: network.trim() } : {}) };
		void saving.run(async () => {
			if (!services.size) throw new Error(t('noService'));
			const made = await withPassword(t('newAppPassword'), t('newAppPasswordText', { name: what.name }), t('create'), (password) => account<{ secret: string }>('/app-passwords', { password, ...what }));
			if (made) onMade({ name: what.name, secret: made.secret });
		}, '');
	};
	return (
		<form class="settings-form" onSubmit={submit}>
			<label class="field"><span>{t('appName')}</span><input class="input" required maxLength={100} value={name} placeholder={t('appNameHint')} onInput={(e) => setName(e.currentTarget.value)} /></label>
			<fieldset class="choices">
				<legend>{t('appServices')}</legend>
				{SERVICES.map((s) => <label key={s} class="check"><input type="checkbox" checked={services.has(s)} onChange={() => toggle(s)} /><span>{NAMES[s]}</span></label>)}
			</fieldset>
			<div class="settings-pair">
				<label class="field"><span>{t('appExpires')}</span><input class="input" type="date" value={expires} onInput={(e) => setExpires(e.currentTarget.value)} /><small>{t('optional')}</small></label>
				<label class="field"><span>{t('appNetwork')}</span><input class="input" value={network} placeholder="192.0.2.0/24" onInput={(e) => setNetwork(e.currentTarget.value)} /><small>{t('optional')}</small></label>
			</div>
			<SaveRow saving={saving} label={t('create')} />
		</form>
	);
}

export function AppPasswords() {
	const loaded = useLoaded(() => account<{ appPasswords: AppPassword[] }>('/app-passwords'));
	const [adding, setAdding] = useState(false);
	const [made, setMade] = useState<{ name: string; secret: string } | null>(null);
	const revoke = async (p: AppPassword): Promise<void> => {
		const done = await withPassword(t('revoke'), t('revokeText', { name: p.name }), t('revoke'), (password) => account('/app-passwords/remove', { password, id: p.id }).then(() => true));
		if (done) loaded.again();
	};
	const list = loaded.value?.appPasswords;
	return (
		<Page title={t('appPasswords')} text={t('appPasswordsText')}>
			{made ? (
				<div class="notice made" role="alert">
					<p><b>{t('madeAppPassword', { name: made.name })}</b> {t('shownOnce')}</p>
					<CopyStrip text={made.secret} label={made.name} />
				</div>
			) : null}
			{list ? (list.length ? (
				<ul class="rows">
					{list.map((p) => (
						<li key={p.id} class="row-item"><div class="row-head">
							<span class="grow"><b dir="auto">{p.name}</b> <span class="dim">{p.services.map((s) => NAMES[s] ?? s).join(' ')}</span><br />
								<span class="dim" title={p.lastUsed ? fullDate(p.lastUsed) : undefined}>{used(p)}{p.expires ? ` \u00b7 ${t('endsOn', { date: shortDate(p.expires) })}` : ''}{p.network ? ` \u00b7 ${p.network}` : ''}</span></span>
							<button type="button" class="button small" onClick={() => void revoke(p)}>{t('revoke')}</button>
						</div></li>
					))}
				</ul>
			) : <p class="dim">{t('noAppPasswords')}</p>) : <Loading {...loaded} />}
			{adding ? <New onMade={(m) => { setMade(m); setAdding(false); loaded.again(); }} /> : <p><button type="button" class="button" onClick={() => setAdding(true)}><Icon name="plus" /> {t('newAppPassword')}</button></p>}
		</Page>
	);
}
