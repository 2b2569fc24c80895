/*
 * app/boot.tsx - the beginning: who is logged in, and which area is shown.
 */
import { effect, signal } from '@preact/signals';
import { type ComponentType, render } from 'preact';
import { choose, speak } from '../i18n';
import { LoginPage } from './login';
import { startLook } from './look';
import { prefs, startPrefs } from './prefs';
import { route, startRouter } from './router';
import { client, restore, user } from './session';
import { Shell } from './shell';
import { t } from './t';

const spoken = signal(false);

function App() {
	if (user.value === undefined || !spoken.value)
		return <div class="boot" role="status">{client.link.value === 'lost' && spoken.value ? <p class="notice warn">{t('noServer')}</p> : null}</div>;
	return user.value === null ? <LoginPage /> : <Shell />;
}

export type Page = ComponentType<Record<string, never>>;

function start(): void {
	startPrefs();
	startLook();
	startRouter();
	// ?lang= is for this visit: it does not stay in the address.
	const forced = route.peek().query.get('lang');
	effect(() => {
		const asked = forced || prefs.lang.value;
		void speak(asked === 'pseudo' ? asked : asked || choose(navigator.languages)).finally(() => {
			spoken.value = true;
		});
	});
	void restore().catch(() => {
		user.value = null;
	});
	const root = document.getElementById('app')!;
	root.textContent = '';
	render(<App />, root);
}

start();
