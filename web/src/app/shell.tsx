/*
 * app/shell.tsx - what is around every page: the bar on top, the offline strip,
 * menus, dialogs, toasts, the compose windows, the login over the page.
 */
import { effect, signal, useSignal, useSignalEffect } from '@preact/signals';
import { type ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { intents, startCompose, wanted } from '../compose';
import { Push } from '../jmap/push';
import { handleKey } from '../mail/keys';
import { MailArea, MessageWindow } from '../mail';
import { SearchBox } from '../mail/search-box';
import { loadIdentities } from '../mail/self';
import { startDeleted } from '../mail/deleted';
import { startScheduled } from '../mail/scheduled';
import { startVacation } from '../mail/vacation';
import { startMail, store, view, viewName } from '../mail/state';
import { openEmails, rare } from '../mail/actions';
import { subject } from '../mail/words';
import { DialogHost, openDialog } from '../ui/dialog';
import { Icon } from '../ui/icon';
import { lazy } from '../ui/lazy';
import { MenuHost } from '../ui/menu';
import { ToastHost } from '../ui/toast';
import { Tool } from '../ui/tool';
import { drawer, searching } from './chrome';
import { LoginForm } from './login';
import { panes } from './look';
import { prefs } from './prefs';
import { go, route } from './router';
import { ask, client } from './session';
import { t } from './t';
import { UserButton } from './user-menu';
import { startTitle } from './title';

const Settings = lazy(() => import('../settings').then((m) => m.Settings));
const Admin = lazy(() => import('../admin').then((m) => m.Admin));
const Composer = lazy(() => import('../compose/host').then((m) => m.ComposeHost));
/** Something was written in this visit: its windows stay until they are closed. */
const composing = signal(false);

function Offline() {
	const lost = client.link.value === 'lost';
	const shown = useSignal(false);
	// A moment's trouble is not worth a word.
	useEffect(() => {
		if (!lost) {
			shown.value = false;
			return undefined;
		}
		const timer = setTimeout(() => {
			shown.value = true;
		}, 1500);
		return () => clearTimeout(timer);
	}, [lost]);
	return <div class="offline" role="status">{shown.value ? <><Icon name="warn" />{t('offlineWaiting', { n: client.waiting.value })}</> : null}</div>;
}

function TopBar() {
	const one = panes.value === 1;
	const inMail = route.value.area === 'mail';
	// On a phone the bars of the list and the message are enough.
	if (one && inMail)
		return searching.value || view.value.q ? <header class="top"><SearchBox close={() => { searching.value = false; }} /></header> : null;
	return (
		<header class="top">
			{panes.value < 3 && inMail ? <Tool icon="menu" label={t('menu')} run={() => { drawer.value = true; }} /> : null}
			<a class="top-brand" href="/mail/inbox" aria-label={t('product')}><span class="brand-mark"><Icon name="mail" /></span>{one ? null : <span>{t('product')}</span>}</a>
			{inMail ? <SearchBox /> : <span class="grow" />}
			<Tool icon="help" label={t('help')} keys="?" run={() => void rare().then((m) => m.showHelp())} />
			<Tool icon="gear" label={t('settings')} run={() => go('/settings/')} />
			<UserButton />
		</header>
	);
}

/** The login has ended while somebody works: asked over the page. */
function Again() {
	useSignalEffect(() => {
		if (!ask.value)
			return undefined;
		return openDialog({ title: t('signIn'), fixed: true, body: () => <div class="dialog-body"><LoginForm again /></div> });
	});
	return null;
}

function Layers(): ComponentChildren {
	return <><DialogHost /><MenuHost /><ToastHost /><Again />{composing.value ? <Composer /> : null}</>;
}

let started = false;

/** Begin what runs as long as somebody is logged in. */
function start(): void {
	if (started)
		return;
	started = true;
	startMail();
	startVacation();
	startDeleted();
	startScheduled();
	startCompose();
	void loadIdentities().catch(() => undefined);
	const push = new Push(client, () => void store.sync().catch(() => undefined));
	push.start();
	addEventListener('keydown', handleKey);
	effect(() => {
		if (intents.value.length > 0 || wanted.value)
			composing.value = true;
	});
	startTitle(
		() => {
			const open = view.value.item ? openEmails()[0] : undefined;
			return open ? subject(open) : route.value.area === 'settings' ? t('settings') : viewName(view.value);
		},
		() => {
			const inbox = store.byRole('inbox');
			return inbox ? (prefs.conversations.value ? inbox.unreadThreads : inbox.unreadEmails) : 0;
		},
	);
}

export function Shell() {
	start();
	const { area } = route.value;
	if (area === 'mail' && view.value.alone)
		return <div class="shell alone"><Offline /><MessageWindow /><Layers /></div>;
	return (
		<div class="shell">
			<a class="skip" href="#main" onClick={(e) => { e.preventDefault(); (document.getElementById('messages') ?? document.getElementById('main'))?.focus(); }}>{t('skip')}</a>
			<TopBar />
			<Offline />
			{area === 'mail' ? <MailArea /> : area === 'settings' ? <main class="page scroll" id="main" tabIndex={-1}><Settings /></main>
				: area === 'admin' ? <main class="page scroll" id="main" tabIndex={-1}><Admin /></main>
				: <main class="page" id="main" tabIndex={-1}><div class="empty-state"><h1>{t('notFound')}</h1><a class="button" href="/mail/inbox">{t('toInbox')}</a></div></main>}
			<Layers />
		</div>
	);
}
