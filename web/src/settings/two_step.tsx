/*
 * settings/two_step.tsx - a code from an app at each login (PN-15).
 */
import { useMemo, useState } from 'preact/hooks';
import { shortDate } from '../mail/words';
import { account, withPassword } from './account';
import { CopyStrip, Loading, Page, SaveRow, useLoaded, useSaving } from './page';
import { qrCode, qrPath } from './qr';
import { t } from './t';

interface State {
	totp: { on: boolean; since?: string | null; recoveryLeft?: number };
}

export function Qr({ text, label }: { text: string; label: string }) {
	const q = useMemo(() => qrCode(text), [text]);
	if (!q) return null;
	return (
		<svg class="qr" role="img" aria-label={label} viewBox={`-4 -4 ${q.size + 8} ${q.size + 8}`} width="220" height="220" shape-rendering="crispEdges">
			<rect x="-4" y="-4" width={q.size + 8} height={q.size + 8} fill="#fff" />
			<path d={qrPath(q)} fill="#000" />
		</svg>
	);
}

function Confirm({ made, onOn }: { made: { secret: string; uri: string }; onOn: (codes: string[]) => void }) {
	const [code, setCode] = useState('');
	const saving = useSaving();
	const submit = (e: Event): void => {
		e.preventDefault();
		void saving.run(async () => onOn((await account<{ recovery: string[] }>('/totp/confirm', { code: code.replace(/\s/g, '') })).recovery), '');
	};
	return (
		<form class="settings-form narrow" onSubmit={submit} onInput={saving.clear}>
			<ol class="steps">
				<li>{t('twoStepScan')}<Qr text={made.uri} label={t('qrLabel')} /><p class="dim">{t('twoStepType')}</p><CopyStrip text={made.secret.replace(/(.{4})(?=.)/g, '$1 ')} label={t('secret')} /></li>
				<li><label class="field"><span>{t('twoStepCode')}</span><input class="input code" inputMode="numeric" autocomplete="one-time-code" pattern="[0-9 ]{6,8}" maxLength={8} required value={code} onInput={(e) => setCode(e.currentTarget.value)} /></label></li>
			</ol>
			<SaveRow saving={saving} label={t('twoStepOn')} />
		</form>
	);
}

function Recovery({ codes }: { codes: string[] }) {
	const save = (): void => {
		const a = document.createElement('a');
		a.href = URL.createObjectURL(new Blob([`${codes.join('\n')}\n`], { type: 'text/plain' }));
		a.download = 'recovery-codes.txt';
		a.click();
		setTimeout(() => URL.revokeObjectURL(a.href), 10_000);
	};
	return (
		<div class="notice made" role="alert">
			<p><b>{t('twoStepIsOn')}</b> {t('recoveryText')}</p>
			<ul class="codes">{codes.map((c) => <li key={c}><code>{c}</code></li>)}</ul>
			<p class="settings-save"><button type="button" class="button" onClick={save}>{t('saveCodes')}</button><button type="button" class="button" onClick={() => void navigator.clipboard.writeText(codes.join('\n'))}>{t('copy')}</button></p>
			<p>{t('twoStepPrograms')} <a href="/settings/app-passwords">{t('newAppPassword')}</a></p>
		</div>
	);
}

export function TwoStep() {
	const loaded = useLoaded(() => account<State>(''));
	const [made, setMade] = useState<{ secret: string; uri: string } | null>(null);
	const [codes, setCodes] = useState<string[] | null>(null);
	const begin = async (): Promise<void> => {
		const m = await withPassword(t('twoStep'), t('twoStepWarn'), t('next'), (password) => account<{ secret: string; uri: string }>('/totp/begin', { password }));
		if (m) setMade(m);
	};
	const off = async (): Promise<void> => {
		const done = await withPassword(t('twoStepOff'), t('twoStepOffText'), t('twoStepOff'), (password) => account('/totp/off', { password }).then(() => true));
		if (done) {
			setCodes(null);
			loaded.again();
		}
	};
	const s = loaded.value?.totp;
	return (
		<Page title={t('twoStep')} text={t('twoStepText')}>
			{codes ? <Recovery codes={codes} /> : null}
			{!s ? <Loading {...loaded} /> : s.on ? (
				<>
					<p><b>{t('twoStepIsOn')}</b> {s.since ? t('since', { time: shortDate(s.since) }) : ''} {s.recoveryLeft !== undefined ? t('recoveryLeft', { n: s.recoveryLeft }) : ''}</p>
					<p><button type="button" class="button" onClick={() => void off()}>{t('twoStepOff')}</button></p>
				</>
			) : made ? <Confirm made={made} onOn={(c) => { setCodes(c); setMade(null); loaded.again(); }} /> : (
				<>
					<p class="dim">{t('twoStepWarn')}</p>
					<p><button type="button" class="button primary" onClick={() => void begin()}>{t('twoStepSetUp')}</button></p>
				</>
			)}
		</Page>
	);
}
