/*
 * mail/folders.tsx - the folders: special ones first, the others as a tree.
 *
 * A list of links with buttons to fold, so that any reader can use it; for the
 * keyboard one stop: up and down move, right and left open and close, the menu key
 * or Shift+F10 shows what can be done.
 */
import { useEffect, useRef } from 'preact/hooks';
import { prefs } from '../app/prefs';
import { go } from '../app/router';
import { t } from '../app/t';
import { openCompose } from '../compose';
import type { Folder } from '../jmap/store';
import { Icon } from '../ui/icon';
import { folderIcon, keyOf, byId } from './actions';
import { dragEnd, dragFolder, dropOn, over } from './drag';
import { newFolder, showFolderMenu } from './folder-acts';
import { scheduled } from './scheduled';
import { boxName, hrefOf, nameOf, store, view } from './state';
import { bytes } from './words';

/** What is counted: what is to be read, or what is still to be sent. */
function count(f: Folder): number {
	const b = f.box;
	if (b.role === 'drafts' || b.role === 'scheduled')
		return b.totalEmails;
	if (b.role === 'sent' || b.role === 'trash' || b.role === 'archive')
		return 0;
	return prefs.conversations.value ? b.unreadThreads : b.unreadEmails;
}

const isOpen = (f: Folder) => prefs.openFolders.value[f.box.id] ?? f.depth < 1;

function setOpen(f: Folder, open: boolean): void {
	prefs.openFolders.value = { ...prefs.openFolders.peek(), [f.box.id]: open };
}

function FolderRow({ f }: { f: Folder }) {
	const b = f.box;
	const name = boxName(b);
	const n = count(f);
	const open = isOpen(f);
	const here = view.value.box?.id === b.id;
	const inner = f.children.length > 0;
	const label = n > 0 ? t(b.role === 'drafts' || b.role === 'scheduled' ? 'draftsIn' : 'unreadIn', { box: name, n }) : name;
	return (
		<li>
			<div class={`folder${here ? ' here' : ''}${n > 0 && b.role !== 'drafts' ? ' unread' : ''}${over.value === b.id ? ' over' : ''}`} style={{ '--depth': f.depth }}
				onContextMenu={(e) => { e.preventDefault(); showFolderMenu(f, { x: e.clientX, y: e.clientY }); }} {...dropOn(b.id)}>
				{inner ? (
					<button type="button" class="folder-fold" tabIndex={-1} aria-label={t(open ? 'collapse' : 'expand', { box: name })} aria-expanded={open} onClick={() => setOpen(f, !open)}>
						<Icon name={open ? 'down' : 'right'} />
					</button>
				) : <span class="folder-fold" />}
				<a class="folder-link" href={hrefOf(nameOf(b))} data-stop tabIndex={here ? 0 : -1} aria-current={here ? 'page' : undefined}
					draggable={!b.role} data-folder={b.id}
					onDragStart={(e) => dragFolder(e, b, name)} onDragEnd={dragEnd}>
					<span class="sr">{label}</span>
					<Icon name={folderIcon(b.role)} />
					<span class="clip grow" aria-hidden="true">{name}</span>
					{n > 0 ? <span class="folder-count" aria-hidden="true">{n}</span> : null}
				</a>
				<button type="button" class="folder-more" tabIndex={-1} aria-label={t('folderActions', { box: name })} aria-haspopup="menu" onClick={(e) => showFolderMenu(f, e.currentTarget)}><Icon name="more" /></button>
			</div>
			{inner && open ? <ul>{f.children.map((c) => <FolderRow key={c.box.id} f={c} />)}</ul> : null}
		</li>
	);
}

function PlainRow({ name, icon, label, to = hrefOf(name), n = 0 }: { name: string; icon: string; label: string; to?: string; n?: number }) {
	const here = view.value.name === name;
	return (
		<li>
			<div class={`folder${here ? ' here' : ''}`}>
				<span class="folder-fold" />
				<a class="folder-link" href={to} data-stop tabIndex={here ? 0 : -1} aria-current={here ? 'page' : undefined}><Icon name={icon} /><span class="clip grow">{label}</span>{n > 0 ? <span class="folder-count">{n}</span> : null}</a>
			</div>
		</li>
	);
}

