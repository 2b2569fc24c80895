/*
 * settings/index.tsx - the user's own settings: a list of pages, each loaded
 * when somebody goes there.  /settings/PAGE
 */
import './icons';
import type { FunctionComponent } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { loadStyle } from '../app/look';
import { href, route } from '../app/router';
import { client } from '../app/session';
import { CONTACTS, SIEVE, SUBMISSION, VACATION } from '../jmap/types';
import { Icon } from '../ui/icon';
import { lazy } from '../ui/lazy';
import { t } from './t';

type Key = Parameters<typeof t>[0];

interface Entry {
	path: string;
	label: Key;
	icon: string;
	needs?: string;
	page: FunctionComponent;
}

const pages: Entry[] = [
	{ path: 'identities', label: 'identities', icon: 'user', needs: SUBMISSION, page: lazy(() => import('./identities').then((m) => m.Identities)) },
	{ path: 'contacts', label: 'contacts', icon: 'user', needs: CONTACTS, page: lazy(() => import('./contacts').then((m) => m.Contacts)) },
	{ path: 'writing', label: 'writing', icon: 'draft', page: lazy(() => import('./writing').then((m) => m.WritingPage)) },
	{ path: 'scheduled', label: 'scheduled', icon: 'clock', needs: SUBMISSION, page: lazy(() => import('./scheduled').then((m) => m.Scheduled)) },
	{ path: 'vacation', label: 'vacation', icon: 'out', needs: VACATION, page: lazy(() => import('./vacation').then((m) => m.Vacation)) },
	{ path: 'forward', label: 'forward', icon: 'forward', page: lazy(() => import('./forward').then((m) => m.Forward)) },
	{ path: 'import', label: 'importMail', icon: 'import', page: lazy(() => import('./import').then((m) => m.ImportPage)) },
	{ path: 'filters', label: 'filters', icon: 'filter', needs: SIEVE, page: lazy(() => import('./filters').then((m) => m.Filters)) },
	{ path: 'password', label: 'password', icon: 'key', page: lazy(() => import('./password').then((m) => m.Password)) },
	{ path: 'two-step', label: 'twoStep', icon: 'shield', page: lazy(() => import('./two_step').then((m) => m.TwoStep)) },
	{ path: 'app-passwords', label: 'appPasswords', icon: 'phone', page: lazy(() => import('./app_passwords').then((m) => m.AppPasswords)) },
	{ path: 'sessions', label: 'sessions', icon: 'clock', page: lazy(() => import('./sessions').then((m) => m.Sessions)) },
	{ path: 'devices', label: 'devices', icon: 'phone', page: lazy(() => import('./devices').then((m) => m.Devices)) },
	{ path: 'notifications', label: 'notify', icon: 'bell', page: lazy(() => import('./notifications').then((m) => m.Notifications)) },
	{ path: 'keys', label: 'keyboard', icon: 'code', page: lazy(() => import('./keys').then((m) => m.Keys)) },
	{ path: 'look', label: 'look', icon: 'sun', page: lazy(() => import('./look').then((m) => m.Look)) },
];

export function Settings() {
	useEffect(() => void loadStyle('settings'), []);
	const path = route.value.path[0];
	const shown = pages.filter((p) => !p.needs || client.capability(p.needs) !== undefined);
	const current = shown.find((p) => p.path === path) ?? shown[0]!;
	const root = useRef<HTMLDivElement>(null);
	const before = useRef(path);
	/* The focus goes with the page, but not at the first visit. */
	useEffect(() => {
		if (before.current === path) return;
		before.current = path;
		root.current?.querySelector<HTMLElement>('h1')?.focus();
	}, [path]);
	const Shown = current.page;
	return (
		<div class={`settings${path ? ' on-page' : ''}`}>
			<nav class="settings-nav" aria-label={t('settings')}>
				<a class="link" href="/mail/inbox"><Icon name="back" /> {t('toMail')}</a>
				<ul>
					{shown.map((p) => (
						<li key={p.path}><a href={href('settings', [p.path])} aria-current={p === current ? 'page' : undefined}><Icon name={p.icon} /> {t(p.label)}</a></li>
					))}
				</ul>
			</nav>
			<div ref={root} class="settings-body">
				<a class="link settings-up" href="/settings/"><Icon name="back" /> {t('settings')}</a>
				<Shown key={current.path} />
			</div>
		</div>
	);
}
