/*
 * app/user-menu.tsx - who is logged in, and what belongs to that: look, leaving.
 */
import { rare } from '../mail/actions';
import { Icon } from '../ui/icon';
import { showMenu } from '../ui/menu';
import { panes } from './look';
import { prefs } from './prefs';
import { go } from './router';
import { logout, user } from './session';
import { t } from './t';

/** Who administers something sees the way there; asked once. */
let administers: boolean | undefined;

async function look(): Promise<void> {
	if (administers !== undefined)
		return;
	administers = false;
	const r = await fetch('/api/v1/self', { credentials: 'same-origin', headers: { Accept: 'application/json' } }).catch(() => undefined);
	administers = r?.ok ? ((await r.json()) as { role: string }).role !== 'user' : undefined;
}

function userMenu(at: Element): void {
	const theme = prefs.theme.peek();
	showMenu({
		at, label: t('account', { name: user.peek() ?? '' }), items: [
			{ title: user.peek() ?? '' },
			{ label: t('settings'), icon: 'gear', run: () => go('/settings/') },
			...(administers ? [{ label: t('panel'), icon: 'folder', run: () => go('/admin/') }] : []),
			{ label: t('exportAll'), icon: 'download', run: () => void rare().then((m) => m.showExport(null, user.peek() ?? '', at)) },
			{ label: t('help'), icon: 'help', key: '?', run: () => void rare().then((m) => m.showHelp()) },
			'-',
			{ title: t('theme') },
			...(['auto', 'light', 'dark'] as const).map((k) => ({
				label: t(k === 'auto' ? 'themeAuto' : k === 'light' ? 'themeLight' : 'themeDark'), icon: k === 'auto' ? 'gear' : k === 'light' ? 'sun' : 'star', checked: theme === k, run: () => { prefs.theme.value = k; },
			})),
			'-',
			{ label: t('signOut'), icon: 'out', run: () => void logout() },
		],
	});
}

export function UserButton() {
	return (
		<button type="button" class="tool who" aria-haspopup="menu" onClick={(e) => {
			const at = e.currentTarget;
			void look().finally(() => userMenu(at));
		}}>
			<span class="sr">{t('account', { name: user.value ?? '' })}</span>
			<span class="avatar tone-0" aria-hidden="true">{[...(user.value ?? '?')][0]!.toUpperCase()}</span>{panes.value !== 2 ? <><span class="clip" aria-hidden="true">{user.value}</span><Icon name="down" /></> : null}
		</button>
	);
}
