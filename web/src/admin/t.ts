/*
 * admin/t.ts - a message of the panel.
 *
 * Its other languages are loaded with the panel, not with the webmail's: most
 * people never see it.  The panel waits for its words the first time.
 */
import { effect, signal } from '@preact/signals';
import { catalogue, lang } from '../i18n';
import { en } from '../i18n/en/admin';

const LOADERS: Record<string, () => Promise<{ admin: Record<string, string> }>> = {
	da: () => import('../i18n/da/admin'),
	de: () => import('../i18n/de/admin'),
};

const said = signal(catalogue('admin', en));

async function learn(l: string): Promise<void> {
	// A language that cannot be loaded is no reason to show nothing.
	const words = await LOADERS[l]?.().then((m) => m.admin, () => undefined);
	if (lang.peek() === l)
		said.value = catalogue('admin', { ...en, ...words });
}

let first: Promise<void> | undefined;
effect(() => {
	const now = learn(lang.value);
	first ??= now;
});
await first;

export const t: ReturnType<typeof catalogue<keyof typeof en>> = (key, args) => said.value(key, args);
