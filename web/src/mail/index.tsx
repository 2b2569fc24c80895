/*
 * mail/index.tsx - the panes: folders, list, reader; three, two or one of them.
 */
import { useEffect } from 'preact/hooks';
import { drawer, startSearching } from '../app/chrome';
import { panes } from '../app/look';
import { prefs } from '../app/prefs';
import { go } from '../app/router';
import { t } from '../app/t';
import { UserButton } from '../app/user-menu';
import { openCompose } from '../compose';
import { Icon } from '../ui/icon';
import { lazy } from '../ui/lazy';
import { Splitter } from '../ui/splitter';
import { Folders } from './folders';
import { ListPane } from './list';
import { hrefOf, view } from './state';

const Reader = lazy(() => import('./reader').then((m) => m.Reader));

function Drawer() {
	const shown = drawer;
	useEffect(() => {
		const keys = (e: KeyboardEvent) => {
			if (e.key === 'Escape')
				shown.value = false;
		};
		addEventListener('keydown', keys);
		document.querySelector<HTMLElement>('.drawer a[aria-current]')?.focus();
		return () => removeEventListener('keydown', keys);
	}, []);
	return (
		<>
			<div class="shade dim drawer-shade" onClick={() => { shown.value = false; }} />
			<div class="drawer"><Folders chosen={() => { shown.value = false; }} /><div class="drawer-foot"><UserButton /></div></div>
		</>
	);
}

function PhoneBar() {
	const v = view.value;
	return (
		<nav class="phone-bar" aria-label={t('menu')}>
			<a href={hrefOf('inbox')} aria-current={v.name === 'inbox' && !v.q ? 'page' : undefined}><Icon name="mail" /><span>{t('product')}</span></a>
			<button type="button" onClick={startSearching}><Icon name="search" /><span>{t('focusSearch')}</span></button>
			<a href="/settings/"><Icon name="gear" /><span>{t('settings')}</span></a>
		</nav>
	);
}

export function MailArea() {
	const n = panes.value;
	const open = view.value.item !== undefined;
	// What shows a message comes while the first list is looked at.
	useEffect(() => {
		const timer = setTimeout(Reader.preload, 300);
		return () => clearTimeout(timer);
	}, []);
	useEffect(() => {
		if (location.pathname === '/mail/' || location.pathname === '/mail')
			go(hrefOf('inbox') + location.search, true);
	}, []);
	const list = n > 1 || !open;
	const reader = n > 1 || open;
	return (
		<div class={`panes panes-${n}`} style={{ '--sidebar': `${prefs.sidebar.value}px`, '--list': `${prefs.list.value}px` }}>
			{n === 3 ? <Folders /> : null}
			<main class="main" id="main" tabIndex={-1}>
				{n === 3 ? <Splitter width={prefs.sidebar} min={160} max={400} label={t('resizeFolders')} /> : null}
				{list ? <ListPane /> : null}
				{n > 1 ? <Splitter width={prefs.list} min={260} max={720} label={t('resizeList')} /> : null}
				{reader ? <Reader /> : null}
			</main>
			{n === 1 && !open ? (
				<>
					<button type="button" class="float-compose" aria-label={t('compose')} onClick={() => openCompose({ kind: 'new' })}><Icon name="plus" /></button>
					<PhoneBar />
				</>
			) : null}
			{drawer.value && n < 3 ? <Drawer /> : null}
		</div>
	);
}

/** One message in a window of its own. */
export function MessageWindow() {
	return <main class="main"><h1 class="sr">{t('product')}</h1><Reader /></main>;
}
