/*
 * settings/import.tsx - bring all mail over from another provider (PN-23): a
 * form, how far it came, and a comparison by folder at the end.
 */
import { useEffect, useState } from 'preact/hooks';
import { user } from '../app/session';
import { request } from './account';
import { Loading, Page, SaveRow, useLoaded, useSaving } from './page';
import { t } from './t';

interface Folder {
	there: string;
	here: string;
	messages: number;
	found: number;
	imported: number;
	failed: number;
	skipped: string;
}

interface Import {
	state: 'none' | 'running' | 'done' | 'failed' | 'stopped';
	host: string;
	user: string;
	why: string;
	messages: number;
	imported: number;
	known: number;
	failed: number;
	report: Folder[];
	failures: { folder: string; uid: number; why: string }[];
}

const LOOK_MS = 2000;

const at = (): string => `/api/v1/accounts/${encodeURIComponent(user.value ?? '')}/import`;

function Form({ of, again }: { of: Import; again: () => void }) {
	const [starttls, setStarttls] = useState(false);
	const saving = useSaving();
	const submit = (e: Event): void => {
		e.preventDefault();
		const form = e.currentTarget as HTMLFormElement;
		const d = new FormData(form);
		const port = Number(d.get('port'));
		void saving.run(() => request(at(), 'POST', {
			host: String(d.get('host')).trim(),
			user: String(d.get('user')).trim(),
			password: d.get('other'),
			security: starttls ? 'starttls' : 'tls',
			...(port ? { port } : {}),
		}), '').then((good) => {
			if (!good)
				return;
			// It may have ended before the next look, and then this form stays.
			(form.elements.namedItem('other') as HTMLInputElement).value = '';
			again();
		});
	};
	return (
		<form class="settings-form" onSubmit={submit} onInput={saving.clear}>
			<label class="field"><span>{t('importHost')}</span>
				<input class="input" name="host" required maxLength={253} spellcheck={false} autocapitalize="none" placeholder="imap.old.example" defaultValue={of.host} />
			</label>
			<label class="field"><span>{t('importUser')}</span>
				<input class="input" name="user" required maxLength={300} spellcheck={false} autocapitalize="none" autocomplete="off" defaultValue={of.user || (user.value ?? '')} />
			</label>
			<label class="field"><span>{t('importPassword')}</span>
				<input class="input" type="password" name="other" required autocomplete="off" />
			</label>
			<details>
				<summary>{t('importMore')}</summary>
				<label class="check"><input type="checkbox" checked={starttls} onChange={(e) => setStarttls(e.currentTarget.checked)} /><span>STARTTLS</span></label>
				<label class="field"><span>{t('importPort')}</span><input class="input" type="number" name="port" min={1} max={65535} placeholder={starttls ? '143' : '993'} /></label>
			</details>
			<p class="dim">{t('importRules')}</p>
			<SaveRow saving={saving} label={t('importStart')} />
		</form>
	);
}

function Running({ of, again }: { of: Import; again: () => void }) {
	const saving = useSaving();
	const past = of.imported + of.known + of.failed;
	useEffect(() => {
		const timer = setTimeout(again, LOOK_MS);
		return () => clearTimeout(timer);
	}, [of]);
	return (
		<>
			<p class="strength">
				<progress max={of.messages || 1} value={past} aria-label={t('importMail')} />
				<span role="status">{t('importCount', { n: past, max: of.messages })}</span>
			</p>
			<p class="dim">{t('importLeave')}</p>
			<div class="settings-save">
				<button type="button" class="button" disabled={saving.busy} onClick={() => void saving.run(() => request(at(), 'DELETE'), '').then(again)}>{t('importStop')}</button>
				<span class="settings-error" role="alert">{saving.error}</span>
			</div>
		</>
	);
}

function Ended({ of }: { of: Import }) {
	const lacks = of.report.some((f) => f.found < f.messages);
	return (
		<section aria-labelledby="import-ended">
			<h2 id="import-ended">{t('importEnded', { host: of.host })}</h2>
			{of.state === 'failed' ? <p class="notice err" role="alert">{of.why}</p> : null}
			{of.state === 'stopped' ? <p class="notice">{t('importStopped')}</p> : null}
			{of.state === 'done' ? <p class="notice" role="status">{t(lacks ? 'importLacks' : 'importAll', { n: of.imported })}</p> : null}
			{of.report.length ? (
				<table class="table">
					<thead><tr><th>{t('importFolder')}</th><th>{t('importThere')}</th><th>{t('importHere')}</th></tr></thead>
					<tbody>{of.report.map((f) => (
						<tr key={f.there}><td>{f.there}{f.here && f.here !== f.there ? ` \u2192 ${f.here}` : ''}{f.skipped ? <span class="dim"> {f.skipped}</span> : null}</td><td>{f.messages}</td><td>{f.found}</td></tr>
					))}</tbody>
				</table>
			) : null}
			{of.failures.length ? <ul>{of.failures.map((f) => <li key={`${f.folder} ${f.uid}`}>{f.folder}: {f.why}</li>)}</ul> : null}
		</section>
	);
}

export function ImportPage() {
	const loaded = useLoaded(() => request<Import>(at()));
	const of = loaded.value;
	return (
		<Page title={t('importMail')} text={t('importText')}>
			{!of ? <Loading {...loaded} />
				: of.state === 'running' ? <Running of={of} again={loaded.again} />
					: (
						<>
							{of.state === 'none' ? null : <Ended of={of} />}
							<Form of={of} again={loaded.again} />
						</>
					)}
		</Page>
	);
}
