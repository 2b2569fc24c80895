/*
 * app/login.tsx - the login page, and the same form over the page when a login
 * has ended.
 */
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { LANGUAGES, lang } from '../i18n';
import { Icon } from '../ui/icon';
import { prefs } from './prefs';
import { type LoginAnswer, login, user } from './session';
import { t } from './t';

function words(a: LoginAnswer, left: number, coded: boolean): string {
	if (a.ok)
		return '';
	switch (a.type) {
	case 'throttled': return left > 0 ? t('throttled', { n: left }) : '';
	case 'suspended': return a.detail || t('suspended');
	case 'offline': return t('noServer');
	case 'wrong': return coded ? t('wrongCode') : a.detail || t('wrong');
	default: return t('failed', { words: a.detail || a.type });
	}
}

export function LoginForm({ again }: { again?: boolean }) {
	const address = useSignal(again ? user.peek() ?? '' : '');
	const password = useSignal('');
	const code = useSignal('');
	const remember = useSignal(false);
	const shown = useSignal(false);
	const needsCode = useSignal(false);
	const busy = useSignal(false);
	const answer = useSignal<LoginAnswer | null>(null);
	const left = useSignal(0);
	const first = useRef<HTMLInputElement>(null);

	useEffect(() => first.current?.focus(), [needsCode.value]);
	useEffect(() => {
		if (left.value <= 0)
			return undefined;
		const timer = setTimeout(() => {
			left.value--;
		}, 1000);
		return () => clearTimeout(timer);
	}, [left.value]);

	const submit = async (e: Event) => {
		e.preventDefault();
		if (busy.value || left.value > 0)
			return;
		busy.value = true;
		const a = await login(address.value.trim(), password.value, code.value.replace(/\s/g, ''), remember.value);
		busy.value = false;
		if (!a.ok && a.type === 'totp') {
			needsCode.value = true;
			answer.value = null;
			return;
		}
		answer.value = a;
		if (!a.ok) {
			left.value = a.type === 'throttled' ? Math.max(a.retryAfter, 1) : 0;
			code.value = '';
			first.current?.focus();
			first.current?.select();
		}
	};

	const a = answer.value;
	const error = a ? words(a, left.value, needsCode.value) : '';
	const described = error ? 'login-error' : undefined;
	return (
		<form class="login-form" onSubmit={submit} aria-busy={busy.value}>
			{again ? <p class="login-again">{t('signInAgain')}</p> : null}
			{needsCode.value ? (
				<label class="field">
					<span>{t('code')}</span>
					<input ref={first} class="input code" name="totp" inputMode="text" autocomplete="one-time-code" required value={code.value}
						aria-describedby={described} onInput={(e) => { code.value = e.currentTarget.value; }} />
					<small>{t('codeHint')}</small>
				</label>
			) : (
				<>
					<label class="field">
						<span>{t('address')}</span>
						<input ref={again ? undefined : first} class="input" type="text" inputMode="email" name="username" autocomplete="username" autocapitalize="none" spellcheck={false}
							required readOnly={again} value={address.value} aria-describedby={described} aria-invalid={a && !a.ok && a.type === 'wrong' ? true : undefined}
							onInput={(e) => { address.value = e.currentTarget.value; }} />
						{again ? null : <small>{t('addressHint')}</small>}
					</label>
					<div class="field">
						<div class="field-row">
							<label for="password">{t('password')}</label>
							<button type="button" class="link" aria-pressed={shown.value} aria-controls="password" onClick={() => { shown.value = !shown.value; }}>
								{shown.value ? t('hide') : t('show')}
							</button>
						</div>
						<input ref={again ? first : undefined} id="password" class="input" type={shown.value ? 'text' : 'password'} name="password" autocomplete="current-password" required
							value={password.value} aria-describedby={described} onInput={(e) => { password.value = e.currentTarget.value; }} />
					</div>
					<label class="check">
						<input type="checkbox" checked={remember.value} onChange={(e) => { remember.value = e.currentTarget.checked; }} />
						<span>{t('remember')}</span>
					</label>
				</>
			)}
			<button class="button primary wide" disabled={busy.value || left.value > 0}>{t('signIn')}</button>
			<p class="login-error" id="login-error" role="alert">
				{error ? <><Icon name="warn" /> <span>{error}{a && !a.ok && a.reference ? <code> [{a.reference}]</code> : null}</span></> : null}
			</p>
		</form>
	);
}

export function LoginPage() {
	return (
		<main class="login">
			<div class="login-card">
				<h1 class="brand"><span class="brand-mark"><Icon name="mail" /></span>{t('product')}</h1>
				<LoginForm />
				<div class="login-foot">
					<a href="/help/">{t('explainError')}</a>
					<a href="/help/setup">{t('setUpPhone')}</a>
					<label class="pick">
						<span class="sr">{t('language')}</span>
						<select value={lang.value} onChange={(e) => { prefs.lang.value = e.currentTarget.value; }}>
							{Object.entries(LANGUAGES).map(([k, name]) => <option key={k} value={k}>{name}</option>)}
						</select>
					</label>
				</div>
			</div>
		</main>
	);
}
