/*
 * settings/password.tsx - a new password, with its strength in words.
 */
import { useState } from 'preact/hooks';
import { user } from '../app/session';
import { account } from './account';
import { Page, SaveRow, useSaving } from './page';
import { type Strength, strengthOf } from './strength';
import { t } from './t';

const WORDS: Record<Strength['why'], Parameters<typeof t>[0]> = {
	short: 'strengthShort', common: 'strengthCommon', own: 'strengthOwn', simple: 'strengthSimple', fair: 'strengthFair', good: 'strengthGood',
};

export function Password() {
	const [now, setNow] = useState('');
	const [next, setNext] = useState('');
	const [again, setAgain] = useState('');
	const [shown, setShown] = useState(false);
	const saving = useSaving();
	const s = strengthOf(next, user.value ?? '');
	const type = shown ? 'text' : 'password';
	const submit = (e: Event): void => {
		e.preventDefault();
		void saving
			.run(async () => {
				if (next !== again && !shown) throw new Error(t('passwordsDiffer'));
				await account('/password', { password: now, new: next });
			}, t('passwordChanged'))
			.then((good) => {
				if (!good) return;
				setNow('');
				setNext('');
				setAgain('');
			});
	};
	return (
		<Page title={t('password')} text={t('passwordText')}>
			<form class="settings-form narrow" onSubmit={submit} onInput={saving.clear}>
				<input type="text" name="username" autocomplete="username" value={user.value ?? ''} readOnly hidden />
				<label class="field"><span>{t('passwordNow')}</span><input class="input" type="password" autocomplete="current-password" required value={now} onInput={(e) => setNow(e.currentTarget.value)} /></label>
				<label class="field"><span>{t('passwordNew')}</span><input class="input" type={type} autocomplete="new-password" required minLength={8} value={next} aria-describedby="strength" onInput={(e) => setNext(e.currentTarget.value)} /></label>
				<p id="strength" class="strength">
					<meter min={0} max={100} low={40} high={70} optimum={100} value={next ? s.score : 0} aria-hidden="true" />
					<span role="status">{next ? t(WORDS[s.why], { n: [...next].length }) : t('strengthHint')}</span>
				</p>
				{shown ? null : <label class="field"><span>{t('passwordAgain')}</span><input class="input" type="password" autocomplete="new-password" required value={again} onInput={(e) => setAgain(e.currentTarget.value)} /></label>}
				<label class="check"><input type="checkbox" checked={shown} onChange={(e) => setShown(e.currentTarget.checked)} /><span>{t('showPassword')}</span></label>
				<p class="dim">{t('passwordEnds')}</p>
				<SaveRow saving={saving} label={t('changePassword')} />
			</form>
		</Page>
	);
}