function Quota() {
	const q = store.quota.value;
	if (!q || q.hardLimit <= 0)
		return null;
	const share = q.used / q.hardLimit;
	return (
		<div class={`quota${share > 0.9 ? ' full' : ''}`}>
			<div class="quota-bar" role="meter" aria-label={t('used', { used: bytes(q.used), limit: bytes(q.hardLimit) })} aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.min(100, Math.round(share * 100))}>
				<span style={{ inlineSize: `${Math.min(100, share * 100)}%` }} />
			</div>
			<span>{t('used', { used: bytes(q.used), limit: bytes(q.hardLimit) })}</span>
			{share >= 1 ? <strong>{t('usedUp')}</strong> : null}
		</div>
	);
}

export function Folders({ chosen }: { chosen?: () => void }) {
	const tree = useRef<HTMLUListElement>(null);
	const keys = (e: KeyboardEvent) => {
		const all = [...(tree.current?.querySelectorAll<HTMLElement>('[data-stop]') ?? [])];
		const i = all.indexOf(document.activeElement as HTMLElement);
		const f = store.folders.peek().find((x) => x.box.id === all[i]?.dataset.folder);
		const focus = (k: number) => all[Math.max(0, Math.min(k, all.length - 1))]?.focus();
		if (i < 0)
			return;
		switch (e.key) {
		case 'ArrowDown': focus(i + 1); break;
		case 'ArrowUp': focus(i - 1); break;
		case 'Home': focus(0); break;
		case 'End': focus(all.length - 1); break;
		case 'ArrowRight':
			if (f?.children.length && !isOpen(f))
				setOpen(f, true);
			else if (f?.children.length)
				focus(i + 1);
			break;
		case 'ArrowLeft':
			if (f?.children.length && isOpen(f))
				setOpen(f, false);
			else if (f?.box.parentId)
				focus(all.findIndex((x) => x.dataset.folder === f.box.parentId));
			break;
		case 'ContextMenu':
			if (f)
				showFolderMenu(f, all[i]!);
			break;
		case 'F10':
			if (e.shiftKey && f)
				showFolderMenu(f, all[i]!);
			break;
		case ' ': go((all[i] as HTMLAnchorElement).href); break;
		default: return;
		}
		e.preventDefault();
	};
	// The tree has one stop for Tab, also when nothing of it is shown.
	useEffect(() => {
		const el = tree.current;
		if (el && !el.querySelector('[tabindex="0"]'))
			el.querySelector<HTMLElement>('[data-stop]')?.setAttribute('tabindex', '0');
	});
	const all = store.tree.value;
	const special = all.filter((f) => f.box.role !== null);
	const others = all.filter((f) => f.box.role === null);
	return (
		<nav class="folders" aria-label={t('folders')}>
			<button type="button" class="button primary compose" aria-keyshortcuts={keyOf(byId('compose'))} onClick={() => { chosen?.(); openCompose({ kind: 'new' }); }}>
				<Icon name="plus" /><span>{t('compose')}</span>{prefs.keys.value ? <kbd aria-hidden="true">{keyOf(byId('compose'))}</kbd> : null}
			</button>
			<div class="grow scroll">
				<ul ref={tree} onKeyDown={keys} onClick={(e) => (e.target as Element).closest('a') && chosen?.()}>
					{special.slice(0, 1).map((f) => <FolderRow key={f.box.id} f={f} />)}
					<PlainRow name="starred" icon="star" label={t('starred')} />
					{special.slice(1).map((f) => <FolderRow key={f.box.id} f={f} />)}
					{scheduled.value > 0 ? <PlainRow name="" icon="clock" label={t('scheduled')} to="/settings/scheduled" n={scheduled.value} /> : null}
					<PlainRow name="all" icon="mail" label={t('allMail')} />
					{others.length > 0 ? <li><hr {...dropOn(null)} class={over.value === '' ? 'over' : ''} /></li> : null}
					{others.map((f) => <FolderRow key={f.box.id} f={f} />)}
				</ul>
				<button type="button" class="link new-folder" onClick={() => void newFolder()}>{t('newFolder')}</button>
			</div>
			<Quota />
		</nav>
	);
}
